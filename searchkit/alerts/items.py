"""Items of alerts: a statement or document in words, with the reasons why it is reported; and their JSON form.

An item holds everything that a digest shows, so that a digest can be sent again and read later as it was.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, convert, to_builtins

from searchkit.alerts.searches import AlertSettings, SavedSearch
from searchkit.files import parse_json
from searchkit.histories import CHANGE_WORDS, ChangeKind, Dispute
from searchkit.index.base import Index, ValuesRequest
from searchkit.index.values import STRONG, WEAK
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import clauses, transform, walk
from searchkit.search.answer import OpenDocument
from searchkit.search.highlight import STATEMENT, PagedMatches, complete, joined, matches, snippets
from searchkit.search.rewrite import NameExpander, ValuesOutside, no_values, rewrite_query
from searchkit.search.statement_text import StatementText, date_text, match_text, statement_text
from searchkit.statements.document import Document, Quote, WatchlistMatch
from searchkit.statements.text import Span, one_line, redacted

# Compared to what the alert found before: a new article or a match not seen in it, words that an edit of the article
# added, a statement in other words, the same words with another speaker or verb, a statement that matches because of
# another article; a reported statement that a later version changed or removed.
Change = Literal["added", "inserted", "reworded", "reattributed", "linked", "changed", "removed"]
CHANGES: Mapping[Change, str] = {
    "added": "",
    "inserted": "added by an edit of the article since the last run",
    "reworded": "reworded: found before in other words",
    "reattributed": "attributed otherwise: the same words were found before with another speaker or verb",
    "linked": "in the archive before: it matches now because of what another article says",
    "changed": "changed by a later version of the article",
    "removed": "removed or hidden by a later version of the article",
}
Section = Literal["new", "uncertain", "old", "weak"]
# Longer statements are cut; the rest is at the address.
_MAX_TEXT = 1_200


class Item(Struct, frozen=True, kw_only=True):
    """A statement or document as a digest shows it.

    `section`: `new` are headlines; `doubts` say why others are not. `group` is its heading. `lead` names the speaker
    with the reporting words and stands before `text`, the words of the statement; of a document `text` is a passage.
    `marks` are the matches, as places in `text`. `why` are the conditions of the query that it matches, `entries` the
    watchlist entries matched. `copies` other new documents have the same text. Dates are in words;
    `told_at` is the time of the run (ISO 8601 UTC).
    """

    alert: str
    record: Record
    id: str
    document: str
    section: Annotated[Section, Meta(description="`new` is a headline; `doubts` say why others are not.")]
    group: Annotated[str, Meta(description="The heading it stands under.")] = ""
    lead: Annotated[str, Meta(description="Speaker and reporting words; they stand before `text`.")] = ""
    text: str
    marks: Annotated[tuple[tuple[int, int], ...], Meta(description="Matches, as offsets into `text`.")] = ()
    speaker: str = ""
    role: str = ""
    affiliation: str = ""
    verb: Annotated[str, Meta(description="The base form of the reporting verb.")] = ""
    cue: Annotated[str, Meta(description="The reporting verb or phrase as written.")] = ""
    negated: Annotated[bool, Meta(description="The speaker did not say it, or refused to.")] = False
    sentence: Annotated[str, Meta(description="The article's sentence that holds the statement.")] = ""
    about: tuple[str, ...] = ()
    kind: str = ""
    said: str = ""
    title: str = ""
    outlet: str = ""
    wire: str = ""
    published: str = ""
    page: Annotated[int, Meta(description="The page it begins on; 0 if there are no pages.")] = 0
    time: Annotated[str, Meta(description="When it begins in a recording; empty in other texts.")] = ""
    address: str = ""
    why: Annotated[tuple[str, ...], Meta(description="Conditions of the query that it matches.")] = ()
    doubts: Annotated[tuple[str, ...], Meta(description="Why it is not a headline.")] = ()
    entries: Annotated[tuple[str, ...], Meta(description="Watchlist entries named in it.")] = ()
    copies: Annotated[int, Meta(description="Other new documents with the same text.")] = 0
    change: Annotated[Change, Meta(description="How it differs from what was found before in its article.")] = "added"
    kinds: Annotated[tuple[ChangeKind, ...], Meta(description="What a later version changed in it.")] = ()
    was: Annotated[str, Meta(description="The statement before a later version changed it.")] = ""
    dispute: Annotated[tuple[str, ...], Meta(description="The claim that it answers, or the answers to it.")] = ()
    told_at: Annotated[str, Meta(description="The time of the run, ISO 8601 UTC.")] = ""


def change_lines(item: Item) -> Iterator[str]:
    """Yield in words how an item differs from what was found before, what it was, and the other side of a dispute."""
    kinds = ", ".join(_change_text(kind, item) for kind in item.kinds if item.change == "changed")
    if CHANGES[item.change]:
        yield one_line(CHANGES[item.change] + (f": {kinds}" if kinds else ""))
    if item.was:
        yield one_line(f"was: {item.was}")
    yield from map(one_line, item.dispute)


def dispute_lines(document: Document, quote: Quote | None, disputes: Iterable[Dispute]) -> Iterator[str]:
    """Yield the claim that a statement answers, and the answers to it, in the words of the article."""
    for link in disputes:
        if quote is not None and link.claim.statement == quote.id:
            yield f"answer: {link.answer.span.of(document.text)}"
        elif quote is not None and link.answer.statement == quote.id:
            yield f"claim: {link.claim.span.of(document.text)}"


def _change_text(kind: ChangeKind, item: Item) -> str:
    """Return what a later version changed in a statement that is still there."""
    match kind:
        case "speaker":
            return f"now attributed to {item.speaker or 'a speaker who is not named'}"
        case "verb" if item.cue:
            return f'now reported with "{item.cue}"'
        case "removed":
            return "a part of it was removed"
    return CHANGE_WORDS[kind]


def packed(item: Item) -> str:
    """Return the item as one line of JSON."""
    return json.dumps(to_builtins(item), ensure_ascii=True, separators=(",", ":"))


def unpacked(text: str) -> Item:
    """Return the item of a line from `packed`. ValueError for anything else."""
    return convert(parse_json(text), Item)


def _shown_words(
    document: Document, quote: Quote | None, said: StatementText | None, tree: ast.Node
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the words of a statement, or a passage of a document, and the places in them that match `tree`."""
    if quote is not None and said is not None:
        marked = matches(document.text, tree, fields=STATEMENT, part=quote.content)
        shown = tuple(complete(document.text, part, marked) for part in said.words)
    else:
        shown = snippets(document.text, tree, within=document.paragraphs, count=1)
    text, marks = joined(shown)
    if len(text) > _MAX_TEXT:
        text = text[:_MAX_TEXT].rstrip() + " …"
        marks = tuple(Span(mark.start, min(mark.end, _MAX_TEXT)) for mark in marks if mark.start < _MAX_TEXT)
    return text, tuple((mark.start, mark.end) for mark in marks)


