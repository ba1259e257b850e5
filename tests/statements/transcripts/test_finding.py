"""Names in front of their words or behind them: transcripts, interviews, labels, posts; and who is interviewed."""

import pytest
from msgspec.structs import replace

from searchkit.statements.packs import pack_for
from searchkit.statements.text import paragraphs
from searchkit.statements.transcripts import finding as labels
from searchkit.statements.transcripts.finding import Label, find_turns, interviewee
from searchkit.statements.transcripts.labels import labeled_lines
from tests.cases import cases
from tests.statements.scene import ENGLISH, PEOPLE, article, named

INTRODUCED = "Nadia Korbel met Igor Malt at the quay."


def found(text: str, person: str = PEOPLE) -> tuple[Label, ...]:
    """The labels of `text`."""
    assert ENGLISH is not None
    return labels.find(article(text), paragraphs(text), named(text, person=person), ENGLISH)


def labeled(*lines: str) -> list[tuple[str, str, str]]:
    """Rule, name and words of every labeled paragraph."""
    text = "\n\n".join(lines)
    return [(label.rule, label.name.of(text) if label.name else "", label.content.of(text)) for label in found(text)]


@pytest.mark.parametrize(("line", "label"), cases(__file__, "test_one_line"))
def test_one_line(line: str, label: tuple[str, str, str]) -> None:
    assert labeled(INTRODUCED, line) == [label]


@pytest.mark.parametrize("line", cases(__file__, "test_no_label"))
def test_no_label(line: str) -> None:
    assert labeled(INTRODUCED, line) == []


def test_an_entry_of_a_live_blog_is_wholly_of_whoever_writes_it() -> None:
    entries = [
        "07:42 Good morning, all.",
        "08:10 Our harbor editor, Nadia Korbel, writes: It is old. It was never new, and nobody minds.",
        "08:55 Malt has left.",
    ]
    text = "\n\n".join(entries)
    (label,) = found(text)
    assert (label.rule, label.content.of(text)) == ("entry", "It is old. It was never new, and nobody minds.")
    assert label.cue is not None and label.cue.of(text) == "writes"
    assert label.name is not None and label.name.of(text) == "Our harbor editor, Nadia Korbel"


def test_a_transcript_needs_turns_of_a_known_person() -> None:
    turns = ["KORBEL: It is old.", "I mind.", "MALT: Why so?", "KORBEL: It is wet."]
    assert labeled(INTRODUCED, *turns) == [
        ("transcript", "KORBEL", "It is old."),
        ("transcript", "KORBEL", "I mind."),
        ("transcript", "MALT", "Why so?"),
        ("transcript", "KORBEL", "It is wet."),
    ]
    assert [label.turn is not None for label in found("\n\n".join([INTRODUCED, *turns]))] == [True, True, False, False]
    assert labeled("Korbel: It is old.", "The quay is closed.") == []
    assert labeled(INTRODUCED, "WARNING: It is old.", "WARNING: It is wet.") == []


@pytest.mark.parametrize(
    "entry", ["08:10 Korbel says: It is old.", "08:10 Korbel writes: “It is old.”", "Korbel writes: It is old."]
)
def test_other_entries_have_no_label(entry: str) -> None:
    assert labeled("07:42 Nadia Korbel and Igor Malt are here.", entry, "08:55 Malt left.", "09:00 Rain.") == []


INTERVIEWED = "Nadia Korbel, 44, runs the quay that Igor Malt built. She spoke to the Harbor Ledger."


def turns(*lines: str, language: str = "en") -> list[tuple[str | None, str]]:
    """Who takes each turn (None: nobody can be told, "?": the label must tell), and its words."""
    pack = pack_for(language)
    assert pack is not None
    text = "\n\n".join(lines)
    spans = paragraphs(text)
    found = find_turns(article(text), spans, named(text, person=PEOPLE), pack, labeled_lines(text, spans, pack))
    return [("?" if turn.voice is None else turn.voice.name or None, turn.content.of(text)) for turn in found]


def said(*lines: str) -> list[str]:
    """The words of each turn."""
    return [words for _, words in turns(*lines)]


@pytest.mark.parametrize(("asks", "answers"), [("Q:", "A:"), ("Q.", "A."), ("Question:", "Answer:"), ("Q1:", "A1:")])
def test_who_is_interviewed_answers(asks: str, answers: str) -> None:
    found = turns(INTERVIEWED, f"{asks} Is it old?", f"{answers} I think so.", f"{asks} And wet?", f"{answers} It is.")
    assert found == [
        (None, "Is it old?"),
        ("Nadia Korbel", "I think so."),
        (None, "And wet?"),
        ("Nadia Korbel", "It is."),
    ]


