"""Write an export to standard output, or to a file that appears only when it is complete."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from searchkit.errors import StorageFull, UsageError

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
    target = _target(Path(path), force=force)
    part = target.with_name(f".{target.name[:60]}.{os.getpid()}.part")
    with _translated(target):
        stream = part.open("x", encoding="utf-8", errors="backslashreplace", newline="\n")

    def write(line: str) -> None:
        with _translated(target):
            stream.write(f"{line}\n")

    try:
        yield write
        with _translated(target):
            stream.flush()
            os.fsync(stream.fileno())
            _put(part, target, force=force)
    finally:
        with suppress(OSError):  # a write error was already raised
            stream.close()
        part.unlink(missing_ok=True)


def _target(path: Path, *, force: bool) -> Path:
    """Return the file that `path` leads to. Raise UsageError if it must not be written."""
    try:
        target = path.resolve()
        exists, is_file = os.path.lexists(target), target.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in it, links in a circle
        raise UsageError(f"{path} cannot be written: {error}.") from error
    if exists and not is_file:
        raise UsageError(f"{path} is not a file.", hint="Name a file, or omit --output for standard output.")
    if exists and not force:
        raise UsageError(f"{path} already exists.", hint="To replace it, use --force.")
    return target


def _put(part: Path, target: Path, *, force: bool) -> None:
    """Rename the file, but do not replace a file that was created during the export."""
    if force:
        part.replace(target)
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise UsageError(f"{target} already exists.", hint="To replace it, use --force.") from None
    except OSError:  # a file system without links
        if target.exists():
            raise
        part.replace(target)


@contextmanager
def _translated(target: Path) -> Iterator[None]:
    """Raise errors of the system as errors of ours."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull(f"No space left to write {target}.", hint="Free some space.") from error
        raise UsageError(f"{target} cannot be written: {error.strerror or error}.") from error
