"""Hostile queries, in this process and with the command."""

import json
from pathlib import Path

import pytest

from searchkit.cli import run
from tests.hostile.cases import STEERING, story
from tests.hostile.queries import QUERIES, SECONDS
from tests.hostile.watching import searchkit
from tests.limits import processor_time_below

# These few run in a process of their own, because each start costs time.
BY_COMMAND = ("long word", "3,000 brackets", "surrogate", "escape", "300 infix wildcards")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles with many different words, so that wildcards expand to something."""
    top = tmp_path_factory.mktemp("queries")
    lines = [
        json.dumps({"text": story(f"w{number:x}") + " ".join(f"c{number}x{word:x}" for word in range(60))})
        for number in range(120)
    ]
    (top / "a.jsonl").write_text("\n".join(lines))
    with pytest.raises(SystemExit, match="0"):
        run(["--archive", str(top / "archive"), "index", "-q", "--workers", "1", str(top / "a.jsonl")])
    return top / "archive"


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("command", ["query", "statements"])
def test_an_answer_or_one_line_in_time(
    archive: Path, query: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with processor_time_below(SECONDS), pytest.raises(SystemExit) as left:
        run(["--archive", str(archive), command, "--json", "--", query])
    output = capsys.readouterr()
    assert left.value.code in {0, 2}
    assert not any(character in output.out + output.err for character in STEERING)
    if left.value.code == 0:
        assert json.loads(output.out)["total"] >= 0
    else:
        assert output.out == ""
        first = output.err.splitlines()[0]
        assert first.startswith("searchkit: ")
        assert len(output.err) < 5_000
        assert len(output.err.splitlines()) <= 4  # what is wrong, the query, the place, and what to do instead
        assert "Traceback" not in output.err


@pytest.mark.parametrize("query", [QUERIES[name] for name in BY_COMMAND], ids=BY_COMMAND)
def test_the_command_answers_or_refuses(archive: Path, query: str) -> None:
    # No bytes on a command line decode to \ud800.
    ran = searchkit("--archive", str(archive), "query", "--", query.replace("\ud800", ""))
    assert not ran.overdue
    assert ran.code in {0, 2}
    assert b"Traceback" not in ran.err
    assert not any(character.encode() in ran.out + ran.err for character in ("\x1b", "\x07", "\u202e"))
