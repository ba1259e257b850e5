"""Whom words that are no name point to: "he", "they", "the company", "the official", "her statement".

takes:    the cast, where statements stand, and who has spoken so far
gives:    an Answer: the entity, how it was found and under which condition; NOBODY where nothing points
does not: read names; say how sure an answer is (certainty.py does)
traps:    answers must be remembered in the order in which their speakers are named in the text
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from searchkit.document import Article, Mention, Resolution
from searchkit.extract.names.namesakes import gender_of_role
from searchkit.extract.packs import Pack
from searchkit.extract.speakers.participants import BODY_KINDS, PLAIN_WORD, Cast, Entity
from searchkit.extract.speakers.passed_over import Passed
from searchkit.text import Span, fold

# How many statements back a reference may reach.
_MEMORY = 40
# How far before a body the document that it issued may stand: "a study by the Ostrava Trade Office".
_ISSUED_REACH = 40
# So many paragraphs back, a document of another word may be meant: "a study" before "the report".
_NEAR = 2
# A noun phrase that opens a sentence, and how far back one may have changed whom pronouns mean. The engine skips to
# the first sign of the pattern; what stands before is looked up behind it.
_NOUN_SUBJECT = re.compile(
    r"([THA](?:(?<=\w[.!?] .)|(?<=[.!?]['\"”’] .)|(?<=\n.))(?:(?<=T)(?:he|heir)|(?<=H)(?:is|er)|(?<=A)n?))"
    r" ((?:[\w'’\-]{1,20} ){0,3}[\w\-]{1,20})"
)
_INTRODUCED_REACH = 400
# Why a candidate was passed over.
_EITHER = frozenset({"", "male", "female"})
_OTHER_GENDER = "gender differs"
_IS_SAID = "inside somebody's words"
_TOO_FAR = "too far back"


class Answer(Struct, frozen=True):
    """Who spoke. `entity` None: nobody can be told. `condition` narrows `by`, for the confidence.

    `source` is the confidence of the answer that it was carried from.
    """

    entity: Entity | None
    by: Resolution
    antecedent: Span | None = None
    condition: str = ""
    role: str | None = None
    affiliation: str | None = None
    attribution: Span | None = None
    source: float = 1.0


NOBODY = Answer(None, "unresolved")


def _may_be(entity: Entity, gender: str, leaning: Set[str]) -> bool:
    return entity.gender == gender or (not entity.gender and entity.leaning in leaning)


class Pointing:
    """Resolves what points back, along the statements `remember`ed so far."""

    def __init__(self, article: Article, cast: Cast, pack: Pack, contents: Sequence[Span], passed: Passed) -> None:
        self._text = article.text
        self._cast = cast
        self._pack = pack
        self._words = pack.words
        self._roles = pack.roles
        self._bodies = pack.bodies
        self._paragraph_starts = [span.start for span in article.paragraphs]
        self._content_starts = [span.start for span in contents]
        self._content_ends = [span.end for span in contents]
        self._passed = passed
        self._kinds = Counter(entity.kind for entity in cast.entities.values())
        self._history: list[tuple[int, Answer]] = []  # place of each statement's attribution, and who spoke

    def remember(self, place: int, answer: Answer) -> None:
        """Keep who spoke at `place` for what follows."""
        self._history.append((place, answer))

    def _recent(self) -> Iterator[tuple[int, Answer]]:
        """The last statements and who made them, latest first. Further back nobody is pointed to by a pronoun."""
        return islice(reversed(self._history), _MEMORY)

    def latest(self, entity: Entity, position: int) -> Span | None:
        """The last mention of `entity` before `position`."""
        at = bisect_left(entity.spans, Span(position, position))
        return entity.spans[at - 1] if at else None

    def paragraph(self, position: int) -> int:
        """The number of the paragraph at `position`."""
        return bisect_right(self._paragraph_starts, position)

    def is_said(self, span: Span) -> bool:
        """Whether the place lies inside somebody's words."""
        at = bisect_right(self._content_starts, span.start) - 1
        return at >= 0 and span.start < self._content_ends[at]

    def _entity(self, mention: Mention) -> Entity:
        return self._cast.entities[mention.entity_id]

    def _is_body(self, mention: Mention) -> bool:
        """Whether the mention is a body, or may be one: a name that only its speaking made a person."""
        return mention.kind in BODY_KINDS or (mention.kind == "person" and self._entity(mention).may_be_body)

    # --- pronouns ---

    def pronoun(self, word: str, attribution: Span) -> Answer:
        """Whom "he", "she", "they" or "it" at `attribution` means."""
        if word in self._words["female"] or word in self._words["male"]:
            gender = "female" if word in self._words["female"] else "male"
            answer = self.person(attribution.start, gender, "pronoun")
            # German "sie" is "she" and "they".
            if answer.entity is not None or word not in self._words["body-pronoun"]:
                return answer
        if word in self._words["body-pronoun"]:
            return self.body(attribution)
        return NOBODY

    def person(self, position: int, gender: str, by: Resolution) -> Answer:
        """The last person who spoke, unless another has opened a sentence since; else the last person named.

        Whoever leans to the other gender is taken only if nobody else is there.
        """
        answer = self._person(position, gender, by, leaning={"", gender})
        introduced = self._introduced(position, gender, answer)
        if introduced is not None:
            return introduced
        return answer if answer.entity is not None else self._person(position, gender, by, leaning=_EITHER)

    def _person(self, position: int, gender: str, by: Resolution, leaning: Set[str]) -> Answer:
        spoke_at, spoke = -1, None
        unnamed: Answer | None = None
        for place, answer in self._recent():
            entity = answer.entity
            near = self.paragraph(position) - self.paragraph(place) <= 1
            if entity is None and near and self._is_unnamed(answer, gender):
                spoke_at, unnamed = place, answer
                break
            if entity is not None and entity.kind == "person":
                just_spoke = entity.guessed and not entity.gender and self.paragraph(position) == self.paragraph(place)
                if just_spoke or _may_be(entity, gender, leaning):
                    spoke_at, spoke = place, entity
                    break
                self._passed_entity(entity, position, _OTHER_GENDER)
        rivals: dict[str, Mention] = {}
        last: Entity | None = None
        for mention in self._cast.back_from(position):
            if mention.span.start <= spoke_at:
                break
            if mention.kind != "person":
                continue
            entity = self._entity(mention)
            if self.is_said(mention.span):
                self._passed.over(mention, _IS_SAID)
            elif not _may_be(entity, gender, leaning):
                self._passed.over(mention, _OTHER_GENDER)
            elif self._cast.is_subject(mention):
                if spoke is not None and spoke is not entity:
                    self._passed_entity(spoke, position, f"spoke earlier, but {entity.name} opened a sentence since")
                return self._one(entity, gender, position, by, "subject" if spoke is None else "change")
            else:
                rivals.setdefault(entity.id, mention)
                last = last or entity
        if unnamed is not None:
            return replace(NOBODY, role=unnamed.role, antecedent=unnamed.antecedent or unnamed.attribution)
        taken = spoke or last
        if taken is None:
            return NOBODY
        rivals.pop(taken.id, None)
        for mention in rivals.values():
            self._passed.over(mention, "opens no sentence" if spoke is not None else _TOO_FAR)
        return self._one(taken, gender, position, by, "last" if spoke is None else "rival" if rivals else "spoke")

    def _is_unnamed(self, answer: Answer, gender: str) -> bool:
        """Whether one who spoke stays without a name, and may be the next "he": "one consultant argued"."""
        if not answer.role or answer.attribution is None or gender_of_role(answer.role, self._pack) not in {"", gender}:
            return False
        first = fold(answer.attribution.of(self._text).partition(" ")[0])
        return first in self._words["indefinite"]

    def _introduced(self, position: int, gender: str, answer: Answer) -> Answer | None:
        """Whom a noun that opened a sentence since made the one that pronouns mean: "The port captain was unmoved."

        Somebody without a name ("His father had heard", "A clerk came in") is nobody, yet no longer who was meant.
        """
        since = max(answer.antecedent.end if answer.antecedent is not None else 0, position - _INTRODUCED_REACH)
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
        named = self._cast.first_from(last.end())
        if named is not None and self._text[last.end() : named.span.start] in {", ", " "}:
            return None  # "Her father, Igor Malt, left"
        if first in self._words["definite"]:
            holder = self._by_role(noun, last.start(), bare=False)
            if holder is not None and holder.entity is not None:
                return replace(holder, by="pronoun", condition="role opened")
            if first == "the":
                return None
        return replace(NOBODY, role=noun, antecedent=Span(last.start(1), last.end(2)))

    def _role_before_verb(self, words: Sequence[str]) -> str:
        """The role word among `words` before anything that is no part of a noun phrase; empty for none."""
        for word in words:
            if self._cast.is_role(word):
                return word
            if word in self._words["finite"] or word in self._words["preposition"] or word in self._words["determiner"]:
                break
        return ""

    def _one(self, entity: Entity, gender: str, position: int, by: Resolution, condition: str) -> Answer:
        entity.leaning = entity.leaning or gender
        return Answer(entity, by, self.latest(entity, position), condition)

    def _passed_entity(self, entity: Entity, position: int, reason: str) -> None:
        """Note that `entity` was passed over, at its last mention."""
        if self._passed.wanted:
            mention = next((one for one in self._cast.back_from(position) if one.entity_id == entity.id), None)
            if mention is not None:
                self._passed.over(mention, reason)

    def body(self, attribution: Span) -> Answer:
        """Whom "they" or "it" points to: the last speaker if a body or a plural; else a body that opened a sentence."""
        here = self.paragraph(attribution.start)
        for place, answer in self._recent():
            if answer.entity is not None and answer.entity.kind == "person" and not answer.entity.may_be_body:
                continue
            if here - self.paragraph(place) > 1:
                break
            if answer.entity is None:
                return replace(answer, antecedent=answer.antecedent or answer.attribution)
            return Answer(answer.entity, "pronoun", self.latest(answer.entity, attribution.start), "body spoke")
        nearest: Mention | None = None
        for mention in self._cast.back_from(attribution.start):
            distance = here - self.paragraph(mention.span.start)
            if distance > 1:
                self._passed.over(mention, _TOO_FAR)
                break
            if not self._is_body(mention):
                self._passed.over(mention, f"a {mention.kind}, not a body")
            elif self.is_said(mention.span):
                self._passed.over(mention, _IS_SAID)
            elif self._cast.is_subject(mention):
                return Answer(self._entity(mention), "pronoun", mention.span, "body")
            elif nearest is None and distance == 0:
                nearest = mention
            else:
                self._passed.over(mention, "opens no sentence")
        if nearest is None:
            return NOBODY
        return Answer(self._entity(nearest), "pronoun", nearest.span, "body near")

    def _namesake_spoke(self, body: str) -> Entity | None:
        """The last body with that word in its name that spoke."""
        for _, answer in self._recent():
            entity = answer.entity
            if entity is not None and entity.kind in BODY_KINDS and body in fold(entity.name).split():
                return entity
        return None

    def _body_spoke(self, body: str, kind: str | None, position: int) -> Entity | None:
        """The body that made the last statement of a body, in this paragraph or the one before."""
        for place, answer in self._recent():
            if self.paragraph(position) - self.paragraph(place) > 1:
                return None
            entity = answer.entity
            if entity is None or (entity.kind == "person" and not entity.may_be_body):
                continue
            if body in self._roles["sort"] and not entity.name.isupper() and body not in fold(entity.name).split():
                return None
            return entity if entity.kind in (kind, "organisation", "other", "person") else None
        return None

    # --- nouns ---

    def role(self, words: Sequence[str], noun: str, attribution: Span) -> Answer:
        """Whom "the official" or "the spokesperson of the office" means."""
        inside = self._cast.body_in(attribution.start, attribution.end)
        if words[0] in self._words["definite"]:
            if len(words) <= 4:
                earlier = self._unnamed_before(noun)
                if earlier is not None:
                    return replace(NOBODY, role=noun, antecedent=earlier)
                answer = self._by_role(noun, attribution.start, bare=len(words) == 2)
                unnamed = self._unnamed_subject(noun, answer, attribution.start)
                if unnamed is not None:
                    return replace(NOBODY, role=noun, antecedent=unnamed)
                if answer is not None:
                    return answer
            if inside is not None:
                member = self._member(noun, inside.name, attribution.start)
                if member is not None:
                    return Answer(member, "role", self.latest(member, attribution.start), "member")
            if noun in self._roles["describing"] or any(word.endswith("-year-old") for word in words):
                return self.described(attribution, gender_of_role(noun, self._pack))
            beside = self._roleless(noun, attribution.start)
            if beside is not None:
                antecedent = self.latest(beside, attribution.start)
                return Answer(beside, "role", antecedent, "roleless", noun, inside.name if inside is not None else None)
        return Answer(None, "unresolved", role=noun, affiliation=inside.name if inside is not None else None)

    def _by_role(self, noun: str, position: int, *, bare: bool) -> Answer | None:
        """The person whose role holds `noun`; for a general noun standing bare, else the last person with a role."""
        with_role: Entity | None = None
        for mention in self._cast.back_from(position):
            if mention.kind != "person":
                continue
            entity = self._entity(mention)
            if noun in entity.nouns:
                return Answer(entity, "role", self.latest(entity, position), "own")
            if entity.nouns and with_role is None:
                with_role = entity
            else:
                self._passed.over(mention, f"not known as {noun}")
        if with_role is None or not bare or noun not in self._roles["general"]:
            return None
        return Answer(with_role, "role", self.latest(with_role, position), "general")

    def _member(self, noun: str, body: str, position: int) -> Entity | None:
        """The person with this role at this body: "the spokesperson of the Ostrava Trade Office"."""
        for mention in self._cast.back_from(position):
            entity = self._entity(mention)
            if noun in entity.nouns and entity.affiliation == body:
                return entity
        return None

    def _unnamed_before(self, noun: str) -> Span | None:
        """An earlier unnamed speaker of the same role: "a justice official" before "the official"."""
        for _, answer in self._recent():
            if answer.entity is not None and noun in answer.entity.nouns:
                return None
            if answer.entity is None and answer.role == noun:
                return answer.antecedent or answer.attribution
        return None

    def _roleless(self, noun: str, position: int) -> Entity | None:
        """The subject of the text right before, if no office of hers is known: "Lind came. The manager said"."""
        here, gender = self.paragraph(position), gender_of_role(noun, self._pack)
        for mention in self._cast.back_from(position):
            if here != self.paragraph(mention.span.start):
                return None
            if mention.kind == "person" and not self.is_said(mention.span) and self._cast.is_subject(mention):
                entity = self._entity(mention)
                return entity if not entity.nouns and _may_be(entity, gender, {"", gender}) else None
        return None

    def _unnamed_subject(self, noun: str, answer: Answer | None, position: int) -> Span | None:
        """An unnamed one of this role who opened a sentence since the one that `answer` gives was named."""
        since = max(
            answer.antecedent.end if answer is not None and answer.antecedent else 0, position - _INTRODUCED_REACH
        )
        for found in _NOUN_SUBJECT.finditer(self._text, since, position):
            if found[1] in {"A", "An"} and noun in fold(found[2]).split():
                return Span(found.start(1), found.end(2))
        return None

    def described(self, attribution: Span, gender: str = "") -> Answer:
        """Whom "the 61-year-old" means: the last person who opened a sentence."""
        for mention in self._cast.back_from(attribution.start):
            if mention.kind != "person" or not self._cast.is_subject(mention):
                continue
            entity = self._entity(mention)
            if not gender or _may_be(entity, gender, {"", gender}):
                return Answer(entity, "role", mention.span, "described")
            self._passed.over(mention, _OTHER_GENDER)
        return NOBODY

    def document(self, words: Sequence[str], noun: str, attribution: Span) -> Answer:
        """Who issued "the study" or "her statement": the body named with it before, or whom the pronoun means."""
        owner = words[1].removesuffix("'s").removesuffix("’s") if len(words) > 2 else ""
        if owner in self._bodies:
            return self.by_body(owner, attribution)
        if words[0] in self._words["singular-possessive"]:
            return self.person(attribution.start, "female" if words[0] in self._words["female"] else "male", "role")
        if words[0] in self._words["body-possessive"]:
            return self.body(attribution)
        alike = self._words["paper"] if noun in self._words["paper"] else {noun}
        issuer = (
            self._issuer({noun}, attribution.start, _NEAR)
            or self._issuer(alike, attribution.start, _NEAR)
            or self._issuer({noun}, attribution.start)
        )
        if issuer is not None:
            return Answer(self._entity(issuer), "role", issuer.span, "issuer")
        if noun in self._words["message"]:
            for _, answer in self._recent():
                if answer.entity is not None:
                    return Answer(answer.entity, "role", self.latest(answer.entity, attribution.start), "message")
                break
        return NOBODY

    def _issuer(self, nouns: Set[str], position: int, paragraphs: int | None = None) -> Mention | None:
        """The latest body that issued such a document before: "the Ostrava report", "a study by Ostrava"."""
        here = self.paragraph(position)
        for mention in self._cast.back_from(position):
            if paragraphs is not None and here - self.paragraph(mention.span.start) > paragraphs:
                break
            if mention.kind not in BODY_KINDS and mention.kind != "other":
                continue
            after = PLAIN_WORD.match(self._text, mention.span.end + 1)
            if after is not None and fold(after.group()) in nouns:
                return mention
            before = self._text[max(0, mention.span.start - _ISSUED_REACH) : mention.span.start]
            words = [fold(word) for word in PLAIN_WORD.findall(before)]
            while words and words[-1] in self._words["article"]:
                words.pop()
            if len(words) > 1 and words[-1] in self._words["issuer"] and words[-2] in nouns:
                return mention
        return None

    def by_body(self, body: str, attribution: Span) -> Answer:
        """Whom "the company" means: the latest body of that word; else the one that last spoke, opened a sentence
        or is named, if of that kind; a word for one sort of body ("the ministry") means no other."""
        kind, here = self._bodies.get(body), self.paragraph(attribution.start)
        spoke = self._body_spoke(body, kind, attribution.start)
        opens: Mention | None = None
        near: Mention | None = None
        for mention in self._cast.back_from(attribution.start):
            if body in fold(mention.name).split() and (kind != "organisation" or mention.kind != "agency"):
                # "U.S. Treasury securities" does not change which department speaks.
                before = None if self._cast.is_subject(mention) else self._namesake_spoke(body)
                entity = before or self._entity(mention)
                return Answer(entity, "role", self.latest(entity, attribution.start), "body named")
            if not self._is_body(mention) or mention.kind == "group":
                continue
            if self.is_said(mention.span):
                self._passed.over(mention, _IS_SAID)
            elif here - self.paragraph(mention.span.start) > 1:
                self._passed.over(mention, _TOO_FAR)
            elif body in self._roles["sort"] and not mention.name.isupper():
                self._passed.over(mention, f"no {body} by its name")
            elif opens is None and self._fits(mention, kind) and self._cast.is_subject(mention):
                opens = mention
            elif near is None and mention.kind == kind:
                near = mention
        if spoke is not None and (opens is None or spoke.id == opens.entity_id):
            return Answer(spoke, "role", self.latest(spoke, attribution.start), "body spoke")
        if opens is not None:
            return Answer(self._entity(opens), "role", opens.span, "body opened")
        if near is not None and self._kinds[near.kind] == 1:
            return Answer(self._entity(near), "role", near.span, "body near")
        return NOBODY

    def _fits(self, mention: Mention, kind: str | None) -> bool:
        """Whether a body of this kind may be meant: companies are no agencies, but many a name tells too little."""
        return mention.kind in {kind, "person"} or "organisation" in (mention.kind, kind)
