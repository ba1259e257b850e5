"""Find where the parts of a query stand in a passage of text, in linear time.

Only a bare word is stemmed; next to NEAR, in phrases, prefixes and fuzzy words, words are compared as written.

Single words and rows of words, which most queries consist of, are looked for only in the parts of a text that may
contain them: that takes a tenth of the time of reading all words of a news article.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from searchkit.index import analysis
from searchkit.index.values import pieces, within_edits
from searchkit.query import ast
from searchkit.statements.text import Span, without_ignorable

Place = tuple[int, int]
"""First and last position of a match."""

# A phrase with gaps can end at many places; NEAR looks only at the nearest of them.
MAX_ENDS = 8
# To small letters, and all white space of ASCII to blanks.
_FLAT = bytes(range(256)).lower().translate(bytes.maketrans(b"\t\n\v\f\r\x1c\x1d\x1e\x1f", b" " * 9))
_NOT_ALNUM = re.compile("[^a-z0-9]+")
# What stands between two words of a row, behind a possessive ending.
_GAP = "(?:[^a-z0-9]s)?[^a-z0-9]{1,64}"
# Characters beyond ASCII that may belong to a word; common typography does not.
_ODD = re.compile("[^\x00-\x7f\xa0\xab\xbb\u2013\u2014\u2018\u2019\u201c-\u201e\u2026]")
# Texts with more of them, and rows of more words, are read completely.
_MAX_ODD, _MAX_ROW = 32, 8
# Between white space stands more than this only in hostile texts, tables and scripts without blanks.
_MAX_PART = 64
_MAX_PARTS_CACHED = 4_096


class Passage:
    """One passage of text."""

    def __init__(self, text: str) -> None:
        self.text = text
        # Of `spans`: the text in small letters with blanks as white space, each character beyond ASCII as `?`; and the
        # parts between white space with characters beyond ASCII that may belong to a word, None if they are too many.
        self._flat = b""
        self._odd: list[Place] | None = []

    def spans(self, finders: Iterable["Finder"]) -> list[Span]:
        """Return where the node of each finder stands, as spans of the text; Exact is compared character by
        character."""
        self._flat = self.text.encode("ascii", "replace").translate(_FLAT)
        if not self.text.isascii():
            self._odd = self._odd_parts()
        found: list[Place] = []
        spans: list[Span] = []
        for finder in finders:
            node, parts = finder.node, self._parts(finder)
            if parts is not None:
                for start, end in parts:
                    for first, last in finder.places_in(self.text[start:end]):
                        spans.append(Span(start + first, start + last))
            elif not isinstance(node, ast.Exact):
                found += self.places(node)
            elif self._holds_exact(node):
                spans += self._exact(analysis.exact_key(node.text))
        if not found:
            return spans
        at = analysis.places(self.text, self._spellings[: 1 + max(last for _, last in found)])
        return spans + [Span(at[first][0], at[last][1]) for first, last in found]

    def places(self, node: ast.Node) -> list[Place]:
        """Return the distinct places of `node` (Term, Phrase, Prefix, Fuzzy, Near), in order.

        If a phrase with gaps has several ends for one beginning, only the nearest counts.
        """
        if isinstance(node, ast.Near):
            left, right = self._written(node.left, ends=MAX_ENDS), self._written(node.right, ends=MAX_ENDS)
            found = _followed(left, right, node.distance)
            return sorted(found if node.ordered else found | _followed(right, left, node.distance))
        if isinstance(node, ast.Term):
            wanted = analysis.stems(analysis.words(node.text))
            if len(wanted) == 1:
                start = analysis.beginning(wanted[0])
                likely = {word for word in self._positions if word.startswith(start)}
                return self._single({word for word in likely if analysis.stem(word) == wanted[0]})
        return self._written(node, ends=1)

    @cached_property
    def _spellings(self) -> list[str]:
        return analysis.spellings(self.text)

    @cached_property
    def _positions(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position, word in enumerate(analysis.folded(self._spellings)):
            found.setdefault(word, []).append(position)
        return found

    def _any_of(self, wanted: Collection[str]) -> list[int]:
        lists = [self._positions[word] for word in wanted]
        return lists[0] if len(lists) == 1 else sorted(position for own in lists for position in own)

    def _single(self, wanted: Collection[str]) -> list[Place]:
        return [(position, position) for position in self._any_of(wanted)]

    def _written(self, node: ast.Node, *, ends: int) -> list[Place]:
        wanted = _words_of(node)
        if not wanted or any(word not in self._positions for word in wanted[:-1]):
            return []
        last = wanted[-1]
        last_words: Collection[str]
        if isinstance(node, ast.Prefix):
            last_words = {word for word in self._positions if word.startswith(last)}
        elif isinstance(node, ast.Fuzzy):
            last_words = {word for word in self._positions if within_edits(word, last, node.distance)}
        else:
            last_words = {last} & self._positions.keys()
        if not last_words:
            return []
        if len(wanted) == 1:
            return self._single(last_words)
        lists = [*(self._positions[word] for word in wanted[:-1]), self._any_of(last_words)]
        return _following(lists, node.slop if isinstance(node, ast.Phrase) else 0, ends)

    # --- parts that may contain what is looked for ---

    def _odd_parts(self) -> list[Place] | None:
        found: list[Place] = []
        for number, match in enumerate(_ODD.finditer(self.text)):
            if number == _MAX_ODD:
                return None
            if not found or found[-1][1] <= match.start():
                start = self._flat.rfind(b" ", found[-1][1] if found else 0, match.start()) + 1
                found.append((start or (found[-1][1] if found else 0), self._end(match.start())))
        return found

    def _parts(self, finder: "Finder") -> Iterable[Place] | None:
        """Return the parts of the text that may contain what `finder` looks for, cut at white space, in order; None to
        read all words."""
        if finder.row is not None:
            # J.R. is the word "jr".
            whole = self._odd is None or self._odd or any(map(self._flat.__contains__, finder.dotted))
            return None if whole else self._rows(finder.row)
        if not finder.needles or self._odd is None:
            return None
        flat = self._flat
        found: dict[int, int] = {}
        for needle in finder.needles:
            end = 0
            place = flat.find(needle)
            while place >= 0:
                start = max(flat.rfind(b" ", end, place) + 1, end)
                end = self._end(place)
                found[start] = end
                place = flat.find(needle, end)
        found.update(self._odd)
        return sorted(found.items())

    def _rows(self, row: re.Pattern[bytes]) -> Sequence[Place]:
        """Return the parts with these words in a row."""
        found: list[Place] = []
        for match in row.finditer(self._flat):
            start, last, end = match.start(), found[-1][1] if found else 0, match.end(1)
            if start < last:  # inside the part before, which may be all of a text without blanks
                if end > last:
                    found[-1] = found[-1][0], self._end(end)
                continue
            found.append((self._flat.rfind(b" ", last, start) + 1 or last, self._end(end)))
        return found

    def _end(self, place: int) -> int:
        end = self._flat.find(b" ", place)
        return end if end >= 0 else len(self._flat)

    def _holds_exact(self, node: ast.Exact) -> bool:
        lists = [self._caseless.get(analysis.caseless(word), []) for word in analysis.words(node.text)]
        if lists and not (all(lists) and _following(lists, 0, 1)):
            return False
        return analysis.contains_exact(analysis.exact_key(self.text), analysis.exact_key(node.text))

    @cached_property
    def _caseless(self) -> dict[str, list[int]]:
        """The positions of words where case does not count."""
        found: dict[str, list[int]] = {}
        for position, word in enumerate(analysis.folded(self._spellings)):
            found.setdefault(analysis.caseless(word), []).append(position)
        return found

    @cached_property
    def _characters(self) -> tuple[str, list[int]]:
        """The text as `exact_key` reads it, with the offset of each character."""
        key: list[str] = []
        at: list[int] = []
        for offset, character in enumerate(self.text):
            if not without_ignorable(character):
                continue
            if character.isspace():
                if key and key[-1] != " ":
                    key.append(" ")
                    at.append(offset)
                continue
            for letter in character.casefold():
                key.append(letter)
                at.append(offset)
        return "".join(key), at

    def _exact(self, wanted: str) -> Iterator[Span]:
        key, at = self._characters
        for start in analysis.exact_places(key, wanted):
            yield Span(at[start], at[start + len(wanted) - 1] + 1)


class Finder:
    """Finds `node` in parts of texts, and keeps what it found in short ones.

    `row`: how the words of a phrase stand in a text, `dotted`: how they begin with full stops. `needles`: a part of a
    text matches only if it has one of them or letters beyond ASCII. Without both, all words of a text must be read.
    """

    def __init__(self, node: ast.Node) -> None:
        self.node = node
        self._places: dict[str, tuple[Place, ...]] = {}
        self._fits: Callable[[str], bool] | None = None  # of a node with one word: whether a word matches
        self.row: re.Pattern[bytes] | None = None
        self.needles: tuple[bytes, ...] = ()
        self.dotted: tuple[bytes, ...] = ()
        wanted = _words_of(node)
        if len(wanted) == 1:
            self._fits = _word_test(node, wanted[0])
            needles = _needles(node, wanted[0])
            if len(min(needles, key=len)) > 1:
                # J.R. is the word "jr", and US the word "u.s.".
                forms = (*needles, *map(".".join, needles))
                self.needles = tuple(form.encode("ascii", "replace") for form in forms)
        elif (
            (isinstance(node, ast.Term) or (isinstance(node, ast.Phrase) and not node.slop))
            and 1 < len(wanted) <= _MAX_ROW
            and all(len(word) > 1 and word.isascii() and word.isalnum() for word in wanted)
        ):
            first, *others = wanted
            # In a lookahead, so that rows may overlap.
            self.row = re.compile(f"{first}(?=({''.join(_GAP + word for word in others)}))".encode())
            self.dotted = tuple(f"{word[0]}.{word[1]}".encode() for word in wanted)

    def places_in(self, part: str) -> tuple[Place, ...]:
        """Return the offsets at which the node stands in a part."""
        found = self._places.get(part)
        if found is None:
            start, word = analysis.single_word(part) if self._fits else (0, "")
            if self._fits and word:
                found = ((start, start + len(word)),) if self._fits(analysis.folded((word,))[0]) else ()
            else:
                at = analysis.places(part)
                found = tuple((at[first][0], at[last][1]) for first, last in Passage(part).places(self.node))
            if len(part) <= _MAX_PART and len(self._places) < _MAX_PARTS_CACHED:
                self._places[part] = found
        return found


finder_of = lru_cache(maxsize=256)(Finder)  # one query, many texts


def _words_of(node: ast.Node) -> list[str]:
    if isinstance(node, ast.Prefix):
        return analysis.prefix_words(node.text)
    return analysis.words(node.text) if isinstance(node, ast.Term | ast.Phrase | ast.Fuzzy) else []


def _word_test(node: ast.Node, wanted: str) -> Callable[[str], bool]:
    """Return the test of whether one word matches `node`, as in `Passage.places`."""
    match node:
        case ast.Term():
            wanted_stem = analysis.stem(wanted)
            return lambda word: analysis.stem(word) == wanted_stem
        case ast.Prefix():
            return lambda word: word.startswith(wanted)
        case ast.Fuzzy(distance=distance):
            return lambda word: within_edits(word, wanted, distance)
    return wanted.__eq__


def _needles(node: ast.Node, word: str) -> Sequence[str]:
    """Return letters of which every word that matches `node` has some."""
    if isinstance(node, ast.Fuzzy):
        return [piece for _, piece in pieces(word, node.distance)] if word.isalnum() else [""]
    start = (analysis.beginning(analysis.stem(word)) if isinstance(node, ast.Term) else word).replace(".", "")
    # There are several apostrophes.
    return [max(_NOT_ALNUM.split(start), key=len)] if start.isascii() else [start]


def _following(lists: Sequence[Sequence[int]], slop: int, ends: int) -> list[Place]:
    """Return places with a position of each list in order, at most `slop` others in between, `ends` per beginning."""
    if not slop:
        members = {id(positions): frozenset(positions) for positions in lists[1:]}  # a word may occur repeatedly
        starts: Iterable[int] = lists[0]
        for number, positions in enumerate(lists[1:], 1):
            starts = [start for start in starts if start + number in members[id(positions)]]
        return [(start, start + len(lists) - 1) for start in starts]
    found: list[Place] = []
    for start in lists[0]:
        limit, place = start + len(lists) - 1 + slop, start
        for positions in lists[1:-1]:
            # The nearest is best: it reaches whatever a later one reaches.
            following = bisect_right(positions, place)
            if following == len(positions):
                return found  # a later start reaches none either
            place = positions[following]
            if place > limit:
                break
        first = bisect_right(lists[-1], place)
        after = min(bisect_right(lists[-1], limit), first + ends)
        found.extend((start, end) for end in lists[-1][first:after])
    return found


def _followed(first: Sequence[Place], second: Sequence[Place], distance: int) -> set[Place]:
    """Return those of `first` and `second` that form a pair, in this order, at most `distance` words apart."""
    starts = [start for start, _ in second]
    ends = sorted(end for _, end in first)
    found = set()
    for start, end in first:
        following = bisect_left(starts, end + 1)
        if following < len(starts) and starts[following] - end - 1 <= distance:
            found.add((start, end))
    for start, end in second:
        before = bisect_left(ends, start) - 1
        if before >= 0 and start - ends[before] - 1 <= distance:
            found.add((start, end))
    return found
