"""What a command loads and opens before it answers: a question is answered by a process that lives for a tenth of a
second, and most of that it starts.

Nothing beside the lists below is loaded. What comes to them costs every question: if it must, write it down here.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.index.whoosh.searcher import WhooshIndex
from searchkit.query import ast
from tests.cli.conftest import SEEDS

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

# To be asked anything: the archive with its store, the tree of a query.
_ARCHIVE = set(
    """
    archive archive.folder archive.following archive.opened asked asked.clauses asked.meaning asked.same_names config
    config.settings dates dates.partial dates.periods document entities entities.folder errors index index.acts
    index.abilities index.analysis index.base index.copies index.generations index.intervals index.schema index.values
    query query.ast query.date_values query.faults query.fields query.render query.signs query.words store
    store.connection store.failures store.held store.seals store.sqlite store.tables text
    """.split()
)
_COMMAND = {"cli", "cli.errors", "cli.forms", "cli.options", "cli.output"}
# To read a query, and to print what answers it.
_ANSWER = set(
    """
    archive.answering archive.matched archive.wording asked.chosen cli.answers cli.asking cli.describe cli.facets
    cli.hit_lines cli.hits cli.pager cli.progress cli.question index.lone_words index.places index.refining
    index.tallies query.advice query.choices query.filters query.leaves query.parser query.saved query.scanner snippets
    """.split()
)
LOADED = {
    ("--help",): {"cli"},
    ("query", "Tiandy"): _ARCHIVE | _COMMAND | _ANSWER | {"cli.query", "index.scoring"},
    ("query", "Tiandy", "--json"): _ARCHIVE | _COMMAND | _ANSWER | {"cli.query", "index.scoring"},
    ("query", "Tiandy", "--facet", "speaker", "--facet", "date"): _ARCHIVE
    | _COMMAND
    | _ANSWER
    | {"cli.query", "index.scoring"},
    ("quotes", "Tiandy"): _ARCHIVE | _COMMAND | _ANSWER | {"cli.quotes", "index.scoring"},
}
# Of other people's packages; the stemmer is loaded when a word is asked for.
PACKAGES = {"click", "Stemmer", "msgspec", "typing_extensions"}  # the last by msgspec, where it is there


@cache
def _started(*arguments: str) -> tuple[set[str], list[str], int]:
    done = subprocess.run([sys.executable, "-c", _SCRIPT, *arguments], capture_output=True, text=True, check=True)
    modules, opened, mapped = json.loads(done.stderr.splitlines()[-1])
    return set(modules), opened, mapped


def _own(modules: set[str]) -> set[str]:
    """Our modules, but for those inside an engine, which are its own affair."""
    names = {name.removeprefix("searchkit.") for name in modules if name.startswith("searchkit.")}
    return {name for name in names if not name.startswith("index.whoosh")}


@pytest.mark.parametrize("arguments", LOADED)
def test_a_question_loads_no_more_than_it_needs(arguments: tuple[str, ...], seeded: Path) -> None:
    modules, _, _ = _started("--archive", str(seeded), *arguments)
    assert not _own(modules) - LOADED[arguments]
    assert _own(modules)


@pytest.mark.parametrize("arguments", [*LOADED, ("show", "nothing"), ("status",), ("cite", "nothing")])
def test_no_package_is_loaded_but_click_msgspec_and_the_stemmer(arguments: tuple[str, ...], seeded: Path) -> None:
    modules, _, _ = _started("--archive", str(seeded), *arguments)
    packages = {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names) - {"__main__", "searchkit"}
    installed = {name for name in packages if "site-packages" in str(getattr(sys.modules.get(name), "__file__", ""))}
    assert not packages & {"whoosh", "tantivy", "rich", "lxml", "trafilatura", "urllib3", "dateutil"}
    assert "numpy" not in packages or "--facet" in arguments
    assert installed <= PACKAGES | {"numpy", "_virtualenv", "sitecustomize"}


def test_questions_need_no_whoosh_and_what_writes_says_what_is_wrong_with_it(seeded: Path, tmp_path: Path) -> None:
    (tmp_path / "whoosh").mkdir()
    (tmp_path / "whoosh" / "__init__.py").write_text("raise ImportError('a piece is missing')")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}

    def done(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "searchkit", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    asked = done("--archive", str(seeded), "query", "Tiandy", "--count")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert int(asked.stdout) > 0
    refused = done("--archive", str(tmp_path / "archive"), "index", "-q", str(SEEDS / "yearless-day.txt"))
    assert refused.returncode == 2
    assert "The engine whoosh cannot be loaded: a piece is missing." in refused.stderr
    assert "Traceback" not in refused.stderr


def test_nothing_reads_the_network_or_other_processes(seeded: Path) -> None:
    modules, _, _ = _started("--archive", str(seeded), "query", "Tiandy")
    assert not modules & {"socket", "ssl", "subprocess", "urllib.parse", "email", "http", "multiprocessing", "asyncio"}
    assert not modules & {"hashlib", "shutil", "csv", "traceback", "difflib", "tomllib"}


def test_the_index_is_mapped_and_each_of_its_files_opened_once(seeded: Path) -> None:
    _, opened, mapped = _started("--archive", str(seeded), "query", "Tiandy")
    own = [Path(path).relative_to(seeded) for path in opened if path.startswith(str(seeded))]
    assert len(own) == len(set(own))
    kinds = sorted("segment" if path.suffix == ".arrays" else path.name for path in own)
    segments = kinds.count("segment")
    assert mapped == segments >= 2  # of documents and of statements
    tables = [name for name in kinds if name.endswith(".toc")]
    assert len(tables) == 2
    assert set(kinds) - set(tables) == {"CURRENT", "archive.json", "manifest.json", "segment"}


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
