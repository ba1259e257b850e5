"""Pages that stand in place of an article, with status 200: title and lines, by kind and language."""

import json
from collections.abc import Sequence
from pathlib import Path

WALLS: dict[str, list[str]]
UNLISTED: dict[str, list[str]]
WALLS, UNLISTED = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
# Pages with other words than any list has, as a site of another language would show.


def wall_page(lines: Sequence[str], *, head: str = "", before: str = "", form: bool = False) -> str:
    """Return a page of a wall in the template of its site, with `before` above it."""
    title, *rest = lines
    text = before + "".join(f"<p>{line}</p>" for line in rest)
    field = "<form><input name=mail><input type=password name=word></form>" if form else ""
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body><nav><a href='/'>Home</a> "
        f"<a href='/harbor'>Harbour</a></nav><main><article><h1>{title}</h1>{text}{field}</article></main>"
        "<footer><p>All rights reserved by the Velmar Ledger</p></footer></body></html>"
    )
