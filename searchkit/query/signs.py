"""Signs of the query language: the one-for-one normalization, and how signs look on a terminal."""

import unicodedata
from collections.abc import Iterable

from searchkit.errors import QueryError


def _all_to(target: str, signs: Iterable[str]) -> dict[int, str]:
    return {ord(sign): target for sign in signs}


# Phone keyboards and word processors type these; what is meant is the plain sign.
_PLAIN = {
    **_all_to('"', "“”„‟«»‹›「」『』"),
    **_all_to("'", "‘’‚‛ʼ"),
    **_all_to("-", "\u2010\u2011\u2212"),
    **_all_to(" ", "\u3000\ufeff\u200b"),
    # Full-width letters, digits and signs stand in the order of ASCII, which keyboards for Chinese and Japanese type.
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
}

# A long dash may be meant as a minus, or as a dash: never read as either.
LONG_DASHES = "\u2012\u2013\u2014\u2015"

# Joiners shape letters and emoji; they are invisible but harmless.
_JOINERS = "\u200c\u200d"
# Letters by their class, blank by their look.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


def plain(query: str) -> str:
    """`query` with typographic signs as their plain ones; as long as before, so positions stay true."""
    return query if query.isascii() else query.translate(_PLAIN)


def is_signs_only(text: str) -> bool:
    """Whether `text` has no letter and no digit."""
    return not any(sign.isalnum() for sign in text)


def letters(text: str) -> int:
    """How many letters and digits `text` has."""
    return sum(sign.isalnum() for sign in text)


def visible(sign: str) -> str:
    """`sign` as it may be shown: control, bidirectional and other unseen signs become escapes such as `\\u202e`."""
    if sign.isascii():
        return sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
    if sign in _JOINERS:
        return sign
    unseen = not sign.isprintable() and unicodedata.category(sign) != "Zs"
    if unseen or sign in _BLANK_LETTERS:
        code = ord(sign)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return sign


def width(text: str) -> int:
    """Columns that visible `text` takes on a terminal: wide signs two, combining signs and joiners none."""
    if text.isascii():
        return len(text)
    columns = 0
    for sign in text:
        if sign in _JOINERS or unicodedata.category(sign) in ("Mn", "Me"):
            continue
        columns += 2 if unicodedata.east_asian_width(sign) in "WF" else 1
    return columns


# Longer pieces of a query are not repeated whole in messages.
_SHOWN_SIGNS = 60


def shown(text: str) -> str:
    """`text` as a message may repeat it: unseen signs visible, cut when long."""
    cut = text if len(text) <= _SHOWN_SIGNS else text[:_SHOWN_SIGNS] + "…"
    return "".join(map(visible, cut))


# How much of a long query is shown around the fault; with the indent it fits a terminal of 80 columns.
_PICTURE_COLUMNS = 74
_CONTEXT_COLUMNS = 30
_INDENT = "  "


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
