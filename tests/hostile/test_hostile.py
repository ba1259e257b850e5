"""Hostile backups, articles, letters, queries and sources do no harm; `scripts/hostile` runs more of each."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.cli import run
from tests.crawl.web.site import Site
from tests.hostile import backups, corpus, letters, sources
from tests.hostile.cases import STEERING, story
from tests.hostile.queries import QUERIES, SECONDS
from tests.hostile.running import together
from tests.hostile.watching import searchkit
from tests.limits import processor_time_below


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[backups.Newsroom]:
    with Site() as site:
        yield backups.newsroom(tmp_path_factory.mktemp("backups") / "made", site)


@pytest.mark.parametrize("name", backups.FORGERIES)
def test_forged_backups(made: backups.Newsroom, tmp_path: Path, name: str) -> None:
    _, _, faults = backups.judge(name, made, tmp_path / "forged", commands=("status", "update", "alerts run"))
    assert faults == []


def test_the_sound_backup_is_restored(made: backups.Newsroom, tmp_path: Path) -> None:
    assert backups.judge("", made, tmp_path / "sound")[0::2] == ("restored", [])


QUICK = [case for case in corpus.CASES if case.quick]
# All cases about names, places and outputs, and a sample of the rest.
SAMPLE = [
    case
    for number, case in enumerate(QUICK)
    if case.group in {"output", "file system", "file names"} or number % 4 == 0
]


@pytest.fixture
def top(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "hostile"
    corpus.remove(tmp_path / "hostile")


def test_there_are_enough_kinds_with_different_needles() -> None:
    assert len(corpus.CASES) >= 150
    assert len({case.needle for case in corpus.CASES}) == len(corpus.CASES)


def test_hostile_files_among_ordinary_ones(top: Path) -> None:
    """Every ordinary article is found, every case ends as expected, and no output contains what it must not."""
    report = together(SAMPLE, top, timeout=600, all_outputs=False)
    assert report.faults == []
    assert report.run.peak_mb < 600


# Apostrophes, vowel signs, marks and fillers that fold to nothing, to blanks or to several words, and digits.
_CHARACTERS = (
    "\u02bc\u0e35\u0eb4\u17b6\u102d\uff9e\ufe70\ufc62\ufdfa\u0149"
    "\u3164\u200d\u202e\U000e0100\u0640\u00b2\u0661\u0345\u2160\u4e00"
)


@pytest.mark.slow
def test_characters_that_need_care(tmp_path: Path) -> None:
    assert list(letters.rooms(_CHARACTERS, tmp_path)) == []


def test_every_character_that_unicode_assigns_is_taken() -> None:
    every = letters.characters()
    rows = list(letters.rows(every))
    assert {character for row in rows for word in row for character in word} == set(every)
    assert all(len(row) == 6 for row in rows)


@pytest.mark.parametrize(
    "name", ["tarpit", "pages that cost 20 s to parse", "endless sitemap index", "robots.txt with 100,000 sitemaps"]
)
def test_malicious_sources(tmp_path: Path, name: str) -> None:
    alone, _, _ = sources.stored_after(tmp_path / "alone", None)
    stored, ended, wrong = sources.stored_after(tmp_path / "with", sources.KINDS[name])
    assert wrong == []
    assert stored - alone < sources.DELAY_SECONDS
    assert ended < sources.END_SECONDS


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


PASSWORD, KEY = "zqopensesame", "zqskeleton"


def test_no_output_shows_the_secret_of_an_address(tmp_path: Path) -> None:
    archive = str(tmp_path / "archive")
    feed = f"http://127.0.0.1:9/feed?api_key={KEY}"
    (tmp_path / "a.jsonl").write_text(
        f'{{"text": "\\"It moves,\\" said Nadia Korbel.", "uri": "https://ledger.example/a?token={KEY}"}}\n'
        f'{{"text": "Nothing.", "uri": "https://desk:{PASSWORD}@ledger.example/b"}}\n'
    )
    (tmp_path / "searchkit.toml").write_text(
        f'contact = "desk@ledger.example"\n[[source]]\nname = "feed"\nkind = "feed"\nlocation = "{feed}"\n'
    )
    page = f"https://desk:{PASSWORD}@127.0.0.1:9/?key={KEY}"
    commands = (
        f"index {tmp_path}/a.jsonl --json|index {page}|index {page} --json|index {feed}|query *|query * --json|"
        "query * -f csv|statements * --json|export -f jsonl|export -f csv --over documents|"
        "export -f jsonl --over documents|export -f markdown|export -f html|export -f evidence|cite korbel|"
        "status --json|update --all --json|update --all|sources|forget -n *|forget --yes *|"
        f"forget https://desk:{PASSWORD}@ledger.example/b|sources --json"
    )
    output = b""
    for command in commands.split("|"):
        ran = searchkit("--archive", archive, *command.split(), folder=tmp_path)
        output += ran.out + ran.err
    log = (tmp_path / "archive" / "runs.jsonl").read_bytes()
    lock = (tmp_path / "archive" / "lock").read_bytes()
    assert not any(secret.encode() in output + log + lock for secret in (PASSWORD, KEY))
    assert b"***" in output
    assert b"***" in log
