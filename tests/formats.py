"""Small files of every format, made where they are used."""

import io
import sys
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def zipped(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive; a member called `mimetype` is stored, as the formats with one require."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else method)
    return stream.getvalue()


def zstd_compressed(content: bytes, *, window_log: int = 20) -> bytes:
    """A Zstandard frame of unknown length, with a window of 2 to the power of `window_log` bytes."""
    parameters = zstd.CompressionParameter
    stream = zstd.ZstdCompressor(options={int(parameters.window_log): window_log})
    return stream.compress(content) + stream.flush()


def docx(*paragraphs: str, body: str = "", **members: str) -> bytes:
    """A DOCX of plain paragraphs, or with this `body`; `members` by name, `docProps_core` for docProps/core.xml."""
    text = body or "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    more = {f"{name.replace('_', '/')}.xml": content for name, content in members.items()}
    document = f'<w:document xmlns:w="{_W}"><w:body>{text}</w:body></w:document>'
    return zipped({"[Content_Types].xml": _TYPES, "word/document.xml": document, **more})


def odt(
    *paragraphs: str, body: str = "", styles: str = "", meta: str = "", manifest: str = "<m/>", kind: str = "text"
) -> bytes:
    """An OpenDocument text (or `spreadsheet`, `presentation`) of plain paragraphs, or with this `body`."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "draw", "meta", "style", "presentation")
    )
    names += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    text = body or "".join(f"<text:p>{paragraph}</text:p>" for paragraph in paragraphs)
    content = f"<office:document-content{names}><office:automatic-styles>{styles}</office:automatic-styles>"
    content += f"<office:body><office:{kind}>{text}</office:{kind}></office:body>"
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": manifest,
            "content.xml": f"{content}</office:document-content>",
            "meta.xml": f"<office:document-meta{names}><office:meta>{meta}</office:meta></office:document-meta>",
        }
    )


def epub(*chapters: str, metadata: str = "", **members: str) -> bytes:
    """An EPUB, one page a chapter, listed in the other order than they are read; `members` as for `docx`."""
    numbers = range(1, len(chapters) + 1)
    items = "".join(
        f'<item id="c{number}" href="text/c{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in reversed(numbers)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in numbers)
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{metadata}</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    pages = {
        f"OEBPS/text/c{number}.xhtml": f"<html><head><title>x</title></head><body>{chapter}</body></html>"
        for number, chapter in zip(numbers, chapters, strict=True)
    }
    more = {f"{name.replace('_', '/')}.xml": content for name, content in members.items()}
    container = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/book.opf": book,
            **pages,
            **more,
        }
    )


def message(text: str = "Nadia Korbel said the cranes were sound.\n", *, html: str = "", **fields: Any) -> EmailMessage:
    """A message; `fields` are header fields, `message_id` for Message-ID."""
    made = EmailMessage()
    values = {
        "from": "Nadia Korbel <nadia@ledger.example>",
        "to": "desk@ledger.example",
        "subject": "Cranes stand still",
        "date": "Mon, 12 May 2025 10:00:00 +0200",
        "message_id": "<one@ledger.example>",
        **fields,
    }
    for name, value in values.items():
        if value is not None:
            made[name.replace("_", "-")] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def mail(text: str = "Nadia Korbel said the cranes were sound.\n", **fields: Any) -> bytes:
    """The bytes of a `message`."""
    return message(text, **fields).as_bytes()


Placed = tuple[float, float, float, str]
"""A printed line: where it begins, its size of type in points, its words."""


def printed(*lines: str, top: float = 780, left: float = 72, size: float = 10, leading: float = 12) -> list[Placed]:
    """Lines below each other, as on a page; an empty one leaves half a line free."""
    placed: list[Placed] = []
    y = top
    for line in lines:
        if line:
            placed.append((left, y, size, line))
        y -= leading if line else leading / 2
    return placed


def pdf(*pages: Sequence[Placed], info: Mapping[str, str] | None = None, catalog: str = "", stream: str = "") -> bytes:
    """A PDF of such pages; characters of cp1252 only. `catalog` and `stream` add raw entries to those objects."""
    entries = "".join(f"/{key} ({value})" for key, value in (info or {}).items())
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        escaped = (
            (x, y, size, text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")) for x, y, size, text in page
        )
        content = "".join(f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n" for x, y, size, text in escaped)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content.encode('cp1252'))} {stream} >>\nstream\n{content}endstream")
    objects.append(f"<< {entries} >>")
    body = b"%PDF-1.4\n"
    offsets = []
    for number, written in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{written}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    trailer = f"trailer\n<< /Size {count} /Root 1 0 R /Info {count - 1} 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {count}\n0000000000 65535 f \n{table}{trailer}".encode()


def pptx(*slides: str, notes: str = "") -> bytes:
    """A presentation of slides with one paragraph each, shown in the reverse order of their files; `notes` on the
    first."""
    a, r = "http://schemas.openxmlformats.org/drawingml/2006/main", "http://schemas.openxmlformats.org/officeDocument"
    relations = '<Relationships xmlns="r">{}</Relationships>'.format
    relation = f'<Relationship Id="r{{}}" Type="{r}/2006/relationships/{{}}" Target="{{}}"/>'.format

    def shape(text: str) -> str:
        number = '<a:p><a:fld type="slidenum"><a:t>7</a:t></a:fld></a:p>'
        return f'<p:sld xmlns:p="p" xmlns:a="{a}"><a:p><a:r><a:t>{text}</a:t></a:r></a:p>{number}</p:sld>'

    count = len(slides)
    order = "".join(f'<p:sldId id="{256 + n}" r:id="r{count - n}"/>' for n in range(count))
    names = [f"slides/slide{count - n}.xml" for n in range(count)]
    targets = "".join(relation(count - n, "slide", name) for n, name in enumerate(names))
    return zipped(
        {
            "[Content_Types].xml": _TYPES,
            "ppt/presentation.xml": f'<p:presentation xmlns:p="p" xmlns:r="{r}">{order}</p:presentation>',
            "ppt/_rels/presentation.xml.rels": relations(targets),
            **{f"ppt/{name}": shape(text) for name, text in zip(names, slides, strict=True)},
            f"ppt/slides/_rels/slide{count}.xml.rels": relations(relation(1, "notesSlide", "../notesSlides/n.xml")),
            "ppt/notesSlides/n.xml": shape(notes),
        }
    )
