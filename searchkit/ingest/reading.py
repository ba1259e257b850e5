"""One resource read: parsed and annotated, or refused with the reason. This is what worker processes do."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from searchkit import parse
from searchkit.crawl import Refused
from searchkit.document import Article, Document, Resource
from searchkit.errors import InputError
from searchkit.extract import annotation
from searchkit.extract.register import Register
from searchkit.extract.speakers.explanation import Explanation
from searchkit.ingest.base import Annotated
from searchkit.store.near_duplicates import sketch

_Made = TypeVar("_Made")

NO_MEMORY = "needs more memory than there is"
_FAULT = "could not be read: "

# What is read by code of this project alone, in linear time. All other types go through parsers that others wrote, most
# of them in C, which no one can vouch for.
_OWN_TYPES = frozenset({"text/plain", "text/markdown", "application/x-searchkit-record"})
# The worst text of this size that we know takes a second and 60 MB; hardly any article is longer.
_HARMLESS_SIZE = 250_000


def is_harmless(resource: Resource | Article) -> bool:
    """Whether a resource may be read without a worker process: whatever it holds, it takes little time and memory."""
    if isinstance(resource, Article):
        return len(resource.text) <= _HARMLESS_SIZE
    return resource.media_type in _OWN_TYPES and len(resource.body) <= _HARMLESS_SIZE


def size_of(resource: Resource | Article) -> int:
    """How much there is to read: bytes, or signs of text."""
    return len(resource.body) if isinstance(resource, Resource) else len(resource.text)


def is_fault(result: object) -> bool:
    """Whether a resource is refused for what nobody expected, and not for what it is."""
    return isinstance(result, Refused) and result.reason.startswith(_FAULT)


def annotate(resource: Resource | Article, now: datetime, register: Register | None = None) -> Document | Refused:
    """Parse and annotate one resource; what cannot be read, or breaks a rule of ours, is Refused with the reason."""
    return _made(
        resource, now, lambda article, seen_at: annotation.annotate(article, seen_at=seen_at, register=register)
    )


def explain(resource: Resource | Article, now: datetime, register: Register | None = None) -> Explanation | Refused:
    """As `annotate`, with the speakers that were passed over and why."""
    return _made(
        resource, now, lambda article, seen_at: annotation.explain(article, seen_at=seen_at, register=register)
    )


def annotated(resource: Resource | Article, now: datetime, register: Register | None = None) -> Annotated | Refused:
    """As `annotate`, ready to be stored: the document knows its source and its bytes, if it was made from any."""
    made = annotate(resource, now, register)
    if not isinstance(made, Document):
        return made
    if not isinstance(resource, Resource):
        return Annotated(uri=resource.uri, digest="", document=made, sketch=sketch(made))
    made = replace(
        made,
        source=resource.source,
        raw_digest=resource.digest,
        fetched_at=resource.fetched_at.isoformat(timespec="seconds"),
    )
    return Annotated(uri=resource.uri, digest=resource.digest, document=made, sketch=sketch(made))


def _made(resource: Resource | Article, now: datetime, make: Callable[[Article, str], _Made]) -> _Made | Refused:
    try:
        article = parse.article(resource, today=now.date()) if isinstance(resource, Resource) else resource
        return make(article, now.isoformat(timespec="seconds"))
    except InputError as error:
        return Refused(uri=resource.uri, reason=error.message)
    except MemoryError:
        return Refused(uri=resource.uri, reason=NO_MEMORY)
    except Exception as error:  # noqa: BLE001 - a fault of ours on one document must not end the run; it is reported
        return Refused(uri=resource.uri, reason=f"{_FAULT}{type(error).__name__}: {error}"[:300])
