"""The picture of a change."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit.reports.base import Entry, Line, side
from searchkit.reports.picture import picture
from tests.histories.articles import article

SAID = "“The council will {} for the crane,” said Torben Ask."
_TEXT = "{http://www.w3.org/2000/svg}text"


def entry(old: str | None, new: str | None, **fields: Any) -> Entry:
    documents = [article("ledger", SAID.format(words)) if words else None for words in (old, new)]
    lines = (
        Line(label=label, side=side(document, document.quotes[0])) if document else Line(label=label, text="nothing")
        for label, document in zip(("was", "now"), documents, strict=True)
    )
    return Entry(
        title="Crane", facts="reworded", lines=tuple(lines), form="versions", compared="Compared: A, B", **fields
    )


def drawn(shown: Entry) -> tuple[list[str], dict[str, str]]:
    """Return the lines of a picture, and its marked words by class."""
    root = ET.fromstring("\n".join(picture(shown)))  # noqa: S314 - ours
    marked: dict[str, str] = {}
    for part in root.iter("{http://www.w3.org/2000/svg}tspan"):
        if "class" in part.attrib:
            marked[part.attrib["class"]] = f"{marked.get(part.attrib['class'], '')} {part.text}".strip()
    return ["".join(line.itertext()).strip() for line in root.iter(_TEXT)], marked


def test_it_has_what_differs_where_when_and_what_was_compared() -> None:
    lines, marked = drawn(entry("pay", "not pay"))
    assert marked == {"new": "not"}
    assert lines[1:4] == ["Crane", "reworded", "was"]
    assert lines[-2:] == ["Compared: A, B", "https://ledger.example/1"]


@pytest.mark.parametrize(("old", "new", "mark"), [("pay", None, "gone"), (None, "pay", "new")])
def test_all_words_of_a_removed_or_added_statement_are_marked(old: str | None, new: str | None, mark: str) -> None:
    _, marked = drawn(entry(old, new))
    assert [*marked] == [mark]
    assert marked[mark].startswith("Torben Ask said:")


def test_long_and_hostile_texts_stay_in_the_picture() -> None:
    long = entry("pay <script> \ufffe \x1b " + "a" * 300 + " no" * 1_000, "pay")
    lines, _ = drawn(replace(long, title="漢" * 200))
    assert max(map(len, lines)) <= 84
    assert max(len(line) for line in lines if "漢" in line) <= 32
    assert any(line.endswith("…") for line in lines)


def test_the_text_to_share_names_the_outlet_and_what_was_compared() -> None:
    shared = entry("pay", "not pay").share
    assert shared.startswith("Crane · reworded · was: Torben Ask said:")
    assert shared.endswith("https://ledger.example/1")
    assert "Compared: A, B" in shared
