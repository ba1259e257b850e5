"""What a hostile case is: what it puts into its folder, what should come of that, and what may never be seen of it."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

Expected = Literal["found", "refused", "either", "skipped"]
"""The needle can be asked for; or the run tells one line of why it cannot; or one of both; or neither."""

# A word that stands in one file outside the corpus, which only a link, a path in an archive or an XML entity leads to.
SECRET = "zqmarrowbone"  # noqa: S105 - nobody's password: it must only be recognized
# Signs that steer a terminal or turn its text around: in no output may they stand as they are.
STEERING = ("\x1b", "\x9b", "\x07", "\u202e")


class Place(Struct, frozen=True, kw_only=True):
    """Where a case is made: its folder, the file with the secret, a port of this machine that counts who calls."""

    folder: Path
    secret: Path
    port: int


Make = Callable[[Place, str], None]
"""Makes a case, given its place and its needle."""


class Case(Struct, frozen=True, kw_only=True):
    """One kind of hostile input. `never` are strings that no output may hold, beside SECRET and STEERING.

    `seconds` is the processor time that reading it may take, `memory_mb` what all processes of the
    run may hold at once. `quick` cases are cheap to make and to read: the test suite runs them.
    """

    name: str
    group: str
    expected: Expected
    make: Make
    seconds: float = 22.0  # 20 are what a worker may take (ingest/limits.py), the rest is the start
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
    """A short article in plain text, two paragraphs, with a statement and the needle."""
    return (
        f"The crane of the harbor stood still on Monday, and the {needle} report says why.\n\n"
        '"It will move again within a week," said Nadia Korbel, spokesperson for the port authority.\n'
    )


def page(needle: str, *, title: str = "The crane", head: str = "", before: str = "", after: str = "") -> str:
    """The same article as a web page, with markup in its head, and `before` and `after` its words."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body><article>'
        f"<h1>{title}</h1>{before}"
        f"<p>The crane of the harbor stood still on Monday, and the {needle} report says why.</p>"
        "<p>&quot;It will move again within a week,&quot; said Nadia Korbel, spokesperson for the port authority.</p>"
        f"{after}</article></body></html>"
    )


def file(name: str, content: Callable[[str], str | bytes]) -> Make:
    """A case of one file, made of its needle."""

    def make(place: Place, needle: str) -> None:
        made = content(needle)
        (place.folder / name).write_bytes(made.encode("utf-8") if isinstance(made, str) else made)

    return make


def grouped(group: str, cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases of a group, whose names must differ."""
    assert len({case.name for case in cases}) == len(cases), f"two cases of {group} have one name"
    assert all(case.group == group for case in cases)
    return tuple(cases)
