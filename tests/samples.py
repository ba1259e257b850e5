"""Small articles and documents for tests. People and bodies are invented."""

from typing import Any, TypeVar

from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Document, Mention, Quote, QuoteKind, Speaker, document_id, quote_id
from searchkit.statements.text import Span, paragraphs

Value = TypeVar("Value")
TEXT = (
    "The Ostrava Trade Office fined Meridian Optics Ltd on Tuesday.\n"
    '"Meridian Optics ignored three warnings," Nadia Korbel, spokesperson for the Ostrava Trade Office, said.\n'
    "She added that the double standard of its suppliers was plain."
)


def present(value: Value | None) -> Value:
    """What should be there."""
    assert value is not None
    return value


def day(value: str) -> PartialDate:
    """A day that a page stated."""
    return PartialDate(value=value, precision="day", source="meta")


def mention(text: str, surface: str, name: str, entity_id: str, kind: Any) -> Mention:
    """The first occurrence of `surface`."""
    start = text.index(surface)
    return Mention(
        span=Span(start, start + len(surface)),
        surface=surface,
        name=name,
        entity_id=entity_id,
        kind=kind,
        rule="test",
        confidence=0.9,
    )


def document(text: str = TEXT, *, uri: str = "file:///articles/fine.txt", **changes: Any) -> Document:
    """A document as extraction would leave it: two statements by Nadia Korbel about Meridian Optics."""
    identity = document_id(uri)
    fields: dict[str, Any] = {
        "uri": uri,
        "title": "Optics maker fined",
        "outlet": "Moravian Ledger",
        "published": day("2022-12-16"),
        "language": "en",
        "text": text,
        "paragraphs": paragraphs(text),
        "id": identity,
        "digest": "0" * 64,
        "extractor_version": "test",
        "first_seen": "2023-01-02T03:04:05+00:00",
        "last_seen": "2023-01-02T03:04:05+00:00",
    }
    if text == TEXT:
        fields |= _annotations(identity)
    return Document(**(fields | changes))


_STATEMENTS: tuple[tuple[str, QuoteKind, str, str, str], ...] = (
    ('"Meridian Optics ignored three warnings,"', "direct", "said", "say", "Nadia Korbel"),
    ("the double standard of its suppliers was plain", "indirect", "added", "add", "She"),
)


def _annotations(identity: str) -> dict[str, Any]:
    taken: dict[str, int] = {}
    korbel = Speaker(
        name="Nadia Korbel",
        entity_id="person:nadia-korbel",
        role="spokesperson",
        affiliation="Ostrava Trade Office",
        resolved_by="full-name",
        confidence=0.95,
    )
    return {
        "mentions": (
            mention(TEXT, "Ostrava Trade Office", "Ostrava Trade Office", "agency:ostrava-trade-office", "agency"),
            mention(TEXT, "Meridian Optics Ltd", "Meridian Optics", "company:meridian-optics", "company"),
            mention(TEXT, "Nadia Korbel", "Nadia Korbel", "person:nadia-korbel", "person"),
        ),
        "quotes": tuple(
            Quote(
                id=quote_id(identity, words, taken),
                content=Span(TEXT.index(words), TEXT.index(words) + len(words)),
                kind=kind,
                cue=Span(TEXT.index(cue), TEXT.index(cue) + len(cue)),
                verb=verb,
                attribution=Span(TEXT.index(who), TEXT.index(who) + len(who)),
                speaker=korbel,
                about=("company:meridian-optics",),
                date=PartialDate(value="2022-12-16", precision="day", source="publication", confidence="assumed"),
                rule="test",
                confidence=0.9,
            )
            for words, kind, cue, verb, who in _STATEMENTS
        ),
    }


FICTION = """\
The lantern had gone out again, and Nadia Korbel stood on the stair and stared into the darkness.

“You should not be up here,” a voice whispered behind her.

Nadia Korbel accused Igor Malt of stealing the lantern. Her hands were trembling.

“I did not steal the lantern,” Malt said. He shrugged, and his eyes were on the floor.

“Then who did?” she murmured.

“Nobody,” Malt said. He sighed, and then he smiled. Malt denied that he had stolen the lantern.

“I will find out,” Nadia Korbel said.
"""
