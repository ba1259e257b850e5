"""Place highlight marks and cut snippets from stored text, the same for every engine.

Only what the query asks for in this text is marked: a word of `title:` not in the body, a word of `quote:{...}` only in
statements that match the complete scope, a word of NEAR only where the other is near, nothing under NOT.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from heapq import nlargest
from operator import attrgetter

from msgspec import Struct

from searchkit.index.passages import Finder, Passage, finder_of
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import clauses, interpreted
from searchkit.search.rewrite import NameExpander, rewrite_query
from searchkit.statements.document import JOINT, Document, DocumentOutline, Quote
from searchkit.statements.text import Span, sentences

# All statements of an article share the values of these fields.
ARTICLE_FIELDS = frozenset("title outlet wire date seen gone source copies lang genre url".split())
_PAGE = 500


class StatementMatch(Struct, frozen=True, kw_only=True):
    """A statement that matched, with the clauses that it matches in canonical form."""

    quote: Quote
    clauses: tuple[str, ...]


def best_statements(found: Sequence[StatementMatch], count: int) -> Sequence[StatementMatch]:
    """Return the `count` best of the statements, in text order: a clause is worth more if few of them match it."""
    if len(found) <= count:
        return found
    matching = Counter(clause for match in found for clause in match.clauses)
    worths = [sum(1 / matching[clause] for clause in match.clauses) for match in found]
    best = nlargest(count, range(len(found)), key=lambda place: (worths[place], -place))
    return [found[place] for place in sorted(best)]


class PagedMatches:
    """Evaluates conditions on records of documents, a page of documents at a time, in the order of `document_ids`."""

    def __init__(
        self, conditions: Iterable[ast.Node], document_ids: Iterable[str], record: Record, names: NameExpander
    ) -> None:
        self.conditions = tuple(dict.fromkeys(conditions))
        self._names = names
        self._record: Record = record
        self._ids = tuple(dict.fromkeys(name.partition("@")[0] for name in document_ids))  # without a revision
        self._places = {document_id: place for place, document_id in enumerate(self._ids)}
        self._page = -1
        self._matched: dict[ast.Node, frozenset[str]] = {}

    def of(self, document_id: str) -> Mapping[ast.Node, frozenset[str]]:
        """Return, for each condition, the ids of matching records; those of other documents may be among them."""
        page = self._places[document_id] // _PAGE
        if page != self._page and self.conditions:
            wanted = self._ids[page * _PAGE : (page + 1) * _PAGE]
            executed = [rewrite_query(condition, self._names, self._record).executed for condition in self.conditions]
            found = self._names.index.matched(executed, wanted, self._record)
            self._page, self._matched = page, dict(zip(self.conditions, found, strict=True))
        return self._matched


class DocumentMatcher:
    """Finds the matching clauses of the documents of an answer to the query `tree`, as users see it."""

    def __init__(self, tree: ast.Node, document_ids: Sequence[str], names: NameExpander) -> None:
        self._statements = PagedMatches(_conditions(tree), document_ids, "quote", names)

    @cached_property
    def _written(self) -> tuple[str, ...]:
        return tuple(map(interpreted, self._statements.conditions))

    def of(self, document: Document | DocumentOutline) -> Mapping[ast.Node, tuple[str, frozenset[str]]]:
        """Return, for each clause that a statement can match by itself, its canonical form and the ids of matching
        statements; those of other documents may be among them."""
        found = self._statements.of(document.id) if document.quotes else {}
        return {clause: (written, found[clause]) for clause, written in zip(found, self._written, strict=False)}


def _conditions(tree: ast.Node) -> Iterator[ast.Node]:
    """Yield the conditions that a statement can match by itself."""
    for clause in clauses(tree, "document", enter_scopes=False):
        bare = clause.field in ("text", "body")
        if clause.excludes or clause.field in ARTICLE_FIELDS or (bare and isinstance(clause.value, ast.Exists)):
            continue
        # The id of a statement is that of its document, a hyphen and more.
        if clause.field == "id" and "-" not in getattr(clause.value, "text", getattr(clause.value, "pattern", "")):
            continue
        yield clause.value if bare else clause.node


# A snippet is about three lines of a terminal.
WIDTH = 260
# A statement is shown completely up to this length: of 64,000 in newswire the longest has 607.
LONGEST_STATEMENT = 1_000
# A longer text is scanned in stretches of this length; the first with a match is shown.
_SCANNED = 200_000
# Statements can be nested; of those that begin before a match, the last few are checked.
_NESTED = 16

# The fields whose words stand in each kind of text.
BODY = frozenset({"text", "body"})
TITLE = frozenset({"text", "title"})
STATEMENT = frozenset({"text", "quote"})
TITLE_OF_STATEMENT = frozenset({"title"})

_WHITE = re.compile(r"\s")
_START, _SPAN = attrgetter("start"), attrgetter("span")

StatementsOf = Callable[[ast.Node, str], Sequence[Span]]
"""Returns, of the statements that match a scope or a condition on `quote`, the words (for the field `quote`) or the
sentences (for `text`)."""


class Snippet(Struct, frozen=True, kw_only=True):
    """A passage: its `span` in the original text, its words on one line, and the matches as spans into `text`."""

    span: Span
    text: str
    marks: tuple[Span, ...]


def matches(
    text: str,
    query: ast.Node,
    *,
    fields: frozenset[str] = BODY,
    part: Span | None = None,
    statements_of: StatementsOf = lambda *_: (),
) -> tuple[Span, ...]:
    """Return where `text`, which holds the words of `fields`, matches what `query` asks for, in order.

    Overlapping matches are merged. Only `part` of the text is searched, by default all of it; of more than 200,000
    characters, the first stretch with a match. Without `statements_of`, words bound to a statement are not marked.
    """
    anywhere, bound = _leaves(query, fields)
    spans: list[Span] = []
    read: dict[Span, Passage] = {}  # a statement may match many conditions
    for (condition, field), leaves in bound:
        for statement in statements_of(condition, field):
            if statement not in read:
                read[statement] = Passage(statement.of(text))
            spans += _found(read[statement], statement.start, leaves)
    for stretch in _stretches(text, part or Span(0, len(text))) if anywhere else ():
        found = _found(Passage(stretch.of(text)), stretch.start, anywhere)
        if found:
            return _merged(spans + found)
    return _merged(spans)


def snippets(
    text: str, query: ast.Node, *, within: Sequence[Span], count: int = 2, width: int = WIDTH
) -> tuple[Snippet, ...]:
    """Return at most `count` passages of `text` that match `query`, as `passages` without statements."""
    return passages(text, matches(text, query), within=within, count=count, width=width)


def passages(
    text: str,
    marks: Sequence[Span],
    *,
    within: Sequence[Span],
    statements: Sequence[Span] = (),
    matched: Sequence[Span] = (),
    count: int = 2,
    width: int = WIDTH,
) -> tuple[Snippet, ...]:
    """Return at most `count` passages of `text` with the most distinct matches; at least one if there is any text.

    `marks` are the matches and `within` the paragraphs, in order. A passage stays inside a paragraph unless a statement
    crosses it. Of `statements`, one with a match in it is shown completely. Without marks the passages show the first
    of the statements `matched`, or else the beginning.
    """
    within = within or ((Span(0, len(text)),) if text.strip() else ())
    found: list[_Passage] = []
    if marks or matched:
        layout = _Layout(text, within, statements)
        found = layout.passages(marks, count) or layout.around(matched[:count])
    if not found:
        beginning = next((sentence for paragraph in within for sentence in sentences(text, paragraph)), None)
        found = [] if beginning is None else [_Passage(span=beginning)]
    if len(found) > count:
        found.sort(key=lambda passage: (-_distinct(text, passage.marks), passage.span))
    best = sorted(found[:count], key=_SPAN)
    return tuple([_cut(text, passage, width) for passage in best])


def complete(text: str, span: Span, marks: Sequence[Span]) -> Snippet:
    """Return a statement as one snippet, with those of `marks` that lie in it; of a very long one the part around the
    first mark."""
    inside = [mark for mark in marks if span.covers(mark)]
    return _cut(text, _Passage(span=span, marks=inside), LONGEST_STATEMENT)


def joined(snippets: Iterable[Snippet]) -> tuple[str, tuple[Span, ...]]:
    """Return the words of snippets as one text, and the matches in it."""
    text, marks = "", list[Span]()
    for snippet in snippets:
        text += JOINT if text else ""
        marks += (Span(mark.start + len(text), mark.end + len(text)) for mark in snippet.marks)
        text += snippet.text
    return text, tuple(marks)


# --- what the query asks for ------------------------------------------------------------------------------------------

_Leaves = tuple[Finder, ...]
_WORDS = (ast.Term, ast.Phrase, ast.Near, ast.Prefix, ast.Fuzzy, ast.Exact)


@lru_cache(maxsize=64)  # one query, many texts
def _leaves(
    query: ast.Node, fields: frozenset[str]
) -> tuple[_Leaves, tuple[tuple[tuple[ast.Node, str], _Leaves], ...]]:
    """Return finders of the words, phrases ... that `query` asks for in these fields, each once: those that may stand
    anywhere, and by condition and field those that are bound to its statements."""
    anywhere: dict[ast.Node, None] = {}
    bound: dict[tuple[ast.Node, str], dict[ast.Node, None]] = {}
    for clause in clauses(query, "document"):
        if clause.excludes or not isinstance(clause.value, _WORDS):
            continue
        in_scope = clause.record == "quote"
        if "quote" not in fields and (in_scope or clause.field == "quote"):
            if clause.field in STATEMENT:
                condition = ast.Scope(inner=clause.query) if in_scope else clause.node
                bound.setdefault((condition, clause.field), {})[clause.value] = None
        elif clause.field in fields:
            anywhere[clause.value] = None
    return tuple(map(finder_of, anywhere)), tuple(
        (place, tuple(map(finder_of, leaves))) for place, leaves in bound.items()
    )


# --- where it stands -------------------------------------------------------------------------------------------------


def _found(passage: Passage, start: int, leaves: _Leaves) -> list[Span]:
    """Return where the leaves stand in a part of a text that begins at `start`, read as a text of its own."""
    spans = passage.spans(leaves)
    return [Span(start + span.start, start + span.end) for span in spans] if start else spans


def _stretches(text: str, part: Span) -> Iterator[Span]:
    start = part.start
    while start < part.end:
        end = min(part.end, start + _SCANNED)
        if end < part.end:
            end = _word_edge(text, end, start + 1)
        yield Span(start, end)
        start = end


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    if len(spans) < 2:
        return tuple(spans)
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


# --- what is shown ---------------------------------------------------------------------------------------------------


class _Passage(Struct, kw_only=True):
    """Sentences, the statement in them that must stay complete (`whole`), and the matches that begin in them."""

    span: Span
    whole: Span | None = None
    marks: list[Span] = []


class _Layout:
    """Paragraphs, sentences and statements of a text."""

    def __init__(self, text: str, paragraphs: Sequence[Span], statements: Sequence[Span]) -> None:
        self._text = text
        self._paragraphs = paragraphs
        self._statements = sorted(statements)
        # By paragraph: the sentences split so far, and the rest.
        self._sentences: dict[int, tuple[list[Span], Iterator[Span]]] = {}

    def passages(self, marks: Sequence[Span], count: int) -> list[_Passage]:
        """Return the sentences in which matches begin, with the complete statements around them, in order.

        Stop when `count` of them have every match in some case, because no others are better."""
        distinct, complete = _distinct(self._text, marks), 0
        found: list[_Passage] = []
        for mark in marks:
            number = self._paragraph(mark.start)
            if number is None:
                continue
            statement = self._statement(mark)
            # A phrase that runs into the next paragraph is shown where it begins.
            span = self._sentences_of(statement or Span(mark.start, min(mark.end, self._paragraphs[number].end)))
            last = found[-1] if found else None
            if last is not None and span.start < last.span.end:
                last.span = Span(min(last.span.start, span.start), max(last.span.end, span.end))
                last.whole = _joined(last.whole, statement)
                last.marks.append(mark)
                continue
            if last is not None and (distinct == 1 or _distinct(self._text, last.marks) == distinct):
                complete += 1
                if complete == count:
                    break
            found.append(_Passage(span=span, whole=statement, marks=[mark]))
        return found

    def around(self, statements: Iterable[Span]) -> list[_Passage]:
        """Return the sentences of these statements; only the first of those in the same sentence."""
        found: list[_Passage] = []
        for statement in statements:
            span = self._sentences_of(statement)
            if not any(passage.span.overlaps(span) for passage in found):
                whole = statement if statement.end - statement.start <= LONGEST_STATEMENT else None
                found.append(_Passage(span=span, whole=whole))
        return found

    def _paragraph(self, place: int) -> int | None:
        number = bisect_right(self._paragraphs, place, key=_START) - 1
        return number if number >= 0 and place < self._paragraphs[number].end else None

    def _statement(self, mark: Span) -> Span | None:
        """Return the longest statement around a match that is short enough to be shown completely."""
        longest = None
        after = bisect_right(self._statements, mark.start, key=_START)
        for number in range(after - 1, max(0, after - _NESTED) - 1, -1):
            span = self._statements[number]
            length = span.end - span.start
            # Of equal statements the first in the text.
            if (
                span.end >= mark.end
                and length <= LONGEST_STATEMENT
                and (longest is None or length >= longest.end - longest.start)
            ):
                longest = span
        return longest

    def _sentences_of(self, span: Span) -> Span:
        """Return `span` extended to the sentences in which it begins and ends."""
        first = self._sentence(span.start)
        if first.covers(span):
            return first
        last = self._sentence(max(span.start, span.end - 1))
        return Span(min(span.start, first.start), max(span.end, last.end))

    def _sentence(self, place: int) -> Span:
        number = self._paragraph(place)
        if number is None:
            return Span(place, place)
        if number not in self._sentences:
            self._sentences[number] = [], sentences(self._text, self._paragraphs[number])
        own, rest = self._sentences[number]
        while (not own or own[-1].end <= place) and (following := next(rest, None)):
            own.append(following)
        # White space between two sentences belongs to the first.
        return own[max(0, bisect_right(own, place, key=_START) - 1)]


def _distinct(text: str, marks: Iterable[Span]) -> int:
    """Return how many different words these matches are."""
    return len({text[mark.start : mark.end].casefold() for mark in marks})


def _joined(first: Span | None, second: Span | None) -> Span | None:
    """Return both statements as one stretch, or the first if that is too long."""
    if first is None or second is None or first == second:
        return first or second
    both = Span(min(first.start, second.start), max(first.end, second.end))
    return both if both.end - both.start <= LONGEST_STATEMENT else first


def _cut(text: str, passage: _Passage, width: int) -> Snippet:
    """Return the passage on one line, shortened to about `width`; a longer statement stays complete."""
    shown = _window(text, passage, width)
    before = "… " if shown.start > passage.span.start else ""
    after = " …" if shown.end < passage.span.end else ""
    start, end, by = shown.start, shown.end, len(before) - shown.start
    marks = tuple(
        [
            Span(max(mark.start, start) + by, min(mark.end, end) + by)
            for mark in passage.marks
            if mark.start < end and start < mark.end
        ]
    )
    words = shown.of(text)
    if not words.isprintable():  # replaced one by one, so that offsets stay valid
        words = _WHITE.sub(" ", words)
    return Snippet(span=shown, text=f"{before}{words}{after}", marks=marks)


def _window(text: str, passage: _Passage, width: int) -> Span:
    span = passage.span
    if span.end - span.start <= width:
        return span
    kept = passage.whole or next(iter(passage.marks), Span(span.start, span.start))
    length = kept.end - kept.start
    if length >= width:
        if passage.whole is not None:
            return kept
        length = 0
    # A third of the remaining width goes before what is kept.
    start = max(span.start, min(kept.start - (width - length) // 3, span.end - width))
    end = min(span.end, start + width)
    if end < span.end:
        end = max(_word_edge(text, end, start + 1), kept.start + length)
    return Span(_word_edge(text, start, span.start), end)


def _word_edge(text: str, place: int, lowest: int) -> int:
    """Return the start of the word at `place`, unless it is longer than any real word."""
    edge = place
    while edge > lowest and not text[edge - 1].isspace() and place - edge < 40:
        edge -= 1
    return edge
