"""Find what is said in German and French: around a verb of speech, around a source, and without either.

A main clause in the subjunctive says what somebody else said; who, follows from the sentences before.
"""

from msgspec.structs import replace

from searchkit.statements.clauses.constituents import Grouper
from searchkit.statements.clauses.phrases import MARKS, Clauses, Lexicon, Source, is_short, is_title
from searchkit.statements.clauses.verbs import Subjects, Verb, Verbs
from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import Report, Sentence
from searchkit.statements.reader.complements import Complement, rows
from searchkit.statements.text import Span

VERBAL = frozenset("FKLMRr")
_SHORTEST_STATEMENT = 4  # tokens before an attribution that are a statement though no verb among them is known
Range = tuple[int, int]


class Contents:
    """Finds what is said, as ranges of constituents."""

    def __init__(self, verbs: Verbs, subjects: Subjects, pack: Pack) -> None:
        self.verbs = verbs
        self.subjects = subjects
        self.lexicon = verbs.lexicon
        self.words = verbs.words
        self._rows = rows(pack.code)

    def behind(self, line: Clauses, verb: Verb) -> Complement | None:
        """Return what the first row that matches finds behind the verb."""
        for row in self._rows:
            if not any(cls in {"*", verb.cue.needs} for cls, _ in row.verbs):
                continue
            start, limit = verb.last, len(line)
            if row.condition == "verb":
                start, limit = max(verb.at, verb.finite) + 1, verb.last
            found = row.pattern.match(line.letters, start)
            first = found.start("x") if found is not None else limit
            if first >= limit or (row.name == "infinitive" and line.first(first) in self.words["purpose"]):
                continue
            first += line.letters[first] == "t" and line.first(first) in self.words["that"]
            if first < len(line):
                return Complement(row.name, first, len(line))
        return None

    def before(self, line: Clauses, verb: Verb, floor: int, *, firm: bool) -> Range | None:
        """Return what stands before an attribution that begins with its verb: `..., sagte X`."""
        letters, lead = line.letters, min(verb.at, verb.finite)
        opens = self.words["attribution-opener"].issuperset(line.words(verb.first, lead))
        if verb.first > floor and opens and letters[verb.first - 1] in ",-(":
            last = verb.first - 1
        elif lead > floor and letters[lead - 1] == "Q":
            if verb.final:
                return lead - 1, lead  # "das er als „Fest“ bezeichnete"
            if is_short(line.sentence, line.parts[lead - 1].first) and (firm or lead - 1 > floor):
                return None  # "Die Zeitung „Kurier“ berichtet": the name of who speaks
            last = lead
        else:
            return None
        if letters[last - 1] == "Q":
            return floor, last
        if firm or verb.cue.needs in {"about", "weak"} or verb.final:
            return None
        spoken = self.verbs.has_it(line, verb.at) or self.subjects.is_behind(line, verb)
        return (floor, last) if spoken and self._states(line, verb, floor, last) else None

    def _states(self, line: Clauses, verb: Verb, floor: int, last: int) -> bool:
        """Return whether the words before an attribution are a statement, not a phrase that opens the sentence."""
        letters = line.letters[floor:last]
        if verb.passive and line.letter(verb.finite + 1) in "no" and not self.verbs.has_it(line, verb.finite):
            return False  # "..., wurde der Umbau betont"
        if verb.cue.needs != "strong" and {*"KL"}.isdisjoint(letters):
            return False
        if VERBAL.isdisjoint(letters) and line.size(floor, last) < _SHORTEST_STATEMENT:
            return False
        first = line.skip(floor, "ac,;:-()")
        return first + 1 < last and line.letter(first + 1) != ","

    def quoted_inside(self, line: Clauses, verb: Verb) -> Range | None:
        """Return a quotation in the clause of the verb: `nannte es „...“`."""
        about = verb.cue.needs == "about"
        if about and "sich" in (line.first(verb.at + 1), line.first(verb.at + 2)):
            return None  # "sie nennt sich „Kanal 10“"
        for at in range(verb.finite + 1, verb.last):
            quoting = line.sentence.low[line.parts[at].first - 1] in self.words["quoting"]
            near = quoting or (at > verb.at and (about or at == verb.at + 1))
            set_apart = line.letters[at - 1] == "d" and not is_title(line.sentence, line.parts[at].first)
            if line.letters[at] == "Q" and (near or (set_apart and at > verb.at)):
                return at, at + 1
        return None

    def stop(self, line: Clauses, start: int, found: dict[int, Verb], *, leads: bool = False) -> int:
        """Return where content ends: before another report joined to this one, or with the sentence."""
        letters = line.letters
        for at in range(start + 1, len(line)):
            letter, following = letters[at], line.letter(at + 1)
            if letter == ":" and following == "Q" and not is_title(line.sentence, line.parts[at + 1].first):
                return at
            if letter == ";" and {*"KLM"}.isdisjoint(letters[at:]):
                return at
            if leads and letter == "," and following in "FR":
                return at
            if letter == "c" and self._joins_report(line, at, found):
                return at - 1 if letters[at - 1] == "," else at
        return len(line)

    @staticmethod
    def _joins_report(line: Clauses, at: int, found: dict[int, Verb]) -> bool:
        """Return whether the conjunction at `at` joins another report: "..., und die Stadt forderte ..."."""
        behind = at + 1 + (line.letter(at + 1) in "no")
        return any(
            verb.finite in {at + 1, behind} and not verb.final and verb.cue.needs != "about"
            for verb in found.values()
            if at < verb.at < line.ends[at] + 1
        )


