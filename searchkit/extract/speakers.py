"""Resolve speakers: whom the attribution of a statement means.

takes:    an article, its mentions and the Found statements
gives:    one Speaker a statement, in the same order; unresolved ones keep name None
does not: find statements; guess where nothing points to a person
traps:    statements must come in reading order, because pronouns and uncued quotes look back along them
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from searchkit.document import Article, Mention, Resolution, Speaker
from searchkit.extract.certainty import resolution_confidence
from searchkit.extract.packs import Pack, pack_for
from searchkit.extract.people import BODY_KINDS, Cast, Entity
from searchkit.extract.quotes import Found
from searchkit.text import Span, fold, slug

_WORD = re.compile(r"[^\W_][\w'’&.\-]{0,60}")


# How many statements back a reference may reach.
_MEMORY = 40


@dataclass(frozen=True, slots=True)
class _Answer:
    entity: Entity | None
    by: Resolution
    antecedent: Span | None = None
    role: str | None = None
    affiliation: str | None = None
    attribution: Span | None = None


_NOBODY = _Answer(None, "unresolved")


def resolve(
    article: Article, mentions: Sequence[Mention], found: Sequence[Found], *, cast: Cast | None = None
) -> tuple[Speaker, ...]:
    """The speaker of each of `found`, which must be in reading order; `cast` saves reading it from `mentions` again."""
    pack = pack_for(article.language)
    if pack is None:
        return tuple(Speaker() for _ in found)
    return _Resolver(article, cast or Cast(article, mentions, pack), pack).run(found)


def _unstopped(phrase: str | None) -> str | None:
    """`phrase` without the stop of its sentence; that of an abbreviation like U.S. stays."""
    if not phrase or "." in phrase.split()[-1].rstrip(".,;: "):
        return phrase
    return phrase.rstrip(".,;: ") or None


class _Resolver:
    def __init__(self, article: Article, cast: Cast, pack: Pack) -> None:
        self._text = article.text
        self._paragraph_starts = [span.start for span in article.paragraphs]
        self._content_starts: list[int] = []
        self._content_ends: list[int] = []
        self._cast = cast
        self._words = pack.words
        self._roles = pack.roles
        self._bodies = pack.bodies
        self._openers = self._words["preposition"] | self._words["subordinator"] | self._words["opener"]
        self._history: list[tuple[int, _Answer]] = []  # place of each statement's cue, and who spoke

    def run(self, found: Sequence[Found]) -> tuple[Speaker, ...]:
        answers: list[_Answer] = [_NOBODY] * len(found)
        self._content_starts = [record.content.start for record in found]
        self._content_ends = [record.content.end for record in found]
        cued = sorted(
            (number for number, record in enumerate(found) if record.attribution is not None),
            key=lambda number: found[number].attribution.start,  # type: ignore[union-attr]  # filtered above
        )
        for number in cued:
            attribution = found[number].attribution or found[number].content
            answers[number] = replace(self._attributed(attribution), attribution=attribution)
            self._history.append((attribution.start, answers[number]))
        for number, record in enumerate(found):
            if record.attribution is None:
                answers[number] = self._carried(found, answers, number)
        return tuple(self._speaker(answer, record.rule) for answer, record in zip(answers, found, strict=True))

    def _speaker(self, answer: _Answer, rule: str) -> Speaker:
        entity = answer.entity
        if entity is None:
            role, affiliation = _unstopped(answer.role), _unstopped(answer.affiliation)
            return Speaker(role=role, affiliation=affiliation, antecedent=answer.antecedent)
        return Speaker(
            name=entity.name,
            entity_id=entity.id,
            role=_unstopped(entity.role or answer.role),
            affiliation=_unstopped(entity.affiliation or answer.affiliation),
            resolved_by=answer.by,
            antecedent=answer.antecedent,
            confidence=resolution_confidence(answer.by, rule),
        )

    # --- by attribution ---

    def _attributed(self, attribution: Span) -> _Answer:
        words = [fold(word) for word in _WORD.findall(attribution.of(self._text))]
        if not words:
            return _NOBODY
        if len(words) == 1 and words[0] in self._words["pronoun"]:
            return self._pronoun(words[0], attribution)
        head = self._head(attribution)
        if head is not None:
            return self._named(head, attribution)
        return self._described(words, attribution)

    def _head(self, attribution: Span) -> Mention | None:
        """The mention that is the noun phrase's head, if a name is its head."""
        text = self._text
        inside = self._cast.within(attribution)
        for mention in reversed(inside):
            if mention.kind != "person" or fold(text[mention.span.end : mention.span.end + 2]) == "'s":
                continue
            before = [fold(word) for word in _WORD.findall(text[attribution.start : mention.span.start])]
            if not before or before[-1] not in self._words["preposition"]:
                return mention
        for mention in inside:
            if mention.kind == "person" or (mention.kind == "place" and len(inside) > 1):
                continue
            before = [fold(word) for word in _WORD.findall(text[attribution.start : mention.span.start])]
            after = [fold(word) for word in _WORD.findall(text[mention.span.end : attribution.end])]
            if any(self._cast.is_role(word) or word in self._roles["plural"] for word in before):
                return None
            issued = bool(before) and before[-1] in self._words["issuer"]
            if issued and (len(before) > 1 and before[-2] in self._words["handed-on"]):
                return None
            if before and before[-1] in self._words["preposition"] and not issued:
                return None
            if mention.kind == "place" and (before[1:] or after):
                return None
            if not after or after[0] in self._words["preposition"] or after[0] in self._words["weekday"] or issued:
                return mention
            if (after[0] == "s" or after[0] in self._words["time-adjective"]) or after[-1] in self._roles["document"]:
                return mention
        return None

    def _recent(self) -> Iterator[tuple[int, _Answer]]:
        """The last statements and who made them, latest first. Further back nobody is pointed to by a pronoun."""
        return islice(reversed(self._history), _MEMORY)

    def _named(self, mention: Mention, attribution: Span) -> _Answer:
        entity = self._cast.entities[mention.entity_id]
        known = self._cast.by_surname(mention.surface) if mention.surface.isupper() else None
        if known is not None and known is not entity:
            return _Answer(known, "surname", known.full)
        by: Resolution = "full-name"
        antecedent = None
        if mention.kind == "person" and len(mention.surface.split()) < len(entity.name.split()):
            before = self._text[max(attribution.start - 5, 0) : mention.span.start].split()
            titled = (
                bool(before) and fold(before[-1]).rstrip(".") in self._words["title-male"] | self._words["title-female"]
            )
            by = "title" if titled else "surname"
            antecedent = entity.full or entity.spans[0]
            if antecedent == mention.span:
                antecedent = None
        return _Answer(entity, by, antecedent)

    def _pronoun(self, word: str, attribution: Span) -> _Answer:
        if word in {"he", "she"}:
            gender = "male" if word == "he" else "female"
            entity = self._person_before(attribution.start, gender)
            if entity is None:
                return _NOBODY
            entity.gender = entity.gender or gender
            return _Answer(entity, "pronoun", self._latest(entity, attribution.start))
        if word in self._words["body-pronoun"]:
            return self._bodies_before(attribution)
        return _NOBODY

    def _bodies_before(self, attribution: Span) -> _Answer:
        """Whom "they" or "it" points to: the last speaker if a body or a plural; else a body that opened a sentence."""
        for place, answer in self._recent():
            if answer.entity is not None and answer.entity.kind == "person":
                continue
            if self._paragraph(attribution.start) - self._paragraph(place) > 1:
                break
            if answer.entity is None:
                return replace(answer, antecedent=answer.antecedent or answer.attribution)
            return _Answer(answer.entity, "pronoun", self._latest(answer.entity, attribution.start))
        here = self._paragraph(attribution.start)
        nearest: Mention | None = None
        for mention in self._cast.back_from(attribution.start):
            distance = here - self._paragraph(mention.span.start)
            if distance > 1:
                break
            if mention.kind not in BODY_KINDS or self._is_said(mention.span):
                continue
            if self._cast.is_subject(mention):
                return _Answer(self._cast.entities[mention.entity_id], "pronoun", mention.span)
            if nearest is None and distance == 0:
                nearest = mention
        if nearest is None:
            return _NOBODY
        return _Answer(self._cast.entities[nearest.entity_id], "pronoun", nearest.span)

    def _paragraph(self, position: int) -> int:
        return bisect_right(self._paragraph_starts, position)

    def _latest(self, entity: Entity, position: int) -> Span | None:
        at = bisect_left(entity.spans, Span(position, position))
        return entity.spans[at - 1] if at else None

    def _person_before(self, position: int, gender: str) -> Entity | None:
        """The last person who spoke, unless another has opened a sentence since; else the last person named."""
        spoke_at, spoke = -1, None
        for place, answer in self._recent():
            if answer.entity is not None and answer.entity.kind == "person" and answer.entity.gender in {"", gender}:
                spoke_at, spoke = place, answer.entity
                break
        last: Entity | None = None
        for mention in self._cast.back_from(position):
            if mention.span.start <= spoke_at:
                break
            if mention.kind != "person" or self._is_said(mention.span):
                continue
            entity = self._cast.entities[mention.entity_id]
            if entity.gender not in {"", gender}:
                continue
            last = last or entity
            if self._cast.is_subject(mention):
                return entity
        return spoke or last

    def _is_said(self, span: Span) -> bool:
        """Whether the place lies inside somebody's words."""
        at = bisect_right(self._content_starts, span.start) - 1
        return at >= 0 and span.start < self._content_ends[at]

    def _described(self, words: Sequence[str], attribution: Span) -> _Answer:
        roles = self._roles
        definite = words[0] in self._words["definite"]
        noun = next((word for word in words if self._cast.is_role(word)), "")
        inside = self._cast.body_in(attribution.start, attribution.end)
        if noun:
            if definite and len(words) <= 4:
                earlier = self._unnamed_before(noun)
                if earlier is not None:
                    return replace(_NOBODY, role=noun, antecedent=earlier)
                entity = self._by_role(noun, attribution.start, bare=len(words) == 2)
                if entity is not None:
                    return _Answer(entity, "role", self._latest(entity, attribution.start))
            if definite and inside is not None:
                member = self._member(noun, inside.name, attribution.start)
                if member is not None:
                    return _Answer(member, "role", self._latest(member, attribution.start))
            return _Answer(None, "unresolved", role=noun, affiliation=inside.name if inside is not None else None)
        text = next((word for word in words if word in roles["document"]), "")
        if text and definite:
            return self._by_document(words, text, attribution)
        body = next((word for word in words if word in self._bodies), "")
        if definite and body and len(words) <= 3:
            return self._by_body(body, attribution)
        if definite and any(word.endswith("-year-old") for word in words):
            entity = self._last_subject(attribution.start)
            return _NOBODY if entity is None else _Answer(entity, "role", self._latest(entity, attribution.start))
        name = " ".join(_WORD.findall(attribution.of(self._text))[int(words[0] in self._words["determiner"]) :])
        if name and all(word[0].isupper() for word in name.split()) and slug(name) and not self._is_common(words):
            known = self._cast.by_surname(name) if name.isupper() else None
            if known is not None:
                return _Answer(known, "surname", known.full)
            return _Answer(Entity(f"other:{slug(name)}", name, "other"), "full-name")
        return _NOBODY

    def _is_common(self, words: Sequence[str]) -> bool:
        """Whether a capital comes from the start of the sentence only: "Officials said"."""
        last = words[-1]
        return any(last in group for group in self._roles.values()) or (
            len(words) == 1 and (last in self._openers or last in self._words["determiner"] or last.endswith("s"))
        )

    def _last_subject(self, position: int) -> Entity | None:
        for mention in self._cast.back_from(position):
            if mention.kind == "person" and self._cast.is_subject(mention):
                return self._cast.entities[mention.entity_id]
        return None

    def _unnamed_before(self, noun: str) -> Span | None:
        """An earlier unnamed speaker of the same role: "a justice official" before "the official"."""
        for _, answer in self._recent():
            if answer.entity is not None and noun in answer.entity.nouns:
                return None
            if answer.entity is None and answer.role == noun:
                return answer.antecedent or answer.attribution
        return None

    def _by_document(self, words: Sequence[str], noun: str, attribution: Span) -> _Answer:
        """Who issued "the study" or "her statement": the body named with it before, or whom the pronoun means."""
        if words[0] in self._words["singular-possessive"]:
            gender = "female" if words[0] == "her" else "male"
            entity = self._person_before(attribution.start, gender)
            return _NOBODY if entity is None else _Answer(entity, "role", self._latest(entity, attribution.start))
        if words[0] in self._words["body-possessive"]:
            return self._bodies_before(attribution)
        for mention in self._cast.back_from(attribution.start):
            if mention.kind in BODY_KINDS or mention.kind == "other":
                after = _WORD.match(self._text, mention.span.end + 1)
                if after is not None and fold(after.group()) == noun:
                    return _Answer(self._cast.entities[mention.entity_id], "role", mention.span)
        if noun in self._words["message"]:
            for _, answer in self._recent():
                if answer.entity is not None:
                    return _Answer(answer.entity, "role", self._latest(answer.entity, attribution.start))
                break
        return _NOBODY

    def _by_body(self, body: str, attribution: Span) -> _Answer:
        """Whom "the company" means: the latest body of that word or kind, else the latest body at all."""
        kind = self._bodies.get(body)
        fallback: Mention | None = None
        here = self._paragraph(attribution.start)
        for mention in self._cast.back_from(attribution.start):
            if body in fold(mention.name).split() and (kind != "organisation" or mention.kind != "agency"):
                return _Answer(self._cast.entities[mention.entity_id], "role", mention.span)
            if mention.kind not in BODY_KINDS or mention.kind == "group":
                continue
            near = here - self._paragraph(mention.span.start) <= 1
            if mention.kind == kind and near:
                return _Answer(self._cast.entities[mention.entity_id], "role", mention.span)
            if near and (fallback is None or (self._cast.is_subject(mention) and not self._cast.is_subject(fallback))):
                fallback = mention
        if fallback is None:
            return _NOBODY
        return _Answer(self._cast.entities[fallback.entity_id], "role", fallback.span)

    def _by_role(self, noun: str, position: int, *, bare: bool) -> Entity | None:
        """The person whose role holds `noun`; for a general noun standing bare, else the last person with a role."""
        with_role: Entity | None = None
        for mention in self._cast.back_from(position):
            if mention.kind != "person":
                continue
            entity = self._cast.entities[mention.entity_id]
            if noun in entity.nouns:
                return entity
            if entity.nouns and with_role is None:
                with_role = entity
        return with_role if bare and noun in self._roles["general"] else None

    def _member(self, noun: str, body: str, position: int) -> Entity | None:
        """The person with this role at this body: "the spokesperson of the Ostrava Trade Office"."""
        for mention in self._cast.back_from(position):
            entity = self._cast.entities[mention.entity_id]
            if noun in entity.nouns and entity.affiliation == body:
                return entity
        return None

    # --- without attribution ---

    def _carried(self, found: Sequence[Found], answers: Sequence[_Answer], number: int) -> _Answer:
        record = found[number]
        # A lead-in is carried back from the statement after it, everything else from the one before.
        earlier = number + 1 if record.rule == "lead-in" and number + 1 < len(found) else number - 1
        if earlier < 0 or record.paragraph - found[earlier].paragraph > 2:
            return _NOBODY
        other = found[earlier]
        between = self._cast.back_from(record.content.start) if record.rule == "continued" else ()
        for mention in between:
            if mention.span.start < other.content.end or (
                other.attribution is not None and mention.span.start <= other.attribution.start
            ):
                break
            if mention.kind == "person" and self._cast.is_subject(mention) and not self._is_said(mention.span):
                return _Answer(self._cast.entities[mention.entity_id], "carried", mention.span)
        answer = answers[earlier]
        by: Resolution = "carried" if answer.entity is not None else "unresolved"
        return replace(answer, by=by, antecedent=other.attribution or answer.antecedent)
