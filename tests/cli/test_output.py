"""How text leaves: what a terminal, a pipe, a sheet and a parser of JSON get."""

import csv
import io
import json
import os
import unicodedata
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.cli.output import Segment, has_color, say, write_csv, write_json, write_lines, write_texts, written_to
from searchkit.errors import QueryError, UsageError
from searchkit.export.tables import cell
from searchkit.statements.text import counted, one_line, visible
from tests.cases import cases
from tests.cli.terminal import Terminal, terminal

any_text = st.text(st.characters(), max_size=40)  # lone surrogates too
hostile_text = st.text("a \x1b\x07\r\n\t\u202e\u2066\u200b\ufeff\x9b\ud800=+-@,;\"'[]é天", max_size=20)


@pytest.mark.parametrize(("text", "shown"), cases(__file__, "test_visible"))
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.one_of(any_text, hostile_text))
def test_nothing_visible_steers_a_terminal(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in shown if sign not in "\n\t")
    assert not any(unicodedata.bidirectional(sign) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI") for sign in shown)
    assert visible(shown) == shown
    assert len(one_line(text).splitlines()) <= 1


@given(st.lists(hostile_text, max_size=4))
def test_a_sheet_reads_back_what_was_written_and_no_formula(texts: list[str]) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        write_csv([{"id": "x", "text": text, "other": 1} for text in texts], ["id", "text", "none"])
    header, *rows = csv.reader(io.StringIO(out.getvalue()))
    assert header == ["id", "text", "none"]
    assert rows == [["x", cell(text), ""] for text in texts]
    assert not any(value.startswith(("=", "+", "-", "@", "\t")) for row in rows for value in row)
    assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for row in rows for value in row)


@given(st.dictionaries(any_text, any_text, max_size=3), st.booleans())
def test_json_reads_back_as_it_was(value: dict[str, str], indent: bool) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        write_json(value, indent=indent)
    written = out.getvalue()
    assert visible(written) == written
    written.encode()  # no lone surrogate, which a pipe would choke on
    assert json.loads(written) == value
    assert written.endswith("\n")
    assert indent or written.count("\n") == 1


@pytest.mark.parametrize(("environment", "on_terminal", "in_pipe"), cases(__file__, "test_has_color"))
def test_has_color(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], on_terminal: bool, in_pipe: bool
) -> None:
    for name, value in ({"NO_COLOR": "", "FORCE_COLOR": "", "TERM": "xterm"} | environment).items():
        monkeypatch.setenv(name, value)
    assert has_color(Terminal()) is on_terminal
    assert has_color(io.StringIO()) is in_pipe


LINES: list[list[Segment]] = [
    [("1. ", ""), ("Cranes [bold]are[/bold] sound :smile:", "bold")],
    [("   ", ""), ("word " * 12, "dim"), ("end", "yellow")],
    [],
    [("\x1b[2J", "")],
]


def test_lines_for_a_pipe_are_plain_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(LINES)
    assert capsys.readouterr().out.split("\n") == [
        "1. Cranes [bold]are[/bold] sound :smile:",
        "   " + "word " * 12 + "end",
        "",
        "\\x1b[2J",
        "",
    ]


