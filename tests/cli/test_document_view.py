"""A document drawn for people: what is marked, in which order, and what is told below."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.cli.output import Segment
from searchkit.cli.show import document_lines, findings_lines, statement_lines
from searchkit.export.records import Values
from searchkit.search.answer import alone
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import DateMention, Document, Mention, Quote, Speaker
from searchkit.statements.text import Span, paragraphs
from tests.cases import cases
from tests.samples import document


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "")


def lines(drawn: Iterable[Sequence[Segment]]) -> list[str]:
    return ["".join(text for text, _ in line) for line in drawn]


def named(text: str, span: Span, name: str = "Nadia Korbel") -> Mention:
    return Mention(
        span=span, surface=span.of(text), name=name, entity_id="person:x", kind="person", rule="test", confidence=1.0
    )


def stated(number: int, span: Span, **changes: Any) -> Quote:
    return Quote(id=f"d-{number}", content=span, kind="direct", rule="test", confidence=0.9, **changes)


def drawn(text: str, statements: Sequence[Span], names: Sequence[Span]) -> Document:
    return document(
        text,
        mentions=tuple(named(text, span) for span in names),
        quotes=tuple(stated(number, span) for number, span in enumerate(statements)),
    )


def body(shown: Document) -> list[str]:
    """The paragraphs as drawn: what stands between the two blank lines around each."""
    result = lines(document_lines(shown))
    return result[result.index("") + 1 :][: 2 * len(shown.paragraphs) : 2]


def place(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


@pytest.mark.parametrize(("text", "statements", "names", "expected"), cases(__file__, "test_marks_nest_in_order"))
def test_marks_nest_in_order(text: str, statements: tuple[str, ...], names: tuple[str, ...], expected: str) -> None:
    shown = drawn(text, [place(text, words) for words in statements], [place(text, words) for words in names])
    assert body(shown) == [expected]


@given(st.data())
def test_without_its_marks_the_text_is_as_it_was(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="ab. é天\n", min_size=1, max_size=40).map(str.strip).filter(bool))
    edges = st.integers(0, len(text))
    spans = st.tuples(edges, edges).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Span(*sorted(pair)))
    statements, names = data.draw(st.lists(spans, max_size=3)), data.draw(st.lists(spans, max_size=3))
    shown = drawn(text, statements, names)
    result = body(shown)
    bare = [re.sub(r"\[\d+: |[\]<>]", "", paragraph) for paragraph in result]
    assert bare == [span.of(text).replace("\n", " ") for span in paragraphs(text)]
    whole = [span for span in names if any(paragraph.covers(span) for paragraph in shown.paragraphs)]
    assert "".join(result).count("<") == "".join(result).count(">") == len(whole)


def test_hostile_text_is_written_out() -> None:
    shown = document("a \x1b[2J\u202e b", title="T\x1b", outlet="O\u202e", byline=("B\x9b",), notes=("N\x07\nx",))
    result = "\n".join(lines(document_lines(shown)))
    assert not {"\x1b", "\u202e", "\x9b", "\x07"} & set(result)
    assert "a \\x1b[2J\\u202e b" in result


def test_findings_list_statements_names_dates_and_notes() -> None:
    sample = document()
    shown = document(
        mentions=(*sample.mentions, *sample.mentions[:1]),
        dates=(
            DateMention(
                span=Span(0, 7),
                surface="Tuesday",
                date=PartialDate(value="2022-12-13", precision="day", source="text"),
                rule="test",
            ),
        ),
        notes=("removed: Read more",),
    )
    result = lines(findings_lines(shown))
    assert result == [
        "Statements",
        '  1. Nadia Korbel, spokesperson for the Ostrava Trade Office, said: "Meridian Optics ignored three warnings,"',
        f"     about Meridian Optics · 2022-12-16 (assumed: day of publication) · direct · test · {shown.quotes[0].id}",
        "  2. Nadia Korbel (spokesperson, Ostrava Trade Office) added that "
        "the double standard of its suppliers was plain",
        "     about Meridian Optics · "
        f"2022-12-16 (assumed: day of publication) · indirect · test · {shown.quotes[1].id}",
        "Names",
        "  agency   Ostrava Trade Office ×2  agency:ostrava-trade-office",
        "  company  Meridian Optics ×1  company:meridian-optics",
        "  person   Nadia Korbel ×1  person:nadia-korbel",
        "Dates",
        "  Tuesday: 2022-12-13",
        "Notes",
        "  removed: Read more",
    ]
    assert lines(findings_lines(document("Nothing."))) == []


def test_a_statement_in_an_endless_paragraph_keeps_its_neighbours_short() -> None:
    text = "a " * 900 + "MIDDLE" + " b" * 900
    shown = document(text, quotes=(stated(1, place(text, "MIDDLE"), speaker=Speaker()),))
    first, *rest = lines(statement_lines(Values(alone(shown, shown.quotes[0]))))
    assert first.count("a") == first.count("b") == 200
    assert "speaker unknown" in "\n".join(rest)
