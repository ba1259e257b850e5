"""The page is text and links, whatever it contains."""

import base64
import hashlib

import pytest
from lxml import html

from searchkit.archive import Archive
from searchkit.export.report import written
from searchkit.query.fields import Record
from tests.archive.taken import TEXT, take
from tests.export.hostile import MARKUP, SCRIPT, take_hostile
from tests.export.test_report import dossier

_ELEMENTS = set(
    """html head meta title style body header h1 dl dt dd nav ul li a main section h2 article h3 blockquote mark p code
    cite bdi ol footer""".split()
)
_ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "id", "href", "rel", "class", "dir", "value"}


def page(archive: Archive, record: Record = "quote", title: str = "T", query: str = "*") -> html.HtmlElement:
    report = dossier(archive, query, record, copies=True, title=title)
    lines = "\n".join(written("report.html", title=report.title, report=report))
    lines.encode()
    return html.document_fromstring(lines)


def test_a_page_of_statements(archive: Archive) -> None:
    take(archive)
    shown = page(archive, title="Who counted the crates?")
    assert shown.findtext(".//h1") == shown.findtext(".//title") == "Who counted the crates?"
    assert [one.text_content() for one in shown.iter("h2")] == ["Igor Malt (1)", "Nadia Korbel (1)", "Sources"]
    assert [one.text_content() for one in shown.iter("blockquote")][1] == TEXT.split("\n\n")[1]
    assert {one.get("href") for one in shown.iter("a")} == {"#g1", "#g2", "#source-1", "https://ledger.example/cranes"}
    ids = {one.get("id") for one in shown.iter() if one.get("id")}
    assert {"g1", "g2", "source-1", "sources"} < ids
    assert "by name only" not in shown.text_content()


@pytest.mark.parametrize("record", ["quote", "document"])
def test_nothing_of_a_document_becomes_markup(archive: Archive, record: Record) -> None:
    take_hostile(archive)
    shown = page(archive, record, title=f"{SCRIPT} {MARKUP}", query='crates OR "gate" OR *')
    assert {one.tag for one in shown.iter()} <= _ELEMENTS
    assert {name for one in shown.iter() for name in one.attrib} <= _ATTRIBUTES
    for one in shown.iter("a"):
        assert one.get("href").startswith(("https://ledger.example/%22%3E%3Cscript", "#"))
    assert shown.findtext(".//h1") == f"{SCRIPT} {MARKUP}"
    assert SCRIPT in shown.findtext(".//article//bdi")
    assert any(SCRIPT in one.text_content() for one in shown.iter("blockquote"))


def test_only_this_style_applies_and_nothing_is_loaded(archive: Archive) -> None:
    take_hostile(archive)
    shown = page(archive)
    (style,) = shown.iter("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    (policy,) = [one.get("content") for one in shown.iter("meta") if one.get("http-equiv")]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style.text
    assert "@import" not in style.text
    assert "@media print" in style.text


def test_text_of_every_direction_and_sign(archive: Archive) -> None:
    take(archive, "“הם אמרו שלום לכולם 🏗️\x1b[2J\u202e,” said Nadia Korbel.", title="שלום\u202egnp", language="he")
    shown = page(archive)
    (quoted,) = shown.iter("blockquote")
    assert (quoted.get("dir"), quoted.get("lang")) == ("auto", "he")
    assert "שלום לכולם 🏗️" in quoted.text_content()
    assert not {"\x1b", "\u202e"} & set(shown.text_content())


def test_nothing_found(archive: Archive) -> None:
    take(archive)
    shown = page(archive, query="nowhere")
    assert [one.text_content() for one in shown.iter("h2")] == []
    assert "0 statements" in shown.text_content()
