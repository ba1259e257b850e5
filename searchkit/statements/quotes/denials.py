"""Find what is denied or charged where no clause says it: "denied the allegations", "accused the firm of hiding files".

The object of a denial is an accusation, report or claim by its noun; "denied the visa" and "rejected the offer" deny
nothing that was said.
"""

from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import QUOTED, Candidate, Sentence

# How many words may stand between a verb of denial and the noun, and between an accused and "of".
_NOUN_REACH = 7
_ACCUSED_REACH = 12


class Denials:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        words = self._words = grammar.pack.words
        self._verbs = words["denying-verb"]
        self._no_modifiers = grammar.prepositions | grammar.conjunctions | grammar.relatives | grammar.that
        self._no_modifiers |= grammar.finite | grammar.pronouns | words["object-pronoun"] | grammar.breaks
        self._no_modifiers |= {QUOTED, "(", ")"} | words["dated"]
        self._ends = grammar.subordinators | grammar.breaks | {QUOTED, "(", ")"} | words["as"]
        self._times = words["weekday"] | words["month"] | words["relative-day"] | words["time-adjective"]

    def object(self, sentence: Sentence, candidate: Candidate, stop: int) -> tuple[int, int] | None:
        """Return the tokens of what the verb of `candidate` denies or charges as a noun phrase; None without one."""
        if candidate.side == "right" or candidate.noun:
            return None
        at = self._past_time(sentence, candidate.after, stop)
        if QUOTED in sentence.low[at:stop]:
            return None  # the words in marks decide where it ends: "accused the office of “lies”"
        if candidate.cue.lemma in self._verbs:
            return self._denied(sentence, candidate, at, stop)
        return self._charged(sentence, at, stop) if candidate.cue.lemma in self._words["charging-verb"] else None

    def _denied(self, sentence: Sentence, candidate: Candidate, at: int, stop: int) -> tuple[int, int] | None:
        low, nouns = sentence.low, self._words["denied-noun"]
        noun = next((k for k in range(at, min(stop, at + _NOUN_REACH)) if low[k] in nouns), -1)
        if noun < 0 or not self._no_modifiers.isdisjoint(low[at:noun]):
            return None
        first, last = candidate.subject
        judged = candidate.cue.lemma not in self._words["deny-verb"]
        if judged and not self._words["hearer"].isdisjoint(low[first:last]):
            return None  # a court rejects a claim, but denies nothing
        end = self._end(sentence, noun + 1, stop)
        behind = self._past_time(sentence, end, stop)
        if low[behind : behind + 1] and behind < stop and low[behind] in self._grammar.that:
            owned = any(word in self._words["possessive"] or word.endswith(("'s", "s'")) for word in low[at:noun])
            if owned:
                return None  # "rejected his claim that": the claim is a statement of his
            end = self._grammar.clause_end(sentence, behind, stop)
        return at, end

    def _charged(self, sentence: Sentence, at: int, stop: int) -> tuple[int, int] | None:
        """Return "the firm of hiding files"."""
        low = sentence.low
        of = next((k for k in range(at + 1, min(stop - 1, at + _ACCUSED_REACH)) if low[k] in self._words["of"]), 0)
        if not of or not self._grammar.breaks.isdisjoint(low[at:of]):
            return None
        if not self._grammar.speaks(sentence, at, of) and low[at] not in self._words["object-pronoun"]:
            return None
        return at, self._end(sentence, of, stop)

    def _end(self, sentence: Sentence, at: int, stop: int) -> int:
        """Return the end of the noun phrase with what belongs to it: "of fraud", "made by the prosecutor"."""
        low, grammar = sentence.low, self._grammar
        opens = at < stop and (
            low[at] in grammar.prepositions or low[at].endswith("ed") or low[at] in self._words["made"]
        )
        while opens and at < stop and low[at] not in self._ends and low[at] not in grammar.that:
            if self._past_time(sentence, at, stop) > at:
                break
            at += 1
        return at

    def _past_time(self, sentence: Sentence, at: int, stop: int) -> int:
        """Return the token past "on Monday", "in 2022", "last week"; `at` if no date stands there."""
        low, first = sentence.low, at
        at += at < stop and low[at] in self._words["dated"]
        begins = at
        while at < stop and (low[at] in self._times or low[at][:4].isdigit()):
            at += 1
        while begins < at < stop and low[at] in self._grammar.times:
            at += 1
        return at if at > begins else first
