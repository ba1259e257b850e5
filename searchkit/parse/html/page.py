"""The parser of web pages: decode, load, read metadata and main text, refuse pages that are not articles."""

from datetime import date
from urllib.parse import urljoin

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import NoArticle
from searchkit.parse.base import MAX_LINKS, THIN, Draft, StruckText, web_address
from searchkit.parse.encoding import decode
from searchkit.parse.html import boxes, hidden, maintext, metadata
from searchkit.parse.html.phrases import paywall, refusal, wall
from searchkit.parse.html.scan import with_superscripts
from searchkit.parse.html.tree import Page, block_lines, load
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import GONE, PAYWALL, WALL, Resource

_LINK_TEXT = 3
# A page with fewer characters of text, and so many times as many in all, has almost no text for its size.
_THIN, _THIN_SHARE = 400, 100
_MOST = 0.5
_MAX_GUESS_SIZE = 2_000_000  # htmldate takes as long as everything else together


def _links(page: Page, text: str, base: str | None) -> tuple[str, ...]:
    """Return the targets of the links in the body: those outside menus and boxes whose text the body contains."""
    addresses: dict[str, None] = {}
    body = " ".join(text[:500_000].split())
    for anchor in page.anchors:
        if anchor.is_outside or len(anchor.text) < _LINK_TEXT or anchor.text not in body:
            continue
        try:
            address = web_address(urljoin(base, anchor.target) if base else anchor.target)
        except ValueError:
            continue
        if address and len(addresses) < MAX_LINKS:
            addresses[address] = None
    return tuple(addresses)


def _guess_date(page: Page, today: date) -> PartialDate | None:
    """Return the day that htmldate finds on a page that states none, with low confidence."""
    from htmldate import find_date

    try:
        day = find_date(page.root, extensive_search=False, original_date=True, max_date=today.isoformat())
        found = date.fromisoformat(day) if day else None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  no failure of htmldate loses the page
        return None
    return PartialDate(value=found.isoformat(), precision="day", source="htmldate", confidence="low") if found else None


class _Visible(Struct, frozen=True):
    """The body of a page without what the markup hides, all lines of the page, and notes on what is hidden."""

    body: maintext.MainText
    lines: list[str] = []
    struck: tuple[StruckText, ...] = ()
    hidden: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _visible(page: Page, hints: maintext.BodyHints) -> _Visible:
    """Read the body as a reader sees it, or all of it where the markup hides most of it: a script shows that later."""
    if page.root is None:
        return _Visible(maintext.extract(page, hints))
    unseen = hidden.find(page.root)
    struck = unseen.leave_out()
    lines = block_lines(page.root)
    left_out = boxes.leave_out(page.root) if page.is_extractable else []
    body = maintext.extract(page, hints)
    body = replace(body, removed=(*body.removed, *left_out))
    if 2 * sum(map(len, unseen.lines)) >= len(body.text):
        complete = load(page.markup)
        struck_too = hidden.find(complete.root).struck_texts() if complete.root is not None else ()
        whole = maintext.extract(complete, hints)
        if unseen.share_of(whole.text) > _MOST:
            return _Visible(
                whole, lines, struck_too, (), ("hidden: the markup hides most of the text, which is read all the same",)
            )
    passages = unseen.passages()
    if not passages:
        return _Visible(body, lines, struck)
    count = f"{len(passages):,} passage{'' if len(passages) == 1 else 's'}"
    note = f"hidden by the markup, not read: {count}{'' if len(passages) == 1 else ', the first'}: {passages[0]}"
    return _Visible(body, lines, struck, passages, (note,))


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a web page. Raises NoArticle for a page that is not an article."""
    decoded = decode(resource.body, charset=resource.charset, markup=True)
    page = load(with_superscripts(decoded.text))
    source = resource.final_uri or resource.uri
    stated = metadata.read(page, source, today=today)
    published = stated.published
    is_ambiguous = any(note.startswith("date: ") for note in stated.notes)
    if published is None and not is_ambiguous and page.is_extractable and len(page.markup) <= _MAX_GUESS_SIZE:
        published = _guess_date(page, today)
    hints = maintext.BodyHints(
        title=stated.title or "",
        names=(*stated.byline, *filter(None, [stated.outlet])),
        standfirsts=stated.descriptions,
        is_news=stated.is_news,
    )
    seen = _visible(page, hints)
    body = seen.body
    # A day in the address does not show what the page contains now.
    states_day = stated.published is not None and stated.published.source != "url"
    title = stated.title or ""
    shown = refusal(title, source, body.text) or wall(title, body.text, body.removed, page.markup)
    if shown and not states_day and not stated.byline:
        raise NoArticle(shown, is_removed=shown in GONE)
    notes = [*decoded.notes, *stated.notes, *body.notes, *seen.notes, *(f"removed: {line}" for line in body.removed)]
    if shown:
        notes.append(WALL + shown)
    elif reason := paywall(body.text, body.removed, stated.descriptions, free=stated.free, seen=seen.lines):
        notes.append(PAYWALL + reason)
    if len(body.text) < _THIN and len(page.markup) > _THIN_SHARE * len(body.text):
        notes.append(f"{THIN}{len(body.text)} characters of text on a page of {len(page.markup):,} characters")
    if page.cut_tags:
        notes.append(f"markup: {page.cut_tags} overlong tags truncated")
    return Draft(
        text=body.text,
        canonical_url=stated.canonical_url,
        outlet=stated.outlet,
        title=stated.title,
        byline=stated.byline,
        wire=stated.wire,
        published=published,
        updated=stated.updated,
        language=stated.language,
        links=_links(page, body.text, stated.canonical_url),
        notes=tuple(notes),
        struck=seen.struck,
        hidden=seen.hidden,
    )
