import pytest

from searchkit.parse.html.outlets import outlet_of
from searchkit.parse.html.titles import agree, outlet_part, without_outlet


@pytest.mark.parametrize(
    ("title", "outlet", "host", "parts"),
    [
        ("Cranes | Harbor Ledger", "Harbor Ledger", "", ("Cranes", "Harbor Ledger")),
        ("Cranes — HARBOR LEDGER", "Harbor Ledger", "", ("Cranes", "HARBOR LEDGER")),
        ("Harbor Ledger: Cranes", "Harbor Ledger", "", None),  # a colon without a blank before it is the title's own
        ("Harbor Ledger - Cranes - Ports", "Harbor Ledger", "", ("Cranes - Ports", "Harbor Ledger")),
        ("Cranes - harborledger.example", "", "www.harborledger.co.uk", ("Cranes", "harborledger.example")),
        ("Cranes - The Harbor Ledger", "", "harborledger.com", ("Cranes", "The Harbor Ledger")),
        ("Cranes - two ledgers from the harbor", "", "harborledger.com", None),
        ("Cranes", "Cranes", "cranes.org", None),
        ("Cranes - -", "", "", None),
        ("Harbor Ledger: Cranes", "", "harborledger.example", ("Cranes", "Harbor Ledger")),
        ("Cranes: Ports", "", "harborledger.example", None),
        ("起重机停了两天_青溪报", "", "news.example", ("起重机停了两天", "青溪报")),
        (" - | - ", "", "a.b", None),
    ],
)
def test_the_outlet_in_a_title(title: str, outlet: str, host: str, parts: tuple[str, str] | None) -> None:
    assert outlet_part(title, outlet, host) == parts
    assert without_outlet(title, outlet, host, "") == (parts[0] if parts else title)


def test_a_heading_shows_where_the_title_ends() -> None:
    assert without_outlet("Cranes are sound | World | Daily", "", "", "Cranes are sound") == "Cranes are sound"
    assert without_outlet("Cranes are sound", "", "", "Cranes") == "Cranes are sound"


def test_titles_agree_when_they_share_half_their_words() -> None:
    assert agree("Cranes are sound, office says", "Cranes are sound")
    assert not agree("More from the river port", "Cranes are sound")
    assert not agree("", "Cranes")


def test_hosts_belong_to_sites() -> None:
    assert outlet_of("uk.reuters.com") == "Reuters"
    assert outlet_of("english.news.cn") == "Xinhua"
    assert outlet_of("notreuters.com") == ""
    assert outlet_of("") == ""


def test_what_follows_a_bar_is_a_section_if_it_is_short() -> None:
    assert without_outlet("Cranes are sound again | World", "", "", "") == "Cranes are sound again"
    assert without_outlet("Cranes | World", "", "", "") == "Cranes | World"
    title = "Cranes are sound | and other news from the river port"
    assert without_outlet(title, "", "", "") == title
