"""One client takes what it can get of a server on a socket; other readers notice nothing."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, RemoteDisconnected

import pytest

from searchkit.web import intake, server
from searchkit.web.rules import Rules
from searchkit.web.site import create_site
from searchkit.web.worker import Worker, listen
from tests.web.threads import in_thread
from tests.web.trouble import make_app

pytestmark = pytest.mark.slow
HEAD = "HTTP/1.1\r\nHost: localhost\r\n"
POST = HEAD + "Content-Length: 1000\r\n\r\nx"
# How many connections, and what each sends.
ATTACKS = {
    "forms without an end": (200, f"POST /echo {POST}"),
    "logins without an end": (200, f"POST /login {POST}"),
    "chunked bodies without an end": (200, f"POST /echo {HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nabc"),
    "bodies of agents without an end": (200, f"POST /mcp {POST}"),
    "nothing": (600, ""),
    "heads without an end": (600, f"GET / {HEAD}X: "),
    "the login again and again": (600, f"GET /login {HEAD}\r\n"),
    "pages again and again": (600, f"GET / {HEAD}\r\n"),
    "slow pages": (600, f"GET /sleep?for=0.3 {HEAD}\r\n"),
    "long answers that it does not read": (600, f"GET /long {HEAD}\r\n"),
    "pipelined requests": (200, f"GET /sleep?for=0.1 {HEAD}\r\n" * 20),
}
READERS = [f"127.0.0.{number}" for number in range(2, 8)]


@contextlib.contextmanager
def running(rules: Rules) -> Iterator[int]:
    """Run a server with two workers; yield its port."""
    with listen("127.0.0.1", 0) as listening:
        workers = [Worker(make_app) for _ in range(2)]
        site = create_site(["one"], rules, make_app, workers, seconds=5)
        thread, server = in_thread(site, listening, rules)
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running(Rules()) as port:
        yield port


@contextlib.contextmanager
def attack(port: int, number: int, data: str) -> Iterator[list[socket.socket]]:
    """Hold this many connections from 127.0.0.1, of which the server closes what it likes."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(number)]
        for connection in held:
            with contextlib.suppress(ConnectionError):
                connection.sendall(data.encode())
        yield held


def statuses(port: int, times: int, named: bool = False) -> list[int | str]:
    """Have each reader ask for a page several times, at the same time as the others; return how each went."""
    found: list[int | str] = []

    def read(address: str) -> None:
        source = ("127.0.0.1" if named else address, 0)
        headers = {"X-Forwarded-For": f"evil, {address}", "X-User": address} if named else {}
        for _ in range(times):
            with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=20, source_address=source)) as asking:
                try:
                    asking.request("GET", "/", headers=headers)
                    found.append(asking.getresponse().status)
                except (OSError, RemoteDisconnected) as error:
                    found.append(repr(error))

    threads = [threading.Thread(target=read, args=(address,)) for address in READERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


@pytest.mark.parametrize("kind", ATTACKS)
def test_other_readers_are_served(port: int, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    with attack(port, *ATTACKS[kind]):
        assert statuses(port, 5) == [200] * 30
    assert "internal error" not in capfd.readouterr().err
    assert statuses(port, 1) == [200] * 6


def test_all_attacks_at_once(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    with contextlib.ExitStack() as stack:
        for number, data in ATTACKS.values():
            stack.enter_context(attack(port, number // 10, data))
        assert statuses(port, 5) == [200] * 30
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", ["logins without an end", "the login again and again", "nothing"])
def test_behind_a_proxy_a_client_is_whom_the_proxy_names(kind: str) -> None:
    rules = Rules(proxies=("127.0.0.1",), user_header="x-user", readers=("*",))
    number, data = ATTACKS[kind]
    with (
        running(rules) as port,
        attack(port, min(number, 400), data.replace("Host", "X-Forwarded-For: 203.0.113.9\r\nHost")),
    ):
        assert statuses(port, 5, named=True) == [200] * 30


def test_bodies_have_their_own_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BODY_SECONDS", 0.5)
    for path in ("/echo", "/login", "/mcp"):
        with attack(port, 1, f"POST {path} {POST}") as (connection,):
            since = time.monotonic()
            assert b" 408 " in connection.recv(100)
            while connection.recv(65_536):  # until the server closes it
                pass
            assert time.monotonic() - since < 5


def test_bodies_of_a_client_have_a_limit_together(port: int) -> None:
    full = f"POST /echo {HEAD}Content-Length: {intake.MAX_BODY}\r\n\r\n" + "x" * (intake.MAX_BODY - 1)
    with attack(port, 5, full) as held:
        assert b" 413 " in b"".join(map(_received, held))


def _received(connection: socket.socket) -> bytes:
    connection.settimeout(1)
    with contextlib.suppress(TimeoutError):
        return connection.recv(100)
    return b""


def test_what_follows_an_ambiguous_request_is_not_read(port: int) -> None:
    """For a proxy that goes by Content-Length it is the body; for us it would be a request."""
    smuggled = "0\r\n\r\n" + f"GET /smuggled {HEAD}\r\n"
    ambiguous = f"POST /echo {HEAD}Content-Length: {len(smuggled)}\r\nTransfer-Encoding: chunked\r\n\r\n{smuggled}"
    for before in ("", f"GET / {HEAD}\r\n"):
        with attack(port, 1, before + ambiguous) as (connection,):
            received = bytearray()
            while piece := connection.recv(65_536):
                received += piece
        assert len(re.findall(rb"HTTP/1.1 200 ", received)) == (2 if before else 1)
        assert received.lower().count(b"connection: close") == 1


def test_who_reads_slowly_gets_everything_and_who_stops_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(server, "LEAST_READ", 100_000)
    received = 0
    with attack(port, 1, f"GET /long {HEAD}\r\n") as (connection,):
        since = time.monotonic()
        while received < 4_000_000:
            received += len(connection.recv(200_000))
            time.sleep(0.1)
        assert time.monotonic() - since > 1.5
    with attack(port, 1, f"GET /long {HEAD}\r\n") as (connection,):
        time.sleep(2)
        received = 0
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65_536):
                received += len(piece)
        assert received < 4_000_000


def test_a_client_that_leaves_is_no_error(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    for path in ("/login", "/echo", "/mcp", "/"):
        for more in (POST, HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc", HEAD):
            with attack(port, 1, f"POST {path} {more}"):
                time.sleep(0.05)
    assert statuses(port, 1) == [200] * 6
    assert capfd.readouterr().err == ""
