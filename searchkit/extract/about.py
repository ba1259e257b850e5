"""Whom a statement is about: the entities its words name, and those they point back to.

takes:    Statement statements with their speakers, in reading order; the cast of the article
gives:    entity ids for each, in the order in which its words mean them, the speaker left out
does not: look outside the document; guess between two who could be meant
traps:    places, laws and lists count; "we" is the speaker; "he" in reported words mostly is, in quoted words never
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set

from searchkit.document import Article, Mention, Speaker
from searchkit.extract.antecedents import Antecedents, acts
from searchkit.extract.packs import Pack, pack_for
from searchkit.extract.quotes.finding import Statement
from searchkit.extract.speakers.participants import BODY_KINDS, Entity, Participants
from searchkit.extract.transcripts import addressed
from searchkit.text import fold_words

_WORD = re.compile(r"\w[\w'’\-]{0,40}")
_MARKS = re.compile('["“”„«»]')
# Between "the" and its noun none of these stands, but a name may: "the Brno company".
_SIGNS = re.compile(r"[,;:()\"“”!?\n—–]|['’]s ")
_LONGEST_NAME = 40
_SENTENCE_END = re.compile(r"[.!?,;]")
# A pronoun or demonstrative among so many first words is the subject or belongs to it: "Are these products".
_SUBJECT_REACH = 4
# How many words a description may have before its noun: "the large trading company".
_DESCRIPTION = 2
# How many statements and paragraphs back "they" may carry a target on.
_CARRY = 6
_CARRY_PARAGRAPHS = 3
# The classes of words that may point back.
_FUNCTION = ("preposition", "conjunction", "subordinator", "relative", "adverb", "pronoun", "negation")
_POINTING = ("he", "she", "they", "neuter", "these", "definite")


def targets(
    article: Article,
    mentions: Sequence[Mention],
    found: Sequence[Statement],
    said_by: Sequence[Speaker],
    *,
    cast: Participants | None,
) -> tuple[tuple[str, ...], ...]:
    """Ids of the entities that each of `found`, in reading order and `said_by` as many, is about.

    Without a cast, for a language that has no pack, those of its names alone.
    """
    pack = pack_for(article.language)
    if cast is None or pack is None:
        return tuple(_named(mentions, record, speaker) for record, speaker in zip(found, said_by, strict=True))
    reader = _Reader(article, cast, pack)
    for record, speaker in zip(found, said_by, strict=True):
        reader.read(record, speaker)
    answers = list(reader.answers)
    for number, entity_id in addressed.find(article.text, found, said_by, pack).items():
        answers[number] = tuple(dict.fromkeys((*answers[number], entity_id)))
    return tuple(answers)


def _named(mentions: Sequence[Mention], record: Statement, speaker: Speaker) -> tuple[str, ...]:
    first = bisect_left(mentions, record.content.start, key=lambda mention: mention.span.start)
    last = bisect_left(mentions, record.content.end, key=lambda mention: mention.span.start)
    return tuple(dict.fromkeys(one.entity_id for one in mentions[first:last] if one.entity_id != speaker.entity_id))


def _outside(words: Iterable[re.Match[str]], names: Iterable[Mention]) -> Iterator[re.Match[str]]:
    """Those of `words` that no part of a name is among."""
    named = iter(names)
    mention = next(named, None)
    for word in words:
        while mention is not None and mention.span.end <= word.start():
            mention = next(named, None)
        if mention is None or word.end() <= mention.span.start:
            yield word


def _parted(
    words: Iterable[str], starts: Iterable[int], ends: Iterable[int], elided: Set[str]
) -> Iterator[tuple[str, int, int]]:
    """Folded words with their places, as two each that begins with an elided one: l'entreprise."""
    for word, begin, end in zip(words, starts, ends, strict=True):
        mark = word.find("'") + 1
        rest, start = word, begin
        if word[:mark] in elided:
            rest, start = word[mark:], begin + mark
            yield word[:mark], begin, start
        if rest.removesuffix("'s"):
            yield rest, start, end


