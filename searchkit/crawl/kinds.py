"""Which files are read, and what their first bytes give away."""

import codecs

RECORD = "application/x-searchkit-record"  # one line of JSON Lines; searchkit.parse knows it by the same name
PLAIN = "text/plain"
HTML = "text/html"
JSON_LINES = "application/jsonl"  # never leaves this room: its lines do, as RECORD
JSON_LINES_GZIP = "application/jsonl+gzip"

_BY_ENDING = {
    ".txt": PLAIN,
    ".text": PLAIN,
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": "application/xhtml+xml",
    ".jsonl": JSON_LINES,
    ".jsonl.gz": JSON_LINES_GZIP,
}
ENDINGS = tuple(_BY_ENDING)

# Text in these encodings is full of NUL bytes; the mark at its start says so.
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SIGNATURES = (
    b"\x7fELF",
    b"MZ\x90",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF-",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"SQLite format 3\0",
)
# Control codes that no text uses. Escape (1b) is left out: Japanese mail encodings use it.
_CONTROLS = bytes([*range(0x09), 0x0E, 0x0F, *range(0x10, 0x1B), *range(0x1C, 0x20), 0x7F])
_SNIFFED = 65_536
# One control code in fifty. Compressed bytes hold one in nine and programs more, while a page that a broken system
# sprinkled with a few NULs is still worth reading.
_TOLERATED = 50
# The first non-blank byte of markup, and what may follow it: `<!doctype`, `<html`, `<?xml`, but not `<3`.
_MARKUP_START = b"<"


def media_type(path: str) -> str | None:
    """The media type that the ending of a path promises, or None for a type that is not read."""
    lowered = path.casefold()
    if lowered.endswith(".jsonl.gz"):
        return JSON_LINES_GZIP
    dot = lowered.rfind(".")
    return _BY_ENDING.get(lowered[dot:]) if dot >= 0 else None


def looks_binary(body: bytes) -> bool:
    """Whether bytes that call themselves text are a program, an image or another format for machines."""
    head = body[:_SNIFFED]
    if head.startswith(_SIGNATURES):
        return True
    if head.startswith(_WIDE_MARKS):
        return False
    return (len(head) - len(head.translate(None, _CONTROLS))) * _TOLERATED > len(head)


def starts_with_markup(body: bytes) -> bool:
    """Whether the first sign of `body` that is not blank opens a tag, a declaration or a comment."""
    head = body[:_SNIFFED].removeprefix(codecs.BOM_UTF8).lstrip()
    return head.startswith(_MARKUP_START) and (head[1:2].isalpha() or head[1:2] in (b"!", b"?"))


def is_blank(body: bytes) -> bool:
    """Whether there is nothing but white space and byte order marks."""
    return not body.strip(b" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe")
