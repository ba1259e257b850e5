"""Forgetting itself: step after step, each of which may be done again, and the search that shows that it was enough.

What is meant is written down and synced first. A run that is killed at any moment leaves that file; the next run does
every step again, and what was done already has nothing more to do.
"""

import json
import zlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from searchkit.archive.erasure.atomic_file import write_bytes
from searchkit.archive.erasure.blocklist import Forgotten
from searchkit.archive.erasure.intent import read_intent, remove_intent, write_intent
from searchkit.archive.erasure.own_words import OwnWords
from searchkit.archive.erasure.plan import FRONTIER, Plan
from searchkit.archive.erasure.searching import Found, Progress, Searched, files_in, search, search_file, told
from searchkit.archive.erasure.traces import Sought
from searchkit.archive.folder import FORGETTING, LOCK, STORE, folder_error
from searchkit.crawl.web.captures import Captures
from searchkit.crawl.web.erasure import compact, forget_pages
from searchkit.index import engine_names
from searchkit.text import redacted

if TYPE_CHECKING:
    from searchkit.archive.archive import Archive

_CAPTURES = "captures"
_LOG = "runs.jsonl"
# What writers leave when they are killed between a file and its place; nobody else writes under the lock.
_LEFTOVERS = ("*.tmp", "*.tmp-*", "*.tmp.*", "*.new", "saved/*.tmp", "watchlists/*.tmp", f"{_CAPTURES}/*/.*")
# What `searchkit repair` puts aside. Nobody can say what a damaged file holds, so it goes whole.
_DAMAGED = (f"{STORE}.damaged-*", f"{FRONTIER}.damaged-*", f"{_CAPTURES}/*/*.damaged-*")
_ATOM = b"http://www.w3.org/2005/Atom"
_ENTRY, _ENTRY_ENDS = b"<entry>", b"</entry>"
# A feed of ours has some hundred entries, and says what it is at its beginning.
_LARGEST_FEED, _FEED_BEGINS = 20_000_000, 4_096


class Erased(Struct, frozen=True, kw_only=True):
    """What was done: `documents` were forgotten, and the whole folder searched. `left` are traces that stand there
    still, with the documents that hold them where that is known."""

    documents: int
    searched: Searched
    left: tuple[tuple[Found, tuple[str, ...]], ...]


def forget(archive: "Archive", plan: Plan, *, now: datetime, progress: Progress | None = None) -> Erased:
    """Forget what `plan` says. The caller holds the archive (`Archive.held`) since before the plan was made.

    ArchiveError, StorageFull or TryAgain when that cannot be done now: then it is done by the next run.
    """
    # What could not be gone on with, a damaged index or one of a later searchkit, is told before anything is changed.
    Forgotten.load(archive.folder)
    archive.catch_up()
    write_intent(archive.folder, plan)
    return _carry_out(archive, plan, now, progress)


def finish(archive: "Archive", *, now: datetime, progress: Progress | None = None) -> Erased | None:
    """Finish what an earlier run began; None when there is nothing of that kind. As `forget`."""
    plan = read_intent(archive.folder)
    return None if plan is None else _carry_out(archive, plan, now, progress)


def _carry_out(archive: "Archive", plan: Plan, now: datetime, progress: Progress | None) -> Erased:
    folder, frontier = archive.folder, archive.folder / FRONTIER
    Forgotten.load(folder).add([{one.id, *one.addresses} for one in plan.leaving])
    with archive.changing() as store:
        store.erasure.overwrite()
        for one in plan.leaving:
            if store.get(one.id) is not None:
                store.delete(one.id, now.isoformat(timespec="seconds"))
        store.erasure.remove_mentions([one.id for one in plan.leaving], plan.addresses)
        named = (*plan.addresses, *map(redacted, plan.addresses), *(one.title for one in plan.leaving if one.title))
        store.erasure.reword(named)
        store.commit()
    archive.expunge()
    wanted, words = Sought(plan.traces, plan.longer), OwnWords(plan.words)
    try:
        _remove_leftovers(folder)
        _remove_captures(folder, plan.digests)
        forget_pages(frontier, plan.addresses, plan.digests)
        captured = _search_captures(archive, wanted, words)
        compact(frontier)
        _clean_log(folder / _LOG, wanted)
        _clean_feeds(folder, wanted)
    except OSError as error:
        raise folder_error(folder, error) from error
    with archive.changing() as store:
        store.erasure.overwrite()
        store.erasure.hush_changes([one.id for one in plan.leaving])
        store.erasure.compact()
    look = partial(
        search,
        folder,
        wanted,
        words,
        leaving_out={FORGETTING, *captured.paths},
        made_of_rows=_is_of_rows,
        progress=progress,
    )
    searched = look()
    if any(_is_of_index(found) for found in searched.found):
        # An index that an earlier searchkit wrote may hold more than its rows: it is made anew.
        archive.rebuild()
        archive.expunge()
        searched = look()
    remove_intent(folder)
    whole = Searched(
        files=searched.files + len(captured.paths),
        size=searched.size + captured.size,
        found=(*searched.found, *captured.found),
    )
    return Erased(
        documents=len(plan.leaving),
        searched=whole,
        left=tuple((found, _holders(found, plan, captured)) for found in whole.found),
    )


