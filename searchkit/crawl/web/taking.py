"""What becomes of an answer: what is recorded of it, what it leads to, and what is handed on."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from searchkit.crawl import feeds
from searchkit.crawl.base import Found, Gone, Postponed, Refused, Source, Unmodified
from searchkit.crawl.kinds import CONTAINERS, HTML, XHTML, mislabelled, settled, why_unread
from searchkit.crawl.web import sitemaps
from searchkit.crawl.web.addresses import canonical
from searchkit.crawl.web.asking import Answered
from searchkit.crawl.web.discovery import Discovery, origin_of
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.links import Links, links
from searchkit.crawl.web.manners import PRODUCT, backoff
from searchkit.crawl.web.pages import Fetch, Lead, Page, Role
from searchkit.crawl.web.responses import FetchFailed, Response
from searchkit.dates import parse_stated
from searchkit.document import Resource

MAX_TRIES = 6
# RFC 9111, 4.2.2: a tenth of the time since it last changed is how long a page is likely to stay as it is.
_SHARE = 0.1
_LONGEST = timedelta(days=30).total_seconds()
# A site that makes up addresses must not fill the disk: with more than this unanswered, no more are taken up.
_MAX_WAITING = 100_000
_GONE = frozenset({404, 410})
_HTML = frozenset({HTML, XHTML})


class Taking:
    """Takes what was answered for the pages of one source in one run. `on_lead` hears of hosts that have more to do."""

    def __init__(
        self,
        frontier: Frontier,
        source: Source,
        *,
        started: datetime,
        clock: Callable[[], datetime],
        on_lead: Callable[[str], None],
    ) -> None:
        self._frontier = frontier
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
        # What was looked at in this run: nothing is asked twice in one.
        self.seen: set[str] = set()

    # --- where to begin ----------------------------------------------------------------------------------------------

    def begin(self, *, retry_failed: bool) -> list[Found]:
        """Make the locations of the source due, and say which cannot be asked at all."""
        refused: list[Found] = []
        for written, lead in self.discovery.locations():
            if isinstance(lead, str):
                refused.append(Refused(uri=written, reason=lead))
            elif lead.url not in self._locations:
                self._locations[lead.url] = written
                self.take_up(lead)
                page = self._frontier.page(lead.url)
                # Lists are asked at every run, and so is everything of a source that is asked for by hand.
                if page is not None and (page.role != "page" or not self._source.every):
                    self._frontier.save(replace(page, due_at=self._started))
        self._frontier.keep_locations(self.owner, self._locations)
        if retry_failed:
            self._frontier.retry(self.owner, self._started)
        return refused

    def not_asked(self, due_by: float, why_not: Callable[[str], str]) -> list[Found]:
        """What there is to say, at the end of a run, of locations that were not asked: those that were due and could
        not be, as `why_not` says of their hosts, and those that are still refused."""
        found: list[Found] = []
        for url, written in self._locations.items():
            page = self._frontier.page(url) if url not in self.seen else None
            if page is None or page.state == "alias":
                continue
            reason = why_not(page.host) if page.due_at <= due_by else ""
            if reason:
                found.append(Postponed(uri=written, reason=reason))
            elif page.state == "refused":
                found.append(Refused(uri=written, reason=page.reason))
        return found

    def take_up(self, lead: Lead) -> None:
        """Add a lead to the frontier."""
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
            gone = replace(
                page, state="gone", reason=failure.reason, status=failure.status, tries=0, validators={}, walked=""
            )
            self._frontier.save(self._due(gone))
            # Whenever it is asked for: nobody says whether it was heard of the last time.
            return Gone(uri=page.url, reason=failure.reason)
        return self.refused(page, failure.reason, status=failure.status)

    def refused(self, page: Page, reason: str, *, status: int = 0) -> Found | None:
        """`page` cannot be had or may not be, as `reason` says; told once, and of locations at every run."""
        told = page.state == "refused" and page.reason == reason
        self._frontier.save(
            self._due(replace(page, state="refused", reason=reason, status=status, validators={}, walked=""))
        )
        if told and page.url not in self._locations:
            return None
        return Refused(uri=self._named(page), reason=reason)

    def alias(self, page: Page, url: str) -> None:
        """`page` leads to `url`, which is known: it is not asked again."""
        self._frontier.save(replace(page, state="alias", final_url=url, tries=0))

    def known_as(self, page: Page, url: str) -> Page | None:
        """The other page that `url`, where `page` leads to, is known as already."""
        if page.role != "page" or url == page.url:
            return None
        known = self._frontier.page(url)
        return known if known is not None and known.role == "page" and known.state != "alias" else None

    def is_had(self, page: Page) -> bool:
        """Whether a page was had already, or was looked at in this run."""
        return page.url in self.seen or page.state in {"settled", "fetched"}

    def answered(self, page: Page, answer: Answered) -> Found | None:
        """There is a response for `page`, and its body is among the captures."""
        response = answer.response
        same = response.status == 304 or answer.digest == page.digest
        fetched = replace(
            page,
            tries=0,
            status=response.status,
            # Why these bytes could not be read is still true of them.
            reason=page.reason if same and page.state == "settled" else "",
            fetched_at=response.fetched_at.timestamp(),
            validators=dict(response.validators),
            final_url=canonical(response.final_url),
        )
        if response.status == 304:
            return self._unmodified(fetched)
        other = self.known_as(page, fetched.final_url)
        if other is not None:
            self.alias(page, other.url)
            if self.is_had(other):
                return None
            self.seen.add(other.url)
            fetched = replace(
                fetched,
                **{name: getattr(other, name) for name in ("url", "host", "role", "state", "changed_at", "first_seen")},
                digest=other.digest,
                walked=other.walked,
                hint=other.hint or page.hint,
            )
        body = response.body
        before = fetched
        fetched = replace(fetched, digest=answer.digest, media_type=response.media_type, charset=response.charset)
        if answer.digest != before.digest:
            self._frontier.add_fetch(
                Fetch(
                    url=fetched.url,
                    final_url=response.final_url,
                    redirects=response.redirects,
                    status=response.status,
                    headers=response.headers,
                    fetched_at=fetched.fetched_at,
                    digest=answer.digest,
                )
            )
        role = fetched.role
        if self._source.kind == "urls" and page.depth == 0:
            role = _role(response)
        if role in {"feed", "sitemap"}:
            return self._listing(replace(fetched, role=role), before, body)
        return self._page(fetched, before, response)

    def _unmodified(self, page: Page) -> Found | None:
        if page.role != "page" or not page.changed_at:
            self._frontier.save(self._due(page))
            return None
        if page.state != "settled":
            page = replace(page, state="settled")
        self._frontier.save(self._due(page))
        return Unmodified(uri=page.url)

    def _listing(self, page: Page, before: Page, body: bytes) -> Found | None:
        """A feed or a sitemap was answered."""
        if page.digest == before.digest and page.state == "settled" and before.walked == self.settings:
            self._frontier.save(self._due(page))
            return None
        try:
            if page.role == "feed":
                leads = self.discovery.from_feed(feeds.entries(body, page.final_url), page, page.final_url)
            else:
                leads = self.discovery.from_sitemap(sitemaps.read(body, page.final_url), page, page.final_url)
        except ValueError as error:
            return self.refused(page, _with_advice(str(error), body, page), status=page.status)
        for lead in leads:
            self.take_up(lead)
        walked = self.settings if self._waiting < _MAX_WAITING else ""
        self._frontier.save(self._due(replace(page, state="settled", walked=walked)))
        return None

    def _page(self, page: Page, before: Page, response: Response) -> Found | None:
        """A page was answered."""
        if not self.discovery.takes(page.final_url) and page.role == "page" and page.final_url != page.url:
            return self.refused(page, "redirects to an address that is not wanted", status=page.status)
        kind = settled(response.media_type, response.body)
        if kind is None:
            return self.refused(page, why_unread(response.media_type, response.body), status=page.status)
        if kind in CONTAINERS:
            return self.refused(page, f"is no page, but {kind}", status=page.status)
        found = Links()
        if kind in _HTML:
            found = links(response.body, response.final_url, agent=PRODUCT)
        asked = _asked_of_robots(response.headers)
        if self._source.kind == "site" and not found.nofollow and not asked & {"nofollow", "none"}:
            for lead in self.discovery.from_links(found, page, response.final_url):
                self.take_up(lead)
        walked = self.settings if self._waiting < _MAX_WAITING else ""
        page = replace(page, walked=walked, leads_on=found.leads_on)
        # A section or archive of a site changes with every story in it, and is no document.
        is_list = self._source.kind == "site" and found.leads_on and not found.article
        if page.role == "start" or is_list:
            self._frontier.save(self._due(replace(page, state="settled")))
            return None
        if found.noindex or asked & {"noindex", "none"}:
            if self._source.kind != "site":
                return self.refused(page, "asks not to be taken up (noindex)", status=page.status)
            self._frontier.save(self._due(replace(page, state="settled")))
            return None
        canonical_page = self._canonical_page(page, found)
        if canonical_page is not None:
            self.alias(page, canonical_page.url)
            return None
        if page.digest == before.digest and page.changed_at and before.state in {"settled", "refused"}:
            self._frontier.save(self._due(replace(page, state="settled")))
            return Unmodified(uri=page.url)
        page = self._due(replace(page, state="fetched", changed_at=page.changed_at or page.fetched_at))
        self._frontier.save(page)
        return resource(page, response.body, self._source)

    def _canonical_page(self, page: Page, found: Links) -> Page | None:
        """The page that this one says it is a copy of, when that was had already. A site whose pages all call its front
        page canonical is not believed."""
        if not found.canonical or page.changed_at:
            return None
        try:
            url = canonical(found.canonical)
        except ValueError:
            return None
        if url in {page.final_url, page.url, f"{origin_of(url)}/"}:
            return None
        known = self.known_as(page, url)
        return known if known is not None and known.changed_at and self.discovery.within(url) else None

    # --- when it is due again ----------------------------------------------------------------------------------------

    def _due(self, page: Page) -> Page:
        """`page` with the time when it is due again. What leads on is asked at every run."""
        every = self._source.every.total_seconds()
        since = page.changed_at or page.first_seen
        wait = 0.0 if page.leads_on or page.role != "page" else min((self._started - since) * _SHARE, _LONGEST)
        return replace(page, due_at=self._started + max(every, wait))

    def _named(self, page: Page) -> str:
        return self._locations.get(page.url, page.url)


def resource(page: Page, body: bytes, source: Source) -> Resource:
    """The resource of a page that was recorded."""
    fetched_at = datetime.fromtimestamp(page.fetched_at, UTC)
    kind = settled(page.media_type, body) or page.media_type
    defaults = _defaults(page.hint, source, fetched_at)
    if note := mislabelled(page.media_type, kind):
        defaults["notes"] = (note,)
    return Resource(
        uri=page.url,
        final_uri=page.final_url,
        media_type=kind,
        charset=page.charset,
        body=body,
        fetched_at=fetched_at,
        validators=page.validators,
        digest=page.digest,
        defaults=defaults,
        source=source.name,
    )


def _defaults(hint: Mapping[str, str], source: Source, fetched_at: datetime) -> dict[str, Any]:
    """Article fields as a feed or news sitemap states them; what the user says of the whole source goes first."""
    made: dict[str, Any] = {name: hint[name] for name in ("title", "outlet") if name in hint}
    for name in ("published", "updated"):
        if name in hint:
            stated = parse_stated(hint[name], source=hint.get("by", "feed"), today=fetched_at.date())
            if stated is not None:
                made[name] = stated
    if "byline" in hint:
        made["byline"] = tuple(hint["byline"].split("\n"))
    language = hint.get("language", "").replace("_", "-").partition("-")[0].lower()
    if language.isascii() and language.isalpha() and len(language) in {2, 3}:
        made["language"] = language
    if source.outlet:
        made["outlet"] = source.outlet
    if source.language:
        made["language"] = source.language
    return made


def _role(response: Response) -> Role:
    """What stands at an address that somebody gave without saying what it is."""
    if response.media_type not in _HTML:
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
