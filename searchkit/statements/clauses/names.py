"""Find names in German and French: what lists know, and shapes that cannot be ordinary words.

A capital alone proves nothing, for every German noun has one. A person needs a given name, a title or role in front, a
role in an aside, or a verb of speech; an article rules it out.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import get_args

from searchkit.statements.clauses.name_words import NameWords, Spotted, fold, name_words, spotted, word_before
from searchkit.statements.document import MentionKind
from searchkit.statements.names.gazetteer import TOKEN, gazetteer
from searchkit.statements.packs import Pack
from searchkit.statements.text import Span, slug

Tokens = Sequence[re.Match[str]]

_KINDS: dict[str, MentionKind] = {kind: kind for kind in get_args(MentionKind)}
_ACRONYM = re.compile(r"[A-Z][A-Za-z]{0,3}[A-Z]")
# Words of one name at most, its particles not counted.
LONGEST_NAME = 4
_WORD_AFTER = re.compile(r",? ([^\W_][\w'-]{0,40})")
_WORDS = re.compile(r"[^\W_][\w'-]{0,40}")
# The adjective of a town or country before the head of a body.
_OWNER = re.compile(r"[A-ZÄÖÜ][\wäöüß-]{2,20}er|([\wäöüß-]{2,24}isch)e[mnrs]?")
_INFLECTED = re.compile(r"([\wäöüß-]{2,24}isch)e[mnrs]? ")
_SOURCED = re.compile(r"[a-zäöüß]{2,30}en (?:laut|gemäß) (?:dem|der) [\w-]{2,40} \Z")
_NEUTER = ("ministerium", "amt", "gericht", "parlament", "büro", "präsidium", "kreuz")
_CLAUSE_END = re.compile(r"[,.:;!?]")


def find(text: str, paragraphs: Sequence[Span], pack: Pack) -> list[Spotted]:
    """Return the names of the flattened `text`, in order and without overlap."""
    return _NameFinder(text, paragraphs, name_words(pack)).run()


class _NameFinder:
    def __init__(self, text: str, paragraphs: Sequence[Span], words: NameWords) -> None:
        self._text = text
        self._paragraphs = paragraphs
        self.words = words
        self._full: dict[str, list[tuple[int, str, str]]] = {}  # word of full names -> place, name and id of each

    def run(self) -> list[Spotted]:
        found = [name for paragraph in self._paragraphs for name in self._names(paragraph)]
        heads: dict[str, dict[str, Spotted]] = {}  # head word of longer names -> these, by entity
        for name in found:
            if name.kind == "person":
                self.learn(name)
            elif name.rule == "head" and " " in name.name:
                heads.setdefault(self._head(name), {})[name.entity_id] = name
        linked = [self.linked(name) if name.kind == "person" else _short(name, heads) for name in found]
        linked.sort(key=lambda name: name.start)
        starts = [name.start for name in linked]

        def end_before(place: int) -> int:
            at = bisect_right(starts, place) - 1
            return linked[at].end if at >= 0 else 0

        surnames = (
            name for paragraph in self._paragraphs for name in self.surnames(self._tokens(paragraph), end_before)
        )
        return sorted([*linked, *surnames], key=lambda name: name.start)

    def _head(self, body: Spotted) -> str:
        """Return the word for a body that its owner goes before, or whose place or field follows it."""
        words = self._text[body.start : body.end].split()
        owned = _OWNER.fullmatch(words[0]) is not None or "-" in words[0]
        return words[-1].rpartition("-")[2].removesuffix("s") if owned else body.name.partition(" ")[0]

    def _names(self, paragraph: Span) -> list[Spotted]:
        found = list(self.small_bodies(paragraph))
        ahead = found[::-1]
        end = paragraph.start
        tokens = self._tokens(paragraph)
        for number, token in enumerate(tokens):
            while ahead and ahead[-1].end <= token.start():
                ahead.pop()
            if token.start() < end or (ahead and ahead[-1].start <= token.start()):
                continue
            name = self._name(tokens, number, paragraph)
            if name is not None and not (ahead and ahead[-1].start < name.end):
                found.append(name)
                end = name.end
        return found

    def _tokens(self, paragraph: Span) -> list[re.Match[str]]:
        """Return the capitalized words of a paragraph, without elided articles: d'Allemagne, L'Office."""
        tokens = list(TOKEN.finditer(self._text, paragraph.start, paragraph.end))
        elided = self.words.words["elided"]
        if not elided:
            return tokens
        is_elided = [token.group()[1:2] == "'" and token.group()[:2].lower() in elided for token in tokens]
        behind = (
            TOKEN.match(self._text, token.start() + 2, token.end()) if cut else token
            for token, cut in zip(tokens, is_elided, strict=True)
        )
        return [token for token in behind if token is not None]  # none in "L'avocat"

    def _name(self, tokens: Tokens, number: int, paragraph: Span) -> Spotted | None:
        token = tokens[number]
        if token.group() in self.words.lists["not names"]:
            return self.titled(tokens, number, paragraph)
        return (
            self.exonym(token)
            or self.company(tokens, number)
            or self.body(tokens, number)
            or self.listed(token)
            or self.person(tokens, number, paragraph)
            or self.called(tokens, number, paragraph)
            or (self.acronym(token) if token.start() > paragraph.start else None)
        )

    # --- bodies ---

    def exonym(self, token: re.Match[str]) -> Spotted | None:
        """Return the foreign form of a known name: Deutschland, Frankreichs."""
        text, start, word = self._text, token.start(), token.group()
        genitive = self.words.capitals and word.endswith("s") and word not in self.words.exonyms
        if genitive:
            word = word[:-1]
        for form, kind, name, identity in self.words.exonyms.get(word, ()):
            end = start + len(form)
            apart = not text[end : end + 1].isalnum() and text[end : end + 1] != "-"
            if (genitive and form == word) or (text.startswith(form, start) and apart):
                first = self._owner_before(start) if kind == "agency" and " " in form else start
                if first < start and form != text[first:end]:  # "Peruanisches Rotes Kreuz": the body of a country
                    owned = _owned(text[first:start], self.words.first_forms[identity])
                    return spotted(first, end, "organisation", owned, "head")
                return Spotted(start, end, kind, name, identity, "list")
        return None

    def listed(self, token: re.Match[str]) -> Spotted | None:
        word = token.group()
        hit = gazetteer().at(self._text, token.start(), word)
        if hit is None:
            return None
        end, (known, *_) = hit
        kind = _KINDS.get(known.kind)
        given = known.kind == "group" and word in self.words.given
        if kind is None or given or (known.kind != "place" and known.bound):
            return None
        return Spotted(token.start(), end, kind, known.name, known.entity_id, "list")

    def company(self, tokens: Tokens, number: int) -> Spotted | None:
        """Return a run of capitalized words that a legal form closes; the form does not belong to the name."""
        text, first, last = self._text, tokens[number], number
        if number + 1 >= len(tokens) or tokens[number + 1].start() - first.end() > 5:  # " und "
            return None
        noun = fold(first.group()).removesuffix("s")
        if self.words.is_role(first.group()) or noun.endswith(self.words.company_words):
            return None  # "das Familienunternehmen Lind & Korbel AG"
        for at in range(number + 1, min(len(tokens), number + LONGEST_NAME + 2)):
            token = tokens[at]
            if text[tokens[last].end() : token.start()] not in self.words.joints:
                return None
            if token.group() in self.words.lists["legal"] and not text[token.end() : token.end() + 1].isalnum():
                name = text[first.start() : tokens[last].end()]
                return spotted(first.start(), token.end(), "company", name, "legal-form")
            last = at
        return None

    def body(self, tokens: Tokens, number: int) -> Spotted | None:
        """Return an official body or organisation by its head word, alone or in a compound: Grenzzollamt Elbtal."""
        words, token = self.words, tokens[number]
        word = token.group().lower()
        if not self._is_head(word):
            return None
        head = next(ending for ending in words.endings if word.endswith(ending))
        kind, generic = words.heads[head], word in words.lists["generic"]
        end = self._body_end(tokens, number, kind)
        if end is None:
            return None
        start, more = token.start(), self._text[token.end() : end]
        if not more:
            start = self._start_of(tokens, number, kind)
        # "Fernsehsender", "Spitzenverband" are words; "Handelsministerium" and "SPD-Fraktion" name one body.
        common = generic or (kind == "organisation" and "-" not in word)
        if common and not more and start == token.start() and word not in words.lists["names though generic"]:
            return None
        stem = words.stems[head].capitalize() if token.group()[-len(head)].isupper() else words.stems[head]
        owner, bare = self._text[start : token.start()], token.group()[: len(word) - len(head)] + stem + more
        adjective = _INFLECTED.match(owner)
        known = words.known_body((adjective[1] if adjective is not None else "").lower(), bare.lower())
        if known is not None:
            return Spotted(start, end, "agency", known.name, known.entity_id, "head")
        return spotted(start, end, kind, _owned(owner, bare), "head")

    def _is_head(self, word: str) -> bool:
        words = self.words
        ends = words.capitals and word.endswith(words.endings)
        return ends and not words.is_role(word) and word.removesuffix("s") not in words.lists["calling"]

    def _start_of(self, tokens: Tokens, number: int, kind: MentionKind) -> int:
        """Return where the name of a body begins that ends with its head: "Elbtaler Zollamt", "Elbgrund Kliniken"."""
        start, before = tokens[number].start(), tokens[number - 1]
        owner = self._owner_before(start)
        if owner < start or kind != "organisation" or not number or self._text[before.end() : start] != " ":
            return owner
        named = before.start() > 0 and self.words.may_name(before.group()) and not self.words.is_plain(before.group())
        written, stopped = word_before(self._text, before.start(), 0)
        inflected = written[:1].isupper() and written.endswith(self.words.adjective_endings) and not stopped
        if named and inflected and word_before(self._text, before.start() - len(written) - 1, 0)[0]:
            return before.start() - len(written) - 1  # "die Silberne Brücke Stiftung"
        return before.start() if named else start

    def _body_end(self, tokens: Tokens, number: int, kind: MentionKind) -> int | None:
        """Return where the name of a body ends that begins with its head; None if another name follows the head."""
        text, words, end = self._text, self.words, tokens[number].end()
        if number + 1 >= len(tokens):
            return end
        following, last = tokens[number + 1], number + 1
        gap = text[end : following.start()]
        if gap == " " and words.may_name(following.group()):
            hit = self.listed(following) if kind == "organisation" else None
            if hit is not None and hit.kind in {"organisation", "company"}:
                return None
            last = self._run_end(tokens, last, number + LONGEST_NAME)
        elif gap not in words.links or not self._continues(gap, following):
            return end
        end = tokens[last].end()
        if not gap.startswith(words.field_links) or last + 1 >= len(tokens):
            return end
        # "für Wirtschaft und Technologie": a second field of the body.
        joint = text[end : tokens[last + 1].start()]
        return tokens[last + 1].end() if joint in words.field_joints else end

    def _run_end(self, tokens: Tokens, last: int, limit: int, *, joint: str = " ") -> int:
        """Return the last token of a run of words that may name something, with spaces or `joint` between them."""
        while last + 1 < len(tokens) and last < limit:
            gap = self._text[tokens[last].end() : tokens[last + 1].start()]
            if gap not in {" ", joint} or (gap == " " and not self.words.may_name(tokens[last + 1].group())):
                break
            last += 1
        return last

    def _owner_before(self, start: int) -> int:
        """Return where the adjective begins that says whose body it is: "Elbtaler Zollamt", "bayerische Polizei"."""
        written, stopped = word_before(self._text, start, 0)
        owner = _OWNER.fullmatch(written) if not stopped and written not in self.words.lists["not names"] else None
        if owner is None or (owner[1] and owner[1].lower() not in self.words.owners and written[0].islower()):
            return start
        at = start - len(written) - 1
        article, words = word_before(self._text, at, 0)[0].lower(), self.words.words
        return start if article in words["determiner"] - words["definite"] else at  # "a Chinese court"

    def _continues(self, gap: str, token: re.Match[str]) -> bool:
        if gap in self.words.place_links:
            alone = (
                self._text[token.end() : token.end() + 2].strip()[:1].islower()
                or not self._text[token.end() : token.end() + 1].isspace()
            )
            place = self.listed(token) is not None or self.exonym(token) is not None
            return place or (alone and self.words.may_name(token.group()))
        return token.group() not in self.words.lists["not names"] and not self.words.is_role(token.group())

    def small_bodies(self, paragraph: Span) -> Iterator[Spotted]:
        """Yield bodies with a small head and what names them behind it: "tribunal de commerce de Saint-Aubrac"."""
        if self.words.small_body is None:
            return
        for match in self.words.small_body.finditer(self._text, paragraph.start, paragraph.end):
            name, start = match.group(), match.start()
            if not any(letter.isupper() for letter in name[1:]):
                # A capital head names its body itself, where no sentence begins with it.
                if not name[0].isupper() or self._text[start - 1 : start] not in {"'", " "}:
                    continue
                if self._text[start - 2 : start - 1] in {"", ".", "!", "?"} or " " not in name:
                    continue
            yield spotted(start, match.end(), self.words.heads[match["head"].lower()], name, "head")

    def called(self, tokens: Tokens, number: int, paragraph: Span) -> Spotted | None:
        """Return the name that a word for its kind stands before: "die Firma Lind", "la fonderie Lind & Fils"."""
        words, token = self.words, tokens[number]
        written, stopped = word_before(self._text, token.start(), paragraph.start)
        if not written or stopped:
            return None
        word = fold(written)
        kind: MentionKind | None = "company" if word.endswith(words.company_words) else None
        small = not words.capitals and kind is None and words.pack.bodies.get(word) == "organisation"
        if small or written.lower().removesuffix("s") in words.lists["calling"]:
            kind = "organisation"
        if kind is None or words.is_role(token.group()) or not words.may_name(token.group()):
            return None
        end = tokens[self._run_end(tokens, number, number + LONGEST_NAME, joint=" & ")].end()
        return spotted(token.start(), end, kind, self._text[token.start() : end], "noun-before")

    def acronym(self, token: re.Match[str]) -> Spotted | None:
        word = token.group()
        if not _ACRONYM.fullmatch(word) or len(word) < 3 or set("IVXLC").issuperset(word):
            return None
        return spotted(token.start(), token.end(), "organisation", word, "acronym")

    # --- people ---

    def titled(self, tokens: Tokens, number: int, paragraph: Span) -> Spotted | None:
        """Return a surname that begins with an article, after a title: "M. Le Guelvin"."""
        start = tokens[number].start()
        written, _ = word_before(self._text, start, paragraph.start)
        if fold(written) not in self.words.titles or not self._opens_surname(tokens, number):
            return None
        end = tokens[number + 1].end()
        return spotted(start, end, "person", self._text[start:end], "title")

    def person(self, tokens: Tokens, number: int, paragraph: Span) -> Spotted | None:
        """Return the person whose name begins with token `number`."""
        words, start, first = self.words, tokens[number].start(), tokens[number].group()
        if words.is_plain(first) or self._leads_to_name(tokens, number):
            return None
        written, stopped = self._before(start, paragraph.start)
        previous = fold(written)
        end, size = self._name_end(tokens, number)
        titled = previous in words.titles
        role = bool(previous) and not stopped and words.is_role(previous) and previous not in words.pack.bodies
        if size == 1:
            # One word is a name only after a title or role: "Frau Lind", "Innenminister Lind".
            named = titled or (role and words.capitals and not first.isupper() and not self._is_subject(start))
            return spotted(start, end, "person", self._text[start:end], "title") if named else None
        if not (titled or role) and previous in words.words["determiner"] and not stopped:
            return None
        after = _WORD_AFTER.match(self._text, end)
        following = fold(after[1]) if after is not None else ""
        rule = "title" if titled or role else self._shape(Span(start, end), first, (previous, following), paragraph)
        return spotted(start, end, "person", self._text[start:end], rule) if rule is not None else None

    def _leads_to_name(self, tokens: Tokens, number: int) -> bool:
        """Return whether a name begins behind a noun: "die Sopranistin Edda Lind"."""
        words, behind = self.words, tokens[number + 1 : number + 3]
        if not words.capitals or len(behind) < 2 or words.is_given(tokens[number].group()):
            return False
        gaps = self._text[tokens[number].end() : behind[0].start()], self._text[behind[0].end() : behind[1].start()]
        return gaps == (" ", " ") and words.is_given(behind[0].group()) and not words.is_plain(behind[1].group())

    def _before(self, start: int, since: int) -> tuple[str, bool]:
        """Return the word before `start`, not one like "etwa" ("sagte etwa Lind"), and whether a mark parts them."""
        written, stopped = word_before(self._text, start, since)
        if fold(written) in self.words.words["focus"] and not stopped:
            return word_before(self._text, start - len(written) - 1, since)
        return written, stopped

    def _is_subject(self, start: int) -> bool:
        """Return whether a noun behind a role is the subject of the verb: "Es fehlten laut der Ministerin Lampen"."""
        return _SOURCED.search(self._text[max(0, start - 100) : start]) is not None

    def _shape(self, run: Span, first: str, around: tuple[str, str], paragraph: Span) -> str | None:
        """Return what shows that a run of capitalized words names a person."""
        words = self.words
        # "Weiße Farmer berichteten", "Jenaer Zeitungen": an adjective is not a given name.
        inflected = words.capitals and first.endswith(words.adjective_endings)
        if words.is_given(first):
            return "given-name"
        if not inflected and any(map(words.speaks, around)):
            return "speech"  # "Lind sagte"
        if self.is_aside(run, paragraph):
            return "apposition"  # "Lind, Sprecher der Stadt,"
        return "name-shape" if not words.capitals and self.stands_alone(*around) else None

    def _name_end(self, tokens: Tokens, number: int) -> tuple[int, int]:
        """Return where the run of name words ends, and how many there are."""
        words, last, size = self.words, number, 1
        while size < LONGEST_NAME and last + 1 < len(tokens):
            word, following = tokens[last].group(), tokens[last + 1].group()
            gap = self._text[tokens[last].end() : tokens[last + 1].start()]
            initial = len(word) == 1 and gap in {". ", "."}
            particle = gap.strip().lower() in words.lists["particles"] and words.is_given(word)
            if gap != " " and not initial and not particle:
                break
            if size == 1 and self._opens_surname(tokens, last + 1):
                last, size = last + 2, size + 2  # "Armand Le Guelvin"
                continue
            if words.is_plain(following, surname=words.is_given(word)) or following in words.lists["legal"]:
                break
            last, size = last + 1, size + 1
        return tokens[last].end(), size

    def _opens_surname(self, tokens: Tokens, number: int) -> bool:
        """Return whether a capital article at token `number` is part of the surname that it leads: Le Guelvin."""
        if fold(tokens[number].group()) not in self.words.words["name-article"] or number + 1 >= len(tokens):
            return False
        between = self._text[tokens[number].end() : tokens[number + 1].start()]
        return between == " " and not self.words.is_plain(tokens[number + 1].group())

    def stands_alone(self, previous: str, following: str) -> bool:
        words = self.words.words
        verbal = following in words["auxiliary"] or following in words["finite"]
        return verbal or following in words["relative"] or previous in words["person-preposition"]

    def is_aside(self, run: Span, paragraph: Span) -> bool:
        """Return whether a word for a role stands in the aside after the name, or the name is the aside of one."""
        text, start, end = self._text, run.start, run.end
        if text[end : end + 2] == ", ":
            aside = text[end + 2 : min(paragraph.end, end + 60)].partition(",")[0]
            if any(map(self.words.is_role, _WORDS.findall(aside)[:6])):
                return True
        if text[start - 2 : start] == ", " and text[end : end + 1] in {",", ".", ""}:
            opening = _CLAUSE_END.split(text[max(paragraph.start, start - 140) : start - 2])[-1]
            return any(map(self.words.is_role, _WORDS.findall(opening)[-7:]))
        return False

    def learn(self, person: Spotted) -> None:
        """Remember the full name of a person for its parts; family names come first or last."""
        first, _, last = person.name.partition(" ")
        if last and fold(first) not in self.words.words["name-article"]:
            who = (person.start, person.name, person.entity_id)
            for surname in {last.rpartition(" ")[2], last}:  # also with its article or particle
                self._full.setdefault(surname, []).append(who)
            self._full.setdefault(first, [who])

    def _named_in_full(self, word: str, start: int) -> tuple[str, str] | None:
        """Return name and id of the person with the name `word` who was named in full last, or else is first."""
        people = self._full.get(word)
        return people[max(0, bisect_right(people, start, key=itemgetter(0)) - 1)][1:] if people is not None else None

    def linked(self, person: Spotted) -> Spotted:
        """Return a titled surname as the full name that it is part of, also in the genitive: "Die Anwältin Linds"."""
        name = person.name
        full = self._named_in_full(name, person.start)
        if full is None and name.endswith("s") and (full := self._named_in_full(name[:-1], person.start)) is not None:
            return Spotted(person.start, person.end - 1, "person", *full, "surname")
        return person if full is None else Spotted(person.start, person.end, "person", *full, "surname")

    def surnames(self, tokens: Tokens, ends: Callable[[int], int]) -> Iterator[Spotted]:
        """Yield lone surnames of people named in full, their genitives too, and namesakes of theirs.

        `ends` gives the end of the last name that begins at or before a place.
        """
        if not self._full:
            return
        before: re.Match[str] | None = None
        end = 0
        for token in tokens:
            previous, before = before, token
            word, start = token.group(), token.start()
            full = self._named_in_full(word, start)
            if full is None and word.endswith("s"):
                word = word[:-1]
                full = self._named_in_full(word, start)
            reached = max(end, ends(start))
            if full is None or start < reached:
                continue
            end, rule = start + len(word), "surname"
            if self._text.startswith(full[0], start):  # "Ballonlegende Edo Lind", whom the text names again
                end = start + len(full[0])
            elif previous is not None and previous.start() >= reached and self._is_given_before(previous, token):
                start, name = previous.start(), f"{previous.group()} {word}"
                if not full[0].lower().endswith(name.lower()):  # "Van Basten" is Marco van Basten
                    full, rule = (name, f"person:{slug(name)}"), "namesake"
            yield Spotted(start, end, "person", *full, rule)

    def _is_given_before(self, before: re.Match[str], surname: re.Match[str]) -> bool:
        """Return whether the word before a known surname is another given name: "Marlies Lind" next to "Emil Lind"."""
        word = before.group()
        adjacent = self._text[before.end() : surname.start()] == " "
        return adjacent and word.isalpha() and not self.words.is_plain(word) and word not in self._full


def _owned(owner: str, body: str) -> str:
    """Return one name in all cases: "bayerischen ", "Finanzministerium" -> "Bayerisches Finanzministerium"."""
    adjective = _INFLECTED.match(owner)
    if adjective is None:
        return f"{owner}{body}".strip()
    return f"{adjective[1].capitalize()}{'es' if body.lower().endswith(_NEUTER) else 'e'} {body}"


def _short(name: Spotted, heads: dict[str, dict[str, Spotted]]) -> Spotted:
    """Return the head of a body alone as the only longer name with it."""
    longer = heads.get(name.name, {}) if name.rule == "head" else {}
    full = next(iter(longer.values())) if len(longer) == 1 else None
    return name if full is None else Spotted(name.start, name.end, name.kind, full.name, full.entity_id, "short-name")
