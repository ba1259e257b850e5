"""Describe which posting lists and columns a query uses, for `--explain`."""

from searchkit.index.analysis import exact_key, stems, words
from searchkit.index.rows import text_fields
from searchkit.index.values import value_key
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from searchkit.query.words import quoted


def form(node: ast.Node, record: Record, field: str = "text") -> str:
    """Return one line on how `node` is evaluated; its bare words belong to `field`."""
    match node:
        case ast.All():
            return "every row"
        case ast.And(children=children) | ast.Or(children=children):
            operator = " AND " if isinstance(node, ast.And) else " OR "
            return f"({operator.join(form(child, record, field) for child in children)})"
        case ast.Not(child=child):
            return f"(every row MINUS {form(child, record, field)})"
        case ast.Field(name=name, value=value):
            return form(value, record, name)
        case ast.Scope(inner=inner):
            return f"documents of quotes[{form(inner, 'quote')}]" if record == "document" else form(inner, record)
    kind = getattr(fields.find(field), "kind", "")
    if kind == "text":
        parts = [_in_text(part, node) for part in text_fields(field, record)]
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
    return _in_names(field, node) if kind == "name" else _whole(field, node)


def _in_text(field: str, node: ast.Node) -> str:
    match node:
        case ast.Term() if len(words(node.text)) == 1:
            return f"{field}.stems:{stems(words(node.text))[0]}"
        case ast.Exact():
            return f"({field}.words:{_words(node.text)} CHECKED IN {field}.stored FOR {quoted(exact_key(node.text))})"
        case ast.Exists():
            return f"{field}.words:*"
    return f"{field}.words:{_written(node)}"


def _in_names(field: str, node: ast.Node) -> str:
    if isinstance(node, ast.Equals | ast.Regex | ast.Exists):
        return _whole(field, node)
    return f"{field}.spellings:{_words(node.text) if isinstance(node, ast.Exact) else _written(node)}"


def _written(node: ast.Node) -> str:
    match node:
        case ast.Near(left=left, right=right, distance=distance, ordered=ordered):
            return f"({_written(left)} {'ADJ' if ordered else 'NEAR'}/{distance} {_written(right)})"
        case ast.Phrase(text=text, slop=slop):
            return _words(text) + (f"~{slop}" if slop else "")
        case ast.Prefix(text=text):
            return f"{_words(text)}*"
        case ast.Fuzzy(text=text, distance=distance):
            return f"{_words(text)}~{distance}"
        case ast.Term(text=text):
            return _words(text)
    return "nothing"


def _words(text: str) -> str:
    found = words(text)
    return found[0] if len(found) == 1 else f'"{" ".join(found)}"'


def _whole(field: str, node: ast.Node) -> str:
    column = f"{field}.column"
    match node:
        case ast.Exists():
            return f"{column} IS THERE"
        case ast.Regex(pattern=pattern):
            return f"{column} FITS /{pattern}/"
        case ast.Range(start=start, end=end):
            return f"{column} OVERLAPS {start or '*'}..{end or '*'}"
        case ast.Prefix(text=text):
            return f"{column} STARTS WITH {quoted(value_key(text))}"
        case ast.Fuzzy(text=text, distance=distance):
            return f"{column} WITHIN {distance} OF {quoted(value_key(text))}"
        case ast.Term(text=text) | ast.Phrase(text=text) | ast.Equals(text=text) | ast.Exact(text=text):
            return f"{column} = {quoted(value_key(text))}"
    return f"{column}: nothing"