@pytest.mark.parametrize("width", [30, 44, 100])
def test_lines_for_a_terminal_are_wrapped_under_their_beginning(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    for name, value in {"COLUMNS": str(width), "TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": ""}.items():
        monkeypatch.setenv(name, value)
    with terminal() as screen:
        write_lines(LINES)
    rows = screen.getvalue().split("\n")
    assert all(len(row.rstrip()) <= width for row in rows)
    words = [row for row in rows if "word" in row]
    assert all(row.startswith("   word") for row in words)
    assert len(words) == -(-(12 * 5 + 3) // (width - 3))
    assert " ".join(" ".join(words).split()) == "word " * 12 + "end"
    assert rows[-3:] == ["", "\\x1b[2J", ""]
    assert "[bold]are[/bold]" in " ".join(rows[:2])


STYLED: list[list[Segment]] = [[("plain ", ""), ("warm", "bold yellow"), ("\x1b[31m", "")]]


@pytest.mark.parametrize(
    ("environment", "shown"),
    cases(__file__, "test_a_terminal_gets_color_if_it_takes_any_and_document_text_none_of_its_own"),
)
def test_a_terminal_gets_color_if_it_takes_any_and_document_text_none_of_its_own(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], shown: str
) -> None:
    for name, value in ({"COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "", "FORCE_COLOR": ""} | environment).items():
        monkeypatch.setenv(name, value)
    with terminal() as screen:
        write_lines(STYLED)
    assert screen.getvalue() == shown


def test_signs_the_output_cannot_hold_are_written_out() -> None:
    raw = io.BytesIO()
    narrow = io.TextIOWrapper(raw, encoding="ascii")
    with redirect_stdout(narrow):
        write_lines([[("é 天 x", "")]])
        write_json({"a": "é"}, indent=False)
    narrow.flush()
    assert raw.getvalue() == b'\\xe9 \\u5929 x\n{"a": "\\u00e9"}\n'


def test_sheets_and_lines_of_texts_come_as_they_are_made() -> None:
    stream = io.StringIO()

    def rows() -> Iterator[dict[str, object]]:
        for number in range(2):
            yield {"a": f"{number}\n,x", "b": "=1"}
            assert str(number) in stream.getvalue()

    with redirect_stdout(stream):
        write_csv(rows(), ("a", "b"))
        write_texts(iter(["x\x1b", "y"]))
    assert stream.getvalue() == 'a,b\n"0\n,x",\'=1\n"1\n,x",\'=1\nx\\x1b\ny\n'


def test_say_speaks_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("failed: caf\udce9 \x1b[2J")
    result = capsys.readouterr()
    assert (result.out, result.err) == ("", "failed: caf\\udce9 \\x1b[2J\n")


def test_numbers_go_with_their_nouns() -> None:
    assert [counted(number, "document") for number in (0, 1, 1200)] == ["0 documents", "1 document", "1,200 documents"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


def put(path: Path | str, *lines: str, force: bool = False) -> None:
    with written_to(str(path), force=force) as write:
        for line in lines:
            write(line)


def test_a_file_is_written_in_utf_8(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "é 天 🏗️", "lone \ud800")
    assert (tmp_path / "a.txt").read_bytes() == "é 天 🏗️\nlone \\ud800\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_is_there_stays_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("mine")
    with pytest.raises(UsageError, match=r"already exists\. To replace it, use --force\."):
        put(path, "yours")
    assert path.read_text() == "mine"
    put(path, "yours", force=True)
    assert path.read_text() == "yours\n"


def test_nothing_is_left_of_what_was_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("mine")
    with pytest.raises(QueryError), written_to(str(path), force=True) as write:
        write("half")
        raise QueryError("x", code="empty", query="", start=0, end=0)
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("mine")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with pytest.raises(UsageError, match="already exists"):
        put(tmp_path / "link.txt", "yours")
    put(tmp_path / "link.txt", "yours", force=True)
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "yours\n"


@pytest.mark.parametrize("force", [False, True])
def test_places_where_no_file_can_be(tmp_path: Path, force: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "pipe", "/dev/null", "/dev/full"):
        with pytest.raises(UsageError, match="is not a file"):
            put(place, "x", force=force)
    (tmp_path / "loop").symlink_to("loop")
    for place in (tmp_path / "none" / "a.txt", tmp_path / "loop", tmp_path / ("a" * 300)):
        with pytest.raises(UsageError) as refused:
            put(place, "x", force=force)
        assert "\n" not in str(refused.value)
    reading, writing = os.pipe()  # as /dev/stdout in a pipeline: it has no name in any folder
    with pytest.raises(UsageError, match=rf"^/dev/fd/{writing} is not a file"):
        put(f"/dev/fd/{writing}", "x", force=force)
    os.close(reading)
    os.close(writing)
    assert Path("/dev/null").is_char_device()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loop", "pipe"]


def test_a_file_that_grows_too_large_is_told(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.raises(UsageError, match="cannot be written: File too large"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            put(tmp_path / "a.txt", *["x" * 1000] * 100)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    put("-", "é 天", "b")
    assert capsys.readouterr().out == "é 天\nb\n"


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(UsageError, match="already exists"), written_to(str(path)) as write:
        write("yours")
        path.write_text("mine")
    assert path.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1
