"""Shell completion: the `searchkit completion` command, and the values that options and arguments complete to.

Click completes commands, options and choices. Only the command being completed is imported.
"""

from contextlib import suppress
from functools import partial

import click
from click.shell_completion import shell_complete

from searchkit.config import load
from searchkit.errors import SearchkitError
from searchkit.query.fields import FIELDS

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_SEARCHKIT_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the shell completion script.

    For bash, put this line into ~/.bashrc; for zsh, into ~/.zshrc after compinit:

    \b
        eval "$(searchkit completion bash)"

    For fish, write the script to a file:

    \b
        searchkit completion fish > ~/.config/fish/completions/searchkit.fish
    """
    return complete(ctx.find_root().command, f"{shell}_source")


def complete(main: click.Command, instruction: str) -> int:
    """Print a completion script (`bash_source`) or suggestions (`bash_complete`); return the exit code."""
    return shell_complete(main, {}, "searchkit", VARIABLE, instruction)


def complete_query(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """Complete the name of a field that a query is about to use."""
    return [f"{field.name}:" for field in FIELDS if field.name.startswith(typed.lower())]


def complete_facet(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """Complete the name of a facet."""
    return [field.name for field in FIELDS if field.facet and field.name.startswith(typed.lower())]


def _names(pattern: str, context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """Return the names of the archive's files that match `pattern`; none if the settings are invalid."""
    with suppress(SearchkitError, OSError):
        archive = load({"archive": context.obj or context.find_root().params.get("archive")}).archive
        return sorted(path.stem for path in archive.glob(pattern) if path.stem.startswith(typed))
    return []


complete_saved, complete_watchlist = partial(_names, "saved/*.toml"), partial(_names, "watchlists/*.jsonl")
