"""Reporting events in one sentence: a cue, the subject that speaks, and the token ranges of what is said.

takes:    a Sentence
gives:    Events, left to right; ranges of tokens of that sentence
does not: look across sentences, but for a bare attribution after a quoted one
traps:    inversion (`..., said X`) counts only where content stands before it; else it is an appositive
"""

from collections.abc import Iterator
from dataclasses import dataclass

from searchkit.extract.clauses import QUOTED, SPEAKING_KINDS, Grammar, Sentence
from searchkit.extract.packs import Cue
from searchkit.text import Span


_VERB_ENDINGS = ("'s", "'re", "'ll", "'d", "n't", "ed")


@dataclass(slots=True)
class _Candidate:
    """A verb that may report: token range, cue, subject range and where the subject stands."""

    at: int
    after: int
    cue: Cue
    subject: tuple[int, int] | None
    side: str  # left, right, shared, according
    participle: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A cue at work. `contents` are token ranges; `awaits` wants the next paragraph's quote, `takes_previous` the last."""

    cue: Span
    verb: str
    subject: Span | None
    contents: tuple[tuple[int, int], ...]
    rule: str
    awaits: bool = False
    takes_previous: bool = False


class EventFinder:
    """Applies the cue rules of one language to sentences."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._cues = grammar.pack.cues
        words = grammar.pack.words
        self._weekdays = words["weekday"]
        self._months = words["month"]
        self._times = words["time"] | words["weekday"] | words["relative-day"]
        self._occasions = words["occasion"]
        self._addressees = words["addressee"]
        self._be = words["be"]
        self._modals = words["modal"]
        self._openers = words["opener"]
        self._questions = words["question"]
        self._vague = words["vague"]

    def find(self, sentence: Sentence, previous: Sentence | None) -> Iterator[Event]:
        """The events of `sentence`; `previous` is the one before it in the same paragraph."""
        low = sentence.low
        cues = self._cues
        if not any(word in cues or word == "according" for word in low) or len(low) > 400:
            return
        candidates = self._candidates(sentence)
        floor = 0
        for order, candidate in enumerate(candidates):
            if candidate.at < floor:
                continue
            following = candidates[order + 1 :]
            event, reached = self._event(sentence, candidate, floor, following, previous)
            if event is not None:
                yield event
                floor = reached

    # --- candidates ---

    def _candidates(self, sentence: Sentence) -> list[_Candidate]:
        found: list[_Candidate] = []
        low = sentence.low
        for at, word in enumerate(low):
            if word == "according" and at + 1 < len(low) and low[at + 1] == "to":
                cue = Cue(lemma="according to", needs="strong")
                found.append(_Candidate(at, at + 2, cue, None, "according"))
                continue
            known = self._cues.get(word)
            if known is None or sentence.quoted[at] >= 0:
                continue
            candidate = self._candidate(sentence, at, known, found[-1] if found else None)
            if candidate is not None:
                found.append(candidate)
        return found

    def _candidate(self, sentence: Sentence, at: int, cue: Cue, last: _Candidate | None) -> _Candidate | None:
        low, grammar = sentence.low, self._grammar
        after = at + 1
        if cue.particle:
            if cue.particle == "on" and low[at + 1 : at + 4] == ["on", "to", "say"]:
                after = at + 4
            elif after < len(low) and low[after] == cue.particle:
                after += 1
            else:
                return None
        if sentence.named[at] is not None or (at and sentence.raw[at][0].isupper() and low[at - 1] != QUOTED):
            return None
        gerund = low[at].endswith("ing")
        before, helped, negated = at - 1, False, False
        while before >= 0:
            word = low[before]
            if sentence.named[before] is not None or (sentence.raw[before][0].isupper() and before):
                break
            if word in grammar.negations or word.endswith("n't"):
                negated = True
            elif word in self._modals:
                return None
            elif word in grammar.auxiliaries or word in {"'s", "’s"}:
                helped = word not in grammar.pack.words["have"] or helped
            elif not grammar.is_adverb(word):
                break
            before -= 1
        if negated and cue.lemma != "deny":
            return None
        if before >= 0 and low[before] == "to":
            return None
        if before >= 0 and grammar.is_contraction(low[before]):
            helped = True
        if low[before + 1 : at][-3:] == ["quoted", "as"] or low[max(0, at - 2) : at] == ["quoted", "as"]:
            return self._quoted_as(sentence, at, after)
        if helped and not gerund and any(word in self._be for word in low[before + 1 : at]):
            return None  # passive: "was told"
        participle = gerund and not helped
        if participle:
            if before >= 0 and low[before] in grammar.prepositions - {"by", "after", "before"}:
                return None
            return _Candidate(at, after, cue, self._main_subject(sentence, at, last), "shared", participle=True)
        if before >= 0 and low[before] in grammar.conjunctions:
            if low[at] == cue.lemma and cue.lemma != "read" and (last is None or low[last.at] != last.cue.lemma):
                return None
            return _Candidate(at, after, cue, self._main_subject(sentence, at, last), "shared")
        inverted = self._inverted(sentence, at, after, before)
        if inverted is not None:
            return _Candidate(at, after, cue, inverted, "right")
        if before < 0:
            return None
        if self._is_noun(sentence, at, before):
            return None
        subject = grammar.subject_before(sentence, before)
        if subject is None:
            if low[before] in {",", QUOTED} and last is not None and low[at] not in {"report", "claims", "state"}:
                return _Candidate(at, after, cue, last.subject, "shared")
            return None
        return _Candidate(at, after, cue, subject, "left")

    def _quoted_as(self, sentence: Sentence, at: int, after: int) -> _Candidate | None:
        """The candidate of "was quoted as saying", whose subject stands before "was"."""
        before = at - 3
        while before >= 0 and (
            sentence.low[before] in self._grammar.auxiliaries or self._grammar.is_adverb(sentence.low[before])
        ):
            before -= 1
        subject = self._grammar.subject_before(sentence, before)
        return None if subject is None else _Candidate(at, after, self._cues["said"], subject, "left")

    def _is_noun(self, sentence: Sentence, at: int, before: int) -> bool:
        """Whether the word is a noun here: after a determiner, a preposition or a possessive."""
        low = sentence.low
        word = low[before]
        if word in self._grammar.pronouns and word != "her":
            return False
        if low[at] in {"said", "told", "says", "wrote", "tells"}:
            return False
        if word in self._grammar.determiners or word in self._grammar.prepositions or word.endswith(("'s", "s'", "’s")):
            return True
        if (
            low[at] == "read"
            or word in self._grammar.relatives
            or word in self._grammar.that
            or word in {",", "-", ")"}
        ):
            return False
        mention, known = sentence.named[before], word in self._grammar.speaking
        if low[at] == self._cues[low[at]].lemma.partition(" ")[0]:  # the base form wants a plural subject
            joined = any(low[k] == "and" for k in range(max(0, before - 6), before))
            return not (word.endswith("s") or word in self._grammar.pack.roles["plural"] or joined) or (
                mention is not None and mention.kind == "person" and not joined
            )
        if low[at].endswith("s") and low[at] not in {"says", "tells"}:  # claims, reports: a noun unless a name leads
            return mention is None and not known
        return False

    def _inverted(self, sentence: Sentence, at: int, after: int, before: int) -> tuple[int, int] | None:
        low, grammar = sentence.low, self._grammar
        if before != at - 1 or (sentence.raw[at][0].isupper() and at):
            return None
        if low[at] == self._cues[low[at]].lemma and low[at] != "say":
            return None
        if before >= 0 and low[before] not in {",", QUOTED, "-"}:
            return None
        end = grammar.phrase_after(sentence, after)
        if end is None or low[after] in {"that", "this", "it", "there"}:
            return None
        if before >= 0 and low[before] == QUOTED:
            return after, end
        if before < 0 and (end >= len(low) or low[end] not in {":", ","}):
            return None
        if (
            before > 0
            and not self._states(sentence, 0, before)
            and grammar.subject_before(sentence, before) is not None
        ):
            return None  # "Vera Lind, head of the office, said the plan ..."
        stop = low[end] if end < len(low) else ""
        if stop in {"", ",", "-", ":", "who", QUOTED, "("} or stop in grammar.prepositions or stop in self._times:
            return after, end
        return None

    def _main_subject(self, sentence: Sentence, at: int, last: _Candidate | None) -> tuple[int, int] | None:
        """The subject of the clause that a participle or a co-ordinated verb belongs to."""
        if last is not None and last.subject is not None:
            return last.subject
        low, grammar = sentence.low, self._grammar
        at_start = 0
        if low and low[0] in grammar.prepositions | grammar.subordinators and "," in low[:at]:
            at_start = low.index(",") + 1
        for token in range(at_start, min(at, at_start + 20)):
            mention = sentence.named[token]
            if low[token] in grammar.pronouns:
                return token, token + 1
            if mention is not None and mention.kind in SPEAKING_KINDS:
                end = token + 1
                while end < at and sentence.named[end] is mention:
                    end += 1
                return token, end
            if low[token] in grammar.speaking and token + 1 < at:
                return grammar.phrase_before(sentence, token)
            if low[token] in grammar.finite:
                break
        end = grammar.phrase_after(sentence, at_start)
        return (at_start, end) if end is not None and end <= at else None

    # --- contents ---

    def _event(
        self,
        sentence: Sentence,
        candidate: _Candidate,
        floor: int,
        following: list[_Candidate],
        previous: Sentence | None,
    ) -> tuple[Event | None, int]:
        if candidate.side == "according":
            return self._according(sentence, candidate, floor, following)
        if candidate.subject is None:
            return None, floor
        low = sentence.low
        size = len(low)
        start = candidate.after if candidate.side != "right" else candidate.subject[1]
        stop = self._stop(sentence, candidate, following)
        before = self._content_before(sentence, candidate, floor)
        after, firm = self._skip(sentence, candidate, start, stop)
        leads = low[candidate.subject[0] - 1] if candidate.side == "left" and candidate.subject[0] else ""
        if leads in self._vague and not firm:
            return None, floor  # "what Lind says ..." reports nothing
        if leads == "as":
            return self._as_said(sentence, candidate, floor, stop)
        rule = {"left": "cue-after-subject", "right": "inverted", "shared": "shared-subject"}[candidate.side]
        if candidate.participle:
            rule = "participle"
        contents: list[tuple[int, int]] = []
        needs = candidate.cue.needs
        rest = low[after:stop]
        if needs == "about":
            contents, rule = self._called(sentence, candidate, start, stop), "about"
        elif before is not None and self._is_tail(sentence, after, stop, before, firm):
            contents = [before]
            second = self._second_part(sentence, candidate, after, stop, before, firm)
            if second is not None:
                contents.append(second)
            rule = "before-cue" if candidate.side == "left" else rule
        elif before is not None and (parts := self._interrupted(sentence, before, after, stop, firm)):
            contents, rule = parts, "interrupted"
        elif rest and self._is_content(sentence, after, stop, needs, firm):
            contents = [(after, stop)]
            rule = f"{rule}-{firm}" if firm else rule
        elif needs == "wish" and (wish := self._infinitive(sentence, start, stop)) is not None:
            contents, rule = [(wish, stop)], "infinitive"
        elif (late := self._late_quote(sentence, after, stop)) is not None and needs != "quoted":
            contents, rule = [(late, stop)], f"{rule}-quote"
        if not contents:
            bare = not any(sentence.quoted[k] >= 0 for k in range(size))
            if bare and not candidate.participle and floor == 0:
                if self._ends_with_colon(sentence):
                    return self._made(sentence, candidate, (), "colon", awaits=True), size
                if (
                    previous is not None
                    and previous.quoted
                    and previous.quoted[-1] >= 0
                    and candidate.subject[0] <= 1
                    and self._only_tail(sentence, after, stop)
                ):
                    return self._made(sentence, candidate, (), "before-cue", takes_previous=True), size
            return None, floor
        return self._made(sentence, candidate, tuple(contents), rule), max(stop, contents[-1][1])

    def _interrupted(
        self, sentence: Sentence, before: tuple[int, int], after: int, stop: int, firm: str
    ) -> list[tuple[int, int]]:
        """For "The museum, Lind said, will open": both sides of the attribution; else nothing."""
        low = sentence.low
        if firm or after + 2 >= stop or low[after] != "," or low[before[1]] != "," or before[1] - before[0] > 14:
            return []
        opening = low[after + 1]
        if opening.endswith("ing") or opening in self._grammar.relatives or opening in self._cues:
            return []
        return [before, (after + 1, stop)] if self._has_verb(sentence, after, stop) else []

    def _called(self, sentence: Sentence, candidate: _Candidate, start: int, stop: int) -> list[tuple[int, int]]:
        """For "called the plan a 'trick'": from the object to the last quotation that belongs to it; else nothing."""
        low, grammar = sentence.low, self._grammar
        quote = next((k for k in range(start, min(stop, start + 15)) if sentence.quoted[k] >= 0), None)
        if quote is None or (quote - start < 2 and not candidate.participle) or low[start] in {",", ":", "-"}:
            return []
        assert candidate.subject is not None
        if candidate.subject[0] and low[candidate.subject[0] - 1] in self._vague:
            return []
        if any(low[k] in {",", ";", ":", "-"} or low[k] in grammar.finite for k in range(start, quote)):
            return []
        end = quote + 1
        while end + 1 < stop and (
            low[end] in {",", "and", "or"}
            or sentence.quoted[end] >= 0
            or (low[end] in grammar.determiners and sentence.quoted[end + 1] >= 0)
        ):
            end += 1
        while sentence.quoted[end - 1] < 0:
            end -= 1
        while start < quote and (
            low[start] in grammar.pronouns or low[start] in {"on", "as", "to", "for", "her", "him"}
        ):
            start += 1
        return [(start, end)]

    def _as_said(self, sentence: Sentence, candidate: _Candidate, floor: int, stop: int) -> tuple[Event | None, int]:
        """ "As Lind said, the plan failed" and "The plan failed, as Lind said"."""
        assert candidate.subject is not None
        low = sentence.low
        mark = candidate.subject[0] - 1
        if mark - floor > 3 and low[mark - 1] == "," and self._states(sentence, floor, mark - 1):
            return self._made(sentence, candidate, ((floor, mark - 1),), "as-said"), candidate.after
        comma = next((k for k in range(candidate.after, min(stop, candidate.after + 12)) if low[k] == ","), None)
        if mark - floor > 1 or comma is None or not self._has_verb(sentence, comma, stop):
            return None, floor
        return self._made(sentence, candidate, ((comma + 1, stop),), "as-said"), stop

    def _infinitive(self, sentence: Sentence, start: int, stop: int) -> int | None:
        """Where the infinitive of a wish starts: "vowed to", "urged the council not to"."""
        low, grammar = sentence.low, self._grammar
        for at in range(start, min(stop - 1, start + 9)):
            if low[at] == "to" and low[at + 1] not in grammar.determiners and sentence.named[at + 1] is None:
                return at - 1 if at > start and low[at - 1] == "not" else at
            if low[at] in {",", ";", ":", "-", QUOTED} or low[at] in grammar.finite or low[at] in grammar.subordinators:
                return None
        return None

    def _late_quote(self, sentence: Sentence, after: int, stop: int) -> int | None:
        """A quotation that closes the sentence after a comma or colon: "joked when asked, 'No.'"."""
        if stop - after < 2 or stop != len(sentence) or sentence.quoted[stop - 1] < 0:
            return None
        return stop - 1 if sentence.low[stop - 2] in {",", ":"} else None

    def _states(self, sentence: Sentence, first: int, last: int) -> bool:
        """Whether the tokens can be an indirect statement: a verb in the main clause, no bare opening phrase."""
        low, grammar = sentence.low, self._grammar
        if any(sentence.quoted[k] >= 0 and k >= last - 1 for k in range(first, last)):
            return not (low[first] in grammar.prepositions and not self._has_verb(sentence, first, last))
        if last - first < 2:
            return False
        if low[first] in grammar.prepositions or low[first] in self._openers:
            comma = next((k for k in range(first, last) if low[k] == ","), None)
            if comma is None:
                return False
            first = comma + 1
        relative = next(
            (k for k in range(first, last) if low[k] in grammar.relatives and k and low[k - 1] == ","), last
        )
        return self._has_verb(sentence, first, relative)

    def _made(
        self,
        sentence: Sentence,
        candidate: _Candidate,
        contents: tuple[tuple[int, int], ...],
        rule: str,
        *,
        awaits: bool = False,
        takes_previous: bool = False,
    ) -> Event:
        subject = None if candidate.subject is None else sentence.range(*candidate.subject)
        cue = sentence.range(candidate.at, candidate.after)
        return Event(cue, candidate.cue.lemma, subject, contents, rule, awaits, takes_previous)

    def _ends_with_colon(self, sentence: Sentence) -> bool:
        return bool(sentence.low) and sentence.low[-1] == ":"

    def _stop(self, sentence: Sentence, candidate: _Candidate, following: list[_Candidate]) -> int:
        """Where the content after the cue must end: before the next co-ordinated or participle cue, or the end."""
        low = sentence.low
        for other in following:
            if other.side == "shared":
                at = other.at - 1
                while at > candidate.after and self._grammar.is_adverb(low[at]):
                    at -= 1
                if (low[at] in self._grammar.conjunctions or low[at] == ",") and self._reports(sentence, other):
                    return at
            elif other.side == "left" and other.subject is not None:
                at = other.subject[0] - 1
                if at > candidate.after and low[at] in {"but", "while", ";"}:
                    return at
                if at > candidate.after + 1 and low[at] == "and" and low[at - 1] == ",":
                    return at - 1
            elif other.side == "according" and other.at - 1 > candidate.after and low[other.at - 1] == ",":
                return other.at - 1
        return len(low)

    def _reports(self, sentence: Sentence, other: _Candidate) -> bool:
        """Whether a later co-ordinated cue has content of its own."""
        size = len(sentence)
        after, firm = self._skip(sentence, other, other.after, size)
        if other.cue.needs == "wish" and self._infinitive(sentence, other.after, size) is not None:
            return True
        return self._is_content(sentence, after, size, other.cue.needs, firm)

    def _content_before(self, sentence: Sentence, candidate: _Candidate, floor: int) -> tuple[int, int] | None:
        """The token range before the subject (or the inverted cue) that can be what was said."""
        if candidate.side == "shared":
            return None
        assert candidate.subject is not None
        end = candidate.subject[0] if candidate.side == "left" else candidate.at
        if end <= floor or sentence.low[end - 1] not in {",", QUOTED, "-"}:
            return None
        last = end if sentence.low[end - 1] == QUOTED else end - 1
        if last <= floor:
            return None
        return floor, last

    def _skip(self, sentence: Sentence, candidate: _Candidate, start: int, stop: int) -> tuple[int, str]:
        """Past addressee, time and occasion after a cue; with what firmly opens the content (that, colon, quote)."""
        low, grammar = sentence.low, self._grammar
        at = start
        if candidate.cue.lemma in {"tell", "remind", "assure", "inform", "warn", "ask", "advise"}:
            at = self._past_addressee(sentence, at, stop)
        for _ in range(6):
            if at >= stop:
                return at, ""
            word = low[at]
            if sentence.quoted[at] >= 0:
                return at, "quote"
            if word in grammar.that:
                return at + 1, "that"
            if word == ":":
                return at + 1, "colon"
            if word == "," and at + 1 < stop and sentence.quoted[at + 1] >= 0:
                return at + 1, "quote"
            if word == "," and at + 1 < stop and low[at + 1] in grammar.that:
                return at + 2, "that"
            moved = self._past_setting(sentence, at, stop)
            if moved == at:
                return at, ""
            at = moved
        return at, ""

    def _past_addressee(self, sentence: Sentence, at: int, stop: int) -> int:
        low, grammar = sentence.low, self._grammar
        if at >= stop:
            return at
        for ahead in range(at, min(stop, at + 14)):
            if low[ahead] in grammar.that or sentence.quoted[ahead] >= 0 or low[ahead] in {":", ","}:
                return ahead
            if ahead > at and low[ahead] in grammar.pronouns:
                return ahead
        if low[at] in self._addressees or low[at] in grammar.pronouns:
            return at + 1
        mention = sentence.named[at]
        if mention is not None:
            while at < stop and sentence.named[at] is mention:
                at += 1
            return at
        if low[at] in grammar.determiners:
            end = at + 1
            while end < stop and low[end] not in grammar.determiners and sentence.named[end] is None and end < at + 5:
                end += 1
            return end
        return at + 1

    def _past_setting(self, sentence: Sentence, at: int, stop: int) -> int:
        """Past one adverbial of time or occasion at `at`; `at` itself when there is none."""
        low = sentence.low
        word = low[at]
        if word in self._weekdays or word in {"yesterday", "today", "tonight", "later", "earlier"}:
            at += 1
            while at < stop and low[at] in self._times:
                at += 1
            return at
        if (
            word in {"last", "this", "earlier", "late", "early"}
            and at + 1 < stop
            and (low[at + 1] in self._times or low[at + 1] in {"this", "last"})
        ):
            at += 2
            while at < stop and low[at] in self._times:
                at += 1
            return at
        if word in {"in", "on", "at", "during", "via", "by", "through", "to"}:
            for ahead in range(at + 1, min(stop, at + 8)):
                if low[ahead] in self._occasions or low[ahead] in self._times or low[ahead] in self._months:
                    return self._past_phrase(sentence, ahead + 1, stop)
                if low[ahead] in {",", ":"} or sentence.quoted[ahead] >= 0 or low[ahead] in self._grammar.that:
                    break
        return at

    def _past_phrase(self, sentence: Sentence, at: int, stop: int) -> int:
        """To the end of an occasion ("in a statement to reporters on Monday"): the next comma, that, colon or quote."""
        low, grammar = sentence.low, self._grammar
        for ahead in range(at, min(stop, at + 12)):
            if low[ahead] in grammar.that or low[ahead] == ":" or sentence.quoted[ahead] >= 0 or low[ahead] == ",":
                return ahead
            if low[ahead] in grammar.pronouns:
                return ahead
            if low[ahead] in {"the", "a", "an"} and low[ahead - 1] not in grammar.prepositions:
                return ahead
        return min(at, stop)

    def _is_tail(self, sentence: Sentence, at: int, stop: int, before: tuple[int, int], firm: str) -> bool:
        """Whether what follows the attribution adds no statement, so that the words before it are the statement."""
        low, grammar = sentence.low, self._grammar
        closes_quote = sentence.quoted[before[1] - 1] >= 0
        if closes_quote and sentence.low[before[1] : before[1] + 1] != [","]:
            # The comma of `"A," X said` stands inside the marks; outside them an opening phrase may end.
            return firm in {"", "quote"}
        if not self._states(sentence, *before):
            return False
        if at >= stop:
            return True
        if firm:
            return low[at - 1] == "," or (firm == "that" and low[at - 2] == ",")
        if low[at] in {",", "-", ";", "("}:
            return True
        return low[at] in grammar.prepositions or low[at] in grammar.subordinators or grammar.is_adverb(low[at])

    def _only_tail(self, sentence: Sentence, at: int, stop: int) -> bool:
        low, grammar = sentence.low, self._grammar
        return (
            at >= stop or low[at] in {",", "-"} or low[at] in grammar.prepositions or low[at] in grammar.subordinators
        )

    def _second_part(
        self,
        sentence: Sentence,
        candidate: _Candidate,
        at: int,
        stop: int,
        before: tuple[int, int],
        firm: str,
    ) -> tuple[int, int] | None:
        """The part after `"A," X said, "B"`, or after an attribution in the middle of an indirect statement."""
        low, grammar = sentence.low, self._grammar
        if firm == "quote":
            return at, stop
        if firm == "that":
            return at, stop
        if at + 1 >= stop or low[at] not in {",", "-", ";"}:
            return None
        quote = next((k for k in range(at + 1, min(stop, at + 4)) if sentence.quoted[k] >= 0), None)
        if quote is not None:
            return at + 1, stop
        if sentence.quoted[before[1] - 1] >= 0 or low[at] != "," or candidate.side == "right":
            return None
        opening = low[at + 1]
        if opening in self._cues or opening.endswith("ing") or opening in grammar.relatives or opening in self._openers:
            return None
        if opening in grammar.prepositions or opening in grammar.subordinators:
            return None
        return (at + 1, stop) if self._has_verb(sentence, at + 1, stop) else None

    def _is_content(self, sentence: Sentence, at: int, stop: int, needs: str, firm: str) -> bool:
        low = sentence.low
        if at >= stop:
            return False
        if firm:
            return True
        if low[at] in self._questions and needs not in {"about", "quoted"} and stop - at > 2:
            return True
        if needs in {"weak", "quoted", "wish"}:
            return False
        if low[at] in {",", "-", ";", ")"} or low[at] in self._vague:
            return False
        if needs == "strong":
            return stop - at >= 2 and (
                self._has_verb(sentence, at, stop) or (stop - at >= 3 and self._opens_clause(sentence, at))
            )
        return stop - at >= 3 and self._opens_clause(sentence, at) and self._has_verb(sentence, at, stop)

    def _opens_clause(self, sentence: Sentence, at: int) -> bool:
        low, grammar = sentence.low, self._grammar
        return (
            low[at] in grammar.pronouns
            or low[at] in grammar.determiners
            or sentence.named[at] is not None
            or low[at] in {"there", "it", "if", "when", "while", "such", "what", "how", "why", "whether"}
            or sentence.raw[at][0].isupper()
        )

    def _has_verb(self, sentence: Sentence, at: int, stop: int) -> bool:
        low, finite = sentence.low, self._grammar.finite
        return any(
            low[k] in finite or low[k] == QUOTED or (k > at and low[k].endswith(_VERB_ENDINGS)) for k in range(at, stop)
        )

    def _according(
        self, sentence: Sentence, candidate: _Candidate, floor: int, following: list[_Candidate]
    ) -> tuple[Event | None, int]:
        low = sentence.low
        size = len(low)
        end = candidate.after
        while end < size and low[end] not in {",", "-", ";", ":"} and sentence.quoted[end] < 0:
            end += 1
        if end == candidate.after:
            return None, floor
        candidate.subject = (candidate.after, end)
        leads = candidate.at <= floor + 1 and (candidate.at == 0 or low[candidate.at - 1] in {"and", "but", ",", "-"})
        if leads:
            while end + 1 < size and low[end] == "," and low[end + 1] in {"which", "who", "a", "an"}:
                nxt = next((k for k in range(end + 1, size) if low[k] == ","), None)
                if nxt is None:
                    break
                end = nxt
            stop = self._stop(sentence, candidate, following)
            if stop - end < 3:
                return None, floor
            return self._made(sentence, candidate, ((end, stop),), "according-to"), stop
        if candidate.at - floor < 2:
            return None, floor
        return self._made(sentence, candidate, ((floor, candidate.at),), "according-to"), end