def test_a_broadcast_names_its_people_in_labels() -> None:
    found = turns(
        "VERA LIND, HOST: The quay is old.",
        "IGOR MALT, BYLINE: It is. I saw it.",
        "(SOUNDBITE OF A SHIP)",
        "I saw it twice.",
        "LIND: Really?",
        "MALT: Really.",
    )
    assert found == [
        ("Vera Lind", "The quay is old."),
        ("Igor Malt", "It is. I saw it."),
        ("Igor Malt", "I saw it twice."),
        ("Vera Lind", "Really?"),
        ("Igor Malt", "Really."),
    ]


@pytest.mark.parametrize(("lines", "speakers"), cases(__file__, "test_who_speaks"))
def test_who_speaks(lines: tuple[str, ...], speakers: str) -> None:
    assert [(who or "-").split()[-1] for who, _ in turns(*lines)] == speakers.split()


INTERVIEW = ("Q: Is it old?", "A: I think so.")


@pytest.mark.parametrize("paragraph", cases(__file__, "test_a_turn_goes_on"))
def test_a_turn_goes_on(paragraph: str) -> None:
    assert said(INTERVIEWED, *INTERVIEW, paragraph, "Q: And wet?", "A: It is.")[2] == paragraph


@pytest.mark.parametrize("paragraph", cases(__file__, "test_the_writer_breaks_in"))
def test_the_writer_breaks_in(paragraph: str) -> None:
    assert said(INTERVIEWED, *INTERVIEW, paragraph, "Q: And wet?", "A: It is.") == [
        "Is it old?",
        "I think so.",
        "And wet?",
        "It is.",
    ]


@pytest.mark.parametrize(("paragraph", "goes_on"), cases(__file__, "test_after_the_last_label_the_writer_is_expected"))
def test_after_the_last_label_the_writer_is_expected(paragraph: str, goes_on: bool) -> None:
    assert (said(INTERVIEWED, *INTERVIEW, paragraph)[2:] == [paragraph]) is goes_on


def test_a_long_text_between_two_excerpts_is_no_turn() -> None:
    between = ["The quay is long and the port is old."] * 12
    assert len(said(INTERVIEWED, *INTERVIEW, *between, "Q: And wet?", "A: It is.")) <= 4 + 6


@pytest.mark.parametrize("lines", cases(__file__, "test_lists_are_no_transcripts"))
def test_lists_are_no_transcripts(lines: tuple[str, ...]) -> None:
    assert turns("Nadia Korbel met Igor Malt.", *lines) == []


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("de", ("Nadia Korbel leitet das Amt.", "Frage: Ist er alt?", "Antwort: Sehr alt.", "Er bleibt, meine ich.")),
        ("fr", ("Nadia Korbel dirige le port.", "Q : Le quai est vieux ?", "R : Très vieux.", "Je le dis souvent.")),
    ],
)
def test_other_languages(language: str, lines: tuple[str, ...]) -> None:
    assert [who for who, _ in turns(*lines, language=language)] == [None, "Nadia Korbel", "Nadia Korbel"]


def told(introduction: str, *, byline: tuple[str, ...] = ()) -> tuple[str, bool] | None:
    """Who is interviewed after `introduction`, and whether it says so."""
    assert ENGLISH is not None
    text = f"{introduction}\n\nQ: Is it old?\n\nA: It is, as Vera Lind says."
    spans, people = paragraphs(text), named(text, person=f"{PEOPLE}; Frequently")
    scene = replace(article(text), byline=byline)
    for stated in (True, False):
        found = interviewee(scene, spans, people, ENGLISH, len(spans) - 2, stated=stated)
        if found is not None:
            return found.name, stated
    return None


@pytest.mark.parametrize("introduction", cases(__file__, "test_the_introduction_tells"))
def test_the_introduction_tells(introduction: str) -> None:
    assert told(introduction) == ("Nadia Korbel", True)


def test_whoever_writes_does_not_answer() -> None:
    assert told("Igor Malt sat down with Nadia Korbel.", byline=("Igor Malt",)) == ("Nadia Korbel", True)


def test_the_only_person_named_is_taken_but_not_told() -> None:
    assert told("Nadia Korbel runs the quay.") == ("Nadia Korbel", False)


def test_after_a_long_text_only_what_stands_near_introduces() -> None:
    text = "\n\n".join(["Igor Malt left.", *["It is old."] * 9, "Nadia Korbel testified."])
    assert told(text) == ("Nadia Korbel", False)
    text = "\n\n".join(["It is old.", "We spoke to Igor Malt.", *["It is wet."] * 6, "Nadia Korbel testified."])
    assert told(text) == ("Nadia Korbel", False)


@pytest.mark.parametrize("introduction", cases(__file__, "test_nobody_is_told_where_it_may_be_several"))
def test_nobody_is_told_where_it_may_be_several(introduction: str) -> None:
    assert told(introduction) is None
