"""A page as lxml's tree: built once, read by the extractor, by readability and by the search for a standfirst."""

from typing import Any

_BLOCKS = frozenset(
    """
    address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr
    ul
    """.split()
)
_SILENT = frozenset({"script", "style", "noscript", "template"})


def load(markup: str) -> Any:
    """The tree of `markup` as trafilatura builds it; None when it is no HTML to it. Call it for tame pages only."""
    from trafilatura.utils import load_html

    try:
        return load_html(markup)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  whatever it stumbles over, there are other ways to the text
        return None


def lines(root: Any) -> list[str]:
    """The text below `root`, one line a block, without scripts."""
    from lxml.etree import iterwalk

    parts: list[str] = []
    silent = 0
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        block = element.tag in _BLOCKS
        if event == "start":
            silent += element.tag in _SILENT
            if block:
                parts.append("\n")
            if element.text and not silent:
                parts.append(element.text.replace("\n", " "))
        else:
            if event == "end":
                silent -= element.tag in _SILENT
            if block:
                parts.append("\n")
            if element.tail and not silent and element is not root:
                parts.append(element.tail.replace("\n", " "))
    found = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return [line for line in found if line]


def most_readable(root: Any) -> int:
    """How many signs `readable` gives at most: those of all text but scripts and styles. Takes a tenth of its time."""
    length = int(root.xpath("string-length(normalize-space())"))
    length -= sum(len(" ".join((element.text or "").split())) for element in root.iter("script", "style"))
    # In the place of a film it writes a word of its own.
    return length + len("VIDEO") * len(root.findall(".//iframe"))


def readable(root: Any) -> list[str]:
    """What readability takes for the article, one line a block; empty when it finds none. It takes the tree apart."""
    from lxml.html import fromstring
    from trafilatura.readability_lxml import Document

    try:
        return lines(fromstring(Document(root).summary()))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  as above
        return []
