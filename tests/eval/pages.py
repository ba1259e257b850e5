"""Web pages written for the project, what stands in them, and how much of that searchkit reads.

`pages/` holds whole pages of many layouts; `pages.jsonl` says of each what a careful reader would note down. Text and
gold were written before the rules ran on them.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import mean
from typing import Any

from msgspec import Struct

from searchkit import parse
from searchkit.crawl.base import new_resource
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Article
from searchkit.statements.text import name_key
from tests.eval.annotated import HERE, rows

FOLDER = HERE / "pages"
FLOORS = HERE / "page_floors.json"
TODAY = date(2026, 3, 1)
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
# Scripts without spaces are counted character by character.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_SHINGLE = 4


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page and its gold.

    `text` is the body, one paragraph a string. `published` and `updated` are days as the outlet shows them, None where
    the page states none. `outlet` and `language` are None where nothing on the page says. `without` are words of
    boxes, menus and comments outside the article. `noted` is how a note must begin, if one must.
    """

    file: str
    url: str
    text: tuple[str, ...]
    title: str
    authors: tuple[str, ...] = ()
    published: str | None = None
    updated: str | None = None
    outlet: str | None = None
    language: str | None = None
    without: tuple[str, ...] = ()
    noted: str = ""


def listed() -> list[Page]:
    """Return all pages, in the order of the file."""
    return rows("pages.jsonl", Page)


def read(page: Page) -> Article:
    """Return the article that searchkit reads from a page."""
    body = (FOLDER / page.file).read_bytes()
    return parse.article(new_resource(page.url, body, media_type="text/html", now=_NOW), today=TODAY)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)))


def overlap(wanted: str, found: str) -> tuple[float, float]:
    """Return precision and recall by runs of four words, as public benchmarks of article extraction measure it."""
    left, right = _shingles(wanted), _shingles(found)
    both = sum((left & right).values())
    return both / (sum(right.values()) or 1), both / (sum(left.values()) or 1)


def shown_day(found: PartialDate | None) -> str | None:
    """Return a stated date as its outlet shows it; None for a guess."""
    if found is None or found.confidence == "low":
        return None
    return found.local_day or found.value[:10]


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _same(one: str | None, other: str | None) -> bool:
    return name_key(one or "") == name_key(other or "")


def measure() -> tuple[dict[str, float], list[str]]:
    """Return each measure over all pages, 0..1, and a line for every miss."""
    misses: list[str] = []
    precisions, recalls, kept_out, noted = [], [], [], []
    right: dict[str, list[bool]] = {}
    people = Counter[str]()

    def check(page: Page, measure: str, found: Any, wanted: Any, same: Callable[[Any, Any], bool] = _same) -> None:
        right.setdefault(measure, []).append(same(found, wanted))
        if not right[measure][-1]:
            misses.append(f"{page.file}: {measure}: {found!r} for {wanted!r}")

    for page in listed():
        article = read(page)
        precision, recall = overlap("\n".join(page.text), article.text)
        precisions.append(precision)
        recalls.append(recall)
        if _f1(precision, recall) < 1:
            misses.append(f"{page.file}: text: precision {precision:.3f}, recall {recall:.3f}")
        check(page, "title", article.title, page.title)
        check(page, "outlet", article.outlet, page.outlet)
        check(page, "language", article.language, page.language)
        check(page, "published", shown_day(article.published), page.published, lambda a, b: a == b)
        check(page, "updated", shown_day(article.updated), page.updated, lambda a, b: a == b)
        wanted, found = set(page.authors), set(article.byline)
        people.update(wanted=len(wanted), found=len(found), both=len(wanted & found))
        if wanted != found:
            misses.append(f"{page.file}: authors: {sorted(found)} for {sorted(wanted)}")
        for words in page.without:
            kept_out.append(words not in article.text)
            if not kept_out[-1]:
                misses.append(f"{page.file}: kept: {words}")
        if page.noted:
            noted.append(any(note.startswith(page.noted) for note in article.notes))
            if not noted[-1]:
                misses.append(f"{page.file}: no note on: {page.noted}")
    return {
        "main text": _f1(mean(precisions), mean(recalls)),
        **{name: mean(hits) for name, hits in right.items()},
        "authors": 2 * people["both"] / ((people["wanted"] + people["found"]) or 1),
        "kept out": mean(kept_out),
        "noted": mean(noted),
    }, misses
