"""Find the person that "he", "she" or a role means, back along the statements that were resolved before.

The speakers of earlier statements must be appended to `history` in the order in which the text names them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from searchkit.statements.document import Mention, Resolution
from searchkit.statements.names.namesakes import gender_of_role
from searchkit.statements.speakers.participants import Entity, Participants
from searchkit.statements.speakers.referents import UNRESOLVED, Reason, Referent, RejectionLog, may_be
from searchkit.statements.speakers.subjects import BODY_KINDS, PLAIN_WORD
from searchkit.statements.speakers.unnamed import INTRODUCED_REACH, ONE, SENTENCE_END, UnnamedPeople
from searchkit.statements.text import Span, fold

# What belongs to the one who is named before: "'s harsh tone"
_OWNED = re.compile(r"['’]s? ([\w\-]{1,20}(?: [\w\-]{1,20}){0,2})")
_OWNER = re.compile(r"['’]s? ")
# Who puts questions does not answer them.
_ASKED = frozenset({"asked", "asks", "pressed", "questioned"})
# What stands before a name that says who the subject is: "The first witness was the head of the port, Major".
_PREDICATE = re.compile(
    r"(?:The|A|An) (?:[\w-]{1,20} ){1,4}(?:was|is)(?:(?: [\w-]{1,20}){1,9},)? (?:[A-Z][\w.]{0,20} ){0,2}"
)
# What joins two persons who act together: "Lind and skipper Malt".
_AND = re.compile(r",? (?:and|und|et|sowie) (?:[\w.-]{1,24} ){0,3}")
_MARKS = "\"“'‘„«"
# How far back, in characters, others make it doubtful whom a pronoun means: counted in speakers.txt.
_RIVAL_REACH = 700


class Persons:
    """Resolves references to persons in one text, along the statements in its history."""

    def __init__(self, participants: Participants, contents: Sequence[Span], rejections: RejectionLog) -> None:
        self._text = participants.article.text
        self._participants = participants
        pack = self._pack = participants.pack
        self._words = pack.words
        self._roles = pack.roles
        self._age_endings = tuple(pack.words["age-ending"])
        self._bodies = pack.bodies
        self._paragraph_starts = [span.start for span in participants.article.paragraphs]
        self._content_starts = [span.start for span in contents]
        self._content_ends = [span.end for span in contents]
        self._rejections = rejections
        self._unnamed = UnnamedPeople(participants, self.is_said)
        self.history: list[tuple[int, Referent]] = []  # place of each statement's attribution, and who spoke

    def _recent(self) -> Iterator[tuple[int, Referent]]:
        """Yield the last forty statements with their speakers, latest first; pronouns reach no further."""
        return islice(reversed(self.history), 40)

    def latest(self, entity: Entity, position: int) -> Span | None:
        """Return the last mention of `entity` before `position`."""
        at = bisect_left(entity.spans, Span(position, position))
        return entity.spans[at - 1] if at else None

    def paragraph(self, position: int) -> int:
        return bisect_right(self._paragraph_starts, position)

    def is_said(self, span: Span) -> bool:
        """Return whether `span` starts inside the words of a statement."""
        at = bisect_right(self._content_starts, span.start) - 1
        return at >= 0 and span.start < self._content_ends[at]

    def _entity(self, mention: Mention) -> Entity:
        return self._participants.entities[mention.entity_id]

    def _is_body(self, mention: Mention) -> bool:
        """Return whether the mention is a body or may be one: a name that is a person only because it speaks."""
        return mention.kind in BODY_KINDS or (mention.kind == "person" and self._entity(mention).may_be_body)

    def person(self, position: int, gender: str, by: Resolution) -> Referent:
        """Return the last person who spoke, unless another has opened a sentence since; else the last person named."""
        referent = self._unless_another(self._person(position, gender, by), position, gender)
        entity = referent.entity
        if entity is not None:
            if entity.leaning == gender:
                entity.guessed = False
            entity.leaning = entity.leaning or gender
        return referent

    def _unless_another(self, referent: Referent, position: int, gender: str) -> Referent:
        """Return the referent, doubtful or replaced if the text has another in mind at `position`."""
        since = self._acted_until(referent, position)
        introduced = self._introduced(position, gender, referent, since)
        if introduced is not None:
            return introduced
        if referent.entity is not None and referent.entity.id in self._named_inside(position):
            return replace(referent, condition="rival")
        if referent.antecedent is not None and self.history:
            place, latest = self.history[-1]
            between = place > since and self.paragraph(position) - self.paragraph(place) <= 1
            if between and self._is_unnamed(latest, gender, "definite"):
                return UNRESOLVED  # "Malt came. “No,” the host said. He added"
        return referent

    def _named_inside(self, position: int) -> set[str]:
        """Return the IDs of those whom the quotation next to the pronoun at `position` names: rarely its speaker."""
        at = bisect_left(self._content_starts, position)
        near = [k for k in (at - 1, at) if 0 <= k < len(self._content_starts)]
        named: set[str] = set()
        for content in (Span(self._content_starts[k], self._content_ends[k]) for k in near):
            apart = content.start - position if content.start > position else position - content.end
            if 0 <= apart <= 20 and self._text[content.start] in _MARKS:
                named.update(mention.entity_id for mention in self._participants.within(content))
        return named

    def _last_speaker(self, position: int, gender: str) -> tuple[int, Referent]:
        """Return the last person of `gender` who spoke, named or not, and where; UNRESOLVED and -1 for none."""
        here = self.paragraph(position)
        for place, referent in self._recent():
            entity = referent.entity
            if here - self.paragraph(place) <= 1 and self._is_unnamed(referent, gender, "indefinite"):
                return place, referent
            if entity is not None and entity.kind == "person":
                just_spoke = entity.guessed and not entity.gender and here == self.paragraph(place)
                if just_spoke or may_be(entity, gender):
                    return place, referent
                self._reject(entity, position, Reason.OTHER_GENDER)
        return -1, UNRESOLVED

    def _person(self, position: int, gender: str, by: Resolution) -> Referent:
        """Return the last person who spoke, acted or was named, with the `rivals` who may be meant as well."""
        spoke_at, speaker = self._last_speaker(position, gender)
        spoke = speaker.entity
        inside = self._named_inside(position)
        rivals: dict[str, Mention] = {}
        last: Entity | None = None
        for mention, entity in self._named_since(spoke_at, position):
            reason = self._reason_against(mention, entity, inside, gender, position)
            if reason:
                self._rejections.add(mention, reason)
            elif self._is_meant(mention, spoke, spoke_at, position):
                if (last or entity) is entity or not self._is_left(entity, gender, position):
                    if spoke not in (None, entity):
                        self._reject(spoke, position, f"{entity.name} is the subject of a later sentence")
                    return self._referent(entity, gender, position, by, "subject" if spoke is None else "change")
                spoke = entity
                break
            elif not entity.may_be_body and not self._participants.is_signature(mention):
                rivals.setdefault(entity.id, mention)
                last = last or entity
        if spoke is None and speaker is not UNRESOLVED:
            return replace(UNRESOLVED, role=speaker.role, antecedent=speaker.antecedent or speaker.attribution)
        if last is None or (spoke is last and len(rivals) == 1):
            return UNRESOLVED if spoke is None else self._referent(spoke, gender, position, by, "spoke")
        return self._among(spoke, last, self._rivals_of(spoke or last, spoke, rivals), (gender, position, by))

    def _among(
        self, spoke: Entity | None, last: Entity, rivals: tuple[str, ...], of: tuple[str, int, Resolution]
    ) -> Referent:
        """Return who spoke, or else was named last, with the `rivals`; UNRESOLVED if the text has left who spoke."""
        gender, position, by = of
        if spoke is not None and self._is_left(spoke, gender, position):
            return replace(UNRESOLVED, rivals=(spoke.name, *rivals))
        found = self._referent(spoke or last, gender, position, by, "last" if spoke is None else "rival")
        return replace(found, rivals=rivals) if rivals else found

    def _named_since(self, place: int, position: int) -> Iterator[tuple[Mention, Entity]]:
        """Yield the mentions of persons between `place` and `position`, latest first."""
        for mention in self._participants.back_from(position):
            if mention.span.start <= place:
                return
            if mention.kind == "person":
                yield mention, self._entity(mention)

    def _reason_against(
        self, mention: Mention, entity: Entity, inside: Container[str], gender: str, position: int
    ) -> str:
        """Return why a mentioned person cannot be meant by the pronoun at `position`; empty if it may be."""
        is_said = self.is_said(mention.span) and not self._opens_own_content(mention, position)
        if entity.id in inside or is_said or self._is_condition(mention, position):
            return Reason.IS_SAID
        return "" if may_be(entity, gender) else Reason.OTHER_GENDER

    def _is_meant(self, mention: Mention, spoke: Entity | None, spoke_at: int, position: int) -> bool:
        """Return whether the mention is a subject that a pronoun means rather than whoever spoke."""
        if not self._is_topic(mention):
            return False
        is_own = self._opens_own_content(mention, position)
        is_old = self.paragraph(position) - self.paragraph(spoke_at) > 1
        return not is_own or spoke is None or is_old or self._speaks(mention.span)

    def _rivals_of(self, taken: Entity, spoke: Entity | None, rivals: Mapping[str, Mention]) -> tuple[str, ...]:
        """Return the names of those who may be meant instead of `taken`: who spoke, and who was named since."""
        named = {} if spoke is None else {spoke.id: spoke.name}
        named |= {identity: mention.name for identity, mention in rivals.items()}
        del named[taken.id]
        for mention in rivals.values():
            if mention.entity_id != taken.id:
                self._rejections.add(mention, Reason.NO_SUBJECT if spoke is not None else Reason.TOO_FAR)
        return tuple(named.values())

    def _is_left(self, entity: Entity, gender: str, position: int) -> bool:
        """Return whether the text has left `entity`: neither this paragraph nor the last names it or means it."""
        latest = self.latest(entity, position)
        if latest is None or self.paragraph(position) - self.paragraph(latest.start) <= 1:
            return False
        words = PLAIN_WORD.finditer(self._text, max(latest.end, position - _RIVAL_REACH), position)
        meant = self._words["singular-pronoun"] & self._words[gender]
        return not any(fold(word[0]) in meant and not self.is_said(Span(*word.span())) for word in words)

    def _opens_own_content(self, mention: Mention, position: int) -> bool:
        """Return whether the mention opens the indirect statement before `position`: "Lind was shocked, she said"."""
        at = bisect_right(self._content_starts, mention.span.start) - 1
        if at < 0 or not 0 <= position - self._content_ends[at] <= 2:
            return False
        return self._participants.opens(mention) and self._text[self._content_starts[at]] not in _MARKS

    def _is_condition(self, mention: Mention, position: int) -> bool:
        """Return whether the mention opens a condition in the sentence of `position`: "If Malt wins, she said"."""
        before = PLAIN_WORD.findall(self._text, max(0, mention.span.start - 30), mention.span.start)
        word = next((fold(word) for word in reversed(before) if not word.endswith(".")), "")  # "If Mr. Malt"
        return word in self._words["condition"] and not SENTENCE_END.search(self._text, mention.span.end, position)

    def _is_topic(self, mention: Mention) -> bool:
        """Return whether the mention is the subject of a sentence, or whose thing it is: "Malt's tone is harsh"."""
        if self._participants.is_subject(mention) or self._is_predicate(mention):
            return True
        owned = _OWNED.match(self._text, mention.span.end)
        if owned is None or not self._participants.opens(mention, owner=True):
            return False
        return not any(self._participants.is_role(word) or word in self._bodies for word in fold(owned[1]).split())

    def _is_predicate(self, mention: Mention) -> bool:
        """Return whether a sentence says who its subject is: "The first witness was the port master, Vera Malt"."""
        start = self._unnamed.sentence_start(mention.span.start)
        before = self._text[start : mention.span.start]
        return mention.kind == "person" and _PREDICATE.fullmatch(before) is not None

    def _is_unnamed(self, referent: Referent, gender: str, determiners: str) -> bool:
        """Return whether a speaker without a name may be the next "he": "one consultant argued", "the host said"."""
        if referent.entity is not None or not referent.role or referent.attribution is None:
            return False
        if gender_of_role(referent.role, self._pack) not in {"", gender}:
            return False
        if self._text.startswith(tuple(_ASKED), referent.attribution.end + 1):
            return False
        return fold(referent.attribution.of(self._text).partition(" ")[0]) in self._words[determiners]

    def _introduced(self, position: int, gender: str, referent: Referent, since: int) -> Referent | None:
        """Return whom pronouns mean after a noun has opened a sentence behind `since`: "The port captain was unmoved."

        Somebody without a name ("His father had heard", "It went to a clerk") leaves it unresolved. None means no
        change.
        """
        subject = self._unnamed.subject(since, position, gender)
        if subject is None:
            return UNRESOLVED if self._unnamed.is_inside(since, position, gender) else None
        phrase, noun = subject
        words = [fold(word) for word in PLAIN_WORD.findall(phrase.of(self._text))]
        if self._leads_to_name(phrase, words, noun):
            return None
        unnamed = replace(UNRESOLVED, role=None if noun == ONE else noun, antecedent=phrase)
        if words[0] not in self._words["definite"]:
            return unnamed
        holder = self._holder(noun, phrase, gender)
        if holder is not None:
            return holder
        spoke = next((spoke for place, spoke in self._recent() if place == phrase.start), None)
        if spoke is not None and spoke.entity is not None and spoke.entity is referent.entity:
            return None  # "Malt said it is wet. The official added that it leaks. He said"
        return unnamed

    def _leads_to_name(self, phrase: Span, words: Sequence[str], noun: str) -> bool:
        """Return whether a name that the phrase describes or asks follows it.

        "Her father, Igor Malt, left"; "A reporter asked Malt about it. He replied".
        """
        follower = self._participants.first_from(phrase.end)
        between = self._text[phrase.end : follower.span.start] if follower is not None else ""
        is_apposed = between in {", ", " "} and words[-1] == noun
        end = SENTENCE_END.search(self._text, phrase.end, phrase.end + INTRODUCED_REACH)
        ahead = self._participants.within(Span(phrase.end, end.start() if end is not None else phrase.end))
        is_apposed = is_apposed or any(map(self._is_predicate, ahead))
        return is_apposed or between.strip() in _ASKED or not _ASKED.isdisjoint(words)

    def _holder(self, noun: str, phrase: Span, gender: str) -> Referent | None:
        """Return the person who is known by this noun, as whom a pronoun behind the phrase means."""
        holder = self._by_role(noun, phrase.start)
        if holder is None or holder.entity is None or not may_be(holder.entity, gender):
            return None
        others = self._others(holder.entity, phrase.start, holder.antecedent)
        rivals = tuple(other.name for other in others if may_be(other, gender))
        return replace(holder, by="pronoun", condition="rival" if rivals else "role opened", rivals=rivals)

    def _acted_until(self, referent: Referent, position: int) -> int:
        """Return where the referent was last named as one who acts or speaks; no earlier than pronouns reach.

        "A dealer had listened to Malt" and "He trades with Malt" do not change whom a pronoun means.
        """
        least = max(0, position - INTRODUCED_REACH)
        entity = referent.entity
        if entity is None:
            return max(least, referent.antecedent.end if referent.antecedent is not None else 0)
        for mention in self._participants.back_from(position):
            if mention.span.start < least:
                break
            is_other = mention.entity_id != entity.id
            if is_other or (self.is_said(mention.span) and not self._opens_own_content(mention, position)):
                continue
            if self._speaks(mention.span) or not self._is_aside(mention):
                return mention.span.end
        return least

    def _is_aside(self, mention: Mention) -> bool:
        """Return whether a name is not what its sentence is about: a pronoun opens it, or it has an unnamed person."""
        name, start = mention.span, self._unnamed.sentence_start(mention.span.start)
        if self._unnamed.opens_with_pronoun(start):
            return not self._is_topic(mention)
        before = self._text[start : name.start].rstrip(" ,")
        subject = self._unnamed.subject(start, name.start)
        if subject is not None and fold(before).endswith(subject[1]):
            return False  # "His cousin Vera Malt left"
        if subject is not None or self._unnamed.is_inside(start, start + len(before)):
            return not self._acts_behind(before, name)
        if any(start <= place < name.start and spoke.entity is None for place, spoke in self._recent()):
            return True  # "According to a customer who knows Malt, it is wet"
        if self._participants.is_subject(mention):
            return False
        end = SENTENCE_END.search(self._text, name.end, name.end + INTRODUCED_REACH)
        return self._unnamed.is_inside(start, end.end() if end is not None else name.end)

    def _acts_behind(self, before: str, name: Span) -> bool:
        """Return whether a name behind a comma is the subject of its sentence: "After a clerk left, Malt came"."""
        if self._text[name.start - len(", ") : name.start] != ", ":
            return False
        after = PLAIN_WORD.match(self._text, name.end + 1)
        words = [fold(word) for word in PLAIN_WORD.findall(before)]
        if not any(self._participants.may_be_verb(word) for word in words):
            return True  # "The head of the council, Vera Malt, came"
        return after is not None and self._participants.may_be_verb(fold(after[0]))

    def _speaks(self, name: Span) -> bool:
        """Return whether a verb of speech follows a name."""
        after = PLAIN_WORD.match(self._text, name.end + (2 if self._text.startswith(",", name.end) else 1))
        return after is not None and fold(after[0]) in self._pack.cues

    def _referent(self, entity: Entity, gender: str, position: int, by: Resolution, condition: str) -> Referent:
        antecedent = self.latest(entity, position)
        if by != "pronoun" or condition == "rival":
            return Referent(entity, by, antecedent, condition)
        others = self._others(entity, position, within=antecedent)
        rivals = tuple(other.name for other in others if may_be(other, gender))
        meant = next((place for place, spoke in self._recent() if spoke.entity is entity), -1)  # "he", too
        last = max(meant, antecedent.start if antecedent is not None else -1)
        distance = self.paragraph(position) - self.paragraph(last) if last >= 0 else 2
        near = "paragraph before, others" if others else "paragraph before"
        if antecedent is not None and self._met(antecedent, rivals, position):
            return replace(UNRESOLVED, rivals=(entity.name, *rivals))
        condition = "same paragraph" if distance == 0 else near if distance == 1 else "farther back"
        return Referent(entity, by, antecedent, condition, rivals=rivals)

    def _met(self, subject: Span, rivals: Collection[str], position: int) -> bool:
        """Return whether the subject acts with another who may be meant: "Lind and Malt left. He said"."""
        before = next(self._participants.back_from(subject.start), None)
        named = [before] if before is not None else []
        others = [one for one in named + self._participants.within(Span(subject.end, position)) if one.name in rivals]
        gaps = (sorted((one.span, subject)) for one in others)
        if any(_AND.fullmatch(self._text, left.end, right.start) for left, right in gaps):
            return True
        words = [fold(word) for word in PLAIN_WORD.findall(self._text, subject.end, subject.end + 40)[:2]]
        verbs = words if words and words[0] in self._words["auxiliary"] else words[:1]  # "a rencontré"
        return any(one is not before for one in others) and not self._words["reciprocal"].isdisjoint(verbs)

    def _others(
        self, entity: Entity, position: int, since: Span | None = None, within: Span | None = None
    ) -> list[Entity]:
        """Return the other persons named before `position`, after `since`, not before the paragraph of `within`."""
        others: dict[str, Entity] = {}
        least = self._paragraph_starts[self.paragraph(within.start) - 1] if within is not None else 0
        for mention in self._participants.back_from(position):
            reached = mention.span.start >= max(least, position - _RIVAL_REACH)
            if not reached or (since is not None and mention.span <= since):
                break
            if mention.kind == "person" and mention.entity_id != entity.id:
                others.setdefault(mention.entity_id, self._entity(mention))
        return list(others.values())

    def _reject(self, entity: Entity, position: int, reason: str) -> None:
        """Note that `entity` was rejected, at its last mention."""
        if self._rejections.enabled:
            for mention in self._participants.back_from(position):
                if mention.entity_id == entity.id:
                    self._rejections.add(mention, reason)
                    return

    def titled(self, words: Sequence[str], position: int) -> Referent | None:
        """Return the only person before whose name a word stands that is not known as a role: "the diver"."""
        if len(words) != 2 or words[0] not in self._words["definite"] or self._participants.is_role(words[1]):
            return None
        every = self._participants.entities.values()
        return self._only([one for one in every if one.kind == "person" and words[1] in one.titles], position)

    def _by_role(self, noun: str, position: int) -> Referent | None:
        """Return the only person for whom the article uses `noun`, if it names them before `position`."""
        nouns = {noun} | self._roles[f"any-{noun}"]
        every = self._participants.entities.values()
        people = [entity for entity in every if entity.kind == "person"]
        holders = [entity for entity in people if not nouns.isdisjoint(entity.nouns)]
        if not holders and self._words["capitals"]:  # "Umweltministerin Lind": "die Ministerin"
            holders = [entity for entity in people if any(own.endswith(noun) for own in entity.nouns)]
        return self._only(holders, position)

    def _only(self, holders: Sequence[Entity], position: int) -> Referent | None:
        named = self.latest(holders[0], position) if len(holders) == 1 else None
        return Referent(holders[0], "role", named, "own") if named is not None else None
