"""Reported statements that later versions of their articles change or remove are reported once more, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from searchkit.alerts import running
from searchkit.alerts.items import Item
from searchkit.statements.document import document_id, quote_id
from searchkit.statements.text import Span
from tests.alerts.newsroom import Newsroom, mail_program, story
from tests.samples import present

LETTER = '"The mayor has been told of it by letter," Nadia Korbel said.\n\n'
OTHER = LETTER.replace("Nadia Korbel", "Ivo Marek, mayor of Velmar,")
FINE = "Nadia Korbel {0} that the Velmar Port Authority had paid the fine of last year.\n\n"
ENTRIES = [
    f"{10 + hour}:15\n\nShips were waiting at pier {hour} for the tide and their papers.\n\n"
    f'"Pier {hour} was inspected by divers this morning," Nadia Korbel said.\n\n'
    for hour in range(8)
]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom whose alert "port" has saved its baseline."""
    with Newsroom(tmp_path) as newsroom:
        newsroom.alert("port", "speaker:Korbel")
        newsroom.run()
        yield newsroom


def again(newsroom: Newsroom) -> list[Item]:
    """What the next run reports; the runs after it report nothing."""
    items = newsroom.reported(newsroom.run())
    assert newsroom.run().run is None
    return items


def test_a_reported_statement_that_is_removed_is_reported_once_more(port: Newsroom) -> None:
    port.publish("one", story("We will close the bridge", more=LETTER))
    assert port.run().new == 2
    port.publish("one", story("We will close the bridge"))
    report = port.run()
    (item,) = port.reported(report)
    assert (item.change, item.section, item.text) == ("removed", "new", '"The mayor has been told of it by letter,"')
    assert "    removed or hidden by a later version of the article" in port.printed
    assert port.run().run is None
    port.publish("one", story("We will close the bridge", more=LETTER))
    assert again(port) == []
    port.publish("one", story("We will close the bridge"))
    assert again(port) == []


def test_a_statement_that_an_alert_only_knows_is_not_reported_when_it_is_removed(port: Newsroom) -> None:
    port.publish("one", story("We will close the bridge", more=OTHER + FINE.format("said")))
    port.alert("marek", "speaker:Marek")
    port.run()
    port.publish("one", story("We will close the bridge", more=OTHER))
    (item,) = again(port)
    assert (item.alert, item.change) == ("port", "removed")
    port.publish("one", story("We will close the bridge"))
    assert again(port) == []


def test_another_speaker_whom_the_query_does_not_ask_for_is_reported_as_changed(port: Newsroom) -> None:
    port.publish("one", story("We will close the bridge", more=LETTER))
    port.run()
    port.publish("one", story("We will close the bridge", more=OTHER))
    (item,) = again(port)
    assert (item.change, item.kinds, item.speaker) == ("changed", ("speaker",), "Ivo Marek")
    assert item.was.endswith('Authority) said: "The mayor has been told of it by letter,"')
    assert item.why == ("speaker:Korbel",)
    # It is followed on, until it is gone.
    port.publish("one", story("We will close the bridge"))
    (item,) = again(port)
    assert (item.change, item.speaker) == ("removed", "Ivo Marek")


def test_another_verb_that_the_query_does_not_ask_for_is_reported_as_changed(port: Newsroom) -> None:
    port.alert("denials", "act:deny")
    port.alert("all", "fine")
    port.run()
    port.publish("one", story("We will close the bridge", more=FINE.format("denied")))
    port.run()
    port.publish("one", story("We will close the bridge", more=FINE.format("confirmed")))
    items = {item.alert: item for item in again(port)}
    assert {name: item.change for name, item in items.items()} == {
        "denials": "changed", "all": "reattributed", "port": "reattributed"
    }  # fmt: skip
    assert (items["denials"].kinds, items["denials"].cue) == (("reversed", "verb"), "confirmed")
    assert "denied that" in items["denials"].was


def test_two_changes_between_two_runs_are_one(port: Newsroom) -> None:
    port.publish("one", story("We will close the bridge", more=LETTER))
    port.run()
    port.publish("one", story("We will close the bridge", more=OTHER))
    port.publish("one", story("We will close the bridge"))
    assert [(item.change, item.speaker) for item in again(port)] == [("removed", "Nadia Korbel")]


