"""Notes on statements in the browser: the form, what readers see, the page of all notes."""

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.config import load
from searchkit.notes import NOTES
from searchkit.web.app import create_app
from searchkit.web.tools import TOOLS, get_statement
from tests.web.conftest import Site
from tests.web.test_statements import words

HOSTILE = '</textarea><script>alert(1)</script>"\u202e'


@pytest.fixture
def folder(seeded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seeded, tmp_path / "archive"))


@pytest.fixture
def edited(folder: Path) -> Iterator[Site]:
    made = Site(create_app({"seeds": folder}, load({"archive": folder}, environment={}, folder=folder)))
    yield made
    made.close()


@pytest.fixture
def denial(edited: Site) -> str:
    (hit,) = json.loads(edited.get("/statements.json?q=speaker:Aske+act:deny&limit=1").text)["items"]
    return str(hit["id"])


def save(site: Site, statement_id: str, **given: str) -> int:
    return site.post(f"/statements/{statement_id}/note", {"seen": ""} | given).status


def test_from_the_form_to_every_list(edited: Site, denial: str) -> None:
    page = edited.get(f"/statements/{denial}", role="editor").text
    assert 'name="speaker"' in page
    saved = edited.post(
        f"/statements/{denial}/note", {"seen": "", "speaker": "Mira Holt", "tags": "budget, to call", "text": "ask"}
    )
    assert (saved.status, saved.headers["location"]) == (303, f"/statements/{denial}")
    corrected = "corrected by a user: the speaker is Mira Holt"
    document = denial.partition("-")[0]
    for path in (
        f"/statements/{denial}",
        "/statements?q=speaker:Aske+act:deny",
        "/documents?q=speaker:Aske+act:deny",
        f"/documents/{document}",
        f"/basket?ids={denial}",
    ):
        shown = words(edited.get(path).text)
        assert corrected in shown, path
        assert "Clementine Aske" in shown, path
    assert "1 statement with notes" in words(edited.get("/").text)
    assert edited.get("/statements?q=-mark:wrong+speaker:Aske+act:deny").text.count(corrected) == 0


def test_the_data_of_the_pages_has_the_note(edited: Site, denial: str) -> None:
    save(edited, denial, mark="false-match", tags="budget")
    for address in (f"/api/v1/statements/{denial}", f"/statements/{denial}.json"):
        assert json.loads(edited.get(address).text)["mark"] == "false-match"
    (hit,) = json.loads(edited.get("/api/v1/statements?q=tag:budget").text)["items"]
    assert (hit["id"], hit["tags"]) == (denial, ["budget"])
    (note,) = json.loads(edited.get("/api/v1/notes").text)["items"]
    assert note["id"] == denial


def test_a_list_shows_the_beginning_of_a_long_note(edited: Site, denial: str) -> None:
    save(edited, denial, text="long " * 100 + "end")
    assert "long end" in words(edited.get(f"/statements/{denial}").text)
    listed = words(edited.get("/statements?q=mark:note").text)
    assert "long long …" in listed
    assert "long end" not in listed
    assert "note: long" in edited.get("/statements.atom?q=mark:note").text


def test_agents_get_the_note_as_that_of_a_user(edited: Site, folder: Path, denial: str) -> None:
    save(edited, denial, speaker="Mira Holt")
    with Archive.open(folder) as archive:
        (item,) = TOOLS["search_statements"](archive, "mark:wrong")["items"]
        assert item["note_of_a_user"] == ["corrected by a user: the speaker is Mira Holt"]
        assert get_statement(archive, denial)["note_of_a_user"] == item["note_of_a_user"]
        assert item["untrusted_quotation"]["speaker"] == "Clementine Aske"


def test_a_reader_sees_notes_and_no_form(edited: Site, denial: str) -> None:
    page = edited.get(f"/statements/{denial}").text
    assert "/note" not in page.replace("/notes", "")
    refused = edited.post(f"/statements/{denial}/note", {"mark": "checked"}, role="reader")
    assert refused.status == 403
    assert edited.post(f"/notes/{denial}/remove", {}, role="reader").status == 403
    assert edited.get(f"/statements/{denial}/note").status == 405
    assert not json.loads(edited.get("/notes.json").text)["items"]


