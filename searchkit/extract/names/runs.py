"""Runs: capitalised words of a text that stand together, each a unit with what the gazetteer says of it.

takes:    normalized text and its paragraphs
gives:    runs of units, in text order
does not: decide what a run names
traps:    a capital at the start of a sentence, after an opening mark or in a headline proves nothing (`Unit.initial`);
          in a paragraph of capitals no capital does (`Unit.shouted`)
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple

from msgspec import Struct

from searchkit.extract.names.gazetteer import TOKEN, UPPER, Gazetteer, Known, gazetteer
from searchkit.extract.word_lists import parts
from searchkit.text import Span

Joint = Literal["", " ", "of", "and", "&", "de"]


class Unit(NamedTuple):
    """One capitalised word, or one known name and its first `kind`. `joint` is what ties it to the unit before: nothing
    at a run's start.

    A plain tuple: a text has hundreds of them.
    """

    start: int
    end: int
    word: str
    known: tuple[Known, ...]
    kind: str
    joint: Joint
    initial: bool
    shouted: bool


class PlainWords(Struct, frozen=True, kw_only=True):
    """Words that are no names: those that end a run, those that say when, those that need evidence.

    `name_like` end a run as a rule, but are name parts when a capital keeps them company in mid-sentence ("Theresa
    May", "Will Smith"). `first_name_like` end a run too, but begin a name in "the mayor, June Korbel". `joints` are
    what may stand between two units of a run, `after_hyphen` what makes a compound.
    """

    enders: frozenset[str]
    name_like: frozenset[str]
    first_name_like: frozenset[str]
    joints: dict[str, Joint]
    after_hyphen: frozenset[str]
    owners: frozenset[str]
    before_korean: frozenset[str]
    common: frozenset[str]
    ordinary: frozenset[str]


@lru_cache(maxsize=1)
def plain_words() -> PlainWords:
    """The shipped list of plain words, read once."""
    read = parts("plain_words.txt")
    joints = _JOINTS | dict.fromkeys((f" {particle} " for particle in read["particles"]), "de")
    return PlainWords(
        enders=frozenset(read["function"]) | frozenset(read["time"]),
        name_like=frozenset(read["name-like"]),
        first_name_like=frozenset(read["first-name-like"]),
        joints=joints,
        after_hyphen=frozenset(read["after hyphen"]),
        owners=frozenset(read["possessive"]),
        before_korean=frozenset(parts("given_names.txt")["Korean surnames"]),
        common=frozenset(read["common"]),
        ordinary=frozenset(read["common"]) | frozenset(read["ordinary"]),
    )


_JOINTS: dict[str, Joint] = {
    " ": " ",
    " of ": "of",
    " of the ": "of",
    " for ": "of",
    " for the ": "of",
    " on ": "of",
    " to ": "of",
    " in the ": "of",
    " against ": "of",
    " and ": "and",
    " & ": "&",
    ", ": "",
}
# "People's Party", "Workers' Union": what follows belongs to the name.
_POSSESSIVES = frozenset({"'s ", "' "})
# A gap longer than this joins nothing: the longest joint is " against ".
_LONGEST_JOINT = 9
# The name-like words that say who acts: they are names at once where no sentence starts ("Premier He").
_PRONOUNS = frozenset({"he", "you"})
# Before these words "June Korbel" may be two: the month, and whoever did something then.
_BEFORE_TIMES = frozenset(
    "in on since until till by last this next of early late mid from to and or between during through before after for"
    " around about a the each every".split()
)
_WORD_BEFORE = re.compile(r"([^\W\d_]{1,40}) $")
_WORD_BEHIND = re.compile(rf" ([{UPPER}][\w'-]{{1,40}})")
# Where the same two words stand again, so often it is looked whether they are a name there.
_PLACES_SEEN = 8
# More capitalised words than this in a row are a heading or noise, not one name.
_LONGEST_RUN = 24
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
_LONGEST_HEADLINE = 200
_LETTERED = re.compile(r"[^\W\d_]{2,60}")
_LONG_LETTERED = re.compile(r"[^\W\d_]{4,60}")
_CAPITAL = re.compile(f"[{UPPER}]")


# Replacing sign by sign is ten times faster than str.translate on text that is not ASCII.
_PLAIN_SIGNS = (("’", "'"), ("‘", "'"), ("\u00a0", " "), ("\u202f", " "), ("\u2009", " "), ("\u2011", "-"))


def flatten(text: str, paragraphs: Sequence[Span]) -> str:
    """`text` with plain apostrophes and spaces, and with the line ends inside paragraphs as spaces: same length."""
    if not text.isascii():
        for sign, plain in _PLAIN_SIGNS:
            text = text.replace(sign, plain)
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


def _shouts(text: str) -> bool:
    """Whether more than half of a paragraph's words are in capitals; one word is too few to tell."""
    if text.islower() or len(_CAPITAL.findall(text, 0, _SHOUT)) * 3 < len(text[:_SHOUT]):
        return False
    words = _LETTERED.findall(text)
    return len(words) >= 2 and sum(1 for word in words if word.isupper()) * 2 > len(words)


def _is_titled(text: str) -> bool:
    """Whether a paragraph is written like a headline: each longer word with a capital, so capitals prove nothing."""
    if len(text) > _LONGEST_HEADLINE:
        return False
    words = _LONG_LETTERED.findall(text)
    return len(words) >= 4 and sum(1 for word in words if word[0].isupper()) * 5 > len(words) * 4


def _is_initial(text: str, start: int) -> bool:
    place = start - 1
    while place >= 0 and text[place] == " ":
        place -= 1
    if place >= 0 and text[place] in _OPENERS:
        return True
    if place > 0 and text[place] in _CLOSERS and text[place - 1] in ".!?":
        return True
    return place < 0 or text[place] in _BEFORE_SENTENCE


def _plain_end(text: str, match: re.Match[str]) -> int:
    """End of a plain word: with the full stop of an initial ("J."), without a hyphenated lower-case tail."""
    end = match.end()
    if end - match.start() == 1 and text[end : end + 1] == ".":
        return end + 1
    return end


def _korean_end(text: str, end: int, compound: frozenset[str]) -> int:
    """End of the second part of a Korean given name, written small: "Jae-in"."""
    tail = _KOREAN_TAIL.match(text, end)
    return end if tail is None or tail[1] in compound else tail.end()


def _chinese_end(text: str, start: int, end: int, compound: frozenset[str]) -> int:
    """End of the second syllable of a Chinese given name, written small; both parts must be such syllables."""
    tail = _CHINESE_TAIL.match(text, end)
    if tail is None or tail[1] in compound or _CHINESE_GIVEN.fullmatch(text, start, end) is None:
        return end
    return tail.end()


def _is_first_name(text: str, start: int, end: int, words: PlainWords) -> bool:
    """Whether a word such as "June" or "Will" begins a name: a surname stands behind it, and before it nothing that
    speaks of time. At the start of a sentence only if it does so elsewhere too: "Will Korbel resign?"."""
    behind = _WORD_BEHIND.match(text, end)
    if behind is None or behind[1].lower() in words.enders or behind[1].lower() in words.ordinary:
        return False
    whole = text[start : behind.end()]
    places = [start]
    if _is_initial(text, start):
        places = [found.start() for found in islice(re.finditer(re.escape(whole), text), _PLACES_SEEN)]
    return any(not _is_initial(text, place) and not _speaks_of_time(text, place) for place in places)


def _speaks_of_time(text: str, place: int) -> bool:
    before = _WORD_BEFORE.search(text, max(0, place - 41), place)
    return before is not None and before[1].lower() in _BEFORE_TIMES


def _place_in_capitals(text: str, start: int, word: str, known: Gazetteer) -> tuple[int, tuple[Known, ...]] | None:
    """A place written in capitals within ordinary text, as datelines have it."""
    hit = known.at(text, start, word, capitals=True)
    return hit if hit is not None and hit[1][0].kind == "place" else None


def runs(text: str, paragraphs: Sequence[Span]) -> Iterator[list[Unit]]:
    """Every run of `text` (already flattened), in order."""
    known = gazetteer()
    words = plain_words()
    for paragraph in paragraphs:
        yield from _runs_of(text, paragraph, known, words)


def _runs_of(text: str, paragraph: Span, known: Gazetteer, words: PlainWords) -> Iterator[list[Unit]]:
    written = text[paragraph.start : paragraph.end]
    shouted = _shouts(written)
    titled = _is_titled(written)
    run: list[Unit] = []
    last = -1  # end of the run's last unit
    for match in TOKEN.finditer(text, paragraph.start, paragraph.end):
        start = match.start()
        if start < last:
            continue
        word = match.group()
        joint: Joint | None = None
        if run and start - last <= _LONGEST_JOINT:
            between = text[last:start]
            joint = words.joints.get(between)
            if joint is None and between in _POSSESSIVES and run[-1].word in words.owners:
                joint = " "
        hit = known.at(text, start, word, capitals=shouted) if shouted or word in known.names.lengths else None
        if hit is None and not shouted and word.isupper():
            hit = _place_in_capitals(text, start, word, known)
        if joint == "":
            # Of what follows a comma only a legal form belongs to the name: "Tiandy Technologies Co., Ltd."
            joint = (
                " " if hit is not None and hit[1][0].kind == "legal" and not text[start : hit[0]].isupper() else None
            )
        if hit is not None:
            end, readings = hit
        else:
            end, readings = _plain_end(text, match), ()
            if joint == " " and run[-1].word in words.before_korean:
                end = _korean_end(text, end, words.after_hyphen)
            elif joint == " ":
                end = _chinese_end(text, start, end, words.after_hyphen)
            lower = word.lower()
            # "A. Hollis": an initial is no article.
            is_initial_letter = end - start == 2 and text[start + 1] == "."
            if lower in words.enders and not is_initial_letter:
                companion = joint == " " and not run[-1].shouted and not text[end + 1 : end + 2].isdigit()
                if not (
                    (lower in words.name_like and (companion or (lower in _PRONOUNS and not _is_initial(text, start))))
                    or (
                        lower in words.first_name_like
                        and not (shouted or titled)
                        and _is_first_name(text, start, end, words)
                    )
                ):
                    if run:
                        yield run
                    run, last = [], end
                    continue
        if joint is None or len(run) == _LONGEST_RUN:
            if run:
                yield run
            run, joint = [], None
        stands_first = titled or (not run and _is_initial(text, start))
        kind = readings[0].kind if readings else ""
        run.append(Unit(start, end, text[start:end], readings, kind, joint or "", stands_first, shouted))
        last = end
    if run:
        yield run
