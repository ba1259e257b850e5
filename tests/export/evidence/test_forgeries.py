"""Evidence files that somebody changed and sealed again, compared with the archive that they were exported from."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.form import CAPTURES_LINE, CUSTODY, STATEMENT, EvidenceHead
from searchkit.notes import NoteFields
from tests.crawl.web.site import Site
from tests.export.evidence.published import FERRIES, exported, publish, resealed
from tests.test_update import after, given

pytestmark = pytest.mark.slow
# What no archive knows, or others may change.
ACCEPTED = {f"head: {name} changed" for name in EvidenceHead.__struct_fields__} - {
    "head: made_at changed",
    "head: searchkit changed",
    "head: timestamp changed",
    "head: matching changed",
}
ACCEPTED |= {f"{STATEMENT} : {name} changed" for name in ("copies", "host", *NoteFields.__struct_fields__)}
Lines = list[dict[str, Any]]


@pytest.fixture
def file(archive: Archive, site: Site, tmp_path: Path) -> Path:
    """Evidence about two pages, one of them in its second revision, and a file; with captures."""
    publish(archive, site)
    site.page("/ferries.txt", f"Ferries are late\n\n{FERRIES} They sailed at noon.\n", media_type="text/plain")
    after(20, archive, given(site, "/ferries.txt"))
    return exported(archive, tmp_path)[0]


def complaints(archive: Archive, file: Path) -> list[str]:
    with file.open("rb") as stream:
        check = EvidenceCheck(stream, "f", archive=archive, wacz=file.parent)
        found = [finding.summary for finding in check.findings()]
        assert bool(found) != check.report.as_recorded
        return found


def forged(file: Path, change: Callable[[Lines], Iterable[dict[str, Any]]]) -> None:
    """Change the lines before the seal, and seal them again."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    changed = [json.dumps(line, ensure_ascii=False) for line in change(lines[:-1])]
    file.write_text("".join(f"{line}\n" for line in resealed(changed)))


def other(value: Any) -> Any:
    """Return another value of the same type."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}" if value else "x"
        case int() | float():
            return value + 1
        case list():
            return value[1:] if value else ["x"]
        case dict():
            name = next(iter(value))
            return value | {name: other(value[name])}
    return "x"


def kinds(lines: Lines) -> list[tuple[str, Callable[[Lines], Iterable[dict[str, Any]]]]]:
    """Return forgeries by name: each field of each kind of line changed or removed, lines removed or repeated."""
    made: list[tuple[str, Callable[[Lines], Iterable[dict[str, Any]]]]] = []

    def at(number: int, change: Callable[[dict[str, Any]], list[dict[str, Any]]], name: str) -> None:
        made.append((name, lambda lines: [*lines[:number], *change(lines[number]), *lines[number + 1 :]]))

    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(lines):
        kind = "head" if number == 0 else f"{line['schema']} {line.get('event', '')}"
        for name in line.keys() - {"schema", "number", "previous", "id" if number == 0 else ""}:
            if (kind, name) in seen or (line.get("event") == "exported" and name not in {"at", "by", "document"}):
                continue  # a forger makes these new
            seen.add((kind, name))
            at(number, lambda line, name=name: [line | {name: other(line[name])}], f"{kind}: {name} changed")  # type: ignore[misc]
            if line["schema"] == STATEMENT and line[name] and name not in {"copies", "host"}:
                gone = lambda line, name=name: [{key: line[key] for key in line if key != name}]  # noqa: E731
                at(number, gone, f"{kind}: {name} removed")
        if number:
            at(number, lambda _: [], f"line {number} ({kind}) removed")
        if line["schema"] in {STATEMENT, CUSTODY}:
            at(number, lambda line: [line, line], f"line {number} ({kind}) twice")
    return made


def test_each_forgery_is_reported(archive: Archive, file: Path) -> None:
    assert complaints(archive, file) == []
    original = file.read_text()
    lines = [json.loads(line) for line in original.splitlines()][:-1]
    accepted: list[str] = []
    forgeries = kinds(lines)
    assert len(forgeries) > 150
    for name, change in forgeries:
        forged(file, change)
        if not complaints(archive, file):
            accepted.append(name)
        file.write_text(original)
    # Without the line about captures, the file states less.
    captures = f"line {len(lines) - 1} ({CAPTURES_LINE} ) removed"
    assert set(accepted) <= {captures, *ACCEPTED}
