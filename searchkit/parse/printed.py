"""How a printed article opens: its title, who wrote it and when, above the first paragraph."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from searchkit.dates import PartialDate
from searchkit.parse.labels import draft
from searchkit.parse.plain import top


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the first paragraphs say of the article, and how many were `taken` for it. Other fields as in Draft."""

    taken: int
    title: str | None = None
    byline: tuple[str, ...] = ()
    outlet: str | None = None
    canonical_url: str | None = None
    published: PartialDate | None = None
    updated: PartialDate | None = None
    language: str | None = None
    notes: tuple[str, ...] = ()


def opening(paragraphs: Sequence[str], *, today: date) -> Opening:
    """What stands above the body in `paragraphs`, read as in plain text."""
    lines = [line for paragraph in paragraphs for line in (" ".join(paragraph.split()), "")]
    fields, start = top(lines, today)
    told = draft(fields, text="", today=today, links=(), notes=())
    return Opening(
        taken=(start + 1) // 2,
        title=told.title,
        byline=told.byline,
        outlet=told.outlet,
        canonical_url=told.canonical_url,
        published=told.published,
        updated=told.updated,
        language=told.language,
        notes=told.notes,
    )
