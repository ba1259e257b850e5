"""The command line: turn arguments into calls of the packages below, and their results into output and an exit code.

Importing this module loads click alone: each command is in the module of its name or of _PLACES, or a row of the table
of reports, and imported when it runs.
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from searchkit.loading import load
from searchkit.reports import REPORTS
from searchkit.version import __version__

# Command name and description, in the order of --help.
COMMANDS = {
    "index": "Add documents to the archive.",
    "update": "Fetch the due sources of searchkit.toml and run the alerts.",
    "work": "Do what update does on several machines at once.",
    "query": "Search documents.",
    "statements": "Search statements: who said what (alias: quotes).",
    **REPORTS,
    "saved": "Save queries under a name.",
    "notes": "Mark statements as checked or wrong; list the notes.",
    "alerts": "Report new matches for saved searches.",
    "serve": "Show the archive in the browser.",
    "mcp": "Let an agent read the archive (Model Context Protocol).",
    "tokens": "Create and remove access tokens for the reading room.",
    "show": "Print a document or statement with its details.",
    "export": "Write all matches to a file: table, dossier or evidence.",
    "cite": "Print a citation of a document or statement.",
    "verify": "Check an evidence file against the archive.",
    "inspect": "Print what searchkit extracts from a document; store nothing.",
    "entities": "List the names in the archive, and likely duplicate names.",
    "watchlist": "Add, list and remove watchlists.",
    "status": "Show what the archive contains and whether it is up to date.",
    "sources": "List the sources, and the result of the last run of each.",
    "schedule": "Print a crontab line or systemd units.",
    "rebuild": "Rebuild the search index; re-annotate outdated documents.",
    "check": "Check the archive for corruption.",
    "repair": "Repair damage; list what could not be recovered.",
    "forget": "Permanently erase documents.",
    "backup": "Back up everything that cannot be regenerated.",
    "restore": "Create an archive from a backup.",
    "config": "List the settings and where each comes from.",
    "schema": "Print the JSON Schema of --json output.",
    "help": "Explain queries, fields, dates, exit codes, or a command.",
    "completion": "Print the shell completion script.",
}
# Module and attribute of a command, if they are not NAME.command.
_PLACES = {
    "statements": ("query", "statements"),
    "check": ("maintenance", "check"),
    "repair": ("maintenance", "repair"),
    "rebuild": ("maintenance", "rebuild"),
    "backup": ("backup", "backup"),
    "show": ("show", "show"),
    "cite": ("show", "cite"),
    "restore": ("backup", "restore"),
    "mcp": ("serve", "mcp"),
    "tokens": ("serve", "tokens"),
    "work": ("update", "work"),
    "sources": ("config", "sources"),
    "schedule": ("config", "schedule"),
}
_ALIASES = {"quotes": "statements"}
IS_PROCESS = "is_process"
"""Entry of a context's `meta`: whether the command has the process for itself."""
LOW_PRIORITY = 5
"""A reader gets three times as much of a busy processor as such a command. The units of `searchkit schedule` give it
less still."""
# Tracked objects; a threshold of this size takes some 10 MB.
_GARBAGE_THRESHOLD = 100_000


class _Commands(click.Group):
    """The commands, each imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = _ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in REPORTS:
            report: click.Command = load("searchkit.cli.reports:command")(cmd_name)
            return report
        module, attribute = _PLACES.get(cmd_name, (cmd_name, "command"))
        command = load(f"searchkit.cli.{module}:{attribute}")
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        commands = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = _ALIASES.get(args[0], args[0])
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            suggestion = f'Did you mean "{close[0]}"?' if close else f'To search, write: searchkit query "{name}"'
            raise click.UsageError(f'Unknown command "{name}". {suggestion}', ctx)
        return super().resolve_command(ctx, [name, *args[1:]])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--archive", type=click.Path(), help="Folder of the archive (default: see `searchkit config`).")
@click.option("--trust", is_flag=True, help="Use a searchkit.toml that another user can change.")
@click.version_option(__version__, message="%(prog)s %(version)s", help="Print the version.")
@click.pass_context
def main(ctx: click.Context, archive: str | None, *, trust: bool) -> None:
    """Who said what, about whom, when, and where was it published?

    Start with `searchkit index PATH`, then `searchkit query WORDS` or `searchkit statements --speaker NAME`.
    """
    ctx.obj = archive
    ctx.meta["trust"] = trust


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (by default with the arguments of the process) and exit with its code."""
    code = 0
    # Almost all objects of a start-up live until its end: collecting at the default threshold takes a tenth of a query.
    gc.set_threshold(_GARBAGE_THRESHOLD)
    atexit.register(gc.freeze)  # and Python would collect twice more at exit
    _replace_closed_streams()
    try:
        if instruction := os.environ.get("_SEARCHKIT_COMPLETE"):  # set by the shell completion script
            from searchkit.cli.completion import complete

            sys.exit(complete(main, instruction))
        # Not `main.main`: click exits with 1 on a closed pipe, and 1 means "no hits" here.
        with main.make_context("searchkit", list(sys.argv[1:] if arguments is None else arguments)) as context:
            context.meta[IS_PROCESS] = arguments is None
            result = main.invoke(context)
        code = result if isinstance(result, int) else 0
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except BrokenPipeError:
        # The reader closed the pipe (`| head`): exit quietly, also when Python flushes at exit.
        _drop_output()
    except BaseException as error:  # noqa: BLE001 - the only place that turns errors into a message and an exit code
        from searchkit.cli.errors import report

        code = report(error)
        if isinstance(error, OSError):
            _drop_output()
    sys.exit(code)


def let_readers_first() -> None:
    """Lower the priority of this process and of those that it starts; a machine without other work runs them as fast.

    Nothing happens to a process that goes on after the command."""
    if click.get_current_context().meta.get(IS_PROCESS):
        with suppress(OSError):  # the system does not allow it
            os.setpriority(os.PRIO_PROCESS, 0, max(LOW_PRIORITY, os.getpriority(os.PRIO_PROCESS, 0)))


def _replace_closed_streams() -> None:
    """Replace the standard streams that the caller closed, in the order of their numbers: reading and printing fail
    as on a closed file, and messages are dropped."""

    def wrong_way(path: str, flags: int) -> int:
        return os.open(path, flags ^ os.O_WRONLY)

    for name, mode, opener in (("stdin", "r", wrong_way), ("stdout", "w", wrong_way), ("stderr", "w", os.open)):
        if getattr(sys, name) is None:  # the stream stays open until the process ends
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8", opener=opener))  # noqa: SIM115


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
