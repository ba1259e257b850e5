"""What the frontier remembers of a page, and what a feed, a sitemap or a link says of one."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

Role = Literal["feed", "sitemap", "start", "page"]
"""What an address is asked for: feeds, sitemaps and start pages lead on, all others are what is looked for."""

State = Literal["new", "fetched", "settled", "refused", "withheld", "gone", "alias"]
"""new: never answered. fetched: recorded, but not yet taken into the store. settled: nothing is left to do until it is
due. refused: cannot be had. withheld: its publisher asks not to take it. gone: was there once. alias: was never had
itself, and leads to another page that is known."""

Hint = Mapping[str, str]
"""What a feed or news sitemap says of a page, as written there: `title`, `published`, `updated`, `byline` (names, one a
line), `outlet`, `language`; `by` names who says so, as the `source` of a date."""

# What to ask for first. Within a tier the newest comes first.
_TIER = 10**11
_DEPTH = 10**10
FROM_FEED, FROM_NEWS_SITEMAP, FROM_SITEMAP, FROM_LINK = 3, 4, 5, 6
_LISTINGS = {"feed": 0, "sitemap": 1, "start": 2}
FIRST_PAGE = FROM_FEED * _TIER - _DEPTH
"""Priorities below this one are those of feeds, sitemaps and start pages."""


def listing_priority(role: Role, *, depth: int = 0, news: bool = False) -> int:
    """The priority of a feed, sitemap or start page; an index before its parts, news sitemaps before others."""
    return _LISTINGS[role] * _TIER + depth * _DEPTH - (_DEPTH // 2 if news else 0)


def page_priority(tier: int, newest: float) -> int:
    """The priority of a page found in a feed (FROM_FEED)...; `newest` is its time, or when it was found."""
    return tier * _TIER - min(max(int(newest), 0), _DEPTH - 1)


def tier(priority: int) -> int:
    """What a page of this priority was found in: FROM_FEED..."""
    return -(-priority // _TIER)


class Page(Struct, frozen=True, kw_only=True):
    """A page as the frontier remembers it. Times are seconds since 1970; 0 when it did not happen yet.

    `walked` names the settings under which its links were taken up last; empty when some were left for later.
    `leads_on` is whether it is mainly a list of other pages, which is asked at every run. `untold` is whether nobody
    has heard yet that it is refused, withheld or gone, or no longer so. `moved` is whether it is the same article at
    another address than the one it was had at first; `astray_at` since when it leads elsewhere (moves.py) or is gone.
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
    walked: str = ""
    leads_on: bool = False
    untold: bool = False
    moved: bool = False
    astray_at: float = 0.0


class Lead(Struct, frozen=True, kw_only=True):
    """An address that something leads to. `modified` is when it is said to have changed last, 0 when nobody says."""

    url: str
    host: str
    role: Role = "page"
    depth: int = 0
    priority: int
    modified: float = 0.0
    hint: Hint = field(default_factory=dict)


class Fetch(Struct, frozen=True, kw_only=True):
    """One answer that was kept: a row of the history of captures. `digest` names the body in the captures."""

    url: str
    final_url: str
    redirects: tuple[str, ...]
    status: int
    headers: Mapping[str, str]
    fetched_at: float
    digest: str
