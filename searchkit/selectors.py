"""Select words at a place of a text, and find them in another version of the text.

A selector has the position and the words with some context, as in the W3C Web Annotation model (TextPositionSelector
and TextQuoteSelector; both count code points). In a changed text the context decides: short or repeated words alone
would be anchored in the wrong place.
"""

import re
from collections import Counter, deque
from collections.abc import Sequence

from msgspec import Struct

from searchkit.statements.text import Span, fold_word

# Characters of context on each side. Statements that share this context on both sides cannot be distinguished.
CONTEXT = 64
# The context to look for, longest first: an edit nearby leaves a shorter one intact.
_CONTEXTS = (CONTEXT, 32, 16)
# Less context than this (a word or two) does not identify a place.
_MIN_CONTEXT = 8
# Words of this length are found without context if they stand there once; "I did not know that" is shorter.
_MIN_ALONE = 28
_MAX_PLACES = 20
# Characters on each side by which occurrences of the same words are distinguished.
_REACH = 400
# Similar words are searched up to here.
_MAX_SCANNED = 1_000_000
# The share of words in common from which a passage counts as the statement reworded.
_MIN_LIKENESS = 0.5
# A replacement that is longer than the words by more than this is not a rewording.
_MAX_GROWTH = 400
# In scripts without spaces between words, each character counts as a word.
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
    """The passage most similar to missing words: its `span`, and the share of words in common (0 to 1).

    An empty span: the words were cut out, and their context before and after is now adjacent."""

    span: Span
    likeness: float


def selector(text: str, span: Span) -> Selector:
    """Return the words at `span` with their context."""
    return Selector(
        exact=span.of(text),
        start=span.start,
        prefix=text[max(0, span.start - CONTEXT) : span.start],
        suffix=text[span.end : span.end + CONTEXT],
    )


def places(text: str, wanted: Selector) -> tuple[int, ...]:
    """Return where the words of `wanted` stand in `text`, found by their context; in order, at most twenty.

    Several places: they cannot be distinguished. None: the words are missing, or too short without their context.
    """
    if not wanted.exact:
        return ()
    # An edit next to the words destroys the context on one side.
    sides = [(wanted.prefix[-size:], wanted.suffix[:size]) for size in _CONTEXTS]
    for before, after in (*sides, (sides[1][0], ""), ("", sides[1][1])):
        if len(before.strip()) + len(after.strip()) < _MIN_CONTEXT:
            continue
        if found := _found(text, before, wanted.exact, after):
            return found
    alone = _found(text, "", wanted.exact, "")
    return alone if len(alone) == 1 and len(wanted.exact) >= _MIN_ALONE else ()


def own_places(text: str, wanted: Selector, recorded: str) -> tuple[int, ...]:
    """Return `places` without those where the words stood in the `recorded` text as well, as another passage.

    A statement that was cut out is gone, even if its words stand elsewhere as they did before. An empty `recorded` is
    unknown."""
    length = len(wanted.exact)
    return tuple(
        place for place in places(text, wanted) if _is_own(text, Span(place, place + length), wanted, recorded)
    )


def own_nearest(text: str, wanted: Selector, recorded: str) -> Nearest | None:
    """Return `nearest`, unless that passage stood in the `recorded` text as well, as another one."""
    close = nearest(text, wanted)
    return close if close is not None and _is_own(text, close.span, wanted, recorded) else None


def _is_own(text: str, span: Span, wanted: Selector, recorded: str) -> bool:
    """Return whether the surroundings of a passage are not those of another passage with its words in `recorded`."""
    before, after = text[max(0, span.start - _REACH) : span.start][::-1], text[span.end : span.end + _REACH]

    def agreement(then: Span) -> int:
        shared = _common(recorded[max(0, then.start - _REACH) : then.start][::-1], before)
        return shared + _common(recorded[then.end : then.end + _REACH], after)

    words = span.of(text)
    own = Span(wanted.start, wanted.end)
    others = [Span(place, place + len(words)) for place in _found(recorded, "", words, "")] if words.strip() else []
    least = max(agreement(own), _MIN_CONTEXT)
    return all(other.overlaps(own) or agreement(other) <= least for other in others)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _found(text: str, before: str, exact: str, after: str) -> tuple[int, ...]:
    words = before + exact + after
    found: list[int] = []
    place = text.find(words)
    while place >= 0 and len(found) < _MAX_PLACES:
        found.append(place + len(before))
        place = text.find(words, place + 1)
    return tuple(found)


def nearest(text: str, wanted: Selector) -> Nearest | None:
    """Return what stands in `text` in place of missing words; None if nothing is similar."""
    words = [fold_word(word) for word in _WORD.findall(wanted.exact[:_MAX_SCANNED])]
    span = _between(text, wanted)
    if span is not None:
        now = [fold_word(word) for word in _WORD.findall(span.of(text))]
        return Nearest(span=span, likeness=_shared(words, now))
    return _alike(text, words)


def _between(text: str, wanted: Selector) -> Span | None:
    """Return the text between the context before and after the words, if each occurs once."""
    before, after = wanted.prefix[-32:], wanted.suffix[:32]
    if min(len(before.strip()), len(after.strip())) < _MIN_CONTEXT:
        return None
    start = text.find(before)
    if start < 0 or text.find(before, start + 1) >= 0:
        return None
    start += len(before)
    end = text.find(after, start, start + 2 * len(wanted.exact) + _MAX_GROWTH)
    return Span(start, end) if end >= 0 else None


def _alike(text: str, words: Sequence[str]) -> Nearest | None:
    """Return the run of equally many words that shares the most with `words`; of equal ones the first."""
    if not words:
        return None
    missing = Counter(words)
    run: deque[tuple[str, int, int]] = deque()
    shared, best = 0, (0, 0, 0)
    for found in _WORD.finditer(text, 0, _MAX_SCANNED):
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
    return Nearest(span=Span(*best[1:]), likeness=round(likeness, 3)) if likeness >= _MIN_LIKENESS else None


def _shared(words: Sequence[str], others: Sequence[str]) -> float:
    """Return the share of words that two passages have in common (Dice's coefficient)."""
    if not words and not others:
        return 1.0
    common = (Counter(words) & Counter(others)).total()
    return round(2 * common / (len(words) + len(others)), 3)
