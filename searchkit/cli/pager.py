"""Long answers on a terminal go through a pager, as git's do."""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from searchkit.cli.output import is_terminal, say

if TYPE_CHECKING:  # most answers go to a pipe, or fit
    import subprocess

# -F: what fits the screen is printed and that is all; -R: colors; -X: the screen is left as it is.
_LESS = "FRX"


def pager_command(environment: Mapping[str, str]) -> list[str]:
    """The pager that SEARCHKIT_PAGER, else PAGER names, by default less; empty for none ("" or cat)."""
    import shlex
    import shutil

    written = environment.get("SEARCHKIT_PAGER", environment.get("PAGER"))
    if written is None:
        return ["less"] if shutil.which("less") else []
    try:
        command = shlex.split(written)
    except ValueError:
        say(f"note: the pager {written!r} cannot be read: its quotation marks do not pair.")
        return []
    return [] if command == ["cat"] else command


@contextmanager
def paged(*, wanted: bool = True) -> Iterator[None]:
    """What is printed meanwhile goes through the pager, where a person reads it on a terminal and one is `wanted`.

    When the pager is left early, what is printed after that is dropped, and the block ends quietly.
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
    """A pipe with a person at its end."""

    def isatty(self) -> bool:
        return True


def _started() -> "subprocess.Popen[bytes] | None":
    if not is_terminal(sys.stdout) or os.environ.get("TERM") == "dumb":
        return None
    try:
        sys.stdout.fileno()
    except (OSError, ValueError):
        return None  # a stream of a caller in this process, which no pager can write to
    command = pager_command(os.environ)
    if not command:
        return None
    import subprocess

    sys.stdout.flush()
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, env={"LESS": _LESS, **os.environ})
    except OSError as error:
        say(f"note: the pager {command[0]} cannot be run: {error.strerror}.")
        return None


def _wait(process: "subprocess.Popen[bytes]") -> None:
    """Until the pager is left. Ctrl-C is the pager's then, which knows what to do with it."""
    while True:
        with suppress(KeyboardInterrupt):
            process.wait()
            return
