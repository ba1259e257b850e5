"""No output shows the words of a denial, refusal, question or condition without the verb that makes it one."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command

ARTICLE = """Quay levy

Published: 2024-05-07
Outlet: Lowharbor Post

Edda Kolm denied that Ostwind had been exempt from the levy. Edda Kolm did not deny that the quay was closed.

Jorun Pell rejected the claim that the firm was late. Jorun Pell refused to confirm that a buyer was found.

"Is the pier safe?" asked Ada Holm. If the audit fails, Ada Holm said, the pier would close.

Brannock Lines declined to comment.
"""
# Words that must not stand alone, and what must stand before them.
CASES = {
    "Ostwind had been exempt from the levy": "Edda Kolm denied that",
    "the quay was closed": "Edda Kolm did not deny that",
    "a buyer was found": "Jorun Pell refused to confirm that",
    '"Is the pier safe?"': "Ada Holm asked",
    "the pier would close": "If the audit fails",
    "declined to comment": "Brannock Lines",
}


@pytest.fixture
def archive(tmp_path: Path, searchkit: Command) -> Path:
    (tmp_path / "levy.txt").write_text(ARTICLE, encoding="utf-8")
    folder = tmp_path / "archive"
    assert searchkit("index", "-q", "--workers", "1", str(tmp_path / "levy.txt"), archive=folder).code == 0
    return folder


def bare(output: str) -> Iterator[str]:
    """Yield the words of CASES that an output shows without what must stand before them."""
    text = " ".join(re.sub(r"<[^>]{1,80}>|[\\\[\]*]", " ", html.unescape(html.unescape(output))).split())
    for words, before in CASES.items():
        for found in re.finditer(re.escape(words), text):
            led = before in text[max(0, found.start() - 150) : found.start()]
            # An article's own sentence may name the speaker after the words: "..." asked Ada Holm.
            followed = re.match(r"\W{1,3}(?:asked|said) Ada Holm", text[found.end() :])
            if not led and not followed:
                yield words


def faults(record: dict[str, Any]) -> Iterator[str]:
    """Yield what a record of a statement lacks."""
    for words, before in CASES.items():
        if words == record["text"]:
            if f"{before}" not in record["statement"] or words not in record["statement"]:
                yield f"statement: {record['statement']}"
            if words not in record["sentence"]:
                yield f"sentence: {record['sentence']}"


@pytest.mark.parametrize(
    "command",
    [
        ("query", "levy OR pier"),
        ("query", "levy", "--facet", "act"),
        ("statements", "*"),
        ("statements", "*", "--fields", "statement"),
        ("export", "-f", "markdown"),
        ("export", "-f", "html"),
        ("export", "-f", "markdown", "--over", "documents"),
    ],
    ids=" ".join,
)
def test_texts(searchkit: Command, archive: Path, command: tuple[str, ...]) -> None:
    done = searchkit(*command, archive=archive)
    assert done.code == 0
    assert list(bare(done.out)) == []


@pytest.mark.parametrize("form", ["text", "markdown", "bibtex", "csl-json"])
def test_citations(searchkit: Command, archive: Path, form: str) -> None:
    ids = json.loads(searchkit("statements", "*", "--json", "--fields", "id", archive=archive).out)["items"]
    assert len(ids) >= len(CASES)
    for hit in ids:
        cited = searchkit("cite", "-f", form, hit["id"], archive=archive).out
        assert list(bare(cited.replace('\\"', '"').replace("``", '"'))) == []


@pytest.mark.parametrize(
    "command", [("statements", "*", "--json"), ("export", "-f", "jsonl"), ("export", "-f", "evidence")]
)
def test_json(searchkit: Command, archive: Path, command: tuple[str, ...]) -> None:
    done = searchkit(*command, archive=archive)
    lines = [json.loads(line) for line in (done.out.splitlines() if command[0] == "export" else [done.out])]
    records = [hit for line in lines for hit in line.get("items", [line]) if "statement" in hit]
    assert {words for words in CASES if any(words in record["statement"] for record in records)} == set(CASES)
    assert [fault for record in records for fault in faults(record)] == []
    assert {record["text"] for record in records if record["negated"]} == {"the quay was closed", "a buyer was found"}


@pytest.mark.parametrize(
    "command", [("statements", "*", "--csv"), ("statements", "*", "-f", "tsv"), ("export", "-f", "csv")]
)
def test_tables(searchkit: Command, archive: Path, command: tuple[str, ...]) -> None:
    out = searchkit(*command, archive=archive).out
    rows = list(csv.DictReader(io.StringIO(out), delimiter="\t" if "tsv" in command else ","))
    assert len(rows) >= len(CASES)
    assert [fault for row in rows for fault in faults(row)] == []


def test_alerts(searchkit: Command, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCHKIT_ALERT_FOLDER", str(tmp_path))
    sinks = ("--sink", "stdout", "--sink", f"atom:{tmp_path / 'atom'}")
    made = searchkit("saved", "add", "all", "*", "--over", "statements", *sinks, archive=archive)
    assert made.code == 0, made.err
    run = searchkit("alerts", "run", "--backfill", archive=archive)
    trial = searchkit("alerts", "test", "all", archive=archive)
    for text in (run.out, trial.out, (tmp_path / "atom").read_text("utf-8")):
        assert any(words in " ".join(html.unescape(text).split()) for words in CASES), text
        assert list(bare(text)) == []


def test_acts_show_the_negation(searchkit: Command, archive: Path) -> None:
    def found(query: str) -> list[str]:
        hits = json.loads(searchkit("statements", query, "--json", archive=archive).out)["items"]
        return sorted(hit["text"] for hit in hits)

    assert found("act:not-deny") == ["the quay was closed"]
    assert found("act:no-comment") == ["declined to comment"]
    assert "the quay was closed" not in found("act:deny")
