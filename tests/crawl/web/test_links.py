import pytest

from searchkit.crawl.web.links import MAX_LINKS, Links, links
from tests.cases import cases
from tests.limits import processor_time_below

BASE = "https://ledger.example/news/today.html"


def read(text: str | bytes) -> Links:
    return links(text.encode() if isinstance(text, str) else text, BASE)


def test_links_are_absolute_and_once_each() -> None:
    found = read(
        "<a href='/a.html'>A</a><A class=x HREF=b.html>B</a><a\n href=\"https://other.example/c?x=1&amp;y=2\">C</a>"
        "<a href='/a.html'>again</a><a href='//cdn.example/d'>D</a><a>no link</a><a href=''>none</a>"
    )
    assert found.pages == (
        "https://ledger.example/a.html",
        "https://ledger.example/news/b.html",
        "https://other.example/c?x=1&y=2",
        "https://cdn.example/d",
    )


@pytest.mark.parametrize(
    "address",
    ["#top", "mailto:desk@ledger.example", "javascript:void(0)", "tel:1", "data:text/html,x", "http" + "x" * 3_000],
)
def test_links_to_other_things_are_ignored(address: str) -> None:
    assert read(f"<a href='{address}'>x</a>").pages == ()


def test_comments_scripts_and_other_texts_hold_no_links() -> None:
    hidden = "<a href='/hidden.html'>"
    text = (
        f'<!-- {hidden} --><script>x = "{hidden}"</script><style>{hidden}</style><textarea>{hidden}</textarea>'
        f"<title>{hidden}</title><a href='/seen.html'>x</a><ahref='/no'><script>{hidden}"
    )
    assert read(text).pages == ("https://ledger.example/seen.html",)


def test_nofollow_of_a_link_and_of_a_page() -> None:
    assert read("<a rel='nofollow noopener' href=/a>x</a><a href=/b>y</a>").pages == ("https://ledger.example/b",)
    for written in ("nofollow", "index, NOFOLLOW", "none"):
        found = read(f"<meta name=robots content='{written}'><a href=/b>y</a>")
        assert (found.pages, found.nofollow) == ((), True)


def test_noindex() -> None:
    assert read("<META NAME='Robots' CONTENT='noindex,follow'><a href=/b>y</a>").noindex
    assert read("<meta content=noindex name=searchkit>").noindex
    assert not read("<meta name=otherbot content=noindex>").noindex
    assert not read("<!-- <meta name=robots content=noindex> -->").noindex


def test_feeds_but_those_of_comments() -> None:
    found = read(
        "<link rel=alternate type='application/rss+xml' title='News' href=/feed.xml>"
        "<link rel='alternate home' type='application/atom+xml; charset=utf-8' href=atom.xml>"
        "<link rel=alternate type='application/rss+xml' href=/comments/feed/>"
        "<link rel=alternate hreflang=de href=/de/><link rel=stylesheet type='application/rss+xml' href=/x>"
    )
    assert found.feeds == ("https://ledger.example/feed.xml", "https://ledger.example/news/atom.xml")


def test_canonical() -> None:
    assert read("<link rel=canonical href='/a'><link rel=canonical href=/b>").canonical == "https://ledger.example/a"
    assert read("<link rel=canonical href='javascript:x'>").canonical == ""


def test_articles_and_pages_that_lead_on() -> None:
    navigation = "".join(f"<li><a href='/s{number}'>Section {number}</a>" for number in range(40))
    teasers = "".join(f"<h2><a href='/t{number}'>T</a></h2><p>The port said it would.</p>" for number in range(30))
    article = "<p>The harbor master of Velmar said that the cranes had been sound when he saw them last. " * 3
    article = f"{article.replace('. <p>', '. ')}</p>" * 8
    assert read(navigation + teasers).leads_on
    assert not read(navigation + article).leads_on
    assert not read("<p>Short.</p><a href=/>home</a>").leads_on


def test_other_encodings() -> None:
    assert read("<a href='/grünes'>x</a>").pages == ("https://ledger.example/grünes",)
    assert read("<a href='/gr\xfcnes'>x</a>".encode("latin-1")).pages == ("https://ledger.example/gr\ufffdnes",)
    assert read("<a href='/a'>x</a>".encode("utf-16")).pages == ("https://ledger.example/a",)


@pytest.mark.slow
@pytest.mark.parametrize("piece", cases(__file__, "test_a_flood_is_read_in_bounded_time"))  # fmt: skip
def test_a_flood_is_read_in_bounded_time(piece: str) -> None:
    with processor_time_below(5):
        for text in (piece * (1_000_000 // len(piece)), "<a " + piece * (1_000_000 // len(piece)) + ">"):
            read(text)


TEASER = "The port of Velmar said on Monday that its largest crane would stand still until the rope is replaced. "
BODY = f"<p>{TEASER * 3}</p>"


def row(count: int, *, teaser: str = TEASER, form: str = "<h2><a href='/{0}'>Story {0}</a></h2>") -> str:
    return "".join(f"<div>{form.format(number)}<p>{teaser}</p></div>" for number in range(count))


LISTS = [
    row(5),
    row(5, teaser=TEASER * 3),
    row(4, teaser=""),
    row(6, form="<a href='/{0}'><h3>Story {0}</h3></a>"),
    f"<h1>Harbor</h1><p>All about the harbor of Velmar.</p>{row(5)}<footer><p>{TEASER}</p></footer>",
    f"<p>{TEASER}{row(7, teaser=TEASER[:60])}",
]
ARTICLES = [
    f"<h1>Crane</h1>{BODY * 4}",
    f"<h1>Crane</h1>{BODY * 4}{row(6)}",
    f"<nav>{row(6, teaser='')}</nav><h1>Crane</h1>{BODY * 4}",
    f"<meta property=og:type content=article><p>{TEASER}</p>{row(6)}",
    "<h1>Crane</h1>" + "".join(f"{BODY}<h2>{heading}</h2>" for heading in "Known Said Now Then Next".split()),
    row(3),
]


@pytest.mark.parametrize("page", LISTS + ARTICLES)
def test_a_front_of_a_few_teasers_is_a_list_and_an_article_with_teasers_is_not(page: str) -> None:
    assert read(page).is_list is (page in LISTS)


def test_a_list_of_one_story_and_an_empty_month_are_lists() -> None:
    assert read('<h1>Archive</h1><ul><li><a href="/n/2">The crane of Tolvik, in a winter</a></ul>').is_list
    assert read('<h1>May</h1><p>No events in this month.</p><a href="/cal/6">next month</a>').is_list
    assert not read(f'<h1>Crane</h1>{BODY}<a href="/">Home</a>').is_list


def test_no_more_links_than_the_limit() -> None:
    text = "".join(f"<a href='/{number}'>x</a>" for number in range(MAX_LINKS + 10))
    assert len(read(text).pages) == MAX_LINKS


@pytest.mark.parametrize(("head", "article"), cases(__file__, "test_a_page_that_calls_itself_an_article"))
def test_a_page_that_calls_itself_an_article(head: str, article: bool) -> None:
    assert read(head + row(5)).is_list is not article
