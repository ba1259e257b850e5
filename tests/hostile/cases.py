"""Hostile cases: what each writes into its folder, what should come of it, and what no output may contain."""

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

Expected = Literal["found", "refused", "either", "skipped"]
"""A search finds the needle; or the run reports one line saying why not; or one of both; or neither."""

# A word that occurs in one file outside the corpus; only a link, a path in an archive or an XML entity leads to it.
SECRET = "zqmarrowbone"  # noqa: S105 - not a password, only a recognizable word
# Characters that steer a terminal or reverse its text: no output may contain them unescaped.
STEERING = ("\x1b", "\x9b", "\x07", "\u202e")


class Place(Struct, frozen=True, kw_only=True):
    """Where a case is made: its folder, the file with the secret, and a port of this machine that counts callers."""

    folder: Path
    secret: Path
    port: int


Make = Callable[[Place, str], None]
"""Makes a case, given its place and its needle."""
Content = Callable[[str], str | bytes]
PlacedContent = Callable[[Place, str], str | bytes]


class Case(Struct, frozen=True, kw_only=True):
    """One kind of hostile input. `never` are strings that no output may contain, besides SECRET and STEERING.

    `seconds` is the processor time that reading may take, `memory_mb` what all processes of the run may use at once.
    The test suite runs the `quick` cases.
    """

    name: str
    group: str
    expected: Expected
    make: Make
    seconds: float = 22.0  # 20 for the worker (ingest/limits.py), the rest for starting
    memory_mb: int = 600
    never: tuple[str, ...] = ()
    quick: bool = True

    @property
    def needle(self) -> str:
        """A word that no other case and no article has."""
        number, word = zlib.crc32(f"{self.group}/{self.name}".encode()), "zq"
        while number:
            number, letter = divmod(number, 26)
            word += chr(ord("a") + letter)
        return word


def story(needle: str) -> str:
    """Return a short article in plain text: two paragraphs, with a statement and the needle."""
    return (
        f"The crane of the harbor stood still on Monday, and the {needle} report says why.\n\n"
        '"It will move again within a week," said Nadia Korbel, spokesperson for the port authority.\n'
    )


def page(needle: str, *, title: str = "The crane", head: str = "", before: str = "", after: str = "") -> str:
    """Return the same article as a web page, with markup in its head, and `before` and `after` its words."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body><article>'
        f"<h1>{title}</h1>{before}"
        f"<p>The crane of the harbor stood still on Monday, and the {needle} report says why.</p>"
        "<p>&quot;It will move again within a week,&quot; said Nadia Korbel, spokesperson for the port authority.</p>"
        f"{after}</article></body></html>"
    )


def placed(name: str, content: PlacedContent) -> Make:
    """Write one file, made of the place and the needle."""

    def make(place: Place, needle: str) -> None:
        made = content(place, needle)
        (place.folder / name).write_bytes(made.encode("utf-8") if isinstance(made, str) else made)

    return make


def file(name: str, content: Content) -> Make:
    """Write one file, made of the needle."""
    return placed(name, lambda _, needle: content(needle))


def files(
    group: str, file_name: str, expected: Expected, rows: Mapping[str, Content], **fields: Any
) -> tuple[Case, ...]:
    """Return a case of one file for each row of name and content."""
    return tuple(
        Case(name=name, group=group, expected=expected, make=file(file_name, content), **fields)
        for name, content in rows.items()
    )
