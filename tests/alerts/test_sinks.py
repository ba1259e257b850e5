"""What sinks are called, and what mail and webhooks deliver."""

import email
import email.policy
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.alerts.digests import Digest
from searchkit.alerts.sending import post, send_mail
from searchkit.alerts.sinks import SinkFailed, SinkOptions, file_of, is_mail_address, sink_address
from tests.alerts.digest import AT, digest, hostile, item
from tests.alerts.receiver import Receiver
from tests.cases import cases


@pytest.mark.parametrize(("written", "shown"), cases(__file__, "test_sinks_and_what_is_shown_of_them"))
def test_sinks_and_what_is_shown_of_them(written: str, shown: str) -> None:
    address = sink_address(written)
    assert str(address) == written.strip()
    assert address.shown == shown
    assert "secret" not in address.key
    assert sink_address(str(address)) == address


def test_two_secrets_of_one_host_are_two_sinks() -> None:
    one, two = (sink_address(f"webhook:https://hooks.ledger.example/{path}") for path in ("a", "b"))
    assert one.shown == two.shown
    assert one.key != two.key


@pytest.mark.parametrize(
    ("written", "result"), [*cases(__file__, "test_what_is_not_a_sink"), ("atom:" + "x" * 3_000, "too long")]
)
def test_what_is_not_a_sink(written: str, result: str) -> None:
    with pytest.raises(ValueError, match=result) as raised:
        sink_address(written)
    assert "secret" not in str(raised.value)


def test_mail_addresses() -> None:
    assert is_mail_address("desk+alerts@ledger.example")
    assert is_mail_address("root")
    assert not is_mail_address("-root")
    assert not is_mail_address("Desk <desk@ledger.example>")


@pytest.mark.parametrize("target", ["box", "out/box", "{other}/box", "../archive/box", "link/box"])
def test_files_below_the_archive_and_the_folder_of_alerts(tmp_path: Path, target: str) -> None:
    options = SinkOptions(folder=tmp_path / "archive", other_folder=tmp_path / "other")
    options.folder.mkdir()
    (options.folder / "link").symlink_to(tmp_path / "other")
    address = sink_address(f"atom:{target.format(other=options.other_folder)}")
    assert file_of(address, options).name == "box"


@pytest.mark.parametrize(("target", "result"), cases(__file__, "test_files_that_alerts_do_not_write"))
def test_files_that_alerts_do_not_write(tmp_path: Path, target: str, result: str) -> None:
    options = SinkOptions(folder=tmp_path / "archive")
    options.folder.mkdir()
    (options.folder / "link").symlink_to(tmp_path)
    with pytest.raises(SinkFailed, match=result):
        file_of(sink_address(f"atom:{target}"), options)


CONTACT = "desk@ledger.example"


def options(folder: Path, **changes: object) -> SinkOptions:
    return SinkOptions(folder=folder, contact=CONTACT, **changes)  # type: ignore[arg-type]  # passed through


def program(folder: Path, script: str) -> str:
    """A mail program that is a shell script; it finds `folder` in $HERE."""
    path = folder / "sendmail"
    path.write_text(f"#!/bin/sh\nHERE='{folder}'\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_a_message(tmp_path: Path) -> None:
    script = program(tmp_path, 'printf "%s\n" "$@" > "$HERE/arguments"; cat > "$HERE/mail"')
    send_mail(digest(), "chief@ledger.example", options(tmp_path, sendmail=script))
    assert (tmp_path / "arguments").read_text().split() == ["-i", "--", "chief@ledger.example"]
    read = email.message_from_bytes((tmp_path / "mail").read_bytes(), policy=email.policy.default)
    assert (read["From"], read["To"]) == (CONTACT, "chief@ledger.example")
    assert read["Subject"] == "searchkit: 1 new: port"
    assert read["Message-ID"] == "<0123456789abcdef0123456789abcdef@searchkit.invalid>"
    assert read["Date"].datetime.isoformat() == AT
    assert "We will close the [bridge]," in read.get_content()
    assert "For the morning." in read.get_content()
    send_mail(digest(), "", options(tmp_path, sendmail=script))
    assert (tmp_path / "arguments").read_text().split()[-1] == CONTACT


def test_hostile_texts_make_no_headers(tmp_path: Path) -> None:
    script = program(tmp_path, 'cat > "$HERE/mail"')
    made = digest(hostile(), about={"port": "x\nBcc: all@ledger.example\nFrom root"})
    send_mail(made, "x@y.example", options(tmp_path, sendmail=script))
    read = email.message_from_bytes((tmp_path / "mail").read_bytes(), policy=email.policy.default)
    assert "Bcc" not in read
    assert not {"\x1b", "\u202e", "\x00"} & set(read.get_content())


def test_a_mail_program_that_fails(tmp_path: Path) -> None:
    script = program(tmp_path, "cat > /dev/null; printf 'no\\033[31m such user\\n' >&2; exit 67")
    with pytest.raises(SinkFailed) as failed:
        send_mail(digest(), "x@y.example", options(tmp_path, sendmail=script))
    assert failed.value.reason == f"{script} exited with code 67: no\\x1b[31m such user"
    with pytest.raises(SinkFailed, match="cannot be started"):
        send_mail(digest(), "x@y.example", options(tmp_path, sendmail=str(tmp_path / "none")))
    early = program(tmp_path, "exit 1")
    many = digest(*(item(number) for number in range(1, 2_000)), per_group={"port": 2_000})
    with pytest.raises(SinkFailed, match="code 1"):
        send_mail(many, "x@y.example", options(tmp_path, sendmail=early))


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
