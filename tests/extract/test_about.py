from searchkit.extract.about import Targets
from searchkit.text import Span
from tests.extract.scene import article, named

TEXT = "Veltra Pumps met Vera Lind. The use of the company's valves is safe. Their aim is peace. We agree. Lind lies."


def _targets(*words: str, speaker: str | None = None) -> list[tuple[str, ...]]:
    targets = Targets(article(TEXT), named(TEXT, person="Vera Lind", company="Veltra Pumps"))
    spans = [Span(TEXT.index(part), TEXT.index(part) + len(part)) for part in words]
    return [targets.of(span, speaker) for span in spans]


def test_named_entities_in_order_but_for_the_speaker() -> None:
    assert _targets("Veltra Pumps met Vera Lind") == [("company:veltra-pumps", "person:vera-lind")]
    assert _targets("Veltra Pumps met Vera Lind", speaker="person:vera-lind") == [("company:veltra-pumps",)]


def test_the_company_is_the_last_company_named() -> None:
    assert _targets("The use of the company's valves is safe") == [("company:veltra-pumps",)]


def test_a_pronoun_carries_the_last_target_on_and_other_words_do_not() -> None:
    assert _targets("Lind lies", "Their aim is peace") == [("person:vera-lind",)] * 2
    assert _targets("Lind lies", "We agree") == [("person:vera-lind",), ()]
    assert _targets("Lind lies", "We agree", "Their aim is peace")[-1] == ("person:vera-lind",)
    assert _targets("Their aim is peace") == [()]


def test_a_pronoun_at_the_start_brings_the_last_target_along() -> None:
    assert _targets("The use of the company's valves is safe", "Their aim is peace. We agree. Lind lies")[-1] == (
        "company:veltra-pumps",
        "person:vera-lind",
    )
