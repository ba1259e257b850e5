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
from searchkit.statements.names.gazetteer import (
    TOKEN,
    UPPER,
    Gazetteer,
    Joint,
    Known,
    gazetteer,
    head_words,
    joints,
    plain_words,
)
from searchkit.statements.text import Span, letter_words
from searchkit.statements.word_lists import word_sets

# What stands before an armed unit and belongs to its name: "the 5th Brigade".
_ORDINAL = re.compile(r"(?<![\w.])\d{1,4}(?:st|nd|rd|th) $")
# At most so many words make one person's name: "Mohammed bin Salman bin Abdulaziz Al Saud" has five units.
LONGEST_PERSON = 5
# Kinds of known names that may be part of a person's name: "Jordan".
PERSON_LIKE_KINDS = frozenset({"place", "company", "organisation", "group"})


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


class RunWords:
    """The run that is read, and the words that explain its units."""

    _run: Sequence[Unit] = ()

    def __init__(self, text: str) -> None:
        self._text = text
        self._heads = head_words()
        self._given = word_sets("given_names.txt")["given"]
        self._alike = word_sets("look_alikes.txt")
        self._modifiers = word_sets("titles.txt")["modifiers"]
        self._things = word_sets("context_nouns.txt")["other"]
        self._words = plain_words()

    def _kind(self, at: int) -> str:
        return self._run[at].kind

    def _is_ordinary(self, unit: Unit) -> bool:
        return unit.word.lower() in self._words["ordinary"]

    def _continues(self, at: int, first: int) -> bool:
        """Return whether unit `at` exists and stands one space behind the unit before, or begins at `first`."""
        return at < len(self._run) and (at == first or self._run[at].joint == " ")

    # --- titles and persons ---

    def _is_title(self, at: int) -> bool:
        """Return whether the unit is a title, and not an adjective of the next head: "Ostrava General Hospital"."""
        run = self._run
        if self._kind(at) != "title" or run[at].word != "General" or at + 1 == len(run) or run[at + 1].joint != " ":
            return self._kind(at) == "title"
        return self._heads.kinds.get(run[at + 1].word) not in ("organisation", "agency")

    def _is_modifier(self, at: int) -> bool:
        """Return whether the unit leads to a title and names nothing itself: "Treasury Secretary", not "NATO"."""
        unit = self._run[at]
        return unit.word in self._modifiers and (not unit.known or unit.known[0].bound)

    def _person_end(self, at: int, *, titled: bool) -> int:
        """Return the unit after the person's name that begins at `at`; `at` when none does."""
        run = self._run
        end = at
        while end < len(run) and end - at < LONGEST_PERSON:
            unit = run[end]
            if end > at and unit.joint not in (" ", "de"):
                break
            if unit.kind and not (unit.kind in PERSON_LIKE_KINDS and self._is_person_like(end, at, titled=titled)):
                break
            if end - at > 1 and not unit.kind and unit.word in self._heads.kinds:
                break
            end += 1
        return end

    def _is_person_like(self, at: int, first: int, *, titled: bool) -> bool:
        """Return whether the known name at `at` may be part of the person's name that begins at `first`."""
        run = self._run
        if at == first + 1 and run[at].kind == "place" and run[first].word in self._given and not run[first].known:
            return True  # "Alison Blackburn"
        if run[at].word not in self._alike["persons"]:
            return False
        ahead = at + 1 < len(run) and run[at + 1].joint in (" ", "de") and not self._kind(at + 1)
        return at > first or titled or ahead

    # --- names that a head word explains ---

    def _stretch_end(self, at: int) -> int:
        """Return the end of the stretch that one name may fill: up to a title and what belongs to it."""
        run = self._run
        stop = at
        while stop < len(run) and (stop == at or self._goes_on(stop)) and not self._is_title(stop):
            stop += 1
        return self._before_modifiers(at, stop) if stop < len(run) else stop

    def _before_modifiers(self, at: int, stop: int) -> int:
        """Return the end of the name before a title at `stop`: "Executive" belongs to "Executive Director"."""
        while stop > at + 1 and self._kind(stop) == "title" and self._is_modifier(stop - 1):
            stop -= 1
        return stop

    def _goes_on(self, at: int) -> bool:
        """Return whether unit `at` may belong to the name before; "and" joins topics and owners: "Ways and Means"."""
        unit, before = self._run[at], self._run[at - 1]
        if unit.joint != "and":
            return unit.joint in (" ", "de", "&")
        if unit.word in self._heads.words["owner"]:
            return True
        if unit.known or before.known:
            return False
        if at + 1 < len(self._run) and self._kind(at + 1) == "legal":
            return True  # "Pacific Gas and Electric Co"
        if unit.word in self._heads.kinds or before.word in self._heads.kinds:
            return False
        return self._is_ordinary(unit) and self._is_ordinary(before)

    def _last_head(self, at: int, stop: int) -> int:
        """Return the last head word of the range, or -1."""
        run = self._run
        for place in range(stop - 1, at - 1, -1):
            kind = self._kind(place)
            if kind == "legal" and place > at:
                return place
            if kind == "agency" and run[place].known[0].bound and self._is_own_body(at, place):
                return place
            if kind in ("organisation", "agency") and place > at and self._is_modified(place):
                return place
            if not kind and run[place].word in self._heads.words["unit"]:
                # A word like "Division" is an armed unit after an ordinal, or after "Armored".
                armed = place > at and run[place - 1].word in self._heads.words["unit word"]
                if armed or self._ordinal_before(at) is not None:
                    return place
            if not kind and self._head_of(place):
                # A given name before it and nothing after: "Gordon Bank" is as likely a person as a bank.
                is_name = place == at + 1 and run[at].word in self._given and run[place].joint == " "
                return -1 if is_name else place
        return -1

    def _is_modified(self, place: int) -> bool:
        """Return whether a word makes another body of a listed one: "Liberal Democratic Party"."""
        before, body = self._run[place - 1], self._run[place]
        plain = before.known or before.initial or before.word in self._alike["openers"]
        return self._is_shared(body) and body.joint == " " and not plain

    def _is_shared(self, body: Unit) -> bool:
        """Return whether bodies of many owners have such a name: "Red Cross", "Labour Party"."""
        return body.word.rpartition(" ")[2] in self._heads.words["shared"]

    def _is_own_body(self, at: int, place: int) -> bool:
        """Return whether a body of many countries is another one: "Army of Revolutionaries", "Karvanian Ministry"."""
        run = self._run
        goes_on = place + 1 < len(run) and run[place + 1].joint == "of" and not run[place + 1].known
        if goes_on and run[place].word in self._heads.kinds:
            return True
        before = run[place - 1]
        plain = before.word in self._modifiers or self._is_ordinary(before)
        return place > at and not (before.known or plain or before.initial)

    def _head_of(self, at: int) -> str:
        """Return the head word that unit `at` is, or ends in ("Ledger-Post"); empty if it is not one."""
        word = self._run[at].word
        if word in self._heads.kinds:
            return word
        last = word.rpartition("-")[2]
        return last if last != word and last in self._heads.kinds else ""

    def _head_kind(self, head: int) -> MentionKind:
        if self._kind(head) == "legal":
            return "company"
        if self._kind(head) == "organisation":
            return "organisation"
        if self._kind(head) == "agency" or not self._head_of(head):
            return "agency"
        return self._heads.kinds[self._head_of(head)]

    def _ordinal_before(self, at: int) -> int | None:
        """Return where the ordinal before unit `at` begins: "5th" of "5th Brigade"."""
        start = self._run[at].start
        found = _ORDINAL.search(self._text, max(0, start - 8), start)
        return found.start() if found is not None else None

    def _is_described(self, at: int, head: int) -> bool:
        """Return whether only plain words stand before the head: "Russian Railways" is a name with its demonym."""
        return all(map(self._is_ordinary, self._run[at:head]))

    def _after_of(self, at: int, kind: MentionKind) -> int:
        """Return the end of what follows "of": up to the next title, person or list name."""
        run = self._run
        end = at
        while end < len(run) and self._kind(end) != "title":
            unit, before = run[end], run[end - 1]
            if end > at and (
                unit.joint == ""
                or (unit.joint == "and" and not self._joins_topics(end, kind))
                or (before.kind == "place" and unit.joint == " " and unit.word not in self._heads.kinds)
            ):
                break
            end += 1
        return end

    def _joins_topics(self, at: int, kind: MentionKind) -> bool:
        """Return whether "and" before unit `at` joins topics of a body rather than two names."""
        unit, before = self._run[at], self._run[at - 1]
        if (
            kind not in {"agency", "law", "organisation"}
            or unit.known
            or self._heads.kinds.get(unit.word, "company") != "company"
        ):
            return False
        return kind != "organisation" or not (before.known or unit.word in self._given)


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


