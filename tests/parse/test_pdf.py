"""PDF: pages, properties, and unreadable files."""

import io
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from searchkit.errors import InputError
from searchkit.parse.pdf import RUN_OCR
from searchkit.statements.document import Article
from tests.cases import cases
from tests.formats import pdf, printed
from tests.limits import processor_time_below
from tests.parse import pages

HEAD = ("HARBOR LEDGER", 820.0)
FIRST = printed(
    "Cranes of the port stand still",
    "",
    "By Nadia Korbel",
    "",
    "12 May 2025",
    "",
    "The Ostrava Trade Office has stopped three shipments of lathes,",
    "its spokesperson Nadia Korbel said on Tuesday after the admin-",
    "istration had counted the crates twice and the papers once.",
    "",
    "“The papers were one crate short,” she told reporters, “and no-",
)
SECOND = printed(
    "body could say why.” Petr Havel of Meridian Optics called it a",
    "clerical error and asked for a hearing, which is expected soon.",
)


NO_TEXT_LAYER = f"no text layer; {RUN_OCR}"


def headed(number: int, body: list[tuple[float, float, float, str]]) -> list[tuple[float, float, float, str]]:
    return [(72, 820, 8, "HARBOR LEDGER"), *body, (300, 30, 8, str(number))]


def read(body: bytes) -> Article:
    return pages.read(body, "application/pdf", "file:///archive/cranes.pdf")


def reason(body: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(body)
    return caught.value.message


def test_an_article_of_two_pages() -> None:
    article = read(pdf(headed(1, FIRST), headed(2, SECOND)))
    assert article.title == "Cranes of the port stand still"
    assert article.byline == ("Nadia Korbel",)
    assert article.published and (article.published.value, article.published.source) == ("2025-05-12", "header")
    first, second = (span.of(article.text) for span in article.paragraphs)
    assert first.startswith("The Ostrava Trade Office has stopped three shipments of lathes, its spokesperson")
    assert first.endswith("after the administration had counted the crates twice and the papers once.")
    assert "and nobody could say why.” Petr Havel" in second
    assert article.notes == ("removed: HARBOR LEDGER", "removed: 1")
    assert article.page_of(article.text.index("Ostrava")) == 1
    assert article.page_of(article.text.index("nobody")) == 1
    assert article.page_of(article.text.index("could say")) == 2
    assert article.page_of(article.text.index("Petr Havel")) == 2
    assert len(article.pages) == 2


def test_page_offsets() -> None:
    words = "alpha beta gamma delta epsilon".split()
    bodies = [
        printed(*(f"{word} {line}: a sentence that fills its line with words." for line in range(20))) for word in words
    ]
    article = read(pdf(*bodies))
    assert len(article.pages) == 5
    for word, (start, end) in zip(words, pairwise((*article.pages, len(article.text))), strict=True):
        page = article.text[start:end]
        assert page.count(f"{word} ") == 20
        assert page.count(": a sentence") == 20


def test_properties() -> None:
    info = {"Title": "Cranes", "Author": "Petr Havel", "CreationDate": "D:20250512103000+02'00'"}
    article = read(
        pdf(printed(*["These are words of a page that go on and on."] * 4), info=info, catalog="/Lang (en-GB)")
    )
    assert (article.title, article.byline, article.language) == ("Cranes", ("Petr Havel",), "en")
    assert article.published and article.published.value == "2025-05-12T10:30:00+02:00"
    assert (article.published.source, article.published.confidence) == ("pdf", "low")
    odd = {"Title": "Microsoft Word - cranes_final.docx", "Author": "admin", "CreationDate": "D:99999999"}
    article = read(pdf(printed(*["These are words of a page that go on and on."] * 4), info=odd))
    assert (article.title, article.byline, article.published) == (None, (), None)


@pytest.mark.parametrize(("written", "value"), cases(__file__, "test_dates_of_properties"))
def test_dates_of_properties(written: str, value: str | None) -> None:
    article = read(pdf(printed(*["These are words of a page that go on."] * 4), info={"CreationDate": written}))
    assert (article.published and article.published.value) == value


def test_a_title_in_properties_and_text() -> None:
    lines = ["Harbor Ledger Weekend", "", "Cranes stand still", "", *["These are words of a page that go on."] * 5]
    article = read(pdf(printed(*lines), info={"Title": "CRANES STAND STILL"}))
    assert article.title == "CRANES STAND STILL"
    assert read(pdf(printed(*lines), info={"Title": "Template 7"})).title == "Harbor Ledger Weekend"


def test_ligatures_are_letters() -> None:
    letters = "/ToUnicode 6 0 R"
    body = pdf(printed(*["The office filed a flat offer of words and of more words."] * 3)).replace(
        b"/Encoding /WinAnsiEncoding", f"/Encoding /WinAnsiEncoding {letters}".encode()
    )
    # The sign for "o" stands for a ligature here, as in fonts that have one.
    mapping = b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <6F> <FB03> endbfchar"
    filled = body.replace(
        b"6 0 obj\n<<",
        b"6 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n9 0 obj\n<<" % (len(mapping), mapping),
        1,
    )
    assert "ffi" in read(filled).text


def test_scans_are_refused() -> None:
    assert reason(pdf([])) == NO_TEXT_LAYER
    assert reason(pdf([], printed("3"), printed("- 4 -"))) == NO_TEXT_LAYER
    stamped = read(pdf([], printed("3"), printed("Scanned by X")))
    assert stamped.text == "3 Scanned by X"
    assert any(note.startswith("little text: the pages may be scans") for note in stamped.notes)
    words = printed(*["These are words of a page that go on and on, line after line."] * 8)
    assert "pages without text (scanned or empty): 2" in read(pdf(words, [], words)).notes


def test_encrypted_files() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(FIRST))))
    writer.encrypt("secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    assert reason(stream.getvalue()) == "encrypted"
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(FIRST))))
    writer.encrypt("", "secret", algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    assert "Ostrava" in read(stream.getvalue()).text
    body = pdf(FIRST).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /Encrypt << /Filter /Standard /V 5 /R 6 /Length 256 /P -4 /O <00> /U <00> /OE <00> /UE <00>"
        b" /Perms <00> /CF << /StdCF << /CFM /AESV3 >> >> /StmF /StdCF /StrF /StdCF >> /ID [<00> <00>]",
    )
    assert "encrypted" in reason(body) or "damaged" in reason(body)


