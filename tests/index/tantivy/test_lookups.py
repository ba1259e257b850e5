"""Values with many ids and long names, and questions that are too much for tantivy."""

from pathlib import Path

import pytest

from searchkit.errors import ArchiveError
from searchkit.index.base import SearchRequest, ValuesRequest
from searchkit.index.tantivy.searcher import TantivyIndex
from searchkit.index.tantivy.storage import reported
from searchkit.query import ast
from tests.index.records import document, fill

# Fifty names of more than 200 signs that share a word; each is also written in a second way.
LONG = [f"{'Ödön' * 50} {number} Quill" for number in range(50)]
# One word beyond all that tantivy compiles a pattern of.
HUGE = "ł" * 3_000


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    made = TantivyIndex(tmp_path / "index")
    given = [
        document(
            {
                "id": f"d{number}",
                "text": f'"The harbor number {number} is open," said {name}. Others call it Q{number} {HUGE}.',
                "names": [
                    {"surface": name, "name": name, "kind": "person"},
                    {"surface": f"Q{number} {HUGE}", "name": name, "kind": "person"},
                ],
                "quotes": [{"words": f"The harbor number {number} is open", "speaker": name}],
            }
        )
        for number, name in enumerate(LONG)
    ]
    fill(made, *given, sequence=1)
    return made


def _names(index: TantivyIndex, value: ast.Node, **more: bool) -> set[str]:
    request = ValuesRequest(field="entity", value=value, record="document", query=ast.All(), **more)
    return {one.name for one in index.values(request)}


def test_many_ids_of_long_names_are_looked_for_at_once(index: TantivyIndex) -> None:
    assert _names(index, ast.Term(text="Quill")) == set(LONG)
    assert _names(index, ast.Phrase(text=f"Quill {LONG[7][:-6]}"), any_order=True) == {LONG[7]}
    assert _names(index, ast.Or(children=tuple(ast.Equals(text=name) for name in LONG[:20]))) == set(LONG[:20])
    request = ValuesRequest(field="speaker", value=ast.Term(text="quill"), record="quote", query=ast.All())
    assert sum(one.count for one in index.values(request)) == len(LONG)


def test_words_of_any_length_are_looked_for(index: TantivyIndex) -> None:
    assert _names(index, ast.Phrase(text=f"Q3 {HUGE}")) == {LONG[3]}
    assert _names(index, ast.Term(text=HUGE)) == set(LONG)
    assert _names(index, ast.Prefix(text=HUGE[:2_000])) == set(LONG)
    assert _names(index, ast.Fuzzy(text=HUGE[1:], distance=1)) == set(LONG)
    assert _names(index, ast.Fuzzy(text=HUGE[3:], distance=2)) == set()
    assert _names(index, ast.Regex(pattern=".{50,250} 4[0-9] .{0,9}")) == set(LONG[40:])


@pytest.mark.parametrize("name", ["entity", "source", "speaker"])
def test_a_question_of_very_many_and_long_values_is_answered(index: TantivyIndex, name: str) -> None:
    asked = [ast.Field(name=name, value=ast.Equals(text=f"{'x' * 500}{number}")) for number in range(1_000)]
    asked.append(ast.Field(name=name, value=ast.Equals(text=LONG[5])))
    found = index.search(SearchRequest(query=ast.Or(children=tuple(asked)), record="quote"))
    assert found.total == (name == "speaker")
    for leaf in (
        ast.Prefix(text="x" * 10_000),
        ast.Fuzzy(text="x" * 10_000, distance=2),
        ast.Equals(text="x" * 90_000),
    ):
        request = SearchRequest(query=ast.Field(name=name, value=leaf), record="quote")
        assert index.search(request).total == 0


def test_what_is_too_much_for_tantivy_is_not_called_damage(index: TantivyIndex) -> None:
    rows = index._current().rows["document"]
    asked = {"a": {"terms": {"field": "by_id", "include": HUGE}}}  # a pattern beyond tantivy's limit
    with (
        pytest.raises(ArchiveError, match=r"whose files are whole: .An invalid argument") as caught,
        reported(index.folder),
    ):
        rows.searcher.aggregate(rows.has("entity"), asked)
    assert len(caught.value.message) < 500
    assert "\n" not in caught.value.message
    with pytest.raises(ArchiveError, match="files are whole"), reported(index.folder):
        rows.searcher.search(rows.has("entity"), 0)  # tantivy panics
    assert index.search(SearchRequest(query=ast.All())).total == len(LONG)
