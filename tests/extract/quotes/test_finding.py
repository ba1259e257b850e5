import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.extract.quotes import finding as quotes
from searchkit.text import normalize
from tests.extract.scene import article, find, said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("“The quay is closed,” Korbel said.", ["“The quay is closed,”"]),
        ("“The quay is closed,” said Nadia Korbel.", ["“The quay is closed,”"]),
        ("“Is the quay closed?” Korbel asked.", ["“Is the quay closed?”"]),
        ("Korbel said: “The quay is closed.”", ["“The quay is closed.”"]),
        ("Korbel said on Monday in a statement that the quay is closed.", ["the quay is closed"]),
        ("Korbel told reporters the quay is closed.", ["the quay is closed"]),
        ("Korbel told the Harbor Union that the quay is closed.", ["the quay is closed"]),
        ("The quay is closed, Korbel said.", ["The quay is closed"]),
        ("The quay is closed, said Nadia Korbel, head of the Ostrava Trade Office.", ["The quay is closed"]),
        ("According to Korbel, the quay is closed.", ["the quay is closed"]),
        ("The quay is closed, according to Korbel.", ["The quay is closed"]),
        ("Korbel left early, saying the quay was closed.", ["the quay was closed"]),
        ("Korbel said the quay is closed, adding that it is old.", ["the quay is closed", "it is old"]),
        ("Korbel said the quay is closed and added that it is old.", ["the quay is closed", "it is old"]),
        ("The quay, Korbel said, will close.", ["The quay", "will close"]),
        ("The quay is old, as Korbel said.", ["The quay is old"]),
        ("Korbel has vowed to reopen the quay.", ["to reopen the quay"]),
        ("Korbel urged the Harbor Union not to strike.", ["not to strike"]),
        ("Korbel asked whether the quay was closed.", ["whether the quay was closed"]),
        ("Korbel called the plan “a fraud.”", ["the plan “a fraud.”"]),
        ("Korbel was quoted as saying the quay is closed.", ["the quay is closed"]),
        ("Korbel said the quay is “not fit for use.”", ["the quay is “not fit for use.”"]),
        ("Korbel accused the Harbor Union of a 'double standard'.", ["the Harbor Union of a 'double standard'"]),
        ("Korbel accused the office of “lies” and of “theft”.", ["the office of “lies” and of “theft”"]),
        ("On Monday the quay was closed, Korbel said.", ["On Monday the quay was closed"]),
        ("On Monday the ship sank, Korbel said.", ["On Monday the ship sank"]),
        ("Korbel said that Malt had said it is old.", ["Malt had said it is old"]),
        ("Korbel has said it is safe and has rejected talk of “theft”.", ["it is safe", "talk of “theft”"]),
        ("When Korbel said the quay was old, the office closed it.", ["the quay was old"]),
        ("Korbel said the quay is old, though Malt said it is new.", ["the quay is old", "it is new"]),
        ("Korbel said the quay is old, citing a letter.", ["the quay is old"]),
        ("Korbel told Malt, the head of the union, that the quay is old.", ["the quay is old"]),
        ("Korbel said at a fair in Brno, Moravia, that the quay is old.", ["the quay is old"]),
        ("Korbel told the office to close the quay.", ["to close the quay"]),
        ("Korbel warned the office to expect ships that leak.", ["to expect ships that leak"]),
        ("Korbel took to the radio to say that the quay is old.", ["the quay is old"]),
        ("Korbel continues to insist that the quay is old.", ["the quay is old"]),
        ("Korbel went on to say that the quay is old.", ["the quay is old"]),
        ("In the words of Korbel, “it is a ruin”.", ["“it is a ruin”"]),
        ("As Korbel put it, “it is a ruin”.", ["“it is a ruin”"]),
        ("“It is a ruin,” as Korbel put it.", ["“It is a ruin,”"]),
        ("Korbel repeated the claim that the quay is old.", ["the quay is old"]),
        ("Despite Korbel's claim that the quay is old, it holds.", ["the quay is old"]),
        ("Korbel's insistence that the quay was old angered the office.", ["the quay was old"]),
        ("Korbel said “it is late” and waved.", ["“it is late”"]),
        ("Korbel said, “It is late,” until the bells rang.", ["“It is late,”"]),
        ("Korbel said “no” when the union asked.", ["“no”"]),
        ("Is the quay closed, Korbel asked.", ["Is the quay closed"]),
        ("Korbel said that was not so.", ["that was not so"]),
        ("Korbel claimed in that speech the quay was closed.", ["the quay was closed"]),
        ("Korbel said the quay is old; it was built in May.", ["the quay is old"]),
        ("Korbel said the quay is old — and Malt said it is wet.", ["the quay is old", "it is wet"]),
        ("Observers in the port say the quay is old.", ["the quay is old"]),
        ("“Each time,” Korbel said, pointing at the quay, “it leaks.”", ["“Each time,”", "“it leaks.”"]),
        ("On the show “Harbor News,” Nadia Korbel said the quay is old.", ["the quay is old"]),
        ("However, Korbel said, the quay is old.", ["the quay is old"]),
        ("Korbel said sales fell.", ["sales fell"]),
        ("Korbel said goodbye.", []),
        ("Korbel maintained his “hold” rating on the quay.", []),
        ("The quay is old, Korbel argues, and the old beams creak.", ["The quay is old", "and the old beams creak"]),
        ("If it rained, Korbel said, the quay would close.", ["the quay would close"]),
        ("“It is old. Is it?” Korbel said, adding that it would close.", ["“It is old. Is it?”", "it would close"]),
        ("There may be some losses, Korbel said.", ["There may be some losses"]),
        ("Up to ten boats are likely to sink, Korbel said.", ["Up to ten boats are likely to sink"]),
        ("The quay is old, Harbor Union (HU) head Vera Lind said.", ["The quay is old"]),
        ("The quay is old, port and union officials said.", ["The quay is old"]),
        ("The quay is old, informed sources said.", ["The quay is old"]),
        ("The quay is old, head of the office, Nadia Korbel, said.", ["The quay is old"]),
        ("The pilots who met the office said it is old.", ["it is old"]),
        ("Growers, however, said it is old.", ["it is old"]),
        ("The fund, at a meeting, said it is old.", ["it is old"]),
        ("Korbel said, however, the quay is old.", ["the quay is old"]),
        ("Korbel said in March 2024, it was closed.", ["it was closed"]),
        ("Korbel said much of the quay was lost.", ["much of the quay was lost"]),
        ("Korbel added night boats would not help.", ["night boats would not help"]),
        ("Korbel told the council, which is an old body, that it is wet.", ["it is wet"]),
        ("Rain, which was light, is due, Korbel said.", ["Rain, which was light, is due"]),
        (
            "Old boats sink in the harbor every night, Korbel added, without smiling.",
            ["Old boats sink in the harbor every night"],
        ),
        ("Referring to the quay, its walls and its age, Korbel said, “It is old.”", ["“It is old.”"]),
        ("That oil planner said the quay is old.", ["the quay is old"]),
        ("Korbel said J.P. Harbors is old.", ["J.P. Harbors is old"]),
        ("Malt claims that the quay is old, the office said.", ["Malt claims that the quay is old"]),
        ("Malt said the quay is old, according to Korbel.", ["Malt said the quay is old"]),
        ("Malt said it is old, but it holds, Korbel said.", ["Malt said it is old, but it holds"]),
        ("Korbel recommended that the quay be closed.", ["the quay be closed"]),
        ("The pumps, says Nadia Korbel, can run.", ["The pumps", "can run"]),
        ("Korbel added, “the quay, the old one,” has been closed.", ["“the quay, the old one,” has been closed"]),
        ("Asked about the quay, “No,” Korbel said.", ["“No,”"]),
        ("Korbel told us the office closed the quay they had built.", ["the office closed the quay they had built"]),
        ("Of the pilots they asked, those the office surveyed said it is old.", ["it is old"]),
    ],
)
def test_each_place_that_words_can_have_around_a_cue(text: str, words: list[str]) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "Korbel did not say that the quay is closed.",
        "Korbel declined to say whether the quay is closed.",
        "Korbel was told that the quay is closed.",
        "The office added 36 companies to its list.",
        "What Korbel says matters to nobody.",
        "The report on the quay is long.",
        "The “quay” is wide and the “harbor” is not.",
        "Korbel said so.",
        "He works in the state of Moravia.",
        "Korbel read “The Long Way Home”.",
        "Korbel pledged to reopen the quay.",
        "Good food helps maintain a long life.",
        "Some farm state lawmakers are at work.",
        "It is worth noting that the quay is old.",
        "The office has rules that could close it.",
        "Korbel went on to win that year.",
        "Korbel wrote for people in that port.",
        "'Old Quay Holds.'",
        "Korbel said something about boats.",
        "The drugs act on one thing in the body, an enzyme found in the liver.",
        "Malt has a say in it, and the final say is his.",
        "Korbel has maintained a list of boats.",
        "Asked if the quay was closed, Korbel nodded.",
        "You said you wanted a new quay.",
        "The other member, Igor Malt, agreed.",
        "Best quay of the north: Harbor Union",
        "Korbel had to close the quay.",
        "| Team | “Won all the games” | “Lost it all here.” |",
        "“The Long Way Home from the Harbor”",
        "Korbel’s claim to the quay is old.",
    ],
)
def test_what_is_no_statement(text: str) -> None:
    assert said(text) == []