def test_the_form_keeps_what_was_typed_when_it_is_not_valid(edited: Site, denial: str) -> None:
    refused = edited.post(
        f"/statements/{denial}/note", {"seen": "", "mark": "checked", "speaker": "Mira Holt", "text": HOSTILE}
    )
    assert refused.status == 400
    assert "another speaker" in refused.text
    assert 'value="Mira Holt"' in refused.text
    assert "<script>alert" not in refused.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in refused.text
    assert edited.post("/statements/0123456789ab-01234567/note", {"mark": "checked"}).status == 404
    assert edited.post(f"/statements/{denial}/note", {"mark": "frob"}).status == 400


def test_the_second_of_two_editors_sees_what_the_first_wrote(edited: Site, denial: str) -> None:
    assert save(edited, denial, mark="checked") == 303
    refused = edited.post(f"/statements/{denial}/note", {"seen": "", "mark": "false-match", "text": "mine"})
    assert refused.status == 400
    assert "has changed the note" in refused.text
    assert ">mine</textarea>" in refused.text
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]+)"', refused.text)
    assert edited.post(f"/statements/{denial}/note", {"seen": seen, "mark": "false-match"}).status == 303
    assert "false match" in words(edited.get(f"/statements/{denial}").text)


def test_an_empty_form_removes_the_note(edited: Site, denial: str) -> None:
    save(edited, denial, mark="checked")
    page = edited.get(f"/statements/{denial}", role="editor").text
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]+)"', page)
    assert edited.post(f"/statements/{denial}/note", {"seen": seen}).status == 303
    assert not json.loads(edited.get("/notes.json").text)["items"]


def test_the_page_of_notes_leads_to_the_statements(edited: Site, denial: str) -> None:
    assert "There are no notes" in edited.get("/notes").text
    save(edited, denial, mark="wrong-speaker", tags='to "call", a')
    page = edited.get("/notes").text
    for label in ("wrong speaker", "to &#34;call&#34;", "All 1 statement with notes"):
        (address,) = re.findall(rf'<a href="([^"]+)">{re.escape(label)}</a>', page)
        assert denial in edited.get(unescape(address)).text


def test_notes_whose_statement_is_gone_are_listed(edited: Site, folder: Path, denial: str) -> None:
    save(edited, denial, mark="checked", text=HOSTILE)
    with Archive.open(folder) as archive, archive.changing() as store:
        store.delete(denial.partition("-")[0], "2026-03-04T05:06:07+00:00")
        store.commit()
    page = edited.get("/notes", role="editor").text
    assert "Statements that are gone" in page
    assert "<script>alert" not in page
    assert edited.post(f"/notes/{denial}/remove", {}).status == 303
    assert "There are no notes" in edited.get("/notes").text


def test_pages_open_although_the_notes_are_damaged(edited: Site, folder: Path, denial: str) -> None:
    (folder / NOTES).write_bytes(b"nonsense\n")
    for path in ("/", f"/statements/{denial}", f"/documents/{denial.partition('-')[0]}"):
        assert edited.get(path).status == 200
    assert "notes.jsonl is damaged" in edited.get("/statements?q=Tiandy").text
    assert edited.get("/statements?q=mark:*").status == 503


def test_the_page_of_a_name_says_what_is_marked_as_wrong(edited: Site, denial: str) -> None:
    speaker = json.loads(edited.get(f"/statements/{denial}.json").text)["speaker_id"]
    assert "marked as wrong" not in edited.get(f"/names/{speaker}").text
    edited.post(f"/statements/{denial}/note", {"mark": "wrong-speaker", "speaker": "Mira Holt"})
    assert "1 statement marked as wrong" in edited.get(f"/names/{speaker}").text
