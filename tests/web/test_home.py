"""The first page."""

from datetime import UTC, datetime, timedelta

from tests.web.conftest import Site


def test_the_first_page_says_what_the_archive_holds(site: Site) -> None:
    page = site.get("/")
    assert page.status == 200
    assert "44 documents" in page.text


def test_a_visit_is_remembered_by_its_day(site: Site) -> None:
    today = datetime.now(UTC).date()
    earlier = today - timedelta(days=3)
    cookie = site.get("/", cookie=f"visits={earlier}.{earlier}").headers["set-cookie"]
    assert cookie.startswith(f"visits={earlier}.{today};")
    assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))


def test_a_forged_cookie_is_ignored(site: Site) -> None:
    assert site.get("/", cookie="visits=2024-99-99.2024-00-00").status == 200
