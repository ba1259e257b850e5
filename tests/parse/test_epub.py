"""EPUB: chapters in order, metadata, DRM."""

import pytest

from searchkit.errors import InputError
from searchkit.statements.document import Article
from tests.formats import epub, zipped
from tests.parse.pages import read as read_page

METADATA = (
    "<dc:title>The cranes of Velmar</dc:title><dc:creator>Nadia Korbel and Petr Havel</dc:creator>"
    "<dc:creator>Velmar Press Team</dc:creator><dc:publisher>Harbor Books</dc:publisher><dc:date>2025-05</dc:date>"
    "<dc:language>en-GB</dc:language>"
)


def read(body: bytes) -> Article:
    return read_page(body, "application/epub+zip", "file:///archive/cranes.epub")


def test_chapters_in_order() -> None:
    article = read(
        epub(
            "<h1>One</h1><p>The cranes <b>stood</b> still.</p><script>alert(1)</script>",
            "<h1>Two</h1><p>Nobody knew why.</p>",
            metadata=METADATA,
        )
    )
    assert article.text == "One\n\nThe cranes stood still.\n\nTwo\n\nNobody knew why."
    assert (article.title, article.outlet, article.language) == ("The cranes of Velmar", "Harbor Books", "en")
    assert article.byline == ("Nadia Korbel", "Petr Havel")
    assert article.published and (article.published.value, article.published.source) == ("2025-05", "epub")


def test_other_and_broken_chapters() -> None:
    book = (
        '<package><manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="a" href="a%20b.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="../outside.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="c" href="none.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="i" href="i.svg" media-type="image/svg+xml"/></manifest><spine><itemref idref="n"/>'
        '<itemref idref="a"/><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/><itemref idref="i"/>'
        '<itemref idref="z"/></spine></package>'
    )
    members: dict[str, bytes | str] = {
        "META-INF/container.xml": '<c><rootfile full-path="x/book.opf"/></c>',
        "x/book.opf": book,
        "x/nav.xhtml": "<p>Contents</p>",
        "x/a b.xhtml": "<p>Chapter.</p>",
        "outside.xhtml": "<p>Another.</p>",
        "x/i.svg": "<svg>picture</svg>",
    }
    assert read(zipped(members)).text == "Chapter.\n\nAnother."
    bomb = {**members, "x/a b.xhtml": "<p>" + " " * 8_000_000}
    article = read(zipped(bomb))
    assert article.text == "Another."
    assert article.notes == ("x/a b.xhtml skipped: expands too much (x/a b.xhtml)",)


def test_locked_books() -> None:
    def locked(method: str) -> str:
        return f'<e><EncryptedData><EncryptionMethod Algorithm="{method}"/></EncryptedData></e>'

    with pytest.raises(InputError) as caught:
        read(epub("<p>Words.</p>", **{"META-INF_encryption": locked("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}))
    assert caught.value.message == "encrypted (DRM)"
    fonts = read(epub("<p>Words.</p>", **{"META-INF_encryption": locked("http://www.idpf.org/2008/embedding")}))
    assert fonts.text == "Words."


def test_a_missing_book() -> None:
    with pytest.raises(InputError) as caught:
        read(zipped({"META-INF/container.xml": "<c/>"}))
    assert caught.value.message == "damaged: its container names no book"
