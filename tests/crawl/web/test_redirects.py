"""Tests of whether a redirect leads to the same article."""

import pytest

from searchkit.crawl.web.redirects import (
    TO_FRONT_PAGE,
    TO_OTHER_PAGE,
    PageFingerprint,
    fingerprint,
    leads_elsewhere,
    leads_to_no_article,
    same_address,
    wall,
)
from tests.cases import cases
from tests.limits import processor_time_below

SITE = "https://ledger.example"
SENTENCES = [
    "The port of Velmar closed its bridge on Monday after an inspection had found a crack in its pillar",
    "Nadia Korbel, who speaks for the port authority, said that every bolt would be counted before it opens",
    "Ships that were expected until Thursday wait in the roads, and two of them have turned back already",
    "The ferry company said that it would run an hour longer each night for as long as the bridge is closed",
]
OTHERS = [
    "Fishermen of the eastern villages landed more herring in April than in any month of the last ten years",
    "The catch was sold within hours, said the auction house, to buyers from three towns along the coast",
    "Nobody knows where the shoals came from, and nobody expects them to come back before the next spring",
]


def shown(path: str, *sentences: str, title: str = "Bridge closed", head: str = "", more: str = "") -> PageFingerprint:
    text = "".join(f"<p>{sentence}.</p>" for sentence in sentences)
    heading = f"<h1>{title}</h1>" if title else ""
    page = f"<html><head><title>{title} - Velmar Ledger</title>{head}</head><body>{heading}{text}{more}</body></html>"
    return fingerprint(page.encode(), f"{SITE}{path}")


OLD = shown("/bridge.html", *SENTENCES)


@pytest.mark.parametrize(("one", "other", "same"), cases(__file__, "test_addresses_that_differ_in_spelling_only"))
def test_addresses_that_differ_in_spelling_only(one: str, other: str, same: bool) -> None:
    assert same_address(one, other) is same


SAME = [
    shown("/bridge.html/"),
    shown("/new", *SENTENCES),
    shown("/new", *SENTENCES, title="Bridge of Velmar stays closed"),
    shown("/new", SENTENCES[0], *OTHERS),  # rewritten under the same title
    shown("/new", *SENTENCES, *OTHERS[:1], title="Bridge closed for weeks"),
    shown("/new", SENTENCES[0], *OTHERS, title="Cracks", head=f"<link rel=canonical href='{SITE}/bridge.html'>"),
    shown("/new"),  # no text to compare, and the same title
    shown("/new", *(sentence.upper() for sentence in SENTENCES), title="x"),
]


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        *((new, "") for new in SAME),
        (shown("/", *SENTENCES), TO_FRONT_PAGE),  # a front page that shows the whole of its newest story
        (shown("/?utm=1", *OTHERS, title="Herring"), TO_OTHER_PAGE),
        (shown("/herring.html", *OTHERS, title="Herring"), TO_OTHER_PAGE),
        # A wrong canonical link does not make another text the same article.
        (
            shown("/new", *OTHERS, title="Herring", head=f"<link rel=canonical href='{SITE}/bridge.html'>"),
            TO_OTHER_PAGE,
        ),
        (shown("/morning", *OTHERS), TO_OTHER_PAGE),  # a column of one title, and another text every day
        (shown("/gone", title="This page has been removed"), TO_OTHER_PAGE),
        (shown("/login?next=/bridge.html"), "redirects to a login page"),
        (shown("/user/login.php", *SENTENCES), "redirects to a login page"),
        (shown("/consent/", *OTHERS), "redirects to a consent page"),
        (
            shown("/harbor", title="Harbor", more="".join(f"<a href='/{n}'>x</a>" for n in range(12))),
            "redirects to a list of pages",
        ),
        (fingerprint(b"%PDF-1.4 not markup \xff\xfe<<<<", f"{SITE}/bridge.pdf"), TO_OTHER_PAGE),
    ],
)
def test_redirects_that_lead_to_the_article_or_elsewhere(new: PageFingerprint, reason: str) -> None:
    assert leads_elsewhere(OLD, new) == reason


def test_words_of_an_article_address_are_not_a_login() -> None:
    new = shown("/news/account-of-a-bridge", *SENTENCES)
    assert wall(OLD.url, new.url) == ""
    assert leads_elsewhere(OLD, new) == ""
    assert wall(OLD.url, "https://login.ledger.example/x") != ""
    assert wall(OLD.url, "https://ledger.example/the-login-that-failed") == ""
    assert wall("https://register.example/bridge.html", "https://register.example/news/bridge") == ""
    assert wall("https://register.example/bridge.html", "https://register.example/login") != ""


def test_the_name_of_the_outlet_is_not_a_title() -> None:
    logo = "<h1>Velmar Ledger</h1>"
    old = shown("/a", *SENTENCES, more=logo)
    assert leads_elsewhere(old, shown("/gone", title="Page removed", more=logo)) == TO_OTHER_PAGE


def test_a_front_page_called_canonical_by_all_pages_proves_nothing() -> None:
    head = f"<link rel=canonical href='{SITE}/'>"
    old = shown("/bridge.html", *SENTENCES, head=head)
    assert leads_elsewhere(old, shown("/herring", *OTHERS, title="Herring", head=head)) == TO_OTHER_PAGE


def test_texts_in_any_script_and_encoding_are_compared() -> None:
    words = [
        "Порт Велмара закрыл мост в понедельник после того, как осмотр показал трещину в северной опоре моста",
        "Суда, которых ждали до четверга, стоят на рейде, а два из них уже повернули обратно в открытое море",
        "Паромная компания сообщила, что будет ходить на час дольше каждую ночь, пока не откроют движение",
    ]
    page = "<meta charset=windows-1251><p>" + "</p><p>".join(words)
    old = fingerprint(page.encode("cp1251"), f"{SITE}/a")
    new = fingerprint(page.encode(), f"{SITE}/b", "utf-8")
    assert len(old.sketch) > 200
    assert leads_elsewhere(old, new) == ""
    chinese = (
        "維爾馬港口管理局週一在年度檢查發現北橋墩出現裂縫後關閉了該港口的大橋並表示在每顆螺栓都清點完畢之前不會重新開放這座大橋"
        * 5
    )
    assert len(fingerprint(f"<p>{chinese}".encode(), f"{SITE}/a").sketch) > 40


def test_scripts_menus_and_footers_are_ignored() -> None:
    noise = "".join(
        f"<{name}>{'words that stand in no article at all ' * 9}</{name}>"
        for name in ("script", "NAV", "footer", "style")
    )
    assert shown("/a", more=f"{noise}<!-- {'remarks ' * 30} -->").sketch == frozenset()


def test_redirects_from_pages_that_were_never_fetched() -> None:
    assert leads_to_no_article(f"{SITE}/a", shown("/", *SENTENCES)) == TO_FRONT_PAGE
    assert leads_to_no_article(f"{SITE}", shown("/home", *SENTENCES)) == ""
    assert leads_to_no_article(f"{SITE}/a", shown("/b", *SENTENCES)) == ""
    assert leads_to_no_article(f"{SITE}/a", shown("/sso/start")) == "redirects to a login page"


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["<p>", "<nav>", "<script>", "<!--", "<a <", "<h1>", "<meta og:title content=", "&amp;", "<" * 50]
)
def test_a_flood_is_read_in_bounded_time(piece: str) -> None:
    with processor_time_below(8):
        fingerprint((piece * (2_000_000 // len(piece))).encode(), f"{SITE}/a")
