"""Which engine an archive answers by, and the change to another.

takes:    the folder of an archive
gives:    an archive.json that names the engine and when its index was made anew; a word of advice
does not: build an index (opened.py does)
traps:    the name in archive.json is the switch: before it is written the old engine answers, afterwards the new one
"""

import shutil
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from searchkit.archive.folder import folder_error, write_marker
from searchkit.index import engine_names, engine_scheme

_WHOOSH, _TANTIVY = "whoosh", "tantivy"
# From so many documents on tantivy answers questions with counts faster than Whoosh (95 % of them); None where no size
# is known from which it does. Measured at 200,000 documents with scripts/bench, three fields and months counted: Whoosh
# 12 ms, tantivy 87; statements with counts: 14 and 22; plain queries: 7 and 13.
PAYS_FROM: int | None = None


def engine_uri(name: str) -> str:
    """An engine as it may be named on the command line (`tantivy`, `tantivy:`) as its address. ConfigError for none."""
    uri = name if ":" in name else f"{name}:"
    engine_scheme(uri)
    return uri


def switch(folder: Path, engine: str, *, rebuilt: datetime | None) -> None:
    """Have the archive in `folder` answer by `engine`, whose index is complete, from now on; others are removed.

    A crash before the end leaves an archive with the one engine or the other, and at worst a folder that the next
    rebuild removes. ArchiveError or StorageFull when the folder cannot be written.
    """
    try:
        write_marker(folder, engine, rebuilt=rebuilt)
    except OSError as error:
        raise folder_error(folder, error) from error
    for name in engine_names() - {engine_scheme(engine)}:
        shutil.rmtree(folder / name, ignore_errors=True)


def advice(engine: str, documents: int, *, pays_from: int | None = PAYS_FROM) -> tuple[str, ...]:
    """The commands to give, in their order, when another engine would serve an archive of this size better."""
    if engine_scheme(engine) != _WHOOSH or pays_from is None or documents < pays_from:
        return ()
    install = () if find_spec(_TANTIVY) else (f'pip install "searchkit[{_TANTIVY}]"',)
    return (*install, f"searchkit rebuild --engine {_TANTIVY}")
