"""Reports in German and French: cue, speaker and words, sentence by sentence; all people and bodies are invented."""

import pytest

from searchkit.extract.names import finding as names
from searchkit.extract.quotes import finding as quotes
from searchkit.extract.quotes.finding import Statement
from tests.extract.scene import article


def found(text: str, language: str = "de") -> list[Statement]:
    """The statements of `text` with the names found in it."""
    scene = article(text, language=language)
    return list(quotes.find(scene, names.find(scene)).statements)


def said(text: str, language: str = "de") -> list[tuple[str, str | None, str | None]]:
    """Words, attribution and verb of each statement."""
    return [
        (one.content.of(text), one.attribution.of(text) if one.attribution else None, one.verb)
        for one in found(text, language)
    ]


@pytest.mark.parametrize(
    ("text", "words", "who", "verb"),
    [
        ("„Der Kai bleibt zu“, sagte Emil Lindholt am Montag.", "„Der Kai bleibt zu“", "Emil Lindholt", "sagen"),
        ("Emil Lindholt sagte: „Der Kai bleibt zu.“", "„Der Kai bleibt zu.“", "Emil Lindholt", "sagen"),
        ("„Kommt der Kran?“ fragte sie.", "„Kommt der Kran?“", "sie", "fragen"),
        ("Lindholt sagte, dass der Kai zu bleibt.", "der Kai zu bleibt", "Lindholt", "sagen"),
        ("Lindholt erklärte, er habe den Kai gesperrt.", "er habe den Kai gesperrt", "Lindholt", "erklären"),
        ("Lindholt hat erklärt, der Kai sei gesperrt.", "der Kai sei gesperrt", "Lindholt", "erklären"),
        ("Gestern hatte Lindholt gesagt, der Kai werde gesperrt.", "der Kai werde gesperrt", "Lindholt", "sagen"),
        ("Sie fragte, ob der Kran noch kommt.", "ob der Kran noch kommt", "Sie", "fragen"),
        ("Die Polizei teilte mit, dass niemand verletzt ist.", "niemand verletzt ist", "Die Polizei", "mitteilen"),
        ("Der Kai sei gesperrt, teilte die Polizei mit.", "Der Kai sei gesperrt", "die Polizei", "mitteilen"),
        ("Das Amt gab bekannt, dass der Kai zu ist.", "der Kai zu ist", "Das Amt", "bekanntgeben"),
        ("Die Stadt kündigte an, den Kai zu öffnen.", "den Kai zu öffnen", "Die Stadt", "ankündigen"),
        ("Die Stadt versprach, den Kai wieder aufzumachen.", "den Kai wieder aufzumachen", "Die Stadt", "versprechen"),
        ("Sie warf der Stadt vor, den Kai zu vergessen.", "den Kai zu vergessen", "Sie", "vorwerfen"),
        ("Lindholt bezeichnete den Kai als „Ruine“.", "„Ruine“", "Lindholt", "bezeichnen"),
        ("Lindholt, Sprecher der Werft, sagte, dass der Kai zu ist.", "der Kai zu ist", "Lindholt", "sagen"),
        ("Wie das Amt mitteilte, wird der Kai gesperrt.", "wird der Kai gesperrt", "das Amt", "mitteilen"),
        ("Der Kai wird gesperrt, wie das Amt bekannt gab.", "Der Kai wird gesperrt", "das Amt", "bekanntgeben"),
        ("Den Kai nannte er eine „Ruine“.", "„Ruine“", "er", "nennen"),
        ("In einem Brief der Werft heißt es, der Kai sei zu.", "der Kai sei zu", "einem Brief der Werft", "heißen"),
        ("Lindholt sagte, die Schiffe lagen lange im Hafen.", "die Schiffe lagen lange im Hafen", "Lindholt", "sagen"),
        ("Die alte Werft dementierte, Gas zu lagern.", "Gas zu lagern", "Die alte Werft", "dementieren"),
        (
            "Einer von ihnen, der Pilot Emil Lindholt, sagte, dass der Kai zu ist.",
            "der Kai zu ist",
            "Einer von ihnen, der Pilot Emil Lindholt",
            "sagen",
        ),
        ("Am 3. Oktober sagte Lindholt, dass der Kai zu ist.", "der Kai zu ist", "Lindholt", "sagen"),
    ],
)
def test_german_statements(text: str, words: str, who: str, verb: str) -> None:
    assert said(text) == [(words, who, verb)]


