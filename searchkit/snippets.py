"""Snippets: the places of a stored text that answer a query, the same on every engine.

Only what the query asked for is marked: a phrase is one mark, and a word is marked where its own analysis matches. A
text that matched by its names, dates or title alone is shown by its first sentence, unmarked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from searchkit.index.analysis import Token, stem, tokens
from searchkit.query import ast
from searchkit.query.fields import TEXT_FIELDS
from searchkit.text import Span, sentences

# A snippet is about three lines of a terminal.
WIDTH = 260
# Longer texts are searched for snippets up to here; a match further on shows the beginning.
_SCANNED = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A passage: `span` of the text it was cut from, its words on one line, and the matches as spans into `text`."""

    span: Span
    text: str
    marks: tuple[Span, ...]


Matcher = Callable[[Sequence[Token], int], int]
"""Given tokens and a place, how many tokens match from there (0: none)."""


def matches(text: str, query: ast.Node) -> tuple[Span, ...]:
    """Where `text` matches the words and phrases that `query` asks for (not those it excludes), merged, in order."""
    matchers = list(_matchers(query, within_text=True))
    if not matchers:
        return ()
    found = list(tokens(text[:_SCANNED]))
    spans: list[Span] = []
    for place in range(len(found)):
        for matcher in matchers:
            length = matcher(found, place)
            if length:
                spans.append(Span(found[place].start, found[place + length - 1].end))
    return _merged(spans)


def snippets(
    text: str, query: ast.Node, *, within: Sequence[Span], count: int = 2, width: int = WIDTH
) -> tuple[Snippet, ...]:
    """At most `count` passages of `text`, best first by distinct matches, at least one when there is any text.

    `within` are the paragraphs of the text; a passage never crosses from one into another.
    """
    marks = matches(text, query)
    if not marks:
        for paragraph in within:
            for sentence in sentences(text, paragraph):
                return (_cut(text, sentence, (), width),)
        return ()
    passages = []
    for paragraph in within:
        # A phrase may run on into the next paragraph: it is shown where it begins.
        inside = [mark for mark in marks if paragraph.start <= mark.start < paragraph.end]
        if not inside:
            continue
        for sentence in sentences(text, paragraph):
            own = tuple(mark for mark in inside if sentence.start <= mark.start < sentence.end)
            if own:
                words = {mark.of(text).casefold() for mark in own}
                passages.append((-len(words), sentence.start, sentence, own))
    passages.sort(key=lambda passage: passage[:2])
    best = sorted(passages[:count], key=lambda passage: passage[1])
    return tuple(_cut(text, sentence, own, width) for _, _, sentence, own in best)


def marked(text: str, span: Span, query: ast.Node) -> Snippet:
    """The whole of `span` (a statement) as one snippet."""
    words = span.of(text)
    return Snippet(span=span, text=_one_line(words), marks=matches(words, query))


def _cut(text: str, sentence: Span, marks: Sequence[Span], width: int) -> Snippet:
    start, end = sentence.start, sentence.end
    if end - start > width:
        if marks:
            start = max(start, min(marks[0].start - width // 3, end - width))
        end = min(sentence.end, start + width)
        start = _word_edge(text, start, sentence.start)
        end = _word_edge(text, end, start + 1) if end < sentence.end else end
    kept = tuple(
        Span(max(mark.start, start) - start, min(mark.end, end) - start)
        for mark in marks
        if mark.start < end and mark.end > start
    )
    shown = _one_line(text[start:end])
    before = "… " if start > sentence.start else ""
    after = " …" if end < sentence.end else ""
    shifted = tuple(Span(mark.start + len(before), mark.end + len(before)) for mark in kept)
    return Snippet(span=Span(start, end), text=f"{before}{shown}{after}", marks=shifted)


def _word_edge(text: str, place: int, lowest: int) -> int:
    """The start of the word at `place`, unless that word is longer than any word."""
    edge = place
    while edge > lowest and not text[edge - 1].isspace() and place - edge < 40:
        edge -= 1
    return edge


def _one_line(text: str) -> str:
    """White space signs one by one as blanks, so that offsets stay true."""
    return "".join(" " if sign.isspace() else sign for sign in text)


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _matchers(node: ast.Node, *, within_text: bool) -> Iterator[Matcher]:
    """Matchers of the leaves of `node` that speak of text and are not negated."""
    match node:
        case ast.And(children=children) | ast.Or(children=children):
            for child in children:
                yield from _matchers(child, within_text=within_text)
        case ast.Scope(inner=inner) | ast.Saved(inner=inner):
            yield from _matchers(inner, within_text=True)
        case ast.Field(name=name, value=value):
            yield from _matchers(value, within_text=name in TEXT_FIELDS)
        case ast.Near(left=left, right=right):
            yield from _matchers(left, within_text=within_text)
            yield from _matchers(right, within_text=within_text)
        case _ if within_text:
            matcher = _leaf(node)
            if matcher is not None:
                yield matcher


def _leaf(node: ast.Node) -> Matcher | None:
    match node:
        case ast.Term(text=text):
            words = [token.text for token in tokens(text)]
            if len(words) == 1:
                wanted = stem(words[0])
                return lambda found, place: int(stem(found[place].text) == wanted)
            return _sequence(words, 0) if words else None
        case ast.Phrase(text=text, slop=slop):
            words = [token.text for token in tokens(text)]
            return _sequence(words, slop) if words else None
        case ast.Exact(text=text):
            words = [token.text for token in tokens(text)]
            return _sequence(words, 0) if words else None
        case ast.Prefix(text=text):
            start = "".join(token.text for token in tokens(text))
            return (lambda found, place: int(found[place].text.startswith(start))) if start else None
        case ast.Fuzzy(text=text, distance=distance):
            word = "".join(token.text for token in tokens(text))
            return lambda found, place: int(_within_edits(found[place].text, word, distance))
    return None


def _sequence(words: Sequence[str], slop: int) -> Matcher:
    def match(found: Sequence[Token], place: int) -> int:
        if found[place].text != words[0]:
            return 0
        last, spare = place, slop
        for word in words[1:]:
            following = last + 1
            while following < len(found) and spare > 0 and found[following].text != word:
                following += 1
                spare -= 1
            if following >= len(found) or found[following].text != word:
                return 0
            last = following
        return last - place + 1

    return match


def _within_edits(left: str, right: str, distance: int) -> bool:
    """Whether Levenshtein distance is at most `distance`; the first letter is fixed, as in the engines."""
    if abs(len(left) - len(right)) > distance or left[:1] != right[:1]:
        return False
    row = list(range(len(right) + 1))
    for i, sign in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (sign != other))
    return row[-1] <= distance
