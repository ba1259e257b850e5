"""XML, archives and documents in containers: entities, bombs, paths that lead out, and cut or nested files."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib

from tests.formats import zipped
from tests.hostile.cases import Case, Content, Place, PlacedContent, files, page, placed, story

_X, _A = "xml", "archives"


def _feed(needle: str, doctype: str = "", before: str = "", inside: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>Feed</title>{before}<item>'
        f"<title>The crane</title><link>https://ledger.example/{needle}</link>"
        f"<description>{inside}{story(needle)}</description></item></channel></rss>"
    )


def _entities(count: int, copies: int) -> str:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * copies}">' for i in range(1, count))
    return f'<!DOCTYPE rss [<!ENTITY e0 "bomb">{levels}]>'


def _external(place: Place) -> str:
    return f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{place.secret.as_uri()}">]>'


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _docx(needle: str, doctype: str = "", inside: str = "", more: dict[str, bytes | str] | None = None) -> bytes:
    body = f"<w:p><w:r><w:t>{inside}{story(needle)}</w:t></w:r></w:p>"
    document = f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **(more or {})})


def _epub(needle: str, path: str = "c.xhtml", chapter: str = "") -> bytes:
    container = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>'
        f'<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="c" href="{path}" '
        'media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="c"/></spine></package>'
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "book.opf": book,
            "a.xhtml": page(needle).replace("<!doctype html>", "").replace('<meta charset="utf-8">', ""),
            "c.xhtml": chapter or "<html><body><p>And so on.</p></body></html>",
        }
    )


def _many(form: str) -> str:
    return " ".join(form.format(i) for i in range(50_000))


_NETWORK = '<!DOCTYPE rss [<!ENTITY s SYSTEM "http://127.0.0.1:{}/x">]>'
_DTD = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:{}/x.dtd">'
_XI = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{}" parse="text"/>'
_CIRCLE = '<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'
_CHAPTER = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>&s;</p></body></html>"


def _as(doctype: str, root: str) -> str:
    return doctype.replace("rss", root, 1)


_FEEDS: dict[str, PlacedContent] = {
    "entities of megabytes": lambda _, n: _feed(
        n, f'<!DOCTYPE rss [<!ENTITY e "{"x" * 100_000}">]>', inside="&e;" * 5_000
    ),
    "entity in a circle": lambda _, n: _feed(n, _CIRCLE, inside="&a;"),
    "entity of a file": lambda place, n: _feed(n, _external(place), inside="&s;"),
    "entity of a parameter": lambda place, n: _feed(n, _external(place).replace(" s ", " % p ").replace("]", " %p;]")),
    "DTD of a network": lambda place, n: _feed(n, _DTD.format(place.port)),
    "entity of a network": lambda place, n: _feed(n, _NETWORK.format(place.port), inside="&s;"),
    "XInclude": lambda place, n: _feed(n, before=_XI.format(place.secret)),
    "nested 50,000": lambda _, n: _feed(n, before="<a>" * 50_000 + "</a>" * 50_000),
    "50,000 items": lambda _, n: _feed(n, before="<item><title>x</title></item>" * 50_000),
    "50,000 attributes": lambda _, n: _feed(n, before="<a " + _many("a{}='1'") + "/>"),
    "50,000 namespaces": lambda _, n: _feed(n, before="<a " + _many("xmlns:a{0}='u{0}'") + "/>"),
    "cut": lambda _, n: _feed(n)[:-40],
    "CDATA without end": lambda _, n: _feed(n, before="<title><![CDATA[" + "x" * 100_000),
    "unknown encoding": lambda _, n: _feed(n).replace('"1.0"', '"1.0" encoding="x-none"'),
}
_DOCX_XML: dict[str, PlacedContent] = {
    "docx with an entity of a file": lambda place, n: _docx(n, _as(_external(place), "w:document"), "&s;"),
    "docx with entities that double": lambda _, n: _docx(n, _as(_entities(10, 10), "w:document"), "&e9;"),
}
_EPUB_XML: dict[str, PlacedContent] = {
    "epub with a path out": lambda place, n: _epub(n, "../" * 12 + str(place.secret).lstrip("/")),
    "epub with an entity of a file": lambda place, n: _epub(n, chapter=_as(_external(place), "html") + _CHAPTER),
}
XML: tuple[Case, ...] = (
    *(
        Case(name=name, group=_X, expected="either", make=placed(file_name, content))
        for file_name, rows in (("feed.xml", _FEEDS), ("a.docx", _DOCX_XML), ("a.epub", _EPUB_XML))
        for name, content in rows.items()
    ),
    Case(
        name="stylesheet",
        group=_X,
        expected="found",
        make=placed(
            "feed.xml",
            lambda place, n: _feed(n).replace("?>", f'?><?xml-stylesheet type="text/xsl" href="{place.secret}"?>', 1),
        ),
    ),
    *files(
        _X,
        "feed.xml",
        "either",
        {"entities that double": lambda n: _feed(n, _entities(10, 10), inside="&e9;")},
        never=("bombbomb",),
    ),
)


def _bomb(megabytes: int, start: bytes = b"") -> bytes:
    """So many megabytes of blanks, compressed."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    made = [compressor.compress(start)] + [compressor.compress(b" " * 1_000_000) for _ in range(megabytes)]
    return b"".join([*made, compressor.flush()])


