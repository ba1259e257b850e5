"""`searchkit serve`, `mcp` and `tokens`: the archive for the browser and for agents, and who may read it."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

from searchkit.archive import Archive
from searchkit.cli.opening import open_address
from searchkit.cli.options import archive_option, open_archive, settings
from searchkit.cli.output import say, write_lines
from searchkit.config import Config
from searchkit.config.private import ROLES, Role, add_token, read_tokens, remove_token
from searchkit.errors import UsageError
from searchkit.web.rules import rules_for
from searchkit.web.worker import Worker, address_of, listen  # not yet the web framework

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8650, show_default=True, help="0 picks a free port.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@archive_option
def command(host: str, port: int, *, opens: bool) -> None:
    """Show the archive in the browser. Stop it with Ctrl-C.

    Without a login, only this machine can reach it, and everyone on this machine may read and edit. For others, set
    serve_tokens or serve_user_header in searchkit.toml.
    """
    config = settings()
    folders = [Path(name) for name in config.serve_archives] or [config.archive.absolute()]
    for folder in folders:
        Archive.open(folder).close()
    with listen(host, port) as listening:
        rules = rules_for(config, listening.getsockname()[0])
        make_app = partial(_make_app, {folder.name: folder for folder in folders}, config)
        workers = [Worker(make_app) for _ in range(config.serve_workers)]

        from searchkit.web.server import serve
        from searchkit.web.site import create_site

        site = create_site([folder.name for folder in folders], rules, make_app, workers, seconds=config.serve_seconds)
        address = address_of(listening)

        def started() -> None:
            write_lines([[("Reading room: ", ""), (address, "bold"), ("  (stop it with Ctrl-C)", "dim")]])
            if opens:  # in a thread: a browser of the terminal would stop the server
                Thread(target=_open, args=(address,), daemon=True).start()

        serve(site, rules, listening, started)


def _make_app(archives: Mapping[str, Path], config: Config) -> "ASGIApp":
    """Make the application of a worker, in its process."""
    from searchkit.web.app import create_app

    return create_app(archives, config)


def _open(address: str) -> None:
    try:
        open_address(address)
    except UsageError as error:
        say(str(error))


@click.command("mcp")
@archive_option
def mcp() -> None:
    """Let an agent read the archive through the Model Context Protocol, over standard input and output.

    The agent can search, count, read, cite and verify; it can change nothing. Needs the extra: pip install '.[mcp]' in
    the folder of searchkit.
    """
    import asyncio  # as below

    from searchkit.web.agents import make_server  # loads a framework that no other command needs
    from searchkit.web.tools import TOOLS

    with open_archive() as archive:

        async def run(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
            return TOOLS[name](archive, **arguments)

        asyncio.run(make_server(run).run_stdio_async())


@click.group("tokens")
def tokens() -> None:
    """Create and remove access tokens for the reading room.

    A token is a password that searchkit makes. Its owner enters it in the login form, and a program sends it as
    "Authorization: Bearer TOKEN". The setting serve_tokens names the file, which has only the SHA-256 of each token. A
    running server reads the file again when it changes.
    """


@tokens.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="reader", show_default=True, help="What the owner may do.")
def add(name: str, role: Role) -> None:
    """Create a token and print it. It is shown only once."""
    token = add_token(_file(), name, role)
    say(f"Give this token to {name} over a safe channel. It cannot be shown again:")
    write_lines([[(token, "")]])


@tokens.command("list")
def show() -> None:
    """List the names and roles."""
    write_lines([(f"{token.name:24} ", "bold"), (token.role, "")] for token in read_tokens(_file()))


@tokens.command("remove")
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
