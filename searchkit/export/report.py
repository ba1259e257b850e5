"""Reports: an answer in reading order, with a list of its sources, which templates write.

Statements are grouped by speaker and documents by outlet, each by date. Texts are on one line and safe for a terminal;
each form escapes them further and links only web addresses. An HTML page works offline, without scripts or anything
external. `export_lines` also writes an answer in the other formats, line by line.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from searchkit.errors import NotInArchive
from searchkit.export.citation import Citation, cite, link, markdown, place_text
from searchkit.export.records import COLUMNS, export_record, export_row
from searchkit.export.tables import csv_lines
from searchkit.index.base import Hit
from searchkit.search import statement_text
from searchkit.search.answer import Answer, HitRecord, OpenDocument, Progress
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, counted, one_line, redacted, safe_json, xml_text

FORMATS = ("jsonl", "csv", "tsv", "markdown", "html", "evidence")
# Longer context of the words in their sentence is cut.
_CONTEXT = 300
CAUTION = (
    "Statements, speakers and targets were found by rules and may be wrong: read the sentence before you quote it. "
    "A watchlist match means that a name is the same; the identity was not verified."
)
UNNAMED = "Unnamed or unknown"
NO_OUTLET = "Outlet not known"


class Entry(Struct, frozen=True, kw_only=True):
    """A statement. `before`, its words (in `citation`) and `after` are the sentences it stands in. `spoken` is who said
    it and how: speaker with role, cue, target, kind. `said` is its date. `asides` are remarks: notes of users, doubts,
    watchlists, duplicates, a source that no longer has it. `source` is the number of its article in the list."""

    citation: Citation
    before: str
    after: str
    spoken: str
    said: str
    asides: tuple[str, ...]
    source: int

    def summary(self) -> str:
        """Return all but the words and the id, for a list of the statements of an article."""
        return " · ".join([self.spoken, *([f"said {self.said}"] if self.said else ()), *self.asides])


class Source(Struct, frozen=True, kw_only=True):
    """An article: its citation, its metadata by name, and its statements in a report on documents."""

    number: int
    citation: Citation
    facts: tuple[tuple[str, str], ...]
    statements: tuple[Entry, ...] = ()


class Group(Struct):
    """The statements of a speaker or the documents of an outlet. `heading` is the name; `id` distinguishes namesakes
    and is empty if unknown. Of each hit, it has the day and the start of its words; its record is read again when it is
    written."""

    heading: str
    id: str
    places: list[tuple[str, int, Hit]]

    def __len__(self) -> int:
        return len(self.places)


class Report:
    """An answer in reading order. Records are read once to sort them, and once more when they are written; `progress`
    counts both."""

    def __init__(
        self,
        answer: Answer,
        *,
        title: str,
        query: str,
        made_at: datetime,
        newest_first: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.title = one_line(title)
        self.query = one_line(query)
        self.interpreted_as = one_line(answer.result.interpreted_as)
        self.notes = tuple(map(one_line, answer.result.notes))
        self.made_at = made_at
        self.record = answer.record
        self.total = answer.result.total
        self._records = answer.records
        self._numbers: dict[str, int] = {}
        self._progress = progress
        self._done = 0
        self.groups = self._grouped(newest_first)

    def __len__(self) -> int:
        """Return the number of records; `total` match the query."""
        return sum(map(len, self.groups))

    def _grouped(self, newest_first: bool) -> tuple[Group, ...]:
        """Return the groups, largest first, equal ones by name; those without a name last."""
        groups: dict[str, Group] = {}
        for found in self._records:
            self._step()
            heading, key = _heading(found)
            place = (_day(found), found.quote.content.start if found.quote else 0, found.hit)
            groups.setdefault(key, Group(heading, key, [])).places.append(place)
        for group in groups.values():
            group.places.sort(key=lambda place: (place[2].document, place[1]))
            group.places.sort(key=lambda place: place[0] or ("" if newest_first else "~"), reverse=newest_first)
        ordered = sorted(groups.values(), key=lambda group: (not group.id, -len(group), group.heading, group.id))
        # Sources are numbered in reading order.
        for group in ordered:
            for _, _, hit in group.places:
                self._numbers.setdefault(hit.document, len(self._numbers) + 1)
        return tuple(ordered)

    def front(self) -> list[tuple[str, str]]:
        """Return the lines under the title by name: the query as typed and as read, the time, the size, notes."""
        made = self.made_at.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
        held = counted(len(self), "statement" if self.record == "quote" else "document")
        if self.record == "quote":
            named = sum(1 for group in self.groups if group.id)
            held += f" by {counted(named, 'named speaker')}, in {counted(len(self._numbers), 'document')}"
        if len(self) < self.total:
            held += f"; {self.total:,} match"
        front = [("Query", self.query), ("Read as", self.interpreted_as), ("Made", made), ("Holds", held)]
        return [*front, *(("Note", note) for note in self.notes)]

    def entries(self, group: Group) -> Iterator[Entry]:
        """Yield the statements of a group in order, without those that have left the archive."""
        for found in self._found(group) if self.record == "quote" else ():
            if found.quote is not None:
                yield _entry(found.opened, found.quote, self._numbers[found.hit.document], found)

    def articles(self, group: Group) -> Iterator[Source]:
        """Yield the documents of a group in order, with all their statements."""
        for found in self._found(group) if self.record == "document" else ():
            number = self._numbers[found.hit.document]
            statements = tuple(_entry(found.opened, quote, number) for quote in found.document.statements)
            yield _source(found.document, number, copies=found.hit.copies, statements=statements)

    def sources(self) -> Iterator[Source]:
        """Yield the articles of the statements by number."""
        for document_id, number in self._numbers.items() if self.record == "quote" else ():
            with suppress(NotInArchive):
                yield _source(self._records.document(document_id).document, number)

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, 2 * len(self._records))

    def _found(self, group: Group) -> Iterator[HitRecord]:
        for _, _, hit in group.places:
            self._step()
            with suppress(NotInArchive):
                yield self._records.get(hit)


def _heading(found: HitRecord) -> tuple[str, str]:
    """Return heading and id of the group of a record: its speaker or outlet."""
    if found.quote is None:
        outlet = one_line(found.document.publisher)
        return outlet or NO_OUTLET, outlet
    speaker = found.quote.speaker
    if speaker.name is None or speaker.entity_id is None:
        return UNNAMED, ""
    return one_line(speaker.name), speaker.entity_id


def _day(found: HitRecord) -> str:
    """Return the day by which a record is sorted; empty if its date is unknown or a guess."""
    dates = (found.quote.date if found.quote else None, found.document.published)
    for date in dates:
        if date is not None and date.confidence != "low" and date.earliest:
            return date.earliest.isoformat()
    return ""


def _entry(opened: OpenDocument, quote: Quote, source: int, found: HitRecord | None = None) -> Entry:
    document = opened.document
    citation = cite(document, quote)
    before, after = in_sentence(document, quote.content)
    about = [one_line(opened.names.get(entity, entity)) for entity in quote.about]
    details = statement_text.statement_details(
        verb=statement_text.reporting_phrase(quote, document), about=about, kind=quote.kind
    )
    return Entry(
        citation=citation,
        before=before,
        after=after,
        spoken=" · ".join([citation.speaker, *details]),
        said=statement_text.date_text(quote.date),
        asides=tuple(_asides(opened, quote, citation.gone, found)),
        source=source,
    )


def _asides(opened: OpenDocument, quote: Quote, gone: str, found: HitRecord | None) -> Iterator[str]:
    yield from statement_text.note_texts(opened.note(quote.id))
    if quote.speaker.entity_id and quote.speaker.confidence < statement_text.LOW_CONFIDENCE:
        yield f"uncertain speaker ({quote.speaker.confidence:.2f}, by {quote.speaker.resolved_by})"
    if quote.confidence < statement_text.LOW_CONFIDENCE:
        yield f"low confidence ({quote.confidence:.2f}, by the rule {one_line(quote.rule)})"
    if watchlist := statement_text.matched_entries(opened.matched.get(quote.id, ())):
        yield f"watchlist: {'; '.join(watchlist)}"
    if found is not None and found.hit.copies:
        more = ", …" if found.hit.copies > len(found.hit.copy_ids) else ""
        yield f"{counted(found.hit.copies, 'duplicate')} elsewhere: {', '.join(found.hit.copy_ids)}{more}"
    if gone:
        yield f"its source: {gone}"


def in_sentence(document: Document, span: Span) -> tuple[str, str]:
    """Return the text before and after `span` in its sentences, each on one line and cut if long."""
    around = document.sentences_around(span, 2 * _CONTEXT)
    before, after = document.text[around.start : span.start], document.text[span.end : around.end]
    if len(before) > _CONTEXT:
        before = f"… {before[-_CONTEXT:].partition(' ')[2]}"
    if len(after) > _CONTEXT:
        after = f"{after[:_CONTEXT].rpartition(' ')[0]} …"
    # A space between the words and their context is kept.
    led = " " if before[-1:].isspace() else ""
    followed = " " if after[:1].isspace() else ""
    return one_line(before) + led, followed + one_line(after)


def _source(document: Document, number: int, *, copies: int = 0, statements: tuple[Entry, ...] = ()) -> Source:
    citation = cite(document)
    facts = {
        "address": citation.address,
        "claims": one_line(redacted(document.claim)),
        "canonical URL": one_line(redacted(document.other_address)),
        "by": ", ".join(citation.byline),
        "outlet": citation.outlet,
        "via": citation.wire,
        "published": statement_text.date_text(document.published) or "not known",
        "retrieved": citation.retrieved,
        "first seen": one_line(document.first_seen[:10]),
        "gone": citation.gone,
        "duplicates": f"{copies:,}" if copies else "",
        "watchlist": "; ".join(statement_text.matched_entries(document.matches)),
        "id": f"{citation.id}, revision {citation.revision}",
        "sha-256 of title and text": document.digest,
        "sha-256 of the bytes": document.raw_digest,
    }
    known = tuple((name, value) for name, value in facts.items() if value)
    return Source(number=number, citation=citation, facts=known, statements=statements)


if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import EvalContext

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@cache
def _environment() -> "Environment":
    # Few commands write reports.
    from jinja2 import Environment, PackageLoader, StrictUndefined, pass_eval_context, select_autoescape

    made = Environment(
        loader=PackageLoader("searchkit.export"),
        autoescape=select_autoescape(["html", "svg"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=pass_eval_context(_shown),
    )
    style = made.from_string("\n{% include 'style.css' %}\n").render()
    # Nothing may be loaded or run; only this style sheet applies.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    made.filters["number"] = lambda number: f"{number:,}"
    made.tests["language_code"] = _LANGUAGE.fullmatch
    made.globals |= {"caution": CAUTION, "link": link, "place_text": place_text}
    made.globals |= {"style": style, "style_digest": digest}
    return made


def _shown(context: "EvalContext", value: object) -> object:
    """Return a value that is not markup on one line, escaped for Markdown; Jinja escapes for HTML."""
    if type(value) is not str:
        return value
    return xml_text(value) if context.autoescape else markdown(value)


def written(template: str, **values: Any) -> Iterator[str]:
    """Yield the lines of a template, whose suffix is its form, without line ends."""
    rest = ""
    for piece in _environment().get_template(template).generate(**values):
        *lines, rest = f"{rest}{piece}".split("\n")
        yield from lines
    if rest:
        yield rest


def export_lines(
    answer: Answer,
    form: str,
    *,
    query: str,
    made_at: datetime,
    title: str = "",
    newest_first: bool = False,
    bom: bool = False,
    progress: Progress | None = None,
) -> Iterator[str]:
    """Return the lines of an export, without line ends. `query` is the text that the user typed; `title` is for
    reports, `bom` for csv and tsv."""
    if form == "jsonl":
        return (safe_json(export_record(found)) for found in answer.records.through(progress))
    if form in {"csv", "tsv"}:
        rows = map(export_row, answer.records.through(progress))
        return csv_lines(rows, COLUMNS[answer.record], delimiter="\t" if form == "tsv" else ",", bom=bom)
    what = "Statements" if answer.record == "quote" else "Documents"
    title = title or f"{what}: {answer.result.interpreted_as}"
    report = Report(answer, title=title, query=query, made_at=made_at, newest_first=newest_first, progress=progress)
    return written("report.html" if form == "html" else "report.md", title=report.title, report=report)
