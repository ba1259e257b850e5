"""Find the name that heads the phrase of an attribution, or names whom the phrase means.

The head of "the Ostrava Trade Office on Monday" is the office; "an official of the Ostrava Trade Office" has none.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from searchkit.document import Mention
from searchkit.extract.rules import Verdicts, judge
from searchkit.extract.speakers.participants import Participants
from searchkit.extract.speakers.subjects import PLAIN_WORD
from searchkit.text import Span, fold

# What stands between a phrase and the name it means: " published on Friday by the ".
_COMMA = re.compile(r"(?:(?: [a-z\-]{1,20}){0,2},)? (?:[A-Z][\w.]{0,20} ){0,3}")
_CLOSED = re.compile(r"(?: [\w.]{1,6})?(?:[,)]| [—–])")  # "Quayline Holdings plc,"
_BY = re.compile(r"(?: [\w\-]{1,20}){0,5} (?:by|from)(?: [a-z\-]{1,20}){0,4} ")


# Classes of words that may stand behind the name of who speaks.
_NO_NOUNS = (
    "preposition",
    "conjunction",
    "subordinator",
    "determiner",
    "relative",
    "finite",
    "adverb",
    "that",
    "object-pronoun",
    "opener",
    "pronoun",
)


class _Name(Struct, frozen=True):
    """A body or place in the phrase, with the folded words before it (without articles at their end) and behind it."""

    mention: Mention
    before: Sequence[str]
    after: Sequence[str]

    @property
    def last(self) -> str:
        return self.before[-1] if self.before else ""


class PhraseHeads:
    def __init__(self, participants: Participants) -> None:
        self._text = participants.article.text
        self.participants = participants
        self.pack = participants.pack
        self.words = participants.pack.words

    def find(self, attribution: Span) -> Mention | None:
        """Return the mention that is the head of the phrase, if a name is its head."""
        text = self._text
        inside = self.participants.within(attribution)
        for mention in reversed(inside):
            if mention.kind != "person" or fold(text[mention.span.end : mention.span.end + 2]) == "'s":
                continue
            if self._precedes_noun(mention, attribution.end):
                continue
            if not self._is_modifier(PLAIN_WORD.findall(text[attribution.start : mention.span.start])):
                return mention
        for mention in inside:
            if mention.kind == "person" or (mention.kind == "place" and len(inside) > 1):
                continue
            before = self._folded(attribution.start, mention.span.start)
            while before[1:] and before[-1] in self.words["article"]:
                before.pop()
            after = self._folded(mention.span.end, attribution.end)
            is_head = judge(_HEADS, self, _Name(mention, before, after), otherwise=None)
            if is_head is not None:
                return mention if is_head else None
        return None

    def _precedes_noun(self, mention: Mention, end: int) -> bool:
        """Return whether a noun behind the name speaks, not the person: "Lind aides", "the Lind campaign"."""
        if self.pack.clausal or self._text[mention.span.end : mention.span.end + 1] != " ":
            return False
        found = PLAIN_WORD.match(self._text, mention.span.end + 1, end)
        word = found.group() if found is not None else ""
        if not word.islower() or len(word) < 2 or word.endswith(("ed", "ly")) or word in self.pack.roles["document"]:
            return False  # "a TransLink study" speaks for TransLink
        return word not in self.pack.cues and not any(word in self.words[name] for name in _NO_NOUNS)

    def follows_role(self, name: _Name) -> bool:
        plurals, someone = self.pack.roles["plural"], self.words["someone"]
        return any(self.participants.is_role(word) or word in plurals or word in someone for word in name.before)

    def is_in_relative_clause(self, name: _Name) -> bool:
        # In clausal languages a comma separates the clause, and articles look like relative pronouns.
        relative, that = self.words["relative"], self.words["that"]
        return not self.pack.clausal and any(word in relative or word in that for word in name.before)

    def is_issuer(self, name: _Name) -> bool:
        """Return whether the name issued something: "a report by the Ostrava Trade Office"."""
        return name.last in self.words["issuer"]

    def is_publisher(self, name: _Name) -> bool:
        preposition = next((word for word in reversed(name.before) if word in self.words["preposition"]), "")
        published = bool(preposition) and preposition not in self.words["issuer"]
        return published and not self.pack.roles["document"].isdisjoint(name.before)

    def ends_phrase(self, name: _Name) -> bool:
        return not name.after or name.after[0] in self.words["preposition"] or name.after[0] in self.words["weekday"]

    def _folded(self, start: int, end: int) -> list[str]:
        return [fold(word) for word in PLAIN_WORD.findall(self._text[start:end])]

    def _is_modifier(self, before: list[str]) -> bool:
        """Return whether a person's name behind these words only modifies them: "an aide to Mayor"."""
        words = [fold(word) for word in before]
        while words and words[-1] in self.words["article"]:
            words.pop()
        if any(self.participants.is_role(word) and before[at][0].islower() for at, word in enumerate(words)):
            # The title right before the name belongs to the person named.
            while words and before[len(words) - 1][0].isupper():
                words.pop()
        return bool(words) and words[-1] in self.words["preposition"]

    def role(self, words: Sequence[str]) -> str:
        """Return the role that heads the phrase, or "": "official" of "a justice official for the minister"."""
        head = ""
        for number, word in enumerate(words):
            # "one of the officials" is an official; "doctors at the General Hospital" are not generals.
            if word in self.words["preposition"] and (head or (number and word not in self.words["of"])):
                break
            head = word if self.participants.is_role(word) else head
        return head

    def named_after(self, words: Sequence[str], attribution: Span) -> Mention | None:
        """Return who is named right behind the phrase: "The operator, Veltra Pumps, said", "a report by Lind"."""
        after = self.participants.first_from(attribution.end)
        if after is None or after.span.start - attribution.end > 70:
            return None
        between = self._text[attribution.end : after.span.start]
        closed = "," not in between or _CLOSED.match(self._text, after.span.end) is not None
        if closed and _COMMA.fullmatch(between) and (self.role(words) or words[-1] in self.pack.bodies):
            return after
        if words[-1] in self.pack.roles["document"] or words[-1] in self.words["published"]:
            linking = [fold(word) for word in PLAIN_WORD.findall(between)]
            issued = _BY.fullmatch(between) is not None and not self.words["handed-on"] & {*words, *linking}
            return after if issued and after.kind != "place" else None
        return None


