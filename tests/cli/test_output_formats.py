"""Which form an answer is printed in."""

from typing import Any

import click
import pytest

from searchkit.cli.options import Form, form_of, form_options, terminal_options
from searchkit.errors import UsageError


def _options(*arguments: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    @click.command()
    @form_options
    @terminal_options
    @click.pass_context
    def command(ctx: click.Context, /, **options: Any) -> None:
        seen.update(options, color=ctx.color)

    command.main(args=list(arguments), standalone_mode=False)
    return seen


@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        ([], Form(name="table")),
        (["--json"], Form(name="json")),
        (["--jsonl"], Form(name="jsonl")),
        (["--csv"], Form(name="csv")),
        (["-f", "tsv"], Form(name="tsv")),
        (["--json", "-f", "json"], Form(name="json")),
        (["-0"], Form(name="ids", end="\0")),
        (["-0", "--csv"], Form(name="csv", end="\0")),
        (["--null", "--jsonl"], Form(name="jsonl", end="\0")),
        (["--fields", "a,b", "--fields", "c"], Form(name="table", fields=("a,b", "c"))),
    ],
)
def test_forms(arguments: list[str], form: Form) -> None:
    assert form_of(_options(*arguments)) == form


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--json", "--csv"], "json and csv cannot be combined"),
        (["--json", "-f", "table"], "cannot be combined"),
        (["-0", "--json"], "--null and --format json cannot be combined"),
        (["-0", "-f", "table"], "--null and --format table cannot be combined"),
        (["-f", "ids", "--fields", "id"], "--fields and --format ids cannot be combined"),
        (["-0", "--fields", "id"], "--fields and --format ids cannot be combined"),
    ],
)
def test_forms_that_exclude_each_other(arguments: list[str], complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        form_of(_options(*arguments))
    assert complaint in caught.value.message
    assert caught.value.hint


def test_what_a_form_says_of_itself() -> None:
    assert (Form(name="tsv").delimiter, Form(name="csv").delimiter) == ("\t", ",")
    assert Form(name="csv", fields=("a, +b",)).adds
    assert not Form(name="csv", fields=("a", "b")).adds


@pytest.mark.parametrize(("arguments", "color"), [([], None), (["--color", "auto"], None), (["--color=always"], True)])
def test_color_is_remembered_by_the_context(arguments: list[str], color: bool | None) -> None:
    assert _options(*arguments)["color"] is color
    assert _options("--color", "never")["color"] is False
    with pytest.raises(click.UsageError):
        _options("--color", "blue")
