"""Decide what follows from an answer: what is recorded, which leads are added, and which result is yielded."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from searchkit.crawl import base as crawl_base
from searchkit.crawl import feeds
from searchkit.crawl.media_types import CONTAINERS, HTML, XHTML, detect, root_element, unsupported_reason
from searchkit.crawl.web import redirects, sitemaps
from searchkit.crawl.web.addresses import canonical, canonical_or_empty, host_of
from searchkit.crawl.web.captures import Captures, WarcWriter
from searchkit.crawl.web.discovery import Discovery, continues, first_page
from searchkit.crawl.web.frontier import STATED_UNCHANGED_SECONDS, Frontier
from searchkit.crawl.web.links import Links, links
from searchkit.crawl.web.pages import FetchFailed, Lead, Page, Response, Role, answered_page, resource
from searchkit.crawl.web.politeness import backoff, header_instructions
from searchkit.crawl.web.redirects import PageFingerprint, fingerprint, is_front_page
from searchkit.statements.document import Resource

MAX_TRIES = 6
# cron may start a run some seconds earlier than the last time.
_EARLY = 60.0
# RFC 9111, 4.2.2: a page likely stays unchanged for a tenth of the time since its last change.
_FRESHNESS = 0.1
_MAX_FRESHNESS = timedelta(days=30).total_seconds()
# A site that generates addresses must not fill the disk.
_MAX_WAITING = 100_000
_GONE = frozenset({404, 410})
_HTML = frozenset({HTML, XHTML})
_LIST_ROOTS = frozenset({b"rss", b"rdf", b"feed", b"urlset", b"sitemapindex"})
# The largest capture that any run may have made.
MAX_CAPTURE = sitemaps.MAX_BYTES
OUTSIDE = "redirects to an address outside the source"


Results = list[crawl_base.CrawlResult]


class Crawl(Struct, frozen=True, kw_only=True):
    """What all sources of a crawl share. `ends_at` is when the time is used up, on the monotonic clock."""

    options: crawl_base.CrawlOptions
    started: datetime
    ends_at: float
    now: Callable[[], datetime]
    frontier: Frontier
    captures: Captures
    warc: WarcWriter | None


class ResponseHandler:
    """Handles the answers for the pages of one source. `visited` are the pages visited in the crawl, each at most once.
    `wake` is called with each host that has new pages, and the owner of the pages."""

    def __init__(
        self, source: crawl_base.Source, crawl: Crawl, *, visited: set[str], wake: Callable[[str, str], object]
    ) -> None:
        self._frontier, self._captures, self.visited = crawl.frontier, crawl.captures, visited
        self.source = source
        self._walks = source.kind == "site"
        self._options = crawl.options
        self._is_forgotten = crawl.options.is_forgotten
        self._started = crawl.started.timestamp()
        self._due_by = self._started + min(_EARLY, source.every.total_seconds() / 10)
        self._now = crawl.now
        self._wake = wake
        # Why the source was ended before everything was fetched; empty if it was not.
        self.cut_short = ""
        self.discovery = Discovery(source, now=crawl.started)
        self.owner = self.discovery.owner
        self._settings = self.discovery.settings
        self._waiting = self._frontier.waiting(self.owner)
        # Locations of the source as written, by canonical address. Results name them as written.
        self._locations: dict[str, str] = {}
        # Pages of other sources that were named by hand, with these sources.
        self._borrowed: dict[str, str] = {}
        # Digests of bodies that were replaced.
        self.superseded: list[str] = []

    # --- locations ---------------------------------------------------------------------------------------------------

    def begin(self) -> Results:
        """End the leases of an earlier run; make the locations due, and all known pages if the run fetches them again.
        Return the locations that are invalid or forgotten."""
        self._frontier.release_of(self.owner)
        refused: Results = []
        self._frontier.compare_aliases_again(self.owner, self._started - _MAX_FRESHNESS, self._started)
        for written, lead in self.discovery.locations():
            if isinstance(lead, str):
                refused.append(crawl_base.Refused(uri=written, reason=lead))
            elif self._is_forgotten(lead.url):
                refused.append(crawl_base.Postponed(uri=written, reason=crawl_base.FORGOTTEN))
            elif lead.url not in self._locations:
                self._locations[lead.url] = written
                known = self._frontier.page(lead.url)
                if known is not None and known.source != self.owner and not self.source.name:
                    self._borrowed[lead.url] = known.source
                self.add_lead(lead)
                page = self._frontier.page(lead.url)
                # Listings are fetched in every run, and so is everything given on the command line, even an alias.
                if page is not None and (page.role != "page" or not self.source.every):
                    state = "new" if page.state == "alias" else page.state
                    self._frontier.save(replace(page, due_at=self._started, state=state))
        self._frontier.keep_locations(self.owner, self._locations)
        if self._options.retry_failed:
            self._frontier.retry(self.owner, self._started)
        if self._options.refetch:
            self._frontier.make_due(self.owner)
        return refused

    def unvisited(self, why_closed: Callable[[str], str], reported: set[str]) -> Results:
        """Return the results at the end of a run that need no answer.

        These are due locations that were not fetched, because the source was cut short or a host closed (`why_closed`),
        locations that are still refused, and states that no run has `reported` yet, because it was killed.
        """
        self._frontier.give_back(self._borrowed)
        results: Results = []
        done = set(reported)
        for url, written in self._locations.items():
            page = self._frontier.page(url) if url not in self.visited else None
            if page is None or page.state == "alias":
                continue
            reason = (self.cut_short if page.role != "page" else "") or why_closed(page.host)
            if reason and page.due_at <= self._due_by:
                results.append(crawl_base.Postponed(uri=written, reason=reason))
            elif page.state in {"refused", "withheld"}:
                results.append(self._state_of(page))
            else:
                continue
            done.add(url)
        results += [self._state_of(page) for page in self._frontier.unreported(self.owner) if page.url not in done]
        return results

    def _state_of(self, page: Page) -> crawl_base.CrawlResult:
        """Return the result for a page that is refused, withheld or gone, or no longer so."""
        if page.state in {"settled", "alias"}:
            return crawl_base.Recovered(uri=self._written(page))
        if page.reason == crawl_base.FORGOTTEN:
            return crawl_base.Postponed(uri=self._written(page), reason=crawl_base.FORGOTTEN)
        if page.state == "gone":
            return crawl_base.Gone(uri=page.url, reason=page.reason)
        result = crawl_base.Withheld if page.state == "withheld" else crawl_base.Refused
        return result(uri=self._written(page), reason=page.reason, reported=not page.unreported)

    def _written(self, page: Page) -> str:
        return self._locations.get(page.url, page.url)

    def add_lead(self, lead: Lead) -> bool:
        """Add a lead to the frontier; return whether its page is due now."""
        if self._is_forgotten(lead.url):
            return False
        if lead.depth and self._waiting >= _MAX_WAITING and self._frontier.page(lead.url) is None:
            return False
        if self._options.refetch or not self.source.every:
            lead = replace(lead, modified=0.0)
        is_due = self._frontier.add(lead, source=self.owner, now=self._started, may_be_due=self._may_be_due)
        if is_due:
            self._waiting += 1
            self._wake(host_of(lead.url), self.owner)
        return is_due

    def _may_be_due(self, page: Page) -> bool:
        every = self.source.every.total_seconds()
        return page.url not in self.visited and page.fetched_at + every <= self._started + _EARLY

    # --- pages without a usable answer -------------------------------------------------------------------------------

    def failed(self, page: Page, failure: FetchFailed) -> Results:
        """Record that there is no response for `page`."""
        if failure.temporary:
            tries = page.tries + 1
            if tries >= MAX_TRIES:
                return self.refused(replace(page, tries=tries), f"{failure.reason}; given up after {MAX_TRIES} tries")
            wait = backoff(tries, retry_after=failure.retry_after)
            due_at = self._now().timestamp() + wait.total_seconds()
            self._frontier.save(replace(page, tries=tries, due_at=due_at, status=failure.status))
            return [crawl_base.Postponed(uri=self._written(page), reason=failure.reason)]
        if failure.status in _GONE and page.changed_at:
            return self._gone(page, failure.reason, status=failure.status)
        if failure.forbidden and page.role == "page":
            return self.withheld(page, failure.reason)
        return self.refused(page, failure.reason, status=failure.status)

    def refused(self, page: Page, reason: str, *, status: int = 0) -> Results:
        """Record that `page` cannot be fetched or read; reported once, and for locations in every run."""
        return self._closed(replace(page, state="refused", reason=reason, status=status))

    def withheld(self, page: Page, reason: str, *, status: int = 0) -> Results:
        """Record that the publisher asks not to index `page`; reported as `refused`."""
        return self._closed(replace(page, state="withheld", reason=reason, status=status))

    def _closed(self, page: Page) -> Results:
        before = self._frontier.page(page.url)
        is_known = before is not None and (before.state, before.reason) == (page.state, page.reason)
        reported = is_known and before is not None and not before.unreported and not self._options.retry_failed
        page = self._due(replace(page, validators={}, walk_settings="", elsewhere_since=0.0, unreported=not reported))
        self._frontier.save(page)
        return [] if reported and page.url not in self._locations else [self._state_of(page)]

    def _gone(self, page: Page, reason: str, *, status: int) -> Results:
        """Record that `page` no longer exists; reported whenever it is fetched."""
        page = replace(page, state="gone", reason=reason, status=status, tries=0, validators={}, walk_settings="")
        page = self._due(replace(page, elsewhere_since=page.elsewhere_since or self._started, unreported=True))
        self._frontier.save(page)
        return [self._state_of(page)]

    # --- redirects and aliases ---------------------------------------------------------------------------------------

    def make_alias(self, page: Page, url: str) -> None:
        """Record that `page`, which never had a document, leads to the known page `url`: it is not fetched again."""
        self._frontier.save(replace(page, state="alias", final_url=url, tries=0))

    def known_as(self, page: Page, url: str) -> Page | None:
        """Return the known page at `url`, where `page` leads to; None if `page` has a document of its own."""
        if page.role != "page" or url == page.url or page.changed_at:
            return None
        known = self._frontier.page(url)
        return known if known is not None and known.role == "page" and known.state != "alias" else None

    def untried_address(self, page: Page, tried: tuple[str, ...]) -> str:
        """Return another address that answered with the article of `page`, is not that of another page, and was not
        `tried`; empty if there is none."""
        for url in self._frontier.other_addresses(page):
            known = self._frontier.page(url)
            if url not in tried and (known is None or known.state == "alias" or not known.changed_at):
                return url
        return ""

    def led_away(self, page: Page, url: str, reason: str, *, permanent: bool) -> Results:
        """Record that `page` redirects to `url`, which is not its article."""
        if not page.changed_at:
            return self.refused(page, reason)
        if reason == redirects.TO_OTHER_PAGE and page.url in self._locations:
            # The location of a source may lead to a new page every day: the latest column.
            depth = max(1, page.depth)
            self.add_lead(Lead(url=url, depth=depth, priority=page.priority))
        since = page.elsewhere_since or self._started
        proven_at = since + redirects.PROVEN_AFTER.total_seconds()
        if permanent or self._started >= proven_at or page.state == "gone":
            return self._gone(page, reason, status=0)
        page = self._due(replace(page, elsewhere_since=since, tries=0))
        self._frontier.save(replace(page, due_at=min(page.due_at, max(proven_at, self._started))))
        return [crawl_base.Postponed(uri=self._written(page), reason=f"{reason}; may be temporary")]

    def _why_elsewhere(self, page: Page, response: Response, url: str) -> str:
        """Return why the new address `url` of `page` does not have its article; empty if it has."""
        if not self.discovery.selects(url):
            return OUTSIDE
        known = self._frontier.page(url)
        if known is not None and known.role == "start":
            return redirects.TO_FRONT_PAGE
        is_html = detect(response.media_type, response.body) in _HTML
        new = fingerprint(response.body, url, response.charset) if is_html else PageFingerprint(url=url)
        if not page.changed_at:
            return redirects.leads_to_no_article(page.url, new) if is_html else ""
        if response.digest == page.digest:
            return ""
        body = self._captures.read(page.digest, max_bytes=MAX_CAPTURE) if page.digest else None
        old_url = page.final_url or page.url
        old = PageFingerprint(url=old_url, titles=redirects.titles(page.hint.get("title", "")))
        if body is not None and detect(page.media_type, body) in _HTML:
            old = fingerprint(body, old_url, page.charset)
        elif body is not None and not is_html:  # a file that was moved to another folder keeps its name
            is_same = page.url.rpartition("/")[2] == url.rpartition("/")[2] != ""
            return "" if is_same else redirects.TO_OTHER_PAGE
        return redirects.leads_elsewhere(replace(old, canonical=old.canonical or page.url), new)

    # --- answers -----------------------------------------------------------------------------------------------------

    def answered(self, page: Page, response: Response) -> Results:
        """Handle a response for `page`, whose body is captured."""
        results = self._answered(page, response)
        if page.state == "refused" and not any(canonical(result.uri) == page.url for result in results):
            updated = self._frontier.page(page.url)
            if updated is not None and updated.state in {"settled", "alias"}:
                # If this run is killed, the next one reports it.
                self._frontier.save(replace(updated, unreported=True))
                results.append(crawl_base.Recovered(uri=self._written(page)))
        return results

    def _answered(self, page: Page, response: Response) -> Results:
        url = canonical(response.final_url)
        if response.status == 304:
            return self._unmodified(answered_page(page, response, url))
        other = self.known_as(page, url)
        if other is not None:
            self.make_alias(page, other.url)
            if other.url in self.visited:
                return []
            # This is an answer for the other page.
            self.visited.add(other.url)
            page = replace(other, hint=other.hint or page.hint)
        elif self._is_forgotten(url):
            return self._forgotten(answered_page(page, response, ""), response.digest)
        elif page.role == "page" and url != (page.final_url or page.url):
            reason = self._why_elsewhere(page, response, url)
            if reason:
                return self.led_away(page, url, reason, permanent=response.permanent_redirect)
            page = replace(page, moved=page.moved or bool(page.changed_at))
        before = answered_page(page, response, url)
        page = replace(before, digest=response.digest, media_type=response.media_type, charset=response.charset)
        if before.digest not in {"", page.digest}:
            self.superseded.append(before.digest)
        role = page.role
        if self.source.kind == "urls" and page.depth == 0:
            role = _detect_role(response)
        if role in {"feed", "sitemap"}:
            return self._listing(replace(page, role=role), before, response.body)
        return self._page(page, before, response)

    def _unmodified(self, page: Page) -> Results:
        if page.role != "page" or not page.changed_at:
            self._frontier.save(self._due(page))
            self._list_unchanged(page)
            return []
        self._frontier.save(self._due(replace(page, state="settled", unreported=False)))
        return [crawl_base.Unmodified(uri=page.url)]

    def _listing(self, page: Page, before: Page, body: bytes) -> Results:
        was_read = page.digest == before.digest and page.state == "settled" and before.walk_settings == self._settings
        if was_read and self.source.every:
            self._frontier.save(self._due(page))
            return []
        base = page.final_url
        try:
            leads = self._listed(page, body)
        except ValueError as error:
            reason = str(error)
            if reason == "not a feed" and detect(page.media_type, body) in _HTML and (named := links(body, base).feeds):
                reason = f"not a feed, but the page names one: {named[0]}"
            return self.refused(page, reason, status=page.status)
        if not leads and not self.source.every:
            return self.refused(page, "lists no page to fetch", status=page.status)
        for lead in leads:
            self.add_lead(lead)
        self._settle_list(page, leads)
        return []

    def _listed(self, page: Page, body: bytes) -> list[Lead]:
        if page.role == "feed":
            return list(self.discovery.from_feed(feeds.parse_feed(body, page.final_url), page, page.final_url))
        return list(self.discovery.from_sitemap(sitemaps.parse_sitemap(body), page, page.final_url))

    def _list_unchanged(self, page: Page) -> None:
        """Take from a feed or sitemap that the server states to be unchanged that its pages are unchanged, too."""
        if page.role not in {"feed", "sitemap"}:
            return
        body = self._captures.read(page.digest, max_bytes=MAX_CAPTURE) if page.digest else None
        for lead in self._listed(page, body) if body else ():
            if lead.role == "page" and (page.role == "feed" or lead.modified):
                self.add_lead(replace(lead, modified=lead.modified or 1.0))

    def _settle_list(self, page: Page, leads: Iterable[Lead]) -> None:
        """Record a list of pages. If it names a forgotten page, it is not kept, but read again in every run."""
        page = replace(page, walk_settings=self._walk_settings, state="settled")
        if any(self._is_forgotten(lead.url) for lead in leads):
            page = replace(self._without_capture(page, page.digest), walk_settings="")
        self._frontier.save(self._due(page))

    @property
    def _walk_settings(self) -> str:
        return self._settings if self._waiting < _MAX_WAITING else ""

    def _page(self, page: Page, before: Page, response: Response) -> Results:
        kind = detect(response.media_type, response.body)
        if reason := _unreadable(kind, response):
            return self.refused(page, reason, status=page.status)
        found = links(response.body, response.final_url) if kind in _HTML else Links()
        # A page with a document is not believed to be another page.
        if not page.changed_at and self._is_forgotten(canonical_or_empty(found.canonical)):
            return self._forgotten(page, page.digest)
        instructions = header_instructions(response.headers)
        target = canonical_or_empty(found.refresh)
        if target not in {"", page.url, page.final_url} and page.role == "page":
            return self._refreshes(page, target)
        leads: list[Lead] = []
        if self._walks and not found.nofollow and not instructions & {"nofollow", "none"}:
            leads = self._follow(found, page, response.final_url)
        page = replace(page, walk_settings=self._walk_settings, leads_on=found.leads_on or found.is_list)
        # A section, archive or front page of a site changes with every story, and is not a document.
        if page.role == "start" or (found.is_list and (self._walks or self.source.kind == "sitemap")):
            self._settle_list(page, leads)
            return []
        if found.is_list and is_front_page(page.url) and not page.changed_at:
            return self.refused(page, "is a front page, not an article; add the site as a source", status=page.status)
        is_withheld = found.noindex or not instructions.isdisjoint({"noindex", "none"})
        return self._article(page, before, response, is_withheld=is_withheld)

    def _article(self, page: Page, before: Page, response: Response, *, is_withheld: bool) -> Results:
        if is_withheld:
            if not self._walks:
                return self.withheld(page, "marked noindex by its publisher", status=page.status)
            self._frontier.save(self._due(replace(page, state="settled")))
            return []
        if page.digest == before.digest and page.changed_at and before.state in {"settled", "refused"}:
            self._frontier.save(self._due(replace(page, state="settled", unreported=False)))
            return [crawl_base.Unmodified(uri=page.url)]
        changed_at = page.changed_at or page.fetched_at
        page = self._due(replace(page, state="fetched", changed_at=changed_at, unreported=False))
        self._frontier.save(page)
        self._frontier.add_fetch(page.url, response)
        return [resource(page, response.body, self.source)]

    def _follow(self, found: Links, page: Page, base: str) -> list[Lead]:
        """Add the pages that a page of a site links to; return them. If a list has new pages, its further pages may
        have changed."""
        leads = list(self.discovery.from_links(found, page, base))
        further: dict[bool, list[Lead]] = {False: [], True: []}
        for lead in leads:
            further[continues(lead.url, page.url)].append(lead)
        has_new = sum(map(self.add_lead, further[False])) > 0
        for lead in further[True]:
            self.add_lead(replace(lead, modified=self._started) if has_new else lead)
        return leads

    def _refreshes(self, page: Page, url: str) -> Results:
        """Handle a page that sends its readers on, as a redirect."""
        if page.changed_at:
            return self.led_away(page, url, redirects.TO_OTHER_PAGE, permanent=False)
        if not self.discovery.selects(url):
            return self.refused(page, OUTSIDE)
        self.add_lead(Lead(url=url, depth=max(1, page.depth), priority=page.priority, hint=page.hint))
        self.make_alias(page, url)
        return []

    def _forgotten(self, page: Page, digest: str) -> Results:
        """Handle a forgotten page that came under another address."""
        page = self._without_capture(page, digest)
        self._frontier.save(
            self._due(replace(page, state="refused", reason=crawl_base.FORGOTTEN, validators={}, walk_settings=""))
        )
        return [crawl_base.Postponed(uri=self._written(page), reason=crawl_base.FORGOTTEN)]

    def _without_capture(self, page: Page, digest: str) -> Page:
        """Return `page` without its capture, which is deleted unless another page has it."""
        if self._frontier.release_capture(page.url, digest):
            self._captures.drop(digest)
        return replace(page, digest="" if page.digest == digest else page.digest)

    def _due(self, page: Page) -> Page:
        """Return `page` with its next due time: listings in every run, their further pages less often, pages less often
        the longer they are unchanged, and gone pages by when they went, because they may come back."""
        since = (page.state == "gone" and page.elsewhere_since) or page.changed_at or page.first_seen
        wait = min((self._started - since) * _FRESHNESS, _MAX_FRESHNESS)
        if page.role != "page":
            wait = 0.0
        elif page.leads_on:
            wait = STATED_UNCHANGED_SECONDS if first_page(page.url) != page.url.rstrip("?&/") else 0.0
        return replace(page, due_at=self._started + max(self.source.every.total_seconds(), wait))


def captured(
    frontier: Frontier, captures: Captures, page: Page, source: crawl_base.Source, due_at: float
) -> Resource | None:
    """Return a recorded page with its body; if its capture is lost or damaged, return None, and make it due."""
    body = captures.read(page.digest, max_bytes=MAX_CAPTURE)
    if body is None:
        frontier.save(replace(page, state="new", digest="", validators={}, due_at=due_at))
        return None
    return resource(page, body, source)


def _unreadable(kind: str | None, response: Response) -> str:
    """Return why a response of this media type is not a page; empty if it may be one."""
    if kind is None:
        return unsupported_reason(response.media_type, response.body)
    return f"not a page ({kind})" if kind in CONTAINERS else ""


def _detect_role(response: Response) -> Role:
    """Return the role of an address from the command line. Some servers declare feeds as HTML."""
    if detect(response.media_type, response.body) not in _HTML or root_element(response.body) in _LIST_ROOTS:
        if feeds.is_feed(response.body):
            return "feed"
        if sitemaps.is_sitemap(response.body):
            return "sitemap"
    return "page"
