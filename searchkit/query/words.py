"""One word of a query: a plain word, the start of a word (`Tiand*`), or a word with a letter wrong (`Tiandi~1`)."""

import re
from typing import Literal

from searchkit.query.ast import Fuzzy, Node, Prefix, Term
from searchkit.query.faults import Fault
from searchkit.query.signs import LONG_DASHES, is_signs_only, letters, plain

OPERATORS = frozenset(("AND", "OR", "NOT"))
# Everything but white space, quotation marks and brackets. The bound is the longest query there can be.
RUN = re.compile(r"[^\s\"(){}\[\]]{1,16384}")
NEAR = re.compile(r"(NEAR|ADJ)(?:/(\d{1,16384}))?")
# The longest field name has 19 signs; a longer run of letters before a colon is still meant as a field name.
FIELD_NAME = re.compile(r"([^\W\d_](?:[^\W\d]|\.){0,99}):")
URL = re.compile(r"https?://", re.IGNORECASE)

_FOREIGN = {"&&": "AND", "||": "OR"}
_BOOST = re.compile(r"\^[\d.]{0,40}$")
_FUZZY_SUFFIX = re.compile(r"~([\d.]{0,40})$")
_TRAILING_QUESTION = re.compile(r"\?[\W_]{0,400}$")

# Where a word stands: by itself, right behind a field's colon, or in the brackets behind it.
Where = Literal["bare", "value", "group"]

SHORTEST_PREFIX = 2  # one letter alone would match a good part of the whole vocabulary
SHORTEST_FUZZY = 4  # with three letters, one wrong letter makes nearly any other short word


def read_word(word: str) -> Node | None:
    """The node for a run of word signs: Term, Prefix or Fuzzy; None when it is signs only. Raises Fault."""
    for sign, name in _FOREIGN.items():
        place = word.find(sign)
        if place >= 0:
            raise Fault("foreign-sign", f'Write {name} instead of "{sign}".', place, place + 2)
    if word == "|":
        raise Fault("foreign-sign", 'Write OR instead of "|".', 0, 1)
    if "*" not in word and is_signs_only(word):
        return None
    if word[0] == "!":
        raise Fault("foreign-sign", 'Write NOT, or "-" right before the word, instead of "!".', 0, 1)
    boost = _BOOST.search(word)
    if boost:
        raise Fault("boost", "Boosts are not part of this language.", boost.start(), boost.end())
    if "~" in word:
        return _read_fuzzy(word)
    _refuse_question_mark(word)
    star = word.find("*")
    if star < 0:
        return Term(text=word)
    if star != len(word) - 1:
        raise Fault("wildcard", 'A "*" is possible only at the end of a word.', star, star + 1)
    if letters(word) < SHORTEST_PREFIX:
        raise Fault("wildcard", 'A "*" needs two letters or more before it.', star, star + 1)
    return Prefix(text=word[:star])


def _read_fuzzy(word: str) -> Node:
    place = word.index("~")
    suffix = _FUZZY_SUFFIX.search(word)
    if suffix is None or suffix.start() != place:
        raise Fault("fuzzy", 'A "~" is possible only at the end of a word.', place, place + 1)
    stem, written = word[:place], suffix[1]
    if written not in ("", "1", "2"):
        raise Fault("fuzzy", 'The distance after "~" is 1 or 2.', place, len(word))
    star = stem.find("*")
    if star >= 0:
        raise Fault("wildcard", 'A word takes "*" or "~", not both.', star, star + 1)
    if letters(stem) < SHORTEST_FUZZY:
        raise Fault("fuzzy", 'A "~" needs a word of four letters or more.', place, len(word))
    _refuse_question_mark(stem)
    return Fuzzy(text=stem, distance=int(written or "1"))


def _refuse_question_mark(word: str) -> None:
    place = word.find("?")
    # At the end it is punctuation: "why?".
    if place >= 0 and not _TRAILING_QUESTION.fullmatch(word, place):
        raise Fault("wildcard", '"?" is not a wildcard here. Use ~1 for one differing letter.', place, place + 1)


def is_operator(run: str) -> bool:
    """Whether the run of word signs is an operator of the language, NEAR/5 (and a faulty NEAR/x) included."""
    return run in OPERATORS or NEAR.fullmatch(run) is not None or run.startswith(("NEAR/", "ADJ/"))


def is_plain_word(text: str, where: Where) -> bool:
    """Whether `text`, written without quotation marks in that place, is read as the Term of that text."""
    if RUN.fullmatch(text) is None or plain(text) != text or is_operator(text):
        return False
    if text[0] in "-:" or text[0] in LONG_DASHES or URL.match(text):
        return False
    if where != "value" and (text[0] == "+" or FIELD_NAME.match(text)):
        return False
    if where != "bare" and text[0] in "=/<>":
        return False
    try:
        return isinstance(read_word(text), Term)
    except Fault:
        return False
