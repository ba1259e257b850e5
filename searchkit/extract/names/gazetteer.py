"""The gazetteer: what the shipped lists know by name, looked up at a place in a text.

takes:    text and a capitalised word in it
gives:    the longest known name that begins there, and what it may be
does not: decide between readings; find names it does not know
traps:    a name that needs its country ("Foreign Ministry") has one reading for each country that has such a body
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.extract.word_lists import parts, rows, spellings, split_values
from searchkit.text import name_key, slug

KnownKind = Literal["company", "organisation", "agency", "place", "group", "law", "list", "title", "demonym", "legal"]

# Signs that begin a name.
UPPER = "".join(chr(code) for code in (*range(0x41, 0x530), *range(0x1E00, 0x1F00)) if chr(code).isupper())
_U = f"[{UPPER}]"
# A capitalised word: dotted initials ("U.S."), or letters with further parts after a hyphen, apostrophe or ampersand
# that begin with a capital ("Jean-Luc", "AT&T", "Ata-ur-Rehman"), or going on after an apostrophe ("Mar'a").
# An Arabic article before it belongs to it: "al-Sham", "ez-Zor". 60 letters bound the longest word.
_ARTICLE = r"(?:(?<=[Aa])(?:[lnrstzd]|sh|th|dh)|(?<=[Ee])(?:[lnrszd]|sh))-"
# The engine skips to the signs that may come first where the pattern begins with them; what stands before, and which
# of them it was, is looked up behind: for a letter alone, as that is decided at once.
TOKEN = re.compile(
    rf"[{UPPER}aed](?<!\w.)(?<![@#/].)(?:(?:{_ARTICLE}|(?<=a)l |(?<=[dD])['’]){_U}|(?<={_U}))"
    rf"(?:\.(?:-?{_U}\.){{1,7}}|[^\W_]{{0,60}}(?:"
    rf"[-'’&](?:(?:[aeu][lrsz]|ud|ad|an|ash|esh|de|la|sur|[eiou])-)?{_U}[^\W_]{{0,60}}"
    r"|['’](?!(?:s|t|d|m|ll|re|ve)(?!\w))[^\W\d_]{1,30}){0,5})"
)
# An article inside a known name, and the ways that texts write it.
_INNER_ARTICLE = re.compile(r"(?<!\w)[Aa]l-(?=\w)")
_ARTICLES_WRITTEN = ("al-", "Al-", "al ", "Al ", "el-", "El-")


class Known(Struct, frozen=True, kw_only=True):
    """One reading of a known name. `country` is its code or empty.

    `bound` readings count beside their country only; `weak` ones where the document names the thing otherwise too.
    """

    kind: KnownKind
    entity_id: str
    name: str
    country: str = ""
    bound: bool = False
    weak: bool = False


# Forms of names that begin with one word, by the characters that follow the word; short and single ones under "".
_Forms = dict[str, list[tuple[str, tuple[Known, ...]]]]
# So many characters tell "Ministry of" apart from "Ministry for", and leave few forms to compare.
_TELLING = 5


class Gazetteer(Struct, frozen=True, kw_only=True):
    """Known names by the capitalised word they begin with, longest first; capitals-only spellings apart.

    `bodies` are official bodies by country and `body_key`; `implied` are lower-case phrases, their country,
    and the list they stand for; `countries` are the codes of countries, as against their regions and cities.
    """

    by_word: dict[str, _Forms]
    by_word_in_capitals: dict[str, _Forms]
    bodies: dict[tuple[str, str], Known]
    implied: tuple[tuple[str, str, Known], ...]
    countries: frozenset[str]

    def at(self, text: str, start: int, word: str, *, capitals: bool = False) -> tuple[int, tuple[Known, ...]] | None:
        """End and readings of the longest known name at `start` of `text`, where the token `word` begins."""
        forms = (self.by_word_in_capitals if capitals else self.by_word).get(word)
        return next(_fitting(forms, text, start, word), None) if forms is not None else None

    def forms(self) -> Iterator[tuple[str, tuple[Known, ...]]]:
        """Every known name as usually written, and its readings."""
        for by_rest in self.by_word.values():
            for forms in by_rest.values():
                yield from forms

    def place_at(self, text: str, start: int, word: str, limit: int) -> tuple[int, Known] | None:
        """End and reading of the longest place at `start` that ends by `limit`; other kinds are passed over."""
        for end, readings in _fitting(self.by_word.get(word, {}), text, start, word):
            if readings[0].kind == "place" and end <= limit:
                return end, readings[0]
        return None


def _fitting(forms: _Forms, text: str, start: int, word: str) -> Iterator[tuple[int, tuple[Known, ...]]]:
    """The known names at `start`, longest first."""
    behind = start + len(word)
    for key in (text[behind : behind + _TELLING], ""):
        for form, readings in forms.get(key, ()):
            end = start + len(form)
            if text.startswith(form, start) and not text[end : end + 1].isalnum():
                yield end, readings


_SPELLINGS = {"defence": "defense", "labour": "labor", "centre": "center", "organisation": "organization"}


def body_key(name: str) -> str:
    """What an official body is called without its country, one form for its variants.

    `Ministry of Foreign Affairs` -> `foreign ministry`, `Department of Commerce` -> `commerce department`.
    """
    words = [_SPELLINGS.get(word, word) for word in name_key(name).split() if word not in ("the", "national")]
    if len(words) > 2 and words[1] in ("of", "for") and words[0] in ("ministry", "department", "government", "bank"):
        words = [word for word in words[2:] if word != "of"] + [words[0]]
    if words[:2] == ["foreign", "affairs"]:
        words = ["foreign", *words[2:]]
    return " ".join(words)


def _plain(form: str) -> str:
    return form.replace("’", "'")


def _spelled(form: str) -> tuple[str, ...]:
    """`form`, and with its Arabic article as other texts write it: `al-Sham` -> `Al-Sham`, `Al Sham`."""
    if _INNER_ARTICLE.search(form) is None:
        return (form,)
    return (form, *(_INNER_ARTICLE.sub(article, form) for article in _ARTICLES_WRITTEN))


class _Builder:
    def __init__(self) -> None:
        self.readings: dict[str, list[Known]] = defaultdict(list)

    def add(self, known: Known, forms: Iterable[str]) -> None:
        for written in (spelling for form in forms for spelling in _spelled(form)):
            form = _plain(written.removesuffix("~"))
            reading = replace(known, weak=True) if form != written and written.endswith("~") else known
            held = self.readings[form]
            # First come, first served, the most certain list first; bound and weak readings gather.
            if not held or reading.weak or (reading.bound and held[0].bound):
                if reading not in held:
                    held.append(reading)
            elif held[0].weak:
                held.insert(0, reading)

    def index(self, *, capitals: bool) -> dict[str, _Forms]:
        found: dict[str, dict[str, list[tuple[str, tuple[Known, ...]]]]] = {}
        for form, readings in self.readings.items():
            # In running capitals a short form ("US", "IT", "WHO") is more often a word than a name.
            if capitals and (len(form) < 4 or readings[0].kind in ("title", "legal")):
                continue
            written = form.upper() if capitals else form
            token = TOKEN.match(written)
            if token is not None:
                rest = written[token.end() :]
                by_rest = found.setdefault(token.group(), {})
                telling = rest[:_TELLING] if len(rest) >= _TELLING else ""
                by_rest.setdefault(telling, []).append((written, tuple(readings)))
        for by_rest in found.values():
            for forms in by_rest.values():
                if len(forms) > 1:
                    forms.sort(key=lambda pair: -len(pair[0]))
        return found


def _add_places(builder: _Builder) -> None:
    for code, name, others, demonyms in rows("countries.txt", 4):
        country = Known(kind="place", entity_id=f"place:{slug(name)}", name=name, country=code)
        # The European Union is a body, listed with the agencies; its code serves their names.
        if code != "eu":
            builder.add(country, (name, *split_values(others)))
        for demonym in split_values(demonyms):
            builder.add(Known(kind="demonym", entity_id=country.entity_id, name=demonym, country=code), (demonym,))
    for code, name, others, demonyms in rows("regions.txt", 4):
        country_code = "" if code == "-" else code
        region_code = f"{country_code}-{slug(name)}".strip("-")
        region = Known(kind="place", entity_id=f"place:{slug(name)}", name=name, country=region_code)
        builder.add(region, (name, *split_values(others)))
        for demonym in split_values(demonyms):
            builder.add(
                Known(kind="demonym", entity_id=region.entity_id, name=demonym, country=region_code), (demonym,)
            )
    for (line,) in rows("cities.txt", 1):
        code, _, names = line.partition(":")
        for value in split_values(names):
            name, *spelled = spellings(value)
            city = Known(kind="place", entity_id=f"place:{slug(name)}", name=name, country=f"{code}-{slug(name)}")
            builder.add(city, (name, *spelled))


def _dotted(acronyms: Iterable[str]) -> Iterator[str]:
    """Acronyms as some papers write them: `EPA` -> `E.P.A.`."""
    for acronym in acronyms:
        if 2 < len(acronym) < 5 and acronym.isalpha() and acronym.isupper():
            yield "".join(f"{letter}." for letter in acronym)


def _add_bodies(builder: _Builder, bodies: dict[tuple[str, str], Known]) -> None:
    for code, country, _, name, acronyms, others, bound, _ in rows("agencies.txt", 8):
        place = "" if country == "-" else country
        body = Known(kind="agency", entity_id=f"agency:{code}", name=name, country=place)
        builder.add(body, (name, *split_values(acronyms), *split_values(others), *_dotted(split_values(acronyms))))
        for form in (name, *split_values(others), *split_values(bound)):
            bodies.setdefault((place, body_key(form)), body)
        builder.add(replace(body, bound=True), split_values(bound))


def _add_others(builder: _Builder, implied: list[tuple[str, str, Known]]) -> None:
    for code, name, others, country_code in rows("organisations.txt", 4):
        organisation = Known(kind="organisation", entity_id=f"organisation:{code}", name=name, country=country_code)
        builder.add(organisation, (name, *split_values(others)))
    for (line,) in rows("companies.txt", 1):
        for value in split_values(line):
            name, *spelled = spellings(value)
            builder.add(Known(kind="company", entity_id=f"company:{slug(name)}", name=name), (name, *spelled))
    for code, name, others in rows("groups.txt", 3):
        builder.add(Known(kind="group", entity_id=f"group:{code}", name=name), (name, *split_values(others)))
    for entity_id, country, name, others, phrases in rows("laws_and_lists.txt", 5):
        kind: KnownKind = "law" if entity_id.startswith("law:") else "list"
        known = Known(kind=kind, entity_id=entity_id, name=name, country=country.strip("-"))
        builder.add(known, (name, *split_values(others)))
        implied.extend((phrase, known.country, known) for phrase in split_values(phrases))


def _add_titles(builder: _Builder) -> None:
    for title in parts("titles.txt")["title"]:
        builder.add(Known(kind="title", entity_id="", name=title), (title,))
    for form in parts("heads.txt")["legal"]:
        builder.add(Known(kind="legal", entity_id="", name=form), (form,))


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The gazetteer of the shipped lists, read once."""
    builder = _Builder()
    implied: list[tuple[str, str, Known]] = []
    bodies: dict[tuple[str, str], Known] = {}
    _add_titles(builder)
    _add_bodies(builder, bodies)
    _add_places(builder)
    _add_others(builder, implied)
    return Gazetteer(
        by_word=builder.index(capitals=False),
        by_word_in_capitals=builder.index(capitals=True),
        bodies=bodies,
        implied=tuple(implied),
        countries=frozenset(row[0] for row in rows("countries.txt", 4)),
    )
