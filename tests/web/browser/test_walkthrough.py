"""From a word to a report, as the tutorial of the reading room does it."""

from typing import Any

from tests.web.browser.kinds import Found
from tests.web.browser.visit import Visitor


def _tab_to(page: Any, wanted: str) -> None:
    """Press Tab until the focus is on an element that a selector describes."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"The Tab key does not reach {wanted}.")


def test_from_a_word_to_a_report_by_keyboard_without_javascript(visitor: Visitor) -> None:
    page = visitor.page("/", script=False)
    _tab_to(page, "#q")
    page.keyboard.type("Tiandy")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statements?q=Tiandy*")
    _tab_to(page, ".statement a.name[href='/names/person%3Axu-guixiang']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/names/**")
    assert page.inner_text("h1") == "Xu Guixiang"
    _tab_to(page, "svg.bars a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statements?q=*")
    assert page.locator(".statement").count() >= 1
    _tab_to(page, ".statement a.id")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statements/*")
    assert page.locator("blockquote mark").count() >= 1
    statement = page.url.rpartition("/")[2]
    _tab_to(page, "form[action='/basket'] button")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove from the basket").wait_for()
    page.goto(visitor.site + "/basket")
    assert page.locator(".statement").count() == 1
    _tab_to(page, "a[href^='/basket/export/html']")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    report = waiting.value.path().read_text(encoding="utf-8")
    assert statement in report
    assert "Xu Guixiang" in report


def test_the_keys(visitor: Visitor) -> None:
    page = visitor.page("/statements?q=Tiandy")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j?")  # the old query was selected; in a field, keys are letters
    assert page.input_value("#q") == "j?"
    page.locator("h1").click()
    ids = [page.locator(".statement").nth(number).get_attribute("id") for number in range(2)]
    for key, expected in (("j", ids[0]), ("j", ids[1]), ("k", ids[0])):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == expected
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/statements/{str(ids[0])[2:]}")


def test_highlights_can_be_stepped_through(visitor: Visitor, found: Found) -> None:
    page = visitor.page(f"/documents/{found.document}")
    steps = []
    for key in ("n", "n", "p"):
        page.keyboard.press(key)
        steps.append(page.evaluate("document.activeElement.id"))
    assert steps[0] == steps[2] != steps[1]
    assert all(step.startswith("s-") for step in steps)


def test_a_citation_can_be_copied(visitor: Visitor, found: Found) -> None:
    context = visitor.context(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page(f"/statements/{found.statement}", context=context)
    page.locator("summary", has_text="Cite").click()
    page.locator("button.copy").first.click()
    page.locator("button.copy", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("pre.copyable").first.inner_text()


def test_without_javascript_no_button_needs_it(visitor: Visitor, found: Found) -> None:
    page = visitor.page(f"/statements/{found.statement}", script=False)
    assert page.locator("button.copy").count() == 0
