"""Media types: what a file name or server declares, and what the bytes show."""

import codecs
import re
from io import BytesIO
from zipfile import BadZipFile, LargeZipFile, ZipFile

RECORD = "application/x-searchkit-record"  # a line of JSON Lines; searchkit.parse uses the same name
PLAIN = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
XHTML = "application/xhtml+xml"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
EPUB = "application/epub+zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
RTF = "application/rtf"
CSV = "text/csv"
SRT = "application/x-subrip"
VTT = "text/vtt"
MESSAGE = "message/rfc822"  # a document, and the container of its attachments
MHTML = "multipart/related"

# Containers: crawl yields their parts, never a container itself.
JSON_LINES = "application/jsonl"
MBOX = "application/mbox"
FEED = "application/rss+xml"  # RSS and Atom alike
XML = "application/xml"  # declared only: such a file is a feed, a page, or unsupported
WARC = "application/warc"
ZIP = "application/zip"
GZIP = "application/gzip"
CONTAINERS = frozenset({JSON_LINES, MBOX, FEED, WARC, ZIP, GZIP})

_BY_ENDING = {
    **dict.fromkeys((".txt", ".text"), PLAIN), **dict.fromkeys((".md", ".markdown"), MARKDOWN),
    **dict.fromkeys((".html", ".htm"), HTML), ".xhtml": XHTML, **dict.fromkeys((".mht", ".mhtml"), MHTML), ".pdf": PDF,
    ".docx": DOCX, ".odt": ODT, ".ods": ODS, ".odp": ODP, ".epub": EPUB, **dict.fromkeys((".xlsx", ".xlsm"), XLSX),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), PPTX), ".rtf": RTF, **dict.fromkeys((".csv", ".tsv"), CSV),
    ".srt": SRT, ".vtt": VTT, ".eml": MESSAGE, ".mbox": MBOX, **dict.fromkeys((".rss", ".atom"), FEED), ".xml": XML,
    ".warc": WARC, ".jsonl": JSON_LINES, ".zip": ZIP,
}  # fmt: skip
ENDINGS = tuple(_BY_ENDING)
# Types that only programs of the machine read, and how their files begin.
_BY_PROGRAMS = {
    ".doc": "application/msword", ".ppt": "application/vnd.ms-powerpoint", ".xls": "application/vnd.ms-excel",
    ".png": "image/png", **dict.fromkeys((".jpg", ".jpeg"), "image/jpeg"),
    **dict.fromkeys((".tif", ".tiff"), "image/tiff"), ".bmp": "image/bmp", ".webp": "image/webp",
}  # fmt: skip

# Supported types as servers and messages state them, with ours.
SUPPORTED = {
    "application/x-pdf": PDF, "text/x-markdown": MARKDOWN, "text/rtf": RTF, "text/tab-separated-values": CSV,
    "text/srt": SRT, "application/x-mimearchive": MHTML, "application/atom+xml": FEED, "application/rdf+xml": FEED,
    "text/xml": XML, "application/x-zip-compressed": ZIP, "application/x-gzip": GZIP,
    **{kind: kind for kind in (*_BY_ENDING.values(), GZIP, RECORD)},
}  # fmt: skip
# Types that servers and mail programs state for anything.
GENERIC = frozenset(
    """
    application/octet-stream binary/octet-stream application/unknown application/x-unknown unknown/unknown text/unknown
    content/unknown application/download application/x-download application/force-download */*
    """.split()
) | {""}
_OPEN_DOCUMENT = frozenset({ODT, ODS, ODP})
_PACKAGES = frozenset({DOCX, EPUB, XLSX, PPTX, ZIP}) | _OPEN_DOCUMENT  # all are zip archives
_OFFICE = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}  # by the folder of their parts