def test_an_appositive_is_not_an_inversion() -> None:
    text = "Vera Lind, director of the Ostrava Trade Office, said the newest of the quays will close."
    (found,) = find(text)
    assert found.content.of(text) == "the newest of the quays will close"
    assert found.attribution is not None
    assert found.attribution.of(text) == "Vera Lind"


def test_parts_of_a_split_quotation_share_a_group() -> None:
    text = "“It is old,” Korbel said, “and it is wet.” “We close it.”"
    found = find(text)
    assert [part.content.of(text) for part in found] == ["“It is old,”", "“and it is wet.”", "“We close it.”"]
    assert len({part.group for part in found}) == 1
    assert found[0].group is not None


def test_a_quotation_without_cue_is_kept_where_it_stands_alone() -> None:
    text = "“It is old,” Korbel said.\n\n“It has been wet for years.”\n\nThe “wet” quay is closed."
    assert [found.rule for found in find(text)] == ["before-cue", "uncued"]


def test_a_denial_keeps_its_negation_with_the_quoted_accusation() -> None:
    text = "The pumps do not have any “secret valves”, Korbel stressed."
    (found,) = find(text)
    assert found.kind == "mixed"
    assert found.content.of(text) == "The pumps do not have any “secret valves”"


def test_kinds_follow_the_share_of_letters_inside_marks() -> None:
    text = "“It is old,” Korbel said. Korbel said it is “wet”. Korbel said it is closed."
    assert [found.kind for found in find(text)] == ["direct", "mixed", "indirect"]


