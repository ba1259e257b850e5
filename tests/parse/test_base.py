"""Drafts become articles: normalization, defaults of the source, refusals."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit import parse
from searchkit.crawl.base import new_resource
from searchkit.errors import InputError
from searchkit.parse.base import Draft, finish, language_code, one_line, web_address
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Resource
from searchkit.statements.text import normalize
from tests.cases import cases
from tests.parse.pages import NOW, TODAY

ONE_DAY = PartialDate(value="2022-12-16", precision="day", source="meta")
OTHER_DAY = PartialDate(value="2021-01-01", precision="day", source="record")


def resource(**defaults: Any) -> Resource:
    made = new_resource("test:1", b"x", media_type="text/plain", now=NOW)
    return replace(made, defaults=defaults)


@pytest.mark.parametrize(("written", "line"), cases(__file__, "test_one_line"))
def test_one_line(written: str | None, line: str | None) -> None:
    assert one_line(written) == line


def test_a_line_is_bounded() -> None:
    assert (one_line("x" * 5_000), one_line(" " * 3_999 + "xyz")) == ("x" * 1_000, "x")
    assert web_address("https://a.example/" + "x" * 1_982)
    assert web_address("https://a.example/" + "x" * 1_983) is None


@given(st.text(st.characters(), max_size=60))
def test_one_line_is_idempotent(written: str) -> None:
    line = one_line(written)
    assert line is None or (one_line(line) == line and "\n" not in line)


@pytest.mark.parametrize(("written", "code"), cases(__file__, "test_languages"))
def test_languages(written: object, code: str | None) -> None:
    assert language_code(written) == code


@pytest.mark.parametrize(("written", "address"), cases(__file__, "test_addresses"))
def test_addresses(written: object, address: str | None) -> None:
    assert web_address(written) == address


def test_a_draft_is_normalized_here() -> None:
    draft = Draft(
        text="Cafe\u0301 one.\r\n\r\nTwo.\u200b \n",
        title=" Cranes\nstand ",
        outlet="Harbor\u00a0Ledger",
        byline=("Nadia\nKorbel", "Nadia Korbel", " ", "Petr Havel"),
        notes=("removed:\nRead more", ""),
        language="en",
        published=ONE_DAY,
        links=("https://a.example/1",),
        extra={"section": "trade"},
    )
    article = finish(draft, resource())
    assert article.text == "Café one.\n\nTwo."
    assert [span.of(article.text) for span in article.paragraphs] == ["Café one.", "Two."]
    assert (article.title, article.outlet) == ("Cranes stand", "Harbor Ledger")
    assert article.byline == ("Nadia Korbel", "Petr Havel")
    assert article.notes == ("removed: Read more",)
    assert (article.uri, article.language, article.published) == ("test:1", "en", ONE_DAY)
    assert (article.links, article.extra) == (("https://a.example/1",), {"section": "trade"})


@given(st.text(st.characters(), min_size=1, max_size=80))
def test_any_text_becomes_an_article_or_is_refused(written: str) -> None:
    try:
        article = finish(Draft(text=written), resource())
    except InputError as error:
        assert error.message == "has no text"
        assert not normalize(written)
    else:
        assert normalize(article.text) == article.text
        assert all(span.of(article.text).strip() for span in article.paragraphs)


def test_the_page_overrides_its_source() -> None:
    source: dict[str, Any] = {
        "title": "Source title",
        "outlet": "Source outlet",
        "language": "de",
        "published": OTHER_DAY,
        "updated": OTHER_DAY,
        "canonical_url": "https://source.example/",
        "byline": ("Petr Havel",),
    }
    page: dict[str, Any] = {
        "title": "Page title",
        "outlet": "Page outlet",
        "language": "en",
        "published": ONE_DAY,
        "updated": ONE_DAY,
        "canonical_url": "https://page.example/",
        "byline": ("Nadia Korbel",),
    }
    for draft, fields in ((Draft(text="x", **page), page), (Draft(text="x"), source)):
        article = finish(draft, resource(**source))
        assert {name: getattr(article, name) for name in fields} == fields


def test_invalid_defaults_of_a_source() -> None:
    article = finish(Draft(text="x"), resource(title=5, published="2022-12-16", language=None))
    assert (article.title, article.published, article.language) == (None, None, None)


@pytest.mark.parametrize("kind", ["application/zip", "text/PLAIN", "image/png"])
def test_unsupported_types(kind: str) -> None:
    made = new_resource("test:1", b"Words.", media_type=kind, now=NOW)
    with pytest.raises(InputError) as caught:
        parse.article(made, today=TODAY)
    assert caught.value.message == f"unsupported file type ({kind})"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"Cranes stood still."),
        ("text/markdown", b"Cranes stood still."),
        ("text/html", b"<p>Cranes stood still.</p>"),
        ("application/xhtml+xml", b"<html><body><p>Cranes stood still.</p></body></html>"),
        ("application/x-searchkit-record", b'{"text": "Cranes stood still."}'),
    ],
)
def test_supported_types(kind: str, body: bytes) -> None:
    article = parse.article(new_resource("test:1", body, media_type=kind, now=NOW), today=TODAY)
    assert article.text == "Cranes stood still."
