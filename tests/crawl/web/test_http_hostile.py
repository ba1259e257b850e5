"""Web servers that stall, lie, break off or never end: one failure with a reason, in bounded time and memory."""

import gzip
import random
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import brotli
import pytest

from searchkit.crawl.base import HttpOptions
from searchkit.crawl.web.http import Fetcher
from searchkit.crawl.web.pages import FetchFailed, Response
from tests.crawl.web import misdeeds
from tests.crawl.web.site import Act, Site

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMIT = 2_000_000
OPTIONS = HttpOptions(
    allow_hosts=("127.0.0.1",), max_bytes=LIMIT, connect_timeout=0.3, read_timeout=0.2, total_seconds=0.5
)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with closing(Fetcher(OPTIONS, now=lambda: NOW)) as made:
        yield made


def _fails(site: Site, fetcher: Fetcher, act: Act, *, again: int = 1) -> FetchFailed:
    """The failure that an act leads to; the next page of the host is not harmed by it."""
    site.acts("/bad", act)
    site.page("/good", "<p>The crane stands.")
    started = time.monotonic()
    with pytest.raises(FetchFailed) as failed:
        fetcher.get(site.url("/bad"))
    assert time.monotonic() - started < 20
    for _ in range(again):
        assert fetcher.get(site.url("/good")).body == b"<p>The crane stands."
    assert "\n" not in failed.value.reason
    assert site.url("/bad") not in failed.value.reason
    return failed.value


SLOW = "no data for 0.2 s"
LATE = "not complete after 0.5 s"
BROKEN = "connection lost"
SHORT = "response is incomplete"
PACKED_SHORT = "compressed data is incomplete"


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (misdeeds.STALLS, SLOW),
        (misdeeds.STALLS_IN_HEADERS, SLOW),
        (misdeeds.STALLS_IN_BODY, SLOW),
        (misdeeds.TRICKLES, LATE),
        (misdeeds.TRICKLES_HEADERS, LATE),
        (misdeeds.RESETS, BROKEN),
        (misdeeds.RESETS_IN_BODY, BROKEN),
        (misdeeds.CLOSES, BROKEN),
        (misdeeds.claims(b"abc", "1000"), SHORT),
        (misdeeds.chunked(b"abc", last=b"", keep=False), SHORT),
        (misdeeds.chunked(b"abc", last=b"zz\r\n", keep=False), SHORT),
        (misdeeds.chunked(b"abc", last=b"10\r\nabc", keep=False), SHORT),
        (misdeeds.says(b"HTTP/1.1 200 OK\r\nContent-Ty"), "response is incomplete"),
        (misdeeds.says(b"HTTP/1.1 200 OK\r\n"), "response is incomplete"),
        (misdeeds.encoded(gzip.compress(b"abc" * 9)[:-9], "gzip"), PACKED_SHORT),
        (misdeeds.encoded(zlib.compress(b"abc" * 9)[:-5], "deflate"), PACKED_SHORT),
        (misdeeds.encoded(brotli.compress(b"abc" * 9)[:-1], "br"), PACKED_SHORT),
        (misdeeds.until_close(gzip.compress(b"abc")[:-3], "Content-Encoding: gzip\r\n"), PACKED_SHORT),
    ],
)
def test_temporary_failures(site: Site, fetcher: Fetcher, act: Act, reason: str) -> None:
    failed = _fails(site, fetcher, act)
    assert (failed.reason, failed.temporary, failed.retry_after) == (reason, True, None)


LARGE = "is larger than 1.9 MB"
BOMB = "decompression bomb: expands more than 200 times"
DAMAGED = "compressed data is corrupt"
NO_HTTP = "not a valid HTTP response"
HEADERS = "too many headers"


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (misdeeds.ENDLESS_BODY, LARGE),
        (misdeeds.ENDLESS_CHUNKS, LARGE),
        (misdeeds.claims(b"abc", str(10**15)), LARGE),
        (misdeeds.ENDLESS_TRAILER, LARGE),
        (misdeeds.ENDLESS_HEADERS, HEADERS),
        (misdeeds.ENDLESS_LINE, HEADERS),
        (misdeeds.ENDLESS_CONTINUE, "too many headers"),
        (misdeeds.says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), HEADERS),
        (misdeeds.encoded(gzip.compress(random.Random(1).randbytes(2_100_000)), "gzip"), LARGE),
        (misdeeds.encoded(gzip.compress(b"") * 2_000, "gzip"), "compressed in too many pieces"),
        (misdeeds.encoded(b"abc", "gzip"), DAMAGED),
        (misdeeds.encoded(b"\xff" * 9, "deflate"), DAMAGED),
        (misdeeds.encoded(b"\xff" * 9, "br"), DAMAGED),
        (misdeeds.encoded(gzip.compress(b"abc")[:-8] + b"\0" * 8, "gzip"), DAMAGED),
        (misdeeds.encoded(gzip.compress(gzip.compress(b"abc")), "gzip, gzip"), "compressed more than once"),
        (misdeeds.encoded(b"abc", "compress"), "unknown content encoding"),
        (misdeeds.encoded(b"abc", "\x1b[31m"), "unknown content encoding"),
        (misdeeds.claims(b"abc", "3, 4"), NO_HTTP),
        (misdeeds.says(b"\x00\xff\x1b[31m\r\n\r\n"), NO_HTTP),
        (misdeeds.says(b"HTTP/1.1 abc OK\r\n\r\n"), NO_HTTP),
        (misdeeds.says(b"HTTP/1.1 -20 OK\r\n\r\n"), NO_HTTP),
        (misdeeds.says(b"SSH-2.0-crane\r\n"), NO_HTTP),
        (misdeeds.says(b"<html><p>HTTP/0.9 had no status"), NO_HTTP),
    ],
)
def test_permanent_failures(site: Site, fetcher: Fetcher, act: Act, reason: str) -> None:
    failed = _fails(site, fetcher, act)
    assert (failed.reason, failed.temporary) == (reason, False)


