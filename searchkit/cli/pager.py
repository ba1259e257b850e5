"""Show long answers on a terminal in a pager, like git."""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from searchkit.cli.output import is_terminal, say

if TYPE_CHECKING:  # most answers go to a pipe, or fit
    import subprocess

# -F: quit if the output fits on the screen; -R: colors; -X: keep the output on the screen.
_LESS = "FRX"


def pager_command(environment: Mapping[str, str]) -> list[str]:
    """Return the pager of SEARCHKIT_PAGER or PAGER, by default less; empty for none ("" or cat)."""
    import shlex
    import shutil

    written = environment.get("SEARCHKIT_PAGER", environment.get("PAGER"))
    if written is None:
        return ["less"] if shutil.which("less") else []
    try:
        command = shlex.split(written)
    except ValueError:
        say(f"note: invalid pager {written!r}: unbalanced quotes.")
        return []
    return [] if command == ["cat"] else command


@contextmanager
def paged(*, wanted: bool = True) -> Iterator[None]:
    """Send standard output to the pager if it is a terminal and a pager is `wanted`.

    If the user quits the pager early, further output is dropped and the block ends quietly.
    """
    process = _started() if wanted else None
    if process is None or process.stdin is None:
        yield
        return
    printed, sys.stdout = sys.stdout, _ToPager(process.stdin, encoding=sys.stdout.encoding, errors="backslashreplace")
    try:
        with suppress(BrokenPipeError):
            yield
            sys.stdout.flush()
    finally:
        page, sys.stdout = sys.stdout, printed
        with suppress(BrokenPipeError):
            page.close()
        _wait(process)


class _ToPager(io.TextIOWrapper):
    """A pipe that counts as a terminal."""

    def isatty(self) -> bool:
        return True


def _started() -> "subprocess.Popen[bytes] | None":
    if not is_terminal(sys.stdout) or os.environ.get("TERM") == "dumb":
        return None
    try:
        sys.stdout.fileno()
    except (OSError, ValueError):
        return None  # a stream without a file descriptor
    command = pager_command(os.environ)
    if not command:
        return None
    import subprocess

    sys.stdout.flush()
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, env={"LESS": _LESS, **os.environ})
    except OSError as error:
        say(f"note: cannot run the pager {command[0]}: {error.strerror}.")
        return None


def _wait(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the user quits the pager; the pager handles Ctrl-C."""
    while True:
        with suppress(KeyboardInterrupt):
            process.wait()
            return
