"""What names look like in a clausal language: the shipped names.txt of its pack, and what it says about a word.

German heads of bodies are endings of compounds with their genitives; French ones are words of their own.
"""

import re
from functools import lru_cache

from msgspec import Struct

from searchkit.statements.document import MentionKind
from searchkit.statements.names.gazetteer import Known, gazetteer, known_id
from searchkit.statements.packs import Pack
from searchkit.statements.rules import NAME_RULES
from searchkit.statements.text import Span, slug
from searchkit.statements.text import fold as _fold
from searchkit.statements.word_lists import parts, spellings, word_sets

# Classes of words that are no part of a person's name.
_FUNCTION = "determiner preposition conjunction subordinator opener adverb question weekday month".split()

# Words recur, and folding a word that is not ASCII is slow.
fold = lru_cache(maxsize=4096)(_fold)


class Spotted(Struct, frozen=True):
    """A name at a place, the entity it names, and the rule that found it."""

    start: int
    end: int
    kind: MentionKind
    name: str
    entity_id: str
    rule: str

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def confidence(self) -> float:
        return NAME_RULES.get(self.rule, 0.75)  # confidence of a rule that English does not share


def spotted(start: int, end: int, kind: MentionKind, name: str, rule: str) -> Spotted:
    return Spotted(start, end, kind, name, f"{kind}:{slug(name)}", rule)


def word_before(text: str, start: int, floor: int) -> tuple[str, bool]:
    """Return the word before `start`, empty for none, and whether a stop or comma separates them."""
    text = text[max(floor, start - 45) : start]  # how far back the word before a name may begin
    if not text.endswith(" "):
        return "", False
    word = text[:-1].rpartition(" ")[2]
    return word.rstrip(".,").lstrip("„“«»\"('"), word.endswith((".", ","))


