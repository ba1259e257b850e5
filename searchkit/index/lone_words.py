"""Where single words and plain phrases stand in a text, found among what stands between white space.

takes:    a text; a bare word, a prefix or a near spelling, of one word each; words in a row
gives:    spans of the text; those of its parts in which they stand
does not: NEAR, gaps, signs, many words at once: index/passages.py does, which is asked where this answers None
traps:    a part of a text that begins or ends within a word has other words than the text

Most excerpts are of such words, and neither all words of a text nor their places need be made for them. In a text of
plain letters a word is found by the letters it begins with. In others what stands between white space is looked
through: it comes again and again, so the words in it are remembered.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import product, repeat
from operator import attrgetter

from searchkit.index.analysis import beginning, stem, stems, tokens, words, words_of_part
from searchkit.index.values import pieces, within_edits, words_within
from searchkit.query import ast
from searchkit.text import Span

# Each word costs a way through the text, and one more for every part that has it; beyond so many parts for one word, or
# so many words and rows asked of one text, tables of all words and places are sooner made.
_FEW, _MANY = 8, 16
# So many parts are looked at for one word, and so many of its places in a row: a beginning of two letters is that of
# many parts, and floods of a word are for the tables.
_LIKELY = 64
# Words that stand side by side do so within so many signs, nearly always.
_BESIDE = 64
# Signs beside which no word goes on.
_BETWEEN = frozenset(' \n"“”„«»()[],;:?!')
_DOTTED = re.compile(r"[a-z]\.[a-z]")
_START = attrgetter("start")
# So many parts are remembered, of all texts together: about 15 MB.
_REMEMBERED = 50_000
_LONGEST = 64


class _Parts:
    """What stands between white space: the words of each part, one a line; by stem, the parts it is in."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.by_stem: dict[str, set[str]] = {}

    def add(self, part: str) -> None:
        found = words_of_part(part)
        self.words[part] = "\n".join(found)
        for one in stems(found):
            self.by_stem.setdefault(one, set()).add(part)


_KNOWN, _NOTHING = _Parts(), _Parts()
_UNKNOWN: list[Span] = []


