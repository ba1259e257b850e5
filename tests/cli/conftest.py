"""The command line in this process, on an archive of a few seeds."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from searchkit.cli import run

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


class Done(Struct, frozen=True, dict=True):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of all seeds, for reading only."""
    folder = tmp_path_factory.mktemp("seeded") / "archive"
    with pytest.raises(SystemExit) as left:
        run(["--archive", str(folder), "index", "-q", "--workers", "1", str(SEEDS)])
    assert left.value.code == 0
    return folder


@pytest.fixture
def searchkit(capsys: pytest.CaptureFixture[str], seeded: Path) -> Command:
    """Run a command on the seeded archive, or on another with `archive=`."""

    def command(*arguments: str, archive: Path | None = None) -> Done:
        words: Sequence[Any] = ["--archive", str(archive or seeded), *arguments]
        with pytest.raises(SystemExit) as left:
            run(words)
        captured = capsys.readouterr()
        code = left.value.code
        return Done(code=code if isinstance(code, int) else 0, out=captured.out, err=captured.err)

    return command
