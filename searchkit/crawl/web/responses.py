"""The result of a request: a response within limits, or the reason why there is none."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field


class Response(Struct, frozen=True, kw_only=True):
    """The answer of a web server, after redirects.

    `redirects` are the addresses from `url` to `final_url`, both included, or empty; `permanent_redirect` is whether
    all of them are permanent. `body` is decoded and complete; empty for a 304. `headers` have lower-case names.
    `media_type` is lower case without parameters. `validators` are `etag` and `last-modified`, for the next conditional
    request.
    """

    url: str
    final_url: str
    redirects: tuple[str, ...] = ()
    permanent_redirect: bool = False
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""
    charset: str = ""
    validators: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fetched_at: datetime


class FetchFailed(Exception):
    """There is no usable response. `reason` is one line without the address.

    `temporary`: a retry may succeed; `retry_after` is the wait in seconds that the server asked for, if any. `status`
    is the HTTP status, 0 without an answer. `forbidden`: robots.txt forbids the target of a redirect.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int = 0,
        temporary: bool = False,
        retry_after: float | None = None,
        forbidden: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.temporary = temporary
        self.retry_after = retry_after
        self.forbidden = forbidden
