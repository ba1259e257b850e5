"""The command line in this process, on archives of the seeds and of the harbor."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from searchkit.archive import Archive
from searchkit.cli import run
from searchkit.cli.answers import answer_from_options, print_answer
from searchkit.query.fields import Record
from tests.cli.harbor import options

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


class Done(Struct, frozen=True, dict=True):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]
Printed = Callable[..., tuple[str, str]]


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


@pytest.fixture
def printed(opened_harbor: Archive, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Standard output and error of the answer to a query over the harbor."""
    monkeypatch.setenv("FORCE_COLOR", "")

    def answer(query: str, record: Record = "document", **given: Any) -> tuple[str, str]:
        chosen = options(**given)
        print_answer(answer_from_options(opened_harbor, (query,), record, chosen), chosen)
        captured = capsys.readouterr()
        return captured.out, captured.err

    return answer
