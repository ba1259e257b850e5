"""Link the surnames, short names and acronyms of one document to the full names they stand for.

Family names come first or last, so a single word may be either end of a full name; the latest full name wins. Two full
names are never merged.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from searchkit.statements.document import MentionKind
from searchkit.statements.names.evidence import Evidence, Judgement
from searchkit.statements.names.gazetteer import TOKEN, Known, body_key, gazetteer, head_words, plain_words
from searchkit.statements.names.runs import NameCandidate
from searchkit.statements.rules import NAME_RULES
from searchkit.statements.text import family_name, person_key, slug

_ARTICLES = frozenset("al el an ad ar as at az ash".split())
# Whose body it is: "Velmar's Ministry of Transport".
_OWNED = re.compile(r"\b([A-Z][\w.-]{1,30})'s $")
# An acronym in brackets after a name: "(BIS)", "(the WUC)".
_BRACKETED = re.compile(r"(?:'s)? (?:\((?:the |\"|“)?([A-Z][A-Za-z&.\-]{1,9})(?:\"|”)?\)|<([A-Z]{1,6})>)")
# An acronym before its expansion: "Isis (Institute of Sea and Island Studies)".
_LONG = r"(?:[A-Z][\w-]{1,24}|of|and|the|for|on|in)"
_EXPANDED = re.compile(rf"\b([A-Z][A-Za-z]{{1,7}}) \(({_LONG}(?: {_LONG}){{1,7}})\)")
_EXPANSION = re.compile(rf" \({_LONG}(?: {_LONG}){{1,7}}\)")  # its end, which a search finds five times as fast


class Link(NamedTuple):
    """The entity that a name stands for: canonical name, id and kind."""

    name: str
    entity_id: str
    kind: MentionKind


def _link(name: str, kind: MentionKind) -> Link:
    return Link(name, f"{kind}:{slug(name)}", kind)


def without_legal_form(name: str) -> str:
    """Return a company's name without its legal form: `Tiandy Technologies Co., Ltd.` -> `Tiandy Technologies`."""
    words = name.split()
    legal = head_words().legal
    while len(words) > 1 and words[-1].strip(".,") in legal:
        words.pop()
    return " ".join(words if words[-1] not in ("and", "&") else name.split()).rstrip(",")


def _is_short_for(short: str, name: str) -> bool:
    """Return whether the capitals of `short` stand in `name` in this order, the first as its first letter."""
    letters, ahead = name.lower(), iter(name.lower())
    capitals = [letter for letter in short.lower() if letter.isalpha() and letter.upper() in short]
    return letters[:1] == capitals[0] and all(letter in ahead for letter in capitals)


def _without_article(surname: str) -> tuple[str, ...]:
    """Return the ways to write a surname that begins with an article: `al-Obaidi` -> `Al-Obaidi`, `Obaidi`."""
    article, _, bare = surname.partition("-")
    if len(article) > 3 or len(bare) < 3 or article.lower() not in _ARTICLES:
        return ()
    return bare, f"{article.capitalize()}-{bare}", f"{article.lower()}-{bare}"


def _found_by(name: NameCandidate, rule: str, kind: MentionKind | None = None) -> None:
    name.rule, name.confidence, name.kind = rule, NAME_RULES[rule], kind or name.kind


def _make_other(name: NameCandidate) -> None:
    name.kind, name.confidence = "other", NAME_RULES["lone"]


def expansions(text: str) -> Iterator[re.Match[str]]:
    """Yield the acronyms whose expansion follows in brackets, with group 1 the acronym and group 2 the expansion."""
    for found in _EXPANDED.finditer(text) if _EXPANSION.search(text) else ():
        if found[1].upper() == "".join(word[0] for word in found[2].split() if word[0].isupper()):
            yield found


