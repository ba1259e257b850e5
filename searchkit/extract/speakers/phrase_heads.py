"""Find the name that heads the phrase of an attribution, or names whom the phrase means.

The head of "the Ostrava Trade Office on Monday" is the office; "an official of the Ostrava Trade Office" has none.
"""

import re
from collections.abc import Sequence

from searchkit.document import Mention
from searchkit.extract.packs import Pack
from searchkit.extract.speakers.participants import PLAIN_WORD, Participants
from searchkit.text import Span, fold

# How far behind a phrase the name it means may stand, and what stands between: " published on Friday by the ".
_NAMED_AFTER = 70
_COMMA = re.compile(r"(?:(?: [a-z\-]{1,20}){0,2},)? (?:[A-Z][\w.]{0,20} ){0,3}")
_CLOSED = re.compile(r"(?: [\w.]{1,6})?(?:[,)]| [—–])")  # "Quayline Holdings plc,"
_BY = re.compile(r"(?: [\w\-]{1,20}){0,5} (?:by|from)(?: [a-z\-]{1,20}){0,4} ")


class PhraseHeads:
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
            is_head = self._is_head(mention, before, after)
            if is_head is not None:
                return mention if is_head else None
        return None

    def _is_part(self, mention: Mention, before: Sequence[str], after: Sequence[str]) -> bool:
        """Return whether a body or place between these folded words is only a part of the phrase."""
        words, roles = self._words, self._pack.roles
        last = before[-1] if before else ""
        is_issuer = last in words["issuer"]  # "a report by the Ostrava Trade Office"
        if any(
            self._participants.is_role(word) or word in roles["plural"] or word in words["someone"] for word in before
        ):
            return True  # "an official of the office"
        # In clausal languages a comma separates the clause, and articles look like relative pronouns.
        if not self._pack.clausal and any(word in words["relative"] or word in words["that"] for word in before):
            return True  # "an inquiry that puts pressure on the office"
        if is_issuer and len(before) > 1 and before[-2] in words["handed-on"]:
            return True  # "a copy seen by the office"
        if last in words["preposition"] and not is_issuer:
            return True  # "a quay in Ostrava"
        if mention.kind == "place" and (len(before) > 1 or after):
            return True  # "the Ostrava quay"
        preposition = next((word for word in reversed(before) if word in words["preposition"]), "")
        # "a study published in the journal Tide Letters"
        return bool(preposition) and preposition not in words["issuer"] and not roles["document"].isdisjoint(before)

    def _is_head(self, mention: Mention, before: Sequence[str], after: Sequence[str]) -> bool | None:
        """Return whether a body or place is the head between these folded words; None where they do not show it."""
        if self._is_part(mention, before, after):
            return False
        words = self._words
        if not after or after[0] in words["preposition"] or after[0] in words["weekday"]:
            return True  # "the office in Ostrava", "the office Monday"
        if before and before[-1] in words["issuer"]:
            return True  # "a report by the office this week"
        if len(after) == 1 and after[0] in self._pack.bodies and mention.kind != "place":
            return True  # "the Veltra group"
        if after[0] == "s" or after[0] in words["time-adjective"] or after[-1] in self._pack.roles["document"]:
            return True  # "the office's report", "the office statement"
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