@pytest.mark.parametrize(
    ("text", "words", "who", "verb"),
    [
        ("« Le quai reste fermé », a déclaré Yvon Lagardin.", "« Le quai reste fermé »", "Yvon Lagardin", "déclarer"),
        ("Le maire affirme que le quai est fermé.", "le quai est fermé", "Le maire", "affirmer"),
        ("Le maire a nié mardi avoir fermé le quai.", "avoir fermé le quai", "Le maire", "nier"),
        ("Elle a nié avoir menti, a indiqué le maire.", "Elle a nié avoir menti", "le maire", "indiquer"),
        ("Le maire a dit lundi qu’il fermera le quai.", "il fermera le quai", "Le maire", "dire"),
        ("Le maire a affirmé qu'il fermera le quai.", "il fermera le quai", "Le maire", "affirmer"),
        ("« Rien ne presse », résume-t-il.", "« Rien ne presse »", "il", "résumer"),
        ("« Rien ne presse », a-t-elle ajouté.", "« Rien ne presse »", "elle", "ajouter"),
        ("Le quai rouvrira lundi, a annoncé mardi la mairie.", "Le quai rouvrira lundi", "la mairie", "annoncer"),
        ("Comme l'a indiqué la mairie, le quai est fermé.", "le quai est fermé", "la mairie", "indiquer"),
        ("La mairie a promis de rouvrir le quai.", "de rouvrir le quai", "La mairie", "promettre"),
        ("Elle a qualifié le quai de « ruine ».", "« ruine »", "Elle", "qualifier"),
        ("Elle demande pourquoi le quai est fermé.", "pourquoi le quai est fermé", "Elle", "demander"),
    ],
)
def test_french_statements(text: str, words: str, who: str, verb: str) -> None:
    assert said(text, "fr") == [(words, who, verb)]


@pytest.mark.parametrize(
    "text",
    [
        "Lindholt sagte nichts zum Kai.",
        "Sie sagte nicht, dass der Kai zu ist.",
        "Der Kai heißt „Morgenkai“.",
        "Die Stadt kündigt vier neue Kräne an: einen großen und drei kleine.",
        "Der Sturm forderte zwölf Opfer, mehrere Menschen wurden verletzt.",
        "Mit der Stadt ist die Werft im Gespräch, um den Kai zu öffnen.",
        "Er nahm das Gesetz laut lesend in die Hand.",
    ],
)
def test_what_reports_nothing(text: str) -> None:
    assert said(text) == []


def test_a_split_quotation_is_one_group() -> None:
    text = "„Bis dahin“, sagte Lindholt, „bleibt der Kai zu.“"
    first, second = found(text)
    assert (first.content.of(text), second.content.of(text)) == ("„Bis dahin“", "„bleibt der Kai zu.“")
    assert first.group == second.group is not None
    assert first.rule == "interrupted"


def test_what_goes_on_in_the_subjunctive_is_still_said() -> None:
    text = "Lindholt sagte, der Kai sei zu. Die Kräne würden im Mai geholt. Man habe lange gewartet. Es regnete."
    assert [(one.content.of(text), one.rule) for one in found(text)] == [
        ("der Kai sei zu", "cue-after-subject"),
        ("Die Kräne würden im Mai geholt", "mood"),
        ("Man habe lange gewartet", "mood"),
    ]


def test_a_looser_mood_reports_only_after_a_report() -> None:
    assert said("Es regnete. Die Kräne würden im Mai geholt.") == []
    assert said("Lindholt sagte, der Kai sei zu. Wenn es regnete, würde er rutschen.")[1:] == []


def test_the_answer_takes_up_the_sentence_before() -> None:
    text = "Der Kai wird gesperrt. Das teilte die Polizei mit."
    assert said(text) == [("Der Kai wird gesperrt", "die Polizei", "mitteilen")]


def test_nobody_speaks_in_the_passive() -> None:
    text = "Es wird angenommen, dass der Kai im Mai öffnet."
    assert [(one.rule, one.attribution) for one in found(text)] == [("impersonal", None)]


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Der Kai, sagte Lindholt, sei zu.", "de", ["Der Kai", "sei zu"]),
        ("Die Werft sei gewarnt worden, betonte sie, habe aber nicht geantwortet.", "de", 2),
        ("Les papiers, ajoute-t-il, étaient en règle.", "fr", ["Les papiers", "étaient en règle"]),
    ],
)
def test_an_attribution_in_the_middle_parts_one_statement(text: str, language: str, words: list[str] | int) -> None:
    reported = found(text, language)
    assert len({one.group for one in reported}) == 1
    assert isinstance(words, int) or [one.content.of(text) for one in reported] == words
    assert len(reported) == 2


