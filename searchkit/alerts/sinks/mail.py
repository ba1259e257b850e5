"""Mail: one message a digest, appended to a mailbox file or given to the system's mail program."""

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

from searchkit.alerts.digests import Digest
from searchkit.alerts.lines import lines
from searchkit.alerts.sinks.addresses import is_mail_address
from searchkit.alerts.sinks.base import SinkFailed, SinkOptions, failed
from searchkit.text import one_line

# The mail program only queues; one that takes longer hangs.
_SECONDS = 60.0
_REASON_SIGNS = 200
# Where a message sent again is looked for: in what was appended last.
_LOOKED_BACK = 8_000_000


def message(digest: Digest, *, sender: str, receiver: str) -> EmailMessage:
    """The digest as a mail in plain text. Sent again it has the same Message-ID."""
    mail = EmailMessage(policy=email.policy.default)
    mail["From"] = sender
    mail["To"] = receiver
    mail["Subject"] = one_line(f"searchkit: {digest.title()}")[:200]
    mail["Date"] = format_datetime(datetime.fromisoformat(digest.at))
    mail["Message-ID"] = _message_id(digest)
    mail["Auto-Submitted"] = "auto-generated"
    text = "\n".join(lines(digest)) + "\n"
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
        """Append one message, or nothing where the same message stands already."""
        mail = message(digest, sender=_sender(self._options), receiver=_receiver("", self._options))
        buffer = io.BytesIO(f"From searchkit {time.asctime(time.gmtime())}\n".encode())
        buffer.seek(0, io.SEEK_END)
        BytesGenerator(buffer, mangle_from_=True).flatten(mail)
        try:
            self._refuse_foreign()
            box = mailbox.mbox(self._path, create=True)
            try:
                box.lock()
                # Not through `box`, which can leave half a message where a disk is full. Closing this file lets go of
                # the lock on it, so that comes last.
                with self._path.open("r+b", buffering=0) as file:
                    if not _holds(file, digest):
                        _append(file, buffer.getvalue() + b"\n")
            finally:
                box.close()
        except mailbox.ExternalClashError as error:
            raise SinkFailed(f"{self._path} is locked by another program") from error
        except (OSError, mailbox.Error) as error:
            reason = failed(self._path, error) if isinstance(error, OSError) else SinkFailed(f"{self._path}: {error}")
            raise reason from error

    def _refuse_foreign(self) -> None:
        try:
            kind = self._path.stat()
        except FileNotFoundError:
            return
        if not stat.S_ISREG(kind.st_mode):
            raise SinkFailed(f"{self._path} is no file")
        with self._path.open("rb") as file:
            start = file.read(5)
        if start and start != b"From ":
            raise SinkFailed(f"{self._path} is no mailbox, and is not appended to")


def _holds(file: io.FileIO, digest: Digest) -> bool:
    """Whether a run that was killed had appended this message already."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _LOOKED_BACK))
    return f"\nMessage-ID: {_message_id(digest)}\n".encode() in file.readall()


def _append(file: io.FileIO, content: bytes) -> None:
    """All of it, or nothing."""
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
        """Give one message to the program. It is accepted when the program ends with code 0."""
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
            raise SinkFailed(f"{program} is not done after {_SECONDS:g} s") from None
        except OSError as error:
            raise SinkFailed(f"{program} cannot be started: {error.strerror or error}") from error
        if done.returncode:
            said = one_line(done.stderr.decode("utf-8", "replace"))[:_REASON_SIGNS]
            raise SinkFailed(f"{program} ended with code {done.returncode}" + (f": {said}" if said else ""))


def _receiver(given: str, options: SinkOptions) -> str:
    """Who gets the mail: as given, else the contact, else whoever runs this."""
    if given:
        return given
    if "@" in options.contact and is_mail_address(options.contact):
        return options.contact
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return user if is_mail_address(user) else "postmaster"
