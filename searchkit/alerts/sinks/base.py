"""What a sink is, and how one is opened."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from searchkit.alerts.digests import Digest
from searchkit.alerts.items import Item
from searchkit.alerts.sinks.addresses import SinkAddress

SENDMAIL = "/usr/sbin/sendmail"


class SinkFailed(Exception):
    """A digest was not accepted. `reason` is one line, without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SinkOptions(Struct, frozen=True, kw_only=True):
    """What sinks need to know. `folder` is where relative names of files start; `contact` who sends mail and asks web
    servers; `sendmail` the mail program; `allow_hosts` hosts that may be posted to though they are private, or without
    encryption; `write` prints lines on standard output (None: there is none)."""

    folder: Path
    contact: str = ""
    sendmail: str = SENDMAIL
    allow_hosts: tuple[str, ...] = ()
    write: Callable[[Iterable[str]], None] | None = None


class Sink(Protocol):
    """Takes digests."""

    def send(self, digest: Digest) -> None:
        """Deliver a digest. SinkFailed when it was not accepted, or nobody can know."""


Earlier = Callable[[int], Sequence[Item]]
"""The last so many items that the sink accepted, newest first."""


def opened(address: SinkAddress, options: SinkOptions, earlier: Earlier) -> Sink:
    """The sink at an address. Its module is loaded when it is first needed."""
    match address.kind:
        case "stdout":
            return _StandardOutput(options)
        case "atom":
            from searchkit.alerts.sinks.atom import AtomFile

            return AtomFile(file_at(address, options), earlier)
        case "mbox":
            from searchkit.alerts.sinks.mail import Mailbox

            return Mailbox(file_at(address, options), options)
        case "sendmail":
            from searchkit.alerts.sinks.mail import Sendmail

            return Sendmail(address.target, options)
        case "webhook":
            from searchkit.alerts.sinks.webhook import Webhook

            return Webhook(address, options)


def file_at(address: SinkAddress, options: SinkOptions) -> Path:
    """The file of a sink; relative names start at the archive's folder."""
    return options.folder / Path(address.target).expanduser()


def failed(path: Path, error: OSError) -> SinkFailed:
    """Why a file could not be written."""
    return SinkFailed(f"{path} cannot be written: {error.strerror or error}")


class _StandardOutput:
    def __init__(self, options: SinkOptions) -> None:
        self._write = options.write

    def send(self, digest: Digest) -> None:
        from searchkit.alerts.lines import lines

        if self._write is None:
            raise SinkFailed("standard output is closed")
        try:
            self._write([*lines(digest), ""])
        except OSError as error:
            raise SinkFailed(f"standard output cannot be written: {error.strerror or error}") from error
