"""The commands as data, and commands made of that data: with their options, without what they do.

takes:    click commands; or their description
gives:    the description; or click commands that can be completed, but not run
does not: know what completes a value: it is told
traps:    importing every command takes several times as long as anybody wants to wait for a completion
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import click

FILE = Path(__file__).with_name("commands.json")

Tree: TypeAlias = dict[str, Any]
Complete: TypeAlias = Callable[[click.Context, str], list[Any]]
"""Values, or click's items, that begin with what is typed."""
Choose: TypeAlias = Callable[[str, Mapping[str, Any]], Complete | None]
"""What completes a parameter, from the name of its command and its description; None for nothing of ours."""


def described(command: click.Command) -> Tree:
    """What there is to complete of a command, as JSON holds it."""
    tree: Tree = {"help": command.get_short_help_str(100)}
    tree["parameters"] = [_parameter(parameter) for parameter in command.params]
    if isinstance(command, click.Group):
        context = click.Context(command)
        found = {name: command.get_command(context, name) for name in command.list_commands(context)}
        tree["commands"] = {name: described(one) for name, one in found.items() if one is not None}
    return tree


def _parameter(parameter: click.Parameter) -> Tree:
    kind = parameter.type
    found: Tree = {"name": parameter.name, "metavar": parameter.metavar or "", "nargs": parameter.nargs}
    if isinstance(kind, click.Choice):
        found["choices"] = [str(choice) for choice in kind.choices]
    if isinstance(kind, click.Path):
        found["path"] = "file" if kind.file_okay else "folder"
    if isinstance(parameter, click.Option):
        found["options"] = [*parameter.opts, *parameter.secondary_opts]
        found["flag"] = parameter.is_flag or parameter.count
        found["multiple"] = parameter.multiple
        found["help"] = parameter.help or ""
    return found


def load() -> Tree:
    """The description of `searchkit` with all its commands."""
    tree: Tree = json.loads(FILE.read_bytes())
    return tree


def save(tree: Tree) -> None:
    """Write the description."""
    FILE.write_text(json.dumps(tree, indent=1) + "\n", encoding="utf-8")


def rebuilt(name: str, tree: Tree, choose: Choose, *, above: str = "") -> click.Command:
    """A command that can be completed as the one described. `above` is the command it belongs to, if to any."""
    parameters = [_made(parameter, choose(above or name, parameter)) for parameter in tree["parameters"]]
    settings = {} if above else {"help_option_names": ["-h", "--help"]}
    if "commands" not in tree:
        return click.Command(name, params=parameters, short_help=tree["help"], context_settings=settings)
    below = {one: rebuilt(one, its_tree, choose, above=above or one) for one, its_tree in tree["commands"].items()}
    return click.Group(name, params=parameters, short_help=tree["help"], context_settings=settings, commands=below)


def _made(parameter: Mapping[str, Any], complete: Complete | None) -> click.Parameter:
    kind: click.ParamType[Any] | None = None
    asked = None if complete is None else lambda context, _parameter, typed: complete(context, typed)
    if "choices" in parameter:
        kind = click.Choice(parameter["choices"])
    elif "path" in parameter:
        kind = click.Path(file_okay=parameter["path"] == "file")
    if "options" not in parameter:
        return click.Argument(
            [parameter["name"]], type=kind, nargs=parameter["nargs"], required=False, shell_complete=asked
        )
    return click.Option(
        [*parameter["options"], parameter["name"]],
        type=kind,
        is_flag=parameter["flag"],
        nargs=None if parameter["flag"] else parameter["nargs"],
        multiple=parameter["multiple"],
        help=parameter["help"],
        shell_complete=asked,
    )
