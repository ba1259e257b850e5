"""Compare two wordings of a statement: do words, numbers or dates differ in what they mean?

A wording is read as tokens. Words that change no meaning are left out, and numbers and dates have their value, so
"80,000" and "80 thousand" are the same token. What then differs is weighed: a typo, an accent, another order or a name
in place of a pronoun is not a difference.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import permutations, product
from typing import Literal

from msgspec import Struct

from searchkit.statements import word_list
from searchkit.statements.dates.words import LANGUAGES, date_words
from searchkit.statements.document import DateMention
from searchkit.statements.text import UNSPACED, Span, fold, fold_word, word_key
from searchkit.wording.alike import is_typo

TokenKind = Literal["word", "number", "date", "pronoun", "light"]

_TOKEN = re.compile(
    rf"[{UNSPACED}]|"
    r"\d{1,3}(?:[.,\u00a0\u202f ]\d{3}){1,5}(?!\d)|\d{1,20}(?:[.,]\d{1,6})?|[%$€£]"
    rf"|[^\W\d_{UNSPACED}]{{1,60}}(?:['’][^\W\d_{UNSPACED}]{{1,30}})?"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f ]\d{3}){1,5}")
_BRACKETS = re.compile(r"\[[^\[\]]{0,200}\]")
_CONTRACTED = {"ll": "will", "re": "are", "ve": "have", "m": "am"}
_ORDINAL_ENDS = frozenset(("st", "nd", "rd", "th"))
# Months that are other words too count as dates only where a date was found.
_UNCLEAR = frozenset(("may", "march"))
# What a helping verb of the past is in reported speech: "had died" is "died".
_DROPPED = "-"
# A run of this many words that the other text has elsewhere was not edited: the statement has other bounds.
_MIN_RUN = 4
# Beside a negation or an opposite, an edit that reverses a statement has no more words on a side.
_MAX_REVERSING = 2
# The most words that a pronoun stands for.
_MAX_NAME = 4


class Token(Struct, frozen=True, gc=False):
    """A word, number or date of a statement: what it means, and where it stands in the text."""

    key: str
    kind: TokenKind
    span: Span
    capital: bool = False


class Words(Struct, frozen=True, kw_only=True, eq=False):
    """The words of one language that decide about meaning. All are folded."""

    weightless: frozenset[str]
    light: frozenset[str]
    pronouns: frozenset[str]
    dates: frozenset[str]
    numbers: dict[str, str]
    spellings: dict[str, str]
    backshift: dict[str, str]
    negations: frozenset[str]
    helping: frozenset[str]
    opposites: frozenset[tuple[str, ...]]


@lru_cache(maxsize=16)
def words_of(language: str | None) -> Words:
    """Return the words of a language tag; all are empty for one without a list."""
    code = (language or "en").partition("-")[0].lower()
    lists = word_list("wordings.txt")

    def values(name: str) -> list[str]:
        return [fold(value) for value in lists.get(f"{code} {name}", ())]

    def pairs(name: str) -> dict[str, str]:
        return dict(value.split("=", 1) for value in values(name))

    known = date_words((code,)) if code in LANGUAGES else None
    names = () if known is None else (*known.months, *known.weekdays, *known.day_words)
    return Words(
        weightless=frozenset(values("weightless")),
        light=frozenset(values("light")),
        pronouns=frozenset(values("pronouns")),
        dates=frozenset(values("date")).union(name for name in map(fold, names) if " " not in name) - _UNCLEAR,
        numbers=pairs("numbers"),
        spellings=pairs("spellings"),
        backshift=pairs("backshift"),
        negations=frozenset(values("negations")),
        helping=frozenset(values("helping")),
        opposites=frozenset(
            pair for group in values("opposites") for pair in product(*(side.split(",") for side in group.split("=")))
        ),
    )


def tokens(
    text: str, spans: Sequence[Span], dates: Sequence[DateMention], language: str | None, *, reported: bool
) -> tuple[Token, ...]:
    """Return the tokens of the words at `spans`. `dates` are those found in `text`.

    In `reported` speech, tenses that only follow the verb of the report are the same: "will" and "would".
    """
    words = words_of(language)
    found: list[Token] = []
    for span in spans:
        inside = [mention for mention in dates if mention.span.overlaps(span)]
        left_out = [Span(match.start(), match.end()) for match in _BRACKETS.finditer(text, span.start, span.end)]
        for start, end, written in _written(text, span):
            if any(part.start <= start < part.end for part in left_out):
                continue
            mention = next((mention for mention in inside if mention.span.start <= start < mention.span.end), None)
            if mention is None:
                _add(found, written, Span(start, end), words, reported=reported)
            elif not found or found[-1].span != mention.span:
                found.append(Token(mention.date.value, "date", mention.span))
    return tuple(found)


def _written(text: str, span: Span) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and words of each token; contracted words are two."""
    for match in _TOKEN.finditer(text, span.start, span.end):
        start, end = match.span()
        written = match.group()
        head, _, tail = written.replace("’", "'").partition("'")
        if not tail:
            yield start, end, written
        elif tail.casefold() == "t" and head[-1].casefold() == "n" and len(head) > 1:
            stem = {"wo": "will", "ca": "can", "sha": "shall"}.get(head[:-1].casefold(), head[:-1])
            yield start, end, stem
            yield start, end, "not"
        else:
            yield start, end, head
            yield start, end, _CONTRACTED.get(tail.casefold(), tail)


