"""One resource read: parsed and annotated, or refused with the reason. This is what worker processes do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from searchkit import extract, parse
from searchkit.crawl import Refused
from searchkit.document import Article, Document, Resource
from searchkit.errors import InputError
from searchkit.extract.register import Register
from searchkit.extract.speakers.passed_over import Explained
from searchkit.ingest.base import Annotated, Result
from searchkit.store.sketches import sketch

_Made = TypeVar("_Made")


def annotate(resource: Resource | Article, now: datetime, register: Register | None = None) -> Document | Refused:
    """Parse and annotate one resource; what cannot be read, or breaks a rule of ours, is Refused with the reason."""
    return _made(resource, now, lambda article, seen_at: extract.annotate(article, seen_at=seen_at, register=register))


def explain(resource: Resource | Article, now: datetime, register: Register | None = None) -> Explained | Refused:
    """As `annotate`, with the speakers that were passed over and why."""
    return _made(resource, now, lambda article, seen_at: extract.explain(article, seen_at=seen_at, register=register))


def _made(resource: Resource | Article, now: datetime, make: Callable[[Article, str], _Made]) -> _Made | Refused:
    try:
        article = parse.article(resource, today=now.date()) if isinstance(resource, Resource) else resource
        return make(article, now.isoformat(timespec="seconds"))
    except InputError as error:
        return Refused(uri=resource.uri, reason=error.message)
    except MemoryError:
        return Refused(uri=resource.uri, reason="needs more memory than there is")
    except Exception as error:  # noqa: BLE001 - a fault of ours on one document must not end the run; it is reported
        return Refused(uri=resource.uri, reason=f"could not be read: {type(error).__name__}: {error}"[:300])


def annotate_all(task: list[Resource | Article], now: datetime, register: Register | None) -> list[Result]:
    results: list[Result] = []
    for resource in task:
        made = annotate(resource, now, register)
        if not isinstance(made, Document):
            results.append(made)
        elif isinstance(resource, Resource):
            made = replace(
                made,
                source=resource.source,
                raw_digest=resource.digest,
                fetched_at=resource.fetched_at.isoformat(timespec="seconds"),
            )
            results.append(Annotated(uri=resource.uri, digest=resource.digest, document=made, sketch=sketch(made)))
        else:
            results.append(Annotated(uri=resource.uri, digest="", document=made, sketch=sketch(made)))
    return results
