"""Mail: one message per digest, appended to a mailbox file or passed to the mail program of the system."""

import email.policy
import getpass
import io
import mailbox
import os
import stat
import subprocess  # the mail program, without a shell
import time
from datetime import datetime
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from searchkit.alerts.digests import Digest, digest_lines
from searchkit.alerts.sinks.addresses import is_mail_address
from searchkit.alerts.sinks.base import SinkFailed, SinkOptions, write_failed
from searchkit.text import one_line

# The mail program only queues; one that takes longer hangs.
_SECONDS = 60.0
_MAX_REASON = 200
# A message sent again is searched in the last part of the file.
_TAIL_BYTES = 8_000_000


def message(digest: Digest, *, sender: str, receiver: str) -> EmailMessage:
    """Return the digest as a plain-text mail. Sent again, it has the same Message-ID."""
    mail = EmailMessage(policy=email.policy.default)
    mail["From"] = sender
    mail["To"] = receiver
    mail["Subject"] = one_line(f"searchkit: {digest.title()}")[:200]
    mail["Date"] = format_datetime(datetime.fromisoformat(digest.at))
    mail["Message-ID"] = _message_id(digest)
    mail["Auto-Submitted"] = "auto-generated"
    text = "\n".join(digest_lines(digest)) + "\n"
    mail.set_content(text.encode("utf-8", "backslashreplace").decode(), cte="quoted-printable")
    return mail


def _message_id(digest: Digest) -> str:
    return f"<{digest.message}@searchkit.invalid>"


def _sender(options: SinkOptions) -> str:
    return options.contact if "@" in options.contact and is_mail_address(options.contact) else "searchkit@localhost"


class Mailbox:
    """A mailbox file (mbox), appended to under its lock."""

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._path = path
        self._options = options

    def send(self, digest: Digest) -> None:
        """Append the message unless the file has it already."""
        mail = message(digest, sender=_sender(self._options), receiver=_receiver("", self._options))
        buffer = io.BytesIO(f"From searchkit {time.asctime(time.gmtime())}\n".encode())
        buffer.seek(0, io.SEEK_END)
        BytesGenerator(buffer, mangle_from_=True).flatten(mail)
        try:
            self._refuse_foreign()
            box = mailbox.mbox(self._path, create=True)
            try:
                box.lock()
                # `box` could leave half a message on a full disk. Closing this file releases its lock: do that last.
                with self._path.open("r+b", buffering=0) as file:
                    if not _holds(file, digest):
                        _append(file, buffer.getvalue() + b"\n")
            finally:
                box.close()
        except mailbox.ExternalClashError as error:
            raise SinkFailed(f"{self._path} is locked by another program") from error
        except (OSError, mailbox.Error) as error:
            reason = (
                write_failed(self._path, error) if isinstance(error, OSError) else SinkFailed(f"{self._path}: {error}")
            )
            raise reason from error

    def _refuse_foreign(self) -> None:
        try:
            kind = self._path.stat()
        except FileNotFoundError:
            return
        if not stat.S_ISREG(kind.st_mode):
            raise SinkFailed(f"{self._path} is not a regular file")
        with self._path.open("rb") as file:
            start = file.read(5)
        if start and start != b"From ":
            raise SinkFailed(f"{self._path} is not a mailbox and was not changed")


def _holds(file: io.FileIO, digest: Digest) -> bool:
    """Return whether a killed run has appended this message already."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
    return f"\nMessage-ID: {_message_id(digest)}\n".encode() in file.readall()


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


class Sendmail:
    """The system's mail program, started without a shell."""

    def __init__(self, receiver: str, options: SinkOptions) -> None:
        self._receiver = _receiver(receiver, options)
        self._options = options

    def send(self, digest: Digest) -> None:
        """Pass the message to the program. It is accepted if the program exits with code 0."""
        program = self._options.sendmail
        mail = message(digest, sender=_sender(self._options), receiver=self._receiver)
        try:
            done = subprocess.run(
                [program, "-i", "--", self._receiver],
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


def _receiver(given: str, options: SinkOptions) -> str:
    """Return the receiver: as given, else the contact, else the current user."""
    if given:
        return given
    if "@" in options.contact and is_mail_address(options.contact):
        return options.contact
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return user if is_mail_address(user) else "postmaster"
