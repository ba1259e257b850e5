"""Short annotated articles for the tests of histories. People and bodies are invented."""

from typing import Any

from msgspec.structs import replace

from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article, Document, Quote
from searchkit.statements.text import paragraphs
from tests.samples import day


def article(
    key: str, text: str, published_on: str | None = "2024-05-06", *, wire: str = "", **changes: Any
) -> Document:
    """Return an annotated article of an outlet that has the name of its key; `wire` may be an unknown agency."""
    fields: dict[str, Any] = {
        "uri": f"https://{key}.example/1",
        "outlet": key,
        "language": "en",
        "published": day(published_on) if published_on else None,
        "text": text,
        "paragraphs": paragraphs(text),
    }
    document = annotate(Article(**(fields | changes)), seen_at="2025-01-02T03:04:05+00:00")
    return replace(document, wire=wire or None)


def statements(*documents: Document) -> list[tuple[Document, Quote]]:
    """Return the statements of documents, in order."""
    return [(document, quote) for document in documents for quote in document.statements]
