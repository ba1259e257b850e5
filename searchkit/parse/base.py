"""What every parser gives: a draft whose text is not normalized yet, and how a draft becomes an article."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field

from searchkit.dates import PartialDate
from searchkit.document import Article, Resource
from searchkit.errors import InputError
from searchkit.parse.byline import people
from searchkit.text import normalize, paragraphs


class Draft(Struct, frozen=True, kw_only=True):
    """An article as its parser read it. Fields as in Article; text and title may still hold anything.

    `pages` are offsets into the text as it is here, each behind white space that is no part of a line end of two signs.
    """

    text: str
    pages: tuple[int, ...] = ()
    canonical_url: str | None = None
    outlet: str | None = None
    title: str | None = None
    byline: tuple[str, ...] = ()
    published: PartialDate | None = None
    updated: PartialDate | None = None
    language: str | None = None
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


MAX_LINKS = 500
_LINE_LIMIT = 1_000
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]{1,30})?")


def one_line(text: str | None) -> str | None:
    """`text` normalized, every run of white space one blank; None when nothing is left."""
    if text is None:
        return None
    return " ".join(normalize(text[: 4 * _LINE_LIMIT]).split())[:_LINE_LIMIT].strip() or None


def language_code(written: object) -> str | None:
    """The language of a tag such as `en-US` or `de_AT`, in lower case without its region; None for anything else."""
    if not isinstance(written, str):
        return None
    match = _LANGUAGE.fullmatch(written.strip())
    return match[1].lower() if match else None


# What no address holds: white space, and control codes.
_UNFIT = re.compile(r"[\s\x00-\x1f]")


def web_address(written: object) -> str | None:
    """`written` when it is a http or https address, without white space around it; else None."""
    if not isinstance(written, str):
        return None
    address = written.strip()
    if not address[:8].lower().startswith(("http://", "https://")) or len(address) > 2_000:
        return None
    try:
        urlsplit(address)
    except ValueError:  # brackets that hold no address of the sixth version
        return None
    return None if _UNFIT.search(address) else address


def _known(resource: Resource, key: str, found: str | None) -> str | None:
    """A field as the page has it, or as its source does."""
    if found is None and isinstance(value := resource.defaults.get(key), str):
        return value
    return found


def _known_date(resource: Resource, key: str, found: PartialDate | None) -> PartialDate | None:
    """A date as the page has it, or as its source does, who knows better than a guess."""
    value = resource.defaults.get(key)
    is_guess = found is None or found.confidence == "low"
    return value if is_guess and isinstance(value, PartialDate) else found


def _known_notes(resource: Resource) -> tuple[str, ...]:
    return tuple(note for note in resource.defaults.get("notes", ()) if isinstance(note, str))


def _known_people(resource: Resource) -> tuple[str, ...]:
    written = (name for name in resource.defaults.get("byline", ()) if isinstance(name, str))
    return tuple(person for name in written for person in people(name))


def _by_page(draft: Draft) -> tuple[str, tuple[int, ...]]:
    """The text normalized page by page, and where the pages start in it.

    Normalization looks at single signs and at what follows them, never across white space, so that the whole comes out
    as if it had been normalized at once.
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


def finish(draft: Draft, resource: Resource) -> Article:
    """The article of a draft: everything normalized, once and here. InputError when it has no text."""
    text, pages = _by_page(draft) if draft.pages else (normalize(draft.text), ())
    if not text:
        raise InputError("has no text")
    byline = draft.byline or _known_people(resource)
    return Article(
        uri=resource.uri,
        # An article keeps its address, and so its id, when its site moves it.
        canonical_url=resource.known_as or _known(resource, "canonical_url", draft.canonical_url),
        outlet=one_line(_known(resource, "outlet", draft.outlet)),
        title=one_line(_known(resource, "title", draft.title)),
        byline=tuple(dict.fromkeys(name for person in byline if (name := one_line(person)))),
        published=_known_date(resource, "published", draft.published),
        updated=_known_date(resource, "updated", draft.updated),
        language=language_code(_known(resource, "language", draft.language)),
        text=text,
        paragraphs=paragraphs(text),
        pages=pages,
        links=draft.links,
        notes=tuple(note for written in (*_known_notes(resource), *draft.notes) if (note := one_line(written))),
        extra=draft.extra,
    )