@pytest.mark.slow
def test_a_bomb_is_refused_and_never_in_memory(site: Site, fetcher: Fetcher) -> None:
    # Those of zlib are too long before they have grown so much.
    acts = {misdeeds.bomb(label): reason for label, reason in (("gzip", LARGE), ("deflate", LARGE), ("br", BOMB))}
    tracemalloc.start()
    try:
        for act, reason in acts.items():
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            failed = _fails(site, fetcher, act)
            assert (failed.reason, failed.temporary) == (reason, False)
            assert tracemalloc.get_traced_memory()[1] - before < 3 * LIMIT
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("length", ["3", "-3", "three", ""])
def test_a_body_longer_than_stated_is_not_read_as_the_next_answer(site: Site, fetcher: Fetcher, length: str) -> None:
    body = b"abc" + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" * 5_000
    site.acts("/bad", misdeeds.claims(body, length, keep=length.startswith("3")))
    site.page("/good", "<p>The crane stands.")
    got = fetcher.get(site.url("/bad")).body
    assert got == (b"abc" if length.startswith("3") else body)
    for _ in range(3):
        assert fetcher.get(site.url("/good")).body == b"<p>The crane stands."


@pytest.mark.parametrize(
    ("content_type", "media_type", "charset"),
    [
        ("", "", ""),
        ("text/html;charset=", "text/html", ""),
        ("text/html\x1b[31m; charset=\x1b[31mx", "text/html", ""),
        ("html; charset=utf-8", "", "utf-8"),
        (";" * 50_000, "", ""),
        ("text/" + "x" * 50_000, "text/" + "x" * 60, ""),
        ("text/html; charset" + " " * 50_000 + "=utf-8", "text/html", ""),
    ],
)
def test_content_types_of_any_kind(
    site: Site, fetcher: Fetcher, content_type: str, media_type: str, charset: str
) -> None:
    site.page("/a", "<p>", media_type=content_type)
    got = fetcher.get(site.url("/a"))
    assert (got.media_type, got.charset) == (media_type, charset)


def test_any_bytes_for_an_answer_end_in_a_response_or_a_failure(site: Site) -> None:
    dice = random.Random(7)
    good = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        b"ETag: x\r\n\r\n17\r\n" + gzip.compress(b"abc") + b"\r\n0\r\n\r\n"
    )
    options = HttpOptions(allow_hosts=("127.0.0.1",), read_timeout=0.2, total_seconds=0.3)
    outcomes: set[type] = set()
    with closing(Fetcher(options, now=lambda: NOW)) as fetcher:
        for _ in range(300):
            answer = bytearray(good)
            for _ in range(dice.randrange(1, 6)):
                place = dice.randrange(len(answer))
                answer[place : place + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
            site.acts("/bad", misdeeds.says(bytes(answer)))
            try:
                outcomes.add(type(fetcher.get(site.url("/bad"))))
            except FetchFailed as failed:
                outcomes.add(type(failed))
    assert outcomes == {Response, FetchFailed}


def test_a_server_that_takes_connections_and_no_requests() -> None:
    """What is listening but never answers a greeting: TLS has its own time limit."""
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(Fetcher(OPTIONS, now=lambda: NOW)) as fetcher:
        started = time.monotonic()
        with pytest.raises(FetchFailed, match=r"cannot connect within 0\.3 s") as failed:
            fetcher.get(f"https://127.0.0.1:{listener.getsockname()[1]}/")
        assert failed.value.temporary
        assert time.monotonic() - started < 10


def test_one_stalling_host_does_not_hold_up_another() -> None:
    options = HttpOptions(allow_hosts=("127.0.0.1", "127.0.0.2"), read_timeout=5, total_seconds=5)
    with Site("127.0.0.1", "127.0.0.2") as site, closing(Fetcher(options, now=lambda: NOW)) as fetcher:
        site.acts("/a", misdeeds.STALLS)
        site.page("/a", "<p>", host="127.0.0.2")

        def ask() -> None:
            with pytest.raises(FetchFailed):
                fetcher.get(site.url("/a"))

        thread = threading.Thread(target=ask)
        thread.start()
        while not site.received("/a"):
            thread.join(0.01)
        assert fetcher.get(site.url("/a", host="127.0.0.2")).body == b"<p>"
        assert thread.is_alive()
        fetcher.close()
        thread.join(2)
        assert not thread.is_alive()
