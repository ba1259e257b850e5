"""Read documents from files, folders and standard input, one Resource at a time; searchkit.crawl.web reads the web.

Bytes are not decoded here. File names need not be UTF-8: addresses percent-encode their bytes.
"""

import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from searchkit.crawl.base import FileOptions, Refused
from searchkit.document import Resource

__all__ = ["FileOptions", "Refused", "is_expected", "resources", "whole_addresses"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}):")


def _scheme(location: str) -> str:
    """Return the scheme of an address, `file` for a path, or `-` for standard input."""
    match = _SCHEME.match(location)
    if location == "-" or match is None:
        return "-" if location == "-" else "file"
    # A file may be called `notes: Monday.txt`.
    return match[1].lower() if location.startswith("//", match.end()) and not _exists(location) else "file"


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
    from searchkit.crawl import files  # as above

    for location in locations:
        scheme = _scheme(location)
        if scheme == "-":
            yield from files.read_stdin(options, now=now, stdin=stdin)
        elif scheme == "file":
            yield from files.read_location(location, options, now=now)
        else:
            yield Refused(uri=location, reason=f"unsupported address scheme {scheme}:")
