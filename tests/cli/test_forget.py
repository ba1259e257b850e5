"""`searchkit forget`: what it lists, asks and erases."""

import json
import mailbox
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.statements.document import document_id
from tests.archive.damage import flip_in, record_with
from tests.archive.grep import holding
from tests.cases import cases
from tests.cli.conftest import Command
from tests.cli.harbor import ARTICLES

ROOT = Path(__file__).resolve().parents[2]
CRANES = "https://ledger.example.org/cranes"
CRANES_ID = document_id(CRANES)
# Words that only that article has.
ITS_OWN = (CRANES, CRANES_ID, "Cranes stand still", "counted the crates twice", "Ostrava Trade Office")
NOT_REACHED = (
    "Not erased: backups, exports, WARC files, sent digests, and the files and sites the documents came from.\n"
)


@pytest.fixture
def archive(harbor: Path) -> Path:
    return harbor


def documents(archive: Path) -> int:
    with Archive.open(archive) as opened:
        return opened.status().documents


@pytest.mark.parametrize("name", [CRANES_ID, CRANES, "HTTPS://Ledger.example.org:443/cranes"])
def test_a_document_by_its_id_and_by_its_address(searchkit: Command, archive: Path, name: str) -> None:
    done = searchkit("forget", name, archive=archive)
    assert (done.code, done.err) == (0, NOT_REACHED)
    listed, forgotten = done.out.splitlines()
    assert listed == f"{CRANES_ID}  Cranes stand still, Harbor Ledger, 2022-12-16, {CRANES}"
    assert forgotten == "1 document forgotten"
    assert holding(archive, *ITS_OWN) == {}
    assert documents(archive) == len(ARTICLES) - 1
    checked = searchkit("check", "--full", archive=archive)
    assert checked.code == 0, checked.out


