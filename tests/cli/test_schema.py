"""What every command prints as JSON is what its schema says, key by key."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from searchkit.cli import COMMANDS
from searchkit.cli import hit_fields as hits
from searchkit.cli.schema import bundled, names, read
from searchkit.errors import UsageError
from searchkit.query.fields import Record
from tests.cli.conftest import SEEDS, Command
from tests.cli.json_schema import problems, undocumented

ROOT = Path(__file__).resolve().parents[2]
# Parts of the product whose schemas are named where they are printed.
_NAMED = re.compile(r'"searchkit\.([a-z]{1,40})/\d{1,3}"')


def _check(told: dict[str, Any], name: str, *, part: str = "") -> None:
    schema = bundled(name)
    if part:
        schema = {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}
    else:
        assert told["schema"] == f"searchkit.{name}/1"
    assert list(problems(told, schema)) == []
    assert undocumented(told, schema) == set()


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with copies, a watchlist and a source; the file that describes it stands beside it."""
    folder = tmp_path_factory.mktemp("listed")
    (folder / "searchkit.toml").write_text(
        f'archive = "archive"\n[[source]]\nname = "seeds"\nkind = "folder"\nlocation = "{SEEDS}"\n'
    )
    alert = ["saved", "add", "korbel", "speaker:Korbel", "--over", "quotes", "--sink", "stdout"]
    for arguments in (
        ["watchlist", "add", str(SEEDS / "watchlist.csv"), "--name", "example"],
        ["index", "-q", str(SEEDS)],
        alert,
        ["alerts", "run", "-q", "--backfill"],
        ["update", "-q"],
    ):
        subprocess.run([sys.executable, "-m", "searchkit", *arguments], cwd=folder, check=True)
    return folder / "archive"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("query", ["query", "Tiandy", "--facet", "speaker", "--facet", "date:month", "-n", "50"]),
        ("query", ["query", "speaker:* OR watchlist:example", "-n", "50"]),
        ("query", ["query", "Nordic", "--fields", "id,watchlist,snippet,published", "-n", "50"]),
        ("query", ["query", "zebra"]),
        ("quotes", ["quotes", "*", "-n", "200", "--facet", "kind"]),
        ("quotes", ["quotes", "watchlist:example", "--fields", "+byline,+source"]),
        ("entities", ["entities", "-n", "50"]),
        ("entities", ["entities", "-n", "50", "--similar"]),
        ("entities", ["entities", "-n", "50", "--variants"]),
        ("watchlist", ["watchlist", "list"]),
        ("status", ["status"]),
        ("check", ["check"]),
        ("check", ["check", "--full"]),
        ("config", ["config"]),
        ("sources", ["sources"]),
        ("query", ["query", "zebra AND speaker:Xu AND outlet:Leger"]),
        ("explain", ["query", "quote:{speaker:Xu} AND Tiandy", "--explain"]),
        ("explain", ["quotes", "speaker:Xu OR -Tiandy", "--explain"]),
        ("saved", ["saved", "list"]),
        ("saved", ["saved", "show", "korbel"]),
        ("alerts", ["alerts", "list"]),
        ("digest", ["alerts", "show"]),
        ("query", ["query", "outlet:*", "-n", "0", "--facet", "speaker+about", "--facet", "date:day"]),
    ],
)
def test_json_is_what_its_schema_says(searchkit: Command, listed: Path, name: str, arguments: list[str]) -> None:
    done = searchkit(*arguments, "--json", archive=listed)
    assert done.code == 0, done.err
    _check(json.loads(done.out), name)


@pytest.mark.parametrize(("command", "name"), [("query", "query"), ("quotes", "quotes")])
def test_a_line_of_json_lines_is_a_hit(searchkit: Command, listed: Path, command: str, name: str) -> None:
    lines = searchkit(command, "watchlist:example OR Nordic", "--jsonl", "-n", "30", archive=listed).out.splitlines()
    assert len(lines) > 3
    for line in lines:
        _check(json.loads(line), name, part="hit")


def test_each_part_of_a_hit_is_seen_in_some_answer(searchkit: Command, listed: Path) -> None:
    """Nothing above was checked against empty lists alone."""
    told = json.loads(searchkit("query", "speaker:* OR watchlist:example", "--json", "-n", "50", archive=listed).out)
    for part in ("snippets", "matches"):
        assert any(hit[part] for hit in told["hits"])
    assert any(hit["copies"]["ids"] for hit in told["hits"])
    assert any(hit["statements"]["listed"] for hit in told["hits"])
    assert any(hit["wire"] for hit in told["hits"])


def test_a_check_that_finds_something(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    shutil.copytree(listed, tmp_path / "archive")
    (tmp_path / "archive" / "whoosh" / "CURRENT").unlink()
    done = searchkit("check", "--json", archive=tmp_path / "archive")
    told = json.loads(done.out)
    assert (done.code, len(told["findings"])) == (3, 1)
    _check(told, "check")


def test_records_that_are_shown(searchkit: Command, listed: Path) -> None:
    for document in searchkit("query", "watchlist:example", "-f", "ids", archive=listed).out.split():
        _check(json.loads(searchkit("show", document, "--json", archive=listed).out), "document")
    for statement in searchkit("quotes", "*", "-f", "ids", "-n", "20", archive=listed).out.split():
        _check(json.loads(searchkit("show", statement, "--json", archive=listed).out), "statement")


def test_records_that_are_inspected(searchkit: Command, tmp_path: Path) -> None:
    seed = min(SEEDS.rglob("*.txt"))
    for more in ([], ["--explain"]):
        _check(json.loads(searchkit("inspect", "--json", *more, str(seed)).out), "inspect")
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join(json.dumps({"id": number, "text": seed.read_text()}) for number in range(2)))
    for line in searchkit("inspect", "--jsonl", str(lines)).out.splitlines():
        _check(json.loads(line), "inspect")


