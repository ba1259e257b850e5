"""SRT and VTT: the words in paragraphs, and the time of each caption."""

from pathlib import Path

import pytest

from searchkit.errors import InputError
from searchkit.export.citation import as_text, cite
from searchkit.export.records import Values
from searchkit.search.answer import alone
from searchkit.search.statement_text import page_text
from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article
from tests.parse.pages import read

SRT, VTT, ROLLING = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("hearing.srt", "inquiry.vtt", "rolling.vtt")
)


def times(article: Article, *words: str) -> list[str | None]:
    return [article.time_of(article.text.index(word)) for word in words]


def test_captions_become_paragraphs_with_times() -> None:
    article = read(SRT.replace("\n", "\r\n"), "application/x-subrip")
    assert article.text == (
        "The harbor office has counted the crates. Nadia Korbel, its director, said: “The papers were one crate short.”"
        "\n\nAnd that was on Tuesday."
    )
    assert times(article, "The harbor", "crates", "Nadia", "papers", "And") == [
        *("0:12:03", "0:12:03", "0:12:05", "0:12:09", "1:00:20")
    ]
    assert article.page_of(0) is None


def test_voices_are_labels() -> None:
    article = read(VTT, "text/vtt")
    assert article.text == ("Nadia Korbel: The crane & the lock stand still. Nobody knows why.\n\nOskar Lind: I do.")
    assert times(article, "Nobody", "I do") == ["0:00:04", "0:00:06"]


def test_automatic_captions_that_repeat_lines() -> None:
    assert read(ROLLING, "text/vtt").text == "the crane stands still"


def test_a_statement_is_cited_with_its_time() -> None:
    article = read(SRT, "application/x-subrip", uri="file:///srv/inquiry.srt")
    document = annotate(article, seen_at="2026-03-01T12:00:00+00:00")
    (quote,) = document.quotes
    assert page_text(quote, document) == "at 0:12:09"
    assert ", at 0:12:09" in as_text(cite(document, quote))
    assert Values(alone(document, quote)).of(("time", "page")) == {"time": "0:12:09"}


@pytest.mark.parametrize("written", ["WEBVTT\n", "1\n00:00:01,000 --> 00:00:02,000\n\n", "words alone"])
def test_files_without_captions_are_refused(written: str) -> None:
    with pytest.raises(InputError, match="subtitles without text"):
        read(written, "text/vtt")


def test_times_as_teams_writes_them() -> None:
    article = read("WEBVTT\n\n6e2b/12-0\n0:1:5.2 --> 0:1:9.75\n<v Ann Cole>The crane stands still.</v>\n", "text/vtt")
    assert article.times == (65,)
    assert article.text.endswith("The crane stands still.")


@pytest.mark.parametrize("arrow", ["-->", "->"])
def test_captions_without_blank_lines_between_them(arrow: str) -> None:
    written = (
        f"1\n00:00:01,000 {arrow} 00:00:02,000\nThe crates left.\n2\n00:00:02,100 {arrow} 00:00:03,000\nNo one saw.\n"
    )
    assert read(written.encode(), "application/x-subrip").text == "The crates left. No one saw."
