"""Progress for whoever waits at a terminal: on standard error, and never in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from searchkit.cli.output import is_terminal, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

# A person starts to wonder after about a second; faster work shows nothing.
_PATIENCE_SECONDS = 0.7
_BETWEEN_COUNTS = 0.1


@contextmanager
def building(what: str, *, meanwhile: str = "") -> Iterator[Callable[[int, int], None] | None]:
    """A callback (done, total) that draws a bar once the work takes longer than a moment; None when nobody watches.

    `meanwhile` is what is done until something is counted, by default `what`: work that counts nothing, or waits for
    one long step, is shown as well.
    """
    if not is_terminal(sys.stderr):
        yield None
        return
    with _Bar(meanwhile or what) as bar:
        yield lambda done, total: bar.update(done, total, what)


@contextmanager
def watching() -> Iterator[Callable[[str, int], None] | None]:
    """As `building`, for a run over sources: a callback (name of the source, resources so far)."""
    if not is_terminal(sys.stderr):
        yield None
        return
    with _Bar("Taking in") as bar:
        yield lambda source, done: bar.update(done, 0, f"Taking in {one_line(source)}".rstrip())


class _Bar:
    """A line that comes by itself after a moment and is drawn anew by rich, in a thread, until it is taken away."""

    def __init__(self, what: str) -> None:
        import threading

        self._what = what
        self._started = time.monotonic()
        self._counted = 0.0
        self._progress: Progress | None = None
        self._stream = sys.stderr  # as it is now: the thread must not find another
        self._drawing = threading.Lock()
        self._timer = threading.Timer(_PATIENCE_SECONDS, self._draw)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def update(self, done: int, total: int, what: str) -> None:
        """Show `done` of `total` (0: unknown) of `what`."""
        if self._progress is None:
            return
        now, task = time.monotonic(), self._progress.tasks[0]
        if now - self._counted < _BETWEEN_COUNTS and (task.total is None) == (not total):
            return
        self._counted = now
        rate = done / (now - self._started)
        task.total = total or None  # which `update` could not take back
        self._progress.update(task.id, completed=done, description=f"{what} {done:,} ({rate:,.0f}/s)")

    def _draw(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        with self._drawing:
            if self._timer.finished.is_set():  # taken away meanwhile
                return
            progress = Progress(console=Console(file=self._stream), transient=True)
            progress.start()
            progress.add_task(self._what, total=None)
            self._progress = progress

    def __exit__(self, *exc: object) -> None:
        """Take the line away."""
        self._timer.cancel()
        with self._drawing:
            if self._progress is not None:
                self._progress.stop()
