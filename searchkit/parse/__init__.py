"""Parse: the bytes of one resource as an article.

takes:    a Resource; today's day, after which no date is believed
gives:    an Article: normalized text with its paragraphs, and what the page says of itself
does not: fetch, find names or quotes, guess a date or an author; only `language` tags are believed, none detected
traps:    text is normalized here and never again; importing this package loads none of the libraries behind a format
"""

from collections.abc import Callable
from datetime import date
from importlib import import_module

from searchkit.document import Article, Resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft, finish

__all__ = ["article"]

# Parser by media type, imported on first use.
_PARSERS = {
    "application/x-searchkit-record": "searchkit.parse.record:read",
    "text/plain": "searchkit.parse.plain:read",
    "text/markdown": "searchkit.parse.markdown:read",
    "text/html": "searchkit.parse.html.page:read",
    "application/xhtml+xml": "searchkit.parse.html.page:read",
    "application/pdf": "searchkit.parse.pdf:read",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "searchkit.parse.docx:read",
    "application/vnd.oasis.opendocument.text": "searchkit.parse.odt:read",
    "application/epub+zip": "searchkit.parse.epub:read",
    "message/rfc822": "searchkit.parse.message:read",
    "multipart/related": "searchkit.parse.message:read_page",
}


def article(resource: Resource, *, today: date) -> Article:
    """The article in `resource`. InputError with the reason when it has no text or is of a type that is not read."""
    place = _PARSERS.get(resource.media_type)
    if place is None:
        raise InputError(f"is of a type that is not read ({resource.media_type or 'unknown'})")
    module, name = place.split(":")
    read: Callable[..., Draft] = getattr(import_module(module), name)
    return finish(read(resource, today=today), resource)
