"""Ways in which web servers misbehave, as acts for `Site.acts`."""

import gzip
import threading
import zlib
from collections.abc import Callable

import brotli

from tests.crawl.web.site import Act, Request, Wire

_HTML = "Content-Type: text/html; charset=utf-8\r\n"
_OK = "HTTP/1.1 200 OK\r\n" + _HTML
_PIECE = b"<p>The crane stands in the harbor.\n" * 200


def stalls() -> Act:
    """Takes the request and never answers."""

    def act(wire: Wire, request: Request) -> None:
        wire.wait_for_leaving()

    return act


def stalls_in_headers() -> Act:
    """Sends half of a header and nothing more."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
        wire.wait_for_leaving()

    return act


def stalls_in_body() -> Act:
    """Sends the first part of the body it has promised and nothing more."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(_OK.encode() + b"Content-Length: 100000\r\n\r\n" + _PIECE)
        wire.wait_for_leaving()

    return act


def trickles(*, every: float, body: bytes = _PIECE) -> Act:
    """Sends all of `body`, a byte at a time, `every` so many seconds."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(f"{_OK}Content-Length: {len(body)}\r\n\r\n".encode())
        for position in range(len(body)):
            wire.send(body[position : position + 1])
            wire.wait(every)

    return act


def trickles_headers(*, every: float) -> Act:
    """Sends a header that goes on for ever, a byte at a time."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            wire.send(b"x")
            wire.wait(every)

    return act


def resets(*, in_body: bool = False) -> Act:
    """Breaks the connection off, before any answer or in the middle of the body."""

    def act(wire: Wire, request: Request) -> None:
        if in_body:
            wire.send(_OK.encode() + b"Content-Length: 100000\r\n\r\n" + _PIECE)
            wire.wait(0.05)  # the client should have seen the part that was sent
        wire.reset()

    return act


def closes() -> Act:
    """Ends the connection in good order without an answer."""

    def act(wire: Wire, request: Request) -> None:
        wire.keep = False

    return act


def closes_after(body: bytes = _PIECE) -> Act:
    """Answers well, promises to keep the connection, and closes it."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(f"{_OK}Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n".encode() + body)
        wire.keep = False

    return act


def claims(body: bytes, length: str, *, keep: bool = False) -> Act:
    """Sends `body` under another Content-Length, and then closes the connection, or keeps it."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(f"{_OK}Content-Length: {length}\r\n\r\n".encode() + body)
        wire.keep = keep

    return act


def until_close(body: bytes, headers: str = "") -> Act:
    """Sends `body` without any length, as servers of old; `headers` are lines with their ends."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(f"{_OK}{headers}Connection: close\r\n\r\n".encode() + body)
        wire.keep = False

    return act


def chunked(*pieces: bytes, headers: str = "", last: bytes = b"0\r\n\r\n", keep: bool = True) -> Act:
    """Sends the body in chunks; `last` is what stands at the end, in place of the empty chunk."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(f"{_OK}{headers}Transfer-Encoding: chunked\r\n\r\n".encode())
        for piece in pieces:
            wire.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        wire.send(last)
        wire.keep = keep

    return act


def endless_body(*, in_chunks: bool = False) -> Act:
    """Sends a body without an end."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(_OK.encode() + (b"Transfer-Encoding: chunked\r\n\r\n" if in_chunks else b"\r\n"))
        piece = _PIECE * 10
        if in_chunks:
            piece = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        while True:
            wire.send(piece)

    return act


def endless_headers() -> Act:
    """Sends one header after the other."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            wire.send(b"X-More: " + b"x" * 1000 + b"\r\n")

    return act


def endless_line() -> Act:
    """Sends one header line without an end."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\nX-More: ")
        while True:
            wire.send(b"x" * 10_000)

    return act


def endless_continue() -> Act:
    """Asks to go on, again and again (100 Continue)."""

    def act(wire: Wire, request: Request) -> None:
        while True:
            wire.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    return act


def endless_trailer() -> Act:
    """Ends its chunks with trailers that do not end."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(_OK.encode() + b"Transfer-Encoding: chunked\r\n\r\n5\r\ncrane\r\n0\r\n")
        while True:
            wire.send(b"X-More: yes\r\n" * 100)

    return act


def says(raw: bytes) -> Act:
    """Sends these bytes for an answer, whatever they are, and closes."""

    def act(wire: Wire, request: Request) -> None:
        wire.send(raw)
        wire.keep = False

    return act


def encoded(body: bytes, label: str) -> Act:
    """Sends bytes under a Content-Encoding, true or not."""

    def act(wire: Wire, request: Request) -> None:
        head = f"{_OK}Content-Length: {len(body)}\r\nContent-Encoding: {label}\r\n\r\n"
        wire.send(head.encode() + body)

    return act


_BOMBS: dict[str, bytes] = {}
_BOMBS_LOCK = threading.Lock()


def _bomb(label: str) -> bytes:
    with _BOMBS_LOCK:
        if label not in _BOMBS:
            blank = bytes(50_000_000)
            makers: dict[str, Callable[[bytes], bytes]] = {
                "gzip": gzip.compress,
                "deflate": zlib.compress,
                "br": brotli.compress,
            }
            _BOMBS[label] = makers[label](blank)
        return _BOMBS[label]


def bomb(label: str) -> Act:
    """Sends a few kilobytes that grow to 50 MB; `label` is gzip, deflate or br."""
    return encoded(_bomb(label), label)
