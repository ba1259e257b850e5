"""No stored format changes without its version and a migration: CONTRIBUTING.md, "How to change a stored format".

A failure here means that archives, backups or evidence of users would not be read as before. Do not edit a row; add one
for the new version.
"""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import NODEFAULT, inspect, structs

from searchkit.cli import run
from searchkit.crawl.web.frontier_database import SCHEMA
from searchkit.histories.quotes_table import DATABASE as HISTORIES
from searchkit.migrations import Schema
from searchkit.statements.document import RECORD_VERSION, Document
from searchkit.store import encoding
from searchkit.store.checking import STORE_SCHEMA

EARLIER = Path(__file__).parent / "earlier"
# The tables of each version from which an archive can be migrated, and of this one.
TABLES = {
    ("store", 6): "fc4ed575fcc5d1bf",
    ("store", 7): "7926b64c62c4cfde",
    ("store", 8): "b451b7e4c6ac0a71",
    ("store", 9): "f274a4fc8899475b",
    ("frontier", 1): "bac0224a4a7c6760",
    ("histories", 3): "1cf624c97ab4a90b",
    ("histories", 6): "4ba3b5adda71a3f2",
    ("histories", 7): "791fecf99f320bcc",
    ("histories", 8): "35278b8391787381",
    ("histories", 10): "35e54ee136c5d7e8",
}
# Of each version of records: the dictionary that compresses them, and the fields. In arrays, the order counts.
DICTIONARIES = {2: "8502b15c961892da"}
FIELDS = {
    2: {
        "Document": "uri canonical_url origin outlet wire title byline dateline published updated language text "
        "paragraphs pages times links notes extra id revision digest mentions dates quotes terms failed_sentences "
        "matches known_as extractor_version first_seen last_seen source raw_digest fetched_at gone_at copies parsed_at "
        "parsed_by annotated_at annotated_by",
        "PartialDate": "value precision source confidence zone local_day",
        "Span": "start end",
        "Mention": "span surface name entity_id kind rule confidence",
        "DateMention": "span surface date rule",
        "Quote": "id content kind cue verb negated attribution speaker about via date group rule confidence",
        "Speaker": "name entity_id role affiliation represents resolved_by antecedent confidence rivals",
        "WatchlistMatch": "span surface watchlist entry_id name weak topics",
    }
}


def checksum(content: str | bytes) -> str:
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()[:16]


def versions(schema: Schema) -> Iterator[int]:
    return iter(range(min(schema.steps, default=schema.version), schema.version + 1))


def test_tables_change_with_their_version() -> None:
    # Another version of the histories may have the same tables with other content.
    latest = max(version for name, version in TABLES if name == "histories" and version <= HISTORIES.version)
    found = {("histories", latest): checksum(HISTORIES.create)}
    for name, schema in (("store", STORE_SCHEMA), ("frontier", SCHEMA)):
        for version in versions(schema):
            found[name, version] = checksum(schema.at(version).create)
    assert found == {key: value for key, value in TABLES.items() if key in found or key[0] != "histories"}


def reached(kind: inspect.Type, found: dict[str, inspect.StructType]) -> dict[str, inspect.StructType]:
    """Return the Structs in a type by name."""
    if isinstance(kind, inspect.StructType) and kind.cls.__name__ not in found:
        found[kind.cls.__name__] = kind
    elif isinstance(kind, inspect.StructType):
        return found
    for part in structs.asdict(kind).values():
        for each in part if isinstance(part, tuple) else (part,):
            if isinstance(each, inspect.Field | inspect.Type):
                reached(each.type if isinstance(each, inspect.Field) else each, found)
    return found


def test_records_change_with_their_version() -> None:
    assert checksum(encoding._dictionary()) == DICTIONARIES[RECORD_VERSION]
    known = FIELDS[RECORD_VERSION]
    for name, kind in reached(inspect.type_info(Document), {}).items():
        fields, earlier = {field.name: field for field in kind.fields}, known.get(name, "").split()
        assert not set(earlier) - fields.keys(), f"{name} lacks fields of earlier records"
        if kind.array_like:
            assert [*fields][: len(earlier)] == earlier, f"{name} has another order of fields"
        for new in (fields[field] for field in fields if name in known and field not in earlier):
            has_default = new.default is not NODEFAULT or new.default_factory is not NODEFAULT
            assert has_default, f"{name}.{new.name} needs a default: earlier records lack it"


def keys(value: Any, where: str = "") -> Iterator[str]:
    """Yield the path of each value in JSON, with its type; items of lists and of objects by id are one place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from keys(item, f"{where}.{'*' if '/' in key or ':' in key or '.' in key else key}")
    elif isinstance(value, list):
        for item in value:
            yield from keys(item, f"{where}[]")
    elif value is not None:
        yield f"{where} {type(value).__name__}"


def shapes(folder: Path) -> dict[str, set[str]]:
    """Return the keys in the files of JSON in a folder, those of JSON Lines by their schema."""
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*"):
        is_json = path.suffix in {".json", ".jsonl", ".evidence"} and path.name != "runs.jsonl"
        if is_json and path.is_file() and "whoosh" not in path.parts:
            lines = [path.read_text()] if path.suffix == ".json" else path.read_text().splitlines()
            for number, line in enumerate(lines):
                value = json.loads(line)
                head = "head" if path.parent.name == "watchlists" and not number else ""
                name = f"{path.relative_to(folder)} {value.get('schema', head)}"
                found.setdefault(name, set()).update(keys(value))
    return found


@pytest.mark.slow
def test_files_keep_their_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def searchkit(*words: str) -> None:
        with pytest.raises(SystemExit) as left:
            run(words)
        assert left.value.code in {0, 4}, words

    with tarfile.open(EARLIER / "40e3899d.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "expected.json").unlink()
    before = shapes(tmp_path)
    (tmp_path / "statements.evidence").unlink()
    shutil.rmtree(tmp_path / "backup")
    (tmp_path / "companies.csv").write_text("name,aliases\nMeridian Optics,Meridian\n")
    searchkit("watchlist", "add", "companies.csv")
    searchkit("index", "articles")
    searchkit("export", "*", "--duplicates", "-o", "statements.evidence")
    searchkit(
        "notes", "set", "ff7e57268d5f-61554eba", "--mark", "checked", "--tag", "harbour", "--note", "I asked him."
    )
    searchkit("notes", "set", "f4b7b47b705a-01e88294", "--speaker", "Greta Holm")
    searchkit("forget", "cb3cb5eb4a14")
    searchkit("backup", "backup")
    after = shapes(tmp_path)
    assert {name: gone for name in before if (gone := before[name] - after.get(name, set()))} == {}
