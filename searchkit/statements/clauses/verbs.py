"""Find verbs of speech in clausal languages, each with its auxiliary or its particle, and who speaks.

A form may be finite and a participle ("erklärt"): the auxiliary in its part of the sentence decides. The verb stands
second: what stands first may be its object, or no noun phrase at all.
"""

from msgspec import Struct

from searchkit.statements.clauses.phrases import ClauseGrammar, Clauses
from searchkit.statements.packs import Cue
from searchkit.statements.quotes.reading import QUOTED, Sentence
from searchkit.statements.text import Span, fold


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
        if at == last - 1 and word.endswith("en") and bare in self._pack.cues:
            modal = next((k for k in range(at - 1, first - 1, -1) if low[k] in self._words["modal"]), None)
            if modal is not None:  # "musste er betonen, dass"
                return Verb(at, modal, self._pack.cues[bare], first, last, False, passive=False)
        cue, last = self._cue(clauses, at, bare, last)
        if cue is None or (bare in self._words["with-it"] and not self.has_it(clauses, at)):
            return None
        spelled = clauses.raw[at].lower()
        is_participle = spelled in self._pack.participles
        if spelled != word and not (is_participle or self._clitics or spelled in self._pack.finite_forms):
            return None  # "gefördert" is not "gefordert"
        if is_participle and not self._stands_finite(clauses, at, first):
            return self._participle(clauses, at, cue, first, last)
        final = at == last - 1 and first < at and self._is_subordinate(clauses, first)
        return Verb(at, at, cue, first, last, final, passive=bare in self._words["passive"])

    def _cue(self, clauses: Clauses, at: int, bare: str, last: int) -> tuple[Cue | None, int]:
        """Return the cue of the form `bare` at `at`, and the end of its part, which its particle may move."""
        low = clauses.low
        for particled in self._pack.particled.get(bare, ()):
            closing = self._closing(clauses, at, particled.particle)
            if closing or self._is_joined(clauses, at, particled):
                return particled, closing or last
        if at < last - 1 and low[last - 1] in self._words["prefix"]:
            return None, last  # "findet ... statt" is another verb
        cue = self._pack.cues.get(bare)
        reflexive = cue is not None and cue.lemma in self._words["not-reflexive"]
        return None if reflexive and "sich" in low[clauses.start(at) : last] else cue, last  # "zeigte sich überrascht"

    def _is_subordinate(self, clauses: Clauses, first: int) -> bool:
        word = clauses.low[first]
        opens = word in (self.grammar.subordinators if first else self._words["subordinator"])
        return opens or word in self._words["as"] or self.is_relative(clauses, first)

    def _participle(self, clauses: Clauses, at: int, cue: Cue, first: int, last: int) -> Verb | None:
        """Return the verb of a participle with its auxiliary: "hat gesagt", "wird gefordert"."""
        low = clauses.low
        auxiliary = self._auxiliary(clauses, at, first, last)
        if auxiliary is None:
            return None
        perfect = low[auxiliary] not in self._words["state"] or low[at + 1 : at + 2] == ["worden"]
        if not perfect and cue.lemma not in self._words["moving"]:
            return None  # "Das ist geplant": a state, no report
        if clauses.raw[auxiliary].lower() in self.grammar.strict:
            return None  # "Ihr sei versichert worden": this is said itself
        passive = low[auxiliary] in self._words["passive"] or (
            at + 1 < clauses.size and low[at + 1] in self._words["passive-participle"]
        )
        return Verb(at, auxiliary, cue, first, last, auxiliary == at + 1 and auxiliary == last - 1, passive)

    def is_relative(self, clauses: Clauses, first: int) -> bool:
        """Return whether the part at `first` opens like "von dem die Polizei glaubt"."""
        words, low = self._words, clauses.low
        return (
            0 < first < clauses.size - 1 and low[first] in words["preposition"] and low[first + 1] in words["relative"]
        )

    def _closing(self, clauses: Clauses, at: int, particle: str) -> int:
        """Return the end of the part that `particle` closes: that of the verb, or one after asides; 0 for none.

        "Das teilte die Leiterin, Vera Lind, mit": the name is an aside between the verb and its particle.
        """
        low, last = clauses.low, clauses.end(at)
        for _ in range(3):
            if low[last - 1] == particle and last - 1 > at:
                return last
            closing = clauses.appositive_end(last)
            if closing is None or clauses.has_verb(last + 1, closing) or low[last + 1] in self._words["subordinator"]:
                break
            last = clauses.end(closing + 1)
            if clauses.has_verb(closing + 1, last):
                break
        return 0

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
        """Return whether a form that may be a participle is the verb of its clause: no auxiliary leads it."""
        if clauses.raw[at].lower() not in self._pack.finite_forms:
            return False
        return self._auxiliary(clauses, at, first, clauses.end(at)) is None


