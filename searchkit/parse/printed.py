"""How a printed article opens: its title, who wrote it and when, above the first paragraph."""

from collections.abc import Sequence
from datetime import date

from searchkit.parse.base import Draft
from searchkit.parse.labels import draft
from searchkit.parse.plain import top


def opening(paragraphs: Sequence[str], *, today: date) -> tuple[int, Draft]:
    """How many of the first `paragraphs` stand above the body, and what they say, read as in plain text."""
    lines = [line for paragraph in paragraphs for line in (" ".join(paragraph.split()), "")]
    fields, start = top(lines, today)
    return (start + 1) // 2, draft(fields, text="", today=today, links=(), notes=())
