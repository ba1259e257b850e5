"""The world of a simulated month: four news sites on the loopback interface and a folder.

Hour after hour articles appear, change, go, come back, move, are copied, break or turn hostile; lines of a file change;
hosts are down. The world changes only in `tick` and `rest`, so every request within an hour sees the same state.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from tests.crawl.web import misdeeds
from tests.crawl.web.site import Act, Request, Site, Wire
from tests.soak.articles import Article, Writer, atom, front_page, json_line, page, rss, sitemap, text_file

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
# How many articles a feed, a sitemap or a front page lists: enough for all that appears while a host is down.
_LISTED = 40
NEWS = "/news/"
MAX_BYTES = 1_000_000
# How an address answers, by kind of trouble: temporary failures, then permanent ones.
_TEMPORARY: dict[str, Act | int] = {
    "stalls": misdeeds.STALLS,
    "stalls in the body": misdeeds.STALLS_IN_BODY,
    "resets": misdeeds.RESETS_IN_BODY,
    "closes": misdeeds.CLOSES,
    "HTTP 503": 503,
}
_TROUBLES: dict[str, Act | int | str | bytes] = {
    **_TEMPORARY,
    "endless": misdeeds.ENDLESS_BODY,
    "endless in chunks": misdeeds.ENDLESS_CHUNKS,
    "bomb": "gzip",
    "bomb of brotli": "br",
    "badly packed": misdeeds.encoded(b"no gzip", "gzip"),
    "not HTTP": misdeeds.says(b"\x00\xff\xfe nothing of use\r\n\r\n"),
    "HTTP 403": 403,
    "not a page": b"\x89PNG\r\n\x1a\n" + bytes(200),
}
TEMPORARY = frozenset(_TEMPORARY)
_COLUMN = "/columns/latest.html"
# How an article is removed: by a status, or a permanent redirect to the front page or another article.
_REMOVED_BY = ("404", "410", "/", _COLUMN)
_WIRE = "wire.jsonl"


class World:
    """Four sites and a folder; `tick` lets an hour pass. Use as a context manager.

    It begins with so many `files`, and `pages` on each site.
    """

    def __init__(self, seed: int, folder: Path, *, files: int = 8, pages: int = 24) -> None:
        self.chance = random.Random(seed)
        self.writer = Writer(self.chance)
        self.site = Site(*OUTLETS)
        self.folder = folder
        self.articles: list[Article] = []
        self.by_path: dict[tuple[str, str], Article] = {}
        self.hour = -1
        self.down: dict[str, int] = {}  # host, hour of its recovery
        self.outages: list[tuple[str, int]] = []  # host, hour
        # Whether the archive has the current version, so that the article may be rewritten.
        self.is_archived: Callable[[Article], bool] = lambda _article: True
        # Whether the archive knows the new address of an article.
        self.has_moved: Callable[[Article], bool] = lambda _article: True
        self._ticks = 0
        self._troubled: dict[Article, int] = {}
        self._returns: dict[int, list[Article]] = {}
        self._awake: list[str] = list(OUTLETS)
        folder.mkdir(parents=True)
        for host, outlet in OUTLETS.items():
            self.site.robots("User-agent: *\nDisallow: /admin/\n", host=host)
            # An article that is in no list; some removed articles redirect to it.
            uri, version = self.site.url(_COLUMN, host=host), self.writer.version()
            column = Article(uri=uri, source=SOURCES[host], published=START, versions=[version], host=host)
            self.site.page(_COLUMN, page(column, version, outlet), host=host)
        for _ in range(pages):
            for host in OUTLETS:
                self._publish(host)
        for _ in range(files):
            self._file()
        # Each kind of trouble occurs once on the first day, before memory is compared.
        self._first = list(_TROUBLES)
        self.chance.shuffle(self._first)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.site.close()

    @property
    def now(self) -> datetime:
        """The simulated time."""
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
            for event, share in (
                (self._edit, 0.7),
                (self._remove, 0.3),
                (self._trouble, 0.25),
                (self._copy, 0.15),
                (self._add_slash, 0.05),
                (self._move, 0.1),
                (self._retire, 0.2),
            ):
                if chance.random() < share:
                    event()
        if self.hour > 2 and self._first:
            self._trouble(self._first.pop())
        for event, share in ((self._file, 0.3), (self._change_file, 0.2), (self._outage, 0.02)):
            if chance.random() < share:
                event()
        self._list_all()

    def rest(self, hours: int) -> None:
        """Let hours pass in which hosts and articles recover and nothing else happens."""
        self.hour += hours
        self.down = dict.fromkeys(self.down, self.hour)
        self._troubled = dict.fromkeys(self._troubled, self.hour)
        self._returns.clear()
        self._recover()
        self._list_all()

    def _recover(self) -> None:
        for host in [host for host, until in self.down.items() if until <= self.hour]:
            self.site.up(host)
            del self.down[host]
        for article in [article for article, until in self._troubled.items() if until <= self.hour]:
            del self._troubled[article]
            article.trouble, article.changed_at = "", self.hour
            self._serve(article)
        for article in self._returns.pop(self.hour, ()):
            if article.now is None:
                self._put_up(article, edited=self.chance.random() < 0.3 and not article.old_path)

    def _pick(self) -> Article | None:
        """Return one of the newer articles of a site where something happens now."""
        found = [
            one for one in self.articles[-160:] if one.host in self._awake and one.now is not None and not one.trouble
        ]
        return self.chance.choice(found) if found else None

    # --- what happens ------------------------------------------------------------------------------------------------

    def _publish(self, host: str, *, original: Article | None = None) -> Article:
        path = f"{NEWS}{len(self.articles)}.html"
        uri = self.site.url(path, host=host)
        article = Article(
            uri=uri,
            source=SOURCES[host],
            published=original.published if original is not None else self.now,
            versions=[original.version if original is not None else self.writer.version()],
            changed_at=self.hour,
            updated=self.now,
            ticks=self.chance.random() < 0.05,
            path=path,
            host=host,
            listed=path,
            origin=original.origin if original is not None else uri,
        )
        self.articles.append(article)
        self.by_path[host, path] = self.by_path[host, f"{path}/"] = article
        self._serve(article)
        return article

    def _copy(self) -> None:
        recent = [one for one in self.articles[-25:] if one.host and one.now == 0 and not one.trouble]
        recent = [one for one in recent if one.published >= self.now - timedelta(hours=6)]
        if recent:
            original = self.chance.choice(recent)
            host = self.chance.choice([host for host in self._awake if host != original.host])
            self._publish(host, original=original)

    def _edit(self) -> None:
        article = self._pick()
        if article is not None:
            self._put_up(article, edited=True)

    def _put_up(self, article: Article, *, edited: bool) -> None:
        """Publish an article again, changed or not, if that is possible."""
        if edited and article.old_path and not self.has_moved(article):
            return  # another text at another address would be another article
        if edited:
            version = self.writer.edited(article.version)
            copies = [one for one in self.articles if one.origin == article.origin]
            if len(copies) > 1:
                # A copy is rewritten once, after the archive has seen it as a copy. The original is never rewritten,
                # because its copies may be gone before the archive sees that they are not copies any more.
                is_copy = article.origin != article.uri and len(article.versions) == 1
                if not is_copy or not all(self.is_archived(one) for one in copies):
                    return
                version = self.writer.version(watched=False)
            article.publish(version, self.now)
        else:
            article.publish()
        article.changed_at = self.hour
        article.removed_by = ""
        self._serve(article)

    def _remove(self) -> None:
        article = self._pick()
        if article is None:
            return
        article.now, article.changed_at = None, self.hour
        article.removed_by = self.chance.choice(_REMOVED_BY)
        article.listed = article.uri
        self._serve(article)
        if self.chance.random() < 0.4:
            self._returns.setdefault(self.hour + self.chance.randint(2, 60), []).append(article)

    def _trouble(self, kind: str = "") -> None:
        """A new or known address breaks or turns hostile."""
        article = self._publish(self.chance.choice(self._awake)) if self.chance.random() < 0.5 else self._pick()
        # At most three of a host, because the crawler pauses a host that answers nothing.
        if article is None or sum(one.host == article.host for one in self._troubled) >= 3:
            return
        article.trouble, article.changed_at = kind or self.chance.choice(list(_TROUBLES)), self.hour
        # Stalling servers cost real time.
        self._troubled[article] = self.hour + self.chance.randint(1, 8 if kind or "stalls" in article.trouble else 72)
        article.listed = article.uri
        self._serve(article)

    def _add_slash(self) -> None:
        """An article moves to the same address with a slash."""
        article = self._pick()
        # An article that moved before it was fetched is known by its new address only.
        if article is not None and not (article.path.endswith("/") or article.old_path) and self.is_archived(article):
            self.site.remove(article.path, host=article.host)
            self.site.redirect(article.path, f"{article.path}/", host=article.host, status=301)
            article.path += "/"
            self._serve(article)

    def _move(self) -> None:
        """An article moves to another address permanently."""
        article = self._pick()
        if article is not None and article.path.startswith(NEWS) and not article.old_path and self.is_archived(article):
            article.old_path, article.path = article.path, f"/archive/{self.hour}/{article.path.removeprefix(NEWS)}"
            self.by_path[article.host, article.path] = article
            self.site.remove(article.old_path, host=article.host)
            status = self.chance.choice([301, 308])
            self.site.redirect(article.old_path, article.path, host=article.host, status=status)
            self._serve(article)

    def _retire(self) -> None:
        """The old address of a moved article dies, or lists name the new address from now on."""
        moved = [one for one in self.articles if one.old_path and one.now is not None and not one.trouble]
        moved = [one for one in moved if self.has_moved(one)]
        if moved:
            article = self.chance.choice(moved)
            if self.chance.random() < 0.5:
                article.listed = article.path
            else:
                self.site.remove(article.old_path, host=article.host)

    def _outage(self) -> None:
        host = self.chance.choice(list(OUTLETS))
        hours = self.chance.randint(1, 12)
        seconds = self.chance.choice([0, 90, 3_600, 10_800])
        self.down[host] = self.hour + hours
        for article in self.articles:
            if article.host == host:
                article.listed = article.uri
        self.outages.append((host, self.hour))
        self.site.down(host, self.chance.choice([429, 503]), retry_after=str(seconds) if seconds else "")

    # --- the folder: files, and one with an article a line -----------------------------------------------------------

    def _file(self) -> None:
        number = len(self.articles)
        path = self.folder / f"clipping-{number}.txt"
        uri, known_by = path.as_uri(), ("", "")
        if number % 5 == 0:
            path = self.folder / _WIRE
            known_by = ("uri", f"https://wire.example/{number}") if number % 2 else ("id", f"w{number}")
            uri = f"{path.as_uri()}#{known_by[1]}"
        article = Article(
            uri=uri,
            source=CLIPPINGS,
            published=self.now,
            versions=[self.writer.version()],
            changed_at=self.hour,
            path=str(path),
            known_by=known_by,
            origin=uri,
        )
        self.articles.append(article)
        self._save(article)

    def _change_file(self) -> None:
        article = self.chance.choice([one for one in self.articles if not one.host])
        if article.now is None or self.chance.random() < 0.6:
            article.publish(self.writer.edited(article.version), self.now)
        else:
            article.now = None
        self._save(article)
        article.changed_at = self.hour

    def _save(self, article: Article) -> None:
        """Write or remove the file of an article."""
        path = Path(article.path)
        if path.name == _WIRE:
            lines = [one for one in self.articles if one.path == article.path and one.now is not None]
            path.write_text("".join(map(json_line, lines)))
        elif article.now is not None:
            path.write_text(text_file(article, article.version))
        else:
            path.unlink()

    # --- what is served ----------------------------------------------------------------------------------------------

    def _serve(self, article: Article) -> None:
        """Let the address of an article answer according to its state."""
        site, path, host = self.site, article.path, article.host
        site.remove(path, host=host)
        match _TROUBLES.get(article.trouble):
            case int(status):
                site.fails(path, status, host=host)
            case str(encoding):
                site.acts(path, misdeeds.bomb(encoding), host=host)
            case bytes(image):
                site.page(path, image, host=host, media_type="image/png")
            case None if article.now is not None and article.ticks:
                site.acts(path, self._ticking(article), host=host)
            case None if article.now is not None:
                site.page(path, page(article, article.version, OUTLETS[host]), host=host)
            case None if article.removed_by == "410":
                site.fails(path, 410, host=host)
            case None if article.removed_by != "404":
                site.redirect(path, article.removed_by, host=host, status=301)
            case None:
                pass
            case act:
                site.acts(path, act, host=host)

    def _ticking(self, article: Article) -> Act:
        """Serve the article with other bytes in each response, and without validators."""

        def act(wire: Wire, request: Request) -> None:
            self._ticks += 1
            body = page(article, article.version, OUTLETS[article.host], extra=f"<!-- {self._ticks} -->").encode()
            request.status = 200
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
            wire.send(head.encode() + body)

        return act

    def _list_all(self) -> None:
        """Update feeds, the sitemap and front pages."""
        site = self.site
        for host, outlet in OUTLETS.items():
            listed = [one for one in self.articles if one.host == host and (one.now is not None or one.trouble)]
            listed = listed[-_LISTED:][::-1]
            site.page("/", front_page(outlet, listed), host=host)
            if host in {LEDGER, COURIER}:
                feed = (rss if host == LEDGER else atom)(outlet, listed, self.now)
                site.page("/feed.xml", feed, host=host, media_type="application/xml", etag=False, modified=False)
            if host == MONITOR:
                site.page("/sitemap.xml", sitemap(listed), host=host, media_type="application/xml")
