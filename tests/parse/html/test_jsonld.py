import pytest

from searchkit.parse.html.jsonld import LinkedData, load, read
from tests.cases import cases

ARTICLE = '{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Cranes &amp; ports"}'


@pytest.mark.parametrize(
    "block",
    [
        *cases(__file__, "test_common_forms_of_blocks"),
        '{"@graph": [{"@type": "WebSite", "name": "Harbor Ledger"}, ' + ARTICLE + "]}",
    ],
)
def test_common_forms_of_blocks(block: str) -> None:
    found = read([block])
    assert found and found.headline == "Cranes & ports"
    assert found.is_news


def test_line_breaks_in_strings() -> None:
    assert load('{"headline": "two\nlines"}') == {"headline": "two\nlines"}


@pytest.mark.parametrize(("author", "names"), cases(__file__, "test_authors_in_every_shape"))
def test_authors_in_every_shape(author: str, names: tuple[str, ...]) -> None:
    graph = (
        '{"@graph": [{"@type": ["Article"], "headline": "A", "author": %s},'
        ' {"@type": "Person", "@id": "#nadia", "name": "Nadia Korbel"}]}'
    )
    found = read([graph % author])
    assert found and found.authors == names


def test_all_fields() -> None:
    found = read(
        [
            '{"@type": "BreadcrumbList"}',
            '{"@type": "Report", "headline": "A", "datePublished": "2022-12-16", "dateModified": "2022-12-17",'
            ' "publisher": {"@id": "#outlet"}, "mainEntityOfPage": {"@id": "https://ledger.example.org/a"},'
            ' "inLanguage": "en"}',
            '{"@type": "Organization", "@id": "#outlet", "name": "Harbor Ledger"}',
        ]
    )
    assert found == LinkedData(
        headline="A",
        publisher="Harbor Ledger",
        published=("2022-12-16",),
        updated=("2022-12-17",),
        url="https://ledger.example.org/a",
        language="en",
        is_news=True,
    )


@pytest.mark.parametrize(
    "block",
    [
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        '{"headline": ' + "9" * 20_000 + "}",
        '{"headline": "never closed',
        "",
        ", " * 100_000,
    ],
)
def test_broken_blocks_are_noted(block: str) -> None:
    found = read([block])
    assert found == LinkedData(notes=("JSON-LD: 1 of 1 blocks could not be parsed",))


@pytest.mark.parametrize("block", ["5", "null", "[[[]]]", '{"@type": 5}', '{"@type": "Recipe", "name": "Soup"}'])
def test_blocks_without_an_article(block: str) -> None:
    found = read([block])
    assert found is None or found.headline == ""


@pytest.mark.parametrize(("fields", "free"), cases(__file__, "test_whether_all_may_read_it"))
def test_whether_all_may_read_it(fields: str, free: bool | None) -> None:
    found = read([f'{{"@type": "NewsArticle", "headline": "A", {fields}}}'])
    assert found and found.free is free


def test_authors_of_type_person_are_known() -> None:
    found = read(['{"@type": "Article", "author": [{"@type": "Person", "name": "Ada Moss"}, {"name": "B"}, "C"]}'])
    assert found and (found.authors, found.persons) == (("Ada Moss", "B", "C"), ("Ada Moss",))
