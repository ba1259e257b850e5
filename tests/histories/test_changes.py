"""What outlets change in their statements, and what is no change."""

import pytest
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.histories.changes import changes
from searchkit.statements.annotation import annotate
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Document
from tests.cases import cases
from tests.histories.revisions import QUAY, compared, edited, revision, words
from tests.parse.pages import read

QUOTE = "The quay is unsafe and everyone in this room knew it"
START = "We can start as soon as the ice is gone"
SAID = f'"{START}," Vinje said.'
WARNED = "he had warned the council in 2019"


@pytest.mark.parametrize(("pairs", "expected"), cases(__file__, "test_each_kind_of_change_is_found"))
def test_each_kind_of_change_is_found(
    pairs: tuple[str, ...], expected: tuple[tuple[str, ...], str | None, str | None]
) -> None:
    assert expected in compared(QUAY, edited(*pairs))


WITHOUT_RULES = dict(cases(__file__, "test_words_in_a_language_without_rules_change_too"))


@pytest.mark.parametrize("language", WITHOUT_RULES)
@pytest.mark.parametrize(
    ("markup", "kind"), [("<p hidden>{}</p>", "hidden"), ("<p><s>{}</s></p>", "struck-out"), ("", "removed")]
)
def test_words_in_a_language_without_rules_change_too(language: str, markup: str, kind: str) -> None:
    def as_page(second: str) -> Document:
        blocks = [f"<p>{line}</p>" for line in WITHOUT_RULES[language]]
        blocks[1] = second.format(WITHOUT_RULES[language][1])
        return annotate(read(f"<html lang={language}><body><article><h1>Selden</h1>{''.join(blocks)}</article>"))

    assert [change.kinds for change in changes(as_page("<p>{}</p>"), as_page(markup))] == [(kind,)]


@pytest.mark.parametrize(
    ("markup", "kinds", "new"), cases(__file__, "test_hiding_and_striking_out_are_kinds_of_change")
)
def test_hiding_and_striking_out_are_kinds_of_change(
    markup: str, kinds: tuple[str, ...] | None, new: str | None
) -> None:
    def as_page(last: str) -> Document:
        blocks = "".join(f"<p>{line}</p>" for line in QUAY.replace(SAID, "@").split("\n\n"))
        body = blocks.replace("<p>@</p>", last.format(SAID))
        return annotate(read(f"<html><body><article><h1>Quay</h1>{body}</article></body></html>"))

    before, after = as_page("<p>{}</p>"), as_page(markup)
    found = [(change.kinds, *words(change, before, after)) for change in changes(before, after)]
    assert found == ([] if kinds is None else [(kinds, START, new)])


def test_a_statement_that_is_back_was_added() -> None:
    without = edited(f"{SAID}\n\n", "")
    assert compared(without, QUAY) == [(("added",), None, START)]


def test_several_kinds_hold_for_one_statement() -> None:
    new = edited(
        "Vinje said that he had warned the council in 2019", "Vinje claimed that he had begged the council in 2021"
    )
    assert compared(QUAY, new) == [(("reworded", "date", "verb"), WARNED, "he had begged the council in 2021")]


@pytest.mark.parametrize("pairs", cases(__file__, "test_an_edit_without_meaning_is_no_change"))
def test_an_edit_without_meaning_is_no_change(pairs: tuple[str, ...]) -> None:
    assert compared(QUAY, edited(*pairs)) == []
    assert compared(edited(*pairs), QUAY) == []


def test_a_denial_in_other_words_is_no_change() -> None:
    door = "The ferry sank on Monday.\n\nCaptain Ewan Strachan {} warned.\n\nThe hearing of the inquiry continues."
    denied, said = door.format("denied that he had been"), door.format("said that he had not been")
    assert compared(denied, said) == compared(said, denied) == []
    assert compared(denied, door.format("said that he had been"))[0][0] == ("reversed", "verb")
    more = door.format("said that he had not been").replace("warned.", "warned in time.")
    assert compared(denied, more)[0][0] == ("reworded", "verb")


