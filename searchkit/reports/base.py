"""What a row of the table is made of: a request with described fields, a function that runs it, and a view."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from msgspec import Meta, Struct, structs

from searchkit.archive import Archive
from searchkit.errors import UsageError
from searchkit.index.values import act_of
from searchkit.query.parser import SavedQueries
from searchkit.records import Host
from searchkit.search.statement_text import date_text, in_words, page_text, speaker_text, words_doubt
from searchkit.statements.dates import period
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import one_line, redacted


class StatementSide(Struct, frozen=True, kw_only=True):
    """A statement in one article. Days are in words, as precise as they are known."""

    id: Annotated[str, Meta(description="ID of the statement.")]
    document: Annotated[str, Meta(description="ID of its document.")]
    revision: Annotated[int, Meta(description="Revision of the document.")]
    statement: Annotated[
        str, Meta(description="Who said what, in one line, with the reporting words. Show this, never `text` alone.")
    ]
    text: Annotated[str, Meta(description="The words as written.")]
    sentence: Annotated[str, Meta(description="The sentence of the article, or sentences, with the attribution.")]
    speaker: Annotated[str, Meta(description="The speaker, with role, and a warning if the attribution is uncertain.")]
    speaker_id: Annotated[str | None, Meta(description="ID of the speaker; null if not identified.")]
    verb: Annotated[str, Meta(description="The base form of the reporting verb.")]
    act: Annotated[str, Meta(description="What the reporting verb does: deny, claim; not-deny if it is negated.")]
    said: Annotated[str, Meta(description="Day of the statement.")]
    doubt: Annotated[str, Meta(description="A warning if the words are uncertain.")]
    place: Annotated[str, Meta(description="Page or time in a recording.")]
    title: str
    outlet: str
    wire: Annotated[str, Meta(description="The news agency credited.")]
    published: Annotated[str, Meta(description="Day of publication.")]
    captured: Annotated[str, Meta(description="When this version was read, ISO 8601 UTC.")]
    address: str
    host: Host
    publisher: Annotated[
        str, Meta(description="The outlet for readers: with its host, where several hosts use its name.")
    ]

    @property
    def published_text(self) -> str:
        """Where it was published: outlet, agency, day and place."""
        wire = f"via {one_line(self.wire)}" if self.wire else ""
        parts = (one_line(self.publisher), wire, self.published or "day unknown", one_line(self.place))
        return " · ".join(filter(None, parts))


def side(document: Document, quote: Quote) -> StatementSide:
    """Return a statement of a document as a record."""
    words = in_words(quote, document)
    act = act_of(quote.verb) if quote.verb else None
    return StatementSide(
        id=quote.id,
        document=document.id,
        revision=document.revision,
        statement=words.statement,
        text=document.words_of(quote),
        sentence=words.sentence,
        speaker=speaker_text(quote, document),
        speaker_id=quote.speaker.entity_id,
        verb=quote.verb or "",
        act=f"{'not-' if quote.negated else ''}{act}" if act else "",
        said=date_text(quote.date),
        doubt=words_doubt(quote),
        place=page_text(quote, document),
        title=document.title or "",
        outlet=document.outlet or "",
        wire=document.wire or "",
        published=date_text(document.published),
        captured=document.fetched_at or document.first_seen,
        address=redacted(document.uri),
        host=document.host,
        publisher=document.publisher,
    )


class ReportRequest(Struct, frozen=True, kw_only=True):
    """What each report is asked for: its fields with a description are options and parameters. `today` is the day that
    relative dates count from, `saved` has the searches that a query may name."""

    today: date
    saved: SavedQueries | None = None


class Line(Struct, frozen=True, kw_only=True):
    """A line of an entry: what it is (`was`, `now`), and a text, or a statement of an article. A `strong` line warns.
    A line without its statement at hand may name it by the ids `document` and `statement`."""

    label: str
    text: str = ""
    side: StatementSide | None = None
    source: str = ""
    document: str = ""
    statement: str = ""
    strong: bool = False

    @property
    def words(self) -> str:
        """The text, or the statement with its doubt."""
        if self.text or self.side is None:
            return self.text
        return f"{self.side.statement} ({self.side.doubt})" if self.side.doubt else self.side.statement

    @property
    def web(self) -> str | None:
        """The address, if it is one of the web, without secrets."""
        return redacted(self.address) if self.address.startswith(("https://", "http://")) else None

    @property
    def where(self) -> str:
        """Where the statement was published, and the id to look it up."""
        return f"{self.side.published_text} · {self.side.id}" if self.side else self.source or self.document

    @property
    def address(self) -> str:
        """The address of the article."""
        return self.side.address if self.side else ""


class Entry(Struct, frozen=True, kw_only=True):
    """An entry of a report: its title, facts in one line, its lines and remarks. The title leads to `document`, or to
    the report for `query`. On a page, `pair` puts the lines side by side, and `versions` also marks what differs in the
    first two; `compared` says what was compared, for those who share it, and `at` when the later was read."""

    title: str
    facts: str
    lines: tuple[Line, ...] = ()
    remarks: tuple[str, ...] = ()
    document: str = ""
    query: str = ""
    form: Literal["list", "pair", "versions"] = "list"
    compared: str = ""
    at: str = ""

    @property
    def share(self) -> str:
        """The entry as a text to share, with the address and with what was compared."""
        lines = (f"{line.label}: {line.words}" for line in self.lines)
        shown = next((line for line in reversed(self.lines) if line.side), None)
        where = (shown.side.published_text, shown.web) if shown is not None and shown.side is not None else ()
        return one_line(" · ".join(filter(None, (self.title, self.facts, *lines, self.compared, *where))))


class View(Struct, frozen=True):
    """A report for readers: what it rests on, with its total last, and its entries."""

    facts: tuple[str, ...]
    entries: Iterable[Entry]


class Report(Struct, frozen=True, kw_only=True):
    """A row of the table. Reports with the fields `limit` and `offset` in their request are read in parts, others as a
    whole. `lists` are the fields of the result with entries, those that `limit` counts first; its `notes` are for the
    reader. `entries` names the entries in the plural, `limit` is how many show at once. `intro` is for the page."""

    name: str
    title: str
    describes: str
    intro: str
    help: str
    entries: str
    limit: int
    request: type[ReportRequest]
    result: type[Struct]
    run: Callable[[Archive, Any], Any]
    view: Callable[[Any], View]
    lists: tuple[str, ...]
    example: str = ""
    picture: Callable[[Entry], Iterator[str]] | None = None
    """Draws an entry as an SVG."""
    compares: bool = True
    """Whether it reads the histories, which may have to be made first."""

    @property
    def in_parts(self) -> bool:
        """Whether the request says which part of the list is wanted."""
        return "limit" in self.request.__struct_fields__

    def records(self, result: Struct) -> Sequence[Struct]:
        """Return the entries of a result as records."""
        found: Sequence[Struct] = getattr(result, self.lists[0])
        return found


# --- fields of a request ----------------------------------------------------------------------------------------------


def asked(label: str, text: str, *, example: str = "", form: str | None = None, **extra: Any) -> Meta:
    """Describe a field of a request: its label in a form, its text everywhere.

    `extra` are `metavar` and `option` (metavariable and text of the command's option, if they differ), and `values`
    with `add`: a function of the archive that returns the choices, and the command that adds one.
    """
    return Meta(
        title=label,
        description=text,
        examples=[example] if example else None,
        extra_json_schema={"format": form} if form else None,
        extra=extra,
    )


class Field(Struct, frozen=True, kw_only=True):
    """A field of a request that users fill in. `parameter` is its name in addresses; a field with `several` choices
    takes one of them there; `flag` is what changes one that is true or false."""

    name: str
    parameter: str
    label: str
    text: str
    example: str
    schema: dict[str, Any]
    default: Any
    extra: dict[str, Any]
    choices: tuple[str, ...] = ()
    flag: str = ""
    several: bool = False
    required: bool = False

    def read(self, written: str) -> Any:
        """Return the value that an address or a tool names; the default if it is empty. UsageError for a value that is
        not valid."""
        if not written:
            return self.default
        if self.choices and written not in self.choices:
            raise UsageError(f'{self.parameter} is "{written}".', hint=f"Write {', '.join(self.choices)}.")
        if self.flag:
            if written != self.flag:
                hint = f"Write {self.parameter}={self.flag} or leave it out."
                raise UsageError(f'{self.parameter} is "{written}".', hint=hint)
            return not self.default
        if self.schema["type"] == "integer":
            return whole_number({self.parameter: written}, self.parameter, 1, self.schema["maximum"])
        return (written,) if self.several else written


def whole_number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return the value of a parameter, from 1 to `most`. UsageError for anything else."""
    written = given.get(name) or str(default)
    number = int(written) if written.isdecimal() and len(written) < 7 else 0
    if not 1 <= number <= most:
        raise UsageError(f'{name} is "{written}".', hint=f"Write a whole number from 1 to {most:,}.")
    return number


@cache
def fields_of(request: type[Struct]) -> tuple[Field, ...]:
    """Return the fields of a request that have a description."""
    return tuple(field for known in structs.fields(request) if (field := _field(known)) is not None)


def _field(known: structs.FieldInfo) -> Field | None:
    described = next((part for part in get_args(known.type)[1:] if isinstance(part, Meta) and part.description), None)
    if described is None:
        return None
    kind = get_args(known.type)[0]
    several = get_origin(kind) is tuple
    kind = next((part for part in get_args(kind) if get_origin(part) is Literal), kind)  # of several, or of none
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    schema: dict[str, Any] = {"type": "string", **(described.extra_json_schema or {})}
    flag = ("0" if known.default else "1") if kind is bool else ""
    if choices or flag:
        schema["enum"] = list(choices or flag)
    elif kind is int:
        schema = {"type": "integer", "minimum": described.ge, "maximum": described.le}
    return Field(
        name=known.name,
        parameter=known.encode_name,
        label=described.title or "",
        text=str(described.description),
        example=(described.examples or [""])[0],
        schema=schema,
        default=None if known.required else known.default,
        extra=described.extra or {},
        choices=choices,
        flag=flag,
        several=several,
        required=known.required,
    )


Asked = TypeVar("Asked", bound=Struct)


def read_request(request: type[Asked], given: Mapping[str, str]) -> Asked:
    """Return the request that the parameters of an address name. UsageError for a value that is not valid."""
    return request(**{field.name: field.read(given.get(field.parameter, "")) for field in fields_of(request)})


def days_between(since: str, until: str, today: date, *, last: date) -> tuple[date, date]:
    """Return the first and last day of a period as queries write it: 2022, 2022-12, 2022-12-16, 7d. Without `since` it
    begins with the first of all days, without `until` it ends on `last`. UsageError for what is not a period."""
    begins = _days("since", since, today)[0] if since else date.min
    ends = _days("until", until, today)[1] if until else last
    if begins > ends:
        raise UsageError(f"{begins} is after {ends}.", hint="Write the earlier day first.")
    return begins, ends


def _days(name: str, written: str, today: date) -> tuple[date, date]:
    try:
        return period(written, today=today)
    except ValueError as error:
        raise UsageError(f'{name}: "{written}" is not a date: {error}.', hint="Write 2022, 2022-12 or 7d.") from error
