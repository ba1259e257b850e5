"""A standard output of the test's own choosing: one that says it is a terminal, and one that is."""

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path


class Terminal(io.StringIO):
    """A stream that says a person reads it."""

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal() -> Iterator[Terminal]:
    """What is printed meanwhile goes to a terminal, which is given."""
    screen = Terminal()
    with redirect_stdout(screen):
        yield screen


def on_a_terminal(
    *arguments: str, archive: Path, environment: Mapping[str, str] | None = None, keys: bytes = b"", rows: int = 24
) -> tuple[int, str, str]:
    """Run the command in a process whose standard input and output are a real terminal, on which `keys` are typed.

    Returns its exit code, what stands on the terminal, and its standard error.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    plain = {"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "", "PATH": os.environ["PATH"], "COLUMNS": "80"}
    process = subprocess.Popen(
        [sys.executable, "-m", "searchkit", "--archive", str(archive), *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, "PAGER": "cat", **plain, **(environment or {})},
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, keys)
    shown = bytearray()
    # The other end is gone when the process and all it started are: Linux tells that by an error.
    with suppress(OSError):
        while part := os.read(ours, 65_536):
            shown += part
    os.close(ours)
    _, complaints = process.communicate(timeout=60)
    return process.returncode, shown.decode(errors="replace").replace("\r\n", "\n"), complaints.decode()
