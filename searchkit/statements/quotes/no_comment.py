"""Find the statements that only say that a party did not comment: "declined to comment", "calls were not returned".

The party speaks before the phrase or stands in it. `data/LANGUAGE/no_comment.txt` has the phrases.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from searchkit.statements.document import NO_COMMENT
from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import SPEAKING_KINDS, Report, Sentence
from searchkit.statements.text import Span
from searchkit.statements.word_lists import lines

_PART = re.compile(r"<\w{2,20}>")
# Conditions of a line: somebody asks, in its sentence or the one before; the subject is a person or a body.
_CONDITION = re.compile(r"(asked|person): ")
_TOKENS_OF_ASIDE = 14

Subject = Callable[[int], tuple[int, int] | None]


class _Phrases(Struct, frozen=True):
    """The expressions of a language: behind a party, by their condition, with a party inside, and of those who ask."""

    behind: dict[str, re.Pattern[str]]
    holding: tuple[re.Pattern[str], ...]
    asking: re.Pattern[str]


@lru_cache(maxsize=8)
def _phrases(language: str) -> _Phrases:
    parts: dict[str, str] = {}
    behind: dict[str, list[str]] = {}
    holding: list[str] = []
    for line in lines(f"{language}/no_comment.txt"):
        named = _PART.match(line)
        name = named[0] if named is not None and line[named.end() : named.end() + 1] == " " else ""
        text = _PART.sub(lambda part: parts.get(part[0], part[0]), line.removeprefix(f"{name} "))
        if name:
            parts[name] = text
        elif "(?P<party>" in text:
            holding.append(text)
        else:
            condition = _CONDITION.match(text)
            behind.setdefault(condition[1] if condition else "", []).append(text[condition.end() if condition else 0 :])
    return _Phrases(
        {condition: re.compile(rf"\b(?:{'|'.join(texts)})") for condition, texts in behind.items()},
        tuple(re.compile(rf"\b{text}") for text in holding),
        re.compile(parts.get("<asks>", r"(?!)")),
    )


def no_comments(text: str, read: Sequence[Sentence], pack: Pack, subject_before: Subject) -> Iterator[Report]:
    """Yield the refusals to comment in the last sentence that was `read` of a paragraph.

    `subject_before` returns the token range of the noun phrase that ends before a token.
    """
    sentence = read[-1]
    if pack.words["no-comment"].isdisjoint(sentence.low):  # one test for most sentences
        return
    withheld = pack.words["withheld"]
    if withheld and withheld.isdisjoint(sentence.low) and not any(word.endswith("n't") for word in sentence.low):
        return
    phrases, span = _phrases(pack.code), sentence.span
    holding = list(_holding(text, sentence, phrases))
    taken = [words for words, _ in holding]
    yield from (_report(sentence, words, party) for words, party in holding)
    lead = read[-2:][0]
    for condition, pattern in phrases.behind.items():
        if condition == "asked" and not phrases.asking.search(text, lead.span.start, span.end):
            continue
        for found in pattern.finditer(text, span.start, span.end):
            words = _tokens(sentence, *found.span())
            if not words or _goes_on(sentence, words[1], pack) or any(_overlap(words, other) for other in taken):
                continue
            subject = _party(sentence, words[0], pack, subject_before)
            if subject is not None and (condition != "person" or _may_answer(sentence, subject, pack)):
                taken.append(words)
                yield _report(sentence, words, subject)


def _holding(text: str, sentence: Sentence, phrases: _Phrases) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the words of each phrase that holds its party inside, and the party."""
    for pattern in phrases.holding:
        said = "words" if "words" in pattern.groupindex else 0
        for found in pattern.finditer(text, sentence.span.start, sentence.span.end):
            party, words = _tokens(sentence, *found.span("party")), _tokens(sentence, *found.span(said))
            if party and words:
                yield words, _named(sentence, *party)


def _tokens(sentence: Sentence, start: int, end: int) -> tuple[int, int] | None:
    """Return the tokens of a stretch; None inside quotation marks, which are one token."""
    first, last = bisect_left(sentence.start, start), bisect_left(sentence.start, end)
    return (first, last) if first < last and sentence.start[first] == start else None


def _goes_on(sentence: Sentence, at: int, pack: Pack) -> bool:
    """Return whether the party says something after all: "declined to comment on the vote but called it a shame"."""
    low = sentence.low
    but = next((k for k in range(at, len(low)) if low[k] in pack.words["correcting"]), len(low))
    return any(word in pack.cues for word in low[but + 1 : but + 4])


