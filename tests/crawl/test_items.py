"""Items of RSS and Atom files, and feeds that are none."""

import time
from pathlib import Path

import pytest

from searchkit.crawl import FileOptions
from tests.crawl.reading import NOW, body_of, read_file, reasons, resources, uris

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Harbor Ledger</title><link>https://ledger.example/</link><language>en-gb</language>
<item>
  <title>Cranes &amp; ships stand still</title><link> https://ledger.example/cranes </link><guid>n-1</guid>
  <dc:creator>Nadia Korbel</dc:creator><pubDate>Mon, 12 May 2025 10:00:00 +0200</pubDate>
  <description>Teaser.</description>
  <content:encoded><![CDATA[<p>Nadia Korbel said the <b>cranes</b> were sound.</p>]]></content:encoded>
</item>
<item><title>No link</title><guid isPermaLink="false">n-2</guid><description>Two lines
&lt;p&gt;of markup&lt;/p&gt;</description></item>
<item><title>No name</title><description>Plain words &amp; nothing else.</description></item>
<item><title>Only a title</title><link>https://ledger.example/title</link></item>
<item><title>Relative</title><link>/port</link><description>Words.</description></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Hafenblatt</title>
<entry><title type="html">Kräne &lt;i&gt;still&lt;/i&gt;</title><link href="https://hafen.example/1"/><id>urn:1</id>
<author><name>Petr Havel</name></author><author><name>Nadia Korbel</name></author>
<published>2025-05-12T10:00:00Z</published><updated>2025-05-13T10:00:00Z</updated>
<content type="html">&lt;p&gt;Die Kräne stehen.&lt;/p&gt;</content></entry></feed>
"""


def test_items_of_rss(tmp_path: Path) -> None:
    path = tmp_path / "news.rss"
    answers = read_file(path, RSS.encode())
    first, second, third, fourth, fifth = answers
    assert first.uri == "https://ledger.example/cranes"
    assert second.uri == f"{path.as_uri()}#n-2"
    assert len(third.uri.partition("#")[2]) == 12
    assert reasons([fourth]) == {"https://ledger.example/title": "has no words of its own in the feed"}
    assert fifth.uri.startswith(path.as_uri())
    made = resources(answers)[0]
    assert made.body == b"<p>Nadia Korbel said the <b>cranes</b> were sound.</p>"
    assert (made.media_type, made.charset, made.fetched_at) == ("text/html", "utf-8", NOW)
    told = dict(made.defaults)
    published = told.pop("published")
    assert (published.value, published.source) == ("2025-05-12T10:00:00+02:00", "feed")
    assert told == {
        "title": "Cranes & ships stand still",
        "byline": ("Nadia Korbel",),
        "outlet": "Harbor Ledger",
        "language": "en-gb",
        "canonical_url": "https://ledger.example/cranes",
    }
    assert b"<p>of markup</p>" in body_of(second)
    assert body_of(third) == b"<p>Plain words &amp; nothing else.</p>"


def test_items_of_atom(tmp_path: Path) -> None:
    [made] = resources(read_file(tmp_path / "news.xml", ATOM.encode()))
    assert made.uri == "https://hafen.example/1"
    assert made.body.decode() == "<p>Die Kräne stehen.</p>"
    told = made.defaults
    assert (told["title"], told["outlet"], told["language"]) == ("Kräne still", "Hafenblatt", "de")
    assert told["byline"] == ("Petr Havel", "Nadia Korbel")
    assert (told["published"].value, told["updated"].value) == (
        "2025-05-12T10:00:00+00:00",
        "2025-05-13T10:00:00+00:00",
    )


def test_addresses_stay_when_an_item_is_added(tmp_path: Path) -> None:
    before = set(uris(read_file(tmp_path / "a.rss", RSS.encode())))
    added = RSS.replace("<item>", "<item><title>New</title><description>New words.</description></item><item>", 1)
    assert before < set(uris(read_file(tmp_path / "a.rss", added.encode())))


def test_links_that_are_no_addresses(tmp_path: Path) -> None:
    for link in ("https://[a.example/", "https://", "javascript:alert(1)", "ftp://a.example/x", "https://a b"):
        body = f"<rss><channel><item><link>{link}</link><description>Words.</description></item></channel></rss>"
        assert uris(read_file(tmp_path / "a.rss", body.encode()))[0].startswith("file:///")


def test_other_encodings_and_broken_xml(tmp_path: Path) -> None:
    for body in (ATOM.encode("utf-16"), b"<?xml version='1.0' encoding='latin-1'?>" + ATOM.encode("latin-1")):
        [made] = resources(read_file(tmp_path / "a.xml", body))
        assert made.body.decode() == "<p>Die Kräne stehen.</p>"
    broken = RSS.replace("&amp;", "&").replace("</rss>", "").replace("<guid>n-1</guid>", "<guid>n-1")
    assert "https://ledger.example/cranes" in uris(read_file(tmp_path / "a.rss", broken.encode()))
    cut = RSS[: RSS.index("No link")]
    assert uris(read_file(tmp_path / "a.rss", cut.encode()))[0] == "https://ledger.example/cranes"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<?xml version='1.0'?><plist><dict/></plist>", "is XML, but neither a feed nor a page"),
        ("Words.", "is no feed"),
        ("<rss><channel><title>x</title></channel></rss>", "is a feed without items"),
        (" ", "is empty"),
    ],
)
def test_what_is_no_feed(tmp_path: Path, body: str, reason: str) -> None:
    assert list(reasons(read_file(tmp_path / "a.xml", body.encode())).values()) == [reason]


def test_entities_are_refused_and_nothing_is_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("needle-in-secret")
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = f'<!DOCTYPE rss [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    for declared in (bomb, outside, outside.replace("[", "\n [ ")):
        for encoding in ("utf-8", "utf-16"):
            body = RSS.replace("?>\n", f"?>{declared}", 1).replace("Teaser.", "&a;").encode(encoding)
            [reason] = reasons(read_file(tmp_path / "a.rss", body)).values()
            assert reason == "declares entities, which no feed needs"
    (tmp_path / "named.rss").write_text(f"{secret}")
    assert list(reasons(read_file(tmp_path / "a.rss", str(secret).encode())).values()) == ["is no feed"]
    plain = RSS.replace("?>\n", '?><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd">', 1)
    assert "https://ledger.example/cranes" in uris(read_file(tmp_path / "a.rss", plain.encode()))


def test_limits(tmp_path: Path) -> None:
    item = "<item><title>x</title><description>Words %d.</description></item>"
    feed = "<rss><channel>{}</channel></rss>"
    answers = read_file(tmp_path / "a.rss", feed.format("".join(item % n for n in range(5_003))).encode())
    assert len(uris(answers)) == 5_000
    assert list(reasons(answers).values()) == ["has 3 items more than are read"]
    large = feed.format("<item><description>" + "word " * 2_300_000 + "</description></item>").encode()
    assert list(reasons(read_file(tmp_path / "a.rss", large)).values()) == [
        "is larger than 10 MB, so it is not read as a feed"
    ]
    answers = read_file(tmp_path / "a.rss", RSS.encode(), options=FileOptions(max_bytes=len(RSS.encode())))
    assert len(uris(answers)) == 4


WRAP = "<rss><channel><item>{}</item></channel></rss>"
HOSTILE = {
    "deep": "<rss><channel>" + "<a>" * 100_000,
    "deep and whole": "<rss><channel>" + "<a>" * 50_000 + "</a>" * 50_000 + "</channel></rss>",
    "attributes": "<rss><channel " + " ".join(f'a{n}="b"' for n in range(100_000)) + "></channel></rss>",
    "open tags": "<rss><channel><item><description>" + "<a " * 300_000,
    "ampersands": "<rss><channel><item><description>" + "&a" * 400_000 + "</description></item></channel></rss>",
    "angles": "<rss><channel><item><title>" + "<" * 900_000,
    "comments": "<rss><channel>" + "<!--" * 200_000,
    "cdata": "<rss><channel><item><description>" + "<![CDATA[" * 100_000,
    "dates": WRAP.format("<pubDate>" + "1 " * 400_000 + "</pubDate><description>x</description>"),
    "surrogates": WRAP.format("<title>&#xD800;</title><description>&#xDFFF; x</description>"),
    "broken and large": "<rss><channel><item><description>&x; " + "word " * 300_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_feeds_have_an_outcome_in_time(tmp_path: Path, name: str) -> None:
    started = time.process_time()
    assert read_file(tmp_path / "a.rss", HOSTILE[name].encode())
    assert time.process_time() - started < 20
