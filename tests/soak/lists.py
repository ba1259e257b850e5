"""What a site of the town says it has: a feed, a sitemap, a front page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from tests.soak.stories import Story


def rss(outlet: str, stories: Sequence[Story], now: datetime) -> str:
    """A feed that is another one at every visit."""
    items = "".join(
        f"<item><title>{one.version.title}</title><link>{one.listed_uri}</link>"
        f"<pubDate>{format_datetime(one.published)}</pubDate></item>"
        for one in stories
    )
    built = f"<lastBuildDate>{format_datetime(now)}</lastBuildDate>"
    return f"<rss version='2.0'><channel><title>{outlet}</title>{built}{items}</channel></rss>"


def atom(outlet: str, stories: Sequence[Story], now: datetime) -> str:
    """A feed that says when each article was changed."""
    entries = "".join(
        f"<entry><title>{one.version.title}</title><id>{one.uri}</id><link href='{one.listed_uri}'/>"
        f"<published>{one.published.isoformat()}</published><updated>{one.updated.isoformat()}</updated></entry>"
        for one in stories
    )
    updated = f"<updated>{now.isoformat()}</updated>"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{outlet}</title>{updated}{entries}</feed>"


def sitemap(stories: Sequence[Story]) -> str:
    """A sitemap that says when each article was changed."""
    urls = "".join(
        f"<url><loc>{one.listed_uri}</loc><lastmod>{one.updated.astimezone(UTC).isoformat()}</lastmod></url>"
        for one in stories
    )
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>"


def front_page(outlet: str, stories: Sequence[Story]) -> str:
    """A page with a headline for each article."""
    headlines = "".join(
        f"<h2><a href='{one.listed_uri}'>{one.version.title}</a></h2><p>A few words on it.</p>" for one in stories
    )
    head = f"<html><head><title>{outlet}</title></head><body><nav><a href='/'>Home</a></nav>"
    return f"{head}{headlines}</body></html>"