class Linker:
    """The names of one document and what each stands for."""

    def __init__(self, text: str, found: Sequence[NameCandidate], countries: Sequence[tuple[int, str]]) -> None:
        self._text = text
        self._countries = countries
        self._counts = Counter(country for _, country in countries)
        self._gazetteer = gazetteer()
        self._by_end: dict[str, list[tuple[int, Link]]] = {}  # by short name: full names and where they stand
        self._people: dict[str, Link] = {}  # as first named in full, by id
        self._bodies: dict[str, Link] = {}
        self._endings: dict[str, Link] = {}
        self._heads: dict[str, dict[str, Link]] = {}
        self._seen_in_sentence: set[str] = set()
        self._named = {
            name.known[0].entity_id
            for name in found
            if len(name.known) == 1 and not name.known[0].weak and name.known[0].name == text[name.start : name.end]
        }
        self._evidence = Evidence(text)
        self._lone: dict[str, Judgement] = {}
        # Surnames of people who are named in full need no evidence.
        surnames = {family_name(text[name.start : name.end]) for name in found if name.rule in ("given-name", "title")}
        for name in found:
            surface = text[name.start : name.end]
            if not name.initial and not name.shouted:
                self._seen_in_sentence.add(surface)
            if (name.kind == "unknown" and surface not in surnames) or name.rule == "name-shape":
                judgement = self._evidence.adjacent(name)
                known = self._lone.get(surface)
                if judgement is not None and (known is None or known.confidence < judgement.confidence):
                    self._lone[surface] = judgement
        self._links: dict[int, Link] = {}
        self._acronyms: dict[str, Link] = {}
        self._titled: dict[str, Link] = {}
        self._capitals: dict[str, list[tuple[str, Link]]] | None = None
        for name in found:
            self._learn(name)
        self._acronyms |= {one[1]: self._links[one.start(2)] for one in expansions(text) if one.start(2) in self._links}

    # --- first pass: full names and their short forms ---

    def _learn(self, name: NameCandidate) -> None:
        surface = self._text[name.start : name.end]
        if name.rule == "name-shape" and surface in self._by_end:
            return  # "De Zeeuw", after "Aart de Zeeuw"
        if name.kind == "person" and name.rule in ("name-shape", "given-name"):
            self._doubt(name, surface)
        if name.kind == "person" and " " in surface:
            self._learn_person(name, surface.replace(",", ""))
        elif name.kind == "person" and name.rule == "title":
            self._titled.setdefault(surface, _link(surface, "person"))
        elif name.kind in ("agency", "company", "organisation", "law", "list"):
            self._learn_body(name, surface)

    def _learn_person(self, name: NameCandidate, full: str) -> None:
        key = person_key(full)
        words, family = key.split(), family_name(key)
        link = Link(full, f"person:{slug(key)}", "person")
        link = self._links[name.start] = self._people.setdefault(link.entity_id, link)
        for word in {words[0], family, key[key.rindex(family) :], *_without_article(family)}:
            self._point(word, name.start, link)
        # Particles belong to surnames: "von der Leyen", "bin Salman".
        for place, word in enumerate(words[1:-1], 1):
            if word[0].islower():
                surname = " ".join(words[place:])
                self._point(surname, name.start, link)
                self._point(surname[0].upper() + surname[1:], name.start, link)
                break

    def _learn_body(self, name: NameCandidate, surface: str) -> None:
        heads = head_words()
        link = self._links[name.start] = self._body(name, surface)
        self._bodies.setdefault(surface, link)
        if link.kind == "agency":
            # "the Foreign Ministry", named in full before; four words is the longest ending worth keeping.
            words = surface.split()[-5:]
            for place in range(1, len(words)):
                self._endings[" ".join(words[place:])] = link
        head = surface.rpartition(" ")[2]
        if head in heads.kinds and head != surface:
            self._heads.setdefault(head, {})[link.entity_id] = link
        if name.kind in ("company", "organisation") and " " in surface:
            first = surface.split(maxsplit=1)[0]
            if first not in heads.kinds and len(first) > 2 and (first in heads.leading or not name.known):
                self._bodies.setdefault(first, link)
                known = self._gazetteer.at(first, 0, first)
                if first.isupper() and (known is None or known[1][0].kind not in ("place", "agency", "demonym")):
                    # "CPC" of "CPC International Inc" is not the CPC of the lists; "US" of "US Airways" is.
                    self._acronyms.setdefault(first, link)
        acronym = _BRACKETED.match(self._text, name.end)
        short = (acronym[1] or acronym[2]) if acronym is not None else ""
        if sum(map(str.isupper, short)) >= 2 and _is_short_for(short, surface):
            self._acronyms[short] = link

    def _doubt(self, name: NameCandidate, surface: str) -> None:
        """Correct the kind of two or more capitalised words that only their shape makes a person."""
        evidence = self._evidence
        last = surface.rpartition(" ")[2]
        has_given_name = name.rule == "given-name"
        judgement = self._lone.get(surface)
        if evidence.after_article(name) and (judgement is None or judgement.kind != "person"):
            if not has_given_name or evidence.is_ordinary(last):
                _make_other(name)
        elif has_given_name:
            return
        elif evidence.is_quoted(name):
            _make_other(name)  # "a report titled “Counted Twice,”": a title
        elif judgement is not None and judgement.kind == "person":
            _found_by(name, judgement.rule)
        elif judgement is None:
            self._doubt_words(name, surface.split())
        elif judgement.kind == "place" and any(map(evidence.is_ordinary, surface.split())):
            _make_other(name)  # "in Daily Life"
        else:
            _found_by(name, judgement.rule, judgement.kind)

    def _doubt_words(self, name: NameCandidate, words: Sequence[str]) -> None:
        """Correct the kind of a name by what its first or last word alone is elsewhere, or by its ordinary words."""
        first, last = self._lone.get(words[0]), self._lone.get(words[-1])
        if last is not None and last.kind == "person":
            return
        if first is not None and first.kind == "company":
            # "Oltrane Thermal", when "Oltrane said it would" stands elsewhere.
            _found_by(name, first.rule, "company")
        elif any(map(self._evidence.is_ordinary, words)):
            _make_other(name)

    def _point(self, short: str, start: int, link: Link) -> None:
        entries = self._by_end.setdefault(short, [])
        if not entries or entries[-1][1].entity_id != link.entity_id:
            entries.append((start, link))

    def _body(self, name: NameCandidate, surface: str) -> Link:
        kind: MentionKind = name.kind  # type: ignore[assignment]  # never "unknown" here
        if name.known and not name.known[0].bound:
            known = self._meant(name.known)
            if known is None:
                # An acronym of several, and the document does not show which.
                _found_by(name, "acronym")
                return _link(surface, kind)
            kind = known.kind  # type: ignore[assignment]  # the lists' acronyms are of bodies, laws and lists only
            return Link(known.name, known.entity_id, kind)
        if kind == "company":
            bare = without_legal_form(surface)
            return self._bodies.get(bare) or _link(bare, kind)
        return self._official(name, surface) if kind == "agency" else _link(surface, kind)

    def _meant(self, readings: Sequence[Known]) -> Known | None:
        """Return the reading that the document names in full or by its country; None without such a reading."""
        if len(readings) == 1 and not readings[0].weak:
            return readings[0]
        for known in readings:
            if known.entity_id in self._named:
                return known
        return self._of_most_named_country(readings) if readings[0].weak else readings[0]

    def _of_most_named_country(self, readings: Sequence[Known]) -> Known | None:
        counts = [self._counts[known.country] if known.country else 0 for known in readings]
        most = max(counts)
        return readings[counts.index(most)] if most and counts.count(most) == 1 else None

    def _of_country_in_mind(self, readings: Sequence[Known], start: int) -> Known | None:
        """Return the reading of the only country that the document names, if it named no other right before `start`."""
        fitting = [known for known in readings if known.country in self._counts]
        last = next((country for place, country in reversed(self._countries) if place < start), "")
        return fitting[0] if len(fitting) == 1 and last in {"", fitting[0].country} else None

    def _official(self, name: NameCandidate, surface: str) -> Link:
        owner = _OWNED.search(self._text, max(0, name.start - 40), name.start)
        if owner is not None and not name.country and " of " in surface:
            return _link(f"{owner[1]}'s {surface}", "agency")
        if name.country:
            key = body_key(self._without_country(surface))
            body = self._gazetteer.bodies.get((name.country, key))
            if body is not None:
                return Link(body.name, body.entity_id, "agency")
            if key:
                return Link(surface, f"agency:{name.country}-{slug(key)}", "agency")
        elif name.known:
            known = self._of_country_in_mind(name.known, name.start)
            if known is not None:
                return Link(known.name, known.entity_id, "agency")
        else:
            body = self._gazetteer.bodies.get(("", body_key(surface)))
            if body is not None:
                return Link(body.name, body.entity_id, "agency")
        return self._endings.get(surface) or _link(surface, "agency")

    def _without_country(self, surface: str) -> str:
        for form in self._country_forms(surface):
            if surface.startswith((f"{form} ", f"{form}'s ")):
                return surface[len(form) :].removeprefix("'s")[1:]
            if surface.endswith(f" of {form}"):
                return surface[: -len(form) - 4]
        return surface

    def _country_forms(self, surface: str) -> list[str]:
        forms: list[str] = []
        token = TOKEN.match(surface)
        hit = self._gazetteer.at(surface, 0, token.group()) if token is not None else None
        if hit is not None and hit[1][0].kind in ("place", "demonym"):
            forms.append(surface[: hit[0]])
        owner = surface.rpartition(" of ")[2].removeprefix("the ")
        if owner != surface:
            hit = self._gazetteer.at(surface, len(surface) - len(owner), owner.split(maxsplit=1)[0])
            if hit is not None and hit[1][0].kind == "place":
                forms.extend((owner, f"the {owner}"))
        return forms

    # --- second pass: each name ---

    def link(self, name: NameCandidate) -> Link | None:
        """Return canonical name, id and kind of `name`, or None without evidence. May correct rule and confidence."""
        surface = self._text[name.start : name.end]
        acronym = self._acronyms.get(surface)
        if acronym is not None:
            _found_by(name, "bracketed")
            return acronym
        link = self._links.get(name.start)
        if link is not None:
            # "IS" is a word in capitals rather than a name, unless the document says what it stands for.
            is_word = name.rule == "acronym" and surface.lower() in plain_words()["enders"]
            return None if is_word else link
        if surface.isupper() and (name.kind in ("unknown", "other")):
            link = self._in_capitals(name, surface)
            if link is not None:
                _found_by(name, "capitals")
                return link
        if name.shouted and name.kind == "unknown":
            return None
        if name.kind in ("person", "unknown") or name.rule == "list-ambiguous":
            person = self._person(surface, name)
            if person is not None:
                if name.kind != "person":
                    _found_by(name, "surname")
                return person
        if name.kind == "person":
            return _link(surface, "person")
        if name.kind == "unknown":
            in_angles = self._text[name.start - 1 : name.start] == "<" and self._text[name.end : name.end + 1] in ">."
            return None if in_angles else self._unknown(name, surface)
        if name.known:
            known = name.known[0]
            return Link(known.name, known.entity_id, name.kind)
        return _link(surface, name.kind)

    def _in_capitals(self, name: NameCandidate, surface: str) -> Link | None:
        """Return the name that the document writes elsewhere in small letters; `name` grows to all of its words."""
        if self._capitals is None:
            written = {link.name: link for link in self._links.values()}
            for short, entries in self._by_end.items():
                written.setdefault(short, entries[0][1])
            self._capitals = {}
            for form in sorted(written, key=lambda form: (-len(form), form)):
                shout = form.upper()
                self._capitals.setdefault(shout.partition(" ")[0], []).append((shout, written[form]))
        for shout, link in self._capitals.get(surface.partition(" ")[0], ())[:50]:  # names of one first word
            end = name.start + len(shout)
            if self._text.startswith(shout, name.start) and not self._text[end : end + 1].isalnum():
                name.end = end
                return link
        return None

    def _person(self, surface: str, name: NameCandidate) -> Link | None:
        entries = self._by_end.get(surface)
        if not entries:
            return self._titled.get(surface) if name.kind == "unknown" else None
        if name.rule == "list-ambiguous":
            judgement = self._evidence.adjacent(name)
            if judgement is not None and judgement.kind == "place":
                return None
        if name.kind == "unknown" and self._evidence.is_ordinary(surface) and self._evidence.after_article(name):
            return None
        before = bisect_right(entries, name.start, key=lambda entry: entry[0])
        return entries[max(0, before - 1)][1]

    def _unknown(self, name: NameCandidate, surface: str) -> Link | None:
        body = self._bodies.get(surface)
        if body is not None:
            _found_by(name, "short-name")
            return body
        headed = self._heads.get(surface)
        if headed and not name.initial and len(headed) == 1 and self._evidence.after_article(name):
            # "the Observatory", when the document names one only.
            _found_by(name, "short-name")
            return next(iter(headed.values()))
        judgement = self._lone.get(surface)
        if self._evidence.is_ordinary(surface) or (surface not in self._seen_in_sentence and judgement is None):
            return None
        if judgement is None and self._evidence.is_code(name):
            return None
        spoken = judgement is not None and judgement.rule == "speech"
        if spoken and surface.endswith("s") and name.initial and surface not in self._seen_in_sentence:
            return None  # "Demonstrators said"
        if judgement is None:
            return _link(surface, "other")
        _found_by(name, judgement.rule)
        return _link(surface, judgement.kind)
