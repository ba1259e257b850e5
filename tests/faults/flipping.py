"""Flip one bit of one file of an archive: a full check must report damage, or all answers must stay the same."""

import io
import json
import random
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from searchkit.archive import Archive
from searchkit.cli import run
from searchkit.document import document_id
from searchkit.ingest import IngestOptions
from searchkit.update import run as update
from tests.cli.harbor import archive_of_the_harbor
from tests.crawl.web.site import Site
from tests.faults.writer import NOW, TOGETHER, address, resources
from tests.test_update import OPTIONS, feed, ledger, story

_DAMAGED = 3
_OWN_FAULT = 70

Seen = Literal["reported", "same answers", "silently wrong", "fault of ours"]


def make_archives(whole: Path, killed: Path) -> None:
    """An archive with several segments, revisions, a crawl, aliases and a saved search, as a run leaves it; and as one
    leaves it that was killed: with SQLite's log beside the store, which holds most of it."""
    folder = whole
    archive_of_the_harbor(folder).close()
    (folder / "aliases.toml").write_text(
        '[[entity]]\nname = "Nadia Korbel"\nkind = "person"\naliases = ["the harbor voice"]\n'
    )
    (folder / "saved").mkdir()
    (folder / "saved" / "port.toml").write_text('syntax = 1\nquery = "speaker:Korbel"\nover = "quotes"\n')
    with Site() as site, Archive.open(folder) as archive:
        for page in ("/bridge.html", "/ferry.html"):
            site.page(page, story(f"{page} closed", page[1:-5]))
        site.page("/feed.xml", feed(site, "/bridge.html", "/ferry.html"), media_type="application/rss+xml")
        update(archive, [ledger(site)], command="update", options=OPTIONS, now=NOW)
        for version in (1, 2):
            take(archive, version)
        keeper = sqlite3.connect(folder / "store.sqlite")  # whoever closes last would take the log away
        keeper.execute("SELECT count(*) FROM documents").fetchone()
        take(archive, 3)
        shutil.copytree(folder, killed)
        keeper.close()


def take(archive: Archive, version: int) -> None:
    """A batch of its own."""
    options = IngestOptions(workers=1, batch_size=TOGETHER)
    for _ in archive.ingest(resources(1, version), options=options, now=NOW):
        pass


