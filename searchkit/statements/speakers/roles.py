"""Read the roles and affiliations that an article gives its persons, before and behind their names.

A role belongs to the entity for the complete document, wherever the text states it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import dropwhile, islice, takewhile

from msgspec import Struct, field

from searchkit.statements.document import Mention
from searchkit.statements.names.namesakes import gender_of_role
from searchkit.statements.packs import Pack
from searchkit.statements.speakers.subjects import BODY_KINDS, INTRODUCTION_WORDS, PLAIN_WORD, Subjects
from searchkit.statements.text import Span, fold, sentences
from searchkit.statements.word_lists import word_sets

_WORD = re.compile(r"[^\W_][\w'’&.\-]{0,60}|[,;:()\n\"“”—–]")
# How many characters before a name may hold its title.
_TITLE_REACH = 90
# Where an apposition ends.
_AFFILIATION_END = frozenset({",", ";", ":", "(", ")", "who", "who's", "which", '"', "“", "—", "–"})
# Classes of words with which no role begins behind a name.
_NO_ROLE = ("excluding", "whose", "copula", "auxiliary")
_PHRASE_END = frozenset({",", ";", ":", ")", "(", '"', "“", "”", "who", "said", "and", "\n"})
# Where a clause starts with a role that the name behind it holds.
_CLAUSE_START = re.compile(r"[,.:;!?\n\"“”„«»]")
_COPULA = re.compile(r"(?:,? who [^,.;\n]{1,100},|,? who| qui)? (\w{2,8}) ")
# "Seit April ist Malt Hafenmeister".
_COPULA_BEFORE = re.compile(r" (?:ist|war) $")
# "Malt wurde im Mai zum Präsidenten gewählt"; "Zum neuen Chef wurde Malt gewählt".
_ELECTED = re.compile(r" wurde(?: [\w.]{1,20}){0,3} zu[mr] (?:[a-zäöü]{1,20} ){0,2}(\w{2,40})")
_ELECTED_BEFORE = re.compile(r"\bZu[mr] (?:[a-zäöü]{1,20} ){0,2}(\w{2,40}) wurde $")
# "As captain of the women's team, Malt has lifted three cups".
_SERVING = re.compile(
    r"(?:^|[.!?\n]['\"”]? ?)As (?:[\w-]{1,20} ){0,2}?([\w-]{2,30})(?: (?:of|for|at|in) [^,.\n]{1,60})?, $"
)
_MAJORITY = 0.8
# Classes of words outside titles, though one may open its sentence: "Then Harbor Secretary ...".
_OUTSIDE_TITLES = "determiner | adverb | preposition | conjunction | subordinator | opener | weekday"


class Entity(Struct):
    """A person or body of the article. `spans` are its mentions; `full` is the first mention of the complete name.

    `gender` is "male", "female" or empty; `leaning` is the same on weaker evidence: a given name or a single pronoun
    (`guessed` where that pronoun stands in the person's own statement). `role` is as first written; `nouns` are the
    folded role nouns of all mentions, `titles` the words right before the name. A `doubtful` person is one only because
    it speaks ("TransLink said"); a `shaped` one because it speaks or has two capitals ("Nordgas Pumps").
    """

    id: str
    name: str
    kind: str
    spans: list[Span] = field(default_factory=list)
    role: str | None = None
    affiliation: str | None = None
    gender: str = ""
    leaning: str = ""
    guessed: bool = False
    nouns: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    full: Span | None = None
    doubtful: bool = True
    shaped: bool = True

    @property
    def may_be_body(self) -> bool:
        """Return whether this "person" may as well be a body: the text does not show that it is a person."""
        return self.doubtful and " " not in self.name and not self.is_proven

    @property
    def is_proven(self) -> bool:
        """Return whether the text shows that this is a person: a gender, a role, a given name or a title."""
        return bool(self.gender or self.leaning or self.nouns) or not self.shaped

    def count_pronouns(self, male: int, female: int) -> None:
        """Set the gender from the pronouns that mean this person, where they agree."""
        self.guessed &= not self.leaning and male + female == 1
        if not self.leaning and male != female:
            self.leaning = "male" if male > female else "female"
        if not self.gender and male + female >= 2:
            if male >= _MAJORITY * (male + female):
                self.gender = "male"
            elif female >= _MAJORITY * (male + female):
                self.gender = "female"


class Roles(Subjects):
    """Reads the roles of the persons in one text."""

    def __init__(self, text: str, mentions: Sequence[Mention], pack: Pack) -> None:
        super().__init__(text, mentions, pack)
        self._male, self._female = pack.words["title-male"], pack.words["title-female"]
        self._outside_titles = pack.words[_OUTSIDE_TITLES]

    def read_roles(self, mention: Mention, entity: Entity) -> None:
        """Note what the words around a person's name say of the person."""
        self._read_predicate(mention.span, entity)
        self._read_title(mention, entity)
        self._read_appositive(mention, entity)
        if self.pack.clausal:
            self._read_aside(mention, entity)

    # --- before the name ---

    def _read_title(self, mention: Mention, entity: Entity) -> None:
        start = max(0, mention.span.start - _TITLE_REACH)
        line = self._text.rfind("\n", start, mention.span.start)
        start = max(start, line + 1)
        end, title = self._title_before(start, mention.span.start)
        if not title or (self.pack.clausal and self._text[mention.span.end : mention.span.end + 1] == "s"):
            return  # "Die Anwältin Linds"
        if title == ",":
            self._read_introduction(mention, entity, start)
            return
        last = fold(title).rstrip(".").rpartition("'")[2]  # "L'avocat Malt"
        if last in self._male:
            entity.gender = "male"
            return
        if last in self._female:
            entity.gender = "female"
            return
        if last in self.pack.words["copula"]:
            self._read_subject(entity, start, end)
            return
        if title.endswith(".") and (title.islower() or self.pack.words["capitals"]):
            return  # "... by the owner. Vera Lind said": the role ends a sentence before the name; "Gov. Lind" does not
        if title[0].isupper() if self.pack.words["capitals"] else title.islower() and last not in self.pack.cues:
            entity.titles.add(last)
        if self.is_role(last) and self._is_first_role(entity, last):
            self._take_title(mention, entity, start, end)

    def _title_before(self, start: int, end: int) -> tuple[int, str]:
        """Return the last word before `end` and its ranks, and where it ends: "Police spokesman Sgt Malt"."""
        title = self._last_word(start, end)
        while (rank := fold(title).rstrip(".")) in self.pack.words["title"] and not self.is_role(rank):
            end = self._text.rindex(title, start, end)
            title = self._last_word(start, end)
        return end, title

    def _take_title(self, mention: Mention, entity: Entity, start: int, end: int) -> None:
        words = self._words_in(start, end)
        at = len(words) - 1
        first = self._title_start(words)
        body = self._body_before(words[first][1])
        if body is not None and words[first][1] < body.span.end:
            inside = [k for k in range(first, at + 1) if words[k][1] >= body.span.end]
            first = inside[0] if inside else at
        first = max([first, *(k + 1 for k in range(first, at) if fold(words[k][0]).endswith("'s"))])
        role = self._text[words[first][1] : end].strip()
        entity.role = role[2:] if role[1:2] == "'" else role
        if body is not None:
            entity.affiliation = body.name
        elif first and fold(words[first - 1][0]) in self.pack.words["body-possessive"]:
            entity.affiliation = self.only_body(mention.span.start)  # "its spokeswoman Vera Malt"

    def _read_subject(self, entity: Entity, start: int, end: int) -> None:
        """Read the role before the name in "The deckhand is Igor Malt"."""
        words = [fold(word) for word in PLAIN_WORD.findall(_CLAUSE_START.split(self._text[start:end])[-1])][:-1]
        plain = self.pack.words["preposition"].isdisjoint(words)
        if plain and words and words[0] in self.pack.words["definite"] and self.is_role(words[-1]):
            self._is_first_role(entity, words[-1])

    def _is_first_role(self, entity: Entity, noun: str) -> bool:
        """Note that `entity` has the role `noun`; return whether this is its first role."""
        entity.nouns.add(noun)
        if entity.role is not None:
            return False
        entity.gender = entity.gender or gender_of_role(noun, self.pack)
        return True

    def _title_start(self, words: Sequence[tuple[str, int]]) -> int:
        """Return the first word of the title that `words` end with."""
        first = at = len(words) - 1
        # A title in capitals keeps the capitalised words before it: Commerce Secretary.
        if words[at][0][:1].isupper():
            while first > 0 and words[first - 1][0][:1].isupper() and first > at - 3 and self._joined(words, first):
                first -= 1
        else:
            compound = at > 0 and fold(words[at][0]) in self.pack.words["compound-role"]  # "harbor master"
            first -= compound and fold(words[at - 1][0]) not in self._determiners
            while first > 0 and self._is_qualifier(words[first - 1][0], words[first][0]) and self._joined(words, first):
                first -= 1
        while first > 0 and fold(words[first - 1][0]) in self.pack.words["standing"]:
            first -= 1  # "Der frühere Minister"
        return first

    def _words_in(self, start: int, end: int) -> list[tuple[str, int]]:
        return [(found.group(), found.start()) for found in _WORD.finditer(self._text, start, end)]

    def _last_word(self, start: int, end: int) -> str:
        """Return the last word or punctuation mark of the range; empty without one."""
        before = self._text[start:end].rstrip()
        # No word holds a space, so those of the last piece are mostly enough.
        words = _WORD.findall(before.rpartition(" ")[2]) or _WORD.findall(before)
        return words[-1] if words else ""

    def _read_introduction(self, mention: Mention, entity: Entity, start: int) -> None:
        """Read a role before the name: "the plant manager of Veltra Pumps, Igor Malt, said"."""
        if self._text[mention.span.end : mention.span.end + 1] not in {",", ".", ")"}:
            return  # "... left by the owner, Vera Lind said"
        words = self._words_in(start, mention.span.start)[:-1]
        first, at = self._introducing(words)
        if not 0 <= first <= at or not self._is_first_role(entity, fold(words[at][0])):
            return
        end = words[at][1] + len(words[at][0])
        entity.role = self._text[words[first][1] : end]
        body = self.body_in(words[max(0, first - 1)][1], words[-1][1] + 1)
        if body is not None and (body.span.start > end or body.span.end <= words[first][1]):
            entity.affiliation = entity.affiliation or body.name
        elif fold(words[max(0, first - 1)][0]) in self.pack.words["body-possessive"]:
            entity.affiliation = entity.affiliation or self.only_body(mention.span.start)

    def _introducing(self, words: Sequence[tuple[str, int]]) -> tuple[int, int]:
        """Return the first word and the role noun of a phrase that ends with `words`, -1 for none."""
        first = at = -1
        for number in range(len(words) - 1, max(-1, len(words) - 1 - INTRODUCTION_WORDS), -1):
            low = fold(words[number][0])
            if low in ',;:()"“”—–\n' or low in self.pack.cues:
                first = number + 1  # "Chairman of the Harbor Union, Igor Malt, said": no article
                break
            if number == 0:
                first = 0
            if low in self.pack.words["phrase-preposition"]:
                at = -1
            elif at < 0 and self.is_role(low):
                at = number
            elif at >= 0 and (low in self._determiners or low.endswith(("'s", "’s"))):
                at = self._owner_noun(words, number, at)
                if at >= 0:
                    first = number + 1
                    break
        return first, at

    def _owner_noun(self, words: Sequence[tuple[str, int]], number: int, at: int) -> int:
        """Return `at`, or -1 if a German noun before the determiner at `number` owns it: "Der Anwalt der Klägerin"."""
        owns = self.pack.words["capitals"] and number and self.is_role(fold(words[number - 1][0]))
        return -1 if owns else at

    def _read_aside(self, mention: Mention, entity: Entity) -> None:
        """Read a role before the name and a comma: "le maire, Yvon Lind", "der Sprecher der Stadt, Emil Lind,"."""
        start = max(0, mention.span.start - _TITLE_REACH)
        before = self._text[start : mention.span.start]
        if not before.endswith(", ") or entity.role is not None:
            return
        opening = _CLAUSE_START.split(before[:-2])[-1]
        words = list(PLAIN_WORD.finditer(opening))
        for word in words[:5]:
            noun = fold(word.group()).rpartition("'")[2]
            if self.is_role(noun):
                offset = mention.span.start - 2 - len(opening)
                self._is_first_role(entity, noun)
                entity.role = word.group().rpartition("'")[2]
                body = self.body_in(offset + word.end(), mention.span.start)
                entity.affiliation = entity.affiliation or (body.name if body is not None else None)
                return

    def _joined(self, words: Sequence[tuple[str, int]], at: int) -> bool:
        before, start = words[at - 1]
        if self._text[start + len(before) : words[at][1]].strip():
            return False  # a dash, as that of a dateline: "HARBOR CITY - Mayor Igor Malt"
        if before.endswith(".") and len(before) > 4:
            return False  # "They met on Sunday. Coach Igor Malt left"
        return fold(before) not in self._outside_titles and before not in ',;:()"“”—–\n.'

    def _is_qualifier(self, word: str, title: str) -> bool:
        """Return whether `word` belongs to the title in small letters behind it: "Former", "prime"."""
        low = fold(word)
        if low in self.pack.words["standing"] or low.capitalize() in word_sets("titles.txt")["modifiers"]:
            return True
        return fold(title) in self.pack.words["second-role"] and self.is_role(low)

    def only_body(self, position: int) -> str | None:
        """Return the only body named before `position`: whose "its spokeswoman" is."""
        named = {one.entity_id: one.name for one in self.back_from(position) if one.kind in BODY_KINDS}
        return next(iter(named.values())) if len(named) == 1 else None

    def _body_before(self, position: int) -> Mention | None:
        """Return the body named right before `position`, or across it."""
        at = bisect_right(self._starts, position) - 1
        for mention in self.mentions[max(0, at - 1) : at + 1]:
            near = position - mention.span.end < 4 and "," not in self._text[mention.span.end : position]
            if mention.kind in BODY_KINDS and near:
                return mention
        return None

    def _appositive_words(self, start: int, limit: int) -> Iterator[tuple[str, int, int]]:
        """Yield the words and punctuation of the range with their places, up to a role that ends the sentence."""
        for found in _WORD.finditer(self._text, start, limit):
            word, first, last = found.group(), *found.span()
            if word.endswith(".") and self.is_role(fold(word[:-1])):
                # Here the sentence ends: "said Vera Lind, a judge. In Ostrava ..."
                yield word[:-1], first, last - 1
                return
            yield word, first, last

    def _read_predicate(self, name: Span, entity: Entity) -> None:
        """Read the role in "Malt is a judge", "Malt was appointed head" and "Malt wurde zum Präsidenten gewählt"."""
        copula, noun = _COPULA.match(self._text, name.end), ""
        if copula is not None and copula[1] in self.pack.words["copula"]:
            behind = [fold(word) for word, _, _ in islice(self._appositive_words(copula.end(), name.end + 200), 7)]
            lead = dropwhile(self.pack.words["appointing"].__contains__, behind)
            roles = dropwhile(lambda word: not self.is_role(word), takewhile(self._may_lead, lead))
            noun = next(iter(list(takewhile(self.is_role, roles))[::-1]), "")
        before, german = self._text[max(0, name.start - 100) : name.start], self.pack.words["capitals"]
        elected = (_ELECTED.match(self._text, name.end) or _ELECTED_BEFORE.search(before)) if german else None
        if german and _COPULA_BEFORE.search(before):
            noun = next((fold(word) for word, *_ in self._appositive_words(name.end, name.end + 40)), "")
        if found := _SERVING.search(before) or elected:
            noun = fold(found[1])
        for role in filter(self.is_role, (noun, noun.removesuffix("en"))):
            self._is_first_role(entity, role)

    def _read_appositive(self, mention: Mention, entity: Entity) -> None:
        """Read a role behind the name: "Igor Malt, the plant manager of Veltra Pumps, said"."""
        text, end = self._text, mention.span.end
        if text[end : end + 1] != "," and text[end : end + 2] not in {" —", " –", " ("}:
            return
        ahead = self._appositive_words(end + 1, self._appositive_limit(end))
        words = list(islice(ahead, 10))
        phrase = self._apposed(words)
        if not phrase:
            return
        rest = words.index(phrase[-1]) + 1
        follows = fold(words[rest][0]) if rest < len(words) else ""
        if follows not in self.pack.cues or not self._is_setting(mention.span):
            self._take_appositive(entity, phrase, [*words[rest:], *ahead])

    def _is_setting(self, name: Span) -> bool:
        """Return whether a name closes a phrase with a preposition: "After a meeting with Malt, the president said"."""
        opening = _CLAUSE_START.split(self._text[max(0, name.start - 200) : name.start])[-1].split()
        return bool(opening) and fold(opening[0]) in self.pack.words["preposition"]

    def _apposed(self, words: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        """Return those of the words behind a name that are a role."""
        phrase: list[tuple[str, int, int]] = []
        head = 0  # how many words of the phrase make the role
        for number, word in enumerate(words):
            low = fold(word[0])
            if not phrase and any(low in self.pack.words[name] for name in _NO_ROLE):
                return []  # "Varga, not the mayor, said", "Varga, whose wife", "Varga, MP, is an author"
            if not phrase and (low in self._determiners or word[0] in "—–" or (word[0] == "(" and number == 0)):
                continue
            if self._ends_role(low, is_behind=head > 0):
                break
            phrase.append(word)
            if self.is_role(low) or (head and low in self.pack.words["second-role"]):
                head = len(phrase)
                if self.pack.words["capitals"]:
                    break  # "Lind, der Anwalt der Klägerin"
            elif head and len(phrase) - head >= 3:  # "Chief Product Officer"
                break
        return phrase[:head]

    def _may_lead(self, word: str) -> bool:
        """Return whether a word may stand between "is" and a role: "is a former judge"."""
        closed = any(word in self.pack.words[name] for name in ("preposition", "negation", "finite", "that"))
        return not closed and word[-1].isalnum()

    def _appositive_limit(self, start: int) -> int:
        """Return the end of the text that may hold a role behind a name: of the line, of the sentence."""
        limit = min(len(self._text), start + 220)
        line = self._text.find("\n", start, limit)
        limit = limit if line < 0 else line
        return next((one.end for one in sentences(self._text, Span(start, limit))), limit)

    def _ends_role(self, word: str, *, is_behind: bool) -> bool:
        """Return whether a phrase with a role ends before `word`, which may stand behind the role."""
        if word in _PHRASE_END or word in self.pack.cues:
            return True
        return is_behind and (word in self.pack.words["phrase-preposition"] or word in self.pack.words["finite"])

    def _take_appositive(
        self, entity: Entity, phrase: Sequence[tuple[str, int, int]], rest: Sequence[tuple[str, int, int]]
    ) -> None:
        is_first = self._is_first_role(entity, fold(phrase[-1][0]))
        start, end = phrase[0][1], phrase[-1][2]
        body = self.body_in(start, end)
        if body is not None and body.span.end <= phrase[-1][1]:
            entity.affiliation = entity.affiliation or body.name
            start = next(word[1] for word in phrase if word[1] >= body.span.end)
        for number, word in enumerate(phrase[:-1]):
            if fold(word[0]).endswith(("'s", "’s")):
                start = max(start, phrase[number + 1][1])  # "the union's chief negotiator"
        if is_first:
            entity.role = self._text[start:end]
        owned = self.pack.words["phrase-preposition | genitive"]  # "Sprecherin der Lind AG"
        if entity.affiliation is None and rest and fold(rest[0][0]) in owned:
            entity.affiliation = self._affiliation_in(rest)

    def _goes_on(self, body: Mention) -> bool:
        """Return whether a capital follows: the name may be longer than the mention, "Texas" of "Texas State Ports"."""
        return self._text[body.span.end : body.span.end + 2].strip().isupper()

    def _affiliation_in(self, rest: Sequence[tuple[str, int, int]]) -> str | None:
        """Return the body in the words behind a role, which begin with a preposition: "of Veltra Pumps"."""
        nouns = (number for number, word in enumerate(rest[1:], 1) if fold(word[0]) not in self._determiners)
        begins = next(nouns, len(rest))
        if begins == len(rest):
            return None
        named = self.body_in(rest[1][1], rest[begins][2])
        if named is not None and not self._goes_on(named):  # "of The Good Water Company", "for Voice of the Valley"
            return named.name
        begins, stop = self._owner_phrase(rest, begins)
        if stop <= begins:
            return None
        found = self.body_in(rest[begins][1], rest[stop - 1][2])
        if found is not None:
            before = self._text[rest[begins][1] : found.span.start]
            # Few or only common words stand before the body, ending with its sort: "data management firm".
            is_sort = before.islower() and fold(before.rsplit(maxsplit=1)[-1]) in self.pack.bodies
            if not self._goes_on(found) and (len(before) < 3 or is_sort):
                return found.name
        if rest[begins][0][:1].isupper():
            return self._text[rest[begins][1] : rest[stop - 1][2]].rstrip(".")
        return None

    def _owner_phrase(self, rest: Sequence[tuple[str, int, int]], begins: int) -> tuple[int, int]:
        """Return the range of the words from `begins` that may name a body, those behind "at" if there are."""
        # A full stop may be that of an abbreviation; where the sentence ends, so does the phrase.
        ends = next(sentences(self._text, Span(rest[begins][1], rest[-1][2]))).end
        stop = begins
        while stop < len(rest) and stop < begins + 12 and rest[stop][1] < ends:
            low = fold(rest[stop][0])
            if low in _AFFILIATION_END or rest[stop][0] in self.pack.cues:
                break
            if low == "and" and fold(rest[stop + 1][0] if stop + 1 < len(rest) else "") in self._determiners:
                break
            stop += 1
            if low == "at":  # "professor of law at the University of Ostrin"
                begins = stop + (stop < len(rest) and fold(rest[stop][0]) in self._determiners)
                stop = begins
        return begins, stop
