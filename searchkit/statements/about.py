"""Find whom a statement is about: the entities its words name, and those they point back to, without the speaker.

Each target has a kind, a row of data/targets.txt. Places, laws and lists count. "we" is the speaker; "he" mostly is in
reported words, never in quoted ones. Two possible antecedents give none. "You" in a transcript is the one who answers.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import lru_cache
from itertools import chain, repeat

from searchkit.statements.antecedents import Antecedents, acts
from searchkit.statements.document import Mention, Speaker
from searchkit.statements.packs import Pack
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.speakers.participants import Entity, Participants
from searchkit.statements.speakers.referents import may_be
from searchkit.statements.speakers.subjects import BODY_KINDS
from searchkit.statements.text import Span, family_name, fold, fold_words

_Match = re.Match[str]
_WORD = re.compile(r"\w[\w'’\-]{0,40}")
_MARKS = re.compile('["“”„«»]')
# None of these stands between "the" and its noun, but a name may: "the Brno company".
_SEPARATORS = re.compile(r"[,;:()\"“”!?\n—–]|['’]s ")
# Where the reporting clause names the target: "said later of Mayor Malt", "asked whether", "accused Mayor Malt".
_OF = re.compile(r"(?: [\w.]{1,15}){0,3}? (?:of|about|regarding|concerning) (?:the )?(?:[A-Z][\w.]{0,20} ){0,3}")
_OBJECT = re.compile(r" (?:the )?(?:[A-Z][\w.]{0,20} ){0,3}")
_ASKED = re.compile(
    r"\b[Aa]sked(?: [\w.]{1,15}){0,4}? (?:about|on|whether|if|regarding) ([^\"“”;:\n]{2,200}?),(?: [\w.]{1,15}){0,3} \Z"
)
# "It" among so many first words is the subject.
_SUBJECT_REACH = 4
_NO_NOUNS = "finite | modal | preposition | conjunction | subordinator | relative | adverb | pronoun | negation"
_OTHER, _POINTING, _PERSON, _BODY = 0, 1, 2, 4


def targets(
    mentions: Sequence[Mention],
    statements: Sequence[Statement],
    said_by: Sequence[Speaker],
    participants: Participants | None,
    topic_id: str | None,
) -> list[dict[str, str]]:
    """Return the ids of the entities that each statement is about, each with its kind, in the order of its words.

    `statements`, by `said_by` in an article about `topic_id`, are in reading order. No participants: names alone count.
    """
    if participants is None:
        return [_named(mentions, *said) for said in zip(statements, said_by, strict=True)]
    reader = _Reader(participants, topic_id)
    for statement, speaker in zip(statements, said_by, strict=True):
        reader.read(statement, speaker)
    for number, entity_id in addressed(participants.article.text, statements, said_by, participants.pack).items():
        reader.answers[number].setdefault(entity_id, "you")
    return reader.answers


def topic(participants: Participants | None) -> str | None:
    """Return the id of whoever acts in the lead, one of the headline before others; else of its only person."""
    if participants is None:
        return None
    text, title = participants.article.text, fold(participants.article.title or "")
    leads = [span for span in participants.article.paragraphs[:4] if fold(span.of(text)) != title][:2]
    named = [participants.within(lead) for lead in leads]
    parties = [one for one in chain(*named) if one.kind == "person" or acts(one.entity_id)]
    acting = list(filter(participants.is_subject, parties))
    in_title = (one for one in (*acting, *parties) if family_name(fold(one.name)) in title)
    found = next(chain(in_title, acting), None)
    return found.entity_id if found is not None else _only_person(chain(*named[:1]))


def _only_person(mentions: Iterable[Mention]) -> str | None:
    persons = {one.entity_id for one in mentions if one.kind == "person"}
    return persons.pop() if len(persons) == 1 else None


def _named(mentions: Sequence[Mention], statement: Statement, speaker: Speaker) -> dict[str, str]:
    first = bisect_left(mentions, statement.content.start, key=lambda mention: mention.span.start)
    last = bisect_left(mentions, statement.content.end, key=lambda mention: mention.span.start)
    return {one.entity_id: "name" for one in mentions[first:last] if one.entity_id != speaker.entity_id}


def _outside(words: Iterable[_Match], names: Iterable[Mention]) -> list[_Match]:
    """Return the words that are not part of a name."""
    named, outside = iter(names), list[_Match]()
    mention = next(named, None)
    for word in words:
        while mention is not None and mention.span.end <= word.start():
            mention = next(named, None)
        if mention is None or word.end() <= mention.span.start:
            outside.append(word)
    return outside


def _split_elided(
    words: Iterable[str], starts: Iterable[int], ends: Iterable[int], elided: Set[str]
) -> Iterator[tuple[str, int, int]]:
    """Yield folded words with their places; a word with an elided article counts as two: l'entreprise."""
    for word, begin, end in zip(words, starts, ends, strict=True):
        mark = word.find("'") + 1
        rest, start = word, begin
        if word[:mark] in elided:
            rest, start = word[mark:], begin + mark
            yield word[:mark], begin, start
        if rest.removesuffix("'s"):
            yield rest, start, end


