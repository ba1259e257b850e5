"""Parse: turn the bytes of one resource into an Article with normalized text and the metadata it states.

Parse does not fetch, extract names or quotes, or guess dates and authors. Text is normalized here, once. Importing this
package loads none of the format libraries.
"""

from collections.abc import Callable
from datetime import date

from searchkit.errors import InputError
from searchkit.loading import load
from searchkit.parse.base import Draft, finish
from searchkit.statements.document import Article, Resource

__all__ = ["article"]

# Parsers by media type, imported on first use because lxml and PDFium load slowly.
_PARSERS = {
    "application/x-searchkit-record": "searchkit.parse.record:read",
    "text/plain": "searchkit.parse.headers:read",
    "text/markdown": "searchkit.parse.markdown:read",
    "text/html": "searchkit.parse.html.page:read",
    "application/xhtml+xml": "searchkit.parse.html.page:read",
    "application/pdf": "searchkit.parse.pdf:read",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "searchkit.parse.ooxml:read_docx",
    "application/vnd.oasis.opendocument.text": "searchkit.parse.odt:read",
    "application/vnd.oasis.opendocument.spreadsheet": "searchkit.parse.odt:read_sheets",
    "application/vnd.oasis.opendocument.presentation": "searchkit.parse.odt:read_slides",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "searchkit.parse.tables:read_xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "searchkit.parse.ooxml:read_pptx",
    "application/rtf": "searchkit.parse.headers:read_rtf",
    "text/csv": "searchkit.parse.tables:read_csv",
    "application/x-subrip": "searchkit.parse.subtitles:read",
    "text/vtt": "searchkit.parse.subtitles:read",
    "application/epub+zip": "searchkit.parse.odt:read_epub",
    "message/rfc822": "searchkit.parse.message:read",
    "multipart/related": "searchkit.parse.message:read_page",
}
# Only for resources with `ocr`.
_BY_PROGRAMS = {
    "application/pdf": "searchkit.parse.programs:read_scan",
    **dict.fromkeys(
        ("application/msword", "application/vnd.ms-powerpoint", "application/vnd.ms-excel"),
        "searchkit.parse.programs:read_office",
    ),
    **dict.fromkeys(
        ("image/png", "image/jpeg", "image/tiff", "image/bmp", "image/webp"), "searchkit.parse.programs:read_image"
    ),
}


def article(resource: Resource, *, today: date) -> Article:
    """Return the article in `resource`. Raises InputError for an unsupported type, a damaged file or an empty text."""
    by_program = _BY_PROGRAMS.get(resource.media_type) if resource.ocr else None
    parser = by_program or _PARSERS.get(resource.media_type)
    if parser is None:
        raise InputError(f"unsupported file type ({resource.media_type or 'unknown'})")
    read: Callable[..., Draft] = load(parser)
    return finish(read(resource, today=today), resource)