def test_a_french_infinitive_is_said() -> None:
    text = "Le maire dit n'avoir reçu aucune lettre."
    assert said(text, "fr") == [("n'avoir reçu aucune lettre", "Le maire", "dire")]


def test_french_takes_up_the_sentence_before_too() -> None:
    text = "Le quai est fermé. C'est ce qu'affirme la mairie."
    assert said(text, "fr") == [("Le quai est fermé", "la mairie", "affirmer")]


def test_a_space_before_the_closing_mark_hides_no_end_of_sentence() -> None:
    text = "« Le quai est fermé. » D'après lui, les grues restent."
    assert [words for words, _, _ in said(text, "fr")] == ["« Le quai est fermé. »", "les grues restent"]


@pytest.mark.parametrize(
    ("text", "words", "who", "rule"),
    [
        (
            "Die Werft hätte gewusst, wie es um den Kai stehe.",
            "Die Werft hätte gewusst, wie es um den Kai stehe",
            None,
            "mood",
        ),
        (
            "Sprecherin Wiebke Sturmholt war überrascht: Ihr sei der Kai versprochen worden.",
            "Ihr sei der Kai versprochen worden",
            "Sprecherin Wiebke Sturmholt",
            "introduced",
        ),
        ("Am Abend soll der Kran umgefallen sein.", None, None, "hearsay"),
        ("Sie kam zu dem Ergebnis, dass der Kai zu ist.", "der Kai zu ist", "Sie", "noun"),
    ],
)
def test_german_reports_without_a_verb_of_speech(text: str, words: str | None, who: str | None, rule: str) -> None:
    (one,) = found(text)
    assert one.rule == rule
    assert one.content.of(text) == (words or text.rstrip("."))
    assert (one.attribution.of(text) if one.attribution else None) == who


def test_a_verb_of_two_words() -> None:
    text = "La préfecture a fait savoir qu'elle ne viendrait pas."
    assert said(text, "fr") == [("elle ne viendrait pas", "La préfecture", "faire savoir")]


def test_what_is_denied_is_not_the_saying() -> None:
    text = "Le diocèse a indiqué ne pas vouloir répondre."
    assert said(text, "fr") == [("ne pas vouloir répondre", "Le diocèse", "indiquer")]
    assert said("Le diocèse n'a pas indiqué que le quai est fermé.", "fr") == []


def test_the_cue_is_the_verb_alone() -> None:
    text = "« Rien ne presse », résume-t-il. C'est ce qu'affirme la mairie."
    first = found(text, "fr")[0]
    assert first.cue is not None
    assert first.cue.of(text) == "résume"


def test_two_reports_of_one_sentence_are_two_statements() -> None:
    text = "Lindholt sagte, dass der Kai zu ist, und kündigte an, ihn im Mai zu öffnen."
    assert [words for words, _, _ in said(text)] == ["der Kai zu ist", "ihn im Mai zu öffnen"]
    text = "Le maire a assuré que le quai est fermé et a annoncé qu'il rouvrira."
    assert [words for words, _, _ in said(text, "fr")] == ["le quai est fermé", "il rouvrira"]


def test_a_colon_at_the_end_of_a_paragraph_awaits_the_next() -> None:
    text = "Lindholt sagte am Abend:\n\n„Der Kai bleibt zu.“"
    assert said(text) == [("„Der Kai bleibt zu.“", "Lindholt", "sagen")]


def test_partly_quoted_words_are_mixed() -> None:
    text = "Der Händler behauptet, er habe die Maschine »nur untergestellt«."
    (one,) = found(text)
    assert (one.kind, one.content.of(text)) == ("mixed", "er habe die Maschine »nur untergestellt«")


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize(
    "text",
    ["", ":", "sagte", "laut", "zufolge", "„“, sagte", "so so so", "selon", "a déclaré", "( ( (", "que que que", "wie"],
)
def test_odd_text_never_raises(text: str, language: str) -> None:
    assert isinstance(found(text * 3, language), list)
