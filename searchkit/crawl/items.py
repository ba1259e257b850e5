"""RSS and Atom files: each item a page of its own, with what the feed says of it."""

import html
import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

from searchkit.crawl.base import FileOptions, Refused, megabytes
from searchkit.crawl.container_parts import Addresses, Damaged, Part
from searchkit.crawl.feeds import Entry, Feed, entries
from searchkit.crawl.media_types import HTML
from searchkit.dates import PartialDate, parse_stated

_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,1000}>")
_WEB = ("http://", "https://")


def items(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """The items of a feed, in order, each named by its link, else by its id. One without words of its own is Refused.

    Raises Damaged when the feed as a whole cannot be read.
    """
    try:
        feed = entries(part.stream.read(), part.uri)
    except ValueError as error:
        raise Damaged(str(error)) from error
    addresses = Addresses(part.uri)
    for entry in feed.entries:
        content = _markup(entry.content)
        link = entry.link if entry.link[:8].lower().startswith(_WEB) else ""
        uri = link or addresses.of(entry.guid, f"{entry.title}\n{content}".encode("utf-8", "replace"))
        page = content.encode("utf-8", "replace")
        if not page.strip():
            yield Refused(uri=uri, reason="has no words of its own in the feed")
        elif len(page) > options.max_bytes:
            yield Refused(uri=uri, reason=f"is larger than {megabytes(options.max_bytes)}")
        else:
            yield Part(
                uri=uri,
                stream=BytesIO(page),
                declared=HTML,
                charset="utf-8",
                defaults=_defaults(entry, feed, link, now),
                depth=part.depth + 1,
                size=len(page),
            )
    if feed.left_out:
        yield Refused(uri=part.uri, reason=f"has {feed.left_out:,} items more than are read")


def _markup(content: str) -> str:
    """The words of an item as markup: plain ones come with or without entities, each line a paragraph."""
    if _TAG.search(content):
        return content
    lines = html.unescape(content).splitlines()
    return "\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line.strip())


def _defaults(entry: Entry, feed: Feed, link: str, now: datetime) -> dict[str, Any]:
    """What the feed says of an item, under the names of Article."""
    known = {
        "title": entry.title,
        "byline": entry.authors,
        "outlet": entry.outlet or feed.title,
        "language": entry.language or feed.language,
        "canonical_url": link,
        "published": _date(entry.published, now),
        "updated": _date(entry.updated, now),
    }
    return {key: value for key, value in known.items() if value}


def _date(written: str, now: datetime) -> PartialDate | None:
    return parse_stated(written, source="feed", today=now.date()) if written else None
