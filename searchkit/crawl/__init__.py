"""Crawl: where documents come from, and how their bytes get here.

takes:    locations (paths, `file:` addresses, `-` for standard input), limits, the time
gives:    one Resource for each input, or Refused with one clear line; in order, one at a time in memory
does not: decode or understand bytes, follow links out of a folder, open what is not a regular file
traps:    file names need not be UTF-8: addresses percent-encode their bytes; a JSON Lines file is many resources
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

# Source by URI scheme, imported on first use. Plain paths are `file`, standard input is `-`.
_SOURCES = {
    "file": "searchkit.crawl.files:located",
    "-": "searchkit.crawl.files:standard_input",
}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}):")


def _scheme(location: str) -> str:
    if location == "-":
        return "-"
    match = _SCHEME.match(location)
    if match is None:
        return "file"
    scheme = match[1].lower()
    # A file may be called `notes: Monday.txt`; an address has its two slashes, or a scheme that we know.
    if scheme not in _SOURCES and (not location.startswith("//", match.end()) or _exists(location)):
        return "file"
    return scheme


def _exists(location: str) -> bool:
    try:
        return os.path.lexists(location)
    except ValueError:  # a NUL in it
        return False


def whole_addresses(locations: Sequence[str]) -> tuple[str, ...]:
    """The addresses of those locations that `resources` reads whole, so that what it does not give is not there: files
    and folders."""
    from searchkit.crawl.files import address

    found = (address(location) for location in locations if _scheme(location) == "file")
    return tuple(dict.fromkeys(one for one in found if one is not None))


def is_expected(uri: str, whole: str, options: FileOptions) -> bool:
    """Whether `resources`, reading what has this whole address, gives what has the address `uri`, if it is there."""
    from searchkit.crawl import files

    return files.is_expected(uri, whole, options)


def resources(
    locations: Sequence[str], options: FileOptions, *, now: datetime, stdin: BinaryIO | None = None
) -> Iterator[Resource | Refused]:
    """What stands at `locations`, in the order given; folders in sorted order of their names, with all below them.

    `stdin` is what `-` reads; without it `-` is refused. Never raises for an input: what cannot be read is Refused.
    """
    for location in locations:
        scheme = _scheme(location)
        source = _SOURCES.get(scheme)
        if source is None:
            yield Refused(uri=location, reason=f"addresses of the kind {scheme}: cannot be read")
            continue
        module, name = source.split(":")
        read: Callable[..., Iterator[Resource | Refused]] = getattr(import_module(module), name)
        yield from read(location, options, now=now, stdin=stdin)
