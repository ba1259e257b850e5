"""What every command prints as JSON has the types that its schema is generated from, and no other keys."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, ValidationError, convert, to_builtins

from searchkit.archive import Archive
from searchkit.cli.schema import SCHEMAS, schema, types_of
from searchkit.errors import UsageError
from searchkit.export.evidence.findings import InvalidPart, UnreadableRecord, VerdictRecord
from searchkit.export.records import field_names, hit_types
from searchkit.query.fields import Record
from tests.archive.taken import TEXT, take
from tests.cases import cases
from tests.cli.conftest import SEEDS, Command

ROOT = Path(__file__).resolve().parents[2]
# Parts of the product whose schemas are named where they are printed.
_FINDINGS: dict[str, type[Struct]] = {"unreadable": UnreadableRecord, "invalid": InvalidPart}
_NAMED = re.compile(r'"searchkit\.([a-z]{1,40})/\d{1,3}"')


def _check(printed: Any, name: str) -> None:
    """One of the types of the schema accepts `printed`, and no key is lost or moved."""
    assert printed["schema"].startswith(f"searchkit.{name}")
    _check_types(printed, types_of(name))
    if name in {"query", "statements"}:
        for hit in printed["items"]:
            _check_types(hit, hit_types("document" if name == "query" else "quote"))


def _check_types(printed: Any, types: Sequence[type[Struct]]) -> None:
    faults = []
    for kind in types:
        try:
            read = convert(printed, kind)
        except ValidationError as error:
            faults.append(str(error))
        else:
            assert json.loads(json.dumps(to_builtins(read))) == printed
            return
    pytest.fail(" / ".join(faults))


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with copies, a watchlist and a source; the file that describes it stands beside it."""
    folder = tmp_path_factory.mktemp("listed")
    (folder / "searchkit.toml").write_text(
        f'archive = "archive"\n[[source]]\nname = "seeds"\nkind = "folder"\nlocation = "{SEEDS}"\n'
    )
    alert = ["saved", "add", "korbel", "speaker:Korbel", "--over", "statements", "--sink", "stdout"]
    for arguments in (
        ["watchlist", "add", str(SEEDS.parent / "docs" / "example-watchlist.csv"), "--name", "example"],
        ["index", "-q", str(SEEDS)],
        alert,
        ["alerts", "run", "-q", "--backfill"],
        ["update", "-q"],
    ):
        subprocess.run([sys.executable, "-m", "searchkit", *arguments], cwd=folder, check=True)
    return folder / "archive"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), cases(__file__, "test_json_is_what_its_schema_says"))
def test_json_is_what_its_schema_says(searchkit: Command, listed: Path, name: str, arguments: tuple[str, ...]) -> None:
    done = searchkit(*arguments, "--json", archive=listed)
    assert done.code == 0, done.err
    _check(json.loads(done.out), name)


@pytest.mark.parametrize(("command", "record"), [("query", "document"), ("statements", "quote")])
def test_a_line_of_json_lines_is_a_hit(searchkit: Command, listed: Path, command: str, record: Record) -> None:
    for fields in ([], ["--fields", "+page,+watchlist"] if record == "quote" else ["--fields", "id,statements"]):
        done = searchkit(command, "watchlist:example OR Nordic", "--jsonl", "-n", "30", *fields, archive=listed)
        lines = done.out.splitlines()
        assert len(lines) > 3
        for line in lines:
            _check_types(json.loads(line), hit_types(record))


def test_the_checked_answers_contain_every_part_of_a_hit(searchkit: Command, listed: Path) -> None:
    answer = json.loads(searchkit("query", "speaker:* OR watchlist:example", "--json", "-n", "50", archive=listed).out)
    for part in ("snippets", "matches", "wire"):
        assert any(hit[part] for hit in answer["items"])
    assert any(hit["duplicates"]["ids"] for hit in answer["items"])
    assert any(hit["statements"]["listed"] for hit in answer["items"])


def test_a_check_that_finds_something(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    shutil.copytree(listed, tmp_path / "archive")
    (tmp_path / "archive" / "whoosh" / "CURRENT").unlink()
    done = searchkit("check", "--json", archive=tmp_path / "archive")
    report = json.loads(done.out)
    assert (done.code, len(report["findings"])) == (3, 1)
    _check(report, "check")


def test_records_that_are_shown(searchkit: Command, listed: Path) -> None:
    for document in searchkit("query", "watchlist:example", "-f", "ids", archive=listed).out.split():
        _check(json.loads(searchkit("show", document, "--json", archive=listed).out), "document")
    for statement in searchkit("statements", "*", "-f", "ids", "-n", "20", archive=listed).out.split():
        _check(json.loads(searchkit("show", statement, "--json", archive=listed).out), "statement")


def test_records_that_are_inspected(searchkit: Command, tmp_path: Path) -> None:
    seed = min(SEEDS.rglob("*.txt"))
    for more in ([], ["--explain"]):
        _check(json.loads(searchkit("inspect", "--json", *more, str(seed)).out), "inspect")
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join(json.dumps({"id": number, "text": seed.read_text()}) for number in range(2)))
    for line in searchkit("inspect", "--jsonl", str(lines)).out.splitlines():
        _check(json.loads(line), "inspect")


