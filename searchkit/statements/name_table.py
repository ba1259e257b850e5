"""Find the names of a user's aliases and watchlists in a text, in time linear in the text.

Names are keys (`text.name_key`) with the numbers of the entries that bear them. The text must write a name like a name:
"apple" does not match Apple, nor "Who" WHO, and a capital that opens a sentence proves nothing. Scripts without spaces
have no capitals.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from searchkit.statements.names.gazetteer import NameMatcher, head_words, lengths_by_word, plain_words
from searchkit.statements.text import UNSPACED, Span, fold, name_key

# Longer names are too rare in running text to look for.
MOST_WORDS = 16
# Where a name can begin: a capital, a digit or a letter without case; or an Arabic article before a capital (al-Nur).
_BEGIN = re.compile(r"(?<![\w@#])(?=[^\W_a-z]|(?:al|el|ul|ad|as|an|ar)-[^\W\d_a-z])")
_WORD = re.compile(r"\w{1,60}(?:\.\w{1,30}){0,12}")
_SPACES = frozenset(" \u00a0\u202f\u2009")
_PLAIN_GAPS = frozenset((*_SPACES, "  ", "-", "\u2010", "\u2011", "'", "’", "&", " & ", "/"))
_CLOSING = frozenset("\"'”’»")
_HAN_RUN = re.compile(f"[{UNSPACED}]{{2,60}}")
_LOWER = re.compile(r"(?<![\w-])[a-z]{3,30}(?![\w-])")


@lru_cache(maxsize=1)
def legal_words() -> frozenset[str]:
    """Return the shipped legal forms as words of a key: `ltd`, `gmbh`."""
    return frozenset(name_key(form) for form in head_words().legal)


def without_legal_words(key: str) -> str:
    """Return a key without the legal forms at its end; never empty."""
    words = key.split()
    while len(words) > 1 and words[-1] in legal_words():
        words.pop()
    return " ".join(words)


def is_acronym(form: str) -> bool:
    """Return whether a name of one word counts only in capitals: `BIS`, `U.S.`."""
    letters = form.replace(".", "")
    return letters.isalpha() and letters.isupper() and len(letters) <= 6


class FoundName(Struct, frozen=True, kw_only=True):
    """A name found in a text: where it stands, its key, and the numbers of the entries that bear it."""

    span: Span
    key: str
    entries: tuple[int, ...]


class NameTable(Struct, frozen=True, kw_only=True):
    """Entries by the key of their names. A single entry is a bare number, which halves the size of a long list."""

    names: NameMatcher[int | tuple[int, ...]]
    acronyms: frozenset[str]

    def get(self, key: str) -> tuple[int, ...]:
        return numbers_of(self.names.values.get(key, ()))

    def find(self, text: str) -> Iterator[FoundName]:
        """Yield the names in flattened `text` without overlaps, the longest name at each place: first those of Chinese
        characters, then the others; each in order."""
        for run in () if text.isascii() else _HAN_RUN.finditer(text):
            yield from self._han(run.group(), run.start())
        ordinary: frozenset[str] | None = None
        done = 0
        for begin in _BEGIN.finditer(text):
            start = begin.start()
            first = _WORD.match(text, start)
            if start < done or first is None:
                continue
            found = self._longest_at(text, first, _key(first.group()))
            if found is None:
                continue
            if " " not in found.key and found.key not in self.acronyms and not in_mid_sentence(text, start):
                if ordinary is None:
                    ordinary = plain_words()["ordinary"] | frozenset(_LOWER.findall(text))
                if found.key in ordinary:
                    continue
            done = found.span.end
            yield found

    def _han(self, run: str, begin: int) -> Iterator[FoundName]:
        spaced, at = " ".join(run), 0
        while at < len(run):
            end, entries = next(self.names.at(spaced, 2 * at, run[at]), (0, ()))
            after = max(at + 1, (end + 1) // 2)
            if end:
                span = Span(begin + at, begin + after)
                yield FoundName(span=span, key=spaced[2 * at : end], entries=numbers_of(entries))
            at = after

    def _longest_at(self, text: str, first: re.Match[str], key: str) -> FoundName | None:
        longest = self.names.lengths.get(key, (0,))[0]
        joined, last = key, first
        ends = {len(key): first.end()}  # where the text of each leading part of `joined` ends
        while len(joined) < longest:
            following = _next_word(text, last)
            if following is None:
                break
            word = following.group()
            if word[0].islower() and len(word) > 4:  # "of", "and", "bin" may be small
                break
            joined = f"{joined} {_key(word)}"
            ends[len(joined)] = following.end()
            last = following
        for length, entries in self.names.at(joined, 0, key) if longest else ():
            end = ends.get(length)
            if end is None:
                continue
            written = text[first.start() : end]
            if length == len(key) and key in self.acronyms and not is_acronym(written):
                continue
            if text[end : end + 1] == "." and "." in written and len(written.rpartition(".")[2]) == 1:
                end += 1  # "U.S."
            return FoundName(span=Span(first.start(), end), key=joined[:length], entries=numbers_of(entries))
        return None


def numbers_of(stored: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return the numbers of a key in a table."""
    return (stored,) if isinstance(stored, int) else stored


def _key(word: str) -> str:
    return fold(word).replace(".", "")


def in_mid_sentence(text: str, start: int) -> bool:
    """Return whether the capital at `start` stands where only a name has one."""
    if start < 2 or text[start - 1] != " ":
        return False
    before = text[start - 2]
    # Behind a quotation that a comma ends, the sentence goes on: '"No," Velmar said.'
    return before.isalnum() or before in ",;" or (before in _CLOSING and start > 2 and text[start - 3] == ",")


def _next_word(text: str, last: re.Match[str]) -> re.Match[str] | None:
    """Return the word after `last` if the characters between can stand inside a name."""
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
        return following if len(last.group()) <= 4 else None  # "J. Doe", "Corp. of"
    if gap in (", ", "., "):
        return following if _key(following.group()) in legal_words() else None
    return None


def name_table(names: Iterable[tuple[str, int]], acronyms: Iterable[str] = ()) -> NameTable:
    """Return the table of `names`: pairs of a key and the number of an entry, those of one entry after each other.

    `acronyms` are the keys that count only where the text writes them in capitals."""
    values = numbers_by_key(names)
    short = (key for key in values if key.count(" ") < MOST_WORDS)
    lengths = lengths_by_word((key.partition(" ")[0], key) for key in short)
    return NameTable(names=NameMatcher(values, lengths), acronyms=frozenset(acronyms))


def numbers_by_key(names: Iterable[tuple[str, int]]) -> dict[str, int | tuple[int, ...]]:
    """Return the numbers of each key, from pairs of a key and a number, the same pairs after each other."""
    first_of: dict[str, int] = {}
    shared: dict[str, list[int]] = {}
    for key, entry in names:
        first = first_of.setdefault(key, entry)
        if first != entry:
            entries = shared.setdefault(key, [])
            if not entries or entries[-1] != entry:
                entries.append(entry)
    return {**first_of, **{key: (first_of[key], *more) for key, more in shared.items()}}
