import pytest

from tests.cases import cases
from tests.parse.pages import page, read

LINKED = """<script type="application/ld+json">
{"@context": "https://schema.org", "@type": "NewsArticle",
 "headline": "Office stops three shipments of lathes",
 "datePublished": "2022-12-16T08:40:00+01:00", "dateModified": "2022-12-17T11:05:00+01:00",
 "author": [{"@type": "Person", "name": "Renske Oudhaven"}, {"@type": "Person", "name": "Tomas Vrba"}],
 "publisher": {"@type": "NewsMediaOrganization", "name": "Ledger Media"}, "inLanguage": "en"}
</script>"""
OPEN_GRAPH = """
<meta property="og:type" content="article"><meta property="og:site_name" content="Harbor Ledger">
<meta property="og:title" content="Office stops three shipments of lathes | Harbor Ledger">
<meta property="og:url" content="https://ledger.example.org/2022/12/16/lathes">
<meta property="og:locale" content="en_GB">
<meta property="article:published_time" content="2022-12-15T00:00:00+00:00">
<meta name="author" content="By Nadia Brandt">
"""


def test_json_ld_and_open_graph_together() -> None:
    article = read(page(LINKED + OPEN_GRAPH))
    assert article.title == "Office stops three shipments of lathes"
    assert article.byline == ("Renske Oudhaven", "Tomas Vrba")
    assert article.outlet == "Harbor Ledger"
    assert article.canonical_url == "https://ledger.example.org/2022/12/16/lathes"
    assert article.language == "en"
    assert article.published is not None
    assert (article.published.value[:16], article.published.precision) == ("2022-12-16T08:40", "instant")
    assert (article.published.source, article.published.confidence) == ("json-ld", "high")
    assert article.updated and article.updated.value.startswith("2022-12-17")


def test_open_graph_alone() -> None:
    article = read(page(OPEN_GRAPH.replace("2022-12-15T", "2022-12-16T")))
    assert article.title == "Office stops three shipments of lathes"
    assert article.byline == ("Nadia Brandt",)
    assert article.published and article.published.source == "meta"


def test_broken_json_ld_leaves_the_rest() -> None:
    article = read(page(LINKED.replace('"inLanguage"', "inLanguage") + OPEN_GRAPH))
    assert article.byline == ("Nadia Brandt",)
    assert article.notes == ("JSON-LD: 1 of 1 blocks could not be parsed",)


@pytest.mark.parametrize(("head", "body", "title"), cases(__file__, "test_titles"))
def test_titles(head: str, body: str, title: str | None) -> None:
    assert read(page(head, body)).title == title


@pytest.mark.parametrize(("head", "body", "byline"), cases(__file__, "test_bylines"))
def test_bylines(head: str, body: str, byline: tuple[str, ...]) -> None:
    assert read(page(head, body)).byline == byline


@pytest.mark.parametrize(("author", "wire"), [("Associated Press", "Associated Press"), ("Harbor Ledger", None)])
def test_an_agency_as_author_is_the_wire(author: str, wire: str | None) -> None:
    found = read(page(f'<meta property="og:site_name" content="Harbor Ledger"><meta name="author" content="{author}">'))
    assert (found.byline, found.wire) == ((), wire)


@pytest.mark.parametrize(("href", "canonical"), cases(__file__, "test_canonical_addresses"))
def test_canonical_addresses(href: str, canonical: str) -> None:
    assert read(page(f'<link rel="canonical" href="{href}">')).canonical_url == canonical


def test_a_page_on_disk_may_claim_any_web_address() -> None:
    head = '<link rel="canonical" href="https://other.example.net/trade/1">'
    assert read(page(head), uri="file:///a.html").canonical_url == "https://other.example.net/trade/1"
    assert read(page('<link rel="canonical" href="file:///etc/x">'), uri="file:///a.html").canonical_url is None


@pytest.mark.parametrize(("head", "body", "uri", "value", "source"), cases(__file__, "test_where_dates_come_from"))
def test_where_dates_come_from(head: str, body: str, uri: str, value: str, source: str) -> None:
    published = read(page(head, body), uri="https://ledger.example.org" + uri).published
    assert published and (published.value, published.source) == (value, source)


@pytest.mark.parametrize(("line", "value"), cases(__file__, "test_a_date_on_a_line_below_the_title_is_assumed"))
def test_a_date_on_a_line_below_the_title_is_assumed(line: str, value: str | None) -> None:
    published = read(page("<title>Cranes are sound</title>", f"<h1>Cranes are sound</h1><div>{line}</div>")).published
    if value is None:
        assert published is None or published.confidence == "low"
    else:
        assert published and (published.value, published.source, published.confidence) == (value, "page", "assumed")


def test_a_date_in_a_sentence_is_not_that_of_the_page() -> None:
    text = "<p>Until <time>January 2025</time> nothing will change at the harbour of Lumeton.</p>"
    published = read(page("<title>Cranes are sound</title>", f"<h1>Cranes are sound</h1>{text}")).published
    assert published is None or published.confidence == "low"


def test_the_day_in_the_address_knows_the_zone_of_the_outlet() -> None:
    head = '<meta property="article:published_time" content="2022-12-17T01:30:00Z">'
    published = read(page(head), uri="https://ledger.example.org/2022/12/16/lathes").published
    assert published and (published.value, published.source) == ("2022-12-17T01:30:00+00:00", "meta")
    assert (published.local_day, published.zone) == ("2022-12-16", "Z")
    published = read(page(head), uri="https://ledger.example.org/2021/01/01/lathes").published
    assert published and published.value.startswith("2022-12-17T01:30")


@pytest.mark.parametrize(
    ("language", "written", "value"),
    [("en-US", "3/4/2022", "2022-03-04"), ("en-GB", "3/4/2022", "2022-04-03"), ("de", "3.4.2022", "2022-04-03")],
)
def test_the_order_of_numbers_follows_the_language(language: str, written: str, value: str) -> None:
    markup = page(f'<meta name="date" content="{written}">').replace('lang="en-GB"', f'lang="{language}"')
    published = read(markup).published
    assert published and published.value == value


@pytest.mark.parametrize(("line", "source"), cases(__file__, "test_a_guessed_date_is_marked"))
def test_a_guessed_date_is_marked(line: str, source: str) -> None:
    published = read(page("", f'<div class="date">{line}</div>')).published
    assert published and (published.value, published.source, published.confidence) == ("2022-12-16", source, "low")
    assert read(page()).published is None


@pytest.mark.parametrize(("head", "uri", "outlet"), cases(__file__, "test_outlets"))
def test_outlets(head: str, uri: str, outlet: str | None) -> None:
    assert read(page(head), uri=uri).outlet == outlet
