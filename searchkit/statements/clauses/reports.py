"""Find reports in a language whose clauses the comma separates: German, French.

A sentence in the mood of reported speech goes on with the report before it: a Report without cue and subject.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from searchkit.statements.clauses.contents import Contents
from searchkit.statements.clauses.phrases import ClauseGrammar, Clauses
from searchkit.statements.clauses.verbless import FreeIndirect, source_report
from searchkit.statements.clauses.verbs import Subjects, Verb, Verbs
from searchkit.statements.packs import Pack
from searchkit.statements.quotes.reading import MOST_TOKENS, Report, Sentence
from searchkit.statements.text import Span, fold


class ClauseReportFinder:
    def __init__(self, pack: Pack) -> None:
        self._grammar = ClauseGrammar(pack)
        words = pack.words
        self._words = words
        self._sources = frozenset[str]().union(
            *(words[name] for name in ("according", "according-with", "according-named", "such", "thus", "postposed"))
        )
        self._free_indirect = FreeIndirect(self._grammar)
        self._verbs = Verbs(self._grammar)
        self._subjects = Subjects(self._verbs)
        self._contents = Contents(self._verbs, self._subjects)

    def find(self, sentence: Sentence, previous: Sentence | None, earlier: Report | None) -> Iterator[Report]:
        """Yield the reports of `sentence`; `earlier` is the last of `previous`, right before it in its paragraph."""
        if len(sentence) > MOST_TOKENS:
            return
        clauses = Clauses(self._grammar, sentence)
        goes_on = earlier is not None
        answer = self._answer(clauses) if previous is not None and not goes_on else None
        if answer is not None:
            yield answer
            return
        floor = at = 0
        reports = False
        while at < clauses.size:
            found = self._at(clauses, at, floor)
            if found is None:
                at += 1
                continue
            report, reached = found
            reports = True
            clauses.last_subject = report.subject or clauses.last_subject
            yield report
            floor = max(floor, reached)
            at = max(at + 1, reached)
        if reports:
            return
        unspoken = self._free_indirect.find(clauses, previous, goes_on=goes_on)
        if unspoken is not None:
            yield unspoken

    def subject_before(self, sentence: Sentence, at: int) -> tuple[int, int] | None:
        """Return the noun phrase that leads from the start of the clause to token `at`."""
        clauses = Clauses(self._grammar, sentence)
        first = clauses.skip(clauses.start(at), at, self._grammar.openers)
        leads = first < at == clauses.phrase_end(first, at) and self._may_speak(clauses, first, at)
        return (first, at) if leads else None

    def _answer(self, clauses: Clauses) -> Report | None:
        """Return the report of "Das teilte die Polizei mit.": the sentence before is what was said."""
        low = clauses.low
        if clauses.size < 3 or low[0] not in self._words["answer"]:
            return None
        # "Das sagte Lind", "C'est ce qu'affirme Lind".
        at = clauses.skip(1, clauses.size - 1, self._words["answer-link"])
        verb = self._verbs.at(clauses, at)
        if verb is None or verb.cue.needs != "strong" or verb.last < clauses.size:
            return None
        subject = self._subjects.after(clauses, verb)
        if subject is None or any(map(clauses.is_quoted, range(subject[1], clauses.size))):
            return None
        cue, speaker = self._verbs.span(clauses.sentence, verb), clauses.sentence.range(*subject)
        return Report(cue, verb.cue.lemma, speaker, (), "taken-up", takes_previous=True)

    def _at(self, clauses: Clauses, at: int, floor: int) -> tuple[Report, int] | None:
        word = clauses.low[at]
        if word in self._sources:
            found = source_report(clauses, at, floor)
            if found is not None:
                return found
        verb = self._verbs.at(clauses, at)
        if verb is not None:
            return self._report(clauses, verb, floor)
        if word in self._words["whereby"] and 0 < at < clauses.size - 2 and clauses.low[at - 1] == ",":
            content, cue = (at + 1, clauses.end(at)), clauses.sentence.range(at, at + 1)  # "Berichte, wonach ..."
            return Report(cue, word, None, (content,), "impersonal"), content[1]
        return self._noun(clauses, at) if word in self._words["noun-cue"] and clauses.is_capital(at) else None

    def _noun(self, clauses: Clauses, at: int) -> tuple[Report, int] | None:
        """Return the report of a noun: "kam zu dem Ergebnis, dass ...", "mit der Begründung zurück, dies sei ..."."""
        low, grammar, end = clauses.low, self._grammar, clauses.end(at)
        start = end + 1
        phrase = clauses.phrase_end(at, min(end, clauses.size))
        if start >= clauses.size or low[end] != "," or end - phrase > (1 if clauses.has_verb(phrase, end) else 3):
            return None
        that = grammar.is_that(low[start])
        main = clauses.is_main(start)
        reports = that or clauses.has_mood(start, clauses.end(start), grammar.loose if main else grammar.strict)
        wished = low[at] in self._words["noun-wish"] and self._contents.is_infinitive(clauses, start, "noun")
        if not (reports or wished) or (low[start] in self._words["relative"] and not that and not main and not wished):
            return None
        start += that
        leads = clauses.start(at) == 0 and not clauses.has_verb(0, at)  # "Der Verdacht, ..., bestätigte sich"
        stop = self._contents.stop(clauses, start, leads=leads)
        rejects = clauses.start(clauses.size - 1) == clauses.size - 1 and low[-1] in self._words["separable"]
        if rejects and stop == clauses.size:
            stop -= 2  # "wies die Behauptung, ..., zurück"
        owner = self._subjects.owner(clauses, at, phrase, rejects=rejects)
        subject, rule = (clauses.sentence.range(*owner), "noun") if owner is not None else (None, "impersonal")
        return Report(clauses.sentence.range(at, at + 1), clauses.raw[at], subject, ((start, stop),), rule), stop

    def _report(self, clauses: Clauses, verb: Verb, floor: int) -> tuple[Report, int] | None:
        quotes = verb.last + 1 < clauses.size and clauses.low[verb.last] == ":" and clauses.is_quoted(verb.last + 1)
        if clauses.low[verb.first] in self._words["no-one"]:
            return None
        if self._is_negated(clauses, verb) and not quotes:  # "glaubt das nicht: „...“" is followed by what is said
            return self._unsaid(clauses, verb)
        opening = self._as_opening(clauses, verb, floor)
        if opening is not None:
            return self._as_said(clauses, verb, floor, opening)
        inserted = self._inserted(clauses, verb, floor)
        if inserted is not None:
            return inserted
        start, opener = self._contents.after(clauses, verb)
        before = self._contents.before(clauses, verb, floor, firm=start is not None)
        if before is not None:
            subject = self._subjects.of(clauses, verb, inverted=True)
            if start is None or opener not in {"quote", "mood"}:
                return self._made(clauses, verb, subject, [before], "before-cue"), verb.last
            stop = self._contents.stop(clauses, start)
            return self._made(clauses, verb, subject, [before, (start, stop)], "interrupted"), stop
        if start is None:
            return self._without_clause(clauses, verb)
        if verb.cue.needs == "about" and opener not in {"quote", "colon"}:
            return None
        leads = verb.first == 0 and (verb.final or verb.finite == 0)  # "Als er sagte, ..., kam sie"
        stop = (
            start + 1
            if opener == "colon" and clauses.is_quoted(start)
            else self._contents.stop(clauses, start, leads=leads)
        )
        rule = f"cue-after-subject-{opener}" if opener in {"that", "quote", "colon"} else "cue-after-subject"
        return self._made(clauses, verb, self._subjects.of(clauses, verb), [(start, stop)], rule), stop

    def _without_clause(self, clauses: Clauses, verb: Verb) -> tuple[Report, int] | None:
        """Return the report of a verb whose clause holds what is said: a quotation or an object."""
        inside = self._contents.quoted_inside(clauses, verb)
        if inside is None:
            return self._awaiting(clauses, verb) or self._object(clauses, verb)
        return self._made(clauses, verb, self._subjects.of(clauses, verb), [inside], "about"), inside[1]

    def _object(self, clauses: Clauses, verb: Verb) -> tuple[Report, int] | None:
        """Return what a party wants or expects, as a noun phrase: "Die Stadt fordert mehr Geld für den Hafen"."""
        denies = fold(verb.cue.lemma) in self._words["denying-verb"]
        known = self._words["object-cue"] | self._words["topic-cue"]
        if not (denies or verb.cue.lemma in known) or verb.final or verb.passive:
            return None
        before, behind = self._subjects.before(clauses, verb), self._subjects.after(clauses, verb)
        party = before or behind
        if party is None or not clauses.is_party(*party):
            return None
        lead = verb.finite if self._grammar.capitals else max(verb.finite, verb.at)
        first, last = lead + 1 if party == before else party[1], self._object_end(verb)
        if verb.cue.lemma in self._words["topic-cue"]:  # "berichtet von einem Unfall"
            links = (at for at in range(first, last) if clauses.low[at] in self._words["topic"])
            first = next(links, last)
        if denies:
            last = next((at for at in range(first, last) if self._ends_object(clauses, at)), last)
            if self._words["denied-noun"].isdisjoint(clauses.low[first:last]):
                return None  # "wies den Antrag zurück"
        elif last - first < 2 or not any(map(clauses.is_capital, range(first, last))):
            return None
        subject = clauses.sentence.range(*party)
        return self._made(clauses, verb, subject, [(first, last)], "object"), verb.last

    def _object_end(self, verb: Verb) -> int:
        if self._grammar.capitals and verb.finite < verb.at:
            return verb.at  # "hat die Vorwürfe zurückgewiesen"
        return verb.last - bool(verb.cue.particle)

    def _ends_object(self, clauses: Clauses, at: int) -> bool:
        """Return whether the object ends before token `at`: a day, an adverb or another verb follows."""
        grammar = self._grammar
        behind = at + (clauses.low[at] in self._words["preposition"])
        if clauses.low[at] in self._words["conjunction"]:
            return clauses.has_verb(at + 1, min(at + 3, clauses.size))  # "a rejeté les accusations et a dit"
        day = behind < clauses.size and (clauses.low[behind] in grammar.dated or clauses.low[behind].isdigit())
        return day or clauses.low[at] in self._words["adverb"]

    def _unsaid(self, clauses: Clauses, verb: Verb) -> tuple[Report, int] | None:
        """Return the report of "bestritt nicht, dass ...": what the subject did not say."""
        start, opener = self._contents.after(clauses, verb)
        denies = fold(verb.cue.lemma) in self._words["denying-verb"]
        if start is None and denies:
            denied = self._object(clauses, verb)
            return (replace(denied[0], negated=True), denied[1]) if denied is not None else None
        openers = {"that", "infinitive"} if denies else {"that"}
        if start is None or opener not in openers or verb.cue.needs not in {"strong", "clause"}:
            return None
        stop = self._contents.stop(clauses, start)
        subject = self._subjects.of(clauses, verb)
        report = self._made(clauses, verb, subject, [(start, stop)], "cue-after-subject-that")
        return replace(report, negated=True), stop

    def _inserted(self, clauses: Clauses, verb: Verb, floor: int) -> tuple[Report, int] | None:
        """Return the report of an attribution between two commas: "Der Kai, sagte er, sei zu"."""
        low, last = clauses.low, verb.last
        lead = min(verb.at, verb.finite)
        first = clauses.skip(verb.first, lead, self._words["object-clitic"] | self._words["attribution-opener"])
        if first != lead or not self._is_between_commas(clauses, verb, floor):
            return None
        hung = bool(self._verbs.clitic(low[lead]))
        behind = self._subjects.after(clauses, verb)
        behind_it = behind is not None and behind[1] >= last and self._may_speak(clauses, *behind)
        unnamed = (verb.passive and first > verb.first) or self._verbs.has_it(clauses, verb.at)  # "so wird gesagt"
        if not hung and not behind_it and not unnamed:
            return None
        complete, goes_on = clauses.has_verb(floor, verb.first - 1), clauses.has_verb(last + 1, clauses.size)
        goes_on = goes_on or clauses.is_quoted(last + 1)
        named = clauses.phrase_end(last + 1, clauses.size)
        apposition = named > last + 1 and clauses.is_party(last + 1, named)
        if not goes_on and (not complete or (apposition and not clauses.is_main(last + 1))):
            return None  # "..., sagte Lind, Leiter der Werft."
        before, after = (floor, verb.first - 1), (last + 1, clauses.size)
        subject = self._subjects.of(clauses, verb, inverted=True)
        return self._made(clauses, verb, subject, [before, after], "interrupted"), clauses.size

    def _is_between_commas(self, clauses: Clauses, verb: Verb, floor: int) -> bool:
        """Return whether two commas close off the part of the verb in a sentence without a quotation next to it."""
        low, last = clauses.low, verb.last
        if verb.first <= floor + 1 or last + 1 >= clauses.size or verb.cue.needs in {"about", "weak"}:
            return False
        if low[verb.first - 1] != "," or low[last] != "," or low[floor] in self._words["subordinator"]:
            return False
        quoted = clauses.is_quoted(verb.first - 2) or clauses.is_quoted(floor)
        return not quoted and low[last + 1] not in self._grammar.subordinators

    def _may_speak(self, clauses: Clauses, first: int, last: int) -> bool:
        """Return whether a noun phrase names a party: a pronoun, a name, a role or body, not a thing."""
        speaks = clauses.low[first] in self._words["pronoun"] or clauses.is_capital(first)
        return speaks or clauses.is_party(first, last)

    def _made(
        self, clauses: Clauses, verb: Verb, subject: Span | None, contents: list[tuple[int, int]], rule: str
    ) -> Report:
        cue, elided = self._verbs.span(clauses.sentence, verb), self._grammar.elided(clauses.low[contents[0][0]])
        rule = "impersonal" if subject is None else rule
        return Report(cue, verb.cue.lemma, subject, tuple(contents), rule, elided=elided)

    def _awaiting(self, clauses: Clauses, verb: Verb) -> tuple[Report, int] | None:
        if verb.last != clauses.size - 1 or clauses.low[verb.last] != ":":
            return None
        subject = self._subjects.of(clauses, verb)
        if subject is None:
            return None
        cue = clauses.sentence.range(verb.at, verb.at + 1)
        return Report(cue, verb.cue.lemma, subject, (), "colon", awaits=True), clauses.size

    def _is_negated(self, clauses: Clauses, verb: Verb) -> bool:
        # In French a negation farther on denies something else than the saying.
        last = verb.last if self._grammar.capitals else min(verb.last, verb.at + 2)
        deciding = self._words["negation"] | self._words["conjunction"] - self._words["contrast"]
        begin = min(verb.finite, verb.at)
        if clauses.low[begin - 1] in self._words["negation"] and begin > clauses.start(begin):
            return True  # "wollte nicht bestätigen, dass"
        first = next((word for word in clauses.low[begin:last] if word in deciding), "")
        return first in self._words["negation"]

    def _as_opening(self, clauses: Clauses, verb: Verb, floor: int) -> int | None:
        """Return the "wie" that leads the part of the verb, with or without an aside between them."""
        low = clauses.low
        if verb.first < verb.at and low[verb.first] in self._words["as"]:
            return verb.first
        start = verb.first
        for _ in range(2):
            closes = verb.at == verb.finite == verb.last - 1
            if start < 2 or low[start - 1] != "," or not (closes or verb.first == min(verb.at, verb.finite)):
                return None
            start = clauses.start(start - 1)
            if start >= floor and low[start] in self._words["as"]:
                named = clauses.phrase_end(start + 1, clauses.end(start + 1)) > start + 1
                return start if named and verb.cue.needs == "strong" else None
        return None

    def _as_said(self, clauses: Clauses, verb: Verb, floor: int, opening: int) -> tuple[Report, int] | None:
        """Return the report of "Wie X mitteilte, ..." or "..., wie X mitteilte"."""
        last = verb.last
        end = clauses.phrase_end(opening + 1, clauses.end(opening + 1))
        if verb.cue.needs == "about":
            return None  # "wie der Kai genannt wird"
        if opening != verb.first and end > opening + 1:
            subject: Span | None = clauses.sentence.range(opening + 1, end)
        else:
            subject = self._subjects.of(clauses, verb)
        contents: list[tuple[int, int]] = []
        if opening - 1 > floor and clauses.low[opening - 1] != ":":
            contents.append((floor, opening - 1))
            if last + 1 < clauses.size and clauses.low[last] == ",":
                contents.append((last + 1, clauses.size))
        elif last + 1 < clauses.size and clauses.low[last] in {",", ":"}:
            contents.append((last + 1, clauses.size))
        if not contents:
            return None
        return self._made(clauses, verb, subject, contents, "as-said"), max(last, contents[-1][1])