LATE = """The ferry sank on Monday.

"We waited too long," Captain Ewan Strachan said. "The door of the hold was open."

The hearing of the inquiry continues."""


def test_a_sentence_behind_the_attribution_is_a_change_of_its_own() -> None:
    shorter = edited(' "The door of the hold was open."', "", text=LATE)
    assert compared(LATE, shorter) == [(("removed",), "The door of the hold was open", None)]
    assert compared(shorter, LATE) == [(("added",), None, "The door of the hold was open")]
    new = edited("open", "shut", text=LATE)
    assert compared(LATE, new) == [(("reversed",), "The door of the hold was open", "The door of the hold was shut")]


def test_a_statement_in_parts_has_one_change_of_speaker() -> None:
    waited = "We waited too long"
    assert compared(LATE, edited("Captain Ewan Strachan", "Mate Ann Lowe", text=LATE)) == [
        (("speaker",), waited, waited)
    ]


def test_a_pronoun_that_surely_means_another_is_another_speaker() -> None:
    text = """The harbour master, Per Vinje, met Mayor Inge Solbakk on Monday.

"The ice will be gone in May," Vinje said. He said the quay was too old to be used.

The work will take four months."""
    statement = "the quay was too old to be used"
    assert compared(text, edited("He said the", "Solbakk said the", text=text)) == [
        (("speaker",), statement, statement)
    ]
    assert compared(text, edited("He said the", "Vinje said the", text=text)) == []


def test_another_layout_is_no_change() -> None:
    lines = QUAY.split("\n\n")
    moved = "\n\n".join([lines[0], lines[3].replace("Vinje", "Per Vinje"), *lines[1:3], lines[4]])
    links = "Read more:\n- Minister says dam is safe\n- Who denied what\n\nShare this article: Mail | Print"
    page = f"By our staff\n\n{QUAY}\n\n{links}"
    for text in (QUAY.replace("\n\n", " "), QUAY.replace(". ", ".\n\n"), moved, page, QUAY.replace(" said", "  said")):
        assert compared(QUAY, text) == []


def test_words_outside_the_bounds_of_a_statement_are_not_reworded() -> None:
    quote = '"{} But I check everything," said Ann Lowe.'
    assert compared(quote.format("I trust my men."), quote.format('I trust my men." She paused. "')) == []


def test_revisions_of_different_extractor_versions_are_refused() -> None:
    old = replace(revision(QUAY), extractor_version="1")
    with pytest.raises(UsageError, match=r"extracted by versions 1 and \S+\. Re-annotate the older revision first\."):
        changes(old, revision(edited("unsafe", "old")))


def test_a_page_that_shows_less_removes_nothing() -> None:
    consent = "We value your privacy. We and our partners use cookies. Please accept them."
    for text, first_missing in (
        (QUAY[:200], "he had warned the council in 2019"),
        (consent, "The quay at Tolvik will be closed in May"),
        (f"{QUAY[:170]}\n\nSubscribe to read the full story.", "the repairs would cost 4.2 million crowns"),
    ):
        assert compared(QUAY, text) == [(("shows-less",), first_missing, None)]
    assert compared(QUAY, QUAY[:330]) == []


def test_the_rest_of_a_teaser_is_not_added() -> None:
    assert compared(QUAY[:160], QUAY) == []


# --- common phrases ---

HARL = """Three men were questioned over the fire in Harl.

"No comment," said Arne Holm.

The second man, Jon Tull, walked to his car. "No comment," said Tull.

Police said the fire had begun in a kitchen."""


def test_common_phrases_of_two_speakers_are_not_one_statement() -> None:
    first, second = '"No comment," said Arne Holm.\n\n', ' "No comment," said Tull.'
    assert compared(HARL, edited(first, "", text=HARL)) == []
    assert compared(edited(second, "", text=HARL), edited(first, "", text=HARL)) == []


