"""Find the parts of one report around its attribution: what stands before it, and what goes on behind it."""

import re

from msgspec import Struct

from searchkit.statements.quotes.reading import Sentence
from searchkit.statements.reader.complements import FIRM, Complement, Complements
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.ends import Ends
from searchkit.statements.reader.frames import Frame

Range = tuple[int, int]

# So many words before a closing attribution are a statement even if no verb among them is known.
_CLEAR_STATEMENT = 4
_LONGEST_OPENING = 20  # tokens before an inserted attribution
# Fewer tokens behind an opening phrase ("Too often, Lind said, ...") are no clause.
SHORTEST_REST = 4
# Cues that report without "that", a colon or a quotation.
SPOKEN = frozenset({"strong", "clause"})
_JOINED = re.compile(r",c?a?t")


class Case(Struct, eq=False):
    """An attribution with what may have been said: `before` it, and `behind` it up to `stop`.

    Earlier reports end at `floor`; `tail` is where the adjuncts behind the attribution end.
    """

    line: Line
    frame: Frame
    floor: int
    following: list[Frame]
    previous: Sentence | None
    stop: int
    before: Range | None
    behind: Complement | None
    tail: int

    @property
    def firm(self) -> str:
        return self.behind.row if self.behind is not None and self.behind.row in FIRM else ""


