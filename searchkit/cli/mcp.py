"""`searchkit mcp`: the archive for agents, over standard input and output."""

from typing import Any

import click

from searchkit.cli.options import archive_option, open_archive


@click.command("mcp")
@archive_option
def command() -> None:
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
