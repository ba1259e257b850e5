"""The dossier as Markdown is text and links, whatever it contains."""

from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.export.report import written as lines_of
from searchkit.query.fields import Record
from tests.archive.taken import take
from tests.export.hostile import MARKUP, SCRIPT, take_hostile
from tests.export.test_citation import tokens
from tests.export.test_report import dossier


def written(archive: Archive, record: Record = "quote", **options: Any) -> str:
    report = dossier(archive, record=record, copies=True, **options)
    return "\n".join(lines_of("report.md", title=report.title, report=report))


def test_statements(archive: Archive) -> None:
    document = take(archive)
    lines = written(archive, title="Who counted the crates?").split("\n")
    assert lines[0] == "# Who counted the crates?"
    assert "## Nadia Korbel (1)" in lines
    assert "### 2026-03-03 (assumed: day of publication)" in lines
    assert (
        '> <mark>"We counted the crates twice before we closed the gate,"</mark> said Nadia Korbel, spokesperson for '
        "the Ostrava Trade Office."
    ) in lines
    assert "- Nadia Korbel (spokesperson, Ostrava Trade Office) · said · direct" in lines
    assert ("- [Cranes stand still](<https://ledger.example/cranes>), Harbor Ledger, 2026-03-03 (source 1)") in lines
    assert f"- cite: `{document.quotes[0].id}`" in lines
    assert "- source 1: [Cranes stand still](<https://ledger.example/cranes>)" in lines
    assert f"  - sha-256 of title and text: {document.digest}" in lines


def test_documents(archive: Archive) -> None:
    document = take(archive)
    lines = written(archive, "document").split("\n")
    assert "## Harbor Ledger (1)" in lines
    assert "### [Cranes stand still](<https://ledger.example/cranes>)" in lines
    assert sum(line.startswith("> ") for line in lines) == len(document.quotes)
    assert "## Sources" not in lines


@pytest.mark.parametrize("record", ["quote", "document"])
def test_nothing_of_a_document_becomes_markup(archive: Archive, record: Record) -> None:
    take_hostile(archive)
    found = tokens(written(archive, record, title=f"{SCRIPT}\n{MARKUP}"))
    assert {one.content for one in found if one.type in {"html_inline", "html_block"}} == {"<mark>", "</mark>"}
    links = {one.attrs["href"] for one in found if one.type == "link_open"}
    assert links == {"https://ledger.example/%22%3E%3Cscript%3Ealert%282%29%3C/script%3E%29%3E"}
    assert not {"image", "fence", "code_block", "hr", "strong_open", "em_open"} & {one.type for one in found}
    codes = {one.content for one in found if one.type == "code_inline"}
    assert all(code.replace("-", "").isalnum() for code in codes)
    titles = [one for one in found if one.type == "heading_open" and one.tag == "h1"]
    assert len(titles) == 1
