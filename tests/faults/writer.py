"""A process that keeps writing to an archive: `python -m tests.faults.writer FOLDER SEED FROM PAGES`.

It writes a JSON line to its original standard output for everything it begins and finishes (`done` only after the call
has returned). FOLDER contains `archive/` (or where.txt with its path), `articles/`, which it indexes, and
searchkit.toml with the feed of PAGES pages that it updates from. FROM is its first version number.
"""

import json
import os
import random
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from searchkit.archive import Archive
from searchkit.crawl.base import CrawlResult, new_resource
from searchkit.index.base import SearchRequest
from searchkit.ingest import Batch, IngestOptions
from searchkit.query import ast
from tests.faults.commands import command

# Documents of one slot are always put together, in a batch of their own.
TOGETHER = 5
SLOTS = 24
# On a busy machine a batch of five may take long; it must not be divided.
_PATIENCE = 3_600.0
# Next to the archive: a backup for each number, and the archives restored from them.
BACKUPS, RESTORED = "backups", "restored"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
# What is done, and how often. Most is small, so that a run has many commits and merges in it.
_WEIGHTS = {"put": 12, "file": 4, "update": 3, "search": 3, "backup": 1, "restore": 1} | dict.fromkeys(
    ("drop", "forget", "alerts", "rebuild"), 2
)


def word(number: int) -> str:
    """A word for a number, in letters only, that no stemmer shortens to that of another."""
    digits = ""
    while True:
        number, digit = divmod(number, 10)
        digits = "bcdfghkmpx"[digit] + digits
        if not number:
            return f"quorum{digits}q"


def address(slot: int, number: int) -> str:
    """The address of a document of a slot."""
    return f"https://ledger.example/{slot}/{number}"


def resources(slot: int, version: int) -> Iterator[CrawlResult]:
    """Yield the documents of a slot in a version."""
    for number in range(TOGETHER):
        record = {
            "uri": address(slot, number),
            "title": f"Crates {slot} {number} {version}",
            "outlet": f"Gazette {number}",
            "published": "2026-03-01",
            "language": "en",
            "text": (
                f"The port of Velmar counted the crates of hall {slot}, and the list {word(version)} was read out.\n\n"
                f'"We found {version} crates behind gate {number}," said Nadia Korbel, harbor master of Velmar.'
            ),
        }
        body = json.dumps(record).encode()
        yield new_resource(record["uri"], body, media_type="application/x-searchkit-record", now=NOW)


def put(archive: Archive, *versions: tuple[int, int]) -> Iterator[Batch]:
    """Put slots in the given versions, each in a batch of its own; yield the batches as they are committed."""
    found = (resource for slot, version in versions for resource in resources(slot, version))
    return archive.ingest(
        found, options=IngestOptions(workers=1, batch_size=TOGETHER, batch_seconds=_PATIENCE), now=NOW
    )


class _Writer:
    def __init__(self, folder: Path, seed: int, version: int, pages: int) -> None:
        self._pipe = os.dup(1)
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)  # the pipe takes only reports
        place = folder / "where.txt"
        self._archive = Path(place.read_text()) if place.exists() else folder / "archive"
        self._articles = folder / "articles"
        self._articles.mkdir(exist_ok=True)
        self._chance = random.Random(seed)
        self._version = version
        self._pages = pages

    @property
    def _has_store(self) -> bool:
        return (self._archive / "store.sqlite").exists()

    def _report(self, *what: object) -> None:
        os.write(self._pipe, json.dumps(what).encode() + b"\n")

    def _command(self, *words: str, reported: tuple[object, ...], archive: Path | None = None) -> None:
        self._report("begin", *reported)
        code, _, messages = command("--archive", str(archive or self._archive), *words)
        if code not in (0, 4 if words[0] == "forget" else 0):  # 4: a sent digest names it
            self._report("failed", words, code, messages)
        self._report("done", *reported)

    def work(self) -> None:
        """Write until the process is killed."""
        self._report("ready")
        while True:
            (choice,) = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
            getattr(self, f"_{choice}")()

    def _put(self) -> None:
        slots = self._chance.sample(range(SLOTS), self._chance.choice((1, 2, 5)))
        begun = [(slot, self._version + number) for number, slot in enumerate(slots)]
        self._version += len(slots)
        for slot, version in begun:
            self._report("begin", "put", slot, version)
        with Archive.create(self._archive) as archive:
            for (slot, version), batch in zip(begun, put(archive, *begun), strict=False):
                assert len(batch.outcomes) == TOGETHER
                self._report("done", "put", slot, version)

    def _file(self) -> None:
        name = f"{self._version}.txt"
        (self._articles / name).write_text(
            f"Crates of list {word(self._version)}\n\nThe port of Velmar counted its crates for the list {name} again, "
            f'which took the whole day.\n\n"We found {self._version} crates," said Nadia Korbel, harbor master.\n'
        )
        self._version += 1
        self._command("index", "-q", "--workers", "1", str(self._articles), reported=("file", name))

    def _drop(self) -> None:
        names = sorted(path.name for path in self._articles.iterdir())
        if len(names) < 2:  # nothing is marked as gone in an empty folder: a disk may not be mounted
            return
        name = self._chance.choice(names)
        self._report("begin", "drop", name)  # before the file is gone
        (self._articles / name).unlink()
        self._command("index", "-q", "--workers", "1", "--prune", "--yes", str(self._articles), reported=("drop", name))

    def _forget(self) -> None:
        """Forget a file that stays in its folder, so that every later run meets it."""
        if not self._has_store:
            return
        with Archive.open(self._archive) as archive:
            paths = [path for path in sorted(self._articles.iterdir()) if archive.at(path.as_uri())]
        if paths:
            path = self._chance.choice(paths)
            self._command("forget", str(path), reported=("forget", path.name))

    def _alerts(self) -> None:
        if self._has_store:
            self._command("alerts", "run", "-q", reported=("alerts",))

    def _backup(self) -> Path | None:
        if not self._has_store:
            return None
        folder = self._archive.parent / BACKUPS / str(self._version)
        self._version += 1
        self._report("begin", "backup", int(folder.name))  # the earlier ones may go
        shutil.rmtree(folder.parent, ignore_errors=True)
        shutil.rmtree(folder.parent.with_name(RESTORED), ignore_errors=True)
        self._command("backup", str(folder), reported=("backup", int(folder.name)))
        return folder

    def _restore(self) -> None:
        folder = self._backup()
        if folder is not None:
            target = self._archive.parent / RESTORED / folder.name
            self._command("restore", str(folder), reported=("restore", int(folder.name)), archive=target)

    def _update(self) -> None:
        # Named, the source is due at once; --all would fetch known pages again.
        self._command("update", "-q", "ledger", "--workers", "1", reported=("update", self._pages))

    def _rebuild(self) -> None:
        if self._has_store:
            self._command("rebuild", reported=("rebuild",))

    def _search(self) -> None:
        if self._has_store:
            with Archive.open(self._archive) as archive:
                archive.search(SearchRequest(query=ast.All(), limit=5))
            self._report("done", "search")


if __name__ == "__main__":
    where, seed, version, pages = sys.argv[1:]
    _Writer(Path(where), int(seed), int(version), int(pages)).work()
