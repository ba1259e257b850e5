"""Long answers go through a pager, and long work shows how far it is, on a terminal alone."""

import io
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from searchkit.cli.output import paged, progress_bar, source_progress_bar
from tests.cli.conftest import Command
from tests.cli.terminal import Terminal, on_a_terminal, terminal

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def test_streams_that_are_no_terminal_are_left_alone() -> None:
    stream = io.StringIO()
    with redirect_stdout(stream), paged():
        print("whole")  # noqa: T201 - what is printed is the subject
    assert stream.getvalue() == "whole\n"
    with terminal() as screen, paged():
        print("whole")  # noqa: T201 - as above
    assert screen.getvalue() == "whole\n"


def _script(path: Path, program: str) -> str:
    path.write_text(f"#!{sys.executable}\n{program}\n")
    path.chmod(0o755)
    return str(path)


READS_ALL = (
    "import os, sys\nfor line in sys.stdin: print('|', line, end='')\nprint('LESS=' + os.environ.get('LESS', ''))"
)
READS_A_LINE = "import sys\nprint('|', sys.stdin.readline(), end='')"


@pytest.mark.slow
def test_an_answer_goes_through_the_pager(seeded: Path, tmp_path: Path, searchkit: Command) -> None:
    pager = _script(tmp_path / "pager", READS_ALL)
    code, shown, messages = on_a_terminal(
        "query", "Tiandy", "-v", archive=seeded, environment={"SEARCHKIT_PAGER": pager}
    )
    assert (code, messages.startswith("read as: Tiandy (")) == (0, True)
    lines = shown.splitlines()
    assert lines[0] == "| 1. Tiandy stays on U.S. list, distributor drops appeal plan"
    assert lines[-2:] == ["| 9 documents (10 with duplicates)", "LESS=-FRX"]
    for arguments in (["show", str(SEEDS / "courier-meridian-optics.html")], ["statements", "Tiandy"]):
        _, shown, _ = on_a_terminal(*arguments, archive=seeded, environment={"PAGER": pager})
        assert shown.startswith("| ")
        _, shown, _ = on_a_terminal(*arguments, "--no-pager", archive=seeded, environment={"PAGER": pager})
        assert "| " not in shown
    for form in ("json", "csv", "ids", "jsonl"):
        _, shown, _ = on_a_terminal("query", "Tiandy", "-f", form, archive=seeded, environment={"PAGER": pager})
        assert "LESS=" not in shown
    _, shown, _ = on_a_terminal("query", "Tiandy", archive=seeded, environment={"PAGER": pager, "TERM": "dumb"})
    assert "LESS=" not in shown


@pytest.mark.slow
def test_the_users_own_options_of_less_are_kept(seeded: Path, tmp_path: Path) -> None:
    pager = _script(tmp_path / "pager", READS_ALL)
    _, shown, _ = on_a_terminal("query", "Tiandy", archive=seeded, environment={"PAGER": pager, "LESS": "S"})
    assert shown.splitlines()[-1] == "LESS=S"


@pytest.mark.slow
def test_a_pager_that_is_left_early_ends_quietly(seeded: Path, tmp_path: Path) -> None:
    pager = _script(tmp_path / "pager", READS_A_LINE)
    code, shown, messages = on_a_terminal(
        "statements", "*", "-n", "500", archive=seeded, environment={"SEARCHKIT_PAGER": pager}
    )
    assert (code, messages) == (0, "")
    assert shown.startswith("| 1. ")
    assert len(shown.splitlines()) == 1


@pytest.mark.slow
def test_no_hits_stay_no_hits_behind_a_pager(seeded: Path, tmp_path: Path) -> None:
    pager = _script(tmp_path / "pager", READS_A_LINE)
    code, shown, _ = on_a_terminal("query", "zzzz", "-e", archive=seeded, environment={"PAGER": pager})
    assert (code, shown) == (1, "| No document matches zzzz\n")


@pytest.mark.slow
@pytest.mark.parametrize("pager", ["/nowhere/pager -x", "/", "", "cat", "less 'x"])
def test_an_answer_without_a_pager_is_printed(seeded: Path, pager: str) -> None:
    code, shown, messages = on_a_terminal("query", "Tiandy", "-n", "1", archive=seeded, environment={"PAGER": pager})
    assert (code, messages) == (0, "")
    assert "9 documents (10 with duplicates), 1 to 1 shown" in shown


@pytest.mark.slow
def test_color_reaches_the_pager_and_a_terminal_can_be_kept_from_it(seeded: Path, tmp_path: Path) -> None:
    pager = _script(tmp_path / "pager", READS_ALL)
    colored = {"NO_COLOR": "", "PAGER": pager}
    assert "\x1b[1m" in on_a_terminal("query", "Tiandy", archive=seeded, environment=colored)[1]
    assert "\x1b" not in on_a_terminal("query", "Tiandy", "--color", "never", archive=seeded, environment=colored)[1]
    assert "\x1b[1m" in on_a_terminal("query", "Tiandy", "--color=always", archive=seeded)[1]


def test_nobody_watches_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Indexing") as progress:
        assert progress is None
    assert capsys.readouterr().err == ""


def test_quick_work_shows_nothing() -> None:
    screen = Terminal()
    with redirect_stderr(screen), progress_bar("Indexing") as progress:
        assert progress is not None
        for done in range(100):
            progress(done, 100)
    assert screen.getvalue() == ""


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal with colors."""
    for name, value in {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    return Terminal()


@pytest.mark.slow
def test_longer_work_is_counted_and_the_bar_taken_away(screen: Terminal) -> None:
    with redirect_stderr(screen), progress_bar("Rebuilding") as progress:
        assert progress is not None
        done = 0
        while "/s)" not in screen.getvalue():
            done += 1
            progress(done, 0)
    shown = screen.getvalue()
    assert "Rebuilding" in shown
    assert shown.endswith("\x1b[2K")  # the line is erased


def test_longer_work_that_counts_nothing_is_shown_too(screen: Terminal) -> None:
    with redirect_stderr(screen), progress_bar("Updating the index", first="Searching"):
        while "Searching" not in screen.getvalue():
            time.sleep(0.01)
    shown = screen.getvalue()
    assert "Updating" not in shown
    assert shown.endswith("\x1b[2K")


@pytest.mark.slow
def test_a_fault_in_the_work_takes_the_bar_away(screen: Terminal) -> None:
    with pytest.raises(ValueError, match="a fault"), redirect_stderr(screen), source_progress_bar() as watch:
        assert watch is not None
        while "Reading ledger" not in screen.getvalue():
            watch("ledger", 3)
        raise ValueError("a fault")
    assert screen.getvalue().endswith("\x1b[2K")
