"""Words that stand alone: whole ones are found however they are written, and those that others have are let go of."""

import json

import pytest

from searchkit.archive.erasure.own_words import OwnWords, words_of

ID = "0123456789ab"


@pytest.mark.parametrize(
    "written",
    [
        b"Quastenberg",
        b'query = "speaker:QUASTENBERG\'s"',
        "“Quastenberg’s”, said".encode(),
        b"quastenberg-notes_2.txt",
        b"https://ledger.example/2026/quastenberg?page=1",
        b"\xef\xbb\xbfQuastenberg",
        b"\xff\xfe" + "Quastenberg met".encode("utf-16-le"),
        "met Quastenberg".encode("utf-16-be"),
    ],
)
def test_a_word_is_found_however_it_is_written(written: bytes) -> None:
    assert OwnWords({"quastenberg": ID, "zwirnlock": ID}).within(written) == {"quastenberg"}


@pytest.mark.parametrize(
    "written",
    [
        "ÜBERZWIRN".encode(),
        "Überzwirn".encode(),
        json.dumps("Überzwirn").encode(),
        b"%C3%BCberzwirn",
        b"<b>&uuml;berzwirn</b>",
    ],
)
def test_a_word_with_accents_too(written: bytes) -> None:
    assert OwnWords({"überzwirn": ID}).within(written) == {"überzwirn"}


@pytest.mark.parametrize(
    "written", [b"quastenbergs", b"aquastenberg", b"quastenberg2", b"7quastenberg", b"", b"quasten"]
)
def test_a_part_of_a_word_is_another_one(written: bytes) -> None:
    assert OwnWords({"quastenberg": ID}).within(written) == set()


def test_many_are_found_as_few_are() -> None:
    made = ["".join(chr(97 + int(sign)) for sign in f"{number:06}") for number in range(400)]
    content = f"{made[7]} {made[399]}s {made[300].upper()}".encode()
    assert OwnWords(dict.fromkeys(made, ID)).within(content) == {made[7], made[300]}
    assert OwnWords(dict.fromkeys(made[:9], ID)).within(content) == {made[7]}


def test_the_words_of_a_document_are_whole_ones_of_letters_the_longest_first() -> None:
    found = words_of(["The Quastenberg, the gate of 2026: decade4f ab12cdefgh snake_words", "Wexel's GATES, gates"])
    assert found == ["quastenberg", "gates", "wexel"]


def test_what_others_have_and_what_searchkit_says_itself_is_let_go_of() -> None:
    words = OwnWords(dict.fromkeys(["quastenberg", "zwirnlock", "speaker", "documents", "überzwirn"], ID))
    words.drop(b"the zwirnlock is shut")
    words.drop(b'{"title":"\\u00dcberzwirn"}')
    assert words.by_word() == dict.fromkeys(["quastenberg", "speaker", "documents"], ID)
    words.drop_shipped()
    assert words.by_word() == {"quastenberg": ID}
    assert words.within(b"the zwirnlock of a Quastenberg") == {"quastenberg"}


def test_of_one_document_some_thousand_are_sought() -> None:
    made = words_of([" ".join("q" + "".join(chr(97 + int(sign)) for sign in f"{number:05}") for number in range(5000))])
    found = OwnWords({**dict.fromkeys(made, ID), "quastenberg": "ba9876543210"}).by_word()
    assert (len(found), found["quastenberg"]) == (3_001, "ba9876543210")
