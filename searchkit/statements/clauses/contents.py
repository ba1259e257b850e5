"""Find what is said around a verb of speech whose clauses the comma separates, and where it ends."""

import re

from searchkit.statements.clauses.phrases import BOUNDARIES, LONGEST_TITLE, Clauses
from searchkit.statements.clauses.verbs import Subjects, Verb, Verbs


class Contents:
    """Finds the tokens of what is said."""

    def __init__(self, verbs: Verbs, subjects: Subjects) -> None:
        self._verbs = verbs
        self._subjects = subjects
        self._grammar = verbs.grammar
        self._words = verbs.grammar.pack.words
        marks = "|".join(sorted(map(re.escape, self._words["separable"]), key=len, reverse=True))
        self._infixed = re.compile(rf"(?:{marks})zu\w{{2,20}}n") if marks else None

    def before(self, clauses: Clauses, verb: Verb, floor: int, *, firm: bool) -> tuple[int, int] | None:
        """Return what stands before an attribution that begins with its verb: `..., sagte X`."""
        low = clauses.low
        lead = min(verb.at, verb.finite)
        skipped = clauses.skip(verb.first, lead, self._words["attribution-opener"] | self._words["object-clitic"])
        if verb.first > floor and skipped == lead and low[verb.first - 1] in {",", "-", "("}:
            last = verb.first - 1
        elif lead > floor and clauses.is_quoted(lead - 1):
            # "Die Zeitung „Kurier“ berichtet": the name of who speaks.
            if verb.final:
                return lead - 1, lead  # "das er als „Fest“ bezeichnete"
            short = clauses.sentence.end[lead - 1] - clauses.sentence.start[lead - 1] <= LONGEST_TITLE
            if short and not clauses.sentence.is_complete(lead - 1) and (firm or lead - 1 > floor):
                return None
            last = lead
        else:
            return None
        if clauses.is_quoted(last - 1):
            return floor, last
        if firm or verb.cue.needs in {"about", "weak"} or verb.final:
            return None
        clitic = bool(self._verbs.clitic(low[lead]))
        spoken = clitic or self._verbs.has_it(clauses, verb.at) or self._subjects.after(clauses, verb) is not None
        return (floor, last) if spoken and self._states(clauses, verb, floor, last) else None

    def _states(self, clauses: Clauses, verb: Verb, floor: int, last: int) -> bool:
        """Return whether the words before an attribution are a statement, not a phrase that opens the sentence."""
        behind = verb.finite + 1
        named = verb.passive and clauses.phrase_end(behind, verb.last) > behind
        if named and not self._verbs.has_it(clauses, verb.finite):
            return False  # "..., wurde der Umbau betont"
        if verb.cue.needs != "strong" and not clauses.has_mood(floor, last, self._grammar.loose):
            return False
        if not clauses.has_verb(floor, last) and last - floor < 4:  # so many words are a statement
            return False
        first = clauses.skip(floor, last, BOUNDARIES | self._grammar.openers)
        noun_phrase = clauses.phrase_end(first, last)
        is_phrase = self._grammar.capitals and noun_phrase >= last
        return not is_phrase and clauses.low[noun_phrase : noun_phrase + 1] != [","]

    def after(self, clauses: Clauses, verb: Verb) -> tuple[int | None, str]:
        """Return where the content after the verb starts, and what shows it."""
        low, last = clauses.low, verb.last
        if last >= clauses.size:
            return self._without_comma(clauses, verb)
        if low[last] == ":":
            clause = verb.cue.needs in {"strong", "clause"} and clauses.has_verb(last + 1, clauses.size)
            return (last + 1, "colon") if clauses.is_quoted(last + 1) or clause else (None, "")
        at = last
        for aside in range(3):  # "Lind, Sprecher der Stadt, ... sagte, ..."
            if at + 1 >= clauses.size or low[at] != ",":
                break
            start, rule = self._opens_content(clauses, verb, at + 1, strict=aside > 0)
            if rule:
                return start, rule
            if low[at + 1] not in self._grammar.subordinators and clauses.has_verb(at + 1, clauses.end(at + 1)):
                break
            end = clauses.end(at + 1)
            if end < clauses.size and low[end] == ":" and clauses.is_quoted(end + 1):
                return end + 1, "colon"
            at = end
        return self._without_comma(clauses, verb)

    def _without_comma(self, clauses: Clauses, verb: Verb) -> tuple[int | None, str]:
        """Return the content of "a déclaré que ...", where no comma comes before the conjunction."""
        if self._grammar.capitals:
            after, wish = verb.at + 1, verb.cue.needs == "wish"  # "hat angekündigt den Kai zu schließen"
            infinitive = wish and verb.finite < verb.at and self.is_infinitive(clauses, after, "")
            return (after, "infinitive") if after < verb.last and infinitive else (None, "")
        low = clauses.low
        # "a nié mardi avoir signé"
        behind = clauses.skip(verb.at + 1, verb.last, self._words["adverb"] | self._words["weekday"])
        starts = behind < verb.last and low[behind] in self._words["infinitive-start"]
        if starts and verb.cue.needs in {"strong", "clause"} and not self._is_closed(clauses, behind):
            return behind, "infinitive"
        for at in range(verb.at + 1, verb.last):
            if self._grammar.is_that(low[at]):
                start = at + 1 if low[at] in self._words["that"] else at
                return (start, "that") if start < clauses.size else (None, "")
            if verb.cue.needs in {"strong", "clause"} and low[at] in self._words["question"]:
                return at, "that"
            if verb.cue.needs == "wish" and self._leads_infinitive(clauses, at):
                return at, "infinitive"
        return None, ""

    def _is_closed(self, clauses: Clauses, at: int) -> bool:
        for comma in range(at, clauses.size - 2):
            if clauses.low[comma] == ",":
                for place in (comma + 1, comma + 2):
                    verb = self._verbs.at(clauses, place)
                    if verb is not None and min(verb.at, verb.finite) == comma + 1 and verb.cue.needs == "strong":
                        return True
        return False

    def _leads_infinitive(self, clauses: Clauses, at: int) -> bool:
        endings = tuple(self._words["infinitive-ending"])
        word = clauses.low[at]
        if word in self._words["infinitive-mark"]:
            return at + 1 < clauses.size and clauses.low[at + 1].endswith(endings)
        return word.startswith("d'") and word.endswith(endings)

    def _opens_content(self, clauses: Clauses, verb: Verb, at: int, *, strict: bool) -> tuple[int | None, str]:
        low, needs = clauses.low, verb.cue.needs
        if at >= clauses.size:
            return None, ""
        if self._grammar.is_that(low[at]):
            start = at + 1 if low[at] in self._words["that"] else at
            return (start, "that") if start < clauses.size else (None, "")
        if low[at] in self._words["question"] and needs == "strong":
            return at, "that"
        if clauses.is_quoted(at):
            return at, "quote"
        if needs in {"weak", "about"}:
            return None, ""
        end = clauses.end(at)
        infinitive = self.is_infinitive(clauses, at, verb.cue.needs)
        if infinitive and low[at] not in self._words["purpose"]:
            return at, "infinitive"
        if low[at] in self._words["subordinator"]:
            # "sagte, wenn ..., sei ...": the main clause after it decides.
            return (at, "mood") if clauses.has_mood(end, clauses.end(end + 1)) else (None, "")
        if low[at] in self._words["conjunction"]:
            return None, ""
        moods = self._grammar.strict if strict else self._grammar.moods
        if clauses.has_mood(at, end, moods) or (
            needs == "strong" and not strict and self._grammar.capitals and clauses.is_main(at)
        ):
            return at, "mood"
        return None, ""

    def is_infinitive(self, clauses: Clauses, at: int, needs: str) -> bool:
        """Return whether the part at `at` is an infinitive with "zu", or ends with one in marks that is wished for."""
        low, end = clauses.low, clauses.end(at)
        if not self._words["infinitive-mark"] or not self._grammar.capitals:
            return False
        if needs == "wish" and clauses.is_quoted(end - 1):
            return True
        for k in range(at, end):
            ending = k + 2
            if low[k] in self._words["infinitive-mark"] and ending <= end and low[k + 1].endswith("n"):
                closes = ending >= end - 1
            else:
                closes, ending = self._infixed is not None and bool(self._infixed.fullmatch(low[k])), k + 1
                if not closes:
                    continue
                closes = ending >= end - 2
            if closes or low[ending] in self._words["conjunction"]:
                return True
        return False

    def quoted_inside(self, clauses: Clauses, verb: Verb) -> tuple[int, int] | None:
        """Return a quotation in the clause of the verb: `nannte es „...“`."""
        low, about = clauses.low, verb.cue.needs == "about"
        if about and "sich" in low[verb.at + 1 : verb.at + 3]:
            return None  # "sie nennt sich „Kanal 10“"
        for at in range(verb.at + 1, verb.last):
            near = about or at == verb.at + 1 or low[at - 1] in self._words["quoting"]
            if clauses.is_quoted(at) and (
                near or (low[at - 1] in self._words["determiner"] and not clauses.is_title(at))
            ):
                return at, at + 1
        if about and verb.finite < verb.at:
            for at in range(verb.at - 1, verb.finite, -1):
                if clauses.is_quoted(at) and clauses.low[at - 1] in self._words["quoting"]:
                    return at, at + 1
        return None

    def stop(self, clauses: Clauses, start: int, *, leads: bool = False) -> int:
        """Return where content ends: before another report joined to this one, or with the sentence."""
        low = clauses.low
        for at in range(start + 1, clauses.size):
            if low[at] == ":" and clauses.is_quoted(at + 1) and not clauses.is_title(at + 1):
                return at
            if low[at] == ";" and not clauses.has_mood(at, clauses.size):
                return at
            following = clauses.raw[at + 1].lower() if at + 1 < clauses.size else ""
            finite = low[at + 1 : at + 2] and (
                low[at + 1] in self._grammar.finite or following in self._grammar.pack.finite_forms
            )
            if leads and low[at] == "," and finite and following not in self._grammar.loose:
                return at
            if low[at] in self._words["conjunction"] and self._joins_report(clauses, at):
                return at - 1 if low[at - 1] == "," else at
        return clauses.size

    def _joins_report(self, clauses: Clauses, at: int) -> bool:
        """Return whether the conjunction at `at` joins another report: "..., und die Stadt forderte ..."."""
        if at + 1 >= clauses.size:
            return False
        behind = clauses.phrase_end(at + 1, clauses.end(at + 1))
        places = {at + 1, at + 2, behind}
        verbs = (self._verbs.at(clauses, place) for place in places if place < clauses.size)
        return any(
            verb is not None and verb.finite in {at + 1, behind} and not verb.final and verb.cue.needs != "about"
            for verb in verbs
        )
