"""The gazetteer: the names in the shipped lists, and what each may stand for.

It finds the longest known name at a place of a text and returns its readings; names/links.py decides between them. A
name that needs its country ("Foreign Ministry") has one reading for each country with such a body. The other lists hold
the words that names are made of or mistaken for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Generic, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.document import MentionKind
from searchkit.statements.packs import pack_for
from searchkit.statements.text import name_key, slug
from searchkit.statements.word_lists import parts, rows, spellings, split_values, word_sets

KnownKind = Literal["company", "organisation", "agency", "place", "group", "law", "list", "title", "demonym", "legal"]

Value = TypeVar("Value")

# Characters that begin a name.
UPPER = "".join(chr(code) for code in (*range(0x41, 0x530), *range(0x1E00, 0x1F00)) if chr(code).isupper())
_U = f"[{UPPER}]"
# A capitalised word: dotted initials ("U.S."), or letters with further parts after a hyphen, apostrophe or ampersand
# that begin with a capital ("Jean-Luc", "AT&T", "Ata-ur-Rehman"), or going on after an apostrophe ("Mar'a").
# An Arabic article before it belongs to it: "al-Sham", "ez-Zor". 60 letters bound the longest word.
_ARTICLE = r"(?:(?<=[Aa])(?:[lnrstzd]|sh|th|dh)|(?<=[Ee])(?:[lnrszd]|sh))-"
# The pattern begins with the characters that may come first, so that the engine can skip to them; what stands before is
# looked up behind them.
TOKEN = re.compile(
    rf"[{UPPER}aed](?<!\w.)(?<![@#/].)(?:(?:{_ARTICLE}|(?<=a)l |(?<=[dD])['’]){_U}|(?<={_U}))"
    rf"(?:\.(?:-?{_U}\.){{1,7}}|[^\W_]{{0,60}}(?:"
    rf"[-'’&](?:(?:[aeu][lrsz]|ud|ad|an|ash|esh|de|la|sur|[eiou])-)?{_U}[^\W_]{{0,60}}"
    r"|['’](?!(?:s|t|d|m|ll|re|ve)(?!\w))[^\W\d_]{1,30}){0,5})"
)
# An article inside a known name, and the ways that texts write it.
_INNER_ARTICLE = re.compile(r"(?<!\w)[Aa]l-(?=\w)")


class Known(Struct, frozen=True, kw_only=True):
    """One reading of a known name. `country` is its code or empty.

    `bound` readings count next to their country only; `weak` ones where the document names the thing otherwise too.
    """

    kind: KnownKind
    entity_id: str
    name: str
    country: str = ""
    bound: bool = False
    weak: bool = False


class NameMatcher(Struct, Generic[Value], frozen=True):
    """Values by name, and for each first word the lengths of the names that begin with it, longest first.

    A word that begins no name costs one look-up, any other one slice for each length, however long the list is.
    """

    values: Mapping[str, Value]
    lengths: Mapping[str, tuple[int, ...]]

    def at(self, text: str, start: int, first_word: str) -> Iterator[tuple[int, Value]]:
        """Yield end and value of each name at `start`, where `first_word` begins; the longest name first."""
        for length in self.lengths.get(first_word, ()):
            name = text[start : start + length]
            value = self.values.get(name)
            if value is not None and len(name) == length and not text[start + length : start + length + 1].isalnum():
                yield start + length, value


def lengths_by_word(names: Iterable[tuple[str, str]]) -> dict[str, tuple[int, ...]]:
    """Return the lengths of names by first word, longest first, from pairs of a first word and a name."""
    lengths: dict[str, tuple[int, ...]] = {}
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}  # a list of half a million names has few different tuples
    for word, name in names:
        known = lengths.get(word, ())
        length = len(name)
        if length not in known:
            merged = tuple(sorted((*known, length), reverse=True))
            lengths[word] = shared.setdefault(merged, merged)
    return lengths


class Gazetteer(Struct, frozen=True, kw_only=True):
    """The known names of the shipped lists, as usually written and in capitals.

    `bodies` holds official bodies by country and `body_key`; `countries` the codes of countries; `names_by_id` and
    `ids_by_name` the known entities.
    """

    names: NameMatcher[tuple[Known, ...]]
    names_in_capitals: NameMatcher[tuple[Known, ...]]
    bodies: dict[tuple[str, str], Known]
    countries: frozenset[str]
    names_by_id: dict[str, tuple[str, ...]]
    ids_by_name: dict[tuple[str, str], str]

    def at(self, text: str, start: int, word: str, *, capitals: bool = False) -> tuple[int, tuple[Known, ...]] | None:
        """Return end and readings of the longest known name at `start`, where the token `word` begins."""
        matcher = self.names_in_capitals if capitals else self.names
        return next(matcher.at(text, start, word), None) if word in matcher.lengths else None


def known_names(entity_id: str) -> tuple[str, ...]:
    """Return the names and acronyms that the shipped lists have for an entity, sorted."""
    return gazetteer().names_by_id.get(entity_id, ())


def country_of(entity_id: str) -> str:
    """Return the code of the country that an id names, or whose body it names; empty for others."""
    kind, _, name = entity_id.partition(":")
    code = name.partition("-")[0] if kind == "agency" else _codes().get(entity_id, "")
    return code if code in gazetteer().countries else ""


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    return {f"place:{slug(name)}": code for code, name, _, _ in rows("countries.txt", 4)}


def known_id(kind: str, name: str) -> str | None:
    """Return the id of the shipped entity of this kind and canonical name."""
    return gazetteer().ids_by_name.get((kind, name))


def is_place(name: str) -> bool:
    """Return whether a complete name is a listed place, and no given name: `Lisbon`, `BEIJING`."""
    written = name.title() if name.isupper() else name
    readings = gazetteer().names.values.get(written, ())
    return any(known.kind == "place" for known in readings) and written not in word_sets("look_alikes.txt")["given"]


_SPELLINGS = {"defence": "defense", "labour": "labor", "centre": "center", "organisation": "organization"}


def body_key(name: str) -> str:
    """Return the name of an official body without its country, in one form for its variants.

    `Ministry of Foreign Affairs` -> `foreign ministry`, `Department of Commerce` -> `commerce department`.
    """
    words = [_SPELLINGS.get(word, word) for word in name_key(name).split() if word not in ("the", "national")]
    if len(words) > 2 and words[1] in ("of", "for") and words[0] in ("ministry", "department", "government", "bank"):
        words = [word for word in words[2:] if word != "of"] + [words[0]]
    if words[:2] == ["foreign", "affairs"]:
        words = ["foreign", *words[2:]]
    return " ".join(words)


def _first_word(form: str) -> str:
    """Return the token that `form` begins with; empty when it begins with none."""
    word = form.partition(" ")[0]
    if word.isalpha() and word[0].isupper():
        return word
    token = TOKEN.match(form)
    return token.group() if token is not None else ""


class _Builder:
    """Collects the entries of the shipped lists. The lists are read in order of certainty: the first reading counts."""

    def __init__(self) -> None:
        self._readings: dict[str, list[Known]] = {}
        self._bodies: dict[tuple[str, str], Known] = {}
        self._countries: list[str] = []

    def _add(self, known: Known, forms: Iterable[str]) -> None:
        weak = None
        for written in forms:
            reading = known
            form = written.replace("’", "'")
            if form.endswith("~"):
                form = form[:-1]
                reading = weak = weak or replace(known, weak=True)
            self._add_form(reading, form)
            if "l-" in form and _INNER_ARTICLE.search(form) is not None:  # al-Sham -> Al-Sham, Al Sham
                for article in ("al-", "Al-", "al ", "Al ", "el-", "El-"):
                    self._add_form(reading, _INNER_ARTICLE.sub(article, form))

    def _add_form(self, reading: Known, form: str) -> None:
        readings = self._readings.setdefault(form, [])
        if not readings or reading.weak or (reading.bound and readings[0].bound):
            if reading not in readings:
                readings.append(reading)
        elif readings[0].weak:
            readings.insert(0, reading)

    def read_words(self) -> None:
        for title in parts("titles.txt")["title"]:
            self._add(Known(kind="title", entity_id="", name=title), (title,))
        for form in parts("heads.txt")["legal"]:
            self._add(Known(kind="legal", entity_id="", name=form), (form,))

    def read_bodies(self) -> None:
        """Read official bodies; each acronym counts with full stops, too: `E.P.A.`."""
        for code, country, _, name, acronyms, others, bound, _ in rows("agencies.txt", 8):
            place = country.strip("-")
            body = Known(kind="agency", entity_id=f"agency:{code}", name=name, country=place)
            short, other_names, bound_names = split_values(acronyms), split_values(others), split_values(bound)
            dotted = (
                "".join(f"{letter}." for letter in acronym)
                for acronym in short
                if 2 < len(acronym) < 5 and acronym.isalpha() and acronym.isupper()
            )
            self._add(body, (name, *short, *other_names, *dotted))
            for form in (name, *other_names, *bound_names):
                self._bodies.setdefault((place, body_key(form)), body)
            if bound_names:
                self._add(replace(body, bound=True), bound_names)

    def read_places(self) -> None:
        """Read countries, regions and cities, with the demonyms of the first two."""
        for code, name, others, demonyms in rows("countries.txt", 4):
            self._countries.append(code)
            # The European Union is a body, listed with the agencies; its code serves their names.
            self._add_place(name, code, () if code == "eu" else (name, *split_values(others)), demonyms)
        for code, name, others, demonyms in rows("regions.txt", 4):
            region = f"{code.strip('-')}-{slug(name)}".strip("-")
            self._add_place(name, region, (name, *split_values(others)), demonyms)
        for (line,) in rows("cities.txt", 1):
            code, _, names = line.partition(":")
            for value in split_values(names):
                name, *others_of_city = spellings(value)
                self._add_place(name, f"{code}-{slug(name)}", (name, *others_of_city))

    def _add_place(self, name: str, code: str, forms: Iterable[str], demonyms: str = "") -> None:
        entity_id = f"place:{slug(name)}"
        self._add(Known(kind="place", entity_id=entity_id, name=name, country=code), forms)
        for demonym in split_values(demonyms):
            self._add(Known(kind="demonym", entity_id=entity_id, name=demonym, country=code), (demonym,))

    def read_others(self) -> None:
        for code, name, others, country in rows("organisations.txt", 4):
            known = Known(kind="organisation", entity_id=f"organisation:{code}", name=name, country=country)
            self._add(known, (name, *split_values(others)))
        for (line,) in rows("companies.txt", 1):
            for value in split_values(line):
                names = spellings(value)
                self._add(Known(kind="company", entity_id=f"company:{slug(names[0])}", name=names[0]), names)
        for code, name, others in rows("groups.txt", 3):
            self._add(Known(kind="group", entity_id=f"group:{code}", name=name), (name, *split_values(others)))
        for entity_id, country, name, others in rows("laws_and_lists.txt", 4):
            kind: KnownKind = "law" if entity_id.startswith("law:") else "list"
            known = Known(kind=kind, entity_id=entity_id, name=name, country=country.strip("-"))
            self._add(known, (name, *split_values(others)))

    def build(self) -> Gazetteer:
        words = {form: word for form in self._readings if (word := _first_word(form))}
        readings = {form: tuple(self._readings[form]) for form in words}
        # In running capitals a short form ("US", "IT", "WHO") is more often a word than a name.
        in_capitals = {
            form.upper(): found
            for form, found in reversed(readings.items())  # of two forms that differ in case, the first counts
            if len(form) > 3 and found[0].kind not in ("title", "legal")
        }
        names_by_id: dict[str, set[str]] = {}
        ids_by_name: dict[tuple[str, str], str] = {}
        for form, found in readings.items():
            for known in found:
                if known.kind not in {"demonym", "title", "legal"}:  # readings without an entity
                    names_by_id.setdefault(known.entity_id, {known.name}).add(form)
                    ids_by_name.setdefault((known.kind, known.name), known.entity_id)
        return Gazetteer(
            names=NameMatcher(readings, lengths_by_word((word, form) for form, word in words.items())),
            names_in_capitals=NameMatcher(
                in_capitals, lengths_by_word((_first_word(form), form) for form in in_capitals)
            ),
            bodies=self._bodies,
            countries=frozenset(self._countries),
            names_by_id={entity_id: tuple(sorted(names)) for entity_id, names in names_by_id.items()},
            ids_by_name=ids_by_name,
        )


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Return the gazetteer of the shipped lists, built on first use."""
    builder = _Builder()
    builder.read_words()
    builder.read_bodies()
    builder.read_places()
    builder.read_others()
    return builder.build()


