"""Then and now: what one speaker said about one target, where an older and a newer statement differ.

Two statements differ if they are about the same thing, which means that they share most words, and one denies what the
other confirms, announces, promises or says, or a number with the same unit has another value. Whether one of them is
wrong does not follow: things change. Statements without a day, questions, demands and conditions are left out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from msgspec import Struct

from searchkit.histories.base import Difference
from searchkit.histories.wording import is_function_word, negations, normalized, placed_words, raw_words
from searchkit.index.values import act_of
from searchkit.statements.document import Document, Quote
from searchkit.statements.word_lists import word_sets

Statement = tuple[Document, Quote]

# What two statements about the same thing share: so many words, or all of the one with fewer if it has two, and these
# shares of the one with fewer and of the one with more.
_LEAST_SHARED = 3
_LEAST_TOPIC = 2
_SHARED = 0.75
_SHARED_OF_LONGER = 0.3
# Numbers that differ by less are rounded.
_ROUNDING = 0.01
# How far behind a negation the negated word stands: "would not have been safe".
_NEGATED_WITHIN = 4
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
    """What a statement says: its day and act, whether it affirms its words, what about, and its numbers by unit.

    `negated` is the word that a negation stands before. `names` are the entities in the words but the speaker and the
    target. A number comes with its unit as written.
    """

    id: str
    day: str
    act: str
    affirms: bool | None
    negated: str
    topic: frozenset[str]
    names: frozenset[str]
    numbers: Mapping[str, tuple[str, str]]


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
        if _acts_differ(older, newer):
            linked["act", ""].append((older, newer, (_act(older), _act(newer))))
        for unit in older.numbers.keys() & newer.numbers.keys():
            ours, theirs = older.numbers[unit], newer.numbers[unit]
            if _numbers_differ(unit, float(ours[0]), float(theirs[0])):
                linked["number", unit].append((older, newer, (" ".join(ours).strip(), " ".join(theirs).strip())))
    found = (
        Difference(older=older.id, newer=newer.id, rule=rule, values=values)
        for (rule, _), pairs in linked.items()
        for older, newer, values in _outermost(pairs)
    )
    return tuple(sorted(found, key=lambda difference: (difference.older, difference.newer, difference.rule)))


def _acts_differ(first: _Said, second: _Said) -> bool:
    """Return whether one affirms what the other does not; both must have the word that one of them negates."""
    if first.affirms is None or second.affirms is None or first.affirms == second.affirms:
        return False
    return all(not one.negated or one.negated in other.topic for one, other in ((first, second), (second, first)))


def _numbers_differ(unit: str, first: float, second: float) -> bool:
    return first != second if not unit else abs(first - second) > _ROUNDING * max(abs(first), abs(second))


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
            if _is_same_thing(older, newer):
                yield older, newer


def _is_same_thing(first: _Said, second: _Said) -> bool:
    """Return whether two statements share enough words, and neither names what the other does not."""
    size, longer = sorted((len(first.topic), len(second.topic)))
    least = max(min(_LEAST_SHARED, size), _SHARED * size, _SHARED_OF_LONGER * longer)
    if size < _LEAST_TOPIC or len(first.topic & second.topic) < least:
        return False
    return first.names <= second.names or second.names <= first.names


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
    has_period = bool(lists["period"].intersection(words))
    known = {quote.speaker.entity_id, target}
    inside = [mention for mention in document.mentions if any(span.covers(mention.span) for span in spans)]
    named = [mention.span for mention in inside if mention.entity_id in known]
    return _Said(
        id=quote.id,
        day=day,
        act=act,
        affirms=None if is_open else _affirms(act, words, is_direct=quote.kind == "direct"),
        negated=_negated(words),
        topic=frozenset(map(_stem, filter(_is_topical, words)))
        - {_stem(word) for word, _ in normalized(raw_words(document.text, named))},
        names=frozenset(mention.entity_id for mention in inside if mention.entity_id not in known),
        numbers={}
        if is_open or has_period
        else _numbers(document.text, [(word, places[at].start) for word, at in placed]),
    )


def _affirms(act: str, words: Sequence[str], *, is_direct: bool) -> bool | None:
    """Return whether a statement holds its words, without their negation, to be so; None if that is not plain.

    Words in quotation marks stand for themselves: denied it, "We never paid". Reported words are what is denied.
    """
    count = negations(words)
    if count > 1 or (count and not _negated(words)):
        return None
    if act in _DENIES:
        return False if is_direct else count == 1
    return count == 0


def _negated(words: Sequence[str]) -> str:
    """Return the topical word that the first negation stands before; empty if there is none close behind it."""
    at = next((at for at, word in enumerate(words) if negations((word,))), len(words))
    return next((_stem(word) for word in words[at + 1 : at + 1 + _NEGATED_WITHIN] if _is_topical(word)), "")


def _numbers(text: str, placed: Sequence[tuple[str, int]]) -> dict[str, tuple[str, str]]:
    """Return the numbers of words with their places by unit: the currency before or the word behind.

    A year that is to come has no unit. Changes ("fell 40") and units that occur twice are left out.
    """
    lists = word_sets("set_phrases.txt")
    is_ahead = any(word in lists["ahead"] for word, _ in placed)
    found: list[tuple[str, tuple[str, str]]] = []
    before = ["", *(word for word, _ in placed)]
    for preceding, ((word, start), (following, _)) in zip(before, pairwise((*placed, ("", 0))), strict=False):
        if not word[0].isdigit():
            continue
        is_year = word.isdigit() and int(word) in _YEARS and not _is_topical(following)
        if is_year and is_ahead:
            found.append(("", (word, "")))
        elif not is_year and preceding not in lists["change"]:
            if text[max(0, start - 1) : start] in _CURRENCIES:
                found.append((text[start - 1], (word, text[start - 1])))
            elif _is_topical(following):
                found.append((_stem(following), (word, following)))
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


def _is_topical(word: str) -> bool:
    return bool(word) and not word[0].isdigit() and not is_function_word(word)


@cache
def _stem(word: str) -> str:
    return _ENDING.sub("", word)[:_STEM]