def test_cue_verb_and_attribution_are_spans_of_their_own() -> None:
    text = "“It is old,” an angry Nadia Korbel insisted."
    (found,) = find(text)
    assert found.cue is not None and found.attribution is not None
    assert (found.cue.of(text), found.verb) == ("insisted", "insist")
    assert found.attribution.of(text) == "an angry Nadia Korbel"


def test_a_particle_belongs_to_the_cue() -> None:
    text = "Korbel pointed out that the quay is closed."
    (found,) = find(text)
    assert found.cue is not None
    assert (found.cue.of(text), found.verb) == ("pointed out", "point out")


def test_a_colon_at_the_end_reaches_into_the_next_paragraph() -> None:
    text = "Korbel continued:\n\n“The quay is closed for good.”"
    (found,) = find(text)
    assert (found.content.of(text), found.verb) == ("“The quay is closed for good.”", "continue")


def test_a_quotation_may_run_over_paragraphs() -> None:
    text = "“The quay is closed.\n\n“It will stay closed,” Korbel said."
    (found,) = find(text)
    assert found.content.of(text).endswith("stay closed,”")
    assert found.kind == "direct"


def test_transcripts_and_labels() -> None:
    turns = ["KORBEL: The quay is closed.", "LIND: Since when is that so?", "KORBEL: Since May.", "LIND: I see."]
    text = "\n\n".join([*turns, "Nadia Korbel and Vera Lind met."])
    assert [(found.rule, found.content.of(text)) for found in find(text, person="Nadia Korbel; Vera Lind")] == [
        ("transcript", "The quay is closed."),
        ("transcript", "Since when is that so?"),
        ("transcript", "Since May."),
        ("transcript", "I see."),
    ]
    assert said("Note: The quay is closed.\n\nMore: The harbor is open.") == []


