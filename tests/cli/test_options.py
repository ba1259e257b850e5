"""What the shared options mean, and which words are no options."""

from pathlib import Path
from typing import Any

import click
import pytest

from searchkit.archive import Archive
from searchkit.cli.options import Form, QueryCommand, archive_option, form_of, open_archive, question_options, settings
from searchkit.config import Config
from searchkit.errors import ArchiveError, ConfigError, UsageError
from tests.cases import cases


def parsed(*arguments: str) -> dict[str, Any]:
    """What a command with the shared options gets to see."""
    seen: dict[str, Any] = {}

    @click.command(cls=QueryCommand)
    @click.argument("words", nargs=-1)
    @question_options
    @click.pass_context
    def command(ctx: click.Context, /, **options: Any) -> None:
        seen.update(options, color=ctx.color)

    command.main(args=list(arguments), standalone_mode=False)
    return seen


@pytest.mark.parametrize("word", ["-European", "-ne", "-ärger", "-天地", "-json", "-nv5"])
def test_a_word_that_looks_like_options_is_refused(word: str) -> None:
    for arguments in ([word], ["crane", word], [word, "-n", "3"]):
        with pytest.raises(click.UsageError) as caught:
            parsed(*arguments)
        assert f"NOT {word[1:]}" in caught.value.message
    assert parsed("crane", "--", word)["words"] == ("crane", word)


@pytest.mark.parametrize(("arguments", "name", "value"), cases(__file__, "test_options_are_read"))
def test_options_are_read(arguments: tuple[str, ...], name: str, value: object) -> None:
    assert parsed(*arguments)[name] == value


@pytest.mark.parametrize("word", ["-x", "-ä", "-天"])
def test_a_letter_that_is_no_option_may_be_a_word_to_leave_out(word: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        parsed("crane", word)
    assert f"NOT {word[1:]}" in caught.value.message


@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        ([], Form(name="table")),
        (["--json"], Form(name="json")),
        (["--jsonl"], Form(name="jsonl")),
        (["--csv"], Form(name="csv")),
        (["-f", "tsv"], Form(name="tsv")),
        (["--json", "-f", "json"], Form(name="json")),
        (["--fields", "a,b", "--fields", "c"], Form(name="table", fields=("a,b", "c"))),
    ],
)
def test_forms(arguments: list[str], form: Form) -> None:
    assert form_of(parsed(*arguments)) == form


@pytest.mark.parametrize(("arguments", "complaint"), cases(__file__, "test_forms_that_exclude_each_other"))
def test_forms_that_exclude_each_other(arguments: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        form_of(parsed(*arguments))
    assert complaint in caught.value.message
    assert caught.value.hint


def test_what_a_form_says_of_itself() -> None:
    assert (Form(name="tsv").delimiter, Form(name="csv").delimiter) == ("\t", ",")
    assert Form(name="csv", fields=("a, +b",)).adds
    assert not Form(name="csv", fields=("a", "b")).adds


@pytest.mark.parametrize(("arguments", "color"), [([], None), (["--color", "auto"], None), (["--color=always"], True)])
def test_color_is_remembered_by_the_context(arguments: list[str], color: bool | None) -> None:
    assert parsed(*arguments)["color"] is color
    assert parsed("--color", "never")["color"] is False
    with pytest.raises(click.UsageError):
        parsed("--color", "blue")


@archive_option
@click.command()
def configured() -> Config:
    return settings()


def test_the_flag_of_the_command_beats_that_of_searchkit() -> None:
    for arguments, archive in ((["--archive", "two"], "two"), ([], "one")):
        with configured.make_context("x", arguments, obj="one") as context:
            assert configured.invoke(context).archive == Path(archive)
            assert settings(workers=3).workers == 3
            with pytest.raises(ConfigError, match="--workers"):
                settings(workers=-3)


def test_open_archive_opens_what_is_named(tmp_path: Path) -> None:
    Archive.create(tmp_path / "a").close()
    with click.Context(configured, obj=str(tmp_path / "a")), open_archive() as opened:
        assert opened.folder == tmp_path / "a"
    with click.Context(configured, obj=str(tmp_path / "none")), pytest.raises(ArchiveError, match="none"):
        open_archive()
