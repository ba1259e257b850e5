"""Scans, images and old Office files, with scripts in place of the programs."""

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit import parse
from searchkit.crawl.base import FileOptions
from searchkit.crawl.files import WITH_OCR
from searchkit.errors import InputError
from searchkit.parse import programs
from searchkit.statements.document import Article, Resource
from tests.cases import cases
from tests.crawl.reading import read, reason, resources
from tests.formats import docx, pdf, zipped
from tests.parse.pages import NOW, TODAY
from tests.parse.pictures import table

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60
OCR = FileOptions(ocr=True)
WORD = Resource(uri="file:///a.doc", media_type="application/msword", body=OLE, fetched_at=NOW, digest="", ocr=True)
TESSERACT = """
case $1 in --list-langs) echo eng; echo deu; echo osd; exit;; esac
echo "$HOME $3 $4 $5 $6 $7" > {seen}
cat /proc/net/route | tail -n +2 >> {seen}
cp {table} $2.tsv
"""

pytestmark = pytest.mark.skipif(not programs._isolated(), reason="this machine cannot take the network from a program")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched for programs first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def script(path: Path, written: str) -> None:
    path.write_text(f"#!/bin/sh\n{written}\n")
    path.chmod(0o755)


def tesseract(tools: Path, *pages: tuple[str, ...], seen: str = "/dev/null") -> None:
    """Install a tesseract that recognises these pages of paragraphs."""
    (tools / "table").write_text(table(*pages))
    script(tools / "tesseract", TESSERACT.format(seen=seen, table=tools / "table"))


def article(path: Path) -> Article:
    """What becomes of a file when programs may read it."""
    (found,) = resources(read(path, options=OCR))
    return parse.article(found, today=TODAY)


def test_images_are_read_alone_and_without_network(tools: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    tesseract(tools, ("The crane\nstands still.",), seen=str(seen))
    (tmp_path / "a.png").write_bytes(PNG)
    made = article(tmp_path / "a.png")
    assert made.text == "The crane stands still."
    assert "tesseract" in made.notes[0]
    (line,) = seen.read_text().splitlines()  # no routes
    home, *languages = line.split()
    assert languages == ["--psm", "1", "-l", "eng+deu", "tsv"]
    assert not Path(home).exists()


@pytest.mark.parametrize("name", ["a.tiff", "a.bmp"])
def test_pictures_without_compression_are_pictures(tools: Path, tmp_path: Path, name: str) -> None:
    """They have so few control codes that they could be text."""
    tesseract(tools, ("One.",), ("Two.",))
    start = {"a.tiff": b"II*\0", "a.bmp": b"BM\x36\x10\x30\0\0\0\0\0"}[name]
    (tmp_path / name).write_bytes(start + b"\xff" * 9_000)
    made = article(tmp_path / name)
    assert (made.text, made.pages) == ("One.\n\nTwo.", (0, 6))


def test_old_office_files_become_new_ones(tools: Path, tmp_path: Path) -> None:
    (tmp_path / "made.docx").write_bytes(docx("The crane stands still."))
    script(tools / "soffice", f'for last; do :; done; cp {tmp_path}/made.docx "${{last%.doc}}.docx"')
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.doc").write_bytes(OLE)
    (folder / "b.zip").write_bytes(zipped({"c.doc": OLE}))
    (folder / "d.doc").write_text("Not a file of Word, but text.\n")
    found = resources(read(folder, options=OCR))
    assert [parse.article(one, today=TODAY).text for one in found[:2]] == ["The crane stands still."] * 2
    assert found[2].media_type == "text/plain"


def test_scans_get_a_text_layer(tools: Path, tmp_path: Path) -> None:
    (tmp_path / "made.pdf").write_bytes(pdf([(72, 700, 12, "The crane stands still.")]))
    tesseract(tools)
    script(tools / "ocrmypdf", f'for last; do :; done; cp {tmp_path}/made.pdf "$last"')
    (tmp_path / "scan.pdf").write_bytes(pdf([]))
    assert article(tmp_path / "scan.pdf").text == "The crane stands still."
    (found,) = resources(read(tmp_path / "scan.pdf"))
    with pytest.raises(InputError, match="no text layer"):
        parse.article(found, today=TODAY)


def test_without_the_setting_there_is_advice(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(OLE)
    assert reason(read(tmp_path / "a.doc")) == WITH_OCR
    assert read(tmp_path) == []
    with pytest.raises(InputError, match="unsupported file type"):
        parse.article(replace(WORD, ocr=False), today=TODAY)


@pytest.mark.parametrize(("written", "why"), cases(__file__, "test_programs_that_fail"))
def test_programs_that_fail(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, why: str
) -> None:
    monkeypatch.setattr(programs, "PROGRAM_SECONDS", 1)
    monkeypatch.setattr(programs, "_LARGEST_FILE", 1_000_000)
    script(tools / "tesseract", f"case $1 in --list-langs) exit;; esac\n{written}")
    (tmp_path / "a.png").write_bytes(PNG)
    with pytest.raises(InputError, match=why):
        article(tmp_path / "a.png")


@pytest.mark.slow
def test_no_process_outlives_a_program(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PROGRAM_SECONDS", 1)
    seen = tmp_path / "seen"
    loop = f"setsid sh -c 'while sleep 0.05; do date +%N > {seen}; done' &\nsleep 30"
    script(tools / "tesseract", f"case $1 in --list-langs) exit;; esac\n{loop}")
    (tmp_path / "a.png").write_bytes(PNG)
    with pytest.raises(InputError, match="took more than"):
        article(tmp_path / "a.png")
    time.sleep(0.3)
    before = seen.read_text()
    time.sleep(0.3)
    assert seen.read_text() == before


def test_programs_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="can be read with LibreOffice, which is not installed"):
        parse.article(WORD, today=TODAY)
