"""Languages: detected from small words or script, even against a plainly wrong declaration."""

import pytest

from searchkit.statements.annotation import annotate
from searchkit.statements.languages import with_language
from searchkit.statements.packs import has_pack, pack_for
from tests.cases import cases
from tests.limits import processor_time_below
from tests.statements.scene import article

ENGLISH = (
    "The harbor office of Ostrava said on Monday that it will not reopen the quay, as the cranes have "
    "been out of order for more than a year and nobody has come to repair them. The owners of the yard "
    "would like to have them back."
)
GERMAN = (
    "Das Hafenamt von Ostrava hat am Montag erklärt, dass der Kai nicht wieder geöffnet wird, weil die "
    "Kräne seit mehr als einem Jahr stillstehen und niemand sie repariert hat. Die Besitzer der Werft "
    "wollen sie wieder haben, und sie sind mit der Stadt im Gespräch, wie es nach dem Winter weitergehen "
    "kann. Es ist nicht das erste Mal, dass der Kai zu ist."
)
FRENCH = (
    "Le bureau du port d'Ostrava a dit lundi que le quai ne sera pas rouvert, parce que les grues sont en"
    " panne depuis plus d'un an et que personne n'est venu les réparer. Les propriétaires du chantier "
    "veulent les reprendre dans le mois."
)
OTHERS = dict(cases(__file__, "test_languages_without_a_pack"))


def identify(text: str) -> str | None:
    """Return the language of a text that declares none."""
    return with_language(article(text, language=None)).language


@pytest.mark.parametrize(("text", "code"), [(ENGLISH, "en"), (GERMAN, "de"), (FRENCH, "fr")])
def test_a_language_with_a_pack_is_detected_from_its_small_words(text: str, code: str) -> None:
    assert identify(text) == code
    read = with_language(article(text, language=None))
    assert read.language == code
    assert read.notes == (f"language: {code}, detected from its words",)


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_without_a_pack_is_not_taken_for_one_that_has_one(code: str) -> None:
    read = with_language(article(OTHERS[code], language=None))
    assert read.language == code
    assert "language-pack: none" in read.notes
    assert pack_for(read.language) is None


@pytest.mark.parametrize("code", ["tr", "sv"])
def test_quotations_are_found_in_a_text_without_a_label(code: str) -> None:
    (quote,) = annotate(article(OTHERS[code], language=None)).quotes
    assert quote.content.of(OTHERS[code])[0] in "“”"


@pytest.mark.parametrize("text", ["", "Nadia Korbel", "Port of Ostrava", "42", "„Nein“, sagte Lind."])
def test_a_short_text_decides_nothing(text: str) -> None:
    assert identify(text) is None
    scene = article(text, language=None)
    assert with_language(scene) is scene


def test_a_long_text_of_no_known_language_is_not_english() -> None:
    text = " ".join(f"kavo{number % 7} lumi teko rasi" for number in range(40))
    assert identify(text.replace("0", "a")) == "und"
    assert with_language(article(text, language=None)).notes == ("language: not known", "language-pack: none")


def test_a_declared_language_is_believed() -> None:
    for declared in ("en", "en-GB", "de", "fr", "es"):
        short = article("Lind said no.", language=declared)
        assert with_language(short).language == declared
    assert with_language(article(GERMAN, language="de-AT")).language == "de-AT"


def test_a_template_that_says_english_over_a_german_text_is_not_believed() -> None:
    read = with_language(article(GERMAN * 2, language="en"))
    assert read.language == "de"
    assert read.notes == ("language: de, detected from its words, declared as en",)
    assert with_language(article(OTHERS["ja"], language="en")).language == "ja"


def test_a_text_of_two_languages_stays_what_it_is_declared() -> None:
    assert with_language(article(f"{ENGLISH} {GERMAN} {ENGLISH}", language="en")).language == "en"


def test_detecting_twice_notes_once() -> None:
    once = with_language(article(OTHERS["es"], language=None))
    assert with_language(once) == once


def test_the_document_says_which_language_was_read_and_that_there_is_no_pack() -> None:
    document = annotate(article(OTHERS["nl"] + " „Er komt geen monteur meer“, klonk het.", language=None))
    assert document.language == "nl"
    assert "language-pack: none" in document.notes
    assert [quote.rule for quote in document.quotes] == ["marks-only"]
    assert document.quotes[0].confidence < 0.5
    assert document.quotes[0].speaker.name is None


@pytest.mark.parametrize("text", ["\ud800 ", "ы" * 9, "а" * 3_000, "a " * 3_000, "\x00", "。" * 99, "Ä" * 2_500])
def test_odd_text_never_raises(text: str) -> None:
    code = identify(text)
    assert code is None or isinstance(code, str)
    assert has_pack(None)


def test_detection_reads_the_beginning_only() -> None:
    identify(ENGLISH)
    with processor_time_below(0.5):
        for _ in range(20):
            identify(ENGLISH * 2_000)
