"""Find the parts of one report around its verb: words before it, words after it, an infinitive, a late quotation.

`after` is where the content behind the verb would start, and `firm` what opens it (that, colon, quote) or empty.
"""

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.quotes.adjuncts import Adjuncts
from searchkit.statements.quotes.boundaries import Boundaries, Tails
from searchkit.statements.quotes.contents import Contents
from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import QUOTED, Candidate, Sentence
from searchkit.statements.quotes.unreported import NonFactive
from searchkit.statements.rules import Rules, apply

Range = tuple[int, int]

# So many words before a closing attribution are a statement even if no verb among them is known.
_CLEAR_STATEMENT = 4
# Cues that report without "that", a colon or a quotation.
SPOKEN = frozenset({"strong", "clause"})


class Case(Struct, eq=False):
    """A verb of speech with the parts of its sentence that may be content.

    The earlier content ends before `floor`; what follows the verb lies between `start` and `stop`, and before `limit`
    where a relative clause ends earlier. `before` is the content in front of it, `leads` the word before its subject.
    """

    sentence: Sentence
    low: list[str]
    candidate: Candidate
    floor: int
    following: list[Candidate]
    previous: Sentence | None
    start: int
    stop: int
    limit: int
    before: Range | None
    after: int
    firm: str
    leads: str
    wish: int | None = None
    late: int | None = None


class _Later(Struct, eq=False):
    sentence: Sentence
    low: list[str]
    candidate: Candidate
    later: Candidate
    at: int
    word: str
    gap: int
    side: str
    noun: bool


