"""Fetching from well-behaved web servers, over real sockets."""

import gzip
import re
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

import brotli
import pytest

from searchkit import __version__
from searchkit.crawl.base import HttpOptions
from searchkit.crawl.web.address_guard import resolve
from searchkit.crawl.web.http import Fetcher
from searchkit.crawl.web.pages import FetchFailed, Response
from tests.cases import cases
from tests.crawl.web import certificate, misdeeds
from tests.crawl.web.site import Site

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOCAL = ("127.0.0.1", "127.0.0.2")
PAGE = "<p>The crane stands."


def make(*, allow: Sequence[str] = LOCAL, resolver: Callable[[str, int], Sequence[str]] = resolve) -> Fetcher:
    options = HttpOptions(
        contact="desk@ledger.example",
        allow_hosts=tuple(allow),
        connect_timeout=0.5,
        read_timeout=0.3,
        total_seconds=1.0,
    )
    return Fetcher(options, now=lambda: NOW, resolver=resolver)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with closing(make()) as made:
        yield made


def failure(fetcher: Fetcher, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        fetcher.get(url)
    return failed.value


def test_a_page(site: Site, fetcher: Fetcher) -> None:
    site.page("/crane.html?id=7", PAGE, media_type="Text/HTML; x=y; Charset='ISO-8859-1'")
    url = site.url("/crane.html?id=7#part")
    got = fetcher.get(url)
    assert got == Response(
        final_url=site.url("/crane.html?id=7"),
        status=200,
        headers=got.headers,
        media_type="text/html",
        charset="ISO-8859-1",
        validators={"etag": got.headers["etag"], "last-modified": got.headers["last-modified"]},
        body=PAGE.encode(),
        fetched_at=NOW,
    )
    assert all(name == name.lower() for name in got.headers)


def test_requests_identify_us_and_have_no_cookies(site: Site, fetcher: Fetcher) -> None:
    site.page("/", PAGE, headers={"Set-Cookie": "reader=1; Path=/"})
    fetcher.get(site.url())
    fetcher.get(site.url())
    for request in site.received("/"):
        assert request.headers["user-agent"] == f"searchkit/{__version__} (+desk@ledger.example)"
        assert set(request.headers) == {"host", "user-agent", "accept", "accept-encoding"}
        assert request.headers["host"] == f"127.0.0.1:{site.port}"


def test_one_connection_serves_a_host(site: Site, fetcher: Fetcher) -> None:
    site.page("/a", PAGE)
    site.page("/b", PAGE, host="127.0.0.2")
    site.redirect("/c", "/a")
    for _ in range(3):
        fetcher.get(site.url("/a"))
        fetcher.get(site.url("/b", host="127.0.0.2"))
        fetcher.get(site.url("/c"))
        assert failure(fetcher, site.url("/missing")).status == 404
    assert {request.connection for request in site.received(host="127.0.0.1")} == {1}
    assert site.connections == 2


def test_threads_take_turns_at_a_host(site: Site, fetcher: Fetcher) -> None:
    site.page("/a", PAGE)
    threads = [threading.Thread(target=lambda: fetcher.get(site.url("/a"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.completed("/a") == 8
    assert site.connections == 1


def test_a_closed_connection_is_opened_again(site: Site, fetcher: Fetcher) -> None:
    site.acts("/a", misdeeds.closes_after(PAGE.encode()))
    for _ in range(3):
        assert fetcher.get(site.url("/a")).body == PAGE.encode()
    assert site.completed("/a") == site.connections == 3


def test_a_connection_that_closes_on_use_is_opened_again_once(site: Site, fetcher: Fetcher) -> None:
    site.page("/a", PAGE)
    site.acts("/b", misdeeds.CLOSES)
    fetcher.get(site.url("/a"))
    # The kept connection and a new one, and then no more.
    assert failure(fetcher, site.url("/b")).reason == "connection lost"
    assert len(site.received("/b")) == 2
    assert failure(fetcher, site.url("/b")).temporary
    assert len(site.received("/b")) == 3


def test_an_unmodified_page_has_no_body(site: Site, fetcher: Fetcher) -> None:
    site.page("/a", PAGE)
    first = fetcher.get(site.url("/a"))
    again = fetcher.get(site.url("/a"), validators=first.validators)
    assert (again.status, again.body, again.validators) == (304, b"", first.validators)
    site.page("/a", PAGE + " It moves.")
    changed = fetcher.get(site.url("/a"), validators=again.validators)
    assert (changed.status, changed.body) == (200, PAGE.encode() + b" It moves.")
    assert changed.validators["etag"] != first.validators["etag"]
    assert site.connections == 1


def test_invalid_validators_are_not_sent(site: Site, fetcher: Fetcher) -> None:
    site.page("/a", PAGE)
    got = fetcher.get(site.url("/a"), validators={"etag": '"x"\r\nX-Bad: 1', "last-modified": "", "x-bad": "1"})
    assert got.status == 200
    assert not {"if-none-match", "if-modified-since", "x-bad"} & set(site.requests[0].headers)
    site.fails("/b", 304)
    assert failure(fetcher, site.url("/b")).reason == "HTTP 304"


@pytest.mark.parametrize(
    ("label", "body"),
    [
        ("gzip", gzip.compress(PAGE.encode())),
        ("x-gzip", gzip.compress(PAGE[:9].encode()) + gzip.compress(PAGE[9:].encode())),
        ("GZIP", gzip.compress(PAGE.encode()) + b"\0filling"),
        ("deflate", zlib.compress(PAGE.encode())),
        ("br", brotli.compress(PAGE.encode())),
        ("identity", PAGE.encode()),
        ("", PAGE.encode()),
    ],
)
def test_bodies_are_decoded(site: Site, fetcher: Fetcher, label: str, body: bytes) -> None:
    site.acts("/a", misdeeds.encoded(body, label))
    assert fetcher.get(site.url("/a")).body == PAGE.encode()
    site.acts(
        "/b",
        misdeeds.chunked(*(body[at : at + 1] for at in range(len(body))), headers=f"Content-Encoding: {label}\r\n"),
    )
    assert fetcher.get(site.url("/b")).body == PAGE.encode()


# Redirects.


def test_redirects_are_followed_and_remembered(site: Site, fetcher: Fetcher) -> None:
    site.redirect("/1", "2?x=1", status=301)
    site.redirect("/2?x=1", site.url("/3", host="127.0.0.2"), status=307)
    site.redirect("/3", f"//127.0.0.1:{site.port}/4", host="127.0.0.2", status=308)
    site.redirect("/4", "/fünf?q=ö#part", status=303)
    site.page("/f%C3%BCnf?q=%C3%B6", PAGE)
    got = fetcher.get(site.url("/1"))
    assert got.body == PAGE.encode()
    assert got.final_url == site.url("/f%C3%BCnf?q=%C3%B6")
    assert got.redirects == (
        site.url("/1"),
        site.url("/2?x=1"),
        site.url("/3", host="127.0.0.2"),
        site.url("/4"),
        got.final_url,
    )


def test_redirects_are_bounded(site: Site) -> None:
    for step in range(6):
        site.redirect(f"/{step}", f"/{step + 1}")
    site.page("/6", PAGE)
    with closing(make()) as fetcher:
        failed = failure(fetcher, site.url("/0"))
        assert (failed.reason, failed.temporary) == ("more than 5 redirects", False)
        assert len(fetcher.get(site.url("/1")).redirects) == 6
    assert not site.received("/6")[1:]


def test_redirect_loops_are_detected(site: Site, fetcher: Fetcher) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/a#part")
    site.redirect("/self", "")
    site.redirect("/self2", "/self2")
    assert failure(fetcher, site.url("/a")).reason == "redirect loop"
    assert failure(fetcher, site.url("/self")).reason == "redirect without a target"
    assert failure(fetcher, site.url("/self2")).reason == "redirect loop"
    assert len(site.received("/a")) == len(site.received("/self2")) == 1


@pytest.mark.parametrize(
    ("location", "reason"),
    [*cases(__file__, "test_redirects_to_forbidden_targets"), ("http://ledger.example/" + "a" * 5000, "longer than")],
)
def test_redirects_to_forbidden_targets(site: Site, fetcher: Fetcher, location: str, reason: str) -> None:
    site.redirect("/a", location)
    failed = failure(fetcher, site.url("/a"))
    assert failed.reason.startswith("redirect target: ")
    assert re.search(reason, failed.reason)
    assert "word" not in failed.reason
    assert not failed.temporary


def test_the_caller_checks_every_redirect(site: Site, fetcher: Fetcher) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/c")
    site.page("/c", PAGE)
    site.page("/robots.txt", "")
    asked: list[str] = []

    def allowed(url: str, for_good: bool) -> bool:
        asked.append(url)
        return fetcher.get(site.url("/robots.txt")).status == 200 and not url.endswith("/c")

    with pytest.raises(FetchFailed, match=r"robots\.txt forbids"):
        fetcher.get(site.url("/a"), allowed=allowed)
    assert asked == [site.url("/b"), site.url("/c")]
    assert not site.received("/c")


# Hosts.


def test_private_addresses_are_refused_unless_named(site: Site) -> None:
    site.page("/a", PAGE)
    with closing(make(allow=())) as fetcher:
        assert failure(fetcher, "http://127.0.0.1/a").reason.startswith(
            "private address (127.0.0.1); to allow it, name host and port in allow_hosts"
        )
        assert failure(fetcher, site.url("/a")).reason.startswith(
            "private address (127.0.0.1); to allow it, name host and port in allow_hosts"
        )
        assert failure(fetcher, site.url("/a", host="localhost")).reason.startswith("private address")
    assert site.connections == 0


def test_the_connection_is_made_to_the_checked_address(site: Site) -> None:
    site.page("/a", PAGE)
    asked = []

    def resolver(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.3"]

    with closing(make(allow=["127.0.0.1"], resolver=resolver)) as fetcher:
        url = site.url("/a", host="ledger.example")
        # The connection is kept, and the name is not resolved again.
        assert fetcher.get(url).body == fetcher.get(url).body == PAGE.encode()
        assert asked == [("ledger.example", site.port)]
        assert site.requests[0].headers["host"] == f"ledger.example:{site.port}"
        # A new connection needs a new answer, which leads elsewhere by now.
        site.acts("/b", misdeeds.CLOSES)
        assert failure(fetcher, site.url("/b", host="ledger.example")).reason.startswith(
            "private address (127.0.0.3); to allow it, name host and port in allow_hosts"
        )
        assert len(asked) == 2
    assert {request.host for request in site.requests} == {"127.0.0.1"}


def test_the_next_address_is_tried_when_the_first_takes_no_connection(site: Site) -> None:
    site.page("/a", PAGE)
    with closing(make(allow=["ledger.example"], resolver=lambda *_: ["127.0.0.9", "127.0.0.1"])) as fetcher:
        assert fetcher.get(site.url("/a", host="ledger.example")).body == PAGE.encode()
    with closing(make(allow=["ledger.example"], resolver=lambda *_: ["127.0.0.9"])) as fetcher:
        failed = failure(fetcher, site.url("/a", host="ledger.example"))
        assert (failed.reason, failed.temporary, failed.status) == ("connection refused", True, 0)


def test_no_proxy_of_the_environment_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page("/a", PAGE)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with closing(make()) as fetcher:
        assert fetcher.get(site.url("/a")).body == PAGE.encode()


# Encryption.


def test_certificates_are_checked() -> None:
    options = HttpOptions(allow_hosts=("ledger.example", "other.example", "127.0.0.1"), connect_timeout=1.0)
    with Site("127.0.0.1", tls=certificate.serving()) as site:
        site.page("/a", PAGE)
        site.redirect("/away", site.url("/a", host="other.example"))
        url = site.url("/a", host="ledger.example")
        with closing(Fetcher(options, now=lambda: NOW, resolver=lambda *_: ["127.0.0.1"])) as fetcher:
            failed = failure(fetcher, url)
            assert re.fullmatch(r"certificate is not trusted \(self.signed certificate\)", failed.reason)
            assert not failed.temporary
        with closing(Fetcher(options, now=lambda: NOW, resolver=lambda *_: ["127.0.0.1"])) as fetcher:
            fetcher._tls = certificate.trusting()
            assert fetcher.get(url).body == fetcher.get(url).body == PAGE.encode()
            assert "not valid for 'other.example'" in failure(fetcher, site.url("/a", host="other.example")).reason
            failed = failure(fetcher, site.url("/away", host="ledger.example"))
            assert failed.reason.startswith("redirect target: certificate is not trusted")
            assert "not trusted" in failure(fetcher, site.url("/a")).reason
        assert len(site.received("/a")) == 2


def test_a_server_that_does_not_speak_tls(site: Site, fetcher: Fetcher) -> None:
    failed = failure(fetcher, site.url("/").replace("http:", "https:"))
    assert failed.temporary
    assert failed.reason.startswith(("TLS handshake failed", "cannot connect", "connection lost"))


# Statuses.


PERMANENT = (201, 204, 206, 300, 400, 401, 403, 404, 410, 418, 451, 999)
TEMPORARY = (408, 425, 429, 500, 502, 503, 504)


@pytest.mark.parametrize("status", PERMANENT + TEMPORARY)
def test_failures(site: Site, fetcher: Fetcher, status: int) -> None:
    site.page("/a", PAGE)
    site.fails("/a", status, times=1, retry_after="7")
    failed = failure(fetcher, site.url("/a"))
    assert (failed.reason, failed.status) == (f"HTTP {status}", status)
    assert (failed.temporary, failed.retry_after) == ((True, 7.0) if status in TEMPORARY else (False, None))
    assert fetcher.get(site.url("/a")).body == PAGE.encode()
    assert site.connections == 1


# The end.


def test_closing_ends_a_request_in_progress(site: Site) -> None:
    site.acts("/a", misdeeds.STALLS)
    fetcher = Fetcher(HttpOptions(allow_hosts=LOCAL), now=lambda: NOW)
    failures: list[FetchFailed] = []

    def ask() -> None:
        failures.append(failure(fetcher, site.url("/a")))

    thread = threading.Thread(target=ask)
    thread.start()
    while not site.received("/a"):
        thread.join(0.01)
    fetcher.close()
    thread.join(5)
    assert [failure.reason for failure in failures] == ["cancelled: the run is ending"]
    assert failures[0].temporary
    assert failure(fetcher, site.url("/a")).temporary
    assert len(site.received("/a")) == 1
    fetcher.close()


def test_connections_kept_open_are_bounded() -> None:
    hosts = [f"127.0.1.{number}" for number in range(1, 151)]
    with Site(*hosts) as site, closing(make(allow=hosts)) as fetcher:
        for host in hosts:
            site.page("/a", PAGE, host=host)
            fetcher.get(site.url("/a", host=host))
        still = sum(isinstance(line.sock, socket.socket) for line in fetcher._connections.values())
        assert still == 128
        assert fetcher.get(site.url("/a", host=hosts[0])).body == PAGE.encode()


def test_validators_are_sent_to_their_own_address_only(site: Site, fetcher: Fetcher) -> None:
    site.page("/a", PAGE, etag=False)
    first = fetcher.get(site.url("/a"))
    assert set(first.validators) == {"last-modified"}
    # The front page is older, so that the server would say it has not changed since.
    site.page("/", "<p>Front", headers={"Last-Modified": "Sun, 01 Feb 2026 06:00:00 GMT"}, etag=False)
    site.redirect("/a", "/", status=301)
    got = fetcher.get(site.url("/a"), validators=first.validators, validated=first.final_url)
    assert (got.status, got.body, got.final_url) == (200, b"<p>Front", site.url("/"))
    again = fetcher.get(site.url("/a"), validators=got.validators, validated=got.final_url)
    assert (again.status, again.final_url) == (304, site.url("/"))


@pytest.mark.parametrize(("statuses", "for_good"), [((301, 308), True), ((301, 302), False), ((), False)])
def test_a_redirect_is_permanent_if_all_its_steps_are(
    site: Site, fetcher: Fetcher, statuses: tuple[int, ...], for_good: bool
) -> None:
    for number, status in enumerate(statuses):
        site.redirect(f"/{number}", f"/{number + 1}", status=status)
    site.page(f"/{len(statuses)}", PAGE)
    asked: list[bool] = []

    def allowed(url: str, so_far: bool) -> bool:
        asked.append(so_far)
        return True

    assert fetcher.get(site.url("/0"), allowed=allowed).permanent_redirect is for_good
    assert asked[-1:] == ([for_good] if statuses else [])


def test_a_large_body_of_an_error_is_not_read(site: Site, fetcher: Fetcher) -> None:
    site.page("/a", b"x" * 5_000_000, status=404)
    site.page("/b", PAGE)
    assert failure(fetcher, site.url("/a")).status == 404
    assert fetcher.get(site.url("/b")).body == PAGE.encode()
    assert site.connections == 2
