"""What the archive knows that somebody may be typing: values of fields, ids, names of files in its folder.

takes:    the archive's folder; what is typed so far
gives:    names and values, the most frequent first
does not: bring the index up to date: what it does not have yet is not suggested
traps:    all of it may fail (no archive, another version, a damaged file): who calls must be ready for that
"""

from pathlib import Path

from searchkit.archive.folder import read_marker
from searchkit.cli.output import one_line
from searchkit.index import engine_scheme, open_index
from searchkit.index.analysis import words
from searchkit.index.base import FacetRequest, Index, SearchRequest
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.text import fold

# More suggestions than this fill the screen.
MOST = 30
# All values of a field: the newswire of a year names some thirty thousand.
_ALL = 1_000_000


def values(folder: Path, field: str, typed: str, record: Record) -> list[str]:
    """Values of `field` that `typed` begins, or begins a word of, in any case and without accents."""
    index = _index(folder)
    if index is None:
        return []
    wanted = " ".join(fold(typed).split())
    query = ast.Field(name=field, value=ast.Prefix(text=wanted)) if words(wanted) else ast.All()
    facet = FacetRequest(field=field, size=_ALL if wanted else MOST)
    result = index.search(SearchRequest(query=query, record=record, limit=0, facets=(facet,), copies=True))
    return _beginning([count.value for count in result.facets[0].counts], wanted)


def _beginning(names: list[str], wanted: str) -> list[str]:
    within = f" {wanted}"
    first, later = [], []
    for name in names:
        folded = fold(name)
        if folded.startswith(wanted):
            first.append(name)
        elif within in folded:
            later.append(name)
    # What could steer the terminal, or is more than a line, is not suggested.
    return [name for name in dict.fromkeys(first + later) if one_line(name) == name][:MOST]


def ids(folder: Path, typed: str) -> list[str]:
    """Ids of documents that begin with `typed`; without any, of the newest."""
    index = _index(folder)
    if index is None:
        return []
    query = ast.Field(name="id", value=ast.Prefix(text=typed)) if typed else ast.All()
    result = index.search(SearchRequest(query=query, limit=MOST, sort="newest", copies=True))
    return [hit.id for hit in result.hits]


def files(folder: Path, ending: str) -> list[str]:
    """The names, without their ending, of files in a folder of the archive: its watchlists, its saved searches."""
    return sorted(path.stem for path in folder.glob(f"*{ending}"))


def _index(folder: Path) -> Index | None:
    engine = read_marker(folder)
    return None if engine is None else open_index(engine, folder / engine_scheme(engine))
