"""Find whom the label of a turn means: "VASKE" is Lorna Vaske, "NK" Nadia Korbel.

A name may stand in full in one label only ("LORNA VASKE, HOST:"), and never in the text.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from searchkit.document import Mention, Resolution
from searchkit.extract.packs import Pack
from searchkit.extract.speakers.participants import BODY_KINDS
from searchkit.extract.transcripts.turn_lines import LabeledLine
from searchkit.extract.word_lists import parts
from searchkit.text import Span, fold, slug

_PARTS = re.compile(r"[^\W\d_]{1,60}(?:['’](?=[^\W\d_]))?")
_INITIALS = re.compile(r"[A-Z]\.?(?:[A-Z]\.?){1,3}")
# A title of so many words at most is looked for before a name: "SPECIAL PRESIDENTIAL ENVOY".
_LONGEST_TITLE = 4


class Voice(Struct, frozen=True, kw_only=True):
    """The speaker of a turn, how it was found, and where it is named in full; unknown where `entity_id` is None."""

    entity_id: str | None = None
    name: str = ""
    by: Resolution = "unresolved"
    antecedent: Span | None = None


NO_VOICE = Voice()


class _Person(Struct, frozen=True):
    entity_id: str
    name: str
    named_at: Span | None


@lru_cache(maxsize=1)
def _title_phrases() -> frozenset[str]:
    return frozenset(_undotted(title) for title in parts("titles.txt")["title"])


def _undotted(written: str) -> str:
    return " ".join(word.rstrip(".") for word in fold(written).split())


def proper(name: str) -> str:
    """Return a name in capitals as texts usually write it: `OKPARA-REED` -> `Okpara-Reed`."""
    return _PARTS.sub(lambda part: part.group().capitalize(), name) if name.isupper() else name


def _initials(name: str) -> str:
    return "".join(word[0] for word in fold(name).replace("-", " ").split() if word[0].isalpha())


class Voices:
    """The people of a text by the labels that may mean them."""

    def __init__(self, text: str, mentions: Sequence[Mention], lines: Sequence[LabeledLine], pack: Pack) -> None:
        self._text = text
        self._titles = pack.words["title-male"] | pack.words["title-female"] | pack.roles["role"] | _title_phrases()
        self._people: dict[str, _Person] = {}
        for mention in mentions:
            if mention.kind == "person" and text[mention.span.end : mention.span.end + 1] != ":":
                known = self._people.get(mention.entity_id)
                if known is None or (known.named_at is None and mention.surface == mention.name):
                    full = mention.span if mention.surface == mention.name else None
                    self._people[mention.entity_id] = _Person(mention.entity_id, mention.name, full)
        for person in list(self._full_labels(lines, mentions)):
            self._people.setdefault(person.entity_id, person)
        self._by_word: dict[str, dict[str, _Person]] = {}
        self._by_initials: dict[str, dict[str, _Person]] = {}
        for person in self._people.values():
            words = fold(person.name).split()
            for word in (" ".join(words), words[-1], words[0]):
                self._by_word.setdefault(word, {})[person.entity_id] = person
            self._by_initials.setdefault(_initials(person.name), {})[person.entity_id] = person
        for mention in mentions:
            if mention.kind in BODY_KINDS:
                the = "t" if fold(text[max(0, mention.span.start - 4) : mention.span.start]) == "the " else ""
                body = _Person(mention.entity_id, mention.name, mention.span)
                for initials in (_initials(mention.name), the + _initials(mention.name)):
                    self._by_initials.setdefault(initials, {}).setdefault(mention.entity_id, body)

    def _full_labels(self, lines: Sequence[LabeledLine], mentions: Sequence[Mention]) -> Iterator[_Person]:
        """Yield people whom only labels name in full: "LORNA VASKE, HOST", "Mayor Nadia Korbel".

        A function, a shorter label or a known name must distinguish it from a heading: "BREAKING NEWS".
        """
        surnames = {fold(person.name).split()[-1] for person in self._people.values() if " " in person.name}
        labels = {line.key for line in lines}
        starts = {mention.span.start for mention in mentions if mention.kind == "person"}
        ends = {mention.span.end: mention for mention in mentions if mention.kind == "person"}
        for line in lines:
            written = line.name.of(self._text)
            full = ends.get(line.name.end)
            if not written.isupper():
                if full is not None and " " in full.surface and full.span.start >= line.name.start:
                    yield _Person(full.entity_id, full.name, full.span)
                continue
            words, surname = written.split(), fold(written).split()[-1]
            known = line.function or line.name.start in starts or surname in labels
            is_full = len(words) > 1 and line.sort == "name" and self._untitled(words) == words
            if is_full and known and surname not in surnames:
                surnames.add(surname)
                yield _Person(f"person:{slug(written)}", proper(written), line.name)

    def _untitled(self, words: list[str]) -> list[str]:
        """Return the words of a label without the titles that lead it: `VICE ADMIRAL HOLLISTER` -> HOLLISTER."""
        rest = words
        while rest:
            for size in range(min(_LONGEST_TITLE, len(rest)), 0, -1):
                if _undotted(" ".join(rest[:size])) in self._titles:
                    rest = rest[size:]
                    break
            else:
                break
        return rest

    def of(self, line: LabeledLine) -> Voice | None:
        """Return the person meant by the label of `line`; None where it means no person, or one of several."""
        written = line.name.of(self._text)
        words = line.key.split()
        by: Resolution = "full-name" if len(words) > 1 else "surname"
        name = self._untitled(words)
        if 0 < len(name) < len(words):
            words = name
            by = "title" if len(words) == 1 else "full-name"
        found = self._by_word.get(" ".join(words), {})
        if not found and len(words) > 1:
            found = {
                person.entity_id: person
                for person in self._by_word.get(words[-1], {}).values()
                if fold(person.name).split()[0][0] == words[0][0] and fold(person.name).endswith(words[-1])
            }
        if len(words) == 1 and len(found) > 1:  # of two people of one name, whoever has it as the last
            found = {id_: person for id_, person in found.items() if fold(person.name).split()[-1] == words[0]}
        if not found and _INITIALS.fullmatch(written):
            found = self._by_initials.get(fold(written).replace(".", ""), {})
            by = "surname"
            if not found:
                return NO_VOICE
        if len(found) != 1:
            return None
        person = next(iter(found.values()))
        elsewhere = person.named_at if person.named_at != line.name else None
        return Voice(entity_id=person.entity_id, name=person.name, by=by, antecedent=elsewhere)
