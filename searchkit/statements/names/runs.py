"""Find runs: capitalised words that stand together, each a unit with its readings in the gazetteer.

A capital at the start of a sentence, after an opening mark or in a headline proves nothing (`Unit.initial`); in a
paragraph of capitals no capital does (`Unit.shouted`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Literal, NamedTuple

from msgspec import Struct

from searchkit.statements.document import MentionKind
from searchkit.statements.names.gazetteer import TOKEN, UPPER, Gazetteer, Joint, Known, gazetteer, joints, plain_words
from searchkit.statements.text import Span

_Words = Mapping[str, frozenset[str]]


class Unit(NamedTuple):
    """One capitalised word, or one known name with the kind of its first reading.

    `joint` ties it to the unit before, and is empty at the start of a run. A tuple, because a text has hundreds.
    """

    start: int
    end: int
    word: str
    known: tuple[Known, ...]
    kind: str
    joint: Joint
    initial: bool
    shouted: bool


# "unknown": one capitalised word that only the rest of the document can explain.
CandidateKind = MentionKind | Literal["unknown"]


class NameCandidate(Struct):
    """A name at a place. `country` is the code that the words around it gave; `known` its readings in the lists.

    `initial` candidates open a sentence or headline, where a capital proves nothing; `shouted` ones stand in capitals.
    """

    start: int
    end: int
    kind: CandidateKind
    rule: str
    confidence: float
    known: tuple[Known, ...] = ()
    country: str = ""
    initial: bool = False
    shouted: bool = False


_WORD_BEFORE = re.compile(r"([^\W\d_]{1,40}) $")
_WORD_BEHIND = re.compile(rf" ([{UPPER}][\w'-]{{1,40}})")
_OPENERS = "\"'“‘„«‹([{»"
_CLOSERS = "”’»)"
_BEFORE_SENTENCE = ".!?:;\n\t•*–—|>"
_KOREAN_TAIL = re.compile(r"-([a-z]{2,5})(?![\w-])")
# A Chinese syllable as it is romanized: "Li Mei-ling", "Chen Shui-bian", "Tsai Ing-wen".
_SYLLABLE = r"(?:[bpmfdtnlgkhjqxzcsryw]|zh|ch|sh|hs|ts|tz)?[aeiou]{1,3}(?:ng|n|r|h)?"
_CHINESE_GIVEN = re.compile(_SYLLABLE, re.IGNORECASE)
_CHINESE_TAIL = re.compile(rf"-({_SYLLABLE})(?![\w-])")
# So many characters of a paragraph show whether it shouts.
_SHOUT = 120
_LETTERED = re.compile(r"[^\W\d_]{2,60}")
_LONG_LETTERED = re.compile(r"[^\W\d_]{4,60}")
_CAPITAL = re.compile(f"[{UPPER}]")
# Replacing one character after the other is ten times faster than str.translate on text that is not ASCII.
_PLAIN_CHARACTERS = (("’", "'"), ("‘", "'"), ("\u00a0", " "), ("\u202f", " "), ("\u2009", " "), ("\u2011", "-"))


def flatten(text: str, paragraphs: Sequence[Span]) -> str:
    """Return `text` at the same length, with plain apostrophes and spaces and no line ends inside paragraphs."""
    if not text.isascii():
        for character, plain in _PLAIN_CHARACTERS:
            text = text.replace(character, plain)
    if len(paragraphs) and any("\n" in text[span.start : span.end] for span in paragraphs):
        pieces: list[str] = []
        position = 0
        for span in paragraphs:
            if span.start < position:
                continue
            pieces.append(text[position : span.start])
            pieces.append(text[span.start : span.end].replace("\n", " "))
            position = span.end
        pieces.append(text[position:])
        text = "".join(pieces)
    return text


def runs(text: str, paragraphs: Sequence[Span]) -> Iterator[list[Unit]]:
    """Yield every run of flattened `text`, in order."""
    return chain.from_iterable(_runs_of(text, paragraph) for paragraph in paragraphs)


def _runs_of(text: str, paragraph: Span) -> Iterator[list[Unit]]:
    known, words = gazetteer(), plain_words()
    written = text[paragraph.start : paragraph.end]
    shouted = _shouts(written)
    titled = _is_titled(written)
    headline = shouted or titled
    run: list[Unit] = []
    last = -1  # end of the run's last unit
    for match in TOKEN.finditer(text, paragraph.start, paragraph.end):
        start = match.start()
        if start < last:
            continue
        joint = _joint(text, last, start, run[-1]) if run and start - last <= 9 else None  # the longest is " against "
        end, readings = _look_up(text, start, match.group(), known, shouted)
        if joint == "":  # a comma
            joint = " " if _is_legal(text[start:end], readings) else None
        if not readings:
            before = run[-1] if joint == " " else None
            end = _unknown_end(text, match, before)
            if match.group().lower() in words["enders"] and _ends_run(match, end, before, plain=not headline):
                if run:
                    yield run
                run, last = [], end
                continue
        if joint is None or len(run) == 24:  # more are a heading or noise
            if run:
                yield run
            run, joint = [], ""
        stands_first = titled or (not run and _is_initial(text, start))
        kind = readings[0].kind if readings else ""
        run.append(Unit(start, end, text[start:end], readings, kind, joint, stands_first, shouted))
        last = end
    if run:
        yield run


def _joint(text: str, last: int, start: int, before: Unit) -> Joint | None:
    """Return what the text from `last` to `start` says about the words around it; None if it separates them."""
    between = text[last:start]
    joint = joints().get(between)
    is_owner = joint is None and between in {"'s ", "' "} and before.word in plain_words()["possessive"]
    return " " if is_owner else joint


def _look_up(text: str, start: int, word: str, known: Gazetteer, shouted: bool) -> tuple[int, tuple[Known, ...]]:
    """Return end and readings of the known name at `start`; datelines write places in capitals in ordinary text."""
    hit = known.at(text, start, word, capitals=shouted) if shouted or word in known.names.lengths else None
    if hit is None and not shouted and word.isupper():
        hit = known.at(text, start, word, capitals=True)
        hit = hit if hit is not None and hit[1][0].kind == "place" else None
    return hit or (start, ())


def _is_legal(word: str, readings: Sequence[Known]) -> bool:
    """Return whether a name goes on behind a comma: "Tiandy Technologies Co., Ltd."."""
    return bool(readings) and readings[0].kind == "legal" and not word.isupper()


def _unknown_end(text: str, match: re.Match[str], before: Unit | None) -> int:
    """Return the end of a word that no list has, with the full stop of an initial ("J.").

    The second syllable of a given name behind `before` belongs to it: "Jae-in", "Mei-ling".
    """
    start, end = match.span()
    end += end - start == 1 and text[end : end + 1] == "."
    if before is None:
        return end
    words = plain_words()
    if before.word in words["Korean surnames"]:
        tail = _KOREAN_TAIL.match(text, end)
    else:
        tail = _CHINESE_TAIL.match(text, end)
        if tail is not None and _CHINESE_GIVEN.fullmatch(text, start, end) is None:
            return end
    return end if tail is None or tail[1] in words["after hyphen"] else tail.end()


def _ends_run(match: re.Match[str], end: int, before: Unit | None, *, plain: bool) -> bool:
    """Return whether a word that ends runs does so here, behind the unit `before`; `plain` outside headlines."""
    text, start, words = match.string, match.start(), plain_words()
    if end - start == 2 and text[start + 1] == ".":
        return False  # "A. Hollis": an initial is not an article
    lower = match.group().lower()
    if lower in words["name-like"]:
        next_to_name = before is not None and not before.shouted and not text[end + 1 : end + 2].isdigit()
        if next_to_name or (lower in words["subject"] and not _is_initial(text, start)):
            return False
    return not (plain and lower in words["first-name-like"] and _is_first_name(text, start, end, words))


def _shouts(text: str) -> bool:
    """Return whether more than half of a paragraph's words are in capitals; one word is too few to tell."""
    if text.islower() or len(_CAPITAL.findall(text, 0, _SHOUT)) * 3 < len(text[:_SHOUT]):
        return False
    words = _LETTERED.findall(text)
    return len(words) >= 2 and sum(1 for word in words if word.isupper()) * 2 > len(words)


