"""JSON Lines records. The text stays as it is, so that offsets into it stay valid."""

import json
from datetime import date
from typing import Any

from searchkit.errors import InputError
from searchkit.parse.base import Draft, language_code, web_address
from searchkit.parse.byline import people
from searchkit.statements.dates import PartialDate
from searchkit.statements.dates.stated import parse_stated, unusable
from searchkit.statements.document import Resource

_ADDRESSES = ("uri", "url", "id")
_DATES = ("published", "date")
_TEXTS = ("text", "body")
# The first newspaper is from 1605; an earlier year is an error.
_EARLIEST_YEAR = 1605


def _load(body: bytes) -> dict[str, Any]:
    try:
        # NaN and the infinities are not JSON; other programs could not read them in our output.
        record = json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise InputError("not valid JSON") from error
    if not isinstance(record, dict):
        raise InputError("not a JSON object")
    return record


def _date(record: dict[str, Any], key: str, today: date, notes: list[str]) -> PartialDate | None:
    value = record.pop(key, None)
    if value is None:
        return None
    written = str(value).strip() if isinstance(value, str | int) else ""
    found = parse_stated(written, source="record", today=today, earliest_year=_EARLIEST_YEAR) if written else None
    if found is None:
        notes.append(f"{key} ignored ({unusable(written)}): {json.dumps(value, ensure_ascii=False)[:100]}")
        record[key] = value  # kept among the unknown keys
    return found


def _string(record: dict[str, Any], key: str) -> str | None:
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
    """Return the draft of a record. `extra` keeps unknown keys, and known keys with a value of an unexpected type."""
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
        outlet=_string(record, "outlet"),
        title=_string(record, "title"),
        byline=_byline(record),
        published=published,
        updated=_date(record, "updated", today, notes),
        language=language,
        notes=tuple(notes),
        extra=record,
    )
