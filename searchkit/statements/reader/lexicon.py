"""The lexicon of a language: the classes of each word, found with one look-up."""

from collections.abc import Iterator
from functools import lru_cache

from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import QUOTED
from searchkit.statements.word_lists import lines

_VOWELS = frozenset("aeiou")
MARKS = {",": ",", ";": ";", ":": ":", "-": "-", "(": "(", "[": "(", ")": ")", "]": ")"}
# Classes of words.txt by the letter that stands for them (tags.py); the first class of a word counts.
_CLASSES = (
    ("a", "adverb"), ("a", "negation"), ("i", "preposition"), ("s", "subordinator"), ("c", "conjunction"),
    ("t", "that"), ("d", "determiner"), ("d", "possessive"), ("p", "nominative"), ("o", "object-pronoun"),
    ("w", "relative"), ("x", "auxiliary"),
)  # fmt: skip
# Endings of regular verbs that double their last letter however long they are.
_DOUBLING = ("mit", "fer", "pel", "cur", "cel", "tol", "bel", "rol")


def _regular(verb: str) -> tuple[str, str, str]:
    """Return the -s, -ed and -ing forms of a regular verb."""
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"
    if verb.endswith("e"):
        return verb + "s", verb + "d", (verb if verb.endswith("ee") else verb[:-1]) + "ing"
    s = verb + ("es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")
    doubles = verb[-1] not in "wxyhk" and verb[-2] in _VOWELS and not _VOWELS.intersection((verb[-3:-2], verb[-1]))
    if doubles and (len(verb) <= 4 or verb.endswith(_DOUBLING)):
        verb += verb[-1]
    return s, verb + "ed", verb + "ing"


class Lexicon:
    """Words by class: `letters` with questions for the neighbours, `plain` without; `forms` of verbs by kind: base (b),
    -s (s), past (d), participle (n), -ing (g). `nouns` are the verbs that are nouns as well.
    """

    def __init__(self, pack: Pack) -> None:
        words = pack.words
        self.words = words
        self.cues = pack.cues
        self.forms = _forms(pack)
        nouns = " ".join(verb_lines(pack.code, "also-noun")).split()
        self.nouns = frozenset(form for word in nouns for form in (word, _regular(word)[0]))
        # The letter of a word: by the lists, or by its shape. Kept, it takes a tenth of the time of tags.
        self.letter = lru_cache(maxsize=1 << 14)(self._letter)
        self.plain = {QUOTED: "Q"} | MARKS
        questions: dict[str, str] = {}
        for line in lines(f"{pack.code}/tags.txt"):
            letter, _, listed = line.partition(": ")
            letter = "#" if letter == "0" else letter  # "#" begins a comment there
            (questions if letter.isupper() else self.plain).update(dict.fromkeys(listed.split(), letter))
        for letter, name in _CLASSES:
            for word in words[name]:
                self.plain.setdefault(word, "x" if word.endswith("n't") else letter)
        self.letters = self.plain | questions
        self._contracted = words["pronoun"] | words["that"] | frozenset({"there", "who", "what"})
        roles = pack.roles
        self.people = roles["role"] | roles["plural"] | roles["general"] | roles["person"]
        self.people |= frozenset(f"{word}s" for word in roles["role"])
        self.plurals = roles["plural"] | frozenset(f"{word}s" for word in roles["role"])
        self.bodies = roles["body"] | pack.bodies.keys()
        self.documents = roles["document"]
        self.papers = self.documents | words["message"]
        self.helping = words["be"] | words["have"]
        self.speaking = self.people | self.bodies | self.documents
        phrases = sorted(words["source-phrase"], key=len, reverse=True)
        self.sources = [phrase.split("-") for phrase in phrases]  # "according to", the longest first
        compounds = (tuple(role.split("-")) for role in roles["role"] if "-" in role)
        self.offices = frozenset(pair for pair in compounds if self.plain.get(pair[0]) == "i")  # "Under Secretary"

    def _letter(self, word: str) -> str:
        known = self.letters.get(word)
        if known is not None:
            return known
        if word[0].isdigit():
            return "#"
        if word.endswith("n't"):
            return "x"
        if "'" in word and word.partition("'")[0] in self._contracted:
            return "z"
        if word in self.forms or (word.endswith("ed") and len(word) > 4 and "-" not in word):
            return "v"
        if word.endswith("ly") and word not in self.words["not-adverb"]:
            return "a"
        return "g" if word.endswith("ing") and len(word) > 5 and "-" not in word else "n"

    def kinds(self, word: str) -> frozenset[str]:
        """Return the kinds of verb form that a word can be."""
        return self.forms.get(word) or (_PAST if word.endswith("ed") else frozenset())


_PAST = frozenset("dn")


def _forms(pack: Pack) -> dict[str, frozenset[str]]:
    gathered: dict[str, set[str]] = {}
    for verb in " ".join(verb_lines(pack.code, "regular")).split():
        s, past, going = _regular(verb)
        _add(gathered, (verb, s, past, past, going))
    for row in ",".join(verb_lines(pack.code, "irregular")).split(","):
        if row.strip():
            verb, past, participle = row.split()
            s, _, going = _regular(verb)
            _add(gathered, (verb, s, past, participle, going))
    for form, cue in pack.cues.items():
        base = cue.lemma.partition(" ")[0].partition("-")[0]
        gathered.setdefault(form, set()).update(_cue_kinds(form, base))
    forms = {form: frozenset(kinds) for form, kinds in gathered.items()}
    return forms | {
        form: frozenset(kind) for form, kind in (("wrote", "d"), ("written", "n"), ("spoke", "d"), ("spoken", "n"))
    }


def _add(gathered: dict[str, set[str]], forms: tuple[str, ...]) -> None:
    for kind, form in zip("bsdng", forms, strict=True):
        gathered.setdefault(form, set()).add(kind)


def _cue_kinds(form: str, base: str) -> str:
    """Return the kinds of a form of a verb of speech."""
    if form == base:
        return "b"
    if form.endswith("ing"):
        return "g"
    is_present = (form.endswith("s") and form[:-1] in {base, base + "e"}) or form in {base + "es", base[:-1] + "ies"}
    return "s" if is_present else "dn"


def verb_lines(code: str, wanted: str) -> Iterator[str]:
    """Yield what stands in the lines of verbs.txt with this head."""
    for line in lines(f"{code}/verbs.txt"):
        head, _, rest = line.partition(": ")
        if head == wanted:
            yield rest


@lru_cache(maxsize=4)
def lexicon_for(pack: Pack) -> Lexicon:
    """Return the lexicon of a language, read once."""
    return Lexicon(pack)
