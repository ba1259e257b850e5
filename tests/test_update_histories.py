"""A week in the life of two outlets, read once a day: what changed, who else printed it, who denied it."""

from datetime import timedelta

import pytest

from searchkit.archive import Archive
from searchkit.archive.folder import HISTORIES
from searchkit.crawl.base import Source
from searchkit.reports.changes import ChangesRequest, changes_report
from searchkit.reports.disputes import DisputesRequest, disputes_report
from searchkit.reports.spread import SpreadRequest, spread_report
from tests.crawl.web.site import Site
from tests.test_update import NOW, after, feed, ledger, named

PAGE = """<!doctype html><html lang="en"><head><title>{title}</title><meta property="og:site_name" content="{outlet}">
<meta property="article:published_time" content="2026-03-0{day}T04:00:00Z"></head><body>{top}<article><h1>{title}</h1>
{text}</article>{bottom}</body></html>"""
COUNT = '"We counted the {what} of the northern quay twice before the inspectors came," Nadia Korbel said on Monday.'
REST = (
    "The port of Velmar has been closed since the storm, and {ships} ships wait in the roads, Korbel said.",
    "The harbor union, which has two hundred members on the quay, held a meeting in the old customs house.",
    "Its members brought soup and folding chairs, and stayed until the lamps along the promenade were lit.",
)
DENIED = "The port rejected the union's accusation that it had hidden a second crack in the northern quay."


def page(title: str, outlet: str, day: int, *paragraphs: str, top: str = "", bottom: str = "") -> str:
    text = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return PAGE.format(title=title, outlet=outlet, day=day, text=text, top=top, bottom=bottom)


def quay(what: str, ships: str, **around: str) -> str:
    rest = [paragraph.format(ships=ships) for paragraph in REST]
    return page("Quay stays closed", "The Velmar Ledger", 4, COUNT.format(what=what), *rest, **around)


@pytest.fixture
def week(archive: Archive, site: Site) -> Archive:
    """An archive that was updated every day from 4 to 10 March."""
    mirror = page("Velmar waits", "The Lowmoor Mirror", 5, COUNT.format(what="cracks"), *REST[1:])
    bulletin = page("No ship moves", "The Selmar Bulletin", 5, COUNT.format(what="cracks"), *REST[1:])
    answer = page("Port answers", "The Lowmoor Mirror", 7, DENIED, *REST[1:])
    shares = "<aside><p>Share this article with friends who like harbors.</p></aside>"
    days: tuple[dict[str, str | None], ...] = (
        {"/quay.html": quay("cracks", "eleven")},
        {"/mirror.html": mirror, "/bulletin.html": bulletin},
        {"/quay.html": quay("stones", "eleven")},  # softened
        {"/answer.html": answer},
        {"/quay.html": quay("stones", "fourteen")},  # corrected
        {"/quay.html": quay("stones", "fourteen", top="<nav>News Sport</nav>", bottom=shares)},  # another layout
        {"/mirror.html": None},
    )
    source: Source = ledger(site)
    known: list[str] = []
    for number, changed in enumerate(days):
        for path, html in changed.items():
            if html is None:
                site.page(path, "<p>Gone</p>", status=410)
            else:
                site.page(path, html)
                known += [path] if path not in known else []
        site.feed("/feed.xml", feed(site, *known))
        after(24 * number, archive, source)
    return archive


@pytest.mark.slow
def test_a_week(week: Archive, site: Site) -> None:
    today = (NOW + timedelta(days=6)).date()
    report = changes_report(week, ChangesRequest(today=today))
    assert [(change.kinds, change.after[:10], change.before[:10]) for change in report.changes] == [
        (("number",), "2026-03-06", "2026-03-08"),
        (("reworded",), "2026-03-04", "2026-03-06"),
    ]
    softened = report.changes[1]
    assert softened.old is not None
    assert softened.new is not None
    assert ("cracks" in softened.old.statement, "stones" in softened.new.statement) == (True, True)

    (quotation,) = spread_report(week, SpreadRequest(query="speaker:Korbel", today=today)).quotations
    assert (quotation.outlets, quotation.documents) == (2, 2)

    (dispute,) = disputes_report(week, DisputesRequest(today=today)).disputes
    assert (dispute.strength, dispute.document) == ("strong", named(week, site, "/answer.html").id)
    assert dispute.claim_words == "it had hidden a second crack in the northern quay"
    assert named(week, site, "/mirror.html").gone_at[:10] == "2026-03-10"


@pytest.mark.slow
def test_only_its_owner_can_read_what_became_of_statements(week: Archive) -> None:
    assert (week.folder / HISTORIES).stat().st_mode & 0o777 == 0o600
