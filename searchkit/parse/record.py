"""A JSON Lines record: its text is taken as it is, so that offsets into it stay true."""

import json
from datetime import date
from typing import Any

from searchkit.dates import PartialDate, parse_stated
from searchkit.document import Resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, web_address
from searchkit.parse.byline import people

_ADDRESSES = ("uri", "url", "id")
_DATES = ("published", "date")
# Collections name the text of an article one way or the other.
_TEXTS = ("text", "body")
# Whoever wrote the record stated its date on purpose, and archives reach back before the web. The first newspaper is
# of 1605; what claims to be older is a zero or a typing error.
_EARLIEST_YEAR = 1605


def _load(body: bytes) -> dict[str, Any]:
    try:
        # NaN and the infinities are no JSON; other programs could not read them back from our own output.
        record = json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise InputError("is not JSON that can be read") from error
    if not isinstance(record, dict):
        raise InputError("is not a JSON object")
    return record


def _date(record: dict[str, Any], key: str, today: date, notes: list[str]) -> PartialDate | None:
    value = record.pop(key, None)
    if value is None:
        return None
    written = str(value).strip() if isinstance(value, str | int) else ""
    found = parse_stated(written, source="record", today=today, earliest_year=_EARLIEST_YEAR) if written else None
    if found is None:
        notes.append(f"{key} is not used, as it is no date up to today: {json.dumps(value, ensure_ascii=False)[:100]}")
        record[key] = value  # not lost: it goes with the unknown keys
    return found


def _line(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    if value is None or isinstance(value, str):
        record.pop(key, None)
        return value or None
    return None


def _byline(record: dict[str, Any]) -> tuple[str, ...]:
    value = record.get("byline")
    if value is None or isinstance(value, str):
        record.pop("byline", None)
        return people(value or "") or ((value,) if value else ())
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        del record["byline"]
        return tuple(value)
    return ()


def read(resource: Resource, *, today: date) -> Draft:
    """The record on one line. Known keys of an unexpected type, like unknown ones, are kept in `extra`."""
    record = _load(resource.body)
    text = next((record.pop(key) for key in _TEXTS if isinstance(record.get(key), str)), None)
    if text is None:
        raise InputError("has no text")
    notes: list[str] = []
    addresses = [web_address(record.get(key)) for key in ("url", "uri")]
    for key in _ADDRESSES:
        if isinstance(record.get(key), str | int):
            record.pop(key)
    language = language_code(record.get("language"))
    if language is not None:
        del record["language"]
    published = _date(record, _DATES[0] if record.get(_DATES[0]) is not None else _DATES[1], today, notes)
    return Draft(
        text=text,
        canonical_url=next((address for address in addresses if address), None),
        outlet=_line(record, "outlet"),
        title=_line(record, "title"),
        byline=_byline(record),
        published=published,
        updated=_date(record, "updated", today, notes),
        language=language,
        notes=tuple(notes),
        extra=record,
    )
