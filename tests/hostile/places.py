"""The file system itself: links, pipes, devices, depths, and names of every kind."""

import os
import socket
from collections.abc import Callable

from tests.hostile.cases import Case, Make, Place, page, story


def _link(target: Callable[[Place], str]) -> Make:
    """A link next to a page."""
    return _beside(lambda place: (place.folder / "link.txt").symlink_to(target(place)))


def _beside(act: Callable[[Place], None]) -> Make:
    def make(place: Place, needle: str) -> None:
        (place.folder / "page.html").write_text(page(needle), encoding="utf-8")
        act(place)

    return make


def _socket(place: Place) -> None:
    # The path of a socket must be short, so it is made from inside.
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(place.folder)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("a.txt")
    finally:
        os.fchdir(here)
        os.close(here)


def _sparse(place: Place) -> None:
    with (place.folder / "sparse.txt").open("wb") as file:
        file.truncate(8_000_000_000)


def _deep(place: Place, needle: str) -> None:
    """Folders deeper than any path may be long, with a page at a depth that can still be named."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(place.folder)
        for depth in range(600):
            if depth == 100:
                with open("page.html", "w", encoding="utf-8") as file:  # noqa: PTH123 - no path of ours leads here
                    file.write(page(needle))
            os.mkdir("d" * 8)  # noqa: PTH102 - as above
            os.chdir("d" * 8)
    finally:
        os.fchdir(here)
        os.close(here)


def _circle(place: Place) -> None:
    (place.folder / "a").symlink_to("b")
    (place.folder / "b").symlink_to("a")


def _many_folders(place: Place) -> None:
    for number in range(2_000):
        (place.folder / f"d{number}").mkdir()


def _unreadable(place: Place) -> None:
    for name in ("closed.txt", "closed"):
        path = place.folder / name
        path.write_text("x") if name.endswith("txt") else path.mkdir()
        path.chmod(0)


def _twins(place: Place) -> None:
    (place.folder / "twin.html").write_bytes((place.folder / "page.html").read_bytes())
    os.link(place.folder / "page.html", place.folder / "hard.html")


_MAKES: dict[str, Make] = {
    "link to a file outside": _link(lambda place: str(place.secret)),
    "link to a folder outside": _link(lambda place: str(place.secret.parent)),
    "link out by dots": _link(lambda place: os.path.relpath(place.secret, place.folder)),
    "link to itself": _link(lambda _: "link.txt"),
    "link to its folder": _link(lambda _: "."),
    "link to the root": _link(lambda _: "/"),
    "link to nothing": _link(lambda _: "nothing"),
    "link to an endless device": _link(lambda _: "/dev/zero"),
    "link to the memory of the process": _link(lambda _: "/proc/self/environ"),
    "links in a circle": _beside(_circle),
    "pipe": _beside(lambda place: os.mkfifo(place.folder / "a.txt")),
    "socket": _beside(_socket),
    "folder called like a page": _beside(lambda place: (place.folder / "a.html").mkdir()),
    "sparse file": _beside(_sparse),
    "deep folders": _deep,
    "unreadable files": _beside(_unreadable),
    "hard link and twin": _beside(_twins),
    "2,000 empty folders": _beside(_many_folders),
}
PLACES = tuple(Case(name=name, group="file system", expected="found", make=make) for name, make in _MAKES.items())

_NAMES: tuple[str | bytes, ...] = (
    *("-rf.txt", "--help.txt", "a\nb.txt", "a\rb.txt", "a\x1b[2J\x1b]0;x\x07.txt", b"\xff\xfe\x80.txt", b"caf\xe9.txt"),
    *("$(touch x);`id`|&.txt", "a?b=c#d&e.txt", "a%2Fb.txt", "a%00b.txt", "%.txt", "a b .txt", "a'b\"c.txt"),
    *("a<b>c.txt", "*.txt", "a:b.txt", "C:\\a.txt", "\u202ecod.txt", "\u200b.txt", "\u00e9.txt", "e\u0301.txt"),
    *("CASE.txt", "case.txt", "a..b.txt", "...a.TXT", "{0.__class__}.txt", "{{7*7}}.txt", "=1+1.txt", "@a.txt"),
    *("a\tb.txt", "a,b.txt", "http:..txt", "e" * 250 + ".txt", "a\x9b31m.txt", "[bold]a.txt", "file:a.txt", "con.txt"),
    "~.txt",
)


def _named(name: str | bytes) -> Make:
    def make(place: Place, needle: str) -> None:
        with open(os.path.join(os.fsencode(place.folder), os.fsencode(name)), "wb") as file:  # noqa: PTH118, PTH123 - Path knows no bytes
            file.write(story(needle).encode())

    return make


NAMES = tuple(
    Case(
        name=f"{number}: {ascii(name)[:40]}",
        group="file names",
        # A name that begins with a dot is hidden, and not read in a folder.
        expected="skipped" if os.fsencode(name).startswith(b".") else "found",
        make=_named(name),
        never=("x49",),
    )
    for number, name in enumerate(_NAMES)
)
