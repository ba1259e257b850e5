"""Send a digest: as a mail through the mail program of the system, or as JSON to a web address (a webhook).

Webhooks follow the rules of crawl/web/connections.py; messages name only the host, as the address is usually a secret.
"""

import email.policy
import getpass
import json
import subprocess  # the mail program, without a shell
from collections.abc import Collection
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from msgspec import to_builtins

from searchkit.alerts.digests import Digest, digest_lines
from searchkit.alerts.sinks import SinkAddress, SinkFailed, SinkOptions, is_mail_address
from searchkit.crawl.base import HttpOptions
from searchkit.crawl.web.address_guard import UNRESOLVED, allowed_names, checked_addresses
from searchkit.crawl.web.addresses import WebAddress, web_address
from searchkit.crawl.web.connections import posted
from searchkit.crawl.web.pages import FetchFailed
from searchkit.statements.text import one_line

# The mail program only queues; one that takes longer hangs.
_MAIL_SECONDS = 60.0
_MAX_REASON = 200
_POST_SECONDS = 30.0
_RESOLVE_SECONDS = 3.0  # somebody waits for the page
_MAX_ANSWER = 65_536
# Chat programs accept a "text" and refuse long ones.
_MAX_TEXT = 3_000


def send_mail(digest: Digest, receiver: str, options: SinkOptions) -> None:
    """Pass the message to the mail program, without a shell. It is accepted if the program exits with code 0."""
    program = options.sendmail
    mail = _message(digest, receiver, options)
    try:
        done = subprocess.run(
            [program, "-i", "--", mail["To"]],
            input=mail.as_bytes(),
            capture_output=True,
            timeout=_MAIL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SinkFailed(f"{program} did not finish within {_MAIL_SECONDS:g} s") from None
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


def post(digest: Digest, address: SinkAddress, options: SinkOptions) -> None:
    """Post the digest. It is accepted if the server answers with a status of 200 to 299."""
    where, allow = _checked(address, options)
    try:
        status = _status(where, digest, options.contact, allow)
    except FetchFailed as error:
        raise SinkFailed(f"{where.host}: {error.reason}") from None
    if not 200 <= status < 300:
        raise SinkFailed(f"{where.host}: HTTP {status}")


def refuse_unusable(address: SinkAddress, options: SinkOptions) -> None:
    """Raise SinkFailed if nothing may be posted to an address. A host that does not resolve now may do so later."""
    where, allow = _checked(address, options)
    try:
        checked_addresses(where, allow=allow, seconds=_RESOLVE_SECONDS)
    except FetchFailed as error:
        if not error.reason.startswith(UNRESOLVED):
            raise SinkFailed(f"{where.host}: {error.reason}") from None


def _checked(address: SinkAddress, options: SinkOptions) -> tuple[WebAddress, Collection[str]]:
    """Return where to post and the hosts that are allowed. SinkFailed for an address that is not valid or encrypted."""
    try:
        where = web_address(address.target)
    except ValueError as error:
        raise SinkFailed(str(error)) from None
    allow = allowed_names(options.allow_hosts)
    if where.scheme != "https" and where.host not in allow:
        raise SinkFailed("it is not encrypted: use https://..., or add the host to alert_hosts")
    return where, allow


def _status(where: WebAddress, digest: Digest, contact: str, allow: Collection[str]) -> int:
    text = "\n".join(digest_lines(digest))
    text = text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "\n..."
    body = json.dumps({"text": text, **to_builtins(digest.record())}).encode("ascii")
    headers = {"Content-Type": "application/json", "Idempotency-Key": digest.message}
    options = HttpOptions(contact=contact, allow_hosts=tuple(allow), total_seconds=_POST_SECONDS, max_bytes=_MAX_ANSWER)
    with posted(where, body, headers, options) as response:
        return int(response.status)
