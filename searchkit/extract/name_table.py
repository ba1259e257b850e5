"""A table of names and the places where they stand in a text: for lists of any length, in time linear in the text.

takes:    names as keys (`text.name_key`), each with numbers of the entries that bear it
gives:    the entries of one name; every name in a text, the longest at each place
does not: know what an entry is; read files
traps:    a name must be written like one: "apple" is no Apple, "Who" no WHO, and a capital that opens a sentence
          proves nothing; scripts without word spaces are not read
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from searchkit.extract.names.heads import heads
from searchkit.extract.names.runs import plain_words
from searchkit.text import Span, fold, name_key

# Longer names are too rare in running text to look for.
MOST_WORDS = 16
# Where a name can begin: a capital, a digit or a sign without case; or an Arabic article before a capital (al-Nur).
_BEGIN = re.compile(r"(?<![\w@#])(?=[^\W_a-z]|(?:al|el|ul|ad|as|an|ar)-[^\W\d_a-z])")
_WORD = re.compile(r"\w{1,60}(?:\.\w{1,30}){0,12}")
_SPACES = frozenset(" \u00a0\u202f\u2009")
_PLAIN_GAPS = frozenset((*_SPACES, "  ", "-", "\u2010", "\u2011", "'", "’", "&", " & ", "/"))
# A stop inside a name ends an initial or an abbreviation of at most so many letters ("J. Doe", "Corp. of").
_LONGEST_ABBREVIATION = 4
# Words of a name that may be written small: "of", "and", "bin", "della" would be too long to be told from any word.
_LONGEST_SMALL_WORD = 4
# A name of one word in capitals up to this length is an acronym, and must be written so.
_LONGEST_ACRONYM = 6
_CLOSING = frozenset("\"'”’»")
_LOWER = re.compile(r"(?<![\w-])[a-z]{3,30}(?![\w-])")


@lru_cache(maxsize=1)
def legal_words() -> frozenset[str]:
    """The shipped legal forms as words of a key: `ltd`, `gmbh`."""
    return frozenset(name_key(form) for form in heads().legal)


def without_legal_words(key: str) -> str:
    """A key without the legal forms at its end; never empty."""
    words = key.split()
    while len(words) > 1 and words[-1] in legal_words():
        words.pop()
    return " ".join(words)


def is_acronym(form: str) -> bool:
    """Whether a name of one word has to be written in capitals to be meant: `BIS`, `U.S.`."""
    letters = form.replace(".", "")
    return letters.isalpha() and letters.isupper() and len(letters) <= _LONGEST_ACRONYM


class Place(Struct, frozen=True, kw_only=True):
    """A name found in a text: where, under which key, and the numbers of the entries that bear it."""

    span: Span
    key: str
    entries: tuple[int, ...]


class NameTable(Struct, frozen=True, kw_only=True):
    """Entries by key; `longest` is the number of words of the longest key that begins with a word.

    A single entry is stored as it is: tuples would double the size of a table of half a million names.
    """

    by_key: Mapping[str, int | tuple[int, ...]]
    longest: Mapping[str, int]
    acronyms: frozenset[str]

    def get(self, key: str) -> tuple[int, ...]:
        """The entries that bear this name."""
        found = self.by_key.get(key)
        return () if found is None else (found,) if isinstance(found, int) else found

    def find(self, text: str) -> Iterator[Place]:
        """The names in `text` (flattened: line ends only between paragraphs), in order, without overlaps."""
        ordinary: frozenset[str] | None = None
        done = 0
        for begin in _BEGIN.finditer(text):
            start = begin.start()
            first = _WORD.match(text, start)
            if start < done or first is None:
                continue
            key = _key(first.group())
            most = self.longest.get(key, 0)
            if not most:
                continue
            place = self._longest_at(text, first, key, most)
            if place is None:
                continue
            if " " not in place.key and place.key not in self.acronyms and not in_mid_sentence(text, start):
                if ordinary is None:
                    ordinary = plain_words().ordinary | frozenset(_LOWER.findall(text))
                if place.key in ordinary:
                    continue
            done = place.span.end
            yield place

    def _longest_at(self, text: str, first: re.Match[str], key: str, most: int) -> Place | None:
        keys, ends, last = [key], [first.end()], first
        while len(keys) < most:
            following = _next_word(text, last)
            if following is None:
                break
            word = following.group()
            if word[0].islower() and len(word) > _LONGEST_SMALL_WORD:
                break
            keys.append(_key(word))
            ends.append(following.end())
            last = following
        for count in range(len(keys), 0, -1):
            whole = " ".join(keys[:count])
            entries = self.get(whole)
            if not entries:
                continue
            end = ends[count - 1]
            written = text[first.start() : end]
            if count == 1 and whole in self.acronyms and not is_acronym(written):
                continue
            if text[end : end + 1] == "." and "." in written and len(written.rpartition(".")[2]) == 1:
                end += 1  # "U.S."
            return Place(span=Span(first.start(), end), key=whole, entries=entries)
        return None


def _key(word: str) -> str:
    return fold(word).replace(".", "")


def in_mid_sentence(text: str, start: int) -> bool:
    """Whether the capital at `start` stands where only a name has one."""
    if start < 2 or text[start - 1] != " ":
        return False
    before = text[start - 2]
    # Behind a quotation that a comma ends, the sentence goes on: '"No," Velmar said.'
    return before.isalnum() or before in ",;" or (before in _CLOSING and start > 2 and text[start - 3] == ",")


def _next_word(text: str, last: re.Match[str]) -> re.Match[str] | None:
    """The word after `last` if what stands between can stand inside a name."""
    end = last.end()
    after = end
    while after < len(text) and after - end < 3 and not text[after].isalnum():
        after += 1
    following = _WORD.match(text, after)
    if following is None:
        return None
    gap = text[end:after]
    if gap in _PLAIN_GAPS:
        return following
    if gap == ". ":
        return following if len(last.group()) <= _LONGEST_ABBREVIATION else None
    if gap in (", ", "., "):
        return following if _key(following.group()) in legal_words() else None
    return None


def name_table(names: Iterable[tuple[str, int]], acronyms: Iterable[str] = ()) -> NameTable:
    """The table of `names`, pairs of a key and the number of an entry, those of one entry after each other.

    `acronyms` are keys that count where they are written in capitals only."""
    first_of: dict[str, int] = {}
    shared: dict[str, list[int]] = {}
    longest: dict[str, int] = {}
    for key, entry in names:
        held = first_of.get(key)
        if held is None:
            first_of[key] = entry
            first, space, rest = key.partition(" ")
            count = 2 + rest.count(" ") if space else 1
            if longest.get(first, 0) < count <= MOST_WORDS:
                longest[first] = count
        elif held != entry:
            entries = shared.setdefault(key, [])
            if not entries or entries[-1] != entry:
                entries.append(entry)
    merged: dict[str, int | tuple[int, ...]] = {
        **first_of,
        **{key: (first_of[key], *more) for key, more in shared.items()},
    }
    return NameTable(by_key=merged, longest=longest, acronyms=frozenset(acronyms))
