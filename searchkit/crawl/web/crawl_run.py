"""One crawl over sources: schedule hosts, check robots.txt, submit requests, and process the answers.

One thread runs this; worker threads fetch (fetching.py). All sources are fetched at the same time: each is limited to
its share of the requests and to its own pages and time (source_run.py), so a slow one does not delay the others.
response_handler.py decides what follows from an answer.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from math import inf

from msgspec.structs import replace

from searchkit.crawl.base import CrawlResult, Gone, Recovered, Refused, Source, Withheld
from searchkit.crawl.web import fetching
from searchkit.crawl.web.addresses import canonical, host_of, origin_of
from searchkit.crawl.web.http import MAX_REDIRECTS, Fetcher
from searchkit.crawl.web.pages import FetchFailed, Page, Response
from searchkit.crawl.web.politeness import LONGEST_WAIT, Robots, backoff
from searchkit.crawl.web.response_handler import OUTSIDE, Crawl, Results
from searchkit.crawl.web.source_run import SourceRun
from searchkit.errors import SearchkitError

# A host that asks for a longer wait is left to the next run.
_MAX_WAIT = 120.0
# After so many temporary failures in a row a host is paused, for so many times as long as a failed page: half an hour,
# then an hour, up to a day. A host that was paused already gets two requests: its feed, and a page.
_MAX_FAILURES = 3
_PROBES = 2
_PAUSE_FACTOR = 30
# Requests at once: of all sources, and of one. With many sources each has an equal share.
_MAX_REQUESTS = 128
_MAX_OF_SOURCE = 16
# Results that need no request are yielded in batches.
_BATCH = 100
# While nothing arrives, the caller gets a chance this often to store what arrived before.
_STEP_SECONDS = 2.0
# Sources that wait for the parser are looked at this often.
_BACKLOG_SECONDS = 0.1


class CrawlRun:
    """One crawl over sources with different owners and locations. A source `is_backlogged`, by name, while too much of
    it waits to be read.
    """

    def __init__(self, sources: Iterable[Source], crawl: Crawl, *, is_backlogged: Callable[[str], bool]) -> None:
        self._crawl = crawl
        options = crawl.options
        self._clock, self._now = options.clock, crawl.now
        self._frontier, self._captures = crawl.frontier, crawl.captures
        self._visited: set[str] = set()
        self._is_backlogged = is_backlogged
        self._scheduler = fetching.HostScheduler()
        self._pool = fetching.FetchPool(self._captures, clock=self._clock)
        self._fetchers: dict[tuple[str, ...], Fetcher] = {}
        self._runs: dict[str, SourceRun] = {}
        for source in sources:
            # A connection is shared only by sources that may open it.
            allowed = tuple(sorted({*options.http.allow_hosts, *source.allow_hosts}))
            if allowed not in self._fetchers:
                self._fetchers[allowed] = Fetcher(replace(options.http, allow_hosts=allowed), now=crawl.now)
            run = SourceRun(source, crawl, self._fetchers[allowed], visited=self._visited, wake=self._wake)
            self._runs[run.owner] = run
        # What an earlier run recorded and did not settle, of each source.
        self._unsettled: dict[str, Iterator[CrawlResult]] = {}
        # Hosts whose sources have as many requests under way, or as much waiting to be read, as they may.
        self._parked: set[str] = set()
        # The source of each result.
        self.sources: dict[str, Source] = {}
        # Pages reported in this run as refused, withheld, gone or recovered.
        self.reported: set[str] = set()
        # Pages yielded again from the captures.
        self.yielded_again: set[str] = set()
        self._ended = False

    @property
    def cut_short(self) -> dict[str, str]:
        """Return why sources were ended before everything was fetched, by name."""
        return {run.source.name: run.cut_short for run in self._runs.values() if run.cut_short}

    # --- results -----------------------------------------------------------------------------------------------------

    def results(self) -> Iterator[CrawlResult | None]:
        """Yield all results of this run, each recorded before, and None while nothing arrives."""
        begun = self._clock.monotonic()
        refused: Results = []
        for run in self._runs.values():
            refused += self._of(run, run.begin())
        self._unsettled = {owner: run.unsettled() for owner, run in self._runs.items()}
        for run in self._runs.values():
            for host in run.hosts_due():
                self._wake(host, run.owner)
        self._frontier.commit()
        yield from refused
        while True:
            results = self._next_unsettled() or self._submit_tasks() or self._handle(self._collect(begun))
            yield from self._recorded(results)
            self._end_late(begun)
            if not results:
                if not self._unsettled and not any(run.is_active for run in self._runs.values()):
                    break
                yield None
        for run in self._runs.values():
            yield from self._recorded(self._of(run, run.unvisited(self._why_closed, self.reported)))

    def _of(self, run: SourceRun, results: Results) -> Results:
        self.sources.update((result.uri, run.source) for result in results)
        return results

    def _recorded(self, results: Results) -> Iterator[CrawlResult]:
        # Committed first, because the process may end while the caller works on a result.
        self._frontier.commit()
        for result in results:
            if isinstance(result, Refused | Withheld | Gone | Recovered):
                self.reported.add(canonical(result.uri))
            yield result

    def unsettled(self) -> Iterator[CrawlResult]:
        """Yield from the captures what an earlier run recorded and was not settled."""
        for run in self._runs.values():
            for result in run.unsettled():
                yield from self._again(run, result)

    def _again(self, run: SourceRun, result: CrawlResult) -> Results:
        self.yielded_again.add(result.uri)
        return self._of(run, [result])

    def _next_unsettled(self) -> Results:
        """Return the next unsettled result of each source that is not backlogged."""
        results: Results = []
        for owner, unsettled in list(self._unsettled.items()):
            run = self._runs[owner]
            if self._is_backlogged(run.source.name):
                continue
            result = None if run.cut_short else next(unsettled, None)
            if result is None:
                del self._unsettled[owner]
                continue
            results += self._again(run, result)
        return results

    # --- time --------------------------------------------------------------------------------------------------------

    def _end_of(self, run: SourceRun, begun: float) -> float:
        return min(self._crawl.ends_at, begun + run.source.max_seconds)

    def _end_late(self, begun: float) -> None:
        now = self._clock.monotonic()
        for run in self._runs.values():
            if not run.is_active or now < self._end_of(run, begun):
                continue
            minutes = f"{run.source.max_seconds / 60:g} minutes of the source (max_minutes)"
            for name in run.hosts:
                host = self._scheduler[name]
                with suppress(ValueError):
                    host.owners.remove(run.owner)
                self._drop_tasks(host, run.owner)
            if now >= self._crawl.ends_at:
                minutes = f"{self._crawl.options.max_seconds / 60:g} minutes of the run (max_minutes)"
            run.cut(f"the {minutes} are used up")

    # --- hosts -------------------------------------------------------------------------------------------------------

    def _why_closed(self, host: str) -> str:
        """Return why a host is paused until the next run; empty if it is not."""
        return self._scheduler[host].why_closed if host in self._scheduler else ""

    def _wake(self, name: str, owner: str) -> fetching.Host:
        """Queue a host that has pages of an owner to fetch."""
        run = self._runs[owner]
        if name not in self._scheduler:
            claim_host = self._crawl.options.claim_host
            is_ours = claim_host is None or claim_host(name)
            next_at, reason, pauses = self._frontier.host_state(name)
            wait = max(0.0, next_at - self._now().timestamp())
            ready_at = self._clock.monotonic() + min(wait, _MAX_WAIT)
            host = fetching.Host(name=name, delay=run.source.delay, ready_at=ready_at, pauses=pauses)
            host.closed = "" if is_ours else fetching.OF_OTHER_WORKER
            if self._crawl.options.refetch and reason not in {"", fetching.ASKED_TO_WAIT}:
                host.ready_at = self._clock.monotonic()
            elif wait > _MAX_WAIT:
                host.closed, host.closed_until = reason or fetching.ASKED_TO_WAIT, next_at
            self._scheduler[name] = host
        host = self._scheduler[name]
        host.delay = max(host.delay, run.source.delay)
        if not host.closed and not run.cut_short:
            if owner not in host.owners:
                host.owners.append(owner)
            run.hosts.add(name)
            self._scheduler.wake(name)
        return host

    def _is_full(self, owner: str) -> bool:
        """Return whether a source has as many requests under way, or as much waiting to be read, as it may."""
        if self._is_backlogged(self._runs[owner].source.name):
            return True
        active = sum(run.is_active for run in self._runs.values())
        share = max(1, min(_MAX_OF_SOURCE, _MAX_REQUESTS // max(active, 1)))
        return len(self._runs[owner].under_way) >= share

    # --- requests ----------------------------------------------------------------------------------------------------

    def _submit_tasks(self) -> Results:
        """Submit tasks until every worker has one; return the results that needed no request."""
        results: Results = []
        parked, self._parked = self._parked, set()
        for name in parked:
            self._scheduler.wake(name)
        while self._pool.running < _MAX_REQUESTS and len(results) < _BATCH:
            host = self._scheduler.next(self._clock.monotonic())
            if host is None:
                break
            self._submit_next(host, results)
        return results

    def _submit_next(self, host: fetching.Host, results: Results) -> None:
        """Submit the next task of `host`; add the results of tasks that need no request."""
        while len(results) < _BATCH:
            task = self._next_task(host)
            if task is None:
                return
            page, run, origin = task.page, self._runs[task.owner], origin_of(task.url)
            rules = self._rules(host, origin)
            if page is None or rules is None:
                host.tasks.appendleft(task)
                self._submit(host, fetching.FetchTask(url=f"{origin}/robots.txt", owner=task.owner))
                return
            self._visited.add(page.url)
            if isinstance(rules, FetchFailed):
                results += self._of(run, run.failed(page, rules))
                continue
            run.read_robots(origin, rules)
            if rules.allows(task.url):
                if not task.passed and not task.former:
                    run.count(page)
                self._submit(host, run.with_conditions(task, page, rules))
                return
            # For a page this is the wish of its publisher; for a feed it is a fault of the source.
            close = run.withheld if page.role == "page" else run.refused
            results += self._of(run, close(page, "disallowed by robots.txt"))
        self._scheduler.wake(host.name)

    def _next_task(self, host: fetching.Host) -> fetching.FetchTask | None:
        while True:
            task = next((task for task in host.tasks if not self._is_full(task.owner)), None)
            if task is None:
                if not self._claim(host):
                    return None
                continue
            host.tasks.remove(task)
            page = task.page
            if page is None or task.passed or task.former:
                return task
            if page.url in self._visited:
                continue  # still leased, so that it is not claimed again and again
            if not self._runs[task.owner].has_room_for(page):
                self._frontier.release([page.url])
                continue
            return task

    def _claim(self, host: fetching.Host) -> bool:
        """Add the next tasks of a host, of each source in turn; return whether there are any.

        A source that has none leaves the host until it finds pages there. If all others are full, the host is parked
        until an answer arrives."""
        for owner in tuple(host.owners):
            if self._is_full(owner):
                continue
            tasks = self._runs[owner].claim(host.name)
            host.owners.remove(owner)
            if tasks:
                host.owners.append(owner)
                host.tasks.extend(tasks)
                return True
            self._runs[owner].hosts.discard(host.name)
        if host.owners or host.tasks:
            self._parked.add(host.name)
        return False

    def _drop_tasks(self, host: fetching.Host, owner: str) -> None:
        dropped = [task for task in host.tasks if task.owner == owner]
        for task in dropped:
            host.tasks.remove(task)
        self._frontier.release([task.page.url for task in dropped if task.page is not None])

    def _close(self, host: fetching.Host) -> None:
        for owner, run in self._runs.items():
            if host.name in run.hosts:
                run.hosts.discard(host.name)
                self._drop_tasks(host, owner)
        host.owners.clear()

    def _rules(self, host: fetching.Host, origin: str) -> Robots | FetchFailed | None:
        """Return the robots.txt of an origin, from this run or stored, or why there is none; None if it must be
        fetched."""
        rules = host.robots.get(origin)
        if rules is None and (stored := self._frontier.robots(origin)) is not None:
            text, fetched_at = stored
            robots = Robots(text=text, fetched_at=datetime.fromtimestamp(fetched_at, self._now().tzinfo))
            if not robots.is_stale(self._now()):
                rules = robots
                _obey(host, origin, robots)
        return rules

    def _submit(self, host: fetching.Host, task: fetching.FetchTask) -> None:
        run = self._runs[task.owner]
        host.busy = True
        run.under_way.append(task.page.url if task.page is not None else "")
        self._pool.submit(task, run.fetcher)

    # --- answers -----------------------------------------------------------------------------------------------------

    def _collect(self, begun: float) -> list[fetching.TaskReport]:
        """Return the reports so far; wait for the first, or until a host is ready or the time of a source is up."""
        times = [self._end_of(run, begun) for run in self._runs.values() if run.is_active]
        if self._pool.running < _MAX_REQUESTS and (ready_at := self._scheduler.next_ready_at()) is not None:
            times.append(ready_at)
        step = _STEP_SECONDS
        if self._unsettled or self._parked:
            step = _BACKLOG_SECONDS
        elif not times:
            return []
        wait = min(max(0.0, min(times, default=inf) - self._clock.monotonic()), step)
        if self._pool.running:
            return self._pool.collect(wait)
        self._clock.sleep(wait)
        return []

    def _handle(self, reports: list[fetching.TaskReport]) -> Results:
        results: Results = []
        for task, answer, ended_at in reports:
            if isinstance(answer, SearchkitError):
                raise answer
            run = self._runs[task.owner]
            run.under_way.remove(task.page.url if task.page is not None else "")
            host = self._scheduler[host_of(task.url)]
            host.busy = False
            results += self._of(run, self._handle_answer(run, task, host, answer))
            self._rest(host, task, answer, ended_at)
        return results

    def _handle_answer(
        self, run: SourceRun, task: fetching.FetchTask, host: fetching.Host, answer: fetching.Answer
    ) -> Results:
        if self._crawl.warc is not None and isinstance(answer, Response) and answer.status != 304:
            self._crawl.warc.write(answer)
        if task.page is None:
            if isinstance(answer, Response | FetchFailed):
                self._handle_robots(origin_of(task.url), host, answer)
            return []
        # A feed may have updated the page during the request.
        page = self._frontier.page(task.page.url) or task.page
        results = self._results_of(run, task, page, answer)
        if any(isinstance(result, Gone) and result.uri == page.url for result in results):
            tried = (*task.former, *task.passed, task.url)
            if url := run.untried_address(page, tried):
                # Before the page is reported as gone; saved as it was, in case the run is killed.
                self._frontier.save(page)
                other = fetching.FetchTask(url=url, page=page, owner=run.owner, former=tried)
                return self._submit_first(run, other, page, "moved")
        return results

    def _results_of(self, run: SourceRun, task: fetching.FetchTask, page: Page, answer: fetching.Answer) -> Results:
        if isinstance(answer, Response):
            if task.passed:
                passed = (*task.passed, *(answer.redirects or (task.url,)))
                permanent = task.permanent and (answer.permanent_redirect or not answer.redirects)
                answer = replace(answer, redirects=passed, permanent_redirect=permanent)
            return run.answered(page, answer)
        if isinstance(answer, fetching.CrossHostRedirect):
            return self._follow(run, task, page, answer)
        return run.failed(page, answer) if isinstance(answer, FetchFailed) else []

    def _submit_first(self, run: SourceRun, task: fetching.FetchTask, page: Page, why: str) -> Results:
        """Queue a task for another address of `page`, before the other tasks of its host."""
        host = self._wake(host_of(task.url), run.owner)
        if closed := host.why_closed or run.cut_short:
            return run.failed(page, FetchFailed(f"{why}: {closed}", temporary=True))
        host.tasks.appendleft(task)
        self._scheduler.wake(host.name)
        return []

    def _handle_robots(self, origin: str, host: fetching.Host, answer: Response | FetchFailed) -> None:
        now = self._now()
        rules = Robots.from_answer(answer, now)
        if rules is not None:
            self._frontier.save_robots(origin, rules.text, now.timestamp())
            _obey(host, origin, rules)
        elif isinstance(answer, FetchFailed):
            # A permanent failure (no such host, a private address) applies to every page in the same way.
            reason = f"cannot fetch robots.txt: {answer.reason}" if answer.temporary else answer.reason
            host.robots[origin] = FetchFailed(reason, temporary=answer.temporary, retry_after=answer.retry_after)

    def _follow(
        self, run: SourceRun, task: fetching.FetchTask, page: Page, redirect: fetching.CrossHostRedirect
    ) -> Results:
        passed = (*task.passed, task.url)
        if redirect.url in passed:
            return run.refused(page, "redirect loop")
        if len(passed) > MAX_REDIRECTS:
            return run.refused(page, f"more than {MAX_REDIRECTS} redirects")
        target = canonical(redirect.url)
        permanent = task.permanent and redirect.permanent
        if page.role == "page" and not run.discovery.selects(target):
            return run.led_away(page, target, OUTSIDE, permanent=permanent)
        other = run.known_as(page, target)
        if other is not None and other.url in self._visited:
            run.make_alias(page, target)
            return []
        target_task = fetching.FetchTask(
            url=redirect.url, page=page, owner=run.owner, passed=passed, permanent=permanent, former=task.former
        )
        return self._submit_first(run, target_task, page, "redirect target")

    def _rest(self, host: fetching.Host, task: fetching.FetchTask, answer: fetching.Answer, ended_at: float) -> None:
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
            host.closed = fetching.ASKED_TO_WAIT
        if failure is not None and host.failures >= (_PROBES if host.pauses else _MAX_FAILURES):
            host.pauses += 1
            pause = min(_PAUSE_FACTOR * backoff(host.pauses), LONGEST_WAIT).total_seconds()
            if pause > wait:
                wait, host.closed = pause, f"host is paused after repeated failures: {failure.reason}"
        if wait > 0 or (recovered and was_paused):
            until = self._now().timestamp() + max(wait, 0.0)
            host.closed_until = until
            self._frontier.save_host_state(host.name, until, host.closed, host.pauses)
        if host.closed:
            self._close(host)
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
            self._frontier.release_of(*self._runs)
            self._frontier.commit()
        finally:
            for fetcher in self._fetchers.values():
                fetcher.close()  # interrupts threads that wait for a server
            self._pool.stop()
        # Bodies that made no document and were replaced: feeds, lists, pages with changing advertisements. Only now,
        # when no thread may be storing the same body again.
        for run in self._runs.values():
            for digest in run.superseded:
                if not self._frontier.uses_capture(digest):
                    self._captures.drop_superseded(digest)


def _obey(host: fetching.Host, origin: str, rules: Robots) -> None:
    host.robots[origin] = rules
    host.delay = max(host.delay, rules.delay or 0.0)
