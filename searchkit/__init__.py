"""searchkit: search who said what, about whom, when, and where it was published.

These names are the public API. They are imported on first use, which keeps the start of the command line fast.

    with searchkit.open("index") as archive:
        for row in archive.statements("about:Tiandy act:deny"):
            print(row.statement, row.url)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from searchkit.version import __version__

if TYPE_CHECKING:
    from searchkit.archive import Archive
    from searchkit.crawl.base import FileOptions, Refused
    from searchkit.crawl.files import resources
    from searchkit.errors import SearchkitError
    from searchkit.export.rows import OpenArchive, Rows
    from searchkit.export.rows import open_archive as open  # noqa: A004 - named like gzip.open and tarfile.open
    from searchkit.index.base import FacetRequest, SearchRequest, SearchResult
    from searchkit.ingest import IngestOptions, Outcome
    from searchkit.parse import article as parse_article
    from searchkit.query.parser import parse as parse_query
    from searchkit.search.answer import Answer, QueryRequest, answer
    from searchkit.search.highlight import snippets
    from searchkit.search.statement_text import in_words
    from searchkit.statements import annotate
    from searchkit.statements.dates import PartialDate
    from searchkit.statements.document import Article, Document, Mention, Quote, Resource, Speaker
    from searchkit.statements.text import Span

# Module: its public names.
_EXPORTS = {
    "archive": ("Archive",),
    "crawl.base": ("FileOptions", "Refused"),
    "crawl.files": ("resources",),
    "errors": ("SearchkitError",),
    "export.rows": ("OpenArchive", "Rows", "open"),
    "index.base": ("FacetRequest", "SearchRequest", "SearchResult"),
    "ingest": ("IngestOptions", "Outcome"),
    "parse": ("parse_article",),
    "query.parser": ("parse_query",),
    "search.answer": ("Answer", "QueryRequest", "answer"),
    "search.highlight": ("snippets",),
    "search.statement_text": ("in_words",),
    "statements": ("annotate",),
    "statements.dates": ("PartialDate",),
    "statements.document": ("Article", "Document", "Mention", "Quote", "Resource", "Speaker"),
    "statements.text": ("Span",),
}
_RENAMED = {"open": "open_archive", "parse_article": "article", "parse_query": "parse"}

__all__ = [
    "Answer", "Archive", "Article", "Document", "FacetRequest", "FileOptions", "IngestOptions", "Mention",
    "OpenArchive", "Outcome", "PartialDate", "QueryRequest", "Quote", "Refused", "Resource", "Rows", "SearchRequest",
    "SearchResult", "SearchkitError", "Span", "Speaker", "__version__", "annotate", "answer", "in_words", "open",
    "parse_article", "parse_query", "resources", "snippets",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    for module, names in _EXPORTS.items():
        if name in names:
            value = getattr(import_module(f"searchkit.{module}"), _RENAMED.get(name, name))
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
