"""Then and now: what one speaker said about one target, where an older and a newer statement differ.

Two statements differ if they are about the same thing, which means that they share most words, and one denies what the
other confirms, announces, promises or says, or a number with the same unit has another value. Whether one of them is
wrong does not follow: things change. Statements without a day, questions, demands and conditions are left out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import pairwise

from msgspec import Struct

from searchkit.document import Document, Quote
from searchkit.extract.word_lists import word_sets
from searchkit.histories.base import Difference
from searchkit.histories.wording import is_function_word, negations, normalized, placed_words, raw_words
from searchkit.index.values import act_of
from searchkit.text import Span

Statement = tuple[Document, Quote]

# What two statements about the same thing share: so many words, or all of the one with fewer if it has two, and this
# share of the one with fewer.
_LEAST_SHARED = 3
_LEAST_TOPIC = 2
_SHARED = 0.6
_CURRENCIES = frozenset("$€£¥")
# Acts that hold the words to be so, and those that do not. Other acts say neither.
_AFFIRMS = frozenset({"announce", "say", "claim", "believe", "confirm", "promise", "not-deny"})
_DENIES = frozenset({"deny", "not-claim", "not-promise"})
_YEARS = range(1900, 2101)
# A word that this many statements have finds no candidates.
_COMMON = 200
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|ed|es|en|er|s|e)$")
_STEM = 6


class _Said(Struct, frozen=True, kw_only=True):
    """What a statement says: its day and act, whether it affirms its words, what about, and its numbers by unit."""

    id: str
    day: str
    act: str
    affirms: bool | None
    topic: frozenset[str]
    numbers: Mapping[str, str]
    period: frozenset[str]


def differences(statements: Iterable[Statement], target: str) -> tuple[Difference, ...]:
    """Return where statements of one speaker about `target` differ: for each thing, the oldest and the newest.

    The caller selects the statements; `target` is the id of the entity. Their order does not matter.
    """
    read = (_said(document, quote, target) for document, quote in statements)
    said = sorted(filter(None, read), key=lambda statement: (statement.day, statement.id))
    linked: dict[tuple[str, str], list[tuple[_Said, _Said, tuple[str, str]]]] = defaultdict(list)
    for older, newer in _about_the_same(said):
        if older.day == newer.day:
            continue
        if older.affirms is not None and newer.affirms is not None and older.affirms != newer.affirms:
            linked["act", ""].append((older, newer, (_act(older), _act(newer))))
        linked_numbers = older.numbers.keys() & newer.numbers.keys() if older.period == newer.period else set()
        for unit in linked_numbers:
            ours, theirs = older.numbers[unit], newer.numbers[unit]
            if ours != theirs:
                linked["number", unit].append((older, newer, (f"{ours} {unit}".strip(), f"{theirs} {unit}".strip())))
    found = (
        Difference(older=older.id, newer=newer.id, rule=rule, values=values)
        for (rule, _), pairs in linked.items()
        for older, newer, values in _outermost(pairs)
    )
    return tuple(sorted(found, key=lambda difference: (difference.older, difference.newer, difference.rule)))


def _outermost(pairs: Sequence[tuple[_Said, _Said, tuple[str, str]]]) -> Iterator[tuple[_Said, _Said, tuple[str, str]]]:
    """Yield one pair of each connected component: that with the oldest statement, and of these the newest."""
    component: dict[str, set[str]] = {}
    for older, newer, _ in pairs:
        joined = component.get(older.id, {older.id}) | component.get(newer.id, {newer.id})
        component.update(dict.fromkeys(joined, joined))
    seen: set[int] = set()
    newest_first = sorted(pairs, key=lambda pair: (pair[1].day, pair[1].id), reverse=True)
    for pair in sorted(newest_first, key=lambda pair: (pair[0].day, pair[0].id)):
        if id(component[pair[0].id]) not in seen:
            seen.add(id(component[pair[0].id]))
            yield pair


def _about_the_same(said: Sequence[_Said]) -> Iterator[tuple[_Said, _Said]]:
    """Yield the pairs that share enough words, the older one first."""
    holders: dict[str, list[int]] = defaultdict(list)
    for at, statement in enumerate(said):
        for word in statement.topic:
            holders[word].append(at)
    for at, newer in enumerate(said):
        rare = (holders[word] for word in newer.topic if len(holders[word]) <= _COMMON)
        for other in Counter(earlier for holding in rare for earlier in holding if earlier < at):
            older = said[other]
            size = min(len(older.topic), len(newer.topic))
            least = max(min(_LEAST_SHARED, size), _SHARED * size)
            if size >= _LEAST_TOPIC and len(older.topic & newer.topic) >= least:
                yield older, newer


def _said(document: Document, quote: Quote, target: str) -> _Said | None:
    """Return what a statement says, without the names of its speaker and its target; None without a day."""
    day = _day(document, quote)
    act = act_of(quote.verb or "say", negated=quote.negated) or "say"
    if not day:
        return None
    spans = [part.content for part in document.parts_of(quote)]
    places = placed_words(document.text, spans)
    placed = normalized([place.of(document.text) for place in places])
    words = [word for word, _ in placed]
    lists = word_sets("set_phrases.txt")
    is_open = bool(lists["condition"].intersection(words)) or act not in _AFFIRMS | _DENIES
    return _Said(
        id=quote.id,
        day=day,
        act=act,
        affirms=None if is_open else _affirms(act, words, is_direct=quote.kind == "direct"),
        topic=frozenset(map(_stem, filter(_is_topical, words)))
        - _names(document, {quote.speaker.entity_id, target}, spans),
        numbers={} if is_open else _numbers(document.text, [(word, places[at].start) for word, at in placed]),
        period=frozenset(lists["period"].intersection(words)),
    )


def _affirms(act: str, words: Sequence[str], *, is_direct: bool) -> bool | None:
    """Return whether a statement holds its words, without their negation, to be so; None if that is not plain.

    Words in quotation marks stand for themselves: denied it, "We never paid". Reported words are what is denied.
    """
    count = negations(words)
    if count > 1:
        return None
    if act in _DENIES:
        return False if is_direct else count == 1
    return count == 0


def _numbers(text: str, placed: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Return the numbers of words with their places by unit: the currency before or the word behind.

    A year that is to come has no unit. Units that occur twice are left out.
    """
    is_ahead = any(word in word_sets("set_phrases.txt")["ahead"] for word, _ in placed)
    found: list[tuple[str, str]] = []
    for (word, start), (following, _) in pairwise((*placed, ("", 0))):
        if not word[0].isdigit():
            continue
        if text[max(0, start - 1) : start] in _CURRENCIES:
            found.append((text[start - 1], word))
        elif _is_topical(following):
            found.append((_stem(following), word))
        elif is_ahead and word.isdigit() and int(word) in _YEARS:
            found.append(("", word))
    counts = Counter(unit for unit, _ in found)
    return {unit: number for unit, number in found if counts[unit] == 1}


def _day(document: Document, quote: Quote) -> str:
    """Return the day of a statement, or of the publication of its document, in ISO 8601; empty if unknown."""
    for date in (quote.date, document.published):
        if date is not None and date.precision in {"day", "instant"} and date.confidence != "low":
            return date.local_day or date.value[:10]
    return ""


def _act(said: _Said) -> str:
    """Return the act with the sense of the words: `say not` for a negated report."""
    return f"{said.act} not" if said.act in _AFFIRMS and said.affirms is False else said.act


def _names(document: Document, ids: Set[str | None], spans: Sequence[Span]) -> set[str]:
    """Return the words in `spans` that name these entities: every statement in question has them."""
    mentioned = [mention.span for mention in document.mentions if mention.entity_id in ids]
    inside = [name for name in mentioned if any(span.covers(name) for span in spans)]
    return {_stem(word) for word, _ in normalized(raw_words(document.text, inside))}


def _is_topical(word: str) -> bool:
    return bool(word) and not word[0].isdigit() and not is_function_word(word)


@cache
def _stem(word: str) -> str:
    return _ENDING.sub("", word)[:_STEM]
