"""Outlets by host."""

import pytest

from searchkit.parse.html.outlets import country_of, name_of, outlet_of


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
