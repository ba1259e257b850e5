"""The sets of words that names may be taken for."""

from searchkit.extract.names.look_alikes import look_alikes


def test_words_stand_in_the_sets_they_belong_to() -> None:
    alike = look_alikes()
    assert "Jordan" in alike.given
    assert "Jordan" in alike.person_like
    assert "Turkey" in alike.plain_like
    assert "Deputy" in alike.modifiers
    assert "Ostrava" not in alike.given | alike.person_like | alike.plain_like
