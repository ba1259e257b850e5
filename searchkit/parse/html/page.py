"""A web page: its bytes decoded, guarded, and read for metadata and main text."""

from datetime import date
from urllib.parse import urljoin

from searchkit.dates import PartialDate
from searchkit.document import Resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft, web_address
from searchkit.parse.encoding import decode
from searchkit.parse.html import maintext, metadata
from searchkit.parse.html.non_articles import paywall, refusal
from searchkit.parse.html.tree import Page, load
from searchkit.parse.superscripts import with_superscripts

# Enough for any article; a link list with more is not what the links of an article are for.
_LINKS = 500
_LINK_TEXT = 3
# Asking the fallback for a date costs as much as all else, so it is not asked about pages of unusual size.
_DATE_SIZE = 2_000_000


def _links(page: Page, text: str, base: str | None) -> tuple[str, ...]:
    """Where the links in the body lead: those outside of menus and boxes whose words stand in it."""
    found: dict[str, None] = {}
    body = " ".join(text[:500_000].split())
    for anchor in page.anchors:
        if anchor.beside or len(anchor.text) < _LINK_TEXT or anchor.text not in body:
            continue
        try:
            address = web_address(urljoin(base, anchor.target) if base else anchor.target)
        except ValueError:
            continue
        if address and len(found) < _LINKS:
            found[address] = None
    return tuple(found)


def _guessed_date(page: Page, today: date) -> PartialDate | None:
    """The day that htmldate reads out of a page that states none. Often right, so shown; a guess, so marked low."""
    from htmldate import find_date

    try:
        day = find_date(page.root, extensive_search=False, original_date=True, max_date=today.isoformat())
        found = date.fromisoformat(day) if day else None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  whatever it stumbles over, an unknown date is no reason to lose the page
        return None
    return PartialDate(value=found.isoformat(), precision="day", source="htmldate", confidence="low") if found else None


def read(resource: Resource, *, today: date) -> Draft:
    """The draft of a web page. InputError when something else stands where an article should."""
    decoded = decode(resource.body, charset=resource.charset, markup=True)
    page = load(with_superscripts(decoded.text))
    source = resource.final_uri or resource.uri
    told = metadata.read(page, source, today=today)
    published = told.published
    in_doubt = any(note.startswith("date: ") for note in told.notes)
    if published is None and not in_doubt and page.is_tame and len(page.markup) <= _DATE_SIZE:
        published = _guessed_date(page, today)
    body = maintext.extract(
        page,
        maintext.Told(
            title=told.title or "",
            names=(*told.byline, *filter(None, [told.outlet])),
            standfirsts=told.descriptions,
            body=told.body,
            is_news=told.is_news,
        ),
    )
    # A day in the address says nothing of what stands there now.
    states_day = told.published is not None and told.published.source != "url"
    if not states_day and not told.byline:
        reason = refusal(told.title or "", source, body.text)
        if reason:
            raise InputError(reason)
    notes = [*decoded.notes, *told.notes, *body.notes, *(f"removed: {line}" for line in body.removed)]
    if asked := paywall(body.text, body.removed, told.descriptions, free=told.free):
        notes.append(f"paywall: {asked}")
    if page.cut:
        notes.append(f"markup: {page.cut} overlong tags cut")
    return Draft(
        text=body.text,
        canonical_url=told.canonical_url,
        outlet=told.outlet,
        title=told.title,
        byline=told.byline,
        published=published,
        updated=told.updated,
        language=told.language,
        links=_links(page, body.text, told.canonical_url),
        notes=tuple(notes),
    )
