"""Mail: complete messages to a program."""

import email
import email.policy
from pathlib import Path

import pytest

from searchkit.alerts.mail import send_mail
from searchkit.alerts.sinks import SinkFailed, SinkOptions
from tests.alerts.digest import AT, digest, hostile, item

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
