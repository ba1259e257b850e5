"""On a full disk or in a read-only folder, one line reports it, and committed data still answers."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.document import document_id
from tests.cli.harbor import ARTICLES, archive_of_the_harbor
from tests.faults import mounts
from tests.faults.killing import ROOT
from tests.faults.writer import address, word

pytestmark = pytest.mark.slow

# Whom root becomes where root itself may write anything: nobody, as most systems number it.
NOBODY = 65_534
PROGRAM = [sys.executable, "-m", "searchkit"]


def searchkit(*words: str, before: Callable[[], None] | None = None, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, after `before`."""
    return subprocess.run(
        [*PROGRAM, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=before,
    )


def many_articles(folder: Path, count: int) -> Path:
    """More than fits."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.txt").write_text(
            f"Crates of list {word(number)}\n\n"
            + "".join(
                f"The port counted the crates of list {word(number * 1000 + line)} again.\n" for line in range(40)
            )
        )
    return folder


@contextmanager
def little_room(folder: Path) -> Iterator[tuple[Path, Callable[[], None] | None]]:
    """A folder for an archive that cannot grow past some hundred kilobytes: a file system of that size for who may
    mount one, else a limit on the size of files, which fails with another errno at the same calls."""
    if mounts.may_mount():
        with mounts.small(folder, 700) as small:
            yield small, None
    else:
        folder.mkdir()
        size = 200_000
        yield folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk(tmp_path: Path) -> None:
    articles = many_articles(tmp_path / "articles", 150)
    with little_room(tmp_path / "small") as (small, limit):
        archive = small / "archive"
        archive_of_the_harbor(archive).close()
        command = ("--archive", str(archive), "index", "--workers", "1", str(articles))
        for _ in range(2):  # the second finds it full
            done = searchkit(*command, before=limit, cwd=tmp_path)
            # SQLite does not tell a limit on sizes from a disk that fails.
            assert (done.returncode, done.stdout) == (75 if limit is None else 3, ""), done
            assert "Traceback" not in done.stderr
            assert ("No space left" if limit is None else "cannot be read or written") in done.stderr
            # It still answers, from what was committed.
            asked = searchkit("--archive", str(archive), "query", "cranes", before=limit, cwd=tmp_path)
            assert asked.returncode == 0, asked
            assert "Cranes stand still" in asked.stdout
        # With room again, the same command does it all; here by moving to where there is room.
        shutil.copytree(archive, tmp_path / "archive")
    done = searchkit("--archive", str(tmp_path / "archive"), "index", str(articles), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Archive.open(tmp_path / "archive") as opened:
        status = opened.status()
        assert status.counts.documents == len(ARTICLES) + 150
        assert status.indexed["document"] == len(ARTICLES) + 150
    assert len(list((tmp_path / "archive" / "whoosh").iterdir())) <= 3


@contextmanager
def not_to_be_written(archive: Path, folder: Path) -> Iterator[tuple[Path, Callable[[], None] | None]]:
    """The archive where this process, or one that does the second thing first, may not write."""
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
        # Root may write anywhere: so it becomes somebody else.
        for path in (archive, *archive.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        for path in archive.parents:
            path.chmod(path.stat().st_mode | 0o055)
        yield archive, lambda: os.setuid(NOBODY)


@pytest.mark.parametrize("left", ["cleanly", "by a killed run"])
def test_a_folder_that_may_not_be_written(tmp_path: Path, left: str) -> None:
    archive = tmp_path / "archive"
    archive_of_the_harbor(archive).close()
    if left == "by a killed run":
        killed(archive)
    with not_to_be_written(archive, tmp_path / "place") as (place, before):
        found = searchkit("--archive", str(place), "query", "cranes", before=before, cwd=tmp_path)
        assert (found.returncode, "Cranes stand still" in found.stdout) == (0, True), found
        shown = searchkit("--archive", str(place), "quotes", "speaker:Havel", before=before, cwd=tmp_path)
        assert "Petr Havel" in shown.stdout
        (tmp_path / "a.txt").write_text("The port of Velmar counted its crates again, which took the whole day.\n")
        for words in (["index", str(tmp_path / "a.txt")], ["rebuild"]):
            refused = searchkit("--archive", str(place), *words, before=before, cwd=tmp_path)
            assert (refused.returncode, refused.stdout) == (3, ""), refused
            assert "cannot be used" in refused.stderr


def killed(archive: Path) -> None:
    """Take in a batch, and leave as a kill would: what was committed is in SQLite's log alone."""
    script = (
        "import os, sys; from pathlib import Path; from searchkit.archive import Archive\n"
        "from searchkit.ingest import IngestOptions; from tests.faults.writer import NOW, resources\n"
        "with Archive.open(Path(sys.argv[1])) as archive:\n"
        "    for _ in archive.ingest(resources(1, 1), options=IngestOptions(workers=1), now=NOW): os._exit(0)"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(archive)], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert (archive / "store.sqlite-wal").stat().st_size


@pytest.mark.parametrize("memory", ["there", "gone"])
def test_changes_only_in_the_log_are_not_ignored(tmp_path: Path, memory: str) -> None:
    """Where it may not write, SQLite reads its log only beside its shared memory. Else that is all that is answered."""
    archive = tmp_path / "archive"
    archive_of_the_harbor(archive).close()
    killed(archive)
    if memory == "gone":
        (archive / "store.sqlite-shm").unlink()
    with not_to_be_written(archive, tmp_path / "place") as (place, before):
        reported = searchkit("--archive", str(place), "show", document_id(address(1, 0)), before=before, cwd=tmp_path)
        if memory == "there":
            assert (reported.returncode, "Crates 1 0 1" in reported.stdout) == (0, True), reported
        else:
            assert (reported.returncode, reported.stdout) == (3, "")
            assert "store.sqlite-wal" in reported.stderr
    assert searchkit("--archive", str(archive), "show", document_id(address(1, 0)), cwd=tmp_path).returncode == 0


def test_files_about_names_on_a_full_disk(tmp_path: Path) -> None:
    """What could not be written leaves nothing that stands in the way of the next try."""
    (tmp_path / "names.csv").write_text("name\n" + "".join(f"Orsolya {word(number)}\n" for number in range(20_000)))
    with little_room(tmp_path / "small") as (small, limit):
        archive = small / "archive"
        archive_of_the_harbor(archive).close()
        if limit is None:
            with (small / "filler").open("wb", buffering=0) as filler, suppress(OSError):
                while True:
                    filler.write(b"x" * 512)
            done = searchkit("--archive", str(archive), "entities", "--init", cwd=tmp_path)
            assert (done.returncode, (archive / "aliases.toml").exists()) == (75, False), done
        command = ("--archive", str(archive), "watchlist", "add", "names.csv", "--name", "port")
        done = searchkit(*command, before=limit, cwd=tmp_path)
        assert "Traceback" not in done.stderr
        assert (done.returncode in {3, 75}, list((archive / "watchlists").glob("*"))) == (True, []), done
