"""Decide by the verbs of its sentence whether a day is ahead or past: "will vote on Friday", "voted on Friday"."""

import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from searchkit.extract.word_lists import parts
from searchkit.text import Span, sentences

# So far around the day, in characters, its sentence is read.
_BEHIND, _AHEAD = 200, 180
_WORD = re.compile(r"[^\W\d_](?:[\w-]|['’](?=t\b)){0,40}")
_CLAUSE_END = re.compile(r",(?!\d)|[;:()–—„“”\"]")
_MIN_FORM = 4  # "red" and "bed" are no past forms


class _Tenses(Struct, frozen=True, kw_only=True):
    """The words of data/tenses.txt for one language; `participle` is None where the copula is ahead with one, too."""

    ahead: frozenset[str]
    past: frozenset[str]
    not_past: frozenset[str]
    pairs: frozenset[str]
    infinitive: frozenset[str]
    copula: frozenset[str]
    ahead_endings: tuple[str, ...]
    past_endings: tuple[str, ...]
    participle: re.Pattern[str] | None


@lru_cache(maxsize=8)
def _tenses(code: str) -> _Tenses:
    lists = parts("tenses.txt")

    def words(name: str) -> tuple[str, ...]:
        return lists.get(f"{code} {name}", ())

    return _Tenses(
        ahead=frozenset(words("ahead")),
        past=frozenset(words("past")),
        not_past=frozenset(words("not past")),
        pairs=frozenset(words("pairs")),
        infinitive=frozenset(words("infinitive")),
        copula=frozenset(words("copula")),
        ahead_endings=words("ahead endings"),
        past_endings=words("past endings"),
        participle=re.compile("|".join(words("participles"))) if words("participles") else None,
    )


def is_ahead(text: str, day: Span, language: str | None) -> bool | None:
    """Return whether the sentence of `text` places `day` after the article; None if no verb shows it.

    The nearest verb before the day decides, else the nearest behind it; in German, the nearest in its clause.
    """
    tenses = _tenses((language or "en").partition("-")[0].lower())
    within = Span(max(0, day.start - _BEHIND), min(len(text), day.end + _AHEAD))
    sentence = next((span for span in sentences(text, within) if span.end > day.start), within)
    if tenses.participle is not None:
        clause = _clause(text, sentence, day)
        before, behind = _before(text, clause, day, tenses), _behind(text, clause, day, tenses)
        if before and behind:
            return before[1] if day.start - before[0] < behind[0] - day.start else behind[1]
        if before or behind:
            return (before or behind or (0, None))[1]
    nearest = _before(text, sentence, day, tenses) or _behind(text, sentence, day, tenses)
    return nearest[1] if nearest else None


def _clause(text: str, sentence: Span, day: Span) -> Span:
    start, end = sentence.start, sentence.end
    for stop in _CLAUSE_END.finditer(text, sentence.start, sentence.end):
        if stop.end() <= day.start:
            start = stop.end()
        elif stop.start() > day.end:  # the comma of "am Montag, dem 3. Mai, ..." ends no clause
            return Span(start, stop.start())
    return Span(start, end)


def _before(text: str, within: Span, day: Span, tenses: _Tenses) -> tuple[int, bool] | None:
    """Return where the last verb before `day` stands and whether it is of a day ahead; None without one."""
    found = list(_WORD.finditer(text, within.start, max(within.start, day.start)))
    return _first(found, range(len(found) - 1, -1, -1), tenses, text[day.end : within.end])


def _behind(text: str, within: Span, day: Span, tenses: _Tenses) -> tuple[int, bool] | None:
    found = list(_WORD.finditer(text, day.end, max(day.end, within.end)))
    return _first(found, range(len(found)), tenses, "")


def _first(found: Sequence[re.Match[str]], order: Sequence[int], tenses: _Tenses, rest: str) -> tuple[int, bool] | None:
    """Return the first verb in `order`; `rest` is the text of the clause behind the words."""
    written = [word[0] for word in found]
    for at in order:
        ahead = _is_ahead(written, at, tenses, rest)
        if ahead is not None:
            return found[at].start(), ahead
    return None


def _is_ahead(written: Sequence[str], at: int, tenses: _Tenses, rest: str) -> bool | None:
    """Return whether the word at a place is of a day ahead (True) or past (False); None if it is neither."""
    word, before = written[at], written[at - 1] if at else ""
    if f"{before} {word}" in tenses.pairs:
        return True
    if word in tenses.infinitive:
        return True if written[at + 1 : at + 2] and written[at + 1].endswith("en") else None
    if word in tenses.copula:
        return tenses.participle is None or not any(map(tenses.participle.fullmatch, (*written, *_WORD.findall(rest))))
    if word in tenses.ahead or word.endswith(("'ll", "’ll")):
        return True
    is_form = word.islower() and len(word) >= _MIN_FORM and word not in tenses.not_past
    if is_form and tenses.ahead_endings and word.endswith(tenses.ahead_endings):
        return True
    if (
        word in tenses.past
        or (not at and word.lower() in tenses.past)
        or (is_form and tenses.past_endings and word.endswith(tenses.past_endings))
    ):
        # "Is held", "will be closed": the verb before the participle decides.
        auxiliary = written[at - 2] if before.endswith("ly") and at > 1 else before
        return None if auxiliary in tenses.copula or auxiliary == "be" else False
    return None
