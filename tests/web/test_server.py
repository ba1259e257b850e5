"""A server on a socket: limits of time, size and number; workers that hang, end and fail; hostile HTTP."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest
from msgspec import Struct

from searchkit.errors import UsageError
from searchkit.web import intake, server, site
from searchkit.web.access import HEADERS
from searchkit.web.rules import Rules
from searchkit.web.site import create_site
from searchkit.web.worker import Worker, address_of, call, listen
from tests.cases import cases
from tests.web.threads import in_thread
from tests.web.trouble import make_app

pytestmark = pytest.mark.slow
SECONDS = 1.5


class Answer(Struct, frozen=True):
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes


class Running:
    """A server in a thread of this process, with two workers that run `trouble`."""

    def __init__(self) -> None:
        self.socket = listen("127.0.0.1", 0)
        self.port = int(self.socket.getsockname()[1])
        self.workers = [Worker(make_app) for _ in range(2)]
        site = create_site(["one"], Rules(), make_app, self.workers, seconds=SECONDS)
        self._thread, self._server = in_thread(site, self.socket)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            reply: HTTPResponse = connection.getresponse()
            answer = Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        for name, value in HEADERS.items():
            assert answer.headers[name.lower()] == value, f"{method} {path}: {name}"
        return answer

    def send(self, data: bytes, *, wait: float = 5.0) -> bytes:
        """Return everything that comes back until the server closes the connection, or for a time."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as sent:
            sent.sendall(data)
            received = bytearray()
            with contextlib.suppress(TimeoutError, ConnectionError):
                while piece := sent.recv(65_536):
                    received += piece
            return bytes(received)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    made = Running()
    assert made.ask("/").status == 200
    yield made
    made.stop()
    for worker in made.workers:
        assert not worker.is_alive


# --- workers ---------------------------------------------------------------------------------------------------------


def test_an_answer_that_takes_too_long_is_ended(running: Running, capfd: pytest.CaptureFixture[str]) -> None:
    since = time.monotonic()
    page = running.ask("/sleep?for=60", accept="text/html")
    assert page.status == 503
    assert b"The answer took longer than 1.5 s." in page.body
    assert b"counts=0" in page.body
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["retry-after"] == "5"
    assert SECONDS <= time.monotonic() - since < 20
    data = running.ask("/sleep.json?for=60")
    answer = json.loads(data.body)
    assert (answer["ok"], answer["status"], answer["error"]) == (False, 503, "The answer took longer than 1.5 s.")
    assert "counts=0" in answer["errors"][0]["hint"]
    assert capfd.readouterr().err.splitlines() == [
        "searchkit: /sleep: ended after 1.5 s",
        "searchkit: /sleep.json: ended after 1.5 s",
    ]
    assert running.ask("/").status == 200


