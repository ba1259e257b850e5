"""Read a German or French sentence: its verbs, nouns and phrases that report, and what each of them reports."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from searchkit.statements.clauses.constituents import FrenchGrouper, Grouper
from searchkit.statements.clauses.contents import VERBAL, Contents, Discourse, Range, Sources
from searchkit.statements.clauses.phrases import Clauses, lexicon_for
from searchkit.statements.clauses.verbs import Subjects, Verb, Verbs
from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import MOST_TOKENS, Report, Sentence
from searchkit.statements.reader.complements import Complement
from searchkit.statements.text import Span, fold

_FIRM = frozenset({"that", "quote", "colon"})
# A clause that a noun reports ("the claim that"), or wishes.
_REPORTED = re.compile("t|(?![swq])[^,;:]{0,250}K|[npoDIS][FKLMR][^,;:]{0,250}L|[npoDIS]L")
_WISHED = re.compile("(?![swq])[^,;:]{0,250}f")
_Found = tuple[Report, int]


class ClauseReader:
    """Finds the reports of German sentences."""

    def __init__(self, pack: Pack) -> None:
        self.lexicon = lexicon_for(pack)
        self.words = pack.words
        self._grouper = (Grouper if pack.words["capitals"] else FrenchGrouper)(self.lexicon)
        self.verbs = Verbs(self._grouper)
        self.subjects = Subjects(self._grouper)
        self.contents = Contents(self.verbs, self.subjects, pack)
        self.sources = Sources(self.lexicon)
        self._discourse = Discourse(self._grouper, self.subjects)

    def line(self, sentence: Sentence) -> Clauses:
        return self._grouper.line(sentence)

    def find(self, sentence: Sentence, previous: Sentence | None, earlier: Report | None) -> Iterator[Report]:
        """Yield the reports of `sentence`; `earlier` is the last of `previous`, right before it in its paragraph."""
        if len(sentence) > MOST_TOKENS or not sentence.low:
            return
        line = self.line(sentence)
        verbs = self.verbs.mark(line)
        if previous is not None and earlier is None and (answer := self._answer(line, verbs)) is not None:
            yield answer
            return
        floor = at = 0
        spoken: Span | None = None
        reports = False
        while at < len(line):
            found = self._at(line, at, floor, verbs, spoken)
            if found is None:
                at += 1
                continue
            report, reached = found
            reports = True
            spoken = report.subject or spoken
            yield report
            floor = max(floor, reached)
            at = max(at + 1, reached)
        if not reports and not any(self._is_supposed(line, verb) for verb in verbs.values()):
            unspoken = self._discourse.find(line, previous, goes_on=earlier is not None)
            if unspoken is not None:
                yield unspoken

    def subject_before(self, sentence: Sentence, at: int) -> tuple[int, int] | None:
        """Return the noun phrase that leads from the start of the clause to token `at`."""
        line = self.line(sentence)
        k = next((k for k, part in enumerate(line.parts) if part.first == at), 0)
        leads = k > 0 and line.letters[k - 1] in "np" and line.skip(line.starts[k]) == k - 1
        return line.tokens(k - 1) if leads else None

    def _answer(self, line: Clauses, verbs: dict[int, Verb]) -> Report | None:
        """Return the report of "Das teilte die Polizei mit.": the sentence before is what was said."""
        at = 0
        while line.first(at) in self.words["answer | answer-link"]:
            at += 1  # "Das sagte Lind", "C'est ce qu'affirme Lind"
        verb = next((one for one in verbs.values() if min(one.finite, one.at) == at), None)
        if verb is None or line.first(0) not in self.words["answer"] or line.size(0, at) > 2:
            return None
        tokens = self.subjects.after(line, verb) if verb.cue.needs == "strong" and verb.last == len(line) else None
        if tokens is None or "Q" in line.letters:
            return None
        subject = line.sentence.range(*tokens)
        return Report(self._cue(line, verb), verb.cue.lemma, subject, (), "taken-up", takes_previous=True)

    def _at(self, line: Clauses, at: int, floor: int, verbs: dict[int, Verb], spoken: Span | None) -> _Found | None:
        letter = line.letters[at]
        if letter == "S":
            return self.sources.report(line, at, floor)
        if at in verbs and (letter != "f" or self.contents.behind(line, verbs[at]) is not None):
            return self._of_verb(line, verbs[at], floor, verbs, spoken)
        if line.single(at) in self.words["whereby"] and line.letter(at - 1) == "," and at + 1 < line.ends[at]:
            end = line.ends[at]  # "Berichte, wonach ..."
            cue, content = line.sentence.range(*line.tokens(at)), line.range(at + 1, end)
            return Report(cue, line.single(at), None, (content,), "impersonal"), end
        return self._of_noun(line, at, verbs) if letter in "noI" else None

    # --- nouns ---

    def _of_noun(self, line: Clauses, at: int, verbs: dict[int, Verb]) -> _Found | None:
        """Return the report of a noun: "kam zu dem Ergebnis, dass ...", "mit der Begründung zurück, dies sei ..."."""
        part, sentence, end = line.parts[at], line.sentence, line.ends[at]
        noun = next((k for k in range(part.first, part.last) if sentence.low[k] in self.words["noun-cue"]), None)
        start = end + 1
        far = line.size(at + 1, end) > (1 if line.has_verb(at + 1, end) else 3)
        if noun is None or far or start >= len(line) or line.letters[end] != ",":
            return None
        if not _REPORTED.match(line.letters, start) and not (
            sentence.low[noun] in self.words["noun-wish"] and _WISHED.match(line.letters, start)
        ):
            return None
        start += line.letters[start] == "t"
        if start == len(line):
            return None
        leads = line.starts[at] == 0 and not line.has_verb(0, at)  # "Der Verdacht, ..., bestätigte sich"
        stop = self.contents.stop(line, start, verbs, leads=leads)
        rejects = line.single(len(line) - 1) in self.words["separable"] and line.letter(len(line) - 2) == ","
        if rejects and stop == len(line):
            stop -= 2  # "wies die Behauptung, ..., zurück"
        owner = self._owner(line, at, noun, rejects=rejects)
        subject, rule = (sentence.range(*owner), "noun") if owner is not None else (None, "impersonal")
        contents = (line.range(start, stop),)
        return Report(sentence.range(noun, noun + 1), sentence.raw[noun], subject, contents, rule), stop

    def _owner(self, line: Clauses, at: int, noun: int, *, rejects: bool) -> tuple[int, int] | None:
        """Return whose noun of speech stands at token `noun`: its genitive, or the subject of the clause."""
        part, low = line.parts[at], line.sentence.low
        if part.last > noun + 2 and low[noun + 1] in self.words["genitive | from"]:
            return noun + 1 + (low[noun + 1] in self.words["from"]), part.last  # "die Behauptung der Stadt"
        first = line.skip(line.starts[at])
        if first >= at or line.letters[first] not in "np" or rejects:
            return None
        holds = not self.words["state"].isdisjoint(line.words(first + 1, at))  # "ist der Ansicht"
        accompanied = low[part.first] in self.words["accompanying"]
        # A noun in the dative or after "gegen" is that of another.
        of_other = line.letters[at] == "I" or low[part.head] in self.words["dative"]
        return line.tokens(first) if holds or accompanied or not of_other else None

    # --- verbs ---

    def _of_verb(
        self, line: Clauses, verb: Verb, floor: int, verbs: dict[int, Verb], spoken: Span | None
    ) -> _Found | None:
        """Return the report of a verb of speech."""
        quotes = line.letters[verb.last : verb.last + 2] == ":Q"
        if line.first(verb.first) in self.words["no-one"] or self._is_supposed(line, verb):
            return None
        said = self.contents.behind(line, verb)
        if self._is_negated(line, verb) and not quotes:  # "glaubt das nicht: „...“" is followed by what is said
            return self._unsaid(line, verb, said, verbs, spoken)
        if (opening := self._as_opening(line, verb, floor)) is not None:
            return self._as_said(line, verb, floor, opening)
        if (said is None or said.row != "infinitive") and (inserted := self._inserted(line, verb, floor)) is not None:
            return inserted
        before = self.contents.before(line, verb, floor, firm=said is not None and said.row != "quote")
        if before is not None:
            subject = self.subjects.of(line, verb, spoken, inverted=True)
            if said is None or said.row not in {"quote", "mood", "main"}:
                return self._made(line, verb, subject, [before], "before-cue"), verb.last
            stop = self.contents.stop(line, said.first, verbs)
            return self._made(line, verb, subject, [before, (said.first, stop)], "interrupted"), stop
        subject = self.subjects.of(line, verb, spoken)
        if said is None:
            inside = self.contents.quoted_inside(line, verb)
            if inside is not None:
                return self._made(line, verb, subject, [inside], "about"), inside[1]
            return self._awaiting(line, verb, subject) or self._object(line, verb)
        return self._behind(line, verb, said, verbs, subject)

    def _behind(
        self, line: Clauses, verb: Verb, said: Complement, verbs: dict[int, Verb], subject: Span | None
    ) -> _Found:
        """Return the report of what stands behind a verb."""
        leads = verb.first == 0 and (verb.final or verb.finite == 0)  # "Als er sagte, ..., kam sie"
        single = said.row == "colon" and line.letters[said.first] == "Q"
        stop = said.first + 1 if single else self.contents.stop(line, said.first, verbs, leads=leads)
        rule = f"cue-after-subject-{said.row}" if said.row in _FIRM else "cue-after-subject"
        return self._made(line, verb, subject, [(said.first, stop)], rule), stop

    def _cue(self, line: Clauses, verb: Verb) -> Span:
        """Return the span of a verb without what is attached to it: "résume" of "résume-t-il"."""
        span, word = line.sentence.range(*line.tokens(verb.at)), line.sentence.low[line.parts[verb.at].last - 1]
        bare = self._grouper.bare(word)
        start = span.start + word.find(bare)
        return Span(start, start + len(bare)) if len(bare) < len(word) else span

    def _made(self, line: Clauses, verb: Verb, subject: Span | None, contents: list[Range], rule: str) -> Report:
        ranges = tuple(line.range(*part) for part in contents)
        elided = self._grouper.elided(line.sentence.low[ranges[0][0]])
        cue, rule = self._cue(line, verb), rule if subject else "impersonal"
        return Report(cue, verb.cue.lemma, subject, ranges, rule, elided=elided)

    def _is_supposed(self, line: Clauses, verb: Verb) -> bool:
        """Return whether a clause only supposes a report: "wenn er sagt", "ob er gesagt hat", "hätte gesagt"."""
        opener = line.first(verb.first)
        if verb.final and verb.first == 0 and opener in self.words["that"]:
            return True  # "Dass Lind den Fehler einräumte, sei richtig, sagte Malt"
        return verb.unreal or (verb.final and (opener in self.words["condition"] or opener in self.words["whether"]))

    def _is_negated(self, line: Clauses, verb: Verb) -> bool:
        deciding = self.words["negation"] | self.words["conjunction"] - self.words["contrast"]
        begin = min(verb.finite, verb.at)
        if line.single(begin - 1) in self.words["negation"] and begin > line.starts[begin]:
            return True  # "wollte nicht bestätigen, dass"
        # In French a negation farther on denies something else than the saying.
        last = verb.last if self.words["capitals"] else min(verb.last, verb.at + 2)
        first = next((word for word in line.words(begin, last) if word in deciding), "")
        return first in self.words["negation"]

    def _unsaid(
        self, line: Clauses, verb: Verb, said: Complement | None, verbs: dict[int, Verb], spoken: Span | None
    ) -> _Found | None:
        """Return the report of "bestritt nicht, dass ...": what the subject did not say."""
        denies = fold(verb.cue.lemma) in self.words["denying-verb"]
        if said is None and denies:
            denied = self._object(line, verb)
            return (replace(denied[0], negated=True), denied[1]) if denied is not None else None
        rows = {"that", "infinitive"} if denies else {"that"}
        if said is None or said.row not in rows or verb.cue.needs not in {"strong", "clause"}:
            return None
        stop = self.contents.stop(line, said.first, verbs)
        subject = self.subjects.of(line, verb, spoken)
        report = self._made(line, verb, subject, [(said.first, stop)], "cue-after-subject-that")
        return replace(report, negated=True), stop

    def _as_opening(self, line: Clauses, verb: Verb, floor: int) -> int | None:
        """Return the "wie" that leads the part of the verb, with or without an aside between them."""
        if verb.first < verb.at and line.first(verb.first) in self.words["as"]:
            return verb.first
        start = verb.first
        for _ in range(2):
            closes = verb.at == verb.finite == verb.last - 1
            if start < 2 or line.letters[start - 1] != "," or not (closes or verb.first == min(verb.at, verb.finite)):
                return None
            start = line.starts[start - 2]
            if start >= floor and line.first(start) in self.words["as"]:
                named = line.letter(start + 1) in "np"
                return start if named and verb.cue.needs == "strong" else None
        return None

    def _as_said(self, line: Clauses, verb: Verb, floor: int, opening: int) -> _Found | None:
        """Return the report of "Wie X mitteilte, ..." or "..., wie X mitteilte"."""
        last, size = verb.last, len(line)
        if verb.cue.needs == "about":
            return None  # "wie der Kai genannt wird"
        subject = self.subjects.of(line, verb, None)
        if opening != verb.first and line.letter(opening + 1) in "np":
            subject = line.sentence.range(*line.range(opening + 1, opening + 2))
        contents: list[Range] = []
        if opening - 1 > floor and line.letters[opening - 1] != ":":
            contents.append((floor, opening - 1))
            if last + 1 < size and line.letters[last] == ",":
                contents.append((last + 1, size))
        elif last + 1 < size and line.letters[last] in ",:":
            contents.append((last + 1, size))
        if not contents:
            return None
        return self._made(line, verb, subject, contents, "as-said"), max(last, contents[-1][1])

    def _inserted(self, line: Clauses, verb: Verb, floor: int) -> _Found | None:
        """Return the report of an attribution between two commas: "Der Kai, sagte er, sei zu"."""
        last, size, lead = verb.last, len(line), min(verb.at, verb.finite)
        opens = line.words(verb.first, lead)
        if not self.words["attribution-opener"].issuperset(opens) or not self._is_between_commas(line, verb, floor):
            return None
        behind = self.subjects.after(line, verb)
        unnamed = (verb.passive and bool(opens)) or self.verbs.has_it(line, verb.at)  # "so wird gesagt"
        hung = behind is None and self.subjects.is_behind(line, verb)
        if not (unnamed or hung) and (behind is None or behind[1] < line.parts[last].first):
            return None
        complete = line.has_verb(floor, verb.first - 1)
        goes_on = not VERBAL.isdisjoint(line.letters[last + 1 :]) or line.letter(last + 1) == "Q"
        apposition = line.letter(last + 1) == "n" and self.subjects.is_party(line, line.range(last + 1, last + 2))
        main = line.letter(last + 1) in "npoDI" and line.letter(last + 2) in "FKLMR"
        if not goes_on and (not complete or (apposition and not main) or line.letters[last + 1 :] == "I"):
            return None  # "..., sagte Lind, Leiter der Werft.", "..., sagte Lind, ohne Einzelheiten."
        subject = self.subjects.of(line, verb, None, inverted=True)
        return self._made(line, verb, subject, [(floor, verb.first - 1), (last + 1, size)], "interrupted"), size

    def _is_between_commas(self, line: Clauses, verb: Verb, floor: int) -> bool:
        """Return whether two commas close off the part of the verb in a sentence without a quotation next to it."""
        last, letters = verb.last, line.letters
        if verb.first <= floor + 1 or last + 1 >= len(line) or verb.cue.needs in {"about", "weak"}:
            return False
        timed = letters[floor] == "s" and line.first(floor) not in self.words["condition"]  # "Als der Regen kam, ..."
        if letters[verb.first - 1] != "," or letters[last] != "," or timed:
            return False
        return "Q" not in (letters[verb.first - 2], letters[floor]) and letters[last + 1] not in "tswq"

    def _awaiting(self, line: Clauses, verb: Verb, subject: Span | None) -> _Found | None:
        if verb.last != len(line) - 1 or line.letters[verb.last] != ":" or subject is None:
            return None
        return Report(self._cue(line, verb), verb.cue.lemma, subject, (), "colon", awaits=True), len(line)

    # --- objects ---

    def _object(self, line: Clauses, verb: Verb) -> _Found | None:
        """Return what a party wants or expects, as a noun phrase: "Die Stadt fordert mehr Geld für den Hafen"."""
        lemma = verb.cue.lemma
        denies = fold(lemma) in self.words["denying-verb"]
        known = self.words["object-cue | topic-cue"]
        if not (denies or lemma in known) or verb.final or verb.passive:
            return None
        before = self.subjects.before(line, verb)
        party = before or self.subjects.after(line, verb)
        if party is None or not self.subjects.is_party(line, party):
            return None
        first, last = self._object_range(line, verb, None if party == before else party[1])
        if lemma in self.words["topic-cue"]:  # "berichtet von einem Unfall"
            first = next((k for k in range(first, last) if line.first(k) in self.words["topic"]), last)
        if denies:
            last = next((k for k in range(first, last) if line.letters[k] in "aD"), last)
            holds = not self.words["denied-noun"].isdisjoint(line.words(first, last))  # not "wies den Antrag zurück"
        else:
            holds = line.size(first, last) > 1 and not {*"noI"}.isdisjoint(line.letters[first:last])
        subject = line.sentence.range(*party)
        return (self._made(line, verb, subject, [(first, last)], "object"), verb.last) if holds else None

    def _object_range(self, line: Clauses, verb: Verb, begin: int | None) -> Range:
        """Return what stands between a verb, or its subject that ends at token `begin`, and the end of the clause."""
        german = bool(self.words["capitals"])
        first = (verb.finite if german else max(verb.finite, verb.at)) + 1
        if begin is not None:
            first = next((k for k in range(first, verb.last) if line.parts[k].first >= begin), verb.last)
        closed = german and verb.finite < verb.at  # "hat die Vorwürfe zurückgewiesen"
        return first, verb.at if closed else verb.last - bool(verb.cue.particle)
