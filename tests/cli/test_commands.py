"""Commands as processes: index, inspect, status, rebuild, config, help, exit codes, streams, priority."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from searchkit.cli import COMMANDS, LOW_PRIORITY, main, run
from tests.cli.conftest import SEEDS, Command, Done


def process(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> Done:
    """A command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "searchkit", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )
    return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


@pytest.mark.slow
def test_bad_inputs_are_listed_and_the_rest_goes_in(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("A short title\n\nThe harbor office opened its gates again on Monday morning.\n")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "lines.jsonl").write_text('{"id": 1, "text": "Cranes stood still in the harbor."}\n{"id": 2\n')
    done = process("--archive", tmp_path / "archive", "index", tmp_path, tmp_path / "none.txt")
    assert done.code == 4
    assert "2 added" in done.out
    assert "3 failed" in done.out
    assert "empty.txt: is empty" in done.err
    assert "line 2 is not JSON" in done.err
    assert "none.txt" in done.err
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_standard_input(tmp_path: Path) -> None:
    done = process("--archive", tmp_path / "a", "index", "-", stdin=b'{"id": "x", "text": "Cranes stood still."}\n')
    assert (done.code, done.out[:19]) == (0, "1 document: 1 added")
    assert "Cranes" in process("--archive", tmp_path / "a", "query", "cranes").out


def test_archives_that_are_none(searchkit: Command, tmp_path: Path) -> None:
    done = searchkit("query", "x", archive=tmp_path / "none")
    assert done.code == 3
    assert "searchkit index PATH" in done.err
    (tmp_path / "letter.txt").write_text("x")
    assert searchkit("index", str(SEEDS), archive=tmp_path).code == 3
    (tmp_path / "archive.json").write_text('{"searchkit": 9, "engine": "whoosh:"}')
    newer = searchkit("status", archive=tmp_path)
    assert newer.code == 3
    assert "Upgrade" in newer.err


