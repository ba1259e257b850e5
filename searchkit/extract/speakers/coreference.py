"""Resolve references other than names: "he", "they", "the company", "the official", "her statement".

The speakers of earlier statements must be appended to `history` in the order in which the text names them.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from searchkit.document import Mention, Resolution
from searchkit.extract.names.namesakes import gender_of_role
from searchkit.extract.speakers.participants import BODY_KINDS, PLAIN_WORD, Entity, Participants
from searchkit.text import Span, fold

# So many paragraphs back, a document of another word may be meant: "a study" before "the report".
_NEAR = 2
# A noun phrase that opens a sentence, and how far back one may have changed whom pronouns mean. The engine skips to
# the first character of the pattern; what stands before is looked up behind it.
_NOUN_SUBJECT = re.compile(
    r"([THA](?:(?<=\w[.!?] .)|(?<=[.!?]['\"”’] .)|(?<=\n.))(?:(?<=T)(?:he|heir)|(?<=H)(?:is|er)|(?<=A)n?))"
    r" ((?:[\w'’\-]{1,20} ){0,3}[\w\-]{1,20})"
)
_INTRODUCED_REACH = 400
# How far back, in characters, others make it doubtful whom a pronoun means: counted in speakers.txt.
_RIVAL_REACH = 700
# Why a candidate was rejected.
_OTHER_GENDER = "gender differs"
_IS_SAID = "inside a statement"
_TOO_FAR = "too far back"
_NO_SUBJECT = "not the subject of a sentence"


class Referent(Struct, frozen=True):
    """Whom a phrase means; `entity` None where the text does not show it. `condition` narrows `by`, for the confidence.

    `source` is the confidence of the referent that this one was carried from. `rivals` are the names of others whom the
    phrase could mean.
    """

    entity: Entity | None
    by: Resolution
    antecedent: Span | None = None
    condition: str = ""
    role: str | None = None
    affiliation: str | None = None
    attribution: Span | None = None
    source: float = 1.0
    rivals: tuple[str, ...] = ()


UNRESOLVED = Referent(None, "unresolved")


class RejectedCandidate(Struct, frozen=True):
    """A name at a place that could have been the speaker, and why it is not."""

    span: Span
    name: str
    reason: str


class RejectionLog:
    """Collects the candidates rejected for one statement, each with its first reason; costs one test when disabled."""

    __slots__ = ("_rejected", "enabled")

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self._rejected: dict[str, RejectedCandidate] = {}

    def add(self, mention: Mention, reason: str) -> None:
        if self.enabled:
            candidate = RejectedCandidate(mention.span, mention.name, reason)
            self._rejected.setdefault(mention.entity_id, candidate)

    def take(self, speaker: Entity | None) -> tuple[RejectedCandidate, ...]:
        """Return the candidates rejected since the last call, without the `speaker` who was chosen later."""
        taken = tuple(
            candidate for entity_id, candidate in self._rejected.items() if speaker is None or entity_id != speaker.id
        )
        self._rejected.clear()
        return taken


def _may_be(entity: Entity, gender: str, leaning: Set[str]) -> bool:
    return entity.gender == gender or (not entity.gender and entity.leaning in leaning)


class Coreference:
    """Resolves references back in one text, along the statements in its history."""

    def __init__(self, participants: Participants, contents: Sequence[Span], rejections: RejectionLog) -> None:
        self._text = participants.article.text
        self._participants = participants
        pack = self._pack = participants.pack
        self._words = pack.words
        self._roles = pack.roles
        self._bodies = pack.bodies
        self._paragraph_starts = [span.start for span in participants.article.paragraphs]
        self._content_starts = [span.start for span in contents]
        self._content_ends = [span.end for span in contents]
        self._rejections = rejections
        self._kinds = Counter(entity.kind for entity in participants.entities.values())
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

    # --- pronouns ---

    def pronoun(self, word: str, attribution: Span) -> Referent:
        """Return whom "he", "she", "they" or "it" at `attribution` means."""
        if word in self._words["female"] or word in self._words["male"]:
            gender = "female" if word in self._words["female"] else "male"
            referent = self.person(attribution.start, gender, "pronoun")
            # German "sie" is "she" and "they".
            if referent.entity is not None or word not in self._words["body-pronoun"]:
                return referent
        if word in self._words["body-pronoun"]:
            return self.body(attribution)
        return UNRESOLVED

    def person(self, position: int, gender: str, by: Resolution) -> Referent:
        """Return the last person who spoke, unless another has opened a sentence since; else the last person named.

        A person who leans to the other gender is taken only if there is no other.
        """
        referent = self._person(position, gender, by, leaning={"", gender})
        introduced = self._introduced(position, gender, referent)
        if introduced is not None:
            return introduced
        if referent.entity is not None:
            return referent
        return self._person(position, gender, by, leaning={"", "male", "female"})

    def _last_speaker(self, position: int, gender: str, leaning: Set[str]) -> tuple[int, Referent]:
        """Return the last person of `gender` who spoke, named or not, and where; UNRESOLVED and -1 for none."""
        here = self.paragraph(position)
        for place, referent in self._recent():
            entity = referent.entity
            if entity is None and here - self.paragraph(place) <= 1 and self._is_unnamed(referent, gender):
                return place, referent
            if entity is not None and entity.kind == "person":
                just_spoke = entity.guessed and not entity.gender and here == self.paragraph(place)
                if just_spoke or _may_be(entity, gender, leaning):
                    return place, referent
                self._reject(entity, position, _OTHER_GENDER)
        return -1, UNRESOLVED

    def _person(self, position: int, gender: str, by: Resolution, leaning: Set[str]) -> Referent:
        spoke_at, speaker = self._last_speaker(position, gender, leaning)
        spoke = speaker.entity
        rivals: dict[str, Mention] = {}
        last: Entity | None = None
        for mention in self._participants.back_from(position):
            if mention.span.start <= spoke_at:
                break
            if mention.kind != "person":
                continue
            entity = self._entity(mention)
            if self.is_said(mention.span):
                self._rejections.add(mention, _IS_SAID)
            elif not _may_be(entity, gender, leaning):
                self._rejections.add(mention, _OTHER_GENDER)
            elif self._participants.is_subject(mention):
                if spoke is not None and spoke is not entity:
                    self._reject(spoke, position, f"{entity.name} is the subject of a later sentence")
                return self._referent(entity, gender, position, by, "subject" if spoke is None else "change")
            else:
                rivals.setdefault(entity.id, mention)
                last = last or entity
        if spoke is None and speaker is not UNRESOLVED:
            return replace(UNRESOLVED, role=speaker.role, antecedent=speaker.antecedent or speaker.attribution)
        taken = spoke or last
        if taken is None:
            return UNRESOLVED
        rivals.pop(taken.id, None)
        for mention in rivals.values():
            self._rejections.add(mention, _NO_SUBJECT if spoke is not None else _TOO_FAR)
        found = self._referent(taken, gender, position, by, "last" if spoke is None else "rival" if rivals else "spoke")
        return replace(found, rivals=tuple(mention.name for mention in rivals.values())) if rivals else found

    def _is_unnamed(self, referent: Referent, gender: str) -> bool:
        """Return whether a speaker stays without a name and may be the next "he": "one consultant argued"."""
        if (
            not referent.role
            or referent.attribution is None
            or gender_of_role(referent.role, self._pack) not in {"", gender}
        ):
            return False
        first = fold(referent.attribution.of(self._text).partition(" ")[0])
        return first in self._words["indefinite"]

    def _introduced(self, position: int, gender: str, referent: Referent) -> Referent | None:
        """Return whom pronouns mean after a noun has opened a sentence: "The port captain was unmoved."

        A noun without a name ("His father had heard", "A clerk came in") leaves it unresolved. None means no change.
        """
        since = max(referent.antecedent.end if referent.antecedent is not None else 0, position - _INTRODUCED_REACH)
        last: re.Match[str] | None = None
        for found in _NOUN_SUBJECT.finditer(self._text, since, position):
            if not self.is_said(Span(found.start(1), found.end(2))):
                last = found
        if last is None:
            return None
        first, words = fold(last[1]), [fold(word) for word in last[2].split()]
        noun = self._role_before_verb(words)
        if not noun or gender_of_role(noun, self._pack) not in {"", gender}:
            return None
        named = self._participants.first_from(last.end())
        if named is not None and self._text[last.end() : named.span.start] in {", ", " "}:
            return None  # "Her father, Igor Malt, left"
        if first in self._words["definite"]:
            holder = self._by_role(noun, last.start(), bare=False)
            if holder is not None and holder.entity is not None:
                return replace(holder, by="pronoun", condition="role opened")
            if first == "the":
                return None
        return replace(UNRESOLVED, role=noun, antecedent=Span(last.start(1), last.end(2)))

    def _role_before_verb(self, words: Sequence[str]) -> str:
        """Return the role word among `words`, before anything that cannot be in its noun phrase; empty for none."""
        for word in words:
            if self._participants.is_role(word):
                return word
            if word in self._words["finite"] or word in self._words["preposition"] or word in self._words["determiner"]:
                break
        return ""

    def _referent(self, entity: Entity, gender: str, position: int, by: Resolution, condition: str) -> Referent:
        entity.leaning = entity.leaning or gender
        antecedent = self.latest(entity, position)
        if by != "pronoun" or condition == "rival":
            return Referent(entity, by, antecedent, condition)
        others = self._others(entity, position)
        rivals = tuple(other.name for other in others if _may_be(other, gender, {"", gender}))
        distance = self.paragraph(position) - self.paragraph(antecedent.start) if antecedent is not None else 2
        near = "paragraph before, others" if others else "paragraph before"
        condition = "same paragraph" if distance == 0 else near if distance == 1 else "farther back"
        return Referent(entity, by, antecedent, condition, rivals=rivals)

    def _others(self, entity: Entity, position: int) -> list[Entity]:
        """Return the other persons named shortly before `position`, latest first."""
        others: dict[str, Entity] = {}
        for mention in self._participants.back_from(position):
            if mention.span.start < position - _RIVAL_REACH:
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

    def body(self, attribution: Span) -> Referent:
        """Return whom "they" or "it" means: the last speaker if a body; else a body that opened a sentence."""
        here = self.paragraph(attribution.start)
        for place, referent in self._recent():
            if referent.entity is not None and referent.entity.kind == "person" and not referent.entity.may_be_body:
                continue
            if here - self.paragraph(place) > 1:
                break
            if referent.entity is None:
                return replace(referent, antecedent=referent.antecedent or referent.attribution)
            return Referent(referent.entity, "pronoun", self.latest(referent.entity, attribution.start), "body spoke")
        nearest: Mention | None = None
        for mention in self._participants.back_from(attribution.start):
            distance = here - self.paragraph(mention.span.start)
            if distance > 1:
                self._rejections.add(mention, _TOO_FAR)
                break
            if not self._is_body(mention):
                self._rejections.add(mention, f"a {mention.kind}, not a body")
            elif self.is_said(mention.span):
                self._rejections.add(mention, _IS_SAID)
            elif self._participants.is_subject(mention):
                return Referent(self._entity(mention), "pronoun", mention.span, "body")
            elif nearest is None and distance == 0:
                nearest = mention
            else:
                self._rejections.add(mention, _NO_SUBJECT)
        if nearest is None:
            return UNRESOLVED
        return Referent(self._entity(nearest), "pronoun", nearest.span, "body near")

    def _body_spoke(self, body: str, kind: str | None, position: int) -> Entity | None:
        """Return the body that made the last statement of a body, in this paragraph or the one before."""
        for place, referent in self._recent():
            if self.paragraph(position) - self.paragraph(place) > 1:
                return None
            entity = referent.entity
            if entity is None or (entity.kind == "person" and not entity.may_be_body):
                continue
            if body in self._roles["sort"] and not entity.name.isupper() and body not in fold(entity.name).split():
                return None
            return entity if entity.kind in (kind, "organisation", "other", "person") else None
        return None

    # --- nouns ---

    def role(self, words: Sequence[str], noun: str, attribution: Span) -> Referent:
        """Return whom "the official" or "the spokesperson of the office" means."""
        inside = self._participants.body_in(attribution.start, attribution.end)
        if words[0] in self._words["definite"]:
            if len(words) <= 4:
                earlier = self._unnamed_before(noun)
                if earlier is not None:
                    return replace(UNRESOLVED, role=noun, antecedent=earlier)
                referent = self._by_role(noun, attribution.start, bare=len(words) == 2)
                unnamed = self._unnamed_subject(noun, referent, attribution.start)
                if unnamed is not None:
                    return replace(UNRESOLVED, role=noun, antecedent=unnamed)
                if referent is not None:
                    return referent
            if inside is not None:
                for mention in self._participants.back_from(attribution.start):
                    member = self._entity(mention)
                    if noun in member.nouns and member.affiliation == inside.name:
                        return Referent(member, "role", self.latest(member, attribution.start), "member")
            if noun in self._roles["describing"] or any(word.endswith("-year-old") for word in words):
                return self.described(attribution, gender_of_role(noun, self._pack))
            subject = self._roleless(noun, attribution.start)
            if subject is not None:
                affiliation = inside.name if inside is not None else None
                antecedent = self.latest(subject, attribution.start)
                return Referent(subject, "role", antecedent, "roleless", noun, affiliation)
        return Referent(None, "unresolved", role=noun, affiliation=inside.name if inside is not None else None)

    def _by_role(self, noun: str, position: int, *, bare: bool) -> Referent | None:
        """Return the person whose role holds `noun`; for a bare general noun, else the last person with a role."""
        with_role: Entity | None = None
        for mention in self._participants.back_from(position):
            if mention.kind != "person":
                continue
            entity = self._entity(mention)
            if noun in entity.nouns:
                return Referent(entity, "role", self.latest(entity, position), "own")
            if entity.nouns and with_role is None:
                with_role = entity
            else:
                self._rejections.add(mention, f"not known as {noun}")
        if with_role is None or not bare or noun not in self._roles["general"]:
            return None
        return Referent(with_role, "role", self.latest(with_role, position), "general")

    def _unnamed_before(self, noun: str) -> Span | None:
        """Return an earlier unnamed speaker of the same role: "a justice official" before "the official"."""
        for _, referent in self._recent():
            if referent.entity is not None and noun in referent.entity.nouns:
                return None
            if referent.entity is None and referent.role == noun:
                return referent.antecedent or referent.attribution
        return None

    def _roleless(self, noun: str, position: int) -> Entity | None:
        """Return the subject of the text right before, if it has no known role: "Lind came. The manager said"."""
        here, gender = self.paragraph(position), gender_of_role(noun, self._pack)
        for mention in self._participants.back_from(position):
            if here != self.paragraph(mention.span.start):
                return None
            if mention.kind == "person" and not self.is_said(mention.span) and self._participants.is_subject(mention):
                entity = self._entity(mention)
                return entity if not entity.nouns and _may_be(entity, gender, {"", gender}) else None
        return None

    def _unnamed_subject(self, noun: str, referent: Referent | None, position: int) -> Span | None:
        """Return the unnamed person of this role who opened a sentence since `referent` was named."""
        since = max(
            referent.antecedent.end if referent is not None and referent.antecedent else 0, position - _INTRODUCED_REACH
        )
        for found in _NOUN_SUBJECT.finditer(self._text, since, position):
            if found[1] in {"A", "An"} and noun in fold(found[2]).split():
                return Span(found.start(1), found.end(2))
        return None

    def described(self, attribution: Span, gender: str = "") -> Referent:
        """Return whom "the 61-year-old" means: the last person who opened a sentence."""
        for mention in self._participants.back_from(attribution.start):
            if mention.kind != "person" or not self._participants.is_subject(mention):
                continue
            entity = self._entity(mention)
            if not gender or _may_be(entity, gender, {"", gender}):
                return Referent(entity, "role", mention.span, "described")
            self._rejections.add(mention, _OTHER_GENDER)
        return UNRESOLVED

    def document(self, words: Sequence[str], noun: str, attribution: Span) -> Referent:
        """Return who issued "the study" or "her statement": the body named with it, or whom the pronoun means."""
        owner = words[1].removesuffix("'s").removesuffix("’s") if len(words) > 2 else ""
        if owner in self._bodies:
            return self.by_body(owner, attribution)
        if words[0] in self._words["singular-possessive"]:
            return self.person(attribution.start, "female" if words[0] in self._words["female"] else "male", "role")
        if words[0] in self._words["body-possessive"]:
            return self.body(attribution)
        alike = self._words["paper"] if noun in self._words["paper"] else {noun}
        for nouns, reach in (({noun}, _NEAR), (alike, _NEAR), ({noun}, None)):
            issuer = self._issuer(nouns, attribution.start, reach)
            if issuer is not None:
                return Referent(self._entity(issuer), "role", issuer.span, "issuer")
        speaker = self.history[-1][1].entity if self.history and noun in self._words["message"] else None
        if speaker is not None:
            return Referent(speaker, "role", self.latest(speaker, attribution.start), "message")
        return UNRESOLVED

    def _issuer(self, nouns: Set[str], position: int, paragraphs: int | None) -> Mention | None:
        """Return the latest body that issued such a document: "the Ostrava report", "a study by Ostrava"."""
        here = self.paragraph(position)
        for mention in self._participants.back_from(position):
            if paragraphs is not None and here - self.paragraph(mention.span.start) > paragraphs:
                break
            if mention.kind not in BODY_KINDS and mention.kind != "other":
                continue
            after = PLAIN_WORD.match(self._text, mention.span.end + 1)
            if after is not None and fold(after.group()) in nouns:
                return mention
            before = self._text[max(0, mention.span.start - 40) : mention.span.start]
            words = [fold(word) for word in PLAIN_WORD.findall(before)]
            while words and words[-1] in self._words["article"]:
                words.pop()
            if len(words) > 1 and words[-1] in self._words["issuer"] and words[-2] in nouns:
                return mention
        return None

    def by_body(self, body: str, attribution: Span) -> Referent:
        """Return whom "the company" means.

        This is the latest body with that word in its name; else the body of that kind that last spoke, opened a
        sentence or is named. A word for one sort of body ("the ministry") means no other.
        """
        kind, here = self._bodies.get(body), self.paragraph(attribution.start)
        spoke = self._body_spoke(body, kind, attribution.start)
        opens: Mention | None = None
        near: Mention | None = None
        for mention in self._participants.back_from(attribution.start):
            if body in fold(mention.name).split() and (kind != "organisation" or mention.kind != "agency"):
                entity = self._entity(mention)
                if not self._participants.is_subject(mention):
                    # "U.S. Treasury securities" does not change which department speaks.
                    spoken = (referent.entity for _, referent in self._recent())
                    bodies = (other for other in spoken if other is not None and other.kind in BODY_KINDS)
                    entity = next((other for other in bodies if body in fold(other.name).split()), entity)
                return Referent(entity, "role", self.latest(entity, attribution.start), "body named")
            if not self._is_body(mention) or mention.kind == "group":
                continue
            if self.is_said(mention.span):
                self._rejections.add(mention, _IS_SAID)
            elif here - self.paragraph(mention.span.start) > 1:
                self._rejections.add(mention, _TOO_FAR)
            elif body in self._roles["sort"] and not mention.name.isupper():
                self._rejections.add(mention, f'"{body}" is not in its name')
            elif (
                opens is None
                # The kinds of persons and organisations are uncertain.
                and (mention.kind in {kind, "person"} or "organisation" in (mention.kind, kind))
                and self._participants.is_subject(mention)
            ):
                opens = mention
            elif near is None and mention.kind == kind:
                near = mention
        if spoke is not None and (opens is None or spoke.id == opens.entity_id):
            return Referent(spoke, "role", self.latest(spoke, attribution.start), "body spoke")
        if opens is not None:
            return Referent(self._entity(opens), "role", opens.span, "body opened")
        if near is not None and self._kinds[near.kind] == 1:
            return Referent(self._entity(near), "role", near.span, "body near")
        return UNRESOLVED
