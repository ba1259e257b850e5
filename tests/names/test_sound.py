"""Which spellings sound alike."""

import pytest

from searchkit.statements import sound
from searchkit.statements.text import name_key
from tests.cases import cases


@pytest.mark.parametrize("spellings", cases(__file__, "test_spellings_that_sound_alike"))
def test_spellings_that_sound_alike(spellings: str) -> None:
    assert len({sound(name_key(name)) for name in spellings.split()}) == 1


@pytest.mark.parametrize("names", ["Korbel Korbelova", "Havel Pavel", "Tiandy Tianjin", "Lindqvist Lundqvist"])
def test_names_that_do_not(names: str) -> None:
    assert len({sound(name_key(name)) for name in names.split()}) == 2
    assert sound(name_key("李洛美")) == sound(name_key("Li Luomei")) != sound(name_key("李明"))
    assert sound("xu") == sound("wang") == ""
