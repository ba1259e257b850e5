"""The promises of seeds/README: how many documents, of which kinds, invented addresses, annotations that are there."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from urllib.parse import urlsplit

import pytest

from searchkit import parse
from searchkit.statements.document import Article
from tests.eval.annotated import SEEDS, TODAY, locate, pages, resources, statements

FILES = sorted(path.name for path in SEEDS.iterdir() if path.name != "README.md")
README = (SEEDS / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def articles() -> Mapping[str, list[Article]]:
    return {name: [parse.article(one, today=TODAY) for one in resources(name)] for name in FILES}


def test_there_are_forty_documents_and_a_wire_feed() -> None:
    endings = Counter(name.rsplit(".", 1)[1] for name in FILES)
    assert endings["jsonl"] == 1
    assert endings.total() == 41
    assert set(endings) == {"txt", "md", "html", "jsonl"}
    assert min(endings["txt"], endings["md"], endings["html"]) >= 7


def test_every_file_is_in_the_table_and_nothing_else() -> None:
    assert re.findall(r"^\| `([\w.-]{1,80})` \|", README, re.MULTILINE) == FILES


def test_every_file_parses_to_an_article_of_its_length(articles: Mapping[str, list[Article]]) -> None:
    for name, found in articles.items():
        assert len(found) == (4 if name == "wire.jsonl" else 1), name
        for article in found:
            words = len(article.text.split())
            assert (20 if name == "wire.jsonl" else 90) <= words <= 500, (name, words)


def test_every_address_is_on_an_example_host() -> None:
    for name in FILES:
        text = (SEEDS / name).read_text(encoding="utf-8")
        for address in re.findall(r"https?://[^\s\"'<>)]{1,300}", text):
            host = urlsplit(address).hostname or ""
            if host not in {"schema.org", "ogp.me"}:  # the names of vocabularies
                assert re.fullmatch(r"([a-z]{1,30}\.)?example\.(com|net|org)", host), (name, address)


def test_the_beat_has_outlets_wires_years_and_languages(articles: Mapping[str, list[Article]]) -> None:
    everything = [article for found in articles.values() for article in found]
    assert len({article.outlet for article in everything if article.outlet}) >= 5
    years = {article.published.value[:4] for article in everything if article.published}
    assert {"2021", "2022", "2023", "2024"} == years
    assert {"en", "de", "fr"} == {article.language[:2] for article in everything if article.language}
    assert sum(article.published is None for article in everything) == 2
    wires = {
        wire
        for article in everything
        for wire in ("Atlas Wire", "Norpress", "Transnews")
        if f"({wire})" in article.text[:60]
    }
    assert len(wires) == 3


def test_the_questions_of_the_readme_have_answers(articles: Mapping[str, list[Article]]) -> None:
    everything = [article for found in articles.values() for article in found]
    assert sum("Tiandy" in article.text for article in everything) >= 5
    assert sum("Xu Guixiang" in article.text and "Tiandy" in article.text for article in everything) >= 5
    xu = [one for one in statements() if one.speaker == "Xu Guixiang" and "Tiandy Technologies" in (one.about or ())]
    assert len({one.file for one in xu}) >= 3


def test_the_two_copies_of_the_wire_story_are_near_and_not_equal(articles: Mapping[str, list[Article]]) -> None:
    first, second = (
        set(articles[f"{name}-wire-camera-shelves.{kind}"][0].text.translate({8220: 34, 8221: 34}).split("\n"))
        for name, kind in (("dispatch", "txt"), ("courier", "html"))
    )
    assert len(first & second) / len(first | second) > 0.8
    assert first != second


def test_every_statement_is_in_its_article(articles: Mapping[str, list[Article]]) -> None:
    for name, listed in groupby(statements(), key=lambda one: one.file):
        group = list(listed)
        missing = [
            one.text for one, span in zip(group, locate(group, articles[name][0].text), strict=True) if span is None
        ]
        assert missing == [], name


def test_the_annotation_is_as_large_as_promised_and_of_all_kinds() -> None:
    listed = statements()
    counts = Counter(statement.kind for statement in listed)
    assert len(listed) >= 300
    assert len({one.file for one in listed}) == len(pages()) == 39
    assert min(counts["direct"], counts["indirect"]) >= 100
    assert counts["mixed"] >= 20
    assert {page.file for page in pages()} < set(FILES)


def test_names_of_the_annotation_are_written_in_their_article(articles: Mapping[str, list[Article]]) -> None:
    for page in pages():
        text = articles[page.file][0].text
        for name in page.people:
            assert name.split()[-1] in text, (page.file, name)
        speakers = {one.speaker for one in statements() if one.file == page.file and one.speaker}
        for name in speakers - {page.outlet}:
            assert name.split()[-1] in text, (page.file, name)
