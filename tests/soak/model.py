"""A model of what an archive of the town must contain, built from the answers of the town.

It lists what is wrong with an archive: documents, revisions, texts, statements, copies, failures and alerts. What a
killed run recorded is unknown, so its answers count as uncertain until the page is fetched again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from searchkit.archive import Archive
from searchkit.crawl.web.response_handler import MAX_TRIES
from searchkit.document import Document
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.update import LOG
from tests.crawl.web.site import Request
from tests.soak.desk import DOCUMENTS, STATEMENTS
from tests.soak.stories import KEYWORD, WATCHED, Story, Version
from tests.soak.town import PASSING, SOURCES, Town


class Sight(Struct, frozen=True):
    """A state of a story that was shown: a version, or None for gone. `certain`: the run that saw it was not killed."""

    version: int | None
    certain: bool
    hour: int


class Shown(Struct):
    """What was shown of one story. `failed` is how often in a row, at least and at most, its address failed
    temporarily; `refused` the same permanently."""

    sights: list[Sight] = field(default_factory=list)
    failed: tuple[int, int] = (0, 0)
    refused: tuple[int, int] = (0, 0)
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
        """Whether the archive must have a document for it."""
        return any(one.certain and one.version is not None for one in self.sights)

    def last(self) -> int:
        """Return the version that was shown last."""
        return next(one.version for one in reversed(self.sights) if one.version is not None)

    def written(self) -> int:
        """Return when the version that was shown last was shown first; it may have been gone in between."""
        hours = [(one.version, one.hour) for one in self.sights if one.version is not None]
        last = max((place for place, (version, _) in enumerate(hours) if version != hours[-1][0]), default=-1)
        return hours[last + 1][1]

    def see(self, version: int | None, *, certain: bool, hour: int) -> None:
        """Record a state that was shown."""
        if version is None and not any(one.version is not None for one in self.sights):
            self.fail(passing=False, certain=certain, hour=hour)
            return
        self.failed = (0, 0) if certain else (0, self.failed[1])
        self.refused = (0, 0) if certain else (0, self.refused[1])
        last = self.sights[-1] if self.sights else None
        if last is not None and last.version == version:
            if certain and not last.certain:
                self.sights[-1] = Sight(version, True, hour)
            return
        self.sights.append(Sight(version, certain, hour))

    def fail(self, *, passing: bool, certain: bool, hour: int) -> None:
        """Record a failure, once for each run: a kept connection that closes is tried twice."""
        if hour == self.failed_at:
            return
        self.failed_at = hour
        if passing:
            self.failed = (self.failed[0] + certain, self.failed[1] + 1)
        else:
            self.refused = (self.refused[0] + certain, self.refused[1] + 1)

    def is_failing(self) -> bool | None:
        """Return whether it must be listed among the failures; None if both are right."""
        if self.refused[0] or self.failed[0] >= MAX_TRIES:
            return True
        return None if self.refused[1] or self.failed[1] >= MAX_TRIES else False


class Model:
    """Everything that was shown of the town."""

    def __init__(self, town: Town, *, every: int = 1) -> None:
        self._town = town
        self._every = every
        self.shown: dict[Story, Shown] = defaultdict(Shown)
        # Feeds, sitemaps and front pages, which fail as other pages do while their hosts are down.
        self._lists: dict[tuple[str, str], Shown] = defaultdict(Shown)
        # By alert: what it must report, what it may, and the baseline of the first run.
        self._must_report: dict[str, set[str]] = defaultdict(set)
        self._may_report: dict[str, set[str]] = defaultdict(set)
        self._known: dict[str, set[str]] = defaultdict(set)
        self._dirty: set[Story] = set()
        self._killed: set[int] = set()
        self._finished = 0
        town.is_taken = self.is_taken
        town.has_found = self.has_found
        self._found: set[Story] = set()

    def is_taken(self, story: Story) -> bool:
        """Return whether the archive has what is there now."""
        return self.shown[story].possible() == [story.now]

    def has_found(self, story: Story) -> bool:
        """Return whether the archive has fetched a moved article from its new address."""
        shown = self.shown[story]
        return story in self._found and self.is_taken(story) and not (shown.failed[1] or shown.refused[1])

    # --- what happened -----------------------------------------------------------------------------------------------

    def record(self, requests: Iterable[Request], *, finished: bool) -> None:
        """Record the answers of this hour. Alerts report nothing of the first run."""
        hour = self._town.hour
        for request in requests:
            story = self._town.by_path.get((request.host, request.path))
            if story is not None:
                self._take(story, request, finished)
            elif request.host in self._town.down:
                if request.path == "/robots.txt":
                    self._fail_unasked(request.host)
                self._lists[request.host, request.path].fail(passing=True, certain=finished, hour=hour)
            else:
                self._lists[request.host, request.path].see(0, certain=finished, hour=hour)
        for story in self._town.stories:
            if not story.host and (story.now is not None or self.shown[story].sights):
                self._see(story, story.now, certain=finished)
        if not finished:
            self._killed.add(hour)
            return
        for story in self._dirty:
            self._expect(story)
        self._finished += 1
        self._dirty.clear()

    def _fail_unasked(self, host: str) -> None:
        """Without its robots.txt no page of a host is fetched. It is unknown which were due and failed."""
        for story in self._town.stories:
            if story.host == host:
                self.shown[story].fail(passing=True, certain=False, hour=self._town.hour)

    def _take(self, story: Story, request: Request, finished: bool) -> None:
        shown = self.shown[story]
        if request.host in self._town.down:
            shown.fail(passing=True, certain=finished, hour=self._town.hour)
        elif request.path != story.path:
            pass  # The former address redirects, or the new one is fetched next.
        elif story.trouble:
            shown.fail(passing=story.trouble in PASSING, certain=finished, hour=self._town.hour)
        elif request.status == 304:
            self._see(story, story.now, certain=True)
        elif request.status == 200:
            self._see(story, story.now, certain=finished)
        elif request.status in {301, 404, 410}:
            self._see(story, None, certain=finished)
        if finished and story.old_path and request.path == story.path and request.status in {200, 304}:
            self._found.add(story)

    def _see(self, story: Story, version: int | None, *, certain: bool) -> None:
        self.shown[story].see(version, certain=certain, hour=self._town.hour)
        self._dirty.add(story)

    def _expect(self, story: Story) -> None:
        """Record what the alerts of a complete run report of a story."""
        possible = self.shown[story].possible()
        for version in (story.versions[one] for one in possible if one is not None):
            said = {one.words for one in version.statements if one.speaker == WATCHED}
            titled = {story.origin} if KEYWORD in version.title else set()
            for alert, matches in ((STATEMENTS, said), (DOCUMENTS, titled)):
                self._may_report[alert] |= matches
                if not self._finished:
                    self._known[alert] |= matches
                elif len(possible) == 1:
                    self._must_report[alert] |= matches

    # --- what is wrong -----------------------------------------------------------------------------------------------

    def faults(self, archive: Archive) -> Iterator[str]:
        """Yield what is wrong in an archive after a complete run."""
        documents: dict[str, Document] = {}
        statements = 0
        for story in self._town.stories:
            shown = self.shown[story]
            document = archive.at(story.uri)
            if document is None:
                if shown.sure:
                    yield f"{story.uri} is not in the archive"
                continue
            if not shown.possible():
                yield f"{story.uri} is in the archive, and was never shown"
                continue
            documents[document.id] = document
            statements += len(document.quotes)
            yield from self._wrong(archive, story, document)
        yield from _wrong_index(archive, set(documents), statements)
        yield from _wrong_copies(documents.values())
        yield from self._wrong_failures(archive)
        lines = (archive.folder / LOG).read_bytes().count(b"\n")
        if not self._finished <= lines <= self._finished + len(self._killed):
            yield f"{LOG} has {lines} lines after {self._finished} runs, and {len(self._killed)} that were killed"

    def _wrong(self, archive: Archive, story: Story, document: Document) -> Iterator[str]:
        possible = self.shown[story].possible()
        versions = [story.versions[one] for one in possible if one is not None]
        if bool(document.gone_at) != (possible == [None]) and not (document.gone_at and None in possible):
            yield f"{story.uri} is {'gone' if document.gone_at else 'there'}, and was shown as {possible}"
        if None not in possible and document.text not in {one.text for one in versions}:
            yield f"{story.uri} has another text than was shown: {document.text[:80]!r}"
        revisions = [archive.revision(document.id, number) for number in range(1, document.revision + 1)]
        had = [(one.title, one.text) if one is not None else None for one in revisions]
        yield from _wrong_revisions(story, self.shown[story], had)
        for one in revisions:
            found = [] if one is None else [(q.speaker.name, q.content.of(one.text).strip('",')) for q in one.quotes]
            expected = [
                [(said.speaker, said.words) for said in version.statements]
                for version in story.versions
                if one is not None and version.text == one.text
            ]
            if found not in expected:
                yield f"{story.uri} has other statements than it was shown with: {found}"

    def _wrong_failures(self, archive: Archive) -> Iterator[str]:
        for source in SOURCES.values():
            listed = {failure.uri for failure in archive.failures(source)}
            asked = {story.uri: self.shown[story] for story in self._town.stories if story.source == source}
            lists = {self._town.site.url(path, host=host): one for (host, path), one in self._lists.items()}
            asked |= {uri: one for uri, one in lists.items() if uri in listed}
            for uri in listed - asked.keys():
                yield f"{uri} is listed as a failure of {source}"
            for uri, shown in asked.items():
                failing = shown.is_failing()
                if failing is not None and failing != (uri in listed):
                    how = f"{shown.failed}, {shown.refused}"
                    yield f"{uri} {'fails and is not listed' if failing else 'is listed and does not fail'} ({how})"

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
        town = self._town
        for story in town.stories:
            shown = self.shown[story]
            if not story.host or story.trouble or not shown.sights or story.now in shown.possible():
                continue
            waits = 4 * self._every + 0.15 * (story.changed_at - shown.written())
            had_trouble = any(host == story.host and story.changed_at - 30 <= hour for host, hour in town.outages)
            if town.hour - story.changed_at > waits and not (had_trouble or shown.failed[1]):
                hour = shown.sights[-1].hour
                yield f"{story.uri} changed at hour {story.changed_at}, was seen last at {hour}, not since"

    def unlike(self) -> Iterator[str]:
        """Yield stories that the archive does not have as they are now, after a rest without changes."""
        for story in self._town.stories:
            if not self.is_taken(story) and (story.now is not None or self.shown[story].sights):
                yield f"{story.uri} is {story.now} and was shown as {self.shown[story].possible()}"


def _wrong_index(archive: Archive, ids: set[str], statements: int) -> Iterator[str]:
    status = archive.status()
    counts = (status.counts.documents, status.counts.statements)
    if counts != (len(ids), statements):
        yield f"the store has {counts} documents and statements, not {(len(ids), statements)}"
    if (status.indexed["document"], status.indexed["quote"]) != counts:
        yield f"the index has {status.indexed}, the store {counts}"
    everything = SearchRequest(query=ast.All(), limit=len(ids) + 1, copies=True)
    found = {hit.id for hit in archive.search(everything).hits}
    if found != ids:
        yield f"a search finds {len(found - ids)} too many and {len(ids - found)} too few"


def _wrong_revisions(story: Story, shown: Shown, had: list[tuple[str | None, str] | None]) -> Iterator[str]:
    """Every version that a complete run saw is a revision, in order; one that a killed run saw may be."""
    seen: list[tuple[Version, bool]] = []
    for sight in shown.sights:
        if sight.version is None:
            continue
        version = story.versions[sight.version]
        if seen and seen[-1][0] is version:
            seen[-1] = (version, seen[-1][1] or sight.certain)
        else:
            seen.append((version, sight.certain))
    left = list(had)
    for version, certain in seen:
        if left and left[0] == (version.title, version.text):
            left.pop(0)
        elif certain:
            yield f"{story.uri} has {len(had)} revisions, and that of {version.title!r} is not in its place"
            return
    if left:
        yield f"{story.uri} has {len(had)} revisions, and only {len(seen)} versions were shown"


def _wrong_copies(documents: Iterable[Document]) -> Iterator[str]:
    """Documents with the same text are one group; there are no other groups."""
    groups, expected = defaultdict(set), defaultdict(set)
    for document in documents:
        groups[document.copies or document.id].add(document.id)
        expected[document.text].add(document.id)
    for group in set(map(frozenset, expected.values())) ^ set(map(frozenset, groups.values())):
        yield f"wrong group of copies: {sorted(group)}"
