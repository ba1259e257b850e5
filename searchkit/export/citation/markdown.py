"""Text of documents in Markdown: nothing of it becomes markup, a link or HTML, in CommonMark or as GitHub reads it."""

import re

from searchkit.export.citation.citing import Citation, identity, opening, place_text
from searchkit.text import one_line

# Signs that mean something inside a line. "&" and "<" would be entities and tags, "~", "|" and "$" are GitHub's.
_SIGNS = re.compile(r"[\\`*_\[\]<>&~|$#!{}@]")
# Addresses that become links by themselves: the sign that makes them such is written as text.
_ADDRESSES = re.compile(r"(?i)(?<=[a-z]):(?=//)|(?<=\bwww)\.|(?<=\bmailto):|(?<=\bxmpp):")
# What makes a numbered list of a line that begins with it.
_NUMBER = re.compile(r"(\d{1,9})([.)])")


def markdown(text: str) -> str:
    """`text` on one line, so that it is shown as it is written, wherever in a paragraph it stands."""
    escaped = _ADDRESSES.sub(lambda sign: "\\" + sign.group(), _SIGNS.sub(r"\\\g<0>", one_line(text)))
    if escaped.startswith(("-", "+", "=")):
        return "\\" + escaped
    return _NUMBER.sub(r"\1\\\2", escaped, count=1) if _NUMBER.match(escaped) else escaped


def link(text: str, address: str | None) -> str:
    """`text` as a link to what `web_link` gave; text alone where that is None."""
    return f"[{markdown(text)}](<{address}>)" if address else markdown(text)


def as_markdown(citation: Citation) -> str:
    """The citation as one line of Markdown, its title a link."""
    title = link(citation.title or "(no title)", citation.link)
    parts = f"“{title}”, {markdown(place_text(citation))}. "
    address = "" if citation.link else f"{markdown(citation.address)}. "
    return f"{markdown(opening(citation))} {parts}{address}{markdown(identity(citation))}".lstrip()