def _overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _report(sentence: Sentence, words: tuple[int, int], party: tuple[int, int]) -> Report:
    return Report(sentence.range(*words), NO_COMMENT, sentence.range(*party), (words,), NO_COMMENT)


def _party(sentence: Sentence, at: int, pack: Pack, subject_before: Subject) -> tuple[int, int] | None:
    """Return the party before the phrase at token `at`: not one of a rule ("companies that do not respond", "a witness
    who refuses to answer")."""
    if at > 1 and sentence.low[at - 1] in pack.words["relative"] and sentence.low[at - 2] != ",":
        return None
    subject = subject_before(at)
    if sentence.low[at - 1] in pack.words["conjunction"] and (opening := _opening(sentence, at, pack, subject_before)):
        return opening
    if sentence.low[at - 1] == ",":
        subject = _aside(sentence, at, subject, subject_before)
    if subject is None:
        return None
    barred = pack.words["that | rescuer"]
    return subject if barred.isdisjoint({sentence.low[at - 1], sentence.low[subject[1] - 1]}) else None


def _opening(sentence: Sentence, at: int, pack: Pack, subject_before: Subject) -> tuple[int, int] | None:
    """Return the party that opens the sentence: "The bank confirmed the talks but declined to comment"."""
    for verb in range(1, min(at - 1, _TOKENS_OF_ASIDE)):
        word = sentence.low[verb]
        if word in pack.cues or word in pack.words["auxiliary"]:
            subject = subject_before(verb)
            return subject if subject is not None and subject[0] == 0 else None
    return None


def _aside(
    sentence: Sentence, at: int, subject: tuple[int, int] | None, subject_before: Subject
) -> tuple[int, int] | None:
    """Return the party of "the centre, asked if it was helping, declined" and of "his importer, Vinters, declined"."""
    low = sentence.low
    comma = next((k for k in range(at - 2, max(0, at - _TOKENS_OF_ASIDE), -1) if low[k] == ","), 0)
    if not comma:
        return subject
    if subject is None:
        subject = subject_before(comma)
    if subject is None:
        return (comma + 1, at - 1) if any(sentence.named[comma + 1 : at - 1]) else None
    named = _named(sentence, subject[0], at - 1)
    return named if subject[1] == comma and named[0] > comma else subject


def _named(sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    """Return the body that an aside at the end of the phrase names: Vinters of "his importer, Vinters"."""
    commas = [at for at in range(first, last) if sentence.low[at] == ","]
    named = sentence.named[commas[0] + 1] if len(commas) == 1 and commas[0] + 1 < last else None
    is_body = named is not None and named.kind != "person" and named.kind in SPEAKING_KINDS
    return (commas[0] + 1, last) if is_body and not any(sentence.named[first : commas[0]]) else (first, last)


def _may_answer(sentence: Sentence, subject: tuple[int, int], pack: Pack) -> bool:
    """Return whether the subject is a person or a body: no village or summit could be reached."""
    kinds = {mention.kind for mention in sentence.named[slice(*subject)] if mention is not None}
    known = pack.bodies.keys() | pack.words["pronoun"] | frozenset[str]().union(*pack.roles.values())
    return not kinds.isdisjoint({*SPEAKING_KINDS, "other"}) or not known.isdisjoint(sentence.low[slice(*subject)])


def stands_alone(sentence: Sentence, report: Report, pack: Pack) -> bool:
    """Return whether the refusal is outside conditions, questions and promises: "that she would not comment"."""
    at = 0 if report.subject is None else bisect_left(sentence.start, report.subject.start)
    words = pack.words
    return not at or sentence.low[at - 1] not in words["that | condition | asked"]


def only_refuses(sentence: Sentence, said: Span, verb: str | None, report: Report, pack: Pack) -> bool:
    """Return whether the reported words are the refusal in `report`, with its subject, and nothing follows them: not
    "said he would not comment on the vote but called it a shame"."""
    place, subject = sentence.range(*report.contents[0]), report.subject
    if subject is None or verb not in pack.words["refusing-verb"] or not said.covers(Span(subject.start, place.end)):
        return False
    first, begins, ends = (bisect_left(sentence.start, at) for at in (said.start, subject.start, place.end))
    if any(named is not None and named.kind == "person" for named in sentence.named[begins:ends]):
        return False  # "Ramos said Trump had not replied": the silence of somebody else
    return begins - first <= 1 and pack.words["correcting"].isdisjoint(sentence.low[ends:])