def test_a_file_that_holds_documents_is_none(searchkit: Command, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    bare = {name: value for name, value in ARTICLES[1].items() if name != "uri"}
    rows.write_text("\n".join(json.dumps(item) for item in (ARTICLES[0], bare)) + "\n")
    archive = tmp_path / "archive"
    assert searchkit("index", "--workers", "1", str(rows), archive=archive).code == 0
    done = searchkit("forget", str(rows), archive=archive)
    assert done.code == 2
    assert f"{rows} leads to 2 documents with another address. Nothing was changed." in done.err
    ids = done.err.rstrip().rpartition("searchkit forget ")[2].split()
    assert document_id(f"{rows.as_uri()}#{CRANES}") in ids
    assert searchkit("forget", *ids, archive=archive).code == 0
    assert documents(archive) == 0
    assert holding(archive, *ITS_OWN, "papers were one crate") == {}
    again = searchkit("index", "--workers", "1", str(rows), archive=archive)
    assert again.err.count("is on the list of forgotten documents") == 2


def test_a_file_by_its_path(searchkit: Command, tmp_path: Path) -> None:
    article = tmp_path / "a note.txt"
    article.write_text('The zwickel gate stays shut.\n\n"It does," said Nadia Korbel, harbor master of Velmar.\n')
    archive = tmp_path / "archive"
    assert searchkit("index", "--workers", "1", str(article), archive=archive).code == 0
    assert searchkit("forget", str(article), archive=archive).code == 0
    assert holding(archive, "zwickel", "a note.txt", "a%20note.txt") == {}
    again = searchkit("index", str(article), archive=archive)
    assert (again.code, again.err) == (0, f"skipped: {article.as_uri()}: is on the list of forgotten documents\n")
    assert searchkit("forget", "--again", str(article), archive=archive).out == "1 document may be indexed again\n"
    assert "1 added" in searchkit("index", "--workers", "1", str(article), archive=archive).out
    article.unlink()
    assert searchkit("forget", str(article), archive=archive).code == 0, "also without the file"
    assert documents(archive) == 0


@contextmanager
def asking(archive: Path, *names: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """Run `forget` at a terminal; yield the process and what to write answers to."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "searchkit", "--archive", str(archive), "forget", *names]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    ) as process:
        yield process, ours
    os.close(ours)
    os.close(theirs)


@pytest.mark.slow
def test_the_lock_of_one_that_is_killed_does_not_tell_what_it_was_to_forget(seeded: Path, tmp_path: Path) -> None:
    """Killed before anything was written down, while it waits to be answered; then there is nothing to finish."""
    archive = Path(shutil.copytree(seeded, tmp_path / "archive"))
    with asking(archive, "tidegrave", "mission") as (process, _):
        assert process.stderr is not None
        asked = b""
        while b"undone" not in asked and (more := os.read(process.stderr.fileno(), 4_096)):
            asked += more
        process.send_signal(signal.SIGKILL)
    assert b"undone" in asked
    assert json.loads((archive / "lock").read_bytes())["command"] == "searchkit forget"
    with asking(archive) as (process, _):
        _, messages = process.communicate()
    assert process.returncode == 2
    assert b"There is no unfinished `forget`" in messages


@pytest.mark.slow
def test_a_message_goes_with_what_is_attached_to_it(searchkit: Command, tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "desk.mbox")
    for number, word in enumerate(("zibbelgate", "snorkelpost")):
        message = EmailMessage()
        message["From"], message["Subject"] = "Nadia Korbel <desk@ledger.example>", f"Tolls at the {word}"
        message["Message-ID"] = f"<{number}@ledger.example>"
        message.set_content(f'The tolls at the {word} rise.\n\n"They do," said Nadia Korbel on Monday.\n')
        message.add_attachment(f"The list of tolls for the {word}lock, as of June.\n", filename="tolls.txt")
        message.add_attachment(b"%PDF-1.4 broken", maintype="application", subtype="pdf", filename=f"{word}.pdf")
        box.add(message)
    box.close()
    archive = tmp_path / "archive"
    assert searchkit("index", "--workers", "1", str(tmp_path / "desk.mbox"), archive=archive).code == 4
    assert documents(archive) == 4
    address = f"{(tmp_path / 'desk.mbox').as_uri()}#0@ledger.example"
    attached = document_id(f"{address}!/tolls.txt")
    for name in (document_id(address), address, '"tolls at the zibbelgate"'):
        dry = searchkit("forget", "-n", name, archive=archive)
        assert dry.out.splitlines()[-1] == "2 documents would be forgotten"
        assert [line.partition(" ")[0] for line in dry.out.splitlines()[:2]] == [document_id(address), attached]
    done = searchkit("forget", address, archive=archive)
    assert (done.code, done.err) == (0, NOT_REACHED)
    assert holding(archive, "zibbelgate", address) == {}
    assert documents(archive) == 2
    again = searchkit("index", "--workers", "1", "--retry-failed", str(tmp_path / "desk.mbox"), archive=archive)
    assert again.err.count("is on the list of forgotten documents") == 3
    assert holding(archive, "zibbelgate lock", "zibbelgatelock") == {}


@pytest.mark.parametrize("name", ["./none.txt", "/none/none.txt", "{here}/none", "{here}"])
def test_a_path_that_names_nothing_is_refused(searchkit: Command, archive: Path, tmp_path: Path, name: str) -> None:
    name = name.format(here=tmp_path)
    done = searchkit("forget", "--yes", name, archive=archive)
    assert (done.code, done.out) == (2, "")
    assert f"No document in the archive has the address {name}.\n" in done.err
    assert documents(archive) == len(ARTICLES)


@pytest.mark.parametrize(
    "query", ["outlet:/none.x/", "crane NEAR/3 none", "outlet:/none.*/ crane", "n" * 300 + "/a.b c"]
)
def test_a_query_with_slashes_is_no_path(searchkit: Command, archive: Path, query: str) -> None:
    done = searchkit("forget", "-n", query, archive=archive)
    assert (done.code, done.err.partition(". Nothing")[0]) == (2, f'searchkit: No document matches "{query}"')


def test_a_statement_is_not_forgotten_alone(searchkit: Command, archive: Path) -> None:
    with Archive.open(archive) as opened:
        document = opened.get(CRANES_ID)
    assert document is not None
    done = searchkit("forget", document.quotes[0].id, archive=archive)
    assert done.code == 2
    assert "is a statement. Only complete documents can be forgotten.\n" in done.err
    assert f"searchkit forget {CRANES_ID}" in done.err
    assert documents(archive) == len(ARTICLES)


@pytest.mark.parametrize(("names", "message"), cases(__file__, "test_what_cannot_be_is_reported_and_changes_nothing"))
def test_what_cannot_be_is_reported_and_changes_nothing(
    searchkit: Command, archive: Path, names: tuple[str, ...], message: str
) -> None:
    before = (archive / "store.sqlite").read_bytes()
    done = searchkit("forget", *names, archive=archive)
    assert done.code == 2
    assert message in done.err
    assert not {"\x1b", "\u202e"} & {*done.out, *done.err}
    assert (archive / "store.sqlite").read_bytes() == before


def test_a_query_lists_first_and_wants_a_yes(searchkit: Command, archive: Path) -> None:
    listed = f"{CRANES_ID}  Cranes stand still, Harbor Ledger, 2022-12-16, {CRANES}\n"
    dry = searchkit("forget", "-n", "title:cranes", archive=archive)
    assert (dry.code, dry.out) == (0, f"{listed}1 document would be forgotten\n")
    refused = searchkit("forget", "title:cranes", archive=archive)
    assert (refused.code, refused.out) == (2, listed)
    assert "Cannot ask for confirmation: stdin is not a terminal. Nothing was changed." in refused.err
    assert documents(archive) == 3
    assert searchkit("forget", "--yes", "title:cranes", archive=archive).code == 0
    assert holding(archive, *ITS_OWN) == {}
    for options in ((), ("-n",), ("--yes",)):
        nothing = searchkit("forget", *options, "title:cranes", archive=archive)
        assert (nothing.code, nothing.out) == (2, "")
        assert 'searchkit: No document matches "title:cranes". Nothing was changed.\n' in nothing.err


@pytest.mark.slow
def test_a_query_of_few_asks_whoever_sits_at_a_terminal(seeded: Path, tmp_path: Path) -> None:
    archive = Path(shutil.copytree(seeded, tmp_path / "archive"))
    before = documents(archive)

    def asked(answer: bytes) -> int:
        with asking(archive, "tidegrave", "mission") as (process, terminal):
            os.write(terminal, answer)
            process.communicate(timeout=60)
        return process.returncode

    assert asked(b"n\n") == 130
    assert documents(archive) == before
    assert asked(b"y\n") == 0
    assert documents(archive) == before - 1


def test_a_trace_that_is_left_names_its_file(searchkit: Command, archive: Path) -> None:
    (archive / "aliases.toml").write_text(f'[[hide]]\nname = "Vell"\ndocuments = ["{CRANES}"]\n')
    done = searchkit("forget", CRANES, archive=archive)
    assert done.code == 4
    assert "left: aliases.toml still names a forgotten document\n" in done.err


def test_copies_are_named_and_stay_unless_they_are_to_go(searchkit: Command, tmp_path: Path) -> None:
    text = json.dumps(
        {
            "title": "Crates came",
            "text": "Crates came and went through the port of Velmar for nine days before anybody asked who had sent "
            'them.\n\n"The papers were one crate short, and nobody had told us of it," Nadia Korbel said.',
        }
    )[1:]
    source = tmp_path / "wire.jsonl"
    source.write_text("".join(f'{{"uri": "https://{name}.example/crates", {text}\n' for name in ("ledger", "courier")))
    archive = tmp_path / "archive"
    searchkit("index", "--workers", "1", str(source), archive=archive)
    base = source.as_uri()
    ledger, courier = (document_id(f"{base}#https://{name}.example/crates") for name in ("ledger", "courier"))
    dry = searchkit("forget", "-n", ledger, archive=archive)
    assert dry.err == (
        f"note: {courier} (Crates came) is a duplicate of {ledger} or claims its address, and stays; "
        "--duplicates forgets it too\n"
    )
    assert searchkit("forget", "--duplicates", ledger, archive=archive).out.splitlines()[2] == "2 documents forgotten"
    assert documents(archive) == 0


def test_an_unfinished_one_is_finished_before_another_begins(searchkit: Command, archive: Path) -> None:
    intent = {
        "searchkit_forgetting": 1,
        "targets": [{"id": CRANES_ID, "addresses": [CRANES], "title": "Cranes stand still"}],
        "digests": [],
    }
    (archive / "forgetting.json").write_text(json.dumps(intent))
    assert "unfinished    `searchkit forget` was interrupted" in searchkit("status", archive=archive).out
    assert searchkit("forget", "-n", "hearing", archive=archive).code == 0
    assert documents(archive) == 3, "a dry run changes nothing"
    done = searchkit("forget", "https://ledger.example.org/crates", archive=archive)
    assert done.code == 0
    assert "note: an earlier `forget` was interrupted; finishing it first.\n" in done.err
    assert done.out.count("1 document forgotten\n") == 2
    assert documents(archive) == 1


def test_another_writer_keeps_it_waiting(searchkit: Command, archive: Path) -> None:
    with Archive.open(archive) as opened, opened.held():
        assert searchkit("forget", CRANES, archive=archive).code == 75
    assert documents(archive) == 3


# --- what comes back -------------------------------------------------------------------------------------------------


@pytest.fixture
def older(searchkit: Command, archive: Path, tmp_path: Path) -> Path:
    """A backup from before CRANES was forgotten."""
    assert searchkit("backup", str(tmp_path / "older"), archive=archive).code == 0
    assert searchkit("forget", CRANES, archive=archive).code == 0
    return tmp_path / "older"


def test_an_older_backup_is_restored_without_it(searchkit: Command, archive: Path, older: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    done = searchkit("restore", str(older), "--forgotten", str(archive / "forgotten.json"), archive=again)
    assert (done.code, done.err) == (0, NOT_REACHED)
    assert "1 document forgotten\n" in done.out
    assert holding(again, *ITS_OWN) == {}
    assert documents(again) == len(ARTICLES) - 1
    assert searchkit("check", "--full", archive=again).code == 0
    (tmp_path / "cranes.jsonl").write_text(json.dumps(ARTICLES[0]) + "\n")
    taken = searchkit("index", "--workers", "1", str(tmp_path / "cranes.jsonl"), archive=again)
    row = f"{(tmp_path / 'cranes.jsonl').as_uri()}#{CRANES}"
    assert (taken.code, taken.err) == (0, f"skipped: {row}: is on the list of forgotten documents\n")


def test_what_came_back_is_reported_and_goes_again(
    searchkit: Command, archive: Path, older: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    assert searchkit("restore", str(older), archive=again).code == 0
    assert holding(again, *ITS_OWN)
    assert "forgotten" not in searchkit("check", "--full", archive=again).out
    shutil.copy(archive / "forgotten.json", again)
    checked = searchkit("check", "--full", archive=again)
    assert checked.code == 0
    assert "store.sqlite holds 1 forgotten document" in checked.out
    dry = searchkit("forget", "-n", archive=again)
    assert dry.out.splitlines()[-1] == "1 document would be forgotten"
    assert searchkit("forget", archive=again).code == 0
    assert holding(again, *ITS_OWN) == {}
    assert searchkit("forget", archive=again).code == 2


def test_a_list_that_is_none_or_of_another_archive_restores_nothing(
    searchkit: Command, archive: Path, older: Path, tmp_path: Path
) -> None:
    again, other = tmp_path / "again", tmp_path / "other.json"
    newer = tmp_path / "newer"
    assert searchkit("backup", str(newer), archive=archive).code == 0
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Blocklist.load(tmp_path / "elsewhere")
    elsewhere.add([{CRANES_ID}])
    other.write_bytes((tmp_path / "elsewhere" / "forgotten.json").read_bytes())
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "short.json").write_text(
        json.dumps({"searchkit_forgotten": 1, "salt": "00" * 16, "documents": [["zz"]]})
    )
    lists = ((older, "none", 3), (older, "broken.json", 3), (older, "short.json", 3), (newer, "other.json", 2))
    for backup, listed, code in lists:
        done = searchkit("restore", str(backup), "--forgotten", str(tmp_path / listed), archive=again)
        assert (done.code, listed in done.err) == (code, True)
        assert not again.exists()


# --- the list of what was forgotten ----------------------------------------------------------------------------------


def spoil(archive: Path, how: str) -> None:
    listed = archive / "forgotten.json"
    if how == "lost":
        listed.unlink()
        return
    content = bytearray(listed.read_bytes())
    place = content.index(b'"salt":"') + 8 if how == "salt" else content.index(b'"documents":[["') + 15
    content[place] = ord("e") if content[place] == ord("d") else ord("d")
    listed.write_bytes(content)


@pytest.mark.parametrize("how", ["lost", "salt", "hash"])
def test_without_its_blocklist_nothing_is_indexed_until_repair(
    searchkit: Command, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "wire.jsonl"
    source.write_text("".join(json.dumps(item) + "\n" for item in ARTICLES))
    (tmp_path / "searchkit.toml").write_text(f'[[source]]\nname = "wire"\nkind = "folder"\nlocation = "{source}"\n')
    index = ("index", "--workers", "1", str(source))
    assert searchkit("forget", CRANES, "https://ledger.example.org/crates", archive=archive).code == 0
    assert searchkit("rebuild", archive=archive).code == 0, "which writes archive.json anew"
    assert searchkit(*index, archive=archive).err.count("is on the list of forgotten documents") == 2
    spoil(archive, how)
    what = "missing" if how == "lost" else "damaged"
    for command in (index, ("update",), ("forget", "https://courier.example.net/hearing")):
        refused = searchkit(*command, archive=archive)
        assert refused.code == 3
        assert documents(archive) == 2, "one fetched, and the same as a row"
        assert f"forgotten.json is {what}" in refused.err
        assert "searchkit repair" in refused.err
    for full in ((), ("--full",)):
        checked = searchkit("check", *full, archive=archive)
        assert checked.code == 3
        assert f"forgotten.json is {what}: forgotten documents could" in checked.out
    assert f"forgotten.json is {what}" in searchkit("status", archive=archive).out
    backup = searchkit("backup", str(tmp_path / "backup"), archive=archive)
    assert (backup.code, f"forgotten.json is {what}" in backup.err) == (4, True)
    assert searchkit("query", "cranes", archive=archive).code == 0, "asking goes on"
    before = sorted(path.name for path in archive.iterdir())
    assert "would be repaired: forgotten.json" in searchkit("repair", "-n", archive=archive).out
    assert sorted(path.name for path in archive.iterdir()) == before

    repaired = searchkit("repair", archive=archive)
    assert repaired.code == 4
    assert "lost: forgotten.json: forgotten documents can be indexed again" in repaired.out
    assert len(list(archive.glob("forgotten.json.damaged-*"))) == (how != "lost")
    assert searchkit("check", "--full", archive=archive).code == 0
    again = searchkit(*index, archive=archive)
    assert again.code == 0
    # Of a changed hash the document has others, and its neighbor has all of its own.
    assert again.err.count("is on the list of forgotten documents") == (2 if how == "hash" else 0)


def test_a_restored_list_is_missed_when_it_is_lost(
    searchkit: Command, archive: Path, older: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    listed = archive / "forgotten.json"
    assert searchkit("restore", str(older), "--forgotten", str(listed), archive=again).code == 0
    (again / "forgotten.json").unlink()
    assert searchkit("check", archive=again).code == 3


def test_a_repaired_archive_does_not_bring_it_back(searchkit: Command, archive: Path) -> None:
    """The index was made anew, and the store of whole rows: neither knows what was forgotten."""
    assert searchkit("forget", CRANES, archive=archive).code == 0
    flip_in(archive / "store.sqlite", record_with(archive / "store.sqlite", "The papers were one crate short"))
    assert searchkit("repair", archive=archive).code == 4
    assert list(archive.glob("store.sqlite.damaged-*"))
    assert holding(archive, *ITS_OWN) == {}
    assert documents(archive) == 1
    done = searchkit("forget", "https://courier.example.net/hearing", archive=archive)
    assert done.code == 0
    assert ", a damaged file that `searchkit repair` set aside, is removed\n" in done.err
    assert not list(archive.glob("*.damaged-*"))
    assert searchkit("check", "--full", archive=archive).code == 0
