"""Escape text for Markdown, so that nothing becomes markup, a link or HTML in CommonMark or on GitHub."""

import re

from searchkit.export.citation.citing import Citation, identity, opening, place_text
from searchkit.text import one_line

# Characters with a meaning inside a line; "~", "|" and "$" only on GitHub.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|$#!{}@]")
# Addresses that become links by themselves: the character that triggers this is escaped.
_ADDRESSES = re.compile(r"(?i)(?<=[a-z]):(?=//)|(?<=\bwww)\.|(?<=\bmailto):|(?<=\bxmpp):")
# A line that begins like this becomes a numbered list.
_NUMBER = re.compile(r"(\d{1,9})([.)])")


def markdown(text: str) -> str:
    """Return `text` on one line, shown as written anywhere in a paragraph."""
    escaped = _ADDRESSES.sub(lambda char: "\\" + char.group(), _SPECIAL.sub(r"\\\g<0>", one_line(text)))
    if escaped.startswith(("-", "+", "=")):
        return "\\" + escaped
    return _NUMBER.sub(r"\1\\\2", escaped, count=1) if _NUMBER.match(escaped) else escaped


def link(text: str, address: str | None) -> str:
    """Return `text` as a link to the result of `web_link`, or plain if that is None."""
    return f"[{markdown(text)}](<{address}>)" if address else markdown(text)


def as_markdown(citation: Citation) -> str:
    """Return the citation as one line of Markdown with the title as a link."""
    title = link(citation.title or "(no title)", citation.link)
    parts = f"“{title}”, {markdown(place_text(citation))}. "
    address = "" if citation.link else f"{markdown(citation.address)}. "
    return f"{markdown(opening(citation))} {parts}{address}{markdown(identity(citation))}".lstrip()
