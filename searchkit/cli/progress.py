"""Progress for whoever waits at a terminal: on standard error, and never in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from searchkit.cli.output import is_terminal, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

# A person starts to wonder after about a second; faster work shows nothing.
_PATIENCE_SECONDS = 0.7


@contextmanager
def building(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A callback (done, total) that draws a bar once the work takes longer than a moment; None when nobody watches."""
    if not is_terminal(sys.stderr):
        yield None
        return
    bar = _Bar(what)
    try:
        yield bar.update
    finally:
        bar.close()


@contextmanager
def watching() -> Iterator[Callable[[str, int], None] | None]:
    """As `building`, for a run over sources: a callback (name of the source, resources so far)."""
    if not is_terminal(sys.stderr):
        yield None
        return
    bar = _Bar("Taking in")
    try:
        yield lambda source, done: bar.update(done, 0, f"Taking in {one_line(source)}".rstrip())
    finally:
        bar.close()


class _Bar:
    def __init__(self, what: str) -> None:
        self._what = what
        self._started = time.monotonic()
        self._drawn = 0.0
        self._progress: Progress | None = None

    def update(self, done: int, total: int, what: str = "") -> None:
        """Show `done` of `total` (0: unknown); `what` is done, if not what was said at first."""
        now = time.monotonic()
        if now - self._started < _PATIENCE_SECONDS or now - self._drawn < 0.1:
            return
        self._drawn = now
        if self._progress is None:
            from rich.console import Console
            from rich.progress import Progress

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
            self._progress.add_task(self._what, total=total or None)
        task = self._progress.tasks[0].id
        rate = done / (now - self._started)
        described = f"{what or self._what} {done:,} ({rate:,.0f}/s)"
        self._progress.update(task, completed=done, total=total or None, description=described)

    def close(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
