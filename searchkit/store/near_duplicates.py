"""Near-duplicates: sketches of texts, small enough to store, and the groups of documents with similar ones.

The method is a bottom-k sketch (Cohen and Kaplan 2007; Broder 1997 for shingles): the smallest hashes of all runs of
four words are a fair sample of them, and the samples of two texts show how much they share.

On 19,043 newswire articles, runs of four words alone confuse reports that follow one template, such as daily figures or
company notices, with duplicates. So figures, names, speakers and the day count too. Sketches are compared across runs:
change what is hashed only with a new extractor version.

Groups are the connected components of all near-duplicate pairs, so the order of documents does not matter as long as no
run of words occurs in more distinct texts than _COMMON and _COMPARED allow. Documents with equal sketches share one. A
group is named after its first document by id.
"""

import re
import struct
from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Self

from msgspec import Struct

from searchkit.sqlite import Connection
from searchkit.statements.document import Document, MentionKind
from searchkit.statements.text import UNSPACED, fold

# How many hashes are kept of runs of words and of figures, and how many of the former are looked up.
KEPT = 128
_FIGURES_KEPT = 32
LOOKED_UP = 16
# Enough names that a text cut to a third rarely differs by chance.
_NAMES_KEPT = 128
_RUN = 4
# Bytes of a hash: with 32 bits, one of 100,000 comparisons of two texts finds a hash that they do not share.
WIDTH = 4
# The hashes with which the limits below were measured: another function draws other samples.
_DIGEST_BYTES = 6
# A text with fewer runs only duplicates texts with the same title and words.
_SHORT = 25
# How much of the shorter text the longer one contains. From 0.2 to 0.5, texts share an agency's paragraphs.
_CONTAINED = 0.5
# A page that collects several articles duplicates none of them: the shared part must be this much of the longer text.
_OF_LONGER = 1 / 3
# How many figures of the text with fewer the other has too. Of 440 newswire pairs within a day that share 0.6 of their
# runs, 439 do; of pairs over a week apart that share 0.5 to 0.7, one in ten.
_SAME_FIGURES = 2 / 3
# How many words in names the texts must share. Of 453 newswire pairs that are otherwise alike, 430 do; of the other 23,
# 20 follow one template.
_SAME_NAMES = 0.8
# The same for speakers' names: "Bank" or "Minister" alone is not a shared speaker, and a cut text lacks some speakers.
_SAME_SPEAKERS = 0.5
# Reports that follow one template share places, but not other names.
_NAMED: frozenset[MentionKind] = frozenset({"person", "company", "organisation", "agency"})
# Without names, capitalized words inside sentences count as names if there are enough of them: a table of figures has
# one or two, such as months.
_LEAST_CAPITALS = 3
# Agency texts are copied within a day. Texts further apart must share more. Of nine newswire pairs that this separates,
# seven follow one template.
_DAYS = 1
_CONTAINED_LATER = 0.8
# In a short text, one sentence can say the opposite. If all runs of both texts are kept, one must contain the other; if
# only those of the shorter one are, it must share as much as a later text. Of 140 newswire pairs, this separates 46.
_CONTAINED_SHORT = 1.0
# For each run of words, the first texts that contain it are stored. More common runs are set phrases ("the company said
# it has"). In the newswire, duplicates always shared a run that occurs in 13 texts at most, and its groups are the same
# with 200.
_COMMON = 32
# Duplicates share at least so many of the looked-up hashes: all of the newswire do, and one in ten other pairs.
_IN_COMMON = 2
# How many texts are compared with a new one, those with most hashes in common first.
_COMPARED = 64

# The documents with a sketch, or with one that near-duplicates connect with it.
_CONNECTED = """
WITH RECURSIVE connected (number) AS (
    SELECT CAST(? AS BIGINT) UNION SELECT other FROM sketch_pairs JOIN connected ON sketch = number
)
SELECT document FROM facts WHERE sketch IN (SELECT number FROM connected)
"""