def _add(found: list[Token], written: str, span: Span, words: Words, *, reported: bool) -> None:
    """Append the token of one written word, or join it to the number before it."""
    if written[0].isdecimal():
        found.append(Token(_digits(written), "number", span))
        return
    low = fold_word(written)
    last = found[-1] if found else None
    if low in _ORDINAL_ENDS and last is not None and last.kind == "number" and last.span.end == span.start:
        return
    if low == "cannot":
        found.append(Token("can", "word", span))
        low = "not"
    low = words.spellings.get(low, low)
    if low == "%" and last is not None and last.key == "%":
        return
    value = words.numbers.get(low)
    if value is not None:
        _add_number(found, value, span)
    elif low in words.dates:
        found.append(Token(low, "date", span))
    elif low in words.pronouns:
        found.append(Token(low, "pronoun", span))
    elif low in words.light:
        found.append(Token(low, "light", span))
    elif low not in words.weightless:
        key = words.backshift.get(low, low) if reported else low
        found.append(Token(key, "light" if key == _DROPPED else "word", span, written[0].isupper()))


def _add_number(found: list[Token], value: str, span: Span) -> None:
    last = found[-1] if found and found[-1].kind == "number" else None
    close = last is not None and span.start - last.span.end <= 2
    if value.endswith("x"):
        factor = float(value[:-1])
        if last is not None and close:
            found[-1] = Token(_number(float(last.key) * factor), "number", Span(last.span.start, span.end))
            return
        found.append(Token(_number(factor), "number", span))
    elif last is not None and close and float(last.key) in range(20, 100, 10) and 0 < float(value) < 10:
        found[-1] = Token(_number(float(last.key) + float(value)), "number", Span(last.span.start, span.end))
    else:
        found.append(Token(_number(float(value)), "number", span))


def _digits(written: str) -> str:
    if _THOUSANDS.fullmatch(written):
        return _number(float(re.sub(r"\D", "", written)))
    return _number(float(written.replace(",", ".")))


def _number(value: float) -> str:
    return f"{value:.6g}" if value < 1e6 else f"{value:.12g}"


class Comparison(Struct, frozen=True, kw_only=True):
    """Two wordings side by side: `shared` tokens, of which `content` bear meaning, and the share in common."""

    shared: int
    content: int
    likeness: float
    contained: float
    operations: tuple[tuple[int, int, int, int], ...]


def compare(old: Sequence[Token], new: Sequence[Token]) -> Comparison:
    """Return what two wordings have in common, in order."""
    matcher = SequenceMatcher(None, [token.key for token in old], _spelled_as(old, new), autojunk=False)
    operations, shared, content = [], 0, 0
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            shared += last - first
            content += sum(token.kind not in {"pronoun", "light"} for token in old[first:last])
        else:
            operations.append((first, last, start, end))
    total = len(old) + len(new)
    return Comparison(
        shared=shared,
        content=content,
        likeness=round(2 * shared / total, 3) if total else 1.0,
        contained=round(shared / max(1, min(len(old), len(new))), 3),
        operations=tuple(operations),
    )


