"""Judge whether the words after a verb of speech are what was said.

Few verbs are known, so an opening that only a clause has stands in for one.
"""

from msgspec import Struct

from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import QUOTED, Candidate, Sentence
from searchkit.statements.quotes.word_classes import SPEAKING_KINDS
from searchkit.statements.rules import Rules, Verdicts, apply, judge

Ranges = list[tuple[int, int]]

# Tokens between a verb and its quotation that are no object: "described as a".
_LONGEST_LINK = 3
_ENDS = frozenset({",", ";", "-", ":", "("})


class _Opening(Struct, eq=False):
    """The tokens `at` to `stop` after a cue; `firm` is what opens them (that, colon, quote) or empty."""

    sentence: Sentence
    low: list[str]
    at: int
    stop: int
    candidate: Candidate
    firm: str
    word: str
    needs: str

    def __len__(self) -> int:
        return self.stop - self.at


class _Complement(Struct, eq=False):
    """The tokens `start` to `stop` after a cue, with a `quote` among them; `direct` if nothing but links precede it."""

    sentence: Sentence
    low: list[str]
    start: int
    stop: int
    candidate: Candidate
    quote: int
    direct: bool


class Contents:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        words = grammar.pack.words
        self.words = words
        self.asking = grammar.phrases("asking")
        self._joints = words["list-joint"] | {",", QUOTED}
        self._gaps = grammar.relatives | grammar.that
        self._clause_ends = self._gaps | grammar.subordinators | grammar.conjunctions | words["infinitive-mark"]
        self._clause_ends |= {",", ";", ":", "-", QUOTED}
        self._object_ends = words["contrast"] | {",", ";", ":", "-", "(", ")"}
        self.breaks = grammar.subordinators | grammar.prepositions | {",", "-"}
        self._no_nouns = (
            self.breaks | grammar.conjunctions | grammar.openings | grammar.finite | grammar.pack.cues.keys()
        )
        self._others = words["vague"] | words["reader"]
        self._no_objects = grammar.pronouns | (words["linking"] - words["object"])
        self._binding = grammar.prepositions | words["as"] | words["because"]
        self._relatives = grammar.relatives | grammar.that
        self._circumstances = words["time"] | words["weekday"] | words["relative-day"] | words["month"]
        self._circumstances |= words["occasion"] | words["before-after"] | words["during"]
        self._links = grammar.determiners | grammar.prepositions | words["linking"]

    def opens(self, sentence: Sentence, at: int, stop: int, candidate: Candidate, firm: str) -> bool:
        """Return whether words said with the cue of `candidate` start at `at`; `firm` is what opens them, or empty."""
        if at >= stop:
            return False
        low = sentence.low
        if firm:
            return firm != "that" or stop - at > 2 or low[at] not in self.grammar.prepositions  # "proposed that in May"
        opening = _Opening(sentence, low, at, stop, candidate, firm, low[at], candidate.cue.needs)
        return judge(_OPENINGS, self, opening, False)

    def complement(self, sentence: Sentence, candidate: Candidate, start: int, stop: int) -> Ranges:
        """Return the tokens from the object to the last quotation of "called the plan a 'trick'", to the end of the
        clause in "rejected the claim that it is old", or nothing."""
        low = sentence.low
        if (end := self._rejected(sentence, candidate, start, stop)) > start:
            return [(start, end)]
        quote = next((k for k in range(start, min(stop, start + 15)) if low[k] == QUOTED), None)
        if quote is None or low[start] in {",", ":", "-"}:
            return []
        direct = quote - start <= _LONGEST_LINK and self._links.issuperset(low[start:quote])
        complement = _Complement(sentence, low, start, stop, candidate, quote, direct)
        return apply(_COMPLEMENTS, self, complement) or []

    def _rejected(self, sentence: Sentence, candidate: Candidate, start: int, stop: int) -> int:
        """Return the end of what others say and somebody rejects: "dismissed claims that it is old"; else 0."""
        low, grammar = sentence.low, self.grammar
        if candidate.cue.lemma not in self.words["reject-verb"] or start >= stop:
            return 0
        if low[start] in self.words["possessive"] or low[start].endswith("'s"):
            return 0  # "rejected his claim that": he said it
        that = next((at for at in range(start + 1, min(stop - 1, start + 4)) if low[at] in grammar.that), 0)
        said = low[that - 1] in self.words["rejected"] or low[that - 1] in self.words["speech-noun"]
        if not (that and said and grammar.has_verb(sentence, that + 1, stop)):
            return 0
        return grammar.clause_end(sentence, that, stop)

    def is_question(self, opening: _Opening) -> bool:
        asks = opening.word in self.grammar.questions and opening.needs not in {"about", "quoted"}
        return asks and len(opening) > 2

    def is_denied(self, opening: _Opening) -> bool:
        denied = opening.candidate.cue.lemma in self.words["deny-verb"]
        return denied and (self.is_gerund(opening) or opening.word in self.words["any"])

    def is_bare_clause(self, opening: _Opening) -> bool:
        """Return whether a clause with an auxiliary follows a verb that takes one: "warned it could sink"."""
        low, grammar, candidate = opening.low, self.grammar, opening.candidate
        if candidate.cue.lemma not in self.words["bare-clause"]:
            return False
        if candidate.cue.lemma in self.words["evidence-verb"] and not self._has_speaker(opening.sentence, candidate):
            return False  # "it showed he was ready"
        if candidate.cue.lemma in self.words["finding-verb"] and self._is_person(opening.sentence, candidate):
            return False  # "Lind found the quay was closed"
        if not grammar.opens_clause(opening.sentence, opening.at) or low[opening.at] in self.words["amount"]:
            return False
        reach = 2 if low[opening.at] in self.words["object-form"] else 10  # "showed you earlier"
        for at in range(opening.at + 1, min(opening.stop, opening.at + reach)):
            if low[at] in grammar.auxiliaries:
                return True
            if low[at] in self._clause_ends:
                return False
        return False

    def _has_speaker(self, sentence: Sentence, candidate: Candidate) -> bool:
        """Return whether the last word of the subject is a speaker: "the office", but not "it", "Lind's attack"."""
        last = candidate.subject[1]
        if sentence.low[last - 1] in self.words["neuter"] or sentence.low[last - 1] in self.grammar.determiners:
            return False
        return sentence.raw[last - 1][0].isupper() or self.grammar.speaks(sentence, last - 1, last)

    def _is_person(self, sentence: Sentence, candidate: Candidate) -> bool:
        last = candidate.subject[1] - 1
        word, mention = sentence.low[last], sentence.named[last]
        person = mention is not None and mention.kind == "person"
        return person or word in self.words["nominative"] or word in self.grammar.people

    def object_end(self, sentence: Sentence, candidate: Candidate, at: int, stop: int) -> int | None:
        """Return where the object at `at` ends: "announced a plan for the quay, which is old"; None without one."""
        low, grammar, first = sentence.low, self.grammar, candidate.subject[0]
        of = f"{candidate.cue.lemma}-{low[at - 1]}" in self.words["object-particle"]
        personal = candidate.cue.lemma in self.words["personal-object-verb"] and self._is_person(sentence, candidate)
        if at >= stop or (candidate.cue.lemma not in self.words["object-verb"] and not of and not personal):
            return None
        if not self._starts_object(sentence, candidate, at):
            return None
        if not self._has_speaker(sentence, candidate) or low[candidate.at - 1] in grammar.prepositions:
            return None
        if candidate.side == "left" and first and low[first - 1] in self.words["circumstance"]:
            return None  # "since she announced her plan"
        end = next((k for k in range(at, stop) if low[k] in self._object_ends), stop)
        return end if end - at > 2 else None

    def _starts_object(self, sentence: Sentence, candidate: Candidate, at: int) -> bool:
        low = sentence.low
        if low[at] in self.grammar.determiners or sentence.named[at] is not None:
            return True
        verbal = low[candidate.at].endswith("ed") or low[candidate.at - 1] == ","  # "the report tools" is a noun
        return verbal and low[at].isalnum() and low[at] not in self._no_nouns and not self.grammar.is_adverb(low[at])

    def is_gap(self, opening: _Opening) -> bool:
        """Return whether the subject of the clause stands before the report: "which Lind claimed were old"."""
        first = opening.candidate.subject[0]
        relative = opening.candidate.side == "left" and first > 0 and opening.low[first - 1] in self._gaps
        return relative and opening.needs == "clause" and opening.word in self.grammar.auxiliaries and len(opening) > 2

    def has_near_verb(self, opening: _Opening) -> bool:
        at = opening.at + 1
        return opening.needs == "strong" or self.grammar.has_verb(opening.sentence, at, at + 5)

    def is_asked(self, opening: _Opening) -> bool:
        asking = opening.candidate.cue.lemma in self.asking
        return asking and opening.word in self.words["asked"] and len(opening) > 2

    def is_circumstance(self, opening: _Opening) -> bool:
        first = opening.candidate.subject[0]
        return opening.candidate.side == "left" and first > 0 and opening.low[first - 1] in self.words["circumstance"]

    def is_gerund(self, opening: _Opening) -> bool:
        """Return whether it starts with "having seen it" or "ever telling her"."""
        low, at = opening.low, opening.at
        while at + 1 < len(low) and self.grammar.is_adverb(low[at]):
            at += 1
        return low[at].endswith("ing") and at + 1 < len(low)

    def is_amount(self, opening: _Opening) -> bool:
        amount = opening.word in self.words["amount"] and len(opening) > 2
        return amount and self.grammar.has_verb(opening.sentence, opening.at + 1, opening.stop)

    def is_vague(self, opening: _Opening) -> bool:
        """Return whether it starts with "nothing" or "so"; "no" may determine a noun, "nothing" may be a subject."""
        following = opening.low[opening.at + 1] if opening.at + 1 < len(opening.low) else ","
        determines = opening.word in self.words["no"] and following not in self.breaks
        subject = opening.word in self.words["headless"] and following in self.grammar.auxiliaries
        return opening.word in self.words["vague"] and not determines and not subject

    def is_short_clause(self, opening: _Opening) -> bool:
        """Return whether two words are a clause: "it fell", "sales fell"."""
        if len(opening) != 2:
            return False
        subject, verb = opening.low[opening.at : opening.stop]
        plain = verb.isalpha() and not self.grammar.is_adverb(verb) and verb not in self.words["vague"]
        small = opening.sentence.raw[opening.at].islower()
        many = subject.endswith("s") and subject.isalpha() and small and not verb.endswith("s")
        return (subject in self.grammar.pronouns or many) and plain and verb not in self.grammar.prepositions

    def may_be_clause(self, opening: _Opening) -> bool:
        sentence, word, size = opening.sentence, opening.word, len(opening)
        return size >= 2 and (
            self.is_short_clause(opening)
            or self.grammar.has_verb(sentence, opening.at, opening.stop)
            or (size >= 3 and self.grammar.opens_clause(sentence, opening.at))
            or (size >= 4 and word not in self.breaks and not self.grammar.is_adverb(word))
        )

    def is_word_of_others(self, complement: _Complement) -> bool:
        first, last = complement.candidate.subject
        return not self._others.isdisjoint(complement.low[max(0, first - 1) : last])

    def is_interrupted(self, complement: _Complement) -> bool:
        between = complement.low[complement.start : complement.quote]
        return any(word in {",", ";", ":", "-"} or word in self.grammar.finite for word in between)

    def is_label(self, complement: _Complement) -> bool:
        candidate, grammar = complement.candidate, self.grammar
        if not complement.direct or candidate.participle:
            return False
        at = candidate.subject[1] - 1
        word, mention = complement.low[at], complement.sentence.named[at]
        named = mention is not None and mention.kind in SPEAKING_KINDS
        return not (named or word in grammar.speaking or word in grammar.pronouns)

    def is_dismissed_as(self, complement: _Complement) -> bool:
        low, after = complement.low, complement.quote + 1
        leads = complement.direct and low[complement.start] in self.words["as"]
        return leads and after < complement.stop and low[after] in self.grammar.determiners

    def to_last_quotation(self, complement: _Complement) -> Ranges:
        low, grammar = complement.low, self.grammar
        start, stop = complement.start, complement.stop
        end = complement.quote + 1
        while end < stop and (
            low[end] in self._joints
            or (low[end] in grammar.prepositions and low[end - 1] in grammar.conjunctions)
            or (low[end] in grammar.determiners and end + 1 < stop and low[end + 1] == QUOTED)
        ):
            end += 1
        while low[end - 1] != QUOTED:
            end -= 1
        while start < complement.quote and low[start] in self._no_objects:
            start += 1
        return [(start, self._past_quotation(complement.sentence, end, stop))]

    def _past_quotation(self, sentence: Sentence, end: int, stop: int) -> int:
        """Return the end of what completes the quotation before `end`: “a friend” of boats, “old” because it leaks."""
        low, grammar = sentence.low, self.grammar
        if end + 1 >= stop or sentence.is_complete(end - 1):
            return end
        relative = low[end] in self._relatives and QUOTED in low[end : end + 4]  # “a liar” who “lies”
        binds = low[end] in self._binding and self._circumstances.isdisjoint(low[end : end + 4])
        if not (relative or binds):
            return end
        for at in range(end + 1, stop):
            joins = low[at] in grammar.conjunctions and at + 1 < stop
            if low[at] in _ENDS or (joins and (low[at + 1] in grammar.finite or low[at + 1].endswith("ed"))):
                return at
        return stop


