"""What asking a web server gives: a response within limits, or one line of why there is none."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field


class Response(Struct, frozen=True, kw_only=True):
    """An answer of a web server, redirects followed.

    `url` was asked for, `final_url` answered, `redirects` are the addresses between, in order, both ends included when
    there was any. `body` is decoded (gzip, deflate, br) and whole; empty for a 304. `headers` have lower-case names.
    `media_type` is lower case without parameters, `charset` the declared one, each empty when not stated.
    `validators` are `etag` and `last-modified` as the server gave them, to ask conditionally next time.
    """

    url: str
    final_url: str
    redirects: tuple[str, ...] = ()
    moved_for_good: bool = False
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""
    charset: str = ""
    validators: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fetched_at: datetime


class FetchFailed(Exception):
    """There is no response to use. `reason` is one clear line without the address.

    `passing`: trying later may help (a stall, a reset, 429, 503); `retry_after` is how long the server asked to wait,
    in seconds, None when it did not say. `status` is the HTTP status, 0 when there was no answer. `forbidden`: whoever
    was asked whether it may be had said no.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int = 0,
        passing: bool = False,
        retry_after: float | None = None,
        forbidden: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.passing = passing
        self.retry_after = retry_after
        self.forbidden = forbidden