def flippable(folder: Path) -> list[str]:
    """The files of an archive that hold what somebody asks for: all but the lock, whose content names its holder for
    as long as it is held, and SQLite's shared memory, which is recreated."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return sorted(str(path.relative_to(folder)) for path in found if path.name not in {"lock", "store.sqlite-shm"})


def flip(path: Path, bit: int) -> None:
    """Turn one bit of a file around."""
    body = bytearray(path.read_bytes())
    body[bit // 8] ^= 1 << bit % 8
    path.write_bytes(body)


def command(*words: str) -> tuple[int, str, str]:
    """Exit code, output and complaints of a command."""
    printed = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    complaints = io.StringIO()
    before, sys.stdout = sys.stdout, printed
    try:
        with redirect_stderr(complaints):
            run(words)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0
    finally:
        sys.stdout = before
    body = printed.buffer.getvalue() if isinstance(printed.buffer, io.BytesIO) else b""
    return code, body.decode("utf-8", "replace"), complaints.getvalue()


def questions(folder: Path) -> list[tuple[str, ...]]:
    """What is asked of an archive that has nothing wrong with it."""
    with Archive.open(folder) as archive:
        ids = sorted(_ids(archive))
    return [
        ("query", "*", "--json", "-n", "100", "--copies"),
        ("query", "crates OR bridge", "--json", "--facet", "speaker", "--facet", "outlet", "--facet", "published"),
        ("query", '"was read out"', "--json", "--sort", "oldest"),
        ("quotes", "*", "--json", "-n", "100", "--copies"),
        ("quotes", "@port", "--json", "--copies"),
        ("export", "--over", "documents", "--copies"),
        ("export", "--copies"),
        *(("show", document_id, "--json") for document_id in ids[:3]),
        *(("show", document_id(address(1, 0)), "--json", "--revision", number) for number in "12"),
    ]


def _ids(archive: Archive) -> Iterator[str]:
    from searchkit.index.base import SearchRequest
    from searchkit.query import ast

    for hit in archive.search(SearchRequest(query=ast.All(), limit=100)).hits:
        yield hit.id


def answers(folder: Path, asked: list[tuple[str, ...]]) -> list[tuple[int, object]]:
    """Exit code and answer of each question; how long it took and notes left out."""
    found = []
    for words in asked:
        code, out, _ = command("--archive", str(folder), *words)
        found.append((code, _lasting(out)))
    return found


def _lasting(out: str) -> object:
    try:
        messages = json.loads(out)
    except ValueError:
        return out
    if isinstance(messages, dict):
        messages.pop("seconds", None)
        messages.pop("notes", None)
    return messages


def is_damaged(folder: Path) -> bool:
    """Whether `searchkit check --full` reports damage."""
    return command("--archive", str(folder), "check", "--full")[0] != 0


def judged(before: list[tuple[int, object]], after: list[tuple[int, object]]) -> Seen:
    """What the answers alone show. A check cannot know what a user wrote in a saved search, so an answer to another
    question that says so is not wrong."""
    seen: Seen = "same answers"
    for (_, expected), (code, messages) in zip(before, after, strict=True):
        if code == _OWN_FAULT:
            return "fault of ours"
        if messages == expected:
            continue
        if code in {2, _DAMAGED} or _question(messages) != _question(expected):
            seen = "reported"
        else:
            return "silently wrong"
    return seen


def _question(messages: object) -> object:
    return messages.get("interpreted_as") if isinstance(messages, dict) else None


class Flips(Struct):
    """What was seen, by file; `wrong` lists the flips after which a check found nothing and an answer was wrong,
    or a command ended in a fault of ours."""

    seen: Counter[tuple[str, Seen]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.seen.total()


def flips(folder: Path, count: int, *, seed: int) -> Flips:
    """Flip a bit `count` times, each in a fresh copy of an archive that was closed or killed. For half of the flips,
    the file is chosen first, so that small files are hit too."""
    done = Flips()
    chance = random.Random(seed)
    wholes = [folder / "whole", folder / "killed"]
    make_archives(*wholes)
    files = [flippable(whole) for whole in wholes]
    sizes = [[(whole / name).stat().st_size for name in names] for whole, names in zip(wholes, files, strict=True)]
    first = shutil.copytree(wholes[1], folder / "first")
    asked = questions(first)
    expected = answers(first, asked)
    assert not is_damaged(first), "the archive is whole"
    assert {code for code, _ in expected} == {0}, expected
    assert answers(shutil.copytree(wholes[0], folder / "second"), asked) == expected
    while done.count < count:
        which, by_size = done.count % 2, done.count % 4 < 2
        (name,) = chance.choices(files[which], sizes[which] if by_size else None)
        bit = chance.randrange(8 * (wholes[which] / name).stat().st_size)
        copy = folder / "copy"
        shutil.copytree(wholes[which], copy)
        flip(copy / name, bit)
        seen: Seen = "reported"
        if not is_damaged(copy):
            seen = judged(expected, answers(copy, asked))
        elif any(code == _OWN_FAULT for code, _ in answers(copy, asked)):
            seen = "fault of ours"
        if seen in {"silently wrong", "fault of ours"}:
            done.wrong.append(f"flip {done.count + 1}, bit {bit} of {name} in {wholes[which].name}: {seen}")
        done.seen[_kind(name), seen] += 1
        shutil.rmtree(copy)
    return done


def _kind(name: str) -> str:
    """The kind of a file, without the numbers in its name."""
    path = Path(name)
    if path.parts[0] in {"captures", "whoosh"}:
        return f"{path.parts[0]}/*{path.suffix or path.name}"
    return name
