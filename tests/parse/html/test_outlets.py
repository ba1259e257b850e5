"""Outlets by host, and their names in titles."""

import pytest

from searchkit.parse.html.outlets import country_of, name_of, outlet_of, split_outlet, titles_agree, without_outlet


@pytest.mark.parametrize(
    ("host", "outlet"),
    [
        ("reuters.com", "Reuters"),
        ("www.reuters.com", "Reuters"),
        ("UK.Reuters.com", "Reuters"),
        ("news.bbc.co.uk", "BBC News"),
        ("english.news.cn", "Xinhua"),
        ("www.english.news.cn", "Xinhua"),
        ("news.cn", ""),
        ("notreuters.com", ""),
        ("reuters.com.example.org", ""),
        ("co.uk", ""),
        ("com", ""),
        ("", ""),
        ("..", ""),
    ],
)
def test_outlets(host: str, outlet: str) -> None:
    assert outlet_of(host) == outlet


@pytest.mark.parametrize(
    ("host", "country"),
    [
        ("www.spiegel.de", "DE"),
        ("www.scmp.com", "HK"),
        ("apnews.com", "US"),
        ("reuters.com", ""),
        ("ledger.co.uk", "GB"),
        ("ledger.fr", "FR"),
        ("ledger.io", ""),
        ("ledger.example", ""),
        ("", ""),
    ],
)
def test_countries(host: str, country: str) -> None:
    assert country_of(host) == country


@pytest.mark.parametrize(
    ("stated", "host", "name"),
    [
        ("DER SPIEGEL", "www.spiegel.de", "Der Spiegel"),
        ("spiegel.de", "www.spiegel.de", "Der Spiegel"),
        ("BBC", "www.bbc.com", "BBC News"),
        ("the Guardian", "www.theguardian.com", "The Guardian"),
        ("Wirecutter", "www.nytimes.com", "Wirecutter"),
        ("", "www.nytimes.com", "The New York Times"),
        ("Harbor Ledger", "ledger.example", "Harbor Ledger"),
        ("", "ledger.example", ""),
    ],
)
def test_an_outlet_has_one_name(stated: str, host: str, name: str) -> None:
    assert name_of(stated, host) == name


@pytest.mark.parametrize(
    ("title", "outlet", "host", "parts"),
    [
        ("Cranes | Harbor Ledger", "Harbor Ledger", "", ("Cranes", "Harbor Ledger")),
        ("Cranes — HARBOR LEDGER", "Harbor Ledger", "", ("Cranes", "HARBOR LEDGER")),
        ("Harbor Ledger: Cranes", "Harbor Ledger", "", None),  # a colon without a blank before it belongs to the title
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
    assert split_outlet(title, outlet, host) == parts
    assert without_outlet(title, outlet, host, "") == (parts[0] if parts else title)


def test_a_heading_shows_where_the_title_ends() -> None:
    assert without_outlet("Cranes are sound | World | Daily", "", "", "Cranes are sound") == "Cranes are sound"
    assert without_outlet("Cranes are sound", "", "", "Cranes") == "Cranes are sound"


def test_titles_agree_when_they_share_half_their_words() -> None:
    assert titles_agree("Cranes are sound, office says", "Cranes are sound")
    assert not titles_agree("More from the river port", "Cranes are sound")
    assert not titles_agree("", "Cranes")


def test_a_short_part_after_a_bar_is_a_section() -> None:
    assert without_outlet("Cranes are sound again | World", "", "", "") == "Cranes are sound again"
    assert without_outlet("Cranes | World", "", "", "") == "Cranes | World"
    title = "Cranes are sound | and other news from the river port"
    assert without_outlet(title, "", "", "") == title