class Parts:
    """Finds the parts of reports."""

    def __init__(self, complements: Complements, ends: Ends) -> None:
        self.complements = complements
        self.ends = ends
        self.words = complements.words
        self._prefaces = self.words["occasion"] | self.words["preface"]

    def before(self, line: Line, frame: Frame, floor: int) -> Range | None:
        """Return the constituents before the attribution that may have been said."""
        how, end = frame.subject.how, frame.start
        if how in {"shared", "opening", "relative"} or frame.kind in {"noun", "answer"} or end <= floor:
            return None
        if line.letter(end - 1) not in ",Q-":
            return None
        stop = end if line.letters[end - 1] == "Q" else end - 1
        quote = stop - 1
        if stop <= floor or (line.letters[end - 1] == "-" and line.letters[quote] != "Q"):
            return None
        floor = max(floor, line.letters.rfind(":", floor, quote) + 1)  # "Oast disagrees: a bell, she says, would"
        if line.is_complete(quote) and quote > floor:
            prefaced = line.letter(quote - 1) == "," and not self._prefaces.isdisjoint(line.words(floor, quote))
            if prefaced or line.letter(quote - 1) in ":-":
                floor = quote  # "Asked about it in a speech, “No,” she said.", "Her answer: “No,” she said."
        if frame.cue.needs not in SPOKEN and line.letters[quote] != "Q" and not self.complements.speaks(line, frame):
            return None
        return floor, stop

    def halves(self, case: Case, before: Range) -> list[Range]:
        """Return both parts of "The boats, Lind said, “are a gift” for the port"; empty if it is something else."""
        line, behind = case.line, case.behind
        if behind is None or line.letter(behind.first - 1) != "," or line.letter(before[1]) != ",":
            return []
        goes_on = line.sentence.goes_on(line.parts[behind.first].first)
        bare = line.letters[before[0] : before[1]] in {"n", "nI", "p"}  # not "Three hours later"
        return [before, (behind.first, case.stop)] if goes_on and bare else []

    def is_tail(self, case: Case, first: int, last: int) -> bool:
        """Return whether what follows the attribution adds no statement, so that the words before it are it."""
        line, tail, firm = case.line, case.tail, case.firm
        if self.is_whole_quotation(line, first, last):
            return True
        if line.letters[last - 1] == "Q" and line.letter(last) != ",":
            # The comma of `"A," X said` stands inside the marks; outside them an opening phrase may end.
            leads = re.fullmatch(r"[ig I][^,RFxz]*", line.letters[first : last - 1]) is not None
            return firm in {"", "quote"} and not (leads and case.behind is not None)
        short = line.size(first, last) < _CLEAR_STATEMENT
        if tail >= case.stop:
            return self.ends.states(line, first, last, verb=short)
        doubtful = line.size(first, last) < 7 or line.letters[first] in "egr"
        if not self.ends.states(line, first, last, verb=bool(firm) or doubtful):
            return False
        if firm and case.behind is not None and not (firm == "quote" and line.letter(case.behind.first - 1) == "I"):
            x = case.behind.first
            complete = line.is_complete(x) and not line.sentence.goes_on(line.parts[x].first)
            if firm == "quote" and x - case.frame.end <= 1 and complete:
                return False  # "Six minutes later, when it fell, Lind said, “Out!”"
            return line.letter(x - 1) == "," or (firm == "that" and line.letter(x - 2) in ",c")
        return line.letter(tail) in ";(,-sieg"

    @staticmethod
    def is_whole_quotation(line: Line, first: int, last: int) -> bool:
        """Return whether the range is a quotation alone that a comma inside its marks ends."""
        return (
            last - first == 1
            and line.letters[first] == "Q"
            and line.sentence.raw[line.parts[first].first].endswith(",")
        )

    def second_part(self, case: Case, before: Range) -> Range | None:
        """Return the part after `"A," X said, "B"`, or after an attribution inside an indirect statement."""
        line, tail, stop = case.line, case.tail, case.stop
        firm = self._firm_part(case)
        if firm is not None:
            return firm
        if self.is_whole_quotation(line, *before) and (going := self._going_on(case)) is not None:
            return going
        letters = line.letters
        if case.firm == "that" or tail + 1 >= stop or letters[tail] not in ",-;":
            return None
        if "Q" in letters[tail + 1 : min(stop, tail + 4)]:
            return tail + 1, stop
        joined = _JOINED.match(letters, tail, stop)
        if joined is not None and line.has_verb(joined.end(), stop):
            return joined.end(), stop
        if letters[before[1] - 1] == "Q":
            closing = letters[stop - 1] == "Q" and stop == len(line) and not line.has_verb(tail, stop)
            return (tail + 1, stop) if closing and letters[tail + 1] == "c" else None
        return (self.reason(line, tail, stop) or self._goes_on(case, tail + 1)) if letters[tail] == "," else None

    def _firm_part(self, case: Case) -> Range | None:
        """Return the second quotation, or the clause with "that" behind a comma: not “..., X said on “The Hour”."""
        line, behind = case.line, case.behind
        if behind is None:
            return None
        if case.firm == "quote" and (line.letter(behind.first - 1) in ",:-" or behind.first == case.frame.at + 1):
            return behind.first, self.quote_end(line, behind.first, case.stop)
        clause = case.firm == "that" and "," in line.letters[case.frame.end : behind.first]
        return (behind.first, case.stop) if clause else None

    def _going_on(self, case: Case) -> Range | None:
        """Return the quotation that completes the one before: "“The risk,” said Lind, who runs it, “is old age.”"."""
        line = case.line
        if any(later.cue.needs != "about" for later in case.following):
            return None
        at = line.letters.find("Q", case.frame.end)
        apart = at > 0 and line.letter(at - 1) == "," and line.sentence.goes_on(line.parts[at].first)
        return (at, at + 1) if apart else None

    def reason(self, line: Line, comma: int, stop: int) -> Range | None:
        """Return the clause like "because they were old" behind the comma; None for "when asked"."""
        word = line.first(comma + 1)
        if word not in self.words["subordinator"] - self.words["scene"] or stop - comma < 2:
            return None
        causal = line.sentence.low[line.parts[comma + 1].first :][:2] in [
            phrase.split("-") for phrase in self.words["cause"]
        ]
        return (
            (comma + 1, stop) if causal or line.has_verb(comma + 2, stop) or line.letter(comma + 2) in "npz" else None
        )

    def _goes_on(self, case: Case, at: int) -> Range | None:
        """Return the clause behind "Gas is dear, it argues," that belongs to it: "and the old pipes leak"."""
        line, stop = case.line, case.stop
        if (
            case.frame.subject.how == "right"
            or line.letter(at) in "rgwsqiIaRe"
            or line.first(at) in self.words["opener"]
        ):
            return None
        joins = line.letter(at) == "c" and line.first(at + 1) in self.words["article"]
        long = joins and line.size(at + 1, stop) >= _CLEAR_STATEMENT
        return (at, stop) if long or line.has_verb(at, stop) else None

    def rest(self, case: Case, before: Range, at: int) -> Range | None:
        """Return what goes on behind an attribution, which ends before `at`, with what `before` began."""
        line, stop, frame = case.line, case.stop, case.frame
        letters = line.letters
        if frame.subject.how == "left" and frame.kind == "verb" and letters[frame.subject.last] == ",":
            return None  # "The chairman, Igor Malt, asked for quiet, and left"
        while at < stop and letters[at] == "a":
            at += 1
        first = before[0] + (letters[before[0]] == "c")
        inserted = at + 1 < stop and letters[at] == "," and line.letter(before[1]) == ","
        if not inserted or first >= before[1] or line.size(first, before[1]) > _LONGEST_OPENING:
            return None
        return (at + 1, stop) if self._completes(line, first, at + 1, stop) else None

    def _completes(self, line: Line, first: int, at: int, stop: int) -> bool:
        """Return whether the words from `at` complete those from `first`: a clause, a predicate, no report."""
        letters = line.letters
        plain = line.parts[at].last - line.parts[at].first == 1 and letters[at - 2] != "R"
        if letters[at] in "wtrg" or (letters[at] == "R" and plain):
            return False
        if letters[at] == "c":
            return line.has_verb(at, stop) and not self.ends.opens_predicate(line, at + 1, stop)
        if line.has_verb(at, stop):
            return True
        if letters[first] in "iIaDsq":
            return line.size(at, stop) >= SHORTEST_REST - (letters[first] == "s") and letters[at] in "npz"
        return self.ends.opens_predicate(line, at, stop)

    def quote_end(self, line: Line, at: int, stop: int) -> int:
        """Return the end of a quotation that is complete in itself, if the rest does not belong to it; else `stop`."""
        letters = line.letters
        if letters[at] != "Q" or at + 1 >= stop or "Q" in letters[at + 1 : stop] or letters[at + 1] in "RFx":
            return stop
        leaves = re.match(r",|c[RFe]|[siqeg]", letters[at + 1 : stop]) is not None
        condition = line.first(at + 1) in self.words["condition"]
        return at + 1 if (leaves and not condition) or line.is_complete(at) else stop

    def noun_end(self, case: Case, first: int, stop: int) -> int:
        """Return the end of the clause of "his claim that ..."; 0 if the sentence does not show it."""
        line = case.line
        if case.frame.start > 1 or line.letters[case.frame.start] == "I":
            return self.ends.main_clause(line, first, stop)
        verbs = [
            k for k in range(first, stop) if line.letters[k] in "RFx" or (line.letters[k] == "Q" and k <= first + 1)
        ]
        return verbs[1] if len(verbs) > 1 and "," not in line.letters[verbs[0] : verbs[1]] else 0