def test_reports_of_runs(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("A short report.\n\nThe crane stood still.")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    done = searchkit("index", "--workers", "1", "--json", str(tmp_path), archive=tmp_path / "archive")
    told = json.loads(done.out)
    assert told["failures"]
    _check(told, "index")
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
    for command in ("query", "quotes"):
        lines = searchkit(
            command, "--batch", str(queries), "--jsonl", "--facet", "kind", archive=listed
        ).out.splitlines()
        assert [("error" in json.loads(line)) for line in lines] == [False, False, True, True]
        for line in lines:
            told = json.loads(line)
            _check(told, "batch")
            for hit in told.get("hits", ()):
                _check(hit, command, part="hit")


def test_lines_of_exports_and_what_verify_says(searchkit: Command, listed: Path, tmp_path: Path) -> None:
    for line in searchkit("export", "watchlist:example", archive=listed).out.splitlines():
        _check(json.loads(line), "export")
    written = searchkit("export", "-f", "evidence", "watchlist:example", archive=listed).out
    head, *statements, end = map(json.loads, written.splitlines())
    assert len(statements) > 2
    _check(head, "evidence")
    for line in statements:
        _check(line, "evidence", part="evidence_statement")
    _check(end, "evidence", part="evidence_end")
    (tmp_path / "kept").write_text(written)
    _check(json.loads(searchkit("verify", str(tmp_path / "kept"), "--json", archive=listed).out), "verify")


def test_every_schema_that_is_printed_is_shipped_and_the_other_way_round() -> None:
    printed = set()
    for path in (ROOT / "searchkit").rglob("*.py"):
        printed |= set(_NAMED.findall(path.read_text(encoding="utf-8")))
    # show.py puts the kind of the record into the name.
    assert printed | {"document", "statement"} == set(names())


@pytest.mark.parametrize("name", [*names(), "common"])
def test_a_schema_is_sound(name: str) -> None:
    schema = read(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"{name}.json"
    whole = bundled(name) if name != "common" else schema
    text = json.dumps(whole)
    assert "common.json" not in text or name == "common"
    references = set(re.findall(r'"#/\$defs/([a-z_]{1,40})"', text))
    assert references <= set(whole["$defs"])
    for part in _objects(whole):
        assert set(part.get("required", ())) <= set(part.get("properties", part.get("required", ())))
    # Nothing of what it says is said in a keyword that the check above passes over.
    assert not [one for one in problems({}, whole) if "unknown keyword" in one]


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            yield schema
        for inner in schema.values():
            yield from _objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _objects(inner)


@pytest.mark.parametrize(("record", "name"), [("document", "query"), ("quote", "quotes")])
def test_every_field_that_can_be_asked_for_is_described(record: Record, name: str) -> None:
    chosen = bundled(name)["$defs"]["chosen"]["properties"]
    assert set(hits.field_names(record)) == set(chosen)


def test_a_schema_is_printed_whole(searchkit: Command) -> None:
    for written in ("query", "searchkit.query/1", " Query "):
        assert json.loads(searchkit("schema", written).out) == bundled("query")
    lines = searchkit("schema").out.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert all(f" {command} " in "\n".join(lines) + " " for command in ("query", "status", "entities"))


@pytest.mark.parametrize("written", ["quer", "", "common", "../query", "query.json", "x" * 100_000, "query/99999"])
def test_no_schema_of_that_name(searchkit: Command, written: str) -> None:
    done = searchkit("schema", written)
    assert (done.code, done.out) == (2, "")
    assert "Schemas: alerts, batch, check, config, digest" in done.err
    with pytest.raises(UsageError):
        bundled(written)


def test_what_a_schema_does_not_say_is_seen() -> None:
    schema = bundled("status")
    good = {
        "schema": "searchkit.status/1",
        **dict.fromkeys("documents statements revisions outdated gone failures sequence applied".split(), 1),
        "archive": "a",
        "engine": "e",
        "quarantined": [],
        "indexed": {"document": 1, "quote": 1},
        "bytes": {"store": 1, "index": 1},
    }
    assert list(problems(good, schema)) == []
    for changes, complaint in (
        ({"gone": -1}, "out of bounds"),
        ({"gone": True}, "is no integer"),
        ({"schema": "searchkit.status/2"}, "is not"),
        ({"bytes": {"store": 1}}, "index is missing"),
    ):
        assert complaint in " ".join(problems({**good, **changes}, schema))
    assert undocumented({**good, "bytes": {"store": 1, "index": 1, "wal": 1}, "x": 1}, schema) == {"$.bytes.wal", "$.x"}


def test_schema_is_a_command() -> None:
    assert "schema" in COMMANDS
