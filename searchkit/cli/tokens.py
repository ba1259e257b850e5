"""`searchkit tokens`: access tokens for the reading room."""

from pathlib import Path

import click

from searchkit.cli.options import settings
from searchkit.cli.output import say, write_lines
from searchkit.config.private import ROLES, Role, add_token, read_tokens, remove_token
from searchkit.errors import UsageError


@click.group("tokens")
def command() -> None:
    """Create and remove access tokens for the reading room.

    A token is a password that searchkit makes. Its owner enters it in the login form, and a program sends it as
    "Authorization: Bearer TOKEN". The setting serve_tokens names the file, which has only the SHA-256 of each token. A
    running server reads the file again when it changes.
    """


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="reader", show_default=True, help="What the owner may do.")
def add(name: str, role: Role) -> None:
    """Create a token and print it. It is shown only once."""
    token = add_token(_file(), name, role)
    say(f"Give this token to {name} over a safe channel. It cannot be shown again:")
    write_lines([[(token, "")]])


@command.command("list")
def show() -> None:
    """List the names and roles."""
    write_lines([(f"{token.name:24} ", "bold"), (token.role, "")] for token in read_tokens(_file()))


@command.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove a token; logins with it end at once."""
    remove_token(_file(), name)


def _file() -> Path:
    path = settings().serve_tokens
    if not path:
        raise UsageError(
            "No file for tokens is set.", hint='Set it in searchkit.toml, for example: serve_tokens = "tokens"'
        )
    return Path(path)
