"""Filters given beside the query string (`--speaker`, `--since`) as nodes of the same tree.

Values of one field OR together, fields and the query AND. A filter alone asks about every record.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date

from searchkit.dates import period
from searchkit.errors import UsageError
from searchkit.query import ast
from searchkit.query.fields import find
from searchkit.query.signs import is_signs_only, plain, shown
from searchkit.query.words import Fault, is_plain_word, read_word


def filtered(
    query: ast.Node, filters: Mapping[str, Sequence[str]], *, since: str = "", until: str = "", today: date
) -> ast.Node:
    """`query` narrowed by `filters` (field name -> values) and by days of publication.

    A name value asks for its words in a row, or, written `=Name`, for the whole name. `since` and `until` are dates of
    the query language. UsageError when one of them is no date.
    """
    nodes = [query]
    for name, values in filters.items():
        if values:
            nodes.append(ast.disjunction(*(_value(name, value) for value in values)))
    if since or until:
        start = _day(since, "--since", today)[0] if since else None
        end = _day(until, "--until", today)[1] if until else None
        if start and end and start > end:
            raise UsageError(f"--since {since} lies after --until {until}.")
        written = f"{since}..{until}"
        nodes.append(ast.Field(name="date", value=ast.Range(written=written, start=start, end=end)))
    return ast.conjunction(*nodes)


def _value(name: str, value: str) -> ast.Node:
    field = find(name)
    if field is None:
        raise ValueError(f"no such field: {name}")
    value = value.strip()
    words = plain(value)
    if not words[words.startswith("=") :].strip() or (not words.startswith("=") and is_signs_only(words)):
        raise UsageError(f"--{name} needs a value.")
    if not words.startswith("="):
        _refuse_wildcards(name, words)
    node: ast.Node
    if words.startswith("="):
        node = ast.Equals(text=_plain_spaces(value[1:]))
    else:
        # As the parser would read it, so that the canonical form of the whole can be asked again.
        node = ast.Term(text=words) if is_plain_word(words, "value") else ast.Phrase(text=words)
    return ast.Field(name=field.name, value=node)


def _refuse_wildcards(name: str, words: str) -> None:
    """What would be a wildcard in the query must not pass for the sign it ends with."""
    for word in words.split():
        with suppress(Fault):
            found = read_word(word)
            if found is not None and found.kind != "plain":
                raise UsageError(
                    f"--{name} takes names as they are; {shown(word)} is no wildcard there.",
                    hint=f"Write it in the query, {name}:{shown(word)}, or --{name} =NAME for a name that ends so.",
                )


def _plain_spaces(text: str) -> str:
    """`text` as the parser keeps it between quotation marks: what counts as white space is a space."""
    return "".join(" " if plain(sign) == " " else sign for sign in text)


def _day(written: str, flag: str, today: date) -> tuple[date, date]:
    try:
        return period(written, today=today)
    except ValueError as error:
        raise UsageError(f'{flag}: "{written}" is not a date: {error}.', hint="Write 2022, 2022-12 or 7d.") from error
