"""PartAddresses of parts, streams that end where damage or a bomb begins, patterns over several names."""

import io
import zlib

import pytest

from searchkit.crawl.base import FileOptions
from searchkit.crawl.container_parts import Damaged, GrowthLimit, PartAddresses, UnpackedStream, is_selected


class Faulty(io.BytesIO):
    """A stream that gives some bytes and then fails."""

    def __init__(self, content: bytes, fault: Exception, step: int = 7) -> None:
        super().__init__(content)
        self._fault, self._step = fault, step

    def read1(self, size: int | None = -1, /) -> bytes:
        piece = super().read1(min(self._step, size or 0))
        if not piece:
            raise self._fault
        return piece


def unpacked(stream: io.BytesIO, taken: int = 1_000_000) -> UnpackedStream:
    return UnpackedStream(stream, GrowthLimit(lambda: taken), "is damaged")


def test_a_stream_reads_as_any_other() -> None:
    content = b"One line\nand another\n\nand a last one"
    stream = unpacked(io.BytesIO(content))
    assert stream.read(4) == b"One "
    assert stream.readline() == b"line\n"
    assert stream.readline(3) == b"and"
    assert stream.readline(100) == b" another\n"
    assert stream.readline() == b"\n"
    assert stream.read() == b"and a last one"
    assert (stream.read(), stream.read(5), stream.readline()) == (b"", b"", b"")
    stream.seek(0)
    assert stream.read(0) == b""
    assert stream.read() == content


@pytest.mark.parametrize("fault", [EOFError("cut"), zlib.error("odd"), OSError("Not a gzipped file")])
def test_data_before_damage_is_returned(fault: Exception) -> None:
    stream = unpacked(Faulty(b"One line\nhalf a l", fault))
    assert stream.readline() == b"One line\n"
    with pytest.raises(Damaged) as caught:
        stream.readline()
    assert caught.value.reason.startswith("is damaged (")
    stream = unpacked(Faulty(b"Some words", fault))
    assert stream.read(100) == b"Some words"
    with pytest.raises(Damaged):
        stream.read(100)


def test_disk_errors_are_not_damage() -> None:
    with pytest.raises(OSError, match="bad disk"):
        unpacked(Faulty(b"", OSError(5, "bad disk"))).read()


def test_growth_has_an_end() -> None:
    growth = GrowthLimit(lambda: 1_000)
    growth.add(20 * 1024 * 1024)
    with pytest.raises(Damaged, match="expands more than 200 times"):
        growth.add(1)
    assert growth.exceeded
    large = GrowthLimit(lambda: 1_000_000)
    large.add(190_000_000)
    assert not large.exceeded


def test_addresses() -> None:
    addresses = PartAddresses("file:///a.mbox")
    assert addresses.of("one@x.example", b"1") == "file:///a.mbox#one@x.example"
    assert addresses.of("one@x.example", b"1") == "file:///a.mbox#one@x.example"
    twin = addresses.of("one@x.example", b"2")
    assert twin.startswith("file:///a.mbox#one@x.example~")
    assert len(twin.partition("~")[2]) == 8
    assert addresses.of("", b"3") == "file:///a.mbox#4e07408562be"
    assert addresses.of("ä b#%\x1b\udcff", b"4") == "file:///a.mbox#%C3%A4%20b%23%25%1B%FF"
    assert len(addresses.of("x" * 5_000, b"5")) < 400
    assert PartAddresses("file:///a.mbox#one").of("b.pdf", b"") == "file:///a.mbox#one/b.pdf"


def test_patterns_see_every_name() -> None:
    paths = ("a.txt", "/top/a.txt")
    assert is_selected(paths, FileOptions())
    assert is_selected(paths, FileOptions(include=("/top/*",)))
    assert not is_selected(paths, FileOptions(include=("b*",)))
    assert not is_selected(paths, FileOptions(include=("a*",), exclude=("/top/*",)))
