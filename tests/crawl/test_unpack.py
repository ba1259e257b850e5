"""Which file is opened as what: folders with patterns, standard input, small limits."""

import gzip
from pathlib import Path

import pytest

from searchkit.crawl import files
from searchkit.crawl.base import FileOptions
from tests.crawl.reading import NOW, STORY, read_file, reasons, resources, uris
from tests.crawl.test_files import read
from tests.formats import docx, mail, pdf, printed, zipped

BOX = b"From a@b.example Mon May 12 10:00:00 2025\n" + mail()


def names(folder: Path, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    options = FileOptions(include=include, exclude=exclude)
    found = resources(list(files.resources([str(folder)], options, now=NOW)))
    return [resource.uri.removeprefix(folder.as_uri() + "/") for resource in found]


def test_patterns_choose_what_a_folder_holds(tmp_path: Path) -> None:
    for name in ("a.txt", "b.md", "news/a.txt", "news/old/c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(STORY)
    assert names(tmp_path) == ["a.txt", "b.md", "news/a.txt", "news/old/c.txt"]
    assert names(tmp_path, include=("*.md",)) == ["b.md"]
    assert names(tmp_path, include=("news/*",)) == ["news/a.txt", "news/old/c.txt"]
    assert names(tmp_path, include=("a.txt", "?.md")) == ["a.txt", "b.md"]
    assert names(tmp_path, include=(f"{tmp_path}/news/*",)) == ["news/a.txt", "news/old/c.txt"]
    assert names(tmp_path, exclude=("*/old/*", "*.md")) == ["a.txt", "news/a.txt"]
    assert names(tmp_path, include=("news/*",), exclude=(f"{tmp_path}/*/old/*",)) == ["news/a.txt"]
    assert names(tmp_path, include=("none",)) == []
    (tmp_path / "a.txt").write_text(STORY)
    named = list(files.resources([str(tmp_path / "a.txt")], FileOptions(exclude=("*",)), now=NOW))
    assert len(uris(named)) == 1


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (pdf(printed("Words.")), ["application/pdf"]),
        (docx("Words."), ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]),
        (mail(), ["message/rfc822"]),
        (BOX + b"\n" + BOX, ["message/rfc822"] * 2),
        (zipped({"a.txt": STORY, "b.html": "<p>x</p>"}), ["text/plain", "text/html"]),
        (gzip.compress(STORY.encode()), ["text/plain"]),
    ],
)
def test_standard_input_may_be_anything(body: bytes, kinds: list[str]) -> None:
    answers = read("-", stdin=body)
    assert [resource.media_type for resource in resources(answers)] == kinds
    assert all(resource.uri.startswith("stdin:") for resource in resources(answers))


def test_sizes_are_limited_whatever_the_type(tmp_path: Path) -> None:
    small = FileOptions(max_bytes=100)
    for name, body in (
        ("a.pdf", pdf(printed("Words."))),
        ("a.docx", docx("x")),
        ("a.eml", mail()),
        ("a.xml", b"<a/>" * 99),
    ):
        [reason] = reasons(read_file(tmp_path / name, body, options=small)).values()
        assert reason.startswith("is larger than 100 bytes (")


def test_disk_errors_pass_through_a_container(tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    (tmp_path / "a.zip" / "b.txt").write_text(STORY)
    assert len(uris(read(tmp_path))) == 1
