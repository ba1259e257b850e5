import zlib

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import NewerArchive
from searchkit.statements.document import RECORD_VERSION, Document, Speaker, WatchlistMatch
from searchkit.statements.text import Span
from searchkit.store import encoding
from searchkit.store.encoding import compressed, decode, encode, expanded
from tests.samples import day, document


class _Title(Struct):
    title: str = ""


def _full() -> Document:
    """A document with a value in every field."""
    made = document(
        byline=("Ida Roth",),
        notes=("removed: x",),
        pages=(0, 9),
        times=(1, 2),
        links=("https://a.example/",),
        extra={"desk": ["a", 1, None, {"b": 0.5}]},
        terms=(Span(0, 3),),
        matches=(
            WatchlistMatch(
                span=Span(1, 2), surface="h", watchlist="w", entry_id="1", name="H", weak=True, topics=("t",)
            ),
        ),
        known_as={"person:nadia-korbel": ("N. Korbel",)},
        updated=replace(day("2023-11-08"), zone="Z", local_day="2023-11-09", precision="instant"),
        revision=3,
        failed_sentences=1,
    )
    speaker = Speaker(name="X", represents="agency:y", antecedent=Span(1, 2), rivals=("Z",), confidence=0.955)
    return replace(made, quotes=(replace(made.quotes[0], via=Span(0, 3), negated=True, group="g", speaker=speaker),))


def test_a_document_comes_back_as_it_went_in() -> None:
    for made in (_full(), document(), Document(uri="", text="", paragraphs=(), id="", digest="", extractor_version="")):
        assert decode(encode(made), Document) == made


def test_a_record_takes_a_part_of_its_json() -> None:
    made = document()
    assert len(encode(made)) < len(msgspec.json.encode(made)) / 3
    assert expanded(encode(made)) == msgspec.json.encode(made)


def test_some_fields_can_be_read_alone() -> None:
    assert decode(encode(document()), _Title).title == "Optics maker fined"


@pytest.mark.parametrize(
    "extra", [{"share": float("inf")}, {"number": 10**30}, {"name": "\udcff"}, {"\ud800": [float("-inf")]}]
)
def test_values_that_only_python_reads(extra: dict[str, object]) -> None:
    made = document(extra=extra, uri="file:///\udcff")
    assert decode(encode(made), Document) == made


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"", "no version"),
        (b"\x00", "no version"),
        (b"\x02", "incomplete"),
        (b"\x02\xff\xff", "invalid"),
        (encode(document())[:-5], "incomplete"),
        (compressed(b"{}"), "uri"),
        (compressed(b"[" * 100_000), "nested"),
        (compressed(b'{"uri":"\xff"}'), "decode"),
    ],
)
def test_what_is_not_a_record(record: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode(record, Document)


def test_a_record_of_a_later_version() -> None:
    with pytest.raises(NewerArchive, match=f"has version {RECORD_VERSION + 1}"):
        decode(bytes([RECORD_VERSION + 1]) + encode(document())[1:], Document)


def test_a_record_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_MAX_BYTES", 1_000)
    with pytest.raises(ValueError, match="incomplete"):
        expanded(compressed(b" " * 1_001))


def test_another_dictionary_needs_another_version() -> None:
    assert (RECORD_VERSION, zlib.crc32(encoding._dictionary())) == (2, 2470918818), "stored records must stay readable"
