"""Signs of the query language: the one-for-one normalization, and how signs look on a terminal."""

import unicodedata
from collections.abc import Iterable


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
