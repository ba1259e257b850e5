import pytest

from tests.extract.scene import find, said


@pytest.mark.parametrize(
    "text",
    [
        "It is false that Nadia Korbel said the quay was closed.",
        "It is not true that Nadia Korbel said the quay was closed.",
        "There is no evidence that Nadia Korbel said the quay was closed.",
        "If Nadia Korbel says the quay is closed, sell.",
        "If Korbel says she is innocent, she must prove it.",
        "Unless Korbel says the quay is closed, boats will land.",
        "In case Korbel says the quay is closed, boats will land elsewhere.",
        "Asked if she said the quay was closed, Nadia Korbel nodded.",
        "It is unclear whether Nadia Korbel said the quay was closed.",
        "Did Nadia Korbel say that the quay was closed?",
        "Nobody said that the quay was closed.",
        "No official said that the quay was closed.",
        "Neither Korbel nor Malt said that the quay was closed.",
        "Korbel no longer says that the quay is closed.",
        "Korbel never said that the quay was closed.",
        "Korbel refused to say whether the quay was closed.",
        "Korbel stopped saying the quay was closed.",
        "Korbel avoided saying that the quay was closed.",
        "Korbel left without saying that the quay was closed.",
        "One officer asked not to be named because of the talks.",
        "One officer asked to remain anonymous because of the talks.",
        "One officer asked that she not be identified because of the talks.",
    ],
)
def test_what_nobody_said_is_no_statement(text: str) -> None:
    assert said(text) == []


def test_denying_to_have_said_it_is_a_denial() -> None:
    for text in (
        "Nadia Korbel denied saying that the quay was closed.",
        "Nadia Korbel denied having said that the quay was closed.",
    ):
        [found] = find(text)
        assert found.verb == "deny"
        assert found.content.of(text) == "the quay was closed"
        assert found.cue is not None
        assert found.cue.of(text).startswith("denied")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Korbel said that if the quay closes, boats will land elsewhere.", "if the quay closes, boats will land"),
        ("Asked whether the quay was sold, Nadia Korbel said it was not.", "it was not"),
        ("No. 2 official Nadia Korbel said that the quay was closed.", "the quay was closed"),
        ("Nadia Korbel, who asked not to be named, said the quay was closed.", "the quay was closed"),
        ("Nadia Korbel asked that the quay be named after Lind.", "the quay be named after Lind"),
        ("Korbel denied that the quay was closed.", "the quay was closed"),
    ],
)
def test_conditions_and_denials_elsewhere_leave_the_statement(text: str, words: str) -> None:
    assert len(said(text)) == 1
    assert said(text)[0].startswith(words)
