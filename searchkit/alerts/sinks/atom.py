"""An Atom file (RFC 4287): written anew with each digest, so that it is whole at every moment."""

import html
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET  # only for writing: nothing is parsed here

from searchkit.alerts.digests import Digest
from searchkit.alerts.items import Item
from searchkit.alerts.sinks.base import Earlier, SinkFailed, failed
from searchkit.text import one_line, visible

_NAMESPACE = "http://www.w3.org/2005/Atom"
# By it we know our own file again; any other is left alone.
_GENERATOR = "searchkit"
_LOOKED_AT = 4_096
# Readers ask some times a day and keep what they saw; a feed of 200 entries is below half a megabyte.
MOST_ENTRIES = 200


class AtomFile:
    """The feed in the file at `path`: an entry an item, newest first, at most MOST_ENTRIES."""

    def __init__(self, path: Path, earlier: Earlier) -> None:
        self._path = path
        self._earlier = earlier

    def send(self, digest: Digest) -> None:
        """Put the items of `digest` before the earlier ones. An item that is there already keeps its id."""
        self._refuse_foreign()
        items = {_key(item): item for item in digest.items}
        for item in self._earlier(MOST_ENTRIES):
            items.setdefault(_key(item), item)
        feed = self._feed(digest, list(items.values())[:MOST_ENTRIES])
        try:
            self._replace(feed)
        except OSError as error:
            raise failed(self._path, error) from error

    def _refuse_foreign(self) -> None:
        try:
            kind = self._path.stat()
            if not stat.S_ISREG(kind.st_mode):
                raise SinkFailed(f"{self._path} is no file")
            with self._path.open("rb") as file:
                start = file.read(_LOOKED_AT)
        except FileNotFoundError:
            return
        except OSError as error:
            raise failed(self._path, error) from error
        if start and (_GENERATOR.encode() not in start or _NAMESPACE.encode() not in start):
            raise SinkFailed(f"{self._path} is no feed of searchkit, and is not overwritten")

    def _replace(self, feed: bytes) -> None:
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(feed)
                file.flush()
                os.fsync(file.fileno())
            if self._path.exists():
                temporary.chmod(stat.S_IMODE(self._path.stat().st_mode))
            temporary.replace(self._path.resolve())
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise

    def _feed(self, digest: Digest, items: list[Item]) -> bytes:
        identity = uuid.uuid5(uuid.NAMESPACE_URL, self._path.absolute().as_uri())
        feed = ET.Element("feed", {"xmlns": _NAMESPACE})
        _add(feed, "generator", _GENERATOR)
        _add(feed, "id", identity.urn)
        _add(feed, "title", "searchkit alerts")
        _add(feed, "updated", digest.at)
        _add(ET.SubElement(feed, "author"), "name", "searchkit")
        for item in items:
            entry = ET.SubElement(feed, "entry")
            _add(entry, "id", uuid.uuid5(identity, "\t".join(_key(item))).urn)
            _add(entry, "title", _title(item))
            _add(entry, "updated", item.told_at)
            ET.SubElement(entry, "category", {"term": item.alert})
            if item.address.startswith(("http://", "https://")):
                ET.SubElement(entry, "link", {"rel": "alternate", "href": _xml(item.address)})
            content = ET.SubElement(entry, "content", {"type": "html"})
            content.text = _xml("".join(_content(item)))
        ET.indent(feed)
        written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
        return written + b"\n"


def _key(item: Item) -> tuple[str, str, str]:
    return item.alert, item.id, item.change


def _title(item: Item) -> str:
    words = item.title or item.text if item.record == "document" else item.text
    who = f"{item.speaker or 'speaker unknown'}: " if item.record == "quote" else ""
    title = one_line(who + words)
    return title if len(title) <= 160 else title[:160] + "…"


def _content(item: Item) -> Iterator[str]:
    """The item as HTML in which every text is escaped."""
    if item.text:
        yield "<blockquote>"
        place = 0
        for start, end in item.marks:
            yield f"{_html(item.text[place:start])}<strong>{_html(item.text[start:end])}</strong>"
            place = end
        yield f"{_html(item.text[place:])}</blockquote>"
    rows = {
        "speaker": ", ".join(part for part in (item.speaker, item.role, item.affiliation) if part),
        "verb": item.verb,
        "about": ", ".join(item.about),
        "said": item.said,
        "article": item.title,
        "outlet": item.outlet + (f" via {item.wire}" if item.wire else ""),
        "published": item.published,
        "page": str(item.page or ""),
        "copies": f"+{item.copies}" if item.copies else "",
        "change": item.change if item.change != "added" else "",
        "watchlist, by name only": "; ".join(item.entries),
        "why": ", ".join(item.why),
        "but": "; ".join(item.doubts),
        "address": item.address,
        "id": item.id,
    }
    yield "<ul>"
    yield from (f"<li>{name}: {_html(value)}</li>" for name, value in rows.items() if value)
    yield "</ul>"


def _html(text: str) -> str:
    """`text` escaped; blanks at its ends stay, for it may be part of a sentence."""
    return html.escape(visible(text))


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _xml(text)


def _xml(text: str) -> str:
    """`text` without the signs that XML cannot hold, which `one_line` has made visible nearly all."""
    return "".join(sign for sign in one_line(text) if sign not in "\ufffe\uffff")
