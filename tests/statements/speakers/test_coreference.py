"""Whom words that are no name point to, each rule alone."""

import pytest

from tests.cases import cases
from tests.statements.scene import who


def last(text: str, **kinds: str) -> tuple[str | None, str]:
    return who(text, **kinds)[-1]


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_he_and_she"))
def test_he_and_she(text: str, name: str | None) -> None:
    found, by = last(text, person="Nadia Korbel; Igor Malt; Vera Lind; Emil Rus")
    assert (found, by) == (name, "pronoun" if name else "unresolved")


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_whom_he_means_after_another_name"))
def test_whom_he_means_after_another_name(text: str, name: str | None) -> None:
    assert last(text, person="Igor Malt; Emil Rus")[0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_offices_and_descriptions"))
def test_offices_and_descriptions(text: str, name: str | None) -> None:
    assert last(text, person="Igor Malt")[0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_bodies"))
def test_bodies(text: str, name: str | None) -> None:
    assert last(text, company="Veltra Pumps; Orsa Motors", organisation="Harbor Union; Coal Union")[0] == name


@pytest.mark.parametrize(("text", "name"), cases(__file__, "test_documents_speak_for_who_issued_them"))
def test_documents_speak_for_who_issued_them(text: str, name: str | None) -> None:
    assert last(text, person="Nadia Korbel")[0] == name