# Text in these encodings is full of NUL bytes.
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKS = (*_WIDE_MARKS, codecs.BOM_UTF8)
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # the second is that of an empty archive
_GZIP_SIGNATURE = b"\x1f\x8b"
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word before 2007, and encrypted Word files
_SIGNATURES = (
    *(b"\x7fELF", b"MZ\x90", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf"),
    *(*_ZIP_SIGNATURES, _GZIP_SIGNATURE, b"SQLite format 3\0", _OLE_SIGNATURE, b"II*\0", b"MM\0*"),
    b"filedesc://",  # ARC, the predecessor of WARC
)
# Uncompressed pictures have few control codes.
_PICTURES = re.compile(rb"BM.{4}\0\0\0\0|RIFF.{4}WEBP", re.DOTALL)
_PROGRAM_SIGNATURES: dict[str, bytes | tuple[bytes, ...]] = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8\xff",
    "image/tiff": (b"II*\0", b"MM\0*"),
    "image/bmp": b"BM",
    "image/webp": b"RIFF",
}
_PDF_SIGNATURE = b"%PDF-"
_RTF_SIGNATURE = b"{\\rtf"
_PDF_REACH = 1_024  # PDF readers look this far for the signature
_PDF_OBJECTS = re.compile(rb"(?:\bendobj|\bendstream|\bstartxref)\b")
# Control codes that no text uses, except Escape (1b): Japanese mail encodings use it.
_CONTROLS = bytes([*range(0x09), 0x0E, 0x0F, *range(0x10, 0x1B), *range(0x1C, 0x20), 0x7F])
_SNIFFED = 65_536
# One control code in fifty is tolerated: compressed bytes have one in nine, a damaged page a few NULs.
_TOLERATED = 50
_ANY_TAG = re.compile(rb"<[A-Za-z/!?]")
_ELEMENT = re.compile(rb"<([A-Za-z][A-Za-z0-9:_-]{0,40})")
_HTML_DOCTYPE = re.compile(rb"<!doctype\s{1,20}html\b", re.IGNORECASE)
_PAGE_ROOTS = frozenset({b"html", b"head", b"body"})
_FEED_ROOTS = frozenset({b"rss", b"feed", b"rdf"})  # with any prefix
_PROLOG = 32  # declarations and comments skipped before the first element
# For example: From sender@example.org Mon May 12 10:00:00 2025. Thunderbird also writes `From ` and `From - `.
FROM_LINE = re.compile(rb"From (?:[^\r\n]{1,300}?\d{1,2}:\d\d[^\r\n]{0,60}|(?P<bare>-?[ \t]{0,4}))\r?\n")
HEADER = re.compile(rb"[!-9;-~]{1,80}:")
_MAIL_FIELDS = re.compile(
    rb"(?:message-id|mime-version|received|return-path|delivered-to|x-mailer|dkim-signature):", re.IGNORECASE
)
_HEADER_LINES = 200
_EXTENSION = re.compile(r"\.[A-Za-z0-9_-]{1,12}(?:\.gz)?\Z", re.IGNORECASE)
_DIRECTORY_ENTRY = b"PK\x01\x02"
ZIP_ERRORS = (BadZipFile, LargeZipFile, NotImplementedError, ValueError, EOFError, OverflowError)
_ENTRIES = 2_000


def media_type(path: str, *, ocr: bool = False) -> str | None:
    """Return the media type that the extension of a path indicates; None if it is not supported, for some types without
    `ocr`."""
    lowered = path.casefold()
    if ocr and (kind := _BY_PROGRAMS.get(lowered[lowered.rfind(".") :])):
        return kind
    name = lowered.removesuffix(".gz")
    kind = _BY_ENDING.get(name[name.rfind(".") :])
    if name == lowered or kind is None:
        return kind
    # A .gz file holds one file; a zip archive inside it would nest containers and is not supported.
    return GZIP if kind != ZIP else None


def unread_kind(name: str) -> str:
    """Return as what a file that is not read is counted: `hidden`, `README`, or its extension."""
    if name.startswith("."):
        return "hidden"
    if is_readme(name):
        return "README"
    match = _EXTENSION.search(name)
    return match[0].lower() if match else "no extension"


def is_readme(name: str) -> bool:
    """Return whether a file describes its folder and is not an article."""
    return name.upper() in {"README.MD", "README.TXT", "README.HTML", "README.MARKDOWN"}


def detect(declared: str, body: bytes) -> str | None:
    """Return the media type of `body` (possibly one of CONTAINERS); None if it is not supported.

    `declared` is lower case without parameters, or empty. It is kept unless the bytes are clearly something else. Only
    the first 64 kB are read, and the directory of a zip archive, so that the start of a body can stand for it.
    """
    stated = SUPPORTED.get(declared)
    head = body[:_SNIFFED]
    if head.startswith(_ZIP_SIGNATURES):
        return _package(stated, body)
    if head.startswith(_GZIP_SIGNATURE):
        return GZIP
    if head.startswith(b"WARC/"):
        return WARC
    if head.startswith(_PDF_SIGNATURE) or (stated == PDF and _PDF_SIGNATURE in head[:_PDF_REACH]):
        return PDF
    if stated in {GZIP, ZIP, WARC, JSON_LINES, RECORD} and not _is_page(head):
        return stated  # their readers report damage best
    if stated in _PACKAGES and head.startswith(_OLE_SIGNATURE):
        return stated
    if stated == PDF and _PDF_OBJECTS.search(head) and not _is_page(head):
        return stated  # a PDF without its beginning
    if looks_binary(head) or (stated is None and declared not in GENERIC):
        return None
    return _text_type(stated, head)


def _text_type(stated: str | None, head: bytes) -> str | None:
    text = _narrow(head)
    root = _first_element(text)
    if _HTML_DOCTYPE.match(text) or root in _PAGE_ROOTS:
        return stated if stated in {HTML, XHTML} else HTML
    if root.rpartition(b":")[2] in _FEED_ROOTS and (stated in {FEED, XML, HTML, XHTML} or text.startswith(b"<?xml")):
        return FEED
    if stated in {FEED, XML}:
        return None
    if text.startswith(_RTF_SIGNATURE) or stated == RTF:
        return RTF if text.startswith(_RTF_SIGNATURE) else None
    if stated in {MESSAGE, MHTML, MARKDOWN, CSV, SRT, VTT}:
        return stated
    if stated in {HTML, XHTML}:
        return stated if root or _ANY_TAG.search(text) else PLAIN
    kind = _mail_type(stated, text)
    if kind or stated == MBOX:
        return kind
    return HTML if stated != PLAIN and _ANY_TAG.match(text) else PLAIN


