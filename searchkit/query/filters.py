"""Add filters (`--speaker`, `--since`) to a query tree. Values of a field are joined by OR, fields by AND."""

from collections.abc import Mapping, Sequence
from datetime import date

from searchkit.errors import UsageError
from searchkit.query import ast
from searchkit.query.fields import find
from searchkit.query.words import is_plain_word, is_punctuation, plain, shown
from searchkit.statements.dates import period
from searchkit.statements.text import normalize, without_ignorable


def filtered(
    query: ast.Node, filters: Mapping[str, Sequence[str]], *, since: str = "", until: str = "", today: date
) -> ast.Node:
    """Return `query` narrowed by `filters` (values by field name) and by days of publication.

    A name matches its words in a row or, written `=Name`, the complete name. `since` and `until` are dates of the query
    language. UsageError for a mistake in a value.
    """
    nodes = [query]
    for name, values in filters.items():
        if values:
            nodes.append(ast.disjunction(*(_value(name, value) for value in values)))
    if since or until:
        start = _day(since, "--since", today)[0] if since else None
        end = _day(until, "--until", today)[1] if until else None
        if start and end and start > end:
            raise UsageError(f"--since {since} is after --until {until}.")
        written = f"{since}..{until}"
        nodes.append(ast.Field(name="date", value=ast.Range(written=written, start=start, end=end)))
    return ast.conjunction(*nodes)


def _value(name: str, value: str) -> ast.Node:
    field = find(name)
    if field is None:
        raise ValueError(f"no such field: {name}")
    value = without_ignorable(normalize(value)).strip()
    words = plain(value)
    is_complete = words.startswith("=")
    if not words[is_complete:].strip() or (not is_complete and is_punctuation(words)):
        raise UsageError(f"--{name} needs a value.")
    if not is_complete and any(sign in words for sign in "*?~"):
        raise UsageError(
            f'--{name} takes names as written; "*", "?" and "~" are not wildcards there.',
            hint=f"Write {name}:{shown(words)} in the query, or --{name} =NAME for such a name.",
        )
    node: ast.Node
    if is_complete:
        # As the parser keeps it in quotation marks: all white space as spaces.
        node = ast.Equals(text="".join(" " if plain(character) == " " else character for character in value[1:]))
    else:
        # As the parser reads it, so that the canonical form can be parsed again.
        node = ast.Term(text=words) if is_plain_word(words, "value") else ast.Phrase(text=words)
    return ast.Field(name=field.name, value=node)


def _day(written: str, flag: str, today: date) -> tuple[date, date]:
    try:
        return period(written, today=today)
    except ValueError as error:
        raise UsageError(f'{flag}: "{written}" is not a date: {error}.', hint="Write 2022, 2022-12 or 7d.") from error
