"""Reporting events in one sentence: a cue, the subject that speaks, and the token ranges of what is said.

takes:    a Sentence
gives:    Events, left to right; ranges of tokens of that sentence
does not: look across sentences, but for a bare attribution after a quoted one
traps:    the order in which the rules are tried is part of them: the first that fits names the event
"""

from collections.abc import Iterator, Sequence
from copy import copy
from functools import lru_cache

from msgspec.structs import replace

from searchkit.extract.packs import Pack
from searchkit.extract.quotes.adjuncts import Adjuncts
from searchkit.extract.quotes.boundaries import Extents
from searchkit.extract.quotes.chains import Chains
from searchkit.extract.quotes.contents import Contents
from searchkit.extract.quotes.cues import Candidate, CueFinder
from searchkit.extract.quotes.interrupted_quotes import Asides
from searchkit.extract.quotes.non_factive import Unmade
from searchkit.extract.quotes.phrases import Grammar
from searchkit.extract.quotes.reading import MOST_TOKENS, QUOTED, Sentence
from searchkit.extract.quotes.verbless import Event, Verbless
from searchkit.text import Span

# So many words before a closing attribution are a statement even if no verb among them is known.
_CLEAR_STATEMENT = 4
# A condition of so many words ("if it came") says nothing without its main clause.
_BARE_CONDITION = 3
# Cues that report without "that", a colon or a quotation.
_SPOKEN = frozenset({"strong", "clause"})
# How many later cues of a sentence may end the content of one.
_FOLLOWING = 6


@lru_cache(maxsize=8)
def _unread(pack: Pack) -> "EventFinder":
    return EventFinder(Grammar(pack))


def event_finder(pack: Pack) -> "EventFinder":
    """A finder that has read nothing yet; what it knows of the language is made once."""
    return copy(_unread(pack))


