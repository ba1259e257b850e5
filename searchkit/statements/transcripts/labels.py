"""Find paragraphs that begin with a label and a colon, as in transcripts: "KORBEL:", "Q:", "LORNA VASKE, HOST:".

"Note:" and "Score:" look the same, hence `kind`. "A. Korbel" is an initial unless a "Q." comes before it. finding.py
decides which labels speak; `Voices` finds whom they mean: "VASKE" is Lorna Vaske, "NK" Nadia Korbel. The entries of a
live blog begin with the time of posting.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.document import Mention, Resolution
from searchkit.statements.packs import Pack
from searchkit.statements.speakers.subjects import BODY_KINDS
from searchkit.statements.text import Span, family_name, fold, slug
from searchkit.statements.word_lists import parts, word_sets

# "part" is a part that a person plays ("THE COURT", "Host", "MR. VELMAR"), "name" a name or another word, "never" a
# word that never speaks ("Note").
Kind = Literal["question", "answer", "part", "name", "never"]

_WORD = r"[^\W\d_][\w.'’&\-]{0,30}"
# A recording's clock, a mark of bold type or a quotation mark may lead; brackets hold a place or "on camera".
_LABEL = re.compile(
    r"(?:[\[(]?\d{1,2}:\d\d(?::\d\d)?[\])]? {1,3})?(?:\*\*|__)?[\"“„«]?"
    rf"(?P<name>{_WORD}(?: (?:{_WORD}|#?\d{{1,3}})){{0,4}})"
    r"(?P<function>, [^:\n.?!\"“”]{1,60})?(?: ?[(\[][^()\[\]\n]{1,40}[)\]]){0,2}"
    r"(?:\*\*|__)?[ \u00a0\u202f]?:(?:\*\*|__)?(?: {1,4}(?=\S)|\Z)"
)
# "Q. Who?" and "A. Vaske."
_LETTERED = re.compile(r"(?P<name>[A-Z])(?:[.)]| ?[–—-]|(?=[ \t]{2}|\t))[ \t]{1,8}(?=\S)")
# "QWho?": the space behind a bold letter was lost.
_GLUED = re.compile(r"(?P<name>Q)(?=[A-Z][a-z’'])")
# "INGRID LIND We cannot pay.": names in bold type.
_CAPITALS = re.compile(rf"(?P<name>{_WORD}(?: {_WORD}){{1,4}}?) (?=[\"“„]?(?:[^\W\d_]\b|[^\W\d_][^\W\d_A-ZÀ-ÖØ-Þ]))")
_FEWEST_OWN = 2  # of these paragraphs say "I" or "we"
# "URL: https://...", "Published: 2024-05-11", "Flour: 200 g", "Total: $ 4.20", "Brand: | Marlow": no speaker.
_FIELD = re.compile(
    r"(?:[-•*] )?[^\W\d_][^:\n]{0,40}: {0,4}(?:https?://\S{1,400}|\d[\d.:/ T\-]{3,30}Z?|"
    r"(?:[$€£¥] ?)?\d[\d.,/]{0,12}(?: ?(?:[^\W\d_]{1,12}|[%°€$£¥]C?)){0,2}|\| ?[^|\n.!?]{1,40})\Z"
)
# "(laughs) It is old.": a stage direction before the words.
_STAGED = re.compile(r"(?:\([^()\n]{1,60}\)|\[[^\[\]\n]{1,60}\]) {1,4}(?=\S)")


class LabeledLine(Struct, frozen=True, kw_only=True):
    """A paragraph (by number) with its label at `name`; its words start at `start`.

    `key` is the label folded, without digits at its end in questions and answers; `function` is the part behind a
    comma ("HOST"). `lettered` lines have no colon.
    """

    paragraph: int
    name: Span
    key: str
    kind: Kind
    function: str
    start: int
    lettered: bool = False


def labeled_lines(text: str, paragraphs: Sequence[Span], pack: Pack) -> list[LabeledLine]:
    """Return every paragraph with a label, in order."""
    lines: list[LabeledLine] = []
    has_question = False
    capitals = _in_capitals(text, paragraphs, pack)
    is_answered = "A: " in text and any(text.startswith("A: ", paragraph.start) for paragraph in paragraphs)
    for number, paragraph in enumerate(paragraphs):
        found = None
        if text.find(":", paragraph.start, paragraph.end) >= 0:
            if _FIELD.match(text, paragraph.start, paragraph.end):
                continue
            found = _LABEL.match(text, paragraph.start, paragraph.end)
        lettered = found is None
        found = found or capitals.get(number)
        if found is None:
            found = _LETTERED.match(text, paragraph.start, paragraph.end)
            if found is None and is_answered:
                found = _GLUED.match(text, paragraph.start, paragraph.end)
            if found is None:
                continue
        name, key, kind = _classified(found["name"], pack)
        if lettered and number not in capitals:
            has_question = has_question or kind == "question"
            if not has_question or kind not in {"question", "answer"}:
                continue
        staged = _STAGED.match(text, found.end(), paragraph.end)
        start = found.start("name")
        lines.append(
            LabeledLine(
                paragraph=number,
                name=Span(start, start + len(name)),
                key=key,
                kind=kind,
                function="" if lettered else (found["function"] or "").lstrip(", "),
                start=staged.end() if staged is not None else found.end(),
                lettered=lettered,
            )
        )
    return lines


def _in_capitals(text: str, paragraphs: Sequence[Span], pack: Pack) -> dict[int, re.Match[str]]:
    """Return the names in capitals that begin paragraphs; none unless most of these paragraphs say "I" or "we"."""
    found = {
        number: match
        for number, paragraph in enumerate(paragraphs)
        if (match := _CAPITALS.match(text, paragraph.start, paragraph.end)) is not None
        and match["name"].isupper()
        and any(map(is_given, proper(match["name"]).split()))
    }
    said = [set(_PARTS.findall(fold(text[match.end() : paragraphs[number].end]))) for number, match in found.items()]
    own = sum(not words.isdisjoint(pack.words["first-person"]) for words in said)
    return found if own >= _FEWEST_OWN and own * 2 > len(found) else {}


def _classified(name: str, pack: Pack) -> tuple[str, str, Kind]:
    """Return the label as it counts, its key and its kind."""
    words = pack.words
    low = fold(name)
    bare = low.rstrip("0123456789 #")
    # A small "a" is an article, a single capital a letter of the pair Q and A.
    if len(bare) > 1 or name[0].isupper():
        if bare in words["question-label"]:
            return name, bare, "question"
        if bare in words["answer-label"]:
            return name, bare, "answer"
    parts = [word.rstrip(".") for word in low.split()]
    never = words["never-label"]
    if parts[0] in never or parts[-1] in never:
        return name, low, "never"
    titles = words["title-male | title-female"] | pack.roles["role"]
    if any(part in words["part-label"] for part in parts) or (len(parts) > 1 and parts[0] in titles):
        return name, low, "part"
    return name, low, "name"


_CLOCK = re.compile(
    r"[\[(]?\d{1,2}[:.h]\d\d(?: ?[AaPp]\.?[Mm]\.?)?(?: (?:[A-Z]{2,4}|Uhr)(?![^\W\d_]))?[\])]?(?: ?[:|–—-])? {1,4}"
    r"(?=[^\s\d])(?![AaPp]\.?[Mm]\b)"
)


def entry_starts(text: str, paragraphs: Sequence[Span]) -> dict[int, int]:
    """Return where the words of each entry begin, by paragraph; empty unless the text is a live blog."""
    starts = {
        number: found.end()
        for number, paragraph in enumerate(paragraphs)
        if (found := _CLOCK.match(text, paragraph.start, paragraph.end)) is not None
    }
    return starts if len(starts) >= 3 else {}  # fewer times make no live blog


_PARTS = re.compile(r"[^\W\d_]{1,60}(?:['’](?=[^\W\d_]))?")
_INITIALS = re.compile(r"[A-Z]\.?(?:[A-Z]\.?){1,3}")


class Voice(Struct, frozen=True, kw_only=True):
    """The speaker of a turn, how it was found, and where it is named in full; unknown where `entity_id` is None."""

    entity_id: str | None = None
    name: str = ""
    by: Resolution = "unresolved"
    antecedent: Span | None = None


NO_VOICE = Voice()
# People or bodies by id: voices without the way in which a label means them.
_People = dict[str | None, Voice]


@lru_cache(maxsize=1)
def _title_phrases() -> frozenset[str]:
    return frozenset(_undotted(title) for title in parts("titles.txt")["title"])


def _undotted(written: str) -> str:
    return " ".join(word.rstrip(".") for word in fold(written).split())


def proper(name: str) -> str:
    """Return a name in capitals as texts usually write it: `OKPARA-REED` -> `Okpara-Reed`."""
    return _PARTS.sub(lambda part: part.group().capitalize(), name) if name.isupper() else name


def is_given(word: str) -> bool:
    """Return whether a word is a known given name."""
    return word in word_sets("given_names.txt")["given"]


def _initials(name: str) -> str:
    return "".join(word[0] for word in fold(name).replace("-", " ").split() if word[0].isalpha())


class Voices:
    """The people of a text by the labels that may mean them."""

    def __init__(self, text: str, mentions: Sequence[Mention], lines: Sequence[LabeledLine], pack: Pack) -> None:
        self._text = text
        self._addresses = pack.words["title-male | title-female"]
        self._titles = self._addresses | pack.roles["role"] | _title_phrases()
        self._people: _People = {}
        for mention in mentions:
            if mention.kind == "person" and text[mention.span.end : mention.span.end + 1] != ":":
                known = self._people.get(mention.entity_id)
                if known is None or (known.antecedent is None and mention.surface == mention.name):
                    full = mention.span if mention.surface == mention.name else None
                    self._people[mention.entity_id] = Voice(
                        entity_id=mention.entity_id, name=mention.name, antecedent=full
                    )
        for person in list(self._full_labels(lines, mentions)):
            self._people.setdefault(person.entity_id, person)
        self._by_word: dict[str, _People] = {}
        self._by_initials: dict[str, _People] = {}
        for person in self._people.values():
            words = fold(person.name).split()
            for word in (" ".join(words), words[-1], words[0]):
                self._by_word.setdefault(word, {})[person.entity_id] = person
            self._by_initials.setdefault(_initials(person.name), {})[person.entity_id] = person
        for mention in mentions:
            if mention.kind in BODY_KINDS:
                the = "t" if fold(text[max(0, mention.span.start - 4) : mention.span.start]) == "the " else ""
                body = Voice(entity_id=mention.entity_id, name=mention.name, antecedent=mention.span)
                for initials in (_initials(mention.name), the + _initials(mention.name)):
                    self._by_initials.setdefault(initials, {}).setdefault(mention.entity_id, body)

    def _full_labels(self, lines: Sequence[LabeledLine], mentions: Sequence[Mention]) -> Iterator[Voice]:
        """Yield people whom only labels name: in full and in capitals ("LORNA VASKE, HOST"), or by title ("MS. PASK").

        A title, a function, a shorter label or a known name must distinguish it from a heading: "BREAKING NEWS".
        """
        surnames = {family_name(fold(person.name)) for person in self._people.values() if " " in person.name}
        turns = Counter(line.key for line in lines)
        people = [mention for mention in mentions if mention.kind == "person"]
        named = {mention.span.start for mention in people}
        ends = {mention.span.end: mention for mention in people if " " in mention.surface}
        # Full names first: "ADMIRAL HOLLISTER" may be the "ADMIRAL JONAS HOLLISTER" of another label.
        for line in sorted(lines, key=lambda line: -len(self._untitled(line.key.split()))):
            written = line.name.of(self._text)
            words = written.split()
            full = ends.get(line.name.end) if not written.isupper() else None
            if full is not None and full.span.start >= line.name.start:
                yield Voice(entity_id=full.entity_id, name=full.name, antecedent=full.span)  # "Mayor Nadia Korbel"
                continue
            surname, name = fold(words[-1]), self._untitled(words)
            if len(words) < 2 or not name or not written.isupper() or surname in surnames:
                continue
            shows = (
                self._is_marked(line, surname, named, turns)
                if len(name) == len(words)
                else self._is_titled(line, name, turns)
            )
            if shows:
                surnames.add(surname)
                label = proper(" ".join(name))
                yield Voice(entity_id=f"person:{slug(label)}", name=label, antecedent=line.name)

    def _is_marked(self, line: LabeledLine, surname: str, named: Set[int], turns: Counter[str]) -> bool:
        """Return whether more than capitals shows that a label is a name."""
        shows = line.function or line.lettered or line.name.start in named or surname in turns
        return line.kind == "name" and bool(shows)

    def _is_titled(self, line: LabeledLine, name: Sequence[str], turns: Counter[str]) -> bool:
        """Return whether the words behind a title are a name, unlike "GENERAL DISCUSSION"."""
        if line.key.partition(" ")[0].rstrip(".") in self._addresses:
            return True
        full = len(name) > 1 and (max(turns.values()) > 1 or is_given(proper(name[0])))
        return (turns[line.key] > 1 or full) and self._titles.isdisjoint(map(_undotted, name))

    def _untitled(self, words: list[str]) -> list[str]:
        """Return the words of a label without the titles that lead it: `VICE ADMIRAL HOLLISTER` -> HOLLISTER."""
        rest = words
        while rest:
            for size in range(min(4, len(rest)), 0, -1):  # "SPECIAL PRESIDENTIAL ENVOY"
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
        found = self._named(words)
        if not found and _INITIALS.fullmatch(written):
            found = self._by_initials.get(fold(written).replace(".", ""), {})
            by = "surname"
            if not found:
                return NO_VOICE
        if len(found) != 1:
            return None
        person = next(iter(found.values()))
        return replace(person, by=by, antecedent=None if person.antecedent == line.name else person.antecedent)

    def _named(self, words: list[str]) -> _People:
        """Return the people whose name these words are, or have as initial and last name."""
        found = self._by_word.get(" ".join(words), {})
        if not found and len(words) > 1:
            return {
                person.entity_id: person
                for person in self._by_word.get(words[-1], {}).values()
                if fold(person.name).split()[0][0] == words[0][0] and fold(person.name).endswith(words[-1])
            }
        if len(words) == 1 and len(found) > 1:  # of two people of one name, whoever has it as the last
            return {id_: person for id_, person in found.items() if family_name(fold(person.name)) == words[0]}
        return found
