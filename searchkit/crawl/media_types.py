"""What kind of document bytes are: what their name promises, and what they give away themselves."""

import codecs
import re

RECORD = "application/x-searchkit-record"  # one line of JSON Lines; searchkit.parse knows it by the same name
PLAIN = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
XHTML = "application/xhtml+xml"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"
MESSAGE = "message/rfc822"  # both: a document, and the container of its attachments
MHTML = "multipart/related"

# Containers. Their types never leave this room: what they hold does.
JSON_LINES = "application/jsonl"
MBOX = "application/mbox"
FEED = "application/rss+xml"  # RSS and Atom alike
XML = "application/xml"  # a promise only: such a file is a feed, or a page, or is not read
WARC = "application/warc"
ZIP = "application/zip"
GZIP = "application/gzip"
CONTAINERS = frozenset({JSON_LINES, MBOX, FEED, WARC, ZIP, GZIP})

_BY_ENDING = {
    ".txt": PLAIN,
    ".text": PLAIN,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": XHTML,
    ".mht": MHTML,
    ".mhtml": MHTML,
    ".pdf": PDF,
    ".docx": DOCX,
    ".odt": ODT,
    ".epub": EPUB,
    ".eml": MESSAGE,
    ".mbox": MBOX,
    ".mbx": MBOX,
    ".rss": FEED,
    ".atom": FEED,
    ".xml": XML,
    ".warc": WARC,
    ".jsonl": JSON_LINES,
    ".zip": ZIP,
}
_GZIPPED = ".gz"
ENDINGS = tuple(_BY_ENDING)

_READ_AS = {
    "application/x-pdf": PDF,
    "text/x-markdown": MARKDOWN,
    "application/x-mimearchive": MHTML,
    "application/atom+xml": FEED,
    "application/rdf+xml": FEED,
    "text/xml": XML,
    "application/x-zip-compressed": ZIP,
    "application/x-gzip": GZIP,
    **{kind: kind for kind in (*_BY_ENDING.values(), GZIP, RECORD)},
}
# What a server or a mail program says when it does not know.
_UNTOLD = frozenset(
    """
    application/octet-stream binary/octet-stream application/unknown application/x-unknown unknown/unknown text/unknown
    content/unknown application/download application/x-download application/force-download */*
    """.split()
) | {""}
_PACKAGES = frozenset({DOCX, ODT, EPUB, ZIP})  # all are zip archives

# Text in these encodings is full of NUL bytes; the mark at its start says so.
_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKS = (*_WIDE_MARKS, codecs.BOM_UTF8)
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an archive with nothing in it
_GZIP_SIGNATURE = b"\x1f\x8b"
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word before 2007, and what Word makes when it encrypts
_SIGNATURES = (
    b"\x7fELF",
    b"MZ\x90",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF-",
    *_ZIP_SIGNATURES,
    _GZIP_SIGNATURE,
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"SQLite format 3\0",
)
_PDF_SIGNATURE = b"%PDF-"
_PDF_REACH = 1_024  # readers of PDF look so far for its signature
_PDF_OBJECTS = re.compile(rb"(?:\bendobj|\bendstream|\bstartxref)\b")
# Control codes that no text uses. Escape (1b) is left out: Japanese mail encodings use it.
_CONTROLS = bytes([*range(0x09), 0x0E, 0x0F, *range(0x10, 0x1B), *range(0x1C, 0x20), 0x7F])
_SNIFFED = 65_536
# One control code in fifty. Compressed bytes hold one in nine and programs more, while a page that a broken system
# sprinkled with a few NULs is still worth reading.
_TOLERATED = 50
# What may follow the first sign of markup: `<!doctype`, `<html`, `<?xml`, but not `<3`.
_ANY_TAG = re.compile(rb"<[A-Za-z/!?]")
_ELEMENT = re.compile(rb"<([A-Za-z][A-Za-z0-9:_-]{0,40})")
_HTML_DOCTYPE = re.compile(rb"<!doctype\s{1,20}html\b", re.IGNORECASE)
_PAGE_ROOTS = frozenset({b"html", b"head", b"body"})
_FEED_ROOTS = frozenset({b"rss", b"feed", b"rdf:rdf"})
_PROLOG = 32  # so many declarations and comments are passed on the way to the first element
# "From sender@example.org Mon May 12 10:00:00 2025", and a header line below it.
FROM_LINE = re.compile(rb"From [^\r\n]{1,300}?\d{1,2}:\d\d[^\r\n]{0,60}\r?\n")
_HEADER = re.compile(rb"[!-9;-~]{1,80}:")
_MAIL_FIELDS = re.compile(
    rb"(?:message-id|mime-version|received|return-path|delivered-to|x-mailer|dkim-signature):", re.IGNORECASE
)
_HEADER_LINES = 200
_DIRECTORY_ENTRY = b"PK\x01\x02"
_DIRECTORY_END = b"PK\x05\x06"
_ENTRIES = 2_000  # names looked at; what makes a package what it is stands in far fewer


