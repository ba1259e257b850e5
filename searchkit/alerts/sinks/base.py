"""The interface of sinks."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from searchkit.alerts.digests import Digest
from searchkit.alerts.items import Item

SENDMAIL = "/usr/sbin/sendmail"


class SinkFailed(Exception):
    """A digest was not accepted. `reason` is one line without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SinkOptions(Struct, frozen=True, kw_only=True):
    """Settings of sinks. Relative file names start at `folder`; `contact` is the sender of mail and of web requests;
    `sendmail` the mail program; `allow_hosts` may be posted to although they are private or unencrypted; `write` prints
    lines on standard output (None if it is closed)."""

    folder: Path
    contact: str = ""
    sendmail: str = SENDMAIL
    allow_hosts: tuple[str, ...] = ()
    write: Callable[[Iterable[str]], None] | None = None


class Sink(Protocol):
    """Accepts digests."""

    def send(self, digest: Digest) -> None:
        """Deliver a digest. SinkFailed if it was not accepted or that is unknown."""


Earlier = Callable[[int], Sequence[Item]]
"""Returns the last items that the sink accepted, newest first, at most as many as given."""


def write_failed(path: Path, error: OSError) -> SinkFailed:
    """Return why a file could not be written."""
    return SinkFailed(f"{path} cannot be written: {error.strerror or error}")
