"""Find people without a name whom the pronouns behind them may mean: "A dealer had listened to Malt. He said"."""

import re
from collections.abc import Callable, Sequence

from searchkit.statements.names.namesakes import gender_of_role
from searchkit.statements.speakers.participants import Participants
from searchkit.statements.speakers.subjects import PLAIN_WORD
from searchkit.statements.text import Span, fold

# A noun phrase that opens a sentence. The engine skips to the first character of the pattern; what stands before is
# looked up behind it.
NOUN_SUBJECT = re.compile(
    r"([THIAO](?:(?<=\A.)|(?<=\w[.!?] .)|(?<=[.!?]['\"”’] .)|(?<=\n.))"
    r"(?:(?<=T)(?:he|heir)|(?<=H)(?:is|er)|(?<=I)ts|(?<=A)(?:n(?:other)?)?|(?<=O)ne(?: of the)?))"
    r" ((?:[\w'’\-]{1,20} ){0,3}[\w\-]{1,20})"
)
# The same in German: "Eine Landwirtin aus Ostrin lacht nur".
_GERMAN_SUBJECT = re.compile(
    r"(?:(?<=\n)|(?<=[.!?] )|(?<=[.!?][“«‘\"] ))(Eine?|Der|Die) ((?:[\wäöüß\-]{1,40} ){0,2}[\wäöüß\-]{1,40})"
)
# The same behind an opening phrase or the name of an owner: "At the gates, a miner", "Malt's driver".
_LATER_SUBJECT = re.compile(
    r"([,'’](?:(?<=,) (?:an?|another|one|the|his|her|their)|(?<=\w['’])s?)) ((?:[\w'’\-]{1,20} ){0,3}[\w\-]{1,20})"
)
# The same behind another subject, but not what somebody is: "as a clerk".
_NOUN_INSIDE = re.compile(
    r"(?<!\bas )(?<!\bis )\b(an?|their|another|one(?: of the)?|(?<=by )the) ((?:[\w'’\-]{1,20} ){0,3}[\w\-]{1,20})"
)
SENTENCE_END = re.compile(r"\w{3}[.!?][\"'”’]?\s|\n")
# How far back, in characters, a person without a name may have changed whom pronouns mean.
INTRODUCED_REACH = 400
# Stands for the noun that "another" or "the other" leaves out.
ONE = "one"
# The longest name of an owner, in words.
_OWNER_WORDS = 3


