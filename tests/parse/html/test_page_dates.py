"""When a page was published and updated."""

from datetime import date

import pytest

from searchkit.parse.html.page_dates import address_day, day_first
from searchkit.statements.dates import PartialDate
from tests.cases import cases
from tests.parse.pages import page, read

ADDRESS = "https://ledger.example.org/trade/lathes"


def published(head: str = "", body: str = "", *, uri: str = ADDRESS, lang: str = "en-GB") -> PartialDate | None:
    return read(page(head, body).replace('lang="en-GB"', f'lang="{lang}"'), uri=uri).published


@pytest.mark.parametrize(("address", "day"), cases(__file__, "test_days_in_addresses"))
def test_days_in_addresses(address: str, day: str) -> None:
    assert address_day(address) == day


@pytest.mark.parametrize(
    ("language", "country", "order"),
    [("en", "US", False), ("en", "GB", True), ("de", "", True), ("en", "", None), (None, "", None), (None, "CN", True)],
)
def test_the_order_of_numbers(language: str | None, country: str, order: bool | None) -> None:
    assert day_first(language, country) is order


INSTANT = '<meta property="article:published_time" content="2023-11-09T01:09:00Z">'
HEADING = "<title>Lathes</title>"


@pytest.mark.parametrize(("body", "folder", "local_day"), cases(__file__, "test_the_day_that_the_outlet_displays"))
def test_the_day_that_the_outlet_displays(body: str, folder: str, local_day: str) -> None:
    found = published(HEADING + INSTANT, body, uri=f"https://ledger.example.org/{folder}/lathes")
    assert found and (found.value, found.zone, found.local_day) == ("2023-11-09T01:09:00+00:00", "Z", local_day)
    assert found.earliest == date.fromisoformat(local_day or "2023-11-09")


def test_a_time_in_the_outlet_s_zone_has_its_day() -> None:
    head = INSTANT.replace("01:09:00Z", "01:09:00+08:00")
    found = published(head, uri="https://ledger.example.org/2023/11/08/lathes")
    assert found and (found.zone, found.local_day) == ("+08:00", "")


def test_zones_follow_the_country_of_the_outlet() -> None:
    head = '<meta name="date" content="Dec 16, 2022 10:15 CST">'
    american, chinese = (published(head, lang=lang) for lang in ("en-US", "zh-CN"))
    assert american is not None
    assert chinese is not None
    assert (american.value, chinese.value) == ("2022-12-16T10:15:00-06:00", "2022-12-16T10:15:00+08:00")


def test_ambiguous_numbers_are_noted() -> None:
    article = read(page('<meta name="date" content="05/04/2024">').replace('lang="en-GB"', 'lang="en"'))
    assert article.published is None
    assert article.notes == ("date: 05/04/2024 may be 2024-04-05 or 2024-05-04, so it is ignored",)


@pytest.mark.parametrize(("line", "published", "updated"), cases(__file__, "test_dates_in_lines_below_the_title"))
def test_dates_in_lines_below_the_title(line: str, published: str | None, updated: str | None) -> None:
    article = read(page("<title>Lathes</title>", f"<h1>Lathes</h1><p>{line}</p>"))
    days = [
        found.value if found and found.confidence == "assumed" else None
        for found in (article.published, article.updated)
    ]
    assert days == [published, updated]


def test_old_microformats() -> None:
    found = published("", '<abbr class="published" title="2009-10-18T11:40:00+01:00">11:40 AM</abbr>')
    assert found and (found.value, found.source) == ("2009-10-18T11:40:00+01:00", "microdata")


def test_an_update_is_not_a_publication() -> None:
    article = read(page('<meta property="article:modified_time" content="2024-07-30T12:00:00+02:00">'))
    assert article.updated is not None
    assert article.published is None or article.published.confidence == "low"


NEAR = "<h1>Lathes</h1>"
FAR = NEAR + "<p>One line of little import to the port.</p>" * 12


@pytest.mark.parametrize(
    ("body", "confidence"),
    [
        (f'{NEAR}<p><time datetime="2024-03-08">8 March 2024</time></p>', "assumed"),
        (f'<p><time datetime="2024-03-08">8 March 2024</time></p>{NEAR}', "assumed"),
        # Of a story beside this one, or of a comment.
        (f'{FAR}<aside><a href="/x">Crates</a> <time datetime="2024-03-08">8 March 2024</time></aside>', "low"),
    ],
)
def test_a_time_near_the_title(body: str, confidence: str) -> None:
    found = published("<title>Lathes</title>", body)
    assert found and (found.value, found.confidence) == ("2024-03-08", confidence)


@pytest.mark.parametrize("changed", cases(__file__, "test_the_day_of_a_change_is_not_the_publication"))
def test_the_day_of_a_change_is_not_the_publication(changed: str) -> None:
    found = published("<title>Lathes</title>", NEAR + changed)
    assert found is None or found.confidence == "low"


@pytest.mark.parametrize(("line", "value"), cases(__file__, "test_a_day_beside_other_words_is_a_guess"))
def test_a_day_beside_other_words_is_a_guess(line: str, value: str | None) -> None:
    found = published("<title>Lathes</title>", f"{NEAR}<p>{line}</p>")
    assert (found.value if found else None) == value
    assert found is None or found.confidence == "low"


def test_a_line_without_a_year_dates_nothing() -> None:
    assert published("<title>Lathes</title>", f"{NEAR}<p>10 December</p>") is None