def _is_titled(text: str) -> bool:
    """Return whether a paragraph is written like a headline, with a capital in each longer word."""
    if len(text) > 200:
        return False
    words = _LONG_LETTERED.findall(text)
    return len(words) >= 4 and sum(1 for word in words if word[0].isupper()) * 5 > len(words) * 4


def _is_initial(text: str, start: int) -> bool:
    """Return whether the word at `start` opens a sentence or stands behind an opening mark."""
    place = start - 1
    while place >= 0 and text[place] == " ":
        place -= 1
    if place >= 0 and text[place] in _OPENERS:
        return True
    if place > 0 and text[place] in _CLOSERS and text[place - 1] in ".!?":
        return True
    return place < 0 or text[place] in _BEFORE_SENTENCE


def _is_first_name(text: str, start: int, end: int, words: _Words) -> bool:
    """Return whether a word such as "June" or "Will" begins a name.

    A surname must follow, and no word of time may stand before it. At the start of a sentence the same two words must
    be a name elsewhere: "Will Korbel resign?".
    """
    behind = _WORD_BEHIND.match(text, end)
    if behind is None or behind[1].lower() in words["enders"] or behind[1].lower() in words["ordinary"]:
        return False
    places = [start]
    if _is_initial(text, start):
        full = re.escape(text[start : behind.end()])
        places = [found.start() for found in islice(re.finditer(full, text), 8)]  # places, at most
    return any(not _is_initial(text, place) and not _is_after_time(text, place, words) for place in places)


def _is_after_time(text: str, place: int, words: _Words) -> bool:
    before = _WORD_BEFORE.search(text, max(0, place - 41), place)
    return before is not None and before[1].lower() in words["before times"]
