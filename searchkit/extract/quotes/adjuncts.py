"""What stands between a cue and what is said: addressee, time, occasion.

takes:    a Sentence and the token after a cue
gives:    the token where the content starts, and what firmly opens it (that, colon, quote) or an empty string
does not: judge whether what follows is a statement
traps:    an occasion ("in a statement to reporters") ends where a clause begins, which is a guess
"""

from searchkit.extract.packs import Cue
from searchkit.extract.quotes.phrases import Grammar
from searchkit.extract.quotes.reading import Sentence

# Words between the commas around an addressee's office or the region of a town.
_LONGEST_ASIDE = 14


class Framing:
    """Steps over the frame of a statement in one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        words = grammar.pack.words
        self._weekdays = words["weekday"]
        self._months = words["month"]
        self._times = words["time"] | words["weekday"] | words["relative-day"]
        self._day_adverbs = words["day-adverb"]
        self._time_adjectives = words["time-adjective"]
        self._settings = words["setting"]
        self._time_spans = words["time-span"]
        self._time_orders = words["time-order"]
        self._articles = words["article"]
        self._addressed = words["addressed"]
        self._occasions = words["occasion"]
        self._addressees = words["addressee"]
        self._nouns = words["speech-noun"]
        self._conditions = words["condition"]
        self._asked = words["asked"]

    def opening(self, sentence: Sentence, cue: Cue, start: int, stop: int) -> tuple[int, str]:
        """Past addressee, time and occasion after a cue; with what firmly opens the content (that, colon, quote)."""
        low, grammar = sentence.low, self._grammar
        at = start
        if cue.lemma in self._addressed:
            at = self._past_addressee(sentence, at, stop)
        for _ in range(6):
            if at >= stop:
                return at, ""
            if grammar.is_adverb(low[at]) and at + 1 < stop and low[at + 1] in grammar.clause_openers:
                at += 1
            word = low[at]
            if sentence.quoted[at] >= 0:
                return at, "quote"
            told = self._past_noun(sentence, at, stop)
            if told:
                return told, "that"
            if word in grammar.that:
                return at + 1, "that"
            if word == ":" and not (low[at - 1].isdigit() and low[at + 1 : at + 2] and low[at + 1].isdigit()):
                return at + 1, "colon"
            if word == "," and at + 1 < stop and sentence.quoted[at + 1] >= 0:
                return at + 1, "quote"
            if word == "," and at + 1 < stop and low[at + 1] in grammar.that:
                return at + 2, "that"
            if word == "," and low[at + 2 : at + 3] == [","] and low[at + 1] in grammar.openings:
                at += 3  # "said, however, the quay"
                continue
            if (
                word == ","
                and at > start
                and self._is_month_or_year(low[at - 1])
                and grammar.is_clause(sentence, at + 1, stop)
            ):
                return at + 1, ""
            if word == "," and (far := self._past_aside(sentence, at, stop)) > at:
                at = far
                continue
            if (colon := self._before_colon(sentence, at, stop)) > at:
                return colon + 1, "colon"
            moved = self._past_setting(sentence, at, stop)
            if moved == at:
                return at, ""
            at = moved
        return at, ""

    def _before_colon(self, sentence: Sentence, at: int, stop: int) -> int:
        """Where a colon before a quotation closes the phrase at `at`: "said outside court: '...'"; else `at`."""
        low, grammar = sentence.low, self._grammar
        if low[at] not in grammar.prepositions:
            return at
        for ahead in range(at + 1, min(stop - 1, at + _LONGEST_ASIDE)):
            if low[ahead] == ":":
                return ahead if sentence.quoted[ahead + 1] >= 0 else at
            if low[ahead] in grammar.finite or low[ahead] in grammar.that or sentence.quoted[ahead] >= 0:
                return at
        return at

    def _past_addressee(self, sentence: Sentence, at: int, stop: int) -> int:
        low, grammar = sentence.low, self._grammar
        if at >= stop:
            return at
        if low[at] in self._conditions or low[at] in self._asked:
            return at  # "asked if Lind had said that ..."
        if low[at] in self._addressees and at + 1 < stop and grammar.is_clause(sentence, at + 1, stop):
            return at + 1
        for ahead in range(at, min(stop, at + 14)):
            if low[ahead] == "," and low[ahead - 1].isdigit() and ahead + 1 < stop and low[ahead + 1].isdigit():
                continue  # "on April 30, 2024, that"
            if low[ahead] in grammar.questions and low[ahead - 1] in grammar.prepositions:
                return at  # "advises towns on how to drain them"
            if low[ahead] in grammar.clause_openers or sentence.quoted[ahead] >= 0 or low[ahead] in {":", ","}:
                return ahead
            if low[ahead] in self._conditions:
                return ahead  # "asked her if"
            if ahead > at and low[ahead] in grammar.pronouns:
                return ahead
        if low[at] in grammar.prepositions:
            return at  # "warned in March the quay ...": nobody is addressed
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
            if end < stop and low[end - 1] in grammar.prepositions:
                name = end + (low[end] in self._articles)
                place = sentence.named[name] if name < stop else None
                while place is not None and name < stop and sentence.named[name] is place:
                    name += 1  # "told a meeting of the Harbor Union"
                return name if place is not None else end
            return end
        return at + 1

    def _past_noun(self, sentence: Sentence, at: int, stop: int) -> int:
        """Past "the old claim that", the object of a verb that repeats it; 0 when there is none."""
        low = sentence.low
        if low[at] not in self._grammar.determiners and low[at] not in self._nouns:
            return 0
        for ahead in range(at, min(stop - 1, at + 4)):
            if low[ahead] in self._nouns:
                return ahead + 2 if low[ahead + 1] in self._grammar.that else 0
        return 0

    def _is_month_or_year(self, word: str) -> bool:
        return word in self._months or word in self._times or (word.isdigit() and len(word) in {1, 2, 4})

    def _past_aside(self, sentence: Sentence, comma: int, stop: int) -> int:
        """Past "the head of the union," to the comma before "that" or a quotation; `comma` when there is none."""
        low, grammar = sentence.low, self._grammar
        for at in range(comma + 2, min(stop - 1, comma + _LONGEST_ASIDE)):
            if low[at] == "," and (low[at + 1] in grammar.that or sentence.quoted[at + 1] >= 0):
                return at
            relative = low[comma + 1] in grammar.relatives
            if (low[at] in grammar.finite and not relative) or low[at] in grammar.that or sentence.quoted[at] >= 0:
                return comma
        return comma

    def _past_setting(self, sentence: Sentence, at: int, stop: int) -> int:
        """Past one adverbial of time or occasion at `at`; `at` itself when there is none."""
        low = sentence.low
        word = low[at]
        if word in self._weekdays or word in self._day_adverbs:
            at += 1
            while at < stop and low[at] in self._times:
                at += 1
            return at
        if word in self._time_adjectives and at + 1 < stop and low[at + 1] in self._settings:
            # "late on Friday that", but not "late on Friday after a night in which the crew slept"
            return at + 1 if any(ahead in self._grammar.that for ahead in low[at + 2 : min(stop, at + 6)]) else at
        if (
            word in self._time_adjectives
            and at + 1 < stop
            and (low[at + 1] in self._times or low[at + 1] in self._time_adjectives)
        ):
            at += 2
            while at < stop and low[at] in self._times:
                at += 1
            return at
        if word[0].isalnum() and not self._grammar.is_adverb(word):
            for ahead in range(at + 1, min(stop, at + 4)):
                if low[ahead] in self._time_orders and low[ahead - 1] in self._time_spans:
                    # "a moment later", "three long days ago"
                    return at if low[ahead + 1 : ahead + 2] == ["when"] else ahead + 1
        if word in self._months and at + 1 < stop and low[at + 1].isdigit():
            return self._past_date(sentence, at + 1, stop)  # "told reporters Dec. 15 the ..."
        if word in self._settings:
            for ahead in range(at + 1, min(stop, at + 8)):
                if low[ahead] in self._months:
                    return self._past_date(sentence, ahead + 1, stop)
                if low[ahead] in self._occasions or low[ahead] in self._times:
                    return self._past_phrase(sentence, ahead + 1, stop)
                if low[ahead] in self._grammar.that:
                    if ahead == at + 1:
                        continue  # "wrote for people in that spot"
                    return ahead  # "said at a fair in Brno that"
                if low[ahead] == "," and (far := self._past_aside(sentence, ahead, stop)) > ahead:
                    return far  # "said at a fair in Brno, Moravia, that"
                if low[ahead] in self._nouns:
                    break  # "fired back at claims that": the claims are others'
                if low[ahead] in {",", ":"} or low[ahead] in self._grammar.finite or sentence.quoted[ahead] >= 0:
                    break
        return at

    def _past_date(self, sentence: Sentence, at: int, stop: int) -> int:
        """Past the day and year that follow a month."""
        low = sentence.low
        while at < stop and (low[at].isdigit() or (low[at] == "," and at + 1 < stop and low[at + 1].isdigit())):
            at += 1
        return at

    def _past_phrase(self, sentence: Sentence, at: int, stop: int) -> int:
        """To the end of an occasion ("in a statement to reporters on Monday"): the next comma, that, colon or quote."""
        low, grammar = sentence.low, self._grammar
        for ahead in range(at, min(stop, at + 12)):
            if low[ahead] in grammar.that or low[ahead] == ":" or sentence.quoted[ahead] >= 0 or low[ahead] == ",":
                return ahead
            if low[ahead] in grammar.pronouns:
                return ahead
            if low[ahead] in self._articles and low[ahead - 1] not in grammar.prepositions:
                return ahead
        return min(at, stop)
