"""Outlets by host."""

import pytest

from searchkit.parse.outlets import outlet_of


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
