"""Cues: verbs of speech in a sentence, each with the noun phrase that is its subject.

takes:    a Sentence
gives:    Candidates, left to right: a cue, its subject and where that stands
does not: look for what is said
traps:    inversion (`..., said X`) counts only where content stands before it; else it is an appositive
"""

from typing import Literal

from msgspec import Struct

from searchkit.extract.packs import Cue
from searchkit.extract.quotes.phrases import SPEAKING_KINDS, Grammar
from searchkit.extract.quotes.reading import QUOTED, Sentence


class Candidate(Struct, frozen=True):
    """A verb that may report: first token and the one after, cue, subject range, and where the subject stands.

    `shared` subjects belong to an earlier verb; `participle` is a bare -ing form; `noun` is one of speech ("claim").
    """

    at: int
    after: int
    cue: Cue
    subject: tuple[int, int]
    side: Literal["left", "right", "shared", "according"]
    participle: bool = False
    noun: bool = False


_BREAKS = frozenset({",", "-", ";", ":"})


class CueFinder:
    """Finds the cues of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._cues = grammar.pack.cues
        words = grammar.pack.words
        self._be = words["be"]
        self._never_nouns = words["never-noun"]
        self._telling = words["telling"]
        self._hearers = words["hearer"]
        self._expletives = words["expletive"]
        self._modals = words["modal"]
        self._never_inverted = words["never-inverted"]
        self._moments = words["weekday"] | words["relative-day"] | words["month"]
        self._helpers = words["helping"]
        self._definite = words["definite"]
        self._binding = grammar.prepositions - {"by", "after", "before"}
        self._say = words["say-adjective"]
        self._addressees = words["reader"]
        self._speaking_infinitives = words["speaking-infinitive"]
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for phrase in words["source-phrase"]:
            self._phrases.setdefault(phrase.partition("-")[0], []).append(tuple(phrase.split("-")))
        self._nouns = words["speech-noun"]
        self._noun_verbs = dict(pair.split("-") for pair in words["noun-verb"])
        self._possessives = words["possessive"]
        phrases = [phrase for group in self._phrases.values() for phrase in group]
        # A sentence without any of these words reports nothing: one test for most sentences.
        self.triggers = self._cues.keys() | self._nouns | {max(phrase, key=len) for phrase in phrases}
        self._any_start = self.triggers | self._phrases.keys()
        self._times = words["time"] | words["weekday"] | words["relative-day"]

    def candidates(self, sentence: Sentence) -> list[Candidate]:
        """Every cue of `sentence` that has a subject, left to right."""
        found: list[Candidate] = []
        low = sentence.low
        for at, word in enumerate(low):
            if word not in self._any_start:
                continue
            if word in self._phrases and (after := self._past_phrase(low, at)):
                end = after
                while end < len(low) and low[end] not in _BREAKS and sentence.quoted[end] < 0:
                    end += 1
                if end > after:
                    cue = Cue(lemma=" ".join(low[at:after]), needs="strong")
                    found.append(Candidate(at, after, cue, (after, end), "according"))
                continue
            if (
                word in self._nouns
                and low[at + 1 : at + 2] == ["that"]
                and (owner := self._owner(sentence, at)) is not None
            ):
                cue = Cue(lemma=self._noun_verbs.get(noun := word.removesuffix("s"), noun), needs="weak")
                found.append(Candidate(at, at + 1, cue, owner, "left", noun=True))
                continue
            known = self._cues.get(word)
            if known is None or sentence.quoted[at] >= 0:
                continue
            candidate = self._candidate(sentence, at, known, found[-1] if found else None)
            if candidate is not None:
                found.append(candidate)
        return found

    def _owner(self, sentence: Sentence, at: int) -> tuple[int, int] | None:
        """Whose claim the noun at `at` is: "Lind's repeated claim", "their claim"."""
        low = sentence.low
        for before in range(at - 1, max(-1, at - 4), -1):
            if low[before] in self._possessives:
                return before, before + 1
            if low[before].endswith(("'s", "s'")):
                return self._grammar.phrase_before(sentence, before)
            if (
                low[before] in self._grammar.determiners
                or low[before] in self._grammar.prepositions
                or low[before] == ","
            ):
                return None
        return None

    @staticmethod
    def _past_particle(low: list[str], at: int, cue: Cue) -> int:
        """The token after the words that belong to the verb at `at`; 0 when they do not follow it."""
        if cue.particle == "on" and low[at + 1 : at + 4] == ["on", "to", "say"]:
            return at + 4
        words = cue.particle.split()
        for start in (at + 1, at + 2):
            if low[start : start + len(words)] == words:
                return start + len(words)
            if low[start : start + 1] != ["it"]:  # "made it clear"
                break
        return 0

    def _past_phrase(self, low: list[str], at: int) -> int:
        """The token after the phrase like "according to" that starts at `at`; 0 when none does."""
        for phrase in self._phrases[low[at]]:
            if tuple(low[at : at + len(phrase)]) == phrase:
                return at + len(phrase)
        return 0

    def _candidate(self, sentence: Sentence, at: int, cue: Cue, last: Candidate | None) -> Candidate | None:
        low, grammar = sentence.low, self._grammar
        after = at + 1
        if cue.particle:
            after = self._past_particle(low, at, cue)
            if not after:
                return None
        if sentence.named[at] is not None:
            return None
        if at and sentence.raw[at][0].isupper() and low[at - 1] != QUOTED and not sentence.is_title():
            return None
        if cue.lemma == "go on" and low[after : after + 1] == ["to"]:
            return None  # "went on to win"
        if at and low[at - 1] in self._helpers:
            return None  # "it is worth noting", "this helps explain"
        gerund = low[at].endswith("ing")
        before, helped, negated = at - 1, False, False
        while before >= 0:
            word = low[before]
            if sentence.named[before] is not None or (sentence.raw[before][0].isupper() and before):
                break
            if word in grammar.negations or word.endswith("n't"):
                negated = True
            elif word in self._modals:
                return None
            elif word in grammar.auxiliaries or word in {"'s", "’s"}:
                helped = word not in grammar.pack.words["have"] or helped
            elif not grammar.is_adverb(word):
                break
            before -= 1
        if negated and cue.lemma != "deny":
            return None
        if before >= 0 and low[before] == "to":
            return self._spoken_infinitive(sentence, at, after, cue, before)
        if before >= 0 and grammar.is_contraction(low[before]):
            if low[before].endswith("'ll") or (low[before].endswith("'d") and low[at] == cue.lemma):
                return None  # "I'd write" is a modal, "he'd said" is not
            helped = True
        if low[max(0, at - 2) : at] == ["quoted", "as"]:
            return self._quoted_as(sentence, at, after)
        if helped and not gerund and any(word in self._be for word in low[before + 1 : at]):
            return None  # passive: "was told"
        participle = gerund and not helped
        if participle:
            if before == at - 1 and low[before] in self._definite:
                return None  # "lowered its warning to orange"
            bound = before >= 0 and low[before] in self._binding
            if bound and not (cue.needs == "strong" and after < len(low) and low[after] in grammar.that):
                return None
            return self._shared(sentence, at, after, cue, last, participle=True)
        if before >= 0 and low[before] in grammar.conjunctions:
            if low[at] == cue.lemma and cue.lemma != "read" and (last is None or low[last.at] != last.cue.lemma):
                return None
            return self._shared(sentence, at, after, cue, last)
        inverted = self._inverted(sentence, at, after, before)
        if inverted is not None:
            return Candidate(at, after, cue, inverted, "right")
        if before < 0:
            return None
        if not helped and self._is_noun(sentence, at, before):
            return None
        if low[before].isdigit() and before and low[before - 1] == ",":
            return None  # "585,000 estimated"
        subject = grammar.subject_before(sentence, before)
        if subject is not None and low[subject[0]].startswith("you") and low[subject[0]] in self._addressees:
            return None  # the reader is no speaker
        if subject is not None and cue.lemma == "hear" and low[subject[1] - 1] not in self._hearers:
            return None  # a court hears witnesses; others only hear of things
        if subject is not None and cue.lemma == "read" and self._is_person(sentence, subject):
            return None  # a letter reads "...", a person only reads it
        if subject is None:
            if low[before] in {",", QUOTED} and last is not None:
                return Candidate(at, after, cue, last.subject, "shared")
            return None
        return Candidate(at, after, cue, subject, "left")

    def _shared(
        self,
        sentence: Sentence,
        at: int,
        after: int,
        cue: Cue,
        last: Candidate | None,
        *,
        participle: bool = False,
    ) -> Candidate | None:
        if cue.lemma == "tell" and not participle and self._opens_content(sentence, after):
            return None  # "was arrested and told he ...": without an addressee it is passive
        subject = self._main_subject(sentence, at, last)
        return None if subject is None else Candidate(at, after, cue, subject, "shared", participle)

    def _spoken_infinitive(self, sentence: Sentence, at: int, after: int, cue: Cue, mark: int) -> Candidate | None:
        """The candidate of "took to the radio to say", "continues to insist": the first verb tells that it is said."""
        low = sentence.low
        for verb in range(mark - 1, max(0, mark - 6), -1):
            if low[verb] in self._speaking_infinitives:
                before = verb - 1
                while before > 0 and (low[before] in self._grammar.auxiliaries or self._grammar.is_adverb(low[before])):
                    if low[before] in self._modals:
                        return None
                    before -= 1
                if low[before] in self._grammar.negations or low[before].endswith("n't"):
                    return None
                subject = self._grammar.subject_before(sentence, before)
                return None if subject is None else Candidate(at, after, cue, subject, "left")
            if (
                low[verb] in {",", ";", "-"}
                or low[verb] in self._grammar.finite
                or low[verb] in self._grammar.conjunctions
            ):
                return None
        return None

    def _is_person(self, sentence: Sentence, subject: tuple[int, int]) -> bool:
        low = sentence.low[subject[1] - 1]
        mention = sentence.named[subject[1] - 1]
        person = mention is not None and mention.kind == "person"
        return person or low in self._grammar.people or (low in self._grammar.pronouns and low != "it")

    def _opens_content(self, sentence: Sentence, at: int) -> bool:
        if at >= len(sentence):
            return False
        word = sentence.low[at]
        return word in self._grammar.that or (word in self._grammar.pronouns and word not in {"you", "it"})

    def _quoted_as(self, sentence: Sentence, at: int, after: int) -> Candidate | None:
        """The candidate of "was quoted as saying", whose subject stands before "was"."""
        before = at - 3
        while before >= 0 and (
            sentence.low[before] in self._grammar.auxiliaries or self._grammar.is_adverb(sentence.low[before])
        ):
            before -= 1
        subject = self._grammar.subject_before(sentence, before)
        return None if subject is None else Candidate(at, after, self._cues["said"], subject, "left")

    def _is_noun(self, sentence: Sentence, at: int, before: int) -> bool:
        """Whether the word is a noun here: after a determiner, a preposition or a possessive."""
        low = sentence.low
        word = low[before]
        if word in self._grammar.pronouns and word != "her":
            return False
        if low[at] in self._never_nouns:
            return False
        determined = word in self._grammar.determiners or word in self._grammar.prepositions
        if low[at] in self._telling and low[at + 1 : at + 2] == ["that"] and not determined:
            return False  # "the treaty states that"
        if low[at] == "say":  # "a say", "the final say"
            return word in self._grammar.determiners or (
                at > 1 and low[at - 2] in self._grammar.determiners and word in self._say
            )
        acts = low[at].endswith("s") and not determined and word.isalpha() and not word.endswith("s")
        if acts and at + 1 < len(low) and low[at + 1] in self._grammar.articles:
            return False  # "the brochure calls the ferry ..."
        plurals, cue = self._grammar.pack.roles["plural"], self._cues[low[at]]
        if word in plurals and low[at] == cue.lemma:
            return False
        if determined or word.endswith(("'s", "s'", "’s")):
            return True
        if (
            low[at] == "read"
            or word in self._grammar.relatives
            or word in self._grammar.that
            or word in {",", "-", ")"}
        ):
            return False
        mention = sentence.named[before]
        if low[at] == cue.lemma.partition(" ")[0]:  # the base form wants a plural subject
            phrase = self._grammar.phrase_before(sentence, before)
            inside = range(phrase[0], before) if phrase is not None else range(0)
            joined = any(
                low[k] == "and" or low[k] in plurals or (low[k].endswith("s") and sentence.named[k] is None)
                for k in inside
            )
            return not (word.endswith("s") or word in plurals or joined) or (
                mention is not None and mention.kind == "person" and not joined
            )
        # "claims", "reports": a noun unless a name leads.
        return low[at].endswith("s") and mention is None and word not in self._grammar.speaking

    def _inverted(self, sentence: Sentence, at: int, after: int, before: int) -> tuple[int, int] | None:
        low, grammar = sentence.low, self._grammar
        if before != at - 1 or (sentence.raw[at][0].isupper() and at):
            return None
        lemma = self._cues[low[at]].lemma
        if low[at] in self._never_inverted or any(word in self._moments for word in low[after : after + 1]):
            return None
        if lemma == "tell" or (low[at] == lemma and lemma != "say"):
            return None
        if before >= 0 and low[before] not in {",", QUOTED, "-"}:
            return None
        end = grammar.phrase_after(sentence, after)
        if end is None or low[after] in self._expletives:
            return None
        name_end = self._name_after(sentence, end)
        if self._interrupts(sentence, before, after, end):
            return after, end
        if before >= 0 and low[before] == QUOTED:
            return (end + 1, name_end) if name_end else (after, end)
        if before < 0 and (end >= len(low) or low[end] not in {":", ","}):
            return None
        if (
            before > 0
            and not (grammar.states(sentence, 0, before) and grammar.has_verb(sentence, 0, before))
            and grammar.subject_before(sentence, before) is not None
        ):
            return None  # "Vera Lind, head of the office, said the plan ..."
        stop = low[end] if end < len(low) else ""
        if stop in {"", ",", "-", ":", "who", QUOTED, "("} or stop in grammar.prepositions or stop in self._times:
            return (end + 1, name_end) if name_end else (after, end)
        return None

    def _interrupts(self, sentence: Sentence, before: int, first: int, end: int) -> bool:
        """Whether a person between commas, a finite verb behind, says both sides: "The apps, says Lind, can help"."""
        low = sentence.low
        mention = sentence.named[first]
        person = mention is not None and mention.kind == "person" and sentence.named[end - 1] is mention
        return (
            person
            and before > 0
            and low[before] == ","
            and end + 1 < len(low)
            and (low[end] == "," and low[end + 1] in self._grammar.finite)
        )

    def _name_after(self, sentence: Sentence, comma: int) -> int | None:
        """The end of a person's name right after the comma at `comma`: "said its chairman, Igor Malt"."""
        low = sentence.low
        if comma + 1 >= len(low) or low[comma] != ",":
            return None
        mention = sentence.named[comma + 1]
        if mention is None or mention.kind != "person":
            return None
        end = comma + 1
        while end < len(low) and sentence.named[end] is mention:
            end += 1
        return end if end == len(low) or low[end] in _BREAKS or low[end] == QUOTED else None

    def _person_ahead(self, sentence: Sentence, token: int, limit: int) -> int:
        """The end of the name at `token`, or of the person's name that a trade between them leads to."""
        end = token + 1
        while end < limit and sentence.named[end] is sentence.named[token]:
            end += 1
        for at in range(end, min(limit, end + 5)):
            mention = sentence.named[at]
            if mention is None and sentence.low[at] not in self._grammar.people and at - end > 1:
                break
            if mention is not None and mention.kind == "person":
                if not any(sentence.low[k] in self._grammar.people for k in range(end, at)):
                    break
                return next((k for k in range(at, limit) if sentence.named[k] is not mention), limit)
        return end

    def _main_subject(self, sentence: Sentence, at: int, last: Candidate | None) -> tuple[int, int] | None:
        """The subject of the clause that a participle or a co-ordinated verb belongs to."""
        if last is not None:
            return last.subject
        low, grammar = sentence.low, self._grammar
        at_start = 0
        if low and (low[0] in grammar.prepositions or low[0] in grammar.subordinators) and "," in low[:at]:
            at_start = low.index(",") + 1
        for token in range(at_start, min(at, at_start + 20)):
            mention = sentence.named[token]
            if low[token] in grammar.pronouns:
                return token, token + 1
            if mention is not None and mention.kind in SPEAKING_KINDS:
                return token, self._person_ahead(sentence, token, at)
            if low[token] in grammar.speaking and token + 1 < at:
                return grammar.phrase_before(sentence, token)
            if low[token] in grammar.finite:
                break
        phrase_end = grammar.phrase_after(sentence, at_start)
        return (at_start, phrase_end) if phrase_end is not None and phrase_end <= at else None
