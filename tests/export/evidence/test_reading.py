"""Evidence files read again, by whomever they were written."""

import io
import json
import re
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.errors import InputError
from searchkit.export.evidence.findings import UnreadableRecord
from searchkit.export.evidence.form import CustodyEntry
from searchkit.export.evidence.reading import EvidenceFile, Recorded, field_words
from tests.archive.taken import take
from tests.export.evidence.test_form import written

_EVENTS = ["captured", "parsed", "extracted", "exported"]


@pytest.fixture
def lines(archive: Archive) -> list[bytes]:
    """The lines of a sound file of two statements."""
    take(archive)
    return [line.encode() for line in written(archive)[1]]


def seal(lines: list[bytes], ending: bytes = b"\n") -> str:
    return EvidenceFile(io.BytesIO(b"".join(line + ending for line in lines)), "f").seal


def unreadable(value: Any, head: bytes) -> str:
    """Why a line with this value is no statement."""
    line = value if isinstance(value, bytes) else json.dumps(value).encode()
    (found,) = EvidenceFile(io.BytesIO(head + b"\n" + line + b"\n"), "f").lines()
    assert isinstance(found, UnreadableRecord)
    assert found.line == 2
    return found.reason


def test_a_sound_file(lines: list[bytes]) -> None:
    file = EvidenceFile(io.BytesIO(b"\n".join(lines)), "f")
    assert (file.seal, file.statements, file.head.query) == ("intact", 2, "*")
    first, second, *log = file.lines()
    assert isinstance(first, Recorded)
    assert isinstance(second, Recorded)
    assert (first.line, second.line) == (2, 3)
    assert [entry.event for entry in log if isinstance(entry, CustodyEntry)] == _EVENTS
    assert first.selector.exact == json.loads(lines[1])["text"]
    fields = field_words(first.value)
    assert (fields["speaker"], fields["title"], first.capture) == ("Nadia Korbel", "Cranes stand still", None)


def test_line_ends_a_mark_and_empty_lines_alter_nothing(lines: list[bytes]) -> None:
    assert seal(lines, b"\r\n") == "intact"
    assert seal([b"\xef\xbb\xbf" + lines[0], b"", *lines[1:], b""]) == "intact"


def test_what_was_edited_cut_or_added_is_seen(lines: list[bytes]) -> None:
    head, first, second, *log, end = lines
    assert seal([head, first, second, *log]) == "truncated"
    assert seal([head, first, *log, end]) == "modified"
    assert seal([head, second, first, *log, end]) == "modified"
    assert seal([head, first.replace(b"Nadia", b"Maria"), second, *log, end]) == "modified"
    assert seal([head.replace(b'"*"', b'"x"'), first, second, *log, end]) == "modified"
    assert seal([*lines, second]) == "modified"
    assert seal([*lines, end]) == "modified"
    for count in (b'"statements": ', b'"entries": '):
        assert seal([*lines[:-1], re.sub(count + rb"\d", count + b"3", end)]) == "modified"
    assert seal([*lines[:-1], end.replace(b": ", b":  ")]) == "modified"
    assert seal([*lines[:-1], b'{"schema": "searchkit.evidence-end/2"}']) == "truncated"
    assert seal([*lines[:-1], end[:-9]]) == "truncated"
    assert seal([head, first, second, *log[1:], end]) == "modified"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"schema": "searchkit.query/1"}',
        b'{"schema": 7}',
        b"id,text\n1,2\n",
        b"\x1f\x8b\x08\x00 packed",
        bytes(range(256)) * 9,
        b"[" * 100_000,
        b'{"schema": ' + b"9" * 5000 + b"}",
        '{"schema": "searchkit.evidence/1"}'.encode("utf-16"),
    ],
)
def test_a_foreign_file_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(InputError, match=r"my\.file is not an evidence file") as refused:
        EvidenceFile(io.BytesIO(body), "my.file")
    assert "\n" not in str(refused.value)


def test_an_empty_file_and_one_of_a_later_searchkit() -> None:
    for body in (b"", b"\n\r\n"):
        with pytest.raises(InputError, match="f is empty"):
            EvidenceFile(io.BytesIO(body), "f")
    with pytest.raises(InputError, match="Upgrade searchkit"):
        EvidenceFile(io.BytesIO(b'{"schema": "searchkit.evidence/3"}'), "f")
    assert EvidenceFile(io.BytesIO(b'{"schema": "searchkit.evidence/1"}'), "f").seal == "truncated"


def test_an_endless_line_is_not_read_to_its_end() -> None:
    with pytest.raises(InputError, match="line 2 is longer than 50 MB"):
        EvidenceFile(io.BytesIO(b'{"schema": "searchkit.evidence/2"}\n' + b" " * 50_000_001), "f")


@pytest.mark.parametrize("line", [b"{", b"[1]", b"\xff\xfe", b'{"schema": "searchkit.evidence-statement/2"}'])
def test_another_line_is_not_a_statement(lines: list[bytes], line: bytes) -> None:
    assert unreadable(line, lines[0]) == "not a statement"


_NUMBERS = (-1, True, 10**30, "0")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("text", ("", 7)),
        ("sha256", (None, [], {}, {"text": "0"}, {"text": "../" + "0" * 61}, {"text": "0" * 64, "raw": "../" * 21})),
        ("document", ("", "../../etc", "f" * 13, "f" * 12 + "\n", 7, None, "\ud800" * 12, "FFFFFFFFFFFF")),
        *((name, _NUMBERS) for name in ("start", "end", "revision")),
        *((name, ([{"deep": [1]}],)) for name in ("id", "prefix", "suffix", "sentence", "uri", "capture")),
    ],
)
def test_a_value_of_another_type_says_where(lines: list[bytes], name: str, values: tuple[Any, ...]) -> None:
    for value in values:
        assert f"$.{name}" in unreadable(json.loads(lines[1]) | {name: value}, lines[0])


def test_an_edited_line_keeps_its_id(lines: list[bytes]) -> None:
    good = json.loads(lines[1])
    for edit in ({"text": "It leaks"}, {"end": good["end"] + 1}, {"end": 10**30}, {"document": ""}):
        line = json.dumps(good | edit | {"line": 9, "value": {}}).encode()
        (found,) = EvidenceFile(io.BytesIO(lines[0] + b"\n" + line), "f").lines()
        assert isinstance(found, (Recorded, UnreadableRecord))
        assert (found.id, found.line) == (good["id"], 2)
        assert isinstance(found, UnreadableRecord) or found.end != found.selector.end


def test_other_fields_are_read_only_as_text(lines: list[bytes]) -> None:
    odd = {name: [{"deep": [1]}] for name in ("title", "speaker", "published")}
    line = json.dumps({**json.loads(lines[1]), **odd}).encode()
    (found,) = EvidenceFile(io.BytesIO(lines[0] + b"\n" + line), "f").lines()
    assert isinstance(found, Recorded)
    assert {name: field_words(found.value)[name] for name in odd} == dict.fromkeys(odd, "")
    assert field_words({"about": ["b", "a", 7]}) == field_words({"about": ["a", "b"]}) == {"about": "a, b"}
