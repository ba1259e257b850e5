"""Read the words of German by class, and find its noun phrases: each noun has a capital.

A sentence is a line of constituents (constituents.py), in parts between marks.
"""

import re
from functools import lru_cache

from msgspec import Struct

from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import Sentence
from searchkit.statements.reader.constituents import Constituent, Line
from searchkit.statements.reader.lexicon import MARKS as MARK_LETTERS
from searchkit.statements.reader.lexicon import verb_lines

# Classes of words.txt by the letter that stands for them; the first class of a word counts.
_CLASSES = (
    ("t", "that"), ("a", "negation"), ("p", "nominative"), ("o", "object-pronoun"), ("c", "conjunction"),
    ("i", "preposition"), ("a", "adverb"), ("a", "further-adverb"), ("a", "opener"),
    ("i", "subordinator"), ("i", "as"), ("q", "question"),
    ("d", "determiner"), ("w", "relative"), ("a", "weekday"), ("a", "month"), ("i", "postposed"),
)  # fmt: skip


class Lexicon:
    """Words by class, as `letters`; `finite` and `moods` are verb forms as spelled, `wishes` forms of the subjunctive
    that are no verb in every place.
    """

    def __init__(self, pack: Pack) -> None:
        words = self.words = pack.words
        self.pack = pack
        self.cues = pack.cues
        self.letters = dict(MARK_LETTERS)
        for letter, name in _CLASSES:
            for word in words[name]:
                self.letters.setdefault(word, letter)
        self.strict = pack.spelled["strict"]
        self.loose = self.strict | pack.spelled["loose"] | pack.spelled["either"]
        forms, self.wishes = _forms(pack.code) if words["capitals"] else (frozenset(), frozenset())
        self.finite = forms | words["finite"] | words["auxiliary"] | pack.finite_forms
        self.linkers = words["genitive"] | words["attributive"]
        self.dated = words["weekday"] | words["month"] | words["time"]
        self.parties = pack.roles["plural"] | pack.roles["role"] | pack.bodies.keys()
        self.party_endings = tuple(pack.roles["ending"])
        self.documents = (*pack.roles["document"], *words["documents"])
        self.source_endings = tuple(words["source-ending"])
        self.feminine_endings = tuple(words["feminine-ending"])
        self.finite_endings = tuple(words["finite-ending"])
        self.relative = words["relative"]

    def is_source(self, word: str) -> bool:
        return word in self.words["source-noun"] or word.endswith(self.source_endings)


