"""A webhook: the digest as JSON, posted to a web address under the rules of crawl/web/connections.py.

Messages name only the host, as the address is usually a secret.
"""

import json
from collections.abc import Collection

from msgspec import to_builtins

from searchkit.alerts.digests import Digest, digest_lines
from searchkit.alerts.sinks import SinkAddress, SinkFailed, SinkOptions
from searchkit.crawl.base import HttpOptions
from searchkit.crawl.web.address_guard import UNRESOLVED, allowed_names, checked_addresses
from searchkit.crawl.web.addresses import WebAddress, web_address
from searchkit.crawl.web.connections import posted
from searchkit.crawl.web.pages import FetchFailed

_SECONDS = 30.0
_RESOLVE_SECONDS = 3.0  # somebody waits for the page
_MAX_ANSWER = 65_536
# Chat programs accept a "text" and refuse long ones.
_MAX_TEXT = 3_000


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
    options = HttpOptions(contact=contact, allow_hosts=tuple(allow), total_seconds=_SECONDS, max_bytes=_MAX_ANSWER)
    with posted(where, body, headers, options) as response:
        return int(response.status)
