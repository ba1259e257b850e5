"""Find the attributions of a sentence: verbs of speech with their subject, nouns with their owner, sources."""

import re
from collections.abc import Iterator

from msgspec import Struct

from searchkit.statements.packs import Cue
from searchkit.statements.reader.constituents import Line
from searchkit.statements.reader.lexicon import Lexicon
from searchkit.statements.reader.subjects import Subject, Subjects
from searchkit.statements.rules import Verdicts, judge


class Frame(Struct, eq=False):
    """An attribution: the constituent `at` that reports, its cue and subject, and the `end` of the attribution.

    `kind` is verb, participle, noun, answer or source. `negated`: the subject did not say it, or refused to.
    """

    at: int
    cue: Cue
    subject: Subject
    end: int
    kind: str = "verb"
    negated: bool = False

    @property
    def start(self) -> int:
        """The constituent with which the attribution begins."""
        return self.subject.start


# "quoted Lind, a clerk, as saying"
_QUOTES_AS = re.compile(r"[no](?:,[^,]{1,4},)?sr")


class Verdict(Struct, frozen=True):
    """Why a constituent that could report does not."""

    at: int
    reason: str


class Frames:
    """Finds attributions in lines."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.words = lexicon.words
        self.subjects = Subjects(lexicon)
        self.claims = self.words["speech-noun"]
        self._noun_verbs = dict(pair.split("-") for pair in self.words["noun-verb"])
        self._conditions = [phrase.split("-") for phrase in self.words["condition-phrase"]]
        self._negations = self.words["negation"] | self.words["negative-subject"]
        self._moments = self.words["weekday"] | self.words["relative-day"] | self.words["month"]

    def find(self, line: Line, verdicts: list[Verdict] | None = None) -> Iterator[Frame]:
        """Yield the attributions in order; `verdicts` receives what reports nothing, and why."""
        last: Frame | None = None
        for at, part in enumerate(line.parts):
            if part.letter in "Rrf" and part.cue is not None:
                found = self._of_verb(line, at, last)
            elif part.letter == "S":
                found = self._of_source(line, at)
            elif part.letter in "nI" and line.letter(at + 1) in "tF":
                found = self._of_noun(line, at)
            else:
                continue
            if isinstance(found, Frame):
                reason = judge(_UNREPORTED, self, (line, found), None)
                if reason is None:
                    last = found
                    yield found
                    continue
                found = reason
            if found and verdicts is not None:
                verdicts.append(Verdict(at, found))

    # --- verbs ---

    def _of_verb(self, line: Line, at: int, last: Frame | None) -> "Frame | str":
        part = line.parts[at]
        if part.cue is None:
            return ""
        if part.letter == "f":
            found = self.subjects.of_infinitive(line, at)
            if found is None:
                return "an infinitive: intended, not reported"
            return Frame(at, part.cue, found[0], at + 1, negated=found[1])
        return (
            self._of_participle(line, at, part.cue, last)
            if part.letter == "r"
            else self._of_finite(line, at, part.cue, last)
        )

    def _of_participle(self, line: Line, at: int, cue: Cue, last: Frame | None) -> "Frame | str":
        subject = self.subjects.of_participle(line, at)
        if subject is None and last is not None and line.letter(at - 1) in ",c":
            subject = Subject(last.subject.first, last.subject.last, "shared", at)  # "..., said Lind, adding that"
        if subject is None:
            return "no subject"
        if line.first(at - 1) in self.words["negation"]:
            return "negated"
        kind = "participle" if subject.how in {"shared", "opening"} else "verb"
        return Frame(at, cue, subject, at + 1, kind)

    def _of_finite(self, line: Line, at: int, cue: Cue, last: Frame | None) -> "Frame | str":
        part = line.parts[at]
        adverbs = line.words(line.skip_back(at - 1) + 1, at)
        negated = part.negated or not self.words["negation"].isdisjoint(adverbs)  # "never said"
        if part.passive:
            return "passive: the speaker is not named"
        cleft = line.letter(at + 1) == "F" and line.first(at + 1) in self.words["be"]
        if part.modal and not (part.modal in self.words["volition"] and (negated or cleft)):
            return "supposed (could, would, should), not reported"
        if _QUOTES_AS.match(line.letters, at + 1) and line.sentence.low[part.verb] in self.words["handing"]:
            return "quotes the words of another"
        inverted = self._inverted(line, at)
        if inverted is not None:
            return Frame(at, cue, inverted, self.subjects.attribution_end(line, inverted), negated=negated)
        subject = self.subjects.before(line, at)
        if subject is None and line.letter(at - 1) in ",Q" and last is not None:
            subject = Subject(last.subject.first, last.subject.last, "shared", at)  # "who calls it 'old,' said he"
        if subject is None:
            return "no subject"
        contracted, form = line.first(subject.first), line.sentence.low[part.verb]
        if contracted.endswith("'ll") or (contracted.endswith("'d") and form == cue.lemma):
            return "supposed (could, would, should), not reported"
        return Frame(at, cue, subject, at + 1, negated=negated)

    def _inverted(self, line: Line, at: int) -> Subject | None:
        """Return the subject behind a verb that what is said precedes: "..., said Lind"."""
        part, before = line.parts[at], line.letter(at - 1)
        lead = before if before != "-" or line.letter(at - 2) == "Q" else "$"
        if lead not in "^,Q-" or part.last - part.first > 1 + bool(part.cue and part.cue.particle):
            return None
        if self._is_never_inverted(line, at):
            return None
        subject = self.subjects.behind(line, at)
        if subject is None or lead == "Q":
            return subject
        follows = line.letter(self.subjects.attribution_end(line, subject))
        if lead == "^":
            return subject if follows in ":," else None
        stated = line.has_verb(0, at - 1) or "Q" in line.letters[: at - 1]
        opens = (
            re.fullmatch(r"[caDIi]*n?[aDI]*", line.letters[: at - 1]) is not None
        )  # "Hours later, says Lind, it rang"
        between = follows == "," and (
            opens or line.letter(subject.last + 1) in "RFxe"
        )  # "The pumps, says Lind, can run"
        if not (stated or between) or (stated and self._has_aside_before(line, at)):
            return None
        return subject if follows in "$,-:(QIDaws" else None

    def _has_aside_before(self, line: Line, at: int) -> bool:
        """Return whether the comma before the verb closes an aside: "Lind, who left, said Malt was old"."""
        if line.letter(at - 1) != ",":
            return False
        found = self.subjects.before(line, at)
        return found is not None and not line.has_verb(0, found.start) and line.letter(found.last) == ","

    def _is_never_inverted(self, line: Line, at: int) -> bool:
        part = line.parts[at]
        form, following = line.sentence.low[part.verb], line.first(at + 1)
        lemma = part.cue.lemma if part.cue is not None else ""
        if form in self.words["never-inverted"] or lemma in self.words["tell-verb"] or line.letter(at + 1) == "o":
            return True
        if part.cue is not None and part.cue.needs == "about":
            return True
        if following in self._moments and line.letter(at + 1) == "D":
            return True  # "said Monday", but "said June Carter"
        return form == lemma and lemma not in self.words["say-verb"]

    # --- nouns and sources ---

    def _of_noun(self, line: Line, at: int) -> "Frame | str":
        """Return the attribution of "Lind's claim that ..." and "her answer was ...": empty for others."""
        part, low = line.parts[at], line.sentence.low
        noun = low[part.last - 1]
        owner = self.owner(line, at)
        if owner is None:
            return ""
        if line.letter(at + 1) == "t":
            if noun not in self.claims or (line.letter(at - 1) in "RF" and self._takes_back(line, at - 1)):
                return ""
            kind, end, verb = "noun", at + 1, noun.removesuffix("s")
        else:
            copula = line.parts[at + 1]
            equates = (
                copula.last - copula.first == 1
                and low[copula.first] in self.words["be"]
                and line.letter(at + 2) in "Qt"
            )
            if noun not in self.claims | self.words["answer-noun"] or not equates:
                return ""
            kind, end, verb = "answer", at + 2, noun
        cue = Cue(lemma=self._noun_verbs.get(verb, verb), needs="weak")
        return Frame(at, cue, Subject(at, at + 1, "left", at), end, kind)

    def owner(self, line: Line, at: int) -> tuple[int, int] | None:
        """Return the tokens of the owner of the noun of constituent `at`: Lind of "Lind's claim", "his"."""
        part, sentence = line.parts[at], line.sentence
        low = sentence.low
        for k in range(part.last - 2, max(part.first - 1, part.last - 6), -1):
            if low[k] in self.words["possessive"]:
                return k, k + 1
            if low[k].endswith(("'s", "s'")):
                first = next(
                    (j for j in range(k, part.first, -1) if low[j - 1] in self.words["preposition"]), part.first
                )
                return first + (part.letter == "I" and first == part.first), k + 1
        return None

    def _takes_back(self, line: Line, verb: int) -> bool:
        return line.sentence.low[line.parts[verb].verb] in self.words["retracting"]

    def _of_source(self, line: Line, at: int) -> "Frame | str":
        part, low = line.parts[at], line.sentence.low
        words = next(words for words in self.lexicon.sources if low[part.first : part.first + len(words)] == words)
        if part.first + len(words) >= part.last or low[part.last - 1] in self.words["custom"]:
            return ""  # "according to plan"
        return Frame(
            at, Cue(lemma=" ".join(words), needs="strong"), Subject(at, at + 1, "source", at), at + 1, "source"
        )

    def speaker(self, line: Line, frame: Frame) -> tuple[int, int]:
        """Return the tokens of who speaks."""
        first, last = line.range(frame.subject.first, frame.subject.last)
        low = line.sentence.low
        if frame.kind == "source":
            return first + len(frame.cue.lemma.split()), last
        if frame.kind in {"noun", "answer"}:
            return self.owner(line, frame.at) or (first, last)
        if line.letter(frame.at) == "r" and frame.kind == "verb" and low[last - 1] in self.lexicon.papers:
            return self.owner(line, frame.subject.first) or (first, last)  # "shared Lind's post saying"
        if line.letter(frame.subject.first) == "I":
            first += 1
        if line.letter(frame.subject.first) in "np" and last - first > 1 and low[first] in self.words["free-relative"]:
            first += 1
        return first, last

    def passes_on(self, line: Line, frame: Frame) -> bool:
        """Return whether a paper hands on what another said: "..., The Ledger reported, citing two people"."""
        head = line.parts[frame.subject.last - 1].head
        mention, behind = line.sentence.named[head], line.letter(frame.end)
        reports = frame.kind == "verb" and frame.cue.lemma in self.words["passing-on"] and behind in ",$"
        named = line.sentence.raw[head][0].isupper() and (mention is None or mention.kind != "person")
        return reports and named and frame.subject.how == "left"

    # --- what is not reported ---

    def is_denied_subject(self, line: Line, frame: Frame) -> bool:
        """Return whether the subject is negative: "no official", "neither Lind nor Malt", or "no longer says"."""
        if frame.kind == "source":
            return False
        first = line.first(frame.subject.first)
        counted = line.sentence.low[line.parts[frame.subject.first].first + 1 :][:1]
        numbered = bool(counted) and counted[0].isdigit()  # "No. 2 official"
        if first in self.words["negative-subject"] and not numbered:
            return True
        lead = frame.start
        return line.first(lead) in self.words["negative-subject"] and line.letter(lead) in "ac"

    def is_supposed(self, line: Line, frame: Frame) -> bool:
        """Return whether the clause of the report is a condition, a question, or one called false."""
        shared = frame.subject.how == "shared"  # "That Lind knew of it and said nothing shows contempt"
        at = line.skip_back((frame.subject.first if shared else frame.start) - 1)
        if frame.subject.how == "right" or frame.kind == "source" or at < 0:
            return False
        word, letter = line.first(at), line.letters[at]
        if letter in "sq" and word in self.words["condition"]:
            return True
        if frame.subject.how == "relative" and line.letters[:2] in {"wF", "wx", "qF"}:
            return True  # "What is wrong with a note that says 'no'?"
        before = line.sentence.low[max(0, line.parts[at].first - 1) : line.parts[at].last]
        if before in self._conditions or word in self.words["false"]:
            return True
        if letter == "x" or (letter == "F" and at == 0):
            return line.letter(at - 1) in "^c,;:-w" or line.first(at - 1) in self._negations
        return letter == "t" and self._is_doubted(line, at)

    def _is_doubted(self, line: Line, that: int) -> bool:
        """Return whether a clause with "that" is called false, or not called true, before it."""
        if that == 0:
            return True  # "That Lind said it was closed is untrue."
        low, first = line.sentence.low, line.parts[that].first
        lead = low[first - 1]
        if lead in self.words["false"] or lead in self.words["denial"]:
            return True
        near = low[max(0, first - 6) : first - 1]
        return lead in self.words["doubted"] and any(word in self._negations or word.endswith("n't") for word in near)

    def is_unsaid(self, line: Line, frame: Frame) -> bool:
        """Return whether a denial governs the -ing form: "stopped saying", "without saying"."""
        if line.parts[frame.at].letter != "r":
            return False
        at = line.skip_back(frame.at - 1)
        if line.letter(at) in "^,":
            return False
        part, low = line.parts[at], line.sentence.low
        word = low[part.last - 1]
        at -= word in self.words["denial-link"]
        return at >= 0 and low[line.parts[at].last - 1] in self.words["denial"]

    def is_of_reader(self, line: Line, frame: Frame) -> bool:
        """Return whether the reader speaks, or the narrator did not: "you said", "I can't believe"."""
        word = line.first(frame.subject.first)
        narrates = frame.negated and word in self.words["first-person"]
        return frame.kind != "source" and (word in self.words["reader"] or narrates)

    def is_only_heard(self, line: Line, frame: Frame) -> bool:
        """Return whether somebody only hears or reads of it: a court hears witnesses, a letter reads "..."."""
        low, lemma = line.sentence.low, frame.cue.lemma
        head = low[line.parts[frame.subject.last - 1].head]
        if lemma in self.words["hear-verb"]:
            return head not in self.words["hearer"]
        mention = line.sentence.named[line.parts[frame.subject.first].head]
        person = (mention is not None and mention.kind == "person") or head in self.lexicon.people
        pronoun = line.letter(frame.subject.first) == "p" and head not in self.words["neuter"]
        return lemma in self.words["read-verb"] and frame.kind == "verb" and (person or pronoun)

    def is_helped(self, line: Line, frame: Frame) -> bool:
        """Return whether the verb stands in "it is worth noting that", "helps maintain"."""
        part = line.parts[frame.at]
        lead = line.sentence.low[part.verb - 1 : part.verb] if part.verb > 0 else []
        return bool(lead) and lead[0] in self.words["helping"]


_UNREPORTED: Verdicts[Frames, tuple[Line, Frame], str] = (
    ("no official said", lambda f, c: f.is_denied_subject(*c), "negated"),
    ("if Lind said", lambda f, c: f.is_supposed(*c), "a condition, a question or a denial, not a report"),
    ("without saying", lambda f, c: f.is_unsaid(*c), "a condition, a question or a denial, not a report"),
    ("you said", lambda f, c: f.is_of_reader(*c), "said by the reader or the writer"),
    ("read it; heard it", lambda f, c: f.is_only_heard(*c), "heard or read, not said"),
    ("worth noting", lambda f, c: f.is_helped(*c), "not a report of its own"),
)
