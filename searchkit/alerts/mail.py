"""Mail: one message per digest, passed to the mail program of the system."""

import email.policy
import getpass
import subprocess  # the mail program, without a shell
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from searchkit.alerts.digests import Digest, digest_lines
from searchkit.alerts.sinks import SinkFailed, SinkOptions, is_mail_address
from searchkit.statements.text import one_line

# The mail program only queues; one that takes longer hangs.
_SECONDS = 60.0
_MAX_REASON = 200


def send_mail(digest: Digest, receiver: str, options: SinkOptions) -> None:
    """Pass the message to the mail program, without a shell. It is accepted if the program exits with code 0."""
    program = options.sendmail
    mail = _message(digest, receiver, options)
    try:
        done = subprocess.run(
            [program, "-i", "--", mail["To"]], input=mail.as_bytes(), capture_output=True, timeout=_SECONDS, check=False
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