class _Content:
    """The words of a statement outside names, and what they refer to as far as they are read."""

    def __init__(
        self, text: str, statement: Statement, speaker: Entity | None, participants: Participants, elided: Set[str]
    ) -> None:
        self.statement = statement
        self.speaker = speaker
        self.start = statement.content.start
        inside = [mention for mention in participants.within(statement.content) if mention.rule != "inside-body"]
        self.named = [one for one in inside if one.kind != "other" or not one.surface.isupper()]  # "WE PAID"
        words = _WORD.finditer(text, statement.content.start, statement.content.end)
        found = _outside(words, self.named) if self.named else list(words)
        folded = fold_words(list(map(_Match.group, found)))
        self.starts = list(map(_Match.start, found))
        self.ends = list(map(_Match.end, found))
        if elided:
            parts = list(_split_elided(folded, self.starts, self.ends, elided))
            folded = [word for word, _, _ in parts]
            self.starts = [start for _, start, _ in parts]
            self.ends = [end for _, _, end in parts]
        self.words = [word.removesuffix("'s") if word[-1] == "s" else word for word in folded]
        self.meant: list[tuple[int, str, str]] = []
        self.person = self.body = False  # whether the words so far name, point back to or describe one
        self.quoted = statement.kind == "direct"
        self._text = text
        self._place = self.start
        self._ahead = list(reversed(self.named))

    def move_to(self, place: int) -> None:
        """Read the names and quotation marks up to `place`, which only grows."""
        while self._ahead and self._ahead[-1].span.start < place:
            mention = self._ahead.pop()
            self.mean(mention.span.start, mention.entity_id, "name")
        if self.statement.kind == "mixed":
            self.quoted ^= len(_MARKS.findall(self._text, self._place, place)) % 2 == 1
        self._place = place

    def mean(self, place: int, entity: str, kind: str) -> None:
        """Record that the words at `place` refer to the entity, as a target of this kind."""
        self.meant.append((place, entity, kind))
        self.person |= entity.startswith("person:")

    def after(self, number: int) -> str:
        """Return the word after `number`; empty behind the last."""
        return self.words[number + 1] if number + 1 < len(self.words) else ""

    def joins(self, number: int) -> bool:
        """Return whether nothing separates word `number` from the word before."""
        between = self._text[self.ends[number - 1] : self.starts[number]]
        if not between:
            return True  # an elided article
        return len(between) < 40 and between.endswith(" ") and not _SEPARATORS.search(between)


@lru_cache(maxsize=4)
def _kinds(pack: Pack) -> Callable[[str], int]:
    """Return what a word outside names shows in a language, as bits; most words occur again in other articles."""
    words = pack.words
    nouns = words["country-noun | region-noun"] | pack.bodies.keys()
    pointing = frozenset[str]().union(*(words[name] for name in ("he", "she", "neuter", "definite")))

    @lru_cache(maxsize=1 << 14)
    def kind(word: str) -> int:
        if word in pointing:
            return _POINTING
        return _BODY if word in nouns else _PERSON * (word in words["someone"] or pack.is_role(word))

    return kind


