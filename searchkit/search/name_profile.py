"""A name at a glance: what it said and to whom, what was said about it, its roles, spellings and outlets."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from searchkit.errors import NotInArchive
from searchkit.index.base import Facet, FacetRequest, Interval, SearchRequest, SearchResult
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.records import Count
from searchkit.search.answer import SearchableArchive
from searchkit.search.statement_text import matched_entries
from searchkit.statements.document import Document, WatchlistMatch
from searchkit.statements.text import one_line

_DOCUMENTS_READ = 40
_PAIRS = 40


class NameRecord(Struct, frozen=True, kw_only=True):
    """A name and the number of documents that mention it."""

    id: str
    name: str
    kind: str
    documents: Count


class NameList(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.names/1"):
    """Names, the most frequent first; `total` match."""

    total: Count
    items: tuple[NameRecord, ...]


class NamedCount(Struct, frozen=True, kw_only=True):
    """A value, its key, and the number of records with it."""

    value: str
    id: str
    count: int


class ActCount(Struct, frozen=True, kw_only=True):
    """How often the name did something to a target in its statements: accuse, deny."""

    act: str
    target: str
    target_id: str
    count: int


class Role(Struct, frozen=True, kw_only=True):
    """A role in which the name spoke, with the days of publication of the first and last statement read."""

    role: str
    affiliation: str
    first: str
    last: str
    statements: int


class Spelling(Struct, frozen=True, kw_only=True):
    """A spelling in the documents read, and the rules by which it belongs to the name."""

    text: str
    documents: int
    rules: tuple[str, ...]


class NameProfile(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.name/1"):
    """A name of the archive. Roles, spellings and watchlist entries come from the newest documents only."""

    id: str
    name: str
    kind: str
    documents: int
    said: int
    about: int
    said_by_month: tuple[NamedCount, ...]
    about_by_month: tuple[NamedCount, ...]
    acts: tuple[ActCount, ...]
    targets: tuple[NamedCount, ...]
    speakers: Annotated[tuple[NamedCount, ...], Meta(description="Who made statements about it.")]
    outlets: tuple[NamedCount, ...]
    roles: tuple[Role, ...]
    spellings: tuple[Spelling, ...]
    other_names: Annotated[tuple[str, ...], Meta(description="Names from the name lists that no document read uses.")]
    watchlist: Annotated[tuple[str, ...], Meta(description="Watchlist entries with this name.")]
    documents_read: Annotated[int, Meta(description="The newest documents that roles and spellings come from.")]


def condition(field: str, entity_id: str) -> ast.Field:
    """Return the query for records with this entity in `field`."""
    return ast.Field(name=field, value=ast.Equals(text=entity_id))


def profile(archive: SearchableArchive, entity_id: str) -> NameProfile:
    """Return what the archive has about an entity. NotInArchive if no document names it and it said nothing."""
    archive.refresh()
    documents = _search(archive, "document", "entity", entity_id, "outlet", limit=_DOCUMENTS_READ)
    said = _search(archive, "quote", "speaker", entity_id, "date", "act+about", "about", limit=_DOCUMENTS_READ)
    about = _search(archive, "quote", "about", entity_id, "date", "speaker", limit=_DOCUMENTS_READ)
    if not documents.total and not said.total and not about.total:
        raise NotInArchive(f'No document names "{one_line(entity_id)}".', hint="The list of names shows ids.")
    read = [archive.get(hit.document) for hit in (*documents.hits, *said.hits, *about.hits)]
    by_id = {document.id: document for document in read if document is not None}
    return NameProfile(
        id=entity_id,
        name=next((name for one in by_id.values() if (name := one.names().get(entity_id))), entity_id),
        kind=entity_id.partition(":")[0],
        documents=documents.total,
        said=said.total,
        about=about.total,
        said_by_month=_counts(said.facets[0]),
        about_by_month=_counts(about.facets[0]),
        acts=tuple(
            ActCount(act=count.value, target=count.second.value, target_id=count.second.id, count=count.count)
            for count in said.facets[1].counts
            if count.second is not None
        ),
        targets=_counts(said.facets[2]),
        speakers=_counts(about.facets[1]),
        outlets=_counts(documents.facets[0]),
        roles=_roles(by_id.values(), entity_id),
        spellings=_spellings(by_id.values(), entity_id),
        other_names=tuple(dict.fromkeys(name for one in by_id.values() for name in one.known_as.get(entity_id, ()))),
        watchlist=matched_entries(_matches(by_id.values(), entity_id)),
        documents_read=len(by_id),
    )


def by_year(archive: SearchableArchive, query: ast.Node) -> tuple[NamedCount, ...]:
    """Return how many statements of a query each year has. A statement of which only the year is known is in no month,
    so months do not add up to years."""
    years = FacetRequest(field="date", size=1000, interval="year")
    return _counts(archive.index.search(SearchRequest(query=query, record="quote", limit=0, facets=(years,))).facets[0])


def _search(
    archive: SearchableArchive, record: Record, field: str, entity_id: str, *facets: str, limit: int = 0
) -> SearchResult:
    requests = []
    for facet in facets:
        first, _, second = facet.partition("+")
        interval: Interval | None = "month" if first == "date" else None
        size = 1000 if interval else _PAIRS if second else 10
        requests.append(FacetRequest(field=first, paired=second, size=size, interval=interval))
    query = condition(field, entity_id)
    return archive.index.search(
        SearchRequest(query=query, record=record, limit=limit, sort="newest", facets=tuple(requests))
    )


def _counts(facet: Facet) -> tuple[NamedCount, ...]:
    return tuple(NamedCount(value=count.value, id=count.id, count=count.count) for count in facet.counts)


def _roles(documents: Iterable[Document], entity_id: str) -> tuple[Role, ...]:
    days: dict[tuple[str, str], list[str]] = {}
    for document in documents:
        published = document.published
        day = published.earliest.isoformat() if published is not None and published.earliest else ""
        for quote in document.statements:
            speaker = quote.speaker
            if speaker.entity_id == entity_id and (speaker.role or speaker.affiliation):
                days.setdefault((speaker.role or "", speaker.affiliation or ""), []).append(day)
    roles = []
    for (role, affiliation), found in days.items():
        known = sorted(filter(None, found)) or [""]
        roles.append(Role(role=role, affiliation=affiliation, first=known[0], last=known[-1], statements=len(found)))
    return tuple(sorted(roles, key=lambda role: (role.first, role.role, role.affiliation)))


def _spellings(documents: Iterable[Document], entity_id: str) -> tuple[Spelling, ...]:
    counts, rules = Counter[str](), dict[str, dict[str, None]]()
    for document in documents:
        spelled = {
            one_line(mention.surface): mention.rule for mention in document.mentions if mention.entity_id == entity_id
        }
        for surface, rule in spelled.items():
            counts[surface] += 1
            rules.setdefault(surface, {})[rule] = None
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Spelling(text=text, documents=count, rules=tuple(rules[text])) for text, count in ordered)


def _matches(documents: Iterable[Document], entity_id: str) -> Iterator[WatchlistMatch]:
    for document in documents:
        spans = {mention.span for mention in document.mentions if mention.entity_id == entity_id}
        yield from (match for match in document.matches if match.span in spans)
