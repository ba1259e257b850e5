"""Find where what is said ends before its sentence does, and where it goes on after a report.

A comma inside a list or an appositive ends nothing: a clause with a verb must follow it. A tail of the reporter's own
words follows a complete clause: "Lind said the quay was old, a view that cost him votes".
"""

from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import QUOTED, Candidate, Place, Sentence
from searchkit.statements.quotes.word_classes import SPEAKING_KINDS
from searchkit.statements.rules import Verdicts, judge

# Fewer tokens behind an opening phrase ("Too often, Lind said, ...") are no clause.
_SHORTEST_REST = 4
# Fewer tokens behind "that" are no clause.
_SHORTEST_CLAUSE = 3
# So far, in tokens, an aside may hold "and" and its "that" apart: "and finally, pressed by the chairman, that".
_ASIDE_REACH = 8


class Boundaries:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._cues = grammar.pack.cues
        words = self._words = grammar.pack.words
        self._closed = grammar.determiners | grammar.prepositions | grammar.conjunctions | grammar.subordinators
        self._closed |= grammar.relatives | grammar.pronouns | grammar.that | grammar.speaking | grammar.openings
        self._closed |= {",", ";", ":", "-", "(", ")", QUOTED}
        self._reasons = grammar.subordinators - words["scene"]
        self._causes = [phrase.split("-") for phrase in words["cause"]]
        self._phrase_starts = grammar.prepositions | grammar.openings | grammar.subordinators
        self._circumstances = words["circumstance"]

    def clause_end(self, sentence: Sentence, candidate: Candidate, start: int, stop: int) -> int:
        """Return where "when Lind said the quay was old, Malt left" gives way to its main clause; else `stop`."""
        low, grammar = sentence.low, self._grammar
        at = candidate.subject[0] - 1
        while at > 0 and grammar.is_adverb(low[at]) and low[at] not in self._circumstances:
            at -= 1
        if candidate.side != "left" or at < 0:
            return stop
        opens = low[at] in self._circumstances and (
            at <= 2 or low[at - 1] in {",", "-", ";"} or low[at - 1] in grammar.conjunctions
        )
        relative = low[at] in grammar.prepositions and low[candidate.subject[1]] in grammar.relatives
        opens = opens or self._is_in_opening(sentence, at, relative)
        return self._main_clause(sentence, start, stop) if opens else stop

    def _is_in_opening(self, sentence: Sentence, at: int, relative: bool) -> bool:
        """Return whether the token stands in a clause that opens the sentence: "in a year in which", "if I hear it"."""
        low, grammar = sentence.low, self._grammar
        first = low[0] in grammar.conjunctions
        if "," in low[: at + 1]:
            return False
        inside = relative or low[at] in grammar.relatives or low[at] in grammar.that or low[at] in self._circumstances
        return low[first] in self._circumstances or (inside and low[first] in grammar.prepositions)

    def contrast_before(self, sentence: Sentence, at: int, floor: int) -> int | None:
        """Return the comma of ", although an engineer, Lind, warned", or of ", and when asked, Lind said"."""
        low, grammar, clause = sentence.low, self._grammar, False
        for k in range(at, max(floor + 1, at - 24), -1):
            asked = low[k + 1] in self._words["when"] and low[k] in grammar.conjunctions
            if low[k - 1] == "," and (asked or (low[k] in self._words["contrast"] and not clause)):
                return k
            clause = clause or low[k] in grammar.finite or k < at - _ASIDE_REACH
            if low[k] == QUOTED:
                return None
        return None

    def noun_end(self, sentence: Sentence, candidate: Candidate, start: int, stop: int) -> int | None:
        """Return where the clause of "his claim that ..." ends; None if the sentence does not show it."""
        low, grammar = sentence.low, self._grammar
        first = candidate.subject[0]
        if first > 1 or low[0] in grammar.prepositions:
            return self._main_clause(sentence, start, stop)
        # The noun is the subject: its verb is the second of two, and "was closed" is one.
        verbs: list[int] = []
        for at in range(start + 1, stop):
            holds = low[at] == QUOTED and not verbs  # words in quotation marks hold the verb of their subject
            verbal = holds or low[at] in grammar.finite or (low[at].endswith("ed") and sentence.named[at] is None)
            if verbal and low[grammar.skip_back(low, at - 1, start, grammar.negations)] not in grammar.finite:
                verbs.append(at)
        return verbs[1] if len(verbs) == 2 or (len(verbs) > 2 and low[verbs[0]] == QUOTED) else None

    def _main_clause(self, sentence: Sentence, start: int, stop: int) -> int:
        """Return the first comma of the range that a clause with a verb follows; else `stop`."""
        low, grammar = sentence.low, self._grammar
        wish = start < stop and low[start] in self._words["infinitive-mark"] and low[start - 1] not in grammar.that
        if start < stop and not wish and (low[start] in grammar.prepositions or low[start] in grammar.subordinators):
            start = next((at for at in range(start, stop) if low[at] == ","), stop)  # the clause itself comes first
        for at in range(start + 2, stop - 2):
            if not sentence.has_comma(at):
                continue
            subject = at + 1 + (low[at + 1] in self._words["even"])
            opens = grammar.opens_clause(sentence, subject) or low[subject].isdigit()
            if opens and low[subject] not in grammar.relatives:
                end = next((k for k in range(subject, stop) if low[k] in {",", ";", "-"}), stop)
                if low[subject] in grammar.pronouns or grammar.has_verb(sentence, subject, end):
                    return at + (low[at] == QUOTED)
        return stop

    def quote_end(self, sentence: Sentence, at: int, stop: int, firm: str) -> int:
        """Return the end of a quotation that is complete in itself, if the rest does not belong to it; else `stop`."""
        low = sentence.low
        if firm not in {"quote", "colon"} or low[at] != QUOTED or at + 1 >= stop:
            return stop
        if any(number >= 0 for number in sentence.quoted[at + 1 : stop]):
            return stop
        after = low[at + 1]
        if after in self._grammar.finite:
            return stop  # the quotation is the subject
        verb = low[at + 2] if at + 2 < stop else ""
        goes_on = after in self._grammar.conjunctions and (verb in self._grammar.finite or verb.endswith("ed"))
        leaves = after == "," or goes_on or (after in self._circumstances and after not in self._words["condition"])
        return at + 1 if leaves or sentence.is_complete(at) else stop

    def is_doubtful(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether the range may be a mere phrase before an attribution: short, a participle, a name."""
        low, people = sentence.low, self._grammar.people
        if last - first < 7 or low[first].endswith(("ing", "ed")):
            return True
        trades = (at for at in range(first, last - 1) if low[at] == "," and not people.isdisjoint(low[at + 1 : at + 4]))
        return next(trades, None) is not None

    def before_office(self, sentence: Sentence, floor: int, last: int) -> int:
        """Return where the words end before an office: "the quay is old, head of the union, Igor Malt, said"."""
        low, grammar = sentence.low, self._grammar
        for at in range(last - 1, max(floor, last - 16) - 1, -1):
            if low[at] in grammar.finite:
                return last
            if low[at] == "," or at == floor or low[at] == QUOTED:
                quoted = low[at] == QUOTED  # whatever follows the comma in its marks belongs to the speaker
                office = any(low[k] in grammar.people for k in range(at, last)) or sentence.raw[at].endswith(",")
                return at + quoted if office and (quoted or low[at] == ",") else last
        return last

    def rest(self, sentence: Sentence, before: tuple[int, int], at: int, stop: int) -> tuple[int, int] | None:
        """Return the tokens after an attribution, which ends before `at`, that go on with what `before` began."""
        low, grammar = sentence.low, self._grammar
        while at < stop and grammar.is_adverb(low[at]):
            at += 1
        first = before[0] + (low[before[0]] in grammar.conjunctions)
        if at + 2 >= stop or low[at] != "," or low[before[1]] != "," or before[1] - first > 20:
            return None
        at += 1
        if first >= before[1] or low[at] in grammar.relatives or self._reports(sentence, at, stop):
            return None
        if low[at] in grammar.conjunctions:
            joined = grammar.has_verb(sentence, at, stop) and not self._opens_predicate(sentence, at + 1, stop)
            return (at, stop) if joined else None
        if grammar.has_verb(sentence, at, stop):
            return at, stop
        if low[first] in self._phrase_starts or grammar.is_adverb(low[first]):
            opens = stop - at >= _SHORTEST_REST and grammar.opens_clause(sentence, at)
        else:
            opens = self._opens_predicate(sentence, at, stop)
        return (at, stop) if opens else None

    def _reports(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Return whether a verb of speech stands at `at`; not so in "But, Lind said, proposed taxes would rise"."""
        low = sentence.low
        cue = self._cues.get(low[at])
        if cue is None or cue.particle not in {"", low[at + 1]}:
            return False
        return not (low[at].endswith("ed") and self._grammar.has_verb(sentence, at + 1, stop))

    def reason(self, sentence: Sentence, at: int, stop: int) -> tuple[int, int] | None:
        """Return the clause like "because they were old" behind the comma at `at`; None for "when asked"."""
        low, grammar = sentence.low, self._grammar
        if at + 3 >= stop or low[at] != "," or low[at + 1] not in self._reasons:
            return None
        causal = low[at + 1 : at + 3] in self._causes
        clause = stop - at > _SHORTEST_REST and grammar.opens_clause(sentence, at + 2)
        return (at + 1, stop) if causal or clause or grammar.has_verb(sentence, at + 2, stop) else None

    def relative_end(self, sentence: Sentence, subject: tuple[int, int], start: int, stop: int) -> int:
        """Return where a relative clause gives way to the verb of its antecedent; else `stop`.

        The verb of speech is in it: "Lind, who said the quay was old, left", "the fee, which Lind said was due".
        """
        low, grammar = sentence.low, self._grammar
        first, last = subject
        inserted = first > 1 and low[first - 1] in grammar.relatives and low[first - 2] == ","
        if inserted:
            first -= 2
        elif last + 1 >= start or low[last] != "," or low[last + 1].partition("'")[0] not in grammar.relatives:
            return stop
        if grammar.has_verb(sentence, 0, first):
            return stop  # the main clause is over: "..., said Malt, who added that"
        commas = [at for at in range(start + 1, stop - 1) if low[at] == ","]
        known = next((at for at in commas if low[at + 1] in grammar.finite or low[at + 1].endswith("ed")), None)
        if known is not None and not grammar.is_contraction(low[known + 1]):
            return known
        return next((at for at in reversed(commas) if self._opens_predicate(sentence, at + 1, stop)), stop)

    def _opens_predicate(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Return whether the word at `at`, or behind adverbs there, can be the verb of the subject before: "puts"."""
        low, grammar = sentence.low, self._grammar
        while at < stop and (grammar.is_adverb(low[at]) or low[at] in grammar.negations):
            at += 1
        if at >= stop:
            return False
        word = low[at]
        if word in grammar.finite:
            return not grammar.is_contraction(word)
        plain = word.isalpha() and not word.endswith("ing") and word not in self._closed
        return plain and sentence.named[at] is None and not sentence.raw[at][0].isupper()

    def clauses(self, sentence: Sentence, start: int, stop: int) -> list[tuple[int, int]]:
        """Return the clauses of "A, then that B, and that C" between `start` and `stop`."""
        low, grammar = sentence.low, self._grammar
        parts: list[tuple[int, int]] = []
        at = start + _SHORTEST_CLAUSE
        while at < stop - _SHORTEST_CLAUSE + 1:
            if low[at] in grammar.that and self._is_clause(sentence, at + 1, stop):
                end = self._joint(sentence, at, start)
                if end is not None and end - start >= _SHORTEST_CLAUSE:
                    parts.append((start, end))
                    start = at + 1
                    at = start + _SHORTEST_CLAUSE
                    continue
            at += 1
        return [*parts, (start, stop)]

    def next_sentence(self, sentence: Sentence) -> tuple[int, int] | None:
        """Return the clause of a sentence like "Then, a minute later, that B", which goes on with a report."""
        low, grammar = sentence.low, self._grammar
        limit = min(len(low) - _SHORTEST_CLAUSE, _ASIDE_REACH)
        at = next((k for k in range(1, limit) if low[k] in grammar.that), None)
        if at is None or low[0] in self._words["scene"] or not self._is_clause(sentence, at + 1, len(low)):
            return None
        if any(low[k] in grammar.finite or low[k] == QUOTED or sentence.named[k] is not None for k in range(at)):
            return None
        opens = low[0] in grammar.conjunctions or low[0] in self._words["sequence"]
        joined = low[at - 1] == "," or at == 1 or (at == 2 and grammar.is_adverb(low[1]))
        return (at + 1, len(low)) if opens and joined else None

    def joined(self, sentence: Sentence, at: int, stop: int) -> tuple[int, int] | None:
        """Return the clause of ", and that B" behind the attribution that ends before the comma at `at`."""
        low, grammar = sentence.low, self._grammar
        if at + 3 >= stop or low[at] != "," or low[at + 1] not in grammar.conjunctions:
            return None
        clause = low[at + 2] in grammar.that and self._is_clause(sentence, at + 3, stop)
        return (at + 3, stop) if clause else None

    def _joint(self, sentence: Sentence, that: int, start: int) -> int | None:
        """Return the end of the clause before the "that" at `that`, if what stands between joins two clauses."""
        low, grammar = sentence.low, self._grammar
        at = grammar.skip_back(low, that - 1, start)
        if (low[at] == "," or low[at] in grammar.conjunctions) and at < that - 1:
            return at if low[at + 1] in self._words["sequence"] else None
        if low[at] != "," or at != that - 1:
            return None
        # "and finally, pressed by the chairman, that"
        for opening in range(at - 1, max(start, at - _ASIDE_REACH), -1):
            if low[opening] in grammar.finite or low[opening] == QUOTED:
                return None
            if low[opening] == ",":
                before = grammar.skip_back(low, opening - 1, start)
                return before if low[before] in grammar.conjunctions else None
        return None

    def _is_clause(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Return whether a clause with a subject starts at `at`, so that "that" before it is not a pronoun."""
        low, grammar = sentence.low, self._grammar
        if at >= stop:
            return False
        subject = (
            grammar.opens_clause(sentence, at) or low[at] in self._words["negative-subject"] or low[at].endswith("s")
        )
        return subject and low[at] not in grammar.finite and grammar.has_verb(sentence, at, stop)


# Fewer tokens before or behind the comma of a tail are no clause.
_SHORTEST_PART = 2


class _Tail(Place, eq=False):
    """The tokens behind the comma or dash at `at`, up to `stop`; what was said starts at `start`."""

    dash: bool
    last: bool


class Tails:
    """Finds the tails of statements; most contain no quotation mark and no other comma: those are `last`."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.words = grammar.pack.words
        self._marks = {",", "-", ";", QUOTED}

    def end(self, sentence: Sentence, start: int, stop: int) -> int:
        """Return where a tail of the reporter's begins in the content from `start`; else `stop`."""
        low = sentence.low
        stop = next((at for at in range(start + _SHORTEST_PART, stop - 2) if self._declines(low, at)), stop)
        marks = [at for at in range(start, stop - 1) if low[at] in self._marks]
        dashes = low[start:stop].count("-")
        for at in marks:
            dash = low[at] == "-"
            if at - start < _SHORTEST_PART or stop - at <= _SHORTEST_PART or not (dash or sentence.has_comma(at)):
                continue
            last = at == marks[-1] or (dash and dashes == 1)
            tail = _Tail(sentence, low, start, at, stop, low[at + 1], low[at + 2], dash, last)
            end = at + (low[at] == QUOTED)
            if judge(_TAILS, self, tail, False) and self.grammar.states(sentence, start, end, verb=dash):
                return end
        return stop

    def _declines(self, low: list[str], at: int) -> bool:
        """Return whether the speaker refuses more here: "said it is wet but declined to comment"."""
        start = at + (low[at] == ",")
        words = low[start : start + 5]
        if len(words) < 3 or words[0] not in self.words["contrast"] or words[1] not in self.words["declining-verb"]:
            return False
        if words[2] in self.words["comment-verb"]:
            return True  # "declined comment"
        others = self.words["object-pronoun"] | self.words["so-not"]  # "refused to name him", "to say so"
        return not others.intersection(words[4:]) and not self.words["comment-verb"].isdisjoint(words[3:4])

    def is_fact(self, tail: _Tail) -> bool:
        """Return whether a relative clause states a fact: what "which would" and "which had" say is reported."""
        near = tail.low[tail.at + 2 : tail.at + 2 + 4]
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