class Reasons:
    """Finds why the records of documents match the query of a saved search; the engine evaluates its conditions.

    `documents` are those of the records that will be asked for.
    """

    def __init__(
        self,
        index: Index,
        tree: ast.Node,
        record: Record,
        documents: Iterable[Document],
        outside: ValuesOutside = no_values,
    ) -> None:
        self._index = index
        self._tree = tree
        self._record: Record = record
        self._names = NameExpander(index, record, outside)
        self._documents = {document.id: document for document in documents}
        self._matches = PagedMatches(_conditions(self._tree), self._documents, record, self._names)

    def conditions(self, record_id: str, document_id: str) -> tuple[str, ...]:
        """Return the conditions that the record matches, in canonical form."""
        matched = self._matches.of(document_id)
        return tuple(str(condition) for condition in matched if record_id in matched[condition])

    def entries(self, opened: OpenDocument, quote: Quote | None) -> tuple[WatchlistMatch, ...]:
        """Return the watchlist entries named in the record, strong matches first; only those that the query asks for,
        if it asks for any of them."""
        if quote is not None:
            found = list(opened.matched.get(quote.id, ()))
        else:
            strong_first = sorted(opened.document.matches, key=lambda match: match.weak)
            found = list({(match.watchlist, match.entry_id): match for match in reversed(strong_first)}.values())[::-1]
        if self._wanted_entries:
            wanted = self._wanted_entries
            found = [match for match in found if match.entry_id + (WEAK if match.weak else "") in wanted] or found
        return tuple(sorted(found, key=lambda match: match.weak))

    def only_weak(self, record_id: str, document: Document) -> bool:
        """Return whether the record matches only because of weak matches of watchlists."""
        if not self._entries_by_value or not any(match.weak for match in document.matches):
            return False
        (strong,) = self._strong_matches.conditions
        return record_id not in self._strong_matches.of(document.id)[strong]

    @cached_property
    def _entries_by_value(self) -> Mapping[ast.Node, frozenset[str]]:
        """The ids of the entries that each condition on watchlists matches; those of weak matches end in WEAK."""
        found = {}
        for clause in clauses(self._tree, self._record):
            if clause.field == "watchlist":
                executed = rewrite_query(clause.node, self._names).executed
                value = executed.value if isinstance(executed, ast.Field) else executed
                request = ValuesRequest(field="watchlist", value=value, copies=True)
                found[clause.value] = frozenset(entry.id for entry in self._index.values(request))
        return found

    @cached_property
    def _wanted_entries(self) -> frozenset[str]:
        return frozenset().union(*self._entries_by_value.values())

    @cached_property
    def _strong_matches(self) -> PagedMatches:
        """The query with each condition on watchlists limited to the strong matches of these documents."""
        strong = {
            match.entry_id for document in self._documents.values() for match in document.matches if not match.weak
        }

        def limited(node: ast.Node, field: str) -> ast.Node:
            if field != "watchlist" or node not in self._entries_by_value:
                return node
            entries = [ast.Equals(text=entry + STRONG) for entry in sorted(self._entries_by_value[node] & strong)]
            return ast.disjunction(*entries) if entries else ast.Not(child=ast.All())

        weakly = [document.id for document in self._documents.values() if any(match.weak for match in document.matches)]
        return PagedMatches([transform(self._tree, limited)], weakly, self._record, self._names)


