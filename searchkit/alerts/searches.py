"""Saved searches and their files: TOML that people may edit, parsed strictly.

    syntax = 1
    name = "denials"
    query = 'verb:denied AND date:7d'
    over = "quotes"
    note = "What is denied, for the weekly meeting."

    [alert]
    sinks = ["stdout", "atom:alerts.xml"]
    every = "day"

Every mistake is a ConfigError with the file, the key and what to write instead.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, get_args

from msgspec import Struct

from searchkit.alerts.sinks import FORMS, SinkAddress, sink_address
from searchkit.errors import ConfigError, did_you_mean
from searchkit.files import parse_toml
from searchkit.query.fields import Record
from searchkit.query.parser import SYNTAX
from searchkit.query.scanner import NAME
from searchkit.query.words import visible
from searchkit.search.statement_text import LOW_CONFIDENCE

Every = Literal["run", "day", "week"]
Over = Literal["documents", "quotes"]
GroupBy = Literal["speaker", "about", "watchlist", "outlet", "nothing"]
# Cron jobs start late and updates take some minutes; a daily alert is still due on the next day. The slack is less than
# the hour between two runs, or each day's digest would come an hour earlier.
_SLACK = timedelta(minutes=30)
PERIODS: dict[Every, timedelta] = {
    "run": timedelta(0),
    "day": timedelta(days=1) - _SLACK,
    "week": timedelta(weeks=1) - _SLACK,
}
OVER: dict[str, Record] = {"documents": "document", "quotes": "quote"}
_KEYS = ("syntax", "name", "query", "over", "note", "alert")
_ALERT_KEYS = ("sinks", "every", "group_by", "min_confidence", "per_group")
_MAX_NOTE = 2_000
_HEAD = "# A saved search of searchkit. After editing, check it with `searchkit saved check`.\n"


class AlertSettings(Struct, frozen=True, kw_only=True):
    """The alert of a saved search: where it reports, how often it runs, how its digest is grouped.

    `group_by` is chosen to fit the query if None. A statement whose words or speaker have less than `min_confidence` (0
    to 1) is not a headline. A digest shows at most `per_group` items of a group.
    """

    sinks: tuple[SinkAddress, ...] = (SinkAddress(kind="stdout"),)
    every: Every = "run"
    group_by: GroupBy | None = None
    min_confidence: float = LOW_CONFIDENCE
    per_group: int = 10


class SavedSearch(Struct, frozen=True, kw_only=True):
    """A query saved under a name. `query` is in canonical form if searchkit wrote it; its dates stay relative."""

    name: str
    query: str
    record: Record
    note: str = ""
    alert: AlertSettings | None = None

    @property
    def over(self) -> Over:
        """What it searches, as in its file: documents or quotes."""
        return "documents" if self.record == "document" else "quotes"


def read(written: bytes, *, name: str, place: str) -> SavedSearch:
    """Parse the file of the saved search `name` at `place`. ConfigError for any mistake."""
    try:
        table = parse_toml(written.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{place} is not UTF-8.", hint="Save it as UTF-8.") from error
    except ValueError as error:
        raise ConfigError(f"{place} is not valid TOML: {error}.", hint="Fix it in an editor.") from error
    keys = _Keys(table, place, _KEYS)
    _check_syntax(keys)
    if keys.text("name", default=name) != name:
        raise keys.wrong("name", f"is {table['name']!r}", f'Use the name of the file: name = "{name}".')
    query = keys.text("query")
    if not query.strip():
        raise keys.wrong("query", "is empty", "Write query = 'speaker:Xu AND date:7d'.")
    over = keys.text("over")
    if over not in OVER:
        raise keys.wrong("over", f"is {over!r}", 'Write over = "documents" or over = "quotes".')
    record = OVER[over]
    note = keys.text("note", default="")
    if len(note) > _MAX_NOTE:
        raise keys.wrong("note", f"has {len(note):,} characters", f"Use at most {_MAX_NOTE:,}.")
    alert = table.get("alert")
    if alert is not None and not isinstance(alert, dict):
        raise keys.wrong("alert", "is not a table", "Write a line [alert], and its keys below it.")
    settings = None if alert is None else _alert(_Keys(alert, place, _ALERT_KEYS, "alert."), record)
    return SavedSearch(name=name, query=query, record=record, note=note, alert=settings)


def _check_syntax(keys: "_Keys") -> None:
    syntax = keys.table.get("syntax")
    if not isinstance(syntax, int) or isinstance(syntax, bool) or syntax < 1:
        problem = "is missing" if syntax is None else f"is {syntax!r}"
        raise keys.wrong("syntax", problem, f"Write syntax = {SYNTAX}: the version of the query language.")
    if syntax > SYNTAX:
        raise keys.wrong("syntax", f"is {syntax}, and this searchkit supports up to {SYNTAX}", "Upgrade searchkit.")


def _alert(keys: "_Keys", record: Record) -> AlertSettings:
    default = AlertSettings()
    every = keys.choice("every", tuple(PERIODS), default=default.every)
    group_by = keys.choice("group_by", get_args(GroupBy), default="") or None
    if record == "document" and group_by in {"speaker", "about"}:
        raise keys.wrong(
            "group_by", f'is "{group_by}", which documents do not have', 'Write over = "quotes", or another grouping.'
        )
    sinks = []
    for written in keys.texts("sinks", default=["stdout"]):
        try:
            sinks.append(sink_address(written))
        except ValueError as error:
            kind = written.partition(":")[0]
            # The text behind the colon may be a secret.
            raise keys.wrong("sinks", f'holds "{kind[:20]}:...": {error}', f"Sinks: {FORMS}.") from None
    return AlertSettings(
        sinks=tuple(dict.fromkeys(sinks)),
        every=every,  # type: ignore[arg-type]  # checked by `choice`
        group_by=group_by,  # type: ignore[arg-type]  # checked by `choice`
        min_confidence=keys.number("min_confidence", default.min_confidence, 0.0, 1.0),
        per_group=int(keys.number("per_group", default.per_group, 1, 1_000)),
    )


class _Keys:
    """A table of a file, read key by key; mistakes are reported with the file and the key."""

    def __init__(self, table: Mapping[str, Any], place: str, known: tuple[str, ...], before: str = "") -> None:
        self.table = table
        self._place = place
        self._before = before
        for key in table:
            if key not in known:
                meant = did_you_mean(key, known)
                raise ConfigError(
                    f'{place}: unknown key "{before}{_shown(key)}".{meant}', hint=f"Keys: {', '.join(known)}."
                )

    def wrong(self, key: str, problem: str, hint: str) -> ConfigError:
        return ConfigError(f"{self._place}: {self._before}{key} {_shown(problem, 300)}.", hint=hint)

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing", f'Write {self._before}{key} = "...".')
        if not isinstance(value, str):
            raise self.wrong(key, f"is {value!r}", "Write it in quotation marks.")
        return value

    def texts(self, key: str, *, default: list[str]) -> list[str]:
        value = self.table.get(key, default)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(isinstance(text, str) for text in listed):
            raise self.wrong(key, "is not a list of texts, or is empty", f'Write {key} = ["{default[0]}"].')
        return listed

    def choice(self, key: str, choices: tuple[str, ...], *, default: str) -> str:
        value = self.text(key, default=default)
        if value not in choices and (value or key in self.table):
            raise self.wrong(key, f"is {value!r}", f"Write one of: {', '.join(choices)}.")
        return value

    def number(self, key: str, default: float, lowest: float, highest: float) -> float:
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise self.wrong(key, f"is {value!r}", f"Write a number from {lowest:g} to {highest:g}.")
        return float(value)


def _shown(text: str, most: int = 60) -> str:
    return "".join(map(visible, text if len(text) <= most else text[:most] + "…"))


def is_name(text: str) -> bool:
    """Return whether a search can be saved under this name: lower-case letters, digits, - and _."""
    return NAME.fullmatch(text) is not None


# --- writing ---------------------------------------------------------------------------------------------------------

# TOML's literal strings hold no single quote and no control character; other invisible characters are escaped.
_LITERAL = re.compile(r"[^'\x00-\x1f\x7f]{0,20000}")


def written(search: SavedSearch) -> str:
    """Return the text of its file; `read` returns the same search. UnicodeEncodeError for a lone surrogate."""
    lines = [
        f"syntax = {SYNTAX}",
        f"name = {_string(search.name)}",
        f"query = {_string(search.query)}",
        f"over = {_string(search.over)}",
    ]
    if search.note:
        lines.append(f"note = {_string(search.note)}")
    alert = search.alert
    if alert is not None:
        lines += ["", "[alert]", f"sinks = [{', '.join(_string(str(sink)) for sink in alert.sinks)}]"]
        lines.append(f"every = {_string(alert.every)}")
        if alert.group_by is not None:
            lines.append(f"group_by = {_string(alert.group_by)}")
        lines += [f"min_confidence = {alert.min_confidence}", f"per_group = {alert.per_group}"]
    text = _HEAD + "\n".join(lines) + "\n"
    text.encode("utf-8")
    return text


def _string(text: str) -> str:
    """Return `text` as a TOML string, with single quotes where that is easier to read."""
    plain = "".join(map(visible, text)) == text
    if plain and '"' in text and _LITERAL.fullmatch(text):
        return f"'{text}'"
    return "".join(_escaped(character) for character in json.dumps(text, ensure_ascii=False))


def _escaped(character: str) -> str:
    """Return a character of a JSON string, escaped if TOML forbids it or it is invisible."""
    if visible(character) == character:
        return character
    code = ord(character)
    return character if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
