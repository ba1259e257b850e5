"""Explain why verbs of speech and quotations made no statement (`inspect --explain`).

A reason is the first that holds of those the rules look at, in their order.
"""

from collections.abc import Iterator

from msgspec import Struct

from searchkit.extract.packs import CueClass
from searchkit.extract.quotes.cues import CueFinder
from searchkit.extract.quotes.non_factive import NonFactive
from searchkit.extract.quotes.phrases import Grammar
from searchkit.extract.quotes.reading import MOST_TOKENS, Sentence
from searchkit.text import Span

TERM = "a term: fewer than four words and no cue"
NO_CUE = "a quotation without a cue, and no sentence of its own"
# Why a verb of each class reports nothing.
_NOTHING_REPORTED: dict[CueClass, str] = {
    "strong": "no reported words found",
    "clause": 'reports only with a clause, "that", a colon or a quotation',
    "weak": 'reports only with "that", a colon or a quotation',
    "quoted": "reports only with a quotation",
    "about": "reports only with a quotation",
    "wish": 'reports only with "that", "to", a colon or a quotation',
}


class NoStatement(Struct, frozen=True):
    """A place that could have been a statement, and the reason why it is not."""

    span: Span
    reason: str


class Unreported:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._finder = CueFinder(grammar)
        self._non_factive = NonFactive(grammar)
        self._words = grammar.pack.words

    def cues(self, sentence: Sentence, taken: set[int], said: list[Span]) -> Iterator[NoStatement]:
        """Yield the verbs of speech of `sentence` that start at none of `taken`; `said` are the statements near it."""
        low = sentence.low
        known = self._grammar.pack.cues
        places = [at for at in range(len(low)) if low[at] in known and sentence.start[at] not in taken]
        if not places:
            return
        if len(low) > MOST_TOKENS:
            yield NoStatement(sentence.span, "a table or a list: longer than any sentence")
            return
        found = {candidate.at: candidate for candidate in self._finder.candidates(sentence)}
        reports = {candidate.at for candidate in self._non_factive.reports(sentence, found.values())}
        for at in places:
            span = sentence.range(at, at + 1)
            if at not in found:
                reason = self._no_candidate(sentence, at)
            elif at not in reports:
                reason = "a condition, a question or a denial, not a report"
            elif any(content.covers(span) for content in said):
                reason = "inside another statement"
            else:
                reason = _NOTHING_REPORTED[found[at].cue.needs]
            yield NoStatement(span, reason)

    def _no_candidate(self, sentence: Sentence, at: int) -> str:
        low, grammar = sentence.low, self._grammar
        cue = grammar.pack.cues[low[at]]
        if sentence.named[at] is not None or (at and sentence.raw[at][0].isupper()):
            return "part of a name"
        if cue.particle and low[at + 1 : at + 2] != [cue.particle]:
            return f"not {cue.lemma}"
        before = at - 1
        while before >= 0 and sentence.named[before] is None:
            word = low[before]
            if word in grammar.negations or word.endswith("n't"):
                return "negated"
            if word in self._words["modal"]:
                return "supposed (could, would, should), not reported"
            if word in self._words["be"] and not low[at].endswith("ing"):
                return "passive: the speaker is not named"
            if word not in grammar.auxiliaries and not grammar.is_adverb(word):
                break
            before -= 1
        if before >= 0 and low[before] in self._words["infinitive-mark"]:
            return "an infinitive: intended, not reported"
        if before >= 0 and (low[before] in grammar.determiners or low[before] in grammar.prepositions):
            return "a noun here"
        return "no subject"
