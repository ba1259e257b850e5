"""Find what a pronoun or "the company" may point back to: the people, bodies and places named before it.

Two candidates mean None. Of two in one sentence the subject is meant; a place inside the name of a body counts too.
Speakers are resolved elsewhere (speakers/coreference.py), where the likeliest candidate wins.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from searchkit.statements.document import Mention
from searchkit.statements.speakers.participants import Entity, Participants
from searchkit.statements.speakers.subjects import BODY_KINDS
from searchkit.statements.speakers.unnamed import SENTENCE_END
from searchkit.statements.text import Span, fold, slug
from searchkit.statements.word_lists import rows

# How many paragraphs back a reference to a body of a kind may reach.
_BODY_REACH = 2
_ACTING_KINDS = BODY_KINDS - {"group"}
# An unnamed subject of a sentence.
_UNNAMED = re.compile(r"[.!?\n][\"”’]? ?The ([a-z]{3,20})\b")


@lru_cache(maxsize=2)
def _listed(name: str) -> frozenset[str]:
    return frozenset(f"place:{slug(row[1])}" for row in rows(name, 2))


def is_country(entity_id: str) -> bool:
    """Return whether this is the id of a country: a place that acts and speaks as bodies do."""
    return entity_id in _listed("countries.txt")


def _head(name: str) -> str:
    """Return the noun of a name: list of Entity List, harbor of Harbor of Velmar; empty for a single word."""
    words = fold(name).split()
    if len(words) < 2:
        return ""
    return words[words.index("of") - 1] if "of" in words[1:] else words[-1]


def acts(entity_id: str) -> bool:
    """Return whether "they" may mean it: a body, or a country."""
    return entity_id.partition(":")[0] in _ACTING_KINDS or is_country(entity_id)


class Antecedents:
    """Every entity referred to so far, in text order; grows with what is resolved."""

    def __init__(self, participants: Participants, topic: str | None) -> None:
        self._topic = participants.entities.get(topic or "")
        self._text = participants.article.text
        self._participants = participants
        self._paragraphs = [span.start for span in participants.article.paragraphs]
        self._heads: dict[str, set[str]] = {}
        self._holders: dict[str, list[Entity]] = {}
        for entity in participants.entities.values():
            # A company's last noun may be anything: Meridian Optics.
            if entity.kind in {"agency", "organisation", "place", "law", "list"}:
                self._heads.setdefault(_head(entity.name), set()).add(entity.id)
            for noun in entity.nouns:
                self._holders.setdefault(noun, []).append(entity)
        # Place, entity, and the mention that names it; None where a pronoun or an attribution refers to it.
        self._namings: list[tuple[int, int, str, Mention | None]] = [
            (mention.span.start, 0, mention.entity_id, mention) for mention in participants.mentions
        ]

    def add(self, start: int, entity_id: str) -> None:
        """Record that `entity_id` is referred to at `start`."""
        at = bisect_left(self._namings, (start, 1))
        self._namings.insert(at, (start, 1, entity_id, None))

    def person(self, position: int, gender: str, but: str | None) -> str | None:
        """Return whom "she" means at `position`: the last known to have that gender, else whom the article is about."""

        def fits(entity: Entity) -> bool:
            return entity.kind == "person" and entity.id != but and (entity.gender or entity.leaning) == gender

        known = self._topic.id if self._topic is not None and fits(self._topic) else None
        found = self._latest(position, fits, 0 if known else 1)
        replaced = found is not None and self._is_replaced(self._participants.entities[found], position)
        return None if replaced else found or known

    def _is_replaced(self, entity: Entity, position: int) -> bool:
        """Return whether an unnamed person of another role acted since: "Malt left. The referee whistled"."""
        if not entity.nouns:
            return False
        last = bisect_left(entity.spans, Span(position, position))
        since = entity.spans[last - 1].end if last else position
        return any(
            self._participants.is_role(found[1]) and found[1] not in self._holders
            for found in _UNNAMED.finditer(self._text, max(since, position - 300), position)
        )

    def holder(self, noun: str, modifiers: Sequence[str], but: str | None) -> str | None:
        """Return the only person to whom the article gives the role `noun`, with these words before it."""
        holders = self._holders.get(noun, [])
        if len(holders) != 1 or holders[0].id == but:
            return None
        role = fold(holders[0].role or "").split()
        return holders[0].id if all(word in role for word in modifiers) else None

    def headed(self, position: int, noun: str) -> str | None:
        """Return what "the list" means at `position`: the only body, place, law or list before with that noun."""
        heads = self._heads.get(noun)
        return self._only(position, heads.__contains__) if heads else None

    def body(self, position: int, noun: str, kind: str, *, wide: bool, but: str | None = None) -> str | None:
        """Return whom "the company" means at `position`: the last with that word in its name; if `wide`, of that kind.

        Never the entity named `but`.
        """
        for _, _, entity in self._back_from(position, len(self._paragraphs)):
            if entity.kind in BODY_KINDS and noun in fold(entity.name).split() and entity.name != but:
                return entity.id
        if not wide:
            return None
        return self._latest(
            position, lambda entity: entity.kind == kind and entity.name != but, _BODY_REACH
        ) or self._only(
            position,
            lambda entity: entity.partition(":")[0] == kind and self._participants.entities[entity].name != but,
        )

    def place(self, position: int, *, country: bool) -> str | None:
        """Return the place that "the country" or "the region" means: the only one of its kind before `position`."""
        listed = _listed("countries.txt" if country else "regions.txt")
        return self._only(position, listed.__contains__)

    def party(self, position: int, but: str | None) -> str | None:
        """Return the body or country that "it" may mean at `position`, in its paragraph or the one before."""
        return self._latest(position, lambda entity: entity.id != but and acts(entity.id), 1)

    def _back_from(self, position: int, paragraphs: int) -> Iterator[tuple[int, Mention | None, Entity]]:
        """Yield the references before `position`, latest first, at most so many paragraphs back."""
        last = bisect_left(self._namings, (position,))
        here = bisect_right(self._paragraphs, position)
        for at in range(last - 1, max(-1, last - 1 - 60), -1):
            start, _, entity_id, mention = self._namings[at]
            if here - bisect_right(self._paragraphs, start) > paragraphs:
                return
            entity = self._participants.entities.get(entity_id)
            if entity is not None:
                yield start, mention, entity

    def _latest(self, position: int, fits: Callable[[Entity], bool], paragraphs: int) -> str | None:
        """Return the latest that fits; of several in one sentence the subject."""
        nearest: str | None = None
        begin = 0
        for start, mention, entity in self._back_from(position, paragraphs):
            if nearest is not None and SENTENCE_END.search(self._text, start, begin):
                break
            if fits(entity):
                if mention is None or self._participants.is_subject(mention):
                    return entity.id
                if nearest is None:
                    nearest, begin = entity.id, start
        return nearest

    def _only(self, position: int, fits: Callable[[str], bool]) -> str | None:
        found = {entity.id for _, _, entity in self._back_from(position, len(self._paragraphs)) if fits(entity.id)}
        return found.pop() if len(found) == 1 else None