def test_short_quotes_are_compared_in_their_place() -> None:
    assert compared(HARL, edited("Arne Holm", "Bo Berg", text=HARL)) == [(("speaker",), "No comment", "No comment")]
    new = edited('"No comment," said Arne', '"No comment today," said Arne', text=HARL)
    assert compared(HARL, new) == [(("reworded",), "No comment", "No comment today")]


def test_only_a_different_kind_of_unnamed_speaker_is_another_speaker() -> None:
    door = (
        "The fire in Harl began on Monday.\n\n{} said the door had been locked from outside.\n\nTwo men were released."
    )
    statement = "the door had been locked from outside"
    for old, new in (
        ("Police", "Prosecutors"),
        ("The ministry", "The union"),
        ("Ostwind spokesman Jan Berg", "Ostwind spokeswoman Ann Holm"),
    ):
        assert compared(door.format(old), door.format(new)) == [(("speaker",), statement, statement)]
    for old, new in cases(__file__, "test_only_a_different_kind_of_unnamed_speaker_is_another_speaker"):
        assert compared(door.format(old), door.format(new)) == [], (old, new)


# --- live blogs ---

STRIKE = """Bus strike: latest

14:20 - Talks have broken up, union negotiator Dolores Quint said.

13:05 - "We apologise to passengers," operations chief Hal Mosley said.

11:40 - Transport secretary Giles Overmark said the army would not be called in.

10:15 - Pickets have been joined by students, organiser Ann Lowe said."""


def test_a_live_blog_that_drops_old_entries_removes_nothing() -> None:
    newer = edited("14:20", '15:00 - "We will be back tomorrow," said Quint.\n\n14:20', text=STRIKE)
    shorter = newer.split("\n\n11:40")[0]
    for foot in ("", "\n\nFollow our live coverage here."):
        assert compared(STRIKE + foot, shorter + foot) == [(("added",), None, "We will be back tomorrow")]


def test_an_entry_cut_out_of_a_live_blog_is_removed() -> None:
    new = edited(
        "11:40 - Transport secretary Giles Overmark said the army would not be called in.\n\n", "", text=STRIKE
    )
    assert compared(STRIKE, new) == [(("removed",), "the army would not be called in", None)]


# --- corrections and times ---


@pytest.mark.parametrize(("old", "new", "note"), cases(__file__, "test_the_note_of_the_outlet_is_linked"))
def test_the_note_of_the_outlet_is_linked(old: str, new: str, note: str) -> None:
    before, after = (
        revision(old.format(QUAY)),
        revision(f"{new.format(edited('unsafe', 'old', '4.2', '6.8'))}\n\n{note}"),
    )
    first, *others = changes(before, after)
    assert first.correction is not None
    assert first.correction.of(after.text) == note
    assert [change.correction for change in others] == [None] * len(others)


def test_a_note_that_is_only_appended_adds_no_statement() -> None:
    note = 'Correction: An earlier version of this article misquoted Mayor Inge Solbakk. She said "the quay is old."'
    assert compared(QUAY, f"{QUAY}\n\n{note}") == []


@pytest.mark.parametrize(
    ("value", "old", "new", "developing"), cases(__file__, "test_a_change_lies_between_two_captures")
)
def test_a_change_lies_between_two_captures(value: str, old: str, new: str, developing: bool) -> None:
    precision = {25: "instant", 10: "day", 7: "month"}[len(value)]
    published = PartialDate(value=value, precision=precision, source="json-ld")  # type: ignore[arg-type]  # from a table
    before = revision(QUAY, published=published, fetched_at=old)
    after = revision(edited("unsafe", "old"), published=published, fetched_at=new)
    (change,) = changes(before, after)
    assert (change.after, change.before, change.developing) == (old, new, developing)
    assert words(change, before, after)[0] == QUOTE


def test_a_change_names_its_rule_and_how_much_is_the_same() -> None:
    (change,) = changes(revision(QUAY), revision(edited("unsafe", "old")))
    assert (change.rule, change.likeness) == ("similar words", 0.889)
