"""Archives over many years: years in place of months, so that each bar can be clicked and pages stay short."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from searchkit.cli import run
from searchkit.config import load
from searchkit.web.app import create_app
from tests.web.conftest import Site


@pytest.mark.slow
def test_many_months_are_counted_by_year(tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {
                "text": f'"Crane {number} is late," Anna Berg said.',
                "date": f"{2010 + number // 12}-{number % 12 + 1:02}-05",
            }
        )
        for number in range(84)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    archive = tmp_path / "archive"
    with pytest.raises(SystemExit, match="0"):
        run(["--archive", str(archive), "index", "-q", "--workers", "1", str(tmp_path / "a.jsonl")])
    site = Site(create_app({"years": archive}, load({"archive": archive}, environment={}, folder=archive)))
    page = site.get("/statements?duplicates=1").text
    assert "published by year" in page
    values = re.findall(r'<a href="([^"]+)">(20\d\d)</a>\s*<span class="count">(\d+)</span>', page)
    assert [(year, count) for _, year, count in values] == [(str(year), "12") for year in range(2010, 2017)]
    one = site.get(unescape(values[0][0])).text
    assert "<strong>12 statements</strong>" in one
    assert "published by month" in one
    site.close()
