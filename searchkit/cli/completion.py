"""`searchkit completion`: what makes a shell complete what is typed."""

import click

from searchkit.cli.completing import SHELLS


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
def command(shell: str) -> None:
    """Print a script that makes your shell complete commands, options, fields and values of the archive.

    For bash put this line into ~/.bashrc, for zsh into ~/.zshrc behind compinit:

    \b
        eval "$(searchkit completion bash)"

    For fish write it into a file:

    \b
        searchkit completion fish > ~/.config/fish/completions/searchkit.fish
    """
    from searchkit.cli.completing.shells import script

    click.echo(script(shell), nl=False)
