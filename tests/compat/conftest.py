"""The command line in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from searchkit.cli import run


@pytest.fixture
def searchkit(capsys: pytest.CaptureFixture[str]) -> Callable[..., int]:
    """Run a command on an archive; its exit code. What it printed is `capsys`'s."""

    def command(archive: Path, *arguments: str) -> int:
        with pytest.raises(SystemExit) as left:
            run(["--archive", str(archive), *arguments])
        return left.value.code if isinstance(left.value.code, int) else 0

    return command