# Words are cut at 64 characters.
_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]{{1,64}}")
_FIGURE = re.compile(r"\d[\d.,:/-]{0,30}")
_INSIDE = re.compile(r"(?<=[\w,] )[^\W\d_]{2,64}")
_ROUNDING = 1e-9  # of floating point
_FORM = struct.Struct(">IIIIIIIII")


class Sample(Struct, frozen=True, kw_only=True):
    """The size of a set, and the smallest hashes of its members: sorted, WIDTH bytes each."""

    size: int = 0
    hashes: bytes = b""

    @classmethod
    def of(cls, members: Collection[str], kept: int) -> Self:
        """Return the sample of a set with so many hashes."""
        encoded = (member.encode("utf-8", "surrogatepass") for member in members)
        hashes = [blake2b(member, digest_size=_DIGEST_BYTES).digest()[:WIDTH] for member in encoded]
        return cls(size=len(members), hashes=b"".join(sorted(hashes)[:kept]))

    def shares(self, other: Self, least: float, kept: int) -> bool:
        """Return whether two sets share `least` members: exact if all hashes of both are kept, otherwise an
        estimate."""
        ours, theirs = _set_of(self.hashes), _set_of(other.hashes)
        both = ours & theirs
        size = min(kept, len(ours) + len(theirs) - len(both))
        # If they share the part p of their union, that is p / (1 + p) of the sum of their sizes.
        wanted = least / (self.size + other.size - least) * size if least else 0.0
        if len(both) < wanted - _ROUNDING:
            return False
        sample = sorted(ours | theirs)[:size]
        return sum(1 for value in sample if value in both) >= wanted - _ROUNDING


class Sketch(Struct, frozen=True, kw_only=True):
    """A text in one or two kilobytes: samples of its runs of four words, figures, words of names (or, if `guessed`,
    capitalized words) and words of speakers' names; and the day of publication (an ordinal, 0 if unknown).

    A short text has a single hash, of all its words, and no runs.
    """

    runs: Sample
    figures: Sample = Sample()
    names: Sample = Sample()
    guessed: bool = False
    speakers: Sample = Sample()
    day: int = 0

    def packed(self) -> bytes:
        """Return the sketch as bytes, equal for equal sketches."""
        runs, figures, names, speakers = self.runs, self.figures, self.names, self.speakers
        lengths = (len(sample.hashes) for sample in (runs, figures, names))
        head = _FORM.pack(runs.size, figures.size, names.size, self.guessed, speakers.size, self.day, *lengths)
        return head + runs.hashes + figures.hashes + names.hashes + speakers.hashes

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """Return the sketch from its `packed` bytes."""
        runs, figures, names, guessed, speakers, day, *lengths = _FORM.unpack_from(packed)
        start, second, third, last = accumulate(lengths, initial=_FORM.size)
        return cls(
            runs=Sample(size=runs, hashes=packed[start:second]),
            figures=Sample(size=figures, hashes=packed[second:third]),
            names=Sample(size=names, hashes=packed[third:last]),
            guessed=bool(guessed),
            speakers=Sample(size=speakers, hashes=packed[last:]),
            day=day,
        )

    def looked_up(self) -> tuple[int, ...]:
        """Return 31 bits of the hashes for looking up near-duplicates, as SQLite stores in four bytes; none for a short
        text."""
        return tuple(value >> 1 for value in _numbers(self.runs.hashes[: LOOKED_UP * WIDTH])) if self.runs.size else ()


def sketch(document: Document) -> Sketch:
    """Return the sketch of a document's text, ignoring case and accents."""
    words = _WORD.findall(fold(document.text))
    runs = set(map(" ".join, zip(*(words[start:] for start in range(_RUN)), strict=False)))
    if len(runs) < _SHORT:
        words_and_title = " ".join([*_WORD.findall(fold(document.title or "")), "\n", *words])
        whole = blake2b(words_and_title.encode("utf-8", "surrogatepass"), digest_size=16)
        return Sketch(runs=Sample(hashes=whole.digest()))
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
        runs=Sample.of(runs, KEPT),
        figures=Sample.of(figures, _FIGURES_KEPT),
        names=Sample.of(names, _NAMES_KEPT),
        guessed=guessed,
        speakers=Sample.of(speakers, _NAMES_KEPT),
        day=day.toordinal() if day and certain else 0,
    )


