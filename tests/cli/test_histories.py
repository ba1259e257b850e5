"""The commands on what became of statements, over a folder that changes."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.cases import cases
from tests.cli.conftest import Command

OLD = '"Forty crates of lenses left the harbour before dawn on Tuesday," Mina Feld, of Meridian Optics, said.'
NEW = '"Four crates of lenses left the harbour before dawn on Tuesday," Mina Feld, of Meridian Optics, said.'
CLAIM = "The watchdog Lantern Watch accused Meridian Optics of shipping lenses to a blacklisted buyer in Velmar."
DENIAL = "Meridian Optics denied that it had shipped lenses to a blacklisted buyer in Velmar."
SILENT = "Torben Ask did not respond to a request for comment from the Tolvik Gazette."


def write(folder: Path, name: str, outlet: str, text: str, published: str = "2024-05-06") -> None:
    head = f'---\ntitle: "{name}"\noutlet: {outlet}\npublished: {published}\n---\n'
    (folder / f"{name}.md").write_text(f"{head}{text}\n\nThe harbour of Tolvik lies north of the old fish market.\n")


@pytest.fixture
def searchkit(searchkit: Command, tmp_path: Path) -> Command:
    """Run a command on an archive of its own."""
    return partial(searchkit, archive=tmp_path / "archive")


@pytest.fixture
def archive(tmp_path: Path, searchkit: Command) -> Path:
    """Two outlets with one quotation, which one of them changes; a claim and its denial; a refusal to comment."""
    folder = tmp_path / "articles"
    folder.mkdir()
    write(folder, "first", "Harbor Ledger", OLD)
    write(folder, "second", "Tolvik Gazette", f"{OLD}\n\n{SILENT}")
    write(folder, "third", "Civic Record", f"{CLAIM}\n\n{DENIAL}", "2024-05-08")
    assert searchkit("index", str(folder)).code == 0
    write(folder, "first", "Harbor Ledger", NEW)
    assert searchkit("index", str(folder)).code == 0
    return folder


def test_a_changed_number_is_shown_with_both_versions(archive: Path, searchkit: Command) -> None:
    done = searchkit("changes")
    assert "another number (1 word removed, 1 word added); changed between" in done.out
    assert "Forty crates" in done.out
    assert "Four crates" in done.out
    assert "1 changed statement; 1 article with several versions" in done.out
    assert searchkit("changes", "--speaker", "Feld", "--kind", "number").out == done.out
    assert searchkit("changes", "-f", "svg").out.startswith("<svg ")
    assert searchkit("changes", "--speaker", "Pelling", "-e").code == 1
    assert searchkit("changes", "--since", "2999-01-01", "-e").code == 1
    report = json.loads(searchkit("changes", "outlet:Ledger", "--json").out)
    assert [change["kinds"] for change in report["changes"]] == [["number"]]
    assert searchkit("query", "changed:number", "-f", "ids").out == f"{report['changes'][0]['document']}\n"


@pytest.mark.parametrize(("arguments", "complaint"), cases(__file__, "test_what_cannot_be_read_is_an_error"))
def test_what_cannot_be_read_is_an_error(
    archive: Path, searchkit: Command, arguments: tuple[str, ...], complaint: str
) -> None:
    done = searchkit(*arguments)
    assert done.code == 2
    assert complaint in done.err


def test_changes_are_read_within_days(archive: Path, searchkit: Command) -> None:
    assert searchkit("changes", "--since", "7d").out == searchkit("changes").out
    assert searchkit("changes", "--until", "2020", "-e").code == 1


def test_a_quotation_names_its_outlets_and_words(archive: Path, searchkit: Command) -> None:
    write(archive, "first", "Harbor Ledger", OLD)
    searchkit("index", str(archive))
    done = searchkit("spread")
    assert "2 outlets, 2 articles" in done.out
    assert "1 quotation in several outlets" in done.out
    (found,) = json.loads(searchkit("spread", "speaker:Feld", "--json").out)["quotations"]
    assert {one["statement"]["outlet"] for one in found["appearances"]} == {"Harbor Ledger", "Tolvik Gazette"}
    assert "; 1 statement searched" in searchkit("spread", f"id:{found['appearances'][0]['statement']['id']}").out
    assert searchkit("statements", "spread:2", "--count").out == "2\n"
    assert "takes a number" in searchkit("statements", "spread:many").err


def test_a_removed_statement_is_found_with_the_revision_that_had_it(archive: Path, searchkit: Command) -> None:
    def publish(*texts: str) -> None:
        write(archive, "fourth", "Harbor Ledger", "\n\n".join(["The night was cold in Tolvik.", *texts, SILENT]))
        assert searchkit("index", str(archive)).code == 0

    publish(OLD)
    publish()
    assert "Mina Feld" in searchkit("statements", "changed:removed", "--facet", "speaker", "-n", "0").out
    (hit,) = json.loads(searchkit("statements", "current:no speaker:Feld crates", "--json").out)["items"]
    assert (hit["speaker"], bool(hit["gone_at"]), len(hit["marks"])) == ("Mina Feld", True, 1)
    assert hit["statement"] in searchkit("show", hit["id"], "--revision", "1").out
    assert "gone since" in searchkit("spread", hit["id"]).out
    publish(OLD)
    assert searchkit("statements", "current:no", "--count").out == "0\n"


def test_a_claim_stands_next_to_its_denial(archive: Path, searchkit: Command) -> None:
    done = searchkit("disputes", "--about", "Meridian Optics")
    assert "claim by Lantern Watch, answer by Meridian Optics" in done.out
    assert done.out.index("accused Meridian Optics") < done.out.index("denied that it had shipped")
    assert searchkit("statements", "disputed:claim", "--facet", "disputed", "--count").code == 2
    assert searchkit("statements", "disputed:claim", "--count").out == "1\n"
    assert 'Unknown value "sure" of disputed' in searchkit("statements", "disputed:sure").err


def test_silence_stands_next_to_what_was_read(archive: Path, searchkit: Command, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("id,name,kind\n1,Torben Ask,person\n2,Mina Feld,person\n3,Ann Nowhere,person\n")
    searchkit("watchlist", "add", str(names), "--name", "names")
    searchkit("index", "--outdated")
    done = searchkit("silence", "--watchlist", "names", "--since", "2024")
    assert "Torben Ask" in done.out
    assert "did not comment" in done.out
    assert "3 articles of the period" in done.out
    assert "Ann Nowhere" in done.out.rpartition("Not named")[2]
    assert "There is no watchlist" in searchkit("silence", "--watchlist", "other", "--since", "2024").err
    assert "is not a date" in searchkit("silence", "--watchlist", "names", "--since", "soon").err


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_report_escapes_what_articles_say(archive: Path, searchkit: Command, form: str) -> None:
    write(archive, "first", "<b>Ledger</b>", f"{OLD.replace('Tuesday', '<script>alert(1)</script> Tuesday')}")
    searchkit("index", str(archive))
    done = searchkit("changes", "-f", form)
    assert done.code == 0
    assert "Changed statements" in done.out
    assert "<script>" not in done.out


def test_damage_is_reported_and_repaired(archive: Path, searchkit: Command, tmp_path: Path) -> None:
    (damaged,) = [*tmp_path.rglob("histories.sqlite")]
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 4
    damaged.write_bytes(content)
    assert "does not match its checksum" in searchkit("check").out
    write(archive, "fourth", "Civic Record", "Nothing else happened.")
    assert "It was made again from the store" in searchkit("index", str(archive)).err
    assert searchkit("check").code == 0
    assert "1 changed statement" in searchkit("changes").out