# What ties a unit of a run to the unit before: "" stands for a comma, "de" for any particle of surnames.
Joint = Literal["", " ", "of", "and", "&", "de"]

_KINDS: tuple[MentionKind, ...] = ("agency", "company", "organisation", "place", "law", "list", "other")
_LEADING: tuple[MentionKind, ...] = ("organisation", "place", "other")


def _alternatives(words: tuple[str, ...]) -> str:
    # Longer first, so that "foreign affairs" is not read as "foreign".
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


class HeadWords:
    """Kinds by head word, as in data/heads.txt; legal forms have no full stop.

    `body` matches " regional government" after a place or demonym, with its head as group 1; `local` matches
    " city council" after any town. A name of `bare` words alone is that of a body in many countries.
    """

    def __init__(self) -> None:
        read, self.words = parts("heads.txt"), word_sets("heads.txt")
        self.kinds: dict[str, MentionKind] = {}
        for kind in _KINDS:
            for word in read[kind]:
                self.kinds.setdefault(word, kind)
        self.leading = {word: kind for kind in _LEADING for word in read[f"leading {kind}"]}
        self.legal = frozenset(word.rstrip(".") for word in read["legal"])
        plain = {"of", "the", "and", "for", "national"}
        self.bare = self.words["topics"].union(map(str.lower, self.kinds), plain)
        topics = _alternatives(read["topics"])
        # Three words in between at most: "Xinjiang regional people's government".
        between = rf"(?:'s)? (?:(?:{topics})(?: and (?:{topics}))? ){{0,3}}"
        self.body = re.compile(rf"{between}({_alternatives(read['lower agency'])})(?![\w-])")
        self.local = re.compile(rf" (?:{_alternatives(read['local'])})(?![\w-])")


