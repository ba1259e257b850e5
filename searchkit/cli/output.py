"""Write results: lines for a terminal, a pager or a pipe, JSON, CSV, files that are complete; draw progress bars.

Document text is hostile: `visible` escapes it for a terminal, `csv_lines` (export/tables.py) for a spreadsheet,
`write_json` for JSON. `redacted` removes secrets from addresses.
"""

import errno
import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Self, TextIO

import click
from msgspec import Struct

from searchkit.errors import StorageFull, UsageError
from searchkit.export.tables import csv_lines
from searchkit.statements.text import one_line, redacted, safe_json, visible

if TYPE_CHECKING:
    from rich.progress import Progress

# The indent and number of a line; its continuation lines are indented as far.
_HANGING = re.compile(r" {0,20}(?:\d{1,6}\. )?")
# -F: quit if the output fits on the screen; -R: colors; -X: keep the output on the screen.
_LESS = "-FRX"
# Work that takes less time shows no bar.
_DELAY_SECONDS = 0.7
_SECONDS_BETWEEN_UPDATES = 0.1

Segment = tuple[str, str]
"""A piece of text and its style (the name of a rich style, empty for none)."""


def has_color(stream: IO[str]) -> bool:
    """Return whether to color `stream`: by `--color`, else NO_COLOR, FORCE_COLOR, or whether it is a terminal."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is not None:
        return context.color
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def write_json(value: Mapping[str, Any] | Struct, *, indent: bool = True) -> None:
    """Print a JSON value; characters that control a terminal are written as escapes."""
    encoding = (sys.stdout.encoding or "utf-8").lower().replace("-", "")
    ascii_only = not encoding.startswith(("utf8", "utf16", "utf32"))
    _write(safe_json(value, indent=2 if indent else None, ascii_only=ascii_only))


def write_csv(
    rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, delimiter: str = ",", bom: bool = False
) -> None:
    """Print rows as `csv_lines`, each as soon as it comes."""
    if bom and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    for line in csv_lines(rows, columns, delimiter=delimiter, bom=bom):
        _write(line)


def write_texts(texts: Iterable[str]) -> None:
    """Print texts line by line, escaped."""
    for text in texts:
        _write(visible(text))


def is_closed(stream: TextIO) -> bool:
    """Return whether the caller closed this stream, so that os.devnull replaces it."""
    return getattr(stream, "name", None) == os.devnull


def write_lines(lines: Iterable[Sequence[Segment]]) -> None:
    """Print lines of styled segments: wrapped and colored for a terminal, plain for a pipe.

    This function escapes the segments; callers pass document text unchanged.
    """
    if not sys.stdout.isatty() and not has_color(sys.stdout):
        for line in lines:
            _write("".join(visible(text) for text, _ in line))
        return
    from rich.console import Console
    from rich.text import Text

    class Quiet(Console):
        """Raise when the reader has closed the pipe; rich would exit with 1, which means "no hits" here."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    # Set everything that has_color decides: rich would read an empty FORCE_COLOR as "no terminal".
    console = Quiet(
        highlight=False,
        emoji=False,
        markup=False,
        force_terminal=True,
        no_color=False,
        color_system="standard" if has_color(sys.stdout) else None,
    )
    for line in lines:
        text = Text()
        for part, style in line:
            text.append(visible(part), style=style)
        hanging = _HANGING.match(text.plain)
        indent = len(hanging.group()) if hanging else 0
        for number, row in enumerate(text.wrap(console, max(20, console.width - indent))):
            if number:
                row.pad_left(indent)
            console.print(row, soft_wrap=True)


def _write(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def say(text: str) -> None:
    """Print a line on standard error, escaped and without the secrets of addresses."""
    sys.stderr.write(visible(redacted(text)).encode("utf-8", "backslashreplace").decode() + "\n")


def say_note(text: str) -> None:
    """Print a note of one line on standard error."""
    say(f"note: {one_line(text)}")


def say_notes(texts: Iterable[str]) -> None:
    """Print notes of one line each on standard error."""
    for text in texts:
        say_note(text)


# --- files ------------------------------------------------------------------------------------------------------------


def opened_input(path: str) -> AbstractContextManager[BinaryIO]:
    """Open a file, or standard input ("-"). Raise UsageError if it cannot be read."""
    try:
        return nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{one_line(path)}: {getattr(error, 'strerror', None) or error}.",
            hint="Name a file, or - for standard input.",
        ) from error