class NameWords:
    """The words of one language by what they say about a name.

    `exonyms` are foreign forms of known names by first word; `heads` of bodies have a kind; `endings` are the heads,
    longest first, and `stems` their forms without the genitive; `owners` are codes of countries by adjective.
    `small_body` finds bodies whose head is written small.
    """

    def __init__(self, pack: Pack) -> None:
        read = parts(f"{pack.code}/names.txt")
        self.lists = word_sets(f"{pack.code}/names.txt")
        self.pack = pack
        self.words = pack.words
        self.capitals = bool(pack.words["capitals"])
        self.given = word_sets("given_names.txt")["given"]
        self.titles = pack.words["title"] | pack.words["title-male"] | pack.words["title-female"]
        self.company_words = tuple(body for body, kind in pack.bodies.items() if kind == "company")
        self.joints = frozenset({" ", ", ", *(f" {word} " for word in read["joints"])})
        self.links = frozenset(f" {word} " for word in read["links"])
        self.place_links = frozenset(f" {word} " for word in read.get("place links", ()))
        self.field_links = tuple(f" {word}" for word in read.get("field links", ()))
        self.field_joints = frozenset(f" {word} " for word in read.get("field joints", ()))
        self.adjective_endings = read["adjective endings"]
        self.first_forms: dict[str, str] = {}
        self.exonyms: dict[str, list[tuple[str, MentionKind, str, str]]] = {}
        self._read_exonyms("place", read["places"])
        self._read_exonyms("agency", read["bodies"])
        self.owners: dict[str, str] = dict(value.split(" = ") for value in read.get("adjectives", ()))
        self._offices: dict[str, str] = dict(value.split(" = ") for value in read.get("offices", ()))
        self.heads: dict[str, MentionKind] = {}
        self.stems: dict[str, str] = {}
        self._read_heads("agency", read["heads agency"])
        self._read_heads("organisation", read["heads organisation"])
        self.endings = tuple(sorted(self.heads, key=len, reverse=True))
        self.small_body = None if self.capitals else self._small_body(read["links"])
        self._noun_endings = read["noun endings"]
        self._roles = pack.roles["role"]
        self._role_endings = tuple(pack.roles["ending"])
        self._function = frozenset[str]().union(*(pack.words[name] for name in _FUNCTION))
        self._given_folded = pack.words["given-female"] | pack.words["given-male"]

    def _read_exonyms(self, kind: MentionKind, values: tuple[str, ...]) -> None:
        for form, name in map(spellings, values):
            identity = known_id(kind, name) or f"{kind}:{slug(name)}"
            self.exonyms.setdefault(form.split(" ")[0], []).append((form, kind, name, identity))
            self.first_forms.setdefault(identity, form)
        for forms in self.exonyms.values():
            forms.sort(key=lambda form: -len(form[0]))

    def _read_heads(self, kind: MentionKind, values: tuple[str, ...]) -> None:
        for value in values:
            forms = value.split() if self.capitals else [value]
            for form in forms:
                self.heads.setdefault(form, kind)
                self.stems[form] = forms[0]

    def _small_body(self, links: tuple[str, ...]) -> re.Pattern[str]:
        heads = "|".join(map(re.escape, self.endings))
        link = "(?: " + "| ".join(word if word.endswith("'") else f"{word} " for word in links) + ")"
        adjective = rf"[a-zà-ÿ]{{2,20}}(?:{'|'.join(self.adjective_endings)})(?![\w-])"
        return re.compile(
            rf"(?<![\w-])(?P<head>(?i:{heads}))(?![\w-])(?: {adjective}){{0,2}}"
            rf"(?:{link}[^\W\d_][\w-]{{1,30}}(?: [A-ZÀ-Ý][\w-]{{1,30}}){{0,3}}(?: {adjective})?){{0,3}}"
        )

    def known_body(self, adjective: str, name: str) -> Known | None:
        """Return the listed body that an adjective and a noun mean: "chinesisch", "Außenministerium"."""
        prefix, hyphen, rest = name.partition("-")  # "US-Handelsministerium"
        country = self.owners.get(prefix if hyphen else adjective)
        office = self._offices.get(rest if hyphen else name)
        if country is None or office is None:
            return None
        bodies = (gazetteer().bodies.get((country, f"{office} {kind}")) for kind in ("ministry", "department"))
        return next(filter(None, bodies), None)

    def is_role(self, word: str) -> bool:
        """Return whether a word names an office or trade, alone, in a compound, or in the genitive."""
        word = fold(word)
        for form in (word, word.removesuffix("s")) if self.capitals else (word,):
            if form in self._roles or form.rpartition("-")[2] in self._roles:
                return True
            if self._role_endings and form.endswith(self._role_endings):
                return True
        return False

    def is_plain(self, word: str, *, surname: bool = False) -> bool:
        """Return whether a capitalized word cannot be in a name; a `surname` may end as nouns do: Semmling."""
        lower = word.lower()
        return (
            word in self.lists["not names"]
            or fold(word) in self._function
            or (not surname and lower.endswith(self._noun_endings) and not self.is_given(word))  # "Jannis"
            or self.is_role(word)
            or (self.capitals and lower.endswith(self.endings))
        )

    def is_given(self, word: str) -> bool:
        return word in self.given or word.partition("-")[0] in self.given or fold(word) in self._given_folded

    def may_name(self, word: str) -> bool:
        """Return whether a capitalized word right after a head says which one: a place or name, no ordinary noun."""
        return (
            word not in self.lists["not names"]
            and not word.lower().endswith(self._noun_endings)
            and not self.is_role(word)
            and word not in self.given
            and fold(word) not in self.pack.cues
        )

    def speaks(self, word: str) -> bool:
        cue = self.pack.cues.get(fold(word))
        return cue is not None and cue.needs == "strong"


@lru_cache(maxsize=4)
def name_words(pack: Pack) -> NameWords:
    """Return the words of the language of `pack`, which has a names.txt."""
    return NameWords(pack)
