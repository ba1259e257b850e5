"""Find the subjects of sentences: the names to which the pronouns behind them point."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from searchkit.statements.document import Mention
from searchkit.statements.packs import Pack
from searchkit.statements.text import Span, fold, fold_words

PLAIN_WORD = re.compile(r"[^\W_][\w'’&.\-]{0,60}")
# At most so many words introduce a name: "the chief financial officer of the Ostrava Trade Office, ...".
INTRODUCTION_WORDS = 12
# Where a sentence or its like starts: after a stop (not that of a short title) and a space, a line end, a mark.
# The engine skips to the characters that may come first, so what stands before them is looked up behind them.
_SENTENCE_START = re.compile(
    r"[.!?\n\"“”;:—–](?:(?<=[.!?])(?:(?<=\w{4}.)|(?<=\b[a-z]{3}.)|(?<=\b[a-z]{2}.))['\"”’]?\s|(?<=[!?])\s"
    r"|(?<=[\n\"“”;:—–]))"
)
_SUBJECT_REACH = 240
# The noun that a name is apposed to: "and its chairman, Igor Malt, left".
_AGENT = re.compile(r"\b(?:was|were) \w{2,16}ed by \Z")
# "and Lind, the clerk, locked the door"
_BEHIND_APPOSITION = re.compile(r", [^,.;:!?\n\"“”]{1,80}, [a-z]{2,20}")
_NOUN = re.compile(r" [a-z]")
# "As for Lind, he said"
_TOPIC = re.compile(r"\s{0,20}As for (?:[A-Z][\w.]{0,12} ){0,2}")
_APPOSED = re.compile(r"([\w\-]{2,25}), \Z")
# What follows a signature or credit: "— Vera Lind (@vlind)", "Vera Lind / The Ostrava Press".
_SIGNATURE = re.compile(r" (?:\(@|/)|[.)]?(?:\n|\Z)")
BODY_KINDS = frozenset({"company", "organisation", "agency", "group"})


class Subjects:
    """The names of a text in order of appearance, and which of them are subjects."""

    def __init__(self, text: str, mentions: Sequence[Mention], pack: Pack) -> None:
        self.pack = pack
        self._text = text
        self.mentions = mentions
        self._starts = [mention.span.start for mention in mentions]
        self._determiners = pack.words["determiner"]
        self.is_role = pack.is_role
        self._openers = pack.words["preposition | subordinator | opener"]

    def within(self, span: Span) -> list[Mention]:
        return list(self.mentions[bisect_left(self._starts, span.start) : bisect_left(self._starts, span.end)])

    def first_from(self, position: int) -> Mention | None:
        at = bisect_left(self._starts, position)
        return self.mentions[at] if at < len(self.mentions) else None

    def back_from(self, position: int) -> Iterator[Mention]:
        """Return the mentions that start before `position`, latest first; at most the last few hundred."""
        last = bisect_left(self._starts, position)
        return (self.mentions[at] for at in range(last - 1, max(-1, last - 1 - 300), -1))

    def around(self, span: Span) -> Mention | None:
        """Return the mention that starts before `span` and covers it: "Otto Vance, Jr." around "Jr."."""
        before = next(self.back_from(span.start), None)
        return before if before is not None and before.span.covers(span) else None

    def body_in(self, start: int, end: int) -> Mention | None:
        for mention in self.mentions[bisect_left(self._starts, start) : bisect_left(self._starts, end)]:
            if mention.kind in BODY_KINDS:
                return mention
        return None

    def is_subject(self, mention: Mention) -> bool:
        """Return whether pronouns after the mention point to it: it opens its sentence, or acts alone in it.

        A name in a photo credit or under a tweet is not a subject of the text around it.
        """
        if self.is_signature(mention) or self._is_modifier(mention):
            return False
        # "The meeting was chaired by Vera Lind": she acts in the passive voice.
        is_agent = _AGENT.search(self._text, max(0, mention.span.start - 30), mention.span.start) is not None
        return is_agent or self.opens(mention) or self._acts_alone(mention)

    def is_signature(self, mention: Mention) -> bool:
        """Return whether the mention is a signature or credit: "Vera Lind / The Ostrava Press"."""
        return _SIGNATURE.match(self._text, mention.span.end) is not None

    def _is_modifier(self, mention: Mention) -> bool:
        """Return whether the name of a person only modifies a noun: "the Lind campaign"."""
        start = mention.span.start
        return (
            mention.kind == "person"
            and self._text[start - 4 : start].lower() == "the "
            and _NOUN.match(self._text, mention.span.end) is not None
        )

    def opens(self, mention: Mention, *, owner: bool = False) -> bool:
        """Return whether the mention opens its sentence, or follows an opening phrase; if `owner`, as "Malt's" too."""
        text, start = self._text, mention.span.start
        if not owner and fold(text[mention.span.end : mention.span.end + 2]) == "'s":
            return False
        opening = _SENTENCE_START.split(text[max(0, start - _SUBJECT_REACH) : start])[-1]
        introduction, comma, last = opening.rpartition(",")
        words = PLAIN_WORD.findall(last)
        if _TOPIC.fullmatch(last) or self._is_inverted(words):
            return True
        if len(words) > 1 and self._is_object(words):
            return False
        if comma and not self._is_introduction(introduction, words):
            return False
        governing = words[:-1] if len(words) > 1 and fold(words[-1]) in self.pack.words["article"] else words
        if governing and fold(governing[-1]) in self.pack.words["preposition"]:
            return False
        return len(words) <= 3 or all(  # "The new mayor Lind", "In Ostrava Lind"
            word[0].isupper() or self.is_role(fold(word)) or fold(word) in self._determiners for word in words
        )

    def _is_introduction(self, introduction: str, words: Sequence[str]) -> bool:
        """Return whether what stands before a comma opens the sentence; `words` lead from the comma to the name."""
        introducing = fold_words([word for word in PLAIN_WORD.findall(introduction) if not word.isdigit()])  # "17:05"
        while introducing and introducing[0] in self.pack.words["conjunction"]:
            introducing.pop(0)  # "But on Friday, Lind"
        if not introducing:
            return False
        first = introducing[0]
        if first in self._openers or first in self.pack.words["adverb"] or first.endswith(("ing", "ed", "ly")):
            return True
        is_kin = not words or (fold(words[0]) in self._determiners and self.is_role(fold(words[-1])))  # "his cousin"
        return is_kin and self._is_apposed(introducing)

    def _is_inverted(self, words: Sequence[str]) -> bool:
        """Return whether `words`, which lead to a name, make it the subject behind its verb: "Among the guests was"."""
        return len(words) > 2 and fold(words[0]) in self._openers and fold(words[-1]) in self.pack.words["be"]

    def _is_object(self, words: Sequence[str]) -> bool:
        """Return whether `words`, which lead to a name, hold a subject and its verb: "She thanked", "Malt never met".

        Not in clausal languages, where a subject may follow its verb: "Gestern sagte Lind".
        """
        if self.pack.clausal:
            return False
        folded = fold_words([*words])
        for number, word in enumerate(folded[1:]):
            before = folded[number]
            if before in self._determiners or before in self._openers:
                continue
            if not number and before in self.pack.words["adverb"]:
                continue
            if word in self.pack.cues or word in self.pack.words["finite"]:
                return True
            if word.endswith("ed") and words[number][0].isupper():
                return True
        return False

    def _is_apposed(self, words: Sequence[str]) -> bool:
        """Return whether folded `words` are a phrase that a name may be apposed to: "their old professor"."""
        if len(words) > INTRODUCTION_WORDS or not (words[0] in self._determiners or words[0].endswith(("'s", "’s"))):
            return False
        joined = self.pack.words["conjunction"]
        if 1 < len(words) <= 5 and not any(word in joined or self.may_be_verb(word) for word in words):
            return True  # "Another walker"
        return any(self.is_role(word) or word in self.pack.bodies for word in words)

    def may_be_verb(self, word: str) -> bool:
        return word in self.pack.cues or word in self.pack.words["finite"] or word.endswith("ed")

    def _acts_alone(self, mention: Mention) -> bool:
        """Return whether a verb follows the mention, and its sentence names or means no other person before it.

        This holds for "The harbor closed when Lind spoke", but not for "He left when Lind spoke".
        """
        text, start = self._text, mention.span.start
        after = PLAIN_WORD.search(text, mention.span.end, mention.span.end + 40)
        if after is None:
            return False
        gap = text[mention.span.end : after.start()]
        apposed = _APPOSED.search(text, max(0, start - 30), start) if gap == ", " else None
        if gap != " " and (apposed is None or not self.is_role(fold(apposed[1]))):
            after = _BEHIND_APPOSITION.match(text, mention.span.end) if text[start - 5 : start] == " and " else None
            if after is None:
                return False
        word = fold(after[0].rpartition(" ")[2]).rstrip(".")
        if not self.may_be_verb(word):
            return False
        opening = _SENTENCE_START.split(text[max(0, start - _SUBJECT_REACH) : start])[-1]
        words = PLAIN_WORD.findall(opening)
        while words and words[-1].endswith("."):
            words.pop()  # "A lawyer for Mr. Lind said"
        before = fold_words(words)
        if not self.pack.words["singular-pronoun"].isdisjoint(before):
            return False
        if before and before[-1] in self.pack.words["preposition"]:
            return False
        return all(other.kind != "person" for other in self.within(Span(start - len(opening), start)))
