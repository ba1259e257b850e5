"""What sinks are called."""

import pytest

from searchkit.alerts.sinks import is_mail_address, sink_address


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("stdout", "stdout"),
        (" atom:alerts.xml ", "atom:alerts.xml"),
        ("mbox:/var/mail/desk", "mbox:/var/mail/desk"),
        ("sendmail", "sendmail"),
        ("sendmail:desk@ledger.example", "sendmail:desk@ledger.example"),
        ("webhook:https://hooks.ledger.example/T1/secret?key=1", "webhook:https://hooks.ledger.example/..."),
    ],
)
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
    ("written", "result"),
    [
        ("", "unknown sink"),
        ("smtp:x", "unknown sink"),
        ("stdout:", "stdout alone"),
        ("atom:", "name of a file"),
        ("mbox: ", "name of a file"),
        ("atom:a\x00b", "control characters"),
        ("atom:" + "x" * 3_000, "too long"),
        ("sendmail:", "sendmail alone"),
        ("sendmail:-oQ/tmp", "plain mail address"),
        ("sendmail:a@b.example, c@d.example", "plain mail address"),
        ("sendmail:a@b.example\nBcc: x", "control characters"),
        ("webhook:", "not http or https"),
        ("webhook:file:///etc/passwd", "not http or https"),
        ("webhook:https://user:secret@hooks.example/", "user name"),
    ],
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
