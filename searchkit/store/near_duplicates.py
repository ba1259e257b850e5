"""Sketches of texts: small enough to keep, good enough to tell a copy by.

takes:    an annotated Document
gives:    its Sketch; whether two sketches are of copies
does not: keep or look up sketches (copies.py does)
traps:    sketches are compared across runs, so what is hashed, and how, must not change without a new version of the
          annotations, and how they are packed not without a step of the store that drops those it has

The method is a bottom-k sketch (Cohen and Kaplan 2007; Broder 1997 for shingles): the smallest hashes of all runs of
four words are a fair sample of them, and the samples of two texts show how much of each stands in the other.

On 19,043 newswire articles, runs of four words alone take reports written to one pattern for copies: the same sentence
every day with other figures, one notice for company after company. So what a copy keeps and a pattern changes counts
too: the figures, the names, who speaks, and the day.
"""

import re
import struct
from collections.abc import Iterable
from itertools import accumulate
from typing import Self

from msgspec import Struct

from searchkit.document import Document, MentionKind
from searchkit.text import fold

# Hashes kept of runs of words, and of figures; of the former, those by which copies are looked up.
KEPT = 128
_FIGURES_KEPT = 32
LOOKED_UP = 16
# Of names so many that a text cut to a third, with all its names in the other, is seldom another by chance.
_NAMES_KEPT = 128
_RUN = 4
# Bytes of a hash: with 48 bits, two of ten million runs of words have one hash in common by chance.
WIDTH = 6
# A text with fewer runs of words than this is a copy of those with the same title and words only.
_SHORT = 25
# The part of the shorter text that stands in the longer one. From 0.2 to 0.5 texts share an agency's paragraphs.
_CONTAINED = 0.5
# A page that gathers several articles is a copy of none of them: what both share must be this part of the longer one,
# which also makes it three times as long at most.
_OF_LONGER = 1 / 3
# The part of the figures of the text with fewer that the other has too. Of 440 pairs of the newswire within one day
# that share 0.6 of their runs, 439 do; of those over a week apart that share 0.5 to 0.7, one in ten.
_SAME_FIGURES = 2 / 3
# The part of the words in names that the text with fewer must share. Of 453 pairs of the newswire that are alike in all
# else and name somebody, 430 do; of the 23 others 20 are reports to one pattern. Nearly all of the 430 share all.
_SAME_NAMES = 0.8
# The same of its speakers' names: a shared "Bank" or "Minister" is no shared speaker, a cut text has some of them.
_SAME_SPEAKERS = 0.5
# A place is what reports to one pattern share; all else that has a name may be what they are about.
_NAMED: frozenset[MentionKind] = frozenset({"person", "company", "organisation", "agency"})
# Where nobody is found by name, words with a capital letter inside sentences stand for names, if there are so many: a
# table of figures has one or two, and those are months.
_LEAST_CAPITALS = 3
# Agencies are copied within a day. Texts further apart in time must have more in common, as what is put up again has.
# Of nine pairs of the newswire that this parts, seven were reports to one pattern.
_DAYS = 1
_CONTAINED_LATER = 0.8

# Scripts without spaces between words: each sign is a word. Longer words than 64 signs are cut.
_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_SIGNS}]|[^\W{_SIGNS}]{{1,64}}")
_FIGURE = re.compile(r"\d[\d.,:/-]{0,30}")
_INSIDE = re.compile(r"(?<=[\w,] )[^\W\d_]{2,64}")
_ROUNDING = 1e-9  # of floating point
_FORM = struct.Struct(">IIIIIIIII")


class Sketch(Struct, frozen=True, kw_only=True):
    """A text in a kilobyte or two: how many different runs of four words it has and the smallest of their hashes, the
    same of its figures, of the words of its names (or, `guessed`, of its capitalized words), and of those of its
    speakers' names; and the day it was published (an ordinal, 0 when not known).

    Hashes stand in order, WIDTH bytes each. A short text has one hash, of all its words, and no number of runs.
    """

    runs: int
    hashes: bytes
    figures: int = 0
    figure_hashes: bytes = b""
    names: int = 0
    name_hashes: bytes = b""
    guessed: bool = False
    speakers: int = 0
    speaker_hashes: bytes = b""
    day: int = 0

    def packed(self) -> bytes:
        """The sketch as bytes, equal for equal sketches."""
        parts = (self.hashes, self.figure_hashes, self.name_hashes, self.speaker_hashes)
        lengths = map(len, parts[:-1])
        head = _FORM.pack(self.runs, self.figures, self.names, self.guessed, self.speakers, self.day, *lengths)
        return head + b"".join(parts)

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """The sketch that `packed` gave."""
        runs, figures, names, guessed, speakers, day, *lengths = _FORM.unpack_from(packed)
        start, second, third, last = accumulate(lengths, initial=_FORM.size)
        return cls(
            runs=runs,
            hashes=packed[start:second],
            figures=figures,
            figure_hashes=packed[second:third],
            names=names,
            name_hashes=packed[third:last],
            guessed=bool(guessed),
            speakers=speakers,
            speaker_hashes=packed[last:],
            day=day,
        )

    def looked_up(self) -> tuple[int, ...]:
        """The hashes by which copies are looked up; none of a short text."""
        if not self.runs:
            return ()
        return tuple(int.from_bytes(one) for one in _cut(self.hashes[: LOOKED_UP * WIDTH]))


