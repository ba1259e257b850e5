"""JSON-LD: the description of an article in schema.org terms."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

_ARTICLE = re.compile(r"article|posting|report$|^report|newsstory", re.IGNORECASE)
_NEWS = re.compile(r"news|report|liveblog", re.IGNORECASE)
_COMMAS = re.compile(r",(\s{0,400}[}\]])")
_WRAPPING = re.compile(r"^\s{0,400}(?:<!--|/\*\s{0,40}<!\[CDATA\[\s{0,40}\*/|//\s{0,40}<!\[CDATA\[|<!\[CDATA\[)")
_WRAPPING_END = re.compile(r"(?:-->|/\*\s{0,40}\]\]>\s{0,40}\*/|//\s{0,40}\]\]>|\]\]>)[\s;]{0,400}$")
# Ordinary blocks have a few levels and dozens of nodes; larger ones are catalogs.
_MAX_LEVELS = 8
_MAX_NODES = 2_000


class LinkedData(Struct, frozen=True, kw_only=True):
    """The fields of an article as written. `persons` are the authors of type Person; `free` is None if not stated."""

    headline: str = ""
    authors: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    publisher: str = ""
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    url: str = ""
    language: str = ""
    description: str = ""
    is_news: bool = False
    free: bool | None = None
    notes: tuple[str, ...] = ()


def load(block: str) -> Any:
    """Parse a block and repair common faults; None if it cannot be parsed."""
    text = _WRAPPING_END.sub("", _WRAPPING.sub("", block, count=1), count=1).strip().rstrip(";")
    for attempt in (text, _COMMAS.sub(r"\1", text), _COMMAS.sub(r"\1", html.unescape(text))):
        try:
            return json.loads(attempt, strict=False)  # templates leave line breaks in strings
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every object in `value`, breadth first, within limits."""
    level: list[Any] = [value]
    seen = 0
    for _ in range(_MAX_LEVELS):
        below: list[Any] = []
        for found in level:
            if isinstance(found, list):
                below.extend(found[:_MAX_NODES])
            elif isinstance(found, dict):
                seen += 1
                if seen > _MAX_NODES:
                    return
                yield found
                below.extend(inner for inner in found.values() if isinstance(inner, dict | list))
        level = below


def _types(node: Mapping[str, Any]) -> tuple[str, ...]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return tuple(name for name in kinds if isinstance(name, str))


def _text(value: Any) -> str:
    """Return the first string in a value: itself, an item of a list, or the name of an object."""
    for _ in range(_MAX_LEVELS):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("name") or value.get("@value") or value.get("@id")
        else:
            break
    return html.unescape(value).strip() if isinstance(value, str) else ""


def _names(value: Any, by_id: Mapping[str, Mapping[str, Any]], *, persons_only: bool = False) -> tuple[str, ...]:
    """Return the names in an author field: a string, an object, a reference into the graph, or a list of these."""
    names: list[str] = []
    for author in value if isinstance(value, list) else [value]:
        person = author
        if isinstance(person, dict):
            reference = person.get("@id")
            if not person.get("name") and isinstance(reference, str):
                person = by_id.get(reference, {})
            if "Organization" in " ".join(_types(person)):
                continue  # an outlet as author is not a person
            if persons_only and "Person" not in _types(person):
                continue
            inner = person.get("name")
            names.extend(_text(name) for name in (inner if isinstance(inner, list) else [inner]))
        elif isinstance(person, str) and not persons_only:
            names.append(html.unescape(person).strip())
    return tuple(name for name in names if name)


def _is_free(article: Mapping[str, Any]) -> bool | None:
    """Return whether the article and all its parts are free to access; None if not stated."""
    parts = article.get("hasPart")
    stated = [article.get("isAccessibleForFree")]
    stated += [part.get("isAccessibleForFree") for part in _nodes(parts)] if stated[0] is None else []
    answers = {str(value).strip().rsplit("/", 1)[-1].lower() for value in stated if value is not None}
    if answers & {"false", "no", "0"}:
        return False
    return True if answers & {"true", "yes", "1"} else None


def _best(nodes: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the node of an article type, preferably with a headline and a date."""
    articles = [node for node in nodes if any(_ARTICLE.search(kind) for kind in _types(node))]
    rated = sorted(articles, key=lambda node: ("headline" in node) + ("datePublished" in node), reverse=True)
    if rated:
        return rated[0]
    # A node of type WebPage can still have the date of publication.
    return next((node for node in nodes if "datePublished" in node and "WebPage" in " ".join(_types(node))), None)


def read(blocks: Sequence[str]) -> LinkedData | None:
    """Return the article that the JSON-LD blocks of a page describe; None if they describe none."""
    nodes: list[Mapping[str, Any]] = []
    unread = 0
    for block in blocks:
        value = load(block)
        unread += value is None
        nodes.extend(_nodes(value))
    notes = (f"JSON-LD: {unread} of {len(blocks)} blocks could not be parsed",) if unread else ()
    article = _best([node for node in nodes if node])
    if article is None:
        return LinkedData(notes=notes) if notes else None
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and node.get("name")}
    publisher = article.get("publisher")
    if isinstance(publisher, dict) and not publisher.get("name"):
        publisher = by_id.get(str(publisher.get("@id")), {}).get("name")
    page = article.get("mainEntityOfPage")
    address = (page.get("@id") or page.get("url")) if isinstance(page, dict) else page
    author = article.get("author") or article.get("creator")
    return LinkedData(
        headline=_text(article.get("headline")) or _text(article.get("name")),
        authors=_names(author, by_id),
        persons=_names(author, by_id, persons_only=True),
        publisher=_text(publisher),
        published=tuple(filter(None, (_text(article.get("datePublished")), _text(article.get("dateCreated"))))),
        updated=tuple(filter(None, (_text(article.get("dateModified")),))),
        url=_text(article.get("url")) or _text(address),
        language=_text(article.get("inLanguage")),
        description=_text(article.get("description")),
        free=_is_free(article),
        is_news=any(_NEWS.search(kind) for kind in _types(article)),
        notes=notes,
    )
