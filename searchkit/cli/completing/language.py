"""Completing a query: the name of a field, or a value behind its colon.

takes:    the query up to the place where somebody types; who knows values
gives:    the query with that place completed in several ways
does not: parse: a query that is being typed is none yet
traps:    what is typed stays as it is; only what follows the last bracket, blank or colon is replaced
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from searchkit.query import ast, fields
from searchkit.query.fields import Field, Record

Values = Callable[[str, str], list[str]]
"""Values of a field (by its name) that begin with what is typed."""

DATES = (
    *("today", "yesterday", "7d", "30d", "this-week", "last-week", "this-month", "last-month", "this-year"),
    "last-year",
)
SAVED = "saved"


class _Place(Struct, frozen=True, kw_only=True):
    """Where somebody types: what is written before, the term being typed, and the field in whose brackets that is."""

    before: str
    term: str
    field: Field | None


def completed(query: str, record: Record, values: Values) -> Iterator[str]:
    """The query completed. `values` is asked for those of name and keyword fields, and of `saved`."""
    place = _place(query)
    sign = place.term[:1] if place.term[:1] in ("-", "+") else ""
    name, colon, typed = place.term[len(sign) :].partition(":")
    if place.field is not None:
        yield from (place.before + value for value in _of_field(place.field, place.term, values))
    elif not colon:
        for known in _names(record):
            if known.startswith(name.casefold()):
                yield f"{place.before}{sign}{known}:"
    else:
        start = f"{place.before}{sign}{name}:"
        meta, field = name.casefold(), fields.find(name)
        if meta == "has":
            yield from (start + one.name for one in fields.FIELDS if one.name.startswith(typed.casefold()))
        elif meta == SAVED:
            yield from (start + one for one in values(SAVED, typed))
        elif field is not None:
            yield from (start + value for value in _of_field(field, typed, values))


def _names(record: Record) -> list[str]:
    known = [field.name for field in fields.FIELDS if record in field.records]
    return [*known, "exact", "has", SAVED]


def _place(query: str) -> _Place:
    """What is being typed at the end of `query`: blanks inside quotation marks are part of it."""
    start, quoted = 0, False
    groups: list[Field | None] = []
    for number, sign in enumerate(query):
        if sign == '"' and query[number - 1 : number] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif sign in "({":
            opener = query[start:number].lstrip("-+")
            groups.append(fields.find(opener[:-1]) if sign == "(" and opener.endswith(":") else None)
            start = number + 1
        elif sign in ")}" or sign.isspace():
            if not sign.isspace() and groups:
                groups.pop()
            start = number + 1
    return _Place(before=query[:start], term=query[start:], field=groups[-1] if groups else None)


def _of_field(field: Field, typed: str, values: Values) -> Iterator[str]:
    if field.kind == "date":
        yield from (point for point in DATES if point.startswith(typed))
    elif field.kind in ("name", "keyword") and (field.facet or field.name == "id"):
        for value in values(field.name, typed.lstrip("=").replace('"', "")):
            # A name is asked for as a whole; verbs, kinds and languages are one word.
            node = ast.Equals(text=value) if field.kind == "name" else ast.Phrase(text=value)
            yield value if field.kind == "keyword" and value.isalnum() else str(node)
