"""Verbs of speech and quotations that make no statement: which they are, and why (`inspect --explain`).

The rules drop reports that are denied, avoided, supposed or only asked about. cues.py handles a negation next to the
verb itself. "If the ship sails, Lind said, ..." does not suppose the saying: the word before the subject decides.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from searchkit.statements.packs import CueClass
from searchkit.statements.quotes.cues import CueFinder
from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import MOST_TOKENS, Candidate, Sentence
from searchkit.statements.text import Span

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


class NonFactive:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        words = self._words = grammar.pack.words
        self._phrases = [phrase.split("-") for phrase in words["condition-phrase"]]
        self._negations = words["negation"] | words["negative-subject"]
        self._inverting = self._negations | grammar.conjunctions | grammar.questions | {",", ";", ":", "-"}

    def reports(self, sentence: Sentence, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Return the candidates that report something."""
        unsaid = (self._is_denied, self._is_supposed, self._is_denied_subject)
        return [candidate for candidate in candidates if not any(rule(sentence, candidate) for rule in unsaid)]

    def asks_anonymity(self, sentence: Sentence, start: int, stop: int) -> bool:
        """Return whether the words after a verb of asking only ask not to be named."""
        low = sentence.low
        for at in range(start, min(stop, start + 9)):
            if low[at] in self._words["anonymous"]:
                asked = low[start:at]
                staying = not self._words["staying"].isdisjoint(asked)
                return staying and (asked[0] in self._words["infinitive-mark"] or not self._negations.isdisjoint(asked))
        return False

    def _is_denied(self, sentence: Sentence, candidate: Candidate) -> bool:
        """Return whether a denial governs the -ing form or perfect of `candidate`: "denied having said"."""
        low = sentence.low
        if candidate.side == "according":
            return False
        at = self._grammar.skip_back(low, candidate.at - 1, also=self._words["perfect-participle"])
        if not low[candidate.at].endswith("ing") and self._words["perfect-participle"].isdisjoint(
            low[at + 1 : candidate.at]
        ):
            return False
        if at > 0 and low[at] in self._words["denial-link"]:
            at -= 1
        return at >= 0 and low[at] in self._words["denial"]

    def _is_supposed(self, sentence: Sentence, candidate: Candidate) -> bool:
        """Return whether the clause of the report is a condition, a question, or one called false."""
        low, grammar = sentence.low, self._grammar
        at = candidate.subject[0] - 1
        if candidate.side in {"right", "according"} or at < 0:
            return False
        at = grammar.skip_back(low, at)
        word = low[at]
        if (
            word in self._words["condition"]
            or word in self._words["false"]
            or low[max(0, at - 1) : at + 1] in self._phrases
        ):
            return True
        if word in grammar.auxiliaries and (at == 0 or low[at - 1] in self._inverting):
            return True  # "Did Lind say ...?", "nor has Lind said", "Had Lind said ..."
        if word not in grammar.that:
            return False
        if at == 0:
            first = candidate.subject[0]
            determined = low[first] in grammar.determiners or low[first] in grammar.pronouns
            # "That Lind said the quay was closed is untrue."; "that" of "that oil planner said" is the noun's own.
            return sentence.named[first] is not None or determined
        if low[at - 1] in self._words["false"] or low[at - 1] in self._words["denial"]:
            return True
        before = low[max(0, at - 1 - 5) : at - 1]
        doubted = low[at - 1] in self._words["doubted"]
        return doubted and any(earlier in self._negations or earlier.endswith("n't") for earlier in before)

    def _is_denied_subject(self, sentence: Sentence, candidate: Candidate) -> bool:
        """Return whether the subject is negative: "no official", "neither Lind nor Malt", "no longer"."""
        low, (first, last) = sentence.low, candidate.subject
        if candidate.side == "according":
            return False
        if first and low[first - 1] in self._words["negative-subject"]:
            first -= 1
        number = first + 1 < last and low[first + 1].isdigit()  # "No. 2 official"
        return low[first] in self._words["negative-subject"] and not number
