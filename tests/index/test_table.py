"""The table of engines by features is the one that is kept in engines.md.

After a change of the scenarios or with a new engine: pytest tests/index/test_table.py --update-golden, and read the
difference.
"""

from pathlib import Path

from searchkit.index.abilities import EVERY_KIND, require
from searchkit.index.base import SearchRequest, SearchResult
from searchkit.index.memory import MemoryIndex
from tests.index.engines import ENGINES
from tests.index.scenarios import Feature
from tests.index.table import WRONG, YES, cells, every_engine, table

KEPT = Path(__file__).with_name("engines.md")


def test_the_table_is_what_the_suite_finds(tmp_path: Path, update_golden: bool) -> None:
    found = table(every_engine(tmp_path))
    if update_golden:
        KEPT.write_text(found, "utf-8")
    assert found == KEPT.read_text("utf-8"), "Run: pytest tests/index/test_table.py --update-golden"
    assert WRONG not in found
    assert found.startswith(f"|  | {' | '.join(engine.removesuffix(':') for engine in ENGINES)} |")


class _Narrow(MemoryIndex):
    """An engine that knows no patterns and says so, and believes that nobody denies anything."""

    capabilities = EVERY_KIND - {"Regex"}

    def search(self, request: SearchRequest) -> SearchResult:
        require(request.query, self.capabilities, "narrow:")
        found = super().search(request)
        return found if "deny" not in str(request.query) else SearchResult(hits=(), total=0)


def test_the_table_tells_what_an_engine_cannot_and_what_it_does_wrong(tmp_path: Path) -> None:
    found = cells("memory:", tmp_path, opens=lambda _, folder: _Narrow(folder))
    assert found[Feature("query", "Regex", "names")].startswith("The engine narrow: cannot answer `/")
    assert found[Feature("query", "Term", "keywords")] == WRONG
    assert found[Feature("query", "Fuzzy", "names")] == YES
    shown = table({"narrow:": found})
    assert "| `Unplaced` in dates | yes |" in shown
    assert f"in keywords | {WRONG} |" in shown