# A page without a password, encrypted with AES-128 by pypdf and cryptography.
AES = Path(__file__).with_name("aes.pdf").read_bytes()


def test_aes_without_a_password_is_read() -> None:
    assert "The crane number one of the port" in read(AES).text
    assert reason(AES.replace(b"/U <", b"/U <00", 1)) in {"encrypted", "PDF without pages, or damaged PDF"}


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.9, 0.98])
def test_truncated_files(share: float) -> None:
    whole = pdf(headed(1, FIRST), headed(2, SECOND))
    try:
        article = read(whole[: int(len(whole) * share)])
    except InputError as error:
        assert "damaged" in error.message
    else:
        assert "Ostrava" in article.text
        assert article.notes[0].startswith("damaged: ")


def packed(body: bytes) -> bytes:
    """The same file with its pages compressed."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(body)))
    for page in writer.pages:
        page.compress_content_streams()
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.slow
def test_a_truncated_file_is_damaged() -> None:
    whole = packed(pdf(*(FIRST for _ in range(40))))
    for end in range(100, len(whole), 150):
        try:
            article = read(whole[:end])
        except InputError as error:
            assert "damaged" in error.message
        else:
            assert "Ostrava" in article.text or "Cranes" in article.text, "the start of one page is still read"
            assert article.notes[0].startswith("damaged: ")
    hole = whole[: len(whole) // 3] + bytes(len(whole) // 3) + whole[2 * len(whole) // 3 :]
    assert read(hole).notes[0].startswith("damaged: pages not read (unreadable): 15, 16")


def test_fonts_without_characters() -> None:
    unknown = b"".join(b"<%02x> <FFFD>\n" % sign for sign in range(0x20, 0x7F))
    table = b"1 begincodespacerange <00> <FF> endcodespacerange\n95 beginbfchar\n" + unknown + b"endbfchar\nendcmap"
    written = b"99 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\nxref\n0" % (len(table), table)
    body = pdf(FIRST).replace(b"/Encoding /WinAnsiEncoding", b"/ToUnicode 99 0 R").replace(b"xref\n0", written)
    assert reason(body) == f"PDF without searchable text: its fonts do not map to characters; {RUN_OCR}"


def test_a_file_without_its_table() -> None:
    whole = pdf(FIRST, SECOND)
    cut = read(whole[: whole.rindex(b"xref\n0")])
    assert "Petr Havel" in cut.text
    assert cut.notes[0].startswith("damaged: ")
    assert "Petr Havel" in read(whole.replace(b"startxref\n", b"startxref\n9")).text


def test_an_unreadable_page_does_not_lose_the_others() -> None:
    body = pdf(FIRST, SECOND).replace(b"/Contents 5 0 R", b"/Contents (no)", 1)
    article = read(body)
    assert "Petr Havel" in article.text
    assert article.notes


def flate(content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    body = pdf([])
    return body.replace(
        b"<< /Length 0  >>\nstream\nendstream",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    )


HOSTILE: dict[str, bytes | Callable[[], bytes]] = {
    "nothing": b"%PDF-1.7",
    "noise": b"%PDF-1.7\n" + bytes(range(256)) * 2_000,
    "bomb": lambda: flate(b"BT (x) Tj ET " * 30_000_000),
    "page tree in a circle": pdf(FIRST).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"),
    "contents in a circle": pdf(FIRST).replace(b"/Contents 5 0 R", b"/Contents 4 0 R"),
    "no pages": pdf(),
    "lying count": pdf(FIRST).replace(b"/Count 1", b"/Count 999999999"),
    "lying length": pdf(FIRST).replace(b"/Length ", b"/Length 99999"),
    "deep arrays": lambda: flate(b"[" * 200_000),
    "deep dictionary": pdf(FIRST, catalog="/X " + "<< /A " * 20_000 + ">>" * 20_000),
    "many operators": lambda: flate(b"q " * 400_000),
    "previous table in a circle": pdf(FIRST).replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"),
}


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name: str) -> None:
    made = HOSTILE[name]
    body = made() if callable(made) else made
    with processor_time_below(20):
        try:
            assert read(body).text
        except InputError as error:
            assert "\n" not in error.message
