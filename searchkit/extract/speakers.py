"""Resolve speakers: whom the attribution of a statement means.

takes:    an article, its mentions and the Found statements
gives:    one Speaker a statement, in the same order; unresolved ones keep name None
does not: find statements; guess where nothing points to a person
traps:    statements must come in reading order, because pronouns and uncued quotes look back along them
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from searchkit.document import Article, Mention, Resolution, Speaker
from searchkit.extract.packs import Pack, pack_for
from searchkit.extract.people import BODY_KINDS, Cast, Entity
from searchkit.extract.quotes import Found
from searchkit.text import Span, fold, slug

_WORD = re.compile(r"[^\W_][\w'’&.\-]{0,60}")


@dataclass(frozen=True, slots=True)
class _Answer:
    entity: Entity | None
    by: Resolution
    antecedent: Span | None = None
    role: str | None = None
    affiliation: str | None = None


_NOBODY = _Answer(None, "unresolved")
_CONFIDENCE: dict[str, float] = {
    "full-name": 0.95,
    "surname": 0.93,
    "title": 0.93,
    "role": 0.6,
    "pronoun": 0.75,
    "carried": 0.8,
    "unresolved": 0.0,
}


def resolve(article: Article, mentions: Sequence[Mention], found: Sequence[Found]) -> tuple[Speaker, ...]:
    """The speaker of each of `found`, which must be in reading order."""
    pack = pack_for(article.language)
    if pack is None:
        return tuple(Speaker() for _ in found)
    return _Resolver(article, Cast(article, mentions, pack), pack).run(found)


class _Resolver:
    def __init__(self, article: Article, cast: Cast, pack: Pack) -> None:
        self._text = article.text
        self._paragraphs = article.paragraphs
        self._cast = cast
        self._words = pack.words
        self._roles = pack.roles
        self._history: list[tuple[int, _Answer]] = []  # place of each statement's cue, and who spoke

    def run(self, found: Sequence[Found]) -> tuple[Speaker, ...]:
        answers: list[_Answer] = [_NOBODY] * len(found)
        cued = sorted(
            (number for number, record in enumerate(found) if record.attribution is not None),
            key=lambda number: found[number].attribution.start,  # type: ignore[union-attr]  # filtered above
        )
        for number in cued:
            attribution = found[number].attribution
            assert attribution is not None
            answers[number] = self._attributed(attribution)
            self._history.append((attribution.start, answers[number]))
        for number, record in enumerate(found):
            if record.attribution is None:
                answers[number] = self._carried(found, answers, number)
        return tuple(self._speaker(answer) for answer in answers)

    def _speaker(self, answer: _Answer) -> Speaker:
        entity = answer.entity
        if entity is None:
            return Speaker(role=answer.role, affiliation=answer.affiliation)
        return Speaker(
            name=entity.name,
            entity_id=entity.id,
            role=entity.role or answer.role,
            affiliation=entity.affiliation or answer.affiliation,
            resolved_by=answer.by,
            antecedent=answer.antecedent,
            confidence=_CONFIDENCE[answer.by],
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
        inside = [m for m in self._cast.within(attribution) if m.kind in BODY_KINDS or m.kind in {"person", "other"}]
        if not inside:
            return None
        persons = [m for m in inside if m.kind == "person"]
        last = inside[-1]
        for mention in reversed(persons):
            before = self._text[attribution.start : mention.span.start].split()
            if not before or fold(before[-1]) not in self._words["preposition"]:
                if fold(self._text[mention.span.end : mention.span.end + 2]) in {"'s", "’s"}:
                    continue
                return mention
        after = [fold(word) for word in _WORD.findall(self._text[last.span.end : attribution.end])]
        if last.kind == "person":
            return None
        if not after or after[-1] in self._roles["document"] or after[-1] == "s":
            before = [fold(word) for word in _WORD.findall(self._text[attribution.start : inside[0].span.start])]
            if any(word in self._roles["role"] or word in self._roles["plural"] for word in before):
                return None
            return inside[0]
        return None

    def _named(self, mention: Mention, attribution: Span) -> _Answer:
        entity = self._cast.entities[mention.entity_id]
        by: Resolution = "full-name"
        antecedent = None
        if mention.kind == "person" and len(mention.surface.split()) < len(entity.name.split()):
            before = self._text[max(attribution.start - 5, 0) : mention.span.start].split()
            titled = (
                bool(before) and fold(before[-1]).rstrip(".") in self._words["title-male"] | self._words["title-female"]
            )
            by = "title" if titled else "surname"
            antecedent = next((span for span in entity.spans if span.of(self._text) == entity.name), entity.spans[0])
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
        if word in {"they", "it"}:
            for _, answer in reversed(self._history):
                if answer.entity is not None and answer.entity.kind != "person":
                    return _Answer(answer.entity, "pronoun", self._latest(answer.entity, attribution.start))
                break
        return _NOBODY

    def _latest(self, entity: Entity, position: int) -> Span | None:
        earlier = [span for span in entity.spans if span.end <= position]
        return earlier[-1] if earlier else None

    def _person_before(self, position: int, gender: str) -> Entity | None:
        """The last person who spoke, unless another has opened a sentence since; else the last person named."""
        spoke_at, spoke = -1, None
        for place, answer in reversed(self._history):
            if answer.entity is not None and answer.entity.kind == "person" and answer.entity.gender in {"", gender}:
                spoke_at, spoke = place, answer.entity
                break
        last: Entity | None = None
        for mention in reversed(self._cast.before(position)):
            if mention.span.start <= spoke_at:
                break
            entity = self._cast.entities[mention.entity_id]
            if mention.kind != "person" or entity.gender not in {"", gender}:
                continue
            last = last or entity
            if self._opens_sentence(mention.span.start):
                return entity
        return spoke or last

    def _opens_sentence(self, position: int) -> bool:
        before = self._text[max(0, position - 3) : position].rstrip(" ")
        return not before or before[-1] in '.!?\n”"'

    def _described(self, words: Sequence[str], attribution: Span) -> _Answer:
        roles = self._roles
        definite = words[0] in {"the", "this", "that", "his", "her", "their", "its"}
        noun = next((word for word in words if self._cast.is_role(word)), "")
        body = next((word for word in words if word in roles["body"]), "")
        inside = self._cast.body_in(attribution.start, attribution.end)
        if noun:
            named = inside.name if inside is not None else None
            if definite and len(words) <= 3:
                entity = self._by_role(noun, attribution.start)
                if entity is not None:
                    return _Answer(entity, "role", self._latest(entity, attribution.start))
            return _Answer(None, "unresolved", role=noun, affiliation=named)
        if definite and body and len(words) <= 3:
            for mention in reversed(self._cast.before(attribution.start)):
                if mention.kind in BODY_KINDS and (body in fold(mention.name) or mention.kind == _BODY_KINDS.get(body)):
                    return _Answer(self._cast.entities[mention.entity_id], "role", mention.span)
        run = _capitals(attribution.of(self._text))
        if run:
            return _Answer(Entity(f"person:{slug(run)}", run, "person"), "full-name")
        return _NOBODY

    def _by_role(self, noun: str, position: int) -> Entity | None:
        with_role: Entity | None = None
        for mention in reversed(self._cast.before(position)):
            entity = self._cast.entities[mention.entity_id]
            if mention.kind != "person":
                continue
            if entity.role and noun in fold(entity.role):
                return entity
            if entity.role and with_role is None:
                with_role = entity
        if with_role is not None:
            return with_role
        return next((answer.entity for _, answer in reversed(self._history) if answer.entity is not None), None)

    # --- without attribution ---

    def _carried(self, found: Sequence[Found], answers: Sequence[_Answer], number: int) -> _Answer:
        record = found[number]
        for earlier in range(number - 1, -1, -1):
            other = found[earlier]
            if record.rule == "continued" and other.paragraph != record.paragraph:
                break
            if record.paragraph - other.paragraph > 2:
                break
            answer = answers[earlier]
            return _Answer(
                answer.entity,
                "carried" if answer.entity else "unresolved",
                other.attribution,
                answer.role,
                answer.affiliation,
            )
        return _NOBODY


_BODY_KINDS = {
    "company": "company",
    "firm": "company",
    "manufacturer": "company",
    "agency": "agency",
    "ministry": "agency",
    "department": "agency",
    "government": "agency",
}


def _capitals(phrase: str) -> str:
    """The last run of capitalised words in a phrase, when no mention covers it."""
    runs: list[str] = []
    run: list[str] = []
    for word in phrase.split():
        bare = word.strip(',.;:()"“”')
        if bare[:1].isupper() and bare.lower() not in {"the", "a", "an", "some", "many", "several", "in", "but", "one"}:
            run.append(bare)
        else:
            if run:
                runs.append(" ".join(run))
            run = []
    if run:
        runs.append(" ".join(run))
    return runs[-1] if runs else ""
