"""Find the name that heads the phrase of an attribution, or names whom the phrase means.

The head of "the Ostrava Trade Office on Monday" is the office; "an official of the Ostrava Trade Office" has none.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from searchkit.document import Mention
from searchkit.extract.packs import Pack
from searchkit.extract.speakers.participants import PLAIN_WORD, Participants
from searchkit.text import Span, fold

# How far behind a phrase the name it means may stand, and what stands between: " published on Friday by the ".
_NAMED_AFTER = 70
_COMMA = re.compile(r"(?:(?: [a-z\-]{1,20}){0,2},)? (?:[A-Z][\w.]{0,20} ){0,3}")
_CLOSED = re.compile(r"(?: [\w.]{1,6})?(?:[,)]| [—–])")  # "Quayline Holdings plc,"
_BY = re.compile(r"(?: [\w\-]{1,20}){0,5} (?:by|from)(?: [a-z\-]{1,20}){0,4} ")


class _NameInPhrase(Struct, frozen=True):
    """A body or place in the phrase, with the folded words before it (without articles at their end) and behind it."""

    mention: Mention
    before: Sequence[str]
    after: Sequence[str]
    pack: Pack
    participants: Participants

    def is_before(self, word_class: str, place: int = -1) -> bool:
        """Return whether the word right before the name, or at another `place` before it, is of this class."""
        return len(self.before) >= -place and self.before[place] in self.pack.words[word_class]

    @property
    def is_issuer(self) -> bool:
        """Whether the name issued something: "a report by the Ostrava Trade Office"."""
        return self.is_before("issuer")


class Rule(NamedTuple):
    """A case of the noun phrase: the first rule whose `when` holds decides whether the name is the head."""

    name: str
    when: Callable[[_NameInPhrase], bool]
    is_head: bool


def _has_role_before(name: _NameInPhrase) -> bool:
    roles, words = name.pack.roles["plural"], name.pack.words["someone"]
    return any(name.participants.is_role(word) or word in roles or word in words for word in name.before)


def _is_in_relative_clause(name: _NameInPhrase) -> bool:
    # In clausal languages a comma separates the clause, and articles look like relative pronouns.
    words = name.pack.words
    return not name.pack.clausal and any(word in words["relative"] or word in words["that"] for word in name.before)


def _is_publisher_of_document(name: _NameInPhrase) -> bool:
    words = name.pack.words
    preposition = next((word for word in reversed(name.before) if word in words["preposition"]), "")
    is_led = preposition != "" and preposition not in words["issuer"]
    return is_led and not name.pack.roles["document"].isdisjoint(name.before)


def _ends_phrase(name: _NameInPhrase) -> bool:
    words = name.pack.words
    return not name.after or name.after[0] in words["preposition"] or name.after[0] in words["weekday"]


def _has_document_after(name: _NameInPhrase) -> bool:
    is_owner = name.after[0] == "s" or name.after[0] in name.pack.words["time-adjective"]
    return is_owner or name.after[-1] in name.pack.roles["document"]


HEAD_RULES = (
    Rule("an official of the Ostrava Trade Office", _has_role_before, is_head=False),
    Rule("an inquiry that puts pressure on the office", _is_in_relative_clause, is_head=False),
    Rule("a copy seen by the office", lambda name: name.is_issuer and name.is_before("handed-on", -2), is_head=False),
    Rule("a quay in Ostrava", lambda name: name.is_before("preposition") and not name.is_issuer, is_head=False),
    Rule(
        "the Ostrava quay",
        lambda name: name.mention.kind == "place" and (len(name.before) > 1 or bool(name.after)),
        is_head=False,
    ),
    Rule("a study published in the journal Tide Letters", _is_publisher_of_document, is_head=False),
    Rule("the office in Ostrava; the office Monday", _ends_phrase, is_head=True),
    Rule("a report by the office this week", lambda name: name.is_issuer, is_head=True),
    Rule(
        "the Veltra group",
        lambda name: len(name.after) == 1 and name.after[0] in name.pack.bodies and name.mention.kind != "place",
        is_head=True,
    ),
    Rule("the office's report; the office statement", _has_document_after, is_head=True),
)


class PhraseHeads:
    """Finds the heads of phrases in one text."""

    def __init__(self, text: str, participants: Participants, pack: Pack) -> None:
        self._text = text
        self._participants = participants
        self._pack = pack
        self._words = pack.words

    def find(self, attribution: Span) -> Mention | None:
        """Return the mention that is the head of the phrase, if a name is its head."""
        text = self._text
        inside = self._participants.within(attribution)
        for mention in reversed(inside):
            if mention.kind != "person" or fold(text[mention.span.end : mention.span.end + 2]) == "'s":
                continue
            if not self._is_modifier(PLAIN_WORD.findall(text[attribution.start : mention.span.start])):
                return mention
        for mention in inside:
            if mention.kind == "person" or (mention.kind == "place" and len(inside) > 1):
                continue
            before = self._folded(attribution.start, mention.span.start)
            while before[1:] and before[-1] in self._words["article"]:
                before.pop()
            after = self._folded(mention.span.end, attribution.end)
            name = _NameInPhrase(mention, before, after, self._pack, self._participants)
            rule = next((rule for rule in HEAD_RULES if rule.when(name)), None)
            if rule is not None:
                return mention if rule.is_head else None
        return None

    def _folded(self, start: int, end: int) -> list[str]:
        return [fold(word) for word in PLAIN_WORD.findall(self._text[start:end])]

    def _is_modifier(self, before: list[str]) -> bool:
        """Return whether a person's name behind these words only modifies them: "an aide to Mayor"."""
        words = [fold(word) for word in before]
        while words and words[-1] in self._words["article"]:
            words.pop()
        if any(self._participants.is_role(word) and before[at][0].islower() for at, word in enumerate(words)):
            # The title right before the name belongs to the person named.
            while words and before[len(words) - 1][0].isupper():
                words.pop()
        return bool(words) and words[-1] in self._words["preposition"]

    def role(self, words: Sequence[str]) -> str:
        """Return the role that heads the phrase, or "": "official" of "a justice official for the minister"."""
        head = ""
        for number, word in enumerate(words):
            # "one of the officials" is an official; "doctors at the General Hospital" are not generals.
            if word in self._words["preposition"] and (head or (number and word not in self._words["of"])):
                break
            head = word if self._participants.is_role(word) else head
        return head

    def named_after(self, words: Sequence[str], attribution: Span) -> Mention | None:
        """Return who is named right behind the phrase: "The operator, Veltra Pumps, said", "a report by Lind"."""
        after = self._participants.first_from(attribution.end)
        if after is None or after.span.start - attribution.end > _NAMED_AFTER:
            return None
        between = self._text[attribution.end : after.span.start]
        closed = "," not in between or _CLOSED.match(self._text, after.span.end) is not None
        if closed and _COMMA.fullmatch(between) and (self.role(words) or words[-1] in self._pack.bodies):
            return after
        if words[-1] in self._pack.roles["document"] or words[-1] in self._words["published"]:
            linking = [fold(word) for word in PLAIN_WORD.findall(between)]
            issued = _BY.fullmatch(between) is not None and not self._words["handed-on"] & {*words, *linking}
            return after if issued and after.kind != "place" else None
        return None
