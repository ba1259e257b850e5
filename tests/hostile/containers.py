"""XML, archives and documents in containers: entities, bombs, paths that lead out, and what is cut or nested."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from tests.hostile.cases import Case, Expected, Make, Place, file, grouped, page, story

_X = "xml"


def _placed(name: str, content: Callable[[Place, str], str | bytes]) -> Make:
    """As `file`, for what must know where the secret lies."""

    def make(place: Place, needle: str) -> None:
        made = content(place, needle)
        (place.folder / name).write_bytes(made.encode("utf-8") if isinstance(made, str) else made)

    return make


def _feed(needle: str, doctype: str = "", before: str = "", inside: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel><title>Feed</title>{before}<item>'
        f"<title>The crane</title><link>https://ledger.example/{needle}</link>"
        f"<description>{inside}{story(needle)}</description></item></channel></rss>"
    )


def _entities(count: int, copies: int) -> str:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * copies}">' for i in range(1, count))
    return f'<!DOCTYPE rss [<!ENTITY e0 "bomb">{levels}]>'


def _xml(name: str, content: Callable[[Place, str], str], expected: Expected = "either", **more: Any) -> Case:
    return Case(name=name, group=_X, expected=expected, make=_placed("feed.xml", content), **more)


def _external(place: Place) -> str:
    return f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{place.secret.as_uri()}">]>'


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _zip(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _docx(needle: str, doctype: str = "", inside: str = "", more: dict[str, bytes | str] | None = None) -> bytes:
    body = f"<w:p><w:r><w:t>{inside}{story(needle)}</w:t></w:r></w:p>"
    document = f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return _zip({"[Content_Types].xml": types, "word/document.xml": document, **(more or {})})


def _epub(needle: str, path: str = "c.xhtml", chapter: str = "") -> bytes:
    container = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>'
        f'<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="c" href="{path}" '
        'media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="c"/></spine></package>'
    )
    return _zip(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "book.opf": book,
            "a.xhtml": page(needle).replace("<!doctype html>", "").replace('<meta charset="utf-8">', ""),
            "c.xhtml": chapter or "<html><body><p>And so on.</p></body></html>",
        }
    )


XML = grouped(
    _X,
    [
        _xml("entities that double", lambda _, n: _feed(n, _entities(10, 10), inside="&e9;"), never=("bombbomb",)),
        _xml(
            "entities of megabytes",
            lambda _, n: _feed(n, f'<!DOCTYPE rss [<!ENTITY e "{"x" * 100_000}">]>', inside="&e;" * 5_000),
        ),
        _xml(
            "entity in a circle",
            lambda _, n: _feed(n, '<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', inside="&a;"),
        ),
        _xml("entity of a file", lambda place, n: _feed(n, _external(place), inside="&s;")),
        _xml(
            "entity of a parameter",
            lambda place, n: _feed(n, f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{place.secret.as_uri()}"> %p;]>'),
        ),
        _xml(
            "DTD of a network",
            lambda place, n: _feed(n, f'<!DOCTYPE rss SYSTEM "http://127.0.0.1:{place.port}/x.dtd">'),
        ),
        _xml(
            "entity of a network",
            lambda place, n: _feed(
                n, f'<!DOCTYPE rss [<!ENTITY s SYSTEM "http://127.0.0.1:{place.port}/x">]>', inside="&s;"
            ),
        ),
        _xml(
            "XInclude",
            lambda place, n: _feed(
                n, before=f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{place.secret}" parse="text"/>'
            ),
        ),
        _xml(
            "stylesheet",
            lambda place, n: _feed(n).replace("?>", f'?><?xml-stylesheet type="text/xsl" href="{place.secret}"?>', 1),
            "found",
        ),
        _xml("nested 50,000", lambda _, n: _feed(n, before="<a>" * 50_000 + "</a>" * 50_000)),
        _xml("50,000 items", lambda _, n: _feed(n, before="<item><title>x</title></item>" * 50_000)),
        _xml(
            "50,000 attributes",
            lambda _, n: _feed(n, before="<a " + " ".join(f"a{i}='1'" for i in range(50_000)) + "/>"),
        ),
        _xml(
            "50,000 namespaces",
            lambda _, n: _feed(n, before="<a " + " ".join(f"xmlns:a{i}='u{i}'" for i in range(50_000)) + "/>"),
        ),
        _xml("cut", lambda _, n: _feed(n)[:-40], "either"),
        _xml("CDATA without end", lambda _, n: _feed(n, before="<title><![CDATA[" + "x" * 100_000)),
        _xml("encoding that is none", lambda _, n: _feed(n).replace('"1.0"', '"1.0" encoding="x-none"')),
        Case(
            name="docx with an entity of a file",
            group=_X,
            expected="either",
            make=_placed("a.docx", lambda place, n: _docx(n, _external(place).replace("rss", "w:document"), "&s;")),
        ),
        Case(
            name="docx with entities that double",
            group=_X,
            expected="either",
            make=file("a.docx", lambda n: _docx(n, _entities(10, 10).replace("rss", "w:document"), "&e9;")),
        ),
        Case(
            name="epub with a path out",
            group=_X,
            expected="either",
            make=_placed("a.epub", lambda place, n: _epub(n, "../" * 12 + str(place.secret).lstrip("/"))),
        ),
        Case(
            name="epub with an entity of a file",
            group=_X,
            expected="either",
            make=_placed(
                "a.epub",
                lambda place, n: _epub(
                    n,
                    chapter=f'<!DOCTYPE html [<!ENTITY s SYSTEM "{place.secret.as_uri()}">]>'
                    "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>&s;</p></body></html>",
                ),
            ),
        ),
    ],
)

_A = "archives"


def _file(
    name: str, file_name: str, content: Callable[[str], str | bytes], expected: Expected = "either", **more: Any
) -> Case:
    return Case(name=name, group=_A, expected=expected, make=file(file_name, content), **more)


def _bomb(megabytes: int, start: bytes = b"") -> bytes:
    """So many megabytes of blanks, compressed."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    made = [compressor.compress(start)] + [compressor.compress(b" " * 1_000_000) for _ in range(megabytes)]
    return b"".join([*made, compressor.flush()])


