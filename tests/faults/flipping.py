"""Flip one bit of one file of an archive: a full check must report damage, or all answers must stay the same.

A user may have edited aliases.toml or a saved search. There the check must report that the file has changed.
"""

import json
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Literal

from searchkit.archive import Archive
from searchkit.archive.blocklist import Blocklist
from searchkit.archive.folder import user_files
from searchkit.index.base import SearchRequest
from searchkit.names.folder import WatchlistEntry
from searchkit.names.folder import save as save_watchlist
from searchkit.query import ast
from searchkit.statements.document import document_id
from searchkit.update.running import run as update
from tests.cli.harbor import archive_of_the_harbor
from tests.crawl.web.site import Site
from tests.faults.commands import Report, command
from tests.faults.writer import NOW, address, put
from tests.test_update import OPTIONS, feed, ledger, story

_DAMAGED = 3
_INTERNAL_ERROR = 70

Seen = Literal["reported", "reported as changed", "same answers", "silently wrong", "internal error"]


def make_archives(whole: Path, killed: Path) -> None:
    """An archive with several segments, revisions, a crawl, aliases and a saved search, as a run leaves it; and as one
    leaves it that was killed: with SQLite's log beside the store, which holds most of it."""
    archive_of_the_harbor(whole).close()
    (whole / "aliases.toml").write_text(
        '[[entity]]\nname = "Nadia Korbel"\nkind = "person"\naliases = ["the harbor voice"]\n'
    )
    (whole / "saved").mkdir()
    (whole / "saved" / "port.toml").write_text('syntax = 1\nquery = "speaker:Korbel"\nover = "quotes"\n')
    entry = WatchlistEntry(
        id="w1", name="Petr Havel", kind="person", country="", topics=(), names=("petr havel",), weak=(), acronyms=()
    )
    save_watchlist(whole, "harbor", [entry], form="csv", source="harbor.csv", now=NOW)
    Blocklist.load(whole).add([{"0123456789ab", "https://ledger.example/forgotten"}])
    with Site() as site, Archive.open(whole) as archive:
        for page in ("/bridge.html", "/ferry.html"):
            site.page(page, story(f"{page} closed", page[1:-5]))
        site.page("/feed.xml", feed(site, "/bridge.html", "/ferry.html"), media_type="application/rss+xml")
        update(archive, [ledger(site)], command="update", options=OPTIONS, now=NOW)
        for version in (1, 2):
            list(put(archive, (1, version)))
        keeper = sqlite3.connect(whole / "store.sqlite")  # whoever closes last would take the log away
        keeper.execute("SELECT count(*) FROM documents").fetchone()
        list(put(archive, (1, 3)))
        shutil.copytree(whole, killed)
        keeper.close()


def flippable(folder: Path) -> list[str]:
    """Return the files of an archive, without the lock and SQLite's shared memory, which are recreated."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return sorted(str(path.relative_to(folder)) for path in found if path.name not in {"lock", "store.sqlite-shm"})


def flip(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    body = bytearray(path.read_bytes())
    body[bit // 8] ^= 1 << bit % 8
    path.write_bytes(body)


def commands(folder: Path) -> list[tuple[str, ...]]:
    """Return commands that show everything in an undamaged archive."""
    with Archive.open(folder) as archive:
        ids = sorted(hit.id for hit in archive.search(SearchRequest(query=ast.All(), limit=100)).hits)
    return [
        ("query", "*", "--json", "-n", "100", "--duplicates"),
        ("query", "crates OR bridge", "--json", "--facet", "speaker", "--facet", "outlet", "--facet", "published"),
        ("query", '"was read out"', "--json", "--sort", "oldest"),
        ("statements", "*", "--json", "-n", "100", "--duplicates"),
        ("statements", "@port", "--json", "--duplicates"),
        ("export", "--over", "documents", "--duplicates"),
        ("export", "--duplicates"),
        *(("show", document_id, "--json") for document_id in ids[:3]),
        *(("show", document_id(address(1, 0)), "--json", "--revision", number) for number in "12"),
    ]


def answers(folder: Path, listed: list[tuple[str, ...]]) -> list[tuple[int, object]]:
    """Return the exit code and output of each command, without durations and notes."""
    found = []
    for words in listed:
        code, output, _ = command("--archive", str(folder), *words)
        try:
            answer = json.loads(output)
        except ValueError:
            answer = output
        if isinstance(answer, dict):
            answer = {key: value for key, value in answer.items() if key not in {"seconds", "notes"}}
        found.append((code, answer))
    return found


def is_damaged(folder: Path) -> bool:
    """Return whether `searchkit check --full` reports damage."""
    return command("--archive", str(folder), "check", "--full")[0] != 0


def has_changed(folder: Path, name: str) -> bool:
    """Return whether `searchkit check` reports that a file has changed since the last run."""
    return f"{name} has changed since the last run" in command("--archive", str(folder), "check")[1]


def judged(before: list[tuple[int, object]], after: list[tuple[int, object]]) -> Seen:
    """Compare answers."""
    if any(code == _INTERNAL_ERROR for code, _ in after):
        return "internal error"
    seen: Seen = "same answers"
    for (_, expected), (code, answer) in zip(before, after, strict=True):
        if answer == expected:
            continue
        if code not in {2, _DAMAGED}:
            return "silently wrong"
        seen = "reported"
    return seen


def flips(folder: Path, count: int, *, seed: int) -> Report:
    """Flip a bit `count` times, each in a fresh copy of an archive that was closed or killed.

    For half of the flips, the file is chosen first, so that small files are hit too. Wrong is a flip after which a
    check finds nothing and an answer is wrong, one in a file of the user that is not reported as changed, or one after
    which a command reports an internal error.
    """
    report = Report()
    chance = random.Random(seed)
    archives = [folder / "whole", folder / "killed"]
    make_archives(*archives)
    files = [flippable(archive) for archive in archives]
    sizes = [[(archive / name).stat().st_size for name in flippable(archive)] for archive in archives]
    first = shutil.copytree(archives[1], folder / "first")
    listed = commands(first)
    expected = answers(first, listed)
    assert not is_damaged(first), "the archive is undamaged"
    assert {code for code, _ in expected} == {0}, expected
    assert answers(shutil.copytree(archives[0], folder / "second"), listed) == expected
    for number in range(count):
        which, by_size = number % 2, number % 4 < 2
        (name,) = chance.choices(files[which], sizes[which] if by_size else None)
        bit = chance.randrange(8 * (archives[which] / name).stat().st_size)
        copy = shutil.copytree(archives[which], folder / "copy")
        flip(copy / name, bit)
        damaged = is_damaged(copy)
        seen = judged(expected, answers(copy, listed))
        if damaged and seen != "internal error":
            seen = "reported"
        elif name in {name for name, _ in user_files(archives[which])} and seen != "internal error":
            seen = "reported as changed" if has_changed(copy, name) else "silently wrong"
        if seen in {"silently wrong", "internal error"}:
            report.wrong.append(f"flip {number + 1}, bit {bit} of {name} in {archives[which].name}: {seen}")
        report.seen[seen] += 1
        shutil.rmtree(copy)
    return report
