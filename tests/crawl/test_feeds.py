"""Feeds for the crawler, and feed files as containers of pages."""

from contextlib import suppress
from pathlib import Path

import pytest

from searchkit.crawl import feeds
from searchkit.crawl.base import FileOptions
from searchkit.crawl.feeds import Entry, Feed, parse_feed
from searchkit.statements.document import Resource
from tests.cases import cases
from tests.crawl.reading import NOW, body_of, names, read_file, reasons, resources, uris
from tests.limits import processor_time_below

BASE = "https://ledger.example/news/feed.xml"
RSS, ITEMS = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("ledger.rss", "items.rss"))
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">Velmar &lt;i>Blatt&lt;/i></title>
<entry xml:lang="fr"><title>Les grues</title><link rel="alternate" href="s.html"/>
<link rel="enclosure" href="s.mp3"/><id>tag:blatt.example,2026:1</id>
<published>2026-03-01T10:00:00Z</published><updated>2026-03-02T10:00:00Z</updated>
<author><name>Ann Orly</name><email>ann@blatt.example</email></author><author><name>Bo Lind</name></author>
</entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Old</title></channel>
<item rdf:about="y"><title>Harbor</title><link>https://ledger.example/h</link><dc:date>2026-03-01</dc:date></item>
</rdf:RDF>"""


def read(text: str | bytes) -> Feed:
    return parse_feed(text.encode() if isinstance(text, str) else text, BASE)


def test_rss() -> None:
    feed = read(RSS)
    assert (feed.title, feed.language) == ("Velmar Ledger", "en-GB")
    first, second = feed.entries
    assert first == Entry(
        link="https://ledger.example/a.html",
        guid="1",
        title="Cranes & tides",
        published="Sun, 01 Mar 2026 10:00:00 +0100",
        authors=("Nadia Korbel",),
        content='<p>The crane <a href="/x">stands</a>.',
    )
    assert (second.link, second.title) == ("https://ledger.example/b.html", "Only a guid")
    assert second.authors == ("Jo Belden",)


def test_json_feed() -> None:
    text = """{"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1", "title": "Velmar Ledger", "language": "en",
        "items": [{"id": "1", "url": "/a.html", "title": "Cranes &amp; tides",
         "date_published": "2026-03-01T10:00:00+01:00", "tags": 3, "content_html": "<p>The crane stands.",
         "authors": [{"name": "Nadia Korbel"}, {"url": "x"}, null]},
        "no item", {"id": 2, "title": null, "url": 7, "author": {"name": "Jo Belden"}, "content_text": "Two lines"}]}"""
    feed = read("\ufeff " + text)
    assert (feed.title, feed.language) == ("Velmar Ledger", "en")
    assert feed.entries == (
        Entry(
            link="https://ledger.example/a.html",
            guid="1",
            title="Cranes & tides",
            published="2026-03-01T10:00:00+01:00",
            authors=("Nadia Korbel",),
            content="<p>The crane stands.",
        ),
        Entry(authors=("Jo Belden",), content="Two lines"),
    )
    with pytest.raises(ValueError, match="JSON"):
        read(text[:-1])


def test_atom_keeps_published_and_updated_apart() -> None:
    feed = read(ATOM)
    assert (feed.title, feed.language) == ("Velmar Blatt", "de")
    [entry] = feed.entries
    assert entry.link == "https://ledger.example/news/s.html"
    assert (entry.published, entry.updated) == ("2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z")
    assert (entry.guid, entry.language) == ("tag:blatt.example,2026:1", "fr")
    assert entry.authors == ("Ann Orly", "Bo Lind")


def test_rdf_and_other_encodings() -> None:
    [entry] = read(RDF).entries
    assert (entry.link, entry.updated or entry.published) == ("https://ledger.example/h", "2026-03-01")
    text = RSS.replace("utf-8", "windows-1252").replace("tides", "marées")
    assert read(text.encode("windows-1252")).entries[0].title == "Cranes & marées"
    assert read(b"\xef\xbb\xbf" + RSS.encode()).entries[0].title == "Cranes & tides"
    for declared, used, vendor in (("Shift_JIS", "cp932", "①髙"), ("EUC-KR", "cp949", "똠힣")):
        text = RSS.replace("utf-8", declared).replace("tides", vendor)
        assert read(text.encode(used)).entries[0].title == f"Cranes & {vendor}"


@pytest.mark.parametrize(("written", "names"), cases(__file__, "test_people_are_named_without_their_addresses"))
def test_people_are_named_without_their_addresses(written: str, names: tuple[str, ...]) -> None:
    text = f"<rss version='2.0'><channel><item><title>x</title><author>{written}</author></item></channel></rss>"
    assert read(text).entries[0].authors == names


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    feed = read(RSS[: RSS.index("Only a guid") + 4].replace("Short.", "R & D <br> <unclosed"))
    assert feed.entries[0].link == "https://ledger.example/a.html"


def test_addresses_and_names_of_files_are_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "feed"
    secret.write_text(RSS)
    for text in (str(secret), f"file://{secret}", "http://127.0.0.1:9/rss "):
        with pytest.raises(ValueError, match="not a feed"):
            read(text)


HOSTILE = {
    "larger than any feed": "<rss><channel>" + " " * feeds.MAX_BYTES,
    "a tag that never ends": "<rss><channel><item " + "a=1 " * 10_000,
    "an attribute of half a megabyte": f"<rss><channel><item a='{'x' * 500_000}'/>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_feeds_that_would_stall_are_refused_at_once(text: str) -> None:
    with processor_time_below(1), pytest.raises(ValueError, match=r"limit for feeds|contains a"):
        read(text)


def test_names_of_characters_and_bare_ampersands() -> None:
    text = "<rss><channel><item><title>R & D&nbsp;&hellip;</title><link>/a?b=1&c=2</link></item></channel></rss>"
    (entry,) = read(text).entries
    assert (entry.title, entry.link) == ("R & D …", "https://ledger.example/a?b=1&c=2")


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        *("<", "&", "<a>", "<item><title>x", "<![CDATA[", "<!--", "<?", "<!", "<item><author>a.b</author>", "&amp;lt;"),
        *("U.S.A.", "<author>", "<b>x ", "&a;"),
    ],
)
def test_a_flood_is_read_or_refused_in_bounded_time(piece: str) -> None:
    with processor_time_below(5), suppress(ValueError):
        read("<rss version='2.0'><channel><item><title>x</title></item><item>" + piece * (1_000_000 // len(piece)))


# --- feed files ---


def test_items_of_rss(tmp_path: Path) -> None:
    path = tmp_path / "news.rss"
    answers = read_file(path, ITEMS.encode())
    first, second, third, fourth, fifth = answers
    assert isinstance(first, Resource)
    assert (first.uri.partition("#")[2], first.final_uri) == ("https://ledger.example/cranes",) * 2
    assert second.uri == f"{path.as_uri()}#n-2"
    assert len(third.uri.partition("#")[2]) == 12
    assert reasons([fourth]) == {f"{path.as_uri()}#https://ledger.example/title": "has no text in the feed"}
    assert fifth.uri.startswith(path.as_uri())
    made = resources(answers)[0]
    assert made.body == b"<p>Nadia Korbel said the <b>cranes</b> were sound.</p>"
    assert (made.media_type, made.charset, made.fetched_at) == ("text/html", "utf-8", NOW)
    fields = dict(made.defaults)
    published = fields.pop("published")
    assert (published.value, published.source) == ("2025-05-12T10:00:00+02:00", "feed")
    assert fields == {
        "title": "Cranes & ships stand still",
        "byline": ("Nadia Korbel",),
        "outlet": "Harbor Ledger",
        "language": "en",
        "canonical_url": "https://ledger.example/cranes",
    }
    assert b"<p>of markup</p>" in body_of(second)
    assert body_of(third) == b"<p>Plain words &amp; nothing else.</p>"


def test_addresses_stay_when_an_item_is_added(tmp_path: Path) -> None:
    before = set(uris(read_file(tmp_path / "a.rss", ITEMS.encode())))
    added = ITEMS.replace("<item>", "<item><title>New</title><description>New words.</description></item><item>", 1)
    assert before < set(uris(read_file(tmp_path / "a.rss", added.encode())))


def test_items_without_a_web_address(tmp_path: Path) -> None:
    for link in ("https://[a.example/", "https://", "javascript:alert(1)", "ftp://a.example/x", "https://a b"):
        body = f"<rss><channel><item><link>{link}</link><description>Words.</description></item></channel></rss>"
        assert uris(read_file(tmp_path / "a.rss", body.encode()))[0].startswith("file:///")


def test_entities_are_refused_and_nothing_is_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("needle-in-secret")
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = f'<!DOCTYPE rss [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    for declared in (bomb, outside, outside.replace("[", "\n [ ")):
        for encoding in ("utf-8", "utf-16"):
            body = ITEMS.replace("?>\n", f"?>{declared}", 1).replace("Teaser.", "&a;").encode(encoding)
            [reason] = reasons(read_file(tmp_path / "a.rss", body)).values()
            assert reason == "contains entity declarations, which are not allowed in feeds"
    (tmp_path / "named.rss").write_text(f"{secret}")
    assert list(reasons(read_file(tmp_path / "a.rss", str(secret).encode())).values()) == [
        "not of the type that its name or media type states"
    ]
    plain = ITEMS.replace("?>\n", '?><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd">', 1)
    assert "https://ledger.example/cranes" in names(read_file(tmp_path / "a.rss", plain.encode()))


@pytest.mark.slow
def test_limits_of_feed_files(tmp_path: Path) -> None:
    item = "<item><title>x</title><description>Words %d.</description></item>"
    feed = "<rss><channel>{}</channel></rss>"
    answers = read_file(tmp_path / "a.rss", feed.format("".join(item % n for n in range(5_003))).encode())
    assert len(uris(answers)) == 5_000
    assert list(reasons(answers).values()) == ["3 further items were skipped"]
    large = feed.format("<item><description>" + "word " * 2_300_000 + "</description></item>").encode()
    assert list(reasons(read_file(tmp_path / "a.rss", large)).values()) == ["is larger than 10 MB, the limit for feeds"]
    answers = read_file(tmp_path / "a.rss", ITEMS.encode(), options=FileOptions(max_bytes=len(ITEMS.encode())))
    assert len(uris(answers)) == 4


@pytest.mark.parametrize(("summary", "expected"), cases(__file__, "test_a_summary_that_says_more_is_the_standfirst"))
def test_a_summary_that_says_more_is_the_standfirst(summary: str, expected: bool) -> None:
    body = "<p>The crane <b>by</b> the old mill stands still, the harbour office said.</p>"
    (entry,) = read(
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>V</title><item>'
        f"<title>Cranes</title><description>{summary}</description><content:encoded><![CDATA[{body}]]>"
        "</content:encoded></item></channel></rss>"
    ).entries
    assert entry.content == (f"<p>{summary}</p>\n{body}" if expected else body)