def _mail_type(stated: str | None, text: bytes) -> str | None:
    if FROM_LINE.match(text) and (stated == MBOX or _is_message(text[text.find(b"\n") + 1 :])):
        return MBOX
    return MESSAGE if _is_message(text) else None


def program_type(name: str, body: bytes) -> str | None:
    """Return the media type of a file that only programs of this machine read; None for all others."""
    kind = media_type(name, ocr=True)
    return kind if kind and body.startswith(_PROGRAM_SIGNATURES.get(kind, _OLE_SIGNATURE)) else None


def unsupported_reason(declared: str, body: bytes) -> str:
    """Return why `detect` returned None, in one line."""
    if body.startswith(_OLE_SIGNATURE):
        return "unsupported old binary format (.doc, .xls, .msg)"
    if SUPPORTED.get(declared) in _PACKAGES | {PDF, RTF, FEED, XML, MBOX}:
        return "not of the type that its name or media type states"
    return "looks binary" if looks_binary(body) else f"unsupported type ({declared or 'unknown'})"


def _package(stated: str | None, body: bytes) -> str | None:
    """Return which format based on zip this is; the stated one if the directory is not available."""
    # EPUB and OpenDocument state their type in the first member, called `mimetype` and stored uncompressed.
    if body[30:38] == b"mimetype":
        for kind in (EPUB, ODT, ODS, ODP):
            if body[38:200].lstrip(b"\0").startswith(kind.encode() + b"PK"):
                return kind
    names = _member_names(body)
    if not names:
        return stated if stated in _PACKAGES else ZIP
    if "[Content_Types].xml" in names:
        return next((kind for folder, kind in _OFFICE.items() if any(name.startswith(folder) for name in names)), None)
    if "META-INF/container.xml" in names and "mimetype" in names:
        return EPUB
    if "META-INF/manifest.xml" in names and "content.xml" in names:
        return stated if stated in _OPEN_DOCUMENT else None  # all of them, and drawings, have the same names
    return None if "META-INF/MANIFEST.MF" in names else ZIP


def _member_names(body: bytes) -> set[str]:
    """Return the names in the directory at the end of a zip archive; empty if it is missing or large."""
    try:
        if body.count(_DIRECTORY_ENTRY) <= _ENTRIES:
            return set(ZipFile(BytesIO(body)).namelist())
    except ZIP_ERRORS:
        pass
    return set()


def _narrow(head: bytes) -> bytes:
    """Return `head` without byte order mark, leading white space, and the NULs of wide encodings."""
    wide = head.startswith(_WIDE_MARKS)
    for mark in _MARKS:
        if head.startswith(mark):
            head = head[len(mark) :]
            break
    return (head.replace(b"\0", b"") if wide else head).lstrip()


def _first_element(text: bytes) -> bytes:
    """Return the lower-case name of the first element after declarations and comments, or nothing."""
    position = 0
    for _ in range(_PROLOG):
        while text[position : position + 1].isspace() or text[position : position + 1] in {b"]", b">"}:
            position += 1  # the second ends the declarations inside a document type
        closing = b"-->" if text.startswith(b"<!--", position) else b"?>" if text.startswith(b"<?", position) else b">"
        if closing == b">" and not text.startswith(b"<!", position):
            break
        end = text.find(closing, position)
        if end < 0:
            return b""
        position = end + len(closing)
    match = _ELEMENT.match(text, position)
    return match[1].lower() if match else b""


def root_element(body: bytes) -> bytes:
    """Return the lower-case name of the first element of a page or an XML file, without prefix; empty for none."""
    return _first_element(_narrow(body[:_SNIFFED])).rpartition(b":")[2]


def _is_page(head: bytes) -> bool:
    text = _narrow(head)
    return _HTML_DOCTYPE.match(text) is not None or _first_element(text) in _PAGE_ROOTS


def _is_message(text: bytes) -> bool:
    """Return whether this begins with a mail header: only fields, among them one that mail programs write."""
    is_mail = False
    for number, line in enumerate(text[:_SNIFFED].split(b"\n", _HEADER_LINES)[:_HEADER_LINES]):
        if not line.strip():
            return is_mail and number > 1
        if line[:1] in b" \t":
            if number == 0:
                return False
        elif not HEADER.match(line):
            return False
        is_mail = is_mail or _MAIL_FIELDS.match(line) is not None
    return is_mail


def looks_binary(body: bytes) -> bool:
    """Return whether bytes declared as text are a program, an image or another binary format."""
    head = body[:_SNIFFED]
    if head.startswith(_SIGNATURES) or _PICTURES.match(head):
        return True
    if head.startswith(_WIDE_MARKS):
        return False
    return (len(head) - len(head.translate(None, _CONTROLS))) * _TOLERATED > len(head)


def is_blank(body: bytes) -> bool:
    """Return whether there is nothing but white space and byte order marks."""
    return not body.strip(b" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe")
