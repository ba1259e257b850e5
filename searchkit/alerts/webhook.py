"""A webhook: the digest as JSON, posted to a web address under the rules for fetching pages.

The host name is resolved once and every address checked (crawl/web/address_guard.py); redirects are not followed; the
response is limited in time and size. Messages name only the host, as the address is usually a secret.
"""

import json
import ssl
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from msgspec import to_builtins

from searchkit.alerts.digests import Digest, digest_lines
from searchkit.alerts.sinks import SinkAddress, SinkFailed, SinkOptions
from searchkit.crawl.web.address_guard import allowed_names, checked_addresses
from searchkit.crawl.web.addresses import WebAddress, web_address
from searchkit.crawl.web.connections import Budget, as_fetch_failed, bind_budget, connect
from searchkit.crawl.web.pages import FetchFailed
from searchkit.crawl.web.politeness import user_agent

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0
_SECONDS = 30.0
_MAX_ANSWER = 65_536
# Chat programs accept a "text" and refuse long ones.
_MAX_TEXT = 3_000


def post(digest: Digest, address: SinkAddress, options: SinkOptions) -> None:
    """Post the digest. It is accepted if the server answers with a status of 200 to 299."""
    try:
        where = web_address(address.target)
    except ValueError as error:
        raise SinkFailed(str(error)) from None
    allow = allowed_names(options.allow_hosts)
    if where.scheme != "https" and where.host not in allow:
        raise SinkFailed("it is not encrypted: use https://..., or add the host to alert_hosts")
    try:
        status = _status(where, digest, options.contact, allow)
    except FetchFailed as error:
        raise SinkFailed(f"{where.host}: {error.reason}") from None
    if not 200 <= status < 300:
        raise SinkFailed(f"{where.host}: HTTP {status}")


def _status(where: WebAddress, digest: Digest, contact: str, allow: Collection[str]) -> int:
    budget = Budget(seconds=_SECONDS, read_timeout=_READ_SECONDS)
    addresses = checked_addresses(where, allow=allow)
    connection = connect(
        where, addresses, budget=budget, connect_timeout=_CONNECT_SECONDS, tls=ssl.create_default_context
    )
    text = "\n".join(digest_lines(digest))
    text = text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "\n..."
    begun: list[Any] = []
    try:
        budget.allow(_MAX_ANSWER, "its response is too large")
        begun = bind_budget(connection, budget)
        connection.request(
            "POST",
            where.target,
            body=json.dumps({"text": text, **to_builtins(digest.record())}).encode("ascii"),
            headers={
                "Host": where.authority,
                "User-Agent": user_agent(contact),
                "Content-Type": "application/json",
                "Idempotency-Key": digest.message,
                "Connection": "close",
            },
            preload_content=False,
            decode_content=False,
        )
        return int(connection.getresponse().status)
    except Exception as error:  # noqa: BLE001  # whatever a hostile answer makes libraries raise is its failure
        raise as_fetch_failed(error) from None
    finally:
        for answer in begun:
            with suppress(OSError):
                answer.close()
        connection.close()
