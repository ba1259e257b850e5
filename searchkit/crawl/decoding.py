"""Decode a Content-Encoding piece by piece, within a limit on the output.

urllib3 can do this too, but it does not detect a truncated body, and it decodes five layers where servers send one.
"""

import sys
import zlib

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br"
# Servers send one gzip member. A body of very many members only costs time.
_MAX_MEMBERS = 100
_MAX_ZSTD_WINDOW_LOG = 23  # RFC 9659: the largest window that a client must support, 8 MB
_CORRUPT = "compressed data is corrupt"
_INCOMPLETE = "compressed data is incomplete"


class UndecodableBody(Exception):
    """A body that cannot be decoded; the message is a one-line reason."""


class Decoder:
    """Decodes one encoding; this class itself decodes none."""

    def decode(self, piece: bytes, room: int, /) -> bytes:  # noqa: ARG002 - for subclasses
        """Return the decoded piece; if it is longer than `room` bytes, a little more than `room` bytes of it."""
        return piece

    def finish(self) -> None:
        """Raise UndecodableBody if the body is incomplete."""


def decoder(encoding: str) -> Decoder:
    """Return the decoder for a Content-Encoding header. Raise UndecodableBody if there is none."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return Decoder()
    if name in {"gzip", "x-gzip"}:
        return _Gzip()
    if name == "deflate":
        return _Deflate()
    if name == "br":
        return _Brotli()
    if name == "zstd":
        return _Zstd()
    raise UndecodableBody("compressed more than once" if "," in name else "unknown content encoding")


class _Zstd(Decoder):
    """Zstandard. No server is asked for it, but WARC files have it."""

    def __init__(self) -> None:
        largest = {int(zstd.DecompressionParameter.window_log_max): _MAX_ZSTD_WINDOW_LOG}
        self._stream = zstd.ZstdDecompressor(options=largest)

    def decode(self, piece: bytes, room: int, /) -> bytes:
        if self._stream.eof:
            return b""
        try:
            return self._stream.decompress(piece, room + 1)
        except zstd.ZstdError:
            raise UndecodableBody(_CORRUPT) from None

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableBody(_INCOMPLETE)


class _Gzip(Decoder):
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._members = 1
        self._finished = False

    def decode(self, piece: bytes, room: int, /) -> bytes:
        if self._finished:
            return b""
        output = bytearray()
        try:
            output += self._stream.decompress(piece, room + 1)
            while self._stream.eof and (rest := self._stream.unused_data):
                # Another member may follow; anything else is padding.
                if not rest.startswith(b"\x1f"):
                    self._finished = True
                    break
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise UndecodableBody("compressed in too many pieces")
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
                output += self._stream.decompress(rest, max(room - len(output), 0) + 1)
        except zlib.error:
            raise UndecodableBody(_CORRUPT) from None
        return bytes(output)

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableBody(_INCOMPLETE)


class _Deflate(Decoder):
    """Deflate as HTTP defines it (a zlib stream), and as some servers send it (without the zlib frame)."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._start = b""

    def decode(self, piece: bytes, room: int, /) -> bytes:
        if self._stream is None:
            self._start += piece
            if len(self._start) < 2:
                return b""
            piece = self._start
            # RFC 1950, 2.2: the low half of the first byte is 8, and both bytes are a multiple of 31.
            framed = piece[0] & 0x0F == 8 and int.from_bytes(piece[:2]) % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)
        if self._stream.eof:
            return b""
        try:
            return self._stream.decompress(piece, room + 1)
        except zlib.error:
            raise UndecodableBody(_CORRUPT) from None

    def finish(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise UndecodableBody(_INCOMPLETE)


class _Brotli(Decoder):
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def decode(self, piece: bytes, room: int, /) -> bytes:
        if self._stream.is_finished():
            return b""
        try:
            output: bytes = self._stream.process(piece, output_buffer_limit=room + 1)
        except brotli.error:
            raise UndecodableBody(_CORRUPT) from None
        return output

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise UndecodableBody(_INCOMPLETE)
