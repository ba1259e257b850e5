"""Every kind of page for every kind of reader."""

from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from searchkit.config import load
from searchkit.web.app import create_app
from tests.web.browser.kinds import KINDS, Found, Kind
from tests.web.browser.visit import Visitor, overflow, violations

each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
_DATA = {"/openapi.json", "/basket/export/{form}", "/statements/{id}/change.svg"}


def test_every_route_of_the_site_is_among_the_kinds(seeded: Path) -> None:
    config = load({"archive": seeded}, environment={}, folder=seeded)
    routes = {
        route.path
        for route in create_app({"seeds": seeded}, config).routes
        if isinstance(route, Route) and "GET" in (route.methods or ())
    }
    pages = {path for path in routes if not path.startswith("/api/") and not path.endswith("{format}")}
    assert pages - _DATA == {kind.route for kind in KINDS.values()}


def _open(visitor: Visitor, kind: Kind, found: Found, **options: Any) -> Any:
    page = visitor.page(kind.at(found), status=kind.status, **options)
    assert kind.shows in page.inner_text("main")
    return page


@each_kind
def test_a_page_without_javascript(visitor: Visitor, kind: Kind, found: Found) -> None:
    page = _open(visitor, kind, found, script=False)
    assert page.locator("h1").count() == 1
    assert page.title().endswith(f" - {kind.archive}")
    assert page.locator("main").count() == 1


@each_kind
def test_a_page_has_no_barriers(visitor: Visitor, kind: Kind, found: Found) -> None:
    """axe-core reports nothing, in light and dark; with forced colours all text can be read."""
    page = _open(visitor, kind, found)
    for details in page.locator("details").all():
        details.evaluate("(element) => { element.open = true; }")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert violations(page, ["color-contrast", "link-in-text-block"]) == []
    for scheme in ("light", "dark"):
        page.emulate_media(forced_colors="active", color_scheme=scheme)
        assert violations(page, ["color-contrast"]) == []
        assert _invisible_bars(page) == 0


def _invisible_bars(page: Any) -> int:
    count: int = page.evaluate(
        """() => [...document.querySelectorAll("svg .bar, svg .dot")]
          .filter((bar) => getComputedStyle(bar).fill === getComputedStyle(document.body).backgroundColor).length"""
    )
    return count


@each_kind
@pytest.mark.parametrize("width", [320, 1200])
def test_a_page_never_scrolls_sideways(visitor: Visitor, kind: Kind, found: Found, width: int) -> None:
    page = _open(visitor, kind, found, width=width)
    for details in page.locator("details").all():
        details.evaluate("(element) => { element.open = true; }")
    assert overflow(page) == []


@each_kind
def test_the_tab_key_reaches_everything_and_shows_where_it_is(visitor: Visitor, kind: Kind, found: Found) -> None:
    page = _open(visitor, kind, found)
    wanted = page.evaluate(
        """() => {
          const able = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
          const places = [...document.querySelectorAll(able)].filter((element) => element.checkVisibility());
          const radios = places.filter((element) => element.type === "radio" && !element.checked);
          return places.length - radios.length;
        }"""
    )
    page.evaluate(
        """() => {
          window.reached = new Set();
          window.unseen = [];
          document.addEventListener("focusin", ({ target }) => {
            window.reached.add(target);
            const style = getComputedStyle(target);
            if (style.outlineStyle === "none") window.unseen.push(target.outerHTML.slice(0, 120));
          });
        }"""
    )
    for _ in range(wanted):
        page.keyboard.press("Tab")
    assert page.evaluate("window.reached.size") == wanted
    assert page.evaluate("window.unseen") == []
