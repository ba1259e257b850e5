"""The world of a simulated month: four news sites on the loopback interface and a folder.

Hour after hour stories appear, change, go, come back, move, are copied, break or turn hostile; lines of a file change;
hosts are down. The town changes only in `tick` and `rest`, so every request within an hour sees the same state.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.crawl.web import misdeeds
from tests.crawl.web.site import Act, Request, Site, Wire
from tests.soak import lists
from tests.soak.stories import ANOTHER_ARTICLE, FRONT_PAGE, Story, Writer, page, record, text_file

START = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
LEDGER, COURIER, MONITOR, TRIBUNE = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
OUTLETS = {
    LEDGER: "The Velmar Ledger",
    COURIER: "Ostrava Courier",
    MONITOR: "Harbor Monitor",
    TRIBUNE: "Northgate Tribune",
}
SOURCES = {LEDGER: "ledger", COURIER: "courier", MONITOR: "monitor", TRIBUNE: "tribune"}
CLIPPINGS = "clippings"
# How many stories a feed, a sitemap or a front page lists: enough for all that appears while a host is down.
_LISTED = 40
NEWS = "/news/"
MAX_BYTES = 1_000_000
# By kind of trouble: how an address answers, and whether the failure is temporary.
_HOSTILE: dict[str, tuple[Callable[[], Act], bool]] = {
    "endless": (lambda: misdeeds.ENDLESS_BODY, False),
    "endless in chunks": (lambda: misdeeds.ENDLESS_CHUNKS, False),
    "bomb": (lambda: misdeeds.bomb("gzip"), False),
    "bomb of brotli": (lambda: misdeeds.bomb("br"), False),
    "badly packed": (lambda: misdeeds.encoded(b"no gzip", "gzip"), False),
    "stalls": (lambda: misdeeds.STALLS, True),
    "stalls in the body": (lambda: misdeeds.STALLS_IN_BODY, True),
    "resets": (lambda: misdeeds.RESETS_IN_BODY, True),
    "closes": (lambda: misdeeds.CLOSES, True),
    "speaks no HTTP": (lambda: misdeeds.says(b"\x00\xff\xfe nothing of use\r\n\r\n"), False),
}
PASSING = {kind for kind, (_, passing) in _HOSTILE.items() if passing} | {"HTTP 503"}
_STATUSES = {"HTTP 403": 403, "HTTP 503": 503}
TROUBLES = (*_HOSTILE, *_STATUSES, "no page")
_GONE_BY = ("404", "410", FRONT_PAGE, ANOTHER_ARTICLE)
_COLUMN = "/columns/latest.html"
_WIRE = "wire.jsonl"


class Town:
    """Four sites and a folder at an hour; `tick` lets one pass. Use as a context manager.

    It begins with so many `files`, and `pages` on each site.
    """

    def __init__(self, seed: int, folder: Path, *, files: int = 8, pages: int = 24) -> None:
        self.chance = random.Random(seed)
        self.writer = Writer(self.chance)
        self.site = Site(*OUTLETS)
        self.folder = folder
        self.stories: list[Story] = []
        self.by_path: dict[tuple[str, str], Story] = {}
        self.hour = -1
        self.down: dict[str, int] = {}
        self.outages: list[tuple[str, int]] = []  # host, hour
        # Whether the archive has the current version, so that it may be rewritten.
        self.is_taken: Callable[[Story], bool] = lambda _story: True
        # Whether the archive knows the new address of an article.
        self.has_found: Callable[[Story], bool] = lambda _story: True
        self._ticks = 0
        self._troubled: dict[Story, int] = {}
        self._returns: dict[int, list[Story]] = {}
        self._awake: list[str] = list(OUTLETS)
        folder.mkdir(parents=True)
        for host in OUTLETS:
            self.site.robots("User-agent: *\nDisallow: /admin/\n", host=host)
            self._column(host)
        for _ in range(pages):
            for host in OUTLETS:
                self._publish(host)
        for _ in range(files):
            self._file()
        # Each kind of trouble occurs once on the first day, before memory is compared.
        self._first = list(TROUBLES)
        self.chance.shuffle(self._first)

    def __enter__(self) -> "Town":
        return self

    def __exit__(self, *_: object) -> None:
        self.site.close()

    @property
    def now(self) -> datetime:
        """The time of the town."""
        return START + timedelta(hours=max(self.hour, 0))

    # --- an hour passes ----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let an hour pass."""
        self.hour += 1
        chance = self.chance
        self._recover()
        # Most news is by day.
        self._awake = chance.sample(list(OUTLETS), 2)
        if 8 <= self.now.hour < 19:
            for host in self._awake:
                if chance.random() < 0.6:
                    self._publish(host)
            for happening, often in (
                (self._edit, 0.7),
                (self._remove, 0.3),
                (self._trouble, 0.25),
                (self._copy, 0.15),
                (self._move, 0.05),
                (self._relocate, 0.1),
                (self._retire, 0.2),
            ):
                if chance.random() < often:
                    happening()
        if self.hour > 2 and self._first:
            self._trouble(self._first.pop())
        if chance.random() < 0.3:
            self._file()
        if chance.random() < 0.2:
            self._change_file()
        if chance.random() < 0.02:
            self._outage()
        self.list_all()

    def rest(self, hours: int) -> None:
        """Let hours pass in which hosts and stories recover and nothing else happens."""
        self.hour += hours
        for host in self.down:
            self.site.up(host)
        self.down.clear()
        for story in list(self._troubled):
            self._recover_story(story)
        self.list_all()

    def _recover(self) -> None:
        for host, until in list(self.down.items()):
            if until <= self.hour:
                self.site.up(host)
                del self.down[host]
        for story, until in list(self._troubled.items()):
            if until <= self.hour:
                self._recover_story(story)
        for story in self._returns.pop(self.hour, ()):
            if story.now is None:
                self._put_up(story, edited=self.chance.random() < 0.3 and not story.old_path)

    def _some(self) -> Story | None:
        """Return one of the newer stories of a site where something happens now."""
        found = [
            one for one in self.stories[-160:] if one.host in self._awake and one.now is not None and not one.trouble
        ]
        return self.chance.choice(found) if found else None

    # --- what happens ------------------------------------------------------------------------------------------------

    def _publish(self, host: str, *, like: Story | None = None) -> Story:
        number = len(self.stories)
        path = f"{NEWS}{number}.html"
        version = like.version if like is not None else self.writer.version()
        story = Story(
            uri=self.site.url(path, host=host),
            source=SOURCES[host],
            published=like.published if like is not None else self.now,
            versions=[version],
            changed_at=self.hour,
            updated=self.now,
            ticks=self.chance.random() < 0.05,
            path=path,
            host=host,
            listed=path,
        )
        story.family = story.origin = like.family if like is not None else story.uri
        self.stories.append(story)
        self.by_path[host, path] = self.by_path[host, f"{path}/"] = story
        self._serve(story)
        return story

    def _copy(self) -> None:
        recent = [one for one in self.stories[-25:] if one.host and one.now == 0 and not one.trouble]
        recent = [one for one in recent if one.published >= self.now - timedelta(hours=6)]
        if recent:
            story = self.chance.choice(recent)
            host = self.chance.choice([host for host in self._awake if host != story.host])
            self._publish(host, like=story)

    def _edit(self) -> None:
        story = self._some()
        if story is not None and self._put_up(story, edited=True):
            story.changed_at = self.hour

    def _put_up(self, story: Story, *, edited: bool) -> bool:
        """Publish an article again, changed or not; return whether it was possible."""
        if edited and story.old_path and not self.has_found(story):
            return False  # another text at another address would be another article
        if edited:
            version = self.writer.edited(story.version)
            kin = [one for one in self.stories if one.origin == story.origin]
            if len(kin) > 1:
                # A copy is rewritten only after the archive has seen it as one. The original is never rewritten,
                # because a copy may go before the archive sees that it is none any more.
                if not all(self.is_taken(one) for one in kin) or story.family == story.uri:
                    return False
                version = self.writer.version(watched=False)
                story.family = story.uri
            story.write(version, self.now)
        else:
            story.put_up()
        story.changed_at = self.hour
        story.taken_away_by = ""
        self._serve(story)
        return True

    def _remove(self) -> None:
        story = self._some()
        if story is None:
            return
        story.now, story.changed_at = None, self.hour
        story.taken_away_by = self.chance.choice(_GONE_BY)
        self._list_by_first(story)
        self._serve(story)
        if self.chance.random() < 0.4:
            self._returns.setdefault(self.hour + self.chance.randint(2, 60), []).append(story)

    def _trouble(self, kind: str = "") -> None:
        """A new or known address breaks or turns hostile."""
        story = self._publish(self.chance.choice(self._awake)) if self.chance.random() < 0.5 else self._some()
        # At most three of a host, because the crawler pauses a host that answers nothing.
        if story is None or sum(one.host == story.host for one in self._troubled) >= 3:
            return
        story.trouble, story.changed_at = kind or self.chance.choice(TROUBLES), self.hour
        # Stalling servers cost real time.
        self._troubled[story] = self.hour + self.chance.randint(1, 8 if kind or "stalls" in story.trouble else 72)
        self._list_by_first(story)
        self._serve(story)

    def _recover_story(self, story: Story) -> None:
        del self._troubled[story]
        story.trouble, story.changed_at = "", self.hour
        self._serve(story)

    def _move(self) -> None:
        story = self._some()
        # A story that moved before it was fetched is known by its new address only.
        if story is not None and not (story.path.endswith("/") or story.old_path) and self.is_taken(story):
            self._take_down(story)
            self.site.redirect(story.path, f"{story.path}/", host=story.host, status=301)
            story.path += "/"
            self._serve(story)

    def _relocate(self) -> None:
        """An article moves to another address permanently."""
        story = self._some()
        if story is not None and story.path.startswith(NEWS) and not story.old_path and self.is_taken(story):
            story.old_path, story.path = story.path, f"/archive/{self.hour}/{story.path.removeprefix(NEWS)}"
            self.by_path[story.host, story.path] = story
            self.site.remove(story.old_path, host=story.host)
            status = self.chance.choice([301, 308])
            self.site.redirect(story.old_path, story.path, host=story.host, status=status)
            self._serve(story)

    def _retire(self) -> None:
        """The old address of a moved article dies, or lists name the new one from now on."""
        moved = [one for one in self.stories if one.old_path and one.now is not None and not one.trouble]
        moved = [one for one in moved if self.has_found(one)]
        if moved:
            story = self.chance.choice(moved)
            if self.chance.random() < 0.5:
                story.listed = story.path
            else:
                self.site.remove(story.old_path, host=story.host)

    def _list_by_first(self, story: Story) -> None:
        """Lists name an unavailable story by its first address."""
        story.listed = story.uri

    def _outage(self) -> None:
        host = self.chance.choice(list(OUTLETS))
        hours = self.chance.randint(1, 12)
        seconds = self.chance.choice([0, 90, 3_600, 10_800])
        self.down[host] = self.hour + hours
        for story in self.stories:
            if story.host == host:
                self._list_by_first(story)
        self.outages.append((host, self.hour))
        self.site.down(host, self.chance.choice([429, 503]), retry_after=str(seconds) if seconds else "")

    # --- the folder: files, and one with an article a line -----------------------------------------------------------

    def _file(self) -> None:
        number = len(self.stories)
        path = self.folder / f"clipping-{number}.txt"
        uri, known_by = path.as_uri(), ("", "")
        if number % 5 == 0:
            path = self.folder / _WIRE
            known_by = ("uri", f"https://wire.example/{number}") if number % 2 else ("id", f"w{number}")
            uri = known_by[1] if number % 2 else f"{path.as_uri()}#{known_by[1]}"
        story = Story(
            uri=uri,
            source=CLIPPINGS,
            published=self.now,
            versions=[self.writer.version()],
            changed_at=self.hour,
            path=str(path),
            known_by=known_by,
        )
        story.family = story.origin = story.uri
        self.stories.append(story)
        self._save(story)

    def _change_file(self) -> None:
        story = self.chance.choice([one for one in self.stories if not one.host])
        if story.now is None or self.chance.random() < 0.6:
            story.write(self.writer.edited(story.version), self.now)
        else:
            story.now = None
        self._save(story)
        story.changed_at = self.hour

    def _save(self, story: Story) -> None:
        """Write or remove the file of a story."""
        path = Path(story.path)
        if path.name == _WIRE:
            lines = [one for one in self.stories if one.path == story.path and one.now is not None]
            path.write_text("".join(record(one, one.version) for one in lines))
        elif story.now is not None:
            path.write_text(text_file(story, story.version))
        else:
            path.unlink()

    # --- what is served ----------------------------------------------------------------------------------------------

    def _take_down(self, story: Story) -> None:
        self.site.remove(story.path, host=story.host)

    def _serve(self, story: Story) -> None:
        """Let the address of a story answer according to its state."""
        site, path, host = self.site, story.path, story.host
        self._take_down(story)
        if story.trouble in _HOSTILE:
            site.acts(path, _HOSTILE[story.trouble][0](), host=host)
        elif story.trouble in _STATUSES:
            site.fails(path, _STATUSES[story.trouble], host=host)
        elif story.trouble:  # not a page
            site.page(path, b"\x89PNG\r\n\x1a\n" + bytes(200), host=host, media_type="image/png")
        elif story.now is not None and story.ticks:
            site.acts(path, self._ticking(story), host=host)
        elif story.now is not None:
            site.page(path, page(story, story.version, OUTLETS[host]), host=host)
        elif story.taken_away_by == "410":
            site.fails(path, 410, host=host)
        elif story.taken_away_by != "404":
            to = "/" if story.taken_away_by == FRONT_PAGE else _COLUMN
            site.redirect(path, to, host=host, status=301)

    def _column(self, host: str) -> None:
        """Serve an article that is in no list; some removed stories redirect to it."""
        uri = self.site.url(_COLUMN, host=host)
        story = Story(uri=uri, source=SOURCES[host], published=START, versions=[self.writer.version()], host=host)
        self.site.page(_COLUMN, page(story, story.version, OUTLETS[host]), host=host)

    def _ticking(self, story: Story) -> Act:
        """Serve the article with other bytes in each response, and without validators."""

        def act(wire: Wire, request: Request) -> None:
            self._ticks += 1
            body = page(story, story.version, OUTLETS[story.host], extra=f"<!-- {self._ticks} -->").encode()
            request.status = 200
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
            wire.send(head.encode() + body)

        return act

    def list_all(self) -> None:
        """Update feeds, the sitemap and front pages."""
        site = self.site
        for host, outlet in OUTLETS.items():
            listed = [one for one in self.stories if one.host == host and (one.now is not None or one.trouble)]
            listed = listed[-_LISTED:][::-1]
            site.page("/", lists.front_page(outlet, listed), host=host)
            if host in {LEDGER, COURIER}:
                made = (lists.rss if host == LEDGER else lists.atom)(outlet, listed, self.now)
                site.page("/feed.xml", made, host=host, media_type="application/xml", etag=False, modified=False)
            if host == MONITOR:
                site.page("/sitemap.xml", lists.sitemap(listed), host=host, media_type="application/xml")
