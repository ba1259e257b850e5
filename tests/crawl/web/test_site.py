"""The local server itself: what the tests of crawling rely on."""

import http.client
import time

from tests.crawl.web import misdeeds
from tests.crawl.web.site import Site


def _ask(site: Site, path: str, headers: dict[str, str] | None = None, host: str = "127.0.0.1") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host, site.port, timeout=2)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_hosts_have_pages_of_their_own_that_can_change() -> None:
    with Site("127.0.0.1", "127.0.0.2") as site:
        site.page("/a", "one")
        site.page("/a", "two", host="127.0.0.2")
        site.page("/a", "three", host="ledger.example")
        assert _ask(site, "/a") == (200, b"one")
        assert _ask(site, "/a", host="127.0.0.2") == (200, b"two")
        assert _ask(site, "/a", {"Host": f"ledger.example:{site.port}"}) == (200, b"three")
        site.page("/a", "four")
        assert _ask(site, "/a") == (200, b"four")
        site.remove("/a")
        assert _ask(site, "/a")[0] == 404
        assert [one.host for one in site.requests] == ["127.0.0.1", "127.0.0.2", "ledger.example", *["127.0.0.1"] * 2]


def test_conditional_requests() -> None:
    with Site() as site:
        site.page("/a", "one")
        connection = http.client.HTTPConnection("127.0.0.1", site.port)
        connection.request("GET", "/a")
        first = connection.getresponse()
        first.read()
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        connection.close()
        site.page("/a", "one")
        assert _ask(site, "/a", {"If-None-Match": f'"x", W/{etag}'}) == (304, b"")
        assert _ask(site, "/a", {"If-Modified-Since": modified}) == (304, b"")
        site.page("/a", "two")
        assert _ask(site, "/a", {"If-Modified-Since": modified}) == (200, b"two")
        # The tag decides, whatever the date says (RFC 9110, 13.2.2).
        late = "Sun, 01 Mar 2099 06:00:00 GMT"
        assert _ask(site, "/a", {"If-None-Match": etag, "If-Modified-Since": late}) == (200, b"two")


def test_failing_for_a_while() -> None:
    with Site() as site:
        site.page("/a", "one")
        site.fails("/a", 503, times=2, retry_after="1")
        assert [_ask(site, "/a")[0] for _ in range(3)] == [503, 503, 200]
        assert [one.status for one in site.asked("/a")] == [503, 503, 200]
        assert len(site.gaps()) == 2
        assert min(site.gaps()) > 0


def test_it_knows_which_answers_were_sent_whole_and_stops_at_once() -> None:
    started = time.perf_counter()
    with Site() as site:
        site.page("/a", "one")
        site.acts("/b", misdeeds.stalls())
        _ask(site, "/a")
        waiting = http.client.HTTPConnection("127.0.0.1", site.port)
        waiting.request("GET", "/b")
        while not site.asked("/b"):
            time.sleep(0.001)
    assert (site.completed("/a"), site.completed("/b")) == (1, 0)
    waiting.close()
    assert time.perf_counter() - started < 1