def _conditions(tree: ast.Node) -> Iterable[ast.Node]:
    """Yield the parts of a query that speak for a record if they match; excluded parts do not."""
    joints = (ast.And, ast.Or, ast.Not, ast.All)
    return (node for node in walk(tree, stop=(ast.Not, ast.Field, ast.Scope)) if not isinstance(node, joints))


class ItemBuilder:
    """Builds the items of one saved search at one time, for records of `documents`."""

    def __init__(
        self,
        index: Index,
        search: SavedSearch,
        tree: ast.Node,
        reported_at: str,
        documents: Iterable[Document],
        outside: ValuesOutside = no_values,
    ) -> None:
        self._search = search
        self._tree = tree
        self._reported_at = reported_at
        self._settings = search.alert or AlertSettings()
        on_watchlists = any(clause.field == "watchlist" for clause in clauses(tree, search.record))
        usual = "watchlist" if on_watchlists else "speaker" if search.record == "quote" else "nothing"
        self._group_by = self._settings.group_by or usual
        self._reasons = Reasons(index, tree, search.record, documents, outside)

    def item(
        self, opened: OpenDocument, quote: Quote | None, *, change: Change = "added", old: str = "", copies: int = 0
    ) -> Item:
        """Return the item for a statement, or for a document without one; `old` says why it is not new."""
        document = opened.document
        record_id = document.id if quote is None else quote.id
        entries = self._reasons.entries(opened, quote)
        weak = self._reasons.only_weak(record_id, document)
        doubts = _doubts(quote, self._settings)
        section: Section = "weak" if weak else "old" if old else "uncertain" if doubts else "new"
        said = None if quote is None else statement_text(quote, document)
        text, marks = _shown_words(document, quote, said, self._tree)
        return Item(
            alert=self._search.name,
            record="document" if quote is None else "quote",
            id=record_id,
            document=document.id,
            section=section,
            group=_group(self._group_by, opened, quote, entries),
            text=text,
            marks=marks,
            title=document.title or "",
            outlet=document.publisher,
            wire=document.wire or "",
            published=date_text(document.published),
            address=redacted(document.uri),
            why=self._reasons.conditions(record_id, document.id),
            doubts=(*(["matched by a weak name only"] if weak else []), *([old] if old else []), *doubts),
            entries=tuple(match_text(match) for match in entries),
            copies=copies,
            change=change,
            told_at=self._reported_at,
            **({} if quote is None or said is None else _statement_fields(opened, quote, said)),
        )


def _statement_fields(opened: OpenDocument, quote: Quote, said: StatementText) -> dict[str, Any]:
    speaker, document = quote.speaker, opened.document
    unnamed = speaker.name or (quote.attribution.of(document.text) if quote.attribution else "")
    return {
        "speaker": speaker.name if speaker.entity_id else unnamed,
        "role": speaker.role or "",
        "affiliation": speaker.affiliation or "",
        "lead": said.lead,
        "sentence": document.sentence_of(quote).of(document.text)[:_MAX_TEXT],
        "negated": quote.negated,
        "verb": quote.verb or "",
        "cue": quote.cue.of(document.text) if quote.cue else "",
        "about": tuple(opened.names.get(entity, entity) for entity in quote.about),
        "kind": quote.kind,
        "said": date_text(quote.date),
        "page": document.page_of(quote.content.start) or 0,
        "time": document.time_of(quote.content.start) or "",
    }


def _doubts(quote: Quote | None, settings: AlertSettings) -> list[str]:
    """Return what keeps a statement from being a headline."""
    if quote is None:
        return []
    doubts = []
    speaker = quote.speaker
    if speaker.entity_id is None:
        doubts.append("the speaker is not resolved")
    elif speaker.confidence < settings.min_confidence:
        doubts.append(f"the speaker is uncertain ({speaker.confidence:.2f}, by {speaker.resolved_by})")
    if quote.confidence < settings.min_confidence:
        doubts.append(f"low confidence in the words ({quote.confidence:.2f}, by {quote.rule})")
    return doubts


def _group(group_by: str, opened: OpenDocument, quote: Quote | None, entries: tuple[WatchlistMatch, ...]) -> str:
    """Return the heading under which a record is reported."""
    match group_by:
        case "watchlist":
            return match_text(entries[0]) if entries else "No watchlist entry"
        case "outlet":
            return opened.document.publisher or "Outlet unknown"
        case "speaker" if quote is not None:
            return (quote.speaker.name if quote.speaker.entity_id else "") or "Speaker not resolved"
        case "about" if quote is not None:
            return opened.names.get(quote.about[0], quote.about[0]) if quote.about else "No target named"
    return ""