# Whether a body or place is the head of the phrase; None where no row applies.
_HEADS: Verdicts[PhraseHeads, _Name, bool] = (
    ("an official of the office", PhraseHeads.follows_role, False),
    ("an inquiry that puts pressure on the office", PhraseHeads.is_in_relative_clause, False),
    (
        "a copy seen by the office",
        lambda f, n: f.is_issuer(n) and len(n.before) > 1 and n.before[-2] in f.words["handed-on"],
        False,
    ),
    ("a quay in Ostrava", lambda f, n: n.last in f.words["preposition"] and not f.is_issuer(n), False),
    ("the Ostrava quay", lambda _, n: n.mention.kind == "place" and (len(n.before) > 1 or bool(n.after)), False),
    ("a study published in the journal Tide Letters", PhraseHeads.is_publisher, False),
    ("the office in Ostrava; the office Monday", PhraseHeads.ends_phrase, True),
    ("a report by the office this week", PhraseHeads.is_issuer, True),
    (
        "the Veltra group",
        lambda f, n: len(n.after) == 1 and n.after[0] in f.pack.bodies and n.mention.kind != "place",
        True,
    ),
    ("the office's report", lambda f, n: n.after[0] == "s" or n.after[0] in f.words["time-adjective"], True),
    ("the office statement", lambda f, n: n.after[-1] in f.pack.roles["document"], True),
)