head_words = lru_cache(maxsize=1)(HeadWords)


@lru_cache(maxsize=1)
def plain_words() -> dict[str, frozenset[str]]:
    """Return the words that are not names, as in data/plain_words.txt, and given names.

    The `enders` among them end a run; a name of `ordinary` words, which include the common ones, needs evidence.
    """
    words = word_sets("plain_words.txt")
    derived = {"enders": words["function"] | words["time"], "ordinary": words["common"] | words["ordinary"]}
    return words | word_sets("given_names.txt") | derived


@lru_cache(maxsize=1)
def joints() -> dict[str, Joint]:
    """Return what may stand between two units of a run, with what it means."""
    read = parts("plain_words.txt")
    found: dict[str, Joint] = {" ": " ", " and ": "and", " & ": "&", ", ": ""}
    found |= dict.fromkeys((f" {words} " for words in read["joints of"]), "of")
    return found | dict.fromkeys((f" {particle} " for particle in read["particles"]), "de")


@lru_cache(maxsize=1)
def capitalized_roles() -> frozenset[str]:
    """Return the roles with a capital that are no given name: "Goalkeeper"."""
    english = pack_for("en")
    roles = english.roles["role"] if english is not None else ()
    return (
        frozenset(map(str.capitalize, roles))
        - word_sets("given_names.txt")["given"]
        - word_sets("look_alikes.txt")["surnames"]
    )
