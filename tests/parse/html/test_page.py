import subprocess
import sys

import pytest

from searchkit import parse
from searchkit.crawl.base import FileOptions
from searchkit.crawl.files import resources
from searchkit.errors import InputError
from searchkit.statements.document import Resource
from tests.cases import cases
from tests.limits import processor_time_below
from tests.parse.pages import NOW, PARAGRAPHS, TODAY, page, read

NEWS = (
    '<meta property="og:title" content="Office stops three shipments">'
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Office stops three shipments"}</script>'
)


def test_the_body() -> None:
    article = read(page(NEWS, "<h1>Office stops three shipments</h1><p>By Tomas Vrba</p>"))
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert [span.of(article.text) for span in article.paragraphs] == list(PARAGRAPHS)
    assert article.byline == ("Tomas Vrba",)
    assert article.notes == ("removed: By Tomas Vrba",)


def test_link_lines_are_removed_with_a_note() -> None:
    related = '<p>Read more: <a href="/cranes">The cranes of the river port stand still</a></p>'
    linked = '<p>Korbel showed <a href="https://board.example.org/papers?a=1&amp;b=2">the papers</a> to no other.</p>'
    markup = page(NEWS).replace("</article>", linked + related + PARAGRAPHS[0].join(["<p>", "</p>"]) + "</article>")
    article = read(markup)
    assert "Read more" not in article.text
    assert "Korbel showed the papers to no other." in article.text
    assert "removed: Read more: The cranes of the river port stand still" in article.notes
    assert article.links == ("https://board.example.org/papers?a=1&b=2",)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [240, 255, 900, 2_100, 20_000, 100_000])
def test_nesting_loses_no_words(depth: int) -> None:
    inside = "<p>The needle lay in hall nine of the river port, under two seals, as Nadia Korbel had said.</p>"
    after = "<p>A second needle was found on Friday behind the crane, and nobody asked for it before the spring.</p>"
    with processor_time_below(10):
        article = read("<html><body>" + "<div>" * depth + inside + "</div>" * depth + after + "</body></html>")
    assert "The needle lay in hall nine" in article.text
    assert "A second needle" in article.text
    assert depth < 254 or article.notes[0].startswith("fallback: all ")


@pytest.mark.slow
@pytest.mark.parametrize(
    "markup",
    [
        *cases(__file__, "test_hostile_pages"),
        "<div " + " ".join(f"a{number}=x" for number in range(200_000)) + "><p>needle</p>",
        "<p>needle in hall nine" * 40_000,
        "<p>needle</p>" + "<!-- " * 20_000,
        "<title>x</title>" + "<b>" * 250 + "needle",
        "<article><p>" + "<span>needle in hall nine, and so on</span> " * 9_000 + "</article>",
        "<article>" + f"<p>needle {'words ' * 800}</p>" * 2_000 + "</article>",
        "<p>needle</p>" + "<p>w</p>" * 200_000,
        "<p>needle " + "&amp;&#x41;&#99999999;" * 50_000,
        "<p>needle a" + "\u0301" * 100_000,
        "<select>" + "<option>x" * 10_000 + "</select><p>needle</p>",
        '<div class="author" itemprop="author">' * 240 + "<p>needle" * 300_000,
        '<div class="author" itemprop="author">' * 120 + "<i>needle</i> in hall nine, " * 4_000,
        "<nav><div>" * 110 + '<a href="/x">needle</a> ' * 4_000,
        "<nav><div>" * 1_000 + '<a href="/x">needle</a> ' * 100_000,
        '<div><a href="/x">' * 120 + "<i>needle</i> " * 4_000,
        '<h1>hall nine</h1><p>a needle</p>\n<time datetime="2024-01-01">x</time>' * 3_000,
        "<h1>" * 100 + "<p>needle<br>\n" * 8_000,
        "<p>needle</p>" + "\n" * 5_000_000,
        "<p>needle</p>" + "x\n" * 3_000_000,
    ],
)
def test_hostile_pages(markup: str) -> None:
    with processor_time_below(10):
        assert "needle" in read(markup).text


@pytest.mark.slow
@pytest.mark.parametrize(
    "block",
    [
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[" * 300_000 + "]" * 300_000,
        '{"@type": "NewsArticle", "headline": ' + "9" * 500_000 + "}",
        '{"@type": "NewsArticle", "headline": "' + '"a": "b\\", ' * 50_000,
        '{"@type": "NewsArticle", "author": [' + ", ".join(['{"@type": "Person", "name": "A B"}'] * 20_000) + "]}",
        '{"@graph": [' + ", ".join(f'{{"@id": "{n}", "author": {{"@id": "{n + 1}"}}}}' for n in range(15_000)) + "]}",
        '{"@id": "1", "@type": "Article", "author": {"@id": "1"}, "publisher": {"@id": "1"}}',
    ],
)
def test_hostile_json_ld(block: str) -> None:
    with processor_time_below(5):
        article = read(page(f'<script type="application/ld+json">{block}</script>'))
        assert article.text == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize("markup", ["", "<html></html>", "<script>var a = 'text'</script>", "<p> \0 &nbsp; </p>"])
def test_empty_pages(markup: str) -> None:
    with pytest.raises(InputError, match="has no text"):
        read(markup)


@pytest.mark.parametrize(
    ("codec", "label"),
    [("cp1252", "iso-8859-1"), ("gb18030", "gb2312"), ("utf-16", "utf-8"), ("cp1251", "windows-1251")],
)
def test_pages_in_other_encodings(codec: str, label: str) -> None:
    words = {"gb18030": "起重机停了", "cp1251": "Краны стоят"}.get(codec, "Prüfer zählten Kräne")
    markup = page().replace('charset="utf-8"', f'charset="{label}"').replace("reporters", words).replace("“", '"')
    markup = markup.replace("”", '"')
    assert words in read(markup.encode(codec)).text


def test_standard_input_to_article() -> None:
    from io import BytesIO

    [resource] = resources(["-"], FileOptions(), now=NOW, stdin=BytesIO(page(NEWS).encode()))
    assert isinstance(resource, Resource)
    assert parse.article(resource, today=TODAY).text == "\n\n".join(PARAGRAPHS)


def test_importing_the_packages_loads_no_library() -> None:
    program = (
        "import sys, searchkit.crawl, searchkit.parse, searchkit.crawl.files\n"
        "print([name for name in ('trafilatura', 'bs4', 'lxml', 'htmldate', 'dateutil') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
