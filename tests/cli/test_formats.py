"""A folder of everything at once: what it says is found, what cannot be read is told, nothing else is harmed."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.crawl.test_warc import Crawl
from tests.formats import docx, epub, mail, message, odt, pdf, printed, zipped

FILLER = "The rest of the page tells of the weather in the port, which was fair."


def said(word: str) -> str:
    """A statement with a word of its own."""
    return f"“The {word} was sound,” Nadia Korbel told reporters on Monday."


def letter() -> bytes:
    made = message(said("mailcrane"))
    made.add_attachment(
        pdf(printed(said("clipcrane"), FILLER)), maintype="application", subtype="pdf", filename="a.pdf"
    )
    return made.as_bytes()


FEED = (
    "<rss><channel><title>Harbor Ledger</title><item><title>Cranes</title><link>https://ledger.example/feed</link>"
    f"<pubDate>Mon, 12 May 2025 10:00:00 +0200</pubDate><description>{said('feedcrane')}</description></item>"
    "</channel></rss>"
)
PAGE = f"<html><body><article><p>{said('warccrane')}</p><p>{FILLER}</p></article></body></html>"
FILES = {
    "a.pdf": pdf(printed(FILLER, FILLER, FILLER), printed(said("pdfcrane"))),
    "b.docx": docx(said("docxcrane")),
    "c.odt": odt(said("odtcrane")),
    "d.epub": epub(f"<p>{said('epubcrane')}</p>"),
    "e.eml": letter(),
    "f.mbox": b"From a@b.example Mon May 12 10:00:00 2025\n" + mail(said("boxcrane")),
    "g.rss": FEED.encode(),
    "h.warc.gz": Crawl(compressed=True).add(PAGE, uri="https://ledger.example/warc").written,
    "i.zip": zipped({"news/a.html": f"<p>{said('zipcrane')}</p>", "b.docx": docx(said("packedcrane"))}),
    "j.txt.gz": gzip.compress(said("gzipcrane").encode()),
    "k.pdf": f"<!DOCTYPE html><html><body><p>{said('namedcrane')}</p></body></html>".encode(),
}
BROKEN = {
    "broken.pdf": b"%PDF-1.7 and no more",
    "scan.pdf": pdf([], []),
    "cut.docx": docx("Words.")[:-30],
    "bomb.zip": zipped({f"{n}.txt": b"word " * 5_000_000 for n in range(2)}),
    "empty.eml": b"",
    "noise.epub": bytes(range(256)) * 20,
    "table.xml": b"<?xml version='1.0'?><table/>",
}


@pytest.fixture
def archive(tmp_path: Path, searchkit: Command) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, body in {**FILES, **BROKEN}.items():
        (folder / name).write_bytes(body)
    done = searchkit("index", "--workers", "1", str(folder), archive=tmp_path / "archive")
    assert done.code == 4
    assert "13 added" in done.out
    assert "8 failed" in done.out
    assert "Traceback" not in done.err
    for name in BROKEN:
        assert name in done.err
    return tmp_path / "archive"


@pytest.mark.slow
def test_every_format_is_searched_and_cited(archive: Path, searchkit: Command, tmp_path: Path) -> None:
    words = "pdf docx odt epub mail clip box feed warc zip packed gzip named".split()
    for word in words:
        answer = json.loads(searchkit("statements", f"{word}crane", "--json", archive=archive).out)
        assert [hit["speaker"] for hit in answer["items"]] == ["Nadia Korbel"], word
    result = json.loads(searchkit("statements", "pdfcrane", "--json", archive=archive).out)["items"][0]
    assert result["page"] == 2
    assert "· p. 2 ·" in searchkit("statements", "pdfcrane", "-f", "table", archive=archive).out
    fed = json.loads(searchkit("statements", "feedcrane", "--json", archive=archive).out)["items"][0]
    assert fed["url"] == f"{(tmp_path / 'inbox' / 'g.rss').as_uri()}#https://ledger.example/feed"
    assert (fed["outlet"], fed["title"]) == ("Harbor Ledger", "Cranes")
    assert fed["published"]["value"] == "2025-05-12T10:00:00+02:00"
    again = searchkit("index", "--workers", "1", str(tmp_path / "inbox"), archive=archive)
    assert "0 added, 0 updated, 13 unchanged" in again.out
