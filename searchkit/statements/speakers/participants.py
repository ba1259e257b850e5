"""The participants of an article: its persons and bodies, with what the text says of each."""

from collections.abc import Sequence
from itertools import zip_longest

from searchkit.statements.document import Article, Mention
from searchkit.statements.names.namesakes import given_gender, pronoun_after
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.speakers.roles import Entity, Roles
from searchkit.statements.speakers.subjects import PLAIN_WORD
from searchkit.statements.text import family_name, fold

__all__ = ["Entity", "Participants", "read_participants"]


def read_participants(article: Article, mentions: Sequence[Mention]) -> "Participants | None":
    """Return the participants of `article`; None where its language has no pack."""
    pack = pack_for(article.language)
    return Participants(article, mentions, pack) if pack is not None else None


class Participants(Roles):
    """Everyone the article names, in order of appearance."""

    def __init__(self, article: Article, mentions: Sequence[Mention], pack: Pack) -> None:
        super().__init__(article.text, mentions, pack)
        self.article = article
        self.entities: dict[str, Entity] = {}
        self._surnames: dict[str, list[Entity]] = {}  # people by last name, folded
        self._families: dict[str, list[Entity]] = {}  # people by last name
        for mention in mentions:
            entity = self.entities.get(mention.entity_id)
            if entity is None:
                entity = Entity(mention.entity_id, mention.name, mention.kind)
                self.entities[mention.entity_id] = entity
                if mention.kind == "person":
                    self._families.setdefault(family_name(mention.name), []).append(entity)
                    if not mention.name.isupper():
                        self._surnames.setdefault(family_name(fold(mention.name)), []).append(entity)
            entity.spans.append(mention.span)
            entity.doubtful = entity.doubtful and mention.rule in {"speech", "lone"}
            entity.shaped = entity.shaped and mention.rule in {"speech", "lone", "name-shape", "surname"}
            if entity.full is None and mention.surface == mention.name:
                entity.full = mention.span
            if mention.kind == "person":
                self.read_roles(mention, entity)
        self._read_genders()

    def _read_genders(self) -> None:
        """Set genders from the pronouns that follow a name in its sentence, where they agree."""
        votes: dict[str, list[int]] = {}
        people = [mention for mention in self.mentions if mention.kind == "person"]
        for mention, following in zip_longest(people, people[1:]):
            found = pronoun_after(self._text, mention, following)
            if found is None or not self.opens(mention):
                continue  # "Malt, who trails Lind, lost his hat"
            pronoun = found.group().lower()
            if self._text[mention.span.end : found.start()] == ", ":
                continue  # "Malt, her rival, left"
            votes.setdefault(mention.entity_id, [0, 0])[pronoun in self.pack.words["female"]] += 1
            if pronoun not in self.pack.words["singular-pronoun"]:
                between = PLAIN_WORD.findall(self._text, mention.span.end, found.start())
                # "Malt said her lungs were weak": the pronoun in a statement may mean anyone.
                self.entities[mention.entity_id].guessed |= any(fold(word) in self.pack.cues for word in between)
        for entity in self.entities.values():
            if entity.kind == "person" and not entity.gender:
                entity.leaning = given_gender(entity.name, self.pack)
        for identity, (male, female) in votes.items():
            self.entities[identity].count_pronouns(male, female)

    def by_surname(self, surface: str) -> Entity | None:
        """Return the person whose last name is `surface`, whatever its case; None where two have it."""
        found = self._surnames.get(fold(surface), [])
        return found[0] if len(found) == 1 else None

    def bearers(self, mention: Mention) -> list[Entity]:
        """Return the people with the family name that `mention` ends with, in order of appearance."""
        family = family_name(mention.surface)
        known, generation = self._families.get(family, []), mention.surface.rpartition(family)[2]
        return [one for one in known if one.name.endswith(generation)]