def _forms(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the finite forms of verbs.txt, and the subjunctives of its verbs."""
    finite, wishes = set(" ".join(verb_lines(code, "finite")).split()), set[str]()
    for verb in " ".join(verb_lines(code, "regular")).split():
        stem = verb[:-2] if verb.endswith("en") else verb[:-1]
        ending = "e" if stem.endswith(("t", "d", "chn", "ffn", "gn", "dn")) else ""
        finite.update((verb, f"{stem}{ending}t", f"{stem}{ending}te", f"{stem}{ending}ten"))
        wishes.add(f"{stem}e")
    return frozenset(finite), frozenset(wishes)


@lru_cache(maxsize=2)
def lexicon_for(pack: Pack) -> Lexicon:
    """Return the lexicon of a language, read once."""
    return Lexicon(pack)


MARKS = frozenset(",;:-()")
_BRACKET_REACH = 14  # brackets that hold more tokens are a sentence of their own
_NOUN_REACH = 5  # tokens between a determiner and its noun
_LONGEST_TITLE = 45  # characters of a name in quotation marks
_ADDRESS = re.compile(r"[\w-]{2,40}(?:\.\w{2,40}){1,3}")
_INFLECTED = ("e", "en", "er", "em", "es")


def is_capital(sentence: Sentence, at: int) -> bool:
    """Return whether a token is written as a noun or name: Lind, 58-Jährige, al-Brannik, kurier.de."""
    raw = sentence.raw[at]
    if raw[0].isupper() or sentence.named[at] is not None:
        return True
    if "-" not in raw:
        return bool(_ADDRESS.fullmatch(raw))
    return raw.rpartition("-")[2][:1].isupper()


def is_short(sentence: Sentence, at: int) -> bool:
    """Return whether words in quotation marks can be a name: short, and no sentence."""
    return not sentence.is_complete(at) and sentence.end[at] - sentence.start[at] <= _LONGEST_TITLE


def is_title(sentence: Sentence, at: int) -> bool:
    """Return whether a token is a name in quotation marks: der Sender „Kanal 10“."""
    quoted = 0 <= at < len(sentence) and sentence.quoted[at] >= 0
    return quoted and not sentence.raw[at][1].islower() and sentence.raw[at][1].isalnum() and is_short(sentence, at)


def is_person(sentence: Sentence, at: int) -> bool:
    mention = sentence.named[at]
    return mention is not None and mention.kind == "person"


class _Phrase(Struct):
    """A noun phrase from token `first` that is read up to `at`; it ends at `end` so far, and `awaits` its noun.

    `attribute`: it may begin with an attribute of its noun: "die für den Hafen zuständige Ministerin".
    """

    first: int
    limit: int
    end: int
    at: int
    awaits: bool = True
    attribute: bool = False


class Phrases:
    """Finds where noun phrases end: with their last capital."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.words = lexicon.words
        self._breaks = self.words["finite"] | self.words["auxiliary"] | MARKS | {'"'}

    def end(self, s: Sentence, at: int, limit: int) -> int:
        """Return where the noun phrase that begins with token `at` ends; `at` itself if none begins there."""
        if s.low[at] in self.words["pronoun"] and not self._leads(s, at, limit):
            return at + 1
        following = s.low[at + 1] if at + 1 < limit else ""
        attribute = s.low[at] in self.words["determiner"] and following in self.words["preposition"]
        phrase = _Phrase(at, limit, at, at, attribute=attribute)
        while phrase.at < limit and self._goes_on(s, phrase):
            phrase.at += 1
        return phrase.end

    def _goes_on(self, s: Sentence, phrase: "_Phrase") -> bool:
        """Return whether the next token belongs to a phrase, and note it there."""
        at, word = phrase.at, s.low[phrase.at]
        if s.quoted[at] >= 0:
            return self._takes_title(s, phrase)
        closing = bracket_end(s, at, phrase.limit) if not phrase.awaits else 0
        if closing:
            phrase.at, phrase.end = closing - 1, closing
            return True
        if word in MARKS:
            return False
        if self._is_noun(s, phrase.first, at, phrase.limit, awaits=phrase.awaits):
            return self._takes_noun(s, phrase)
        if phrase.awaits:
            return self._precedes_noun(s, phrase.first, at, phrase.limit)
        if word in self.lexicon.linkers:
            phrase.awaits = self._links(s, at, phrase.limit)
            return phrase.awaits
        return self._is_of_town(s, at, phrase.limit)

    @staticmethod
    def _takes_title(s: Sentence, phrase: "_Phrase") -> bool:
        """Take a title after its noun, not after a person: "der Sender „Kanal 10“", "laut „Kurier“"."""
        led = phrase.end == phrase.first or not phrase.awaits
        named = phrase.at > phrase.first and is_person(s, phrase.at - 1)
        if not led or named or not is_title(s, phrase.at):
            return False
        phrase.end, phrase.awaits = phrase.at + 1, False
        return True

    def _takes_noun(self, s: Sentence, phrase: "_Phrase") -> bool:
        if phrase.end > phrase.first and s.quoted[phrase.at - 1] >= 0:
            return False
        phrase.awaits = phrase.attribute and self._is_in_attribute(s, phrase.at, phrase.limit)
        if phrase.attribute and not phrase.awaits:
            phrase.end = phrase.first  # "die nach Ansicht der Werft sinken"
            return False
        phrase.end, phrase.attribute = phrase.at + 1, False
        return True

    def noun_near(self, s: Sentence, at: int, limit: int) -> bool:
        for k in range(at, min(limit, at + _NOUN_REACH)):
            if s.low[k] in self._breaks:
                return False
            if is_capital(s, k):
                return True
        return False

    def _leads(self, s: Sentence, at: int, limit: int) -> bool:
        """Return whether the word at `at` stands before a noun and so is not a pronoun of its own."""
        return s.low[at] in self.words["determiner"] and at + 1 < limit and self.noun_near(s, at + 1, limit)

    def _is_noun(self, s: Sentence, first: int, at: int, limit: int, *, awaits: bool) -> bool:
        # The capital of "Die russische Regierung" is that of its sentence.
        if at == first and at == 0 and self._opens_sentence(s, limit):
            return False
        leads = at == first and self._leads(s, at, limit)
        counts = at + 1 < limit and not awaits and is_capital(s, at + 1)
        return (is_capital(s, at) and not leads) or (s.low[at].isdigit() and not counts)

    def _opens_sentence(self, s: Sentence, limit: int) -> bool:
        """Return whether the capital of the first word is only that of the sentence."""
        word = s.low[0]
        if word in self.lexicon.letters or word in self._breaks:
            return s.named[0] is None
        return (
            s.named[0] is None and word.endswith(_INFLECTED) and limit > 1 and is_capital(s, 1) and s.named[1] is None
        )

    def _is_in_attribute(self, s: Sentence, at: int, limit: int) -> bool:
        """Return whether the noun belongs to an attribute of a later one: "die für den Hafen zuständige Ministerin"."""
        ahead = at + 1
        if ahead < limit and s.low[ahead] in self.words["genitive"]:
            ahead = self.end(s, ahead, limit)
        adjective = ahead < limit and s.low[ahead].endswith(_INFLECTED) and s.low[ahead] not in self.lexicon.letters
        return adjective and not is_capital(s, ahead) and self.noun_near(s, ahead + 1, limit)

    def _precedes_noun(self, s: Sentence, first: int, at: int, limit: int) -> bool:
        word = s.low[at]
        if word in self.words["determiner"]:
            return True
        if word in self._breaks or (at == first and not self._is_adjective(s, at, limit)):
            return False
        known = s.raw[at] in self.lexicon.finite or s.raw[at] in self.lexicon.strict
        return not (known and at + 1 < limit and s.low[at + 1] in self.lexicon.letters) and self.noun_near(
            s, at + 1, limit
        )  # "das teilte die Polizei mit"

    def _is_adjective(self, s: Sentence, at: int, limit: int) -> bool:
        """Return whether a word without a determiner describes the noun behind it: "russische Schiffe"."""
        inflected = s.low[at].endswith(_INFLECTED) and s.low[at] not in self.lexicon.letters
        return inflected and at + 1 < limit and (is_capital(s, at + 1) or s.low[at + 1] not in self.lexicon.letters)

    def _links(self, s: Sentence, at: int, limit: int) -> bool:
        """Return whether a genitive or "von" goes on with the phrase, not "am" before a weekday."""
        word, following = s.low[at], s.low[at + 1 : min(limit, at + 4)]
        if s.low[at - 1] in self.lexicon.dated and word not in self.words["genitive"]:
            return False  # "am Montag von einem Unfall"
        if is_person(s, at - 1) and word not in self.words["from"]:
            return word in self.words["conjunction"]  # not "sagte Lind der Zeitung", "Lind im Mai"
        if word in self.words["genitive"]:
            return True
        return self.lexicon.dated.isdisjoint(following) and not (following and following[0].isdigit())

    def _is_of_town(self, s: Sentence, at: int, limit: int) -> bool:
        word = s.low[at]
        adjective = word.endswith("er") and word not in self.lexicon.finite and word not in self.words["preposition"]
        return adjective and self.noun_near(s, at + 1, min(limit, at + 3))


def bracket_end(s: Sentence, at: int, limit: int) -> int:
    """Return the end of the brackets that open at `at`; 0 if none do or they hold too much."""
    if s.low[at] != "(":
        return 0
    return next((k + 1 for k in range(at, min(limit, at + _BRACKET_REACH)) if s.low[k] == ")"), 0)


class Source(Constituent, eq=False):
    """A phrase that names a source: the tokens of who speaks and of the words that say so; `kind` is "according", "so"
    or "thus"."""

    who: tuple[int, int] = (0, 0)
    words: tuple[int, int] = (0, 0)
    kind: str = "according"


class Clauses(Line, eq=False):
    """A sentence as constituents; `starts` and `ends` are those of the part between marks in which each one stands."""

    starts: list[int]
    ends: list[int]

    def tokens(self, at: int) -> tuple[int, int]:
        """Return the tokens of a constituent."""
        return self.parts[at].first, self.parts[at].last

    def single(self, at: int) -> str:
        """Return the word of a constituent that is a single token; empty for others."""
        return self.first(at) if 0 <= at < len(self) and self.size(at, at + 1) == 1 else ""

    def skip(self, at: int, letters: str = "ac") -> int:
        """Return the first place from `at` with another letter."""
        return next((k for k in range(at, len(self)) if self.letters[k] not in letters), len(self))

    def find(self, letters: str, first: int, last: int) -> int | None:
        """Return the first place of one of `letters` from `first` up to `last`."""
        return next((k for k in range(first, last) if self.letters[k] in letters), None)

    def in_subordinate(self, at: int) -> bool:
        """Return whether the part of a constituent begins with a word that opens a dependent clause."""
        return self.letter(self.starts[at] + (self.letter(self.starts[at]) == "c")) in "swtq"

    def names_person(self, tokens: tuple[int, int]) -> bool:
        return any(mention is not None and mention.kind == "person" for mention in self.sentence.named[slice(*tokens)])


class Place(Struct):
    """A token of the part that ends at `last`, with the letters of the part before it and of what opens it.

    `infinite`: the part ends with an infinitive.
    """

    sentence: Sentence
    at: int
    last: int
    opener: str
    infinite: bool
    before: str = ""

    @property
    def leads(self) -> bool:
        return not self.before.strip("cswqta")

    @property
    def is_second(self) -> bool:
        """Return whether the verb of a main clause may stand here."""
        held = self.opener or self.infinite or not {*"FKLMtswq"}.isdisjoint(self.before)
        return not held and bool(self.before.strip("c"))
