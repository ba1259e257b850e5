"""Boilerplate lines, pages that are not articles, paywalls; and what resembles them."""

from pathlib import Path

import pytest

from searchkit.errors import InputError
from searchkit.parse.html.phrases import is_boilerplate, paywall, refusal, wall
from tests.cases import cases
from tests.limits import processor_time_below
from tests.parse.pages import PARAGRAPHS, page, read


def lines(file: str) -> list[str]:
    return Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", [*lines("boilerplate.txt")])
def test_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", [*lines("sentences.txt"), "", "Seguici, disse il custode, e non voltarti. " * 9])
def test_sentences_stay(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize("sign", ["follow ", "a", " ", "share on ", "photo by ", "@", "get newsletter ", "- "])
def test_hostile_lines_take_no_time(sign: str) -> None:
    with processor_time_below(2):
        for _ in range(100):
            is_boilerplate((sign * 300)[:300])


CONSENT = (
    "We value your privacy. We and our 812 partners store and/or access information on a device, such as cookies.",
    "You can change your preferences at any time, or withdraw your consent.",
    "Accept all",
    "Reject all",
    "Manage options",
)
NOT_FOUND = (
    "The page you are looking for could not be found. It may have been moved or deleted.",
    "Back to the front page",
)
ROBOT = (
    "Verify you are human by completing the action below.",
    "Ray ID: 83f1",
    "Enable JavaScript and cookies to continue.",
)


@pytest.mark.parametrize(
    ("title", "paragraphs", "reason"),
    [
        *cases(__file__, "test_pages_that_are_not_articles_are_refused"),
        ("Before you continue | Harbor Ledger", CONSENT, "consent page without an article"),
        ("Your privacy", CONSENT, "consent page without an article"),
        ("Just a moment...", ROBOT, "robot check without an article"),
        ("Access denied", ROBOT, "robot check without an article"),
    ],
)
def test_pages_that_are_not_articles_are_refused(title: str, paragraphs: tuple[str, ...], reason: str) -> None:
    with pytest.raises(InputError, match=f"^{reason}$"):
        read(page(f"<title>{title}</title>", f"<h1>{title.partition(' | ')[0]}</h1>", paragraphs=paragraphs))


def test_the_address_of_a_consent_wall() -> None:
    assert refusal("Harbor Ledger", "https://consent.ledger.example/v2", "\n".join(CONSENT))
    assert not refusal("Harbor Ledger", "https://ledger.example/v2", "\n".join(CONSENT))


@pytest.mark.parametrize(
    ("title", "paragraphs"),
    [
        ("Cookie banners: who accepts all?", PARAGRAPHS),
        ("Page not found: the missing leaf of the harbour register", PARAGRAPHS),
        ("Not found", PARAGRAPHS),
        ("Access denied", PARAGRAPHS),
        ("Just a moment", PARAGRAPHS),
        ("Your privacy", PARAGRAPHS),
        ("Your privacy", (*CONSENT, *PARAGRAPHS * 9)),
        ("Page not found", (*NOT_FOUND, *PARAGRAPHS * 4)),
    ],
)
def test_articles_are_not_refused(title: str, paragraphs: tuple[str, ...]) -> None:
    assert read(page(f"<title>{title}</title>", f"<h1>{title}</h1>", paragraphs=paragraphs)).text


@pytest.mark.parametrize("head", cases(__file__, "test_a_page_with_author_or_date_is_not_refused"))
def test_a_page_with_author_or_date_is_not_refused(head: str) -> None:
    assert read(page(f"<title>Page not found</title>{head}", paragraphs=NOT_FOUND)).text


@pytest.mark.parametrize("value", ["false", '"False"', '"http://schema.org/False"'])
def test_a_page_marked_as_not_free_has_a_note(value: str) -> None:
    fields = '"@type": "NewsArticle", "headline": "A", "isAccessibleForFree": %s'
    linked = f'<script type="application/ld+json">{{{fields}}}</script>'
    assert "paywall: the page is marked as not free to read" in read(page(linked % value)).notes
    part = linked.replace('"isAccessibleForFree": %s', '"hasPart": {"isAccessibleForFree": %s}')
    assert "paywall: the page is marked as not free to read" in read(page(part % value)).notes


def test_a_teaser_with_a_prompt_is_behind_a_paywall() -> None:
    prompt = "Subscribe to continue reading"
    article = read(page(paragraphs=(*PARAGRAPHS[:2], prompt)))
    assert f"paywall: the text is short and next to: {prompt}" in article.notes
    assert prompt not in article.text


def test_a_complete_text_with_a_prompt_is_not() -> None:
    assert paywall("word " * 1_000, ["Already a subscriber? Log in"], (), free=None) == ""
    assert paywall("word " * 100, ["Advertisement"], (), free=None) == ""
    assert paywall("word " * 100, ["Already a subscriber? Log in"], (), free=True) == ""
    assert paywall("word " * 100, ["Already a subscriber? Log in"], (), free=None) != ""


@pytest.mark.parametrize("prompt", cases(__file__, "test_a_prompt_directly_behind_the_text_ends_it"))
def test_a_prompt_directly_behind_the_text_ends_it(prompt: str) -> None:
    body = ["The quay will close. " * 40, "The council pays for it. " * 40, "Members of the council read on in May."]
    seen, text = ["Home", "Subscribe to read", *body], "\n\n".join(body)
    assert paywall(text, (), (), free=None, seen=[*seen, "Share", "All rights reserved"]) == ""
    assert paywall(text, (), (), free=None, seen=[*seen, *["Other stories"] * 5, prompt]) == ""
    for known in (text, f"{text}\n\n{prompt}"):
        assert paywall(known, (), (), free=False, seen=[*seen, "Share", prompt]) == f"the text ends at: {prompt}"


@pytest.mark.parametrize(("title", "paragraphs"), [("Before you continue", CONSENT), ("Page not found", NOT_FOUND)])
def test_a_day_in_the_address_does_not_prevent_refusal(title: str, paragraphs: tuple[str, ...]) -> None:
    markup = page(head=f"<title>{title}</title>", body=f"<h1>{title}</h1>", paragraphs=paragraphs)
    with pytest.raises(InputError):
        read(markup, uri="https://ledger.example.org/2025/06/03/cranes.html")


@pytest.mark.parametrize(("kind", "title", "text"), cases(__file__, "test_a_wall_has_the_right_name"))
def test_a_wall_has_the_right_name(kind: str, title: str, text: str) -> None:
    assert wall(title, text, (), "") == kind
