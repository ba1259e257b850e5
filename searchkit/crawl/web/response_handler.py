"""What becomes of an answer: what is recorded of it, what it leads to, and what is handed on."""

import random
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from searchkit.crawl import feeds
from searchkit.crawl.base import FORGOTTEN, Found, Gone, Mended, Postponed, Refused, Source, Unmodified, Withheld
from searchkit.crawl.media_types import CONTAINERS, HTML, XHTML, settled, why_unread
from searchkit.crawl.web import redirects as moves
from searchkit.crawl.web import sitemaps
from searchkit.crawl.web.addresses import canonical
from searchkit.crawl.web.discovery import Discovery, host_of, origin_of
from searchkit.crawl.web.fetch_pool import Answered
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.links import Links, links
from searchkit.crawl.web.pages import Fetch, Lead, Page, Role
from searchkit.crawl.web.politeness import PRODUCT, backoff
from searchkit.crawl.web.resources import resource
from searchkit.crawl.web.responses import FetchFailed, Response

MAX_TRIES = 6
# RFC 9111, 4.2.2: a tenth of the time since it last changed is how long a page is likely to stay as it is.
_SHARE = 0.1
_LONGEST = timedelta(days=30).total_seconds()
# A site that makes up addresses must not fill the disk: with more than this unanswered, no more are taken up.
_MAX_WAITING = 100_000
_GONE = frozenset({404, 410})
_HTML = frozenset({HTML, XHTML})
# So many pages of a host tell what stands on all of them.
_NEIGHBORS = 3
# What a page of HTML does not begin with, whatever its server says.
_BEGINS_AS_XML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,200}(?:<\?xml[^<>]{0,200}\?>\s{0,200})?(?:<!--[^<>]{0,400}-->\s{0,200})?"
    rb"<(?:[a-zA-Z]{1,20}:)?(?:rss|RDF|feed|urlset|sitemapindex)[\s>]"
)
NOT_WANTED = "redirects to an address that is not wanted"