def media_type(path: str) -> str | None:
    """The media type that the ending of a path promises, or None for a type that is not read."""
    lowered = path.casefold()
    if lowered.endswith(_GZIPPED):
        inner = _by_ending(lowered.removesuffix(_GZIPPED))
        return GZIP if inner is not None and inner != ZIP else None
    return _by_ending(lowered)


def _by_ending(lowered: str) -> str | None:
    dot = lowered.rfind(".")
    return _BY_ENDING.get(lowered[dot:]) if dot >= 0 else None


def is_read(declared: str) -> bool:
    """Whether a media type, as a server or a message states it, is one that is read."""
    return declared in _READ_AS


def is_untold(declared: str) -> bool:
    """Whether a media type is what servers and mail programs say of anything."""
    return declared in _UNTOLD


def settled(promised: str, body: bytes) -> str | None:
    """The media type of `body`, whose name or server promises `promised`; None when it is nothing that is read.

    `promised` is lower case without parameters, or empty. The answer may be one of CONTAINERS. A promise is kept unless
    the bytes are plainly something else. Pure and cheap: nothing is parsed, and but for the list of contents of a zip
    archive only the first 64 kB are looked at, so that the beginning of a body can stand for it.
    """
    told = _READ_AS.get(promised)
    head = body[:_SNIFFED]
    if head.startswith(_ZIP_SIGNATURES):
        return _package(told, body)
    if head.startswith(_GZIP_SIGNATURE):
        return GZIP
    if head.startswith(b"WARC/"):
        return WARC
    if head.startswith(_PDF_SIGNATURE) or (told == PDF and _PDF_SIGNATURE in head[:_PDF_REACH]):
        return PDF
    if told in {GZIP, ZIP, WARC, JSON_LINES, RECORD} and not _is_page(head):
        return told  # their readers say best what is wrong
    if told in _PACKAGES and head.startswith(_OLE_SIGNATURE):
        return told
    if told == PDF and _PDF_OBJECTS.search(head) and not _is_page(head):
        return told  # without its beginning, so that its text is none
    if looks_binary(head) or (told is None and not is_untold(promised)):
        return None
    return _text_kind(told, head)


def _text_kind(told: str | None, head: bytes) -> str | None:
    """The kind of readable bytes."""
    text = _narrow(head)
    root = _first_element(text)
    if _HTML_DOCTYPE.match(text) or root in _PAGE_ROOTS:
        return told if told in {HTML, XHTML} else HTML
    if root in _FEED_ROOTS and (told in {FEED, XML, HTML, XHTML} or text.startswith(b"<?xml")):
        return FEED
    if told in {FEED, XML}:
        return None
    if told in {MESSAGE, MHTML, MARKDOWN}:
        return told
    if told in {HTML, XHTML}:
        return told if root or _ANY_TAG.search(text) else PLAIN
    if FROM_LINE.match(text) and (told == MBOX or _is_message(text[text.find(b"\n") + 1 :])):
        return MBOX
    if _is_message(text):
        return MESSAGE
    if told == MBOX:
        return None
    return HTML if told != PLAIN and _ANY_TAG.match(text) else PLAIN


def mislabelled(promised: str, kind: str) -> str:
    """What the notes of a document say when it is no `promised` but a `kind`; empty when promise and bytes agree."""
    told = _READ_AS.get(promised)
    if told is None or told in {kind, XML, RECORD} or {told, kind} <= {HTML, XHTML} or kind in CONTAINERS:
        return ""
    return f"type: {promised} was promised, the bytes are {kind}"


