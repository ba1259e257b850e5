"""Read documents from files, folders and standard input, one Resource at a time; searchkit.crawl.web reads the web.

Bytes are not decoded here. File names need not be UTF-8: addresses percent-encode their bytes.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib import import_module
from typing import BinaryIO

from searchkit.crawl.base import FileOptions, Refused
from searchkit.document import Resource

__all__ = ["FileOptions", "Refused", "is_expected", "resources", "whole_addresses"]

# Readers by URI scheme, imported on first use. Plain paths are `file`, standard input is `-`.
_READERS = {"file": "searchkit.crawl.files:read_location", "-": "searchkit.crawl.files:read_stdin"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}):")


def _scheme(location: str) -> str:
    if location == "-":
        return "-"
    match = _SCHEME.match(location)
    if match is None:
        return "file"
    scheme = match[1].lower()
    # A file may be called `notes: Monday.txt`.
    if scheme not in _READERS and (not location.startswith("//", match.end()) or _exists(location)):
        return "file"
    return scheme


def _exists(location: str) -> bool:
    try:
        return os.path.lexists(location)
    except ValueError:  # a NUL character
        return False


def whole_addresses(locations: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of files and folders, which `resources` reads completely: what it omits no longer exists."""
    from searchkit.crawl.files import location_address  # importing the readers takes 20 ms

    found = (location_address(location) for location in locations if _scheme(location) == "file")
    return tuple(dict.fromkeys(address for address in found if address is not None))


def is_expected(uri: str, whole: str, options: FileOptions) -> bool:
    """Return whether `resources`, reading the file or folder `whole`, yields `uri` if it exists."""
    from searchkit.crawl import files  # as above

    return files.is_expected(uri, whole, options)


def resources(
    locations: Sequence[str], options: FileOptions, *, now: datetime, stdin: BinaryIO | None = None
) -> Iterator[Resource | Refused]:
    """Yield the documents at `locations`, in order; folders recursively, sorted by name.

    `stdin` is read for `-`. Inputs never raise: what cannot be read is Refused.
    """
    for location in locations:
        scheme = _scheme(location)
        if scheme not in _READERS:
            yield Refused(uri=location, reason=f"unsupported address scheme {scheme}:")
            continue
        module, name = _READERS[scheme].split(":")
        read: Callable[..., Iterator[Resource | Refused]] = getattr(import_module(module), name)
        yield from read(location, options, now=now, stdin=stdin)
