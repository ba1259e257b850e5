"""Find reports in one sentence: a verb of speech, the subject that speaks, and the tokens of what is said.

The rules stand in tables at the end of the module, in the order in which they are tried.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from searchkit.statements.quotes.cues import CueFinder
from searchkit.statements.quotes.denials import Denials
from searchkit.statements.quotes.parts import SPOKEN, Case, Parts, Range
from searchkit.statements.quotes.phrases import Grammar
from searchkit.statements.quotes.reading import MOST_TOKENS, QUOTED, Candidate, Report, Sentence
from searchkit.statements.quotes.verbless import Verbless
from searchkit.statements.rules import Rules, apply

# Rules by where the subject stands.
_RULES = {"left": "cue-after-subject", "right": "inverted", "shared": "shared-subject"}

# An report, if there is one, and the token before which its sentence is read.
_Outcome = tuple[Report | None, int]
# Ranges of what is said and the rule that found them.
_Content = tuple[list[Range], str]


class ReportFinder:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.words = grammar.pack.words
        self.parts = Parts(grammar)
        self._finder = CueFinder(grammar)
        self._verbless = Verbless(grammar)
        self._denials = Denials(grammar)
        self._joints = self.words["conjunction"] | {",", "-"}
        self._describing = self.words["relative"] | self.words["article"] - self.words["definite"]

    def find(self, sentence: Sentence, previous: Sentence | None, earlier: Report | None) -> Iterator[Report]:
        """Yield the reports of `sentence`; `earlier` is the last of `previous`, right before it in its paragraph."""
        self.grammar.join_offices(sentence)
        if earlier is not None and (clause := self.parts.boundaries.next_sentence(sentence)) is not None:
            yield replace(earlier, contents=(clause,), rule="chained", awaits=False, takes_previous=False)
            return
        unspoken = self._verbless.find(sentence, previous)
        if unspoken is not None:
            yield unspoken
            return
        if len(sentence) > MOST_TOKENS:
            return
        floor = 0
        if not self._finder.triggers.isdisjoint(sentence.low):
            candidates = self.parts.non_factive.reports(sentence, self._finder.candidates(sentence))
            if len(candidates) > 1 and self._reports_all(sentence, candidates):
                candidates = candidates[-1:]
            for number, candidate in enumerate(candidates):
                if candidate.at < floor:
                    continue
                following = candidates[number + 1 : number + 1 + 6]
                if candidate.side == "according":
                    report, reached = self._according(sentence, candidate, floor, following)
                else:
                    case = self.parts.case(sentence, candidate, floor, following, previous)
                    report, reached = apply(_REPORTS, self, case) or (None, floor)
                if report is not None:
                    yield report
                    floor = reached
        if not floor and (last := self._verbless.last(sentence)) is not None:
            yield last

    def subject_before(self, sentence: Sentence, at: int) -> Range | None:
        """Return the noun phrase that ends before token `at`."""
        return self.grammar.subject_before(sentence, at - 1)

    def _reports_all(self, sentence: Sentence, candidates: list[Candidate]) -> bool:
        """Return whether the last attribution reports the others: "Lind claims the quay is old, the office said"."""
        low, first, last = sentence.low, candidates[0], candidates[-1]
        if last.side == "according":
            at = last.at
            closes = last.subject[1] == len(low) and low[at - 1] == ","
        else:
            at = last.subject[0]
            closes = self.parts.closes(sentence, last)
        if not closes or first.side == "right" or last.cue.needs not in SPOKEN:
            return False
        if (at - first.after < 2 and low[at - 1] != QUOTED) or (first.side == "left" and low[first.after] == ","):
            return False  # "In May, her daughter said, Lind noted the day": nothing is between them
        if low[at - 1] == QUOTED:
            at -= 1  # "responded 'in kind,' the office said"
            if low[at - 1] == "-":
                return False  # "said the quay was old - 'a ruin,' Lind said - and left"
        between = range(first.subject[0] if first.side == "left" else first.at, at)
        return not any(low[k] == ";" or sentence.is_complete(k) for k in between)

    def _made(
        self, sentence: Sentence, candidate: Candidate, contents: tuple[Range, ...], rule: str, **kinds: bool
    ) -> Report:
        subject = sentence.owner(*(candidate.handed_on or candidate.subject))
        cue = sentence.range(candidate.at, candidate.after)
        if candidate.handed_on is not None:
            cue = sentence.range(candidate.after - 1, candidate.after)  # "saying"
        return Report(cue, candidate.cue.lemma, subject, contents, rule, negated=candidate.negated, **kinds)

    def is_reported_itself(self, case: Case) -> bool:
        return case.stop < case.limit and any(self.parts.closes(case.sentence, later) for later in case.following)

    def asks_anonymity(self, case: Case) -> bool:
        asks = case.candidate.cue.needs in {"wish", "weak"}
        return asks and self.parts.non_factive.asks_anonymity(case.sentence, case.start, case.stop)

    def is_headless(self, case: Case) -> bool:
        first, last = case.candidate.subject
        headless = case.low[first] in self.words["headless"] and last - first > 1
        headless = headless or case.leads in self.words["free-relative"]
        return (headless and case.firm not in {"colon", "quote"}) or (
            case.leads in self.words["vague"] and not case.firm
        )

    def is_free_relative(self, case: Case) -> bool:
        """Return whether the words said go on with "what": "a share of what Lind said is a rising demand"."""
        first, low, grammar = case.candidate.subject[0], case.low, self.grammar
        if first < 2 or case.leads not in self.words["free-relative"] or case.after + 2 >= case.stop:
            return False
        before = low[first - 2]
        closed = grammar.conjunctions | grammar.subordinators | grammar.that | {",", "-", ";", QUOTED}
        return low[case.after] in grammar.auxiliaries and before not in closed and before not in grammar.pack.cues

    def is_cleft(self, case: Case) -> bool:
        """Return whether the words stand behind a copula: "what Lind said is that it is old"."""
        low, at = case.low, case.candidate.after
        opens = case.leads in self.words["free-relative"] and low[at : at + 1] and low[at] in self.words["be"]
        return bool(opens) and at + 2 < case.stop and low[at + 1] in self.grammar.clause_openers | self.words["asked"]

    def cleft(self, case: Case) -> _Outcome:
        at = case.candidate.after + 1
        at += case.low[at] in self.grammar.that
        return self._made(case.sentence, case.candidate, ((at, case.stop),), "cue-after-subject-that"), case.stop

    def is_as_said(self, case: Case) -> bool:
        before = case.low[max(0, case.candidate.subject[0] - 2)]
        many = before in self.words["as-many"]  # "as many as 40 percent said"
        return case.leads in self.words["as"] and case.firm not in {"colon", "quote"} and not many

    def is_bare_as(self, case: Case) -> bool:
        first = case.candidate.subject[0]
        quoted = first > 1 and case.sentence.quoted[first - 2] >= 0
        return self.is_as_said(case) and case.candidate.cue.needs not in SPOKEN and not quoted

    def as_said(self, case: Case) -> _Outcome:
        sentence, low, candidate, floor, stop = case.sentence, case.low, case.candidate, case.floor, case.stop
        mark = candidate.subject[0] - 1
        grammar, comma = self.grammar, mark - 1
        if mark > floor and low[mark - 1] == QUOTED:
            return self._made(sentence, candidate, ((floor, mark),), "as-said"), candidate.after
        if mark - floor > 3 and low[comma] == "," and grammar.states(sentence, floor, comma):
            return self._made(sentence, candidate, ((floor, comma),), "as-said"), candidate.after
        if mark - floor > 2:
            rest = self.parts.boundaries.rest(sentence, (floor, comma), candidate.after, stop)
            if rest is not None:
                return self._made(sentence, candidate, ((floor, comma), rest), "as-said"), stop
        end = next((k for k in range(candidate.after, min(stop, candidate.after + 12)) if low[k] == ","), None)
        if mark - floor > 1 or end is None or not grammar.has_verb(sentence, end, stop):
            return None, floor
        return self._made(sentence, candidate, ((end + 1, stop),), "as-said"), stop

    def statement(self, case: Case) -> _Outcome:
        """Return the report of what stands before and after the verb."""
        sentence, low, candidate, parts = case.sentence, case.low, case.candidate, self.parts
        if candidate.noun and (end := parts.noun_end(case)) is not None:
            case.stop = end
        case.late = parts.late_quote(case)
        if candidate.cue.needs == "wish" or candidate.cue.lemma in self.words["order"]:
            case.wish = parts.infinitive(sentence, case.start, case.stop)
        if self._is_that_subject(case):
            noun = candidate.cue.needs == "clause" and not low[candidate.at].endswith(("ed", "ing"))
            if candidate.cue.needs not in SPOKEN or noun or case.after > candidate.after + 1:
                return None, case.floor  # "rules that could close it", "warned us after a talk that was held there"
            case.after -= 1  # "said that was not so"
        contents, rule = apply(_CONTENTS, self, case) or ([], "")
        contents = [part for part in contents if part[0] < part[1]]  # "Korbel warned that" has no words behind its cue
        if contents and contents[0] == case.before and low[contents[0][1] - 1] in self.grammar.conjunctions:
            rest = parts.rest(case, contents[0])  # "pumps and, Lind said, 'a ghost'"
            contents = contents[1:] or ([rest] if rest is not None else [])
        if not contents:
            return self._without_content(case)
        # After words that stand before their verb the sentence may go on: "..., said Malt, who added that ...".
        reached = case.stop if contents[-1][1] > candidate.at else max(candidate.after, candidate.subject[1])
        return self._made(sentence, candidate, tuple(contents), rule), reached

    def _is_that_subject(self, case: Case) -> bool:
        """Return whether the "that" behind the verb is the subject of what follows."""
        if case.firm != "that" or case.wish is not None:
            return False
        verbal = case.after < case.stop and self.grammar.is_auxiliary(case.low[case.after])
        return verbal and not (case.before is not None and self.parts.is_whole_quotation(case.sentence, *case.before))

    def _without_content(self, case: Case) -> _Outcome:
        """Return the report of an attribution whose quotation stands in the next paragraph or the last sentence."""
        sentence, candidate, previous = case.sentence, case.candidate, case.previous
        if sentence.quotes or candidate.participle or case.floor:
            return None, case.floor
        if case.low[-1] == ":":
            return self._made(sentence, candidate, (), "colon", awaits=True), len(sentence)
        follows = previous is not None and previous.low[-1:] == [QUOTED] and candidate.subject[0] <= 1
        if follows and self.parts.only_tail(sentence, case.after, case.stop):
            return self._made(sentence, candidate, (), "before-cue", takes_previous=True), candidate.after
        return None, case.floor

    def base_rule(self, case: Case) -> str:
        return "participle" if case.candidate.participle else _RULES[case.candidate.side]

    def complement(self, case: Case) -> _Content:
        return self.parts.contents.complement(case.sentence, case.candidate, case.start, case.stop), "about"

    def is_late_wish(self, case: Case) -> bool:
        behind = case.wish is not None and case.after < len(case.low)
        return behind and case.low[case.after] in self.words["infinitive-mark"]

    def infinitive(self, case: Case) -> _Content | None:
        if case.wish is None:
            return None
        first = self.parts.asked(case, case.wish)
        return [(first, self.parts.tails.end(case.sentence, case.wish, case.stop))], "infinitive"

    def object(self, case: Case) -> _Content | None:
        addressed = case.candidate.cue.lemma in self.words["addressed"]  # the object would be read as its addressee
        at = case.candidate.after if addressed else case.after
        end = self.parts.contents.object_end(case.sentence, case.candidate, at, case.stop)
        return ([(at, end)], "object") if end is not None else None

    def denied(self, case: Case) -> _Content | None:
        denied = self._denials.object(case.sentence, case.candidate, case.stop)
        return ([denied], "object") if denied is not None else None

    def late_quote(self, case: Case) -> _Content | None:
        return ([(case.late, case.stop)], f"{self.base_rule(case)}-quote") if case.late is not None else None

    def before_cue(self, case: Case) -> _Content | None:
        before = case.before
        if before is None or not self.parts.is_tail(case, before):
            return None
        second = self.parts.second_part(case, before)
        rule = "before-cue" if case.candidate.side == "left" else self.base_rule(case)
        return [before, second] if second is not None else [before], rule

    def interrupted(self, case: Case) -> _Content | None:
        before, low, candidate = case.before, case.low, case.candidate
        apart = candidate.cue.needs in SPOKEN or low[candidate.after : candidate.after + 1] == [","]
        if before is None or case.firm or not apart:
            return None
        rest = self.parts.rest(case, before)
        if rest is None:
            return None
        if any(later.subject[0] == rest[0] and low[later.after : later.after + 1] == [","] for later in case.following):
            return None  # "the rise continued, it said, where"
        return [rest] if self.parts.only_opens(low, *before) else [before, rest], "interrupted"

    def unsaid(self, case: Case) -> _Content:
        """Return what was not said, if a clause or the deeds denied follow the verb."""
        denied = case.candidate.cue.lemma in self.words["deny-verb"]
        clause = case.firm or denied or self.grammar.has_verb(case.sentence, case.after, case.stop)
        return (self.after_cue(case) if clause else None) or ([], "")

    def after_cue(self, case: Case) -> _Content | None:
        sentence, firm, after, needs = case.sentence, case.firm, case.after, case.candidate.cue.needs
        if not self.parts.contents.opens(sentence, after, case.stop, case.candidate, firm):
            return None
        if case.late is not None and not firm and case.low[after] in self.words["when-clause"]:
            return None  # "joked when asked, 'No.'"
        case.stop = self.parts.boundaries.quote_end(sentence, after, case.stop, firm)
        if firm in {"", "that"}:
            case.stop = self.parts.tails.end(sentence, after, case.stop)
        rule = f"{self.base_rule(case)}-{firm}" if firm else self.base_rule(case)
        if firm == "quote" and after > case.start and case.low[after - 1] in self.grammar.determiners:
            after -= 1  # "warned of a 'long' night"
        if firm == "that" or (not firm and needs in SPOKEN):
            return self.parts.boundaries.clauses(sentence, after, case.stop), rule
        return [(after, case.stop)], rule

    def _according(self, sentence: Sentence, candidate: Candidate, floor: int, following: list[Candidate]) -> _Outcome:
        low, at, boundaries = sentence.low, candidate.at, self.parts.boundaries
        size, end = len(low), candidate.subject[1]
        if low[end - 1] in self.words["custom"]:
            return None, floor  # "according to plan"
        if at <= floor + 1 and (at == 0 or low[at - 1] in self._joints):
            while end + 1 < size and low[end] == "," and low[end + 1] in self._describing and "," in low[end + 1 :]:
                end = low.index(",", end + 1)
            stop = self.parts.stop(sentence, candidate, following)
            if stop - end < 3 and low[stop - 1] != QUOTED:
                return None, floor
            return self._made(sentence, candidate, ((end, stop),), "according-to"), stop
        if low[at - 1] == QUOTED and sentence.is_complete(at - 1):
            return self._made(sentence, candidate, ((at - 1, at),), "according-to"), end
        if at - floor < 2:
            return None, floor
        before = (floor, at - 1)
        if low[at - 1] == "," and not self.grammar.states(sentence, *before):
            stop = self.parts.stop(sentence, candidate, following)
            rest = boundaries.rest(sentence, before, end, stop)
            if rest is not None:
                return self._made(sentence, candidate, (before, rest), "according-to"), stop
        reason = boundaries.reason(sentence, end, size) if low[at - 1] == "," else None
        if reason is not None:
            return self._made(sentence, candidate, ((floor, at), reason), "according-to"), size
        return self._made(sentence, candidate, ((floor, at),), "according-to"), end


def _nothing(finder: ReportFinder, case: Case) -> _Outcome:  # noqa: ARG001  rows of a table have one signature
    return None, case.floor


_REPORTS: Rules[ReportFinder, Case, _Outcome] = (
    ("reported by a later attribution", ReportFinder.is_reported_itself, _nothing),
    ("asks not to be named", ReportFinder.asks_anonymity, _nothing),
    ("what Lind says is that it is old", ReportFinder.is_cleft, ReportFinder.cleft),
    ("what Lind says is old", lambda f, c: f.is_headless(c) and not f.is_free_relative(c), _nothing),
    ("as Lind noted it was wet", ReportFinder.is_bare_as, _nothing),
    ("as Lind said", ReportFinder.is_as_said, ReportFinder.as_said),
    ("noun without a clause", lambda f, c: c.candidate.noun and f.parts.noun_end(c) is None, _nothing),
    ("statement", None, ReportFinder.statement),
)

_CONTENTS: Rules[ReportFinder, Case, _Content] = (
    ("denied the allegations", None, ReportFinder.denied),
    ("did not say whether it was old", lambda _, c: c.candidate.negated, ReportFinder.unsaid),
    ("called the plan 'a trick'", lambda _, c: c.candidate.cue.needs == "about", ReportFinder.complement),
    ("vowed to close it", lambda _, c: c.wish is not None and c.wish < c.after, ReportFinder.infinitive),
    ("vowed on Monday to close it", ReportFinder.is_late_wish, lambda _, c: ([(c.after, c.stop)], "infinitive")),
    ("the quay is old, Lind said", None, ReportFinder.before_cue),
    ("the quay, Lind said, is old", None, ReportFinder.interrupted),
    ("Lind said the quay is old", None, ReportFinder.after_cue),
    ("urged the council to close it", None, ReportFinder.infinitive),
    ("joked when asked, 'No.'", None, ReportFinder.late_quote),
    ("announced a plan", None, ReportFinder.object),
)
