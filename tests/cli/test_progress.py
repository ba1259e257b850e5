"""Progress is for whoever waits at a terminal."""

import time
from contextlib import redirect_stderr

import pytest

from searchkit.cli.output import progress_bar, source_progress_bar
from tests.cli.terminal import Terminal


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


@pytest.mark.slow
def test_what_is_left_at_the_end_and_counts_nothing_moves_all_the_same(screen: Terminal) -> None:
    with redirect_stderr(screen), progress_bar("Rebuilding") as progress:
        assert progress is not None
        while "100%" not in screen.getvalue():
            progress(7, 7)
        progress(7, 0)
        shown = len(screen.getvalue())
        while "Rebuilding 7" not in screen.getvalue()[shown:]:
            time.sleep(0.01)
        shown = screen.getvalue().rindex("Rebuilding 7")
        assert "100%" not in screen.getvalue()[shown:]


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
