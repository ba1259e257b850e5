"""Analyze text: text to words, words to stems. Any change here must increase ANALYSIS_VERSION.

Words are runs of letters and digits, split at hyphens and all other characters. Apostrophes join a word (`don't`,
`O'Brien`) but a possessive `'s` is dropped. Letters with full stops between them are one word (`J.R.` -> `jr`), which
keeps the full stops if it is another word without them (`U.S.` and `US` -> `u.s.`). In Han, kana, Thai, Lao, Burmese
and Khmer, each character with its marks is a word. Case, accents, strokes and ligatures are folded (`Søren` ->
`soren`), and the forms of an Arabic letter; characters that no reader sees vanish. There are no stop words: a quotation
may consist of nothing else. `sound` compares spellings of names: Uyghur, Uighur; Zarensky, Sarenskyj, Заренський.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import filterfalse
from typing import Any

from searchkit.statements.text import IGNORABLE, fold, without_ignorable

ANALYSIS_VERSION = 5

# Longer runs of letters, such as encoded files, are cut into pieces of this length.
MAX_LENGTH = 256

# Scripts without spaces: kana, Han with its extensions and compatibility forms; Thai, Lao, Burmese and Khmer.
_UNSPACED = "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED += "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd\u0ec0-\u0ec6"
_UNSPACED += "\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3"
# Marks belong to the letter before them. Each Indic block of 0x80 characters from U+0900 on has letters and marks at
# 0x00-0x63, then full stops (0x64, 0x65) and digits.
_INDIC = "".join(f"{chr(base)}-{chr(base + 0x63)}" for base in range(0x0900, 0x0D81, 0x80))
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u3099\u309a"
_OTHER_MARKS = _INDIC + "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059"
_OTHER_MARKS += "\u17b4-\u17d3\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
# Letters that no reader sees.
_FILLERS = "\u115f\u1160\u3164\uffa0"
_APOSTROPHES = "'’‘ʼ`´＇"

_LETTER = rf"[^\W\d_{_UNSPACED}{_FILLERS}]"
_SIGN = rf"[^\W_{_UNSPACED}{_FILLERS}]"
_ATTACHED = f"[{_MARKS}{_OTHER_MARKS}{IGNORABLE}]"
# Characters and attached marks are disjoint classes and nothing must follow, so no run is read twice.
_RUN = rf"{_SIGN}{{1,{MAX_LENGTH}}}(?:{_ATTACHED}{{1,64}}{_SIGN}{{0,{MAX_LENGTH}}}){{0,64}}"
_TOKEN = (
    rf"{_LETTER}(?:\.{_LETTER}){{1,9}}(?!{_SIGN})\.?(?:[{_APOSTROPHES}][sS](?!{_SIGN}))?"  # U.S.'s
    rf"|{_RUN}(?:[{_APOSTROPHES}]{_RUN}){{0,4}}"
    rf"|[{_UNSPACED}]{_ATTACHED}{{0,16}}"
)
# The same for ASCII text, and for Latin letters and common typography without marks: small classes match up to twice as
# fast, and compiling the large ones takes 7 ms. Each is compiled when first used.
_ASCII_TOKEN = (
    r"[A-Za-z](?:\.[A-Za-z]){1,9}(?![A-Za-z0-9])\.?(?:['`][sS](?![A-Za-z0-9]))?"
    rf"|[A-Za-z0-9]{{1,{MAX_LENGTH}}}(?:['`][A-Za-z0-9]{{1,{MAX_LENGTH}}}){{0,4}}"
)
_LATIN_TOKEN = (
    rf"[^\W\d_](?:\.[^\W\d_]){{1,9}}(?![^\W_])\.?(?:[{_APOSTROPHES}][sS](?![^\W_]))?"
    rf"|[^\W_]{{1,{MAX_LENGTH}}}(?:[{_APOSTROPHES}][^\W_]{{1,{MAX_LENGTH}}}){{0,4}}"
)
# A negated class: one up to the last character of Unicode takes 3 ms to compile.
_BEYOND_LATIN = "[^\x00-\xac\xae-\u02ff\u2010-\u2027\u202f-\u205f\u2070-\u20cf\u2100-\u2bff]"
_ASCII_PUNCTUATION = "".join(filterfalse(str.isalnum, map(chr, range(128))))
# Letters that Unicode does not decompose.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŋ": "n", "ŧ": "t"}
)
# An acronym keeps its full stops if it is one of these words without them: a search for "us" is not for the country.
_LIKE_ACRONYMS = frozenset("an as at be by do go he if in is it me my no of on or so to up us we who".split())
_COUNTRY, _COUNTRY_IN_CAPITALS = "u.s.", "US"
# Number of spellings and stems kept: the vocabulary of some hundred thousand articles, about 30 MB.
CACHE_SIZE = 200_000


def folded_letters(text: str) -> str:
    return fold(text) if text.isascii() else fold(text).translate(_LETTERS)


def _plain(raw: str) -> str:
    folded = folded_letters(raw)
    if len(raw) > 2 and "." in raw:
        folded = folded.replace(".", "")
        if (letters := folded.removesuffix("'s")) in _LIKE_ACRONYMS:
            return f"{'.'.join(letters)}."
    elif raw.startswith(_COUNTRY_IN_CAPITALS) and folded.removesuffix("'s") == "us":
        return _COUNTRY
    return folded.removesuffix("'s")[:MAX_LENGTH] or raw


class _Folded(dict[str, str]):
    """Maps spellings to words; a dictionary is faster than any function call."""

    def __missing__(self, raw: str) -> str:
        word = _plain(raw)
        if len(self) < CACHE_SIZE:
            self[raw] = word
        return word


class _Stems(dict[str, str]):
    """Maps words to stems."""

    _stemmer: Any = None

    def __missing__(self, word: str) -> str:
        if self._stemmer is None:
            import Stemmer  # most commands never stem

            self._stemmer = Stemmer.Stemmer("english", 0)
        stemmed: str = self._stemmer.stemWord(word) or word
        if len(self) < CACHE_SIZE:
            self[word] = stemmed
        return stemmed


_FOLDED = _Folded()
_STEMS = _Stems()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _pattern(text: str) -> re.Pattern[str]:
    if text.isascii():
        return _compiled(_ASCII_TOKEN)
    return _compiled(_TOKEN if _compiled(_BEYOND_LATIN).search(text) else _LATIN_TOKEN)


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order, in linear time."""
    return folded(spellings(text))


