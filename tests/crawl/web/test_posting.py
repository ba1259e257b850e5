"""Posting: what is sent, and what ends a response."""

import time

import pytest

from searchkit.crawl.base import HttpOptions
from searchkit.crawl.web.addresses import web_address
from searchkit.crawl.web.connections import posted
from searchkit.crawl.web.pages import FetchFailed
from tests.crawl.web.site import Request, Site, Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def post(site: Site, path: str = "/", *, allow: tuple[str, ...] = ("127.0.0.1",)) -> tuple[int, bytes]:
    where = web_address(site.url(path))
    options = HttpOptions(allow_hosts=allow, contact="desk@ledger.example", total_seconds=0.6, max_bytes=10_000)
    with posted(where, b"asked", {"X-Kind": "test"}, options) as response:
        return response.status, response.read(decode_content=False)


def test_body_and_headers_arrive_and_the_answer_is_read(site: Site) -> None:
    site.acts("/", lambda wire, _: wire.send(OK))
    assert post(site) == (200, b"ok")
    (request,) = site.received()
    assert (request.headers["x-kind"], request.headers["content-length"]) == ("test", "5")
    assert "desk@ledger.example" in request.headers["user-agent"]


def test_redirects_are_not_followed(site: Site) -> None:
    site.redirect("/", "/elsewhere")
    assert post(site)[0] == 302
    assert len(site.received()) == 1


def slow(wire: Wire, _: Request) -> None:
    wire.send(OK[:-1])
    wire.wait(5)


def endless(wire: Wire, _: Request) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50_000)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (slow, r"no data for|not complete after"),
        (endless, "its response is too large"),
        (lambda wire, _: wire.reset(), "connection lost"),
        (lambda wire, _: wire.send(b"\x00\x01\x02 no answer\r\n\r\n"), "not a valid HTTP response|connection lost"),
    ],
)
def test_an_answer_that_does_not_end_well_fails(site: Site, act: object, reason: str) -> None:
    site.acts("/", act)  # type: ignore[arg-type]  # lambdas have no types
    started = time.monotonic()
    with pytest.raises(FetchFailed, match=reason):
        post(site)
    assert time.monotonic() - started < 20


def test_private_hosts_are_refused_unless_they_are_named(site: Site) -> None:
    with pytest.raises(FetchFailed, match="private"):
        post(site, allow=())
    assert site.received() == []
