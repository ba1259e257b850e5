"""The words of a statement, normalized so that two outlets' spellings of one quote agree.

`40,000` and "forty thousand", "don't" and "do not", "neighbours" and "neighbors" are equal. What the outlet wrote, such
as insertions in brackets and the words around a partial quote, is left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from msgspec import Struct

from searchkit.statements import find_marks, word_list, word_sets
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import UNSPACED, Span, fold, fold_word
from searchkit.wording.alike import begin_alike

# Of the characters of scripts without spaces, two count as one word.
_FIRST_UNSPACED = "\u0e00"
_WORD = re.compile(rf"[{UNSPACED}]|\d[\d.,]{{0,30}}|[^\W\d_{UNSPACED}]{{1,64}}(?:['\u2019][^\W\d_{UNSPACED}]{{1,64}})?")
# A point before three digits is mostly a decimal point, except before 000.
_THOUSANDS = re.compile(r",(?=\d{3}(?:\D|$))|\.(?=000(?:\D|$))")
_MARKS = '"\u201c\u201d\u201e\u00ab\u00bb'
_MARK = re.compile(f"[{_MARKS}]")
_INSERTION = re.compile(r"\[[^\[\]]{0,200}\]")
_CONTRACTED = {"'re": "are", "'ll": "will", "'ve": "have", "'m": "am", "'d": "would"}
_SHORTENED = {"ca": "can", "wo": "will", "sha": "shall"}
_IS = frozenset({"it", "he", "she", "that", "there", "here", "what", "who", "where"})
# British spellings, rewritten to the American ones.
_SPELLINGS = (
    (re.compile(r"(?<=\w{2})our(?=s?$|ed$|ing$|able$|hood|ful)"), "or"),
    (re.compile(r"(?<=\w{3})is(?=e[ds]?$|ing$|ations?$)"), "iz"),
    (re.compile(r"(?<=\w{2})tre(?=s?$)"), "ter"),
    (re.compile(r"ll(?=ed$|ing$|or)"), "l"),
)
_MULTIPLIERS = frozenset({100, 1_000, 1_000_000, 1_000_000_000})
_SPELLED_LENGTH = 5
# Words this long are distinctive if no list has them.
_DISTINCTIVE_LENGTH = 3
# A longer statement is compared by its beginning: comparing takes quadratic time.
_MOST_WORDS = 500
# More words than this in a gap were left out rather than changed.
_LONGEST_CHANGE = 3
# A run of equal words this short is left out of a comparison: "of the" stands everywhere.
_SHORTEST_RUN = 2


class Overlap(Struct, frozen=True, kw_only=True):
    """What two statements share: so many `words`, a `share` of those of the shorter one, and `run` in one piece.

    `distinctive` counts the different words in common that are neither function words nor parts of set phrases, and
    `usual` those that are parts of set phrases.
    `contradicts`: the longer one lacks a number of the shorter one, or only one of them has a negation. `replaced`
    counts the distinctive words of the shorter one that the longer one lacks there.
    """

    words: int
    share: float
    run: float
    distinctive: int
    usual: int
    contradicts: bool
    replaced: int


def quoted_spans(document: Document, quote: Quote) -> tuple[Span, ...]:
    """Return the spans in quotation marks of a statement with all its parts; of a direct part without marks, all."""
    spans: list[Span] = []
    for part in document.parts_of(quote):
        if part.kind == "indirect":
            continue
        first, last = part.content.start, part.content.end - 1
        is_closed = document.text[first] in _MARKS and document.text[last] in _MARKS
        if is_closed and _MARK.search(document.text, first + 1, last) is None:
            spans.append(part.content)
            continue
        found = [piece for stretch in find_marks(document.text, (part.content,)) for piece in stretch.parts]
        spans.extend(found or ([part.content] if part.kind == "direct" else []))
    return tuple(spans)


def raw_words(text: str, spans: Iterable[Span]) -> list[str]:
    """Return the words in `spans` of `text` as written, without insertions in brackets, and cut after 500."""
    return [match[0] for match in _matches(text, spans)]


def length(words: Sequence[str]) -> int:
    """Return how many words these are; two characters of a script without spaces count as one."""
    if max(words, default="") < _FIRST_UNSPACED:
        return len(words)
    return len(words) - sum(1 for word in words if len(word) == 1 and word >= _FIRST_UNSPACED) // 2


def normalized(words: Sequence[str]) -> list[tuple[str, int]]:
    """Return the normalized words, each with the position in `words` of the word that it was made of."""
    made = [(word, at) for at, written in enumerate(words) for word in _expanded(written) if word]
    has_numbers = any(map(_value, {word for word, _ in made}))
    return _with_numbers(made) if has_numbers else made


def overlap(first: Sequence[str], second: Sequence[str]) -> Overlap:
    """Compare the normalized words of two statements."""
    shorter, longer = sorted((first, second), key=lambda words: (len(words), words))
    runs = _runs(shorter, longer)
    common = {word for at, _, size in runs for word in shorter[at : at + size]}
    gaps = _gaps(shorter, longer, runs)
    size, equal = len(shorter) or 1, sum(run[2] for run in runs)
    return Overlap(
        words=equal,
        share=equal / size,
        run=max((run[2] for run in runs), default=0) / size,
        distinctive=distinctive(common),
        usual=len(common & _usual_words()),
        contradicts=not _figures(shorter) <= _figures(longer)
        or any(negations(ours) != negations(theirs) for ours, theirs in gaps),
        replaced=sum(_replaced(ours, theirs) for ours, theirs in gaps),
    )


def kept_words(fullest: Sequence[str], other: Sequence[str]) -> list[range]:
    """Return which words of the fullest version another version has, as ranges in order."""
    return [range(at, at + size) for _, at, size in _runs(other, fullest)]


def negations(words: Iterable[str]) -> int:
    """Return how many words negate."""
    listed = word_sets("set_phrases.txt")["negation"]
    return sum(word in listed for word in words)


def distinctive(words: Iterable[str]) -> int:
    """Return how many different words are neither function words nor parts of set phrases."""
    return sum(map(_is_distinctive, set(words)))


def _matches(text: str, spans: Iterable[Span]) -> Iterator[re.Match[str]]:
    """Return the words in `spans`. Accents alone, such as the vowel signs of Thai, are not words."""
    found = (match for start, end in _stretches(text, spans) for match in _WORD.finditer(text, start, end))
    return islice((match for match in found if any(map(str.isalnum, fold_word(match[0])))), _MOST_WORDS)


def _stretches(text: str, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """Yield where the spans begin and end, divided at insertions in brackets."""
    for span in spans:
        start = span.start
        if text.find("[", start, span.end) >= 0:
            for match in _INSERTION.finditer(text, start, span.end):
                yield start, match.start()
                start = match.end()
        yield start, span.end


def _runs(shorter: Sequence[str], longer: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the runs of equal words in order: where they begin in each, and how long they are."""
    size = len(shorter)
    if not size:
        return []
    for start in range(len(longer) - size + 1):
        if longer[start] == shorter[0] and longer[start : start + size] == shorter:
            return [(0, start, size)]
    blocks = SequenceMatcher(None, shorter, longer, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size >= _SHORTEST_RUN]


