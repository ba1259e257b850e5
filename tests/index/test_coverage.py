"""The scenarios leave nothing out: every node, field, facet, interval, sort and look-up of the language is asked."""

from typing import get_args

from searchkit.index.base import FacetSort, Sort
from searchkit.query import ast, fields
from tests.index.records import documents, fill
from tests.index.scenarios import FOLDERS, Feature, features, parts, questions, search_request
from tests.oracle.memory import MemoryIndex

STATED = [stated for folder in FOLDERS for stated in questions(folder)]
SEARCHES = [stated for stated in STATED if not stated.keys() & {"values", "spellings", "days"}]
REQUESTS = [search_request(stated) for stated in SEARCHES]
COVERED = frozenset(feature for stated in STATED for feature in features(stated))


def _asked(of: str) -> set[tuple[str, str]]:
    return {(feature.name, feature.where) for feature in COVERED if feature.of == of}


def test_every_kind_of_node() -> None:
    assert {type(part).__name__ for request in REQUESTS for part in parts(request.query)} == {
        kind.__name__ for kind in ast.Node.__subclasses__()
    }


def test_every_kind_of_leaf_in_every_kind_of_field() -> None:
    in_words = {"Term", "Phrase", "Prefix", "Fuzzy", "Exists"}
    whole = {"Equals", "Regex"}
    expected = {
        *(
            (leaf, "text")
            for leaf in in_words | {"Phrase, with gaps", "Near", "Near, in order", "Exact", "Fuzzy, two edits"}
        ),
        *((leaf, "names") for leaf in in_words | whole | {"Fuzzy, two edits"}),
        *((leaf, "keywords") for leaf in in_words | whole),
        *((leaf, "dates") for leaf in ("Range", "Range, surely within", "Unplaced", "Exists")),
        *((joining, where) for joining in ("And", "Or", "Not") for where in ("", "names", "keywords", "dates")),
        *((other, "") for other in ("All", "Field", "Scope", "Saved")),
    }
    assert not expected - _asked("query"), expected - _asked("query")


def test_every_field() -> None:
    asked = {part.name for request in REQUESTS for part in parts(request.query) if isinstance(part, ast.Field)}
    assert {field.name for field in fields.FIELDS} - asked == {"text"}  # which bare words ask


def test_every_facet_over_every_record() -> None:
    counted = {(facet.field, request.record) for request in REQUESTS for facet in request.facets if not facet.paired}
    every = {(field.name, record) for field in fields.FIELDS if field.facet for record in field.records}
    assert not every - counted


def test_every_kind_of_facet() -> None:
    expected = {
        *(("pairs", over) for over in ("documents", "statements")),
        *((kind, over) for kind in ("names", "keywords") for over in ("documents", "statements")),
        *((f"dates by {unit}", over) for unit in get_args(ast.Unit) for over in ("documents", "statements")),
        *((f"sorted by {sort}", "") for sort in get_args(FacetSort)),
        *(
            (told, "")
            for told in (
                "values beside those chosen",
                "without a value",
                "dates that lie in no one interval",
                "values beyond those shown",
                "gaps between dates",
                "values told apart by name",
                "copies counted as one",
            )
        ),
    }
    assert not expected - _asked("facet"), expected - _asked("facet")


def test_every_sort_and_page() -> None:
    assert _asked("sort") == {(sort, over) for sort in get_args(Sort) for over in ("documents", "statements")}
    assert {name for name, _ in _asked("answer")} == {
        "documents found, with the total",
        "statements found, with the total",
        "pages",
        "counting only",
        "copies listed once, with the others",
        "every copy listed",
    }


def test_every_look_up() -> None:
    expected = {
        *((f"values by {leaf}", "names") for leaf in ("Term", "Phrase", "Prefix", "Fuzzy", "Equals", "Regex", "Or")),
        *((f"values by {leaf}", "keywords") for leaf in ("Term", "Prefix", "Fuzzy", "Equals", "Regex", "Or")),
        *(("values of a field", kind) for kind in ("names", "keywords")),
        *(("spellings near a word", kind) for kind in ("text", "names")),
        ("values by their words in any order", ""),
        ("values where a query holds", ""),
        ("values of all copies", ""),
        ("first and last day", ""),
    }
    assert not expected - _asked("look-up"), expected - _asked("look-up")


def test_most_questions_find_some_and_not_all() -> None:
    """Or they could not tell a wrong answer from a right one."""
    telling = 0
    for folder in FOLDERS:
        index = MemoryIndex()
        fill(index, *documents(folder))
        counts = index.counts()
        searches = [stated for stated in questions(folder) if not stated.keys() & {"values", "spellings", "days"}]
        for request in map(search_request, searches):
            telling += 0 < index.search(request).total < counts[request.record] or bool(request.facets)
    assert telling > 0.8 * len(SEARCHES)


def test_features_are_named_apart() -> None:
    assert len({(feature.of, feature.name, feature.where) for feature in COVERED}) == len(COVERED)
    assert Feature("query", "Scope") in COVERED
