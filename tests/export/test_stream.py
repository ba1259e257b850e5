"""Everything that answers a question, one record at a time."""

import pytest

from searchkit.archive import Archive
from searchkit.errors import NotInArchive
from tests.archive.taken import TEXT, WEATHER, selected, take


@pytest.mark.slow
def test_all_is_selected_however_much_it_is(archive: Archive) -> None:
    for number in range(25):
        take(
            archive, f"{TEXT} That was on day {number}.", uri=f"https://ledger.example/{number}", title=f"Day {number}"
        )
    selection = selected(archive, copies=True)
    assert (len(selection.records), selection.result.total) == (50, 50)
    found = list(selection.records)
    assert len({one.hit.id for one in found}) == 50
    for one in found:
        assert one.quote is not None
        assert (one.quote.id, one.document.id) == (one.hit.id, one.hit.document)
    documents = selected(archive, "day", "document", copies=True)
    assert [one.quote for one in documents.records] == [None] * 25


def test_a_limit_takes_the_first_and_says_how_many_match(archive: Archive) -> None:
    take(archive)
    selection = selected(archive, limit=1)
    assert (len(selection.records), selection.result.total, len(list(selection.records))) == (1, 2, 1)
    assert (len(selected(archive, "nowhere").records), selected(archive, limit=9).result.total) == (0, 2)


def test_copies_are_counted_or_listed(archive: Archive) -> None:
    long = f"{TEXT} " + " ".join(f"The harbor log of day {number} tells of wind and of rain." for number in range(30))
    take(archive, long)
    take(archive, long, uri="https://courier.example/cranes", outlet="River Courier")
    assert sorted(one.hit.copies for one in selected(archive).records) == [1, 1]
    assert [one.hit.copies for one in selected(archive, copies=True).records] == [0] * 4


def test_what_left_the_archive_meanwhile_is_left_out(archive: Archive) -> None:
    take(archive)
    selection = selected(archive)
    take(archive, WEATHER, published="2026-03-05", days=1)
    steps: list[tuple[int, int]] = []
    assert list(selection.records.through(lambda done, total: steps.append((done, total)))) == []
    assert steps == [(1, 2), (2, 2)]
    with pytest.raises(NotInArchive):
        selection.records.get(selection.records.hits[0])


def test_the_document_at_an_address(archive: Archive) -> None:
    document = take(archive)
    assert archive.at(document.uri) == document
    assert archive.at("https://ledger.example/none") is None
