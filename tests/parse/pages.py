"""Sample pages, and a function from bytes to an article."""

from datetime import UTC, date, datetime

from searchkit import parse
from searchkit.crawl.base import new_resource
from searchkit.statements.document import Article

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

PARAGRAPHS = (
    "The Ostrava Trade Office has stopped three shipments of lathes, its spokesperson Nadia Korbel said on Tuesday.",
    "“We counted the crates twice and the papers once,” Korbel told reporters. “The papers were one crate short.”",
    "Meridian Optics Ltd, which ordered the machines, called the finding a clerical error and asked for a hearing.",
    "A hearing is expected in spring. Until then the crates stay in hall nine of the river port, under two seals.",
)


def page(head: str = "", body: str = "", *, paragraphs: tuple[str, ...] = PARAGRAPHS) -> str:
    """A news page with menu and footer around an article."""
    text = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">{head}</head><body>'
        f'<nav><ul><li><a href="/">Home</a></li><li><a href="/trade">Trade</a></li></ul></nav>'
        f"<main><article>{body}{text}</article></main>"
        f"<footer><p>All rights reserved by the Harbor Ledger</p></footer></body></html>"
    )


def read(
    content: str | bytes, media_type: str = "text/html", uri: str = "https://ledger.example.org/trade/lathes"
) -> Article:
    """The article in `content`."""
    body = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return parse.article(new_resource(uri, body, media_type=media_type, now=NOW), today=TODAY)