# Whether words that nothing firm opens are what was said; by default they are not.
_OPENINGS: Verdicts[Contents, _Opening, bool] = (
    ("indirect question", Contents.is_question, True),
    ("when asked what", lambda f, o: f.is_asked(o) and f.is_circumstance(o), False),
    ("asked what", Contents.is_asked, True),
    ("denied having done it", Contents.is_denied, True),
    ("warned it could sink", Contents.is_bare_clause, True),
    ("which Lind claimed were old", Contents.is_gap, True),
    ("weak verb alone", lambda _, o: o.needs in {"weak", "quoted", "wish"}, False),
    ("boundary", lambda _, o: o.word in {",", "-", ";", ")"}, False),
    ("much of it was lost", lambda f, o: f.is_amount(o) and f.has_near_verb(o), True),
    ("amount and a far verb", Contents.is_amount, False),
    ("vague word", Contents.is_vague, False),
    ("clause after a strong verb", lambda f, o: o.needs == "strong" and f.may_be_clause(o), True),
    ("no clause after a strong verb", lambda _, o: o.needs == "strong", False),
    ("clause", lambda f, o: len(o) >= 3 and f.grammar.is_clause(o.sentence, o.at, o.stop), True),
)


# What was said with a verb that reports a quotation about something; an empty result: nothing.
_COMPLEMENTS: Rules[Contents, _Complement, Ranges] = (
    ("what she called a 'trick'", Contents.is_word_of_others, lambda _, __: []),
    ("another clause between", Contents.is_interrupted, lambda _, __: []),
    ("name of a thing", Contents.is_label, lambda _, __: []),
    (
        "accused of 'theft'",
        lambda f, c: c.quote - c.start <= _LONGEST_LINK and c.low[c.start] in f.words["of"],
        lambda _, c: [(c.start + 1, next((k for k in range(c.quote, c.stop) if c.low[k] in {",", ";", "-"}), c.stop))],
    ),
    ("dismissed as 'old' a report", Contents.is_dismissed_as, lambda _, c: [(c.start, c.stop)]),
    ("object and quotations", None, Contents.to_last_quotation),
)
