"""The canonical form of a query tree, the form with dates resolved, and the picture of a fault in a query."""

from searchkit.errors import QueryError
from searchkit.query import date_values
from searchkit.query.ast import (
    All,
    And,
    Equals,
    Exact,
    Exists,
    Field,
    Fuzzy,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Regex,
    Saved,
    Scope,
    Term,
    Unplaced,
    expanded,
)
from searchkit.query.signs import plain, visible, width
from searchkit.query.words import Where, is_plain_word

# How much of a long query is shown around the fault; with the indent it fits a terminal of 80 columns.
_PICTURE_COLUMNS = 74
_CONTEXT_COLUMNS = 30
_INDENT = "  "


def render(node: Node) -> str:
    """The canonical form of `node`: parsing it gives an equal tree."""
    return _written(node, resolved=False, where="bare")


def interpreted(node: Node) -> str:
    """The canonical form with every date as the days it stands for, `[2022-12-01 TO 2022-12-31]`, and every saved
    search as what it stands for."""
    return _written(expanded(node), resolved=True, where="bare")


def quoted(text: str) -> str:
    """`text` in quotation marks, so that the parser gives the same text back."""
    return '"' + "".join("\\" + sign if sign == "\\" or plain(sign) == '"' else sign for sign in text) + '"'


def _written(node: Node, *, resolved: bool, where: Where) -> str:
    def part(child: Node, *bracketed: type[Node]) -> str:
        text = _written(child, resolved=resolved, where=where)
        return f"({text})" if isinstance(child, bracketed) else text

    match node:
        case Term(text=text):
            return text if is_plain_word(text, where) else quoted(text)
        case Phrase(text=text, slop=slop):
            return quoted(text) + (f"~{slop}" if slop else "")
        case Prefix(text=text):
            return f"{text}*"
        case Fuzzy(text=text, distance=distance):
            return f"{text}~{distance}"
        case Exact(text=text):
            return f"exact:{quoted(text)}"
        case Equals(text=text):
            return f"={quoted(text)}"
        case Regex(pattern=pattern):
            from searchkit.query import regexes  # rarely needed, and its patterns take time to compile

            return f"/{regexes.escape(pattern)}/"
        case All() | Exists():
            return "*"
        case Range():
            return date_values.interpreted(node) if resolved or not node.written else node.written
        case Unplaced(unit=unit):
            return f"{unit}-unknown"
        case Near(left=left, right=right, distance=distance, ordered=ordered):
            operator = "ADJ" if ordered else "NEAR"
            composite = (And, Or, Not, Near)
            return f"{part(left, *composite)} {operator}/{distance} {part(right, *composite)}"
        case Not(child=child):
            return f"NOT {part(child, And, Or, Near)}"
        case And(children=children):
            return " AND ".join(part(child, And, Or) for child in children)
        case Or(children=children):
            return " OR ".join(part(child, And, Or) for child in children)
        case Field(name=name, value=value):
            if isinstance(value, And | Or | Not | Near):
                return f"{name}:({_written(value, resolved=resolved, where='group')})"
            return f"{name}:{_written(value, resolved=resolved, where='value')}"
        case Scope(inner=inner):
            return f"quote:{{{_written(inner, resolved=resolved, where='bare')}}}"
        case Saved(name=name):
            return f"saved:{name}"
    raise TypeError(f"not a node of the query tree: {node!r}")


def caret(error: QueryError) -> str:
    """The query with the place of the fault marked below it, and the hint, each on its own indented line.

    Unseen signs are shown as escapes; of a long query only the part around the fault is shown.
    """
    query, start = error.query, error.start
    end = max(error.end, start)
    before = [visible(sign) for sign in query[max(0, start - _PICTURE_COLUMNS) : start]]
    rest = [visible(sign) for sign in query[start : start + _PICTURE_COLUMNS]]
    if len(query) > _PICTURE_COLUMNS or width("".join(before + rest)) > _PICTURE_COLUMNS:
        before = _cut(before[::-1], _CONTEXT_COLUMNS)[::-1]
        rest = _cut(rest, _PICTURE_COLUMNS - width("".join(before)))
    left = "…" if len(before) < start else ""
    right = "…" if start + len(rest) < len(query) else ""
    marked = max(1, width("".join(rest[: end - start])))
    lead = left + "".join(before)
    lines = [f"{lead}{''.join(rest)}{right}", " " * width(lead) + "^" + "~" * (marked - 1)]
    if error.hint:
        lines.append("".join(map(visible, error.hint)))
    return "\n".join(_INDENT + line for line in lines)


def _cut(signs: list[str], columns: int) -> list[str]:
    """As many of `signs` as fit into `columns`."""
    used = 0
    for count, sign in enumerate(signs):
        used += width(sign)
        if used > columns:
            return signs[:count]
    return signs