class UnnamedPeople:
    """The people without a name in one text, as far as a pronoun may mean them."""

    def __init__(self, participants: Participants, is_said: Callable[[Span], bool]) -> None:
        """`is_said` returns whether a span starts inside the words of a statement."""
        self._text = participants.article.text
        self._participants = participants
        self._pack = participants.pack
        self._words = participants.pack.words
        self._is_said = is_said

    def subject(self, since: int, position: int, gender: str = "") -> tuple[Span, str] | None:
        """Return the last noun phrase for a person of `gender` that is the subject of a sentence in this part.

        The phrase has up to four words; the second value is its noun, ONE if it needs none.
        """
        english = bool(self._words["indefinite"])
        if not english and not self._words["capitals"]:
            return None  # the patterns are English and German
        opening = (NOUN_SUBJECT if english else _GERMAN_SUBJECT).finditer(self._text, since, position)
        found = [(Span(match.start(1), match.end(2)), self._noun(match, gender)) for match in opening]
        for match in _LATER_SUBJECT.finditer(self._text, since, position) if english else ():
            at = match.start(1)
            if self._is_opening(at):
                start = at + len(", ") if self._text[at] == "," else self.sentence_start(at)
                found.append((Span(start, match.end(2)), self._noun(match, gender)))
        return max((each for each in found if each[1]), default=None)

    def is_inside(self, since: int, position: int, gender: str = "") -> bool:
        """Return whether a sentence that starts in this part has such a person behind another subject."""
        if not self._words["indefinite"]:
            return False
        for match in _NOUN_INSIDE.finditer(self._text, since, position):
            noun = self._noun(match, gender)
            if not noun or noun == ONE or not self._is_head(match, noun):
                continue  # "no one", "a pilot project"
            named = next(self._participants.back_from(match.start()), None)
            is_apposed = named is not None and self._text[named.span.end : match.start()] == ", "  # "Malt, a clerk"
            start = self.sentence_start(match.start())
            if start >= since and not is_apposed and not self.opens_with_pronoun(start):
                return True
        return False

    def _is_head(self, match: re.Match[str], noun: str) -> bool:
        """Return whether the noun of a phrase does not describe a thing behind it: "a dealer sold", "a guest house"."""
        words = [fold(word) for word in match[2].split()]
        behind = words[words.index(noun) + 1 :] if noun in words else []
        things = self._words["described-thing | occasion"] | self._pack.roles["document"]
        return not behind or (behind[0] not in things and behind[0] not in self._pack.bodies)

    def sentence_start(self, position: int) -> int:
        """Return where the sentence of `position` begins."""
        start = max(0, position - INTRODUCED_REACH)
        return max((found.end() for found in SENTENCE_END.finditer(self._text, start, position)), default=start)

    def opens_with_pronoun(self, start: int) -> bool:
        """Return whether the sentence that starts here opens with "he" or "she"."""
        first = PLAIN_WORD.match(self._text, start)
        return first is not None and fold(first[0]) in self._words["singular-pronoun"]

    def _is_opening(self, position: int) -> bool:
        """Return whether an opening phrase ends here ("Across the road"), or the name of an owner ("Malt's")."""
        opening = self._text[self.sentence_start(position) : position]
        words = opening.split()
        if not words or "," in opening or fold(words[0]) in self._words["determiner"]:
            return False
        if self._text[position] != ",":
            return len(words) <= _OWNER_WORDS and all(word[0].isupper() for word in words)
        named = next(self._participants.back_from(position), None)
        is_apposed = named is not None and named.span.end == position  # "In Ostrava Malt, a clerk"
        return not is_apposed and any(fold(words[0]) in self._words[kind] for kind in ("preposition", "opener"))

    def _noun(self, match: re.Match[str], gender: str) -> str:
        """Return the noun of a phrase if it may be a person of `gender`; empty if not, or if a statement has it."""
        noun = self._person_noun(fold(match[1]), [fold(word) for word in match[2].split()])
        if not noun or self._is_said(Span(match.start(1), match.end(2))):
            return ""
        return noun if not gender or gender_of_role(noun, self._pack) in {"", gender} else ""

    def _person_noun(self, first: str, words: Sequence[str]) -> str:
        if first.endswith(" of the"):
            noun = words[0].removesuffix("s")  # "One of the villagers"
            return noun if self._is_person(noun) else ""
        at = 0 if first in {"one", "another"} else 1
        is_elliptic = at < len(words) and (at == 0 or words[0] in self._words["elliptic"])
        if is_elliptic and (self._is_verb(words, at) or (at and words[at] == "of")):
            return ONE  # "Another said", "The other pointed at it", "The oldest of the three"
        return self._role_before_verb(words)

    def _is_verb(self, words: Sequence[str], at: int) -> bool:
        """Return whether the word at `at` is a verb; a form in "-ed" only if it ends a noun phrase: not "hundred"."""
        word, behind = words[at], words[at + 1 : at + 2]
        if word in self._pack.cues or word in self._words["finite"]:
            return True
        return word.endswith("ed") and bool(behind) and self._ends_phrase(behind[0])

    def _role_before_verb(self, words: Sequence[str]) -> str:
        """Return the role word among `words`, before anything that cannot be in its noun phrase; empty for none."""
        for word, following in zip(words, (*words[1:], ""), strict=True):
            may_be_adjective = following and word in self._words["role-adjective"]
            if self._is_person(word) and (not may_be_adjective or self._ends_phrase(following)):
                return word
            if self._ends_phrase(word) and not word.endswith("ed"):  # "a retired baker"
                break
        return ""

    def _is_person(self, word: str) -> bool:
        aged = word.endswith(tuple(self._words["age-ending"]))
        return aged or self._participants.is_role(word) or word in self._pack.roles["person"]

    def _ends_phrase(self, word: str) -> bool:
        """Return whether `word` cannot be in a noun phrase without a name."""
        classes = ("preposition", "determiner", "relative")
        return self._participants.may_be_verb(word) or any(word in self._words[kind] for kind in classes)