class Taking:
    """Takes what was answered for the pages of one source in one run.

    `on_lead` hears of hosts that have more to do; `kept` gives the body of a digest from the captures, None when it is
    not there; `retry_failed` tells again what was told.

    Addresses that are `is_forgotten` are not taken up. What came of one all the same, or names one in a list of pages,
    is given to `drop`, by its digest, and not kept.
    """

    def __init__(
        self,
        frontier: Frontier,
        source: Source,
        *,
        started: datetime,
        clock: Callable[[], datetime],
        on_lead: Callable[[str], None],
        kept: Callable[[str], bytes | None],
        retry_failed: bool,
        is_forgotten: Callable[[str], bool] = lambda _address: False,
        drop: Callable[[str], None] = lambda _digest: None,
    ) -> None:
        self._kept = kept
        self._retry_failed = retry_failed
        self._frontier = frontier
        self._is_forgotten = is_forgotten
        self._drop = drop
        self._source = source
        self._started = started.timestamp()
        self._clock = clock
        self._on_lead = on_lead
        self.discovery = Discovery(source, now=started)
        self.owner = self.discovery.owner
        self.settings = self.discovery.settings
        self._waiting = frontier.waiting(self.owner)
        # Addresses as canonical, to those as written in the source.
        self._locations: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        # What was looked at in this run: nothing is asked twice in one.
        self.seen: set[str] = set()
        # The bodies of pages for which others came.
        self.superseded: list[str] = []

    # --- where to begin ----------------------------------------------------------------------------------------------

    def begin(self) -> list[Found]:
        """Make the locations of the source due, and say which cannot be asked at all."""
        refused: list[Found] = []
        for written, lead in self.discovery.locations():
            if isinstance(lead, str):
                refused.append(Refused(uri=written, reason=lead))
            elif self._is_forgotten(lead.url):
                refused.append(Postponed(uri=written, reason=FORGOTTEN))
            elif lead.url not in self._locations:
                self._locations[lead.url] = written
                self._addresses[written] = lead.url
                self.take_up(lead)
                page = self._frontier.page(lead.url)
                # Lists are asked at every run, and so is everything that is asked for by hand: whoever names an alias,
                # too, wants to know what became of it.
                if page is not None and (page.role != "page" or not self._source.every):
                    state = "new" if page.state == "alias" else page.state
                    self._frontier.save(replace(page, due_at=self._started, state=state))
        self._frontier.keep_locations(self.owner, self._locations)
        if self._retry_failed:
            self._frontier.retry(self.owner, self._started)
        return refused

    def not_asked(self, due_by: float, why_not: Callable[[str], str], handed_on: set[str]) -> list[Found]:
        """What there is to say at the end of a run: of locations that were due and could not be asked, as `why_not`
        says of their hosts; of those that are still not to be had; and of what nobody has heard of yet, because the run
        that found it was killed or ended. `handed_on` are the addresses of what was told in this run."""
        found: list[Found] = []
        told = set(handed_on)
        for url, written in self._locations.items():
            page = self._frontier.page(url) if url not in self.seen else None
            if page is None or page.state == "alias":
                continue
            reason = why_not(page.host) if page.due_at <= due_by else ""
            if reason:
                found.append(Postponed(uri=written, reason=reason))
                told.add(url)
            elif page.state in {"refused", "withheld"}:
                found.append(self._telling(page))
                told.add(url)
        found += [self._telling(page) for page in self._frontier.untold(self.owner) if page.url not in told]
        return found

    def _telling(self, page: Page) -> Found:
        """What there is to tell of a page that is refused, withheld or gone, or is not any more."""
        if page.state in {"settled", "alias"}:
            return Mended(uri=self._named(page))
        if page.reason == FORGOTTEN:
            return Postponed(uri=self._named(page), reason=FORGOTTEN)
        if page.state == "gone":
            return Gone(uri=page.url, reason=page.reason)
        if page.state == "withheld":
            return Withheld(uri=self._named(page), reason=page.reason, told=not page.untold)
        return Refused(uri=self._named(page), reason=page.reason, told=not page.untold)

    def url_of(self, told: Found) -> str:
        """The address of the page that something is told of: a location is told as it was written."""
        return self._addresses.get(told.uri, told.uri)

    def take_up(self, lead: Lead) -> None:
        """Add a lead to the frontier."""
        if self._is_forgotten(lead.url):
            return
        if lead.role == "page" and self._waiting >= _MAX_WAITING and self._frontier.page(lead.url) is None:
            return
        if self._frontier.add(lead, source=self.owner, now=self._started, may_be_due=self._may_be_due):
            self._waiting += 1
            self._on_lead(lead.host)

    def _may_be_due(self, page: Page) -> bool:
        return page.url not in self.seen and page.fetched_at + self._source.every.total_seconds() <= self._started + 60

    # --- answers -----------------------------------------------------------------------------------------------------

    def failed(self, page: Page, failure: FetchFailed) -> Found | None:
        """There is no response for `page`."""
        if failure.passing:
            tries = page.tries + 1
            if tries >= MAX_TRIES:
                return self.refused(replace(page, tries=tries), f"{failure.reason}; given up after {MAX_TRIES} tries")
            wait = backoff(tries, retry_after=failure.retry_after, jitter=random.random())  # noqa: S311 - no secret
            due_at = self._clock().timestamp() + wait.total_seconds()
            self._frontier.save(replace(page, tries=tries, due_at=due_at, status=failure.status))
            return Postponed(uri=self._named(page), reason=failure.reason)
        if failure.status in _GONE and page.changed_at:
            return self._gone(page, failure.reason, status=failure.status)
        if failure.forbidden and page.role == "page":
            return self.withheld(page, failure.reason)
        return self.refused(page, failure.reason, status=failure.status)

    def refused(self, page: Page, reason: str, *, status: int = 0) -> Found | None:
        """`page` cannot be had, as `reason` says; told once, and of locations at every run."""
        return self._closed(replace(page, state="refused", reason=reason, status=status))

    def withheld(self, page: Page, reason: str, *, status: int = 0) -> Found | None:
        """The publisher asks not to take `page`, as `reason` says; told as what is refused."""
        return self._closed(replace(page, state="withheld", reason=reason, status=status))

    def _closed(self, page: Page) -> Found | None:
        before = self._frontier.page(page.url)
        same = before is not None and (before.state, before.reason) == (page.state, page.reason)
        told = same and before is not None and not before.untold and not self._retry_failed
        page = self._due(replace(page, validators={}, walked="", astray_at=0.0, untold=not told))
        self._frontier.save(page)
        return None if told and page.url not in self._locations else self._telling(page)

    def _gone(self, page: Page, reason: str, *, status: int) -> Found:
        """`page` was had, and is not there any more."""
        page = replace(page, state="gone", reason=reason, status=status, tries=0, validators={}, walked="")
        page = self._due(replace(page, astray_at=page.astray_at or self._started, untold=True))
        self._frontier.save(page)
        # Whenever it is asked for: nobody says whether it was heard of the last time.
        return self._telling(page)

    def alias(self, page: Page, url: str) -> None:
        """`page`, which was never had itself, leads to `url`, which is known: it is not asked again."""
        self._frontier.save(replace(page, state="alias", final_url=url, tries=0))

    def known_as(self, page: Page, url: str) -> Page | None:
        """The other page that `url`, where `page` leads to, is known as already. What was had itself is no other page,
        wherever it leads by now: it has a document of its own."""
        if page.role != "page" or url == page.url or page.changed_at:
            return None
        known = self._frontier.page(url)
        return known if known is not None and known.role == "page" and known.state != "alias" else None

    def moved_to(self, page: Page, tried: tuple[str, ...]) -> str:
        """Another address where the article of `page` was answered, which is not that of another page and not among
        those `tried`; empty without one."""
        for url in self._frontier.answered_at(page):
            there = self._frontier.page(url)
            if url not in tried and (there is None or there.state == "alias" or not there.changed_at):
                return url
        return ""

    def led_away(self, page: Page, url: str, reason: str, *, for_good: bool) -> Found | None:
        """`page` leads to `url`, where its article is not, as `reason` says; `for_good`: by permanent redirects."""
        if not page.changed_at:
            return self.refused(page, reason)
        if reason == moves.ANOTHER and page.url in self._locations:
            # Somebody gave this address, for whatever it leads to: the latest column, the edition of the day.
            depth = max(1, page.depth)
            self.take_up(Lead(url=url, host=host_of(url), depth=depth, priority=page.priority))
        since = page.astray_at or self._started
        proven = self._started - since >= moves.PROVEN_AFTER.total_seconds()
        if for_good or proven or page.state == "gone":
            return self._gone(page, reason, status=0)
        page = self._due(replace(page, astray_at=since, tries=0))
        proof_at = since + moves.PROVEN_AFTER.total_seconds()
        self._frontier.save(replace(page, due_at=min(page.due_at, max(proof_at, self._started))))
        return Postponed(uri=self._named(page), reason=f"{reason}, which may pass")

    def answered(self, page: Page, answer: Answered) -> list[Found]:
        """There is a response for `page`, and its body is among the captures."""
        told = self._answered(page, answer)
        found = [told] if told is not None else []
        if page.state == "refused" and not any(self.url_of(one) == page.url for one in found):
            now = self._frontier.page(page.url)
            if now is not None and now.state in {"settled", "alias"}:
                # A run that is killed before the store knows leaves it to the next one to tell.
                self._frontier.save(replace(now, untold=True))
                found.append(Mended(uri=self._named(page)))
        return found

    def _answered(self, page: Page, answer: Answered) -> Found | None:
        response = answer.response
        url = canonical(response.final_url)
        if response.status == 304:
            return self._unmodified(_with(page, answer, url))
        other = self.known_as(page, url)
        if other is not None:
            self.alias(page, other.url)
            if other.url in self.seen:
                return None
            # What came is an answer for that page.
            self.seen.add(other.url)
            page = replace(other, hint=other.hint or page.hint)
        elif self._is_forgotten(url):
            return self._forgotten(_with(page, answer, ""), answer.digest)
        elif page.role == "page" and url != (page.final_url or page.url):
            reason = self._elsewhere(page, answer, url)
            if reason:
                return self.led_away(page, url, reason, for_good=response.moved_for_good)
            page = replace(page, moved=page.moved or bool(page.changed_at))
        before = _with(page, answer, url)
        page = replace(before, digest=answer.digest, media_type=response.media_type, charset=response.charset)
        if before.digest not in {"", page.digest}:
            self.superseded.append(before.digest)
        role = page.role
        if self._source.kind == "urls" and page.depth == 0:
            role = _role(response)
        if role in {"feed", "sitemap"}:
            return self._listing(replace(page, role=role), before, response.body)
        return self._page(page, before, response)

    def _elsewhere(self, page: Page, answer: Answered, url: str) -> str:
        """Why `url`, where `page` was answered from for the first time, does not have its article; empty if it has."""
        response = answer.response
        if not self.discovery.takes(url):
            return NOT_WANTED
        known = self._frontier.page(url)
        if known is not None and known.role == "start":
            return moves.FRONT
        is_html = settled(response.media_type, response.body) in _HTML
        new = moves.sight(response.body, url, response.charset) if is_html else moves.Sight(url=url)
        if not page.changed_at:
            return moves.no_article(page.url, new) if is_html else ""
        if answer.digest == page.digest:
            return ""
        before_at = page.final_url or page.url
        body = self._kept(page.digest) if page.digest else None
        was_html = body is not None and settled(page.media_type, body) in _HTML
        old = moves.Sight(url=before_at, titles=moves.titles(page.hint.get("title", "")))
        if body is not None and was_html:
            old = moves.sight(body, before_at, page.charset)
        elif body is not None and not is_html:
            return "" if moves.same_name(page.url, url) else moves.ANOTHER
        old = replace(old, canonical=old.canonical or page.url)
        others = self._frontier.neighbors(page, _NEIGHBORS) if was_html else []
        bodies = ((other, self._kept(other.digest)) for other in others)
        shown = [moves.sight(kept, other.url, other.charset) for other, kept in bodies if kept is not None]
        return moves.leads_elsewhere(old, new, shown)

    def _unmodified(self, page: Page) -> Found | None:
        if page.role != "page" or not page.changed_at:
            self._frontier.save(self._due(page))
            return None
        self._frontier.save(self._due(replace(page, state="settled", untold=False)))
        return Unmodified(uri=page.url)

    def _listing(self, page: Page, before: Page, body: bytes) -> Found | None:
        """A feed or a sitemap was answered."""
        is_read = page.digest == before.digest and page.state == "settled" and before.walked == self.settings
        if is_read and self._source.every:
            self._frontier.save(self._due(page))
            return None
        try:
            if page.role == "feed":
                leads = list(self.discovery.from_feed(feeds.entries(body, page.final_url), page, page.final_url))
            else:
                leads = list(self.discovery.from_sitemap(sitemaps.read(body, page.final_url), page, page.final_url))
        except ValueError as error:
            return self.refused(page, _with_advice(str(error), body, page), status=page.status)
        if not leads and not self._source.every:
            return self.refused(page, "names no page that could be fetched", status=page.status)
        for lead in leads:
            self.take_up(lead)
        page = replace(page, walked=self.settings if self._waiting < _MAX_WAITING else "")
        self._frontier.save(self._due(replace(self._without_forgotten(page, leads), state="settled")))
        return None

    def _page(self, page: Page, before: Page, response: Response) -> Found | None:
        """A page was answered."""
        kind = settled(response.media_type, response.body)
        if kind is None:
            return self.refused(page, why_unread(response.media_type, response.body), status=page.status)
        if kind in CONTAINERS:
            return self.refused(page, f"is no page, but {kind}", status=page.status)
        found = Links()
        if kind in _HTML:
            found = links(response.body, response.final_url, agent=PRODUCT)
            if self._is_forgotten(_canonical(found.canonical)):
                return self._forgotten(page, page.digest)
        asked = _asked_of_robots(response.headers)
        leads: list[Lead] = []
        if self._source.kind == "site" and not found.nofollow and not asked & {"nofollow", "none"}:
            leads = list(self.discovery.from_links(found, page, response.final_url))
            for lead in leads:
                self.take_up(lead)
        walked = self.settings if self._waiting < _MAX_WAITING else ""
        page = replace(page, walked=walked, leads_on=found.leads_on or found.is_list)
        # A section or archive of a site changes with every story in it, and is no document.
        is_list = self._source.kind == "site" and found.is_list
        if page.role == "start" or is_list:
            self._frontier.save(self._due(replace(self._without_forgotten(page, leads), state="settled")))
            return None
        if found.noindex or asked & {"noindex", "none"}:
            if self._source.kind != "site":
                return self.withheld(page, "asks not to be taken up (noindex)", status=page.status)
            self._frontier.save(self._due(replace(page, state="settled")))
            return None
        canonical_page = self._canonical_page(page, found)
        if canonical_page is not None:
            self.alias(page, canonical_page.url)
            # Who asked for it by hand is told that it is here.
            return None if self._source.every else Unmodified(uri=canonical_page.url)
        if page.digest == before.digest and page.changed_at and before.state in {"settled", "refused"}:
            self._frontier.save(self._due(replace(page, state="settled", untold=False)))
            return Unmodified(uri=page.url)
        changed_at = page.changed_at or page.fetched_at
        page = self._due(replace(page, state="fetched", changed_at=changed_at, untold=False))
        self._frontier.save(page)
        self._frontier.add_fetch(
            Fetch(
                url=page.url,
                final_url=response.final_url,
                redirects=response.redirects,
                status=response.status,
                headers=response.headers,
                fetched_at=page.fetched_at,
                digest=page.digest,
            )
        )
        return resource(page, response.body, self._source)

    def _without_forgotten(self, page: Page, leads: Iterable[Lead]) -> Page:
        """A list of pages as it is recorded: it says how a page is called that was to be forgotten, and often what
        stands in it, so it is not kept, and looked at again whenever it comes."""
        if not any(self._is_forgotten(lead.url) for lead in leads):
            return page
        return replace(self._without_capture(page, page.digest), walked="")

    def _forgotten(self, page: Page, digest: str) -> Found | None:
        """`page` is one that was to be forgotten, under another address."""
        page = self._without_capture(page, digest)
        self._frontier.save(self._due(replace(page, state="refused", reason=FORGOTTEN, validators={}, walked="")))
        return Postponed(uri=self._named(page), reason=FORGOTTEN)

    def _without_capture(self, page: Page, digest: str) -> Page:
        """`page` without what came of it, which nobody keeps, unless it is also what came of another."""
        if self._frontier.let_go_of_capture(page.url, digest):
            self._drop(digest)
        return replace(page, digest="" if page.digest == digest else page.digest)

    def _canonical_page(self, page: Page, found: Links) -> Page | None:
        """The page that this one says it is a copy of, when that was had already. A site whose pages all call its front
        page canonical is not believed."""
        if not found.canonical or page.changed_at:
            return None
        url = _canonical(found.canonical)
        if not url or url in {page.final_url, page.url, f"{origin_of(url)}/"}:
            return None
        known = self.known_as(page, url)
        if known is None or known.state == "gone":
            return None
        return known if known.changed_at and self.discovery.within(url) else None

    # --- when it is due again ----------------------------------------------------------------------------------------

    def _due(self, page: Page) -> Page:
        """`page` with the time when it is due again. What leads on is asked at every run; what is gone, as what changed
        when it went: often at first, for it may come back."""
        every = self._source.every.total_seconds()
        since = (page.state == "gone" and page.astray_at) or page.changed_at or page.first_seen
        wait = 0.0 if page.leads_on or page.role != "page" else min((self._started - since) * _SHARE, _LONGEST)
        return replace(page, due_at=self._started + max(every, wait))

    def _named(self, page: Page) -> str:
        return self._locations.get(page.url, page.url)


