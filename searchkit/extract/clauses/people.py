"""Find people in German and French: a capital alone proves nothing, for every German noun has one.

A person needs a given name, a title or role in front, a role in an aside, or a verb of speech; an article rules it out.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from searchkit.extract.clauses.bodies import LONGEST_NAME, Tokens
from searchkit.extract.clauses.name_words import NameWords, Spotted, fold, spotted, word_before
from searchkit.extract.quotes.rules import Verdicts, judge
from searchkit.text import Span, slug

_WORD_AFTER = re.compile(r",? ([^\W_][\w'-]{0,40})")
_WORDS = re.compile(r"[^\W_][\w'-]{0,40}")
_CLAUSE_END = re.compile(r"[,.:;!?]")


class _Run(Struct, eq=False):
    """Capitalized words that may be a person's name, and the words around them."""

    start: int
    end: int
    first: str
    around: tuple[str, str]
    introduced: bool
    inflected: bool
    paragraph: Span


class People:
    def __init__(self, text: str, words: NameWords) -> None:
        self._text = text
        self.words = words
        self._full: dict[str, tuple[str, str]] = {}  # last word of a full name -> name and id

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
        if words.is_plain(first):
            return None
        written, stopped = word_before(self._text, start, paragraph.start)
        previous = fold(written)
        end, size = self._name_end(tokens, number)
        titled = previous in words.titles
        role = bool(previous) and not stopped and words.is_role(previous) and previous not in words.pack.bodies
        if size == 1:
            # One word is a name only after a title or role: "Frau Lind", "Innenminister Lind".
            named = titled or (role and words.capitals and not first.isupper())
            return spotted(start, end, "person", self._text[start:end], "title") if named else None
        if not (titled or role) and previous in words.words["determiner"] and not stopped:
            return None
        after = _WORD_AFTER.match(self._text, end)
        following = fold(after[1]) if after is not None else ""
        # "Weiße Farmer berichteten", "Jenaer Zeitungen": an adjective is not a given name.
        inflected = words.capitals and first.endswith(words.adjective_endings)
        run = _Run(start, end, first, (previous, following), titled or role, inflected, paragraph)
        rule = judge(_EVIDENCE, self, run, None)
        return spotted(start, end, "person", self._text[start:end], rule) if rule is not None else None

    def _name_end(self, tokens: Tokens, number: int) -> tuple[int, int]:
        """Return where the run of name words ends, and how many there are."""
        words, last, size = self.words, number, 1
        while size < LONGEST_NAME and last + 1 < len(tokens):
            word, following = tokens[last].group(), tokens[last + 1].group()
            gap = self._text[tokens[last].end() : tokens[last + 1].start()]
            initial = len(word) == 1 and gap in {". ", "."}
            particle = gap.strip().lower() in words.particles and words.is_given(word)
            if gap != " " and not initial and not particle:
                break
            if size == 1 and self._opens_surname(tokens, last + 1):
                last, size = last + 2, size + 2  # "Armand Le Guelvin"
                continue
            if words.is_plain(following) or following in words.legal:
                break
            last, size = last + 1, size + 1
        return tokens[last].end(), size

    def _opens_surname(self, tokens: Tokens, number: int) -> bool:
        """Whether a capital article at token `number` is part of the surname that it leads: Le Guelvin."""
        if fold(tokens[number].group()) not in self.words.words["name-article"] or number + 1 >= len(tokens):
            return False
        between = self._text[tokens[number].end() : tokens[number + 1].start()]
        return between == " " and not self.words.is_plain(tokens[number + 1].group())

    def stands_alone(self, run: _Run) -> bool:
        words, (previous, following) = self.words.words, run.around
        verbal = following in words["auxiliary"] or following in words["finite"]
        return verbal or following in words["relative"] or previous in words["person-preposition"]

    def is_aside(self, run: _Run) -> bool:
        """Whether a word for a role stands in the aside after the name, or the name is the aside of such a word."""
        text, start, end, paragraph = self._text, run.start, run.end, run.paragraph
        if text[end : end + 2] == ", ":
            aside = text[end + 2 : min(paragraph.end, end + 60)].partition(",")[0]
            if any(map(self.words.is_role, _WORDS.findall(aside)[:4])):
                return True
        if text[start - 2 : start] == ", " and text[end : end + 1] in {",", ".", ""}:
            opening = _CLAUSE_END.split(text[max(paragraph.start, start - 140) : start - 2])[-1]
            return any(map(self.words.is_role, _WORDS.findall(opening)[-7:]))
        return False

    def learn(self, person: Spotted) -> None:
        """Remember the full name of a person for its parts; family names come first or last."""
        first, _, last = person.name.partition(" ")
        if last and fold(first) not in self.words.words["name-article"]:
            who = (person.name, person.entity_id)
            self._full[last.rpartition(" ")[2]] = who
            self._full[last] = who  # with its article or particle
            self._full.setdefault(first, who)

    def linked(self, person: Spotted) -> Spotted:
        """Return a titled surname as the full name that it is part of."""
        full = self._full.get(person.name)
        return person if full is None else Spotted(person.start, person.end, "person", *full, "surname")

    def surnames(self, tokens: Tokens, ends: Callable[[int], int]) -> Iterator[Spotted]:
        """Yield lone surnames of people named in full, their genitives too, and namesakes of theirs.

        `ends` gives the end of the last name that begins at or before a place.
        """
        if not self._full:
            return
        before: re.Match[str] | None = None
        for token in tokens:
            previous, before = before, token
            word, start = token.group(), token.start()
            full = self._full.get(word)
            if full is None and word.endswith("s"):
                word = word[:-1]
                full = self._full.get(word)
            reached = ends(start)
            if full is None or start < reached:
                continue
            end, rule = start + len(word), "surname"
            if previous is not None and previous.start() >= reached and self._is_given_before(previous, token):
                start, name = previous.start(), f"{previous.group()} {word}"
                if not full[0].lower().endswith(name.lower()):  # "Van Basten" is Marco van Basten
                    full, rule = (name, f"person:{slug(name)}"), "namesake"
            yield Spotted(start, end, "person", *full, rule)

    def _is_given_before(self, before: re.Match[str], surname: re.Match[str]) -> bool:
        """Whether the word before a known surname is another given name: "Marlies Lind" next to "Emil Lind"."""
        word = before.group()
        adjacent = self._text[before.end() : surname.start()] == " "
        return adjacent and word.isalpha() and not self.words.is_plain(word) and word not in self._full


# What shows that a run of capitalized words names a person.
_EVIDENCE: Verdicts[People, _Run, str] = (
    ("introduced by a title or role", lambda _, run: run.introduced, "title"),
    ("given name", lambda p, run: p.words.is_given(run.first), "given-name"),
    ("Lind sagte", lambda p, run: not run.inflected and any(map(p.words.speaks, run.around)), "speech"),
    ("Lind, Sprecher der Stadt,", lambda p, run: not run.inflected and p.is_aside(run), "apposition"),
    ("alone where nouns are small", lambda p, run: not p.words.capitals and p.stands_alone(run), "name-shape"),
)