class Sources:
    """Reports what a source phrase, inside a clause or apart from it, says."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.words = lexicon.words

    def report(self, line: Clauses, at: int, floor: int) -> tuple[Report, int] | None:
        """Return the report of the source at constituent `at`, and the constituent up to which it explains."""
        source = line.parts[at]
        if not isinstance(source, Source):
            return None
        if source.kind == "so":
            return self._so(line, source, at, floor)
        contents, stop = self._around(line, at, floor)
        kept = [
            part for part in contents if part[1] - part[0] > 1 or (part[0] < part[1] and line.letters[part[0]] != "w")
        ]
        if not kept:
            return None
        rule = "thus" if source.kind == "thus" else "according-to"
        return self._made(line, source, kept, rule), max(stop, at + 1)

    @staticmethod
    def _made(line: Clauses, source: Source, contents: list[Range], rule: str) -> Report:
        written = " ".join(line.sentence.raw[slice(*source.words)]).lower()
        ranges = tuple(line.range(*part) for part in contents)
        sentence = line.sentence
        return Report(sentence.range(*source.words), written, sentence.range(*source.who), ranges, rule)

    def _around(self, line: Clauses, at: int, floor: int) -> tuple[list[Range], int]:
        """Return the words before and behind a source."""
        letters, size = line.letters, len(line)
        start, last = line.starts[at], at + 1
        opening = line.letters[max(start, floor) : at].strip("ac") == ""
        if opening and start > floor and at > floor + 1 and letters[start - 1] in MARKS:
            # ", laut X" after the statement: what stands behind another comma goes on with it.
            contents = [(floor, start - 1)]
            if line.letter(last) == ",":
                contents.append((last + 1, size))
            elif last < size and letters[last] not in MARKS:
                contents = [(last, size)]
            return contents, size
        if opening:
            return [(self._after_asides(line, last), size)], size
        stop = line.ends[at] if line.in_subordinate(at) and start > 0 else size
        begin = self._main_start(line, max(start, floor), floor)
        after = self._after_asides(line, last) if last < stop and letters[last] == "," else last
        return [(begin, at), (after, stop)], stop

    @staticmethod
    def _main_start(line: Clauses, start: int, floor: int) -> int:
        """Return where a clause starts whose last part begins with its verb: before the asides behind its subject."""
        for _ in range(2):
            if start <= floor + 1 or line.letters[start] in "nopIDswqt" or line.letters[start - 1] != ",":
                break
            start = max(floor, line.starts[start - 2])
            if start > floor and line.letters[start - 1] == ",":
                start = max(floor, line.starts[start - 2])
        return start

    def _after_asides(self, line: Clauses, at: int) -> int:
        """Return where the statement begins after the source: past its appositives and relative clauses."""
        if line.letter(at) != ",":
            return at
        comma = at
        for _ in range(3):
            end = line.ends[comma + 1] if comma + 1 < len(line) else len(line)
            if line.letter(end) != "," or line.size(comma, end) > 40:
                break
            opens = line.letters[comma + 1] in "wsq"
            if not self.words["capitals"] and not opens and not self._describes(line, comma + 1):
                break
            if not opens and not VERBAL.isdisjoint(line.letters[comma + 1 : end]):
                break
            comma = end
        return comma + 1

    def _describes(self, line: Clauses, at: int) -> bool:
        """Return whether an aside begins with a name or a role."""
        token = line.parts[at].first
        return line.sentence.named[token] is not None or line.sentence.low[token] in self.lexicon.pack.roles["role"]

    def _so(self, line: Clauses, source: Source, at: int, floor: int) -> tuple[Report, int] | None:
        """Return the report of `„...“, so X`: a part of the sentence that holds nothing but "so" and who speaks."""
        end, begin = line.ends[at], line.starts[at]
        first = line.sentence.low[source.who[0]]
        if not VERBAL.isdisjoint(line.letters[at:end]) or first in self.words["as"]:
            return None
        before = at if line.letter(at - 1) == "Q" else begin - 1
        if before - floor < 1 or (begin != at and line.letter(at - 1) != "Q"):
            return None
        contents, rule, letters = [(floor, before)], "before-cue", line.letters
        names = end + 2 == len(line) and line.letter(end + 1) == "n"  # "so die Sprecherin, Vera Lind"
        apart = line.letter(end + 1) in "wsqtc$"
        if (not names and not apart) or not {*"KLM"}.isdisjoint(letters[end + 1 :]):
            contents.append((end + 1, len(line)))
            end, rule = len(line), "interrupted"
        return self._made(line, source, contents, rule), end


class Discourse:
    """Finds the report that a sentence without a verb of speech is."""

    def __init__(self, grouper: Grouper, subjects: Subjects) -> None:
        self._grouper = grouper
        self._subjects = subjects
        self._words = grouper.words

    def find(self, line: Clauses, previous: Sentence | None, *, goes_on: bool) -> Report | None:
        """Return the report of a sentence without a cue; `goes_on` if the sentence before has a report.

        Otherwise the subject of the sentence before speaks, if it names a party.
        """
        denies = previous is not None and not self._words["denied-noun"].isdisjoint(previous.low)
        report = self._in_mood(line, goes_on=goes_on or denies) or self._reason(line) or self._before_colon(line)
        if report is None:
            rule = self._supposed(line) if goes_on else ""
            return Report(None, "", None, (line.range(0, len(line)),), rule) if rule else None
        if report.subject is not None:
            return report
        if line.first(0) in self._words["for-whom"] and line.letter(0) == "I":  # "Für Lind sei der Kai sicher"
            tokens = line.parts[0].head, line.parts[0].last
            if self._subjects.is_party(line, tokens):
                return replace(report, subject=line.sentence.range(*tokens))
        if not goes_on and previous is not None:
            before = self._grouper.line(previous)
            # The subject of a sentence in the same mood may as well be the one that is spoken of.
            if {*"KL"}.isdisjoint(before.letters):
                return replace(report, subject=self._party_of(before))
        return report

    def _in_mood(self, line: Clauses, *, goes_on: bool) -> Report | None:
        """Return a sentence in the mood of reported speech; a sentence that `goes_on` may be in a looser one."""
        low, letters = line.sentence.low, line.letters
        if len(low) < 3 or not self._words["speaking-person"].isdisjoint(low):
            return None  # "ich habe" is not in the subjunctive
        supposes = not self._words["condition"].isdisjoint(low)
        strict = "K" in letters
        if not strict and (supposes or "L" not in letters):
            return None
        # "Sie hätten gewusst, wie es stehe": one clear form among the looser ones is enough.
        moods = {*"KL"} if not supposes and (goes_on or strict) else {"K"}
        at = next((k for k in range(len(line)) if letters[k] in moods and not line.in_subordinate(k)), None)
        if at is None:
            return None
        first, colon = line.starts[at], letters.find(":Q", 2)
        if line.letter(first - 1) == ":" and first > 1:  # "Lind zeigte sich überrascht: Ihr sei ..."
            subject = self._opening_party(line)
            rule = "introduced" if subject is not None else "unattributed"
            return Report(None, "", subject, (line.range(first, len(line)),), rule)
        quotes = colon >= 0 and not is_title(line.sentence, line.parts[colon + 1].first)
        rule = "unattributed" if self._has_source(line) else "mood"
        return Report(None, "", None, (line.range(0, colon if quotes else len(line)),), rule)

    def _has_source(self, line: Clauses) -> bool:
        """Return whether a main clause is in the indicative: "Ein Berater raunt, Lind sei krank"."""
        return any(line.letters[k] in "FR" and not line.in_subordinate(k) for k in range(len(line)))

    def _reason(self, line: Clauses) -> Report | None:
        """Return the reason that a party gives: "Lind lehnte den Bau ab, da er zu teuer sei"."""
        reasons = (k for k in range(1, len(line)) if line.letters[k - 1 : k + 1] == ",s")
        at = next((k for k in reasons if line.first(k) in self._words["reason"]), 0)
        subject = self._party_of(line) if at and "K" in line.letters[at : line.ends[at]] else None
        return Report(None, "", subject, (line.range(at, len(line)),), "reason") if subject is not None else None

    def _before_colon(self, line: Clauses) -> Report | None:
        """Return the quotation after a sentence about a party: "Die Stadt zeigte sich überrascht: „Das ist neu.“"."""
        at = line.letters.find(":Q", 1) + 1
        subject = self._party_of(line) if at and not is_title(line.sentence, line.parts[at].first) else None
        return Report(None, "", subject, (line.range(at, at + 1),), "introduced") if subject is not None else None

    def _opening_party(self, line: Clauses) -> Span | None:
        first = line.skip(0)
        party = line.letter(first) in "np" and self._subjects.is_party(line, line.tokens(first))
        return line.sentence.range(*line.tokens(first)) if party else None

    def _supposed(self, line: Clauses) -> str:
        """Return the rule of what unnamed people say ("Er soll dort gewesen sein") or plan ("Er soll dort öffnen")."""
        modals = (k for k in range(len(line)) if line.single(k) in self._words["hearsay"])
        at = next((k for k in modals if not line.in_subordinate(k) and k < line.ends[k] - 1), None)
        if at is None:
            return ""
        last = line.parts[line.ends[at] - 1].last - 1
        word, participle = line.sentence.low[last], line.sentence.low[last - 1]
        been = word not in self._words["be"] or participle in self._words["been"] or "ge" in participle
        perfect = word in self._words["perfect"] and been and participle.endswith(("t", "n"))
        return "hearsay" if perfect and line.sentence.raw[last - 1].islower() else "planned"

    def _party_of(self, line: Clauses) -> Span | None:
        """Return the party that is the subject of a sentence: "Lind verteidigte den Bau. Er sei nötig"."""
        nouns = [at for at in range(line.ends[0]) if line.letters[at] in "np"]
        for at in nouns[:2]:
            tokens = line.tokens(at)
            speaks = line.letter(at + 1) == "F" and line.first(at + 1) in self._grouper.lexicon.cues
            if (speaks and at == nouns[0]) or self._subjects.is_party(line, tokens):
                return line.sentence.range(*tokens)
        return None
