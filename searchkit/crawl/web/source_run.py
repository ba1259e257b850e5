"""One source in a crawl: which of its pages may be fetched, how, and what limits it (pages, time, requests at once)."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from searchkit.crawl import feeds
from searchkit.crawl.base import CrawlResult, Source
from searchkit.crawl.web import sitemaps
from searchkit.crawl.web.fetching import FetchTask
from searchkit.crawl.web.http import Fetcher
from searchkit.crawl.web.pages import Page
from searchkit.crawl.web.politeness import Robots
from searchkit.crawl.web.response_handler import Crawl, ResponseHandler, captured

_CLAIM_SIZE = 16


class SourceRun(ResponseHandler):
    """One source in one crawl."""

    def __init__(
        self, source: Source, crawl: Crawl, fetcher: Fetcher, *, visited: set[str], wake: Callable[[str, str], object]
    ) -> None:
        super().__init__(source, crawl, visited=visited, wake=wake)
        self.fetcher = fetcher
        # Hosts that may have pages to fetch, and the pages that are being fetched (empty: a robots.txt).
        self.hosts: set[str] = set()
        self.under_way: list[str] = []
        self._requests = self._listings = 0
        self._read_robots: set[str] = set()

    @property
    def is_active(self) -> bool:
        """Return whether the source still has, or may have, something to fetch."""
        return not self.cut_short and bool(self.hosts or self.under_way)

    # --- begin and end -----------------------------------------------------------------------------------------------

    def hosts_due(self) -> list[str]:
        """Return the hosts that have pages due."""
        return self._frontier.hosts_due(self.owner, self._due_by)

    def unsettled(self) -> Iterator[CrawlResult]:
        """Yield from the captures what an earlier run recorded and was not settled, unless others read it."""
        urls = self._frontier.unsettled(self.owner) if self._options.claim_host is None else []
        self.visited.update(urls)
        for url in urls:
            page = self._frontier.page(url)
            if page is None or page.state != "fetched":
                continue
            found = captured(self._frontier, self._captures, page, self.source, self._started)
            if found is None:
                self.visited.discard(url)
                self._wake(page.host, self.owner)
                continue
            self._frontier.commit()
            yield found

    def cut(self, reason: str) -> None:
        """End the source, because its time is used up; what is due stays due."""
        count = self._frontier.count_due(self.owner, self._due_by)
        self.visited.difference_update(self.under_way)
        pages = "1 address waits" if count == 1 else f"{count:,} addresses wait"
        self.cut_short = f"{reason}; {pages} for the next run"
        self.hosts.clear()

    # --- requests ----------------------------------------------------------------------------------------------------

    def claim(self, host: str) -> list[FetchTask]:
        """Lease the next pages of a host; return their tasks."""
        pages = self._frontier.claim(
            self.owner,
            host,
            due_by=self._due_by,
            limit=_CLAIM_SIZE,
            only="" if self._may_list else "pages" if self._has_room else "locations",
        )
        return [FetchTask(url=page.url, page=page, owner=self.owner) for page in pages]

    @property
    def _has_room(self) -> bool:
        return self._requests < self.source.max_pages

    @property
    def _may_list(self) -> bool:
        # Lists take at most half of the pages, so that a site with many lists is not only lists.
        return self._has_room and self._listings < (self.source.max_pages + 1) // 2

    def has_room_for(self, page: Page) -> bool:
        """Return whether `max_pages` leaves room for a page, feed or sitemap; always for a feed, sitemap or start page
        that the user named."""
        return _is_named_list(page) or (self._has_room if page.role == "page" else self._may_list)

    def count(self, page: Page) -> None:
        """Count a request for a page."""
        if not _is_named_list(page):
            self._requests += 1
            self._listings += page.role != "page"

    def read_robots(self, origin: str, rules: Robots) -> None:
        """Add the sitemaps that the robots.txt of a site names, once."""
        if self.source.kind != "site" or origin in self._read_robots:
            return
        self._read_robots.add(origin)
        for address in rules.sitemaps:
            # A sitemap named in robots.txt belongs to the site wherever it is (sitemaps.org, "Cross Submits").
            lead = self.discovery.listing(address, "sitemap", base=origin, depth=1, anywhere=True)
            if lead is not None:
                self.add_lead(lead)

    def with_conditions(self, task: FetchTask, page: Page, rules: Robots) -> FetchTask:
        """Add rules, size limit and the conditions of the request."""
        limits = {"feed": feeds.MAX_BYTES, "sitemap": sitemaps.MAX_BYTES}
        return replace(
            task,
            rules=rules,
            validators=page.validators if self._may_be_unmodified(page) else {},
            validated=page.final_url or page.url,
            max_bytes=limits.get(page.role, self.source.max_bytes),
        )

    def _may_be_unmodified(self, page: Page) -> bool:
        """Return whether a 304 loses nothing: the page was settled, and its links were followed."""
        is_walked = page.walk_settings == self._settings
        if page.role != "page" or not page.changed_at:  # a listing
            return page.state == "settled" and is_walked and bool(self.source.every)
        return page.state == "settled" and (is_walked or self.source.kind != "site")


def _is_named_list(page: Page) -> bool:
    return page.depth == 0 and page.role != "page"