def spellings(text: str) -> list[str]:
    return _pattern(text).findall(text)


def folded(written: Iterable[str]) -> list[str]:
    return list(map(_FOLDED.__getitem__, written))


def places(text: str, written: Iterable[str] | None = None) -> list[tuple[int, int]]:
    """Return where each of `words(text)` begins and ends. `written` are its `spellings`, or the first of them."""
    found = []
    after = 0
    for spelling in spellings(text) if written is None else written:
        # Between words are only characters that no word has, so the next occurrence of the spelling is the word.
        start = text.find(spelling, after)
        end = after = start + len(spelling)
        if spelling[-1] in "sS" and len(spelling) > 2 and spelling[-2] in _APOSTROPHES:
            end -= 0 if _FOLDED[spelling].endswith("'s") else 2
        found.append((start, end))
    return found


def single_word(part: str) -> tuple[int, str]:
    """Return the only word of a part of a text, as written, with its offset; "" unless the part is ASCII and the word
    has only letters and digits, with none of them around it."""
    word = part.strip(_ASCII_PUNCTUATION)
    if not part.isascii() or not word.isalnum() or len(word) > MAX_LENGTH:
        return 0, ""
    return part.index(word), word


# The stem of a folded word (Snowball English); other scripts are unchanged.
stem = _STEMS.__getitem__


def beginning(stem: str) -> str:
    """Return the letters with which every word of this stem begins: the stemmer only adds a final `e`, `i`, `ie`, `l`
    or `y`."""
    return stem[:-2] if stem.endswith("ie") else stem[:-1] if stem.endswith(("e", "i", "l", "y")) else stem


def stems(folded: Iterable[str]) -> list[str]:
    return list(map(_STEMS.__getitem__, folded))


def prefix_words(text: str) -> list[str]:
    """Return the words of a text whose last word is incomplete: `US*` is not about the country."""
    return words(text.lower())


def name_words(name: str) -> list[str]:
    """Return the words of a name. No name has a pronoun, so full stops do not count: `US` is `U.S.`."""
    return [word.replace(".", "") for word in words(name)]


def caseless(word: str) -> str:
    """Return a word as `exact:` compares it, for which `US` is the same word as `us`."""
    return "us" if word == _COUNTRY else word


def written_alike(word: str) -> tuple[str, ...]:
    """Return the words that are equal to `word` where case does not count."""
    return ("us", _COUNTRY) if caseless(word) == "us" else (word,)


def exact_key(text: str) -> str:
    """Return `text` as `exact:` compares it: case folded, runs of white space as one blank, nothing unseen."""
    return " ".join(without_ignorable(text).split()).casefold()


def contains_exact(key: str, wanted: str) -> bool:
    """Return whether `key` contains `wanted` (both from `exact_key`) with no letter or digit next to either end."""
    return next(exact_places(key, wanted), None) is not None


def exact_places(key: str, wanted: str) -> Iterator[int]:
    """Yield the offsets of `wanted` in `key`, including overlapping ones; see `contains_exact`."""
    start = key.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        opened = not (wanted[0].isalnum() and start and key[start - 1].isalnum())
        if opened and not (wanted[-1].isalnum() and end < len(key) and key[end].isalnum()):
            yield start
        start = key.find(wanted, start + 1)
