"""The hostile corpus and the hostile queries, through the pages and the interface for programs."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from searchkit.config import load
from searchkit.web.app import create_app
from tests.hostile.cases import STEERING
from tests.hostile.queries import QUERIES
from tests.limits import processor_time_below
from tests.web.conftest import Page, Site

pytestmark = [pytest.mark.slow, pytest.mark.long]
# What the templates never write: whatever has it came from a document or a query and was not escaped.
_FOREIGN = re.compile(
    r"<(?:script(?! src=\"/static/)|iframe|img|object|embed|style|svg(?! class=\"bars\"))\b"
    r"|<link(?! rel=\"(?:icon|stylesheet)\")\b"
    r"|<[^>]{0,2000}\s(?:on[a-z]{3,20}|style|srcdoc)="
    r"|(?:href|src|action)=\"(?!/|#|https?:|\?)",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def hostile(hostile_archive: Path) -> Iterator[Site]:
    """The site over everything of the hostile corpus that could be read."""
    config = load({"archive": hostile_archive}, environment={}, folder=hostile_archive)
    made = Site(create_app({"hostile": hostile_archive}, config))
    yield made
    made.close()


def _of_histories(part: str) -> list[str]:
    """Return addresses with a hostile value in each parameter of the histories."""
    names = ("changes?speaker", "changes?kind", "changes?since", "disputes?about", "spread?q")
    pairs = ("silence?since=2020&watchlist", "silence?watchlist=x&since")
    return [f"/{start}={part}" for start in (*names, *pairs)]


def _check(page: Page, address: str, statuses: frozenset[int]) -> None:
    assert page.status in statuses, (address, page.status, page.text[:500])
    assert not any(character in page.text for character in STEERING if character not in "\n\t"), address
    if page.headers.get("content-type", "").startswith("text/html"):
        found = _FOREIGN.search(page.text)
        assert found is None, (address, found and page.text[max(0, found.start() - 100) : found.end() + 100])


def test_every_page_of_the_hostile_corpus(hostile: Site) -> None:
    fine = frozenset({200})
    listed = json.loads(hostile.get("/documents.json?limit=1000&counts=0&duplicates=1").text)
    documents = [hit["id"] for hit in listed["items"]]
    assert len(documents) > 50
    said = json.loads(hostile.get("/statements.json?limit=1000&counts=0&duplicates=1").text)["items"]
    names = {hit["speaker_id"] for hit in said if hit["speaker_id"]}
    addresses = [
        "/",
        "/matrix",
        "/names",
        "/sources",
        *(f"/{name}{form}" for name in ("changes", "spread", "disputes") for form in ("", ".json")),
        *(
            f"/{kind}{form}"
            for kind in ("statements", "documents")
            for form in ("", ".json", ".jsonl", ".csv", ".atom")
        ),
        *(f"/documents/{document}" for document in documents),
        *(f"/api/v1/documents/{document}" for document in documents),
        *(f"/names/{quote(name)}" for name in sorted(names)[:40]),
    ]
    for address in addresses:
        _check(hostile.get(address), address, fine)
    for hit in said[::20]:  # one document is long, with 10,000 statements
        with processor_time_below(2.0):
            _check(hostile.get(f"/statements/{hit['id']}"), hit["id"], fine)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_page_answers_hostile_queries(hostile: Site, query: str) -> None:
    """The front refuses addresses that are longer; here they go through."""
    written = quote(query[:6000], errors="replace")
    either = frozenset({200, 400})
    pages = ("/statements", "/documents", "/names", "/matrix", "/changes", "/spread", "/disputes")
    for path in (*pages, "/statements.json", "/spread.json", "/api/v1/documents"):
        page = hostile.get(f"{path}?q={written}")
        _check(page, path, either)
        if path.endswith(("json", "/api/v1/documents")) and page.status == 400:
            record = json.loads(page.text)
            assert record["status"] == 400
            assert "\n" not in record["error"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "../../etc/passwd", "\x00", "\u202e", "%", "a" * 3000])
def test_hostile_ids_and_parameters(hostile: Site, text: str) -> None:
    part = quote(text, safe="", errors="replace")
    for path in (
        "/documents/",
        "/statements/",
        "/names/",
        "/alerts/",
        "/saved/",
        "/sources/",
        "/basket/export/",
        "/a/",
    ):
        _check(hostile.get(path + part), path, frozenset({400, 404}))
    for address in (
        f"/basket?ids={part}",
        f"/statements?sort={part}",
        f"/matrix?rows={part}",
        f"/names?kind={part}",
        *_of_histories(part),
    ):
        _check(hostile.get(address), address, frozenset({200, 400}))
    for path in ("/saved", "/basket"):
        page = hostile.post(path, dict.fromkeys(("name", "q", "note", "sinks", "every", "back", "add", "over"), text))
        _check(page, path, frozenset({303, 400, 403}))
        assert page.headers.get("location", "/").startswith("/")
