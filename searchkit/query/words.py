"""Read characters, words and patterns of the query language, below the level of the tree.

Typographic characters are replaced by plain ones, one for one, so that positions stay valid.

A word is plain, a prefix (`Tiand*`) or fuzzy (`Tiandi~1`). Regular expressions that could run for long are refused.
"""

import re
import unicodedata
import warnings
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from searchkit.errors import QueryError

OPERATORS = frozenset(("AND", "OR", "NOT"))
# Everything but white space, quotation marks and brackets. The bound is the longest query there can be.
RUN = re.compile(r"[^\s\"(){}\[\]]{1,16384}")
NEAR = re.compile(r"(NEAR|ADJ)(?:/(\d{1,16384}))?")
# The longest field name has 19 characters; a longer run of letters before a colon is still meant as a field name.
FIELD_NAME = re.compile(r"([^\W\d_](?:[^\W\d]|\.){0,99}):")
URL = re.compile(r"https?://", re.IGNORECASE)
DATE_HINT = (
    "Dates are written 2022, 2022-12, 2022-W50, 2022-12-15, 7d, 2w, 3mo, 1y, today, last-week; ranges 2022-12..2023."
)
_BOUND = r'("[^"]{0,100}"|[^\s"(){}\[\]]{1,100})'
BRACKETED_DATES = re.compile(rf"([\[{{])\s{{0,400}}{_BOUND}\s{{1,400}}TO\s{{1,400}}{_BOUND}\s{{0,400}}([\]}}])")

_FOREIGN = {"&&": "AND", "||": "OR"}
_FOREIGN_OPERATORS = {"und": "AND", "et": "AND", "oder": "OR", "ou": "OR", "nicht": "NOT", "sauf": "NOT"}
_FUZZY_SUFFIX = re.compile(r"~([\d.]{0,40})$")
_TRAILING_QUESTION = re.compile(r"\?[\W_]{0,400}$")

Where = Literal["bare", "value", "group"]
"""Where a word stands: by itself, right behind the colon of a field, or in the brackets behind it."""

MIN_PREFIX = 2  # one letter alone would match a large part of the vocabulary
_MIN_FUZZY = 4  # a word of three letters with one wrong is nearly any other short word


