"""Decide which addresses may become links in exports, and encode them."""

from urllib.parse import quote, urlsplit

_MAX_LENGTH = 2000
# Characters that stay (RFC 3986), without those that end a link or field in some format: ( ) ' and brackets. "%" stays
# for what is encoded already.
_KEPT = "/:?#@!$&*+,;=%-._~"


def web_link(address: str) -> str | None:
    """Return `address` in ASCII, safe in an HTML attribute, in <...> of Markdown and in a BibTeX field; None unless it
    is a plain web address, without another scheme (`javascript:`) or credentials."""
    if len(address) > _MAX_LENGTH or any(char.isspace() or not char.isprintable() for char in address):
        return None
    try:
        parts = urlsplit(address)
        host, named, _ = parts.hostname, "@" in parts.netloc, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or named or any(char in parts.netloc for char in "\\[]"):
        return None
    return quote(address, safe=_KEPT, errors="surrogateescape")
