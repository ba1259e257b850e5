import gzip
import hashlib
import os
import stat
import subprocess
import sys
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
    left, in_use = (kept.with_name(f".{DIGEST}.{number:016x}") for number in (1, 2))
    left.write_bytes(b"half")
    in_use.write_bytes(b"half")
    notes = kept.with_name(".notes-of-somebody")
    notes.write_text("ours")
    for old in (left, notes, kept):
        os.utime(old, (1_700_000_000, 1_700_000_000))
    captures.sweep()
    assert sorted(path.name for path in kept.parent.iterdir()) == [in_use.name, notes.name, kept.name]


_MACHINE = """
import os, sys
from pathlib import Path
from searchkit.crawl.web.captures import Captures
os.getpid = lambda: 4711  # process numbers of two machines may be equal
captures = Captures(Path(sys.argv[1]))
sys.stdin.readline()
for number in range(200):
    captures.keep(b"page %d" % number)
    captures.sweep()
"""


@pytest.mark.slow
def test_two_machines_store_the_same_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _MACHINE, str(tmp_path / "captures")]
    machines = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(2)]
    for machine in machines:
        assert machine.stdin is not None
        machine.stdin.write(b"go\n")
        machine.stdin.close()
    assert [machine.wait() for machine in machines] == [0, 0]
    captures = Captures(tmp_path / "captures")
    assert sum(path.is_file() for path in (tmp_path / "captures").rglob("*")) == 200
    for number in range(200):
        body = b"page %d" % number
        assert captures.read(hashlib.sha256(body).hexdigest(), max_bytes=100) == body
