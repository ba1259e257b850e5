"""Write an export to standard output, or to a file that appears only when it is complete."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from searchkit.errors import StorageFull, UsageError

Write = Callable[[str], None]
"""Writes one line, in UTF-8, with a line feed behind it."""

_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def written_to(path: str, *, force: bool = False) -> Iterator[Write]:
    """What is written goes to the file at `path` once the `with` block is left without an error; "-": standard output.

    UsageError when the file is there already, unless `force`; when what is there is no file; when it cannot be written.
    StorageFull when there is no room.
    """
    if path == "-":
        yield _to_standard_output()
        return
    target = _target(Path(path), force=force)
    beside = target.with_name(f".{target.name[:60]}.{os.getpid()}.part")
    stream = _new(beside, target)
    try:
        yield _to(stream, target)
        with _translated(target):
            stream.flush()
            os.fsync(stream.fileno())
            _put(beside, target, force=force)
    finally:
        with suppress(OSError):  # a write error was already raised
            stream.close()
        beside.unlink(missing_ok=True)


def _to_standard_output() -> Write:
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):  # whatever the terminal speaks: these forms are UTF-8
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")

    def write(line: str) -> None:
        stream.write(f"{line}\n")

    return write


def _target(path: Path, *, force: bool) -> Path:
    """Where to write: what `path` leads to. UsageError when that must not be."""
    try:
        target = path.resolve()
        there, is_file = os.path.lexists(target), target.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in it, links in a circle
        raise UsageError(f"{path} cannot be written: {error}.") from error
    if there and not is_file:
        raise UsageError(f"{path} is not a file.", hint="Name a file, or omit --output for standard output.")
    if there and not force:
        raise UsageError(f"{path} already exists.", hint="To replace it, use --force.")
    return target


def _new(beside: Path, target: Path) -> BinaryIO:
    with _translated(target):
        return os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb")


def _to(stream: BinaryIO, target: Path) -> Write:
    def write(line: str) -> None:
        with _translated(target):
            stream.write(line.encode("utf-8", "backslashreplace") + b"\n")

    return write


def _put(beside: Path, target: Path, *, force: bool) -> None:
    """Rename the file, but do not replace a file that was created during the export."""
    if force:
        beside.replace(target)
        return
    try:
        os.link(beside, target)
    except FileExistsError:
        raise UsageError(f"{target} already exists.", hint="To replace it, use --force.") from None
    except OSError:  # a file system without links
        if target.exists():
            raise
        beside.replace(target)


@contextmanager
def _translated(target: Path) -> Iterator[None]:
    """What the system cannot do with a file, in one line."""
    try:
        yield
    except OSError as error:
        if error.errno in _ROOM:
            raise StorageFull(f"No space left to write {target}.", hint="Free some space.") from error
        raise UsageError(f"{target} cannot be written: {error.strerror or error}.") from error
