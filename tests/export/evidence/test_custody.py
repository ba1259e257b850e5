"""The custody log: what it says, and that no entry can be changed, removed or moved unnoticed."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from searchkit import __version__
from searchkit.archive import Archive
from searchkit.archive.writing import Writing
from searchkit.export.evidence.form import CUSTODY, digest
from searchkit.export.evidence.reading import EvidenceFile
from searchkit.export.evidence.verifying import Comparison
from searchkit.ingest import IngestOptions
from searchkit.statements import EXTRACTOR_VERSION
from tests.archive.taken import CRANES, NOW, TEXT, WEATHER, take
from tests.export.evidence.test_form import written


def logged(lines: list[str]) -> list[dict[str, Any]]:
    return [value for value in map(json.loads, lines) if value["schema"] == CUSTODY]


def faults(lines: list[str]) -> list[str]:
    return EvidenceFile(io.BytesIO("\n".join(lines).encode()), "f").log.faults


def differences(archive: Archive, lines: list[str]) -> list[str]:
    """What the archive says against the log."""
    file = EvidenceFile(io.BytesIO("\n".join(lines).encode()), "f")
    return [reason for _, reason in Comparison(archive, file).rebuilder.parts()]


def test_each_revision_has_its_history(archive: Archive) -> None:
    first = take(archive)
    second = take(archive, TEXT.replace("Friday", "Thursday"), days=1)
    _, lines = written(archive)
    entries = logged(lines)
    assert [(entry["event"], entry["revision"], (entry["at"] or "")[:10]) for entry in entries] == [
        *(("captured", 1, "2026-03-04"), ("parsed", 1, "2026-03-04"), ("extracted", 1, "2026-03-04")),
        *(("captured", 2, "2026-03-05"), ("parsed", 2, "2026-03-05"), ("extracted", 2, "2026-03-05")),
        ("exported", 2, "2026-03-04"),
    ]
    captured, parsed, extracted = entries[3:6]
    assert (captured["address"], captured["sha256"], captured["by"]) == (CRANES, second.raw_digest, None)
    assert (parsed["by"], parsed["sha256"]) == (__version__, digest(second.text.encode()))
    assert (extracted["by"], extracted["extractor_version"], extracted["statements"]) == (
        __version__,
        EXTRACTOR_VERSION,
        2,
    )
    assert entries[0]["sha256"] == first.raw_digest
    exported = entries[-1]
    statements = [line for line in lines if "evidence-statement" in line]
    assert (exported["by"], exported["statements"]) == (__version__, 2)
    assert exported["sha256"] == digest("".join(f"{line}\n" for line in statements).encode())
    # Each entry has the digest of the line before it.
    before = [lines[0], *(line for line in lines if CUSTODY in line)]
    assert [entry["previous"] for entry in entries] == [digest(line.encode()) for line in before[:-1]]
    assert faults(lines) == []
    assert differences(archive, lines) == []


def test_annotating_again_is_another_extraction_of_the_same_text(archive: Archive) -> None:
    document = take(archive)
    _, before = written(archive)
    with archive.changing() as store:
        store.write(replace(document, extractor_version="0"), document.last_seen)
        store.commit()
    list(Writing(archive).reannotate(options=IngestOptions(workers=1), now=NOW + timedelta(days=9)))
    parsed, extracted = logged(written(archive)[1])[1:3]
    assert (parsed["at"][:10], extracted["at"][:10]) == ("2026-03-04", "2026-03-13")
    assert differences(archive, before) == []


def test_what_was_not_recorded_is_null(archive: Archive) -> None:
    document = take(archive)
    with archive.changing() as store:
        store.write(replace(document, parsed_at="", parsed_by="", annotated_at="", annotated_by=""), "")
        store.commit()
    entries = logged(written(archive)[1])
    assert [(entry["at"], entry["by"]) for entry in entries[1:3]] == [(None, None), (None, None)]


def test_a_document_that_is_gone_says_since_when(archive: Archive) -> None:
    take(archive, url="https://ledger.example/2025/cranes")
    later = {"url": "https://ledger.example/2026/cranes", "published": "2026-03-05"}
    take(archive, WEATHER, **later, days=1)
    entries = logged(written(archive)[1])
    assert [(entry["event"], entry["at"][:10]) for entry in entries if entry["event"] == "gone"] == [
        ("gone", "2026-03-05")
    ]


def _edited(place: int, **fields: Any) -> Callable[[list[str]], list[str]]:
    def edit(log: list[str]) -> list[str]:
        changed = json.loads(log[place]) | fields
        return [*log[:place], json.dumps(changed), *log[place + 1 :]]

    return edit


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_edited(1, at="2020-01-01T00:00:00+00:00"), "entry 2 was changed: its digest is not the one that entry 3 has"),
        (_edited(3, by="9"), "its last entry was changed"),
        (_edited(2, previous="0" * 64), "entry 2 was changed: its digest is not the one that entry 3 has"),
        (lambda log: [*log[:1], *log[2:]], "entry 3 stands after entry 1: entries are missing, or moved"),
        (lambda log: [*log[:1], *log[3:]], "entry 4 stands after entry 1: entries are missing, or moved"),
        (lambda log: log[:-1], "it has 3 entries; 4 were written"),
        (lambda log: [log[0], log[2], log[1], log[3]], "entry 2 stands after entry 3: entries are missing, or moved"),
        (lambda log: [log[0], *log], "entry 1 stands after entry 1: entries are missing, or moved"),
        (lambda _: [], "it has 0 entries; 4 were written"),
        (_edited(1, event="dreamed"), "it has 3 entries; 4 were written"),
    ],
)
def test_a_log_that_was_tampered_with(archive: Archive, change: Callable[[list[str]], list[str]], reason: str) -> None:
    take(archive)
    _, lines = written(archive)
    changed = [*lines[:3], *change(lines[3:-1]), lines[-1]]
    assert reason in faults(changed)
    assert all("\n" not in fault for fault in faults(changed))


def test_statements_that_were_not_exported(archive: Archive) -> None:
    document = take(archive)
    _, lines = written(archive)
    head, first, second, *rest = lines
    assert faults([head, first.replace("Nadia", "Maria"), second, *rest]) == [
        f"the statements of document {document.id} are not those exported (2 here, 2 then)"
    ]
    assert faults([head, first, *rest]) == [
        f"the statements of document {document.id} are not those exported (1 here, 2 then)"
    ]
    added = first.replace(document.id, "0" * 12)
    assert faults([head, first, second, added, *rest]) == [
        f"document {'0' * 12} has statements, but no entry of their export"
    ]
    assert faults([head.replace('"*"', '"x"'), first, second, *rest]) == [
        "the first line of the file was changed: its digest is not the one that entry 1 has"
    ]