def _linked_zip(place: Place, needle: str) -> bytes:
    """A zip with a symbolic link to the secret beside a page."""
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
    made = _zip({"page.html": page(needle)})
    for number in range(depth):
        made = _zip({f"{number}.zip": made})
    return made


def _lying(needle: str) -> bytes:
    """A zip whose member says that it is small."""
    made = bytearray(_zip({"page.html": page(needle) + " " * 30_000_000}))
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


ARCHIVES = grouped(
    _A,
    [
        _file("gzip bomb", "story.txt.gz", lambda n: _bomb(1_000, story(n).encode()), "refused", quick=False),
        _file("gzip bomb of lines", "a.jsonl.gz", lambda _: _bomb(200), "refused"),
        _file(
            "gzip in gzip", "story.txt.gz", lambda n: gzip.compress(gzip.compress(story(n).encode(), mtime=0), mtime=0)
        ),
        _file("gzip cut", "story.txt.gz", lambda n: gzip.compress(story(n).encode(), mtime=0)[:-12]),
        _file(
            "gzip with a wrong sum",
            "story.txt.gz",
            lambda n: gzip.compress(story(n).encode(), mtime=0)[:-8] + b"\0" * 8,
        ),
        _file(
            "gzip with junk behind", "story.txt.gz", lambda n: gzip.compress(story(n).encode(), mtime=0) + b"junk" * 100
        ),
        _file(
            "10,000 gzips behind each other",
            "story.txt.gz",
            lambda n: gzip.compress(story(n).encode(), mtime=0) * 10_000,
        ),
        _file(
            "zip with paths out",
            "a.zip",
            lambda n: _zip({"../../x.html": page(n), "/etc/passwd.txt": story("a")}),
            "found",
        ),
        _file(
            "zip with backslashes",
            "a.zip",
            lambda n: _zip({"..\\..\\x.html": page(n), "C:\\x.txt": story("a")}),
            "found",
        ),
        Case(name="zip with a link", group=_A, expected="found", make=_placed("a.zip", _linked_zip)),
        _file("zip bomb", "a.zip", lambda n: _zip({"page.html": page(n), "x.txt": b" " * 300_000_000}), quick=False),
        _file(
            "zip of 30 large members",
            "a.zip",
            lambda n: _zip({f"{i}.txt": b"word " * 3_900_000 for i in range(30)} | {"z.txt": story(n)}),
            quick=False,
        ),
        _file(
            "zip of 20,000 empty members",
            "a.zip",
            lambda n: _zip({f"{i}.txt": b"" for i in range(20_000)} | {"z.txt": story(n)}),
        ),
        _file("zip in zip in zip", "a.zip", lambda n: _nested(30, n), "either"),
        _file("zip cut", "a.zip", lambda n: _zip({"page.html": page(n)})[:-30]),
        _file("zip that lies about a size", "a.zip", _lying),
        _file("zip with one name twice", "a.zip", lambda n: _zip({"page.html": page(n)}) + b"PK\x05\x06" + b"\0" * 18),
        _file(
            "zip with odd names",
            "a.zip",
            lambda n: _zip({"\x1b[2J\u202e\n.html": page(n), "-rf.txt": story("a")}),
            "found",
        ),
        Case(name="tar", group=_A, expected="skipped", make=_placed("a.tar", _tar)),
        Case(name="tar called txt", group=_A, expected="either", make=_placed("a.txt", _tar)),
        _file("docx bomb", "a.docx", lambda n: _docx(n, more={"word/media/x.bin": b"\0" * 100_000_000}), quick=False),
        _file(
            "docx with a bomb for a text",
            "a.docx",
            lambda n: _docx(n, inside=" " * 200_000_000),
            "refused",
            quick=False,
        ),
        _file("docx cut", "a.docx", lambda n: _docx(n)[:-50]),
        _file("docx without a document", "a.docx", lambda n: _zip({"[Content_Types].xml": "<Types/>", "x.txt": n})),
        _file(
            "mail nested 200",
            "a.eml",
            lambda n: "".join("Content-Type: message/rfc822\n\n" for _ in range(200)) + _mail(n),
        ),
        _file(
            "mail of multiparts nested 500",
            "a.eml",
            lambda n: (
                "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(500)) + _mail(n)
            ),
        ),
        _file("mail with 50,000 fields", "a.eml", lambda n: _mail(n, "X-A: b\n" * 50_000), "found"),
        _file("mail with a field of 1 MB", "a.eml", lambda n: _mail(n, "X-A: " + "b " * 500_000 + "\n"), "found"),
        _file("mail with a path for a name", "a.eml", lambda n: _attached(n, "../../../etc/cron.d/x.html"), "found"),
        _file("mail with an escape for a name", "a.eml", lambda n: _attached(n, "\x1b[2J\u202ex.html"), "found"),
        _file(
            "mail with a lying charset",
            "a.eml",
            lambda n: _mail(n, "Content-Type: text/plain; charset=x-none\n"),
            "found",
        ),
        _file(
            "mail with broken base64",
            "a.eml",
            lambda n: _mail(n, "Content-Transfer-Encoding: base64\n", "====" * 9_999),
        ),
        _file(
            "mbox of 20,000 bare lines",
            "a.mbox",
            lambda n: f"From a@b Mon Jan  1 00:00:00 2024\n{_mail(n)}\n" + "From \n" * 20_000,
        ),
        _file("WARC", "a.warc", _warc, "found"),
        _file("WARC with a length too long", "a.warc", lambda n: _warc(n, 10**12)),
        _file("WARC with a length below zero", "a.warc", lambda n: _warc(n, -5)),
        _file("WARC cut", "a.warc", lambda n: _warc(n)[:-60]),
        _file("WARC of junk between", "a.warc", lambda n: _warc("first") + b"\r\n" * 50_000 + _warc(n)),
        _file(
            "JSON Lines nested",
            "a.jsonl",
            lambda n: "[" * 100_000 + f'\n{{"text": "{n} report said Korbel."}}\n',
            "found",
        ),
        _file(
            "JSON Lines of odd types",
            "a.jsonl",
            lambda n: f'{{"text": [{{}}]}}\nnull\n7\n{{"text": "The {n} report."}}\n',
            "found",
        ),
        _file(
            "JSON Lines with escapes",
            "a.jsonl",
            lambda n: (
                f'{{"text": "The {n} \\u001b[2J\\u202e\\ud800 report.", "title": "\\u001b]0;x\\u0007", '
                '"uri": "javascript:\\u001b"}\n'
            ),
            "found",
        ),
        _file(
            "JSON Lines of a long line",
            "a.jsonl",
            lambda n: '{"text": "' + "x" * 12_000_000 + f'"}}\n{{"text": "The {n} report."}}\n',
            "found",
            quick=False,
        ),
        _file("PDF", "a.pdf", _pdf, "found"),
        _file("PDF cut", "a.pdf", lambda n: _pdf(n)[:-120]),
        _file(
            "PDF with pages in a circle", "a.pdf", lambda n: _pdf(n).replace(b"Kids[3 0 R]", b"Kids[2 0 R 3 0 R 2 0 R]")
        ),
        _file("PDF with a content in a circle", "a.pdf", lambda n: _pdf(n).replace(b"/Length", b"/Length 4 0 R/L")),
        _file("PDF with a million pages", "a.pdf", lambda n: _pdf(n).replace(b"/Count 1", b"/Count 1000000")),
        _file(
            "PDF with a script", "a.pdf", lambda n: _pdf(n, more="/AA<</O<</S/JavaScript/JS(app.alert(1))>>>>"), "found"
        ),
        _file("PDF bomb", "a.pdf", _pdf_bomb, quick=False),
        _file("PDF of nothing but arrays", "a.pdf", lambda n: _pdf(n, content="[" * 200_000)),
        _file(
            "PDF of 100,000 texts",
            "a.pdf",
            lambda n: _pdf(n, content=f"BT /F1 9 Tf 9 700 Td ({n} report ) Tj " + "(x) Tj 1 0 Td " * 100_000 + "ET"),
        ),
    ],
)
