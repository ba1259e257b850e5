"""What completes which parameter: told by what its help calls its value (QUERY, ID, DATE), or by its own name.

takes:    the description of a parameter
gives:    a function that completes its value
does not: read the archive before somebody types a value of it
traps:    a new option of the name of a field is completed with the field's values, without a word here
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from searchkit.cli.completing.tree import Complete
from searchkit.query import fields

if TYPE_CHECKING:
    from searchkit.query.fields import Record


def chosen(command: str, parameter: Mapping[str, Any]) -> Complete | None:
    """What completes the parameter of a command; None for what click completes by itself, and for free text."""
    if "choices" in parameter or "path" in parameter or parameter.get("flag"):
        return None
    found = _BY_METAVAR.get(parameter["metavar"].strip("[].")) or _BY_NAME.get(parameter["name"])
    if found is None and parameter["metavar"].strip("[].") == "NAME" and "options" not in parameter:
        found = _BY_COMMAND.get(command)
    if found is None and "options" in parameter and (field := fields.find(parameter["name"])) and field.facet:
        found = partial(_values_of, field.name)
    return found


def _archive(context: click.Context) -> Path:
    """The archive that the line names so far, or the settings do."""
    from searchkit.config import load

    above: click.Context | None = context
    while above is not None:
        if above.params.get("archive"):
            return Path(above.params["archive"])
        above = above.parent
    return load({}).archive


def _record(context: click.Context) -> "Record":
    return "quote" if context.info_name == "quotes" else "document"


def _query(context: click.Context, typed: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from searchkit.cli.completing.language import SAVED, completed

    def values(field: str, begun: str) -> list[str]:
        if field == SAVED:
            return _saved(context, begun)
        if field == "id":
            return _ids(context, begun)
        return _values_of(field, context, begun)

    found = completed(typed, _record(context), values)
    return [CompletionItem(one, type="open" if one.endswith(":") else "plain") for one in found]


def _values_of(field: str, context: click.Context, typed: str) -> list[str]:
    from searchkit.cli.completing import known

    return known.values(_archive(context), field, typed, _record(context))


def _ids(context: click.Context, typed: str) -> list[str]:
    from searchkit.cli.completing import known

    return known.ids(_archive(context), typed)


def _dates(_context: click.Context, typed: str) -> list[str]:
    from searchkit.cli.completing.language import DATES

    return [point for point in DATES if point.startswith(typed)]


def _facets(_context: click.Context, typed: str) -> list[str]:
    from searchkit.index.base import Interval

    names = []
    for field in fields.FIELDS:
        if field.facet:
            names.append(field.name)
            names += [
                f"{field.name}:{interval}" for interval in get_args(Interval) if field.kind == "date" and ":" in typed
            ]
    return [name for name in names if name.startswith(typed.casefold())]


def _in_folder(name: str, ending: str) -> Complete:
    def complete(context: click.Context, typed: str) -> list[str]:
        from searchkit.cli.completing import known

        return [one for one in known.files(_archive(context) / name, ending) if one.startswith(typed)]

    return complete


def _topics(_context: click.Context, typed: str) -> list[str]:
    from searchkit.cli import COMMANDS
    from searchkit.cli.topics import TOPICS

    return [topic for topic in dict.fromkeys((*TOPICS, *COMMANDS)) if topic.startswith(typed)]


_saved = _in_folder("saved", ".toml")
_BY_METAVAR: dict[str, Complete] = {
    "QUERY": _query,
    "ID": _ids,
    "DATE": _dates,
    "TOPIC": _topics,
}
_BY_NAME: dict[str, Complete] = {"facet": _facets}
_BY_COMMAND: dict[str, Complete] = {
    "saved": _saved,
    "alerts": _saved,
    "watchlist": _in_folder("watchlists", ".jsonl"),
}
