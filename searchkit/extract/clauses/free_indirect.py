"""Find sentences that go on with a report without a cue: in the mood of reported speech, or with "soll ... haben"."""

from msgspec.structs import replace

from searchkit.extract.clauses.phrases import ClauseGrammar, Clauses
from searchkit.extract.quotes.reading import Report, Sentence
from searchkit.text import Span


class FreeIndirect:
    def __init__(self, grammar: ClauseGrammar) -> None:
        self._grammar = grammar
        self._words = grammar.words
        self._parties = grammar.pack.roles["role"] | grammar.pack.bodies.keys()
        self._endings = tuple(grammar.pack.roles["ending"])

    def find(self, clauses: Clauses, previous: Sentence | None, *, goes_on: bool) -> Report | None:
        """Return the report of a sentence without a cue; `goes_on` if the sentence before has a report.

        Otherwise the subject of the sentence before speaks, if it names a party.
        """
        report = self._in_mood(clauses, goes_on=goes_on) or self._reason(clauses) or self._before_colon(clauses)
        if report is None:
            if not goes_on:
                return None
            rule = "hearsay" if self._is_hearsay(clauses) else "planned" if self._is_planned(clauses) else ""
            return Report(None, "", None, ((0, clauses.size),), rule) if rule else None
        if report.subject is None and clauses.low[0] in self._words["for-whom"]:
            end = clauses.phrase_end(1, clauses.end(0))  # "Für Lind sei der Kai sicher"
            if end > 1 and self._is_party(clauses, 1, end):
                return replace(report, subject=clauses.sentence.range(1, end))
        if report.subject is None and not goes_on and previous is not None:
            before = Clauses(self._grammar, previous)
            reported = before.has_mood(
                0, before.size, self._grammar.loose
            )  # its subject may as well be what is spoken of
            return report if reported else replace(report, subject=self._party_of(before))
        return report

    def _in_mood(self, clauses: Clauses, *, goes_on: bool) -> Report | None:
        """Return a sentence in the mood of reported speech; a sentence that `goes_on` may be in a looser one."""
        grammar, low = self._grammar, clauses.low
        supposes = any(word in self._words["condition"] for word in low)
        if clauses.size < 3 or not self._words["speaking-person"].isdisjoint(low):
            return None  # "ich habe" is no subjunctive
        if not clauses.has_mood(0, clauses.size, grammar.strict if supposes else grammar.loose):
            return None
        # "Sie hätten gewusst, wie es stehe": one clear form among the looser ones is enough.
        loose = not supposes and (goes_on or clauses.has_mood(0, clauses.size, grammar.strict))
        moods = grammar.loose if loose else grammar.strict
        at = 0
        while at < clauses.size:
            end = clauses.end(at)
            opening = at + (low[at] in self._words["preposition"] and at + 1 < end)  # ", in deren Haus"
            opens_other = low[at] in self._words["subordinator"] or (at and low[opening] in grammar.subordinators)
            if at < end and not opens_other and clauses.has_mood(at, end, moods):
                return self._introduced(clauses, at) or Report(None, "", None, ((0, self._end(clauses)),), "mood")
            at = end + 1
        return None

    def _end(self, clauses: Clauses) -> int:
        """Return where the words without marks end: before the quotation that a colon opens, or with the sentence."""
        colons = (at for at in range(3, clauses.size) if clauses.low[at - 1] == ":" and clauses.is_quoted(at))
        return next((at - 1 for at in colons if not clauses.is_title(at)), clauses.size)

    def _reason(self, clauses: Clauses) -> Report | None:
        """Return the reason that a party gives: "Lind lehnte den Bau ab, da er zu teuer sei"."""
        low = clauses.low
        for at in range(1, clauses.size):
            if low[at - 1] == "," and low[at] in self._words["reason"]:
                subject = self._party_of(clauses)
                if subject is not None and clauses.has_mood(at, clauses.end(at), self._grammar.strict):
                    return Report(None, "", subject, ((at, clauses.size),), "reason")
        return None

    def _before_colon(self, clauses: Clauses) -> Report | None:
        """Return the quotation after a sentence about a party: "Die Stadt zeigte sich überrascht: „Das ist neu.“"."""
        for at in range(2, clauses.size):
            if clauses.low[at - 1] == ":" and clauses.is_quoted(at) and not clauses.is_title(at):
                subject = self._party_of(clauses)
                if subject is not None:
                    return Report(None, "", subject, ((at, at + 1),), "introduced")
        return None

    def _introduced(self, clauses: Clauses, at: int) -> Report | None:
        """Return the report of "Lind zeigte sich überrascht: Ihr sei ..."."""
        if at < 2 or clauses.low[at - 1] != ":":
            return None
        first = clauses.skip(0, at, self._grammar.openers)
        end = clauses.phrase_end(first, at - 1)
        subject = clauses.sentence.range(first, end) if end > first and self._is_party(clauses, first, end) else None
        return Report(None, "", subject, ((at, clauses.size),), "introduced" if subject is not None else "mood")

    def _is_planned(self, clauses: Clauses) -> bool:
        """Return whether the sentence goes on with a plan that was reported: "Der Kai soll im Mai öffnen"."""
        low, at = clauses.low, 0
        while at < clauses.size:
            end = clauses.end(at)
            opens_other = low[at] in (self._grammar.subordinators if at else self._words["subordinator"])
            # In a main clause "soll" stands second, never last.
            if not opens_other and end - at > 3 and not self._words["hearsay"].isdisjoint(low[at : end - 1]):
                return True
            at = end + 1
        return False

    def _is_hearsay(self, clauses: Clauses) -> bool:
        """Return whether the sentence reports what unnamed people say: "Er soll ... gewesen sein"."""
        low, at = clauses.low, 0
        while at < clauses.size:
            end = clauses.end(at)
            part = low[at:end]
            opens_other = not part or part[0] in (self._grammar.subordinators if at else self._words["subordinator"])
            hearsay = not opens_other and len(part) > 3 and not self._words["hearsay"].isdisjoint(part)
            if hearsay and part[-1] in self._words["perfect"] and not clauses.is_capital(end - 2):
                perfect = part[-1] not in self._words["be"] or part[-2] in self._words["been"] or "ge" in part[-2]
                if perfect and part[-2].endswith(("t", "n")):
                    return True
            at = end + 1
        return False

    def _party_of(self, clauses: Clauses) -> Span | None:
        """Return the party that is the subject of a sentence: "Lind verteidigte den Bau. Er sei nötig"."""
        first = clauses.skip(0, clauses.size, self._grammar.openers)
        for _ in range(2):  # the subject stands before its verb or right behind it
            end = clauses.phrase_end(first, clauses.end(first))
            names_party = first < end and clauses.low[first] not in self._grammar.not_subjects
            speaks = end < clauses.size and clauses.low[end] in self._grammar.pack.cues
            if names_party and (speaks or self._is_party(clauses, first, end)):
                return clauses.sentence.range(first, end)
            first = clauses.skip(end + 1, clauses.size, self._words["adverb"])
        return None

    def _is_party(self, clauses: Clauses, first: int, last: int) -> bool:
        words = clauses.low[first:last]
        named = (mention is not None and mention.kind != "place" for mention in clauses.sentence.named[first:last])
        personal = words[0] in self._words["singular-pronoun"] - self._words["impersonal"]
        role = any(word in self._parties or (self._endings and word.endswith(self._endings)) for word in words)
        return personal or role or any(named)
