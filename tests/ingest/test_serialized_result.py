"""Results on their way from a worker process: what is sealed is opened as it was."""

from msgspec import Struct, field

from searchkit.crawl import Refused
from searchkit.dates import PartialDate
from searchkit.document import Mention, Speaker
from searchkit.ingest.serialized_result import Sealed
from searchkit.text import Span
from tests.index.records import document


class One(Struct, frozen=True, kw_only=True):
    """A value of a single field."""

    only: tuple[int, ...]


class Loose(Struct, dict=True):
    """A value without slots, which keeps what its class does not name."""

    names: list[str] = field(default_factory=list)


def test_what_is_sealed_is_opened_as_it_was() -> None:
    span = Span(3, 9)
    values: list[object] = [
        Refused(uri="file:///a", reason="is empty"),
        (span, span),
        Speaker(name="Nadia Korbel", antecedent=span, confidence=0.5),
        PartialDate(value="2022-12", precision="month", source="text"),
        Mention(
            span=span, surface="Korbel", name="Korbel", entity_id="person:x", kind="person", rule="r", confidence=1.0
        ),
        One(only=(1, 2)),
        {"odd \ud83d": [One(only=())]},
        Loose(names=["a"]),
        RuntimeError("no value"),
    ]
    opened: object = Sealed[object](values).opened()
    assert isinstance(opened, list)
    assert opened[:-1] == values[:-1]
    assert repr(opened[-1]) == repr(values[-1])
    first, second = opened[1]
    assert first is second  # what was one value is one again


def test_a_document_is_opened_as_it_was() -> None:
    made = document({"id": "d1", "text": "Korbel spoke of ferries.", "quotes": [{"words": "spoke of ferries"}]})
    assert Sealed(made).opened() == made