class LoneWords:
    """A text, asked where single words and rows of words stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[ast.Node, list[Span] | None] = {}
        self._asked_of: Sequence[Span] = ()
        self._are_whole = True

    def spans(self, node: ast.Node) -> list[Span] | None:
        """Where `node` stands, in order; None when it is of another kind, or too much has been asked for."""
        found = self._found.get(node, _UNKNOWN)
        if found is _UNKNOWN:
            wanted = _wanted(node) if len(self._found) < _MANY else ()
            found = self._found[node] = self._spans(node, wanted) if wanted else None
        return found

    def holding(self, node: ast.Node, parts: Sequence[Span]) -> frozenset[int] | None:
        """The numbers of those parts of the text in which `node` stands, each read as a text of its own; None as
        `spans`, and when a part begins or ends in what may be a word."""
        own = self.spans(node) if self._whole(parts) else None
        if not own:
            return None if own is None else frozenset()
        starts = [span.start for span in own]
        found = []
        for number, part in enumerate(parts):
            first = bisect_left(starts, part.start)
            # The last full stop of an abbreviation is read with it.
            if first < len(own) and own[first].end <= part.end + self._text.startswith(".", part.end):
                found.append(number)
        return frozenset(found)

    def _whole(self, parts: Sequence[Span]) -> bool:
        if parts is not self._asked_of:  # every condition of a query is asked of the same ones
            text = self._text
            self._asked_of = parts
            self._are_whole = all(
                not _BETWEEN.isdisjoint(text[place - 1 : place + 1]) or _is_apart(text, place)
                for part in parts
                for place in (part.start, part.end)
            )
        return self._are_whole

    @cached_property
    def _parts(self) -> set[str]:
        """What stands between white space."""
        return set(self._text.split())

    @cached_property
    def _known(self) -> tuple[_Parts, _Parts]:
        """What knows the words of these parts: of those that are not remembered, for this text alone."""
        strange = self._parts.difference(_KNOWN.words)
        own = _Parts() if strange else _NOTHING
        for part in strange:
            is_kept = len(part) <= _LONGEST and len(_KNOWN.words) < _REMEMBERED
            (_KNOWN if is_kept else own).add(part)
        return _KNOWN, own

    @cached_property
    def _vocabulary(self) -> str:
        """All words, each between two line feeds."""
        known, own = self._known
        return "\n".join(["", *map(known.words.get, self._parts, repeat("")), *own.words.values(), ""])

    def _spans(self, node: ast.Node, wanted: Sequence[str]) -> list[Span] | None:
        word = wanted[0]
        if isinstance(node, ast.Prefix):
            parts = self._beginning(word)
            if parts is None:
                parts = self._having(map(stem, _words_beginning(self._vocabulary, word)))
            return self._standing(parts, lambda one, _: one.startswith(word))
        if isinstance(node, ast.Fuzzy):
            most = node.distance
            parts = self._near(word, most)
            if parts is None:
                parts = self._having(map(stem, words_within(self._vocabulary, word, most)))
            return self._standing(parts, lambda one, _: within_edits(one, word, most))
        if isinstance(node, ast.Term) and len(wanted) == 1:
            parts = self._beginning(beginning(word))
            if parts is None:
                parts = self._having([word])
            return self._standing(parts, lambda _, stem_of_it: stem_of_it == word)
        return self._in_a_row(wanted)

    def _having(self, wanted: Iterable[str]) -> set[str]:
        """The parts that have words of these stems."""
        return {
            part
            for one, known in product({*wanted}, self._known)
            for part in self._parts.intersection(known.by_stem.get(one, ()))
        }

    @cached_property
    def _flat(self) -> str | None:
        """The text in small letters on one line; None when there are letters or white space of other kinds."""
        flat = self._text.lower().replace("\n", " ").replace("\t", " ") if self._text.isascii() else "\n"
        return flat if flat.isprintable() else None

    # What has a word of plain letters is found by these; each gives None when that is not seen at a glance.

    def _beginning(self, start: str) -> set[str] | None:
        """The parts that may have words that begin so."""
        if self._flat is None or len(start) < 2:
            return None
        found = self._around(start, begins=True)
        dotted = f"{start[0]}.{start[1]}"  # U.S. is a word with its stops left out
        if found is None or dotted not in self._flat:
            return found
        others = self._around(dotted, begins=True)
        return None if others is None else found | others

    def _near(self, word: str, distance: int) -> set[str] | None:
        """The parts that may have words within `distance` edits."""
        found: set[str] = set()
        for letters in (*(piece for _, piece in pieces(word, distance)), *self._dotted):
            parts = self._around(letters) if len(letters) > 1 else None
            if parts is None:
                return None
            found |= parts
        return found

    @cached_property
    def _dotted(self) -> set[str]:
        """Where single letters may have stops between them, two at a time."""
        return {*_DOTTED.findall(self._flat or "")}

    def _around(self, letters: str, *, begins: bool = False) -> set[str] | None:
        """The parts in which these letters stand; if it `begins` with them, at the beginning of a word."""
        flat = self._flat
        if flat is None:
            return None
        found: set[str] = set()
        place = flat.find(letters)
        while place >= 0:
            low = max(place - _LONGEST, 0)
            if begins and flat[place - 1 : place].isalnum():  # within a word, unless that is cut for its length
                if low and flat[low:place].isalnum():
                    return None
                place = flat.find(letters, place + 1)
                continue
            first, end = flat.rfind(" ", low, place) + 1, flat.find(" ", place, place + _LONGEST)
            if (low and not first) or (end < 0 and len(flat) - place > _LONGEST) or len(found) > _LIKELY:
                return None
            end = len(flat) if end < 0 else end
            found.add(self._text[first:end])
            place = flat.find(letters, end)
        return found

    def _standing(self, parts: Iterable[str], fits: Callable[[str, str], bool]) -> list[Span] | None:
        """Where words of these parts stand that fit by themselves or by their stems."""
        spans: list[Span] = []
        looked_for = 0
        for part in parts:
            within = [(start, end) for word, stem_of_it, start, end in _words_in(part) if fits(word, stem_of_it)]
            if within:
                looked_for += 1
                if looked_for > _FEW:
                    return None
                spans += self._places(part, within)
        return spans if looked_for < 2 else sorted(spans, key=_START)

    def _places(self, part: str, within: Iterable[tuple[int, int]]) -> Iterator[Span]:
        """These places in a part, wherever that stands between white space."""
        text, length = self._text, len(part)
        start = text.find(part)
        while start >= 0:
            end = start + length
            if not (text[start - 1 : start].strip() or text[end : end + 1].strip()):
                for first, last in within:
                    yield Span(start + first, start + last)
            start = text.find(part, end)

    def _in_a_row(self, wanted: Sequence[str]) -> list[Span] | None:
        """Where these words stand one after the other, as written."""
        rows: list[tuple[int, Span]] = []  # where the first of them begins, and the last so far
        for number, word in enumerate(wanted):
            if number and not rows:
                break
            own = self._written(word)
            if own is None or len(own) > _LIKELY:
                return None
            if not number:
                rows = [(span.start, span) for span in own]
                continue
            lasts = [last.start for _, last in rows]
            following, before = [], -1
            for span in own:
                at = bisect_left(lasts, span.start) - 1
                # The next of these words after the last so far: so no part of the text is looked at twice.
                if at >= 0 and before <= lasts[at] and self._is_next(rows[at][1], span):
                    following.append((rows[at][0], span))
                before = span.start
            rows = following
        return [Span(begin, last.end) for begin, last in rows]

    def _written(self, word: str) -> list[Span] | None:
        """Where a word stands as it is written."""
        parts = self._beginning(word)
        return self._standing(self._having([stem(word)]) if parts is None else parts, lambda one, _: one == word)

    def _is_next(self, word: Span, other: Span) -> bool:
        """Whether no word stands between two."""
        between = self._text[word.start : other.end]
        return len(words(between[:_BESIDE])) <= 2 and len(words(between)) == 2


@lru_cache(maxsize=1_024)  # one word is looked for in many texts
def _wanted(node: ast.Node) -> tuple[str, ...]:
    """What is sought by `node`: the stem of a bare word, else words as they are written; nothing when it is told by
    the tables alone."""
    if not isinstance(node, ast.Term | ast.Prefix | ast.Fuzzy | ast.Phrase):
        return ()
    if isinstance(node, ast.Phrase) and node.slop:
        return ()
    found = words(node.text)
    if len(found) == 1:
        return tuple(stems(found)) if isinstance(node, ast.Term) else tuple(found)
    return tuple(found) if isinstance(node, ast.Term | ast.Phrase) and len(found) <= _FEW else ()


@lru_cache(maxsize=4_096)
def _words_in(part: str) -> tuple[tuple[str, str, int, int], ...]:
    """The words in a part, each with its stem and its place."""
    return tuple((one.text, stem(one.text), one.start, one.end) for one in tokens(part))


def _words_beginning(vocabulary: str, start: str) -> set[str]:
    """All words that begin so; each word stands between two line feeds."""
    found = set()
    place = vocabulary.find("\n" + start)
    while place >= 0:
        end = vocabulary.index("\n", place + 1)
        found.add(vocabulary[place + 1 : end])
        place = vocabulary.find("\n" + start, end)
    return found


def _is_apart(text: str, place: int) -> bool:
    """Whether no word goes on over this place. A full stop ends what goes before it, unless a letter follows."""
    before, after = text[place - 1 : place], text[place : place + 1]
    if _parts_words(before) or _parts_words(after):
        return True
    return after == "." and _parts_words(text[place + 1 : place + 2])


def _parts_words(sign: str) -> bool:
    return not sign or sign in _BETWEEN or sign.isspace()
