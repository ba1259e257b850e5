"""Archives over many years: years in place of months, so that each bar can be clicked and pages stay short."""

import json
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path

import pytest

from searchkit.cli import run
from searchkit.config import load
from searchkit.web.app import create_app
from tests.web.conftest import Site

_BAR = r'<a href="([^"]{1,400})" aria-label="[0-9-]{4,7}: (\d{1,4})">'


def _site(folder: Path, days: Iterable[str]) -> Site:
    """The site of an archive with a statement of Anna Berg on each of the days, months or years."""
    lines = [
        json.dumps({"text": f'"Crane {number} is late," Anna Berg said about Ostwind GmbH.', "date": day})
        for number, day in enumerate(days)
    ]
    (folder / "a.jsonl").write_text("\n".join(lines))
    archive = folder / "archive"
    with pytest.raises(SystemExit, match="0"):
        run(["--archive", str(archive), "index", "-q", "--workers", "1", str(folder / "a.jsonl")])
    return Site(create_app({"years": archive}, load({"archive": archive}, environment={}, folder=archive)))


def _months(years: int) -> list[str]:
    return [f"{2010 + number // 12}-{number % 12 + 1:02}-05" for number in range(12 * years)]


@pytest.mark.slow
def test_many_months_are_counted_by_year(tmp_path: Path) -> None:
    site = _site(tmp_path, _months(7))
    page = site.get("/statements?duplicates=1").text
    assert "published by year" in page
    values = re.findall(r'<a href="([^"]+)">(20\d\d)</a>\s*<span class="count">(\d+)</span>', page)
    assert [(year, count) for _, year, count in values] == [(str(year), "12") for year in range(2010, 2017)]
    one = site.get(unescape(values[0][0])).text
    assert "<strong>12 statements</strong>" in one
    assert "published by month" in one
    site.close()


@pytest.mark.slow
@pytest.mark.parametrize(("years", "unit", "extra"), [(2, "month", 0), (7, "year", 2)])
def test_a_bar_of_a_name_leads_to_the_statements_that_it_counts(
    tmp_path: Path, years: int, unit: str, extra: int
) -> None:
    """Statements of which only the year is known are in no month."""
    site = _site(tmp_path, [*_months(years), "2011", "2011"])
    page = site.get("/names/person:anna-berg").text
    assert f"Statements by {unit}" in page
    drawn = [(unescape(address), int(count)) for address, count in re.findall(_BAR, page)]
    assert sum(count for _, count in drawn) == 12 * years + extra
    for address, count in drawn:
        plural = "s" if count > 1 else ""
        assert f"<strong>{count} statement{plural}</strong>" in site.get(address + "&duplicates=1").text
    site.close()
