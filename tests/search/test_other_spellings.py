"""Notes on names that the archive spells in other ways too."""

from datetime import date
from pathlib import Path

import pytest

from searchkit.index.base import Index, SearchRequest
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.search.other_spellings import spelling_notes
from tests.cases import cases
from tests.index.engines import PURE, opened
from tests.index.records import document, fill

PEOPLE = {
    "Oleh Zarensky": 3, "Oleh Zarenskyy": 2, "Oleh Sarenskyj": 1, "Anna Meyerova": 1, "Petra Meierova": 1, "Zarensky": 1
}  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    made = opened(PURE, Path(tmp_path_factory.mktemp("index")))
    given = [name for name, count in PEOPLE.items() for _ in range(count)]
    fill(
        made,
        *(
            document(
                {
                    "id": f"d{number}",
                    "text": f"{name} said the port was open. Harbours and harbors.",
                    "names": [{"surface": name, "name": name, "kind": "person"}],
                    "quotes": [{"words": "the port was open", "speaker": name}],
                }
            )
            for number, name in enumerate(given)
        ),
    )
    return made


def notes(index: Index, query: str, record: Record = "document") -> list[str]:
    tree = parse(query, today=date(2026, 3, 4), record=record).tree
    return list(spelling_notes(tree, SearchRequest(query=tree, record=record), index))


def test_other_spellings_are_named_with_a_query_for_all(index: Index) -> None:
    listed = "Oleh Zarenskyy (2), Oleh Sarenskyj (1)"
    assert notes(index, "Zarensky port") == [
        f"Zarensky may also be spelled: {listed}. To include all, write zarensky OR zarenskyy OR sarenskyj."
    ]
    (by_speaker,) = notes(index, 'speaker:"oleh zarensky"', "quote")
    assert by_speaker == (
        f"Zarensky may also be spelled: {listed}. "
        "To include all, write speaker:zarensky OR speaker:zarenskyy OR speaker:sarenskyj."
    )
    assert len(notes(index, "quote:{speaker:Zarensky port}")) == 1
    assert "Sarenskyj" not in notes(index, "Zarensky OR Sarenskyj")[0]


@pytest.mark.parametrize("query", cases(__file__, "test_no_note"))
def test_no_note(index: Index, query: str) -> None:
    assert notes(index, query) == []
