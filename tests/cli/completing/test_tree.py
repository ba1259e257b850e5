"""The commands as data.

After a change of commands or options: pytest tests/cli/completing --update-golden
"""

from collections.abc import Iterator

import click
import pytest

from searchkit.cli import COMMANDS, main
from searchkit.cli.completing.choosing import chosen
from searchkit.cli.completing.tree import described, load, rebuilt, save
from searchkit.query.fields import FIELDS


def test_the_description_is_that_of_the_commands(update_golden: bool) -> None:
    tree = described(main)
    if update_golden:
        save(tree)
    assert load() == tree, "Run: pytest tests/cli/completing --update-golden"


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    yield command, context
    if isinstance(command, click.Group):
        for name in sorted(command.list_commands(context)):
            below = command.get_command(context, name)
            assert below is not None
            yield from _commands(below, click.Context(below, info_name=name, parent=context))


def test_what_is_rebuilt_takes_the_same_options() -> None:
    made = rebuilt("searchkit", load(), lambda _command, _parameter: None)
    for (real, context), (copy, _) in zip(
        _commands(main, click.Context(main, info_name="searchkit")),
        _commands(made, click.Context(made, info_name="searchkit")),
        strict=True,
    ):
        assert context.info_name == copy.name
        assert [(one.name, one.opts) for one in real.params] == [(one.name, one.opts) for one in copy.params]
        for one, other in zip(real.params, copy.params, strict=True):
            assert (one.nargs, one.multiple) == (other.nargs, other.multiple)
            assert isinstance(one.type, click.Choice) == isinstance(other.type, click.Choice)
            if isinstance(one, click.Option):
                assert isinstance(other, click.Option)
                assert one.is_flag == other.is_flag


def test_every_command_is_there() -> None:
    assert list(load()["commands"]) == list(COMMANDS)


@pytest.mark.parametrize("name", [field.name for field in FIELDS if field.facet])
def test_an_option_of_the_name_of_a_field_is_completed(name: str) -> None:
    option = {"name": name, "options": [f"--{name}"], "metavar": "NAME", "flag": False}
    assert chosen("query", option) is not None


def test_what_click_completes_and_free_text_are_left_alone() -> None:
    for parameter in (
        {"name": "kind", "options": ["--kind"], "metavar": "", "choices": ["direct"], "flag": False},
        {"name": "copies", "options": ["--copies"], "metavar": "", "flag": True},
        {"name": "note", "options": ["--note"], "metavar": "TEXT", "flag": False},
        {"name": "source", "metavar": "[WORDS]"},
    ):
        assert chosen("query", parameter) is None
