"""Sinks, where digests are sent: `stdout`, `atom:FILE`, `sendmail:ADDRESS`, `webhook:URL`.

A sink delivers a digest completely or raises SinkFailed. If a run is killed between sending a digest and recording
that, the digest is sent again under the same id.
"""

import re
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from msgspec import Struct

from searchkit.archive.folder import is_ours
from searchkit.config import FILE_NAME

SinkKind = Literal["stdout", "atom", "sendmail", "webhook"]
FORMS = "stdout, atom:FILE, sendmail:ADDRESS, webhook:https://..."
# An argument of a program and the To of a mail: a plain address without a name, never an option.
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9][\w.+%=-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}", re.ASCII)
_LOCAL_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MAX_TARGET = 2_000


class SinkAddress(Struct, frozen=True, kw_only=True):
    """A sink: its kind, and the text behind the colon."""

    kind: SinkKind
    target: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.target}" if self.target else self.kind

    @property
    def shown(self) -> str:
        """For printing and logs: of a web address only the host, as the rest is usually a secret."""
        if self.kind != "webhook":
            return str(self)
        parts = urlsplit(self.target)
        return f"webhook:{parts.scheme}://{parts.hostname}/..."

    @property
    def key(self) -> str:
        """For storage: as shown, with a hash that distinguishes addresses on the same host."""
        if self.kind != "webhook":
            return str(self)
        import hashlib  # loads OpenSSL, which a query with a saved search does not need

        return f"{self.shown}#{hashlib.sha256(self.target.encode()).hexdigest()[:8]}"


def sink_address(written: str) -> SinkAddress:
    """Parse the address of a sink. ValueError with a reason in one line."""
    kind, colon, target = written.strip().partition(":")
    target = target.strip()
    if kind not in get_args(SinkKind):
        raise ValueError(f"unknown sink; write one of {FORMS}")
    if _CONTROL.search(target) or len(target) > _MAX_TARGET:
        raise ValueError("it contains control characters or is too long")
    if kind == "stdout" and colon:
        raise ValueError("write stdout alone")
    if kind == "atom" and not target:
        raise ValueError("write the name of a file: atom:FILE")
    if kind == "sendmail":
        if colon and not target:
            raise ValueError("write sendmail alone, or sendmail:ADDRESS")
        if target and not is_mail_address(target):
            raise ValueError("write one plain mail address: sendmail:you@your-desk.example")
    if kind == "webhook":
        _check_web_address(target)
    return SinkAddress(kind=kind, target=target)  # type: ignore[arg-type]  # checked above


def is_mail_address(text: str) -> bool:
    """Return whether mail can be sent there: `desk@ledger.example`, or a user of this machine."""
    return bool(_MAIL_ADDRESS.fullmatch(text) or _LOCAL_USER.fullmatch(text))


def _check_web_address(target: str) -> None:
    # Posting parses it strictly (crawl/web/addresses.py).
    try:
        parts = urlsplit(target)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it is not http or https; write webhook:https://...")
    if "@" in parts.netloc:
        raise ValueError("it contains a user name, which is not sent")


# --- delivery --------------------------------------------------------------------------------------------------------


class SinkOptions(Struct, frozen=True, kw_only=True):
    """Settings of sinks. Files are written only below `folder`, where relative names start, or below `other_folder`;
    `contact` is the sender of mail and of web requests;
    `sendmail` the mail program; `allow_hosts` may be posted to although they are private or unencrypted; `write` prints
    lines on standard output (None if it is closed)."""

    folder: Path
    other_folder: Path | None = None
    contact: str = ""
    sendmail: str = "/usr/sbin/sendmail"
    allow_hosts: tuple[str, ...] = ()
    write: Callable[[Iterable[str]], None] | None = None


class SinkFailed(Exception):
    """A digest was not accepted, or that is unknown. `reason` is one line without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def file_of(address: SinkAddress, options: SinkOptions) -> Path:
    """Return the file of a sink. SinkFailed if alerts may not write there."""
    try:
        path = options.folder / Path(address.target).expanduser()
        place, folder = path.resolve(), options.folder.resolve()
        other = options.other_folder.resolve() if options.other_folder is not None else None
    except (OSError, RuntimeError, ValueError) as error:
        raise SinkFailed(f"{address.target} is not a file name: {error}") from error
    if place.name.lower() == FILE_NAME:
        raise SinkFailed(f"{path} is the name of settings")
    if place.is_relative_to(folder):
        if place == folder or is_ours(place.relative_to(folder).parts[0]):
            raise SinkFailed(f"{path} belongs to the archive itself")
    elif other is None or not place.is_relative_to(other):
        raise SinkFailed(f"{path} is outside the archive; to allow its folder, set alert_folder in searchkit.toml")
    return path


def write_failed(place: object, error: OSError) -> SinkFailed:
    """Return why a place could not be written."""
    return SinkFailed(f"{place} cannot be written: {error.strerror or error}")


def first_bytes(path: Path, count: int) -> bytes:
    """Return the start of a file; nothing if it does not exist. SinkFailed if it is not a regular file."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SinkFailed(f"{path} is not a regular file")
        with path.open("rb") as file:
            return file.read(count)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise write_failed(path, error) from error
