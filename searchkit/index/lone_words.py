"""Where one word stands in a text, found among what stands between white space.

takes:    a text; a bare word, a prefix or a near spelling, of one word each
gives:    spans of the text; those of its parts in which the word stands
does not: phrases, NEAR, signs, many words at once: index/places.py does, which is asked where this answers None
traps:    a part of a text that begins or ends within a word has other words than the text

Most excerpts are of such words. What stands between white space comes again and again, so the words in it are
remembered (index/analysis.py), and neither all words of a text nor their places need be made.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter

from searchkit.index.analysis import stem, stems, stems_in, tokens, words, words_in
from searchkit.index.values import within_edits
from searchkit.query import ast
from searchkit.text import Span

# Each word costs a way through all parts, and each part that has it one through the text; beyond so many of either,
# tables of all words and places are sooner made.
_FEW = 8
# Signs beside white space that no word has in it.
_BETWEEN = frozenset('"“”„«»()[],;:?!')
_START = attrgetter("start")


class LoneWords:
    """A text, asked where single words stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[ast.Node, list[Span] | None] = {}
        self._asked_of: Sequence[Span] = ()
        self._are_whole = True

    def spans(self, node: ast.Node) -> list[Span] | None:
        """Where `node` stands, in order; None when it is not one word, or too many have been asked for."""
        if node not in self._known:
            word = _one_word(node)
            self._known[node] = self._of_word(node, word) if word and len(self._known) < _FEW else None
        return self._known[node]

    def holding(self, node: ast.Node, parts: Sequence[Span]) -> frozenset[int] | None:
        """The numbers of those parts of the text in which `node` stands, each read as a text of its own; None as
        `spans`, and when a part begins or ends in what may be a word."""
        own = self.spans(node) if self._whole(parts) else None
        if own is None:
            return None
        return frozenset(
            number
            for number, part in enumerate(parts if own else ())
            if (first := bisect_left(own, part.start, key=_START)) < len(own) and own[first].start < part.end
        )

    def _whole(self, parts: Sequence[Span]) -> bool:
        if parts is not self._asked_of:  # every condition of a query is asked of the same ones
            text = self._text
            edges = ((text[place - 1 : place], text[place : place + 2]) for part in parts for place in _edges(part))
            self._asked_of, self._are_whole = parts, all(_are_apart(*edge) for edge in edges)
        return self._are_whole

    @cached_property
    def _parts(self) -> set[str]:
        """What stands between white space."""
        return set(self._text.split())

    @cached_property
    def _stems(self) -> dict[str, tuple[str, ...]]:
        return stems_in(self._parts)

    @cached_property
    def _words(self) -> dict[str, tuple[str, ...]]:
        return words_in(self._parts)

    @cached_property
    def _vocabulary(self) -> set[str]:
        return set().union(*self._words.values())

    def _of_word(self, node: ast.Node, word: str) -> list[Span] | None:
        if isinstance(node, ast.Term):
            parts = [part for part, own in self._stems.items() if word in own]
            fitting = {one for part in parts for one in words(part) if stem(one) == word}
        else:
            fitting = _fitting(node, word, self._vocabulary)
            parts = [part for part, own in self._words.items() if not fitting.isdisjoint(own)] if fitting else []
        if len(parts) > _FEW:
            return None
        return sorted((span for part in parts for span in self._places(part, fitting)), key=_START)

    def _places(self, part: str, fitting: set[str]) -> Iterator[Span]:
        """Where fitting words of a part stand, wherever that stands between white space."""
        within = [(one.start, one.end) for one in tokens(part) if one.text in fitting]
        text, length = self._text, len(part)
        start = text.find(part)
        while start >= 0:
            end = start + length
            if not (text[start - 1 : start].strip() or text[end : end + 1].strip()):
                for first, last in within:
                    yield Span(start + first, start + last)
            start = text.find(part, end)


@lru_cache(maxsize=1_024)  # one word is looked for in many texts
def _one_word(node: ast.Node) -> str:
    """The word that is sought by `node`, of a bare word its stem; empty when it is none, or several."""
    if not isinstance(node, ast.Term | ast.Prefix | ast.Fuzzy):
        return ""
    found = words(node.text)
    if isinstance(node, ast.Term):
        found = stems(found)
    return found[0] if len(found) == 1 else ""


def _fitting(node: ast.Node, word: str, vocabulary: Iterable[str]) -> set[str]:
    """What of `vocabulary` a prefix or a near spelling seeks by `word`."""
    if isinstance(node, ast.Fuzzy):
        return {one for one in vocabulary if within_edits(one, word, node.distance)}
    return {one for one in vocabulary if one.startswith(word)}


def _edges(part: Span) -> tuple[int, int]:
    return part.start, part.end


@lru_cache(maxsize=4_096)
def _are_apart(before: str, after: str) -> bool:
    """Whether no word goes on from the sign before a place to the two after it; either is empty at an end of a text.

    A full stop ends what goes before it, unless a letter follows."""
    if not before or not after or _is_apart(before) or _is_apart(after[0]):
        return True
    return after[0] == "." and (len(after) < 2 or _is_apart(after[1]))


def _is_apart(sign: str) -> bool:
    return sign.isspace() or sign in _BETWEEN
