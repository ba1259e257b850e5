"""Decode a Content-Encoding piece by piece, within a limit on the output.

urllib3 can do this too, but it does not detect a truncated body, and it decodes five layers where servers send one.
"""

import sys
import zlib
from collections.abc import Callable
from typing import Any

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, br"  # some servers send deflate without its frame
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
    if made := _DECODERS.get(name):
        return made()
    raise UndecodableBody("compressed more than once" if "," in name else "unknown content encoding")


class _Stream(Decoder):
    """Decodes with an object that has the methods of those of zlib."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def decode(self, piece: bytes, room: int, /) -> bytes:
        try:
            return self._decode(piece, room + 1)
        except (zlib.error, brotli.error, zstd.ZstdError):
            raise UndecodableBody(_CORRUPT) from None

    def _decode(self, piece: bytes, most: int) -> bytes:
        return b"" if self._stream.eof else self._stream.decompress(piece, most)

    def finish(self) -> None:
        if not self._stream.eof:
            raise UndecodableBody(_INCOMPLETE)


class _Gzip(_Stream):
    """Gzip, of one or more members."""

    def __init__(self) -> None:
        super().__init__(zlib.decompressobj(zlib.MAX_WBITS | 16))
        self._members = 1

    def _decode(self, piece: bytes, most: int) -> bytes:
        output: bytes = self._stream.decompress(piece, most)
        # Another member may follow; anything else is padding.
        while self._stream.eof and (rest := self._stream.unused_data).startswith(b"\x1f"):
            self._members += 1
            if self._members > _MAX_MEMBERS:
                raise UndecodableBody("compressed in too many pieces")
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            output += self._stream.decompress(rest, max(most - len(output), 1))
        return output


class _Brotli(_Stream):
    def __init__(self) -> None:
        super().__init__(brotli.Decompressor())

    def _decode(self, piece: bytes, most: int) -> bytes:
        return b"" if self._stream.is_finished() else self._stream.process(piece, output_buffer_limit=most)

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise UndecodableBody(_INCOMPLETE)


def _zstd() -> Decoder:
    """Zstandard. No server is asked for it, but WARC files have it."""
    largest = {int(zstd.DecompressionParameter.window_log_max): _MAX_ZSTD_WINDOW_LOG}
    return _Stream(zstd.ZstdDecompressor(options=largest))


_DECODERS: dict[str, Callable[[], Decoder]] = {
    **dict.fromkeys(("", "identity"), Decoder),
    **dict.fromkeys(("gzip", "x-gzip"), _Gzip),
    "deflate": lambda: _Stream(zlib.decompressobj()),
    "br": _Brotli,
    "zstd": _zstd,
}