def test_a_change_that_is_taken_back_before_the_next_run_is_not_reported(port: Newsroom) -> None:
    port.publish("one", story("We will close the bridge", more=LETTER))
    port.run()
    port.publish("one", story("We will close the bridge"))
    port.publish("one", story("We will close the bridge", more=LETTER))
    assert again(port) == []


@pytest.mark.parametrize("end", ["and no crane will be moved", "and no crane will be moved before July"])
def test_another_end_of_a_statement_is_reported(port: Newsroom, end: str) -> None:
    whole = '"The mayor has been told of it by letter," Nadia Korbel said, "{0}."\n\n'
    port.publish("one", story("We will close the bridge", more=whole.format("and no crane will be moved before May")))
    port.run()
    port.publish("one", story("We will close the bridge", more=whole.format(end)))
    (item,) = again(port)
    assert item.change == "changed"
    assert (item.text, item.was[-21:]) == (
        f'"The mayor has been told of it by letter," … "{end}."',
        'be moved before May."',
    )


def test_what_only_looks_different_is_not_reported(port: Newsroom) -> None:
    port.publish("one", story("We will close the bridge", more=LETTER))
    port.run()
    # The words are still there, but no longer as a statement; then a live blog and a truncated page.
    port.publish(
        "one", story("We will close the bridge", more=LETTER.replace('"', "").replace("Nadia Korbel said.", ""))
    )
    assert again(port) == []
    port.publish("blog", story("The list is long", more="".join(ENTRIES[::-1])))
    assert len(port.reported(port.run())) == 9
    port.publish("blog", story("The list is long", more="".join(ENTRIES[:3:-1])))
    assert [item.change for item in again(port)] == []


def test_a_newer_extractor_reports_nothing_and_is_followed(port: Newsroom) -> None:
    address = port.publish("one", story("We will close the bridge", more=LETTER))
    port.run()
    document = present(port.archive.get(document_id(address)))
    content = "The mayor has been told of it by letter"
    start = document.text.index(content)
    shorter = replace(
        document.quotes[1], id=quote_id(document.id, content, {}), content=Span(start, start + len(content))
    )
    with port.archive.changing() as store:
        assert store.replace_annotations(replace(document, quotes=(document.quotes[0], shorter)))
        store.commit()
    port.archive.catch_up()
    assert again(port) == []
    port.publish("one", story("We will close the bridge"))
    assert [(item.change, item.text) for item in again(port)] == [
        ("removed", '"The mayor has been told of it by letter,"')
    ]


def test_a_baseline_is_not_reported_when_it_changes(port: Newsroom) -> None:
    port.publish("one", story("We will close the bridge", more=OTHER))
    port.alert("marek", "speaker:Marek")
    port.run("marek")
    port.publish("one", story("We will close the bridge"))
    assert [item.alert for item in port.reported(port.run("marek"))] == []


def test_every_sink_shows_the_change(port: Newsroom) -> None:
    port.alert("port", "speaker:Korbel", "stdout", "atom:alerts.xml", "sendmail:desk@ledger.example")
    mail_program(port.folder)
    port.publish("one", story("We will close the bridge", more=LETTER + FINE.format("said")))
    port.run()
    port.publish("one", story("We will close the bridge", more=OTHER))
    port.run()
    folder = port.archive.folder
    mail = (port.folder / "mail-1").read_text().replace("=\n", "")
    feed = (folder / "alerts.xml").read_text()
    for text in ("\n".join(port.printed), mail, feed):
        assert "removed or hidden by a later version of the article" in text
        assert "changed by a later version of the article: now attributed to Ivo Marek" in text
        assert "was: Nadia Korbel (spokesperson, Velmar Port Authority) said:" in text
    assert "<title>Removed: " in feed
    assert "<title>Changed: Ivo Marek" in feed
    items = to_builtins(running.stored(port.archive).record())["items"]
    assert {(item["change"], bool(item["was"])) for item in items} == {("changed", True), ("removed", False)}
