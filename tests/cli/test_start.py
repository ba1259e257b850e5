"""Which modules a command loads and which files it opens: start-up takes most of the time of a query."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from tests.cases import cases

_SCRIPT = """
import json, sys
opened, mapped = [], 0
def hook(event, given):
    global mapped
    if event == "open" and isinstance(given[0], str):
        opened.append(given[0])
    mapped += event == "mmap.__new__"
sys.addaudithook(hook)
from searchkit.cli import run
try:
    run(sys.argv[1:])
except SystemExit:
    print(json.dumps([sorted(sys.modules), opened, mapped]), file=sys.stderr)
"""

# Packages of searchkit, and libraries, that a process for a single answer does without.
PACKAGES = {"alerts", "cluster", "crawl", "ingest", "parse", "update"}
# All that it needs of the reading of statements: values.
VALUES = {"dates", "document", "outlets", "text", "version"}
LIBRARIES = {
    *("whoosh", "rich", "lxml", "trafilatura", "urllib3", "dateutil", "bs4"),
    *("pypdfium2", "warcio", "psycopg"),
}
# Modules of the standard library that are slow to load or reach out of the process.
STANDARD = {
    *("socket", "ssl", "subprocess", "email", "http", "multiprocessing", "asyncio"),
    *("hashlib", "shutil", "csv", "traceback", "difflib", "tomllib"),
}


@cache
def _started(*arguments: str) -> tuple[set[str], list[str], int]:
    done = subprocess.run([sys.executable, "-c", _SCRIPT, *arguments], capture_output=True, text=True, check=True)
    modules, opened, mapped = json.loads(done.stderr.splitlines()[-1])
    return set(modules), opened, mapped


@cache
def _environment() -> set[str]:
    """The modules that this environment loads for `import click` alone: they differ by version and by .pth files."""
    script = "import click, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.parametrize("arguments", cases(__file__, "test_an_answer_loads_no_heavy_module"))
def test_an_answer_loads_no_heavy_module(arguments: tuple[str, ...], seeded: Path) -> None:
    modules, _, _ = _started("--archive", str(seeded), *arguments)
    loaded = modules - _environment()
    assert any(name.startswith("searchkit.cli") for name in loaded)
    own = [name.split(".")[1:] for name in loaded if name.startswith("searchkit.")]
    assert not {name[0] for name in own} & PACKAGES
    assert {name[1] for name in own if name[0] == "statements" and name[1:]} <= VALUES
    assert not {name.partition(".")[0] for name in loaded} & LIBRARIES


@pytest.mark.slow
def test_a_query_loads_no_slow_module_of_the_standard_library(seeded: Path) -> None:
    modules, _, _ = _started("--archive", str(seeded), "query", "Tiandy")
    assert not (modules - _environment()) & STANDARD


@pytest.mark.slow
def test_the_index_is_mapped_and_each_of_its_files_opened_once(seeded: Path) -> None:
    _, opened, mapped = _started("--archive", str(seeded), "query", "Tiandy")
    own = [Path(path).relative_to(seeded) for path in opened if path.startswith(str(seeded))]
    assert len(own) == len(set(own))
    kinds = sorted("segment" if path.suffix == ".arrays" else path.name for path in own)
    segments = kinds.count("segment")
    assert mapped == segments >= 2  # of documents and of statements
    assert set(kinds) == {"CURRENT", "archive.json", "manifest.json", "segment"}


def test_tables_of_values_are_opened_when_they_are_counted(seeded: Path) -> None:
    with Archive.open(seeded) as archive:
        index = WhooshIndex(archive.folder / "whoosh")
        query = ast.Term(text="tiandy")
        assert index.search(SearchRequest(query=query)).total
        assert not {"speaker", "entity", "agency", "date"} & _columns(index)
        index.search(SearchRequest(query=query, facets=(FacetRequest(field="speaker"),)))
        assert {"speaker", "entity", "agency", "date"} & _columns(index) == {"speaker"}
        index.close()


def _columns(index: WhooshIndex) -> set[str]:
    return {name for view in index._current().segments["document"] for name in view._columns}
