"""Webhooks: posted over real sockets, refused by the same rules as pages, and no secret printed."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.alerts.digests import Digest
from searchkit.alerts.sinks import SinkFailed, SinkOptions, sink_address
from searchkit.alerts.webhook import post
from tests.alerts.digest import digest, hostile, item
from tests.alerts.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def send(made: Digest, url: str, *allowed: str) -> None:
    options = SinkOptions(folder=Path("/"), contact="desk@ledger.example", allow_hosts=allowed)
    post(made, sink_address(f"webhook:{url}"), options)


def test_the_digest_is_posted_as_json(receiver: Receiver) -> None:
    send(digest(item(1), hostile(2)), receiver.url("/hook?key=1"), "127.0.0.1")
    (posted,) = receiver.posted
    assert posted.path == "/hook?key=1"
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["idempotency-key"] == posted.body["id"] == "0123456789abcdef0123456789abcdef"
    assert "desk@ledger.example" in posted.headers["user-agent"]
    assert (posted.body["schema"], posted.body["run"], posted.body["new"]) == ("searchkit.digest/1", 7, 2)
    assert posted.body["items"][0]["speaker"] == "Nadia Korbel"
    assert posted.body["text"].startswith("2 new: port\n")


def test_a_long_digest_is_bounded(receiver: Receiver) -> None:
    send(digest(*(item(number) for number in range(700))), receiver.url(), "127.0.0.1")
    body = receiver.posted[0].body
    assert (len(body["items"]), body["more"], body["total"]) == (500, 200, 700)
    assert len(body["text"]) < 3_100


@pytest.mark.parametrize("status", [199, 301, 302, 400, 404, 429, 500])
def test_only_200_to_299_is_taken_and_no_redirect_followed(receiver: Receiver, status: int) -> None:
    receiver.status = status if status != 199 else 304
    receiver.headers = {"Location": receiver.url("/elsewhere")}
    with pytest.raises(SinkFailed, match=f"127.0.0.1: HTTP {receiver.status}"):
        send(digest(), receiver.url("/secret"), "127.0.0.1")
    assert [posted.path for posted in receiver.posted] == ["/secret"]


def test_own_network_and_plain_http_only_where_allowed_by_name(receiver: Receiver) -> None:
    with pytest.raises(SinkFailed, match="not encrypted"):
        send(digest(), receiver.url("/secret"))
    for inside in ("https://127.0.0.1/secret", "https://[::1]/secret", "https://169.254.169.254/secret"):
        with pytest.raises(SinkFailed, match="private") as failed:
            send(digest(), inside)
        assert "secret" not in failed.value.reason
    with pytest.raises(SinkFailed, match="not encrypted"):
        send(digest(), "http://hooks.invalid/secret", "127.0.0.1")
    assert receiver.posted == []


def test_addresses_that_cannot_be_asked() -> None:
    for url in ("https://hooks.ledger.example:99999/secret", "https://" + "x" * 300 + "/secret"):
        with pytest.raises(SinkFailed) as failed:
            send(digest(), url)
        assert "secret" not in failed.value.reason


def test_servers_that_are_none(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        closed = silent.getsockname()[1]
    with pytest.raises(SinkFailed, match="connection refused"):
        send(digest(), f"http://127.0.0.1:{closed}/secret", "127.0.0.1")
    with pytest.raises(SinkFailed, match=r"hooks\.invalid: host name does not resolve"):
        send(digest(), "https://hooks.invalid/secret")


def test_an_answer_without_end_is_not_read(receiver: Receiver) -> None:
    receiver.headers = {f"X-{number}": "x" * 2_000 for number in range(60)}
    with pytest.raises(SinkFailed, match="response is too l"):
        send(digest(), receiver.url(), "127.0.0.1")