class Fault(Exception):
    """A part of a query that cannot be read. `start` and `end` count from the start of the part; the parser shifts
    them to the place in the query."""

    def __init__(self, code: str, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


# --- characters -------------------------------------------------------------------------------------------------------


# Phone keyboards and word processors type these for the plain character.
_PLAIN = {
    **dict.fromkeys(map(ord, "“”„‟«»‹›「」『』"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛ʼ"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2212"), "-"),
    0x3000: " ",
    # Keyboards for Chinese and Japanese type full-width characters, which stand in the order of ASCII.
    **dict(zip(range(0xFF01, 0xFF5F), map(chr, range(0x21, 0x7F)), strict=True)),
}

# A long dash may be meant as a minus or as a dash; it is read as neither.
LONG_DASHES = "\u2012\u2013\u2014\u2015"

# Joiners shape letters and emoji; they are invisible but harmless.
_JOINERS = "\u200c\u200d"
# Letters by class, blank by appearance.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


def plain(query: str) -> str:
    """Return `query` with typographic characters replaced by plain ones; the length and all positions stay the same."""
    return query if query.isascii() else query.translate(_PLAIN)


def is_punctuation(text: str) -> bool:
    """Return whether `text` has no letter and no digit."""
    return not any(character.isalnum() for character in text)


def letter_count(text: str) -> int:
    """Return how many letters and digits `text` has."""
    return sum(character.isalnum() for character in text)


def visible(character: str) -> str:
    """Return a character as it may be shown: control, bidirectional and other unseen ones as `\\u202e`."""
    if character.isascii():
        return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
    if character in _JOINERS:
        return character
    unseen = not character.isprintable() and unicodedata.category(character) != "Zs"
    if unseen or character in _BLANK_LETTERS:
        code = ord(character)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character


def width(text: str) -> int:
    """Return the columns that visible `text` takes on a terminal: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    columns = 0
    for character in text:
        if character in _JOINERS or unicodedata.category(character) in ("Mn", "Me"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


# Messages cut longer pieces of a query.
_MAX_SHOWN = 60


def shown(text: str) -> str:
    """Return `text` as a message may repeat it: unseen characters visible, cut if long."""
    cut = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
    return "".join(map(visible, cut))


# --- words ------------------------------------------------------------------------------------------------------------


class Word(Struct, frozen=True, kw_only=True):
    """A word of a query; `distance` counts the wrong letters that a fuzzy word allows."""

    kind: Literal["plain", "prefix", "fuzzy"] = "plain"
    text: str
    distance: int = 0


def read_word(run: str) -> Word | None:
    """Read a run of word characters; None if it has no letter and no digit. Fault if it is not a word."""
    for operator, name in _FOREIGN.items():
        place = run.find(operator)
        if place >= 0:
            raise Fault("foreign-sign", f'Write {name} instead of "{operator}".', place, place + 2)
    if run == "|":
        raise Fault("foreign-sign", 'Write OR instead of "|".', 0, 1)
    if "*" not in run and is_punctuation(run):
        return None
    if run[0] == "!":
        raise Fault("foreign-sign", 'Write NOT, or "-" right before the word, instead of "!".', 0, 1)
    boost = run.find("^")
    if boost >= 0:
        hint = f'To search for the words, write "{shown(run)}" in quotation marks.'
        raise Fault("boost", "Boosts are not supported.", boost, len(run), hint)
    if "~" in run:
        return _read_fuzzy(run)
    _refuse_question_mark(run)
    star = run.find("*")
    if star < 0:
        return Word(text=run)
    if star != len(run) - 1:
        raise Fault("wildcard", 'A "*" is possible only at the end of a word.', star, star + 1)
    if letter_count(run) < MIN_PREFIX:
        raise Fault("wildcard", f'A "*" needs at least {MIN_PREFIX} letters before it.', star, star + 1)
    return Word(kind="prefix", text=run[:star])


def _read_fuzzy(run: str) -> Word:
    place = run.index("~")
    suffix = _FUZZY_SUFFIX.search(run)
    if suffix is None or suffix.start() != place:
        raise Fault("fuzzy", 'A "~" is possible only at the end of a word.', place, place + 1)
    stem, distance = run[:place], suffix[1]
    if distance not in ("", "1", "2"):
        raise Fault("fuzzy", 'The distance after "~" is 1 or 2.', place, len(run))
    star = stem.find("*")
    if star >= 0:
        raise Fault("wildcard", 'A word takes "*" or "~", not both.', star, star + 1)
    if letter_count(stem) < _MIN_FUZZY:
        raise Fault("fuzzy", f'A "~" needs a word of at least {_MIN_FUZZY} letters.', place, len(run))
    _refuse_question_mark(stem)
    return Word(kind="fuzzy", text=stem, distance=int(distance or "1"))


def _refuse_question_mark(run: str) -> None:
    place = run.find("?")
    # At the end it is punctuation: "why?".
    if place >= 0 and not _TRAILING_QUESTION.fullmatch(run, place):
        raise Fault("wildcard", '"?" is not a wildcard here. Use ~1 for one differing letter.', place, place + 1)


def is_operator(run: str) -> bool:
    """Return whether a run of word characters is an operator, including NEAR/5 and a faulty NEAR/x."""
    return run in OPERATORS or NEAR.fullmatch(run) is not None or run.startswith(("NEAR/", "ADJ/"))


def meant_operator(run: str) -> str:
    """Return the operator that a plain word may be meant as (`near/5`, `und`), or nothing."""
    upper = run.upper()
    if upper in OPERATORS or NEAR.fullmatch(upper):
        return "" if is_operator(run) else upper
    return _FOREIGN_OPERATORS.get(run.casefold(), "")


@lru_cache(maxsize=1_024)  # a page of results has a hundred queries with the same words
def is_plain_word(text: str, where: Where) -> bool:
    """Return whether `text`, without quotation marks in that place, is read as the plain word `text`."""
    if text.isascii() and text.isalnum():
        return not is_operator(text)
    if RUN.fullmatch(text) is None or plain(text) != text or is_operator(text):
        return False
    if text[0] in "-:" or text[0] in LONG_DASHES or URL.match(text):
        return False
    if where != "value" and FIELD_NAME.match(text):
        return False
    if where != "bare" and text[0] in "=/<>":
        return False
    try:
        word = read_word(text)
    except Fault:
        return False
    return word is not None and word.kind == "plain"


def quoted(text: str) -> str:
    """Return `text` in quotation marks, so that the parser returns the same text."""
    if text.isascii() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join("\\" + sign if sign == "\\" or plain(sign) == '"' else sign for sign in text) + '"'


# --- patterns: /xin.*/ over complete values ---------------------------------------------------------------------------

MAX_PATTERN = 200
# Each open-ended repeat multiplies the work by the length of a value; four stay quick on the longest names.
MAX_REPEATS = 4

# Compiled on first use, as few queries have patterns.
_PATTERN_SYNTAX = (
    r"\\(?P<escaped>.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\]){0,200}\])|(?P<open>\((?:\?(?P<kind>:|[^)]{0,3}))?)|(?P<close>\))"
    r"|(?P<repeat>\*|\+|\{[0-9]{0,9},?[0-9]{0,9}\})|(?P<bar>\|)|."
)


def pattern_end(text: str, start: int) -> int:
    """Return where the expression that opens with the `/` at `start` closes, or -1."""
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == "/":
            return position
        position += 1
    return -1


def unescaped_pattern(written: str) -> str:
    r"""Return the pattern inside the slashes: `\/` is a plain slash, every other escape stays."""
    return re.sub(r"\\(.)", lambda escape: "/" if escape[1] == "/" else escape[0], written, flags=re.DOTALL)


def check_pattern(pattern: str, *, length: int) -> None:
    """Raise a Fault, `length` characters long, if `pattern` is not a regular expression or could run for long."""
    reason = _too_costly(pattern)
    if reason is None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as problem:
            reason = f"This regular expression cannot be read: {problem}."
    if reason is not None:
        raise Fault("regex", reason, 0, length)


def _too_costly(pattern: str) -> str | None:
    if not pattern:
        return "There is nothing between the slashes."
    if len(pattern) > MAX_PATTERN:
        return f"A regular expression has at most {MAX_PATTERN} characters."
    # For each open group: whether something in it repeats or has alternatives. Repeating that takes exponential time.
    open_groups = [False]
    repeats = 0
    just_closed = False
    for token in re.finditer(_PATTERN_SYNTAX, pattern, re.DOTALL):
        closed_before, just_closed = just_closed, False
        if (token["escaped"] or "").isdigit():
            return "Back-references are not supported."
        if token["open"]:
            if token["kind"] is not None and not token["kind"].startswith(":"):
                return "Look-around and other groups that start with (? are not supported, except (?: )."
            open_groups.append(False)
        elif token["close"] and len(open_groups) > 1:
            just_closed = open_groups.pop()
            open_groups[-1] = open_groups[-1] or just_closed
        elif token["repeat"]:
            repeats += 1
            if closed_before:
                return "A group that contains a repeat or alternatives cannot be repeated itself."
            open_groups[-1] = True
        elif token["bar"]:
            open_groups[-1] = True
    if repeats > MAX_REPEATS:
        return f"At most {MAX_REPEATS} repeats are possible in one regular expression."
    return None


# --- faults -----------------------------------------------------------------------------------------------------------

# How much of a long query is shown, and of it before the fault; with the indent it fits a terminal of 80 columns.
_PICTURE, _CONTEXT = 74, 30
_INDENT = "  "


def caret(error: QueryError) -> str:
    """Return the query with the fault marked below it, and the hint, each on its own indented line.

    Unseen characters are escaped; a long query is cut around the fault.
    """
    query, start = error.query, error.start
    first = max(0, start - _CONTEXT) if len(query) > _PICTURE else 0
    last = first + _PICTURE
    lead = ("…" if first else "") + "".join(map(visible, query[first:start]))
    rest = "".join(map(visible, query[start:last])) + ("…" if last < len(query) else "")
    marked = max(1, width("".join(map(visible, query[start : min(error.end, last)]))))
    lines = [f"{lead}{rest}", " " * width(lead) + "^" + "~" * (marked - 1)]
    if error.hint:
        lines.append("".join(map(visible, error.hint)))
    return "\n".join(_INDENT + line for line in lines)