def why_unread(promised: str, body: bytes) -> str:
    """Why `settled` gave None, as one clear line."""
    told = _READ_AS.get(promised)
    if body.startswith(_ZIP_SIGNATURES):
        return "is a zip archive of a kind that is not read (a spreadsheet, slides, a program)"
    if body.startswith(_OLE_SIGNATURE):
        return "is of an old binary format that is not read (.doc, .xls, .msg)"
    if looks_binary(body):
        return f"is no {promised}, but looks binary" if told in {PDF, *_PACKAGES} else "looks binary"
    if told in {FEED, XML}:
        return "is XML, but neither a feed nor a page" if _first_element(_narrow(body[:_SNIFFED])) else "is no feed"
    if told == MBOX:
        return "is no mailbox: no message begins in it"
    return f"is of a type that is not read ({promised or 'unknown'})"


def _package(told: str | None, body: bytes) -> str | None:
    """Which of the formats that are zip archives this is; what is promised when its list of contents is not at hand."""
    kind = _stated(body)
    if kind is not None:
        return kind
    names = _names(body)
    if not names:
        return told if told in _PACKAGES else ZIP
    if "[Content_Types].xml" in names:
        return DOCX if any(name.startswith("word/") for name in names) else None
    if "META-INF/container.xml" in names and "mimetype" in names:
        return EPUB
    if "META-INF/manifest.xml" in names and "content.xml" in names:
        return told if told == ODT else None  # spreadsheets and slides have the same names
    return None if "META-INF/MANIFEST.MF" in names else ZIP


def _stated(body: bytes) -> str | None:
    """The type that EPUB and OpenDocument state in their first member, called `mimetype` and stored as it is."""
    if body[30:38] != b"mimetype":
        return None
    stated = body[38:200]
    return next((kind for kind in (EPUB, ODT) if stated.lstrip(b"\0").startswith(kind.encode() + b"PK")), None)


def _names(body: bytes) -> set[str]:
    """Names in the list of contents that ends a zip archive; empty when there is none, as in the beginning of one."""
    end = body.rfind(_DIRECTORY_END, max(0, len(body) - _SNIFFED - 22))
    position = int.from_bytes(body[end + 16 : end + 20], "little") if end >= 0 else 0
    names: set[str] = set()
    while 0 < position < len(body) and len(names) < _ENTRIES and body.startswith(_DIRECTORY_ENTRY, position):
        name, extra, comment = (
            int.from_bytes(body[position + at : position + at + 2], "little") for at in (28, 30, 32)
        )
        names.add(body[position + 46 : position + 46 + name].decode("utf-8", "replace"))
        position += 46 + name + extra + comment
    return names


def _narrow(head: bytes) -> bytes:
    """`head` without its byte order mark, white space in front, and the NULs of wide encodings."""
    wide = head.startswith(_WIDE_MARKS)
    for mark in _MARKS:
        if head.startswith(mark):
            head = head[len(mark) :]
            break
    return (head.replace(b"\0", b"") if wide else head).lstrip()


def _first_element(text: bytes) -> bytes:
    """The name, in lower case, of the element that markup begins with, behind declarations and comments, or nothing."""
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


def _is_page(head: bytes) -> bool:
    text = _narrow(head)
    return _HTML_DOCTYPE.match(text) is not None or _first_element(text) in _PAGE_ROOTS


def _is_message(text: bytes) -> bool:
    """Whether this begins with the header of a mail: nothing but fields, and one that mail programs write."""
    told = False
    for number, line in enumerate(text[:_SNIFFED].split(b"\n", _HEADER_LINES)[:_HEADER_LINES]):
        if not line.strip():
            return told and number > 1
        if line[:1] in b" \t":
            if number == 0:
                return False
        elif not _HEADER.match(line):
            return False
        told = told or _MAIL_FIELDS.match(line) is not None
    return told


def looks_binary(body: bytes) -> bool:
    """Whether bytes that call themselves text are a program, an image or another format for machines."""
    head = body[:_SNIFFED]
    if head.startswith(_SIGNATURES):
        return True
    if head.startswith(_WIDE_MARKS):
        return False
    return (len(head) - len(head.translate(None, _CONTROLS))) * _TOLERATED > len(head)


def is_blank(body: bytes) -> bool:
    """Whether there is nothing but white space and byte order marks."""
    return not body.strip(b" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe")
