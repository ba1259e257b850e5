"""Words at a place of a text, and where they stand in another state of it.

A selector has the position and the words with a little text before and after, as the W3C Web Annotation model has them
(TextPositionSelector and TextQuoteSelector; both count code points). Where the text has changed, what stands around the
words decides: short words, and words that stand there twice, anchor wrongly by themselves.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from searchkit.text import Span, fold_word

# Of the text before and after: a line of print. Two statements that share it on both sides are not told apart by more.
CONTEXT = 64
# How much of it is asked for, the most first: an edit nearby leaves the rest.
_CONTEXTS = (CONTEXT, 32, 16)
# Less than this around the words (a word or two) tells nothing of where they stand.
_TELLING = 8
# Words of this length are found by themselves, where they stand once: about five; "I did not know that" is shorter.
_LONG_ENOUGH = 28
# More places than this are not listed.
_PLACES = 20
# Longer texts are searched for similar words up to here.
_SCANNED = 1_000_000
# A passage that shares fewer of its words with a statement is another one.
_ALIKE = 0.5
# What was put in the place of words, when it is longer by this than they were, is not one rewording.
_LONGEST_REWORDING = 400
# Where words are written without spaces between them, each sign counts as one.
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+")


class Selector(Struct, frozen=True, kw_only=True):
    """`exact` at `start` (code points); at most CONTEXT code points before (`prefix`) and after it (`suffix`)."""

    exact: str
    start: int
    prefix: str
    suffix: str

    @property
    def end(self) -> int:
        return self.start + len(self.exact)


class Nearest(Struct, frozen=True, kw_only=True):
    """The passage most like words that are not there: its `span`, and the share of words that both have (0..1).

    An empty span: what stood before and after the words stands together now; they were cut out."""

    span: Span
    likeness: float


def selector(text: str, span: Span) -> Selector:
    """The words at `span` with what stands around them."""
    return Selector(
        exact=span.of(text),
        start=span.start,
        prefix=text[max(0, span.start - CONTEXT) : span.start],
        suffix=text[span.end : span.end + CONTEXT],
    )


def places(text: str, wanted: Selector) -> tuple[int, ...]:
    """Where the words of `wanted` stand in `text`, told by what stands around them; in order, at most twenty.

    Several places: they cannot be told apart. None: the words are not there, or are too few to be known by themselves
    and what stood around them is not there.
    """
    if not wanted.exact:
        return ()
    # An edit beside the words takes one side away.
    sides = [(wanted.prefix[-size:], wanted.suffix[:size]) for size in _CONTEXTS]
    for before, after in (*sides, (sides[1][0], ""), ("", sides[1][1])):
        # What is asked for must tell something.
        if len(before.strip()) + len(after.strip()) < _TELLING:
            continue
        if found := _found(text, before, wanted.exact, after):
            return found
    alone = _found(text, "", wanted.exact, "")
    return alone if len(alone) == 1 and len(wanted.exact) >= _LONG_ENOUGH else ()


def _found(text: str, before: str, exact: str, after: str) -> tuple[int, ...]:
    return tuple(place + len(before) for place in islice(_occurrences(text, before + exact + after), _PLACES))


def _occurrences(text: str, words: str) -> Iterator[int]:
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + 1)


def nearest(text: str, wanted: Selector) -> Nearest | None:
    """What stands in `text` in the place of words that are not there; None when nothing is like them."""
    words = [fold_word(word) for word in _WORD.findall(wanted.exact[:_SCANNED])]
    span = _between(text, wanted)
    if span is not None:
        now = [fold_word(word) for word in _WORD.findall(span.of(text))]
        return Nearest(span=span, likeness=_shared(words, now))
    return _alike(text, words)


def _between(text: str, wanted: Selector) -> Span | None:
    """What stands between that which stood before and after the words, if each stands there once."""
    before, after = wanted.prefix[-32:], wanted.suffix[:32]
    if min(len(before.strip()), len(after.strip())) < _TELLING:
        return None
    start = text.find(before)
    if start < 0 or text.find(before, start + 1) >= 0:
        return None
    start += len(before)
    end = text.find(after, start, start + 2 * len(wanted.exact) + _LONGEST_REWORDING)
    return Span(start, end) if end >= 0 else None


def _alike(text: str, words: Sequence[str]) -> Nearest | None:
    """The run of as many words that shares the most with `words`; of equal ones the first."""
    if not words:
        return None
    missing = Counter(words)
    run: deque[tuple[str, int, int]] = deque()
    shared, best = 0, (0, 0, 0)
    for found in _WORD.finditer(text, 0, _SCANNED):
        word = fold_word(found.group())
        if len(run) == len(words):
            left = run.popleft()[0]
            if left in missing:
                missing[left] += 1
                shared -= missing[left] > 0
        run.append((word, found.start(), found.end()))
        if word in missing:
            shared += missing[word] > 0
            missing[word] -= 1
        if shared > best[0]:
            best = (shared, run[0][1], run[-1][2])
    likeness = best[0] / len(words)
    return Nearest(span=Span(*best[1:]), likeness=round(likeness, 3)) if likeness >= _ALIKE else None


def _shared(words: Sequence[str], others: Sequence[str]) -> float:
    """The share of words that two passages have in common (Dice's coefficient)."""
    if not words and not others:
        return 1.0
    common = (Counter(words) & Counter(others)).total()
    return round(2 * common / (len(words) + len(others)), 3)
