"""Read the phrase of an attribution: the name that heads it, or whom the text has described so.

The head of "the Ostrava Trade Office on Monday" is the office; "an official of the Ostrava Trade Office" has none. "The
cheerful baker" is Ann Cole where the text says "Ann Cole, a baker from Brno"; that holds from there on.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import cached_property

from msgspec import Struct, field

from searchkit.statements.document import Mention
from searchkit.statements.names.gazetteer import gazetteer
from searchkit.statements.speakers.participants import Entity, Participants
from searchkit.statements.speakers.subjects import BODY_KINDS, PLAIN_WORD
from searchkit.statements.text import Span, fold
from searchkit.statements.word_lists import word_sets

# What stands between a phrase and the name it means: " published on Friday by the ".
_COMMA = re.compile(r"(?:(?: [a-z\-]{1,20}){0,2},)? (?:[A-Z][\w.]{0,20} ){0,3}")
_CLOSED = re.compile(r"(?: [\w.]{1,6})?(?:[,)]| [—–])")  # "Quayline Holdings plc,"
_BY = re.compile(r"(?: [\w\-]{1,20}){0,5} (?:by|from)(?: [a-z\-]{1,20}){0,4} ")


# Classes of words that may stand behind the name of who speaks.
_NO_NOUNS = (
    *("preposition", "conjunction", "subordinator", "determiner", "relative", "finite", "adverb", "that"),
    *("object-pronoun", "opener", "pronoun"),
)

_OWNER = re.compile(r"[Tt]he (\w{2,20})['’]s ")


class PhraseHeads:
    def __init__(self, participants: Participants) -> None:
        self._text = participants.article.text
        self.participants = participants
        self.pack = participants.pack
        self.words = participants.pack.words

    def find(self, attribution: Span) -> Mention | None:
        """Return the mention that is the head of the phrase, if a name is its head."""
        text = self._text
        inside = self.participants.within(attribution)
        for mention in reversed(inside):
            if mention.kind != "person" or self.is_owner(mention):
                continue
            if self._precedes_noun(mention, attribution.end):
                continue
            if not self._is_modifier(PLAIN_WORD.findall(text[attribution.start : mention.span.start])):
                return mention
        owner = _OWNER.match(text, attribution.start, attribution.end)
        for mention in inside:
            if mention.kind == "person" or (mention.kind == "place" and len(inside) > 1):
                continue
            titled = not self.pack.roles["document"].isdisjoint(self._folded(mention.span.end, attribution.end))
            if titled and owner is not None and fold(owner[1]) in self.pack.bodies:
                continue  # "The company's Global Harbors report"
            if any(fold(text[mention.span.end : other.span.start]) == "'s " for other in inside):
                continue  # "Veltra's Lind Pumps said"
            before = self._folded(attribution.start, mention.span.start)
            while before[1:] and before[-1] in self.words["article"]:
                before.pop()
            after = self._folded(mention.span.end, attribution.end)
            is_head = self._may_head(mention, before, after) and self._heads(before, after)
            if is_head is not None:
                return mention if is_head else None
        return None

    def is_owner(self, mention: Mention) -> bool:
        """Return whether the name is a genitive: "Malt's lawyer", "Malts Anwalt"."""
        behind = fold(self._text[mention.span.end : mention.span.end + 2])
        return behind == "'s" or (self.pack.clausal and behind[:1] == "s")

    def _precedes_noun(self, mention: Mention, end: int) -> bool:
        """Return whether a noun behind the name speaks, not the person: "Lind aides", "the Lind campaign"."""
        if self.pack.clausal or self._text[mention.span.end : mention.span.end + 1] != " ":
            return False
        found = PLAIN_WORD.match(self._text, mention.span.end + 1, end)
        word = found.group() if found is not None else ""
        if not word.islower() or len(word) < 2 or word.endswith(("ed", "ly")) or word in self.pack.roles["document"]:
            return False  # "a TransLink study" speaks for TransLink
        return word not in self.pack.cues and not any(word in self.words[name] for name in _NO_NOUNS)

    def _may_head(self, mention: Mention, before: Sequence[str], after: Sequence[str]) -> bool:
        """Return whether the words before the name of a body or place, without articles, have no head themselves."""
        words, plurals = self.words, self.pack.roles["plural"]
        if any(self.participants.is_role(word) or word in plurals or word in words["someone"] for word in before):
            return False  # "an official of the office"
        # In clausal languages a comma separates the clause, and articles look like relative pronouns.
        if not self.pack.clausal and any(word in words["relative"] or word in words["that"] for word in before):
            return False  # "an inquiry that puts pressure on the office"
        last, kind = before[-1] if before else "", before[-2] if len(before) > 1 else ""
        if kind in words["handed-on"] if last in words["issuer"] else last in words["preposition"]:
            return False  # "a copy seen by the office", "a quay in Ostrava"
        if mention.kind == "place" and (len(before) > 1 or after):
            return False  # "the Ostrava quay"
        preposition = next((word for word in reversed(before) if word in words["preposition"]), "")
        published = bool(preposition) and preposition not in words["issuer"]
        return not published or self.pack.roles["document"].isdisjoint(before)  # "a study published in the journal"

    def _heads(self, before: Sequence[str], after: Sequence[str]) -> bool | None:
        """Return whether a name heads its phrase by the words behind it; None where they do not show it."""
        if not after or after[0] in self.words["preposition"] or after[0] in self.words["weekday"]:
            return True  # "the office in Ostrava", "the office Monday"
        if before and before[-1] in self.words["issuer"]:
            return True  # "a report by the office this week"
        if len(after) == 1 and after[0] in self.pack.bodies:
            return True  # "the Veltra group"
        if after[0] == "s":
            return not self.role(after[1:])  # "the office's report", but "Terhune's lawyer"
        # "the office last night", "the office statement"
        return True if after[0] in self.words["time-adjective"] or after[-1] in self.pack.roles["document"] else None

    def _folded(self, start: int, end: int) -> list[str]:
        return [fold(word) for word in PLAIN_WORD.findall(self._text[start:end])]

    def _is_modifier(self, before: list[str]) -> bool:
        """Return whether a person's name behind these words only modifies them: "an aide to Mayor"."""
        words = [fold(word) for word in before]
        while words and words[-1] in self.words["article"]:
            words.pop()
        titled = len(words)
        genitive = "s" if self.pack.clausal else ""
        modifiers = word_sets("titles.txt")["modifiers"]
        while titled and (
            self.participants.is_role(words[titled - 1].removesuffix(genitive))
            or (titled < len(words) and words[titled - 1].capitalize() in modifiers)  # "Prime Minister"
        ):
            titled -= 1
        led = titled and any(words[titled - 1] in self.words[name] for name in ("preposition", "issuer"))
        if led and 1 < titled < len(words) and words[titled - 2] not in self.words["own-document"]:
            return True  # "eine Sprecherin von Senator", "die Sprecherin des Ministers", "friends of Senator"
        if any(self.participants.is_role(word) and before[at][0].islower() for at, word in enumerate(words)):
            # The title right before the name belongs to the person named.
            while words and before[len(words) - 1][0].isupper():
                words.pop()
        return bool(words) and words[-1] in self.words["preposition"]

    def role(self, words: Sequence[str]) -> str:
        """Return the role that heads the phrase, or "": "official" of "a justice official for the minister"."""
        head = ""
        for number, word in enumerate(words):
            # "one of the officials" is an official; "doctors at the General Hospital" are not generals.
            if word in self.words["preposition"] and (head or (number and word not in self.words["of"])):
                break
            head = word if self.participants.is_role(word) else head
        return head

    def named_after(self, words: Sequence[str], attribution: Span) -> Mention | None:
        """Return who is named right behind the phrase: "The operator, Veltra Pumps, said", "a report by Lind"."""
        after = self.participants.first_from(attribution.end)
        if after is None or after.span.start - attribution.end > 70:
            return None
        between = self._text[attribution.end : after.span.start]
        closed = "," not in between or _CLOSED.match(self._text, after.span.end) is not None
        if closed and _COMMA.fullmatch(between) and (self.role(words) or words[-1] in self.pack.bodies):
            return after
        if words[-1] in self.pack.roles["document"] or words[-1] in self.words["published"]:
            linking = [fold(word) for word in PLAIN_WORD.findall(between)]
            issued = _BY.fullmatch(between) is not None and not self.words["handed-on"] & {*words, *linking}
            return after if issued and after.kind != "place" else None
        return None