def _gaps(
    shorter: Sequence[str], longer: Sequence[str], runs: Sequence[tuple[int, int, int]]
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Return what stands between equal runs, and before and behind them in the shorter one, in both statements.

    A long gap in the longer one is an omission, of which nothing follows.
    """
    found: list[tuple[Sequence[str], Sequence[str]]] = []
    at, other = 0, max(0, runs[0][1] - runs[0][0]) if runs else 0
    for start, start_other, size in [*runs, (len(shorter), None, 0)]:
        ours = shorter[at:start]
        theirs = longer[other : other + len(ours) if start_other is None else start_other]
        if len(theirs) <= len(ours) + _LONGEST_CHANGE:
            found.append((ours, theirs))
        at, other = start + size, (start_other or 0) + size
    return found


def _replaced(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Return how many distinctive words the other statement lacks there; another ending or letter does not count."""
    return distinctive(word for word in ours if not any(begin_alike(word, other) for other in theirs))


def _figures(words: Iterable[str]) -> set[str]:
    """Return the numbers; "one" is mostly a pronoun."""
    return {word for word in words if word[0].isdigit() and word != "1"}


@lru_cache(maxsize=1 << 16)
def _is_distinctive(word: str) -> bool:
    if word[0].isdigit():
        return word != "1"
    return (len(word) >= _DISTINCTIVE_LENGTH or word[0] >= _FIRST_UNSPACED) and word not in _common_words()


@lru_cache(maxsize=1 << 16)
def _expanded(word: str) -> tuple[str, ...]:
    """Return the normalized words of one written word: two for "don't"."""
    if word[0].isdigit():
        return (_plain_number(word),)
    base = fold(word)
    if base == "cannot":
        return ("can", "not")
    head, mark, _ = base.partition("'")
    if not mark:
        return (_american(base),)
    ending = base[len(head) :]
    if base.endswith("n't"):
        return (_SHORTENED.get(base[:-3], base[:-3]), "not")
    if ending == "'s":
        return (head, "is") if head in _IS else (_american(head),)
    return (head, _CONTRACTED[ending]) if ending in _CONTRACTED else (head, _american(ending[1:]))


def _american(word: str) -> str:
    if len(word) >= _SPELLED_LENGTH:
        for pattern, spelling in _SPELLINGS:
            word = pattern.sub(spelling, word)
    return word


def _plain_number(written: str) -> str:
    """Return a number without separators of thousands: `40,000` and `40.000` -> `40000`, `2,5` -> `2.5`."""
    number = written.rstrip(".,")
    number = (number if number[0] == "0" else _THOUSANDS.sub("", number)).replace(",", ".")
    return number if number.count(".") < 2 else number.replace(".", "")


def _with_numbers(words: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the words with each number in words as one number: `forty thousand` -> `40000`."""
    made: list[tuple[str, int]] = []
    total = current = 0.0
    start = -1

    def finish() -> None:
        nonlocal total, current, start
        if start >= 0:
            made.append((f"{total + current:.15g}", start))
        total, current, start = 0.0, 0.0, -1

    for word, at in words:
        value = _value(word)
        if value is None:
            finish()
            made.append((word, at))
        elif value in _MULTIPLIERS and not word[0].isdigit():
            total, current = (total, (current or 1) * value) if value == 100 else (total + (current or 1) * value, 0.0)
            start = at if start < 0 else start
        else:
            if start >= 0 and (word[0].isdigit() or not _continues(current, value)):
                finish()
            current += value
            start = at if start < 0 else start
    finish()
    return made


def _continues(current: float, value: float) -> bool:
    """Return whether a number word continues a number: "forty" and "two", "two hundred" and "forty"."""
    if current % 100 == 0:
        return value < 100
    return value < 10 and current % 100 >= 20 and current % 10 == 0


@lru_cache(maxsize=1 << 16)
def _value(word: str) -> float | None:
    """Return the value of a number; zero is a word."""
    if word[0].isdigit():
        try:
            return float(word)
        except ValueError:
            return None
    return _numbers().get(word)


@lru_cache(maxsize=1)
def _numbers() -> dict[str, float]:
    listed = word_list("set_phrases.txt")["number"]
    return {word: float(value) for word, value in zip(listed[::2], listed[1::2], strict=True)}


@lru_cache(maxsize=1)
def _usual_words() -> frozenset[str]:
    return frozenset(map(_american, word_sets("set_phrases.txt")["set-phrase"]))


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    return _usual_words() | frozenset(map(_american, word_sets("set_phrases.txt")["function"]))
