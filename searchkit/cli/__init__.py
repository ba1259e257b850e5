"""The command line: glue between words typed and the rooms below.

takes:    arguments, environment, standard input
gives:    answers on standard output; progress and complaints on standard error; an exit code
does not: parse queries, read settings, search: it asks the rooms that do
traps:    help imports click alone; every text of a document passes through `output.visible` or a serializer
"""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

# Command: what it does, as shown by --help. Each lives in the module of its name and is imported when it is run.
COMMANDS = {
    "index": "Take documents into the archive.",
    "update": "Fetch what is due from the sources in searchkit.toml.",
    "query": "Ask the archive for documents.",
    "quotes": "Ask the archive for statements: who said what.",
    "saved": "Keep queries under a name.",
    "alerts": "Tell what saved searches find that is new.",
    "show": "Print a document or statement with all that is known of it.",
    "export": "Write all that answers a question: sheet, dossier, evidence.",
    "cite": "Print a citation of a document or statement.",
    "verify": "Check an evidence file against the archive.",
    "inspect": "Print what searchkit understands of a document; store nothing.",
    "entities": "List who and what is named, and which names may be one.",
    "watchlist": "Add, list and remove lists of names to look for.",
    "status": "Say what the archive holds and whether it is up to date.",
    "sources": "List where documents come from, and what came of each.",
    "schedule": "Print what to give cron or systemd.",
    "rebuild": "Make the search index anew; annotate again what is outdated.",
    "check": "Say whether the archive is what was written.",
    "repair": "Mend what is damaged, and name what is lost.",
    "forget": "Remove documents without a trace, and show that none is left.",
    "backup": "Copy all of the archive that cannot be made again.",
    "restore": "Make an archive of a backup.",
    "config": "List the settings and where each comes from.",
    "schema": "Print the JSON Schema of what --json prints.",
    "help": "Explain queries, fields, dates, exit codes, or a command.",
    "completion": "Print what makes your shell complete what you type.",
}


# In objects that may refer to others: some 10 MB of them.
_GARBAGE_AFTER = 100_000


class _Commands(click.Group):
    """The commands, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"searchkit.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            meant = f'Did you mean "{close[0]}"?' if close else f'To search, write: searchkit query "{name}"'
            raise click.UsageError(f'There is no command "{name}". {meant}', ctx)
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from searchkit import __version__

        click.echo(f"searchkit {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--archive", type=click.Path(), help="Folder of the archive (default: see `searchkit config`).")
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
@click.pass_context
def main(ctx: click.Context, archive: str | None) -> None:
    """Who said what, about whom, when, and where does it stand written?

    Start with `searchkit index PATH`, then `searchkit query WORDS` or `searchkit quotes --speaker NAME`.
    """
    ctx.obj = archive


def run(arguments: Sequence[str] | None = None) -> None:
    """Entry point: run the command line (by default the process's) and leave with its exit code."""
    code = 0
    # Nearly all that a command makes while it starts is there to stay: looking through it for garbage at every 2,000th
    # object takes a tenth of the time of a question.
    gc.set_threshold(_GARBAGE_AFTER)
    atexit.register(gc.freeze)  # nor is there any at the end, when Python looks through all of it twice more
    asked = os.environ.get("_SEARCHKIT_COMPLETE")
    if asked:  # by the script of `searchkit completion`, while somebody types
        from searchkit.cli.completing import answer

        sys.exit(answer(asked))
    if sys.stdout is None:  # closed by the caller: answers go nowhere, but the work is done
        from searchkit.cli.output import nowhere

        sys.stdout = nowhere()
    try:
        # Not `main.main`: click would turn a closed pipe into exit code 1, which means "no hits" here.
        with main.make_context("searchkit", list(sys.argv[1:] if arguments is None else arguments)) as context:
            result = main.invoke(context)
        code = result if isinstance(result, int) else 0
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): end quietly, and keep Python from complaining at exit.
        _drop_output()
    except BaseException as error:  # noqa: BLE001 - the one door: every error becomes a line and a code here
        from searchkit.cli.errors import report

        code = report(error)
        if isinstance(error, OSError):
            _drop_output()
    sys.exit(code)


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
