"""Progress bars on standard error, if it is a terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from searchkit.cli.output import is_terminal, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

# Work that takes less time shows no bar.
_DELAY_SECONDS = 0.7
_SECONDS_BETWEEN_UPDATES = 0.1


@contextmanager
def progress_bar(what: str, *, first: str = "") -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar once the work takes longer than a moment; yield a callback (done, total), or None without a terminal.

    The bar shows `first`, by default `what`, until the callback is first called.
    """
    if not is_terminal(sys.stderr):
        yield None
        return
    with _Bar(first or what) as bar:
        yield lambda done, total: bar.update(done, total, what)


@contextmanager
def source_progress_bar() -> Iterator[Callable[[str, int], None] | None]:
    """Show a bar for a run over sources; yield a callback (name of the source, resources so far), or None."""
    if not is_terminal(sys.stderr):
        yield None
        return
    with _Bar("Reading") as bar:
        yield lambda source, done: bar.update(done, 0, f"Reading {one_line(source)}".rstrip())


class _Bar:
    """A progress bar that a rich thread draws after a delay, until the `with` block ends."""

    def __init__(self, what: str) -> None:
        import threading

        self._what = what
        self._started = time.monotonic()
        self._counted = 0.0
        self._progress: Progress | None = None
        self._stream = sys.stderr  # the thread must not use a later one
        self._drawing = threading.Lock()
        self._timer = threading.Timer(_DELAY_SECONDS, self._draw)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def update(self, done: int, total: int, what: str) -> None:
        """Show `what` with `done` of `total` (0: unknown)."""
        if self._progress is None:
            return
        now, task = time.monotonic(), self._progress.tasks[0]
        if now - self._counted < _SECONDS_BETWEEN_UPDATES and (task.total is None) == (not total):
            return
        self._counted = now
        rate = done / (now - self._started)
        task.total = total or None  # `update` cannot reset it to None
        self._progress.update(task.id, completed=done, description=f"{what} {done:,} ({rate:,.0f}/s)")

    def _draw(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        with self._drawing:
            if self._timer.finished.is_set():  # the block has ended
                return
            progress = Progress(console=Console(file=self._stream), transient=True)
            progress.start()
            progress.add_task(self._what, total=None)
            self._progress = progress

    def __exit__(self, *exc: object) -> None:
        """Remove the bar."""
        self._timer.cancel()
        with self._drawing:
            if self._progress is not None:
                self._progress.stop()
