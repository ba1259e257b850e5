"""What feeds, sitemaps, robots.txt and pages lead to: addresses that a source takes, with what is said of them."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from searchkit.crawl.base import Source, wanted
from searchkit.crawl.feeds import Feed
from searchkit.crawl.web.addresses import canonical, same_site, trap
from searchkit.crawl.web.links import Links
from searchkit.crawl.web.pages import (
    FROM_FEED,
    FROM_LINK,
    FROM_NEWS_SITEMAP,
    FROM_SITEMAP,
    Hint,
    Lead,
    Page,
    Role,
    listing_priority,
    page_priority,
)
from searchkit.crawl.web.sitemaps import News, Sitemap
from searchkit.dates import PartialDate, parse_stated

MAX_SITEMAP_DEPTH = 3
# Links are the same on every page of a site; what was seen is not looked at again. Bounds its memory.
_MAX_SEEN = 200_000
# Files that no parser of ours reads: not worth a request.
_ENDINGS = tuple(
    """
    .jpg .jpeg .png .gif .webp .svg .ico .avif .bmp .tif .tiff .css .js .mjs .json .woff .woff2 .ttf .eot .mp3 .mp4 .m4a
    .m4v .mov .avi .mkv .webm .ogg .wav .zip .gz .tgz .bz2 .xz .7z .rar .exe .dmg .apk .iso .xls .xlsx .ppt .pptx .csv
    """.split()
)


def host_of(url: str) -> str:
    """Host and port of an address in its canonical form."""
    return url.split("/", 3)[2]


def origin_of(url: str) -> str:
    """Scheme, host and port of an address in its canonical form: what robots.txt speaks for."""
    return "/".join(url.split("/", 3)[:3])


def moment(written: str, now: datetime) -> float:
    """A date as a feed or sitemap states it, in seconds since 1970; 0 for none, and for one that is still to come.

    A day without a time stands for its end, but not for a time to come: what changed that day may have changed since
    it was fetched.
    """
    if not written:
        return 0.0
    stated = parse_stated(written, source="feed", today=now.date())
    return 0.0 if stated is None else _seconds(stated, now)


def _seconds(stated: PartialDate, now: datetime) -> float:
    if stated.precision == "instant":
        at = datetime.fromisoformat(stated.value)
    elif stated.latest is not None:
        at = min(datetime.combine(stated.latest, time.max, UTC), now)
    else:
        return 0.0
    return at.timestamp() if at <= now + timedelta(hours=1) else 0.0


class Discovery:
    """Turns what was read into leads for one source. `now` is when the run began."""

    def __init__(self, source: Source, *, now: datetime) -> None:
        self._source = source
        self._now = now
        self._sites = tuple(source.locations)
        self._same_site: dict[str, bool] = {}
        self._seen: dict[str, int] = {}

    @property
    def owner(self) -> str:
        """Whose pages these are: the source's by its name; for addresses given by hand, of those addresses alone, or
        whatever was ever given by hand would be due with them."""
        return self._source.name or f"={_short(sorted(self._source.locations))}"

    @property
    def settings(self) -> str:
        """A short name for what decides what is taken up, and for whom; another name, and all is read again."""
        source = self._source
        return _short([self.owner, source.kind, source.include, source.exclude, source.max_depth])

    def takes(self, url: str) -> bool:
        """Whether a page at this canonical address is one of the source's: patterns, and for a site its own hosts."""
        return self.within(url) and wanted(url, self._source.include, self._source.exclude)

    def within(self, url: str) -> bool:
        """Whether an address is of the site; always, for other kinds of source."""
        if self._source.kind != "site":
            return True
        host = host_of(url)
        known = self._same_site.get(host)
        if known is None:
            known = self._same_site[host] = any(same_site(url, location) for location in self._sites)
        return known

    def locations(self) -> Iterator[tuple[str, Lead | str]]:
        """For every location of the source, as written: where to begin, or one line of why it cannot be asked."""
        roles: dict[str, Role] = {"feed": "feed", "sitemap": "sitemap", "site": "start"}
        role = roles.get(self._source.kind, "page")
        for written in self._source.locations:
            try:
                url = canonical(written)
            except ValueError as error:
                yield written, str(error)
                continue
            priority = listing_priority(role) if role != "page" else page_priority(FROM_FEED, 0)
            yield written, Lead(url=url, host=host_of(url), role=role, priority=priority)

    def listing(
        self,
        address: str,
        role: Role,
        *,
        base: str,
        depth: int,
        modified: float = 0.0,
        news: bool = False,
        anywhere: bool = False,
    ) -> Lead | None:
        """A feed or sitemap found on the way; None when it has no usable address or lies outside the site, unless it
        may be `anywhere`."""
        url = _canonical(address, base)
        if url is None or not (anywhere or self.within(url)):
            return None
        priority = listing_priority(role, depth=depth, news=news)
        return Lead(url=url, host=host_of(url), role=role, depth=depth, priority=priority, modified=modified)

    def _page(
        self, address: str, base: str, tier: int, *, depth: int, newest: float, modified: float, hint: Hint
    ) -> Lead | None:
        url = _canonical(address, base)
        if url is None or not self.takes(url):
            return None
        priority = page_priority(tier, newest or self._now.timestamp())
        return Lead(url=url, host=host_of(url), depth=depth, priority=priority, modified=modified, hint=hint)

    def from_feed(self, feed: Feed, page: Page, base: str) -> Iterator[Lead]:
        """Entries of a feed, with what it says of them."""
        for entry in feed.entries:
            updated = moment(entry.updated, self._now)
            hint = {
                "by": "feed",
                "title": entry.title,
                "published": entry.published,
                "updated": entry.updated,
                "byline": "\n".join(entry.authors),
                "language": entry.language or feed.language,
            }
            lead = self._page(
                entry.link,
                base,
                FROM_FEED,
                depth=page.depth + 1,
                newest=moment(entry.published, self._now) or updated,
                modified=updated,
                hint={name: value for name, value in hint.items() if value},
            )
            if lead is not None:
                yield lead

    def from_sitemap(self, sitemap: Sitemap, page: Page, base: str) -> Iterator[Lead]:
        """Pages of a sitemap, the newest first, and the sitemaps that an index names."""
        if page.depth < MAX_SITEMAP_DEPTH:
            for part in sitemap.parts:
                modified = moment(part.modified, self._now)
                news = "news" in part.url.lower()
                found = self.listing(part.url, "sitemap", base=base, depth=page.depth + 1, modified=modified, news=news)
                if found is not None:
                    yield found
        dated = [(moment(one.modified, self._now), one) for one in sitemap.pages]
        dated.sort(key=lambda pair: -pair[0])
        for modified, one in dated:
            published = moment(one.news.published, self._now) if one.news else 0.0
            lead = self._page(
                one.url,
                base,
                FROM_NEWS_SITEMAP if one.news else FROM_SITEMAP,
                depth=page.depth + 1,
                newest=published or modified or 1.0,  # without any date, after all that have one
                modified=modified,
                hint=_news_hint(one.news) if one.news else {},
            )
            if lead is not None:
                yield lead

    def from_links(self, found: Links, page: Page, base: str) -> Iterator[Lead]:
        """Pages that a page of a site leads to, and the feeds that a start page names."""
        if page.role == "start":
            for address in found.feeds:
                feed = self.listing(address, "feed", base=base, depth=1)
                if feed is not None:
                    yield feed
        if page.depth >= self._source.max_depth:
            return
        for address in found.pages:
            if self._seen.get(address, page.depth + 1) <= page.depth:
                continue
            if len(self._seen) >= _MAX_SEEN:
                self._seen.clear()
            self._seen[address] = page.depth
            if address.partition("?")[0].lower().endswith(_ENDINGS) or trap(address):
                continue
            lead = self._page(address, "", FROM_LINK, depth=page.depth + 1, newest=0.0, modified=0.0, hint={})
            if lead is not None:
                yield lead


def _short(chosen: object) -> str:
    return hashlib.blake2b(json.dumps(chosen).encode(), digest_size=6).hexdigest()


def _canonical(address: str, base: str) -> str | None:
    if not address:
        return None
    try:
        return canonical(address, base=base)
    except ValueError:
        return None


def _news_hint(news: News) -> Hint:
    said = {
        "by": "news-sitemap",
        "title": news.title,
        "published": news.published,
        "outlet": news.outlet,
        "language": news.language,
    }
    return {name: value for name, value in said.items() if value}
