import gzip
import hashlib
import stat
import threading
from pathlib import Path

import pytest

from searchkit.crawl.web.captures import Captures
from searchkit.errors import ArchiveError

BODY = b"<html><p>The tide tables of Velmar were printed twice.</p></html>"
DIGEST = hashlib.sha256(BODY).hexdigest()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_body_is_kept_under_its_digest(tmp_path: Path) -> None:
    captures = Captures(tmp_path / "captures")
    assert captures.keep(BODY) == DIGEST
    path = tmp_path / "captures" / DIGEST[:2] / f"{DIGEST}.gz"
    assert captures.path(DIGEST) == path
    assert gzip.decompress(path.read_bytes()) == BODY
    assert captures.read(DIGEST, max_bytes=1_000) == BODY


@pytest.mark.parametrize("digest", ["../../letter", "/etc/letter", "", DIGEST[:63], DIGEST.upper(), DIGEST + "\n"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, digest: str) -> None:
    """A forged frontier, or a forged plan of an erasure, names captures."""
    captures = Captures(tmp_path / "archive" / "captures")
    for act in (captures.path, captures.drop):
        with pytest.raises(ArchiveError, match="is not the checksum of a capture"):
            act(digest)


def test_only_the_owner_may_read_captures(tmp_path: Path) -> None:
    captures = Captures(tmp_path / "captures")
    path = captures.path(captures.keep(BODY))
    assert [mode(path), mode(path.parent), mode(path.parent.parent)] == [0o600, 0o700, 0o700]


def test_the_same_body_is_the_same_file_and_written_once(tmp_path: Path) -> None:
    first, second = Captures(tmp_path / "one"), Captures(tmp_path / "two")
    path = first.path(first.keep(BODY))
    before = path.stat().st_mtime_ns
    first.keep(BODY)
    assert path.stat().st_mtime_ns == before
    assert path.read_bytes() == second.path(second.keep(BODY)).read_bytes()


def test_many_threads_store_one_file(tmp_path: Path) -> None:
    captures = Captures(tmp_path)
    threads = [threading.Thread(target=captures.keep, args=(BODY,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{DIGEST}.gz"]


def test_damaged_captures_are_not_read(tmp_path: Path) -> None:
    captures = Captures(tmp_path)
    assert captures.read(DIGEST, max_bytes=1_000) is None
    path = captures.path(captures.keep(BODY))
    whole = path.read_bytes()
    for damaged in (b"", b"plain", whole[:-9], whole[:12] + b"\0\0\0" + whole[15:], gzip.compress(BODY + b"!")):
        path.write_bytes(damaged)
        assert captures.read(DIGEST, max_bytes=1_000) is None
    path.write_bytes(whole)
    assert captures.read(DIGEST, max_bytes=len(BODY)) == BODY
    assert captures.read(DIGEST, max_bytes=len(BODY) - 1) is None


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "captures").write_text("a file where the folder should be")
    with pytest.raises(ArchiveError, match="cannot be used"):
        Captures(tmp_path / "captures").keep(BODY)


def test_temporary_files_of_killed_runs_are_removed(tmp_path: Path) -> None:
    captures = Captures(tmp_path / "captures")
    captures.sweep()  # nothing was kept yet
    kept = captures.path(captures.keep(BODY))
    half = kept.with_name(f".{DIGEST}.4711.140245")
    half.write_bytes(b"half")
    notes = kept.with_name(".notes-of-somebody")
    notes.write_text("ours")
    captures.sweep()
    assert sorted(path.name for path in kept.parent.iterdir()) == [notes.name, kept.name]
