"""Mail: whole messages, to a mailbox and to a program."""

import email
import email.policy
import fcntl
import mailbox
import os
import resource
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from searchkit.alerts.digests import Digest
from searchkit.alerts.mail import append_to_mailbox, send_mail
from searchkit.alerts.sinks import SinkFailed, SinkOptions
from tests.alerts.digest import AT, digest, hostile, item

CONTACT = "desk@ledger.example"
# No process has this number: it is above the largest that Linux gives.
DEAD, HOST = 2**22 + 1, os.uname().nodename


def options(folder: Path, **changes: object) -> SinkOptions:
    return SinkOptions(folder=folder, contact=CONTACT, **changes)  # type: ignore[arg-type]  # passed through


def append(made: Digest, path: Path) -> None:
    append_to_mailbox(made, path, options(path.parent))


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


def test_hostile_texts_make_no_headers_and_no_other_message(tmp_path: Path) -> None:
    path = tmp_path / "box"
    append_to_mailbox(
        digest(hostile(), about={"port": "x\nBcc: all@ledger.example\nFrom root"}), path, options(tmp_path)
    )
    append(digest(item(2), message="f" * 32), path)
    read = mailbox.mbox(tmp_path / "box", create=False)
    mails = list(read)
    read.close()
    assert len(mails) == 2
    first = mails[0]
    assert "Bcc" not in first
    body = first.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert not {"\x1b", "\u202e", "\x00"} & set(body.decode())


def test_lines_that_begin_with_from_are_quoted(tmp_path: Path) -> None:
    path = tmp_path / "box"
    append(digest(item(1, group="From root with love")), path)
    written = (tmp_path / "box").read_text()
    assert written.count("\nFrom ") == 0
    assert "\n>From root with love" in written


def test_the_same_message_is_appended_once(tmp_path: Path) -> None:
    path = tmp_path / "box"
    append(digest(), path)
    before = (tmp_path / "box").read_bytes()
    append(digest(), path)
    assert (tmp_path / "box").read_bytes() == before
    append(digest(message="a" * 32), path)
    read = mailbox.mbox(tmp_path / "box", create=False)
    assert [mail["Message-ID"][1:5] for mail in read] == ["0123", "aaaa"]
    read.close()


def test_a_mailbox_that_another_program_holds(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.touch()
    (tmp_path / "box.lock").touch()
    with pytest.raises(SinkFailed, match="locked by another program"):
        append(digest(), path)
    assert path.read_bytes() == b""
    (tmp_path / "box.lock").unlink()
    append(digest(), path)
    assert path.read_bytes().startswith(b"From ")


@pytest.mark.slow
def test_a_mailbox_that_another_process_has_locked_for_the_system(tmp_path: Path) -> None:
    (locked, tell), (wait, end) = os.pipe(), os.pipe()
    path = tmp_path / "box"
    path.touch()
    if not (child := os.fork()):
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            os.write(tell, b".")
            os.read(wait, 1)
            os._exit(0)
    os.read(locked, 1)
    with pytest.raises(SinkFailed, match="locked by another program"):
        append(digest(), path)
    os.write(end, b".")
    os.waitpid(child, 0)
    append(digest(), path)
    assert path.read_bytes().startswith(b"From ")


@pytest.mark.parametrize(
    ("holder", "age", "is_taken"),
    [
        (f"{DEAD} {HOST}\n", 0, True),
        (f"{os.getpid()} {HOST}\n", 0, False),
        (f"{DEAD} elsewhere.example\n", 0, False),
        (f"{DEAD}\n", 0, False),
        ("", 290, False),
        ("", 310, True),
    ],
    ids=["dead", "alive", "elsewhere", "no-host", "young", "old"],  # the same in every process of a run
)
def test_a_lock_that_a_killed_run_left(tmp_path: Path, holder: str, age: float, is_taken: bool) -> None:
    path, lock = tmp_path / "box", tmp_path / "box.lock"
    lock.write_text(holder)
    os.utime(lock, (time.time() - age,) * 2)
    with nullcontext() if is_taken else pytest.raises(SinkFailed, match="locked by another program"):
        append(digest(), path)
    assert bool(path.read_bytes()) == is_taken
    assert lock.exists() != is_taken


def test_what_is_not_a_mailbox_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary\n")
    with pytest.raises(SinkFailed, match="not a mailbox"):
        append(digest(), path)
    assert path.read_text() == "Dear diary\n"
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path / "pipe", tmp_path, tmp_path / "missing" / "box"):
        with pytest.raises(SinkFailed):
            append(digest(), other)


def test_a_disk_that_is_full_leaves_no_half_message(tmp_path: Path) -> None:
    path = tmp_path / "box"
    append(digest(), path)
    before = (tmp_path / "box").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 300, hard))
    try:
        with pytest.raises(SinkFailed, match="cannot be written"):
            append_to_mailbox(
                digest(*(item(number) for number in range(1, 10)), message="a" * 32), path, options(tmp_path)
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "box").read_bytes() == before
    assert not (tmp_path / "box.lock").exists()


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