def sketch(document: Document) -> Sketch:
    """The sketch of a document's text, by its words without case and accents."""
    words = _WORD.findall(fold(document.text))
    runs = set(map(" ".join, zip(*(words[start:] for start in range(_RUN)), strict=False)))
    if len(runs) < _SHORT:
        whole = " ".join([*_WORD.findall(fold(document.title or "")), "\n", *words])
        return Sketch(runs=0, hashes=_digest(whole, 16))
    figures = {figure.replace(",", "").rstrip(".:/-") for figure in _FIGURE.findall(document.text)}
    names = _words_of(mention.surface for mention in document.mentions if mention.kind in _NAMED)
    guessed = not names
    if guessed:
        inside = _INSIDE.findall(document.text)
        names = _words_of(word for word in inside if word[0].isupper() and not word.isupper())
        names = names if len(names) >= _LEAST_CAPITALS else set()
    speakers = _words_of(quote.speaker.name or "" for quote in document.quotes if quote.speaker.entity_id)
    published = document.published
    day = published.earliest if published and published.precision in {"day", "instant"} else None
    certain = published is not None and published.confidence != "low"
    return Sketch(
        runs=len(runs),
        hashes=_smallest(runs, KEPT),
        figures=len(figures),
        figure_hashes=_smallest(figures, _FIGURES_KEPT),
        names=len(names),
        name_hashes=_smallest(names, _NAMES_KEPT),
        guessed=guessed,
        speakers=len(speakers),
        speaker_hashes=_smallest(speakers, _NAMES_KEPT),
        day=day.toordinal() if day and certain else 0,
    )


def are_copies(first: Sketch, second: Sketch) -> bool:
    """Whether one text is a copy of the other. Short texts are when they are equal, which needs no comparison."""
    if not first.runs or not second.runs:
        return first == second
    shorter, longer = sorted((first.runs, second.runs))
    apart = abs(first.day - second.day) if first.day and second.day else 0
    least = max((_CONTAINED if apart <= _DAYS else _CONTAINED_LATER) * shorter, _OF_LONGER * longer)
    if shorter < least or not _share(first.hashes, first.runs, second.hashes, second.runs, least, KEPT):
        return False
    least = _SAME_FIGURES * min(first.figures, second.figures)
    if not _share(first.figure_hashes, first.figures, second.figure_hashes, second.figures, least, _FIGURES_KEPT):
        return False
    # Names found and words that may be names are not compared with each other.
    least = _SAME_NAMES * min(first.names, second.names) if first.guessed == second.guessed else 0
    if not _share(first.name_hashes, first.names, second.name_hashes, second.names, least, _NAMES_KEPT):
        return False
    least = _SAME_SPEAKERS * min(first.speakers, second.speakers)
    return _share(first.speaker_hashes, first.speakers, second.speaker_hashes, second.speakers, least, _NAMES_KEPT)


def _words_of(names: Iterable[str]) -> set[str]:
    """The words in names: a shortened text may keep the last of them only. Initials are left out."""
    return {word for name in names for word in _WORD.findall(fold(name)) if len(word) > 1 or not word.isascii()}


def _share(first: bytes, first_size: int, second: bytes, second_size: int, least: float, kept: int) -> bool:
    """Whether two sets have `least` members in common, by their sizes and smallest hashes: exactly when all hashes of
    both are kept, else as far as the sample tells."""
    ours, theirs = set(_cut(first)), set(_cut(second))
    both = ours & theirs
    size = min(kept, len(ours) + len(theirs) - len(both))
    # The part p of the union that both have makes p / (1 + p) of the two sizes together.
    wanted = least / (first_size + second_size - least) * size if least else 0.0
    if len(both) < wanted - _ROUNDING:
        return False
    sample = sorted(ours | theirs)[:size]
    return sum(1 for one in sample if one in both) >= wanted - _ROUNDING


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + WIDTH] for start in range(0, len(hashes), WIDTH)]


def _smallest(members: Iterable[str], kept: int) -> bytes:
    from hashlib import blake2b  # as in `_digest`, which would be called a hundred times for each article

    hashes = [blake2b(one.encode("utf-8", "surrogatepass"), digest_size=WIDTH).digest() for one in members]
    return b"".join(sorted(hashes)[:kept])


def _digest(text: str, size: int) -> bytes:
    from hashlib import blake2b  # loads OpenSSL, which a query has no use for

    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