# How far before and behind a name its description may stand.
_REACH = 90
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
        fitting = self._bearers(phrase)
        narrowed = [known for known in fitting if phrase.modifiers and phrase.modifiers <= known.words | known.nouns]
        candidates = narrowed or fitting
        return candidates[0].entity if len(candidates) == 1 and candidates[0].since < position else None

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
        nearest = _PIECE.findall(before[-25:])  # most names have no title, and all pieces take longer
        ends = not nearest or not before.endswith(" ") or (nearest[-1].islower() and nearest[-1].endswith("."))
        last = "" if ends else self._noun(nearest[-1])  # "She became coroner. Igor Malt left"
        if not self._participants.is_role(last):
            return
        pieces = _PIECE.findall(before)
        said.nouns.add(last)
        for piece in reversed(pieces[:-1]):
            word = fold(piece)
            if not (piece[0].isupper() or self._participants.is_role(word) or word in self._words["standing"]):
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
        phrase: list[str] = []
        head = ""
        for piece in _PIECE.finditer(self._text, opening.end(), opening.end() + _REACH):
            word = fold(piece.group().removesuffix("."))
            if word in self._words["finite"] or word in self._participants.pack.cues:
                return  # "At the port, the baker said"
            if not word[:1].isalnum() or word in self._words["relative"]:
                break
            if phrase and not head and word in self._words["preposition"]:
                head = fold(phrase[-1])
            phrase.append(piece.group().removesuffix("."))
            if piece.group().endswith(".") or len(phrase) > 12:
                break
        if not phrase:
            return
        head = head or fold(phrase[-1])
        is_body = mention.kind == "person" and head in self._participants.pack.bodies  # "Cole (the campaign ..."
        if is_body or (opening.group() == ", " and not self._participants.is_role(head)):
            return  # "Ann Cole, Igor Malt, ..."
        if head not in self._words["determiner"] and not head.endswith(("ed", "ing", "ly")):
            said.nouns.add(head)
            said.add(phrase, self._parties)

    def _noun(self, piece: str) -> str:
        """Return the folded office of a title: senator for "Sen."."""
        word = fold(piece).rstrip(".")
        return self._offices.get(word, word) if piece.endswith(".") else word
