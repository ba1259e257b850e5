"""Run the real command `searchkit serve` and ask it."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_ADDRESS = re.compile(r"http://[^\s/]{1,60}/")


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve what the searchkit.toml of `folder` says on a free port; yield the address without the slash at its end."""
    command = [sys.executable, "-m", "searchkit", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        assert process.stdout is not None
        address = _ADDRESS.search(process.stdout.readline())
        assert address, "searchkit serve printed no address"
        yield address[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
