"""The pictures in the documentation: `pytest tests/web/browser/test_screens.py --update-golden` takes them again."""

import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.conftest import SEEDS
from tests.web.browser.kinds import KINDS, Found
from tests.web.browser.visit import Visitor

FOLDER = SEEDS.parent / "docs" / "screens"
MOST_BYTES = 100_000


class Screen(Struct, frozen=True, kw_only=True):
    """A picture of a kind of page."""

    kind: str
    width: int = 1000
    height: int = 680
    script: bool = True
    scheme: str = "light"


SCREENS: dict[str, Screen] = {
    **{
        kind: Screen(kind=kind)
        for kind in (
            *("home", "statements", "query-error", "documents", "document", "statement", "names", "name", "matrix"),
            *("changes", "spread", "disputes", "silence", "disputed-statement"),
            *("sources", "saved", "new-saved", "alerts", "alert-run", "basket", "help", "api", "missing"),
        )
    },
    "statements-dark": Screen(kind="statements", scheme="dark"),
    "document-dark": Screen(kind="document", scheme="dark"),
    "name-dark": Screen(kind="name", scheme="dark"),
    "statements-narrow": Screen(kind="statements", width=320),
    "statement-narrow": Screen(kind="statement", width=320),
    "matrix-narrow": Screen(kind="matrix", width=320),
    "statements-without-javascript": Screen(kind="statements", script=False),
    "statement-without-javascript": Screen(kind="statement", script=False),
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_picture_shows_the_page(visitor: Visitor, found: Found, name: str, screens: Path | None) -> None:
    screen, kind = SCREENS[name], KINDS[SCREENS[name].kind]
    context = visitor.context(width=screen.width, script=screen.script, color_scheme=screen.scheme)
    page = visitor.page(kind.at(found), context=context, status=kind.status)
    page.set_viewport_size({"width": screen.width, "height": screen.height})
    picture = _smaller(page.screenshot())
    assert len(picture) < MOST_BYTES
    if screens is not None:
        screens.mkdir(exist_ok=True)
        (screens / f"{name}.png").write_bytes(picture)


def test_the_documentation_has_these_pictures_and_no_others() -> None:
    kept = {path.stem for path in FOLDER.glob("*.png")}
    assert kept == set(SCREENS)
    text = (FOLDER.parent / "reading-room.md").read_text(encoding="utf-8")
    assert set(re.findall(r"screens/([\w-]{1,60})\.png", text)) == kept
    assert max(path.stat().st_size for path in FOLDER.glob("*.png")) < MOST_BYTES


def _smaller(picture: bytes) -> bytes:
    """Return a picture of Chromium (8 bits for each of red, green, blue, maybe alpha) with a palette.

    Its colours are rounded to fit; a page has few."""
    import numpy as np

    width, height, depth, kind = struct.unpack(">IIBB", picture[16:26])
    channels = {2: 3, 6: 4}[kind]
    assert depth == 8
    rows = np.frombuffer(zlib.decompress(b"".join(_chunks(picture, b"IDAT"))), np.uint8).reshape(height, -1)
    pixels = _unfiltered(rows, channels).reshape(height * width, channels)[:, :3]
    for bits in range(1, 8):
        rounded: Any = (pixels >> bits).astype(np.uint32)
        keys = (rounded[:, 0] << 16) | (rounded[:, 1] << 8) | rounded[:, 2]
        colours, places = np.unique(keys, return_inverse=True)
        if len(colours) <= 64:
            break
    palette = np.zeros((len(colours), 3), np.uint8)
    counts = np.bincount(places.ravel(), minlength=len(colours))
    for channel in range(3):  # the mean of what a colour stands for
        sums = np.bincount(places.ravel(), weights=pixels[:, channel], minlength=len(colours))
        palette[:, channel] = np.rint(sums / counts)
    indices = places.astype(np.uint8).reshape(height, width)
    lines = np.hstack([np.zeros((height, 1), np.uint8), indices])
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, content)
        for name, content in (
            (b"IHDR", head),
            (b"PLTE", palette.tobytes()),
            (b"IDAT", zlib.compress(lines.tobytes(), 9)),
            (b"IEND", b""),
        )
    )


def _chunks(picture: bytes, wanted: bytes) -> list[bytes]:
    found, place = [], 8
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        if picture[place + 4 : place + 8] == wanted:
            found.append(picture[place + 8 : place + 8 + length])
        place += length + 12
    return found


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _unfiltered(rows: Any, step: int) -> Any:
    """Undo the filters of PNG, row by row."""
    import numpy as np

    done = np.zeros((rows.shape[0] + 1, rows.shape[1] - 1), np.uint8)
    for number, row in enumerate(rows):
        kind, values, above = row[0], row[1:], done[number]
        if kind == 0:
            line = values
        elif kind == 1:
            line = values.reshape(-1, step).cumsum(axis=0, dtype=np.uint8).ravel()
        elif kind == 2:
            line = values + above
        else:
            line = _by_byte(bytes(values), bytes(above), step, is_paeth=kind == 4)
        done[number + 1] = line
    return done[1:]


def _by_byte(values: bytes, above: bytes, step: int, *, is_paeth: bool) -> Any:
    import numpy as np

    line = bytearray(len(values))
    for place, value in enumerate(values):
        left = line[place - step] if place >= step else 0
        up = above[place]
        if is_paeth:
            corner = above[place - step] if place >= step else 0
            guess = left + up - corner
            distances = (abs(guess - left), abs(guess - up), abs(guess - corner))
            before = (left, up, corner)[distances.index(min(distances))]
        else:
            before = (left + up) // 2
        line[place] = (value + before) & 255
    return np.frombuffer(bytes(line), np.uint8)
