"""Outlets by host, and their names in titles."""

import pytest

from searchkit.parse.html.outlets import country_of, name_of, outlet_of, split_outlet, titles_agree, without_outlet
from tests.cases import cases


@pytest.mark.parametrize(("host", "outlet"), cases(__file__, "test_outlets"))
def test_outlets(host: str, outlet: str) -> None:
    assert outlet_of(host) == outlet


@pytest.mark.parametrize(("host", "country"), cases(__file__, "test_countries"))
def test_countries(host: str, country: str) -> None:
    assert country_of(host) == country


@pytest.mark.parametrize(("stated", "host", "name"), cases(__file__, "test_an_outlet_has_one_name"))
def test_an_outlet_has_one_name(stated: str, host: str, name: str) -> None:
    assert name_of(stated, host) == name


@pytest.mark.parametrize(("title", "outlet", "host", "parts"), cases(__file__, "test_the_outlet_in_a_title"))
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