def test_a_name_after_a_dash_signs_the_quotation() -> None:
    text = "“The quay is closed for good.” — Nadia Korbel"
    assert [found.rule for found in find(text)] == ["signed"]


def test_a_dateline_is_no_part_of_the_words() -> None:
    assert said("OSTRAVA (Reuters) - The quay is closed, Korbel said.") == ["The quay is closed"]


def test_a_language_without_a_pack_gives_quotations_of_low_confidence() -> None:
    text = "Korbel sagte: „Der Kai ist für immer zu.“ Das „Wort“ fiel."
    (found,) = quotes.find(article(text, language="xx"), ()).statements
    assert (found.kind, found.rule, found.cue) == ("direct", "marks-only", None)
    assert found.confidence < 0.5


_PIECES = st.sampled_from(
    [
        "Korbel",
        "said",
        "that",
        ",",
        ".",
        "“",
        "”",
        '"',
        "\n\n",
        "he",
        "according to",
        "and added",
        ":",
        "the quay is old",
        "?",
        "—",
        "told",
        "‘",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=60).map(" ".join) | st.text(max_size=120))
def test_no_text_raises_and_all_spans_lie_inside(raw: str) -> None:
    text = normalize(raw)
    last = 0
    for found in find(text):
        assert 0 <= found.content.start < found.content.end <= len(text)
        assert last <= found.content.start
        last = found.content.start
        for span in (found.cue, found.attribution):
            assert span is None or 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize(
    "text", ["“" * 200_000, "said " * 40_000, "He said that " * 20_000, "A “b. " * 30_000, "X" * 500_000]
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    find(text)


def test_a_sentence_that_a_reported_pronoun_points_to_is_said_too() -> None:
    text = "The pumps move water alone. They do not harm anybody, Korbel stressed."
    assert [(found.rule, found.content.of(text)) for found in find(text)] == [
        ("lead-in", "The pumps move water alone"),
        ("before-cue", "They do not harm anybody"),
    ]
    assert said("The pumps move water alone. The harbor does not harm anybody, Korbel stressed.") == [
        "The harbor does not harm anybody"
    ]


def test_a_post_is_signed_with_its_handle() -> None:
    text = "The quay is closed and will stay so. — Nadia Korbel (@korbel) March 3, 2026"
    (found,) = find(text)
    assert (found.rule, found.content.of(text)) == ("post", "The quay is closed and will stay so.")


def test_a_quotation_after_a_colon_is_its_sentences_persons() -> None:
    text = "Nadia Korbel, who runs the office, on the length of forms: “We have added a page.”"
    (found,) = find(text)
    assert found.rule == "introduced"
    assert found.attribution is not None
    assert found.attribution.of(text) == "Nadia Korbel"


def test_short_words_in_marks_that_nobody_says_are_terms() -> None:
    text = "A so-called “smart quay” is 'green'. “Is it?” Korbel said the “old” quay is shut."
    read = quotes.find(article(text), ())
    assert [term.of(text) for term in read.terms] == ["“smart quay”", "'green'"]
    assert [found.content.of(text) for found in read.statements] == ["“Is it?”", "the “old” quay is shut"]


def test_a_coordinated_attribution_is_kept_whole() -> None:
    for text in ("Vera Lind and Igor Malt said it is old.", "“It is old,” said Vera Lind and Igor Malt."):
        (found,) = find(text)
        assert found.attribution is not None
        assert found.attribution.of(text) == "Vera Lind and Igor Malt"


def test_the_owner_of_a_claim_is_its_speaker() -> None:
    text = "The office repeated Igor Malt's claim that the quay is old."
    found = find(text)[-1]
    assert found.attribution is not None
    assert (found.verb, found.attribution.of(text)) == ("claim", "Igor Malt")


def test_a_noun_of_speech_is_searched_by_its_verb() -> None:
    assert [found.verb for found in find("Despite Malt's insistence that it is old, it holds.")] == ["insist"]


def test_a_row_of_a_table_has_no_terms() -> None:
    assert quotes.find(article("| Team | “Won” |"), ()).terms == ()
