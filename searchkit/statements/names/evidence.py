"""Evidence: what the words next to a name show about its kind.

The evidence at one place may be weaker than at another, so names/links.py keeps the best for each word.
"""

import re
from functools import lru_cache
from itertools import filterfalse

from msgspec import Struct

from searchkit.statements import dateline
from searchkit.statements.document import MentionKind
from searchkit.statements.names.gazetteer import plain_words
from searchkit.statements.names.runs import NameCandidate
from searchkit.statements.rules import NAME_RULES
from searchkit.statements.word_lists import parts, word_sets

# "Oltrane said it had sold": a speaker that is "it" is not a person.
_SPEECH_OF_ITSELF = re.compile(
    r" (?:said|says|announced|reported|added|expects|forecast) (?:(?:on )?\w{3,9}day )?(?:that )?"
    r"(?:its|it (?:would|will|had|has|expects?|expected|plans?|planned|sold|bought|agreed))\b"
    r"|'s? (?:shares|stock|profits?|sales|revenues?|earnings|results|net|products|customers|board of directors)\b"
    r"| (?:shares|stock)\b"
)
_SHARES_BEFORE = re.compile(r"\b(?:[Ss]hares|stake|units?|subsidiary|listed|maker) (?:of|in|by) $")

_AGE_AFTER = re.compile(r", \d{1,2},|, aged? \d{1,2}\b| \(\d{1,2}\)")
_BASED_AFTER = re.compile(r"-(?:based|born|area)\b")

_APPOSED = re.compile(r", ((?:[\w'’-]{1,30} ){0,6}[\w'’-]{1,30})")

# The noun that a name is apposed to: "its chief executive, Vera Lind, left".
_APPOSED_TO = re.compile(r" ([a-z-]{3,20}), $")
_APPOSED_END = frozenset(",.;)")
_WHOLE_WORD = re.compile(r"[\w-]{1,60}")
_LOWER = re.compile(r"[a-z]{3,30}")
_SHOUTED = re.compile(r"\b[A-Z]{2,12} [A-Z]{2,12} $")
_ACRONYM = re.compile(r"[A-Z]{3,6}")
# A code before its figure: "STG 77.19".
_FIGURE = re.compile(r" [(\d]")
_OPENING = "\"“„«'"
_OPENERS = "([{<\"“„«‘'"
_CLOSED = re.compile(r"[,.]?[\"”“»']")
# How far back a preposition or noun before a name can reach.
_REACH = 32


class _Nouns:
    """The words of data/context_nouns.txt, and those of titles.txt as nouns for persons."""

    def __init__(self) -> None:
        words = self.words = word_sets("context_nouns.txt")
        listed: tuple[MentionKind, ...] = ("company", "place", "organisation", "other")
        self.kinds: dict[str, MentionKind] = {}
        for kind in listed:
            for noun in words[kind]:
                self.kinds.setdefault(noun, kind)
        for role in parts("titles.txt")["lower"]:
            self.kinds.setdefault(role.rpartition(" ")[2], "person")
        self.speech_before = re.compile(rf"[,”\"'’] (?:{'|'.join(words['said before'])})\s$")
        said = "|".join(words["said after"])
        self.speech_after = re.compile(rf",? (?:also |has |had |later |then )?(?:{said})\b")


_nouns = lru_cache(maxsize=1)(_Nouns)


class Judgement(Struct, frozen=True):
    """A kind, and the rule that found it."""

    kind: MentionKind
    rule: str

    @property
    def confidence(self) -> float:
        return NAME_RULES[self.rule]


