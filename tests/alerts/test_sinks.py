"""What sinks are called."""

from pathlib import Path

import pytest

from searchkit.alerts.sinks import SinkFailed, SinkOptions, file_of, is_mail_address, sink_address
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
    ("written", "result"),
    [
        ("", "unknown sink"),
        ("smtp:x", "unknown sink"),
        ("stdout:", "stdout alone"),
        ("atom:", "name of a file"),
        ("atom: ", "name of a file"),
        ("mbox:/var/mail/desk", "unknown sink"),
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
