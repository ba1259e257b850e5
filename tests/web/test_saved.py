"""Saved searches and alerts: create, try, edit, remove."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.alerts import folder
from searchkit.cli import run
from searchkit.config import load
from searchkit.web.app import create_app
from tests.cases import cases
from tests.conftest import SEEDS
from tests.web.conftest import Site

FORM = {"name": "tiandy", "q": "about:Tiandy", "over": "statements", "note": "For Monday"}
ALERT = {**FORM, "alert": "1", "sinks": "atom:tiandy.xml", "every": "day", "group_by": "speaker"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with pytest.raises(SystemExit):
        run(["--archive", str(tmp_path / "a"), "index", "-q", "--workers", "1", str(SEEDS / "wire.jsonl")])
    return tmp_path / "a"


@pytest.fixture
def own(archive: Path) -> Iterator[Site]:
    """A site over an archive that a test may change."""
    made = Site(create_app({"own": archive}, load({"archive": archive}, environment={}, folder=archive)))
    yield made
    made.close()


def test_a_search_is_saved_shown_edited_and_removed(own: Site, archive: Path) -> None:
    assert own.post("/saved", ALERT).headers["location"] == "/saved/tiandy"
    search = folder.load(archive, "tiandy")
    assert search.alert is not None
    assert (search.query, search.alert.every, search.alert.sinks[0]) == ("about:Tiandy", "day", "atom:tiandy.xml")
    assert "about:Tiandy" in own.get("/saved").text
    assert "atom:tiandy.xml" in own.get("/saved/tiandy", role="editor").text
    edited = own.post("/saved", {**ALERT, "original": "tiandy", "q": "about:Tiandy act:deny"})
    assert edited.status == 303
    assert folder.load(archive, "tiandy").query == "about:Tiandy AND act:deny"
    assert own.post("/saved/tiandy/remove", {}).status == 303
    assert folder.names(archive) == ()


def test_the_facts_of_an_alert_are_separated(own: Site, archive: Path) -> None:
    own.post("/saved", ALERT)
    with pytest.raises(SystemExit):
        run(["--archive", str(archive), "alerts", "run"])
    facts = own.get("/alerts").text.partition('<p class="facts">')[2].partition("</p>")[0]
    assert " UTC · to atom:tiandy.xml" in " ".join(facts.split())


def test_trying_changes_nothing(own: Site, archive: Path) -> None:
    page = own.post("/saved", {**FORM, "try": "1"})
    assert "What it finds" in page.text
    assert folder.names(archive) == ()


@pytest.mark.parametrize(("changed", "said"), cases(__file__, "test_a_mistake_keeps_the_form_and_says_what_is_wrong"))
def test_a_mistake_keeps_the_form_and_says_what_is_wrong(
    own: Site, archive: Path, changed: dict[str, str], said: str
) -> None:
    page = own.post("/saved", {**FORM, **changed})
    assert page.status == 400
    assert said in page.text
    assert "For Monday" in page.text
    assert folder.names(archive) == ()


def test_a_second_search_of_the_same_name_is_refused(own: Site) -> None:
    own.post("/saved", FORM)
    assert own.post("/saved", FORM).status == 400


def test_changes_are_logged_without_secrets(own: Site, capfd: pytest.CaptureFixture[str]) -> None:
    own.post("/saved", {**ALERT, "sinks": "webhook:https://desk.example/hook/s3cret"})
    own.post("/saved", {**FORM, "try": "1"})
    own.post("/saved", {**FORM, "q": "("})
    own.post("/saved/tiandy/remove", {}, role="reader")
    own.post("/saved/tiandy/remove", {})
    saved, removed = capfd.readouterr().err.splitlines()
    assert re.fullmatch(
        r"searchkit: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: 192\.0\.2\.7 changed /saved: name='tiandy' .*", saved
    )
    assert "sinks='webhook:https://desk.example/...'" in saved
    assert removed.endswith(" UTC: 192.0.2.7 changed /saved/tiandy/remove:")


def test_a_reader_changes_nothing_and_sees_no_secrets(own: Site, archive: Path) -> None:
    own.post("/saved", {**ALERT, "sinks": "webhook:https://desk.example/hook/s3cret"})
    assert own.post("/saved/tiandy/remove", {}, role="reader").status == 403
    assert own.post("/saved", FORM, role="reader").status == 403
    assert folder.names(archive) == ("tiandy",)
    assert "s3cret" not in own.get("/saved/tiandy").text
    assert "s3cret" not in own.get("/saved.json").text


def test_alerts_are_listed_and_their_runs_have_pages(own: Site, archive: Path) -> None:
    own.post("/saved", ALERT)
    assert "not run yet" in own.get("/alerts").text
    with pytest.raises(SystemExit):
        run(["alerts", "run", "--backfill", "-q", "--archive", str(archive)])
    assert 'href="/alerts/1"' in own.get("/alerts").text
    page = own.get("/alerts/1")
    assert (page.status, "Tiandy" in page.text) == (200, True)
    assert own.get("/alerts/9").status == 404
    assert own.get("/alerts/x").status == 404
