"""The Resource of a page that was recorded, with what feeds, sitemaps and the user know of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from searchkit.crawl.base import Source
from searchkit.crawl.media_types import mislabelled, settled
from searchkit.crawl.web.pages import Page
from searchkit.dates import parse_stated
from searchkit.document import Resource


def resource(page: Page, body: bytes, source: Source) -> Resource:
    """The resource of a page that was recorded."""
    fetched_at = datetime.fromtimestamp(page.fetched_at, UTC)
    kind = settled(page.media_type, body) or page.media_type
    defaults = _defaults(page.hint, source, fetched_at)
    if note := mislabelled(page.media_type, kind):
        defaults["notes"] = (note,)
    return Resource(
        uri=page.url,
        final_uri=page.final_url,
        media_type=kind,
        charset=page.charset,
        body=body,
        fetched_at=fetched_at,
        validators=page.validators,
        digest=page.digest,
        defaults=defaults,
        source=source.name,
        known_as=page.url if page.moved else "",
    )


def _defaults(hint: Mapping[str, str], source: Source, fetched_at: datetime) -> dict[str, Any]:
    """Article fields as a feed or news sitemap states them; what the user says of the whole source goes first."""
    made: dict[str, Any] = {name: hint[name] for name in ("title", "outlet") if name in hint}
    for name in ("published", "updated"):
        if name in hint:
            stated = parse_stated(hint[name], source=hint.get("by", "feed"), today=fetched_at.date())
            if stated is not None:
                made[name] = stated
    if "byline" in hint:
        made["byline"] = tuple(hint["byline"].split("\n"))
    language = hint.get("language", "").replace("_", "-").partition("-")[0].lower()
    if language.isascii() and language.isalpha() and len(language) in {2, 3}:
        made["language"] = language
    if source.outlet:
        made["outlet"] = source.outlet
    if source.language:
        made["language"] = source.language
    return made
