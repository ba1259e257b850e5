"""One run over a source: schedule hosts, check robots.txt, submit requests, and process the answers.

One thread runs this; worker threads fetch (fetch_pool.py). response_handler.py decides what follows from an answer.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec.structs import replace

from searchkit.crawl import feeds
from searchkit.crawl.base import CrawlOptions, CrawlResult, Gone, Recovered, Refused, Source, Withheld
from searchkit.crawl.web import sitemaps
from searchkit.crawl.web.addresses import canonical, host_of
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.fetch_pool import Answer, CrossHostRedirect, FetchPool, TaskReport
from searchkit.crawl.web.frontier import Frontier
from searchkit.crawl.web.http import MAX_REDIRECTS, Fetcher
from searchkit.crawl.web.pages import FetchFailed, Page, Response, resource
from searchkit.crawl.web.politeness import LONGEST_WAIT, Robots, backoff
from searchkit.crawl.web.response_handler import MAX_CAPTURE, OUTSIDE, ResponseHandler, Results
from searchkit.crawl.web.scheduler import FetchTask, Host, HostScheduler
from searchkit.crawl.web.warc_writer import WarcWriter
from searchkit.errors import SearchkitError

# A host that asks for a longer wait is left to the next run.
_MAX_WAIT = 120.0
# cron may start a run some seconds earlier than the last time.
_EARLY = 60.0
# After so many temporary failures in a row a host is paused, for so many times as long as a failed page: half an hour,
# then an hour, up to a day. A host that was paused already gets two requests: its feed, and a page.
_MAX_FAILURES = 3
_PROBES = 2
_PAUSE_FACTOR = 30
_LEASE_SECONDS = 900.0
_CLAIM_SIZE = 16
# Results that need no request are yielded in batches.
_BATCH = 100


class CrawlRun:
    """One run over one source."""

    def __init__(
        self,
        source: Source,
        options: CrawlOptions,
        *,
        started: datetime,
        now: Callable[[], datetime],
        fetcher: Fetcher,
        frontier: Frontier,
        captures: Captures,
        warc: WarcWriter | None,
    ) -> None:
        self._source = source
        self._clock = options.clock
        self._now = now
        self._fetcher = fetcher
        self._frontier = frontier
        self._captures = captures
        self._warc = warc
        self._started = started.timestamp()
        self._due_by = self._started + min(_EARLY, source.every.total_seconds() / 10)
        self._handler = ResponseHandler(
            frontier, captures, source, options, started=started, now=now, on_lead=self._wake
        )
        self._scheduler = HostScheduler()
        self._pool = FetchPool(fetcher, captures, clock=options.clock)
        self._page_count = 0
        # Pages reported in this run as refused, withheld, gone or recovered.
        self.reported: set[str] = set()
        # Pages yielded again from the captures.
        self.yielded_again: set[str] = set()
        self._ended = False

    # --- results -----------------------------------------------------------------------------------------------------

    def results(self) -> Iterator[CrawlResult]:
        """Yield all results of this run, each recorded before."""
        refused = self._handler.begin()
        yield from self.unsettled()
        for host in self._frontier.hosts_due(self._handler.owner, self._due_by):
            self._wake(host)
        self._frontier.commit()
        yield from refused
        while True:
            results = self._submit_tasks() or self._handle(self._collect())
            yield from self._recorded(results)
            if not results and not self._pool.running and self._scheduler.next_ready_at() is None:
                break
        yield from self._recorded(self._handler.unvisited(self._due_by, self._why_closed, self.reported))

    def _recorded(self, results: Results) -> Iterator[CrawlResult]:
        # Committed first, because the process may end while the caller works on a result.
        self._frontier.commit()
        for result in results:
            if isinstance(result, Refused | Withheld | Gone | Recovered):
                self.reported.add(canonical(result.uri))
            yield result

    def unsettled(self) -> Iterator[CrawlResult]:
        """Yield from the captures what an earlier run recorded and was not settled."""
        for url in self._frontier.unsettled(self._handler.owner):
            page = self._frontier.page(url)
            if page is None or page.state != "fetched":
                continue
            body = self._captures.read(page.digest, max_bytes=MAX_CAPTURE)
            if body is None:  # lost or damaged
                self._frontier.save(replace(page, state="new", digest="", validators={}, due_at=self._started))
                continue
            self._handler.visited.add(url)
            self.yielded_again.add(url)
            self._frontier.commit()
            yield resource(page, body, self._source)

    def _why_closed(self, host: str) -> str:
        """Return why a host is paused until the next run; empty if it is not."""
        return self._scheduler[host].closed if host in self._scheduler else ""

    def _wake(self, name: str) -> Host:
        """Queue a host that has pages to fetch."""
        if name in self._scheduler:
            self._scheduler.wake(name)
        else:
            next_at, reason, pauses = self._frontier.host_state(name)
            wait = max(0.0, next_at - self._now().timestamp())
            ready_at = self._clock.monotonic() + min(wait, _MAX_WAIT)
            host = Host(name=name, delay=self._source.delay, ready_at=ready_at, pauses=pauses)
            if wait > _MAX_WAIT:
                host.closed = reason or "host is paused"
            self._scheduler.add(host)
        return self._scheduler[name]

    # --- requests ----------------------------------------------------------------------------------------------------

    def _submit_tasks(self) -> Results:
        """Submit tasks until every worker has one; return the results that needed no request."""
        results: Results = []
        while not self._pool.full and len(results) < _BATCH:
            host = self._scheduler.next(self._clock.monotonic())
            if host is None:
                break
            self._submit_next(host, results)
        return results

    def _submit_next(self, host: Host, results: Results) -> None:
        """Submit the next task of `host`; add the results of tasks that need no request."""
        while len(results) < _BATCH:
            task = self._next_task(host)
            if task is None:
                return
            page = task.page
            failure = host.unreachable.get(task.origin)
            rules = self._rules(host, task.origin)
            if page is None or (rules is None and failure is None):
                host.tasks.appendleft(task)
                self._submit(host, FetchTask(url=f"{task.origin}/robots.txt"))
                return
            self._handler.visited.add(page.url)
            if rules is not None and rules.allows(task.url):
                self._page_count += page.role == "page" and not task.passed and not task.former
                self._submit(host, self._with_conditions(task, page, rules))
                return
            if failure is not None:
                results += self._handler.failed(page, failure)
            else:
                # For a page this is the wish of its publisher; for a feed it is a fault of the source.
                close = self._handler.withheld if page.role == "page" else self._handler.refused
                results += close(page, "disallowed by robots.txt")
        self._scheduler.wake(host.name)

    def _next_task(self, host: Host) -> FetchTask | None:
        if host.closed:
            self._drop_tasks(host)
            return None
        while True:
            pages_left = self._page_count < self._source.max_pages
            if not host.tasks:
                claimed = self._frontier.claim(
                    self._handler.owner,
                    host.name,
                    due_by=self._due_by,
                    leased_until=self._now().timestamp() + _LEASE_SECONDS,
                    limit=_CLAIM_SIZE,
                    listings_only=not pages_left,
                )
                if not claimed:
                    return None
                host.tasks.extend(FetchTask(url=page.url, page=page) for page in claimed)
            task = host.tasks.popleft()
            page = task.page
            if page is None or task.passed or task.former:
                return task
            if page.url in self._handler.visited:
                continue  # still leased, so that it is not claimed again and again
            if page.role == "page" and not pages_left:
                self._frontier.release([page.url])
                continue
            return task

    def _drop_tasks(self, host: Host) -> None:
        urls = [task.page.url for task in host.tasks if task.page is not None]
        host.tasks.clear()
        self._frontier.release(urls)

    def _rules(self, host: Host, origin: str) -> Robots | None:
        """Return the robots.txt of an origin, from this run or stored; None if it must be fetched."""
        rules = host.robots.get(origin)
        if rules is None and (stored := self._frontier.robots(origin)) is not None:
            text, fetched_at = stored
            robots = Robots(text=text, fetched_at=datetime.fromtimestamp(fetched_at, self._now().tzinfo))
            if not robots.is_stale(self._now()):
                rules = robots
                self._obey(host, origin, robots)
        return rules

    def _obey(self, host: Host, origin: str, rules: Robots) -> None:
        host.robots[origin] = rules
        host.delay = max(host.delay, rules.delay or 0.0)
        for address in rules.sitemaps if self._source.kind == "site" else ():
            # A sitemap named in robots.txt belongs to the site wherever it is (sitemaps.org, "Cross Submits").
            lead = self._handler.discovery.listing(address, "sitemap", base=origin, depth=1, anywhere=True)
            if lead is not None:
                self._handler.add_lead(lead)

    def _submit(self, host: Host, task: FetchTask) -> None:
        host.busy = True
        self._pool.submit(task)

    def _with_conditions(self, task: FetchTask, page: Page, rules: Robots) -> FetchTask:
        """Add rules, size limit and the conditions of the request."""
        limits = {"feed": feeds.MAX_BYTES, "sitemap": sitemaps.MAX_BYTES}
        return replace(
            task,
            rules=rules,
            validators=page.validators if self._may_be_unmodified(page) else {},
            validated=page.final_url or page.url,
            max_bytes=limits.get(page.role, self._source.max_bytes),
        )

    def _may_be_unmodified(self, page: Page) -> bool:
        """Return whether a 304 loses nothing: the page was settled, and its links were followed."""
        is_walked = page.walk_settings == self._handler.settings
        if page.role != "page" or not page.changed_at:  # a listing
            return page.state == "settled" and is_walked and bool(self._source.every)
        return page.state == "settled" and (is_walked or self._source.kind != "site")

    # --- answers -----------------------------------------------------------------------------------------------------

    def _collect(self) -> list[TaskReport]:
        """Return the reports so far; wait for the first, or until a host is ready."""
        ready_at = None if self._pool.full else self._scheduler.next_ready_at()
        wait = None if ready_at is None else max(0.0, ready_at - self._clock.monotonic())
        if self._pool.running:
            return self._pool.collect(wait)
        if wait is not None:
            self._clock.sleep(wait)
        return []

    def _handle(self, reports: list[TaskReport]) -> Results:
        results: Results = []
        for task, answer, ended_at in reports:
            if isinstance(answer, SearchkitError):
                raise answer
            host = self._scheduler[host_of(task.url)]
            host.busy = False
            results += self._handle_answer(task, host, answer)
            self._rest(host, task, answer, ended_at)
        return results

    def _handle_answer(self, task: FetchTask, host: Host, answer: Answer) -> Results:
        if self._warc is not None and isinstance(answer, Response) and answer.status != 304:
            self._warc.write(answer)
        if task.page is None:
            if isinstance(answer, Response | FetchFailed):
                self._handle_robots(task.origin, host, answer)
            return []
        # A feed may have updated the page during the request.
        page = self._frontier.page(task.page.url) or task.page
        results = self._results_of(task, page, answer)
        if any(isinstance(result, Gone) and result.uri == page.url for result in results):
            tried = (*task.former, *task.passed, task.url)
            if url := self._handler.untried_address(page, tried):
                # Before the page is reported as gone; saved as it was, in case the run is killed.
                self._frontier.save(page)
                other = FetchTask(url=url, page=page, former=tried)
                return self._submit_first(other, page, "moved")
        return results

    def _results_of(self, task: FetchTask, page: Page, answer: Answer) -> Results:
        if isinstance(answer, Response):
            if task.passed:
                passed = (*task.passed, *(answer.redirects or (task.url,)))
                permanent = task.permanent and (answer.permanent_redirect or not answer.redirects)
                answer = replace(answer, redirects=passed, permanent_redirect=permanent)
            return self._handler.answered(page, answer)
        if isinstance(answer, CrossHostRedirect):
            return self._follow(task, page, answer)
        return self._handler.failed(page, answer) if isinstance(answer, FetchFailed) else []

    def _submit_first(self, task: FetchTask, page: Page, why: str) -> Results:
        """Queue a task for another address of `page`, before the other tasks of its host."""
        host = self._wake(host_of(task.url))
        if host.closed:
            return self._handler.failed(page, FetchFailed(f"{why}: {host.closed}", temporary=True))
        host.tasks.appendleft(task)
        self._scheduler.wake(host.name)
        return []

    def _handle_robots(self, origin: str, host: Host, answer: Response | FetchFailed) -> None:
        now = self._now()
        rules = Robots.from_answer(answer, now)
        if rules is not None:
            self._frontier.save_robots(origin, rules.text, now.timestamp())
            self._obey(host, origin, rules)
        elif isinstance(answer, FetchFailed):
            # A permanent failure (no such host, a private address) applies to every page in the same way.
            reason = f"cannot fetch robots.txt: {answer.reason}" if answer.temporary else answer.reason
            host.unreachable[origin] = FetchFailed(reason, temporary=answer.temporary, retry_after=answer.retry_after)

    def _follow(self, task: FetchTask, page: Page, redirect: CrossHostRedirect) -> Results:
        """Queue the target of a redirect at its host."""
        passed = (*task.passed, task.url)
        if redirect.url in passed:
            return self._handler.refused(page, "redirect loop")
        if len(passed) > MAX_REDIRECTS:
            return self._handler.refused(page, f"more than {MAX_REDIRECTS} redirects")
        target = canonical(redirect.url)
        permanent = task.permanent and redirect.permanent
        if page.role == "page" and not self._handler.discovery.selects(target):
            return self._handler.led_away(page, target, OUTSIDE, permanent=permanent)
        other = self._handler.known_as(page, target)
        if other is not None and other.url in self._handler.visited:
            self._handler.make_alias(page, target)
            return []
        target_task = FetchTask(url=redirect.url, page=page, passed=passed, permanent=permanent, former=task.former)
        return self._submit_first(target_task, page, "redirect target")

    def _rest(self, host: Host, task: FetchTask, answer: Answer, ended_at: float) -> None:
        """Let the host rest after an answer, for its delay or as long as it asks; pause it after repeated failures."""
        failure = answer if isinstance(answer, FetchFailed) and answer.temporary else None
        host.ready_at = ended_at + max(host.delay, (failure and failure.retry_after) or 0.0)
        wait = host.ready_at - self._clock.monotonic()
        # robots.txt may come from another server, which works while that of the pages does not.
        recovered = failure is None and task.page is not None
        was_paused = bool(host.pauses)
        if failure is not None:
            host.failures += 1
        elif recovered:
            host.failures = host.pauses = 0
        if wait > _MAX_WAIT:
            host.closed = "host asked to wait"
        if failure is not None and host.failures >= (_PROBES if host.pauses else _MAX_FAILURES):
            host.pauses += 1
            pause = _PAUSE_FACTOR * backoff(host.pauses)
            wait = max(wait, min(pause, LONGEST_WAIT).total_seconds())
            host.closed = f"host is paused after repeated failures: {failure.reason}"
        if wait > 0 or (recovered and was_paused):
            until = self._now().timestamp() + max(wait, 0.0)
            self._frontier.save_host_state(host.name, until, host.closed, host.pauses)
        if host.closed:
            self._drop_tasks(host)
        self._scheduler.wake(host.name)

    # --- the end -----------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """End the run, once: record the answers so far, end the leases, and stop the workers."""
        if self._ended:
            return
        self._ended = True
        try:
            # Failures are not handled, because they would not be reported; the next run tries again.
            answers = [report for report in self._pool.collect(0.0) if isinstance(report.answer, Response)]
            self._handle(answers)
            self._frontier.release()
            self._frontier.commit()
        finally:
            self._fetcher.close()  # interrupts threads that wait for a server
            self._pool.stop()
        # Bodies that made no document and were replaced: feeds, lists, pages with changing advertisements. Only now,
        # when no thread may be storing the same body again.
        for digest in self._handler.superseded:
            if not self._frontier.uses_capture(digest):
                self._captures.drop(digest)