def sketch_or_exact(document: Document) -> tuple[Sketch, int]:
    """Return the sketch of a document, and how many failures of a rule (0 or 1) cost it: then only exact copies have it
    too."""
    try:
        return sketch(document), 0
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  counted with the document
        return Sketch(runs=Sample(hashes=bytes.fromhex(document.digest)[:16])), 1


def are_copies(first: Sketch, second: Sketch) -> bool:
    """Return whether one text is a near-duplicate of the other. Short texts have to be equal."""
    if not first.runs.size or not second.runs.size:
        return first == second
    shorter, longer = sorted((first.runs.size, second.runs.size))
    apart = abs(first.day - second.day) if first.day and second.day else 0
    contained = _CONTAINED if apart <= _DAYS and shorter > KEPT else _CONTAINED_LATER
    least = max((contained if longer > KEPT else _CONTAINED_SHORT) * shorter, _OF_LONGER * longer)
    if shorter < least or not first.runs.shares(second.runs, least, KEPT):
        return False
    least = _SAME_FIGURES * min(first.figures.size, second.figures.size)
    if not first.figures.shares(second.figures, least, _FIGURES_KEPT):
        return False
    # Recognized names and guessed names are not comparable.
    least = _SAME_NAMES * min(first.names.size, second.names.size) if first.guessed == second.guessed else 0
    if not first.names.shares(second.names, least, _NAMES_KEPT):
        return False
    least = _SAME_SPEAKERS * min(first.speakers.size, second.speakers.size)
    return first.speakers.shares(second.speakers, least, _NAMES_KEPT)


def _words_of(names: Iterable[str]) -> set[str]:
    """Return the words in names without initials; a shortened text may keep only the last one."""
    return {word for name in names for word in _WORD.findall(fold(name)) if len(word) > 1 or not word.isascii()}


