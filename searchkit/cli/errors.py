"""Turn an exception into a message and an exit code."""

import errno
import os
import sys
from contextlib import suppress

import click

from searchkit import errors
from searchkit.statements.text import redacted, visible

# `searchkit help exit-codes` prints this.
EXIT_CODES = {
    0: "success, with hits or without",
    1: "only with -e/--exit-status: nothing matches, or something is stale",
    2: "invalid command or query",
    3: "the archive is missing or damaged",
    4: "finished, but some inputs failed, or evidence differs from its record",
    70: "internal error",
    75: "locked by another process, or the disk is full: try again later",
    130: "interrupted; committed changes are kept",
}
NO_HITS = 1
SOME_FAILED = 4
ARCHIVE_DAMAGED = 3
_FAULT = 70
_TRY_AGAIN = 75
INTERRUPTED = 130
# Our longest line, with the names of all facets, has some 300 characters; a path may have as many.
_LONGEST = 800


def interrupt_on_sigterm() -> None:
    """Let the signal of systemd and `kill` end this command as an interrupt from the terminal does."""
    import signal  # a query needs no signals

    with suppress(ValueError):  # only the first thread may set a handler
        signal.signal(signal.SIGTERM, errors.interrupt)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not ignored, as in the background
            signal.signal(signal.SIGINT, errors.interrupt)


def report(error: BaseException) -> int:
    """Print `error` on standard error and return the exit code."""
    code = 2
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else 0
        case KeyboardInterrupt() | click.Abort():
            code = INTERRUPTED
            _say("Interrupted. Committed changes are kept.")
        case errors.QueryError():
            from searchkit.query.words import caret

            _say(error.message)
            for line in caret(error).splitlines():
                click.echo(visible(line), err=True)
        case errors.SearchkitError():
            if isinstance(error, errors.TryAgain):
                code = _TRY_AGAIN
            elif not isinstance(error, errors.UsageError | errors.InputError):
                code = ARCHIVE_DAMAGED
            _say(error.message, error.hint)
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
        case click.UsageError():
            message = error.format_message().replace("is not a valid integer range", "is not a whole number")
            _say(message, f"Help: {error.ctx.command_path} --help" if error.ctx else "")
        case click.ClickException():
            _say(error.format_message())
        case OSError() if error.errno == errno.ENOSPC:
            code = _TRY_AGAIN
            _say(f"Cannot write the output: {error.strerror}.", "Free some space, or write to another disk.")
        case OSError() if error.errno == errno.EBADF:
            _say("Standard input or output is closed.", "To discard the output: searchkit COMMAND > /dev/null")
        case _:
            code = _FAULT
            _say(
                f"Internal error: {type(error).__name__}: {error}",
                "Please report it. SEARCHKIT_DEBUG=1 prints the traceback.",
            )
    if os.environ.get("SEARCHKIT_DEBUG"):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    return code


def _say(message: str, hint: str = "") -> None:
    click.echo(f"searchkit: {_cut(visible(redacted(message)))}", err=True)
    if hint:
        click.echo(f"  {_cut(visible(redacted(hint)))}", err=True)


def _cut(line: str) -> str:
    """Shorten a line that contains very long input."""
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"
