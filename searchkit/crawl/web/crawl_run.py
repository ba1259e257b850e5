"""One pass over a source: whose turn it is, what may be asked, and what comes of it.

One thread decides, writes and hands on; others ask (asking.py). What becomes of an answer is decided in taking.py.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.crawl import feeds
from searchkit.crawl.base import Found, Gone, Mended, Refused, Source, Withheld
from searchkit.crawl.web import sitemaps
from searchkit.crawl.web.addresses import canonical
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.clock import Pace
from searchkit.crawl.web.discovery import host_of, origin_of
from searchkit.crawl.web.fetch_pool import Answer, Answered, Asking, LeadsElsewhere, Reported
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.http import Fetcher, HttpOptions
from searchkit.crawl.web.pages import Page
from searchkit.crawl.web.politeness import LONGEST_WAIT, backoff
from searchkit.crawl.web.resources import resource
from searchkit.crawl.web.response_handler import NOT_WANTED, Taking
from searchkit.crawl.web.responses import FetchFailed
from searchkit.crawl.web.robots import Robots
from searchkit.crawl.web.scheduler import Errand, Host, Turns
from searchkit.crawl.web.warc_writer import WarcWriter
from searchkit.errors import SearchkitError

# A host that wants to be left alone for longer than this is asked again by the next run.
_PATIENCE = 120.0
# cron starts a run some seconds earlier than the last time; what is due within this is due.
_EARLY = 60.0
# After so many failures in a row that may pass (429, 503, a stall) a host is left alone, for so many times as long as a
# page that failed: half an hour, then an hour... up to a day.
_FAILURES = 3
# One that was left alone already is asked two things, to see whether it is well again: its feed, and a page.
_PROBES = 2
_UNWELL_FOR = 30
_LEASE = 900.0
_CLAIMED = 16
_REDIRECTS = 5
# What was captured in an earlier run may be as large as anything was allowed to be.
_MAX_CAPTURE = sitemaps.MAX_BYTES
# Refusals that need no answer are handed on in portions.
_PORTION = 100


class CrawlOptions(Struct, frozen=True, kw_only=True):
    """How a run works. `threads` hosts are asked at once. `max_seconds` bounds a run; None does not. `retry_failed`
    makes due what was refused, given up or is gone, and hands on again what could not be read. `warc` is a folder for a
    WARC file of all that is fetched. What `is_forgotten`, by its address, is never asked for, nor kept when it comes
    under another one. `pace` is how time goes by between requests."""

    http: HttpOptions = field(default_factory=HttpOptions)
    threads: int = 16
    max_seconds: float | None = None
    retry_failed: bool = False
    warc: Path | None = None
    is_forgotten: Callable[[str], bool] = lambda _address: False
    pace: Pace = time


class Run:
    """One pass over one source."""

    def __init__(
        self,
        source: Source,
        options: CrawlOptions,
        *,
        started: datetime,
        clock: Callable[[], datetime],
        fetcher: Fetcher,
        frontier: Frontier,
        captures: Captures,
        warc: WarcWriter | None,
    ) -> None:
        self._source = source
        self._options = options
        self._pace = options.pace
        self._clock = clock
        self._frontier = frontier
        self._captures = captures
        self._warc = warc
        self._started = started.timestamp()
        self._due_by = self._started + min(_EARLY, source.every.total_seconds() / 10)
        self._taking = Taking(
            frontier,
            source,
            started=started,
            clock=clock,
            on_lead=self._on_lead,
            kept=self._kept,
            retry_failed=options.retry_failed,
            is_forgotten=options.is_forgotten,
            drop=captures.drop,
        )
        self._turns = Turns()
        self._asking = Asking(fetcher, captures, threads=options.threads, pace=options.pace)
        self._pages = 0
        # Pages of which it was told in this run that they are refused, withheld or gone.
        self.told: set[str] = set()
        # Pages that were handed on once more.
        self.handed_again: set[str] = set()
        self._ended = False
        seconds = options.max_seconds
        self._ends_at = self._pace.monotonic() + seconds if seconds is not None else float("inf")

    # --- the walk ----------------------------------------------------------------------------------------------------

    def found(self) -> Iterator[Found]:
        """All that this pass finds, each value recorded before it is given."""
        refused = self._taking.begin()
        yield from self.unsettled()
        for host in self._frontier.hosts_due(self._taking.owner, self._due_by):
            self._on_lead(host)
        self._frontier.commit()
        yield from refused
        while True:
            found = self._start()
            if not found:
                found = self._take(self._hear())
            yield from self._handed_on(found)
            if not found and not self._asking.running and (self._over() or self._turns.soonest() is None):
                break
        yield from self._handed_on(self._taking.not_asked(self._due_by, self._why_not, self.told))

    def _handed_on(self, found: list[Found]) -> Iterator[Found]:
        # Recorded first: what is handed on now may be the last thing this process does.
        self._frontier.commit()
        for one in found:
            if isinstance(one, Refused | Withheld | Gone | Mended):
                self.told.add(self._taking.url_of(one))
            yield one

    def unsettled(self) -> Iterator[Found]:
        """What an earlier run recorded and nobody settled, from the captures."""
        for url in self._frontier.unsettled(self._taking.owner):
            page = self._frontier.page(url)
            if page is None or page.state != "fetched":
                continue
            body = self._kept(page.digest)
            if body is None:  # lost or damaged: it is asked for again
                self._frontier.save(replace(page, state="new", digest="", validators={}, due_at=self._started))
                continue
            self._taking.seen.add(url)
            self.handed_again.add(url)
            self._frontier.commit()
            yield resource(page, body, self._source)

    def _kept(self, digest: str) -> bytes | None:
        return self._captures.read(digest, max_bytes=_MAX_CAPTURE)

    def _why_not(self, host: str) -> str:
        """Why a host could not be asked in this run; empty when it could."""
        closed = self._turns[host].closed if host in self._turns else ""
        return closed or ("there was no time left in this run" if self._over() else "")

    def _over(self) -> bool:
        return self._pace.monotonic() >= self._ends_at

    def _on_lead(self, name: str) -> None:
        if name in self._turns:
            self._turns.wake(name)
            return
        next_at, reason = self._frontier.next_at(name)
        wait = max(0.0, next_at - self._clock().timestamp())
        host = Host(name=name, delay=self._source.delay, ready_at=self._pace.monotonic() + min(wait, _PATIENCE))
        host.troubles = self._frontier.troubles(name)
        if wait > _PATIENCE:
            host.closed = reason or "its host is to be left alone for a while"
        self._turns.add(host)

    # --- asking ------------------------------------------------------------------------------------------------------

    def _start(self) -> list[Found]:
        """Send off as many errands as there are threads; what could be told without asking is returned."""
        found: list[Found] = []
        while not self._asking.full and len(found) < _PORTION and not self._over():
            host = self._turns.next(self._pace.monotonic())
            if host is None:
                break
            self._give_turn(host, found)
        return found

    def _give_turn(self, host: Host, found: list[Found]) -> None:
        """Let one errand of `host` go, after those that need no asking; without any, the host rests."""
        while len(found) < _PORTION:
            errand = self._next_errand(host)
            if errand is None:
                return
            page = errand.page
            rules = self._rules(host, errand.origin)
            if rules is None or page is None:
                if page is not None:
                    host.errands.appendleft(errand)
                self._send(host, Errand(url=f"{errand.origin}/robots.txt", origin=errand.origin))
                return
            self._taking.seen.add(page.url)
            failure = host.unreachable.get(errand.origin)
            told: Found | None = None
            if failure is not None:
                told = self._taking.failed(page, failure)
            elif not rules.allows(errand.url):
                # A page that is forbidden is the wish of its publisher; a feed that is, has to be told to its user.
                closed = self._taking.withheld if page.role == "page" else self._taking.refused
                told = closed(page, "robots.txt does not allow it")
            else:
                self._pages += page.role == "page" and not errand.passed and not errand.moved
                self._send(host, self._outfitted(errand, page, rules))
                return
            if told is not None:
                found.append(told)
        self._turns.wake(host.name)

    def _next_errand(self, host: Host) -> Errand | None:
        if host.closed:
            self._drop(host)
            return None
        while True:
            if not host.errands:
                claimed = self._frontier.claim(
                    self._taking.owner,
                    host.name,
                    due_by=self._due_by,
                    leased_until=self._clock().timestamp() + _LEASE,
                    limit=_CLAIMED,
                    listings_only=self._pages >= self._source.max_pages,
                )
                if not claimed:
                    return None
                host.errands.extend(Errand(url=page.url, origin=origin_of(page.url), page=page) for page in claimed)
            errand = host.errands.popleft()
            page = errand.page
            if page is None or errand.passed or errand.moved:
                return errand
            if page.url in self._taking.seen:
                continue  # stays leased, so that it is not claimed over and over
            if page.role == "page" and self._pages >= self._source.max_pages:
                self._frontier.release([page.url])
                continue
            return errand

    def _drop(self, host: Host) -> None:
        urls = [errand.page.url for errand in host.errands if errand.page is not None]
        host.errands.clear()
        self._frontier.release(urls)

    def _rules(self, host: Host, origin: str) -> Robots | None:
        """robots.txt of this origin, had in this run or kept from an earlier one; None when it is to be asked for."""
        rules = host.robots.get(origin)
        if rules is None and (kept := self._frontier.robots(origin)) is not None:
            text, fetched_at = kept
            stored = Robots.stored(text, datetime.fromtimestamp(fetched_at, self._clock().tzinfo))
            if not stored.stale(self._clock()):
                rules = stored
                self._obey(host, origin, stored)
        return rules

    def _obey(self, host: Host, origin: str, rules: Robots) -> None:
        host.robots[origin] = rules
        host.delay = max(host.delay, rules.delay or 0.0)
        if self._source.kind == "site":
            for address in rules.sitemaps:
                # What robots.txt names is the site's own, wherever it stands (sitemaps.org, "Cross Submits").
                news = "news" in address.lower()
                lead = self._taking.discovery.listing(
                    address, "sitemap", base=origin, depth=1, news=news, anywhere=True
                )
                if lead is not None:
                    self._taking.take_up(lead)

    def _send(self, host: Host, errand: Errand) -> None:
        host.busy = True
        self._asking.send(errand)

    def _outfitted(self, errand: Errand, page: Page, rules: Robots) -> Errand:
        """The errand with what goes along with the request for a page."""
        limits = {"feed": feeds.MAX_BYTES, "sitemap": sitemaps.MAX_BYTES}
        return replace(
            errand,
            rules=rules,
            validators=page.validators if self._may_be_unmodified(page) else {},
            validated=page.final_url or page.url,
            max_bytes=limits.get(page.role, self._source.max_bytes),
        )

    def _may_be_unmodified(self, page: Page) -> bool:
        """Whether nothing is lost when a page does not come again: it was taken, and its links were taken up."""
        walked = page.walked == self._taking.settings
        if page.role != "page" or not page.changed_at:  # what only leads on
            return page.state == "settled" and walked and bool(self._source.every)
        return page.state == "settled" and (walked or self._source.kind != "site")

    # --- taking ------------------------------------------------------------------------------------------------------

    def _hear(self) -> list[Reported]:
        """The reports that are there; waits for the first, or until a host's turn comes."""
        until = self._ends_at
        if not self._asking.full and (soonest := self._turns.soonest()) is not None:
            until = min(until, soonest)
        if self._asking.running:
            # When its time is over, a run waits for what is under way, which the fetcher bounds.
            unbounded = until == float("inf") or self._over()
            return self._asking.hear(None if unbounded else max(0.0, until - self._pace.monotonic()))
        if until < float("inf"):
            self._pace.sleep(max(0.0, until - self._pace.monotonic()))
        return []

    def _take(self, reports: list[Reported]) -> list[Found]:
        found: list[Found] = []
        for errand, answer, ended in reports:
            if isinstance(answer, SearchkitError):
                raise answer
            host = self._turns[host_of(errand.url)]
            host.busy = False
            found += self._take_one(errand, host, answer)
            self._rest(host, errand, answer, ended)
        return found

    def _take_one(self, errand: Errand, host: Host, answer: Answer) -> list[Found]:
        if self._warc is not None and isinstance(answer, Answered) and answer.response.status != 304:
            self._warc.write(answer.response)
        if errand.page is None:
            if isinstance(answer, Answered | FetchFailed):
                self._take_robots(errand.origin, host, answer)
            return []
        # As it stands now: while it was under way, a feed may have told more of it.
        page = self._frontier.page(errand.page.url) or errand.page
        found = self._told_of(errand, page, answer)
        if any(isinstance(one, Gone) and one.uri == page.url for one in found):
            tried = (*errand.moved, *errand.passed, errand.url)
            if url := self._taking.moved_to(page, tried):
                return self._ask_where_it_moved(page, url, tried)
        return found

    def _told_of(self, errand: Errand, page: Page, answer: Answer) -> list[Found]:
        told: Found | None = None
        if isinstance(answer, FetchFailed):
            told = self._taking.failed(page, answer)
        if isinstance(answer, LeadsElsewhere):
            told = self._go_on(errand, page, answer)
        if isinstance(answer, Answered):
            if errand.passed:
                passed = (*errand.passed, *(answer.response.redirects or (errand.url,)))
                for_good = errand.for_good and (answer.response.moved_for_good or not answer.response.redirects)
                response = replace(answer.response, url=page.url, redirects=passed, moved_for_good=for_good)
                answer = replace(answer, response=response)
            return self._taking.answered(page, answer)
        return [told] if told is not None else []

    def _ask_where_it_moved(self, page: Page, url: str, tried: tuple[str, ...]) -> list[Found]:
        """A page is not at its own address any more: before it is said to be gone, another where it was is asked."""
        # As it was: what nobody knows yet must not outlast a run that is killed.
        self._frontier.save(page)
        self._on_lead(host_of(url))
        host = self._turns[host_of(url)]
        if host.closed:
            told = self._taking.failed(page, FetchFailed(f"has moved, and {host.closed}", passing=True))
            return [told] if told is not None else []
        host.errands.appendleft(Errand(url=url, origin=origin_of(url), page=page, moved=tried))
        self._turns.wake(host.name)
        return []

    def _take_robots(self, origin: str, host: Host, answer: Answered | FetchFailed) -> None:
        now = self._clock()
        rules = Robots.of(answer if isinstance(answer, FetchFailed) else answer.response, now)
        if isinstance(answer, FetchFailed) and rules.unreachable:
            # What fails for good (no such host, a private address) would fail for every page in the same way.
            reason = f"its robots.txt cannot be had: {answer.reason}" if answer.passing else answer.reason
            host.unreachable[origin] = FetchFailed(reason, passing=answer.passing, retry_after=answer.retry_after)
            host.robots[origin] = rules
            return
        self._frontier.save_robots(origin, rules.text, now.timestamp())
        self._obey(host, origin, rules)

    def _go_on(self, errand: Errand, page: Page, to: LeadsElsewhere) -> Found | None:
        """A redirect leads to another host: its turn, its robots.txt."""
        passed = (*errand.passed, errand.url)
        if to.url in passed:
            return self._taking.refused(page, "redirects in a circle")
        if len(passed) > _REDIRECTS:
            return self._taking.refused(page, f"redirects more than {_REDIRECTS} times")
        target = canonical(to.url)
        for_good = errand.for_good and to.for_good
        if page.role == "page" and not self._taking.discovery.takes(target):
            return self._taking.led_away(page, target, NOT_WANTED, for_good=for_good)
        other = self._taking.known_as(page, target)
        if other is not None and other.url in self._taking.seen:
            self._taking.alias(page, target)
            return None
        self._on_lead(host_of(target))
        host = self._turns[host_of(target)]
        if host.closed:
            return self._taking.failed(page, FetchFailed(f"redirects, and {host.closed}", passing=True))
        errand = Errand(
            url=to.url, origin=origin_of(to.url), page=page, passed=passed, for_good=for_good, moved=errand.moved
        )
        host.errands.appendleft(errand)
        self._turns.wake(host.name)
        return None

    def _rest(self, host: Host, errand: Errand, answer: Answer, ended: float) -> None:
        """Let the host rest after an answer: as long as it asks for, or its delay; one that answers nothing, longer."""
        failure = answer if isinstance(answer, FetchFailed) and answer.passing else None
        host.ready_at = ended + max(host.delay, (failure and failure.retry_after) or 0.0)
        wait = host.ready_at - self._pace.monotonic()
        # robots.txt may come from a server of its own, which is well while the pages are not.
        recovered = failure is None and errand.page is not None
        was_in_trouble = bool(host.troubles)
        if failure is not None:
            host.failures += 1
        elif recovered:
            host.failures = host.troubles = 0
        if wait > _PATIENCE:
            host.closed = "its host asks to be left alone for a while"
        if failure is not None and host.failures >= (_PROBES if host.troubles else _FAILURES):
            host.troubles += 1
            unwell = _UNWELL_FOR * backoff(host.troubles, jitter=random.random())  # noqa: S311 - no secret
            wait = max(wait, min(unwell, LONGEST_WAIT).total_seconds())
            host.closed = f"its host {failure.reason}, again and again, and is left alone for a while"
        if wait > 0 or (recovered and was_in_trouble):
            until = self._clock().timestamp() + max(wait, 0.0)
            self._frontier.save_next_at(host.name, until, host.closed, troubles=host.troubles)
        if host.closed:
            self._drop(host)
        self._turns.wake(host.name)

    # --- the end -----------------------------------------------------------------------------------------------------

    def end(self, close: Callable[[], None] | None) -> None:
        """End the run where it stands, once: record what came, give back what is leased; `close` ends the fetcher."""
        if self._ended:
            return
        self._ended = True
        try:
            # What failed is not taken: nobody would be told of it, and it is asked again.
            came = [one for one in self._asking.hear(0.0) if isinstance(one.answer, Answered)]
            self._take(came)
            self._frontier.release()
            self._frontier.commit()
        finally:
            if close is not None:
                close()  # threads that wait for a server are told so
            self._asking.end()
        self._drop_superseded()

    def _drop_superseded(self) -> None:
        """Let go of bodies that made no document and were replaced by others: feeds and lists, and pages with another
        advertisement at every visit. At the end, when no thread is about to keep the same body again."""
        for digest in self._taking.superseded:
            if not self._frontier.names_capture(digest):
                self._captures.drop(digest)