class EventFinder:
    """Applies the cue rules of one language to sentences."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._finder = CueFinder(grammar)
        self._adjuncts = Adjuncts(grammar)
        self._asides = Asides(grammar)
        self._extents = Extents(grammar)
        self._chains = Chains(grammar)
        self._contents = Contents(grammar)
        self._unmade = Unmade(grammar)
        self._verbless = Verbless(grammar)
        self._read: Sentence | None = None
        self._last: Event | None = None  # the last one of the sentence read last
        self._cues = grammar.pack.cues
        words = grammar.pack.words
        self._openers = words["opener"]
        self._vague = words["vague"]
        self._asking = frozenset(word.replace("-", " ") for word in words["asking"])
        self._before_after = words["before-after"]
        self._conditions = words["condition"]
        self._headless = words["headless"]
        self._articles = words["article"]
        self._contrasts = words["contrast"]
        self._customs = words["custom"]
        self._have = words["have"]
        self._addressed = words["addressed"]
        self._prefaces = words["occasion"] | frozenset({"asked"})
        self._orders = words["order"]
        self._joints = words["conjunction"] | {",", "-"}
        self._describing = words["relative"] | words["article"] - words["definite"]
        self._breaks = grammar.subordinators | grammar.prepositions | {",", "-"}

    def find(self, sentence: Sentence, previous: Sentence | None) -> Iterator[Event]:
        """The events of `sentence`; `previous` is the one before it in the same paragraph, and was read before."""
        earlier = self._last if previous is not None and previous is self._read else None
        self._read, self._last = sentence, None
        self._grammar.join_offices(sentence)
        if earlier is not None and (clause := self._chains.continuation(sentence)) is not None:
            earlier = replace(earlier, contents=(clause,), rule="chained", awaits=False, takes_previous=False)
            self._last = earlier
            yield earlier
            return
        for event in self._events(sentence, previous):
            self._last = event
            yield event

    def _events(self, sentence: Sentence, previous: Sentence | None) -> Iterator[Event]:
        low = sentence.low
        unspoken = self._verbless.find(sentence, previous)
        if unspoken is not None:
            yield unspoken
            return
        if len(low) > MOST_TOKENS:
            return
        if self._finder.triggers.isdisjoint(low):
            if low[:1] == ["for"] and (seen := self._verbless.seen_by(sentence)) is not None:
                yield seen
            return
        candidates = self._unmade.reports(sentence, self._finder.candidates(sentence))
        if len(candidates) > 1 and self._reports_all(sentence, candidates):
            candidates = candidates[-1:]
        floor = 0
        for order, candidate in enumerate(candidates):
            if candidate.at < floor:
                continue
            following = candidates[order + 1 : order + 1 + _FOLLOWING]
            event, reached = self._event(sentence, candidate, floor, following, previous)
            if event is not None:
                yield event
                floor = reached
        if not floor and low[0] == "for" and (seen := self._verbless.seen_by(sentence)) is not None:
            yield seen

    def _event(
        self,
        sentence: Sentence,
        candidate: Candidate,
        floor: int,
        following: list[Candidate],
        previous: Sentence | None,
    ) -> tuple[Event | None, int]:
        if candidate.side == "according":
            return self._according(sentence, candidate, floor, following)
        low = sentence.low
        size = len(low)
        start = candidate.after if candidate.side != "right" else candidate.subject[1]
        stop = self._extents.clause_end(sentence, candidate, start, self._stop(sentence, candidate, following))
        if candidate.side == "left":
            whole, stop = stop, self._asides.relative_end(sentence, candidate.subject, start, stop)
            if stop < whole and any(self._closes(sentence, other) for other in following):
                return None, floor  # "Lind, who said it was old, left, the office said": the office says it all
        if candidate.cue.needs in {"wish", "weak"} and self._unmade.asks_anonymity(sentence, start, stop):
            return None, floor
        before = self._content_before(sentence, candidate, floor)
        if before is not None and candidate.side == "left" and self._is_relative(sentence, candidate):
            before = None  # "a letter came, a letter that said ..."
        plain = before is not None and candidate.cue.needs not in _SPOKEN and sentence.quoted[before[1] - 1] < 0
        if plain and not self._grammar.speaks(sentence, *candidate.subject):
            before = None  # "..., an enzyme found in the liver"
        after, firm = self._adjuncts.opening(sentence, candidate.cue, start, stop)
        leads = low[candidate.subject[0] - 1] if candidate.side == "left" and candidate.subject[0] else ""
        first, last = candidate.subject
        headless = last - first > 1 and low[first] in self._headless and firm not in {"colon", "quote"}
        if headless or (leads in self._vague and not firm):
            return None, floor  # "what Lind says ..." reports nothing
        if leads == "as" and firm not in {"colon", "quote"}:
            quoted = candidate.subject[0] > 1 and sentence.quoted[candidate.subject[0] - 2] >= 0
            if candidate.cue.needs not in {"strong", "clause"} and not quoted:
                return None, floor
            return self._as_said(sentence, candidate, floor, stop)
        rule = {"left": "cue-after-subject", "right": "inverted", "shared": "shared-subject"}[candidate.side]
        if candidate.participle:
            rule = "participle"
        contents: list[tuple[int, int]] = []
        needs, lemma = candidate.cue.needs, candidate.cue.lemma
        if candidate.noun:
            end = self._extents.noun_end(sentence, candidate, after, stop) if firm == "that" else None
            if end is None:
                return None, floor
            stop = end
        late = self._late_quote(sentence, after, stop, needs)
        apart = needs in _SPOKEN or low[candidate.after : candidate.after + 1] == [","]
        wish = self._infinitive(sentence, start, stop) if needs == "wish" or lemma in self._orders else None
        if firm == "that" and wish is None and after < stop and low[after] in self._grammar.auxiliaries:
            if needs not in _SPOKEN or after > candidate.after + 1:
                return None, floor  # "rules that could close it", "told us after a talk that was held there"
            after -= 1  # "said that was not so"
        if needs == "about":
            contents, rule = self._contents.complement(sentence, candidate, start, stop), "about"
        elif wish is not None and wish < after:
            contents, rule = [(wish, stop)], "infinitive"
        elif wish is not None and low[after : after + 1] == ["to"]:
            contents, rule = [(after, stop)], "infinitive"
        elif before is not None and self._is_tail(sentence, candidate, after, stop, before, firm):
            contents = [before]
            second = self._second_part(sentence, candidate, after, stop, before, firm)
            if second is not None and second[0] < second[1]:
                contents.append(second)
            rule = "before-cue" if candidate.side == "left" else rule
        elif (
            before is not None
            and not firm
            and apart
            and (rest := self._rest(sentence, candidate, before, after, stop))
            and not any(
                other.subject[0] == rest[0] and low[other.after : other.after + 1] == [","] for other in following
            )  # "the rise continued, it said, where"
        ):
            contents, rule = [rest] if self._only_opens(low, *before) else [before, rest], "interrupted"
        elif self._contents.opens(sentence, after, stop, candidate, firm) and (
            late is None or low[after] not in self._grammar.subordinators
        ):
            stop = self._extents.quote_end(sentence, after, stop, firm)
            chained = firm == "that" or (not firm and needs in {"strong", "clause"})
            contents = self._chains.clauses(sentence, after, stop) if chained else [(after, stop)]
            rule = f"{rule}-{firm}" if firm else rule
        elif wish is not None:
            contents, rule = [(wish, stop)], "infinitive"
        elif late is not None:
            contents, rule = [(late, stop)], f"{rule}-quote"
        contents = [part for part in contents if part[0] < part[1]]  # "Korbel told that" has no words behind its cue
        if before is not None and contents[:1] == [before] and low[before[1] - 1] in self._grammar.conjunctions:
            rest = self._rest(sentence, candidate, before, after, stop) if not contents[1:] else None
            contents = contents[1:] or ([rest] if rest is not None else [])  # "pumps and, Lind said, 'a ghost'"
        if not contents:
            bare = all(number < 0 for number in sentence.quoted)
            if bare and not candidate.participle and floor == 0:
                if low[-1] == ":":
                    return self._made(sentence, candidate, (), "colon", awaits=True), size
                if (
                    previous is not None
                    and previous.quoted
                    and previous.quoted[-1] >= 0
                    and candidate.subject[0] <= 1
                    and self._only_tail(sentence, after, stop)
                ):
                    return self._made(sentence, candidate, (), "before-cue", takes_previous=True), candidate.after
            return None, floor
        # After words that stand before their cue the sentence may go on: "..., said Malt, who added that ...".
        reached = stop if contents[-1][1] > candidate.at else max(candidate.after, candidate.subject[1])
        return self._made(sentence, candidate, tuple(contents), rule), reached

    def _is_relative(self, sentence: Sentence, candidate: Candidate) -> bool:
        """Whether "that" or "who" stands right before the cue, adverbs and auxiliaries aside."""
        at = candidate.at - 1
        while at > candidate.subject[1] and (
            self._grammar.is_adverb(sentence.low[at]) or sentence.low[at] in self._grammar.auxiliaries
        ):
            at -= 1
        word = sentence.low[at]
        return at >= candidate.subject[1] and (word in self._grammar.relatives or word in self._grammar.that)

    def _only_opens(self, low: Sequence[str], first: int, last: int) -> bool:
        """Whether the range only opens what follows: "However, Lind said, it is old", "If it came, ..."."""
        if last - first == 1:
            return low[first] in self._openers or self._grammar.is_adverb(low[first])
        return last - first <= _BARE_CONDITION and low[first] in self._conditions

    def _rest(
        self, sentence: Sentence, candidate: Candidate, before: tuple[int, int], after: int, stop: int
    ) -> tuple[int, int] | None:
        """For "The museum, Lind said, will open": what goes on behind the attribution."""
        if candidate.side == "left" and sentence.low[candidate.subject[1]] == ",":
            return None  # "The chairman, Igor Malt, asked for quiet, and left"
        return self._asides.rest(sentence, before, after, stop)

    def _as_said(self, sentence: Sentence, candidate: Candidate, floor: int, stop: int) -> tuple[Event | None, int]:
        """ "As Lind said, the plan failed" and "The plan failed, as Lind said"."""
        low = sentence.low
        mark = candidate.subject[0] - 1
        if mark > floor and sentence.quoted[mark - 1] >= 0:
            return self._made(sentence, candidate, ((floor, mark),), "as-said"), candidate.after
        if mark - floor > 3 and low[mark - 1] == "," and self._grammar.states(sentence, floor, mark - 1):
            return self._made(sentence, candidate, ((floor, mark - 1),), "as-said"), candidate.after
        if mark - floor > 2 and (rest := self._asides.rest(sentence, (floor, mark - 1), candidate.after, stop)):
            return self._made(sentence, candidate, ((floor, mark - 1), rest), "as-said"), stop
        comma = next((k for k in range(candidate.after, min(stop, candidate.after + 12)) if low[k] == ","), None)
        if mark - floor > 1 or comma is None or not self._grammar.has_verb(sentence, comma, stop):
            return None, floor
        return self._made(sentence, candidate, ((comma + 1, stop),), "as-said"), stop

    def _infinitive(self, sentence: Sentence, start: int, stop: int) -> int | None:
        """Where the infinitive of a wish starts: "vowed to", "urged the council not to"."""
        low, grammar = sentence.low, self._grammar
        for at in range(start, min(stop - 1, start + 9)):
            if low[at] == "to" and low[at + 1] not in grammar.determiners and sentence.named[at + 1] is None:
                return at - 1 if at > start and low[at - 1] in {"not", "never"} else at
            if low[at] in {",", ";", ":", "-", QUOTED} or low[at] in grammar.finite or low[at] in grammar.subordinators:
                return None
        return None

    def _late_quote(self, sentence: Sentence, after: int, stop: int, needs: str) -> int | None:
        """A quotation that closes the sentence after a comma or colon: "joked when asked, 'No.'"."""
        if needs == "quoted" or stop - after < 2 or stop != len(sentence) or sentence.quoted[stop - 1] < 0:
            return None
        return stop - 1 if sentence.low[stop - 2] in {",", ":"} or needs == "wish" else None

    def _made(
        self,
        sentence: Sentence,
        candidate: Candidate,
        contents: tuple[tuple[int, int], ...],
        rule: str,
        *,
        awaits: bool = False,
        takes_previous: bool = False,
    ) -> Event:
        subject = sentence.range(*candidate.subject)
        owner = sentence.low[candidate.subject[1] - 1]
        if candidate.noun and owner.endswith(("'s", "s'")):
            subject = Span(subject.start, subject.end - len(owner) + len(owner.rstrip("s").rstrip("'")))
        cue = sentence.range(candidate.at, candidate.after)
        return Event(cue, candidate.cue.lemma, subject, contents, rule, awaits, takes_previous)

    def _stop(self, sentence: Sentence, candidate: Candidate, following: list[Candidate]) -> int:
        """Where the content after the cue must end: before the next co-ordinated or participle cue, or the end."""
        low = sentence.low
        for other in following:
            if other.side == "shared":
                at = other.at - 1
                if other.participle and low[at] in self._before_after and at > candidate.after + 1:
                    return at - (low[at - 1] == ",")  # "said it was old before adding that it would hold"
                while at > candidate.after and (self._grammar.is_adverb(low[at]) or low[at] in self._have):
                    at -= 1
                if other.participle and low[at] == ",":
                    return at
                if (low[at] in self._grammar.conjunctions or low[at] == ",") and self._reports(sentence, other):
                    return at
            elif other.side == "left":
                at = other.subject[0] - 1
                if at > candidate.after and (low[at] == ";" or low[at] in self._contrasts):
                    return at
                contrast = self._extents.contrast_before(sentence, at, candidate.after)
                if contrast is not None:
                    return contrast
                if at > candidate.after + 1 and low[at] == "and" and low[at - 1] in {",", "-"}:
                    return at - 1
                if at > candidate.after and low[at] == "," and candidate.cue.lemma in self._asking:
                    return at  # "asked if she knew, the pilot said"
                if candidate.noun and low[at] == ",":
                    return at
            elif other.side == "according" and other.at - 1 > candidate.after and low[other.at - 1] == ",":
                return other.at - 1
        if ";" in low:  # what stands behind it may be the reporter's own
            return next((at for at in range(candidate.after + 1, len(low)) if low[at] == ";"), len(low))
        return len(low)

    def _reports_all(self, sentence: Sentence, candidates: list[Candidate]) -> bool:
        """Whether the last attribution reports the others: "Lind claims the quay is old, the office said"."""
        low, first, last = sentence.low, candidates[0], candidates[-1]
        if last.side == "according":
            at = last.at
            closes = last.subject[1] == len(low) and low[at - 1] == ","
        else:
            at = last.subject[0]
            closes = self._closes(sentence, last)
        if not closes or first.side == "right" or last.cue.needs not in {"strong", "clause"}:
            return False
        if (at - first.after < 2 and sentence.quoted[at - 1] < 0) or (first.side == "left" and low[first.after] == ","):
            return False  # "In May, her daughter said, Lind noted the day": nothing is between them
        if sentence.quoted[at - 1] >= 0:
            at -= 1  # "responded 'in kind,' the office said"
        between = range(first.subject[0] if first.side == "left" else first.at, at)
        return not any(low[k] == ";" or sentence.is_whole(k) for k in between)

    def _closes(self, sentence: Sentence, other: Candidate) -> bool:
        """Whether a later attribution stands behind a comma, or one in marks, at the end of the sentence."""
        low, first = sentence.low, other.subject[0]
        comma = low[first - 1] == "," or (sentence.quoted[first - 1] >= 0 and sentence.raw[first - 1].endswith(","))
        after, firm = self._adjuncts.opening(sentence, other.cue, other.after, len(low))
        return other.side == "left" and comma and not firm and self._only_tail(sentence, after, len(low))

    def _reports(self, sentence: Sentence, other: Candidate) -> bool:
        """Whether a later co-ordinated cue has content of its own."""
        size = len(sentence)
        after, firm = self._adjuncts.opening(sentence, other.cue, other.after, size)
        if other.cue.needs == "wish" and self._infinitive(sentence, other.after, size) is not None:
            return True
        if other.cue.needs == "about":
            return bool(self._contents.complement(sentence, other, other.after, size))
        return self._contents.opens(sentence, after, size, other, firm)

    def _content_before(self, sentence: Sentence, candidate: Candidate, floor: int) -> tuple[int, int] | None:
        """The token range before the subject (or the inverted cue) that can be what was said."""
        if candidate.side == "shared":
            return None
        end = candidate.subject[0] if candidate.side == "left" else candidate.at
        if end <= floor or sentence.low[end - 1] not in {",", QUOTED, "-"}:
            return None
        last = end if sentence.low[end - 1] == QUOTED else end - 1
        if (
            candidate.side == "left"
            and candidate.subject[1] == candidate.at - 1
            and sentence.low[candidate.at - 1] == ","
        ):
            last = self._extents.before_office(sentence, floor, last)
        if last <= floor:
            return None
        quote = last - 1
        prefaced = sentence.is_whole(quote) and quote - floor > 1 and sentence.low[quote - 1] == ","
        if prefaced and any(word in self._prefaces for word in sentence.low[floor:quote]):
            floor = quote  # "Asked about it in a speech, "No," she said."
        return floor, last

    def _is_tail(
        self, sentence: Sentence, candidate: Candidate, at: int, stop: int, before: tuple[int, int], firm: str
    ) -> bool:
        """Whether what follows the attribution adds no statement, so that the words before it are the statement."""
        low, grammar = sentence.low, self._grammar
        closes_quote = sentence.quoted[before[1] - 1] >= 0
        if closes_quote and sentence.low[before[1] : before[1] + 1] != [","]:
            # The comma of `"A," X said` stands inside the marks; outside them an opening phrase may end.
            opened = low[before[0] : before[1] - 1]  # "On the show “Harbor News,” Lind said it is old."
            phrase = bool(opened) and opened[0] in grammar.prepositions and "," not in opened
            if (
                phrase
                and grammar.finite.isdisjoint(opened)
                and self._contents.opens(sentence, at, stop, candidate, firm)
            ):
                return False
            return firm in {"", "quote"}
        if at >= stop:
            # Nothing but the attribution follows: three words without a known verb will do.
            return self._grammar.states(sentence, *before, verb=before[1] - before[0] < _CLEAR_STATEMENT)
        told = candidate.cue.lemma in self._addressed and candidate.side == "left" and not firm
        if told and stop == len(low) and not self._grammar.has_verb(sentence, candidate.after, stop):
            return self._grammar.states(sentence, *before, verb=before[1] - before[0] < _CLEAR_STATEMENT)
        if not self._grammar.states(sentence, *before, verb=bool(firm) or self._extents.is_doubtful(sentence, *before)):
            return False
        if firm:
            return low[at - 1] == "," or (firm == "that" and low[at - 2] == ",")
        return low[at] in {";", "("} or self._only_tail(sentence, at, stop) or grammar.is_adverb(low[at])

    def _only_tail(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Whether the attribution ends the sentence, or an aside, a place, a time or a reason follows it."""
        return at >= stop or sentence.low[at] in self._breaks

    def _second_part(
        self,
        sentence: Sentence,
        candidate: Candidate,
        at: int,
        stop: int,
        before: tuple[int, int],
        firm: str,
    ) -> tuple[int, int] | None:
        """The part after `"A," X said, "B"`, or after an attribution in the middle of an indirect statement."""
        low, grammar = sentence.low, self._grammar
        if firm in {"quote", "that"}:
            return at, stop
        if at + 1 >= stop or low[at] not in {",", "-", ";"}:
            return None
        quote = next((k for k in range(at + 1, min(stop, at + 4)) if sentence.quoted[k] >= 0), None)
        if quote is not None:
            return at + 1, stop
        closing = stop - 1  # "“A,” Lind said, pointing to the quay, “b.”"
        aside = sentence.quoted[before[1] - 1] >= 0 and stop == len(low) and sentence.quoted[closing] >= 0
        if aside and low[closing - 1] == "," and not any(word in grammar.finite for word in low[at:closing]):
            return closing, stop
        joined = self._chains.joined(sentence, at, stop)
        if joined is not None or sentence.quoted[before[1] - 1] >= 0 or low[at] != ",":
            return joined
        reason = self._asides.reason(sentence, at, stop)
        if reason is not None or candidate.side == "right":
            return reason
        opening = low[at + 1]
        if opening in self._cues or opening.endswith("ing") or opening in grammar.relatives or opening in self._openers:
            return None
        if opening in self._breaks:
            return None
        # "Gas is dear, it argues, and the old pipes leak": behind a whole clause only another can follow "and".
        joins = opening in grammar.conjunctions and low[at + 2 : at + 3] and low[at + 2] in self._articles
        clause = joins and stop - at - 2 >= _CLEAR_STATEMENT
        return (at + 1, stop) if clause or grammar.has_verb(sentence, at + 1, stop) else None

    def _according(
        self, sentence: Sentence, candidate: Candidate, floor: int, following: list[Candidate]
    ) -> tuple[Event | None, int]:
        low = sentence.low
        size = len(low)
        end = candidate.subject[1]
        if low[end - 1] in self._customs:
            return None, floor  # "according to plan"
        leads = candidate.at <= floor + 1 and (candidate.at == 0 or low[candidate.at - 1] in self._joints)
        if leads:
            while end + 1 < size and low[end] == "," and low[end + 1] in self._describing:
                nxt = next((k for k in range(end + 1, size) if low[k] == ","), None)
                if nxt is None:
                    break
                end = nxt
            stop = self._stop(sentence, candidate, following)
            if stop - end < 3 and sentence.quoted[stop - 1] < 0:
                return None, floor
            return self._made(sentence, candidate, ((end, stop),), "according-to"), stop
        if candidate.at - floor < 2:
            return None, floor
        before = (floor, candidate.at - 1)
        if low[candidate.at - 1] == "," and not self._grammar.states(sentence, *before):
            stop = self._stop(sentence, candidate, following)
            rest = self._asides.rest(sentence, before, end, stop)
            if rest is not None:
                return self._made(sentence, candidate, (before, rest), "according-to"), stop
        contents = [(floor, candidate.at)]
        reason = self._asides.reason(sentence, end, size)
        if reason is not None and low[candidate.at - 1] == ",":
            contents.append(reason)
            end = size
        return self._made(sentence, candidate, tuple(contents), "according-to"), end
