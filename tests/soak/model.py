"""A model of what an archive of the world must contain, built from the answers of the world.

It lists what is wrong with an archive: documents, revisions, texts, statements, copies, failures and alerts. What a
killed run recorded is unknown, so its answers count as uncertain until the page is fetched again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from searchkit.archive import Archive
from searchkit.archive.status import IndexedRecord
from searchkit.crawl.web.response_handler import MAX_TRIES
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.statements.document import Document
from searchkit.update.running import LOG
from tests.crawl.web.site import Request
from tests.soak.articles import KEYWORD, WATCHED, Article, Version
from tests.soak.updater import DOCUMENTS, STATEMENTS
from tests.soak.world import SOURCES, TEMPORARY, World


class Sight(Struct, frozen=True):
    """A state of an article that was shown: a version, or None for gone. `certain`: the run that saw it was not
    killed."""

    version: int | None
    certain: bool
    hour: int


class Shown(Struct):
    """What was shown of one article. `failures` are those since it was last fetched: whether each was temporary, and
    whether it certainly counts."""

    sights: list[Sight] = field(default_factory=list)
    failures: list[tuple[bool, bool]] = field(default_factory=list)
    failed_at: int = -1

    def possible(self) -> list[int | None]:
        """Return the states in which the archive may have it, the likeliest first; nothing if it was never shown."""
        found: list[int | None] = []
        for sight in reversed(self.sights):
            found.append(sight.version)
            if sight.certain:
                break
        return list(dict.fromkeys(found))

    @property
    def sure(self) -> bool:
        """Return whether the archive must have a document for it."""
        return any(sight.certain and sight.version is not None for sight in self.sights)

    def last(self) -> int:
        """Return the version that was shown last."""
        return next(sight.version for sight in reversed(self.sights) if sight.version is not None)

    def written(self) -> int:
        """Return when the version that was shown last was shown first; it may have been gone in between."""
        hour, last = -1, self.last()
        for sight in reversed(self.sights):
            if sight.version not in {None, last}:
                break
            hour = sight.hour if sight.version is not None else hour
        return hour

    def see(self, version: int | None, *, certain: bool, hour: int) -> None:
        """Record a state that was shown."""
        if version is None and all(sight.version is None for sight in self.sights):
            self.fail(temporary=False, certain=certain, hour=hour)
            return
        self.failures = [] if certain else [(temporary, False) for temporary, _ in self.failures]
        last = self.sights[-1] if self.sights else None
        if last is None or last.version != version:
            self.sights.append(Sight(version, certain, hour))
        elif certain and not last.certain:
            self.sights[-1] = Sight(version, True, hour)

    def fail(self, *, temporary: bool, certain: bool, hour: int) -> None:
        """Record a failure, once for each run: a kept connection that closes is tried twice."""
        if hour != self.failed_at:
            self.failed_at = hour
            self.failures.append((temporary, certain))

    def is_failing(self) -> bool | None:
        """Return whether it must be listed among the failures; None if both are right."""
        if self.failures.count((False, True)) or self.failures.count((True, True)) >= MAX_TRIES:
            return True
        temporary = [temporary for temporary, _ in self.failures]
        return None if not all(temporary) or len(temporary) >= MAX_TRIES else False


class Model:
    """Everything that was shown of the world."""

    def __init__(self, world: World, *, every: int = 1) -> None:
        self._world = world
        self._every = every
        self.shown: dict[Article, Shown] = defaultdict(Shown)
        # Feeds, sitemaps and front pages, which fail as other pages do while their hosts are down.
        self._lists: dict[tuple[str, str], Shown] = defaultdict(Shown)
        # By alert: what it must report, what it may, and the baseline of the first run.
        self._must_report: dict[str, set[str]] = defaultdict(set)
        self._may_report: dict[str, set[str]] = defaultdict(set)
        self._known: dict[str, set[str]] = defaultdict(set)
        self._dirty: set[Article] = set()
        self._moved: set[Article] = set()
        self._killed = 0
        self._finished = 0
        world.is_archived = self.is_archived
        world.has_moved = self.has_moved

    def is_archived(self, article: Article) -> bool:
        """Return whether the archive has what is there now."""
        return self.shown[article].possible() == [article.now]

    def has_moved(self, article: Article) -> bool:
        """Return whether the archive has fetched a moved article from its new address."""
        return article in self._moved and self.is_archived(article) and not self.shown[article].failures

    # --- what happened -----------------------------------------------------------------------------------------------

    def record(self, requests: Iterable[Request], *, finished: bool) -> None:
        """Record the answers of this hour. Alerts report nothing of the first run."""
        world, hour = self._world, self._world.hour
        for request in requests:
            article = world.by_path.get((request.host, request.path))
            shown = self.shown[article] if article is not None else self._lists[request.host, request.path]
            if request.host in world.down:
                shown.fail(temporary=True, certain=finished, hour=hour)
                if request.path == "/robots.txt":
                    self._fail_host(request.host)
            elif article is not None:
                self._record(article, request, finished)
            else:
                shown.see(0, certain=finished, hour=hour)
        for article in world.articles:
            if not article.host and (article.now is not None or self.shown[article].sights):
                self._see(article, article.now, certain=finished)
        if finished:
            for article in self._dirty:
                self._expect(article)
            self._dirty.clear()
        self._finished += finished
        self._killed += not finished

    def _fail_host(self, host: str) -> None:
        """Without its robots.txt no page of a host is fetched. It is unknown which were due and failed."""
        for article in self._world.articles:
            if article.host == host:
                self.shown[article].fail(temporary=True, certain=False, hour=self._world.hour)

    def _record(self, article: Article, request: Request, finished: bool) -> None:
        if request.path != article.path:
            return  # The former address redirects, or the new one is fetched next.
        if article.trouble:
            temporary = article.trouble in TEMPORARY
            self.shown[article].fail(temporary=temporary, certain=finished, hour=self._world.hour)
        elif request.status in {200, 304}:
            self._see(article, article.now, certain=finished or request.status == 304)
        elif request.status in {301, 404, 410}:
            self._see(article, None, certain=finished)
        if finished and article.old_path and request.status in {200, 304}:
            self._moved.add(article)

    def _see(self, article: Article, version: int | None, *, certain: bool) -> None:
        self.shown[article].see(version, certain=certain, hour=self._world.hour)
        self._dirty.add(article)

    def _expect(self, article: Article) -> None:
        """Record what the alerts of a complete run report of an article."""
        possible = self.shown[article].possible()
        for version in (article.versions[one] for one in possible if one is not None):
            words = {one.words for one in version.statements if one.speaker == WATCHED}
            titled = {article.origin} if KEYWORD in version.title else set()
            for alert, matches in ((STATEMENTS, words), (DOCUMENTS, titled)):
                self._may_report[alert] |= matches
                if not self._finished:
                    self._known[alert] |= matches
                elif len(possible) == 1:
                    self._must_report[alert] |= matches

    # --- what is wrong -----------------------------------------------------------------------------------------------

    def faults(self, archive: Archive) -> Iterator[str]:
        """Yield what is wrong in an archive after a complete run."""
        documents: list[Document] = []
        for article in self._world.articles:
            document = archive.at(article.uri)
            if document is None:
                if self.shown[article].sure:
                    yield f"{article.uri} is not in the archive"
            elif not self.shown[article].possible():
                yield f"{article.uri} is in the archive, and was never shown"
            else:
                documents.append(document)
                yield from self._wrong(archive, article, document)
        yield from _wrong_index(archive, documents)
        yield from _wrong_copies(documents)
        yield from self._wrong_failures(archive)
        lines = (archive.folder / LOG).read_bytes().count(b"\n")
        if not self._finished <= lines <= self._finished + self._killed:
            yield f"{LOG} has {lines} lines after {self._finished} runs, and {self._killed} that were killed"

    def _wrong(self, archive: Archive, article: Article, document: Document) -> Iterator[str]:
        possible = self.shown[article].possible()
        if bool(document.gone_at) != (possible == [None]) and not (document.gone_at and None in possible):
            yield f"{article.uri} is {'gone' if document.gone_at else 'there'}, and was shown as {possible}"
        texts = {article.versions[version].text for version in possible if version is not None}
        if None not in possible and document.text not in texts:
            yield f"{article.uri} has another text than was shown: {document.text[:80]!r}"
        revisions = [archive.revision(document.id, number) for number in range(1, document.revision + 1)]
        stored = [(one.title, one.text) if one is not None else None for one in revisions]
        yield from _wrong_revisions(article, self.shown[article], stored)
        for one in revisions:
            if one is not None:
                found = [(quote.speaker.name, quote.content.of(one.text).strip('",')) for quote in one.quotes]
                same = [version.statements for version in article.versions if version.text == one.text]
                if found not in [[(each.speaker, each.words) for each in statements] for statements in same]:
                    yield f"{article.uri} has other statements than it was shown with: {found}"

    def _wrong_failures(self, archive: Archive) -> Iterator[str]:
        lists = {self._world.site.url(path, host=host): shown for (host, path), shown in self._lists.items()}
        for source in SOURCES.values():
            listed = {failure.uri for failure in archive.failures(source)}
            known = {one.uri: self.shown[one] for one in self._world.articles if one.source == source}
            known |= {uri: shown for uri, shown in lists.items() if uri in listed}
            for uri in listed - known.keys():
                yield f"{uri} is listed as a failure of {source}"
            for uri, shown in known.items():
                failing = shown.is_failing()
                if failing is not None and failing != (uri in listed):
                    yield f"{uri} {'fails and is not listed' if failing else 'is listed and does not fail'}"

    def wrong_reports(self, reported: dict[str, Counter[str]]) -> Iterator[str]:
        """Yield what alerts reported too often, wrongly or not at all; `reported` is by alert."""
        for alert, counts in reported.items():
            known = self._known[alert]
            yield from (f"{alert} reported {count} times: {what}" for what, count in counts.items() if count > 1)
            yield from (f"{alert} not reported: {what}" for what in self._must_report[alert] - known - counts.keys())
            yield from (f"{alert} reported, but not new: {what}" for what in counts.keys() & known)
            yield from (
                f"{alert} reported, but never shown: {what}" for what in counts.keys() - self._may_report[alert]
            )

    def late(self) -> Iterator[str]:
        """Yield changes that should have been seen by now: a page is due after a tenth of the time since it changed
        last, or in the next run but one. Pages and hosts that failed may be later."""
        world = self._world
        for article in world.articles:
            shown = self.shown[article]
            if not article.host or article.trouble or not shown.sights or article.now in shown.possible():
                continue
            waits = 4 * self._every + 0.15 * (article.changed_at - shown.written())
            outage = any(host == article.host and article.changed_at - 30 <= hour for host, hour in world.outages)
            failed = any(temporary for temporary, _ in shown.failures)
            if world.hour - article.changed_at > waits and not (outage or failed):
                hour = shown.sights[-1].hour
                yield f"{article.uri} changed at hour {article.changed_at}, was seen last at {hour}, not since"

    def unlike(self) -> Iterator[str]:
        """Yield articles that the archive does not have as they are now, after a rest without changes."""
        for article in self._world.articles:
            if not self.is_archived(article) and (article.now is not None or self.shown[article].sights):
                yield f"{article.uri} is {article.now} and was shown as {self.shown[article].possible()}"


def _wrong_index(archive: Archive, documents: Sequence[Document]) -> Iterator[str]:
    status = archive.status()
    ids = {document.id for document in documents}
    counts = (status.documents, status.statements)
    expected = (len(ids), sum(len(document.quotes) for document in documents))
    if counts != expected:
        yield f"the store has {counts} documents and statements, not {expected}"
    if status.indexed != IndexedRecord(document=counts[0], quote=counts[1]):
        yield f"the index has {status.indexed}, the store {counts}"
    everything = SearchRequest(query=ast.All(), limit=len(ids) + 1, copies=True)
    found = {hit.id for hit in archive.search(everything).hits}
    if found != ids:
        yield f"a search finds {len(found - ids)} too many and {len(ids - found)} too few"


def _wrong_revisions(article: Article, shown: Shown, stored: list[tuple[str | None, str] | None]) -> Iterator[str]:
    """Every version that a complete run saw is a revision, in order; one that a killed run saw may be."""
    seen: list[tuple[Version, bool]] = []
    for sight in shown.sights:
        if sight.version is None:
            continue
        version = article.versions[sight.version]
        if seen and seen[-1][0] is version:
            seen[-1] = (version, seen[-1][1] or sight.certain)
        else:
            seen.append((version, sight.certain))
    left = list(stored)
    for version, certain in seen:
        if left and left[0] == (version.title, version.text):
            left.pop(0)
        elif certain:
            yield f"{article.uri} has {len(stored)} revisions, and that of {version.title!r} is not in its place"
            return
    if left:
        yield f"{article.uri} has {len(stored)} revisions, and only {len(seen)} versions were shown"


def _wrong_copies(documents: Iterable[Document]) -> Iterator[str]:
    """Documents with the same text are one group; there are no other groups."""
    groups, expected = defaultdict(set), defaultdict(set)
    for document in documents:
        groups[document.copies or document.id].add(document.id)
        expected[document.text].add(document.id)
    for group in set(map(frozenset, expected.values())) ^ set(map(frozenset, groups.values())):
        yield f"wrong group of copies: {sorted(group)}"