@pytest.mark.slow
def test_a_damaged_index_is_named_and_rebuilt(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    process("--archive", archive, "index", SEEDS / "yearless-day.txt")
    for path in (archive / "whoosh").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00" * 20)
    done = process("--archive", archive, "query", "port")
    assert done.code in {0, 3}
    assert "Traceback" not in done.err
    assert process("--archive", archive, "rebuild").code == 0
    assert process("--archive", archive, "query", "*", "--format", "ids").out.strip()


def test_inspect_stores_nothing(searchkit: Command, tmp_path: Path) -> None:
    path = str(SEEDS / "dispatch-xinjiang-rejects.txt")
    record = json.loads(searchkit("inspect", path, "--json", archive=tmp_path / "a").out)
    assert record["schema"] == "searchkit.inspect/1"
    assert record["statements"]
    assert not (tmp_path / "a").exists()
    for quote in record["statements"]:
        assert record["text"][quote["start"] : quote["end"]] == quote["text"]
    assert "Xu Guixiang" in searchkit("inspect", path).out


def test_help_lists_what_each_command_says_of_itself(searchkit: Command) -> None:
    result = searchkit("--help").out
    for name, line in COMMANDS.items():
        assert line in result
        command = main.get_command(click.Context(main), name)
        assert isinstance(command, click.Command)
        assert command.name == name
        assert searchkit(name, "--help").code == 0
    assert set(main.list_commands(click.Context(main))) == set(COMMANDS)


def test_quotes_is_an_alias_of_statements(searchkit: Command) -> None:
    assert searchkit("help", "quotes").out.partition("\n")[2] == searchkit("help", "statements").out.partition("\n")[2]
    for words in (["--help"], ["Tiandy", "-f", "ids"], ["--frob"]):
        assert searchkit("quotes", *words) == searchkit("statements", *words)


def test_a_command_that_is_none_is_explained(searchkit: Command) -> None:
    done = searchkit("qeury", "x")
    assert done.code == 2
    assert 'Did you mean "query"?' in done.err
    assert 'searchkit query "Tiandy"' in searchkit("Tiandy").err


def test_version(searchkit: Command) -> None:
    assert searchkit("--version").out.startswith("searchkit ")


def _imported(*arguments: str) -> set[str]:
    script = (
        "import sys\n"
        "from searchkit.cli import run\n"
        "try:\n    run(sys.argv[1:])\n"
        "except SystemExit:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] if not name.startswith("searchkit") else name for name in done.stderr.split()}


@pytest.mark.slow
def test_a_query_that_names_a_saved_search_imports_no_sink_and_no_crawler(searchkit: Command, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    assert searchkit("index", "-q", str(SEEDS / "yearless-day.txt"), archive=folder).code == 0
    sink = "webhook:https://hooks.ledger.example/x"
    assert searchkit("saved", "add", "one", "Tiandy", "--sink", sink, archive=folder).code == 0
    loaded = _imported("--archive", str(folder), "query", "saved:one", "--json")
    assert "searchkit.alerts.folder" in loaded
    assert not {name for name in loaded if name.startswith(("searchkit.parse", "searchkit.crawl", "searchkit.ingest"))}
    assert not loaded & {"rich", "email", "mailbox", "subprocess", "urllib3", "xml"}


@pytest.mark.slow
@pytest.mark.parametrize("hostile", ["\x1b[2Jgone", "\u202eevil", "\x9b31m"])
def test_hostile_text_never_reaches_the_terminal(tmp_path: Path, hostile: str) -> None:
    record = {"id": hostile, "title": f"T {hostile}", "text": f"Cranes {hostile} stood.", "outlet": hostile}
    archive = tmp_path / "a"
    process("--archive", archive, "index", "-", stdin=(json.dumps(record) + "\n{" + hostile).encode())
    ids = process("--archive", archive, "query", "*", "--format", "ids").out.strip()
    for arguments in (
        ["query", "cranes"],
        ["query", "cranes", "--format", "csv"],
        ["show", ids],
        ["query", f'"{hostile}'],
    ):
        done = process("--archive", archive, *arguments, FORCE_COLOR="")
        assert not {"\x1b", "\u202e", "\x9b"} & set(done.out + done.err), arguments


@pytest.mark.slow
def test_output_that_cannot_be_written(seeded: Path) -> None:
    command = [sys.executable, "-m", "searchkit", "--archive", str(seeded), "query", "Tiandy"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 75
    assert b"No space left" in done.stderr


def test_a_quoted_query_may_begin_with_a_minus(searchkit: Command) -> None:
    assert searchkit("query", "-speaker:*", "--format", "ids").code == 0
    assert searchkit("query", "-European Tiandy", "--format", "ids").code == 0


def test_without_a_command_help_is_shown(searchkit: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run([])
    assert capsys.readouterr().err.startswith("Usage: searchkit")


@pytest.mark.slow
def test_thousands_of_statements_are_drawn(tmp_path: Path) -> None:
    sentence = 'The office said that "it was so" and left Nadia Korbel. '
    (tmp_path / "long.txt").write_text("A title\n\n" + sentence * 4000)
    assert "[4000: " in process("inspect", tmp_path / "long.txt").out


# Prints the priority that a command leaves its process with.
_RUN = """
import atexit, os, sys
atexit.register(lambda: print(os.getpriority(os.PRIO_PROCESS, 0)))
sys.argv[0] = "searchkit"
from searchkit.cli import run
run()
"""


def _priority_after(*arguments: str) -> int:
    command = [sys.executable, "-c", _RUN, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


@pytest.mark.slow
def test_a_command_that_writes_lowers_its_priority_and_others_do_not(tmp_path: Path) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    (tmp_path / "a.txt").write_text("The crane stands.\n", encoding="utf-8")
    archive = ("--archive", str(tmp_path / "archive"))
    assert _priority_after(*archive, "index", "-q", "--workers", "1", str(tmp_path / "a.txt")) == max(
        LOW_PRIORITY, before
    )
    assert _priority_after(*archive, "status") == before


def test_a_process_that_goes_on_keeps_its_priority(tmp_path: Path, searchkit: Command) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    (tmp_path / "a.txt").write_text("The crane stands.\n", encoding="utf-8")
    done = searchkit("index", "-q", "--workers", "1", str(tmp_path / "a.txt"), archive=tmp_path / "archive")
    assert (done.code, os.getpriority(os.PRIO_PROCESS, 0)) == (0, before)