class _Reader:
    def __init__(self, participants: Participants, topic_id: str | None) -> None:
        self._text = participants.article.text
        self._participants = participants
        pack = participants.pack
        self._words = pack.words
        self._bodies = pack.bodies
        self._before = Antecedents(participants, topic_id)
        # Roles too wide to tell one person from another.
        self._vague_roles = pack.roles["general"] | pack.words["female-role | male-role"]
        self._kind = _kinds(pack)
        self._plural = pack.roles["plural"]
        self._places = self._words["country-noun | region-noun"]
        self._clausal = pack.clausal
        self._possessives = pack.words["singular-possessive | body-possessive"]
        self.answers: list[dict[str, str]] = []

    def read(self, statement: Statement, speaker: Speaker) -> None:
        """Add the targets of the next statement."""
        who = speaker.entity_id
        if who is not None and statement.attribution is not None:
            self._before.add(statement.attribution.start, who)
        content = _Content(
            self._text, statement, self._participants.entities.get(who or ""), self._participants, self._words["elided"]
        )
        kinds = enumerate(map(self._kind, content.words))
        for number, kind in [pair for pair in kinds if pair[1] != _OTHER]:
            if kind & _POINTING:
                start = content.starts[number]
                content.move_to(start)
                for entity, how in self._pointed_to(content, number):
                    self._before.add(start, entity)
                    content.mean(start, entity, how)
            content.body |= bool(kind & _BODY)
            content.person |= bool(kind & _PERSON)
        content.move_to(statement.content.end)
        for mention in self._reported(statement):
            content.mean(mention.span.start, mention.entity_id, "object")
        about: dict[str, str] = {}
        for _, entity, how in sorted(content.meant):
            if entity != who and about.get(entity) != "name":
                about[entity] = how
        self.answers.append(about)

    def _reported(self, statement: Statement) -> list[Mention]:
        """Return whom the reporting clause names as the target: "he said of Malt", "Lind accused Malt of"."""
        cue, name, content = statement.cue, statement.attribution, statement.content
        if cue is None or name is None:
            return []
        if self._participants.pack.clausal:
            return self._accused(statement, name)
        start = max(0, name.start - 240, self._text.rfind("\n", 0, name.start) + 1)
        has_asked = self._text.find("sked ", start, name.start) >= 0  # faster than the pattern
        asked = _ASKED.search(self._text, start, name.start) if has_asked else None
        found = self._participants.within(Span(*asked.span(1))) if asked is not None else []
        if name.end > cue.start:
            return found  # "said Lind of the union"
        object_verb = statement.verb in self._words["target-verb"]
        for pattern in (_OBJECT, _OF) if object_verb else (_OF,):
            led = pattern.match(self._text, cue.end, cue.end + 90)
            named = self._participants.first_from(cue.end) if led is not None else None
            if led is None or named is None or content.start <= named.span.start < content.end:
                continue
            if cue.end < named.span.start <= led.end() and "," not in self._text[cue.end : named.span.start]:
                found.append(named)
                break
        return found

    def _accused(self, statement: Statement, name: Span) -> list[Mention]:
        """Return whom a German verb accuses: "wirft Lind vor, ..."."""
        if statement.clause is None or statement.verb not in self._words["accusing-verb"]:
            return []
        found = self._participants.within(statement.clause)
        others = [one for one in found if not (one.span.overlaps(name) or one.span.overlaps(statement.content))]
        if others[1:] and self._text.startswith(",", others[0].span.end):
            del others[1:]  # "warf Lind, dem Chef der Werft, vor"
        return others if len(others) == 1 and others[0].kind != "place" else []

    def _pointed_to(self, content: _Content, number: int) -> Iterator[tuple[str, str]]:
        """Yield the ids of what word `number` points back to, alone or with those after it, each with its kind."""
        word = content.words[number]
        found: str | None = None
        if word in self._words["he"]:
            found = self._person(content, "male")
        elif word in self._words["she"] and self._is_one(content, number):
            found = self._person(content, "female")
        elif word in self._words["neuter"]:
            found = self._thing(content, number)
        if found is not None:
            yield found, "pronoun"
        # "A rejeté les accusations contre l'entreprise" may mean one that was named long before.
        if word in self._words["definite"] and not (self._clausal and content.statement.rule == "object"):
            yield from zip(self._described(content, number), repeat("description"))

    def _person(self, content: _Content, gender: str) -> str | None:
        """Return the person that "she" means: not the speaker, and only if the words name no person before."""
        own, start = content.speaker, content.start
        if content.person:
            return None
        if own is None:
            return self._before.person(start, gender, None) if content.quoted else self._represented(content, gender)
        may_mean_itself = may_be(own, gender) if own.kind == "person" else own.kind not in BODY_KINDS
        return None if may_mean_itself and not content.quoted else self._before.person(start, gender, own.id)

    def _represented(self, content: _Content, gender: str) -> str | None:
        """Return the person for whom an unnamed speaker speaks: "aides to Malt said that he"."""
        speaker = content.statement.attribution
        within = self._participants.within(speaker) if speaker is not None else ()
        person = self._participants.entities.get(_only_person(within) or "")
        return person.id if person is not None and may_be(person, gender) else None

    def _is_one(self, content: _Content, number: int) -> bool:
        """Return whether "sie" is one person: the verb beside it is singular."""
        singular = self._words["singular-verb"]
        return not singular or not singular.isdisjoint(content.words[max(0, number - 1) : number + 2])

    def _thing(self, content: _Content, number: int) -> str | None:
        """Return the body that "it" means in reported words: "said that it had bought"; elsewhere it may be a thing."""
        own = content.speaker
        if own is None or own.kind != "person" or content.quoted or content.meant or content.body:
            return None
        if content.words[number] not in self._words["body-possessive"]:
            opens = number == 0 or content.words[number - 1] in self._words["that"]
            verb, then = content.after(number), content.after(number + 1)
            acting = verb in self._words["modal"] or verb in self._words["have"] or verb.endswith("ed")
            if number >= _SUBJECT_REACH or not opens or not acting or then in self._words["be"]:
                return None
        return self._before.party(content.start, own.id)

    def _described(self, content: _Content, number: int) -> Iterator[str]:
        """Yield whom "the company", "his chamber", "the foreign minister", "the region" mean."""
        words, start = content.words, content.starts[number]
        pointing = words[number] in self._words["pointing-determiner"]
        if not pointing and words[number] not in self._possessives:
            return
        for place in range(number + 1, min(len(words), number + 4)):  # "the large trading company"
            noun = words[place]
            ends = noun in self._words["preposition"] or noun in self._words["another"]
            if ends or not content.joins(place):
                return
            modifiers = words[number + 1 : place]
            if noun in self._words["determiner"]:
                continue
            known = noun in self._places or noun in self._bodies or self._participants.is_role(noun)
            if not known and (modifiers or not self._ends_phrase(content, place)):
                continue
            if self._participants.is_role(noun):  # "the Velmar governor": the place shows which
                modifiers = fold(self._text[content.ends[number] : content.starts[place]]).split()
            found = self._described_as(noun, modifiers, start, content.speaker, pointing=pointing)
            if found is not None:
                yield found
            return

    def _ends_phrase(self, content: _Content, place: int) -> bool:
        """Return whether no other noun may follow the one at the place: "the list says", not "the list price"."""
        if place + 1 == len(content.words) or self._has_gap(content, place):
            return True
        after = content.words[place + 1]
        if after in self._plural or self._participants.is_role(after.removesuffix("s")):
            return False  # "U.S. leaders"
        return after in self._words[_NO_NOUNS] or after.endswith(("s", "ed"))

    def _has_gap(self, content: _Content, place: int) -> bool:
        """Return whether punctuation, a name or a possessive ending separates the word at `place` from the next."""
        start, end = content.starts[place], content.ends[place]
        return self._text[end : content.starts[place + 1]] != " " or end - start > len(content.words[place])

    def _described_as(
        self, noun: str, modifiers: Sequence[str], start: int, own: Entity | None, *, pointing: bool
    ) -> str | None:
        if noun in self._bodies and noun not in self._places:
            kind = self._bodies[noun]
            wide = pointing and not modifiers and (kind == "company" or noun in self._words["wide-body"])
            # An analyst of a bank does not mean the bank.
            watching = own is not None and own.nouns & self._words["onlooker"]
            return self._before.body(start, noun, kind, wide=wide, but=own.affiliation if own and watching else None)
        if not pointing:
            return None
        if noun in self._places:
            return self._before.place(start, country=noun in self._words["country-noun"])
        if self._participants.is_role(noun):
            vague = noun in self._vague_roles
            return None if vague else self._before.holder(noun, modifiers, own.id if own is not None else None)
        return None if modifiers else self._before.headed(start, noun)


