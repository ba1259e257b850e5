"""The values of the crawler: what a server answered, what the frontier records of a page, and leads to pages."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from searchkit.crawl.base import Source
from searchkit.crawl.media_types import detect
from searchkit.statements.dates.stated import parse_stated
from searchkit.statements.document import Resource


class Response(Struct, frozen=True, kw_only=True):
    """The answer of a web server, after redirects.

    `redirects` are the addresses from the first to `final_url`, both included, or empty; `permanent_redirect` is
    whether all of them are permanent. `headers` have lower-case names. `media_type` is lower case without parameters.
    `validators` are `etag` and `last-modified`, for the next conditional request. `body` is decoded and complete,
    `digest` is the SHA-256 of its capture; both are empty for a 304.
    """

    final_url: str
    redirects: tuple[str, ...] = ()
    permanent_redirect: bool = False
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""
    charset: str = ""
    validators: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    digest: str = ""
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


Role = Literal["feed", "sitemap", "start", "page"]
"""What an address is: a listing (feed, sitemap, start page), or a page that may become a document."""

State = Literal["new", "fetched", "settled", "refused", "withheld", "gone", "alias"]
"""new: never answered. fetched: recorded, but not yet in the store. settled: nothing to do until it is due. refused:
cannot be fetched. withheld: its publisher asks not to index it. gone: existed once. alias: leads to another known page,
and never had a document itself."""

Hint = Mapping[str, str]
"""What a feed or news sitemap states about a page, as written: `title`, `published`, `updated`, `byline` (names, one
per line), `outlet`, `language`; `by` is the `source` of its dates."""

# Priorities: a tier per kind of listing, and within a tier the newest first.
_TIER = 10**11
_DEPTH = 10**10
FROM_FEED, FROM_NEWS_SITEMAP, FROM_SITEMAP, FROM_LINK = 3, 4, 5, 6
_LISTINGS = {"feed": 0, "sitemap": 1, "start": 2}
FIRST_PAGE = FROM_FEED * _TIER - _DEPTH
"""Listings have a priority below this."""


def listing_priority(role: Role, *, depth: int = 0, news: bool = False) -> int:
    """Return the priority of a listing: an index before its parts, news sitemaps before others."""
    return _LISTINGS[role] * _TIER + depth * _DEPTH - (_DEPTH // 2 if news else 0)


def page_priority(tier: int, newest: float) -> int:
    """Return the priority of a page found in a feed (FROM_FEED) and so on; `newest` is its date, or when it was
    found."""
    return tier * _TIER - min(max(int(newest), 0), _DEPTH - 1)


def tier_of(priority: int) -> int:
    """Return where a page of this priority was found: FROM_FEED and so on."""
    return -(-priority // _TIER)


class Page(Struct, frozen=True, kw_only=True):
    """A page as the frontier records it. Times are seconds since 1970; 0 if it has not happened yet.

    `walk_settings` identifies the settings under which its links were last followed; empty if some were postponed.
    `leads_on` is whether it is mainly a list of other pages, which every run fetches. `unreported` is whether it was
    not yet reported that it is refused, withheld or gone, or no longer so. `moved` is whether the article has left
    its first address; `elsewhere_since` is since when it redirects elsewhere (redirects.py) or is gone.
    """

    url: str
    host: str
    source: str
    role: Role = "page"
    depth: int = 0
    priority: int = 0
    state: State = "new"
    due_at: float = 0.0
    tries: int = 0
    validators: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    media_type: str = ""
    charset: str = ""
    fetched_at: float = 0.0
    changed_at: float = 0.0
    first_seen: float = 0.0
    status: int = 0
    reason: str = ""
    final_url: str = ""
    hint: Hint = field(default_factory=dict)
    walk_settings: str = ""
    leads_on: bool = False
    unreported: bool = False
    moved: bool = False
    elsewhere_since: float = 0.0


class Lead(Struct, frozen=True, kw_only=True):
    """An address found in a listing or page. `modified` is its stated last change; 0 if none is stated."""

    url: str
    role: Role = "page"
    depth: int = 0
    priority: int
    modified: float = 0.0
    hint: Hint = field(default_factory=dict)


def answered_page(page: Page, response: Response, url: str) -> Page:
    """Return `page` as answered from `url`, except for the body."""
    is_same_body = response.status == 304 or response.digest == page.digest
    return replace(
        page,
        tries=0,
        status=response.status,
        # The reason why these bytes could not be read still applies.
        reason=page.reason if is_same_body and page.state == "settled" else "",
        fetched_at=response.fetched_at.timestamp(),
        validators=dict(response.validators),
        final_url=url,
        elsewhere_since=0.0,
    )


def resource(page: Page, body: bytes, source: Source) -> Resource:
    """Return the Resource of a recorded page."""
    fetched_at = datetime.fromtimestamp(page.fetched_at, UTC)
    kind = detect(page.media_type, body) or page.media_type
    given = {name: value for name in ("outlet", "language") if (value := getattr(source, name))}
    return Resource(
        uri=page.url,
        final_uri=page.final_url,
        media_type=kind,
        charset=page.charset,
        body=body,
        fetched_at=fetched_at,
        validators=page.validators,
        digest=page.digest,
        defaults=stated_fields(page.hint, fetched_at.date()) | given,
        source=source.name,
    )


def stated_fields(hint: Hint, today: date) -> dict[str, Any]:
    """Return Article fields that a feed or news sitemap states."""
    fields: dict[str, Any] = {name: hint[name] for name in ("title", "outlet") if hint.get(name)}
    for name in ("published", "updated"):
        if name in hint and (stated := parse_stated(hint[name], source=hint.get("by", "feed"), today=today)):
            fields[name] = stated
    if "byline" in hint:
        fields["byline"] = tuple(hint["byline"].split("\n"))
    language = hint.get("language", "").replace("_", "-").partition("-")[0].lower()
    if language.isascii() and language.isalpha() and len(language) in {2, 3}:
        fields["language"] = language
    return fields
