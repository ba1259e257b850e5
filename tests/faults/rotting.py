"""Flip one bit of an index, write to the archive until segments are merged, and compare all answers with those of an
archive without the flip."""

import json
import random
import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from searchkit.archive import Archive
from searchkit.errors import SearchkitError
from searchkit.index import generations
from searchkit.index.base import FacetRequest, SearchRequest
from searchkit.query.fields import Record
from searchkit.query.parser import parse
from searchkit.statements.document import Resource
from tests.faults.commands import Report, command
from tests.faults.flipping import flip, is_damaged
from tests.faults.writer import SLOTS, TOGETHER, resources, word
from tests.samples import present

_RUNS = 7
_QUESTIONS = 200
_REBUILT = "rebuilt from the store"
# Slots of the first large segment, of the small ones after it, and of each run.
_LARGE, _SMALL = range(14), range(14, 18)
_TODAY = date(2026, 3, 4)
_ALL = 1_000

Seen = Literal["rebuilt by a run", "reported by check", "same answers", "silently wrong"]
Answers = list[tuple[object, int, object] | str]


def make_archive(folder: Path, files: Path) -> None:
    """Make an archive with a large segment and some small ones."""
    for slots in ([*_LARGE], *([slot] for slot in _SMALL)):
        index(folder, files, slots, version=1)


def index(folder: Path, files: Path, slots: Iterable[int], *, version: int) -> str:
    """Write the file of each slot in this version, and index them in one run; return what the run said."""
    paths = [files / f"{slot}.jsonl" for slot in slots]
    for slot, path in zip(slots, paths, strict=True):
        path.write_bytes(
            b"".join(found.body + b"\n" for found in resources(slot, version) if isinstance(found, Resource))
        )
    code, output, messages = command("--archive", str(folder), "index", "-q", "--workers", "1", *map(str, paths))
    return f"{code or ''}{output}{messages}"


def runs(folder: Path, files: Path) -> str:
    """Run `searchkit index` seven times, with new and changed documents; return what the runs said."""
    return "".join(
        index(
            folder,
            files,
            [2 * number, 2 * number + 1, _SMALL[number % len(_SMALL)], _SMALL.stop + number % (SLOTS - _SMALL.stop)],
            version=2 + number,
        )
        for number in range(_RUNS)
    )


def questions() -> Iterator[tuple[str, Record]]:
    """Yield queries of every kind: words, phrases, prefixes, values, dates, and statements by speaker and words."""
    records: tuple[Record, Record] = ("document", "quote")
    fixed = [
        *(
            "*",
            "crates",
            "crat*",
            '"crates of hall"',
            '"the list was"',
            '"was read out"',
            "exact:'We found'",
            "found~1",
        ),
        *(
            "speaker:Korbel",
            'speaker:"Nadia Korbel"',
            "date:2026",
            "date:2026-03",
            "seen:2026",
            "verb:say",
            "kind:direct",
        ),
        *("lang:en", "title:Crates", "quote:crates", "-hall", "port NEAR/3 counted", "entity:Velmar", "about:Velmar"),
        *("speaker:*", "entity:*", "outlet:*", "url:*ledger*", "crates OR hall", "crates AND gate"),
    ]
    made = [
        *(f'outlet:"Gazette {number}"' for number in range(TOGETHER)),
        *(word(version) for version in range(1, 2 + _RUNS)),
        *(f'"hall {slot}"' for slot in range(SLOTS)),
        *(f'"found {version} crates behind gate {number}"' for version in range(1, 9) for number in range(TOGETHER)),
    ]
    asked = [(query, record) for query in (*fixed, *made) for record in records]
    yield from asked[:_QUESTIONS]


def answers(folder: Path) -> Answers:
    """Return what an archive answers to all questions; a line for an error."""
    found: Answers = []
    fields: dict[Record, tuple[str, ...]] = {
        "document": ("outlet", "speaker", "entity", "date"),
        "quote": ("speaker", "about", "kind", "outlet"),
    }
    for query, record in questions():
        facets = tuple(FacetRequest(field=name, size=100) for name in fields[record])
        try:
            request = SearchRequest(
                query=parse(query, today=_TODAY, record=record).tree,
                record=record,
                limit=_ALL,
                sort="newest",
                facets=facets,
                copies=True,
            )
            with Archive.open(folder) as archive:
                result = archive.index.search(request)
            # Word counts include deleted rows, so scores depend on the segments; which records match does not.
            found.append((sorted(hit.id for hit in result.hits), result.total, result.facets))
        except SearchkitError as error:
            found.append(f"{type(error).__name__}: {error.message}")
    return found


def rots(folder: Path, count: int, *, seed: int) -> Report:
    """Flip a bit of the index `count` times, each in a fresh copy of an archive, and run seven times; then check the
    archive and ask.

    Wrong is a flip after which the check finds nothing and an answer is wrong, or the merged segments differ.
    """
    report = Report()
    chance = random.Random(seed)
    whole, files = folder / "whole", folder / "files"
    files.mkdir()
    make_archive(whole, files)
    before = shutil.copytree(whole, folder / "before")
    assert runs(before, files) == "", "the runs say nothing"
    assert not is_damaged(before), "the archive is undamaged"
    expected = answers(before)
    answered = sum(not isinstance(answer, str) and bool(answer[1]) for answer in expected)
    assert answered > _QUESTIONS // 2, f"{answered} of {len(expected)} questions have an answer"
    generation = present(generations.current(whole / "whoosh"))
    names = sorted(path.name for path in generation.iterdir())
    sizes = [(generation / name).stat().st_size for name in names]
    for number in range(count):
        (name,) = chance.choices(names, None if number % 4 == 3 else sizes)
        bit = chance.randrange(8 * sizes[names.index(name)])
        copy = shutil.copytree(whole, folder / "copy")
        flip(copy / "whoosh" / generation.name / name, bit)
        said = runs(copy, files)
        damaged, found = is_damaged(copy), answers(copy)
        seen: Seen = "same answers"
        if damaged:
            seen = "reported by check"
        elif found != expected:
            seen = "silently wrong"
        elif _REBUILT in said:
            seen = "rebuilt by a run"
        if seen == "silently wrong":
            report.wrong.append(
                f"flip {number + 1}, bit {bit} of {name}: {seen}; the runs said {json.dumps(said[:300])}"
            )
        report.seen[seen] += 1
        shutil.rmtree(copy)
    return report
