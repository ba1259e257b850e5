"""Check the files of saved searches."""

from collections.abc import Iterator
from pathlib import Path

from searchkit.alerts import folder as saved
from searchkit.archive.checking import Finding
from searchkit.archive.folder import SAVED
from searchkit.errors import SearchkitError


def findings(folder: Path) -> Iterator[Finding]:
    """Yield the saved searches of the archive in `folder` that cannot be read or were changed by hand."""
    try:
        files = saved.load_all(folder)
    except SearchkitError as error:
        yield Finding(where=SAVED, what=error.message.removesuffix("."), do=error.hint)
        return
    for file in files:
        where = saved.place(file.name)
        if file.fault is not None:
            yield Finding(where=where, what=_shortened(file.fault, folder / where), do=file.fault.hint)
        elif saved.was_edited(folder, file.name):
            yield Finding(
                where=where,
                what="was changed after searchkit wrote it",
                do="check it; to write it again: searchkit saved add NAME QUERY --replace",
                damage=False,
            )


def _shortened(fault: SearchkitError, path: Path) -> str:
    return "cannot be read: " + fault.message.removesuffix(".").removeprefix(str(path)).lstrip(": ")
