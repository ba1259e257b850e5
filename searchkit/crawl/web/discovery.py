"""Turn feeds, sitemaps, robots.txt and links into leads: addresses that a source selects, and what is known of them."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from msgspec.structs import replace

from searchkit.crawl.base import Source, matches
from searchkit.crawl.feeds import Feed
from searchkit.crawl.web import pages
from searchkit.crawl.web.addresses import canonical, canonical_or_empty, host_of, is_trap, same_site
from searchkit.crawl.web.links import Links
from searchkit.crawl.web.sitemaps import Sitemap
from searchkit.statements.dates.stated import parse_stated

MAX_SITEMAP_DEPTH = 3
# Most links are on every page of a site, so links already seen are skipped. This bounds the memory.
_MAX_SEEN = 200_000
# Files that no parser reads.
_UNSUPPORTED = tuple(
    """
    .jpg .jpeg .png .gif .webp .svg .ico .avif .bmp .tif .tiff .css .js .mjs .json .woff .woff2 .ttf .eot .mp3 .mp4 .m4a
    .m4v .mov .avi .mkv .webm .ogg .wav .zip .gz .tgz .bz2 .xz .7z .rar .exe .dmg .apk .iso .xls .xlsx .ppt .pptx .csv
    """.split()
)


def timestamp(written: str, now: datetime) -> float:
    """Return a date stated by a feed or sitemap in seconds since 1970; 0 if there is none or it is in the future.

    A day without a time counts as its end, but not later than now: the page may have changed after it was fetched.
    """
    date = parse_stated(written, source="feed", today=now.date()) if written else None
    if date is None:
        return 0.0
    if date.precision == "instant":
        instant = datetime.fromisoformat(date.value)
    elif date.latest is not None:
        instant = min(datetime.combine(date.latest, time.max, UTC), now)
    else:
        return 0.0
    return instant.timestamp() if instant <= now + timedelta(hours=1) else 0.0


class Discovery:
    """Turns what was read into leads for one source. `now` is when the run began."""

    def __init__(self, source: Source, *, now: datetime) -> None:
        self._source = source
        self._now = now
        self._lists = {first_page(canonical_or_empty(location)) for location in source.locations}
        self._same_site: dict[str, bool] = {}
        self._seen: dict[str, int] = {}

    @property
    def owner(self) -> str:
        """The owner of the pages: the name of the source. Addresses given on the command line own their pages by these
        addresses, so that pages given in earlier commands are not due with them."""
        return self._source.name or f"={_digest(sorted(self._source.locations))}"

    @property
    def settings(self) -> str:
        """A digest of the settings that decide which links are followed; if it changes, everything is read again."""
        source = self._source
        return _digest([self.owner, source.kind, source.include, source.exclude, source.max_depth])

    def selects(self, url: str) -> bool:
        """Return whether the source selects a page at this canonical address."""
        return self.within(url) and matches(url, self._source.include, self._source.exclude)

    def within(self, url: str) -> bool:
        """Return whether an address belongs to the site; always true for other kinds of source."""
        if self._source.kind != "site":
            return True
        host = host_of(url)
        if host not in self._same_site:
            self._same_site[host] = any(same_site(url, location) for location in self._source.locations)
        return self._same_site[host]

    def locations(self) -> Iterator[tuple[str, pages.Lead | str]]:
        """Yield every location of the source as written, with its lead, or with a reason if it is invalid."""
        roles: dict[str, pages.Role] = {"feed": "feed", "sitemap": "sitemap", "site": "start"}
        role = roles.get(self._source.kind, "page")
        for written in self._source.locations:
            try:
                url = canonical(written)
            except ValueError as error:
                yield written, str(error)
                continue
            priority = pages.listing_priority(role) if role != "page" else pages.page_priority(pages.FROM_FEED, 0)
            yield written, pages.Lead(url=url, role=role, priority=priority)

    def listing(
        self, address: str, role: pages.Role, *, base: str, depth: int, modified: float = 0.0, anywhere: bool = False
    ) -> pages.Lead | None:
        """Return the lead of a feed or sitemap; None if its address is invalid, or outside the site and not allowed to
        be `anywhere`."""
        url = canonical_or_empty(address, base)
        if not url or not (anywhere or self.within(url)):
            return None
        priority = pages.listing_priority(role, depth=depth, news=role == "sitemap" and "news" in address.lower())
        return pages.Lead(url=url, role=role, depth=depth, priority=priority, modified=modified)

    def _selected(self, lead: pages.Lead, base: str = "") -> Iterator[pages.Lead]:
        """Yield a lead with its canonical address, if the source selects that."""
        url = canonical_or_empty(lead.url, base)
        if url and self.selects(url):
            yield replace(lead, url=url)

    def from_feed(self, feed: Feed, page: pages.Page, base: str) -> Iterator[pages.Lead]:
        """Yield the entries of a feed."""
        for entry in feed.entries:
            updated = timestamp(entry.updated, self._now)
            newest = timestamp(entry.published, self._now) or updated or self._now.timestamp()
            lead = pages.Lead(
                url=entry.link,
                depth=page.depth + 1,
                priority=pages.page_priority(pages.FROM_FEED, newest),
                modified=updated,
                hint=feed.hint(entry),
            )
            yield from self._selected(lead, base)

    def from_sitemap(self, sitemap: Sitemap, page: pages.Page, base: str) -> Iterator[pages.Lead]:
        """Yield the sitemaps that an index lists, and the pages of a sitemap, the newest first."""
        if page.depth < MAX_SITEMAP_DEPTH:
            for part in sitemap.parts:
                modified = timestamp(part.modified, self._now)
                listing = self.listing(part.url, "sitemap", base=base, depth=page.depth + 1, modified=modified)
                if listing is not None:
                    yield listing
        dated = [(timestamp(listed.modified, self._now), listed) for listed in sitemap.pages]
        dated.sort(key=lambda pair: -pair[0])
        for modified, listed in dated:
            news_date = timestamp(listed.news["published"], self._now) if "published" in listed.news else 0.0
            tier = pages.FROM_NEWS_SITEMAP if listed.news else pages.FROM_SITEMAP
            lead = pages.Lead(
                url=listed.url,
                depth=page.depth + 1,
                priority=pages.page_priority(tier, news_date or modified or 1.0),  # pages without a date come last
                modified=modified,
                hint={"by": "news-sitemap", **listed.news} if listed.news else {},
            )
            yield from self._selected(lead, base)

    def from_links(self, found: Links, page: pages.Page, base: str) -> Iterator[pages.Lead]:
        """Yield the feeds that a start page names, and the pages that a page of a site links to."""
        if page.role == "start":
            for address in found.feeds:
                lead = self.listing(address, "feed", base=base, depth=1)
                if lead is not None:
                    yield lead
        # The further pages of a list are as deep as the first one.
        depth = 0 if first_page(page.url) in self._lists else page.depth
        for address in found.pages:
            is_same_list = continues(canonical_or_empty(address), page.url)
            lead_depth = max(1, depth) if is_same_list else depth + 1
            if (depth >= self._source.max_depth and not is_same_list) or self._seen.get(address, 99) <= lead_depth:
                continue
            if len(self._seen) >= _MAX_SEEN:
                self._seen.clear()
            self._seen[address] = lead_depth
            if not (address.partition("?")[0].lower().endswith(_UNSUPPORTED) or is_trap(address)):
                priority = pages.page_priority(pages.FROM_LINK, self._now.timestamp())
                yield from self._selected(pages.Lead(url=address, depth=lead_depth, priority=priority))


def _digest(settings: object) -> str:
    return hashlib.blake2b(json.dumps(settings).encode(), digest_size=6).hexdigest()


# The number of a page in a list: a parameter, or the last part of the path.
_LIST_PAGE = re.compile(
    r"(?<=[?&])(?:page|p|pg|paged|pagenum|page_?no|seite|offset|start|skip)=[0-9]{1,9}(?:&|$)"
    r"|/(?:page|p|seite)[/-]?[0-9]{1,6}(?=/?(?:$|\?))"
    r"|(?<=[a-z])[-_](?:page|p)?-?[0-9]{1,3}(?=\.[a-z]{3,5}(?:$|\?))",
    re.IGNORECASE,
)


def first_page(address: str) -> str:
    """Return a canonical address without the number of a page in a list: the address of the list."""
    return _LIST_PAGE.sub("", address).rstrip("?&/")


def continues(address: str, other: str) -> bool:
    """Return whether two addresses differ, and are pages of one list."""
    return address != other and first_page(address) == first_page(other)
