"""Read one resource: parse and annotate it, or refuse it with the reason. Worker processes run this."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from searchkit import statements
from searchkit.crawl.base import Refused
from searchkit.errors import InputError, NoArticle, reason_of
from searchkit.ingest.base import Annotated, Made, Work
from searchkit.loading import load
from searchkit.parse import article as read_article
from searchkit.statements import Explanation, Register
from searchkit.statements.document import Article, Document, Resource
from searchkit.store.encoding import encode
from searchkit.store.near_duplicates import sketch_or_exact
from searchkit.version import __version__

NO_MEMORY = "needs more memory than is available"
_FAULT = "could not be read: "
# Only our own code reads these types, in linear time. Other types go through third-party parsers, mostly in C.
_OWN_TYPES = frozenset({"text/plain", "text/markdown", "application/x-searchkit-record"})
# The worst known text of this size takes a second and 60 MB; few articles are longer.
_HARMLESS_SIZE = 250_000


def is_harmless(resource: Resource | Article | Work) -> bool:
    """Return whether a resource needs so little time and memory that it may be read without a worker process."""
    if isinstance(resource, Work):
        return True
    if isinstance(resource, Article):
        return len(resource.text) <= _HARMLESS_SIZE
    return resource.media_type in _OWN_TYPES and len(resource.body) <= _HARMLESS_SIZE


def size_of(resource: Resource | Article | Work) -> int:
    """Return the size of a resource in bytes, or of a text in characters."""
    if isinstance(resource, Work):
        return 0
    return len(resource.body) if isinstance(resource, Resource) else len(resource.text)


def is_fault(result: object) -> bool:
    """Return whether a resource was refused because of an unexpected error in our code."""
    return isinstance(result, Refused) and result.reason.startswith(_FAULT)


def annotate(resource: Resource | Article, now: datetime, register: Register | None = None) -> Document | Refused:
    """Parse and annotate one resource, or refuse it with the reason."""
    return _made(
        resource, now, lambda article, seen_at: statements.annotate(article, seen_at=seen_at, register=register)
    )


def explain(resource: Resource | Article, now: datetime, register: Register | None = None) -> Explanation | Refused:
    """Do the same as `annotate`, and return the speakers that were passed over and why."""
    return _made(
        resource, now, lambda article, seen_at: statements.explain(article, seen_at=seen_at, register=register)
    )


def article(resource: Resource | Article, now: datetime, _register: Register | None = None) -> Article | Refused:
    """Parse one resource without annotating it, or refuse it with the reason."""
    return _made(resource, now, lambda parsed, _: parsed)


def annotated(resource: Resource | Article, now: datetime, register: Register | None = None) -> Annotated | Refused:
    """Do the same as `annotate`; return the record and sketch of the document, with its source and bytes, if any."""

    def record(article: Article, seen_at: str) -> Annotated:
        made = statements.annotate(article, seen_at=seen_at, register=register)
        if isinstance(resource, Resource):
            made = replace(
                made,
                source=resource.source,
                raw_digest=resource.digest,
                fetched_at=resource.fetched_at.isoformat(timespec="seconds"),
                parsed_at=made.annotated_at,
                parsed_by=__version__,
            )
        sketched, failed = sketch_or_exact(made)
        made = replace(made, failed_sentences=made.failed_sentences + failed)
        digest = resource.digest if isinstance(resource, Resource) else ""
        return Annotated(uri=resource.uri, digest=digest, record=encode(made), sketch=sketched.packed())

    return _made(resource, now, record)


def _parsed(resource: Resource, now: datetime) -> Article:
    """Return the article of a resource; the canonical URL of a fetched page in the form of the crawler's addresses."""
    article = read_article(resource, today=now.date())
    if article.other_address:
        canonical = load("searchkit.crawl.web.addresses:canonical_or_empty")(article.other_address)
        article = replace(article, canonical_url=canonical or None)
    return article


def _made(resource: Resource | Article, now: datetime, make: Callable[[Article, str], Made]) -> Made | Refused:
    try:
        article = _parsed(resource, now) if isinstance(resource, Resource) else resource
        # A page can be fetched long after the start of its run.
        at = max(now, resource.fetched_at) if isinstance(resource, Resource) else now
        return make(article, at.isoformat(timespec="seconds"))
    except NoArticle as error:
        return Refused(uri=resource.uri, reason=error.message, shows="removed" if error.is_removed else "wall")
    except InputError as error:
        return Refused(uri=resource.uri, reason=error.message)
    except MemoryError:
        return Refused(uri=resource.uri, reason=NO_MEMORY)
    except Exception as error:  # noqa: BLE001 - a bug on one document must not end the run; it is reported
        return Refused(uri=resource.uri, reason=_FAULT + reason_of(error))
