"""Markup without an HTML library: overlong tags truncated, superscripts replaced, and visible text of any size of page.

The time that lxml needs for a tag grows with the square of the number of its attributes.
"""

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from searchkit.files import shipped_sections

Kind = Literal["open", "close", "raw", "other"]


class Tag(NamedTuple):
    """A piece of markup at `start`..`end`. Kind `raw` is a complete element whose content is not markup."""

    kind: Kind
    name: str
    start: int
    end: int


# lxml needs 90 s for a tag of 1.5 MB with 200,000 attributes. Longer real tags hold inlined images or program state.
_TAG_LIMIT = 16_384
# An opening tag; a `>` inside a quoted value does not end it.
_WHOLE_TAG = re.compile(
    r"<[A-Za-z](?:[^=>]{1,10000000}+|=\s{0,40}+(?:\"[^\"]{0,10000000}+\"|'[^']{0,10000000}+')?+){0,10000000}+>?"
)
_TAG = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9:_-]{0,60})|!--|[!?])")
_RAW = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}
WORDS = {name: words.split() for name, words in shipped_sections("searchkit.parse.html", "words.txt").items()}
BLOCKS = frozenset(WORDS["blocks"])
_SUPERSCRIPT = re.compile(
    r"<sup(?:\s[^<>]{0,400})?>\s{0,20}(<a(?:\s[^<>]{0,1000})?>)?\s{0,20}(\[?)(\d{1,4})\]?\s{0,20}(?:</a\s{0,9}>)?"
    r"\s{0,20}</sup\s{0,9}>",
    re.IGNORECASE,
)
_SUPERSCRIPT_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def with_superscripts(markup: str) -> str:
    """Remove footnote marks (linked or bracketed superscripts), and keep other superscripts as such (m², 10⁶).

    Otherwise `40<sup>2</sup> million` would become 402 million.
    """
    if "<sup" not in markup and "<SUP" not in markup:
        return markup
    return _SUPERSCRIPT.sub(
        lambda match: "" if match[1] or match[2] else match[3].translate(_SUPERSCRIPT_DIGITS), markup
    )


def without_overlong_tags(markup: str) -> tuple[str, int]:
    """Cut overlong tags down to their names; return the markup and the number of cuts. Linear time; never raises."""
    if max(map(len, _WHOLE_TAG.findall(markup)), default=0) <= _TAG_LIMIT:
        return markup, 0
    kept: list[str] = []
    copied = cut = 0
    for tag in tags(markup):  # text in a script can look like a tag
        if tag.kind not in ("open", "raw") or tag.start < copied:
            continue
        whole = _WHOLE_TAG.match(markup, tag.start)
        if whole is not None and len(whole[0]) > _TAG_LIMIT:
            kept += [markup[copied : tag.start], f"<{tag.name}>"]
            copied = whole.end()
            cut += 1
    kept.append(markup[copied:])
    return "".join(kept), cut


def tags(markup: str) -> Iterator[Tag]:
    """Yield every tag, comment and raw element of `markup`, in order. Linear time; never raises."""
    position = 0
    missing_ends: set[str] = set()  # so that no end is searched for twice
    while match := _TAG.search(markup, position):
        start, name = match.start(), (match[2] or "").lower()
        if not name:
            end = _comment_end(markup, start, missing_ends)
            yield Tag("other", "", start, end)
            position = end
            continue
        end = _tag_end(markup, match.end())
        if not match[1] and name in _RAW and name not in missing_ends:
            closing = _RAW[name].search(markup, end)
            if closing is None:
                missing_ends.add(name)
            else:
                end = _tag_end(markup, closing.end())
                yield Tag("raw", name, start, end)
                position = end
                continue
        yield Tag("close" if match[1] else "open", name, start, end)
        position = end


def _comment_end(markup: str, start: int, missing_ends: set[str]) -> int:
    if markup.startswith("<!--", start) and "-->" not in missing_ends:
        end = markup.find("-->", start + 2)
        if end >= 0:
            return end + 3
        missing_ends.add("-->")
    end = markup.find(">", start, start + _TAG_LIMIT)
    return end + 1 if end >= 0 else start + 2


def _tag_end(markup: str, start: int) -> int:
    """Return the position after the `>` that ends a tag, ignoring those inside quotation marks, within limits."""
    end = markup.find(">", start)
    if end <= start:
        return end + 1 if end == start else len(markup)
    for _ in range(8):
        inside = markup.count('"', start, end) or markup.count("'", start, end)
        if inside % 2 == 0 or end - start > _TAG_LIMIT:
            return end + 1
        further = markup.find(">", end + 1, start + _TAG_LIMIT)
        if further < 0:
            break
        end = further
    return markup.find(">", start) + 1


def visible_text(markup: str) -> str:
    """Return all text of a page, one line per block, without scripts and styles. Linear time."""
    parts: list[str] = []
    position = 0
    for tag in tags(markup):
        parts.append(markup[position : tag.start])
        if tag.name in BLOCKS:
            parts.append("\n\n")
        position = tag.end
    parts.append(markup[position:])
    lines = (" ".join(line.split()) for line in html.unescape("".join(parts)).split("\n"))
    return "\n\n".join(line for line in lines if line)
