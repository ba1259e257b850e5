"""Record what became of fetched pages: whoever fetched them, and workers that read the pages of others."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from searchkit.crawl.base import CrawlResult, Refused, Source
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.pages import Page, resource
from searchkit.crawl.web.response_handler import MAX_CAPTURE
from searchkit.statements.document import Resource

# So many workers that ended while they had a page, the last ones nothing else, have ended because of it.
_MAX_TRIES = 20


class Settling(ABC):
    """Settles pages of the `frontier`. The run has `started` then, in seconds since 1970."""

    def __init__(self, frontier: Frontier, started: float) -> None:
        self._frontier = frontier
        self._since = started

    @abstractmethod
    def source_of(self, uri: str) -> Source:
        """Return the source of a page for which a result was yielded."""

    @abstractmethod
    def was_read_before(self, uri: str) -> bool:
        """Return whether an earlier run may have read this resource."""

    def mark_lost(self, uri: str) -> None:
        """Record that the store has no document of `uri`, although it is unmodified. It is read again from its capture,
        or fetched by the next run."""
        self._frontier.mark_lost(uri, self._since)

    def settle(self, uri: str, *, changed: bool, unread: str = "", same: bool = False, keep: bool = False) -> None:
        """Record that the Resource `uri` is in the store, or could not be read for the reason `unread`.

        `changed`: the document is not the earlier one. `same`: other bytes made the same document. `keep` a capture
        that made no document. Committed with the next result, or on `close`.
        """
        if not keep and (same or (unread and not self.was_read_before(uri))):
            self._frontier.forget_fetch(uri)
        due_again = self._since + self.source_of(uri).every.total_seconds()
        self._frontier.settle(uri, changed=changed, due_again=due_again, unread=unread)

    def make_alias(self, uri: str, of: str) -> None:
        """Record that a settled page is a variant of the page `of`, whose document contains its text. It is fetched
        again after a month, or when that page is gone."""
        self._frontier.make_alias(uri, of)


class FetchedPages(Settling):
    """Pages that were fetched for `sources`, by name, and not yet read. The caller has claimed those it asks for."""

    def __init__(self, frontier: Frontier, captures: Captures, sources: Mapping[str, Source], now: datetime) -> None:
        super().__init__(frontier, now.timestamp())
        self._captures = captures
        self._sources = sources
        self._source_by_uri: dict[str, Source] = {}
        self._read_before: set[str] = set()

    def source_of(self, uri: str) -> Source:
        return self._source_by_uri[uri]

    def was_read_before(self, uri: str) -> bool:
        return uri in self._read_before

    def take(self, uri: str, tries: int) -> CrawlResult | None:
        """Return a page to read, of which so many workers had a claim when they ended; Refused after too many. None if
        it was read in the meantime, or if its capture is lost: then it is due again."""
        page = self._frontier.page(uri)
        if page is None or page.state != "fetched":
            return None
        # The settings of a source that was removed or renamed are not known any more.
        source = self._sources.get(page.source) or Source(name=page.source, kind="urls", locations=())
        self._source_by_uri[uri] = source
        if tries:
            self._read_before.add(uri)
        if tries >= _MAX_TRIES:
            reason = f"{tries} workers ended while they had this page"
            return Refused(uri=uri, reason=reason, digest=page.digest, ended_worker=True)
        return captured(self._frontier, self._captures, page, source, self._since)


def captured(frontier: Frontier, captures: Captures, page: Page, source: Source, due_at: float) -> Resource | None:
    """Return a recorded page with its body; if its capture is lost or damaged, return None, and make it due."""
    body = captures.read(page.digest, max_bytes=MAX_CAPTURE)
    if body is None:
        frontier.save(replace(page, state="new", digest="", validators={}, due_at=due_at))
        return None
    return resource(page, body, source)
