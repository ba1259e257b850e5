"""Every error as an exit code and as lines on standard error."""

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from searchkit import errors
from searchkit.cli.errors import report
from searchkit.cli.index import command as index_command
from tests.cases import cases

QUERY = errors.QueryError("No such field.", code="unknown-field", query="a speker:\u202eb", start=2, end=8)
CODES: list[tuple[BaseException, int]] = [
    (errors.SearchkitError("m"), 3),
    (errors.UsageError("m"), 2),
    (errors.ConfigError("m"), 2),
    (errors.MissingExtra("m"), 2),
    (errors.Forbidden("m"), 2),
    (errors.NotInArchive("m"), 2),
    (QUERY, 2),
    (errors.InputError("m"), 2),
    (errors.NoArticle("m"), 2),
    (errors.ArchiveError("m"), 3),
    (errors.DamagedIndex("m"), 3),
    (errors.OtherVersion("m"), 3),
    (errors.NewerArchive("m"), 3),
    (errors.OlderArchive("m"), 3),
    (errors.TryAgain("m"), 75),
    (errors.ArchiveLocked("m"), 75),
    (errors.StorageFull("m"), 75),
    (click.UsageError("m"), 2),
    (click.BadParameter("m"), 2),
    (click.FileError("m"), 2),
    (click.exceptions.Exit(4), 4),
    (click.exceptions.Exit(0), 0),
    (click.Abort(), 130),
    (KeyboardInterrupt(), 130),
    (SystemExit(7), 7),
    (SystemExit(), 0),
    (ValueError("m"), 70),
    (OSError("m"), 70),
    (MemoryError(), 70),
]


def _below(kind: type[errors.SearchkitError]) -> set[type[errors.SearchkitError]]:
    return {kind}.union(*(_below(child) for child in kind.__subclasses__()))


@pytest.mark.parametrize(("error", "code"), CODES, ids=[f"{type(error).__name__}-{code}" for error, code in CODES])
def test_exit_codes(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(error) == code
    result = capsys.readouterr()
    assert result.out == ""
    assert "Traceback" not in result.err
    silent = isinstance(error, SystemExit | click.exceptions.Exit)
    assert result.err.startswith("searchkit: ") is not silent


def test_every_class_of_error_has_its_code_here() -> None:
    listed = {type(error) for error, _ in CODES if isinstance(error, errors.SearchkitError)}
    ours = {kind for kind in _below(errors.SearchkitError) if kind.__module__ == errors.__name__}
    assert listed == ours


def test_message_and_hint_are_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    report(errors.ArchiveError("There is no archive at x.", hint="Index something first."))
    assert capsys.readouterr().err == "searchkit: There is no archive at x.\n  Index something first.\n"
    report(errors.ArchiveError("There is no archive at x."))
    assert capsys.readouterr().err == "searchkit: There is no archive at x.\n"


def test_a_query_is_shown_with_the_place(capsys: pytest.CaptureFixture[str]) -> None:
    report(QUERY)
    message, query, pointer = capsys.readouterr().err.splitlines()
    assert message == "searchkit: No such field."
    assert query.strip() == "a speker:\\u202eb"
    assert pointer.index("^") == query.index("speker")
    assert pointer.strip() == "^~~~~~"


def test_hostile_signs_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    report(errors.InputError("a\x1b[2J", hint="b\u202e"))
    report(ValueError("c\x9b"))
    result = capsys.readouterr().err
    assert not {"\x1b", "\u202e", "\x9b"} & set(result)
    assert "a\\x1b[2J" in result


def test_usage_points_to_the_help_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    context = click.Context(index_command, info_name="searchkit index")
    report(click.UsageError("Name what to index.", context))
    assert capsys.readouterr().err == "searchkit: Name what to index.\n  Help: searchkit index --help\n"


def test_debugging_shows_where_it_happened(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SEARCHKIT_DEBUG", "1")
    with pytest.raises(errors.ArchiveError) as caught:
        raise errors.ArchiveError("The store is damaged.")
    assert report(caught.value) == 3
    result = capsys.readouterr().err
    assert result.startswith("searchkit: The store is damaged.\n")
    assert "test_debugging_shows_where_it_happened" in result


@pytest.mark.slow
@pytest.mark.parametrize(("closed", "words", "code"), cases(__file__, "test_closed_standard_streams"))
def test_closed_standard_streams(seeded: Path, tmp_path: Path, closed: str, words: tuple[str, ...], code: int) -> None:
    """A closed stream ends only what needs it, and output that nobody gets is an error."""
    (tmp_path / "f.txt").write_text("Nadia Korbel said on Monday that the quay would be closed.\n")
    archive = shutil.copytree(seeded, tmp_path / "archive")
    command = [sys.executable, "-m", "searchkit", "--archive", str(archive), *words]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Internal" in done.stderr) == (code, False)
    assert bool(done.stdout) == (code in {0, 4})
