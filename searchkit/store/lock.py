"""One writer at a time: an OS lock on a file that is never deleted, because deleting it would let in a second writer.

The lock ends with its holder, so there are no stale locks. The file names the holder and is empty otherwise.
"""

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from searchkit.errors import ArchiveLocked
from searchkit.files import storage_errors
from searchkit.statements.text import redacted

_POLL_SECONDS = 0.1


@contextmanager
def exclusive(path: Path, *, wait: float = 0.0, called: str = "") -> Iterator[None]:
    """Hold the lock file `path` for the block. It names the holder as `called`, by default its command line.

    Waits up to `wait` seconds for another holder; then raises ArchiveLocked, which names it. Raises ArchiveError if the
    file cannot be created, StorageFull if there is no room for it.
    """
    with storage_errors(path.parent):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(descriptor, path, wait)
        with suppress(OSError):  # on a full disk, the lock holds without a name
            since = datetime.now(UTC).isoformat(timespec="seconds")
            holder = {"pid": os.getpid(), "host": os.uname().nodename, "since": since}
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({**holder, "command": called or command_line()}).encode(), 0)
        try:
            yield
        finally:
            with suppress(OSError):  # the command may name a document to forget
                os.ftruncate(descriptor, 0)
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a process that another thread is starting may have a copy of it
    finally:
        os.close(descriptor)


def command_line() -> str:
    """Return the command line of this process, without what may be secret."""
    return redacted(" ".join([Path(sys.argv[0]).name, *sys.argv[1:]]))[:200]


def _acquire(descriptor: int, path: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise ArchiveLocked(
                    f"The archive {path.parent} is being written by {_holder(descriptor)}.",
                    hint="Try again later, or wait for it with --wait SECONDS.",
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {holder['pid']} on {holder['host']} since {holder['since']} ({holder['command']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
