"""A check reports every kind of damage, and none in an intact archive."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.alerts import folder as saved
from searchkit.archive.checking import CheckedRecords, findings
from searchkit.statements.document import document_digest, document_id
from searchkit.statements.text import Span
from searchkit.store.checking import is_intact, record_faults
from tests.archive.damage import (
    PAGE,
    by_a_folder,
    change_rows,
    damage_in,
    delete_unnoticed,
    flip,
    flip_in,
    flip_record,
    replaced_by,
    root_page,
    zero_page,
)
from tests.samples import document


def test_an_intact_archive(intact: Path) -> None:
    for full in (False, True):
        checked, seen = CheckedRecords(), list[tuple[int, int]]()
        reported = findings(intact, full=full, checked=checked, progress=lambda done, total: seen.append((done, total)))  # noqa: B023 - called at once
        assert list(reported) == []
        counted = (checked.documents, checked.statements, checked.revisions, checked.captures)
        assert counted == ((3, 3, 1, 2) if full else (0, 0, 0, 0))
        assert seen == ([(1, 3), (2, 3), (3, 3), (1, 2), (2, 2)] if full else [])
    assert list(saved.findings(intact)) == []


def current(damaged: Path) -> Path:
    return damaged / "whoosh" / (damaged / "whoosh" / "CURRENT").read_text().split()[0]


@pytest.mark.parametrize(
    ("name", "damage", "quick", "where", "reported"),
    [
        ("archive.json", Path.unlink, True, "archive.json", "is missing"),
        ("archive.json", replaced_by(b"{}"), True, "archive.json", "cannot be read"),
        ("archive.json", replaced_by(b'{"searchkit": 1, "engine": "whoosj:"}'), True, "archive.json", "unknown engine"),
        (
            "archive.json",
            lambda path: flip(path, path.read_bytes().index(b"whoosh:") - 4),
            True,
            "archive.json",
            "cannot",
        ),
        ("archive.json", by_a_folder, True, "archive.json", "cannot be read"),
        ("store.sqlite", Path.unlink, True, "store.sqlite", "is missing"),
        ("store.sqlite", replaced_by(b""), True, "store.sqlite", "is empty"),
        ("store.sqlite", replaced_by(b"\x89PNG" * 5_000), True, "store.sqlite", "is damaged or not a"),
        ("store.sqlite", by_a_folder, True, "store.sqlite", "is missing"),
        ("store.sqlite", lambda path: zero_page(path, 1), True, "store.sqlite", "is damaged or not a"),
        ("store.sqlite", flip_record, False, "store.sqlite", "is corrupt"),
        ("store.sqlite", lambda path: zero_page(path, root_page(path, "facts")), False, "store.sqlite", "facts"),
        ("whoosh/CURRENT", Path.unlink, True, "whoosh/CURRENT", "is missing"),
        ("whoosh/CURRENT", lambda path: flip(path, 3), True, "whoosh", "CURRENT is corrupt"),
        ("whoosh/CURRENT", by_a_folder, True, "whoosh", "is damaged"),
        ("whoosh", replaced_by(b"x"), True, "whoosh", "is damaged"),
        ("frontier.sqlite", replaced_by(b"x" * 9_000), False, "frontier.sqlite", "cannot be read"),
        ("frontier.sqlite", lambda path: flip_in(path, b"settled"), False, "frontier.sqlite", "a row of pages"),
        ("frontier.sqlite", by_a_folder, False, "frontier.sqlite", "is not a file"),
        ("aliases.toml", replaced_by(b"[[entity]"), True, "aliases.toml", "cannot be read"),
        ("watchlists/x.jsonl", replaced_by(b"{}"), True, "watchlists", "cannot be read"),
    ],
)
def test_damage_of_every_kind(
    damaged: Path, name: str, damage: Callable[[Path], object], quick: bool, where: str, reported: str
) -> None:
    (damaged / "watchlists").mkdir()
    damage(damaged / name)
    for full in (False, True):
        found = [finding for finding in findings(damaged, full=full) if finding.damage]
        assert bool(found) == (quick or full)
        for finding in found:
            assert finding.where.startswith(where) or name == "store.sqlite"
            assert "\n" not in f"{finding.what}{finding.do}"
        assert not found or any(reported in finding.what for finding in found) or full


@pytest.mark.parametrize("kind", ["manifest.json", "*.toc", "quotes_*.arrays"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1]), None])
def test_damage_in_files_of_the_index(damaged: Path, kind: str, damage: Callable[[Path], object] | None) -> None:
    path = min(current(damaged).glob(kind))
    path.rename(path.with_suffix(".copy"))  # the generation before shares it
    path.write_bytes(path.with_suffix(".copy").read_bytes())
    if damage is None:
        flip(path, path.stat().st_size // 2)
    else:
        damage(path)
    found = damage_in(damaged)
    assert {finding.where for finding in found} == {"whoosh"}
    quick = {finding.where for finding in findings(damaged, full=False) if finding.damage}
    assert quick <= {"whoosh"}
    assert quick or damage is None


def test_missing_and_changed_captures(damaged: Path) -> None:
    first, second = sorted((damaged / "captures").glob("*/*.gz"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-3])
    found = {finding.where: finding.what for finding in damage_in(damaged)}
    assert set(found) == {str(path.relative_to(damaged)) for path in (first, second)}
    assert "is missing: the capture of https://ledger.example.org/" in found[str(first.relative_to(damaged))]


def test_a_saved_search_that_cannot_be_read_is_reported(damaged: Path) -> None:
    (damaged / "saved" / "korbel.toml").write_bytes(b"query = ")
    (finding,) = saved.findings(damaged)
    assert (finding.where, finding.damage) == ("saved/korbel.toml", True)
    assert finding.what.startswith("cannot be read: is not valid TOML")


def test_an_index_that_differs_from_the_store(damaged: Path) -> None:
    delete_unnoticed(damaged / "store.sqlite", document_id(PAGE))
    assert [finding for finding in findings(damaged, full=False) if finding.damage] == []
    assert "holds 3 documents and 3 statements, the store 2 and 2" in [finding.what for finding in damage_in(damaged)]


def test_an_index_of_another_version_of_a_document(damaged: Path) -> None:
    change_rows(
        damaged / "store.sqlite",
        "UPDATE documents SET record = compressed(replace(expanded(record), 'the crates', 'two crates'))",
    )
    found = {finding.what for finding in damage_in(damaged) if finding.where == "whoosh"}
    assert f"has another version of document {document_id(PAGE)} than the store" in found
    assert any(what.startswith("has another version of statement ") for what in found)
    assert [finding for finding in findings(damaged, full=False) if finding.damage] == []


def test_an_index_behind_the_store_is_not_damage(damaged: Path) -> None:
    change_rows(
        damaged / "store.sqlite",
        "INSERT INTO changes (document, kind, at, mark) SELECT id, 'put', '', id FROM documents",
    )
    for full in (False, True):
        (reported,) = (finding for finding in findings(damaged, full=full) if finding.where == "whoosh")
        assert (reported.damage, reported.what) == (False, "is 3 changes behind the store")
        assert reported.do == "the next command catches up"
    shutil.rmtree(damaged / "whoosh")
    (reported,) = (finding for finding in findings(damaged, full=False) if finding.where == "whoosh")
    assert not reported.damage


def test_an_index_of_another_state_of_the_store_is_damage(damaged: Path) -> None:
    change_rows(damaged / "store.sqlite", "DELETE FROM changes WHERE sequence = (SELECT max(sequence) FROM changes)")
    (reported,) = (finding for finding in findings(damaged, full=False) if finding.where == "whoosh")
    assert (reported.damage, reported.what) == (True, "was made from another state of the store")


def test_annotations_must_match_the_text() -> None:
    good = document(digest=document_digest("Optics maker fined", document().text))
    assert (is_intact(good), list(record_faults(good))) == (True, [])
    mention, quote = good.mentions[0], good.quotes[0]
    for changes, reported in (
        ({"title": "Optics maker"}, "its checksum"),
        ({"text": good.text + "."}, "its checksum"),
        ({"mentions": (replace(mention, surface="Ostrava"),)}, "does not match"),
        ({"mentions": (replace(mention, span=Span(5, 9_999)),)}, "does not match"),
        ({"paragraphs": (Span(0, 9_999),)}, "outside its text"),
        ({"quotes": (replace(quote, content=Span(-3, 5)),)}, "outside its text"),
        ({"quotes": (quote, quote)}, "same id"),
        ({"quotes": (replace(quote, id="x-1"),)}, "belongs to another document"),
    ):
        assert reported in " ".join(record_faults(replace(good, **changes)))


def test_a_store_without_permission_is_not_called_damaged(intact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`searchkit repair` would change nothing."""
    monkeypatch.setattr("os.access", lambda path, _mode: path != intact / "store.sqlite")
    (finding,) = findings(intact, full=False)
    assert (finding.what, "repair" in finding.do) == ("cannot be read: permission denied", False)