WORD_BEFORE = re.compile(r"([^\W\d_]{1,40}) $")
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
_LONG = 4  # letters of a longer word
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
            joint = " " if _is_legal(match.group(), readings) else None
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
    """Return whether a name goes on behind a comma: "Tiandy Technologies Co., Ltd.", "Otto Vance, Jr."."""
    return word in {"Jr", "Sr"} or (bool(readings) and readings[0].kind == "legal" and not word.isupper())


def _unknown_end(text: str, match: re.Match[str], before: Unit | None) -> int:
    """Return the end of a word that no list has, with the full stop of an initial ("J.").

    The second syllable of a given name behind `before` belongs to it: "Jae-in", "Mei-ling".
    """
    start, end = match.span()
    words = plain_words()
    end += (end - start == 1 or match.group() in words["abbreviated"]) and text[end : end + 1] == "."
    if before is None:
        return end
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
    return len(words) >= 2 and sum(map(str.isupper, words)) * 2 > len(words)


def _is_titled(text: str) -> bool:
    """Return whether a paragraph is written like a headline, with a capital in each longer word."""
    if len(text) > 200:
        return False
    firsts = [word[0] for word in letter_words(text) if len(word) >= _LONG]
    return len(firsts) >= 4 and sum(map(str.isupper, firsts)) * 5 > len(firsts) * 4


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
    before = WORD_BEFORE.search(text, max(0, place - 41), place)
    return before is not None and before[1].lower() in words["before times"]