def _numbers(hashes: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(hashes) // WIDTH}I", hashes)


@lru_cache(maxsize=512)  # the first texts with a set phrase are compared with all later ones
def _set_of(hashes: bytes) -> frozenset[int]:
    return frozenset(_numbers(hashes))


# --- groups ----------------------------------------------------------------------------------------------------------


class CopyGroups:
    """The duplicate groups of a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def place(self, document: str, sketch: Sketch) -> set[str]:
        """Set the sketch of a document; return the documents whose group changed."""
        packed = sketch.packed()
        key = blake2b(packed, digest_size=16).digest()
        number = self._connection.scalar("SELECT id FROM sketches WHERE key = ?", key)
        before = self._connection.scalar("SELECT sketch FROM facts WHERE document = ?", document)
        if number is not None and number == before:
            return set()
        changed = self.leave(document) if before is not None else set()
        alike = {number} if number is not None else set()
        if number is None:
            number, alike = self._add(key, packed, sketch)
        self._connection.execute("UPDATE facts SET sketch = ? WHERE document = ?", number, document)
        groups, alone = set(), {document}
        for other in alike:
            found = self._connection.execute(
                "SELECT document, copies FROM facts WHERE sketch = ? AND document <> ? LIMIT 1", other, document
            ).fetchone()
            if found is not None and found[1]:
                groups.add(found[1])
            elif found is not None:
                alone.add(found[0])
        if len(groups) + len(alone) > 1:
            name = min(groups | alone)
            # The members of the group that keeps its name need not be read.
            members = "SELECT document FROM facts WHERE copies = ?"
            renamed = (self._connection.column(members, group) for group in groups - {name})
            changed |= self._name(alone.union(*renamed), name)
        return changed

    def leave(self, document: str) -> set[str]:
        """Remove the sketch of a document; return the documents whose group changed."""
        row = self._connection.execute("SELECT sketch, copies FROM facts WHERE document = ?", document).fetchone()
        if row is None or row[0] is None:
            return set()
        number, group = row
        self._connection.execute("UPDATE facts SET sketch = NULL, copies = '' WHERE document = ?", document)
        last = self._connection.scalar("SELECT 1 FROM facts WHERE sketch = ?", number) is None
        if last:
            self._drop(number)
        if not group:
            return set()
        left = self._connection.execute("SELECT 1 FROM facts WHERE copies = ? LIMIT 2", group).fetchall()
        if not last and document != group and len(left) > 1:
            return {document}  # another document with this text keeps the group connected
        return {document} | self._regroup(group)

    def of(self, document: str) -> Sketch | None:
        """Return the sketch of a document, if it has any."""
        number = self._connection.scalar("SELECT sketch FROM facts WHERE document = ?", document)
        return None if number is None else self._sketch(number)

    def like(self, sketch: Sketch) -> set[int]:
        """Return the numbers of stored sketches that are equal to this one or near-duplicates of it."""
        key = blake2b(sketch.packed(), digest_size=16).digest()
        number = self._connection.scalar("SELECT id FROM sketches WHERE key = ?", key)
        return self._near(sketch)[1] if number is None else {number, *self._copies_of(number)}

    def _add(self, key: bytes, packed: bytes, sketch: Sketch) -> tuple[int, set[int]]:
        """Store a new sketch; return its number and those of its near-duplicates."""
        sizes, alike = self._near(sketch)
        number = self._connection.insert_row("INSERT INTO sketches (key, sketch) VALUES (?, ?)", key, packed)
        self._connection.execute_many(
            "INSERT INTO sketch_hashes VALUES (?, ?)",
            [(value, number) for value in dict.fromkeys(sketch.looked_up()) if sizes[value] < _COMMON],
        )
        self._connection.execute_many(
            "INSERT INTO sketch_pairs VALUES (?, ?)",
            [pair for other in alike for pair in ((number, other), (other, number))],
        )
        return number, alike

    def _near(self, sketch: Sketch) -> tuple[Counter[int], set[int]]:
        """Return how many stored sketches have each looked-up hash, and the near-duplicates among them."""
        hashes = sketch.looked_up()
        if not hashes:
            return Counter(), set()
        found = self._connection.execute(
            f"SELECT hash, sketch FROM sketch_hashes WHERE hash IN ({','.join('?' * len(hashes))})",  # noqa: S608 - marks
            *hashes,
        ).fetchall()
        sizes = Counter(value for value, _ in found)
        common = Counter(other for _, other in found)
        likely = sorted((-count, other) for other, count in common.items() if count >= _IN_COMMON)
        return sizes, {other for _, other in likely[:_COMPARED] if are_copies(sketch, self._sketch(other))}

    def _sketch(self, number: int) -> Sketch:
        return Sketch.unpacked(self._connection.scalar("SELECT sketch FROM sketches WHERE id = ?", number))

    def _drop(self, number: int) -> None:
        self._connection.execute_many(
            "DELETE FROM sketch_hashes WHERE hash = ? AND sketch = ?",
            [(value, number) for value in self._sketch(number).looked_up()],
        )
        self._connection.execute_many(
            "DELETE FROM sketch_pairs WHERE sketch = ? AND other = ?",
            [(other, number) for other in self._copies_of(number)],
        )
        self._connection.execute("DELETE FROM sketch_pairs WHERE sketch = ?", number)
        self._connection.execute("DELETE FROM sketches WHERE id = ?", number)

    def _copies_of(self, number: int) -> list[int]:
        return self._connection.column("SELECT other FROM sketch_pairs WHERE sketch = ?", number)

    def _regroup(self, group: str) -> set[str]:
        """Split a group that a member has left into its connected components."""
        changed, done = set[str](), set[str]()
        for document, number in self._connection.rows("SELECT document, sketch FROM facts WHERE copies = ?", group):
            if document not in done:
                members = self._connection.column(_CONNECTED, number)
                changed |= self._name(members, min(members) if len(members) > 1 else "")
                done.update(members)
        return changed

    def _name(self, members: Iterable[str], group: str) -> set[str]:
        """Move `members` into `group`; return those that were elsewhere."""
        changed = set()
        for document in members:
            if self._connection.scalar("SELECT copies FROM facts WHERE document = ?", document) != group:
                self._connection.execute("UPDATE facts SET copies = ? WHERE document = ?", group, document)
                changed.add(document)
        return changed
