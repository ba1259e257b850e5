"""Content-Encoding taken off piece by piece."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.crawl.decoding import UndecodableBody, decoder
from tests.formats import zstd_compressed

PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
PACK["zstd"] = zstd_compressed


@pytest.mark.parametrize("label", PACK)
@settings(max_examples=40)
@given(body=st.binary(max_size=3_000), size=st.integers(1, 500))
def test_pieces_of_any_size_are_decoded(label: str, body: bytes, size: int) -> None:
    packed = PACK[label](body)
    coding = decoder(label)
    got = b"".join(coding.decode(packed[at : at + size], 10_000) for at in range(0, len(packed), size))
    coding.finish()
    assert got == body
    assert coding.decode(b"", 10_000) == b""


@pytest.mark.parametrize("label", PACK)
def test_a_truncated_body_is_incomplete(label: str) -> None:
    packed = PACK[label](b"The crane stands. " * 50)
    for kept in range(1, len(packed)):
        coding = decoder(label)
        coding.decode(packed[:kept], 10_000)
        with pytest.raises(UndecodableBody, match="incomplete"):
            coding.finish()


@pytest.mark.parametrize("label", PACK)
def test_no_more_than_the_limit_is_decoded(label: str) -> None:
    given_now = decoder(label).decode(PACK[label](bytes(5_000_000)), 1_000)
    assert 1_000 < len(given_now) < 40_000  # brotli gives its buffer, of 32 kB at first, at once


def test_a_zstd_window_above_8_mb_is_refused() -> None:
    decoder("zstd").decode(zstd_compressed(b"The crane stands.", window_log=23), 1_000)
    with pytest.raises(UndecodableBody, match="corrupt"):
        decoder("zstd").decode(zstd_compressed(b"The crane stands.", window_log=24), 1_000)


@pytest.mark.parametrize("label", PACK)
@settings(max_examples=60)
@given(junk=st.binary(min_size=1, max_size=400))
def test_random_bytes_are_corrupt(label: str, junk: bytes) -> None:
    coding = decoder(label)
    try:
        coding.decode(junk, 10_000)
        coding.finish()
    except UndecodableBody as error:
        assert str(error) in {  # junk may be a good body by chance
            "compressed data is corrupt",
            "compressed data is incomplete",
        }