def test_a_worker_that_ends_is_replaced(running: Running, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        assert running.ask("/end").status == 500
    assert json.loads(running.ask("/end.json").body)["error"] == "The answer failed."
    assert capfd.readouterr().err.splitlines()[0] == "searchkit: /end: the worker process ended"
    pids = {int(running.ask("/").body) for _ in range(4)}
    for pid in pids:  # by the system, for example for want of memory
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert running.ask("/").status == 200


def test_a_mistake_of_ours_does_not_end_the_worker(running: Running) -> None:
    before = {running.ask("/").body for _ in range(4)}
    page = running.ask("/fail?q=secret")
    assert (page.status, b"Traceback" in page.body, b"ZeroDivision" in page.body) == (500, False, False)
    assert {running.ask("/").body for _ in range(4)} == before


def test_a_worker_logs_a_mistake_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    scope = {"type": "http", "method": "GET", "path": "/fail", "query_string": b"q=secret", "headers": []}
    assert asyncio.run(call(make_app(), scope, b"")).status == 500
    logged = capsys.readouterr().err
    assert re.fullmatch(
        r"searchkit: internal error: GET /fail: ZeroDivisionError: a mistake \(.{1,80}\)\. .*\n", logged
    )


def _many(running: Running, number: int, ask: Callable[[], int]) -> list[int]:
    statuses: list[int] = []

    def run() -> None:
        statuses.append(ask())

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(statuses) == number
    return statuses


def test_a_hundred_connections_at_once(running: Running) -> None:
    """What is short is answered; of what takes long, the rest gets an answer at once, and nothing stays behind."""
    quick = _many(running, 100, lambda: running.ask("/").status)
    assert set(quick) <= {200, 503}
    assert quick.count(200) >= site.MAX_WAITING
    slow = _many(running, 100, lambda: running.ask("/sleep?for=0.7").status)
    assert set(slow) == {200, 503}
    assert running.ask("/").status == 200


def test_a_client_that_has_left_costs_no_worker(running: Running) -> None:
    holding = [threading.Thread(target=running.ask, args=("/sleep?for=1",)) for _ in range(2)]
    for thread in holding:
        thread.start()
    time.sleep(0.3)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", running.port)) as left:
            left.sendall(b"GET /sleep?for=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for thread in holding:
        thread.join()
    since = time.monotonic()
    assert running.ask("/").status == 200
    assert time.monotonic() - since < 3


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_body_has_a_limit(running: Running) -> None:
    assert running.ask("/echo", "POST", b"x" * 1_000_000).body == b"1000000"
    head = f"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {1 << 30}\r\n\r\n".encode()
    reply = running.send(head + b"x" * (intake.MAX_BODY + 1))
    assert reply.startswith(b"HTTP/1.1 413")


def test_a_head_has_a_limit(running: Running) -> None:
    assert running.ask(f"/{'a' * 9_000}").status == 414
    assert b" 200 " in running.send(_get("/", f"X: {'a' * 8_000}"), wait=1)
    for head in (b"GET /" + b"a" * 200_000, _get("/", f"X: {'a' * 200_000}"), _get("/", *["X: 1"] * 50_000)):
        reply = running.send(head)
        assert reply == b"" or reply.split()[1] in {b"400", b"414"}
        assert reply == b"" or b"content-security-policy" in reply.lower()
    assert running.ask("/").status == 200


def _get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def test_a_head_that_never_ends_is_cut_off(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.5)
    for begun in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", _get("/") + b"GET / HTTP/1.1\r\n"):
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as slow:
            since = time.monotonic()
            slow.sendall(begun)
            with contextlib.suppress(ConnectionError):
                while slow.recv(4_096):
                    pass
            assert time.monotonic() - since < 5


def test_a_head_that_comes_in_drops_is_cut_off(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as slow:
        since = time.monotonic()
        with pytest.raises(ConnectionError):
            for letter in "GET / HTTP/1.1\r\nX: " + "a" * 200:
                slow.sendall(letter.encode())
                time.sleep(0.05)
        assert time.monotonic() - since < 5


def test_a_body_that_never_ends_is_cut_off_and_holds_no_worker(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "ANSWER_SECONDS", 1.0)
    begun = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx"
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", running.port), 10)) for _ in range(8)]
        for connection in slow:
            connection.sendall(begun)
        assert running.ask("/").status == 200
        for connection in slow:
            with contextlib.suppress(ConnectionError):
                assert connection.recv(100) == b""


def test_connections_have_a_limit(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 20)
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(("127.0.0.1", running.port)))
        time.sleep(0.2)
        reply = running.send(_get("/"))
        assert reply.startswith(b"HTTP/1.1 503")
        assert b"Too many connections" in reply
    time.sleep(0.2)
    assert running.ask("/").status == 200


# --- hostile HTTP ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", cases(__file__, "test_requests_that_are_not_valid"))
def test_requests_that_are_not_valid(running: Running, request_: str, capfd: pytest.CaptureFixture[str]) -> None:
    reply = running.send(request_.encode("latin-1"), wait=0.7)
    assert reply == b"" or b"content-security-policy: default-src 'none'" in reply.lower()
    statuses = {int(status) for status in re.findall(rb"^HTTP/1.1 (\d{3})", reply, re.MULTILINE)}
    assert statuses <= {200, 400}
    assert b"evil.example" not in reply
    assert capfd.readouterr().err == ""
    assert running.ask("/").status == 200


def test_a_second_request_on_a_connection_is_checked_like_the_first(running: Running) -> None:
    reply = running.send(_get("/") + b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1.1 (\d{3})", reply) == [b"200", b"400"]


@pytest.mark.parametrize(
    "path", [*cases(__file__, "test_static_files_are_those_of_the_folder"), "/static/" + "a" * 5_000]
)
def test_static_files_are_those_of_the_folder(running: Running, path: str) -> None:
    answer = running.ask(path)
    assert answer.status in {400, 404}
    assert b"import" not in answer.body
    assert b"root:" not in answer.body


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "BREW", "PATCH"])
def test_other_methods(running: Running, method: str) -> None:
    for path in ("/", "/static/style.css", "/health", "/login"):
        answer = running.ask(path, method)
        assert answer.status == (200 if method == "HEAD" else 405)
        assert method != "HEAD" or answer.body == b""


def test_static_files_and_health_have_the_headers_too(running: Running) -> None:
    style = running.ask("/static/style.css")
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert running.ask("/static/style.css", if_none_match=style.headers["etag"]).status == 304
    assert running.ask("/health").body == b"ok\n"


def test_workers_see_no_credentials(running: Running) -> None:
    assert b"authorization" not in running.ask("/headers", authorization="Bearer x").body


# --- the socket ------------------------------------------------------------------------------------------------------


def test_a_port_in_use_and_a_foreign_address_are_reported(running: Running) -> None:
    with pytest.raises(
        UsageError, match=rf"Port {running.port} of 127\.0\.0\.1 cannot be used: Address already in use"
    ):
        listen("127.0.0.1", running.port)
    with pytest.raises(UsageError, match="cannot be used"):
        listen("203.0.113.9", 0)
    for name in ("no host.invalid", "a" * 300, ""):
        with contextlib.suppress(UsageError):
            listen(name, 0).close()


def test_the_address_can_be_opened() -> None:
    with listen("::1", 0) as listening:
        assert re.fullmatch(r"http://\[::1\]:\d+/", address_of(listening))


def test_a_worker_loads_nothing_that_reads_documents() -> None:
    """The start of a worker is most of the time to the first page."""
    script = "import sys, searchkit.web.app; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {
        "searchkit.ingest",
        "searchkit.parse",
        "searchkit.statements.annotation",
        "searchkit.update.running",
        "numpy",
    }
    assert not heavy & set(done.stdout.split())
