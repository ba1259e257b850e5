"""Turn values into HTML: templates, links, marked text, statements and charts; and keep the cookies of a reader.

Jinja escapes every value; characters that hide or reorder text are made visible first.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from searchkit.export import citation as citations
from searchkit.index.values import number_of
from searchkit.notes import NoteFields
from searchkit.query.ast import Unit
from searchkit.search import statement_text as texts
from searchkit.search.answer import OpenDocument
from searchkit.search.document_text import parts_of
from searchkit.search.highlight import complete
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, counted, minute_text, name_key, one_line, visible

BASKET = "basket"
MOST_IN_BASKET = 150  # a cookie holds 4 kB, an id has 21 characters or a few more
_ID = re.compile(r"[0-9a-f]{12}-[0-9a-f]{8}(?:-[0-9]{1,4})?", re.ASCII)


def basket_ids(request: Request) -> list[str]:
    """Return the ids of the statements in the basket of a reader."""
    return valid_ids(request.cookies.get(BASKET, "").split("."))


def valid_ids(ids: Iterable[str]) -> list[str]:
    """Return those that are ids of statements, each once and as many as a basket holds."""
    known = (stripped for written in ids if _ID.fullmatch(stripped := written.strip()))
    return list(dict.fromkeys(known))[:MOST_IN_BASKET]


def is_encrypted(scope: Scope) -> bool:
    """Return whether a request came over HTTPS."""
    return bool(scope["scheme"] == "https")


def set_cookie(answer: Response, scope: Scope, name: str, value: str, seconds: int, *, path: str = "/") -> None:
    """Set a cookie for so many seconds; 0 removes it."""
    answer.set_cookie(
        name, value, max_age=seconds, path=path, secure=is_encrypted(scope), httponly=True, samesite="strict"
    )


@cache
def environment() -> Environment:
    """Return the templates of the site."""
    made = Environment(
        loader=PackageLoader("searchkit.web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    made.filters["number"] = lambda number: f"{number:,}"
    made.filters["counted"] = counted
    made.filters["line"] = one_line
    made.filters["minute"] = minute_text
    made.filters["marked"] = lambda text, places: marked(text, [Span(*place) for place in places])
    return made


def _shown(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page made from a template; every template knows `request`, `reader`, `url` and the ids
    in the `basket`."""
    shared = {"reader": request.state.reader, "url": Links(request), "basket": basket_ids(request)}
    text = environment().get_template(template).render(request=request, **shared, **values)
    return HTMLResponse(text, status_code=status)


class Links:
    """Makes addresses within the site, which may be mounted below a path."""

    def __init__(self, request: Request) -> None:
        self._root = request.scope.get("root_path", "")
        self._here = request.scope["path"].removeprefix(self._root)
        self._base = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
        self._parameters = list(request.query_params.multi_items())

    def __call__(self, path: str, **parameters: object) -> str:
        """Return the address of `path` ("/statements") with the parameters that have a value."""
        address = self._root + path
        address = address.translate(_IN_PATHS) if address.isascii() else quote(address, errors="replace")
        query = "&".join([f"{_in_query(name)}={_in_query(str(value))}" for name, value in parameters.items() if value])
        return f"{address}?{query}" if query else address

    def here(self, **changed: object) -> str:
        """Return the address of this page with some parameters changed; an empty value removes a parameter."""
        kept = {name: value for name, value in self._parameters if name not in changed}
        return self(self._here, **kept, **changed)

    def absolute(self, address: str) -> str:
        """Return an address of this site with scheme and host, for programs."""
        return self._base + address


# A page has hundreds of links, and for most texts these tables are several times as fast as urllib.
_IN_PATHS = str.maketrans({chr(code): quote(chr(code)) for code in range(128)})
_IN_QUERIES = str.maketrans({chr(code): quote_plus(chr(code)) for code in range(128)})


def _in_query(text: str) -> str:
    """Return a name or value of a parameter as an address has it."""
    return text.translate(_IN_QUERIES) if text.isascii() else quote_plus(text, errors="replace")


# Markup.format takes several times as long as joining escaped pieces.
def marked(text: str, marks: Iterable[Span], *, tag: str = "mark") -> Markup:
    """Return `text` as HTML with the places in `marks` as elements of the given kind."""
    pieces: list[str] = []
    place = 0
    for mark in marks:
        pieces += [_escaped(text[place : mark.start]), f"<{tag}>", _escaped(text[mark.start : mark.end]), f"</{tag}>"]
        place = mark.end
    return Markup("".join([*pieces, _escaped(text[place:])]))  # noqa: S704 - escaped


def _escaped(text: str) -> Markup:
    return escape(visible(text))


_WIDTH, _HEIGHT = 640, 96
MOST_BARS = 72
"""More months than these are shown as years: their bars could not be clicked, and the page would be long."""

