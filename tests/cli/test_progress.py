"""Progress is for whoever waits at a terminal."""

from contextlib import redirect_stderr

import pytest

from searchkit.cli.progress import building
from tests.cli.terminal import Terminal


def test_nobody_watches_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with building("Indexing") as progress:
        assert progress is None
    assert capsys.readouterr().err == ""


def test_quick_work_shows_nothing() -> None:
    screen = Terminal()
    with redirect_stderr(screen), building("Indexing") as progress:
        assert progress is not None
        for done in range(100):
            progress(done, 100)
    assert screen.getvalue() == ""


def test_longer_work_is_counted_and_the_bar_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    screen = Terminal()
    with redirect_stderr(screen), building("Rebuilding") as progress:
        assert progress is not None
        done = 0
        while "Rebuilding" not in screen.getvalue():
            done += 1
            progress(done, 0)
    shown = screen.getvalue()
    assert "/s)" in shown
    assert shown.endswith("\x1b[2K")  # the line is erased