def _holders(found: Found, plan: Plan, captured: "_Captured") -> tuple[str, ...]:
    """The documents that stay and have what was found."""
    if found.path in captured.of:
        return captured.of[found.path]
    in_records = found.path.startswith("store.sqlite") or _is_of_index(found)
    return plan.named_by.get(found.trace, ()) if found.trace is not None and in_records else ()


def _is_of_index(found: Found) -> bool:
    return found.path.partition("/")[0] in engine_names()


def _is_of_rows(path: str) -> bool:
    """Whether a file holds rows of what stays or is made of them, or says who is at work on this machine."""
    return path.startswith((STORE, FRONTIER)) or path == LOCK or path.partition("/")[0] in engine_names()


# --- captures --------------------------------------------------------------------------------------------------------


class _Captured(Struct, frozen=True, kw_only=True):
    """The captures that stay and were searched: their paths, their bytes, what was found, and in whose pages."""

    paths: frozenset[str]
    size: int
    found: tuple[Found, ...]
    of: dict[str, tuple[str, ...]]


def _remove_captures(folder: Path, digests: Iterable[str]) -> None:
    captures = Captures(folder / _CAPTURES)
    for digest in digests:
        path = captures.path(digest)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # others are in it
            path.parent.rmdir()


def _search_captures(archive: "Archive", wanted: Sought, words: OwnWords) -> _Captured:
    """Search the captures. Those with a trace that no document was made of, such as feeds and fronts of sites, go.

    What a page has that stays, in its menu or its margin, is no word of one that leaves, and `words` lets go of it."""
    folder = archive.folder
    if not (folder / _CAPTURES).is_dir():
        return _Captured(paths=frozenset(), size=0, found=(), of={})
    made_of: dict[str, list[str]] = {}
    for document, digest in sorted(archive.records().erasure.bytes_held()):
        made_of.setdefault(digest, []).append(document)
    found: list[Found] = []
    paths, of, removed, size = [], {}, [], 0
    captures = [(path, path.name.partition(".")[0]) for path in files_in(folder / _CAPTURES)]
    for path, digest in sorted(captures, key=lambda one: one[1] not in made_of):
        name = path.relative_to(folder).as_posix()
        try:
            looked = search_file(path, wanted, words)
        except (OSError, EOFError, zlib.error):  # told by the search of all
            continue
        if digest in made_of:
            words.drop("\n".join(looked.words).encode())
        elif looked.numbers or looked.words:
            removed.append(digest)
            path.unlink()
            continue
        paths.append(name)
        size += looked.size
        if looked.numbers:
            of[name] = tuple(made_of[digest])
        found += told(name, wanted, words, looked.numbers, ())
    forget_pages(folder / FRONTIER, (), removed)
    return _Captured(paths=frozenset(paths), size=size, found=tuple(found), of=of)


# --- other files -----------------------------------------------------------------------------------------------------


def put_aside(folder: Path) -> list[str]:
    """The damaged files that stand beside those that took their place, as paths within the archive's folder."""
    found = {path.relative_to(folder).as_posix() for pattern in _DAMAGED for path in folder.glob(pattern)}
    return sorted(found)


def _remove_leftovers(folder: Path) -> None:
    for pattern in (*_LEFTOVERS, *_DAMAGED):
        for path in folder.glob(pattern):
            if path.is_file() and not path.is_symlink():
                path.unlink()


def _clean_log(path: Path, wanted: Sought) -> None:
    """Leave out of the log of runs what it tells of what leaves: single failures, or else the whole line."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return
    kept = [line if not wanted.within(line) else _without_reasons(line, wanted) for line in lines]
    if kept != lines:
        write_bytes(path, b"".join(kept))


def _without_reasons(line: bytes, wanted: Sought) -> bytes:
    """A line without those of its failures and the like that tell of what leaves; empty when that is not enough."""
    try:
        told = json.loads(line)
        for name, value in told.items():
            if isinstance(value, list):
                told[name] = [one for one in value if not wanted.within(json.dumps(one).encode())]
    except (AttributeError, ValueError):
        return b""
    left = json.dumps(told, ensure_ascii=True).encode("ascii") + b"\n"
    return b"" if wanted.within(left) else left


def _clean_feeds(folder: Path, wanted: Sought) -> None:
    """Leave single entries out of the feeds that alerts write into the folder; the next digest writes them anew."""
    for path in files_in(folder):
        if path.parent != folder or path.is_symlink() or path.stat().st_size > _LARGEST_FEED:
            continue
        content = path.read_bytes()
        if content.startswith(b"<?xml") and _ATOM in content[:_FEED_BEGINS]:
            head, *entries = content.split(_ENTRY)
            kept = [entry for entry in entries if not wanted.within(entry.partition(_ENTRY_ENDS)[0])]
            if len(kept) < len(entries):
                ends = entries[-1].partition(_ENTRY_ENDS)[2]
                if kept and kept[-1] is not entries[-1]:
                    kept[-1] = kept[-1].partition(_ENTRY_ENDS)[0] + _ENTRY_ENDS + ends
                write_bytes(path, _ENTRY.join([head, *kept]) if kept else head + ends.lstrip())