_UNITS: Mapping[int, Unit] = {4: "year", 7: "month"}  # by the length of a label, as 2023 and 2023-05


class Bar(Struct, frozen=True, kw_only=True):
    """A bar with its label and the address that it leads to."""

    label: str
    value: int
    address: str


def width_of(labels: Sequence[str]) -> int:
    """Return how many bars a picture has room for: months or years from the first label to the last."""
    return _places(labels)[-1] + 1 if labels else 0


def _places(labels: Sequence[str]) -> list[int]:
    unit = _UNITS.get(len(labels[0])) if labels else None
    if unit is None:
        return list(range(len(labels)))
    return [number_of(label, unit) - number_of(labels[0], unit) for label in labels]


def bars(values: Sequence[Bar], *, most: int = 0) -> Markup:
    """Return a picture of `values` in their order, with the first and last label below. Months and years without a bar
    leave a gap. A bar of the value `most` (by default the largest) has the full height."""
    most = most or max((bar.value for bar in values), default=0) or 1
    labels = [bar.label for bar in values]
    step = min(_WIDTH / max(width_of(labels), 1), 60.0)
    drawn = [
        (bar, number * step, max(2.0, _HEIGHT * bar.value / most) if bar.value else 0.0)
        for number, bar in zip(_places(labels), values, strict=True)
    ]
    ends = (labels[0], labels[-1]) if labels else ("", "")
    picture: Markup = environment().get_template("charts.html").module.bars(drawn, step, *ends)  # type: ignore[attr-defined]
    return picture


_FORM_LABELS = {"text": "Text", "markdown": "Markdown", "bibtex": "BibTeX", "csl-json": "CSL-JSON"}


PART = 60_000
"""Characters of a document on a page: some 10,000 words."""


def statement_view(
    quote: Quote,
    opened: OpenDocument,
    url: Links,
    *,
    marks: Sequence[Span] = (),
    title_marks: Sequence[Span] = (),
    part: int | None = None,
) -> dict[str, Any]:
    """Return a statement for a template: `lead` is the text before, of and after the name of its speaker, `sentence`
    the article's own if it says more. `marks` are matches in the text of the document, `part` that of a long document
    where it is known."""
    document, said = opened.document, texts.statement_text(quote, opened.document)
    name = one_line(quote.speaker.name or "") if quote.speaker.entity_id else ""
    snippets = (complete(document.text, words, marks) for words in said.words)
    details = (texts.via_text(quote, document), texts.date_text(quote.date), quote.kind, texts.words_doubt(quote))
    return {
        "id": quote.id,
        "lead": said.lead.partition(name) if name else (said.lead, "", ""),
        "speaker": quote.speaker.entity_id,
        "words": [marked(snippet.text, snippet.marks) for snippet in snippets],
        "sentence": _sentence(said, quote, document),
        "about": [(entity, one_line(opened.names.get(entity, entity))) for entity in quote.about],
        "details": [detail for detail in details if detail],
        "title": marked(title_line(document), title_marks),
        "source": [text for text in (one_line(document.publisher), texts.page_text(quote, document)) if text],
        "place": url(f"/documents/{document.id}", part=part or _part(document, quote)) + f"#s-{quote.id}",
        "published": texts.date_text(document.published),
        "gone": texts.gone_text(document),
        "watchlist": texts.matched_entries(opened.matched.get(quote.id, ())),
        "notes": texts.note_texts(opened.note(quote.id)),
        "duplicates": 0,
    }


def _part(document: Document, quote: Quote) -> int | None:
    """Return the part of a long document where a statement begins; None for the first."""
    if len(document.text) <= PART:
        return None
    starts = [part.start for part in parts_of(document, PART)]
    number = bisect_right(starts, quote.content.start)
    return number if number > 1 else None


def title_line(document: Document) -> str:
    """Return the title with every white-space character as a blank, so that marks keep their places."""
    return "".join(" " if character.isspace() else character for character in document.title or "(no title)")


def _sentence(said: texts.StatementText, quote: Quote, document: Document) -> Markup | None:
    """Return the article's sentence with the words of the statement marked, if it says more than the statement."""
    sentence = complete(document.text, document.sentence_of(quote), [quote.content])
    shown = name_key(said.sentence(document)).split()
    if set(name_key(sentence.text).split()).issubset(shown):
        return None
    return marked(sentence.text, sentence.marks, tag="b")


def cited(document: Document, quote: Quote | None, note: NoteFields | None = None) -> list[tuple[str, str]]:
    """Return the citation of a document, or of a statement with the user's note on it, in each form, by name."""
    citation = citations.cite(document, quote, note)
    return [(_FORM_LABELS[form], write(citation)) for form, write in citations.FORMS.items()]