_LETTERS = re.compile(r"[^\W\d_][\w'’]{0,40}")


def addressed(text: str, statements: Sequence[Statement], said_by: Sequence[Speaker], pack: Pack) -> dict[int, str]:
    """Return the id of the entity that each statement addresses, by the number of the statement."""
    turns = [number for number, statement in enumerate(statements) if statement.rule == "transcript"]
    voices: dict[int, str] = {}  # the person who takes a turn, or else the label
    for number in turns:
        attribution = statements[number].attribution
        label = fold(attribution.of(text)) if attribution is not None else ""
        voices[number] = said_by[number].entity_id or label
    questions: dict[str, list[bool]] = {}
    for number in turns:
        questions.setdefault(voices[number], []).append("?" in statements[number].content.of(text))
    asking = {voice for voice, marks in questions.items() if sum(marks) * 2 > len(marks)}
    addressed: dict[int, str] = {}
    answering: int | None = None  # the next turn of another speaker
    for at in range(len(turns) - 1, -1, -1):
        number = turns[at]
        if at + 1 < len(turns) and voices[turns[at + 1]] != voices[number]:
            answering = turns[at + 1]
        if voices[number] not in asking or answering is None:
            continue
        entity_id = said_by[answering].entity_id
        if entity_id is not None and _addresses(statements[number].content.of(text), pack):
            addressed[number] = entity_id
    return addressed


def _addresses(words: str, pack: Pack) -> bool:
    """Return whether "you" is more than the subject of a verb of speech: "you once said that readers are old"."""
    folded = [fold(word) for word in _LETTERS.findall(words)]
    for at, word in enumerate(folded):
        if word in pack.words["second-person"]:
            after = next((other for other in folded[at + 1 : at + 4] if other not in pack.words["adverb"]), "")
            if after not in pack.cues or pack.cues[after].needs != "strong":
                return True
    return False
