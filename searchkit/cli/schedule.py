"""`searchkit schedule`: a crontab line or systemd units that keep the archive up to date."""

import getpass
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from searchkit.cli.options import archive_option
from searchkit.config import load
from searchkit.errors import UsageError
from searchkit.files import shipped_text

# The line for cron does not begin at the full hour, when every other job starts.
# cron reads % as a line end, systemd as a variable, and each has its own way with blanks and quotation marks.
_PLAIN = re.compile(r"[\w./@+-]{1,4096}")


@click.command("schedule")
@click.argument("system", type=click.Choice(["cron", "systemd"]))
@click.option("--serve", "serves", is_flag=True, help="Print the unit of the reading room too (systemd only).")
@click.option("--command", "program", metavar="PATH", help="The searchkit command (default: this one).")
@click.option("--folder", metavar="PATH", help="Folder of searchkit.toml (default: searched from here upwards).")
@click.option("--user", metavar="NAME", help="User that runs it (default: you).")
@archive_option
@click.pass_context
def command(
    ctx: click.Context, system: str, program: str | None, folder: str | None, user: str | None, *, serves: bool
) -> None:
    """Print a crontab line or systemd units that keep the archive up to date.

    `searchkit schedule cron | crontab -` replaces your crontab; to keep its lines, add the line with `crontab -e`. For
    systemd, the command prints two files one after the other, and with --serve a third one; the first line of each is
    its name.
    """
    if serves and system == "cron":
        raise UsageError("--serve and cron cannot be combined.", hint="Write: searchkit schedule systemd --serve")
    config = load({"archive": ctx.obj}, folder=Path(folder).absolute() if folder else None)
    where = Path(folder or (config.file.parent if config.file else Path.cwd())).absolute()
    # As every other command would find it from here; by default it is beside searchkit.toml.
    place = where / config.archive if config.origins["archive"] == "default" else config.archive
    served = " ".join(config.serve_archives)
    named = {
        "command": str(Path(program or shutil.which("searchkit") or sys.argv[0]).absolute()),
        "archive": str(place.absolute()),
        "folder": str(where),
        "user": user or getpass.getuser(),
    }
    for name, value in [*named.items(), *(("archive", path) for path in config.serve_archives)]:
        if not _PLAIN.fullmatch(value):
            raise UsageError(
                f"The {name} {value!r} contains characters that are unsafe in cron and systemd files.",
                hint="Use letters, digits, and . _ - + @ / in names and paths.",
            )
    printed = ["crontab"] if system == "cron" else ["searchkit.service", "searchkit.timer"]
    texts = [_unit(name, named) for name in printed]
    if serves:  # of several archives, searchkit.toml has the list
        chosen = "" if served else f"--archive {named['archive']} "
        texts.append(
            _unit("searchkit-serve.service", {**named, "archive": served or named["archive"], "chosen": chosen})
        )
    click.echo("\n".join(texts), nl=False)


def _unit(name: str, values: Mapping[str, str]) -> str:
    """Return a file of units/ with values in the place of its fields."""
    limits = shipped_text("searchkit.cli", "units/limits").format(**values)
    return shipped_text("searchkit.cli", f"units/{name}").format(**values, limits=limits)
