"""Outlets by name and host: a page states its outlet itself, and may state that of another."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from searchkit.statements.text import fold

CLAIMED = "claimed: "
"""Before the host of an address that a file states: the text was not fetched from there."""
_NO_HOST = "no address"
# As in URLs: no spaces and brackets, with which a host could pose as another one.
_HOST = re.compile(r"[\w.:-]{1,253}")
_NAMES_A_HOST = re.compile(r"\w\.\w")


def host_of(url: str) -> str:
    """Return the host of a web address without `www.`, in ASCII; empty if it has none."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def outlet_value(name: str, host: str) -> str:
    """Return an outlet as a value: with its host, as in `Harbor Ledger (ledger.example)`, or by name alone."""
    return f"{name} ({host or _NO_HOST})" if host or name.endswith(")") else name


class Outlets:
    """The outlets of an archive, made of all their values (`outlet_value`)."""

    def __init__(self, values: Iterable[str]) -> None:
        self._hosts: dict[str, set[str]] = {}
        for value in values:
            name, host = _parts(value)
            self._hosts.setdefault(_key(name), set()).add(host)

    def __len__(self) -> int:
        """Return how many outlets there are; one without an address may be any of its name."""
        return sum(len(hosts - {_NO_HOST}) or 1 for hosts in self._hosts.values())

    def shown(self, value: str) -> str:
        """Return an outlet for readers: its name, with the host if it is new, if other hosts use the name too, or if
        the name itself names another host or mixes alphabets that look alike. What files claim, or do not say, does
        not make a name doubtful, but is doubtful itself."""
        name, host = _parts(value)
        hosts = self._hosts.get(_key(name))
        is_plain = hosts is not None and hosts <= {host, CLAIMED + host, _NO_HOST}
        is_plain = is_plain and (fold(name) == host or not _NAMES_A_HOST.search(name)) and not _mixes_letters(name)
        return name if is_plain else f"{name} ({host})"


def _parts(value: str) -> tuple[str, str]:
    name, _, host = value.removesuffix(")").rpartition(" (") if value.endswith(")") else (value, "", _NO_HOST)
    return name, host


def _mixes_letters(name: str) -> bool:
    """Return whether a word has letters of several alphabets, of which some look the same."""
    if name.isascii():
        return False
    of_words = ({unicodedata.name(letter, "").partition(" ")[0] for letter in word} for word in name.split())
    return any(len(found & {"LATIN", "CYRILLIC", "GREEK"}) > 1 for found in of_words)


def _key(name: str) -> str:
    """Return what is equal for names that readers take for the same."""
    return "".join(filter(str.isalnum, fold(name))).removeprefix("the")