def _canonical(address: str) -> str:
    """The one form of an address that a page names; empty when there is none."""
    try:
        return canonical(address) if address else ""
    except ValueError:
        return ""


def _with(page: Page, answer: Answered, url: str) -> Page:
    """`page` as answered from `url`, but for its body."""
    response = answer.response
    same = response.status == 304 or answer.digest == page.digest
    return replace(
        page,
        tries=0,
        status=response.status,
        # Why these bytes could not be read is still true of them.
        reason=page.reason if same and page.state == "settled" else "",
        fetched_at=response.fetched_at.timestamp(),
        validators=dict(response.validators),
        final_url=url,
        astray_at=0.0,
    )


def _role(response: Response) -> Role:
    """What stands at an address that somebody gave without saying what it is. Servers call feeds pages, too."""
    if settled(response.media_type, response.body) not in _HTML or _BEGINS_AS_XML.match(response.body):
        if feeds.is_feed(response.body):
            return "feed"
        if sitemaps.is_sitemap(response.body):
            return "sitemap"
    return "page"


def _asked_of_robots(headers: Mapping[str, str]) -> set[str]:
    """What an X-Robots-Tag header asks of us: words such as `noindex`. A robot's name in front speaks to that one."""
    asked: set[str] = set()
    ours = True
    for part in headers.get("x-robots-tag", "")[:1_000].lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() != "unavailable_after":
            ours = name.strip() == PRODUCT
        if ours:
            asked.add((rest if colon else part).strip())
    return asked


def _with_advice(reason: str, body: bytes, page: Page) -> str:
    """Why a location is no feed, and which feed it names, if it is a page that does."""
    if reason != "is no feed" or settled(page.media_type, body) not in _HTML:
        return reason
    named = links(body, page.final_url).feeds
    return f"{reason}, but names one: {named[0]}" if named else reason
