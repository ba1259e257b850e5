"""Search all files of a folder for texts, however they are packed. It shares no code with the program."""

import gzip
import re
import zlib
from contextlib import suppress
from pathlib import Path

# How a zlib stream begins: method and window, then level and checksum.
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")

# How a record of the store begins: its version.
_RECORD = re.compile(rb"\x02")
_DICTIONARY = (Path(__file__).parents[2] / "searchkit" / "store" / "records.dict").read_bytes()
_LONGEST = 100_000


def holding(folder: Path, *needles: str) -> dict[str, list[str]]:
    """The files that hold any of `needles`, whatever the case and however packed; and which of them."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            whole = b"\n".join([content, *_packed(content)]).lower()
            here = [needle for needle in needles if any(form in whole for form in _forms(needle.lower()))]
            if here:
                found[path.relative_to(folder).as_posix()] = here
    return found


def _forms(needle: str) -> list[bytes]:
    return [needle.encode(), needle.encode("utf-16-le"), needle.encode("ascii", "backslashreplace")]


def _packed(content: bytes) -> list[bytes]:
    if content.startswith(b"\x1f\x8b"):
        return [gzip.decompress(content)]
    found = []
    for begin in _RECORD.finditer(content):
        with suppress(zlib.error):
            found.append(zlib.decompressobj(-15, zdict=_DICTIONARY).decompress(content[begin.end() :], _LONGEST))
    for begin in _ZLIB.finditer(content):
        with suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(content[begin.start() :]))
    return found
