"""What export and verify write has the keys that their schemas describe, and no others."""

import json
from pathlib import Path
from typing import Any

from searchkit.archive import Archive
from searchkit.document import quote_json
from tests.archive.taken import TEXT, take
from tests.cli.conftest import Command
from tests.samples import document

SCHEMAS = Path(__file__).resolve().parents[2] / "searchkit" / "cli" / "schemas"
# What common.json describes of every statement.
STATEMENT = set(quote_json(document().quotes[0], document()))


def check(value: dict[str, Any], name: str, part: str = "") -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    assert schema["$id"] == f"{name}.json"
    schema = schema["$defs"][part] if part else schema
    shared = STATEMENT if "allOf" in schema else set()
    assert set(value) == set(schema["properties"]) | shared
    assert set(schema["required"]) == set(schema["properties"])
    if "schema" in value:
        assert value["schema"] == schema["properties"]["schema"]["const"]


def test_every_line_and_verdict(tmp_path: Path, searchkit: Command) -> None:
    folder = tmp_path / "archive"
    with Archive.create(folder) as archive:
        take(archive)
        take(archive, f"{TEXT} Again, on the next day.", uri="https://ledger.example/again")
    evidence = searchkit("export", "-f", "evidence", "--copies", archive=folder).out
    head, *statements, end = map(json.loads, evidence.splitlines())
    assert len(statements) == 4
    check(head, "evidence")
    check(end, "evidence", "evidence_end")
    for line in statements:
        check(line, "evidence", "evidence_statement")
    for text in searchkit("export", archive=folder).out.splitlines():
        check(json.loads(text), "export")
    with Archive.open(folder) as archive:
        take(archive, TEXT.replace("twice", "once"), days=1)
        take(archive, f"At noon. {TEXT} Again, on the next day.", uri="https://ledger.example/again", days=1)
    (tmp_path / "e").write_text(f"{evidence}x\n")
    told = json.loads(searchkit("verify", str(tmp_path / "e"), "--json", archive=folder).out)
    check(told, "verify")
    statuses = set()
    for one in told["findings"]:
        check(one, "verify", "misread" if one["status"] == "misread" else "verdict")
        statuses.add(one["status"])
    assert statuses == {"moved", "changed", "misread"}
    assert set(told["captures"]) == {"not kept"}
