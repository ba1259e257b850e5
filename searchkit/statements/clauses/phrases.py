"""Read clauses and noun phrases in languages that separate clauses by commas, with closed word classes.

Where all nouns have a capital ("capitals: nouns" in the pack), a phrase ends with its last capital; elsewhere it runs
up to a word that cannot stand in a phrase.
"""

import re

from msgspec import Struct

from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import QUOTED, Sentence
from searchkit.statements.rules import Rules, apply
from searchkit.statements.text import Span

BOUNDARIES = frozenset({",", ";", ":", "-", "(", ")"})
# The longest name in quotation marks, in characters.
LONGEST_TITLE = 45
_ADDRESS = re.compile(r"[\w-]{2,40}(?:\.\w{2,40}){1,3}")
# Brackets that hold more are a sentence of their own.
_BRACKET_REACH = 14


class ClauseGrammar:
    """The word classes of one clausal language."""

    def __init__(self, pack: Pack) -> None:
        words = pack.words
        self.pack = pack
        self.words = words
        self.capitals = bool(words["capitals"])
        self.strict = pack.spelled["strict"]
        self.loose = self.strict | pack.spelled["loose"]
        self.moods = self.loose | pack.spelled["either"]
        self.finite = words["finite"] | words["auxiliary"]
        self.breaks = self.finite | BOUNDARIES | {QUOTED}
        self.openers = words["opener"] | words["conjunction"]
        self.not_subjects = words["preposition"] | words["subordinator"] | words["adverb"] | words["accusative"]
        self.subordinators = words["subordinator"] | words["relative"] | words["that"] | words["question"]
        self.dated = words["weekday"] | words["month"] | words["time"]
        self.linkers = words["genitive"] | words["attributive"]
        self.parties = pack.roles["plural"] | pack.roles["role"] | pack.bodies.keys()
        self.party_endings = tuple(pack.roles["ending"])  # of compounds
        self.personal = words["pronoun"] - words["impersonal"]
        self.phrase_stops = (
            words["phrase-stop"] | words["weekday"] | words["that"] | self.finite | BOUNDARIES | {QUOTED}
        )

    def is_that(self, word: str) -> bool:
        """Return whether `word` opens a clause of content, elided or not: dass, que, qu'il."""
        return word in self.words["that"] or self.elided(word) > 0

    def elided(self, word: str) -> int:
        """Return the length of an elided conjunction in `word`: three in qu'il."""
        conjunction = word.partition("'")[0] + "'"
        return len(conjunction) if conjunction in self.words["that-elided"] else 0


