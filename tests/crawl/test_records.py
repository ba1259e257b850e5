import gzip
import json
from pathlib import Path

from searchkit.crawl.base import FileOptions, Refused, digest_of
from searchkit.statements.document import Resource
from tests.crawl.reading import read


def reasons(answers: list[Resource | Refused]) -> list[str]:
    return [answer.reason for answer in answers if isinstance(answer, Refused)]


def test_each_line_is_a_resource_with_its_address(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    lines = [
        '{"text": "One.", "uri": "https://wire.example.org/1", "url": "https://wire.example.org/other"}',
        '{"text": "Two.", "url": " https://wire.example.org/2 "}',
        "",
        '{"text": "Three.", "id": "n-3"}',
        '{"text": "Four.", "id": 4}',
        '{"text": "Five.", "id": null}',
    ]
    path.write_text("\ufeff" + "\r\n".join(lines))
    answers = read(path)
    base = path.as_uri()
    assert [answer.uri for answer in answers] == [
        f"{base}#https://wire.example.org/1",
        f"{base}#https://wire.example.org/2",
        f"{base}#n-3",
        f"{base}#4",
        f"{base}#line-{digest_of(lines[5].encode())[:12]}",
    ]
    first = answers[0]
    assert isinstance(first, Resource)
    assert first.media_type == "application/x-searchkit-record"
    assert json.loads(first.body)["text"] == "One."
    assert len({answer.digest for answer in answers if isinstance(answer, Resource)}) == 5


def test_a_record_that_shares_a_name_has_its_digest_in_its_address(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    long = "https://wire.example.org/" + "x" * 400
    path.write_text(
        "".join(
            json.dumps({"text": text, "url": url}) + "\n"
            for text, url in (("One.", "https://a.example/?b=1#c"), ("Two.", "https://a.example/?b=1#c"))
        )
        + "".join(json.dumps({"text": "Three.", "url": long + end}) + "\n" for end in "ab")
    )
    first, second, third, fourth = (answer.uri.removeprefix(path.as_uri()) for answer in read(path))
    assert first == "#https://a.example/?b=1%23c"
    assert second.removeprefix(first)[:1] == "~"
    assert third.partition("~")[0] == fourth.partition("~")[0]
    assert third != fourth


def test_a_record_without_an_id_is_identified_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    one, two = '{"text": "One.", "title": "A"}', '{"text": "Two."}'
    path.write_text(f"{one}\n{two}\n")
    first, second = (answer.uri for answer in read(path))
    # Wherever it stands, whatever ends its line; and the same line again is the same record.
    path.write_bytes(f"\ufeff{two}\r\n \n{{}}\n  {one} \r\n{two}".encode())
    assert [answer.uri for answer in read(path) if isinstance(answer, Resource)] == [second, first, second]
    path.write_text(f"{one.replace('One', 'Edited')}\n{two}\n")
    edited, same = (answer.uri for answer in read(path))
    assert (edited != first, same) == (True, second)


def test_broken_lines_are_named_by_number_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_bytes(
        b'{"text": "Good."}\n{"text": \n[1]\n{"title": "x"}\n{"text": 5}\n{"text": "  "}\n{"text": "\xff"}\n'
        + b'{"text": "x", "n": '
        + b"9" * 10_000
        + b"}\n"
        + b"[" * 100_000
        + b'\n{"text": "Good again."}'
    )
    answers = read(path)
    assert isinstance(answers[0], Resource)
    assert isinstance(answers[-1], Resource)
    assert reasons(answers) == [
        "line 2 is not JSON: Expecting value at column 9",
        "line 3 is not a JSON object",
        "line 4 has no text",
        "line 5 has a text that is not a string",
        "line 6 has an empty text",
        "line 7 is not readable JSON",
        "line 8 is not readable JSON",
        "line 9 is not readable JSON",
    ]
    assert {answer.uri for answer in answers if isinstance(answer, Refused)} == {path.as_uri()}


def test_an_overlong_line_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_text('{"text": "' + "x" * 300 + '"}\n{"text": "Good."}\n')
    first, second = read(path, options=FileOptions(max_line_bytes=100))
    assert first == Refused(uri=path.as_uri(), reason="line 1 is larger than 100 bytes")
    good = digest_of(b'{"text": "Good."}')
    assert second.uri == f"{path.as_uri()}#line-{good[:12]}"


def test_a_line_without_an_end_in_reach_ends_the_file(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "')
        file.truncate(8 * 10**12)
    assert reasons(read(path, options=FileOptions(max_line_bytes=1_000))) == ["line 1 is larger than 1000 bytes"]


def test_of_very_many_broken_lines_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_text('{"text": "Good."}\n' + "[1]\n" * 123)
    assert reasons(read(path))[-2:] == ["line 101 is not a JSON object", "23 more lines contain no record"]
    path.write_bytes(b"\x7fELF" + bytes(200) + b"\n")
    assert reasons(read(path)) == ["looks binary"]
    path.write_bytes(b"\n\n")
    assert reasons(read(path)) == ["is empty"]


def test_a_broken_line_is_identified_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_text("[1]\n[2]\n[1]\n")
    digests = [answer.digest for answer in read(path)]
    assert digests[0] == digests[2] != digests[1]


def test_lone_surrogates_in_an_address_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    path.write_text('{"text": "One.", "id": "\\ud800"}\n{"text": "Two.", "url": "https://x.example/\\udcff"}\n')
    assert [answer.uri for answer in read(path)] == [
        f"{path.as_uri()}#%5Cud800",
        f"{path.as_uri()}#https://x.example/%5Cudcff",
    ]


def test_a_bomb_is_refused_early(tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(40):
            file.write(b"\n" + b" " * 1_000_000)
    answers = reasons(read(path))
    assert answers == ["expands more than 200 times; the rest was skipped"]
