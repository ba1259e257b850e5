"""Link descriptions to names: "the cheerful baker" is Ann Cole where the text says "Ann Cole, a baker from Brno".

What a title, an apposition or "is a" says of a name holds from there on.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import cached_property

from msgspec import Struct, field

from searchkit.document import Mention
from searchkit.extract.names.gazetteer import gazetteer
from searchkit.extract.speakers.participants import Entity, Participants
from searchkit.extract.speakers.subjects import BODY_KINDS
from searchkit.text import fold

# How far before and behind a name its description may stand.
_REACH = 90
_TITLE_REACH = 25
_PIECE = re.compile(r"[^\W_][\w'’&.\-]{0,40}|[^\w\s]|\n")
_BEHIND = re.compile(
    r" (?:is|was) (?=an? |the )|,(?: who (?:is|was))? (?:an? |the )?|(?: [—–] | \()(?=an? |the |[a-z])"
)
_TAG = re.compile(r",? \(?([A-Z])-([A-Z][\w.]{1,12}(?: [A-Z][\w.]{1,12})?)\)?")


class Phrase(Struct, frozen=True):
    """A description, folded: its head noun, the words before it, and those of them with a capital."""

    noun: str
    modifiers: frozenset[str]
    proper: frozenset[str]

    @classmethod
    def read(cls, written: Sequence[str], classes: Mapping[str, Set[str]]) -> "Phrase":
        """Return the phrase of the `written` words, of which the first is its determiner."""
        words: list[str] = []
        for word in written[1:]:
            if fold(word) in classes["preposition"] or fold(word) in classes["relative"]:
                break
            words.append(word)
        before = [word for word in words[:-1] if fold(word) not in classes["standing"]]
        proper = {fold(word) for word in before if word[0].isupper()} - classes["party"]
        return cls(fold(words[-1]) if words else "", frozenset(map(fold, before)), frozenset(proper))


class _Described(Struct):
    """What the text says of an entity: the nouns that it is, other words, and where it is first named."""

    entity: Entity
    since: int
    nouns: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    proper: set[str] = field(default_factory=set)  # words with a capital: "Texas"

    def differs(self, phrase: Phrase) -> bool:
        """Return whether both have names and share none: "Texas senator" and "the Vermont senator"."""
        return bool(phrase.proper and self.proper) and phrase.proper.isdisjoint(self.proper | self.nouns)

    def add(self, written: Iterable[str], parties: Collection[str]) -> None:
        """Add the words of a description; a party makes its member: republican of "the Republican governor"."""
        for word in written:
            self.words.add(fold(word))
            self.nouns |= {party for party in parties if fold(word).startswith(party)}
            if word[0].isupper():
                self.proper.add(fold(word))


class Descriptions:
    def __init__(self, participants: Participants) -> None:
        self._participants = participants
        self._text = participants.article.text
        self._words = participants.pack.words
        tags = dict(word.split("=") for word in self._words["party-tag"])
        self._parties = tuple(tags.values())
        self._offices = tags | dict(word.split("=") for word in self._words["short-office"])

    @cached_property
    def _known(self) -> dict[str, _Described]:
        return self._read()

    def find(self, phrase: Phrase, position: int) -> Entity | None:
        """Return whom "the cheerful baker" means: the only one named before `position` whom the text describes so."""
        fitting = [known for known in self._bearers(phrase) if known.since < position]
        narrowed = [known for known in fitting if phrase.modifiers and phrase.modifiers <= known.words | known.nouns]
        candidates = narrowed or fitting
        return candidates[0].entity if len(candidates) == 1 else None

    def differs(self, entity: Entity, phrase: Phrase) -> bool:
        """Return whether the text describes the entity otherwise: "Texas senator", not "the Vermont senator"."""
        known = self._known.get(entity.id)
        return known is not None and known.differs(phrase)

    def rivals(self, entity: Entity, phrase: Phrase) -> bool:
        """Return whether the text so describes others than the entity."""
        return any(known.entity is not entity for known in self._bearers(phrase))

    def _bearers(self, phrase: Phrase) -> list[_Described]:
        return [known for known in self._known.values() if phrase.noun in known.nouns and not known.differs(phrase)]

    def _read(self) -> dict[str, _Described]:
        known: dict[str, _Described] = {}
        for mention in self._participants.mentions:
            entity = self._participants.entities[mention.entity_id]
            if mention.kind in {"place", "law", "list"}:
                continue
            said = known.setdefault(entity.id, _Described(entity, mention.span.start, set(entity.nouns)))
            if mention.kind in BODY_KINDS and " " in entity.name:
                # "the fund"; a word like "union" is resolved by the kind of body (coreference).
                said.nouns |= {
                    fold(entity.name.partition(" of ")[0].rpartition(" ")[2])
                } - self._participants.pack.bodies.keys()
            if mention.kind == "person":
                self._read_title(mention, said)
                self._read_tag(mention, said)
            self._read_behind(mention, said)
        return known

    def _read_title(self, mention: Mention, said: _Described) -> None:
        """Read "Texas Senator" before the name."""
        before = self._text[max(0, mention.span.start - _REACH) : mention.span.start]
        nearest = _PIECE.findall(before[-_TITLE_REACH:])  # most names have no title, and all pieces take longer
        last = self._noun(nearest[-1]) if nearest and before.endswith(" ") else ""
        if not self._is_role(last):
            return
        pieces = _PIECE.findall(before)
        said.nouns.add(last)
        for piece in reversed(pieces[:-1]):
            word = fold(piece)
            if not (piece[0].isupper() or self._is_role(word) or word in self._words["standing"]):
                break
            if word in self._words["determiner"] or word in self._words["preposition"] or piece in ".!?":
                break
            said.add([piece], self._parties)

    def _read_tag(self, mention: Mention, said: _Described) -> None:
        """Read party and state: "R-Neb."."""
        tag = _TAG.match(self._text, mention.span.end)
        party = self._offices.get(fold(tag[1])) if tag is not None else None
        if tag is None or party is None:
            return
        said.nouns.add(party)
        hit = gazetteer().at(self._text, tag.start(2), tag[2].rstrip(".,"))
        said.add((hit[1][0].name if hit is not None else tag[2]).split(), ())

    def _read_behind(self, mention: Mention, said: _Described) -> None:
        """Read "Ann Cole, a baker from Brno,", "Ann Cole is a baker"."""
        opening = _BEHIND.match(self._text, mention.span.end)
        if opening is None:
            return
        bare = opening.group() == ", "
        phrase: list[str] = []
        head = ""
        for piece in _PIECE.finditer(self._text, opening.end(), opening.end() + _REACH):
            word = fold(piece.group().removesuffix("."))
            if not word[:1].isalnum() or word in self._words["finite"] or word in self._words["relative"]:
                break
            if word in self._words["preposition"] or word in self._participants.pack.cues:
                head = head or (fold(phrase[-1]) if phrase else "")
            phrase.append(piece.group().removesuffix("."))
            if piece.group().endswith(".") or len(phrase) > 12:
                break
        head = head or (fold(phrase[-1]) if phrase else "")
        if (bare and not self._is_role(head)) or (mention.kind == "person" and head in self._participants.pack.bodies):
            return  # "Ann Cole, Igor Malt, ..."; "Cole (the campaign ..."
        if head and head not in self._words["determiner"] and not head.endswith(("ed", "ing", "ly")):
            said.nouns.add(head)
            said.add(phrase, self._parties)

    def _is_role(self, word: str) -> bool:
        return self._participants.is_role(word)

    def _noun(self, piece: str) -> str:
        """Return the folded office of a title: senator for "Sen."."""
        word = fold(piece).rstrip(".")
        return self._offices.get(word, word) if piece.endswith(".") else word
