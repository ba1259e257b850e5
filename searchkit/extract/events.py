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
        if at and sentence.raw[at][0].isupper() and sentence.raw[at - 1] != QUOTED:
            return None
        gerund = low[at].endswith("ing")
        before, helped, negated = at - 1, False, False
        while before >= 0:
            word = low[before]
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
        if helped and not gerund and any(word in self._be for word in low[before + 1 : at]):
            return None  # passive: "was told"
        participle = gerund and not helped
        if participle:
            return _Candidate(at, after, cue, self._main_subject(sentence, at, last), "shared", participle=True)
        if before >= 0 and low[before] in grammar.conjunctions:
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
        base = low[at] == self._cues[low[at]].lemma
        if base and word not in self._grammar.relatives:
            mention = sentence.named[before]
            return not (word.endswith("s") or word in self._grammar.pack.roles["plural"]) or (
                mention is not None and mention.kind == "person"
            )
        return False

    def _inverted(self, sentence: Sentence, at: int, after: int, before: int) -> tuple[int, int] | None:
        low, grammar = sentence.low, self._grammar
        if before != at - 1 or sentence.raw[at][0].isupper():
            return None
        if before >= 0 and low[before] not in {",", QUOTED, "-"}:
            return None
        end = grammar.phrase_after(sentence, after)
        if end is None or low[after] in {"that", "this", "it", "there"}:
            return None
        if before >= 0 and low[before] == QUOTED:
            return after, end
        stop = low[end] if end < len(low) else ""
        if stop in {"", ",", "-", "who", QUOTED, "("} or stop in grammar.prepositions or stop in self._times:
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
        rule = {"left": "cue-after-subject", "right": "inverted", "shared": "shared-subject"}[candidate.side]
        if candidate.participle:
            rule = "participle"
        contents: list[tuple[int, int]] = []
        needs = candidate.cue.needs
        rest = low[after:stop]
        if needs == "about":
            quote = next((k for k in range(start, min(stop, start + 15)) if sentence.quoted[k] >= 0), None)
            if quote is None:
                return None, floor
            contents, rule = [(quote, stop)], "about"
        elif before is not None and not firm and self._is_tail(sentence, after, stop, before):
            contents = [before]
            second = self._second_part(sentence, after, stop, before)
            if second is not None:
                contents.append(second)
            rule = "before-cue" if candidate.side == "left" else rule
        elif rest and self._is_content(sentence, after, stop, needs, firm):
            contents = [(after, stop)]
            rule = rule if not firm else f"{rule}-{firm}"
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
                if low[at] in self._grammar.conjunctions or low[at] == ",":
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

    def _is_tail(self, sentence: Sentence, at: int, stop: int, before: tuple[int, int]) -> bool:
        """Whether what follows the attribution adds no statement, so that the words before it are the statement."""
        if at >= stop:
            return True
        low, grammar = sentence.low, self._grammar
        if low[at] in {",", "-", ";", "("}:
            return True
        closes_quote = sentence.quoted[before[1] - 1] >= 0
        if closes_quote and sentence.quoted[at] < 0:
            return True
        return low[at] in grammar.prepositions or low[at] in grammar.subordinators or grammar.is_adverb(low[at])

    def _only_tail(self, sentence: Sentence, at: int, stop: int) -> bool:
        low, grammar = sentence.low, self._grammar
        return (
            at >= stop or low[at] in {",", "-"} or low[at] in grammar.prepositions or low[at] in grammar.subordinators
        )

    def _second_part(self, sentence: Sentence, at: int, stop: int, before: tuple[int, int]) -> tuple[int, int] | None:
        """The part after `"A," X said, "B"`, or after an attribution in the middle of an indirect statement."""
        low = sentence.low
        if at + 1 >= stop or low[at] not in {",", "-", ";"}:
            return None
        quote = next((k for k in range(at + 1, stop) if sentence.quoted[k] >= 0), None)
        if quote is not None and quote - at <= 3:
            return quote if quote - at == 1 else at + 1, stop
        if (
            sentence.quoted[before[1] - 1] < 0
            and low[at] == ","
            and not any(word in self._cues for word in low[at + 1 : at + 3])
        ):
            return at + 1, stop
        return None

    def _is_content(self, sentence: Sentence, at: int, stop: int, needs: str, firm: str) -> bool:
        low = sentence.low
        if at >= stop:
            return False
        if firm:
            return True
        if needs in {"weak", "quoted"}:
            return False
        if low[at] in {",", "-", ";", ")"}:
            return False
        if needs == "strong":
            return stop - at >= 2 and (self._has_verb(sentence, at, stop) or stop - at >= 4)
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
        low, grammar = sentence.low, self._grammar
        return any(
            low[k] in grammar.finite or low[k].endswith(("'s", "'re", "'ll", "'d", "n't", "ed"))
            for k in range(at, stop)
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
