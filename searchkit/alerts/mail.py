"""Mail: one message per digest, appended to a mailbox file or passed to the mail program of the system."""

import email.policy
import fcntl
import getpass
import io
import os
import subprocess  # the mail program, without a shell
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from searchkit.alerts.digests import Digest, digest_lines
from searchkit.alerts.sinks import SinkFailed, SinkOptions, first_bytes, is_mail_address, write_failed
from searchkit.files import private
from searchkit.statements.text import one_line

# The mail program only queues; one that takes longer hangs.
_SECONDS = 60.0
_MAX_REASON = 200
# A message sent again is searched in the last part of the file.
_TAIL_BYTES = 8_000_000
# After this time, mail programs take a lock file as left over.
_STALE_SECONDS = 300.0


def append_to_mailbox(digest: Digest, path: Path, options: SinkOptions) -> None:
    """Append the message to a mailbox file (mbox), under its lock, unless the file has it already."""
    mail = _message(digest, "", options)
    buffer = io.BytesIO(f"From searchkit {time.asctime(time.gmtime())}\n".encode())
    buffer.seek(0, io.SEEK_END)
    BytesGenerator(buffer, mangle_from_=True).flatten(mail)
    if first_bytes(path, 5) not in {b"", b"From "}:
        raise SinkFailed(f"{path} is not a mailbox and was not changed")
    try:
        with path.open("a+b", buffering=0) as file, _locked(path, file):
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            # A killed run may have appended this message already.
            if f"\nMessage-ID: {mail['Message-ID']}\n".encode() not in file.readall():
                _append(file, buffer.getvalue() + b"\n")
    except (BlockingIOError, FileExistsError) as error:
        raise SinkFailed(f"{path} is locked by another program") from error
    except OSError as error:
        raise write_failed(path, error) from error


@contextmanager
def _locked(path: Path, file: io.FileIO) -> Iterator[None]:
    """Lock a mailbox as other mail programs do: by the system, which ends the lock of a killed process, and by a file
    that names our process. Such a file of a killed process, or an old one, is replaced.

    Raises BlockingIOError or FileExistsError if another program holds either lock."""
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    lock, host = path.with_name(f"{path.name}.lock"), os.uname().nodename
    with suppress(FileNotFoundError):
        if time.time() - lock.stat().st_mtime > _STALE_SECONDS or _is_left_over(lock.read_bytes(), host):
            lock.unlink()
    with ExitStack() as stack:
        with suppress(PermissionError), open(lock, "xb", opener=private, buffering=0) as holder:
            stack.callback(lock.unlink, missing_ok=True)
            holder.write(f"{os.getpid()} {host}\n".encode())
        yield  # in a folder that this user may not change, the lock of the system must do


def _is_left_over(holder: bytes, host: str) -> bool:
    """Return whether the process that a lock names was ours, on this machine, and no longer runs."""
    number, _, name = holder.decode("utf-8", "replace").strip().partition(" ")
    if name != host or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass
    return False


def _append(file: io.FileIO, content: bytes) -> None:
    """Append all of `content`, or nothing."""
    before = file.seek(0, os.SEEK_END)
    try:
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    except OSError:
        file.truncate(before)
        raise


def send_mail(digest: Digest, receiver: str, options: SinkOptions) -> None:
    """Pass the message to the mail program, without a shell. It is accepted if the program exits with code 0."""
    program = options.sendmail
    mail = _message(digest, receiver, options)
    try:
        done = subprocess.run(
            [program, "-i", "--", mail["To"]],
            input=mail.as_bytes(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SinkFailed(f"{program} did not finish within {_SECONDS:g} s") from None
    except OSError as error:
        raise SinkFailed(f"{program} cannot be started: {error.strerror or error}") from error
    if done.returncode:
        output = one_line(done.stderr.decode("utf-8", "replace"))[:_MAX_REASON]
        raise SinkFailed(f"{program} exited with code {done.returncode}" + (f": {output}" if output else ""))


def _message(digest: Digest, receiver: str, options: SinkOptions) -> EmailMessage:
    """Return the digest as a plain-text mail to `receiver`, else to the contact, else to the current user. Sent again,
    it has the same Message-ID."""
    contact = options.contact if "@" in options.contact and is_mail_address(options.contact) else ""
    mail = EmailMessage(policy=email.policy.default)
    mail["From"] = contact or "searchkit@localhost"
    mail["To"] = receiver or contact or _current_user()
    mail["Subject"] = one_line(f"searchkit: {digest.title()}")[:200]
    mail["Date"] = format_datetime(datetime.fromisoformat(digest.at))
    mail["Message-ID"] = f"<{digest.message}@searchkit.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    text = "\n".join(digest_lines(digest)) + "\n"
    mail.set_content(text.encode("utf-8", "backslashreplace").decode(), cte="quoted-printable")
    return mail


def _current_user() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return user if is_mail_address(user) else "postmaster"
