"""The form an answer is printed in: the options that ask for one, and what they mean together."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from msgspec import Struct

from searchkit.errors import UsageError

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "ids")
# Those made of lines that can end with NUL instead.
_LINES = ("jsonl", "csv", "tsv", "ids")
_SHORT = ("json", "jsonl", "csv")
_Command = TypeVar("_Command", bound=Callable[..., Any])


class Form(Struct, frozen=True, kw_only=True):
    """`name` is one of FORMATS; `fields` as written with `--fields`, none for the usual ones; `end` ends a line."""

    name: str
    fields: tuple[str, ...] = ()
    end: str = "\n"

    @property
    def adds(self) -> bool:
        """Whether the fields are to be added to the usual ones (`+name`)."""
        return any(part.strip().startswith("+") for text in self.fields for part in text.split(","))

    @property
    def delimiter(self) -> str:
        """What parts the cells of a sheet."""
        return "\t" if self.name == "tsv" else ","


def form_options(command: _Command) -> _Command:
    """The options that choose a form."""
    for option in reversed(
        (
            click.option("-f", "--format", "form", type=click.Choice(FORMATS), help="Form (default: table)."),
            click.option("--json", "as_json", is_flag=True, help="Same as --format json."),
            click.option("--jsonl", "as_jsonl", is_flag=True, help="Same as --format jsonl."),
            click.option("--csv", "as_csv", is_flag=True, help="Same as --format csv."),
            click.option(
                "--fields", multiple=True, metavar="A,B", help="Print these fields; +A adds A to the usual ones."
            ),
            click.option("-0", "--null", "null", is_flag=True, help="End ids and lines with NUL, as xargs -0 reads."),
        )
    ):
        command = option(command)
    return command


def form_of(options: Mapping[str, Any]) -> Form:
    """The form that the options ask for. UsageError when they exclude each other."""
    asked = [name for name in _SHORT if options.get(f"as_{name}")]
    if options.get("form"):
        asked.append(options["form"])
    distinct = list(dict.fromkeys(asked))
    if len(distinct) > 1:
        raise UsageError(f"--format {distinct[0]} and {distinct[1]} exclude each other.", hint="Give one of them.")
    null = bool(options.get("null"))
    name = distinct[0] if distinct else "ids" if null else "table"
    if null and name not in _LINES:
        raise UsageError(
            f"--null ends lines with NUL, and {name} is not made of such.", hint=f"It goes with {', '.join(_LINES)}."
        )
    fields = tuple(options.get("fields") or ())
    if fields and name == "ids":
        raise UsageError("--format ids prints ids alone.", hint="--fields goes with table, json, jsonl, csv and tsv.")
    return Form(name=name, fields=fields, end="\0" if null else "\n")


def terminal_options(command: _Command) -> _Command:
    """`--color` and `--no-pager`: how a terminal is written to."""
    command = click.option("--no-pager", is_flag=True, help="Print to the terminal directly.")(command)
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        callback=_set_color,
        help="Color (default: on a terminal; NO_COLOR and FORCE_COLOR are honored).",
    )(command)


def _set_color(ctx: click.Context, _parameter: click.Parameter, value: str) -> None:
    """Remembered by click's context, which `output.has_color` asks."""
    if value != "auto":
        ctx.color = value == "always"
