"""Which addresses may be links in what we write, and in which form."""

from urllib.parse import quote, urlsplit

# Browsers and TeX take more, people do not.
_LONGEST = 2000
# What an address may hold as it is (RFC 3986), without signs that end a link or a field somewhere: ( ) ' in Markdown
# and HTML, brackets. "%" stays, for what is encoded already.
_KEPT = "/:?#@!$&*+,;=%-._~"


def web_link(address: str) -> str | None:
    """`address` in ASCII, safe in an attribute, in <...> of Markdown and in a field of BibTeX; None when it is not a
    plain address of the web: another scheme (`javascript:`), a name or password in it, no host or one of numbers."""
    if len(address) > _LONGEST or any(sign.isspace() or not sign.isprintable() for sign in address):
        return None
    try:
        parts = urlsplit(address)
        host, named, _ = parts.hostname, "@" in parts.netloc, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or named or any(sign in parts.netloc for sign in "\\[]"):
        return None
    return quote(address, safe=_KEPT, errors="surrogateescape")