class _Content:
    """One statement, read word by word: its words outside names with their places, and what those so far mean."""

    def __init__(
        self, text: str, record: Statement, speaker: Entity | None, cast: Participants, elided: Set[str]
    ) -> None:
        self.record = record
        self.speaker = speaker
        self.start = record.content.start
        self.named = [mention for mention in cast.within(record.content) if mention.rule != "inside-body"]
        words = _WORD.finditer(text, record.content.start, record.content.end)
        found = list(_outside(words, self.named) if self.named else words)
        folded = fold_words([word.group() for word in found])
        self.starts = [word.start() for word in found]
        self.ends = [word.end() for word in found]
        if elided:
            parts = list(_parted(folded, self.starts, self.ends, elided))
            folded = [word for word, _, _ in parts]
            self.starts = [start for _, start, _ in parts]
            self.ends = [end for _, _, end in parts]
        self.words = [word.removesuffix("'s") for word in folded]
        self.meant: list[tuple[int, str]] = []
        self.pointed: list[str] = []
        # Of what the words so far name, point back to or describe.
        self.person = self.party = self.body = self.plural = False
        self.quoted = record.kind == "direct"
        self._text = text
        self._place = self.start
        self._ahead = list(reversed(self.named))

    def move_to(self, place: int) -> None:
        """Take in the names and quotation marks up to the place, which only grows."""
        while self._ahead and self._ahead[-1].span.start < place:
            mention = self._ahead.pop()
            self.mean(mention.span.start, mention.entity_id)
        if self.record.kind == "mixed":
            self.quoted ^= len(_MARKS.findall(self._text, self._place, place)) % 2 == 1
        self._place = place

    def mean(self, place: int, entity: str) -> None:
        """Note that the words at the place mean the entity."""
        self.meant.append((place, entity))
        self.person |= entity.startswith("person:")
        self.party |= acts(entity)

    def after(self, number: int) -> str:
        """The word after that of this number; empty behind the last."""
        return self.words[number + 1] if number + 1 < len(self.words) else ""

    def joins(self, number: int) -> bool:
        """Whether no sign parts the word of this number from the one before."""
        between = self._text[self.ends[number - 1] : self.starts[number]]
        if not between:
            return True  # an elided article
        return len(between) < _LONGEST_NAME and between.endswith(" ") and not _SIGNS.search(between)


