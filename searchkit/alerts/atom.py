"""An Atom file (RFC 4287). Each digest replaces the file atomically, so that it is complete at every moment."""

import html
import stat
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree import ElementTree as ET  # only for writing: nothing is parsed here

from searchkit.alerts.digests import Digest, item_lines
from searchkit.alerts.items import Item
from searchkit.alerts.sinks import SinkFailed, first_bytes, write_failed
from searchkit.files import write_atomically
from searchkit.statements.text import one_line, xml_text

NAMESPACE = "http://www.w3.org/2005/Atom"
# It identifies our own files; any other file is left alone.
_GENERATOR = "searchkit"
_HEAD_BYTES = 4_096
# Feed readers keep what they saw; 200 entries take less than half a megabyte.
MAX_ENTRIES = 200


def write_feed(digest: Digest, path: Path, earlier: Callable[[int], Iterable[Item]]) -> None:
    """Put the items of `digest` before the `earlier` ones, at most MAX_ENTRIES. Existing items keep their ids.

    `earlier` returns the last items that the sink accepted, newest first, at most as many as given."""
    start = first_bytes(path, _HEAD_BYTES)
    if start and (_GENERATOR.encode() not in start or NAMESPACE.encode() not in start):
        raise SinkFailed(f"{path} is not a feed of searchkit and was not overwritten")
    items: dict[tuple[str, ...], Item] = {}
    for item in (*digest.items, *earlier(MAX_ENTRIES)):
        items.setdefault(_key(item), item)
    feed = _feed(digest, path, list(items.values())[:MAX_ENTRIES])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
        write_atomically(path.resolve(), feed)
        if mode is not None:
            path.chmod(mode)
    except OSError as error:
        raise write_failed(path, error) from error


def _feed(digest: Digest, path: Path, items: list[Item]) -> bytes:
    identity = uuid.uuid5(uuid.NAMESPACE_URL, path.absolute().as_uri())
    feed = new_feed(identity, "searchkit alerts", digest.at)
    add_element(feed, "generator", _GENERATOR)
    for item in items:
        entry = ET.SubElement(feed, "entry")
        add_element(entry, "id", uuid.uuid5(identity, "\t".join(_key(item))).urn)
        add_element(entry, "title", _title(item))
        add_element(entry, "updated", item.told_at)
        ET.SubElement(entry, "category", {"term": item.alert})
        if item.address.startswith(("http://", "https://")):
            ET.SubElement(entry, "link", {"rel": "alternate", "href": xml_text(item.address)})
        content = ET.SubElement(entry, "content", {"type": "html"})
        content.text = xml_text("".join(f"<p>{html.escape(line.strip())}</p>" for line in item_lines(item) if line))
    return feed_bytes(feed)


def new_feed(identity: uuid.UUID, title: str, updated: str) -> ET.Element:
    """Return a feed without entries."""
    feed = ET.Element("feed", {"xmlns": NAMESPACE})
    add_element(feed, "id", identity.urn)
    add_element(feed, "title", title)
    add_element(feed, "updated", updated)
    add_element(ET.SubElement(feed, "author"), "name", "searchkit")
    return feed


def feed_bytes(feed: ET.Element) -> bytes:
    """Return a feed as XML."""
    ET.indent(feed)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _key(item: Item) -> tuple[str, ...]:
    return item.alert, item.id, item.change, *([item.lead] if item.change in {"reattributed", "changed"} else [])


def _title(item: Item) -> str:
    is_quote = item.record == "quote"
    title = one_line(f"{item.lead} {item.text}" if is_quote else item.title or item.text)
    title = f"{item.change.capitalize()}: {title}" if item.change in {"changed", "removed"} else title
    return title if len(title) <= 160 else title[:160] + "…"


def add_element(parent: ET.Element, name: str, text: str) -> None:
    """Add an element with this text on one line."""
    ET.SubElement(parent, name).text = xml_text(text)
