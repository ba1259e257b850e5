"""Read a sentence: its attributions, and what each of them reports."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from searchkit.statements.packs import CueClass, Pack
from searchkit.statements.quotes.reading import MOST_TOKENS, Report, Sentence
from searchkit.statements.reader.complements import CLAUSAL, FIRM, Complement, Complements
from searchkit.statements.reader.constituents import Grouper, Line
from searchkit.statements.reader.ends import Ends
from searchkit.statements.reader.frames import Frame, Frames, Verdict
from searchkit.statements.reader.lexicon import lexicon_for
from searchkit.statements.reader.parts import SHORTEST_REST, SPOKEN, Case, Parts, Range
from searchkit.statements.reader.verbless import Verbless
from searchkit.statements.rules import Rules, apply

# Ranges of constituents that were said, and the rule that found them.
_Content = tuple[list[Range], str]

_MOST_FOLLOWING = 6  # attributions behind one that may end its words
# Why a verb of each class reports nothing.
_NOTHING_SAID: dict[CueClass, str] = {
    "strong": "no reported words found",
    "clause": 'reports only with a clause, "that", a colon or a quotation',
    "weak": 'reports only with "that", a colon or a quotation',
    "quoted": "reports only with a quotation",
    "about": "reports only with a quotation",
    "wish": 'reports only with "that", "to", a colon or a quotation',
}
_RULES = {"right": "inverted", "shared": "shared-subject"}
_HEARER = re.compile(r"(?:[no]I{0,2})?[aDIi]{0,5}")
_ADJUNCTS = re.compile(r"[aDIi]{0,5}")


class PatternReader:
    """Finds the reports of sentences in a language with patterns."""

    def __init__(self, pack: Pack) -> None:
        self.lexicon = lexicon_for(pack)
        self.words = pack.words
        self._grouper = Grouper(self.lexicon)
        self.frames = Frames(self.lexicon)
        self.complements = Complements(self.frames, pack)
        self.ends = Ends(self.complements)
        self.parts = Parts(self.complements, self.ends)
        self._verbless = Verbless(self.frames)
        sources = {max(phrase, key=len) for phrase in self.lexicon.sources}
        nouns = pack.words["own-words | speech-noun | answer-noun"]
        self._triggers = nouns.union(self.lexicon.cues, sources, ":-")
        self._goes_on = self._triggers | pack.words["that"]  # "And that it was old."

    def line(self, sentence: Sentence) -> Line:
        return self._grouper.line(sentence)

    def find(self, sentence: Sentence, previous: Sentence | None, earlier: Report | None) -> Iterator[Report]:
        """Yield the reports of `sentence`; `earlier` is the last of `previous`, right before it in its paragraph."""
        if len(sentence) > MOST_TOKENS or not sentence.low:
            return
        triggers = self._triggers if earlier is None else self._goes_on  # one test for most sentences
        if triggers.isdisjoint(sentence.low) and not sentence.quotes:
            return
        line = self.line(sentence)
        if earlier is not None and (clause := self._chained(line)) is not None:
            yield replace(earlier, contents=(line.range(*clause),), rule="chained", awaits=False, takes_previous=False)
            return
        unspoken = self._verbless.find(line, previous)
        if unspoken is not None:
            yield unspoken
            return
        frames = list(self.frames.find(line))
        if len(frames) > 1 and not self._is_passed_on(line, frames) and self._reports_all(line, frames):
            frames = frames[-1:]
        floor = 0
        for number, frame in enumerate(frames):
            if frame.at < floor or self._is_inserted(line, frame, frames[number + 1 : number + 2]):
                continue
            following = frames[number + 1 : number + 1 + _MOST_FOLLOWING]
            report, reached = self._report(line, frame, floor, following, previous)
            if report is not None:
                yield report
                floor = reached
        if not floor and (last := self._verbless.last(line)) is not None:
            yield last

    def reasons(self, sentence: Sentence) -> dict[int, str]:
        """Return why each verb of speech reports nothing, by its token."""
        line = self.line(sentence)
        verdicts: list[Verdict] = []
        frames = self.frames.find(line, verdicts)
        reasons = {line.parts[frame.at].verb: _NOTHING_SAID[frame.cue.needs] for frame in frames}
        return reasons | {line.parts[verdict.at].verb: verdict.reason for verdict in verdicts}

    def subject_before(self, sentence: Sentence, at: int) -> Range | None:
        """Return the tokens of the subject of a verb at token `at`; None for an infinitive and a shared one."""
        line = self.line(sentence)
        place = next((k for k, part in enumerate(line.parts) if part.last > at), len(line))
        if line.letter(place) == "f" and line.parts[place].first < at:
            return None
        found = self.frames.subjects.before(line, place)
        if found is None or found.how == "shared":
            return None
        first, last = line.range(found.first, found.last)
        return (first, min(last, at)) if first < at else None

    # --- one report ---

    def _report(
        self, line: Line, frame: Frame, floor: int, following: list[Frame], previous: Sentence | None
    ) -> tuple[Report | None, int]:
        """Return the report of an attribution, if there is one, and the constituent before which its line is read."""
        stop = self.ends.stop(line, frame, following)
        if frame.subject.how == "opening":
            stop = min(stop, frame.subject.first - 1)
        behind = self.complements.behind(line, frame, stop)
        begins = behind.first if behind is not None else frame.end
        stop = self.ends.clause_end(line, frame, begins, stop)
        if behind is not None and behind.last > stop:
            kept = stop > behind.first and (behind.row not in CLAUSAL or line.states(behind.first, stop))
            behind = Complement(behind.row, behind.first, stop) if kept else None
        informs = frame.cue.lemma in self.words["addressed"]
        adjuncts = (_HEARER if informs else _ADJUNCTS).match(line.letters, frame.end, stop)
        tail = adjuncts.end() if adjuncts is not None else frame.end
        case = Case(line, frame, floor, following, previous, stop, self.parts.before(line, frame, floor), behind, tail)
        if frame.kind == "source":
            return self._source(case)
        if self._asks_anonymity(case):
            return None, floor
        outcome = apply(_REPORTS, self, case)
        return outcome if outcome is not None else (None, floor)

    def _made(self, case: Case, contents: list[Range], rule: str, **kinds: bool) -> Report | None:
        line, frame, sentence = case.line, case.frame, case.line.sentence
        ranges = tuple(line.range(first, last) for first, last in contents if first < last)
        if rule in {"about", "object"} and ranges and line.letters[contents[0][0]] == "I":
            ranges = ((ranges[0][0] + 1, ranges[0][1]), *ranges[1:])  # "called on the union to “close it”"
        if not ranges and not kinds:
            return None
        part = line.parts[frame.at]
        cue = (
            sentence.range(part.head, part.head + 1)
            if frame.kind in {"noun", "answer"}
            else sentence.range(part.verb, part.last)
        )
        if frame.kind == "source":
            cue = sentence.range(part.first, part.first + len(frame.cue.lemma.split()))
        subject = sentence.owner(*self.frames.speaker(line, frame))
        return Report(cue, frame.cue.lemma, subject, ranges, rule, negated=frame.negated, **kinds)

    # --- conditions and results of the rows ---

    def is_cleft(self, case: Case) -> bool:
        """Return whether the words stand behind a copula: "what Lind said is that it is old"."""
        line, frame = case.line, case.frame
        lead = (
            line.first(frame.start - 1) in self.words["free-relative"]
            or line.first(frame.start) in self.words["free-relative"]
        )
        copula = line.letter(frame.end) == "F" and line.first(frame.end) in self.words["be"]
        return lead and copula and line.letter(frame.end + 1) in "tqsw" and frame.end + 2 < case.stop

    def cleft(self, case: Case) -> tuple[Report | None, int]:
        first = case.frame.end + 1
        first += case.line.letters[first] == "t"
        return self._made(case, [(first, case.stop)], "cue-after-subject-that"), case.stop

    def is_headless(self, case: Case) -> bool:
        """Return whether what was said is not there: "what Lind says matters", "everything Lind said was wrong"."""
        line, frame = case.line, case.frame
        if case.firm in {"colon", "quote"} or frame.kind in {"noun", "answer"}:
            return False
        lead = line.first(frame.start - 1) if frame.start else ""
        first = line.parts[frame.subject.first]
        own = line.sentence.low[first.first] in self.words["headless"] and first.last - first.first > 1
        free = lead in self.words["free-relative"] and line.letter(frame.start - 1) == "w"
        if free and line.letter(frame.start - 2) in "RFIig" and line.letter(frame.end) in "FRx":
            return False  # "a share of what Lind said is a rising demand"
        return own or free or (lead in self.words["vague"] and not case.firm)

    def is_as_said(self, case: Case) -> bool:
        line, start = case.line, case.frame.start
        if (
            case.frame.kind != "verb"
            or line.letter(start - 1) not in "si"
            or line.first(start - 1) not in self.words["as"]
        ):
            return False
        before = line.sentence.low[line.parts[start - 1].first - 1]  # "as many as 40 percent said"
        return case.firm not in {"colon", "quote"} and before not in self.words["as-many"]

    def as_said(self, case: Case) -> tuple[Report | None, int]:
        """Return the report of "The quay is old, as Lind said" and "As Lind said, the quay is old"."""
        line, frame, floor = case.line, case.frame, case.floor
        mark = frame.start - 1
        if frame.cue.needs not in SPOKEN and line.letter(mark - 1) != "Q":
            return None, floor
        if mark > floor and line.letters[mark - 1] == "Q":
            return self._made(case, [(floor, mark)], "as-said"), frame.end
        if mark - floor > 1 and line.letters[mark - 1] == ",":
            rest = (
                None if self.ends.states(line, floor, mark - 1) else self.parts.rest(case, (floor, mark - 1), frame.end)
            )
            if rest is not None:
                opens = line.size(floor, mark) < SHORTEST_REST and line.letters[floor] not in "nI"
                return self._made(case, [rest] if opens else [(floor, mark - 1), rest], "as-said"), case.stop
            if self.ends.states(line, floor, mark - 1):
                return self._made(case, [(floor, mark - 1)], "as-said"), frame.end
        comma = line.letters.find(",", frame.end, case.stop)
        if mark - floor > 1 or comma < 0 or not line.has_verb(comma, case.stop):
            return None, floor
        return self._made(case, [(comma + 1, case.stop)], "as-said"), case.stop

    def statement(self, case: Case) -> tuple[Report | None, int]:
        """Return the report of what stands before and behind the attribution."""
        contents, rule = apply(_CONTENTS, self, case) or ([], "")
        contents = [part for part in contents if part[0] < part[1]]
        if contents and contents[0] == case.before and case.line.letters[contents[0][1] - 1] == "c":
            rest = self.parts.rest(case, contents[0], case.tail)  # "pumps and, Lind said, 'a ghost'"
            contents = contents[1:] or ([rest] if rest is not None else [])
        if not contents:
            return self._without_content(case)
        reached = case.stop if contents[-1][1] > case.frame.at else max(case.frame.end, case.frame.subject.last)
        return self._made(case, contents, rule), reached

    def _without_content(self, case: Case) -> tuple[Report | None, int]:
        """Return the report of an attribution whose quotation stands in the next paragraph or the last sentence."""
        line, frame, previous = case.line, case.frame, case.previous
        if "Q" in line.letters or frame.kind != "verb" or case.floor:
            return None, case.floor
        if line.letters[-1] == ":":
            return self._made(case, [], "colon", awaits=True), len(line)
        follows = previous is not None and previous.quoted[-1:] != [-1] and bool(previous.quoted) and frame.start == 0
        if follows and (case.tail >= case.stop or line.letter(case.tail) in ",-siID"):
            return self._made(case, [], "before-cue", takes_previous=True), frame.end
        return None, case.floor

    def base_rule(self, case: Case) -> str:
        rule = _RULES.get(case.frame.subject.how, "cue-after-subject")
        return "participle" if case.frame.kind == "participle" else rule

    def rejected(self, case: Case) -> _Content | None:
        found = self.complements.rejected(case.line, case.frame, case.stop)
        return ([(found.first, found.last)], "object") if found is not None else None

    def unsaid(self, case: Case) -> _Content:
        """Return what was not said, if a clause follows the verb."""
        clauses = (
            FIRM | {"question", "gerund"}
            if case.line.parts[case.frame.at].letter == "f"
            else FIRM | {"question", "gerund", "bare"}
        )
        return (self.after(case) if case.behind is not None and case.behind.row in clauses else None) or ([], "")

    def about(self, case: Case) -> _Content | None:
        found = self.complements.about(case.line, case.frame, case.stop)
        return ([(found.first, found.last)], "about") if found is not None else None

    def infinitive(self, case: Case) -> _Content | None:
        if case.behind is None or case.behind.row != "infinitive":
            return None
        return [(case.behind.first, self.ends.tail(case.line, case.behind.first, case.stop))], "infinitive"

    def before_cue(self, case: Case) -> _Content | None:
        if case.before is None or not self.parts.is_tail(case, *case.before):
            return None
        if case.line.letters[case.before[1] - 1] == "R" and self.parts.rest(case, case.before, case.tail) is not None:
            return None  # "The new rules, Lind said, hurt small firms"
        second = self.parts.second_part(case, case.before)
        right = case.frame.subject.how == "right"
        contents = [case.before] if second is None else [case.before, second]
        return contents, self.base_rule(case) if right else "before-cue"

    def interrupted(self, case: Case) -> _Content | None:
        """Return both parts of "The pumps, Lind said, can run"."""
        before, line, frame = case.before, case.line, case.frame
        if before is not None and case.firm == "quote" and (halves := self.parts.halves(case, before)):
            return halves, "interrupted"
        if before is None or case.firm or not (frame.cue.needs in SPOKEN or line.letter(frame.end) == ","):
            return None
        rest = self.parts.rest(case, before, case.tail)
        if rest is None or any(later.start == rest[0] and line.letter(later.end) == "," for later in case.following):
            return None
        opens = line.letters[before[0] : before[1]]
        only_opens = opens == "a" or (
            line.size(*before) < 4 and line.first(before[0]) in self.words["condition | opener"]
        )
        return [rest] if only_opens else [before, rest], "interrupted"

    def after(self, case: Case) -> _Content | None:
        """Return what stands behind the verb, up to where it ends."""
        behind, line = case.behind, case.line
        if behind is None or behind.first >= case.stop:
            return None
        row, base, stop = behind.row, self.base_rule(case), min(behind.last, case.stop)
        if row == "late":
            return [(behind.first, stop)], f"{base}-quote"
        if row in {"quote", "colon"}:
            return [(behind.first, self.parts.quote_end(line, behind.first, stop))], f"{base}-{row}"
        if case.frame.kind == "noun" and (end := self.parts.noun_end(case, behind.first, stop)):
            stop = end
        stop = self.ends.tail(line, behind.first, stop)
        rule = f"{base}-that" if row == "that" else base
        if row == "that" or (row != "question" and case.frame.cue.needs in SPOKEN):
            return self.ends.clauses(line, behind.first, stop), rule
        return [(behind.first, stop)], rule

    def object(self, case: Case) -> _Content | None:
        found = self.complements.object(case.line, case.frame, case.stop)
        return ([(found.first, found.last)], "object") if found is not None else None

    def _asks_anonymity(self, case: Case) -> bool:
        """Return whether the words after a verb of asking only ask not to be named."""
        line, low = case.line, case.line.sentence.low
        if case.frame.cue.needs not in {"wish", "weak"} or case.frame.end >= len(line):
            return False
        words = low[line.parts[case.frame.end].first :][:9]
        at = next((k for k, word in enumerate(words) if word in self.words["anonymous"]), 0)
        staying = not self.words["staying"].isdisjoint(words[:at])
        return staying and (
            words[0] in self.words["infinitive-mark"] or not self.words["negation"].isdisjoint(words[:at])
        )

    def _source(self, case: Case) -> tuple[Report | None, int]:
        """Return the report of "According to Lind, it is old" and "It is old, according to Lind"."""
        line, frame, floor = case.line, case.frame, case.floor
        letters, at, end = line.letters, frame.at, frame.end
        if at <= floor or (at == floor + 1 and letters[floor] in "ca,-"):
            end = case.tail
            while line.letter(end) == "," and self._describes(line, end + 1) and "," in letters[end + 1 :]:
                end = letters.index(",", end + 1)
            if line.size(end, case.stop) < 4 and letters[case.stop - 1] != "Q":
                return None, floor
            return self._made(case, [(end, case.stop)], "according-to"), case.stop
        before = (floor, at - (letters[at - 1] in ",-"))
        if line.is_complete(at - 1):
            return self._made(case, [(at - 1, at)], "according-to"), end
        if before[1] <= floor:
            return None, floor
        if letters[at - 1] == "," and not self.ends.states(line, *before):
            rest = self.parts.rest(case, before, end)
            if rest is not None:
                return self._made(case, [before, rest], "according-to"), case.stop
        between = letters[at - 1] == "," and line.letter(end) == ","
        reason = self.parts.reason(line, end, len(line)) if between else None
        contents = [before, reason] if reason is not None else [before]
        return self._made(case, contents, "according-to"), len(line) if reason is not None else end

    def _describes(self, line: Line, at: int) -> bool:
        return line.letter(at) == "w" or line.first(at) in self.words["article"] - self.words["definite"]

    # --- sentences ---

    def _chained(self, line: Line) -> Range | None:
        """Return the clause of a sentence like "Then, a minute later, that B", which goes on with a report."""
        found = re.match(r"[ca]a?(?:,[^FRxQt,]{1,6},|,)?t(?=[npzdg])", line.letters)
        first = line.first(0)
        if found is None or not (line.letters[0] == "c" or first in self.words["sequence"]):
            return None
        return (found.end(), len(line)) if line.has_verb(found.end(), len(line)) else None

    @staticmethod
    def _is_inserted(line: Line, frame: Frame, following: list[Frame]) -> bool:
        """Return whether the next attribution stands inside this one: "it shows them, she says, where it was"."""
        if not following or following[0].kind != "verb" or following[0].cue.needs not in SPOKEN:
            return False
        start, end = following[0].start, following[0].end
        between = line.letters[frame.end : start]
        return between[-1:] == "," and line.letter(end) == "," and re.fullmatch(r"[naDI]{0,4},", between) is not None

    def _is_passed_on(self, line: Line, frames: list[Frame]) -> bool:
        return frames[0].cue.needs in SPOKEN and self.frames.passes_on(line, frames[-1])

    def _reports_all(self, line: Line, frames: list[Frame]) -> bool:
        """Return whether the last attribution reports the others: "Lind claims the quay is old, the office said"."""
        first, last = frames[0], frames[-1]
        at = last.start
        if not line.closes(at - 1) or first.subject.how == "right" or last.cue.needs not in SPOKEN:
            return False
        if last.kind == "source":
            closes = last.end == len(line) and line.letter(at - 1) == ","
        else:
            rest = _HEARER.match(line.letters, last.end)
            left = last.subject.how == "left" and last.kind == "verb"
            closes = (
                last.subject.how == "right" and re.fullmatch(r",?[aDI]{0,3}", line.letters[last.end :]) is not None
            ) or (left and rest is not None and (rest.end() == len(line) or line.letters[rest.end()] in "si"))
        if not closes or (first.subject.how == "left" and line.letter(first.end) == ","):
            return False
        if at - first.end < 2 and line.letter(at - 1) != "Q":
            return False  # "In May, her daughter said, Lind noted the day": nothing is between them
        end = at - (line.letters[at - 1] == "Q")
        if line.letter(end - 1) == "-":
            return False
        return ";" not in line.letters[first.start : end] and not any(map(line.is_complete, range(first.start, end)))


def _nothing(reader: PatternReader, case: Case) -> tuple[Report | None, int]:  # noqa: ARG001  rows of a table have one signature
    return None, case.floor


_REPORTS: Rules[PatternReader, Case, tuple[Report | None, int]] = (
    ("what Lind says is that it is old", PatternReader.is_cleft, PatternReader.cleft),
    ("what Lind says is old", PatternReader.is_headless, _nothing),
    ("as Lind said", PatternReader.is_as_said, PatternReader.as_said),
    ("statement", None, PatternReader.statement),
)

_CONTENTS: Rules[PatternReader, Case, _Content] = (
    ("denied the allegations", None, PatternReader.rejected),
    ("did not say whether it was old", lambda _, c: c.frame.negated, PatternReader.unsaid),
    (
        "called the plan 'a trick'",
        lambda _, c: c.frame.cue.needs == "about" and c.firm not in {"colon", "that"},
        PatternReader.about,
    ),
    ("vowed to close it", None, PatternReader.infinitive),
    ("the quay is old, Lind said", None, PatternReader.before_cue),
    ("the quay, Lind said, is old", None, PatternReader.interrupted),
    ("Lind said the quay is old", None, PatternReader.after),
    ("announced a plan", None, PatternReader.object),
)
