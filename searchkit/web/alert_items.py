"""Items of alerts for a page."""

from collections.abc import Iterable

from markupsafe import Markup
from msgspec import Struct

from searchkit.alerts.items import Item, change_lines
from searchkit.statements.text import Span, one_line
from searchkit.web.rendering import Links, marked


class ItemView(Struct, frozen=True, kw_only=True):
    """A statement or document that an alert found; `doubts` say why it is not a headline."""

    address: str
    id: str
    said: Markup
    facts: tuple[str, ...]
    group: str
    is_new: bool
    doubts: tuple[str, ...]
    entries: tuple[str, ...]


def item_views(items: Iterable[Item], url: Links) -> list[ItemView]:
    """Return the items for a template."""
    return [_view(item, url) for item in items]


def _view(item: Item, url: Links) -> ItemView:
    words = marked(item.text, [Span(start, end) for start, end in item.marks])
    lead = item.lead if item.record == "quote" else item.title or "(no title)"
    facts = (
        f"about {', '.join(item.about)}" if item.about else "",
        f"said {item.said}" if item.said else "",
        item.title if item.record == "quote" else "",
        item.outlet,
        f"published {item.published}" if item.published else "",
        *change_lines(item),
    )
    is_there = item.record == "quote" and item.change != "removed"
    return ItemView(
        address=url(f"/statement/{item.id}" if is_there else f"/document/{item.document}"),
        id=item.id,
        said=Markup('<span class="lead">{}</span> <span class="words">{}</span>').format(one_line(lead), words),
        facts=tuple(one_line(fact) for fact in facts if fact),
        group=one_line(item.group),
        is_new=item.section == "new",
        doubts=tuple(map(one_line, item.doubts)),
        entries=tuple(map(one_line, item.entries)),
    )
