"""On a full disk or in a read-only folder, one line reports it, and committed data still answers."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.statements.document import document_id
from tests.cli.harbor import ARTICLES, archive_of_the_harbor
from tests.faults import mounts
from tests.faults.commands import ROOT, searchkit
from tests.faults.writer import address, word

UNPRIVILEGED_USER = 65_534  # the number of most systems


@contextmanager
def small_folder(folder: Path) -> Iterator[tuple[Path, Callable[[], None] | None]]:
    """Yield a folder for an archive of some hundred kilobytes: a file system of that size for root; else a limit on the
    size of files, which a process sets for itself and which fails with another errno at the same calls."""
    if mounts.may_mount():
        with mounts.small(folder, 700) as small:
            yield small, None
    else:
        folder.mkdir()
        size = 200_000
        yield folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def fill(folder: Path) -> None:
    """Fill the file system of this folder."""
    with (folder / "filler").open("ab", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 512)


def test_a_full_disk(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number in range(150):  # more than fits
        lines = (f"The port counted the crates of list {word(number * 1000 + line)} again.\n" for line in range(40))
        (articles / f"{number}.txt").write_text(f"Crates of list {word(number)}\n\n{''.join(lines)}")
    with small_folder(tmp_path / "small") as (small, limit):
        archive = small / "archive"
        archive_of_the_harbor(archive).close()
        run = partial(searchkit, "--archive", str(archive), before=limit, cwd=tmp_path)
        for _ in range(2):  # the second finds it full
            done = run("index", "--workers", "1", str(articles))
            # SQLite reports a limit on sizes as a disk that fails.
            assert (done.returncode, done.stdout) == (75 if limit is None else 3, ""), done
            assert "Traceback" not in done.stderr
            assert ("No space left" if limit is None else "cannot be read or written") in done.stderr
            # It still answers, from what was committed.
            done = run("query", "cranes")
            assert (done.returncode, "Cranes stand still" in done.stdout) == (0, True), done
        # With room again, the same command indexes everything; here by moving to where there is room.
        shutil.copytree(archive, tmp_path / "archive")
    done = searchkit("--archive", "archive", "index", str(articles), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Archive.open(tmp_path / "archive") as opened:
        status = opened.status()
        assert status.indexed is not None
        assert status.documents == status.indexed.document == len(ARTICLES) + 150
    assert len(list((tmp_path / "archive" / "whoosh").iterdir())) <= 3


@contextmanager
def read_only(archive: Path, folder: Path) -> Iterator[tuple[Path, Callable[[], None] | None]]:
    """Yield the archive where this process, or one that first calls the second value, may not write."""
    if os.geteuid() != 0:
        for path in (archive, *archive.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield archive, None
        for path in (archive, *archive.rglob("*")):
            path.chmod(0o755)
    elif mounts.may_mount():
        with mounts.read_only(folder, archive) as place:
            yield place, None
    else:
        # Root may write anywhere: so it becomes another user.
        for path in (archive, *archive.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        for path in archive.parents:
            path.chmod(path.stat().st_mode | 0o055)
        yield archive, lambda: os.setuid(UNPRIVILEGED_USER)


@pytest.mark.parametrize("killed", [False, True])
def test_a_read_only_folder(tmp_path: Path, killed: bool) -> None:
    archive = tmp_path / "archive"
    archive_of_the_harbor(archive).close()
    if killed:
        put_and_die(archive)
    (tmp_path / "a.txt").write_text("The port of Velmar counted its crates again, which took the whole day.\n")
    with read_only(archive, tmp_path / "place") as (place, before):
        run = partial(searchkit, "--archive", str(place), before=before, cwd=tmp_path)
        found = run("query", "cranes")
        assert (found.returncode, "Cranes stand still" in found.stdout) == (0, True), found
        assert "Petr Havel" in run("statements", "speaker:Havel").stdout
        for words in (["index", str(tmp_path / "a.txt")], ["rebuild"]):
            refused = run(*words)
            assert (refused.returncode, refused.stdout) == (3, ""), refused
            assert "cannot be used" in refused.stderr


def put_and_die(archive: Path) -> None:
    """Commit a batch and exit as after a kill: only SQLite's log contains it."""
    script = (
        "import os, sys; from pathlib import Path; from searchkit.archive import Archive\n"
        "from tests.faults.writer import put\n"
        "with Archive.open(Path(sys.argv[1])) as archive:\n"
        "    for _ in put(archive, (1, 1)): os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(archive)], check=True, cwd=ROOT)
    assert (archive / "store.sqlite-wal").stat().st_size


@pytest.mark.parametrize("has_shared_memory", [True, False])
def test_changes_only_in_the_log_are_not_ignored(tmp_path: Path, has_shared_memory: bool) -> None:
    """Where it may not write, SQLite reads its log only next to its shared memory. Without it, a command fails."""
    archive = tmp_path / "archive"
    archive_of_the_harbor(archive).close()
    put_and_die(archive)
    if not has_shared_memory:
        (archive / "store.sqlite-shm").unlink()
    show = ("show", document_id(address(1, 0)))
    with read_only(archive, tmp_path / "place") as (place, before):
        shown = searchkit("--archive", str(place), *show, before=before, cwd=tmp_path)
        if has_shared_memory:
            assert (shown.returncode, "Crates 1 0 1" in shown.stdout) == (0, True), shown
        else:
            assert (shown.returncode, shown.stdout) == (3, "")
            assert "store.sqlite-wal" in shown.stderr
    assert searchkit("--archive", str(archive), *show, cwd=tmp_path).returncode == 0


@pytest.mark.skipif(not mounts.may_mount(), reason="only root can mount a small disk")
def test_what_a_full_disk_keeps_from_being_answered_is_not_answered(tmp_path: Path) -> None:
    with mounts.small(tmp_path / "small", 1_600) as small:
        archive = small / "archive"
        archive_of_the_harbor(archive).close()
        put_and_die(archive)  # so the index is behind
        fill(small)

        def count(word: str) -> tuple[int, str]:
            done = searchkit("--archive", str(archive), "query", "--count", word, cwd=tmp_path)
            assert "No space left" in done.stderr
            return done.returncode, done.stdout

        assert count("cranes") == (0, "2\n"), "with a note"
        assert count("absent") == (75, "")
        shutil.rmtree(archive / "whoosh")
        fill(small)
        assert count("cranes") == (75, "")
        (archive / "store.sqlite-shm").unlink()  # readers of the log cannot share memory
        fill(small)
        assert count("cranes") == (75, "")
        done = searchkit("--archive", str(archive), "check", "--full", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (75, "")


def test_files_about_names_on_a_full_disk(tmp_path: Path) -> None:
    """A failed write leaves nothing that stands in the way of the next try."""
    (tmp_path / "names.csv").write_text("name\n" + "".join(f"Orsolya {word(number)}\n" for number in range(20_000)))
    with small_folder(tmp_path / "small") as (small, limit):
        archive = small / "archive"
        archive_of_the_harbor(archive).close()
        run = partial(searchkit, "--archive", str(archive), before=limit, cwd=tmp_path)
        if limit is None:
            fill(small)
            done = run("entities", "--init")
            assert (done.returncode, (archive / "aliases.toml").exists()) == (75, False), done
        done = run("watchlist", "add", "names.csv", "--name", "port")
        assert "Traceback" not in done.stderr
        assert (done.returncode in {3, 75}, list((archive / "watchlists").glob("*"))) == (True, []), done
