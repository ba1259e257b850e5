"""Mail messages and saved pages."""

from email.message import EmailMessage

import pytest

from searchkit.errors import InputError
from searchkit.statements.document import Article
from tests.cases import cases
from tests.formats import mail, message
from tests.limits import processor_time_below
from tests.parse import pages

LETTER = (
    "<html><head><style>p {}</style></head><body><table>"
    "<tr><td><a href='https://ledger.example/web'>View in browser</a></td></tr>"
    "<tr><td><h1>Weekly letter</h1><p>Nadia Korbel said on Monday that the cranes were sound.</p></td></tr>"
    "<tr><td>Unsubscribe</td></tr></table></body></html>"
)


def read(body: bytes, kind: str = "message/rfc822") -> Article:
    return pages.read(body, kind, "file:///archive/letter.eml")


def reason(body: bytes, kind: str = "message/rfc822") -> str:
    with pytest.raises(InputError) as caught:
        read(body, kind)
    return caught.value.message


def test_a_message() -> None:
    article = read(mail("Dear desk,\n\nthe cranes were sound.\n", list_id="Desk <desk.ledger.example>"))
    assert article.title == "Cranes stand still"
    assert article.byline == ("Nadia Korbel",)
    assert article.published is not None
    assert (article.published.value, article.published.source) == ("2025-05-12T10:00:00+02:00", "mail")
    assert article.published.confidence == "high"
    assert article.text == "Dear desk,\n\nthe cranes were sound."
    assert article.extra == {
        "sender": "Nadia Korbel <nadia@ledger.example>",
        "recipients": ["desk@ledger.example"],
        "message_id": "one@ledger.example",
        "list": "Desk <desk.ledger.example>",
    }


def test_only_a_person_is_a_byline() -> None:
    article = read(mail(**{"from": "Harbor Ledger Newsroom <news@ledger.example>"}))
    assert article.byline == ()
    assert article.extra["sender"] == "Harbor Ledger Newsroom <news@ledger.example>"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (b"=?utf-8?q?Kr=C3=A4ne_stehen?= =?utf-8?b?IHN0aWxs?=", "Kräne stehen still"),
        (b"=?gb2312?B?yrLDtA==?= now", "什么 now"),
        (b"=?nowhere?q?Kr=C3=A4ne?=", "Kräne"),
        (b"=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("Kräne stehen".encode(), "Kräne stehen"),
        ("Kräne stehen".encode("latin-1"), "Kräne stehen"),
        (b"Cranes\n stand\n\tstill", "Cranes stand still"),
        (b"", None),
    ],
)
def test_titles_of_every_encoding(raw: bytes, title: str | None) -> None:
    assert read(b"Subject: " + raw + b"\nMIME-Version: 1.0\n\nWords.\n").title == title


@pytest.mark.parametrize(("written", "value"), cases(__file__, "test_dates"))
def test_dates(written: str, value: str | None) -> None:
    published = read(f"Date: {written}\nSubject: x\n\nWords.\n".encode()).published
    assert (published and published.value) == value


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("text/plain; charset=utf-8", "Kräne".encode()),
        ("text/plain; charset=iso-8859-1", "Kräne".encode("latin-1")),
        ("text/plain; charset=us-ascii", "Kräne".encode()),
        ("text/plain; charset=nowhere", "Kräne".encode()),
        ("text/plain", "Kräne".encode()),
        ("text/plain; charset", "Kräne".encode()),
        ("text/plain; charset=utf-16", b"Kr\xc3\xa4ne"),
    ],
)
def test_wrong_charsets(header: str, body: bytes) -> None:
    assert read(f"Subject: x\nContent-Type: {header}\n\n".encode() + body).text == "Kräne"


def test_transfer_encodings_and_their_damage() -> None:
    head = b"Subject: x\nMIME-Version: 1.0\nContent-Transfer-Encoding: "
    assert read(head + b"quoted-printable\n\nKr=C3=A4ne ste=\nhen").text == "Kräne stehen"
    assert read(head + b"base64\n\nS3LDpG5l\n").text == "Kräne"
    assert read(head + b"base64\n\nS3LDpG5\n").text.startswith("Kr")
    assert read(head + b"unheard-of\n\nWords.").text == "Words."


def test_the_plain_alternative_is_preferred() -> None:
    both = message("The cranes were sound, said Nadia Korbel.\n", html=LETTER)
    assert read(both.as_bytes()).text == "The cranes were sound, said Nadia Korbel."
    stub = message("See the web.\n", html=LETTER)
    article = read(stub.as_bytes())
    assert "Nadia Korbel said on Monday that the cranes were sound." in article.text
    assert "Weekly letter" in article.text
    assert "p {}" not in article.text
    assert article.links == ("https://ledger.example/web",)