def _linked_zip(place: Place, needle: str) -> bytes:
    """Return a zip with a page and a symbolic link to the secret."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("page.html", page(needle))
        link = zipfile.ZipInfo("link.txt")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(place.secret))
    return stream.getvalue()


def _tar(place: Place, needle: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
        for number, kind in enumerate(kinds):
            member = tarfile.TarInfo(f"{number}.txt")
            member.type, member.linkname, member.devmajor, member.devminor = kind, str(place.secret), 1, 5
            archive.addfile(member)
        body = story(needle).encode()
        member = tarfile.TarInfo("../../../story.txt")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return stream.getvalue()


def _nested(depth: int, needle: str) -> bytes:
    made = zipped({"page.html": page(needle)})
    for number in range(depth):
        made = zipped({f"{number}.zip": made})
    return made


def _lying(needle: str) -> bytes:
    """A zip whose member says that it is small."""
    made = bytearray(zipped({"page.html": page(needle) + " " * 30_000_000}))
    at = made.rindex(b"PK\x01\x02")
    made[at + 24 : at + 28] = struct.pack("<I", 1_000)
    return bytes(made)


def _mail(needle: str, fields: str = "", body: str = "") -> str:
    return f"From: a@ledger.example\nSubject: The crane\nMIME-Version: 1.0\n{fields}\n{body or story(needle)}"


def _attached(needle: str, name: str) -> str:
    return _mail(
        needle,
        'Content-Type: multipart/mixed; boundary="b"\n',
        f"--b\nContent-Type: text/plain\n\n{story(needle)}\n--b\nContent-Type: text/html\n"
        f'Content-Disposition: attachment; filename="{name}"\n\n{page("attached")}\n--b--\n',
    )


def _warc(needle: str, length: int = 0) -> bytes:
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page(needle)}".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://ledger.example/{needle}\r\n"
        f"WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Length: {length or len(body)}\r\n"
        "WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def _pdf(needle: str, content: str = "", more: str = "") -> bytes:
    stream = content or f"BT /F1 12 Tf 20 700 Td ({story(needle).splitlines()[0]}) Tj ET"
    return (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        f"/Resources<</Font<</F1 5 0 R>>>>{more}>>endobj\n"
        f"4 0 obj<</Length {len(stream)}>>stream\n{stream}\nendstream endobj\n"
        "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    ).encode("latin-1")


def _pdf_bomb(needle: str) -> bytes:
    """A page whose second content grows to 300 MB."""
    packed = zlib.compress(b"0 0 m " * 50_000_000, 9)
    head, tail = _pdf(needle).replace(b"/Contents 4 0 R", b"/Contents[4 0 R 6 0 R]").split(b"trailer")
    stream = b"6 0 obj<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream endobj\n" % (len(packed), packed)
    return head + stream + b"trailer" + tail


def _gzipped(needle: str) -> bytes:
    return gzip.compress(story(needle).encode(), mtime=0)


_MULTIPART = 'Content-Type: multipart/mixed; boundary="b{0}"\n\n--b{0}\n'
_STEERED = '"The {} \\u001b[2J\\u202e\\ud800 report.", "title": "\\u001b]0;x\\u0007", "uri": "javascript:\\u001b"'
_GZIPS: dict[str, Content] = {
    "gzip in gzip": lambda n: gzip.compress(_gzipped(n), mtime=0),
    "gzip cut": lambda n: _gzipped(n)[:-12],
    "gzip with a wrong sum": lambda n: _gzipped(n)[:-8] + b"\0" * 8,
    "gzip with junk behind": lambda n: _gzipped(n) + b"junk" * 100,
    "10,000 gzips behind each other": lambda n: _gzipped(n) * 10_000,
}
_ZIPS_FOUND: dict[str, Content] = {
    "zip with paths out": lambda n: zipped({"../../x.html": page(n), "/etc/passwd.txt": story("a")}),
    "zip with backslashes": lambda n: zipped({"..\\..\\x.html": page(n), "C:\\x.txt": story("a")}),
    "zip with odd names": lambda n: zipped({"\x1b[2J\u202e\n.html": page(n), "-rf.txt": story("a")}),
}
_ZIPS: dict[str, Content] = {
    "zip of 20,000 empty members": lambda n: zipped({f"{i}.txt": b"" for i in range(20_000)} | {"z.txt": story(n)}),
    "zip in zip in zip": lambda n: _nested(30, n),
    "zip cut": lambda n: zipped({"page.html": page(n)})[:-30],
    "zip that lies about a size": _lying,
    "zip with one name twice": lambda n: zipped({"page.html": page(n)}) + b"PK\x05\x06" + b"\0" * 18,
}
_LARGE_ZIPS: dict[str, Content] = {
    "zip bomb": lambda n: zipped({"page.html": page(n), "x.txt": b" " * 300_000_000}),
    "zip of 30 large members": lambda n: zipped(
        {f"{i}.txt": b"word " * 3_900_000 for i in range(30)} | {"z.txt": story(n)}
    ),
}
_DOCX: dict[str, Content] = {
    "docx cut": lambda n: _docx(n)[:-50],
    "docx without a document": lambda n: zipped({"[Content_Types].xml": "<Types/>", "x.txt": n}),
}
_MAILS: dict[str, Content] = {
    "mail nested 200": lambda n: "Content-Type: message/rfc822\n\n" * 200 + _mail(n),
    "mail of multiparts nested 500": lambda n: "".join(map(_MULTIPART.format, range(500))) + _mail(n),
    "mail with broken base64": lambda n: _mail(n, "Content-Transfer-Encoding: base64\n", "====" * 9_999),
}
_MAILS_FOUND: dict[str, Content] = {
    "mail with 50,000 fields": lambda n: _mail(n, "X-A: b\n" * 50_000),
    "mail with a field of 1 MB": lambda n: _mail(n, "X-A: " + "b " * 500_000 + "\n"),
    "mail with a path for a name": lambda n: _attached(n, "../../../etc/cron.d/x.html"),
    "mail with an escape for a name": lambda n: _attached(n, "\x1b[2J\u202ex.html"),
    "mail with a lying charset": lambda n: _mail(n, "Content-Type: text/plain; charset=x-none\n"),
}
_BOX: dict[str, Content] = {
    "mbox of 20,000 bare lines": lambda n: f"From a@b Mon Jan  1 00:00:00 2024\n{_mail(n)}\n" + "From \n" * 20_000
}
_WARCS: dict[str, Content] = {
    "WARC with a length too long": lambda n: _warc(n, 10**12),
    "WARC with a negative length": lambda n: _warc(n, -5),
    "WARC cut": lambda n: _warc(n)[:-60],
    "WARC of junk between": lambda n: _warc("first") + b"\r\n" * 50_000 + _warc(n),
}
_JSON: dict[str, Content] = {
    "JSON Lines nested": lambda n: "[" * 100_000 + f'\n{{"text": "{n} report said Korbel."}}\n',
    "JSON Lines of odd types": lambda n: f'{{"text": [{{}}]}}\nnull\n7\n{{"text": "The {n} report."}}\n',
    "JSON Lines with escapes": lambda n: f'{{"text": {_STEERED.format(n)}}}\n',
}
_LONG_JSON: dict[str, Content] = {
    "JSON Lines of a long line": lambda n: '{"text": "' + "x" * 12_000_000 + f'"}}\n{{"text": "The {n} report."}}\n'
}
_PDFS_FOUND: dict[str, Content] = {
    "PDF": _pdf,
    "PDF with a script": lambda n: _pdf(n, more="/AA<</O<</S/JavaScript/JS(app.alert(1))>>>>"),
}
_PDFS: dict[str, Content] = {
    "PDF cut": lambda n: _pdf(n)[:-120],
    "PDF with pages in a circle": lambda n: _pdf(n).replace(b"Kids[3 0 R]", b"Kids[2 0 R 3 0 R 2 0 R]"),
    "PDF with a content in a circle": lambda n: _pdf(n).replace(b"/Length", b"/Length 4 0 R/L"),
    "PDF with a million pages": lambda n: _pdf(n).replace(b"/Count 1", b"/Count 1000000"),
    "PDF of nothing but arrays": lambda n: _pdf(n, content="[" * 200_000),
    "PDF of 100,000 texts": lambda n: _pdf(
        n, content=f"BT /F1 9 Tf 9 700 Td ({n} report ) Tj " + "(x) Tj 1 0 Td " * 100_000 + "ET"
    ),
}
ARCHIVES: tuple[Case, ...] = (
    *files(_A, "a.jsonl.gz", "refused", {"gzip bomb of lines": lambda _: _bomb(200)}),
    *files(_A, "story.txt.gz", "refused", {"gzip bomb": lambda n: _bomb(1_000, story(n).encode())}, quick=False),
    *files(_A, "story.txt.gz", "either", _GZIPS),
    *files(_A, "a.zip", "found", _ZIPS_FOUND),
    *files(_A, "a.zip", "either", _ZIPS),
    *files(_A, "a.zip", "either", _LARGE_ZIPS, quick=False),
    Case(name="zip with a link", group=_A, expected="found", make=placed("a.zip", _linked_zip)),
    Case(name="tar", group=_A, expected="skipped", make=placed("a.tar", _tar)),
    Case(name="tar called txt", group=_A, expected="either", make=placed("a.txt", _tar)),
    *files(_A, "a.docx", "either", _DOCX),
    *files(
        _A,
        "a.docx",
        "either",
        {"docx bomb": lambda n: _docx(n, more={"word/media/x.bin": b"\0" * 100_000_000})},
        quick=False,
    ),
    *files(_A, "a.docx", "refused", {"docx with long text": lambda n: _docx(n, inside=" " * 200_000_000)}, quick=False),
    *files(_A, "a.eml", "either", _MAILS),
    *files(_A, "a.eml", "found", _MAILS_FOUND),
    *files(_A, "a.mbox", "either", _BOX),
    *files(_A, "a.warc", "found", {"WARC": _warc}),
    *files(_A, "a.warc", "either", _WARCS),
    *files(_A, "a.jsonl", "found", _JSON),
    *files(_A, "a.jsonl", "found", _LONG_JSON, quick=False),
    *files(_A, "a.pdf", "found", _PDFS_FOUND),
    *files(_A, "a.pdf", "either", _PDFS),
    *files(_A, "a.pdf", "either", {"PDF bomb": _pdf_bomb}, quick=False),
)
