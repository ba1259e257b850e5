"""Markup before any HTML library sees it: overlong tags cut, and its visible text where no library can take it.

lxml stalls on a tag with a hundred thousand attributes: its time grows with the square of their number.
"""

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["open", "close", "raw", "other"]


class Tag(NamedTuple):
    """A piece of markup at `start`..`end`. `raw` is an element whose content is no markup, up to its end tag.

    A tuple, since a page has thousands, and most are only looked at by place.
    """

    kind: Kind
    name: str
    start: int
    end: int


# A tag of 1.5 MB with 200,000 attributes stalls lxml for 90 s; one of 16 kB takes a fraction of one. Real tags beyond
# it carry inlined images or program state.
_TAG_LIMIT = 16_384
# An opening tag up to where it ends: a `>` in the quotation marks of a value does not end it. End tags stall nobody.
_WHOLE_TAG = re.compile(
    r"<[A-Za-z](?:[^=>]{1,10000000}+|=\s{0,40}+(?:\"[^\"]{0,10000000}+\"|'[^']{0,10000000}+')?+){0,10000000}+>?"
)
_TAG = re.compile(r"<(?:(/?)([A-Za-z][A-Za-z0-9:_-]{0,60})|!--|[!?])")
# Elements whose content is not markup.
_RAW = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}
BLOCKS = frozenset(
    """
    address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol option p pre section summary table tbody td
    tfoot th thead title tr ul
    """.split()
)


def without_overlong_tags(markup: str) -> tuple[str, int]:
    """`markup` with tags that are too long cut down to their names, and how many these are. Linear; never raises."""
    if max(map(len, _WHOLE_TAG.findall(markup)), default=0) <= _TAG_LIMIT:
        return markup, 0
    kept: list[str] = []
    copied = cut = 0
    for tag in tags(markup):  # what looks like a tag in a script is none
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
    """Every tag, comment and raw element of `markup`, in order. Linear in its length; never raises."""
    position = 0
    hopeless: set[str] = set()  # ends that were looked for and are nowhere further on
    while match := _TAG.search(markup, position):
        start, name = match.start(), (match[2] or "").lower()
        if not name:
            end = _comment_end(markup, start, hopeless)
            yield Tag("other", "", start, end)
            position = end
            continue
        end = _tag_end(markup, match.end())
        if not match[1] and name in _RAW and name not in hopeless:
            closing = _RAW[name].search(markup, end)
            if closing is None:
                hopeless.add(name)
            else:
                end = _tag_end(markup, closing.end())
                yield Tag("raw", name, start, end)
                position = end
                continue
        yield Tag("close" if match[1] else "open", name, start, end)
        position = end


def _comment_end(markup: str, start: int, hopeless: set[str]) -> int:
    if markup.startswith("<!--", start) and "-->" not in hopeless:
        end = markup.find("-->", start + 2)
        if end >= 0:
            return end + 3
        hopeless.add("-->")
    end = markup.find(">", start, start + _TAG_LIMIT)
    return end + 1 if end >= 0 else start + 2


def _tag_end(markup: str, start: int) -> int:
    """The position after the `>` that ends a tag; one inside quotation marks does not count, within reason."""
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
    """All text of a page, one line a block, without scripts and styles. Linear; for pages that no library can take."""
    parts: list[str] = []
    position = 0
    for tag in tags(markup):
        parts.append(markup[position : tag.start])  # a raw element is one tag: its content is passed over
        if tag.name in BLOCKS:
            parts.append("\n\n")
        position = tag.end
    parts.append(markup[position:])
    lines = (" ".join(line.split()) for line in html.unescape("".join(parts)).split("\n"))
    return "\n\n".join(line for line in lines if line)
