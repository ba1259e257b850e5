"""Whether the saved searches of an archive are as they were written."""

from collections.abc import Iterator
from pathlib import Path

from searchkit.alerts import folder as saved
from searchkit.archive.checking import Finding
from searchkit.archive.folder import SAVED
from searchkit.errors import SearchkitError


def findings(folder: Path) -> Iterator[Finding]:
    """The saved searches of the archive in `folder` that cannot be read, or are not as searchkit wrote them."""
    try:
        kept = saved.load_all(folder)
    except SearchkitError as error:
        yield Finding(where=SAVED, what=error.message.removesuffix("."), do=error.hint)
        return
    for one in kept:
        where = saved.place(one.name)
        if one.fault is not None:
            yield Finding(where=where, what=_shortened(one.fault, folder / where), do=one.fault.hint)
        elif saved.was_edited(folder, one.name):
            yield Finding(
                where=where,
                what="is not as searchkit wrote it",
                do="look at it, and if nobody edited it: searchkit saved add NAME QUERY --replace",
                damage=False,
            )


def _shortened(fault: SearchkitError, path: Path) -> str:
    return "cannot be read: " + fault.message.removesuffix(".").removeprefix(str(path)).lstrip(": ")
