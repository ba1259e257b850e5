"""The blocklist recognizes erased documents without revealing them."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from searchkit.archive.blocklist import Blocklist, blocklist_fault, reappeared
from searchkit.archive.folder import FORGOTTEN, forgets, write_marker
from searchkit.errors import ArchiveError, NewerArchive, UsageError
from searchkit.store.store import open_store
from tests.cases import cases
from tests.samples import document

ADDRESS = "https://ledger.example/cranes"


def test_documents_are_found_and_allowed_again_by_any_name(tmp_path: Path) -> None:
    Blocklist.load(tmp_path).add([{"0123456789ab", ADDRESS}, {"ba9876543210", "file:///a\udce9.txt"}])
    again = Blocklist.load(tmp_path)
    assert len(again) == 2
    assert ADDRESS in again
    assert "0123456789ab" in again
    assert "file:///a\udce9.txt" in again
    assert f"{ADDRESS}2" not in again
    again.add([{"0123456789ab", ADDRESS}])
    assert len(Blocklist.load(tmp_path)) == 2, "a run that is done again adds nothing"
    assert again.allow([ADDRESS, "unknown"]) == 1
    assert again.allow([ADDRESS]) == 0
    left = Blocklist.load(tmp_path)
    assert ("0123456789ab" in left, "ba9876543210" in left) == (False, True)


def test_hashes_are_salted_and_reveal_no_names(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Blocklist.load(tmp_path / name).add([{ADDRESS}])
        written.append((tmp_path / name / FORGOTTEN).read_text())
        assert "ledger" not in written[-1]
        assert (tmp_path / name / FORGOTTEN).stat().st_mode & 0o777 == 0o600
    assert json.loads(written[0])["documents"] != json.loads(written[1])["documents"]


def test_without_a_file_the_list_is_empty(tmp_path: Path) -> None:
    assert len(Blocklist.load(tmp_path)) == 0
    assert ADDRESS not in Blocklist.load(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        *cases(__file__, "test_a_damaged_list_is_refused"),
        *(
            f'{{"searchkit_forgotten": 1, "salt": "{"0a" * 16}", "documents": {documents}}}'
            for documents in ('[["zz"]]', f'[["{"AB" * 16}"]]', "[[]]", "[[7]]", '["ab"]', '{"ab": 1}', "3")
        ),
    ],
)
def test_a_damaged_list_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / FORGOTTEN).write_text(content)
    with pytest.raises(ArchiveError, match="is damaged"):
        Blocklist.load(tmp_path)


def test_any_changed_byte_is_detected(tmp_path: Path) -> None:
    Blocklist.load(tmp_path).add([{"0123456789ab", ADDRESS}])
    written = (tmp_path / FORGOTTEN).read_bytes()
    for place in range(len(written) - 1):  # the line end says nothing
        changed = bytearray(written)
        changed[place] ^= 1
        (tmp_path / FORGOTTEN).write_bytes(changed)
        with pytest.raises((ArchiveError, NewerArchive)):
            Blocklist.load(tmp_path)
    (tmp_path / FORGOTTEN).write_bytes(written)
    assert ADDRESS in Blocklist.load(tmp_path)


def test_a_missing_list_is_detected(tmp_path: Path) -> None:
    write_marker(tmp_path, "whoosh:")
    assert (forgets(tmp_path), blocklist_fault(tmp_path)) == (False, "")
    Blocklist.load(tmp_path).add([{ADDRESS}])
    write_marker(tmp_path, "whoosh:")
    assert (forgets(tmp_path), blocklist_fault(tmp_path)) == (True, "")
    (tmp_path / FORGOTTEN).unlink()
    write_marker(tmp_path, "whoosh:")
    with pytest.raises(ArchiveError, match="is missing: forgotten documents could be indexed again"):
        Blocklist.load(tmp_path)
    assert blocklist_fault(tmp_path).endswith("searchkit repair")


def test_readable_entries_of_a_damaged_list_are_kept(tmp_path: Path) -> None:
    Blocklist.load(tmp_path).add([{ADDRESS}, {"0123456789ab"}])
    content = json.loads((tmp_path / FORGOTTEN).read_bytes())
    content["documents"][0] = ["zz"]
    (tmp_path / FORGOTTEN).write_text(json.dumps(content))
    left = Blocklist.recover(tmp_path)
    left.write()
    assert (len(left), len(Blocklist.load(tmp_path))) == (1, 1)
    for lost in ("{", json.dumps({**content, "salt": "zz"}), '{"salt": 3, "documents": {}}'):
        (tmp_path / FORGOTTEN).write_text(lost)
        assert len(Blocklist.recover(tmp_path)) == 0


def test_lists_of_one_archive_can_be_merged(tmp_path: Path) -> None:
    """The list of a backup, and that of the archive since; those of two archives never stand in one."""
    before, since, other = (Blocklist.load(tmp_path / name) for name in ("before", "since", "other"))
    for name in ("before", "since", "other", "restored"):
        (tmp_path / name).mkdir()
    before.add([{"0123456789ab"}])
    (tmp_path / "since" / FORGOTTEN).write_bytes((tmp_path / "before" / FORGOTTEN).read_bytes())
    since = Blocklist.load(tmp_path / "since")
    since.add([{"ba9876543210"}])
    other.add([{"0123456789ab"}])
    for first, second in ((before, since), (since, before), (Blocklist.load(tmp_path / "restored"), since)):
        (tmp_path / "restored" / FORGOTTEN).write_bytes(first.merged(second))
        both = Blocklist.load(tmp_path / "restored")
        assert (len(both), "0123456789ab" in both, "ba9876543210" in both) == (2, True, True)
        (tmp_path / "restored" / FORGOTTEN).unlink()
    with pytest.raises(UsageError, match="does not belong to the same archive"):
        before.merged(other)


def test_reappeared_documents_are_found_by_id_and_address(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "store.sqlite", writable=True)) as store:
        ids = []
        for name in ("a", "b", "c"):
            made = document(uri=f"https://ledger.example/{name}")
            store.put(made, resource=f"https://ledger.example/{name}?print", digest=name)
            ids.append(made.id)
        store.commit()
        forgotten = Blocklist.load(tmp_path)
        assert reappeared(store, forgotten) == []
        forgotten.add([{ids[0]}, {"https://ledger.example/b?print"}, {"https://ledger.example/none"}])
        assert reappeared(store, forgotten) == sorted(ids[:2])
