"""`searchkit serve`: the reading room, in the browser."""

import webbrowser

import click

from searchkit.archive import Archive
from searchkit.cli.options import archive_option, settings
from searchkit.cli.output import write_lines


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8650, show_default=True, help="0 picks a free port.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@archive_option
def command(host: str, port: int, *, opens: bool) -> None:
    """Show the archive in the browser, on this machine only. Stop it with Ctrl-C."""
    from searchkit.web.access import Rules  # loads the web server, which no other command needs
    from searchkit.web.server import serve

    folder = settings().archive
    Archive.open(folder).close()

    def started(address: str) -> None:
        write_lines([[("Reading room: ", ""), (address, "bold"), ("  (stop it with Ctrl-C)", "dim")]])
        if opens:
            webbrowser.open(address)

    serve(
        {folder.absolute().name: folder}, host=host, port=port, rules=Rules(), workers=2, seconds=10.0, started=started
    )