def _spelled_as(old: Sequence[Token], new: Sequence[Token]) -> list[str]:
    """Return the keys of `new`, those that differ by a typo from a word of `old` in its spelling."""
    known, kept = (Counter(token.key for token in wording) for wording in (old, new))
    missing: dict[str, list[str]] = {}  # by first letter, which a typo leaves
    for key in sorted((known - kept).keys()):
        missing.setdefault(key[:1], []).append(key)
    typos = {
        key: next((word for word in missing.get(key[:1], ()) if is_typo(word, key)), key)
        for key in kept
        if key not in known
    }
    return [typos.get(token.key, token.key) for token in new]


class Side(Struct, frozen=True, kw_only=True):
    """One wording, its text, and all words of that text (`word_key`)."""

    tokens: tuple[Token, ...]
    text: str
    words: str


def differences(old: Side, new: Side, *, reported: bool) -> set[Literal["word", "number", "date"]]:
    """Return what differs in meaning between two wordings."""
    removed: list[Token] = []
    added: list[Token] = []
    for first, last, start, end in compare(old.tokens, new.tokens).operations:
        gone, come = old.tokens[first:last], new.tokens[start:end]
        gone = () if _is_moved(gone, old.text, new.words) else _weighty(gone)
        come = () if _is_moved(come, new.text, old.words) else _weighty(come)
        if not _is_same_party(gone, come, reported=reported) and _joined(gone) != _joined(come):
            removed += gone
            added += come
    sides = [Counter((token.key, token.kind) for token in part) for part in (removed, added)]
    left, right = ({kind for _, kind in one - other} for one, other in permutations(sides))
    values: set[Literal["word", "number", "date"]] = {kind for kind in ("number", "date") if kind in left & right}
    return values | {"word"} if (left | right) - values else values


def is_reversed(old: Sequence[Token], new: Sequence[Token], language: str | None) -> bool:
    """Return whether two wordings of a statement say the opposite: an odd number of edits reverses its meaning."""
    words, edits = words_of(language), compare(old, new).operations
    return sum(_reverses(old[first:last], new[start:end], words) for first, last, start, end in edits) % 2 == 1


def _reverses(gone: Sequence[Token], come: Sequence[Token], words: Words) -> bool:
    """Return whether an edit changes a negation or has an opposite, and does little else: not "..., not longer"."""
    sides = [[token.key for token in _weighty(part) if token.key not in words.helping] for part in (gone, come)]
    rest = [[key for key in side if key not in words.negations] for side in sides]
    if max(map(len, rest)) > _MAX_REVERSING or (any(rest) and not all(sides)):
        return False
    negated = sum(map(len, sides)) - sum(map(len, rest))
    return (negated % 2 == 1) != any(words.opposites & {pair, pair[::-1]} for pair in product(*rest))


def _weighty(part: Sequence[Token]) -> tuple[Token, ...]:
    return tuple(token for token in part if token.kind != "light")


def _joined(part: Sequence[Token]) -> str:
    """Return the words of a part as one: "re-opened" is "reopened"."""
    return "".join(token.key for token in part)


def _is_moved(part: Sequence[Token], text: str, other_words: str) -> bool:
    """Return whether the other text has these words too, outside the bounds of the statement."""
    if len(part) < 2:
        return False
    run = word_key(text[part[0].span.start : part[-1].span.end])
    return run.count(" ") + 1 >= _MIN_RUN and f" {run} " in f" {other_words} "


def _is_same_party(gone: Sequence[Token], come: Sequence[Token], *, reported: bool) -> bool:
    """Return whether one side has only pronouns where the other has a name, or where both mean somebody."""
    for pronouns, others in ((gone, come), (come, gone)):
        if all(token.kind == "pronoun" for token in pronouns):
            if not others:
                return len(pronouns) == 1
            words = all(token.kind == "word" and (reported or token.capital) for token in others)
            people = reported and all(token.kind == "pronoun" for token in others)
            if pronouns and len(others) <= _MAX_NAME and (words or people):
                return True
    return False