class Clauses:
    """One sentence with its boundaries."""

    def __init__(self, grammar: ClauseGrammar, sentence: Sentence) -> None:
        self.grammar = grammar
        self.sentence = sentence
        self.low = sentence.low
        self.raw = sentence.raw
        self.size = len(sentence.low)
        self.last_subject: Span | None = None  # who spoke in the last report of the sentence
        self._starts = [0] * self.size
        self._ends = [self.size] * self.size
        boundaries = self._boundaries()
        start = 0
        for at in range(self.size):
            self._starts[at] = start
            if boundaries[at]:
                start = at + 1
        end = self.size
        for at in range(self.size - 1, -1, -1):
            if boundaries[at]:
                end = at
            self._ends[at] = end

    def _boundaries(self) -> list[bool]:
        """Return which tokens separate clauses; those in brackets do not."""
        boundaries = [word in BOUNDARIES for word in self.low]
        opened = -1
        for at, word in enumerate(self.low):
            if word == "(":
                opened = at
            elif word == ")" and opened >= 0 and at - opened <= _BRACKET_REACH:
                boundaries[opened : at + 1] = [False] * (at + 1 - opened)
                opened = -1
        return boundaries

    def start(self, at: int) -> int:
        return self._starts[at] if at < self.size else self.size

    def end(self, at: int) -> int:
        return self._ends[at] if at < self.size else self.size

    def is_capital(self, at: int) -> bool:
        """Return whether token `at` is written as a noun or name: Lind, 58-Jährige, al-Brannik, kurier.de."""
        raw = self.raw[at]
        if raw[0].isupper() or "-" not in raw:
            return raw[0].isupper() or bool(_ADDRESS.fullmatch(raw))
        return raw.rpartition("-")[2][:1].isupper()

    def is_spelled(self, at: int, name: str) -> bool:
        """Return whether token `at` is one of the words of class `name` that are compared as spelled."""
        return self.raw[at].lower() in self.grammar.pack.spelled[name]

    def is_quoted(self, at: int) -> bool:
        return 0 <= at < self.size and self.low[at] == QUOTED

    def is_title(self, at: int) -> bool:
        """Return whether token `at` is a name in quotation marks: der Sender „Kanal 10“."""
        if not self.is_quoted(at) or self.sentence.is_complete(at):
            return False
        named = self.raw[at][1:2].isupper() or self.raw[at][1:2].isdigit()
        return named and self.sentence.end[at] - self.sentence.start[at] <= LONGEST_TITLE

    def is_person(self, at: int) -> bool:
        mention = self.sentence.named[at] if 0 <= at < self.size else None
        return mention is not None and mention.kind == "person"

    def is_party(self, first: int, last: int) -> bool:
        """Return whether a noun phrase names a person or body, by name, role or pronoun."""
        grammar, words = self.grammar, self.low[first:last]
        if any(mention is not None and mention.kind != "place" for mention in self.sentence.named[first:last]):
            return True
        personal = words[0] in grammar.personal and last - first == 1
        return personal or any(word in grammar.parties or word.endswith(grammar.party_endings) for word in words)

    def has_mood(self, first: int, last: int, moods: frozenset[str] | None = None) -> bool:
        """Return whether a verb of reported speech stands among the tokens, or one of `moods`."""
        wanted = self.grammar.moods if moods is None else moods
        found = [at for at in range(first, last) if self.raw[at][0].islower() and self.raw[at].lower() in wanted]
        return any(not self._describes(at) for at in found)

    def _describes(self, at: int) -> bool:
        """Return whether a verb form is an adjective here: "eine heiße Sache"."""
        before = self.low[at - 1] if at else ""
        return before in self.grammar.words["determiner"] and at + 1 < self.size and self.is_capital(at + 1)

    def has_verb(self, first: int, last: int) -> bool:
        grammar = self.grammar
        return self.has_mood(first, last) or any(
            word in grammar.finite or word in grammar.pack.cues for word in self.low[first:last]
        )

    def skip(self, at: int, limit: int, words: frozenset[str]) -> int:
        while at < limit and self.low[at] in words:
            at += 1
        return at

    def is_main(self, at: int) -> bool:
        """Return whether the part that begins at `at` has its verb in second place: a noun phrase, a verb, and more."""
        end = self.end(at)
        verb = self.phrase_end(at, end)
        if not any(self.is_capital(k) or self.low[k] in self.grammar.words["nominative"] for k in range(at, verb)):
            return False  # "der 1963 kam"
        return (
            at < verb < end
            and (self.low[verb] == QUOTED or (self.low[verb].isalpha() and verb < end - 1))
            and not self.is_capital(verb)
            and self.low[verb] not in self.grammar.not_subjects
        )

    def phrase_end(self, at: int, limit: int) -> int:
        """Return where the noun phrase that begins with token `at` ends; `at` itself if none begins there."""
        if at < limit and self.low[at] in self.grammar.words["pronoun"] and not self._leads(at, limit):
            return at + 1
        return self._capital_end(at, limit) if self.grammar.capitals else self._plain_end(at, limit)

    def _leads(self, at: int, limit: int) -> bool:
        """Return whether the word at `at` stands before a noun and so is not a pronoun of its own."""
        return self.low[at] in self.grammar.words["determiner"] and at + 1 < limit and self._noun_near(at + 1, limit)

    def _noun_near(self, at: int, limit: int) -> bool:
        for k in range(at, min(limit, at + 5)):
            if self.low[k] in self.grammar.breaks:
                return False
            if self.is_capital(k):
                return True
        return False

    def _plain_end(self, at: int, limit: int) -> int:
        end = at
        while end < limit:
            word = self.low[end]
            if word in self.grammar.phrase_stops or self.is_spelled(end, "stop"):
                break
            if end > at and word in self.grammar.pack.cues:
                break
            end += 1
        return end

    def _capital_end(self, at: int, limit: int) -> int:
        phrase = _NounPhrase(at, limit, end=at, at=at)
        while phrase.at < limit and apply(_CAPITAL_PHRASE, self, phrase):
            phrase.at += 1
        return phrase.end

    def take_title(self, phrase: "_NounPhrase") -> bool:
        """Take a title after its noun, not after a person: "der Sender „Kanal 10“"."""
        leads = phrase.awaits and phrase.end == phrase.first  # "laut „Kurier“"
        if not self.is_title(phrase.at) or (phrase.at > phrase.first and self.is_person(phrase.at - 1)):
            return False
        if phrase.awaits and not leads:
            return False
        phrase.end, phrase.awaits = phrase.at + 1, False
        return True

    def take_bracket(self, phrase: "_NounPhrase") -> bool:
        reach = range(phrase.at, min(phrase.limit, phrase.at + _BRACKET_REACH))
        closing = next((at for at in reach if self.low[at] == ")"), None)
        if closing is None:
            return False
        phrase.at, phrase.end = closing, closing + 1
        return True

    def is_noun(self, phrase: "_NounPhrase") -> bool:
        # The capital of "Die russische Regierung" is that of its sentence.
        leads = phrase.at == phrase.first and self._leads(phrase.at, phrase.limit)
        counts = phrase.at + 1 < phrase.limit and not phrase.awaits and self.is_capital(phrase.at + 1)
        return (self.is_capital(phrase.at) and not leads) or (self.low[phrase.at].isdigit() and not counts)

    def take_noun(self, phrase: "_NounPhrase") -> bool:
        phrase.end, phrase.awaits = phrase.at + 1, self._in_attribute(phrase)
        return True

    def _in_attribute(self, phrase: "_NounPhrase") -> bool:
        """Return whether the noun belongs to an attribute of a later one: "die für den Hafen zuständige Ministerin"."""
        words, following = self.grammar.words, phrase.at + 1
        if following >= phrase.limit or phrase.at == phrase.first or self.is_capital(following):
            return False
        opens = self.low[phrase.first] in words["determiner"] and self.low[phrase.first + 1] in words["preposition"]
        if not opens:
            return False
        return self.low[following].endswith(("e", "en", "er", "es")) and self._noun_near(following + 1, phrase.limit)

    def precedes_noun(self, phrase: "_NounPhrase") -> bool:
        word, words = self.low[phrase.at], self.grammar.words
        if word in words["determiner"]:
            return True
        inflected = word.endswith(("e", "en", "er", "em", "es")) and word not in words["preposition"]
        if phrase.at == phrase.first and not inflected:
            return False
        return word not in self.grammar.finite and self._noun_near(phrase.at + 1, phrase.limit)

    def take_link(self, phrase: "_NounPhrase") -> bool:
        """Take a genitive or "von", but not "am" before a weekday."""
        words, following = self.grammar.words, self.low[phrase.at + 1 : min(phrase.limit, phrase.at + 4)]
        if self.is_person(phrase.at - 1) and self.low[phrase.at] not in words["from"]:
            phrase.awaits = self.low[phrase.at] in words["conjunction"]  # not "sagte Lind der Zeitung", "Lind im Mai"
        elif self.low[phrase.at] in words["genitive"]:
            phrase.awaits = True
        else:
            timed = not self.grammar.dated.isdisjoint(following) or (bool(following) and following[0].isdigit())
            phrase.awaits = not timed
        return phrase.awaits

    def is_town(self, phrase: "_NounPhrase") -> bool:
        word, following = self.low[phrase.at], phrase.at + 1
        grammar = self.grammar
        adjective = word.endswith("er") and word not in grammar.finite and word not in grammar.words["preposition"]
        return adjective and self._noun_near(following, min(phrase.limit, phrase.at + 3))

    def phrase_start(self, last: int, floor: int) -> int:
        """Return where the noun phrase that ends before token `last` begins, not before `floor`."""
        words = self.grammar.words
        at = last
        while at > floor:
            word = self.low[at - 1]
            if at == last and self.is_title(at - 1):
                at -= 1
                continue
            if word in self.grammar.breaks:
                break
            adjective = word.endswith(("er", "en", "em", "es")) and word not in self.grammar.not_subjects
            inner = word in self.grammar.linkers and at - 1 > floor and self.is_capital(at - 2)
            if not (self.is_capital(at - 1) or word in words["determiner"] or inner or (adjective and at < last)):
                break
            at -= 1
        return at

    def appositive_end(self, comma: int) -> int | None:
        """Return the comma that closes the aside which token `comma` opens; None if none does or it is too long."""
        if comma >= self.size or self.low[comma] != ",":
            return None
        end = self.end(comma + 1)
        if end >= self.size or self.low[end] != "," or end - comma > 40:
            return None
        return end


class _NounPhrase(Struct, eq=False):
    """A noun phrase from token `first` that is read up to `at`; `awaits` its noun, and ends at `end` so far."""

    first: int
    limit: int
    end: int
    at: int
    awaits: bool = True


# How a token goes on with a noun phrase whose nouns have capitals; a result of False ends the phrase before it.
_CAPITAL_PHRASE: Rules[Clauses, _NounPhrase, bool] = (
    ("title in quotation marks", lambda c, p: c.low[p.at] == QUOTED, Clauses.take_title),
    ("brackets", lambda c, p: c.low[p.at] == "(" and not p.awaits, Clauses.take_bracket),
    ("boundary", lambda c, p: c.low[p.at] in BOUNDARIES, lambda _, __: False),
    ("noun", Clauses.is_noun, Clauses.take_noun),
    ("determiner or adjective", lambda _, p: p.awaits, Clauses.precedes_noun),
    ("genitive", lambda c, p: c.low[p.at] in c.grammar.linkers, Clauses.take_link),
    ("adjective of a town", Clauses.is_town, lambda _, __: True),
)
