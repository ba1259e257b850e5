"""Wrong and forged addresses: no text of another page or file replaces what was fetched, and no article is lost."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.archive import Archive
from searchkit.cli.index import print_report
from searchkit.crawl.base import Source
from searchkit.statements.document import Document, document_id
from searchkit.update.running import LOG
from tests.crawl.test_warc import Crawl
from tests.crawl.web.site import Site
from tests.samples import present
from tests.test_update import after, feed, ledger

BOTH_STORES = True  # tests/conftest.py

NAMES = "Ilko Marr, Tessa Quill, Oren Vask, Pia Lund, Juri Falk, Nela Roth, Emil Dorn, Wim Sand, Ada Frey, Kaj Holm"
VICTIM = "/bridge.html"


def article(number: int, head: str = "", *, more: str = "") -> str:
    """An article with words of its own and, as all articles of the site, one paragraph from its template."""
    chance = random.Random(number)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randint(4, 9))) for _ in range(120)]
    speaker = NAMES.split(", ")[number % 10]
    body = " ".join(words)
    return (
        f"<!doctype html><html lang=en><head><title>Report {number}</title>{head}</head><body><article>"
        f"<h1>Report {number}</h1><p>The harbour office of Velmar published report {number} on Monday.</p>"
        f"<p>{body}.</p><p>“Number {number} stands,” said {speaker}.</p>{more}</article></body></html>"
    )


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


def documents(archive: Archive) -> list[Document]:
    store = archive.store()
    return [found for found in map(store.get, store.ids()) if found is not None]


def log(archive: Archive) -> dict[str, object]:
    line: dict[str, object] = json.loads((archive.folder / LOG).read_text().splitlines()[-1])
    return line


# --- articles lost ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("articles", "named"),
    [
        pytest.param(6, "/report-0.html", id="6: the first article"),
        pytest.param(6, "/report-5.html", id="6: the last article"),
        pytest.param(6, "/never-fetched.html", id="6: a page that is not fetched"),
        pytest.param(200, "/report-0.html", id="200: the first article"),
    ],
)
def test_a_wrong_canonical_url_in_a_template_loses_no_article(
    archive: Archive, site: Site, capsys: pytest.CaptureFixture[str], articles: int, named: str
) -> None:
    head = canonical(site.url(named))
    paths = [f"/report-{number}.html" for number in range(articles)]
    for number, path in enumerate(paths):
        site.page(path, article(number, head))
    site.feed("/feed.xml", feed(site, *paths))
    report = after(0, archive, ledger(site))
    assert report.counts == {"added": articles}
    made = {document.uri.removeprefix(site.url("")): document for document in documents(archive)}
    assert set(made) == set(paths)
    assert all(f"report {number} on" in made[path].text for number, path in enumerate(paths))
    # The report names each page that shares its canonical URL, except the one that came first.
    assert len(report.canonical_conflicts) == log(archive)["conflicting"] == articles - 1
    assert all("both are kept" in found.reason for found in report.record().canonical_conflicts)
    print_report(report, quiet=False)
    assert f"; canonical conflicts: {articles - 1} (all documents are kept)" in capsys.readouterr().out
    # They stay when they are fetched again, also with changes, and are not reported again.
    site.page(paths[1], article(1, head, more="<p>It was read aloud on Friday.</p>"))
    again = after(30, archive, ledger(site))
    assert (again.counts["updated"], again.counts["added"], again.counts["gone"]) == (1, 0, 0)
    assert again.canonical_conflicts == ()
    assert len(documents(archive)) == articles


@pytest.mark.slow
@pytest.mark.parametrize("order", [(VICTIM, "/amp", "/print", f"{VICTIM}?view=1"), ("/amp", "/print", VICTIM)])
def test_variants_with_the_same_text_are_one_document(archive: Archive, site: Site, order: tuple[str, ...]) -> None:
    head = canonical(site.url(VICTIM))
    for path in order:
        site.page(path, article(1, head, more="" if path == VICTIM else f"<!-- {path} -->"))
    site.feed("/feed.xml", feed(site, *order))
    report = after(0, archive, ledger(site))
    assert report.canonical_conflicts == ()
    (document,) = documents(archive)
    assert (document.uri, document.id) == (site.url(VICTIM), document_id(site.url(order[0])))
    fetched = len(site.received())
    site.page(VICTIM, article(1, head, more="<p>It was read aloud on Friday.</p>"))
    assert after(30, archive, ledger(site)).counts["updated"] == 1
    (revised,) = documents(archive)
    assert (revised.id, revised.revision, "on Friday" in revised.text) == (document.id, document.revision + 1, True)
    asked = {request.path for request in site.received()[fetched:]} - {"/robots.txt", "/feed.xml"}
    assert asked == {VICTIM}, "variants are not fetched again"


# --- texts replaced ---------------------------------------------------------------------------------------------------

FORGED = article(7)


def _row(site: Site, folder: Path) -> None:
    (folder / "rows.jsonl").write_text(json.dumps({"url": site.url(VICTIM), "text": "Forged. " * 30}) + "\n")


def _feed_file(site: Site, folder: Path) -> None:
    item = f"<item><link>{site.url(VICTIM)}</link><description>{'Forged. ' * 30}</description></item>"
    (folder / "news.rss").write_text(f'<?xml version="1.0"?><rss version="2.0"><channel>{item}</channel></rss>')


def _warc(site: Site, folder: Path) -> None:
    crawl = Crawl()
    crawl.add(FORGED, "text/html", uri=site.url(VICTIM))
    (folder / "crawl.warc").write_bytes(crawl.written)


def _saved_page(site: Site, folder: Path) -> None:
    (folder / "saved.html").write_text(article(7, canonical(site.url(VICTIM))))


def _text_header(site: Site, folder: Path) -> None:
    (folder / "line.txt").write_text(f"URL: {site.url(VICTIM)}\n\n{'Forged. ' * 30}\n")


def _page(head: str) -> Callable[[Site, Path], None]:
    def forge(site: Site, folder: Path) -> None:
        site.page("/forged.html", article(7, head.format(url=site.url(VICTIM), path=VICTIM)))

    return forge


def _link_header(site: Site, folder: Path) -> None:
    headers = {"Link": f'<{site.url(VICTIM)}>; rel="canonical"', "Content-Location": site.url(VICTIM)}
    site.page("/forged.html", FORGED, headers=headers)


def _redirect(site: Site, folder: Path) -> None:
    _page(canonical("{url}"))(site, folder)
    site.redirect(VICTIM, "/forged.html", status=301)


def _variant_first(site: Site, folder: Path) -> None:
    """A variant with the true text is trusted, and shows another text later."""
    site.page("/forged.html", article(1, canonical(site.url(VICTIM))))


WAYS: dict[str, Callable[[Site, Path], None]] = {
    "row": _row,
    "feed": _feed_file,
    "WARC": _warc,
    "saved page": _saved_page,
    "line of a text file": _text_header,
    "rel=canonical": _page('<link rel="canonical" href="{url}">'),
    "relative rel=canonical": _page('<base href="/x/"><link rel="canonical" href="..{path}">'),
    "og:url": _page('<meta property="og:url" content="{url}">'),
    "JSON-LD": _page('<script type="application/ld+json">{{"@type": "NewsArticle", "url": "{url}"}}</script>'),
    "HTTP headers": _link_header,
    "redirect to a page that names it": _redirect,
    "variant that changes": _variant_first,
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("forged_first", [False, True])
def test_no_forged_address_replaces_a_fetched_text(
    archive: Archive, site: Site, tmp_path: Path, way: str, forged_first: bool
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    files = Source(name="files", kind="folder", locations=(str(folder),))
    other = replace(ledger(site), name="other", kind="urls", locations=(site.url("/forged.html"),))
    site.page(VICTIM, article(1))
    site.page("/forged.html", FORGED)
    site.feed("/feed.xml", feed(site, VICTIM))
    if not forged_first:
        after(0, archive, ledger(site))
    if not (forged_first and way.startswith("redirect")):  # then the page was never at this address
        WAYS[way](site, folder)
    for hours in (1, 30):
        after(hours, archive, files, other)
    if forged_first:
        after(31, archive, ledger(site))
        WAYS[way](site, folder)
    site.page("/forged.html", article(7, canonical(site.url(VICTIM)), more="<p>Once more.</p>"))
    for hours in (900, 930):  # by now, variants are compared again
        after(hours, archive, ledger(site), files, other)
    victim = present(archive.at(site.url(VICTIM)))
    assert (victim.uri, "report 1 on" in victim.text) == (site.url(VICTIM), True)
    assert all("report 1 on" in text.text for text in _revisions(archive, victim))
    others = [document for document in documents(archive) if document.id != victim.id]
    assert all(document.uri != site.url(VICTIM) for document in others)
    assert any(document.uri == site.url("/forged.html") for document in others)


def _revisions(archive: Archive, document: Document) -> list[Document]:
    found = (archive.revision(document.id, number) for number in range(1, document.revision + 1))
    return [revision for revision in found if revision is not None]
