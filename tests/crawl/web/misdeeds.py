"""Ways in which web servers misbehave, as acts for `Site.acts`."""

import gzip
import zlib
from collections.abc import Callable
from functools import cache
from itertools import chain, repeat
from typing import Literal

import brotli

from tests.crawl.web.site import Act, Request, Wire

_HEAD = b"HTTP/1.1 200 OK\r\n"
_OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
_PIECE = b"<p>The crane stands in the harbor.\n" * 200
_HALF = f"{_OK}Content-Length: 100000\r\n\r\n".encode() + _PIECE
_CHUNKED = f"{_OK}Transfer-Encoding: chunked\r\n\r\n".encode()


def _sends(
    *pieces: bytes, endless: bytes = b"", every: float = 0.0, then: Literal["keep", "close", "stall", "reset"] = "close"
) -> Act:
    """Send the pieces, then `endless` without end; after that keep the connection, close it, stall or reset it."""

    def act(wire: Wire, request: Request) -> None:
        for piece in chain(pieces, repeat(endless) if endless else ()):
            wire.send(piece)
            wire.wait(every)
        if then == "stall":
            wire.wait_for_leaving()
        if then == "reset":
            wire.wait(0.05 if pieces else 0.0)  # the client should have seen the part that was sent
            wire.reset()
        wire.keep = then == "keep"

    return act


STALLS = _sends(then="stall")
STALLS_IN_HEADERS = _sends(_HEAD + b"Content-Ty", then="stall")
STALLS_IN_BODY = _sends(_HALF, then="stall")
TRICKLES = _sends(_HALF, *(bytes([byte]) for byte in _PIECE), every=0.02)
TRICKLES_HEADERS = _sends(_HEAD + b"X-Slow: ", endless=b"x", every=0.02)
RESETS = _sends(then="reset")
RESETS_IN_BODY = _sends(_HALF, then="reset")
CLOSES = _sends()
ENDLESS_BODY = _sends(f"{_OK}\r\n".encode(), endless=_PIECE * 10)
ENDLESS_CHUNKS = _sends(_CHUNKED, endless=b"%x\r\n%s\r\n" % (len(_PIECE), _PIECE))
ENDLESS_HEADERS = _sends(_HEAD, endless=b"X-More: " + b"x" * 1000 + b"\r\n")
ENDLESS_LINE = _sends(_HEAD + b"X-More: ", endless=b"x" * 10_000)
ENDLESS_CONTINUE = _sends(endless=b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
ENDLESS_TRAILER = _sends(_CHUNKED + b"5\r\ncrane\r\n0\r\n", endless=b"X-More: " + b"x" * 1000 + b"\r\n")


def says(raw: bytes) -> Act:
    """Send these bytes as the answer and close."""
    return _sends(raw)


def closes_after(body: bytes) -> Act:
    """Answer well, promise to keep the connection, and close it."""
    return _sends(f"{_OK}Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n".encode() + body)


def claims(body: bytes, length: str, *, keep: bool = False) -> Act:
    """Send `body` under another Content-Length, and then close the connection, or keep it."""
    return _sends(f"{_OK}Content-Length: {length}\r\n\r\n".encode() + body, then="keep" if keep else "close")


def until_close(body: bytes, headers: str) -> Act:
    """Send `body` without any length, as old servers do; `headers` are lines with their ends."""
    return _sends(f"{_OK}{headers}Connection: close\r\n\r\n".encode() + body)


def chunked(*pieces: bytes, headers: str = "", last: bytes = b"0\r\n\r\n", keep: bool = True) -> Act:
    """Send the body in chunks; `last` replaces the empty chunk at the end."""
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    head = f"{_OK}{headers}Transfer-Encoding: chunked\r\n\r\n".encode()
    return _sends(head, *chunks, last, then="keep" if keep else "close")


def encoded(body: bytes, label: str) -> Act:
    """Send bytes under a Content-Encoding, true or not."""
    head = f"{_OK}Content-Length: {len(body)}\r\nContent-Encoding: {label}\r\n\r\n"
    return _sends(head.encode() + body, then="keep")


@cache
def bomb(label: str) -> Act:
    """Send a few kilobytes that grow to 50 MB; `label` is gzip, deflate or br."""
    pack: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    return encoded(pack[label](bytes(50_000_000)), label)
