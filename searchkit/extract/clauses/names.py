"""Names in a language with a clausal pack: what lists know, and shapes that cannot be ordinary words.

takes:    flattened text, its paragraphs, a language pack
gives:    Spotted names in text order, without overlap
does not: link short names to full ones across kinds; guess: a capital alone is no evidence, for German nouns have one
traps:    a person needs a given name, a title or role beside the name, or a verb of speech; an article rules one out
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from searchkit.document import MentionKind
from searchkit.extract.clauses.name_lists import NameLists, name_lists
from searchkit.extract.names.candidates import CONFIDENCE
from searchkit.extract.names.gazetteer import TOKEN, gazetteer
from searchkit.extract.packs import Pack
from searchkit.text import Span, slug
from searchkit.text import fold as _fold

_KNOWN: dict[str, MentionKind] = {
    "company": "company",
    "organisation": "organisation",
    "agency": "agency",
    "place": "place",
    "group": "group",
    "law": "law",
    "list": "list",
}
_WORD_AFTER = re.compile(r",? ([^\W_][\w'-]{0,40})")
_WORDS = re.compile(r"[^\W_][\w'-]{0,40}")
_ACRONYM = re.compile(r"[A-Z][A-Za-z]{0,3}[A-Z]")
_NOUN_ENDINGS = ("ung", "ungen", "heit", "keit", "schaft", "ismus", "tion", "tionen", "nis", "ling", "sucht")
# How far after a name a word for its role may stand in an aside, and how far before.
_ASIDE_AFTER = 60
_ASIDE_BEFORE = 140
# Among how many words before an aside the noun for the role stands.
_ROLE_REACH = 7
# What may stand between two words of a company's name: " und ".
_LONGEST_JOINT = 5
# Words of one name at most, its particles not counted.
_LONGEST_NAME = 4
_REACH = 45
# Classes of words that are no part of a person's name.
_FUNCTION = (
    "determiner",
    "preposition",
    "conjunction",
    "subordinator",
    "opener",
    "adverb",
    "question",
    "weekday",
    "month",
)
# Endings of German adjectives before their noun.
_INFLECTED = ("e", "en", "er", "es")


# Words recur, and folding one that is not ASCII is slow.
fold = lru_cache(maxsize=4096)(_fold)


class Spotted(Struct, frozen=True):
    """A name at a place: what it is called, who it is, and what showed it."""

    start: int
    end: int
    kind: MentionKind
    name: str
    entity_id: str
    rule: str

    @property
    def confidence(self) -> float:
        """How often the rule is right; rules that English shares have its number."""
        return CONFIDENCE.get(self.rule, 0.75)


def find(text: str, paragraphs: Sequence[Span], pack: Pack) -> list[Spotted]:
    """The names of the flattened `text`, in order."""
    return _Spotter(text, paragraphs, pack, name_lists(pack.code)).run()


class _Spotter:
    def __init__(self, text: str, paragraphs: Sequence[Span], pack: Pack, lists: NameLists) -> None:
        self._text = text
        self._paragraphs = paragraphs
        self._pack = pack
        self._lists = lists
        self._gazetteer = gazetteer()
        self._capitals = bool(pack.words["capitals"])
        self._roles = pack.roles["role"]
        self._company_words = tuple(body for body, kind in pack.bodies.items() if kind == "company")
        self._role_endings = tuple(pack.roles["ending"])
        self._function = frozenset[str]().union(*(pack.words[name] for name in _FUNCTION))
        self._titles = pack.words["title"] | pack.words["title-male"] | pack.words["title-female"]
        self._given = pack.words["given-female"] | pack.words["given-male"]
        self._people: dict[str, tuple[str, str]] = {}  # last word of a full name -> name and id
        self._bodies: dict[str, tuple[str, str]] = {}  # head word of a longer name -> name and id

    def run(self) -> list[Spotted]:
        found: list[Spotted] = []
        for paragraph in self._paragraphs:
            end = paragraph.start
            small = list(self._small_bodies(paragraph))
            found.extend(small)
            at = 0
            tokens = self._tokens(paragraph)
            for number, token in enumerate(tokens):
                while at < len(small) and small[at].end <= token.start():
                    at += 1
                if token.start() < end or (at < len(small) and small[at].start <= token.start()):
                    continue
                spotted = self._at(tokens, number, paragraph)
                reaches_over = spotted is not None and at < len(small) and small[at].start < spotted.end
                if spotted is not None and not reaches_over:
                    found.append(spotted)
                    end = spotted.end
        for spotted in found:
            first, _, last = spotted.name.partition(" ")
            if spotted.kind == "person" and last and fold(first) not in self._pack.words["name-article"]:
                who = (spotted.name, spotted.entity_id)
                self._people[last.rpartition(" ")[2]] = who
                self._people[last] = who  # with its article or particle
                self._people.setdefault(first, who)  # family names come first or last
            elif spotted.rule == "head" and " " in spotted.name:
                self._bodies.setdefault(spotted.name.partition(" ")[0], (spotted.name, spotted.entity_id))
        linked = [self._linked(spotted) for spotted in found]
        return sorted([*linked, *self._surnames(linked)], key=lambda spotted: spotted.start)

    def _tokens(self, paragraph: Span) -> list[re.Match[str]]:
        """The capitalised words of a paragraph, without elided articles: d'Allemagne, L'Office."""
        tokens = list(TOKEN.finditer(self._text, paragraph.start, paragraph.end))
        if not self._pack.words["elided"]:
            return tokens
        return [
            (TOKEN.match(self._text, token.start() + 2, token.end()) or token)
            if token.group()[1:2] == "'" and token.group()[:2].lower() in self._pack.words["elided"]
            else token
            for token in tokens
        ]

    def _at(self, tokens: Sequence[re.Match[str]], number: int, paragraph: Span) -> Spotted | None:
        token = tokens[number]
        word = token.group()
        if word in self._lists.not_names:
            return self._titled(tokens, number, paragraph)
        return (
            self._exonym(token)
            or self._company(tokens, number)
            or self._body(tokens, number)
            or self._listed(token)
            or self._person(tokens, number, paragraph)
            or self._called(tokens, number, paragraph)
            or (self._acronym(token) if token.start() > paragraph.start else None)
        )

    def _titled(self, tokens: Sequence[re.Match[str]], number: int, paragraph: Span) -> Spotted | None:
        """A surname that begins with an article, after a title: "M. Le Guelvin"."""
        written, _ = self._word_before(tokens[number].start(), paragraph.start)
        if fold(written) not in self._titles or not self._opens_surname(tokens, number):
            return None
        start, end = tokens[number].start(), tokens[number + 1].end()
        name = self._text[start:end]
        return Spotted(start, end, "person", name, f"person:{slug(name)}", "title")

    # --- what lists know ---

    def _exonym(self, token: re.Match[str]) -> Spotted | None:
        text, start = self._text, token.start()
        word = token.group()
        if self._capitals and word.endswith("s") and word not in self._lists.exonyms:
            word = word[:-1]  # Frankreichs
        for form, kind, name in self._lists.exonyms.get(word, ()):
            end = start + len(form)
            if word != token.group() and form == word:
                return Spotted(start, end, kind, name, f"{kind}:{slug(name)}", "list")
            if text.startswith(form, start) and not text[end : end + 1].isalnum() and text[end : end + 1] != "-":
                return Spotted(start, end, kind, name, f"{kind}:{slug(name)}", "list")
        return None

    def _listed(self, token: re.Match[str]) -> Spotted | None:
        word = token.group()
        hit = self._gazetteer.at(self._text, token.start(), word)
        if hit is None or hit[1][0].kind not in _KNOWN:
            return None
        end, readings = hit
        known = readings[0]
        if (known.kind != "place" and known.bound) or (known.kind == "group" and word in self._lists.given):
            return None
        return Spotted(token.start(), end, _KNOWN[known.kind], known.name, known.entity_id, "list")

    # --- bodies ---

    def _company(self, tokens: Sequence[re.Match[str]], number: int) -> Spotted | None:
        """A run of capitalised words that a legal form closes; the form is no part of the name."""
        text, last = self._text, number
        if number + 1 >= len(tokens) or tokens[number + 1].start() - tokens[number].end() > _LONGEST_JOINT:
            return None
        if self._is_role(fold(tokens[number].group())) or fold(tokens[number].group()) in self._pack.bodies:
            return None
        for at in range(number + 1, min(len(tokens), number + _LONGEST_NAME + 2)):
            if text[tokens[last].end() : tokens[at].start()] not in {" ", " & ", " und ", " et ", ", "}:
                return None
            if tokens[at].group() in self._lists.legal and not text[tokens[at].end() : tokens[at].end() + 1].isalnum():
                name = text[tokens[number].start() : tokens[last].end()]
                end = tokens[at].end()
                return Spotted(tokens[number].start(), end, "company", name, f"company:{slug(name)}", "legal-form")
            last = at
        return None

    def _body(self, tokens: Sequence[re.Match[str]], number: int) -> Spotted | None:
        """An official body or organisation by its head word, alone or in a compound: Grenzzollamt Elbtal."""
        if not self._capitals:
            return None
        token = tokens[number]
        word = token.group().lower()
        if not word.endswith(self._lists.endings):
            return None
        ending = next(one for one in self._lists.endings if word.endswith(one))
        if self._is_role(fold(word)) or word.removesuffix("s") in self._lists.calling:
            return None
        generic = word in self._lists.generic
        end, text = token.end(), self._text
        following = tokens[number + 1] if number + 1 < len(tokens) else None
        more = ""
        if following is not None:
            gap = text[end : following.start()]
            named = self._may_name(following)
            if gap == " " and named and self._lists.heads[ending] == "organisation":
                hit = self._listed(following)
                if hit is not None and hit.kind in {"organisation", "company"}:
                    return None
            if (gap == " " and named) or (gap in {" von ", " für ", " des "} and self._continues(gap, following)):
                last = number + 1
                while gap == " " and last + 1 < len(tokens) and last - number < _LONGEST_NAME:
                    apart = text[tokens[last].end() : tokens[last + 1].start()]
                    if apart != " " or not self._may_name(tokens[last + 1]):
                        break
                    last += 1
                end = tokens[last].end()
                more = text[token.end() : end]
                end, more = self._and_more(tokens, last, end, more)
        start = token.start()
        before = tokens[number - 1] if number else None
        if generic and not more and before is not None and text[before.end() : start] == " ":
            adjective = before.group()
            if adjective.endswith("er") and adjective not in self._lists.not_names and len(adjective) > 4:
                start = before.start()
        # "Fernsehsender", "Spitzenverband" are words; "Handelsministerium" and "SPD-Fraktion" name one body.
        common = generic or (self._lists.heads[ending] == "organisation" and "-" not in word)
        if common and not more and start == token.start() and word not in self._lists.proper:
            return None
        stem = token.group()[: len(word) - len(ending)] + self._cased(token.group(), ending)
        name = (text[start : token.start()] + stem + more).strip()
        kind = self._lists.heads[ending]
        return Spotted(start, end, kind, name, f"{kind}:{slug(name)}", "head")

    def _small_bodies(self, paragraph: Span) -> Iterator[Spotted]:
        """Bodies with a small head and what names them behind it: "tribunal de commerce de Saint-Aubrac"."""
        if self._capitals:
            return
        for match in self._lists.small_body.finditer(self._text, paragraph.start, paragraph.end):
            name = match.group()
            if not any(letter.isupper() for letter in name[1:]):
                # A capital head names its body itself, where no sentence begins with it.
                if not name[0].isupper() or self._text[match.start() - 1 : match.start()] not in {"'", " "}:
                    continue
                if self._text[match.start() - 2 : match.start() - 1] in {"", ".", "!", "?"} or " " not in name:
                    continue
            kind = self._lists.heads[match["head"].lower()]
            yield Spotted(match.start(), match.end(), kind, name, f"{kind}:{slug(name)}", "head")

    def _cased(self, written: str, ending: str) -> str:
        stem = self._lists.stems[ending]
        return stem.capitalize() if written[-len(ending)].isupper() else stem

    def _may_name(self, token: re.Match[str]) -> bool:
        """Whether a capitalised word right after a head tells which one: a place or name, no ordinary noun."""
        word = token.group()
        return (
            word not in self._lists.not_names
            and not word.lower().endswith(_NOUN_ENDINGS)
            and not self._is_role(fold(word))
            and word not in self._lists.given
            and not self._pack.cues.get(fold(word))
        )

    def _continues(self, gap: str, token: re.Match[str]) -> bool:
        if gap == " von ":
            return self._listed(token) is not None or self._exonym(token) is not None
        return token.group() not in self._lists.not_names and not self._is_role(fold(token.group()))

    def _and_more(self, tokens: Sequence[re.Match[str]], number: int, end: int, more: str) -> tuple[int, str]:
        """ "für Wirtschaft und Technologie": a second field of the body."""
        if not more.startswith(" für") or number + 1 >= len(tokens):
            return end, more
        following = tokens[number + 1]
        if self._text[end : following.start()] not in {" und ", " in der "}:
            return end, more
        return following.end(), more + self._text[end : following.end()]

    def _called(self, tokens: Sequence[re.Match[str]], number: int, paragraph: Span) -> Spotted | None:
        """The name that a word for its kind stands before: "die Firma Lind", "la fonderie Lind & Fils"."""
        text, token = self._text, tokens[number]
        written, stopped = self._word_before(token.start(), paragraph.start)
        if not written or stopped:
            return None
        word = fold(written)
        kind: MentionKind | None = None
        if word.endswith(self._company_words):
            kind = "company"
        elif not self._capitals and self._pack.bodies.get(word) == "organisation":
            kind = "organisation"
        if written.lower().removesuffix("s") in self._lists.calling:
            kind = "organisation"
        if kind is None or self._is_role(fold(token.group())):
            return None
        last = number
        while last + 1 < len(tokens) and last - number < _LONGEST_NAME:
            gap = text[tokens[last].end() : tokens[last + 1].start()]
            if gap != " & " and (gap != " " or not self._may_name(tokens[last + 1])):
                break
            last += 1
        end = tokens[last].end()
        if not self._may_name(token):
            return None
        name = text[token.start() : end]
        return Spotted(token.start(), end, kind, name, f"{kind}:{slug(name)}", "noun-before")

    def _acronym(self, token: re.Match[str]) -> Spotted | None:
        word = token.group()
        if not _ACRONYM.fullmatch(word) or len(word) < 3 or not set(word) - set("IVXLC"):
            return None
        return Spotted(token.start(), token.end(), "organisation", word, f"organisation:{slug(word)}", "acronym")

    # --- people ---

    def _person(self, tokens: Sequence[re.Match[str]], number: int, paragraph: Span) -> Spotted | None:
        text, token = self._text, tokens[number]
        if self._is_plain(token.group()):
            return None
        written, stopped = self._word_before(token.start(), paragraph.start)
        previous = fold(written)
        end, words = self._name_end(tokens, number)
        titled = previous in self._titles
        role = bool(previous) and not stopped and self._is_role(previous) and previous not in self._pack.bodies
        given = self._is_given(token.group())
        if words == 1:
            # One word is a name only after a title or role: "Frau Lind", "Innenminister Lind".
            if not (titled or (role and self._capitals and not token.group().isupper())):
                return None
            name = text[token.start() : end]
            return Spotted(token.start(), end, "person", name, f"person:{slug(name)}", "title")
        if not (titled or role) and previous in self._pack.words["determiner"] and not stopped:
            return None
        # "Weiße Farmer berichteten", "Jenaer Zeitungen": an adjective is no given name.
        inflected = self._capitals and token.group().endswith(_INFLECTED)
        rule = ""
        if titled or role:
            rule = "title"
        elif given:
            rule = "given-name"
        elif not inflected and self._speaks(previous, end):
            rule = "speech"
        elif not inflected and self._is_aside(token.start(), end, paragraph):
            rule = "apposition"
        elif not self._capitals and self._stands_alone(token.start(), end):
            rule = "name-shape"
        if not rule:
            return None
        name = text[token.start() : end]
        return Spotted(token.start(), end, "person", name, f"person:{slug(name)}", rule)

    def _opens_surname(self, tokens: Sequence[re.Match[str]], number: int) -> bool:
        """Whether a capital article at token `number` is part of the surname that it leads: Le Guelvin."""
        if fold(tokens[number].group()) not in self._pack.words["name-article"] or number + 1 >= len(tokens):
            return False
        between = self._text[tokens[number].end() : tokens[number + 1].start()]
        return between == " " and not self._is_plain(tokens[number + 1].group())

    def _word_before(self, start: int, floor: int) -> tuple[str, bool]:
        """The word before `start`, empty for none, and whether a stop or comma parts them."""
        text = self._text[max(floor, start - _REACH) : start]
        if not text.endswith(" "):
            return "", False
        word = text[:-1].rpartition(" ")[2]
        stopped = word.endswith((".", ","))
        return word.rstrip(".,").lstrip("„“«»\"('"), stopped

    def _is_plain(self, word: str) -> bool:
        """Whether a capitalised word is no part of a person's name."""
        lower = word.lower()
        return (
            word in self._lists.not_names
            or fold(word) in self._function
            or lower.endswith(_NOUN_ENDINGS)
            or self._is_role(fold(word))
            or (self._capitals and lower.endswith(self._lists.endings))
        )

    def _is_given(self, word: str) -> bool:
        first = word.partition("-")[0]
        return word in self._lists.given or first in self._lists.given or fold(word) in self._given

    def _name_end(self, tokens: Sequence[re.Match[str]], number: int) -> tuple[int, int]:
        """Where the run of name words ends, and how many there are."""
        text, last, words = self._text, number, 1
        while words < _LONGEST_NAME and last + 1 < len(tokens):
            following = tokens[last + 1]
            gap = text[tokens[last].end() : following.start()]
            if gap in {". ", "."} and len(tokens[last].group()) == 1:
                gap = " "
            if gap != " " and (
                gap.strip().lower() not in self._lists.particles or not self._is_given(tokens[last].group())
            ):
                break
            word = following.group()
            if words == 1 and self._opens_surname(tokens, last + 1):
                last, words = last + 2, words + 2  # "Armand Le Guelvin"
                continue
            if self._is_plain(word) or word in self._lists.legal:
                break
            last += 1
            words += 1
        return tokens[last].end(), words

    def _is_role(self, word: str) -> bool:
        """Whether a folded word names an office or trade, alone, in a compound, or in the genitive."""
        for form in (word, word.removesuffix("s")) if self._capitals else (word,):
            if form in self._roles or form.rpartition("-")[2] in self._roles:
                return True
            if self._role_endings and form.endswith(self._role_endings):
                return True
        return False

    def _speaks(self, previous: str, end: int) -> bool:
        """Whether a verb of speech stands beside the name."""
        cue = self._pack.cues.get(previous)
        if cue is not None and cue.needs == "strong":
            return True
        after = _WORD_AFTER.match(self._text, end)
        cue = self._pack.cues.get(fold(after[1])) if after is not None else None
        return cue is not None and cue.needs == "strong"

    def _stands_alone(self, start: int, end: int) -> bool:
        """Whether a run of capitals that no article leads stands as a person does: before a verb, after a preposition.

        Only where nouns are written small.
        """
        after = _WORD_AFTER.match(self._text, end)
        following = fold(after[1]) if after is not None else ""
        written, _ = self._word_before(start, max(0, start - _REACH))
        words = self._pack.words
        if following in words["auxiliary"] or following in words["finite"] or following in words["relative"]:
            return True
        return fold(written) in words["person-preposition"]

    def _is_aside(self, start: int, end: int, paragraph: Span) -> bool:
        """Whether a word for a role stands in the aside after the name, or the name is the aside of one."""
        text = self._text
        if text[end : end + 2] == ", ":
            aside = text[end + 2 : min(paragraph.end, end + _ASIDE_AFTER)].partition(",")[0]
            words = [fold(word) for word in _WORDS.findall(aside)[:4]]
            if any(self._is_role(word) for word in words):
                return True
        if text[start - 2 : start] == ", " and text[end : end + 1] in {",", ".", ""}:
            opening = text[max(paragraph.start, start - _ASIDE_BEFORE) : start - 2]
            opening = re.split(r"[,.:;!?]", opening)[-1]
            return any(self._is_role(fold(word)) for word in _WORDS.findall(opening)[-_ROLE_REACH:])
        return False

    # --- short names ---

    def _linked(self, spotted: Spotted) -> Spotted:
        """A titled surname, or the head of a body, as the full name it is part of."""
        if spotted.kind == "person":
            full, rule = self._people.get(spotted.name), "surname"
        elif spotted.rule == "head":
            full, rule = self._bodies.get(spotted.name), "short-name"
        else:
            return spotted
        return spotted if full is None else Spotted(spotted.start, spotted.end, spotted.kind, full[0], full[1], rule)

    def _surnames(self, found: Sequence[Spotted]) -> Iterator[Spotted]:
        """Lone surnames of people named in full, their genitives too, and namesakes of theirs."""
        if not self._people:
            return
        ordered = sorted(found, key=lambda spotted: spotted.start)
        starts = [spotted.start for spotted in ordered]
        for paragraph in self._paragraphs:
            previous: re.Match[str] | None = None
            for token in self._tokens(paragraph):
                before, previous = previous, token
                word = token.group()
                full = self._people.get(word)
                if full is None and word.endswith("s"):
                    word = word[:-1]
                    full = self._people.get(word)
                at = bisect_right(starts, token.start()) - 1
                reached = ordered[at].end if at >= 0 else 0
                if full is None or token.start() < reached:
                    continue
                start, rule = token.start(), "surname"
                if before is not None and before.start() >= reached and self._leads(before, token):
                    start, name = before.start(), f"{before.group()} {word}"
                    if full[0].lower().endswith(name.lower()):  # "Van Basten" is Marco van Basten
                        rule = "surname"
                    else:
                        full, rule = (name, f"person:{slug(name)}"), "namesake"
                yield Spotted(start, token.start() + len(word), "person", full[0], full[1], rule)

    def _leads(self, before: re.Match[str], surname: re.Match[str]) -> bool:
        """Whether the word before a known surname is another given name: "Marlies Lind" beside "Emil Lind"."""
        word = before.group()
        return (
            self._text[before.end() : surname.start()] == " "
            and word.isalpha()
            and not self._is_plain(word)
            and word not in self._people
        )
