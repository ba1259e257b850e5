"""Write a picture (SVG) of a real terminal session: searchkit runs in a terminal of its own, and rich draws the output.

Usage: screenshot.py FILE
"""

import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 110
_FONT_FACE = re.compile(r"@font-face \{[^}]{1,999}\}\s{0,99}")
COMMANDS = (
    ("statements", "--speaker", "Aske", "-n", "2"),
    ("query", "Meridian", "--facet", "speaker:4", "--facet", "date:month", "-n", "0"),
)


def printed(arguments: tuple[str, ...], archive: Path) -> str:
    """Return what a command prints on a terminal, with its escape sequences."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "SEARCHKIT_PAGER": "cat"}
    command = [sys.executable, "-m", "searchkit", "--archive", str(archive), *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs, env=environment, cwd=ROOT) as process:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 1 << 16):
                parts.append(part)
        except OSError:  # Linux reports the end of a terminal as an error
            pass
        finally:
            os.close(ours)
    if process.returncode:
        raise SystemExit(b"".join(parts).decode())
    return b"".join(parts).decode().replace("\r\n", "\n")


def main() -> None:
    """Index seeds/, run the commands and write the picture."""
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        archive = Path(folder) / "index"
        printed(("index", "--quiet", "seeds/"), archive)
        console = Console(record=True, width=WIDTH, file=nowhere)
        for arguments in COMMANDS:
            words = (f'"{word}"' if " " in word else word for word in arguments)
            console.print(Text(f"$ searchkit {' '.join(words)}", style="bold"))
            console.print(Text.from_ansi(printed(arguments, archive)))
        picture = console.export_svg(title="searchkit", unique_id="searchkit")
    # Without the fonts that rich would load from a server of others.
    Path(sys.argv[1]).write_text(_FONT_FACE.sub("", picture), encoding="utf-8")


if __name__ == "__main__":
    main()
