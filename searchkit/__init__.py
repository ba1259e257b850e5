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
    from searchkit.crawl.base import FileOptions, Refused
    from searchkit.crawl.files import resources
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
    from searchkit.search.statement_text import in_words
    from searchkit.text import Span

# Module: its public names.
_EXPORTS = {
    "archive": ("Archive",),
    "crawl.base": ("FileOptions", "Refused"),
    "crawl.files": ("resources",),
    "dates": ("PartialDate",),
    "document": ("Article", "Document", "Mention", "Quote", "Resource", "Speaker"),
    "errors": ("SearchkitError",),
    "extract.annotation": ("annotate",),
    "index.base": ("FacetRequest", "SearchRequest", "SearchResult"),
    "ingest": ("IngestOptions", "Outcome"),
    "parse": ("parse_article",),
    "query.parser": ("parse_query",),
    "search.answer": ("Answer", "QueryRequest", "answer"),
    "search.highlight": ("snippets",),
    "search.statement_text": ("in_words",),
    "text": ("Span",),
}
_RENAMED = {"parse_article": "article", "parse_query": "parse"}

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
    "in_words",
    "parse_article",
    "parse_query",
    "resources",
    "snippets",
]


def __getattr__(name: str) -> Any:
    for module, names in _EXPORTS.items():
        if name in names:
            value = getattr(import_module(f"searchkit.{module}"), _RENAMED.get(name, name))
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
