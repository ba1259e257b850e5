"""A folder of many file types: each file is read, refused with a reason, or counted as not read.

docs/sources.md shows the output.
"""

import gzip
import io
import json
import re
import tarfile
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Command
from tests.crawl.test_warc import Crawl
from tests.formats import docx, epub, mail, odt, pdf, pptx, printed, zipped
from tests.samples import present

WORDS = "The crane of pier 4 has stood still since May, said Nadia Korbel."
PAGE = f"<!doctype html><title>Cranes</title><article><h1>Cranes</h1><p>{WORDS}</p><p>{WORDS[:33]}.</p></article>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
RSS = "<?xml version='1.0'?><rss version='2.0'><channel><item><title>A</title><description>{}</description></item>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>urn:a</id><title>A</title><content>{}</content></entry></feed>"
SHEET = f"<table:table><table:table-row><table:table-cell><text:p>{WORDS}</text:p></table:table-cell></table:table-row>"
SLIDE = f"<draw:page><draw:frame><draw:text-box><text:p>{WORDS}</text:p></draw:text-box></draw:frame></draw:page>"
MHTML = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\n\n{}\n--x--\n"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "sources.md"


def files() -> dict[str, bytes | str]:
    """The files by name, each with its own words, so that none is a duplicate."""
    book = openpyxl.Workbook()
    book.active.append([WORDS])
    xlsx, tar = io.BytesIO(), io.BytesIO()
    book.save(xlsx)
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return {
        "agenda.ics": "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
        "answer.odt": odt(WORDS),
        "answer.rtf": rb"{\rtf1 The crane stands still.}",
        "article.html": PAGE,
        "article.mhtml": MHTML.format(PAGE),
        "book.epub": epub(WORDS),
        "broken.docx": docx(WORDS)[:300],
        "budget.csv": "Port,Cranes\nVelmar,4\n",
        "budget.ods": odt(body=f"{SHEET}</table:table>", kind="spreadsheet"),
        "budget.tsv": "Port\tCranes\nLumeton\t2\n",
        "budget.xls": OLE,
        "budget.xlsx": xlsx.getvalue(),
        "call.vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\n{WORDS}\n",
        "call.mp3": b"ID3" + bytes(200),
        "clip.mp4": bytes(4) + b"ftypisom" + bytes(200),
        "clip.srt": f"1\n00:00:01,000 --> 00:00:02,000\n{WORDS}\n",
        "contact.vcf": "BEGIN:VCARD\nEND:VCARD\n",
        "crawl.warc": Crawl().add(PAGE).written,
        "data.json": '{"a": 1}',
        "data.xml": "<?xml version='1.0'?><ports/>",
        "draft.doc": OLE,
        "draft.docx": docx(WORDS),
        "draft.tex": "\\documentclass{article}",
        "empty.txt": "",
        "export.jsonl": json.dumps({"id": 1, "text": WORDS}) + "\n" + json.dumps({"id": 2}) + "\n",
        "feed.atom": ATOM.format(WORDS),
        "feed.rss": RSS.format(WORDS) + "</channel></rss>",
        "files.7z": b"7z\xbc\xaf\x27\x1c",
        "files.tar.gz": tar.getvalue(),
        "files.zip": zipped({"inside.txt": f"Inside. {WORDS}", "inside.png": b"\x89PNG"}),
        "inbox.mbox": b"From - Mon May 12 10:00:00 2025\n" + mail(message_id="<1@a.example>"),
        "letter.eml": mail(message_id="<2@a.example>"),
        "letter.msg": OLE,
        "notes.md": f"# Notes\n\n{WORDS}\n",
        "notes.txt.gz": gzip.compress(f"Notes of May. {WORDS}\n".encode()),
        "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(60),
        "photo.png": b"\x89PNG\r\n\x1a\n" + bytes(60),
        "photo.tiff": b"II*\0" + bytes(60),
        "photo.txt": b"II*\0" + b"\xff" * 5_000,
        "press.pdf": pdf(printed(WORDS)),
        "README.md": "About this folder.\n",
        "scan.pdf": pdf([]),
        "setup.exe": b"MZ\x90\0" + bytes(60),
        "slides.odp": odt(body=SLIDE, kind="presentation"),
        "slides.ppt": OLE,
        "slides.pptx": pptx(WORDS),
        "tool.py": "print(1)\n",
        ".hidden.txt": "Hidden.\n",
    }


@pytest.mark.slow
def test_every_file_of_a_mixed_folder_is_accounted_for(
    searchkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "inbox"
    folder.mkdir()
    made = files()
    for name, content in made.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    archive = tmp_path / "archive"
    done = searchkit("index", "inbox", archive=archive)
    assert done.code == 4
    printed_lines = (done.err + done.out).replace(str(tmp_path), "/home/ann")
    shown = present(
        re.search(r"^```console\n\$ searchkit index inbox/\n(?s:(.{1,9000}?\n))^```$", DOCS.read_text(), re.MULTILINE)
    )
    if update_golden:
        DOCS.write_text(DOCS.read_text().replace(shown[1], printed_lines))
    else:
        seconds = re.compile(r"[\d.]+ s;")
        assert seconds.sub("* s;", printed_lines) == seconds.sub("* s;", shown[1])

    # Each file is in the store, in the failures or in the counts.
    again = json.loads(searchkit("index", "--retry-failed", "--json", "inbox", archive=archive).out)
    stored = [
        json.loads(line)["url"]
        for line in searchkit("export", "--over", "documents", "--duplicates", archive=archive).out.splitlines()
    ]
    reported = [reason["uri"] for reason in again["failures"]]
    unread = [uri for kind in again["not_read"] for uri in kind["files"]]
    names = {uri.partition("#")[0].rpartition("/")[2] for uri in (*stored, *reported, *unread)}
    assert names == set(made)
    assert sum(kind["count"] for kind in again["not_read"]) == len(unread)
