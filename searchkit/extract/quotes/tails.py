"""Find where the reporter's own words follow what was said: "Lind said the quay was old, a view that cost him votes".

Such a tail follows a complete clause and runs to the end of the sentence. Most contain no quotation mark and no other
comma: those are `last`.
"""

from msgspec import Struct

from searchkit.extract.quotes.phrases import SPEAKING_KINDS, Grammar
from searchkit.extract.quotes.reading import QUOTED, Sentence
from searchkit.extract.rules import Verdicts, judge

# Fewer tokens before or behind the comma are no clause.
_SHORTEST_CLAUSE = 2
# So far, in tokens, the verb of "which" may stand apart from it.
_VERB_REACH = 4


class _Tail(Struct, eq=False):
    """The tokens behind the comma or dash at `at`, up to `stop`; what was said starts at `start`."""

    sentence: Sentence
    low: list[str]
    start: int
    at: int
    stop: int
    word: str
    following: str
    dash: bool
    last: bool


class Tails:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.words = grammar.pack.words
        self._marks = {",", "-", ";", QUOTED}

    def end(self, sentence: Sentence, start: int, stop: int) -> int:
        """Return where a tail of the reporter's begins in the content from `start`; else `stop`."""
        low = sentence.low
        marks = [at for at in range(start, stop - 1) if low[at] in self._marks]
        dashes = low[start:stop].count("-")
        for at in marks:
            dash = low[at] == "-"
            if at - start < _SHORTEST_CLAUSE or stop - at <= _SHORTEST_CLAUSE or not (dash or sentence.has_comma(at)):
                continue
            last = at == marks[-1] or (dash and dashes == 1)
            tail = _Tail(sentence, low, start, at, stop, low[at + 1], low[at + 2], dash, last)
            end = at + (low[at] == QUOTED)
            if judge(_TAILS, self, tail, False) and self.grammar.states(sentence, start, end, verb=dash):
                return end
        return stop

    def is_fact(self, tail: _Tail) -> bool:
        """Return whether a relative clause states a fact: what "which would" and "which had" say is reported."""
        near = tail.low[tail.at + 2 : tail.at + 2 + _VERB_REACH]
        of_thing = tail.word in self.grammar.relatives - self.words["personal-relative"]
        return of_thing and self.words["backshifted"].isdisjoint(near)

    def is_behind_name(self, tail: _Tail) -> bool:
        mention = tail.sentence.named[tail.at - 1]
        return mention is not None and mention.kind in SPEAKING_KINDS

    def describes_person(self, tail: _Tail) -> bool:
        return tail.word in self.words["personal-relative"] and self.is_behind_name(tail)

    def judges(self, tail: _Tail) -> bool:
        """Return whether "a view that" judges what was said, or describes a person; "the List, a register" says it."""
        mention = tail.sentence.named[tail.at - 1]
        judged = mention is None or mention.kind in {"person", "place"}
        return judged and tail.word in self.words["indefinite"] & self.grammar.articles

    def describes_name(self, tail: _Tail) -> bool:
        small = tail.sentence.raw[tail.at + 2].islower()
        return tail.word in self.grammar.articles and small and self.is_behind_name(tail)

    def contrasts(self, tail: _Tail) -> bool:
        other = tail.low[tail.start] not in self.grammar.pronouns
        people = self.words["male"] | self.words["female"]
        return tail.word in self.words["contrast"] and tail.following in people and other

    def follows_gap(self, tail: _Tail) -> bool:
        """Return whether a clause is joined to what "what Lind said was old" says without a subject."""
        gap = tail.low[tail.start] in self.grammar.finite and tail.word in self.grammar.conjunctions
        return gap and self.grammar.opens_clause(tail.sentence, tail.at + 2)

    def joins(self, tail: _Tail) -> bool:
        joined = tail.dash and tail.word in self.grammar.conjunctions - self.words["contrast"]
        return joined and tail.following not in self.grammar.that and tail.following not in self.words["so-not"]


# Whether the words behind a comma or dash are the reporter's; by default they are not.
_TAILS: Verdicts[Tails, _Tail, bool] = (
    (", but he would not say more", Tails.contrasts, True),
    (", pointing to a 'hole'", lambda f, t: t.word in f.words["aside-participle"], True),
    ("said was old, but the crew left", Tails.follows_gap, True),
    ("more follows", lambda _, t: not t.last, False),
    (", which was passed in May", Tails.is_fact, True),
    (", who left in May", Tails.describes_person, True),
    (", a view that cost him votes", Tails.judges, True),
    (", the founder of the firm", Tails.describes_name, True),
    ("- and no one objected", Tails.joins, True),
    (", as did Malt", lambda f, t: t.word in f.words["as"] and t.following in f.grammar.auxiliaries, True),
)
