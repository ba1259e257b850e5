import gzip
from pathlib import Path

import pytest

from searchkit.crawl.web import sitemaps
from searchkit.crawl.web.sitemaps import Listed, Sitemap, is_sitemap
from tests.limits import processor_time_below

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PAGES = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {NS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://ledger.example/a.html?x=1&amp;y=2
 </loc><lastmod>2026-03-01</lastmod><image:image><image:loc>https://ledger.example/a.png</image:loc></image:image></url>
<url><loc>/b.html</loc><news:news><news:publication><news:name>Velmar Ledger</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2026-03-01T10:00:00+01:00
</news:publication_date><news:title>Cranes &amp; tides</news:title></news:news></url>
<url><lastmod>2026</lastmod></url>
</urlset>"""
INDEX = f"""<sitemapindex {NS}><sitemap><loc>https://ledger.example/news.xml.gz</loc><lastmod>2026-02-28T09:00Z</lastmod>
</sitemap><sitemap><loc>https://ledger.example/old.xml</loc></sitemap></sitemapindex>"""


def read(text: str | bytes) -> Sitemap:
    return sitemaps.parse_sitemap(text.encode() if isinstance(text, str) else text)


def test_pages_have_dates_and_news_fields() -> None:
    first, second = read(PAGES).pages
    assert first == Listed(url="https://ledger.example/a.html?x=1&y=2", modified="2026-03-01")
    assert second.url == "/b.html"
    published = "2026-03-01T10:00:00+01:00"
    news = {"title": "Cranes & tides", "published": published, "outlet": "Velmar Ledger", "language": "en"}
    assert second.news == news


def test_an_index_leads_to_its_parts() -> None:
    found = read(INDEX)
    assert found.pages == ()
    assert found.parts == (
        Listed(url="https://ledger.example/news.xml.gz", modified="2026-02-28T09:00Z"),
        Listed(url="https://ledger.example/old.xml"),
    )


def test_gzip_and_lines() -> None:
    assert read(gzip.compress(PAGES.encode())) == read(PAGES)
    assert read(gzip.compress(PAGES.encode())[:-20]).pages[0].url == read(PAGES).pages[0].url
    lines = "\ufeffhttps://ledger.example/a\r\n\nhttps://ledger.example/ä\n"
    assert [page.url for page in read(lines).pages] == ["https://ledger.example/a", "https://ledger.example/ä"]


def test_sitemaps_are_recognized() -> None:
    for text in (PAGES, INDEX, "<!-- made by hand -->\n" + INDEX):
        assert is_sitemap(text.encode())
        assert is_sitemap(gzip.compress(text.encode()))
    for other in (b"", b"<html>", b"https://ledger.example/", b"\x1f\x8bnothing", gzip.compress(b"words")):
        assert not is_sitemap(other)


@pytest.mark.parametrize(
    "text", ["", "words", "<html><body>https://ledger.example/", "https://a.example/\nwords\n", "\0"]
)
def test_other_texts_are_not_sitemaps(text: str) -> None:
    with pytest.raises(ValueError, match="not a sitemap"):
        read(text)


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    assert [page.url[-6:] for page in read(PAGES[: PAGES.index("<news:title>")]).pages][:1] == ["=1&y=2"]
    bare = f"<urlset {NS}><url><loc>https://ledger.example/?a=1&b=2</loc></url><url><loc>https://ledger.example/2"
    assert read(bare).pages[0].url.startswith("https://ledger.example/?a=1")
    assert read(f"<urlset {NS}>").pages == ()


def test_entities_are_never_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("needle")
    declared = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file://{secret}">]>'
    with pytest.raises(ValueError, match="entity declarations"):
        read(declared + f"<urlset {NS}><url><loc>https://ledger.example/&x;</loc></url></urlset>")
    outside = f'<!DOCTYPE urlset SYSTEM "file://{secret}">'
    found = read(outside + f"<urlset {NS}><url><loc>https://ledger.example/&x;</loc></url></urlset>")
    assert "needle" not in str(found)


@pytest.mark.slow
def test_no_more_than_the_protocol_allows() -> None:
    url = "<url><loc>https://ledger.example/a</loc></url>"
    found = read(f"<urlset {NS}>{url * (sitemaps.MAX_ENTRIES + 1)}</urlset>")
    assert len(found.pages) == sitemaps.MAX_ENTRIES
    found = read("https://ledger.example/a\n" * (sitemaps.MAX_ENTRIES + 1))
    assert len(found.pages) == sitemaps.MAX_ENTRIES


def test_a_bomb_is_refused() -> None:
    bomb = gzip.compress(f"<urlset {NS}>".encode() + b" " * (sitemaps.MAX_BYTES + 1))
    with pytest.raises(ValueError, match="larger than 50 MB"):
        read(bomb)
    with pytest.raises(ValueError, match="damaged"):
        read(b"\x1f\x8b\x08broken")
    with pytest.raises(ValueError, match="not a sitemap"):
        read(gzip.compress(gzip.compress(PAGES.encode())))


@pytest.mark.parametrize(
    "piece", ["<", "&", "<a>", "<url>", "<url><loc>x", "<![CDATA[", "<!--", "<?", "<!", "<x:url a='1'>"]
)
def test_a_flood_is_read_in_bounded_time(piece: str) -> None:
    with processor_time_below(5):
        read(f"<urlset {NS}><url><loc>https://ledger.example/a</loc></url>" + piece * (500_000 // len(piece)))
        read(f"<urlset {NS}><url " + "".join(f"a{number}='1' " for number in range(50_000)) + "></url>")