class Parts:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        words = grammar.pack.words
        self.words = words
        self.adjuncts = Adjuncts(grammar)
        self.boundaries = Boundaries(grammar)
        self.contents = Contents(grammar)
        self.non_factive = NonFactive(grammar)
        self.tails = Tails(grammar)
        self.asking = grammar.phrases("asking")
        self._prefaces = words["occasion"] | words["preface"]
        # What stands between "asked" and "to" is more than a party if it holds one of these.
        self._no_party = grammar.prepositions | grammar.pronouns | grammar.finite | grammar.relatives | words["time"]
        self._no_party -= words["of"]
        self._present = words["modal"] | words["present"]
        self._breaks = grammar.subordinators | grammar.prepositions | {",", "-"}

    def case(
        self,
        sentence: Sentence,
        candidate: Candidate,
        floor: int,
        following: list[Candidate],
        previous: Sentence | None,
    ) -> Case:
        """Return the parts of the sentence around `candidate`, whose subject does not follow "according to"."""
        low, (first, last) = sentence.low, candidate.subject
        if last - first > 1 and low[first] in self.words["free-relative"]:
            first += 1
            candidate = replace(candidate, subject=(first, last))
        left = candidate.side == "left"
        start = last if candidate.side == "right" else candidate.after
        limit = self.boundaries.clause_end(sentence, candidate, start, self.stop(sentence, candidate, following))
        behind = candidate.side != "right" and not candidate.participle
        stop = self.boundaries.relative_end(sentence, candidate.subject, start, limit) if behind else limit
        if candidate.side == "shared" and first > candidate.at:
            stop = min(stop, first - 1)  # "Noting that it was late, Lind left"
        before = self._before(sentence, candidate, floor)
        after, firm = self.adjuncts.opening(sentence, candidate.cue, start, stop)
        leads = low[first - 1] if left and first else ""
        return Case(
            sentence, low, candidate, floor, following, previous, start, stop, limit, before, after, firm, leads
        )

    def stop(self, sentence: Sentence, candidate: Candidate, following: list[Candidate]) -> int:
        """Return where the content must end: before a later verb, at a semicolon, or with the sentence."""
        low = sentence.low
        for later in following:
            at, side = (later.subject[0] if later.side == "left" else later.at) - 1, later.side
            pair = _Later(sentence, low, candidate, later, at, low[at], at - candidate.after, side, candidate.noun)
            stop = apply(_STOPS, self, pair)
            if stop is not None:
                return stop
        # What stands behind a semicolon may be the reporter's own.
        return next((at for at in range(candidate.after + 1, len(low)) if low[at] == ";"), len(low))

    def is_before_participle(self, pair: _Later) -> bool:
        shared = pair.later.participle and pair.side == "shared"
        return shared and pair.word in self.words["before-after"] and pair.gap > 1

    def is_in_subject(self, pair: _Later) -> bool:
        """Return whether the verb stands in a relative clause of the later verb's subject, which a comma ends."""
        behind = pair.later.subject[1] <= pair.candidate.at < pair.later.at - 1
        return behind and pair.side == "left" and pair.low[pair.later.at - 1] == ","

    def contrast(self, pair: _Later) -> int | None:
        return self.boundaries.contrast_before(pair.sentence, pair.at, pair.candidate.after)

    def joining(self, pair: _Later) -> int | None:
        """Return the comma before "and nearly all said", or the end of a quotation before "and Lind said"."""
        low, at = pair.low, self.grammar.skip_back(pair.low, pair.at, pair.candidate.after)
        if at - pair.candidate.after < 2 or low[at] not in self.words["joining"]:
            return None
        if low[at - 1] in {",", "-"}:
            return at - 1
        apart = low[at - 1] == QUOTED or self._has_content(pair.sentence, pair.later)
        return at if apart else None

    def is_inserted(self, pair: _Later) -> bool:
        """Return whether the later verb's own quotation stands before it behind a dash."""
        apart = pair.side == "left" and pair.gap > 1 and pair.low[pair.at - 1] == "-"
        return apart and pair.sentence.is_complete(pair.at)

    def closes_question(self, pair: _Later) -> bool:
        asks = pair.candidate.cue.lemma in self.asking and pair.side == "left"
        return asks and pair.gap > 0 and pair.word == ","

    def joint(self, pair: _Later) -> int | None:
        """Return the comma or conjunction that joins a later verb with content of its own."""
        low, at = pair.low, self.grammar.skip_back(pair.low, pair.at, pair.candidate.after, self.words["have"])
        comma = pair.sentence.has_comma(at)
        end = at + (low[at] == QUOTED)
        if pair.later.participle and (comma or low[at] == "-"):
            return end
        joins = low[at] in self.grammar.conjunctions or comma
        return (
            end if joins and (self._is_of_speaker(pair, at) or self._has_content(pair.sentence, pair.later)) else None
        )

    def _is_of_speaker(self, pair: _Later, at: int) -> bool:
        """Return whether the later verb is in the past as the first is, but no verb between: "it is, and warned"."""
        low, first = pair.low, pair.candidate.after
        past = all(self.grammar.is_past(low[verb.at]) for verb in (pair.candidate, pair.later))
        apart = low[at] in self.grammar.conjunctions and at - first > 2
        between = low[first:at]
        return past and apart and (pair.sentence.has_comma(at - 1) or not self._present.isdisjoint(between))

    def _has_content(self, sentence: Sentence, later: Candidate) -> bool:
        size = len(sentence)
        after, firm = self.adjuncts.opening(sentence, later.cue, later.after, size)
        wishes = later.cue.needs == "wish" or later.cue.lemma in self.words["order"]
        if wishes and self.infinitive(sentence, later.after, size) is not None:
            return True
        if later.cue.needs == "about":
            return bool(self.contents.complement(sentence, later, later.after, size))
        return self.contents.opens(sentence, after, size, later, firm)

    def closes(self, sentence: Sentence, later: Candidate) -> bool:
        """Return whether a later attribution stands behind a comma, or one in marks, at the end of the sentence."""
        low, first = sentence.low, later.subject[0]
        comma = sentence.has_comma(first - 1)
        after, firm = self.adjuncts.opening(sentence, later.cue, later.after, len(low))
        return later.side == "left" and comma and not firm and self.only_tail(sentence, after, len(low))

    def _before(self, sentence: Sentence, candidate: Candidate, floor: int) -> Range | None:
        """Return the tokens before the subject, or the inverted verb, that can be what was said."""
        low, (first, last) = sentence.low, candidate.subject
        if candidate.side == "shared":
            return None
        end = first if candidate.side == "left" else candidate.at
        if end <= floor or low[end - 1] not in {",", QUOTED, "-"}:
            return None
        stop = end if low[end - 1] == QUOTED else end - 1
        if candidate.side == "left" and last == candidate.at - 1 and low[last] == ",":
            stop = self.boundaries.before_office(sentence, floor, stop)
        if stop <= floor:
            return None
        quote = stop - 1
        if sentence.is_complete(quote) and quote - floor > 1:
            prefaced = low[quote - 1] == "," and not self._prefaces.isdisjoint(low[floor:quote])
            if prefaced or low[quote - 1] in {":", "-"}:
                floor = quote  # "Asked about it in a speech, "No," she said.", "Her answer: "No," she said."
        if candidate.side == "left" and self._is_relative(sentence, candidate):
            return None  # "a letter came, a letter that said ..."
        plain = candidate.cue.needs not in SPOKEN and low[quote] != QUOTED
        if plain and not self.grammar.speaks(sentence, first, last):
            return None  # "..., an enzyme found in the liver"
        return floor, stop

    def _is_relative(self, sentence: Sentence, candidate: Candidate) -> bool:
        """Return whether "that" or "who" stands right before the verb, adverbs and auxiliaries aside."""
        low, grammar, first = sentence.low, self.grammar, candidate.subject[1]
        at = grammar.skip_back(low, candidate.at - 1, first, grammar.auxiliaries)
        return at >= first and (low[at] in grammar.relatives or low[at] in grammar.that)

    def is_tail(self, case: Case, before: Range) -> bool:
        """Return whether what follows the attribution adds no statement, so that `before` is the statement."""
        sentence, low, grammar, (first, last) = case.sentence, case.low, self.grammar, before
        at, stop, firm = case.after, case.stop, case.firm
        if self.is_whole_quotation(sentence, first, last):
            return True  # "“It is old,” she said at a hearing announcing that ..."
        if low[last - 1] == QUOTED and low[last : last + 1] != [","]:
            # The comma of `"A," X said` stands inside the marks; outside them an opening phrase may end.
            phrase = self._only_leads(low[first : last - 1])  # "On the show “Harbor News,” Lind said it is old."
            return firm in {"", "quote"} and not (
                phrase and self.contents.opens(sentence, at, stop, case.candidate, firm)
            )
        short = last - first < _CLEAR_STATEMENT
        if at >= stop or self._only_addresses(case):
            # Nothing but the attribution follows: three words without a known verb will do.
            return grammar.states(sentence, first, last, verb=short)
        if not grammar.states(sentence, first, last, verb=bool(firm) or self.boundaries.is_doubtful(sentence, *before)):
            return False
        if firm:
            near = at <= case.candidate.after + 1
            if near and firm == "quote" and sentence.is_complete(at) and not sentence.goes_on(at):
                return False  # "Six minutes later, when it fell, Lind said, “Out!”"
            return low[at - 1] == "," or (firm == "that" and low[at - 2] == ",")
        return low[at] in {";", "("} or self.only_tail(sentence, at, stop) or grammar.is_adverb(low[at])

    def _only_leads(self, words: list[str]) -> bool:
        """Return whether words are an opening phrase without a verb."""
        if not words or "," in words or not self.grammar.finite.isdisjoint(words):
            return False
        return words[0] in self.grammar.prepositions or words[0].endswith("ing")

    def is_whole_quotation(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether the range is a quotation alone that a comma inside its marks ends."""
        return last - first == 1 and sentence.quoted[first] >= 0 and sentence.raw[first].endswith(",")

    def _only_addresses(self, case: Case) -> bool:
        candidate = case.candidate
        addressed = candidate.cue.lemma in self.words["addressed"] and candidate.side == "left" and not case.firm
        ends = addressed and case.stop == len(case.low)
        return ends and not self.grammar.has_verb(case.sentence, candidate.after, case.stop)

    def only_tail(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Return whether the attribution ends the sentence, or an aside, a place, a time or a reason follows it."""
        return at >= stop or (sentence.low[at] in self._breaks and sentence.low[at] not in self.grammar.questions)

    def only_opens(self, low: list[str], first: int, last: int) -> bool:
        """Return whether the range only opens what follows: "However, Lind said, it is old", "If it came, ..."."""
        if last - first == 1:
            return low[first] in self.words["opener"] or self.grammar.is_adverb(low[first])
        return last - first <= 3 and low[first] in self.words["condition"]

    def rest(self, case: Case, before: Range) -> Range | None:
        if case.candidate.side == "left" and case.low[case.candidate.subject[1]] == ",":
            return None  # "The chairman, Igor Malt, asked for quiet, and left"
        return self.boundaries.rest(case.sentence, before, case.after, case.stop)

    def second_part(self, case: Case, before: Range) -> Range | None:
        """Return the part after `"A," X said, "B"`, or after an attribution inside an indirect statement."""
        sentence, low, at, stop = case.sentence, case.low, case.after, case.stop
        if case.firm == "quote" or (case.firm == "that" and low[at - 2] in {",", "-"}):
            return at, stop
        if self.is_whole_quotation(sentence, *before) and (going := self._going_on(case)) is not None:
            return going
        if case.firm == "that":
            return None
        if at + 1 >= stop or low[at] not in {",", "-", ";"}:
            return None
        if QUOTED in low[at + 1 : min(stop, at + 4)]:
            return at + 1, stop
        quoted = sentence.quoted[before[1] - 1] >= 0
        if quoted and self._closes_with_quotation(case):
            return at + 1, stop
        joined = self.boundaries.joined(sentence, at, stop)
        if joined is not None or quoted or low[at] != ",":
            return joined
        reason = self.boundaries.reason(sentence, at, stop)
        if reason is not None or case.candidate.side == "right":
            return reason
        return (at + 1, stop) if self._goes_on(sentence, at + 1, stop) else None

    def _closes_with_quotation(self, case: Case) -> bool:
        """Return whether a second quotation ends it: "the roof was “old”, Lind said, and its beams “soft as bread”"."""
        sentence, low, at, closing = case.sentence, case.low, case.after, case.stop - 1
        if case.stop != len(low) or low[closing] != QUOTED or not self.grammar.finite.isdisjoint(low[at:closing]):
            return False
        return sentence.goes_on(closing) and low[at + 1] in self.grammar.conjunctions

    def _going_on(self, case: Case) -> Range | None:
        """Return the quotation that completes the one before: "“The risk,” said Lind, who runs it, “is old age.”"."""
        low, after = case.low, case.candidate.after
        if any(later.cue.needs != "about" for later in case.following):
            return None
        for at in range(after, min(len(low), after + 30)):  # the longest attribution inside a quotation
            if low[at] == QUOTED:
                return (at, at + 1) if low[at - 1] == "," and case.sentence.goes_on(at) else None
        return None

    def _goes_on(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Return whether a clause behind "Gas is dear, it argues," belongs to it: "and the old pipes leak"."""
        low, grammar, word = sentence.low, self.grammar, sentence.low[at]
        if word in grammar.pack.cues or word.endswith("ing") or word in grammar.relatives:
            return False
        if word in self.words["opener"] or word in self._breaks:
            return False
        joins = word in grammar.conjunctions and at + 1 < len(low) and low[at + 1] in self.words["article"]
        return (joins and stop - at - 1 >= _CLEAR_STATEMENT) or grammar.has_verb(sentence, at, stop)

    def infinitive(self, sentence: Sentence, start: int, stop: int) -> int | None:
        """Return where the infinitive of a wish starts: "vowed to", "urged the council not to"."""
        low, grammar, marks = sentence.low, self.grammar, self.words["infinitive-mark"]
        for at in range(start, min(stop - 1, start + 9)):
            if low[at] in marks and low[at + 1] not in grammar.determiners and sentence.named[at + 1] is None:
                return at - 1 if at > start and low[at - 1] in self.words["infinitive-negation"] else at
            if low[at] in {",", ";", ":", "-", QUOTED} or low[at] in grammar.finite or low[at] in grammar.subordinators:
                break
        return None

    def asked(self, case: Case, wish: int) -> int:
        """Return where the party that is asked "to close it" begins, right behind the verb; else `wish`."""
        between = case.low[case.start : wish]
        plain = self._no_party.isdisjoint(between) and not any(map(self.grammar.is_adverb, between))
        return case.start if plain else wish

    def late_quote(self, case: Case) -> int | None:
        """Return a quotation that closes the sentence after a comma or colon: "joked when asked, 'No.'"."""
        needs, stop = case.candidate.cue.needs, case.stop
        ends = stop - case.after >= 2 and stop == len(case.low) and case.sentence.quoted[stop - 1] >= 0
        apart = ends and (case.low[stop - 2] in {",", ":"} or needs == "wish")
        return stop - 1 if apart and needs != "quoted" else None

    def noun_end(self, case: Case) -> int | None:
        if case.firm != "that":
            return None
        return self.boundaries.noun_end(case.sentence, case.candidate, case.after, case.stop)


# Where a later verb ends the content of an earlier one; `at` is the token before the later verb or its subject.
_STOPS: Rules[Parts, _Later, int] = (
    ("before adding that", Parts.is_before_participle, lambda _, p: p.at - (p.low[p.at - 1] == ",")),
    (", adding that; and added that", lambda _, p: p.side == "shared", Parts.joint),
    ("Ann, who met Lind, said", Parts.is_in_subject, lambda _, p: p.later.at - 1),
    ("; Lind said", lambda _, p: p.side == "left" and p.gap > 0 and p.word == ";", lambda _, p: p.at),
    ("but Lind said", lambda f, p: p.side == "left" and p.gap > 1 and p.word in f.words["contrast"], lambda _, p: p.at),
    ("- 'Ah,' Lind said", Parts.is_inserted, lambda _, p: p.at - 1),
    ("although an engineer, Lind, said", lambda _, p: p.side == "left", Parts.contrast),
    (", and Lind said", lambda _, p: p.side == "left", Parts.joining),
    ("asked if she knew, the pilot said", Parts.closes_question, lambda _, p: p.at),
    (", according to", lambda _, p: p.side == "according" and p.gap > 0 and p.word == ",", lambda _, p: p.at),
)
