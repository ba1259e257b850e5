"""From words and options to an answer with its records."""

from collections.abc import Iterator
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.cli.answers import ask
from searchkit.document import document_id
from searchkit.errors import QueryError, UsageError
from searchkit.query.fields import Record
from searchkit.search.answer import Answer
from tests.cli.harbor import ARTICLES, archive_of_the_harbor, options

CRANES, CRATES, HEARING = (document_id(str(article["uri"])) for article in ARTICLES)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with archive_of_the_harbor(tmp_path_factory.mktemp("harbor") / "archive") as opened:
        yield opened


def asked(archive: Archive, *words: str, record: Record = "document", **given: object) -> Answer:
    return ask(archive, words, record, options(**given))


def found(answer: Answer) -> list[str]:
    return [found.document.id for found in answer.records]


@pytest.mark.parametrize(
    ("words", "given", "expected"),
    [
        (("cranes",), {}, {CRANES, HEARING}),
        (("cranes", "port"), {}, {CRANES, HEARING}),
        (("cranes", "crates"), {}, {CRANES}),
        (('"the', 'port"'), {}, {CRANES, HEARING}),
        (("*",), {}, {CRANES, CRATES, HEARING}),
        ((), {"outlet": ("Harbor Ledger",)}, {CRANES, CRATES}),
        ((" ",), {"since": "2023"}, {CRATES}),
        ((), {"until": "2022-12"}, {CRANES}),
        ((), {"facet": ("outlet",)}, {CRANES, CRATES, HEARING}),
        (("cranes",), {"speaker": ("Nadia Korbel",)}, {CRANES}),
        ((), {"speaker": ("Nadia Korbel", "Petr Havel")}, {CRANES, CRATES, HEARING}),
        ((), {"speaker": ("Nadia Korbel",), "since": "2023", "until": "2023"}, {CRATES}),
        ((), {"agency": ("Trade Office",)}, {CRANES}),
        ((), {"verb": ("say",), "outlet": ("River",)}, {HEARING}),
    ],
)
def test_what_is_found(archive: Archive, words: tuple[str, ...], given: dict[str, Any], expected: set[str]) -> None:
    answer = asked(archive, *words, **given)
    assert set(found(answer)) == expected
    assert answer.result.total == len(expected)
    assert all(found.quote is None for found in answer.records)


def test_nothing_asked_is_refused(archive: Archive) -> None:
    with pytest.raises(QueryError, match=r"Write \*"):
        asked(archive)
    with pytest.raises(UsageError, match="--since"):
        asked(archive, since="soon")
    with pytest.raises(UsageError, match="colour"):
        asked(archive, facet=("colour",))


def test_statements_come_with_their_words(archive: Archive) -> None:
    answer = asked(archive, "crate", record="quote")
    words = [found.quote.content.of(found.document.text) for found in answer.records if found.quote]
    assert sorted(words) == ['"The papers were one crate short,"', '"We counted the crates twice,"']
    assert all(found.hit.id == found.quote.id for found in answer.records if found.quote)


@pytest.mark.parametrize(
    ("words", "sort", "order"),
    [
        ("outlet:*", None, [CRATES, CRANES, HEARING]),
        ("cranes OR crates", "newest", [CRATES, CRANES, HEARING]),
        ("cranes OR crates", "oldest", [CRANES, CRATES, HEARING]),
        ("outlet:*", "oldest", [CRANES, CRATES, HEARING]),
        ("title:hearing OR port", None, [HEARING, CRANES]),
        ("title:hearing OR port", "newest", [CRANES, HEARING]),
    ],
)
def test_order(archive: Archive, words: str, sort: str | None, order: list[str]) -> None:
    assert found(asked(archive, words, sort=sort)) == order


def test_paging(archive: Archive) -> None:
    answer = asked(archive, "*", sort="oldest", limit=1, offset=1)
    assert (found(answer), answer.offset, answer.result.total) == ([CRATES], 1, 3)


def test_notes_of_the_reader_come_with_the_answer(archive: Archive) -> None:
    answer = asked(archive, "cranes", "—", "port")
    assert answer.query == "cranes — port"
    assert any("was ignored" in note for note in answer.result.notes)
    assert str(answer.tree) == "cranes AND port"
