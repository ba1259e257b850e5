import tomllib

import pytest

from searchkit.names.aliases import read
from searchkit.names.similar import EntityCounts, groups
from searchkit.statements.text import slug
from tests.cases import cases
from tests.limits import processor_time_below


def _names(*said: str) -> list[EntityCounts]:
    """Entities written `kind:Name`, each named once less often than the one before."""
    parted = [one.partition(":") for one in said]
    return [
        EntityCounts(id=f"{kind}:{slug(name)}", name=name, kind=kind, documents=50 - number, said=0, about=0)
        for number, (kind, _, name) in enumerate(parted)
    ]


@pytest.mark.parametrize(("one", "other", "reason"), cases(__file__, "test_names_that_may_be_one"))
def test_names_that_may_be_one(one: str, other: str, reason: str) -> None:
    (group,) = groups(_names(one, other))
    assert group.head.name == one.partition(":")[2]
    assert [like.reason for like in group.alike] == [reason]


@pytest.mark.parametrize(("one", "other"), cases(__file__, "test_names_that_are_plainly_two"))
def test_names_that_are_plainly_two(one: str, other: str) -> None:
    assert groups(_names(one, other)) == ()


def test_which_names_make_groups() -> None:
    assert groups(_names("person:Nadia Korbel", "person:Nora Korbel", "person:N. Korbel")) == ()
    assert groups(_names("other:" + "a b " * 9, "company:" + "a b " * 9)) == (), "too long for the file"
    found = groups(_names("company:Velmar", "other:Velmar", "group:Uyghurs", "group:Uygurs"))
    assert [group.head.name for group in found] == ["Uyghurs", "Velmar"], "differences in kind come last"
    (group,) = groups(_names("person:N. Korbel", "person:Nadia Korbel"))
    assert group.head.name == "Nadia Korbel"


def test_what_the_user_has_settled_is_left_alone() -> None:
    names = _names("group:Uyghurs", "group:Uygurs", "group:Uighurs")
    settled = {"group:uyghurs", "group:uygurs"}
    (group,) = groups(names, settled=settled)
    assert [like.other.id for like in group.alike] == ["group:uighurs"]


def test_a_group_stands_around_its_head_and_its_entry_can_be_pasted() -> None:
    names = _names(
        "other:Tovo Steel", 'company:Tovo "Steel"', "company:Tovo Steel Ltd", "group:Uyghurs", "group:Uygurs"
    )
    found = groups(names)
    assert len(found) == 2
    entries = "\n".join(group.entry() for group in found)
    assert len(tomllib.loads(entries)["entity"]) == 2
    said = read(entries.encode(), "aliases.toml")
    assert {alias.kind for alias in said.entities} == {"company", "group"}
    assert {"Uyghurs", "Uygurs"} in [set(alias.names) for alias in said.entities]


def test_a_name_is_in_one_group_only() -> None:
    names = _names("other:Industrie", "other:Industries", "company:Industries Inc", "person:Industries")
    entries = "\n".join(group.entry() for group in groups(names))
    read(entries.encode(), "aliases.toml")


def test_hostile_names_make_valid_entries() -> None:
    names = _names('group:Uyghurs \x1b[2J"\\ \u202e\x9f\x7f', 'group:Uygurs \x1b[2J"\\ \u202e\x9f\x7f')
    (group,) = groups(names)
    (entry,) = tomllib.loads(group.entry())["entity"]
    assert {entry["name"], *entry["aliases"]} == {name.name for name in names}


def test_many_names_take_time_in_proportion() -> None:
    names = _names(*(f"person:{chr(97 + n % 26)}{n * 7919 % 10007:x}orbel {n:x}ovalind" for n in range(20_000)))
    names += _names(*(f"person:Nadia Korbel{'x' * n}" for n in range(200)))
    with processor_time_below(10):
        groups(names)
