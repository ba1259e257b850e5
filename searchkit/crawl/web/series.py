"""Series of numbered addresses: the pages of a list, and calendars, which have a page for every month of all time."""

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import unquote

# The number of a page in a list: a parameter, or the last part of the path.
_PAGE = re.compile(
    r"(?<=[?&])(?:page|p|pg|paged|pagenum|page_?no|seite|offset|start|skip)=[0-9]{1,9}(?:&|$)"
    r"|/(?:page|p|seite)[/-]?[0-9]{1,6}(?=/?(?:$|\?))"
    r"|(?<=[a-z])[-_](?:page|p)?-?[0-9]{1,3}(?=\.[a-z]{3,5}(?:$|\?))",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"[0-9]{1,40}|(?<![^\W\d_])(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[eé]vrier|mar(?:ch|s)?|märz|apr(?:il)?|avril"
    r"|ma[iy]|june?|juni|juin|july?|juli|juillet|aug(?:ust)?|ao[uû]t|sept?(?:embre|ember)?|o[ck]t(?:ober|obre)?"
    r"|nov(?:ember|embre)?|de[cz](?:ember)?|d[eé]cembre)(?![^\W\d_])",
    re.IGNORECASE,
)
_TAG = re.compile(rb"<[^<>]{0,4000}>")
_SCRIPT = re.compile(rb"<(?:script|style)(?=[\s>])", re.IGNORECASE)
# A series is endless if so many of its pages in a row have no link and no text of their own.
_MAX_IDLE = 5


def first_page(address: str) -> str:
    """Return a canonical address without the number of a page in a list: the address of the list."""
    return _PAGE.sub("", address).rstrip("?&/")


def continues(address: str, other: str) -> bool:
    """Return whether two addresses differ, and are pages of one list."""
    return address != other and first_page(address) == first_page(other)


def shape(address: str) -> str:
    """Return an address with all numbers and names of months replaced; empty if it has none."""
    shaped = _NUMBER.sub("#", unquote(address.partition("://")[2].partition("/")[2]))
    return shaped if "#" in shaped else ""


class SeriesWatch:
    """Learns which series are endless, such as the months of a calendar. `endless` are addresses of known ones."""

    def __init__(self, endless: Iterable[str] = ()) -> None:
        self._endless = {shape(address) for address in endless} - {""}
        self._idle: dict[str, int] = {}
        self._texts: dict[str, bytes] = {}

    def is_endless(self, address: str) -> bool:
        """Return whether an address belongs to an endless series."""
        return bool(self._endless) and shape(address) in self._endless

    def repeats(self, address: str, body: bytes) -> bool:
        """Return whether a page has the text of the last page of its series but for the numbers."""
        series = shape(address)
        text = _text(body) if series else b""
        before = self._texts.get(series)
        self._texts[series] = text
        return bool(series) and text == before

    def learn(self, address: str, *, leads: Iterable[str]) -> bool:
        """Take the new addresses to which a page without a text of its own leads; return whether its series is known to
        be endless from now on."""
        series = shape(address)
        if not series or series in self._endless:
            return False
        idle = all(shape(lead) == series for lead in leads)
        self._idle[series] = self._idle.get(series, 0) + 1 if idle else 0
        if self._idle[series] < _MAX_IDLE:
            return False
        self._endless.add(series)
        return True


def _text(body: bytes) -> bytes:
    """Return a digest of the words of a page without its tags, scripts and numbers, in linear time."""
    first, *rest = _SCRIPT.split(body)
    markup = b" ".join((first, *(part.partition(b"</")[2] for part in rest)))
    words = _NUMBER.sub(" ", _TAG.sub(b" ", markup).decode("utf-8", "replace")).split()
    return hashlib.blake2b(" ".join(words).encode(), digest_size=16).digest()