class Evidence:
    def __init__(self, text: str) -> None:
        self._text = text
        self._nouns = _nouns()
        self._ordinary = plain_words()["ordinary"]
        self._written: set[str] | None = None

    def adjacent(self, name: NameCandidate) -> Judgement | None:
        """Return the kind that the words right before or after `name` speak for."""
        last, before = self._words_before(name)
        return self._by_noun(name, before) or self._by_grammar(name, last, before)

    def _by_noun(self, name: NameCandidate, before: str) -> Judgement | None:
        """Return the kind that a noun next to `name` states, or an age: "the carmaker Ostwind", "Vera Lind, 54,"."""
        if _AGE_AFTER.match(self._text, name.end):
            return Judgement("person", "age")
        kind = self._nouns.kinds.get(before)
        if kind is not None:
            return Judgement(kind, "noun-before")
        if self._is_apposed_to_role(name):
            return Judgement("person", "apposition")
        apposed = _APPOSED.match(self._text, name.end)
        kind = self._apposed(apposed[1]) if apposed is not None else None
        return Judgement(kind, "apposition") if kind is not None else None

    def _by_grammar(self, name: NameCandidate, last: str, before: str) -> Judgement | None:
        """Return the kind that a preposition, an article or a verb next to `name` shows: "in Ostrin", "Lind said"."""
        text, words = self._text, self._nouns.words
        acronym = self._is_acronym(name)
        if acronym and self._is_dateline(name):
            return Judgement("place", "preposition")
        if (
            before in words["before place"]
            or (before in ("of", "from") and last in words["before place of"])
            or _BASED_AFTER.match(text, name.end)
        ):
            return None if acronym else Judgement("place", "preposition")
        if acronym:
            return self._of_acronym(name)
        if _SPEECH_OF_ITSELF.match(text, name.end) or (
            before in {"of", "in", "by"} and self._follows(_SHARES_BEFORE, name)
        ):
            return Judgement("company", "of-itself")
        if before == "for" and last in words["representing"]:
            return Judgement("organisation", "represented")  # "a spokesman for Ostwind"; a person has a full name
        if before == "the" and text[name.end - 1] == "s" and " " not in text[name.start : name.end]:
            return Judgement("organisation", "plural")
        if self._nouns.speech_after.match(text, name.end) or (
            before in words["said before"] and self._follows(self._nouns.speech_before, name)
        ):
            return Judgement("person", "speech")
        return None

    def _of_acronym(self, name: NameCandidate) -> Judgement | None:
        is_thing = self._text[name.start : name.end].lower() in self._nouns.words["thing"]
        return None if is_thing else Judgement("organisation", "acronym")

    def _follows(self, pattern: re.Pattern[str], name: NameCandidate) -> bool:
        return pattern.search(self._text, max(0, name.start - _REACH), name.start) is not None

    def _is_dateline(self, name: NameCandidate) -> bool:
        """Return whether `name` is the place of the dateline that opens the text: "KESTON, 14 Feb 2025 -"."""
        if name.start > 40:  # characters of a dateline before its place
            return False
        line = dateline.find(self._text)
        return line is not None and line.place is not None and self._text[name.start : name.end] in line.place

    def after_article(self, name: NameCandidate) -> bool:
        """Return whether a word stands before `name` that no person's name follows: "the", "an", "their"."""
        return self._words_before(name)[1] in self._nouns.words["article"]

    def _is_acronym(self, name: NameCandidate) -> bool:
        """Return whether `name` is capitals, but not a code before its figure: "DMK 26.13"."""
        shouts = _SHOUTED.search(self._text, max(0, name.start - 20), name.start)  # "WHILE WE PAID"
        return _ACRONYM.fullmatch(self._text, name.start, name.end) is not None and not (shouts or self.is_code(name))

    def is_code(self, name: NameCandidate) -> bool:
        """Return whether `name` is capitals before a figure: "DMK 26.13"."""
        capitals = _ACRONYM.fullmatch(self._text, name.start, name.end)
        return capitals is not None and _FIGURE.match(self._text, name.end) is not None

    def is_quoted(self, name: NameCandidate) -> bool:
        """Return whether quotation marks stand right around `name`, as around a title."""
        text = self._text
        return name.start > 0 and text[name.start - 1] in _OPENING and _CLOSED.match(text, name.end) is not None

    def is_ordinary(self, word: str) -> bool:
        """Return whether `word` is a plain word of the language, or stands in lower case elsewhere in the text."""
        lower = word.lower()
        if lower in self._ordinary or lower.removesuffix("s") in self._ordinary or f"{lower}s" in self._ordinary:
            return True
        if self._written is None:
            # Most pieces between spaces are words as they are.
            pieces = set(self._text.split())
            pieces.update(_WHOLE_WORD.findall(" ".join(filterfalse(str.isalpha, pieces))))
            self._written = pieces
        return lower in self._written and _LOWER.fullmatch(lower) is not None

    def _words_before(self, name: NameCandidate) -> tuple[str, str]:
        """Return the two words before `name` in small letters, the nearer second; missing words are empty."""
        before = self._text[max(0, name.start - _REACH) : name.start]
        if not before or not before[-1].isspace():
            return "", ""
        words = [word.lstrip(_OPENERS) for word in before.split()[-2:]]
        if not words or not words[-1] or not words[-1][-1].isalnum():
            return "", ""
        last = words[0].lower() if len(words) == 2 and words[0] and words[0][-1].isalnum() else ""
        return last, words[-1].lower()

    def _is_apposed_to_role(self, name: NameCandidate) -> bool:
        """Return whether `name` is apposed to the role before it: "Its chief executive, Vera Lind, left"."""
        if self._text[name.end : name.end + 1] not in _APPOSED_END:
            return False
        before = _APPOSED_TO.search(self._text, max(0, name.start - _REACH), name.start)
        return before is not None and self._nouns.kinds.get(before[1]) == "person"

    def _apposed(self, phrase: str) -> MentionKind | None:
        """Return the kind of ", a maker of ..." or ", spokesperson for ...": of its first known noun."""
        words = phrase.split()
        for number, word in enumerate(words):
            if word in self._nouns.words["phrase end"]:
                return None
            if not word[0].islower():
                # ", Ostrava, ..." is a list; ", Trade Office director" goes on.
                if number == 0:
                    return None
                continue
            kind = self._nouns.kinds.get(word)
            if kind is not None:
                following = words[number + 1] if number + 1 < len(words) else ""
                if following in self._nouns.kinds:
                    continue
                return kind
        return None
