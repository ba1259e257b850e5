"""The file system itself: links, pipes, devices, depths, and names of every kind."""

import os
import socket
from collections.abc import Callable
from typing import Any

from tests.hostile.cases import Case, Expected, Make, Place, grouped, page, story

_P = "file system"


def _link(target: Callable[[Place], str]) -> Make:
    """A link beside a page of its own."""

    def make(place: Place, needle: str) -> None:
        (place.folder / "page.html").write_text(page(needle), encoding="utf-8")
        (place.folder / "link.txt").symlink_to(target(place))

    return make


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


def _place(name: str, make: Make, expected: Expected = "found", **more: Any) -> Case:
    return Case(name=name, group=_P, expected=expected, make=make, **more)


PLACES = grouped(
    _P,
    [
        _place("link to a file outside", _link(lambda place: str(place.secret))),
        _place("link to a folder outside", _link(lambda place: str(place.secret.parent))),
        _place("link out by dots", _link(lambda place: os.path.relpath(place.secret, place.folder))),
        _place("link to itself", _link(lambda _: "link.txt")),
        _place("link to its folder", _link(lambda _: ".")),
        _place("link to the root", _link(lambda _: "/")),
        _place("link to nothing", _link(lambda _: "nothing")),
        _place("link to an endless device", _link(lambda _: "/dev/zero")),
        _place("link to the memory of the process", _link(lambda _: "/proc/self/environ")),
        _place("links in a circle", _beside(_circle)),
        _place("pipe", _beside(lambda place: os.mkfifo(place.folder / "a.txt"))),
        _place("socket", _beside(_socket)),
        _place("folder called like a page", _beside(lambda place: (place.folder / "a.html").mkdir())),
        _place("sparse file", _beside(_sparse)),
        _place("deep folders", _deep),
        _place("what may not be read", _beside(_unreadable)),
        _place("hard link and twin", _beside(_twins)),
        _place("2,000 empty folders", _beside(_many_folders)),
    ],
)

_N = "file names"
_NAMES: tuple[str | bytes, ...] = (
    *("-rf.txt", "--help.txt", "a\nb.txt", "a\rb.txt", "a\x1b[2J\x1b]0;x\x07.txt", b"\xff\xfe\x80.txt", b"caf\xe9.txt"),
    *(
        "$(touch x);`id`|&.txt",
        "a?b=c#d&e.txt",
        "a%2Fb.txt",
        "a%00b.txt",
        "%.txt",
        "a b .txt",
        "a'b\"c.txt",
        "a<b>c.txt",
    ),
    *("*.txt", "a:b.txt", "C:\\a.txt", "\u202ecod.txt", "\u200b.txt", "\u00e9.txt", "e\u0301.txt", "CASE.txt"),
    *("case.txt", "a..b.txt", "...a.TXT", "{0.__class__}.txt", "{{7*7}}.txt", "=1+1.txt", "@a.txt", "a\tb.txt"),
    *("a,b.txt", "http:..txt", "e" * 250 + ".txt", "a\x9b31m.txt", "[bold]a.txt", "file:a.txt", "con.txt", "~.txt"),
)


def _named(name: str | bytes) -> Make:
    def make(place: Place, needle: str) -> None:
        with open(os.path.join(os.fsencode(place.folder), os.fsencode(name)), "wb") as file:  # noqa: PTH118, PTH123 - Path knows no bytes
            file.write(story(needle).encode())

    return make


NAMES = grouped(
    _N,
    [
        Case(
            name=f"{number}: {ascii(name)[:40]}",
            group=_N,
            # What begins with a dot is hidden, and not read in a folder.
            expected="skipped" if os.fsencode(name).startswith(b".") else "found",
            make=_named(name),
            never=("x49",),
        )
        for number, name in enumerate(_NAMES)
    ],
)
