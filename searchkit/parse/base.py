"""Drafts, which every parser returns, and the normalization that turns a draft into an article."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from searchkit.errors import NoArticle
from searchkit.parse.byline import people
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Article, Resource
from searchkit.statements.text import Span, normalize, paragraphs


class StruckText(Struct, frozen=True, kw_only=True):
    """Text that is struck out, and what stands before and after it without white space."""

    text: str
    before: str = ""
    after: str = ""


class Draft(Struct, frozen=True, kw_only=True):
    """An article before normalization. Fields as in Article.

    `pages` are offsets into this text, each after white space and not inside a two-character line end; `times` as in
    Article.
    """

    text: str
    pages: tuple[int, ...] = ()
    times: tuple[int, ...] = ()
    canonical_url: str | None = None
    outlet: str | None = None
    title: str | None = None
    byline: tuple[str, ...] = ()
    wire: str | None = None
    published: PartialDate | None = None
    updated: PartialDate | None = None
    language: str | None = None
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    struck: tuple[StruckText, ...] = ()
    hidden: tuple[str, ...] = ()


MAX_LINKS = 500
THIN = "thin: "  # a note on a page with almost no text for its size begins with it
PROGRAM_SECONDS = 240  # what a program that reads a scan may take
_LINE_LIMIT = 1_000
_NOT_LANGUAGES = frozenset({"utf", "iso", "und", "mul", "zxx"})  # `lang="utf-8"`, and codes for no language
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]{1,30})?")


def one_line(text: str | None) -> str | None:
    """Return `text` normalized on one line, at most 1,000 characters; None if nothing is left."""
    if text is None:
        return None
    return " ".join(normalize(text[: 4 * _LINE_LIMIT]).split())[:_LINE_LIMIT].strip() or None


def language_code(written: object) -> str | None:
    """Return the language of a tag such as `en-US` or `de_AT` in lower case; None for anything else."""
    if not isinstance(written, str):
        return None
    match = _LANGUAGE.fullmatch(written.strip())
    return match[1].lower() if match and match[1].lower() not in _NOT_LANGUAGES else None


_NOT_IN_ADDRESS = re.compile(r"[\s\x00-\x1f]")


def web_address(written: object) -> str | None:
    """Return `written`, stripped, if it is an http or https address; else None."""
    if not isinstance(written, str):
        return None
    address = written.strip()
    if not address[:8].lower().startswith(("http://", "https://")) or len(address) > 2_000:
        return None
    try:
        urlsplit(address)
    except ValueError:  # invalid brackets
        return None
    return None if _NOT_IN_ADDRESS.search(address) else address


def paged(texts: Iterable[str]) -> tuple[str, tuple[int, ...]]:
    """Return the texts of pages as one text, and where each page begins in it."""
    pieces: list[str] = []
    pages: list[int] = []
    size = 0
    for text in texts:
        pages.append(size)
        pieces.append(f"{text}\n\n" if text else "")
        size += len(pieces[-1])
    return "".join(pieces), tuple(pages)


def _field(resource: Resource, key: str, stated: str | None) -> str | None:
    """Return a field as the article states it, else as its source does."""
    default = resource.defaults.get(key)
    return default if stated is None and isinstance(default, str) else stated


def _date(resource: Resource, key: str, stated: PartialDate | None) -> PartialDate | None:
    """Return a date as the article states it, else as its source does, else a guess."""
    default = resource.defaults.get(key)
    is_guess = stated is None or stated.confidence == "low"
    return default if is_guess and isinstance(default, PartialDate) else stated


def _strings(resource: Resource, key: str) -> list[str]:
    return [value for value in resource.defaults.get(key, ()) if isinstance(value, str)]


def _by_page(draft: Draft) -> tuple[str, tuple[int, ...]]:
    """Normalize the text page by page; return it with the starts of the pages.

    Normalization never looks across white space, so the result is the same as for the complete text.
    """
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for start, end in pairwise((*draft.pages, len(draft.text))):
        piece = normalize(draft.text[start:end] + ".")[:-1]  # the stop keeps the white space at the end
        starts.append(length)
        pieces.append(piece)
        length += len(piece)
    text = "".join(pieces).rstrip()
    return text, tuple(min(start, len(text)) for start in starts)


def _spans(struck: Iterable[StruckText], text: str) -> tuple[Span, ...]:
    """Return where struck text stands in an article: with the text around it, else where it stands only once."""
    wanted = [[_squeezed(part) for part in (run.before, run.text, run.after)] for run in struck]
    if not wanted:
        return ()
    places = [at for at, character in enumerate(text) if not character.isspace()]
    squeezed = _squeezed(text)
    spans: set[Span] = set()
    for before, run, after in wanted:
        for lead, rest in ((before, after), (before, ""), ("", after), ("", "")):
            at = squeezed.find(lead + run + rest)
            if run and at >= 0 and (lead or rest or squeezed.count(run) == 1):
                spans.add(Span(places[at + len(lead)], places[at + len(lead) + len(run) - 1] + 1))
                break
    return tuple(sorted(spans))


def _squeezed(text: str) -> str:
    """Return normalized text without white space."""
    return "".join(normalize(text).split())


def finish(draft: Draft, resource: Resource) -> Article:
    """Normalize a draft into an article. Raises NoArticle if it has no text."""
    text, pages = _by_page(draft) if draft.pages else (normalize(draft.text), ())
    if not text:
        raise NoArticle("has no text")
    is_fetched = resource.uri.startswith(("https://", "http://"))
    uri = (resource.final_uri if is_fetched else "") or resource.uri
    authors = _strings(resource, "byline")
    byline = draft.byline or tuple(person for written in authors for person in people(written))
    return Article(
        uri=uri,
        canonical_url=_field(resource, "canonical_url", draft.canonical_url),
        # An article keeps its id when it moves.
        origin="" if resource.identity == uri else resource.identity,
        outlet=one_line(_field(resource, "outlet", draft.outlet)),
        title=one_line(_field(resource, "title", draft.title)),
        byline=tuple(dict.fromkeys(name for person in byline if (name := one_line(person)))),
        wire=one_line(draft.wire or next((written for written in authors if not people(written)), None)),
        published=_date(resource, "published", draft.published),
        updated=_date(resource, "updated", draft.updated),
        language=language_code(_field(resource, "language", draft.language)),
        text=text,
        paragraphs=paragraphs(text),
        pages=pages,
        times=draft.times,
        links=draft.links,
        notes=tuple(note for written in (*_strings(resource, "notes"), *draft.notes) if (note := one_line(written))),
        extra=draft.extra,
        struck=_spans(draft.struck, text),
        hidden=tuple(line for written in draft.hidden if (line := one_line(written))),
    )