# How many parts of the sentence may stand between a subject and its verb: "Lind, Sprecher der Stadt, ... sagte".
_ASIDES = 3


class Subjects:
    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._grammar = verbs.grammar
        self._pack = verbs.grammar.pack
        self._words = verbs.grammar.words
        self._before_subject = self._words["adverb"] | self._words["weekday"] | self._words["object-pronoun"]

    def of(self, clauses: Clauses, verb: Verb, *, inverted: bool = False) -> Span | None:
        """Return who speaks, or None; an `inverted` verb has its subject behind it if anywhere."""
        sentence, low = clauses.sentence, clauses.low
        if verb.passive and verb.cue.lemma in self._words["naming"]:
            named = self.before(clauses, verb) or self.after(clauses, verb)  # "Lind wird mit den Worten zitiert"
            return sentence.range(*named) if named is not None else None
        if verb.passive:
            agent = self._agent(clauses, verb) or self._document(clauses, verb)
            return sentence.range(*agent) if agent is not None else None
        word = low[verb.finite]
        clitic = self._verbs.clitic(word)
        if clitic:
            end = sentence.end[verb.finite]
            return Span(end - len(clitic), end)
        shared = self._shared(clauses, verb) or self._governing(clauses, verb)
        if shared is not None:
            return shared
        found = self._stated(clauses, verb, inverted=inverted)
        if found is None or (found[1] - found[0] == 1 and low[found[0]] in self._words["impersonal"]):
            found = self._document(clauses, verb) or self._agent(clauses, verb)
        return sentence.range(*found) if found is not None else None

    def _stated(self, clauses: Clauses, verb: Verb, *, inverted: bool) -> tuple[int, int] | None:
        """Return the subject that stands before or behind an active verb."""
        behind = self.after(clauses, verb)
        found = (behind if inverted else None) or self.before(clauses, verb)
        if found is None:
            return behind
        if inverted or behind is None or self._is_source(clauses, *found):
            return found
        # "Diese Entscheidung kritisierte der Minister": the object comes first.
        return behind if clauses.is_party(*behind) and not self._is_object(clauses, *behind) else found

    def owner(self, clauses: Clauses, at: int, phrase: int, *, rejects: bool) -> tuple[int, int] | None:
        """Return whose noun of speech stands at `at`: its genitive, or the subject of the clause if it says it itself.

        A noun after "gegen" or "auf", or in the dative, is that of another: "wehrte sich gegen den Vorwurf".
        """
        low, words = clauses.low, self._words
        if phrase > at + 2 and low[at + 1] in words["genitive"] | words["from"]:
            return at + 1 + (low[at + 1] in words["from"]), phrase  # "die Behauptung der Stadt"
        first = clauses.skip(clauses.start(at), at, self._grammar.openers)
        last = clauses.phrase_end(first, at)
        if not first < last < at or low[first] in self._grammar.not_subjects or rejects:
            return None
        article = at - 1 if low[at - 1] in words["determiner"] else at
        others = words["preposition"] - words["accompanying"]
        holds = not words["state"].isdisjoint(low[last:at])  # "ist der Ansicht"
        dative = low[at - 1] in words["dative"] and low[at - 2] not in words["accompanying"] and not holds
        return None if dative or (low[article - 1] in others and not holds) else (first, last)

    def _is_source(self, clauses: Clauses, first: int, last: int) -> bool:
        documents = tuple(self._pack.roles["document"])
        written = any(word.endswith(documents) for word in clauses.low[first:last])
        named = any(clauses.sentence.named[first:last])
        return not self._grammar.capitals or written or named or clauses.is_party(first, last)

    def _is_object(self, clauses: Clauses, first: int, end: int) -> bool:
        inflected = clauses.low[first] in self._words["accusative"] | self._words["object-pronoun"]
        return inflected or self._is_dative(clauses, first, end)

    def _shared(self, clauses: Clauses, verb: Verb) -> Span | None:
        """Return the subject of the clause before, if the verb follows an "und": "Sie schwieg und kündigte an, ..."."""
        lead = min(verb.finite, verb.at)
        if lead < 2 or clauses.low[lead - 1] not in self._words["joining"]:
            return None
        if clauses.last_subject is not None:
            return clauses.last_subject
        first = clauses.skip(0, lead, self._grammar.openers)
        end = clauses.phrase_end(first, clauses.end(first))
        if first < end < lead - 1 and clauses.low[first] not in self._grammar.not_subjects:
            return clauses.sentence.range(first, end)
        # "Im Mai legte er das Amt nieder und verkündete, ..."
        places = (at for at in range(first, lead) if clauses.low[at] in self._words["nominative"])
        at = next(places, None)
        return clauses.sentence.range(at, at + 1) if at is not None and clauses.low[at] != "es" else None

    def _governing(self, clauses: Clauses, verb: Verb) -> Span | None:
        """Return the subject of the clause before an infinitive: "Lind beeilte sich, der Presse zu erklären, ..."."""
        if clauses.low[verb.at - 1] not in self._words["infinitive-mark"] or verb.at < 2 or verb.first < 2:
            return None
        first = clauses.skip(0, verb.at, self._grammar.openers)
        end = clauses.phrase_end(first, clauses.end(first))
        return clauses.sentence.range(first, end) if first < end and clauses.is_party(first, end) else None

    def _agent(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        """Return who speaks in a passive: "Das wurde von der Stadt angekündigt"."""
        low = clauses.low
        for at in range(verb.first, verb.last - 1):
            if low[at] not in self._words["agent"] or (at > verb.first and clauses.is_capital(at - 1)):
                continue
            end = clauses.phrase_end(at + 1, verb.last)
            if end > at + 1 and clauses.is_party(at + 1, end):
                return at + 1, end
        return None

    def _document(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        """Return the document that says it: "In einem Brief der Stadt heißt es"."""
        low = clauses.low
        documents = (*self._pack.roles["document"], *self._words["documents"])
        if self._verbs.is_relative(clauses, verb.first) and low[verb.first] in self._words["source-preposition"]:
            start = clauses.phrase_start(verb.first - 1, clauses.start(verb.first - 2))  # "ein Brief, in dem es heißt"
            if any(word.endswith(documents) for word in low[start : verb.first - 1]):
                return start, verb.first - 1
        for at in range(verb.first, verb.last - 1):
            if low[at] in self._words["source-preposition"]:
                end = clauses.phrase_end(at + 1, verb.last)
                written = any(word.endswith(documents) for word in low[at + 1 : end])
                if written or clauses.is_title(at + 1):
                    return at + 1, end
        return None

    def before(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        low = clauses.low
        lead = min(verb.finite, verb.at)
        first = verb.first
        if verb.final:
            return self._in_subordinate(clauses, verb)
        if low[first] in self._words["as"]:
            return None
        first = clauses.skip(first, lead, self._grammar.openers | self._words["object-clitic"])
        if first == 0 and low[0] in self._words["from"] and (clauses.is_person(1) or clauses.is_person(2)):
            return first, clauses.phrase_end(1, lead)  # "Von der Lind sagte"
        inverted = lead + 1 < verb.last and low[lead + 1] in self._words["nominative"]
        if inverted and low[lead + 1] == "es":  # "Die Behörde hält es für ..."
            inverted = not clauses.is_party(first, max(clauses.phrase_end(first, lead), first + 1))
        if first < lead and low[first] not in self._grammar.not_subjects and not inverted:
            end = clauses.phrase_end(first, lead)
            end = end if end > first else lead
            return None if self._is_adverbial(clauses, first, end) else (first, end)
        if first == lead and verb.first > 1 and low[verb.first - 1] == "," and not inverted:
            return self._before_aside(clauses, verb)
        return None

    def _in_subordinate(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        """Return the subject of a verb that ends its clause: "dass die Stadt sagte"."""
        if clauses.low[verb.first] in self._words["relative"]:
            return self._before_relative(clauses, verb)
        opening = 2 if self._verbs.is_relative(clauses, verb.first) else 1
        first = clauses.skip(verb.first + opening, verb.at, self._words["adverb"])
        end = clauses.phrase_end(first, min(verb.finite, verb.at))
        return (first, end) if end > first else None

    def _is_adverbial(self, clauses: Clauses, first: int, end: int) -> bool:
        """Return whether a noun phrase cannot be a subject: "Ende Mai 2006", "Der Zeitung sagte er"."""
        low, words = clauses.low, self._words
        if low[end - 1] in words["time"] or low[end - 1] in words["month"] or low[end - 1] in words["weekday"]:
            return True
        if low[end - 1].isdigit() and low[end - 2] in words["month"] and end - first > 1:
            return True
        return self._is_dative(clauses, first, end)

    def _is_dative(self, clauses: Clauses, first: int, end: int) -> bool:
        """Return whether a noun phrase with "der" is feminine, and so no subject: "der Zeitung"."""
        words = self._words
        noun = next((at for at in range(first + 1, end) if clauses.is_capital(at)), first)
        word = clauses.low[noun]
        feminine = word in words["feminine-noun"] or word.endswith(tuple(words["feminine-ending"]))
        return feminine and clauses.low[first] in words["feminine-dative"]

    def _before_relative(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        low = clauses.low
        # "die Polizei, von der sie glaubt": the subject stands inside; "X, der sagte": before the comma.
        inner = clauses.phrase_end(verb.first + 1, verb.at)
        leading = low[verb.first + 1]
        if inner > verb.first + 1 and leading not in self._words["preposition"] | self._words["accusative"]:
            return verb.first + 1, inner
        if verb.first > 1 and low[verb.first - 1] == ",":
            start = clauses.phrase_start(verb.first - 1, clauses.start(verb.first - 2))
            if start < verb.first - 1:
                return start, verb.first - 1
        return None

    def _before_aside(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        """The subject that asides part from its verb: "X, Sprecher der Stadt, sagte"."""
        low = clauses.low
        start = clauses.start(verb.first - 1)
        for _ in range(_ASIDES):
            if start < 2 or low[start - 1] != ",":
                break
            start = clauses.start(start - 1)
        first = clauses.skip(start, verb.first, self._grammar.openers)
        end = clauses.phrase_end(first, clauses.end(first))
        if end <= first or low[first] in self._grammar.not_subjects | self._words["question"] | {QUOTED}:
            return None
        # "L'installateur, la société Lind, affirme": the name stands in the aside.
        named = clauses.sentence.named
        speaks = any(mention is not None and mention.kind != "place" for mention in named[end : verb.first - 1])
        nameless = not any(mention is not None and mention.kind == "person" for mention in named[first:end])
        if nameless and end < verb.first and low[end] == "," and speaks:
            end = verb.first - 1
        return first, end

    def after(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        low = clauses.low
        at = verb.finite + 1
        if not self._grammar.capitals and verb.at > verb.finite:
            at = verb.at + 1
        limit = verb.last
        for _ in range(_ASIDES + 1):
            at = clauses.skip(at, limit, self._before_subject)
            if at < limit and (low[at] in self._words["addressing"] or clauses.is_spelled(at, "stop")):
                at = clauses.skip(at + 1, limit, self._words["determiner"]) + 1  # "à la presse"
                continue
            if at >= limit or low[at] not in self._words["preposition"]:
                break
            end = clauses.phrase_end(at + 1, limit)
            at = max(end, at + 1)
        end = clauses.phrase_end(at, limit)
        if end <= at:
            return None
        # "a déclaré le maire, Yvon Lind": the name after the comma belongs to the subject.
        if end < clauses.size and low[end] == "," and end + 1 < clauses.size:
            named = clauses.sentence.named[end + 1]
            if named is not None and named.kind == "person":
                end = clauses.phrase_end(end + 1, clauses.end(end + 1))
        return at, end
