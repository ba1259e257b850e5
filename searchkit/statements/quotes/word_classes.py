"""The word classes of one language that noun phrases and clauses are read with."""

from collections.abc import Set

from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import QUOTED, Sentence

# Kinds of names that make statements.
SPEAKING_KINDS = frozenset({"person", "company", "organisation", "agency", "group", "other"})


class WordClasses:
    """The closed word classes of one language, and what they show of a word."""

    def __init__(self, pack: Pack) -> None:
        words = self._words = pack.words
        self.pack = pack
        self.pronouns = words["pronoun"]
        self.relatives = words["relative"]
        self.determiners = words["determiner"]
        self.articles = words["article"]
        self.prepositions = words["preposition"]
        self.conjunctions = words["conjunction"]
        self.subordinators = words["subordinator"]
        self.auxiliaries = words["auxiliary"] | words["have"]
        self.adverbs = words["adverb"] | words["weekday"]
        self.negations = words["negation"]
        self.finite = words["finite"]
        self.that = words["that"]
        self.people = pack.roles["role"] | pack.roles["plural"]
        self.speaking = self.people | pack.bodies.keys() | pack.roles["document"]
        # "Under Secretary": words that are prepositions elsewhere, and the offices they begin.
        compounds = (role.split("-") for role in pack.roles["role"] if "-" in role)
        self._offices = frozenset(tuple(pair) for pair in compounds if pair[0] in self.prepositions)
        self._office_starts = frozenset(pair[0] for pair in self._offices)
        self._titles = words["title-male"] | words["title-female"]
        self.openings = words["opener"]
        self.questions = words["question"]
        self.times = words["time"]
        self.not_first = words["preposition"] | words["subordinator"] | words["negation"]
        self.not_last = words["article"] | words["possessive"] | words["preposition"]
        self.clause_openers = self.that | self.questions
        self._no_noun = self.prepositions | self.conjunctions | self.subordinators | self.auxiliaries | self.negations
        self._clause_ends = self.relatives | self.that | self.subordinators | self.conjunctions | {",", ";", "-"}
        self._openers = self.prepositions | self.conjunctions
        self._phrase_starts = self.prepositions | self.openings | self.subordinators
        self.breaks = frozenset({",", "-", ";", ":"})
        self._edges = self.subordinators | self.relatives | self.that | self.finite
        self._edges |= {",", ";", ":", "-", "(", QUOTED, ")"}

    def phrases(self, name: str) -> frozenset[str]:
        """Return the entries of a word class whose hyphens stand for spaces."""
        return frozenset(entry.replace("-", " ") for entry in self.pack.words[name])

    def join_offices(self, sentence: Sentence) -> None:
        """Read "Under" in "Under Secretary Lind" as part of the office, not as a preposition."""
        low, raw = sentence.low, sentence.raw
        if self._office_starts.isdisjoint(low):
            return
        for at in range(len(low) - 1):
            office = low[at] in self._office_starts and (low[at], low[at + 1]) in self._offices
            if office and raw[at][0].isupper() and raw[at + 1][0].isupper():
                low[at] = f"{low[at]}-{low[at + 1]}"

    def is_adverb(self, word: str) -> bool:
        """Return whether `word` may stand between a subject and its verb."""
        return (
            word in self.adverbs
            or (word.endswith("wise") and len(word) > 7)
            or (word.endswith("ly") and len(word) > 4 and word not in self._words["not-adverb"])
        )

    def skip_back(self, low: list[str], at: int, floor: int = 0, also: Set[str] = frozenset()) -> int:
        """Return the first token from `at` back to `floor` that is neither an adverb nor in `also`, or `floor`."""
        while at > floor and (self.is_adverb(low[at]) or low[at] in also):
            at -= 1
        return at

    def is_auxiliary(self, word: str) -> bool:
        return word in self.auxiliaries or (word in self.finite and word.endswith("n't"))

    def is_past(self, word: str) -> bool:
        """Return whether `word` is a known form of the past or ends as one."""
        return word.endswith("ed") or word in self._words["past"]

    def is_contraction(self, word: str) -> bool:
        """Return whether `word` is a pronoun with its auxiliary: he's, they've."""
        return "'" in word and word.partition("'")[0] in self.pronouns

    def speaks(self, sentence: Sentence, first: int, last: int) -> bool:
        words, named = sentence.low[first:last], sentence.named[first:last]
        return any(mention is not None and mention.kind in SPEAKING_KINDS for mention in named) or any(
            word in self.speaking or word in self.pronouns for word in words
        )
