"""Saved searches and their files: TOML that people may edit, parsed strictly.

    syntax = 1
    name = "denials"
    query = 'verb:denied AND date:7d'
    over = "statements"
    note = "What is denied, for the weekly meeting."

    [alert]
    sinks = ["stdout", "atom:alerts.xml"]
    every = "day"

Every mistake is a ConfigError with the file, the key and what to write instead.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from searchkit.alerts.sinks import FORMS, SinkAddress, sink_address
from searchkit.errors import ConfigError
from searchkit.files import quoted, read_table, read_toml
from searchkit.query.fields import Record
from searchkit.query.parser import NAME, SYNTAX
from searchkit.query.words import visible
from searchkit.records import Share
from searchkit.search.statement_text import LOW_CONFIDENCE

Every = Literal["run", "day", "week"]
Over = Literal["documents", "statements"]
GroupBy = Literal["speaker", "about", "watchlist", "outlet", "nothing"]
# Cron jobs start late and updates take some minutes; a daily alert is still due on the next day. The slack is less than
# the hour between two runs, or each day's digest would come an hour earlier.
_SLACK = timedelta(minutes=30)
PERIODS: dict[Every, timedelta] = {
    "run": timedelta(0),
    "day": timedelta(days=1) - _SLACK,
    "week": timedelta(weeks=1) - _SLACK,
}
_HEAD = "# A saved search of searchkit. After editing, check it with `searchkit saved check`.\n"


class AlertSettings(Struct, frozen=True, kw_only=True):
    """What an alert does."""

    sinks: Annotated[
        tuple[str, ...],
        Meta(
            min_length=1,
            description="Where it reports: stdout, atom:FILE, sendmail:ADDRESS, webhook:URL.",
            extra={"write": 'Write sinks = ["stdout"].'},
        ),
    ] = ("stdout",)
    every: Annotated[Every, Meta(description="How often it runs.")] = "run"
    group_by: Annotated[GroupBy | None, Meta(description="How its digest is grouped; null to choose by the query.")] = (
        None
    )
    min_confidence: Annotated[Share, Meta(description="A statement below it is not a headline.")] = LOW_CONFIDENCE
    per_group: Annotated[int, Meta(ge=1, le=1_000, description="Items of a group that a digest lists.")] = 10

    @property
    def addresses(self) -> tuple[SinkAddress, ...]:
        """The sinks, each once."""
        return tuple(map(sink_address, dict.fromkeys(self.sinks)))

    @property
    def shown_sinks(self) -> tuple[str, ...]:
        """The sinks for printing, without secrets."""
        return tuple(address.shown for address in self.addresses)


class SavedSearch(Struct, frozen=True, kw_only=True):
    """A query saved under a name. `query` is in canonical form if searchkit wrote it; its dates stay relative."""

    syntax: Annotated[int, Meta(ge=1, le=SYNTAX)] = SYNTAX
    name: str
    query: Annotated[str, Meta(pattern=r"\S", extra={"write": "Write what to look for: 'speaker:Xu AND date:7d'."})]
    over: Over
    note: Annotated[str, Meta(max_length=2_000, extra={"write": "Write at most 2,000 characters."})] = ""
    alert: Annotated[AlertSettings | None, Meta(extra={"write": "Write a line [alert], and its keys below it."})] = None

    @property
    def record(self) -> Record:
        """The record that it finds."""
        return "document" if self.over == "documents" else "quote"


def read(written: bytes, *, name: str, place: str) -> SavedSearch:
    """Parse the file of the saved search `name` at `place`. ConfigError for any mistake."""
    table = read_toml(written, place)
    syntax = table.get("syntax")
    if syntax is None:
        raise ConfigError(f"{place}: syntax is missing.", hint=f"Write syntax = {SYNTAX}: the version of the queries.")
    if isinstance(syntax, int) and syntax > SYNTAX:
        raise ConfigError(
            f"{place}: syntax is {syntax}; this searchkit supports up to {SYNTAX}.", hint="Upgrade searchkit."
        )
    search = search_of({"name": name, **table}, place)
    if search.name != name:
        raise ConfigError(f'{place}: name is "{quoted(search.name)}".', hint=f'Use that of the file: name = "{name}".')
    return search


def search_of(table: Mapping[str, Any], place: str) -> SavedSearch:
    """Return the saved search in a table of a file, or in the values of a form. ConfigError for any mistake."""
    stated = dict(table)
    if stated.get("over") == "quotes":  # the word of earlier versions
        stated["over"] = "statements"
    if isinstance(stated.get("alert"), dict):
        stated["alert"] = read_table(stated["alert"], AlertSettings, f"{place}: alert")
    search = read_table(stated, SavedSearch, place)
    alert = search.alert or AlertSettings()
    if search.over == "documents" and alert.group_by in {"speaker", "about"}:
        hint = "Choose statements, or another grouping."
        raise ConfigError(f'{place}: group_by is "{alert.group_by}", which documents do not have.', hint=hint)
    for sink in alert.sinks:
        try:
            sink_address(sink)
        except ValueError as error:  # the text behind the colon may be a secret
            kind = quoted(sink.partition(":")[0])
            raise ConfigError(f'{place}: the sink "{kind}:...": {error}.', hint=f"Sinks: {FORMS}.") from None
    return search


def is_name(text: str) -> bool:
    """Return whether a search can be saved under this name: lower-case letters, digits, - and _."""
    return NAME.fullmatch(text) is not None


# --- writing ---------------------------------------------------------------------------------------------------------


def written(search: SavedSearch) -> str:
    """Return the text of its file; `read` returns the same search."""
    lines = [f"syntax = {SYNTAX}"]
    lines += [f"{key} = {_toml(value)}" for key in ("name", "query", "over", "note") if (value := getattr(search, key))]
    if search.alert is not None:
        values = ((key, getattr(search.alert, key)) for key in AlertSettings.__struct_fields__)
        lines += ["", "[alert]", *(f"{key} = {_toml(value)}" for key, value in values if value is not None)]
    return _HEAD + "\n".join(lines) + "\n"


def _toml(value: str | float | tuple[str, ...]) -> str:
    """Return a value in TOML: a text with double quotes in single quotes, which are easier to read."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if not isinstance(value, str):
        return str(value)
    if '"' in value and "'" not in value and all(visible(sign) == sign for sign in value):
        return f"'{value}'"
    return "".join(_escaped(sign) for sign in json.dumps(value, ensure_ascii=False))


def _escaped(character: str) -> str:
    """Return a character of a JSON string, escaped if TOML forbids it or it is invisible."""
    if visible(character) == character or 0xD800 <= ord(character) <= 0xDFFF:
        return character
    return f"\\U{ord(character):08x}"
