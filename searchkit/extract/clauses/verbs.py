"""Find verbs of speech in clausal languages, each with its auxiliary or its particle.

A form may be finite and a participle ("erklärt"): the auxiliary in its part of the sentence decides.
"""

from msgspec import Struct

from searchkit.extract.clauses.phrases import ClauseGrammar, Clauses
from searchkit.extract.packs import Cue
from searchkit.extract.quotes.reading import Sentence
from searchkit.text import Span, fold


class Verb(Struct, frozen=True):
    """A cue at work: token `at`, its finite verb `finite` (an auxiliary or itself), the end `last` of its part."""

    at: int
    finite: int
    cue: Cue
    first: int
    last: int
    final: bool
    passive: bool


class Verbs:
    def __init__(self, grammar: ClauseGrammar) -> None:
        self.grammar = grammar
        self._pack = grammar.pack
        self._words = grammar.words
        self._elided = grammar.words["elided-before-verb"]
        self._clitics = tuple(f"-{word}" for word in grammar.words["clitic"])

    def clitic(self, word: str) -> str:
        """Return the pronoun attached to `word`: "il" of "dit-il"; empty for none."""
        return word.rpartition("-")[2] if self._clitics and word.endswith(self._clitics) else ""

    def span(self, sentence: Sentence, verb: Verb) -> Span:
        """Return the span of the verb without what is attached to it: "résume" of "résume-t-il"."""
        span, word = sentence.range(verb.at, verb.at + 1), sentence.raw[verb.at]
        start = span.start
        if fold(word).partition("'")[0] + "'" in self._elided:
            start += len(fold(word).partition("'")[0]) + 1
        clitic = self.clitic(sentence.low[verb.at])
        hung = len(clitic) + 1 if clitic else 0
        if hung and word[: len(word) - hung].endswith("-t"):
            hung += 2
        return Span(start, span.end - hung)

    def at(self, clauses: Clauses, at: int) -> Verb | None:
        low = clauses.low
        word = low[at]
        bare = self._bare(word)
        first, last = clauses.start(at), clauses.end(at)
        if clauses.is_capital(at) and at > 0:
            return None
        ending = low[last - 1] if last - 1 > at else ""
        particled = self._pack.particled.get(bare, ())
        joined = (cue for cue in particled if ending == cue.particle or self._is_joined(clauses, at, cue))
        cue = next(joined, None) or self._pack.cues.get(bare)
        if cue is None or (bare in self._words["with-it"] and not self.has_it(clauses, at)):
            return None
        opening = low[first] in (self.grammar.subordinators if first else self._words["subordinator"])
        final = at == last - 1 and first < at and (opening or low[first] in self._words["as"])
        if clauses.raw[at].lower() not in self._pack.participles or self._stands_finite(clauses, at, first):
            return Verb(at, at, cue, first, last, final, passive=False)
        auxiliary = self._auxiliary(clauses, at, first, last)
        if auxiliary is None:
            return None
        if clauses.raw[auxiliary].lower() in self.grammar.strict:
            return None  # "Ihr sei versichert worden": this is said itself
        passive = low[auxiliary] in self._words["passive"] or (
            at + 1 < clauses.size and low[at + 1] in self._words["passive-participle"]
        )
        return Verb(at, auxiliary, cue, first, last, auxiliary == at + 1 and auxiliary == last - 1, passive)

    def _is_joined(self, clauses: Clauses, at: int, cue: Cue) -> bool:
        low = clauses.low
        if (at and low[at - 1] == cue.particle) or low[at + 1 : at + 2] == [cue.particle]:
            return True
        behind = range(at + 1, clauses.end(at) - 1)
        return any(low[k] == cue.particle and low[k + 1] in self._words["conjunction"] for k in behind)

    def has_it(self, clauses: Clauses, at: int) -> bool:
        around = clauses.low[max(0, at - 1) : at + 2]
        return any(word in self._words["impersonal"] for word in around)

    def _bare(self, word: str) -> str:
        """Return `word` without the pronoun attached to it: dit-il, a-t-elle, l'a."""
        if not self._clitics:
            return word
        if word.endswith(self._clitics):
            word = word.rpartition("-")[0].removesuffix("-t")
        elided, apostrophe, rest = word.partition("'")
        return rest if apostrophe and elided + apostrophe in self._elided else word

    def _auxiliary(self, clauses: Clauses, at: int, first: int, last: int) -> int | None:
        places: tuple[int, ...] = (*range(at - 1, first - 1, -1), *range(at + 1, min(last, at + 3)))
        known = (k for k in places if self._bare(clauses.low[k]) in self._words["auxiliary"])
        return next((k for k in known if not clauses.is_spelled(k, "stop")), None)

    def _stands_finite(self, clauses: Clauses, at: int, first: int) -> bool:
        """Whether a form that may be a participle is the verb of its clause: no auxiliary is there to lead it."""
        if clauses.raw[at].lower() not in self._pack.finite_forms:
            return False
        return self._auxiliary(clauses, at, first, clauses.end(at)) is None
