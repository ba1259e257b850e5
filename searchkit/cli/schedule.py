"""`searchkit schedule`: what to give cron or systemd so that the archive keeps itself current."""

import getpass
import re
import shutil
import sys
from pathlib import Path

import click

from searchkit.cli.options import archive_option
from searchkit.config import load
from searchkit.errors import UsageError

# cron reads % as a line end, systemd as a variable, and each has its own way with blanks and quotation marks.
_PLAIN = re.compile(r"[\w./@+-]{1,4096}")
# Not at the full hour, when every other job starts. A clock that is set forward or back costs an hourly job nothing.
_CRON = """\
# Keeps a searchkit archive current. Put this line in with: crontab -e
# Nothing is printed while all is well, so cron has nothing to mail. While a run is at work the next ones go by.
17 * * * *  cd {folder} && {command} --archive {archive} update --quiet --stale-after 24h
"""
_SERVICE = """\
# searchkit.service: one update of the archive. Put it into /etc/systemd/system/
[Unit]
Description=Update of the searchkit archive {archive}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
WorkingDirectory={folder}
ExecStart={command} --archive {archive} update --quiet --stale-after 24h
# 75: another run was at work, or a disk was full for a while. The next hour tries again.
SuccessExitStatus=75
TimeoutStartSec=3h
Nice=10
IOSchedulingClass=idle
MemoryMax=2G
UMask=0077
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={archive}
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
CapabilityBoundingSet=
SystemCallFilter=@system-service
SystemCallArchitectures=native
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
"""
_TIMER = """\
# searchkit.timer: when. Start it with: systemctl enable --now searchkit.timer
[Unit]
Description=Hourly update of the searchkit archive {archive}

[Timer]
OnCalendar=hourly
RandomizedDelaySec=10min
Persistent=yes

[Install]
WantedBy=timers.target
"""


@click.command("schedule")
@click.argument("system", type=click.Choice(["cron", "systemd"]))
@click.option("--command", "program", metavar="PATH", help="The searchkit command (default: this one).")
@click.option("--folder", metavar="PATH", help="Where searchkit.toml is (default: as found from here).")
@click.option("--user", metavar="NAME", help="Whom systemd runs it as (default: you).")
@archive_option
@click.pass_context
def command(
    ctx: click.Context, system: str, program: str | None, folder: str | None, user: str | None, archive: str | None
) -> None:
    """Print what to give cron or systemd so that the archive keeps itself current.

    searchkit schedule cron | crontab -   replaces your crontab; to keep what is in it, paste the line by crontab -e.
    For systemd, two files are printed one after the other; the first line of each names it.
    """
    config = load({"archive": archive or ctx.obj}, folder=Path(folder).absolute() if folder else None)
    where = Path(folder or (config.file.parent if config.file else Path.cwd())).absolute()
    # As every other command would find it from here; by default it is beside searchkit.toml.
    place = where / config.archive if config.origins["archive"] == "default" else config.archive
    named = {
        "command": str(Path(program or shutil.which("searchkit") or sys.argv[0]).absolute()),
        "archive": str(place.absolute()),
        "folder": str(where),
        "user": user or getpass.getuser(),
    }
    for name, value in named.items():
        if not _PLAIN.fullmatch(value):
            raise UsageError(
                f"The {name} is {value!r}, which cron and systemd cannot be told safely.",
                hint="Use letters, digits, and . _ - + @ / in names and paths.",
            )
    click.echo((_CRON if system == "cron" else f"{_SERVICE}\n{_TIMER}").format(**named), nl=False)
