"""Open the sink at an address."""

from pathlib import Path

from searchkit.alerts.digests import Digest, digest_lines
from searchkit.alerts.sinks.addresses import SinkAddress
from searchkit.alerts.sinks.base import Earlier, Sink, SinkFailed, SinkOptions


def open_sink(address: SinkAddress, options: SinkOptions, earlier: Earlier) -> Sink:
    """Return the sink at an address. Modules for XML, mail and HTTP are loaded only for the sinks that need them."""
    path = options.folder / Path(address.target).expanduser()
    match address.kind:
        case "stdout":
            return _StandardOutput(options)
        case "atom":
            from searchkit.alerts.sinks.atom import AtomFile  # loads XML

            return AtomFile(path, earlier)
        case "mbox" | "sendmail":
            from searchkit.alerts.sinks.mail import Mailbox, Sendmail  # loads email and mailbox

            return Mailbox(path, options) if address.kind == "mbox" else Sendmail(address.target, options)
        case "webhook":
            from searchkit.alerts.sinks.webhook import Webhook  # loads HTTP and TLS

            return Webhook(address, options)


class _StandardOutput:
    def __init__(self, options: SinkOptions) -> None:
        self._write = options.write

    def send(self, digest: Digest) -> None:
        if self._write is None:
            raise SinkFailed("standard output is closed")
        try:
            self._write([*digest_lines(digest), ""])
        except OSError as error:
            raise SinkFailed(f"standard output cannot be written: {error.strerror or error}") from error
