"""searchkit: search who said what, about whom, when, and where it was published.

These names are the public API. They are imported on first use, which keeps the start of the command line fast.

    with searchkit.Archive.create(Path("index")) as archive:
        for batch in archive.ingest(searchkit.resources(["seeds/"], searchkit.FileOptions(), now=now), ...):
            ...
        request = searchkit.QueryRequest(query="Tiandy", today=today)
        for found in searchkit.answer(archive, request).records:
            ...
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from searchkit.version import __version__

if TYPE_CHECKING:
    from searchkit.archive import Archive
    from searchkit.crawl import FileOptions, Refused, resources
    from searchkit.dates import PartialDate
    from searchkit.document import Article, Document, Mention, Quote, Resource, Speaker
    from searchkit.errors import SearchkitError
    from searchkit.extract.annotation import annotate
    from searchkit.index.base import FacetRequest, SearchRequest, SearchResult
    from searchkit.ingest import IngestOptions, Outcome
    from searchkit.parse import article as parse_article
    from searchkit.query.parser import parse as parse_query
    from searchkit.search.answer import Answer, QueryRequest, answer
    from searchkit.search.highlight import snippets
    from searchkit.text import Span

# Public name: its module, and its name there.
_EXPORTS = {
    "Answer": ("searchkit.search.answer", "Answer"),
    "Archive": ("searchkit.archive", "Archive"),
    "Article": ("searchkit.document", "Article"),
    "Document": ("searchkit.document", "Document"),
    "FacetRequest": ("searchkit.index.base", "FacetRequest"),
    "FileOptions": ("searchkit.crawl", "FileOptions"),
    "IngestOptions": ("searchkit.ingest", "IngestOptions"),
    "Mention": ("searchkit.document", "Mention"),
    "Outcome": ("searchkit.ingest", "Outcome"),
    "PartialDate": ("searchkit.dates", "PartialDate"),
    "QueryRequest": ("searchkit.search.answer", "QueryRequest"),
    "Quote": ("searchkit.document", "Quote"),
    "Refused": ("searchkit.crawl", "Refused"),
    "Resource": ("searchkit.document", "Resource"),
    "SearchRequest": ("searchkit.index.base", "SearchRequest"),
    "SearchResult": ("searchkit.index.base", "SearchResult"),
    "SearchkitError": ("searchkit.errors", "SearchkitError"),
    "Span": ("searchkit.text", "Span"),
    "Speaker": ("searchkit.document", "Speaker"),
    "annotate": ("searchkit.extract.annotation", "annotate"),
    "answer": ("searchkit.search.answer", "answer"),
    "parse_article": ("searchkit.parse", "article"),
    "parse_query": ("searchkit.query.parser", "parse"),
    "resources": ("searchkit.crawl", "resources"),
    "snippets": ("searchkit.search.highlight", "snippets"),
}

__all__ = [
    "Answer",
    "Archive",
    "Article",
    "Document",
    "FacetRequest",
    "FileOptions",
    "IngestOptions",
    "Mention",
    "Outcome",
    "PartialDate",
    "QueryRequest",
    "Quote",
    "Refused",
    "Resource",
    "SearchRequest",
    "SearchResult",
    "SearchkitError",
    "Span",
    "Speaker",
    "__version__",
    "annotate",
    "answer",
    "parse_article",
    "parse_query",
    "resources",
    "snippets",
]


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _EXPORTS[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
