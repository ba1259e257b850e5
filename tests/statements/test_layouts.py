"""Who said what in the layouts of pages (layouts.txt)."""

from pathlib import Path

import pytest

from searchkit.statements.annotation import annotate
from searchkit.statements.document import Document, Quote
from tests.parse.pages import read

SURE = 0.75
LEAD = (
    "<p>The old mill at Brno will stay shut until the river has gone down, the town council said on Friday, after "
    "water broke two of its gates and carried a wheel away.</p>"
)
BASE = (
    "<p>Mayor Vera Lind said the flood had cost the town two million crowns. “The mill will stay shut until the water "
    "has gone down,” Lind told reporters in Brno.</p><p>Shopkeepers said they had not been warned. Tom Reed, who "
    "speaks for them, called the plan careless and asked for a meeting with the county before the winter.</p>"
)
ROWS = [line for line in Path(__file__).with_name("layouts.txt").read_text("utf-8").splitlines() if line[:1] != "#"]


def said(body: str) -> Document:
    return annotate(
        read(
            '<!doctype html><html lang="en"><head><title>Mill at Brno stays shut</title><meta property="og:type" '
            'content="article"><meta property="article:published_time" content="2026-02-20T08:00:00Z"></head><body>'
            '<nav><a href="/">Home</a></nav><article><h1>Mill at Brno stays shut</h1><p class="by">By Carla Mores</p>'
            f"{LEAD}{body.replace('BASE', BASE)}</article><footer><p>© The Ledger</p></footer></body></html>"
        )
    )


def words(text: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


def speaker(quote: Quote) -> str:
    return quote.speaker.name or "" if quote.speaker.confidence >= SURE else ""


def faults(row: str) -> list[str]:
    body, _, expected = row.partition("=>")
    document = said(body)
    spoken = [(words(quote.content.of(document.text)), speaker(quote)) for quote in document.quotes]
    base = "the flood had cost the town = Vera Lind; The mill will stay shut until the water = Vera Lind"
    base = base if "BASE" in body else ""
    found = [f"{name}: {text}" for text, name in spoken if "the mill will stay shut until the water" in text][1:]
    for wanted in [*filter(None, map(str.strip, expected.split(";"))), *filter(None, base.split("; "))]:
        phrase, _, name = wanted.lstrip("- ").partition("=" if "=" in wanted else "!")
        hits = [who for text, who in spoken if words(phrase) in text]
        name = name.strip()
        if wanted.startswith("-") or "!" in wanted:
            found += [f"not wanted: {who}: {phrase}" for who in hits if wanted.startswith("-") or name in who]
        elif not hits or (name != "?" and name not in hits[0]):
            found.append(f"{hits}: {wanted}")
    return found


@pytest.mark.parametrize("row", ROWS)
def test_who_said_what_in_a_layout(row: str) -> None:
    assert faults(row) == []
