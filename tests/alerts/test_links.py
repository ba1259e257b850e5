"""Alerts on disputes, on the spread of a quotation and on changes: what other articles and later versions say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.alerts.items import Item
from searchkit.archive.indexing import Indexing
from searchkit.index.base import SearchRequest
from searchkit.notes.file import Notes, TypedNote, made_note, write
from searchkit.query import ast
from tests.alerts.newsroom import Newsroom
from tests.samples import present

ACCUSED = "The watchdog Lantern Watch accused Meridian Optics of shipping lenses to a blacklisted buyer in Velmar."
DENIED = "Meridian Optics denied that it had shipped lenses to a blacklisted buyer in Velmar."
REJECTED = "Meridian Optics rejected the accusation by Lantern Watch that it had shipped lenses to a blacklisted buyer."
CRATES = '"We shipped forty crates of lenses to the harbour before dawn on Tuesday," {0}, said.'
FELD, PELLING = CRATES.format("Mina Feld, of Meridian Optics"), CRATES.format("Dora Pelling, of Lantern Watch")
CALM = '"The council will decide about the crane next spring, not before," Torben Ask, the mayor of Tolvik, said.'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path) as newsroom:
        yield newsroom


def publish(newsroom: Newsroom, outlet: str, *texts: str) -> None:
    newsroom.publish(outlet.lower(), "\n\n".join(texts), outlet=outlet, title=f"{outlet} report")


def again(newsroom: Newsroom) -> list[Item]:
    """What the next run reports; the runs after it report nothing."""
    items = newsroom.reported(newsroom.run())
    assert newsroom.run().run is None
    newsroom.index()
    assert newsroom.run().run is None
    return items


def test_a_rejection_in_the_same_article_is_reported_with_its_claim(desk: Newsroom) -> None:
    publish(desk, "Ledger", CALM)
    desk.alert("disputes", "disputed:answer")
    desk.run()
    publish(desk, "Gazette", REJECTED, ACCUSED)
    (item,) = again(desk)
    assert (item.outlet, item.change, item.section) == ("Gazette", "added", "new")
    assert item.dispute[0].startswith("claim: ")


def test_a_removed_statement_of_the_baseline_is_reported_once(desk: Newsroom) -> None:
    publish(desk, "Ledger", CALM, FELD, CALM.replace("crane", "quay"))
    desk.alert("gone", "changed:removed speaker:Feld")
    desk.run()
    publish(desk, "Ledger", CALM, CALM.replace("crane", "quay"))
    (item,) = again(desk)
    assert (item.outlet, item.change, item.section, "forty crates" in item.text) == ("Ledger", "removed", "new", True)


def test_a_conflicting_attribution_is_reported_with_both_sides_once(desk: Newsroom) -> None:
    publish(desk, "Ledger", FELD)
    desk.alert("conflicts", "disputed:attribution")
    desk.alert("feld", "disputed:attribution speaker:Feld")
    desk.run()
    publish(desk, "Courier", FELD)
    assert again(desk) == []
    publish(desk, "Gazette", PELLING)
    report = desk.run()
    found = {(item.alert, item.outlet): item.change for item in desk.reported(report)}
    assert found["conflicts", "Gazette"] == "added"
    assert found["feld", "Ledger"] == found["conflicts", "Ledger"] == "linked"
    assert any("matches now because of what another article says" in line for line in desk.printed)
    assert again(desk) == []
    publish(desk, "Gazette", CALM)
    publish(desk, "Gazette", PELLING)
    assert again(desk) == [], "each statement is reported once"


def test_a_quotation_that_spreads_is_reported_when_it_is_wide_enough(desk: Newsroom) -> None:
    publish(desk, "Ledger", FELD, CALM)
    desk.alert("spread", "spread:>=3")
    desk.run()
    publish(desk, "Courier", FELD)
    assert again(desk) == []
    publish(desk, "Gazette", CRATES.format("Mina Feld, of Meridian Optics, a maker of lenses"))
    assert {item.outlet: item.change for item in again(desk)} == {
        "Ledger": "linked", "Courier": "linked", "Gazette": "added"
    }  # fmt: skip
    publish(desk, "Herald", FELD, "The harbour was closed on Wednesday.")
    assert {item.outlet: item.change for item in again(desk)} == {"Herald": "added"}


def test_a_statement_that_was_reported_under_another_query_is_reported_when_it_is_disputed(desk: Newsroom) -> None:
    desk.alert("feld", "speaker:Feld")
    desk.run()
    publish(desk, "Ledger", FELD)
    assert [item.change for item in again(desk)] == ["added"]
    desk.alert("feld", "speaker:Feld disputed:*")
    assert again(desk) == []
    publish(desk, "Gazette", PELLING)
    assert [(item.outlet, item.change) for item in again(desk)] == [("Ledger", "linked")]
    for query in ("speaker:Feld", "speaker:Feld disputed:attribution", "speaker:(Feld OR Pelling) disputed:*"):
        desk.alert("feld", query)
        assert again(desk) == []


def test_what_is_disputed_when_the_query_is_edited_counts_as_known(desk: Newsroom) -> None:
    publish(desk, "Ledger", FELD)
    publish(desk, "Gazette", PELLING)
    desk.alert("feld", "speaker:Feld")
    desk.run()
    desk.alert("feld", "disputed:* speaker:Feld")
    assert again(desk) == []


def test_another_verb_reports_with_the_words_before(desk: Newsroom) -> None:
    desk.alert("verbs", "changed:verb")
    desk.run()
    publish(desk, "Ledger", "The council met on Monday in the old hall.", DENIED, "It will meet again in May.")
    assert again(desk) == []
    confirmed = DENIED.replace("denied", "confirmed")
    publish(desk, "Ledger", "The council met on Monday in the old hall.", confirmed, "It will meet again in May.")
    (item,) = again(desk)
    assert (item.change, item.verb, item.kinds) == ("changed", "confirm", ("reversed", "verb"))
    assert item.was.startswith("Meridian Optics denied that")


def test_a_rebuilt_archive_reports_nothing_again(desk: Newsroom) -> None:
    publish(desk, "Ledger", FELD)
    desk.alert("disputes", "disputed:*")
    desk.run()
    publish(desk, "Gazette", PELLING)
    assert len(again(desk)) == 2
    Indexing(desk.archive).rebuild()
    assert again(desk) == []
    (desk.archive.folder / "histories.sqlite").unlink()
    assert again(desk) == []


def test_a_mark_of_the_user_is_found(desk: Newsroom) -> None:
    publish(desk, "Ledger", ACCUSED)
    desk.alert("checked", "mark:checked")
    desk.run()
    hit = desk.archive.search(SearchRequest(query=ast.All(), record="quote")).hits[0]
    document, quote = desk.archive.find(hit.id)
    note = present(made_note(quote, document, TypedNote(mark="checked"), now=desk.now) if quote and document else None)
    write(desk.archive.folder, Notes([note], position=desk.archive.store().position))
    assert [item.id for item in again(desk)] == [hit.id]
