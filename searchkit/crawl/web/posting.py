"""Post to a web address under the rules for fetching pages.

The host name is resolved once and every address checked (address_guard.py); redirects are not followed; the response
is limited in time and size.
"""

import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from searchkit.crawl.web.address_guard import checked_addresses
from searchkit.crawl.web.addresses import WebAddress
from searchkit.crawl.web.connections import Budget, as_fetch_failed, bind_budget, connect
from searchkit.crawl.web.politeness import user_agent

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from urllib3.response import BaseHTTPResponse

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0


@contextmanager
def posted(
    where: WebAddress,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow: Collection[str],
    contact: str,
    seconds: float,
    max_bytes: int,
) -> Iterator["BaseHTTPResponse"]:
    """Post `body` and yield the response, whose body is read in the block. Raise only FetchFailed.

    `allow` are hosts that may be private. The response has `max_bytes` at most and is complete after `seconds`."""
    budget = Budget(seconds=seconds, read_timeout=min(seconds, _READ_SECONDS))
    addresses = checked_addresses(where, allow=allow)
    connect_seconds = min(seconds, _CONNECT_SECONDS)
    connection = connect(
        where, addresses, budget=budget, connect_timeout=connect_seconds, tls=ssl.create_default_context
    )
    begun: list[HTTPResponse] = []
    try:
        budget.allow(max_bytes, "its response is too large")
        begun = bind_budget(connection, budget)
        connection.request(
            "POST",
            where.target,
            body=body,
            headers={"Host": where.authority, "User-Agent": user_agent(contact), "Connection": "close", **headers},
            preload_content=False,
            decode_content=False,
        )
        yield connection.getresponse()
    except Exception as error:  # noqa: BLE001  # whatever a hostile answer makes libraries raise is its failure
        raise as_fetch_failed(error) from None
    finally:
        for answer in begun:
            with suppress(OSError):
                answer.close()
        connection.close()
