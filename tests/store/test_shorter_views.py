"""Which texts of a page may replace its stored article, and what `changes` makes of those that were stored."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from searchkit.histories.changes import changes
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import PAYWALL, Document
from searchkit.store.shorter_views import believed, shows_less
from searchkit.version import __version__
from tests.histories.revisions import revision
from tests.walls import UNLISTED, WALLS

TITLE = "Lock keeper of Sandholm resigns over flooded cellars"
ARTICLE, REWRITTEN, OTHER = (
    Path(__file__).with_name("shorter_views.txt").read_text(encoding="utf-8").rstrip().split("\n===\n")
)
PARAGRAPHS = ARTICLE.split("\n\n")


def stored(text: str, title: str = TITLE, **fields: object) -> Document:
    """Return an article that was fetched, in a revision of this version."""
    return replace(revision(text, published=None), title=title, parsed_by=__version__, **fields)


def without(*numbers: int) -> str:
    return "\n\n".join(text for number, text in enumerate(PARAGRAPHS) if number not in numbers)


MARKETING = {
    "en": "Stay with us for one crown a week. Cancel whenever you like. Our reporters knock on doors each day.",
    "de": "Ab hier geht es mit dem Monatspass weiter. Unsere Redaktion recherchiert jeden Tag für die ganze Region.",
    "fr": "La suite est pour nos amis fidèles. Soutenez une rédaction libre et recevez chaque matin notre lettre.",
    "es": "El resto lo leen nuestros socios. Apoya a una redacción libre y recibe cada mañana nuestro boletín.",
    "hu": "A folytatáshoz váltson havi bérletet. Szerkesztőségünk minden nap önért dolgozik az egész megyében.",
}
NAMES = (
    "canal, council, gauges, cellars, Tore Brekk, Maja Lindqvist, Anton Reuss, Hedda Solem, Per Aune, insurers, flour"
)
LESS = {
    **{f"{kept} paragraphs": "\n\n".join(PARAGRAPHS[:kept]) for kept in (1, 2, 3, 4, 5, 6)},
    **{
        f"{kept} paragraphs, {language}": "\n\n".join((*PARAGRAPHS[:kept], text))
        for kept in (1, 2, 4)
        for language, text in MARKETING.items()
    },
    "cut inside a sentence": ARTICLE[:500] + "...",
    "all but the first paragraph is a wall": "\n\n".join((PARAGRAPHS[0], *MARKETING.values())),
    **{name: "\n\n".join(lines[1:]) or "Loading" for name, lines in {**WALLS, **UNLISTED}.items()},
    "another article": OTHER,
    "offer with names": "\n\n".join((f"Read about {NAMES} in our members' area.", *MARKETING.values())),
    "topics": "\n\n".join((*MARKETING.values(), f"Topics: {NAMES}")),
    "4 paragraphs, names": "\n\n".join((*PARAGRAPHS[:4], *MARKETING.values(), f"Topics: {NAMES}")),
    "5 paragraphs, names": "\n\n".join((*PARAGRAPHS[:5], f"Topics: {NAMES}. {MARKETING['en']} {MARKETING['de']}")),
}


@pytest.mark.parametrize("name", LESS)
def test_a_shorter_view_replaces_nothing_and_removes_nothing(name: str) -> None:
    old, new = stored(ARTICLE), stored(LESS[name])
    assert shows_less(old, new)
    found = [kind for change in changes(old, new) for kind in change.kinds]
    assert "removed" not in found
    assert found.count("shows-less") == 1


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        (ARTICLE.replace("forty cellars", "fifty cellars"), 0),
        (f"{OTHER}\n\n{ARTICLE}", 0),
        (f"{ARTICLE}\n\nCorrection: an earlier version named another engineer.", 0),
        *((without(number), 1) for number in (3, 5, 7)),
        (without(2, 4), 1),
        (without(7) + "\n\nCorrection: an earlier version quoted a volunteer.", 1),
        (REWRITTEN, 0),
    ],
)
def test_an_edit_of_the_outlet_replaces_the_article(text: str, removed: int) -> None:
    old, new = stored(ARTICLE), stored(text)
    assert shows_less(old, new) == ""
    assert sum("removed" in change.kinds for change in changes(old, new)) >= removed
    assert not any("shows-less" in change.kinds for change in changes(old, new))


@pytest.mark.parametrize("name", ["front-en", "plans-de", "another article", "offer with names", "topics"])
def test_a_later_day_and_a_new_writer_are_no_evidence_of_another_text(name: str) -> None:
    day = PartialDate(value="2026-03-05", precision="instant", source="json-ld")
    for old in (stored(ARTICLE), stored("\n\n".join(PARAGRAPHS[:4]))):
        assert shows_less(old, stored(LESS[name], byline=("Ida Brandt",), updated=day, published=day))


def test_a_prompt_behind_the_text_is_evidence_that_its_end_is_missing() -> None:
    cut = stored(without(7), notes=(f"{PAYWALL}the text ends at: Members read on.",))
    assert shows_less(stored(ARTICLE), replace(cut, notes=())) == ""
    assert shows_less(stored(ARTICLE), cut)
    assert shows_less(replace(stored(ARTICLE), notes=cut.notes), cut) == ""


def test_the_article_is_believed_and_not_a_wall_in_one_of_its_revisions() -> None:
    offer, rewritten = stored(LESS["offer with names"]), stored(REWRITTEN)
    assert believed([stored(ARTICLE), offer]) == stored(ARTICLE)
    assert believed([stored(ARTICLE), offer, rewritten, offer]) == rewritten
    assert believed([stored(PARAGRAPHS[0]), stored(ARTICLE), stored(PARAGRAPHS[0])]) == stored(ARTICLE)


def test_the_article_replaces_what_stood_before_it() -> None:
    teaser = stored("\n\n".join(PARAGRAPHS[:2]), notes=("paywall: the text is short",))
    assert shows_less(teaser, stored(ARTICLE)) == ""
    caption = stored("Water in the old town. Picture of the week.")
    assert shows_less(caption, stored(ARTICLE, byline=("Ida Brandt",))) == ""
    assert shows_less(caption, replace(stored("\n\n".join(MARKETING.values())), published=None))
