"""Read noun phrases and clauses around a verb of speech with closed word classes and the mentions alone.

Phrases reach further left than a parser's would; the speaker is the head inside (speakers/).
"""

import re
from collections.abc import Sequence

from searchkit.statements.quotes.reading import QUOTED, Sentence
from searchkit.statements.quotes.word_classes import SPEAKING_KINDS, WordClasses

# How far, in tokens, a subject may reach back from its verb, and an appositive too.
_SUBJECT_REACH = 24
# Party and state behind the name of a member of a parliament.
_PARTY = re.compile(r"[DRI]-[A-Z][\w.]{1,9}")
# A name whose kind nothing shows may be a person's: "Terhune's lawyer, Ivo Strand, said".
_PERSON_KINDS = frozenset({"person", "other"})


class Grammar(WordClasses):
    """The phrases and clauses around a verb, as the word classes of the language show them."""

    def subject_before(self, sentence: Sentence, last: int) -> tuple[int, int] | None:
        """Return the token range of the noun phrase that ends with token `last`, or with an aside that ends there.

        None where it can be no speaker.
        """
        phrase = self._phrase_or_aside(sentence, last)
        if phrase is None:
            return None
        first, end = phrase
        words = sentence.low[first:end]
        if "than" in words and words[0] not in self._words["quantity"]:  # "higher than the city says"
            first = end - words[::-1].index("than")
            return (first, end) if self.speaks(sentence, first, end) else None
        if self.is_contraction(words[-1]) or any(mention is not None for mention in sentence.named[first:end]):
            return phrase
        if words[-1] in self.times and words[0] in self.determiners:  # "the union this week announced"
            return self.subject_before(sentence, self.skip_back(sentence.low, first - 1, -1))
        if self._opens_as_verb(words):
            before = self.skip_back(sentence.low, first - 1, -1, self.auxiliaries)
            relative = before > 0 and (sentence.low[before] in self.relatives or sentence.low[before] in self.that)
            return self.phrase_before(sentence, before - 1) if relative else None  # "unions that endorsed him said"
        barred = words[0] in self.not_first or words[-1] in self.not_last or words[-1].endswith("'s")
        return None if barred else phrase  # "not yet", "the bank's", "the best use a"

    def _opens_as_verb(self, words: Sequence[str]) -> bool:
        """Return whether the phrase is the rest of a clause: "endorsed him", "followed up with an attack"."""
        people = any(word in self.speaking or word.removesuffix("s") in self.people for word in words)
        if not words[0].endswith(("ed", "ing")) or len(words) == 1:
            perfect = words[0] in self._words["perfect-participle"]  # "denied having said"
            return words[0].endswith("ing") and not people and not perfect
        following = words[1]
        opens = following in self.prepositions or following in self.determiners or following in self.adverbs
        return opens or following in self._words["object-pronoun"] or not people

    def _phrase_or_aside(self, sentence: Sentence, last: int) -> tuple[int, int] | None:
        if last < 0:
            return None
        word = sentence.low[last]
        if word in self.pronouns or self.is_contraction(word):
            return last, last + 1
        if word in self.that and sentence.named[last - 1] is None and sentence.low[last - 1] not in self.speaking:
            return None
        if word.partition("'")[0] in self.relatives or word in self.that:
            before = last - 1
            if before >= 0 and sentence.low[before] in {",", "-"}:
                before -= 1
            return self.phrase_before(sentence, before)
        if word in {",", "-", ")"}:
            return self._before_aside(sentence, last)
        noun = self._relative_noun(sentence, last)
        if noun is not None:
            return self.phrase_before(sentence, noun)
        phrase = self.phrase_before(sentence, last)
        if phrase is not None and sentence.low[phrase[0]] in self.articles and sentence.low[phrase[0] - 1] == ",":
            named = self._opening_name(sentence, phrase[0])
            is_apposed = named is not None and named[1] == phrase[0] - 1
            if named is not None and is_apposed and not self.people.isdisjoint(sentence.low[slice(*phrase)]):
                return named[0], last + 1  # "Ann Cole, the president of the club said"
        return phrase

    def _relative_noun(self, sentence: Sentence, last: int) -> int | None:
        """Return the noun of the relative clause that ends with token `last`; None without one."""
        for at in range(last - 1, max(0, last - 10), -1):
            if self._opens_relative(sentence, at):
                return at - 1  # "the pilots who met Lind said"
            if sentence.low[at] in {",", ";", ":", "-", QUOTED}:
                break
        word = sentence.low[last]
        verb = word.endswith("ed") or (word in self.finite and word not in self.auxiliaries)
        relative = verb and last > 1 and sentence.low[last - 1] in self.pronouns
        return last - 2 if relative and sentence.named[last] is None else None  # "of the people we surveyed"

    def _opens_relative(self, sentence: Sentence, at: int) -> bool:
        """Return whether "who" or "that" belongs to the noun before it: "the pilots who", "a study that appeared"."""
        low = sentence.low
        if low[at] in self._words["personal-relative"]:
            return low[at - 1] not in {",", "-"}
        verbal = low[at + 1] in self.finite or (low[at + 1].endswith("ed") and sentence.named[at + 1] is None)
        noun = low[at - 1][-1].isalnum() and low[at - 1] not in self.pack.cues and low[at - 1] not in self._no_noun
        return low[at] in self.that and verbal and noun

    def _opening_name(self, sentence: Sentence, stop: int) -> tuple[int, int] | None:
        """Return the range of the person whose name and a comma open the sentence; None if a main verb follows."""
        low, named = sentence.low, sentence.named
        first = 0
        while first < stop and low[first] in {QUOTED, ","}:
            first += 1
        at = first
        while at < min(stop, first + 4) and named[at] is None and sentence.raw[at][0].isupper():
            at += 1
        mention = named[at] if at < stop else None
        if mention is None or mention.kind != "person" or (at and low[at - 1] in self._openers):
            return None
        end = next((k for k in range(at, stop + 1) if named[k] is not mention), stop)
        if low[end] != "," or end == stop:
            return None
        for k in range(end, stop):
            if low[k] == "," and (
                low[k + 1] in self.finite or low[k + 1] in self.pack.cues or low[k + 1] in self.pronouns
            ):
                return None  # "Cole, a lawyer, met Malt, and he, ..."
        return first, end

    def _before_aside(self, sentence: Sentence, closing: int) -> tuple[int, int] | None:
        opener = {",": ",", "-": "-", ")": "("}[sentence.low[closing]]
        low = sentence.low
        if opener == "," and closing < 45 and (name := self._opening_name(sentence, closing)) is not None:
            return name  # "Ann Cole, Minister of Fisheries, Forests and Ports, said"
        for at in range(closing - 1, max(0, closing - 45), -1):
            if low[at] != opener:
                continue
            before = at - 1
            if self._is_tag(sentence, before):
                continue  # "Ada Holm, D-Calif., the chair, said", "of Bangor, Maine, a farmer, said"
            if low[before] == ")" and (bracket := self._short_bracket(sentence, before)):
                before = bracket - 1
            if self._only_people(sentence, at + 1, closing):
                return at + 1, closing  # "a lawyer for the group, Vera Lind, said"
            if at + 2 == closing and (low[at + 1] in self.openings or self.is_adverb(low[at + 1])):
                return self._phrase_or_aside(sentence, before)  # "growers, however, said"
            phrase = self.phrase_before(sentence, before)
            if phrase is not None and phrase[0] <= 1 and opener == ",":
                return phrase  # whatever opens the sentence: "The fund, at a meeting, said"
            if low[before] in self.pronouns:
                return before, before + 1
            if opener == "(" or self._may_speak(sentence, before, is_near=at <= 6):
                return phrase
        return None

    def _may_speak(self, sentence: Sentence, at: int, *, is_near: bool) -> bool:
        """Return whether the token before an aside is a speaker, or a capital near the start of the sentence."""
        named = sentence.named[at]
        if (named is not None and named.kind in SPEAKING_KINDS) or sentence.low[at] in self.speaking:
            return True
        return is_near and sentence.raw[at][0].isupper()

    def _is_tag(self, sentence: Sentence, last: int) -> bool:
        """Return whether the token between commas is a party and state, or the state of a town."""
        first, mention = last, sentence.named[last]
        while first and mention is not None and sentence.named[first - 1] is mention:
            first -= 1
        place = mention is not None and mention.kind == "place"
        return first > 0 and sentence.low[first - 1] == "," and (place or bool(_PARTY.fullmatch(sentence.raw[last])))

    def _only_people(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether the tokens are names of persons and nothing else but "and"."""
        named = False
        for at in range(first, last):
            mention = sentence.named[at]
            if mention is not None and mention.kind in _PERSON_KINDS:
                named = True
            elif sentence.low[at] not in self.conjunctions and sentence.low[at] not in self._titles:
                return False
        return named

    def phrase_before(self, sentence: Sentence, last: int) -> tuple[int, int] | None:
        """Return the token range of the noun phrase that ends with token `last`, or None."""
        low, named, cues = sentence.low, sentence.named, self.pack.cues
        first = last + 1
        at = last
        floor = max(-1, last - _SUBJECT_REACH)
        while at > floor:
            word = low[at]
            mention = named[at]
            if mention is not None:
                first = at
                at -= 1
                continue
            if word == ")" and (opening := self._short_bracket(sentence, at)):
                at = opening - 1  # "the Harbor Union (HU) chairman"
                continue
            if word in self._edges or word in self.pronouns:
                break
            if word in self.conjunctions:
                if not self._joins(sentence, at, first):
                    break
                first = at
                at -= 1
                continue
            if word in self.determiners:
                at = first = self._with_predeterminer(sentence, at, last)
                if low[at - 1] not in self.prepositions:
                    break
                at -= 1
                continue
            if (self.is_adverb(word) and not sentence.raw[at][0].isupper()) or (
                word in cues and at < last and not self._is_noun(sentence, at)
            ):
                break
            first = at
            at -= 1
        while first <= last and named[first] is None and low[first] in self._openers:
            first = self._after_opening(sentence, first, last)
        return (first, last + 1) if first <= last else None

    def _with_predeterminer(self, sentence: Sentence, at: int, last: int) -> int:
        """Return where the determiner at `at` begins with the word that leads to it: "all the", "the eight"."""
        low = sentence.low
        many = low[last].endswith("s") or low[at] in self._words["these"]
        leads = at > 0 and (
            (many and low[at - 1] in self._words["predeterminer"]) or low[at - 1] in self._words["definite"]
        )
        return at - leads

    def _short_bracket(self, sentence: Sentence, closing: int) -> int:
        """Return the opening bracket of a short form like "(HU)" behind a name, or 0."""
        return next((at for at in range(closing - 1, max(0, closing - 4), -1) if sentence.low[at] == "("), 0)

    def _is_noun(self, sentence: Sentence, at: int) -> bool:
        """Return whether a form of a verb belongs to a noun: "the alleged victim", "State staff"."""
        low = sentence.low
        if at and sentence.raw[at][0].isupper() and not sentence.is_title():
            return True
        if not low[at].endswith("ed"):
            return False
        return at == 0 or low[at - 1] in self.determiners or low[at - 1] in {",", QUOTED, "-"}

    def _after_opening(self, sentence: Sentence, first: int, last: int) -> int:
        """Return the place past a phrase like "In a statement" that opens the range: its last name or one token on."""
        mention = sentence.named[last]
        if mention is None:
            return first + 1
        at = last
        while at > first and sentence.named[at - 1] is mention:
            at -= 1
        return max(at, first + 1)

    def _joins(self, sentence: Sentence, at: int, first: int) -> bool:
        """Return whether the conjunction at `at` joins two noun phrases: names, or plain plurals."""
        if at == 0 or first >= len(sentence):
            return False
        left, right = sentence.named[at - 1], sentence.named[first]
        if left is not None and right is not None:
            return left.kind in SPEAKING_KINDS or left.kind == right.kind
        if sentence.raw[at - 1][0].isupper() and sentence.raw[first][0].isupper() and at > 1:
            return True  # "Gulf and Western"
        speakers = sentence.low[at - 1] in self.speaking and sentence.low[at - 1].endswith("s")
        return right is None and left is None and (speakers or self._lists_people(sentence, at))

    def _lists_people(self, sentence: Sentence, at: int) -> bool:
        """Return whether plain words between a comma and "and" go on with it: ", port and union officials said"."""
        low = sentence.low
        for before in range(at - 1, max(0, at - 5), -1):
            if low[before] == ",":
                return before < at - 1
            plain = low[before].isalpha() and sentence.named[before] is None
            if not plain or low[before] in self._edges or low[before] in self.prepositions:
                return False
        return False

    def phrase_after(self, sentence: Sentence, first: int) -> int | None:
        """Return the end of the noun phrase that starts at token `first`, or None."""
        low, named = sentence.low, sentence.named
        size = len(sentence)
        if first >= size or low[first] in self.conjunctions:
            return None
        if low[first] in self.pronouns:
            return first + 1
        if not self._starts_phrase(sentence, first):
            return None
        at = first
        while at < size and at < first + _SUBJECT_REACH:
            word = low[at]
            if named[at] is not None:
                at += 1
                continue
            if word in self._edges or (self.is_adverb(word) and at > first):
                break
            if word in self.prepositions and word not in self._words["phrase-preposition"]:
                break
            at += 1
        return at if at > first else None

    def _starts_phrase(self, sentence: Sentence, first: int) -> bool:
        """Return whether a noun phrase may begin with token `first`, perhaps with a bare trade before a name."""
        low, named = sentence.low, sentence.named
        if (
            named[first] is not None
            or low[first] in self.determiners
            or low[first] in self.speaking
            or sentence.raw[first][0].isupper()
            or low[first] in self._words["standing"]
        ):
            return True
        # "said oil and gas worker Mike Wipf"
        ahead = next((k for k in range(first, min(len(sentence), first + 6)) if named[k] is not None), first)
        return ahead > first and not any(
            low[k] in self._edges or low[k] in self.prepositions for k in range(first, ahead)
        )

    def name_after(self, sentence: Sentence, comma: int) -> int | None:
        """Return the end of a person's name right after the comma at `comma`: "said its chairman, Igor Malt"."""
        low = sentence.low
        if comma + 1 >= len(low) or low[comma] != ",":
            return None
        mention = sentence.named[comma + 1]
        if mention is None or mention.kind not in _PERSON_KINDS:
            return None
        end = comma + 1
        while end < len(low) and sentence.named[end] is mention:
            end += 1
        return end if end == len(low) or low[end] in self.breaks or low[end] == QUOTED else None

    def states(self, sentence: Sentence, first: int, last: int, *, verb: bool = True) -> bool:
        """Return whether the tokens can be an indirect statement: no bare opening phrase, and a main `verb`."""
        low = sentence.low
        if any(low[k] == QUOTED and k >= last - 1 for k in range(first, last)):
            return not (low[first] in self.prepositions and not self.has_verb(sentence, first, last))
        if last - first < 2:
            return False
        begin = self._past_opening_phrases(sentence, first, last)
        if begin is None:
            return False
        first = begin
        relative = next((k for k in range(first, last) if low[k] in self.relatives and k and low[k - 1] == ","), last)
        if not verb or self.has_verb(sentence, first, relative):
            return True
        behind = next((k for k in range(relative + 2, last) if low[k] == ","), last)  # "Rain, which was light, is due"
        return behind + 1 < last and self.has_verb(sentence, behind + 1, last)

    def _past_opening_phrases(self, sentence: Sentence, first: int, last: int) -> int | None:
        """Return where the tokens go on behind their opening phrases; None if they are nothing else."""
        low = sentence.low
        if low[first] in self.conjunctions and first + 1 < last:
            first += 1
        while True:
            first += first + 1 < last and low[first] in self._words["even"]
            participle = self.is_adverb(low[first]) and first + 1 < last and low[first + 1].endswith("ed")
            if not participle and low[first] not in self._phrase_starts:
                return first
            comma = next((k for k in range(first, last) if low[k] == ","), last)
            if self._opens_with_clause(sentence, first, comma):
                return first
            if comma + 1 >= last:
                return None
            first = comma + 1

    def _opens_with_clause(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether a word that may open a phrase opens the clause: "On Monday the ship sank"."""
        low = sentence.low
        if low[first] in self.subordinators or (low[first] in self.openings and low[first].endswith(("ed", "en"))):
            return False  # "Asked if it was closed, ..."
        phrase = low[first] in self.prepositions
        verbs = [k for k in range(first + 1 + phrase, last) if low[k] in self.finite]
        known = any(low[k] not in self._words["month"] or sentence.raw[k].islower() for k in verbs)  # not "in May"
        return known or (phrase and self._clause_inside(sentence, first + 1, last))

    def _clause_inside(self, sentence: Sentence, first: int, last: int) -> bool:
        """Return whether a clause follows an opening phrase without a comma: "On Monday the ship sank"."""
        low, named = sentence.low, sentence.named
        for at in range(first + 1, last - 1):
            if low[at - 1] in self._openers or low[at - 1] in self.determiners:
                continue
            if low[at - 1].endswith(("'s", "s'", "ed", "ing")) or low[at - 1] in self._edges:
                continue
            mention = named[at]
            starts = low[at] in self.determiners and low[at + 1] not in self._words["time"]  # not "this month"
            if (
                starts
                or low[at] in self.pronouns
                or (mention is not None and mention.kind == "person" and named[at - 1] is not mention)
            ):
                return True
        return False

    def is_clause(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Return whether a clause with a verb of its own starts at `at`: "the quay is closed"."""
        low = sentence.low
        opens = self.opens_clause(sentence, at)
        if not opens and not self._may_be_bare_noun(low, at):
            return False
        end = next((k for k in range(at + 1, stop) if low[k] in self._clause_ends), stop)
        if end == at + 1 and end + 2 < stop and low[end] in self.conjunctions:  # "gulls and terns have eaten"
            end = next((k for k in range(end + 1, stop) if low[k] in self._clause_ends), stop)
        if low[at] in self._words["nominative"] and end - at > 1 and low[at + 1].isalpha():
            return True
        if not opens:  # "added night sessions would not help"
            return any(low[k] in self.auxiliaries for k in range(at + 1, end))
        if end - at > 2 and low[at + 1] == QUOTED and low[at] in self.determiners:
            at += 2  # "his 'hold' rating": the quotation goes with the noun behind it
        return self.has_verb(sentence, at, end)

    def _may_be_bare_noun(self, low: Sequence[str], at: int) -> bool:
        """Return whether a noun without a determiner may stand at `at`, behind what is surely a verb."""
        word = low[at]
        if not word.isalpha() or word.endswith("ed") or word in self._no_noun or self.is_adverb(word):
            return False
        return (
            word not in self.pack.cues and at > 0 and low[at - 1].endswith(("ed", "ing"))
        )  # not "farm state lawmakers"

    def opens_clause(self, sentence: Sentence, at: int) -> bool:
        low = sentence.low
        return (
            low[at] in self.pronouns
            or self.is_contraction(low[at])
            or low[at] in self.determiners
            or sentence.named[at] is not None
            or low[at] in self._words["clause-start"]
            or sentence.raw[at][0].isupper()
        )

    def has_verb(self, sentence: Sentence, at: int, stop: int) -> bool:
        """Return whether a token of the range can be a finite verb, or is a quotation, which holds its own."""
        low, finite = sentence.low, self.finite
        return any(
            low[k] in finite
            or low[k] == QUOTED
            or (
                k > at
                and (
                    low[k].endswith(("'re", "'ll", "'d", "n't"))
                    or (low[k].endswith("ed") and sentence.named[k] is None and low[k - 1] not in self.prepositions)
                )
            )
            for k in range(at, stop)
        )

    def clause_end(self, sentence: Sentence, at: int, stop: int) -> int:
        """Return where the clause from `at` ends: at the comma and conjunction before another verb, or `stop`."""
        low = sentence.low
        joints = (k for k in range(at, stop - 2) if low[k] == "," and low[k + 1] in self.conjunctions)
        return next((k for k in joints if low[k + 2] in self.finite or low[k + 2].endswith("ed")), stop)