class _Reader:
    def __init__(self, article: Article, cast: Participants, pack: Pack) -> None:
        self._text = article.text
        self._cast = cast
        self._words = pack.words
        self._bodies = pack.bodies
        self._before = Antecedents(article, cast)
        # Roles too wide to tell one person from another.
        self._vague_roles = pack.roles["general"] | pack.words["female-role"] | pack.words["male-role"]
        self._plural = pack.roles["plural"]
        self._places = self._words["country-noun"] | self._words["region-noun"]
        self._nouns = self._places | self._bodies.keys()
        self._someone = self._words["someone"]
        self._possessives = pack.words["singular-possessive"] | pack.words["body-possessive"]
        self._pointing = frozenset[str]().union(*(pack.words[name] for name in _POINTING))
        self._by_name = {entity.name: entity.id for entity in cast.entities.values()}
        self._earlier: list[tuple[Statement, str | None]] = []
        self.answers: list[tuple[str, ...]] = []

    def read(self, record: Statement, speaker: Speaker) -> None:
        """Add the targets of the next statement."""
        who = speaker.entity_id
        if who is not None and record.attribution is not None:
            self._before.add(record.attribution.start, who)
        statement = _Content(self._text, record, self._cast.entities.get(who or ""), self._cast, self._words["elided"])
        for number, word in enumerate(statement.words):
            if word in self._pointing:
                start = statement.starts[number]
                statement.move_to(start)
                for entity in self._pointed_to(statement, number):
                    self._before.add(start, entity)
                    statement.mean(start, entity)
                    statement.pointed.append(entity)
            elif word in self._nouns:
                statement.body = True
            elif not statement.person:
                statement.person = word in self._someone or self._cast.is_role(word)
            statement.plural = statement.plural or self._is_plural(word)
        statement.move_to(record.content.end)
        about = tuple(dict.fromkeys(entity for _, entity in sorted(statement.meant) if entity != who))
        if not about and self._goes_on(statement):
            about = tuple(entity for entity in self.answers[-1] if entity != who)
        self._earlier.append((record, self._actor(statement)))
        self.answers.append(about)

    def _goes_on(self, statement: _Content) -> bool:
        """Whether this is the rest of a sentence, "said that A and that B", or sums up: "We oppose this"."""
        record, last = statement.record, self._earlier[-1][0] if self._earlier else None
        if last is None:
            return False
        if record.cue is not None and last.cue == record.cue and record.kind != "direct":
            return True
        return (
            record.group is not None
            and record.group == last.group
            and any(
                word in self._words["summing-up"] and _SENTENCE_END.match(self._text, end)
                for word, end in zip(statement.words, statement.ends, strict=True)
            )
        )

    def _actor(self, statement: _Content) -> str | None:
        """The first body or country in the statement that does something: whom "they" in the next one means."""
        for mention in statement.named:
            verb = _WORD.match(self._text, mention.span.end + 1)
            if acts(mention.entity_id) and verb is not None and self._is_verb(verb.group()):
                return mention.entity_id
        return next((entity for entity in statement.pointed if acts(entity)), None)

    def _is_verb(self, word: str) -> bool:
        return word in self._words["finite"] or word in self._words["modal"] or word.endswith(("s", "ed"))

    def _is_plural(self, word: str) -> bool:
        """Whether the word is a noun in the plural, to which "they" would point first."""
        return (word[-1] == "s" and len(word) > 3 and word[-2] not in "sui") or word in self._plural

    # --- words that point back ---

    def _pointed_to(self, statement: _Content, number: int) -> Iterator[str]:
        """Ids of what the word of this number points back to, alone or with those after it."""
        word = statement.words[number]
        found: str | None = None
        if word in self._words["he"]:
            found = self._person(statement, "male")
        elif word in self._words["she"]:
            found = self._person(statement, "female")
        elif word in self._words["they"]:
            found = self._party(statement)
        elif word in self._words["neuter"]:
            found = self._thing(statement, number)
        elif (
            word in self._words["these"] and number < _SUBJECT_REACH and statement.after(number) in self._words["wares"]
        ):
            found = self._carried(statement)
        if found is not None:
            yield found
        if word in self._words["definite"]:
            yield from self._described(statement, number)

    def _person(self, statement: _Content, gender: str) -> str | None:
        """The person that "she" means; not the speaker, nor one whom the words name or describe before."""
        own = statement.speaker
        if statement.person:
            return None
        if not statement.quoted:
            if own is None or (own.kind not in BODY_KINDS and own.kind != "person"):
                return None
            if own.kind == "person" and (own.gender or own.leaning) in {"", gender}:
                return None
        client = self._before.client(own, self._words["representing"]) if own is not None else None
        if client is not None and (self._cast.entities[client].gender or gender) == gender:
            return client
        return self._before.person(statement.start, gender, own.id if own is not None else None)

    def _party(self, statement: _Content) -> str | None:
        """The body or country that "they" means; not the speaking body itself, nor whom the words name before."""
        if statement.party or statement.plural:
            return None
        if not statement.quoted and (statement.speaker is None or statement.speaker.kind != "person"):
            return None
        return self._carried(statement)

    def _carried(self, statement: _Content) -> str | None:
        """Who acted in one of the last statements, if not on the side of the speaker."""
        own = statement.speaker
        apart = {own.id, self._by_name.get(own.affiliation or "")} if own is not None else set()
        for record, actor in reversed(self._earlier[-_CARRY:]):
            if statement.record.paragraph - record.paragraph > _CARRY_PARAGRAPHS:
                break
            if actor is not None and actor not in apart:
                return actor
        return None

    def _thing(self, statement: _Content, number: int) -> str | None:
        """The body that "it" means in reported words: "said that it had bought"; elsewhere it is a thing too often."""
        own = statement.speaker
        if own is None or own.kind != "person" or statement.quoted or statement.meant or statement.body:
            return None
        if statement.words[number] not in self._words["body-possessive"]:
            opens = number == 0 or statement.words[number - 1] in self._words["that"]
            verb, then = statement.after(number), statement.after(number + 1)
            acting = verb in self._words["modal"] or verb in self._words["have"] or verb.endswith("ed")
            if number >= _SUBJECT_REACH or not opens or not acting or then in self._words["be"]:
                return None
        return self._before.party(statement.start, own.id)

    def _described(self, statement: _Content, number: int) -> Iterator[str]:
        """Whom "the company", "his chamber", "the foreign minister", "the region", "the two countries" mean."""
        words, start = statement.words, statement.starts[number]
        pointing = words[number] in self._words["pointing-determiner"]
        if not pointing and words[number] not in self._possessives:
            return
        for place in range(number + 1, min(len(words), number + 2 + _DESCRIPTION)):
            noun = words[place]
            if not statement.joins(place) or noun in self._words["preposition"]:
                return
            if noun in self._words["another"]:
                return
            modifiers = words[number + 1 : place]
            if noun in self._words["both-sides"] and modifiers and modifiers[-1] in self._words["two"]:
                yield from self._before.two_countries(start)
                return
            if noun in self._words["determiner"]:
                continue
            known = noun in self._nouns or self._cast.is_role(noun)
            if self._is_part(statement, place) if known else modifiers or not self._ends_phrase(statement, place):
                continue
            found = self._described_as(noun, modifiers, start, statement.speaker, pointing=pointing)
            if found is not None:
                yield found
            return

    def _is_part(self, statement: _Content, place: int) -> bool:
        """Whether the noun at the place belongs to one after it: "the company spokesman", "the bank workers"."""
        if place + 1 == len(statement.words) or self._has_gap(statement, place):
            return False
        after = statement.words[place + 1]
        return after in self._plural or self._cast.is_role(after.removesuffix("s"))

    def _ends_phrase(self, statement: _Content, place: int) -> bool:
        """Whether no other noun may follow the one at the place: "the list says", not "the list price"."""
        if place + 1 == len(statement.words) or self._has_gap(statement, place):
            return True
        after = statement.words[place + 1]
        return self._is_verb(after) or any(after in self._words[name] for name in _FUNCTION)

    def _has_gap(self, statement: _Content, place: int) -> bool:
        """Whether a sign, a name or a possessive ending parts the word at the place from the next."""
        start, end = statement.starts[place], statement.ends[place]
        return self._text[end : statement.starts[place + 1]] != " " or end - start > len(statement.words[place])

    def _described_as(
        self, noun: str, modifiers: Sequence[str], start: int, own: Entity | None, *, pointing: bool
    ) -> str | None:
        if noun in self._bodies and noun not in self._places:
            kind = self._bodies[noun]
            wide = pointing and not modifiers and (kind == "company" or noun in self._words["wide-body"])
            # Who watches a company for a bank does not mean the bank.
            watching = own is not None and own.nouns & self._words["onlooker"]
            return self._before.body(start, noun, kind, wide=wide, but=own.affiliation if own and watching else None)
        if not pointing:
            return None
        if noun in self._places:
            return self._before.place(start, country=noun in self._words["country-noun"])
        if self._cast.is_role(noun):
            vague = noun in self._vague_roles
            return None if vague else self._before.holder(noun, modifiers, own.id if own is not None else None)
        return None if modifiers else self._before.headed(start, noun)
