"""Content-Encoding taken off while a body comes in, never further than there is room.

urllib3 can do this within bounds too. It cannot tell that a packed body ends early, though, and takes off five layers
where one is all that an honest server puts on.
"""

import zlib
from typing import Protocol

# What we say we take, and so what a server may send.
ACCEPTED = "gzip, deflate, br"
_IDENTITY = frozenset({"", "identity"})

# Servers pack a body in one piece. A gzip body of very many pieces only costs time.
_MAX_MEMBERS = 100


class UndecodableBody(Exception):
    """A packed body that cannot be unpacked; the message is one line of why."""


class Decoder(Protocol):
    """Takes off one encoding."""

    def decode(self, piece: bytes, room: int, /) -> bytes:
        """What `piece` adds to the body. When that is more than `room` bytes, some more than `room` are given."""
        ...

    def finish(self) -> None:
        """UndecodableBody when the body is not at its end."""
        ...


def decoder(encoding: str) -> Decoder:
    """The decoder for a Content-Encoding header. UndecodableBody when there is none."""
    name = encoding.strip().lower()
    if name in _IDENTITY:
        return _Identity()
    if name in {"gzip", "x-gzip"}:
        return _Gzip()
    if name == "deflate":
        return _Deflate()
    if name == "br":
        return _Brotli()
    if "," in name:
        raise UndecodableBody("is packed more than once")
    raise UndecodableBody("is packed in a way that is not known")


class _Identity:
    def decode(self, piece: bytes, _room: int, /) -> bytes:
        return piece

    def finish(self) -> None:
        pass


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._members = 1
        self._over = False

    def decode(self, piece: bytes, room: int, /) -> bytes:
        if self._over:
            return b""
        whole = bytearray()
        try:
            whole += self._stream.decompress(piece, room + 1)
            while self._stream.eof and (rest := self._stream.unused_data):
                # Another member may follow; what else follows is filling and means nothing.
                if not rest.startswith(b"\x1f"):
                    self._over = True
                    break
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise UndecodableBody("is packed in too many pieces")
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
                whole += self._stream.decompress(rest, max(room - len(whole), 0) + 1)
        except zlib.error:
            raise UndecodableBody("is damaged: it cannot be unpacked") from None
        return bytes(whole)

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableBody("ends early: what is packed is not whole")


class _Deflate:
    """Deflate as HTTP means it (a zlib stream), and as some servers send it (without the frame of zlib)."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._first = b""

    def decode(self, piece: bytes, room: int, /) -> bytes:
        if self._stream is None:
            self._first += piece
            if len(self._first) < 2:
                return b""
            piece = self._first
            # RFC 1950, 2.2: the low half of the first byte is 8, and both bytes are a multiple of 31.
            framed = piece[0] & 0x0F == 8 and int.from_bytes(piece[:2]) % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        if self._stream.eof:
            return b""
        try:
            return self._stream.decompress(piece, room + 1)
        except zlib.error:
            raise UndecodableBody("is damaged: it cannot be unpacked") from None

    def finish(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise UndecodableBody("ends early: what is packed is not whole")


class _Brotli:
    def __init__(self) -> None:
        import brotli

        self._stream = brotli.Decompressor()
        self._error = brotli.error

    def decode(self, piece: bytes, room: int, /) -> bytes:
        if self._stream.is_finished():
            return b""
        try:
            given: bytes = self._stream.process(piece, output_buffer_limit=room + 1)
        except self._error:
            raise UndecodableBody("is damaged: it cannot be unpacked") from None
        return given

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise UndecodableBody("ends early: what is packed is not whole")