@pytest.mark.slow
def test_reports_of_runs(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("A short report.\n\nThe crane stood still.")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    done = searchkit("index", "--workers", "1", "--json", str(tmp_path), archive=tmp_path / "archive")
    report = json.loads(done.out)
    assert report["failures"]
    _check(report, "index")
    for runs in (listed / "runs.jsonl", tmp_path / "archive" / "runs.jsonl"):
        lines = runs.read_text().splitlines()
        assert lines
        for line in lines:
            _check(json.loads(line), "run")
    again = subprocess.run(
        [sys.executable, "-m", "searchkit", "update", "--json"], cwd=listed.parent, capture_output=True, check=True
    )
    _check(json.loads(again.stdout), "run")


def test_lines_of_a_batch(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    queries = tmp_path / "queries.csv"
    queries.write_text("name,query\nfirst,Nordic\n,speaker:*\nbroken,speker:x\n" + "odd,a,b\n")
    for command in ("query", "statements"):
        lines = searchkit(
            command, "--batch", str(queries), "--jsonl", "--facet", "kind", archive=listed
        ).out.splitlines()
        assert [("error" in json.loads(line)) for line in lines] == [False, False, True, True]
        for line in lines:
            report = json.loads(line)
            _check(report, "batch")
            for hit in report.get("items", ()):
                _check_types(hit, hit_types("document" if command == "query" else "quote"))


def test_lines_of_exports_and_what_verify_says(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    for line in searchkit("export", "watchlist:example", archive=listed).out.splitlines():
        _check(json.loads(line), "export")
    written = searchkit("export", "-f", "evidence", "watchlist:example", archive=listed).out
    head, *statements, end = map(json.loads, written.splitlines())
    assert len(statements) > 2
    _check(head, "evidence")
    for line in statements:
        _check(line, "evidence")
    _check(end, "evidence")
    (tmp_path / "kept").write_text(written)
    _check(json.loads(searchkit("verify", str(tmp_path / "kept"), "--json", archive=listed).out), "verify")


def test_findings_of_verify(searchkit: Command, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with Archive.create(folder) as archive:
        take(archive)
        take(archive, f"{TEXT} Again, on the next day.", uri="https://ledger.example/again")
    evidence = searchkit("export", "-f", "evidence", "--duplicates", archive=folder).out
    with Archive.open(folder) as archive:
        take(archive, TEXT.replace("twice", "once"), days=1)
        take(archive, f"At noon. {TEXT} Again, on the next day.", uri="https://ledger.example/again", days=1)
    (tmp_path / "e").write_text(evidence.replace('"extracted"', '"gone"', 1) + "x\n")
    report = json.loads(searchkit("verify", str(tmp_path / "e"), "--json", archive=folder).out)
    _check(report, "verify")
    for finding in report["findings"]:
        _check_types(finding, [_FINDINGS.get(finding["status"], VerdictRecord)])
    assert {finding["status"] for finding in report["findings"]} == {"moved", "changed", "unreadable", "invalid"}
    assert set(report["captures"]) == {"not kept"}


def test_every_printed_schema_is_listed() -> None:
    printed = set()
    for path in (ROOT / "searchkit").rglob("*.py"):
        printed |= set(_NAMED.findall(path.read_text(encoding="utf-8")))
    assert printed == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_complete(name: str) -> None:
    json_schema = schema(name)
    assert json_schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json_schema["$id"] == f"{name}.json"
    references = set(re.findall(r'"#/\$defs/(\w{1,60})"', json.dumps(json_schema)))
    assert references == set(json_schema["$defs"])
    for definition in json_schema["$defs"].values():
        assert definition["description"]
        if definition.get("type") != "array":  # a place is a pair of numbers
            assert set(definition["required"]) <= set(definition["properties"])


def test_what_is_always_printed_is_required() -> None:
    item = schema("digest")["$defs"]["Item"]
    assert item["required"] == list(item["properties"])
    statement = schema("statement")["$defs"]["ShownStatement"]
    assert set(statement["properties"]) - set(statement["required"]) == {"page", "time"}
    assert statement["properties"]["kind"]["enum"] == ["direct", "indirect", "mixed"]
    assert statement["properties"]["confidence"]["maximum"] == 1


@pytest.mark.parametrize(("record", "name"), [("document", "query"), ("quote", "statements")])
def test_every_field_that_can_be_chosen_is_described(record: Record, name: str) -> None:
    definitions = schema(name)["$defs"]
    kind = "Document" if record == "document" else "Statement"
    assert set(definitions[f"{kind}Fields"]["properties"]) == set(field_names(record))
    items = definitions[f"{kind}Answer"]["properties"]["items"]["items"]["anyOf"]
    assert [item["$ref"] for item in items] == [f"#/$defs/{kind}Hit", f"#/$defs/{kind}Fields"]


def test_a_schema_is_printed(searchkit: Command) -> None:
    for written in ("query", "searchkit.query/1", " Query "):
        assert json.loads(searchkit("schema", written).out) == schema("query")
    lines = searchkit("schema").out.splitlines()
    assert [line.split()[0] for line in lines] == list(SCHEMAS)


@pytest.mark.parametrize("written", ["quer", "", "common", "../query", "query.json", "x" * 100_000, "query/99999"])
def test_an_unknown_schema(searchkit: Command, written: str) -> None:
    done = searchkit("schema", written)
    assert (done.code, done.out) == (2, "")
    assert "Schemas: alerts, batch, changes, check" in done.err
    with pytest.raises(UsageError):
        schema(written)