Write = Callable[[str], object]
"""Writes a line in UTF-8 and a line feed."""


@contextmanager
def written_to(path: str, *, force: bool = False) -> Iterator[Write]:
    """Yield a function that writes a line to standard output ("-") or to a file that appears when the block succeeds.

    Raise UsageError if `path` exists, unless `force`, if it is not a file, or if it cannot be written; StorageFull if
    the disk is full.
    """
    if path == "-":
        if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the encoding of the terminal
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
        yield lambda line: sys.stdout.write(f"{line}\n")
        return
    with (
        unfinished(path, force=force) as part,
        part.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as stream,
    ):
        yield lambda line: stream.write(f"{line}\n")
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def unfinished(path: str, *, force: bool = False) -> Iterator[Path]:
    """Yield the path of a file to create, which becomes `path` when the block succeeds. Errors as `written_to`."""
    written = Path(path)
    try:
        if written.exists() and not written.is_file():
            raise UsageError(f"{written} is not a file.", hint="Name a file, or omit --output for standard output.")
        if written.exists() and not force:
            raise UsageError(f"{written} already exists.", hint="To replace it, use --force.")
        target = Path(os.path.realpath(written))  # a link stays one
        if target.is_symlink():
            raise UsageError(f"{path} cannot be written: its links lead in a circle.")
        part = target.with_name(f".{target.name[:60]}.{os.getpid()}.part")
        try:
            yield part
            if target.exists() and not force:  # it may have been created since
                raise UsageError(f"{target} already exists.", hint="To replace it, use --force.")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull(f"No space left to write {written}.", hint="Free some space.") from error
        raise UsageError(f"{written} cannot be written: {error.strerror or error}.") from error


# --- the pager --------------------------------------------------------------------------------------------------------


@contextmanager
def paged(*, wanted: bool = True) -> Iterator[None]:
    """Send standard output to SEARCHKIT_PAGER or PAGER, by default less, if it is a terminal and a pager is `wanted`.

    If the user quits the pager early, further output is dropped and the block ends quietly.
    """
    pager = os.environ.get("SEARCHKIT_PAGER", os.environ.get("PAGER", "less"))
    if not wanted or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb" or not _is_pager(pager):
        yield
        return
    os.environ |= {"PAGER": pager, "LESS": os.environ.get("LESS", _LESS)}
    with click.get_pager_file(color=True) as file, redirect_stdout(file):
        file.isatty = lambda: True  # type: ignore[method-assign]
        yield


def _is_pager(command: str) -> bool:
    import shlex  # most answers go to a pipe

    try:
        return shlex.split(command) not in ([], ["cat"])
    except ValueError:  # unbalanced quotation marks
        return False


# --- progress bars on standard error ----------------------------------------------------------------------------------


@contextmanager
def progress_bar(what: str, *, first: str = "") -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar once the work takes longer than a moment; yield a callback (done, total), or None without a terminal.

    The bar shows `first`, by default `what`, until the callback is first called.
    """
    with _Bar(first or what) if sys.stderr.isatty() else nullcontext() as bar:
        yield None if bar is None else lambda done, total: bar.update(done, total, what)


@contextmanager
def source_progress_bar() -> Iterator[Callable[[str, int], None] | None]:
    """Show a bar for a run over sources; yield a callback (name of the source, resources so far), or None."""
    with _Bar("Reading") if sys.stderr.isatty() else nullcontext() as bar:
        yield None if bar is None else lambda source, done: bar.update(done, 0, f"Reading {one_line(source)}".rstrip())


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
        if now - self._counted < _SECONDS_BETWEEN_UPDATES:
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
