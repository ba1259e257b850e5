"""Alerts over days: what is reported, and that nothing is reported twice."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.alerts.folder import remove
from searchkit.alerts.running import send, stored, trial
from searchkit.archive import Archive
from searchkit.document import Document, document_id, quote_id
from searchkit.errors import NotInArchive, UsageError
from searchkit.index.base import SearchRequest
from searchkit.ingest import IngestOptions
from searchkit.names.folder import save as save_watchlist
from searchkit.names.watchlists import read as read_watchlist
from searchkit.query import ast
from searchkit.text import Span
from tests.alerts.desk import START, Desk, story, words


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def port(desk: Desk) -> Desk:
    """A desk whose alert "port" has saved its baseline."""
    desk.alert("port", "speaker:Korbel")
    desk.run()
    return desk


def stored_document(desk: Desk, uri: str) -> Document:
    found = desk.archive.get(document_id(uri))
    assert found is not None
    return found


def test_the_first_run_remembers_and_the_next_tell_what_is_new(desk: Desk) -> None:
    desk.publish("one", story("We will close the bridge"))
    desk.alert("port", "speaker:Korbel")
    first = desk.run()
    assert (first.new, first.run, first.failures) == (0, None, ())
    assert [(one.first, one.baseline) for one in first.alerts] == [(True, 1)]
    assert desk.printed == []

    assert desk.run().new == 0
    desk.publish("two", story("No crane will be moved before May"))
    report = desk.run()
    assert (report.new, report.others, report.run) == (1, 0, 1)
    assert [(sink.sink, sink.items) for sink in report.sinks] == [("stdout", 1)]
    printed = "\n".join(desk.printed)
    assert "1 new: port" in printed
    assert "No crane will be moved before May" in printed
    assert "bridge," not in printed
    assert "why: speaker:Korbel" in printed
    assert "https://ledger.example/two" in printed
    assert "Nadia Korbel (spokesperson, Velmar Port Authority)" in printed
    again = desk.run()
    assert (again.new, again.run, again.sinks) == (0, None, ())
    assert desk.printed == []


def test_a_backfill_reports_what_is_there(desk: Desk) -> None:
    desk.publish("one", story("We will close the bridge"), published="2019-03-03")
    desk.alert("port", "speaker:Korbel")
    report = desk.run(backfill=True)
    assert [item.section for item in desk.reported(report)] == ["new"]
    assert desk.run(backfill=True).new == 0


@pytest.mark.slow
def test_nothing_is_reported_again_whatever_is_indexed_again(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel")
    desk.alert("articles", "bridge", record="document")
    desk.run()
    uri = desk.publish("one", story("We will close the bridge"))
    desk.publish("two", story("No crane will be moved before May", "A man"))
    assert desk.run().new == 3
    desk.archive.rebuild()
    desk.index()
    assert desk.run().run is None

    # A page that is put up again after it was gone and pruned.
    with desk.archive.changing() as store:
        store.delete(document_id(uri), desk.now.isoformat())
        store.commit()
    assert desk.run().run is None
    desk.index()
    assert desk.archive.get(document_id(uri)) is not None
    assert desk.run().run is None


def reextracted(desk: Desk, uri: str, content: str, *, version: str) -> None:
    """Change the document as a new extractor would: its statement has these words."""
    document = stored_document(desk, uri)
    start = document.text.index(content)
    quote = replace(
        document.quotes[0], id=quote_id(document.id, content, {}), content=Span(start, start + len(content))
    )
    with desk.archive.changing() as store:
        assert store.replace_annotations(replace(document, quotes=(quote,), extractor_version=version))
        store.commit()


def test_a_new_extractor_that_ends_statements_elsewhere_reports_nothing_again(desk: Desk) -> None:
    desk.publish("old", story("The pillar was counted twice before the bridge was built"))
    desk.alert("port", "speaker:Korbel")
    desk.run()
    new = desk.publish("one", story("We will close the bridge and open it again when it is mended"))
    assert desk.run().new == 1
    before = {quote.id for quote in stored_document(desk, new).quotes}
    reextracted(desk, new, "We will close the bridge and open it again", version="99")
    reextracted(desk, "https://ledger.example/old", "The pillar was counted twice before the bridge", version="99")
    desk.archive.catch_up()
    assert before.isdisjoint(quote.id for quote in stored_document(desk, new).quotes)
    assert desk.run().run is None
    # ... and once more, back to where they ended: nothing was lost on the way.
    reextracted(desk, new, "We will close the bridge and open it again when it is mended", version="100")
    assert desk.run().run is None
    # What is another statement of the same article is reported.
    reextracted(desk, new, "Ships that were expected until Thursday wait in the roads", version="101")
    report = desk.run()
    assert words(desk.reported(report)) == ["Ships that were expected until Thursday wait in the roads"]
    assert [item.section for item in desk.reported(report)] == ["old"]


def test_a_mended_word_is_not_a_news_and_another_statement_is(port: Desk) -> None:
    port.publish("one", story("We will close the bridge for the whole of the coming month"))
    assert port.run().new == 1
    port.publish("one", story("We will close the bridge for the whole of the comming month"))
    assert port.run().run is None
    port.publish("one", story("We will close the bridge for the whole of the coming year"))
    assert [(item.change, item.section) for item in port.reported(port.run())] == [("reworded", "new")]
    assert any("reported before in other words" in line for line in port.printed)
    added = '"The mayor has been told of it by letter," Nadia Korbel said.\n\n'
    port.publish("one", story("We will close the bridge for the whole of the coming year", more=added))
    report = port.run()
    assert words(port.reported(report)) == ["The mayor has been told of it by letter"]
    assert [item.section for item in port.reported(report)] == ["new"]


def test_copies_in_other_outlets_are_counted_and_never_reported_again(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel")
    desk.alert("articles", "bridge", record="document")
    desk.run()
    long = story(
        "We will close the bridge", more="The inspection lasted three days and two nights in cold rain.\n\n" * 3
    )
    desk.publish("one", long)
    desk.publish("copy", long, outlet="Civic Record")
    report = desk.run()
    assert [(item.alert, item.copies) for item in desk.reported(report)] == [("articles", 1), ("port", 1)]
    desk.publish("third", long, outlet="Courier", published="2026-03-01")
    assert desk.run().run is None


def test_an_article_that_is_old_when_it_is_first_seen_is_not_a_headline(port: Desk) -> None:
    port.publish("one", story("We will close the bridge"), published="2022-12-15")
    report = port.run()
    assert (report.new, report.others) == (0, 1)
    item = port.reported(report)[0]
    assert (item.section, item.doubts) == (
        "old",
        ("an older article: published 2022-12-15, first seen here 2026-03-04",),
    )
    assert any("Older articles" in line for line in port.printed)


def test_what_a_moving_date_newly_reaches_stands_below_the_news(desk: Desk) -> None:
    desk.publish("one", story("We will close the bridge"), published="2026-03-05")
    desk.alert("today", "speaker:Korbel date:today")
    assert [one.baseline for one in desk.run().alerts] == [0]
    assert desk.run().run is None
    report = desk.run(hours=24)
    assert [(item.section, item.doubts) for item in desk.reported(report)] == [
        ("old", ("in the archive since 2026-03-04, found only now",))
    ]
    assert desk.run(hours=1).run is None


def test_a_changed_query_takes_what_was_there_for_known(desk: Desk) -> None:
    desk.publish("one", story("We will close the bridge", "Ivo Marek, mayor of Velmar,"))
    desk.alert("port", "speaker:Korbel")
    desk.run()
    desk.alert("port", "speaker:(Korbel OR Marek)")
    desk.publish("two", story("No crane will be moved before May", "Ivo Marek, mayor of Velmar,"))
    report = desk.run()
    assert words(desk.reported(report)) == ["No crane will be moved before May"]
    assert report.notes == ("the query of port was changed: 1 older matches count as known",)
    assert report.notes[0] in "\n".join(desk.printed)


def test_a_changed_saved_search_inside_is_a_changed_query(desk: Desk) -> None:
    desk.publish("one", story("We will close the bridge", "Ivo Marek, mayor of Velmar,"))
    desk.file("people", 'syntax = 1\nquery = "speaker:Korbel"\nover = "quotes"\n')
    desk.alert("port", "saved:people")
    desk.run()
    desk.file("people", 'syntax = 1\nquery = "speaker:(Korbel OR Marek)"\nover = "quotes"\n')
    assert desk.run().notes
    assert desk.run().notes == ()


def test_who_is_not_resolved_or_not_sure_is_not_a_headline(desk: Desk) -> None:
    desk.alert("said", "bridge")
    desk.alert("strict", "speaker:Korbel", min_confidence=1.0)
    desk.run()
    desk.publish("one", story("We will close the bridge", "A man who did not give his name"))
    desk.publish("two", story("No crane will be moved before May"))
    found = {item.alert: item for item in desk.reported(desk.run())}
    assert (found["said"].section, found["said"].group) == ("uncertain", "Speaker not resolved")
    assert found["said"].doubts == ("the speaker is not resolved",)
    assert found["strict"].section == "uncertain"
    assert any("the speaker is uncertain" in doubt for doubt in found["strict"].doubts)
    assert any("-- Low confidence" in line for line in desk.printed)


def watch(desk: Desk, rows: str) -> None:
    path = desk.folder / "list.csv"
    path.write_text(rows)
    parsed = read_watchlist(path, "desk")
    save_watchlist(desk.archive.folder, "desk", parsed.entries, form=parsed.form, source="list.csv", now=START)


def test_alerts_on_watchlists_group_by_name_and_weak_names_are_no_headline(desk: Desk) -> None:
    watch(desk, "id,name,weak_aliases,kind\nEX-1,Nadia Korbel,,person\nEX-2,Jonas Marek,Ivo Marek,person\n")
    desk.alert("watched", "watchlist:*")
    desk.alert("one", "watchlist:=EX-1")
    desk.run()
    desk.publish("two", story("The mayor has been told", "Ivo Marek, mayor of Velmar,"))
    weak = desk.run()
    assert [(item.alert, item.section) for item in desk.reported(weak)] == [("watched", "weak")]
    assert (weak.new, weak.others, weak.sinks, desk.printed) == (0, 1, (), [])  # a weak name alone tells nobody
    desk.publish("one", story("We will close the bridge"))
    report = desk.run()
    items = {item.alert: item for item in desk.reported(report)}
    assert items["watched"].group == items["one"].group == "Nadia Korbel (desk EX-1), by name only"
    assert items["one"].why == ('watchlist:="EX-1"',)
    assert report.new == 2
    printed = "\n".join(desk.printed)
    assert "-- Matched by a weak name only" in printed  # it goes with the next digest
    assert "Jonas Marek (desk EX-2, weak), by name only" in printed
    assert printed.index("We will close the bridge") < printed.index("The mayor has been told")


def test_a_watchlist_that_comes_later_reports_older_articles_once_below_the_news(desk: Desk) -> None:
    desk.publish("one", story("We will close the bridge"))
    desk.alert("watched", "watchlist:*")
    desk.run()
    watch(desk, "id,name,kind\nEX-1,Nadia Korbel,person\n")
    list(desk.archive.reannotate(options=IngestOptions(workers=1), now=desk.now))
    report = desk.run()
    assert [item.section for item in desk.reported(report)] == ["old"]
    assert desk.run().run is None


def test_an_alert_that_fails_is_kept_and_stops_no_other(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel")
    desk.alert("bad", "speaker:Korbel")
    desk.run()
    good = desk.file("bad", 'syntax = 1\nquery = "speker:Korbel"\nover = "quotes"\n[alert]\n').read_text()
    desk.file("broken", "syntax = = 1")
    desk.publish("one", story("We will close the bridge"))
    report = desk.run()
    assert report.new == 1
    assert len(report.failures) == 2
    assert 'alert bad failed: There is no field "speker".' in report.failures[0]
    assert "broken.toml is not valid TOML" in report.failures[1]
    assert any(line.startswith("note: alert bad failed") for line in desk.printed)
    assert desk.archive.store().alerts.states()["bad"].failure.startswith("There is no field")
    desk.file("bad", good.replace("speker", "speaker"))
    (desk.archive.folder / "saved" / "broken.toml").unlink()
    mended = desk.run()
    assert (mended.failures, words(desk.reported(mended))) == ((), ["We will close the bridge"])
    assert desk.archive.store().alerts.states()["bad"].failure == ""


def test_alerts_are_asked_as_often_as_they_want(desk: Desk) -> None:
    desk.alert("daily", "speaker:Korbel", every="day")
    desk.alert("weekly", "speaker:Korbel", every="week")
    assert len(desk.run().alerts) == 2
    desk.publish("one", story("We will close the bridge"))
    assert desk.run(hours=20).alerts == ()
    assert [one.name for one in desk.run(hours=3.5).alerts] == ["daily"]
    assert [one.name for one in desk.run("weekly").alerts] == ["weekly"]
    with pytest.raises(NotInArchive, match='no alert "montly"'):
        desk.run("montly")
    desk.file("plain", 'syntax = 1\nquery = "x"\nover = "quotes"\n')
    with pytest.raises(UsageError, match="but not an alert"):
        desk.run("plain")


@pytest.mark.slow
def test_hourly_runs_ask_at_the_same_time_of_day(desk: Desk) -> None:
    desk.alert("daily", "speaker:Korbel", every="day")
    desk.alert("weekly", "speaker:Korbel", every="week")
    start = desk.now
    asked: dict[str, list[float]] = {"daily": [], "weekly": []}
    for hour in range(15 * 24):
        # Cron is late by some seconds, and an update takes minutes now and then: not always the same.
        desk.now = start + timedelta(hours=hour, seconds=(hour * 37 % 11) * 60)
        for one in desk.run(hours=0).alerts:
            asked[one.name].append(hour)
    assert asked == {"daily": [day * 24 for day in range(15)], "weekly": [0, 7 * 24, 14 * 24]}


def test_a_clock_that_was_set_back_stops_nothing(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel")
    desk.alert("daily", "speaker:Korbel", every="day")
    desk.run()
    assert len(desk.run(hours=-48).alerts) == 2


def test_an_article_that_goes_is_news_where_that_was_asked(desk: Desk) -> None:
    desk.alert("gone", "gone:*", record="document")
    uri = desk.publish("one", story("We will close the bridge"))
    assert desk.run().new == 0
    desk.now += timedelta(hours=1)
    file = (desk.folder / "articles.jsonl").as_uri()
    with desk.archive.changing() as store:
        assert store.mark_gone(uri, desk.now.isoformat(timespec="seconds"), container=file)
        store.commit()
    report = desk.run(hours=0)
    assert [item.section for item in desk.reported(report)] == ["new"]


@pytest.mark.slow
def test_a_long_transcript_is_reported_in_time_linear_in_it(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel tonnes")
    desk.run()
    lines = [f'"Pier {n} took {n * n} tonnes of load {n + 7}," Nadia Korbel said.\n\n' for n in range(1_000)]
    desk.publish("many", story("The harbor master has given us his list", more="".join(lines)))
    started = time.monotonic()
    report = desk.run()
    assert len(desk.reported(report)) > 900
    changed = [line.replace("Pier", "Quay").replace("took", "bore") for line in lines]
    desk.publish("many", story("The harbor master has given us his list", more="".join(changed)))
    again = desk.run()
    assert {item.change for item in desk.reported(again)} == {"reworded"}
    assert time.monotonic() - started < 30


def test_a_sink_that_fails_is_tried_again_and_gets_one_message_for_the_rest(desk: Desk) -> None:
    place = desk.archive.folder / "out"
    desk.alert("port", "speaker:Korbel", "mbox:out/box", "stdout")
    desk.run()
    desk.publish("one", story("We will close the bridge"))
    report = desk.run()
    assert [(sink.sink, sink.items) for sink in report.sinks] == [("mbox:out/box", 0), ("stdout", 1)]
    assert "mbox:out/box failed" in report.failures[0]
    desk.publish("two", story("No crane will be moved before May"))
    desk.run()
    desk.publish("three", story("The mayor has been told of it"))
    desk.run()
    place.mkdir()
    report = desk.run()
    assert [(sink.sink, sink.items, sink.reason) for sink in report.sinks] == [("mbox:out/box", 3, "")]
    box = (place / "box").read_text()
    assert box.count("\nMessage-ID: ") == 2  # the message that was tried, and all that came after it
    assert desk.run().sinks == ()


def test_a_sink_that_comes_later_is_not_reported_what_was_before(port: Desk) -> None:
    port.publish("one", story("We will close the bridge"))
    port.run()
    port.alert("port", "speaker:Korbel", "stdout", "mbox:box")
    assert port.run().sinks == ()
    assert not (port.archive.folder / "box").exists()


def test_a_sink_that_leaves_and_an_alert_that_is_removed_owe_nothing(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel", "mbox:missing/box")
    desk.run()
    desk.publish("one", story("We will close the bridge"))
    assert desk.run().failures
    desk.alert("port", "speaker:Korbel", "stdout")
    assert (desk.run().failures, desk.archive.store().alerts.pending_counts()) == ((), {})
    desk.alert("port", "speaker:Korbel", "mbox:missing/box")
    desk.publish("two", story("No crane will be moved before May"))
    assert desk.run().failures
    desk.alert("other", "speaker:Nobody")
    remove(desk.archive.folder, "port")
    assert desk.run().failures == ()
    assert desk.archive.store().alerts.pending_counts() == {}
    desk.alert("port", "speaker:Korbel")
    assert desk.run().run is None  # it is known still


def test_one_digest_a_run_and_sink_for_all_alerts(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel", "mbox:box", note="For the morning.", per_group=2)
    desk.alert("bridge", "bridge", "mbox:box", record="document")
    desk.run()
    for number, what in enumerate(["bridge", "crane", "northern pillar", "customs house"]):
        desk.publish(str(number), story(f"We will close the {what} and its bridge before the first of May"))
    assert desk.run().new == 8
    box = (desk.archive.folder / "box").read_text()
    assert box.count("\nSubject: ") == 1
    assert "... and 2 more" in box
    assert "For the morning." in box
    whole = stored(desk.archive)
    assert (whole.run, len(whole.items), whole.headlines) == (1, 8, 8)
    with pytest.raises(NotInArchive, match="no run 2"):
        stored(desk.archive, 2)


@pytest.mark.slow
def test_far_more_than_usual_is_noted(desk: Desk) -> None:
    desk.alert("port", "speaker:Korbel", record="quote")
    desk.run()
    for number in range(5):
        desk.publish(str(number), story(f"We will close gate {number} of the bridge"))
        assert desk.run().notes == ()
    lines = [f'"Pier {n} of {n * n} was measured at {n + 7} metres," Nadia Korbel said.\n\n' for n in range(10, 35)]
    desk.publish("many", story("The harbor master has given us his list", more="".join(lines)))
    report = desk.run()
    assert len(desk.reported(report)) > 20
    assert [note for note in report.notes if "far more than usual" in note]


def test_a_trial_remembers_nothing(desk: Desk) -> None:
    search = desk.alert("port", "speaker:Korbel", "mbox:box", "webhook:http://hooks.invalid/secret")
    desk.publish("one", story("We will close the bridge"))
    digest = trial(desk.archive, search, now=desk.now, count=5)
    assert words(digest.items) == ["We will close the bridge"]
    assert digest.title().startswith("[trial] latest matches, new or not (1)")
    reports = send(digest, search, desk.options)
    assert [(one.sink, bool(one.reason)) for one in reports] == [
        ("mbox:box", False),
        ("webhook:http://hooks.invalid/...", True),
    ]
    assert "secret" not in reports[1].reason
    assert desk.archive.store().alerts.states() == {}


def test_an_archive_without_alerts_is_left_alone(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        assert desk.run().alerts == ()
        assert not (desk.archive.folder / "store.sqlite").exists()
        desk.alert("port", "speaker:Korbel")
        assert desk.run().failures == ()
        with Archive.open(desk.archive.folder) as opened:
            assert opened.store().alerts.states()["port"].since


_NOTICE = (
    "The Treasury on Monday added {0}, a company registered in {1}, to its list of sanctioned bodies for its part in "
    'the sale of oil above the price cap.\n\n"The listing takes effect at once and all property of the company in the '
    'country is blocked," said {2}, a lawyer for the company.\n\nAll transactions by persons within the country that '
    "involve any property of the listed company are prohibited unless a licence has been issued or an exemption "
    "applies. The goal of sanctions is not to punish but to bring about a change of conduct, and listed bodies may ask "
    "for their removal under the usual procedure.\n"
)


def test_a_notice_to_one_pattern_about_another_body_is_news(desk: Desk) -> None:
    desk.alert("lawyers", "speaker:(Hartog OR Vogel)")
    desk.run()
    for name, filled in (
        ("n1", ("Orvale Marine", "Cyprus", "Lena Hartog")),
        ("n2", ("Selket Tankers", "Malta", "Peter Vogel")),
    ):
        desk.publish(name, _NOTICE.format(*filled), title=f"Treasury adds {filled[0]} to sanctions list")
        assert [(item.speaker, item.copies) for item in desk.reported(desk.run())] == [(filled[2], 0)]
    hits = desk.archive.search(SearchRequest(query=ast.All(), record="quote")).hits
    assert [hit.copies for hit in hits] == [0, 0]
    copy = _NOTICE.format("Orvale Marine", "Cyprus", "Lena Hartog").rsplit(" The goal", 1)[0]
    desk.publish("copy", copy, title="Orvale listed", outlet="Civic Record")
    assert desk.run().run is None


def test_a_copy_that_names_somebody_else_is_news(desk: Desk) -> None:
    desk.alert("bridge", "bridge", record="document")
    desk.run()
    rest = "The inspection lasted three days and two nights in cold rain, and nobody slept in the house.\n\n" * 3
    first = story("We will close the bridge", more=rest)
    desk.publish("one", first)
    assert desk.run().new == 1
    more = first + '\n"Nobody has asked the ferrymen," Ivo Marek, mayor of Velmar, said.\n'
    desk.publish("longer", more, outlet="Civic Record")
    (document,) = [
        found
        for hit in desk.archive.search(SearchRequest(query=ast.All(), copies=True)).hits
        if (found := desk.archive.get(hit.document)) and found.outlet == "Civic Record"
    ]
    assert document.copies, "it is a copy"
    assert len(desk.reported(desk.run())) == 1
    desk.publish("again", more, outlet="Courier")
    assert desk.run().run is None
