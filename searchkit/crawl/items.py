"""RSS and Atom files: each item a page of its own, with what the feed says of it."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.parsers import expat

from searchkit.crawl.base import FileOptions, Refused, megabytes
from searchkit.crawl.kinds import HTML
from searchkit.crawl.parts import Addresses, Damaged, Part
from searchkit.dates import PartialDate, parse_stated

# A feed with the full text of a hundred articles is 2 MB. The reader behind this is slow, above all where it has to
# mend a broken feed.
_FEED_BYTES = 10 * 1024 * 1024
_MENDED_BYTES = 1024 * 1024
_ITEMS = 5_000
# The time it takes for a tag grows with the square of its attributes: 20,000 of them cost it three seconds.
_ATTRIBUTES = 200
_SIGNS = 5_000
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]{0,1000}\[|<!ENTITY", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,1000}>")
_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_AUTHORS = 20


def _is_well_formed(body: bytes) -> bool:
    """Whether a strict reader comes to the end. Damaged when a tag has more attributes than feeds have."""
    counts = [0]

    def count(_name: str, attributes: list[str]) -> None:
        counts[0] = max(counts[0], len(attributes) // 2)

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = count
    try:
        parser.Parse(body, True)
        whole = True
    except (expat.ExpatError, ValueError, LookupError):
        whole = False
    # Where this reader stops, the one behind goes on, so whatever may be one broken tag is looked at too.
    if counts[0] > _ATTRIBUTES or (not whole and any(tag.count(b"=") > _SIGNS for tag in body.split(b"<"))):
        raise Damaged("is a feed with an overlong tag, which is not read")
    return whole


def items(part: Part, options: FileOptions, *, now: datetime) -> Iterator[Part | Refused]:
    """The items of a feed, in order, each named by its link, else by its id. One without words of its own is Refused.

    Raises Damaged when the feed as a whole cannot be read.
    """
    body = part.stream.read()
    if len(body) > _FEED_BYTES:
        raise Damaged(f"is a feed larger than {megabytes(_FEED_BYTES)}")
    if _DOCTYPE.search(body.replace(b"\0", b"")):
        raise Damaged("is a feed that declares entities of its own, which is not read")
    if not _is_well_formed(body) and len(body) > _MENDED_BYTES:
        raise Damaged(f"is a broken feed of more than {megabytes(_MENDED_BYTES)}, which is not mended")
    feed = _parsed(body)
    about = feed["feed"]
    addresses = Addresses(part.uri)
    for number, entry in enumerate(feed["entries"], 1):
        if number > _ITEMS:
            yield Refused(uri=part.uri, reason=f"has more than {_ITEMS:,} items; the rest is not read")
            return
        content = _content(entry)
        link = _link(entry)
        written = _text(entry, "title") or ""
        uri = link or addresses.of(str(entry.get("id") or ""), f"{written}\n{content}".encode("utf-8", "replace"))
        if not content.strip():
            yield Refused(uri=uri, reason="has no words of its own in the feed")
            continue
        page = content.encode("utf-8", "replace")
        if len(page) > options.max_bytes:
            yield Refused(uri=uri, reason=f"is larger than {megabytes(options.max_bytes)}")
            continue
        yield Part(
            uri=uri,
            stream=BytesIO(page),
            declared=HTML,
            charset="utf-8",
            defaults=_defaults(entry, about, link, now),
            depth=part.depth + 1,
            size=len(page),
        )


def _parsed(body: bytes) -> Any:
    import feedparser

    try:
        # A stream, since of a string or bytes it would open the file or the address that they name.
        return feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # whatever it stumbles over, the other files are read
        raise Damaged(f"is a feed that cannot be read ({type(error).__name__})") from error


def _content(entry: Mapping[str, Any]) -> str:
    """The words of an item, the longest there are, as markup."""
    found = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    texts = [(str(told.get("value") or ""), str(told.get("type") or "")) for told in found]
    text, kind = max(texts, key=lambda told: len(told[0]), default=("", ""))
    if _TAG.search(text):
        return text
    words = html.unescape(text) if "html" in kind else text
    return "\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in words.splitlines() if line.strip())


def _link(entry: Mapping[str, Any]) -> str:
    for written in (entry.get("link"), entry.get("id")):
        if isinstance(written, str) and _ADDRESS.fullmatch(written.strip()):
            return written.strip()
    return ""


def _text(told: Mapping[str, Any], key: str) -> str | None:
    """A short text of a feed, without the tags that titles may hold."""
    value = told.get(key)
    if not isinstance(value, str):
        return None
    detail = told.get(f"{key}_detail") or {}
    if "html" in str(detail.get("type") or ""):
        value = html.unescape(_TAG.sub("", value[:5_000]))
    return " ".join(value[:5_000].split()) or None


def _defaults(entry: Mapping[str, Any], about: Mapping[str, Any], link: str, now: datetime) -> dict[str, Any]:
    """What the feed says of an item, under the names of Article."""
    authors = [author.get("name") for author in entry.get("authors", ()) if isinstance(author, Mapping)]
    detail = entry.get("title_detail") or {}
    known = {
        "title": _text(entry, "title"),
        "byline": tuple(name for name in authors[:_AUTHORS] if isinstance(name, str)) or None,
        "outlet": _text(entry.get("source") or {}, "title") or _text(about, "title"),
        "language": detail.get("language") or about.get("language"),
        "canonical_url": link or None,
        "published": _date(entry, "published", now),
        "updated": _date(entry, "updated", now),
    }
    return {key: value for key, value in known.items() if value}


def _date(entry: Mapping[str, Any], key: str, now: datetime) -> PartialDate | None:
    written = entry.get(key) if key in entry else None
    return parse_stated(written, source="feed", today=now.date()) if isinstance(written, str) else None