def test_a_message_in_html() -> None:
    made = EmailMessage()
    made["Subject"] = "Weekly"
    made.set_content(LETTER, subtype="html")
    lines = "View in browser/Weekly letter/Nadia Korbel said on Monday that the cranes were sound./Unsubscribe"
    assert read(made.as_bytes()).text.split("\n\n") == lines.split("/")


def test_attachments_are_not_text() -> None:
    made = message("Own words.\n")
    made.add_attachment("Words of a file.", filename="a.txt")
    made.add_attachment(message("Words of another.\n"))
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="a.pdf")
    assert read(made.as_bytes()).text == "Own words."


def test_several_text_parts() -> None:
    body = (
        b"Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nFirst.\n--b\n"
        b"Content-Type: text/plain\n\nSecond.\n--b--\n"
    )
    assert read(body).text == "First.\n\nSecond."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not a mail message: it has no header"),
        (b"Subject: x\n\n", "has no text"),
        (b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b--\n", "has no text"),
        (b"Subject: x\nContent-Type: application/pkcs7-mime\n\nAAAA", "encrypted"),
        (b"Subject: x\nContent-Type: multipart/encrypted; boundary=b; protocol=x\n\n--b\n\nA\n--b--", "encrypted"),
    ],
)
def test_messages_without_text(body: bytes, why: str) -> None:
    assert reason(body) == why


def saved(**fields: str) -> bytes:
    page = pages.page('<title>Lathes stopped</title><meta property="article:published_time" content="2025-05-12">')
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return (
        f"From: <Saved by a browser>\r\nSubject: Lathes\r\n{head}MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n--b\r\nContent-Type: image/png\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0=\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Location: https://ledger.example.org/trade/lathes\r\n\r\n{page}\r\n--b\r\n"
        "Content-Type: text/html\r\n\r\n<p>A box beside it.</p>\r\n--b--\r\n"
    ).encode()


def test_a_saved_page_is_its_main_page() -> None:
    article = read(saved(), "multipart/related")
    assert article.title == "Lathes stopped"
    assert article.canonical_url == "https://ledger.example.org/trade/lathes"
    assert article.published and article.published.value == "2025-05-12"
    assert pages.PARAGRAPHS[0] in article.text
    assert "A box beside it" not in article.text
    assert "Home" not in article.text


def test_invalid_saved_pages() -> None:
    none = (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: image/png\n\nx\n--b--\n"
    )
    assert reason(none, "multipart/related") == "saved web page (MHTML) without a page"
    assert reason(b"words", "multipart/related") == "saved web page (MHTML) without a page"
    whole = saved()
    assert pages.PARAGRAPHS[0] in read(whole[: whole.index(b"Until then")], "multipart/related").text


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(3_000))
HOSTILE = {
    "nested": NESTED,
    "nested and long": NESTED[: len(NESTED) // 10] + b"\nx" * 5_000_000,
    "from": b"From: " + b"a <b>, " * 200_000 + b"\n\nWords.",
    "from in parentheses": b"From: " + b"(" * 500_000 + b"\n\nWords.",
    "subject": b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\nWords.",
    "date": b"Date: " + b"1 " * 500_000 + b"\n\nWords.",
    "fields": b"A: b\n" * 500_000 + b"\nWords.",
    "parameters": b"Content-Type: text/plain" + b"; a=b" * 1_000_000 + b"\n\nWords.",
    "folded parameters": b"Content-Type: text/plain" + b";\n a=b" * 1_000_000 + b"\n\nWords.",
    "fields of types": b"Content-Type: text/plain\n" * 500_000 + b"\n\nWords.",
    "many parts": b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + b"\nx\n--b\n" * 100_000,
    "html": b"Content-Type: text/html\n\n" + b"<div>" * 300_000 + b"Words.",
    "encoded": b"Subject: x\nContent-Transfer-Encoding: base64\n\n" + b"=" * 5_000_000,
    "quoted": b"Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=" * 5_000_000,
    "surrogates": b"Subject: \xff\xfe=?utf-8?b?\xff?=\nFrom: \xff <\xff>\nDate: \xff\n\n\xff\xfe Words.",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/related"])
def test_hostile_messages(name: str, kind: str) -> None:
    with processor_time_below(15):
        try:
            assert read(HOSTILE[name], kind).text
        except InputError as error:
            assert "\n" not in error.message


def test_deep_nesting_is_refused() -> None:
    deep = b"".join(b"Subject: %d\nContent-Type: message/rfc822\n\n" % number for number in range(2_000))
    assert reason(deep + b"Words.\n") == "nested too deep"
