"""A document drawn for people: what is marked, in which order, and what is told below."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.cli.document_view import document_lines, findings_lines, statement_lines
from searchkit.cli.output import Segment
from searchkit.export.records import Values
from searchkit.search.answer import alone
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import DateMention, Document, Mention, Quote, Speaker
from searchkit.statements.text import Span, paragraphs
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


@pytest.mark.parametrize(
    ("text", "statements", "names", "expected"),
    [
        ("All is well.", [], [], "All is well."),
        ("Korbel said no.", [], ["Korbel"], "<Korbel> said no."),
        ('"No," Korbel said.', ['"No,"'], ["Korbel"], '[1: "No,"] <Korbel> said.'),
        ("She said Korbel left.", ["Korbel left"], ["Korbel"], "She said [1: <Korbel> left]."),
        ("She said we saw Korbel.", ["we saw Korbel"], ["Korbel"], "She said [1: we saw <Korbel>]."),
        ("She said Korbel.", ["Korbel"], ["Korbel"], "She said [1: <Korbel>]."),
        ("Port of Ostrava lies still.", [], ["Port of Ostrava", "Ostrava"], "<Port of <Ostrava>> lies still."),
        ("Ostrava Port lies still.", [], ["Ostrava Port", "Ostrava"], "<<Ostrava> Port> lies still."),
        ("He said she said no.", ["she said no", "no"], [], "He said [1: she said [2: no]]."),
        ("Korbel: no. Havel: yes.", ["no.", "yes."], ["Korbel", "Havel"], "<Korbel>: [1: no.] <Havel>: [2: yes.]"),
        ("NoYes", ["No", "Yes"], [], "[1: No][2: Yes]"),
        ("KorbelNo", ["No"], ["Korbel"], "<Korbel>[1: No]"),
        ("NoKorbel", ["No"], ["Korbel"], "[1: No]<Korbel>"),
    ],
)
def test_marks_nest_in_order(text: str, statements: list[str], names: list[str], expected: str) -> None:
    shown = drawn(text, [place(text, words) for words in statements], [place(text, words) for words in names])
    assert body(shown) == [expected]


def test_a_statement_of_two_paragraphs_opens_in_one_and_closes_in_the_other() -> None:
    text = 'He said: "First\n\nmiddle\n\nlast" and left.'
    assert body(drawn(text, [place(text, '"First\n\nmiddle\n\nlast"')], [])) == [
        'He said: [1: "First',
        "middle",
        'last"] and left.',
    ]


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


def test_color_takes_the_place_of_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "")
    text = '"No, Korbel," Havel said.'
    shown = drawn(text, [place(text, '"No, Korbel,"')], [place(text, "Korbel"), place(text, "Havel")])
    (paragraph,) = [line for line in document_lines(shown) if "".join(part for part, _ in line) == text]
    assert list(paragraph) == [
        ('"No, ', "green"),
        ("Korbel", "green underline"),
        (',"', "green"),
        (" ", ""),
        ("Havel", "underline"),
        (" said.", ""),
    ]


def test_hostile_text_is_written_out() -> None:
    shown = document("a \x1b[2J\u202e b", title="T\x1b", outlet="O\u202e", byline=("B\x9b",), notes=("N\x07\nx",))
    result = "\n".join(lines(document_lines(shown)))
    assert not {"\x1b", "\u202e", "\x9b", "\x07"} & set(result)
    assert "a \\x1b[2J\\u202e b" in result


def test_provenance_tells_what_is_known_and_nothing_else() -> None:
    made = document(byline=("Renske Oudhaven", "Tomas Vrba"), canonical_url="https://a.example/1")
    result = lines(document_lines(made, linked=("aa", "bb")))
    facts = dict(line.strip().split("  ", 1) for line in result[1 : result.index("")])
    assert {name: value.strip() for name, value in facts.items()} == {
        "outlet": "Moravian Ledger",
        "byline": "Renske Oudhaven, Tomas Vrba",
        "published": "2022-12-16",
        "language": "en",
        "address": "file:///articles/fine.txt",
        "claims": "https://a.example/1 (supplied in this file, not fetched from there)",
        "same address": "aa, bb",
        "id": document().id,
        "revision": "1, first seen 2023-01-02T03:04:05+00:00",
        "sha-256": "0" * 64,
    }
    fetched = lines(document_lines(document(uri="https://a.example/2", canonical_url="https://a.example/1")))
    assert [line.split() for line in fetched if "a.example" in line] == [
        ["address", "https://a.example/2"],
        ["canonical", "https://a.example/1"],
    ]
    bare = lines(document_lines(document("Words.", title=None, outlet=None, published=None, first_seen="")))
    assert bare[0] == "(no title)"
    assert not any(line.strip().startswith(("outlet", "published", "canonical", "revision")) for line in bare)


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


def test_a_statement_stands_between_its_neighbours() -> None:
    shown = document()
    result = lines(statement_lines(Values(alone(shown, shown.quotes[0]))))
    assert result[0] == (
        '["Meridian Optics ignored three warnings,"] Nadia Korbel, spokesperson for the Ostrava Trade Office, said.'
    )
    facts = {line[:15].strip(): line[15:].strip() for line in result[2 : result.index("", 2)]}
    assert facts == {
        "speaker": "Nadia Korbel (spokesperson, Ostrava Trade Office)",
        "resolved by": "full-name (0.95)",
        "statement": "Nadia Korbel, spokesperson for the Ostrava Trade Office, said: "
        '"Meridian Optics ignored three warnings,"',
        "cue": "said",
        "act": "say",
        "about": "Meridian Optics",
        "kind": "direct",
        "said": "2022-12-16 (assumed: day of publication)",
        "found by": "test (0.90)",
        "place": f"characters {shown.quotes[0].content.start} to {shown.quotes[0].content.end} of {shown.id}",
        "id": shown.quotes[0].id,
    }
    assert "Optics maker fined" in result


def test_the_page_is_told_where_there_are_pages() -> None:
    shown = document(pages=(0, 63))
    result = lines(statement_lines(Values(alone(shown, shown.quotes[0]))))
    assert any(line.startswith("  place") and "p. 2, characters 63 to " in line for line in result)
    assert any(line.endswith(f" · p. 2 · {shown.quotes[0].id}") for line in lines(findings_lines(shown)))


def test_a_statement_in_an_endless_paragraph_keeps_its_neighbours_short() -> None:
    text = "a " * 900 + "MIDDLE" + " b" * 900
    shown = document(text, quotes=(stated(1, place(text, "MIDDLE"), speaker=Speaker()),))
    first, *rest = lines(statement_lines(Values(alone(shown, shown.quotes[0]))))
    assert first.count("a") == first.count("b") == 200
    assert "speaker unknown" in "\n".join(rest)


def test_terms_are_listed_once_with_their_number() -> None:
    text = "A “smart” quay, a “green” one and a “smart” harbor."
    terms = tuple(Span(*found.span()) for found in re.finditer("“[a-z]+”", text))
    result = lines(findings_lines(document(text, terms=terms)))
    assert result[result.index("Terms") + 1] == "  “smart” ×2, “green”"
