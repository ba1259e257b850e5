"""Names of outlets that several hosts use, from the rule to every output."""

import json
import re
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from searchkit.archive import Archive
from searchkit.config import load
from searchkit.statements.outlets import Outlets, host_of, outlet_value
from searchkit.web.app import create_app
from tests.cases import cases
from tests.cli.conftest import Command
from tests.cli.conftest import searchkit as searchkit_command
from tests.histories.articles import article
from tests.web.conftest import Site

searchkit = searchkit_command
WORDS = (
    '"We shipped forty crates of lenses to the harbour before dawn on Tuesday," Mina Feld, of Meridian Optics, said.'
)
OTHERS = WORDS.replace("Mina Feld, of Meridian Optics", "Dora Pelling, of Lantern Watch")
CLAIM = "The watchdog Lantern Watch accused Meridian Optics of shipping lenses to a blacklisted buyer in Velmar."
DENIAL = "Meridian Optics denied the accusation by Lantern Watch that it had shipped lenses to a blacklisted buyer."
SILENT = "Meridian Optics did not respond to a request for comment."
OURS, THEIRS = "Harbor Ledger (ledger.example)", "Harbor Ledger (copycat.example)"


@pytest.mark.parametrize(("url", "host"), cases(__file__, "test_the_host_of_an_address"))
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host


KNOWN = Outlets(outlet_value(name, host) for name, host in cases(__file__, "test_outlets_of_the_index"))


@pytest.mark.parametrize(
    ("name", "host", "shown"), cases(__file__, "test_an_outlet_is_shown_with_its_host_where_the_name_is_in_doubt")
)
def test_an_outlet_is_shown_with_its_host_where_the_name_is_in_doubt(name: str, host: str, shown: str) -> None:
    assert KNOWN.shown(outlet_value(name, host)) == shown


def _articles() -> dict[str, tuple[str, str, str]]:
    return {
        "https://www.ledger.example/lenses": ("Harbor Ledger", f"{WORDS}\n\n{CLAIM}", "2026-03-05"),
        "https://copycat.example/lenses": ("Harbor Ledger", OTHERS, "2020-01-02"),
        "https://copycat.example/denial": ("Harbor Ledger", f"{DENIAL}\n\n{SILENT}", "2026-03-06"),
        "https://gazette.example/lenses": ("Tolvik Gazette", WORDS, "2026-03-06"),
    }


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive of three hosts, of which one has the outlet name of another."""
    folder = tmp_path / "archive"
    with Archive.create(folder) as opened, opened.changing() as store:
        for uri, (outlet, text, published) in _articles().items():
            made = article(uri, text, published, uri=uri, outlet=outlet, canonical_url=None)
            store.put(made, resource=uri, digest=made.digest)
        store.commit()
    with Archive.open(folder) as opened:
        opened.refresh()
    return folder


@pytest.fixture
def run(archive: Path, searchkit: Command) -> Command:
    return partial(searchkit, archive=archive)


def _with_outlet(shown: str) -> list[str]:
    """Return the outlets called Harbor Ledger in an output, each with what follows in brackets."""
    return re.findall(r"Harbor Ledger(?: \([^()]*\))?", shown)


@pytest.mark.parametrize("arguments", cases(__file__, "test_every_list_shows_the_host"))
def test_every_list_shows_the_host(run: Command, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.code == 0, done
    named = _with_outlet(done.out)
    assert set(named) == {OURS, THEIRS}, done.out
    assert "Tolvik Gazette (gazette" not in done.out


def test_one_document_is_shown_and_cited_with_its_host(run: Command) -> None:
    ids = run("query", "outlet:Ledger", "-f", "ids").out.split()
    for known in ids:
        for arguments in (("show", known), ("cite", known)):
            assert set(_with_outlet(run(*arguments).out)) <= {OURS, THEIRS} != set()
    theirs = run("query", f'outlet:="{THEIRS}"', "-f", "ids").out.split()
    assert len(theirs) == 2
    assert set(theirs) < set(ids)
    assert len(run("query", 'outlet:="Harbor Ledger"', "-f", "ids").out.split()) == 3


def test_programs_get_the_host(run: Command) -> None:
    hosts = {"ledger.example", "copycat.example", "gazette.example"}
    for command in ("query", "statements"):
        assert {hit["host"] for hit in json.loads(run(command, "lenses", "--json").out)["items"]} == hosts
        assert all(f",{host}" in run(command, "lenses", "-f", "csv").out for host in hosts)
    report: Any = json.loads(run("spread", "*", "--json").out)
    (found,) = report["quotations"]
    assert found["outlets"] == 3
    assert {side["statement"]["host"] for side in found["appearances"]} == hosts


def test_a_date_is_that_of_the_article_and_of_our_first_sight(run: Command) -> None:
    """What dates itself 2020 was not the first for that."""
    shown = run("spread", "*").out
    assert "2020-01-02 by its own date; seen here on 2025-01-02" in shown
    assert "first" not in shown


def test_a_file_only_claims_an_address(run: Command, tmp_path: Path) -> None:
    fields = {"uri": "https://ledger.example/new", "outlet": "Harbor Ledger", "title": "New lenses", "text": WORDS}
    (tmp_path / "new.jsonl").write_text(json.dumps(fields))
    assert run("index", "-q", str(tmp_path / "new.jsonl")).code == 0
    assert "Harbor Ledger (claimed: ledger.example)" in run("query", "title:new").out
    assert json.loads(run("query", "title:new", "--json").out)["items"][0]["host"] == "claimed: ledger.example"


def test_an_earlier_archive_of_one_host_learns_of_another(archive: Path, run: Command) -> None:
    with Archive.open(archive) as opened:
        gazette = opened.at("https://gazette.example/lenses")
        assert gazette is not None
        assert gazette.publisher == "Tolvik Gazette"
        with opened.changing() as store:
            made = article("x", SILENT, uri="https://copycat.example/two", outlet="Tolvik Gazette")
            store.put(made, resource=made.uri, digest=made.digest)
            store.commit()
        opened.refresh()
        assert [document and document.publisher for document in (opened.get(gazette.id), opened.get(made.id))] == [
            "Tolvik Gazette (gazette.example)",
            "Tolvik Gazette (copycat.example)",
        ]


@pytest.mark.parametrize(
    "address",
    ["/statements?q=lenses", "/documents?q=lenses", "/spread", "/disputes", "/matrix?rows=speaker&cols=outlet"],
)
def test_every_page_shows_the_host(archive: Path, address: str) -> None:
    site = Site(create_app({"archive": archive}, load({"archive": archive}, environment={}, folder=archive)))
    try:
        text = unescape(site.get(address).text)
        assert set(_with_outlet(re.sub(r"<[^>]*>", "", text))) == {OURS, THEIRS}
    finally:
        site.close()
