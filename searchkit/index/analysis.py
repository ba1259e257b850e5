"""The one analysis every engine must reproduce: text to words, words to stems.

takes:    text as stored, or the words of a query
gives:    `tokens` with their places; `words` and their `places` apart, fast; `stem`
does not: drop stop words (a quotation may be made of nothing else), know any engine
traps:    `words(text)` equals the texts of `tokens(text)`: both read one pattern; a change here raises ANALYSIS_VERSION

What counts as a word: runs of letters and digits, split at hyphens and every other sign. Apostrophes hold a word
together (`don't`, `O'Brien`) but a possessive `'s` is dropped. Letters with full stops between them are one word
(`U.S.` -> `us`). Han and kana have no spaces: each sign is a word of its own. Case and accents are folded, and letters
that are one with their stroke or ligature too (`Søren` -> `soren`, `Łódź` -> `lodz`); invisible joiners vanish.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from msgspec import Struct

from searchkit.text import fold

# Raised whenever the words of any text change: an index of another version is rebuilt from the store.
ANALYSIS_VERSION = 2

# A longer run of letters is no word of any language but an encoded file; it is cut into pieces of this length.
MAX_LENGTH = 256

# Kana, Han with its extensions and compatibility forms.
_CJK = "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Marks belong to the letter before them. In each Indic block, 0x80 signs from U+0900 on, letters and marks fill the
# places 0x00-0x63; its full stops (0x64, 0x65) and digits follow.
_INDIC = "".join(f"{chr(base)}-{chr(base + 0x63)}" for base in range(0x0900, 0x0D81, 0x80))
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u3099\u309a"
_OTHER_MARKS = _INDIC + "\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u103e\u1dc0-\u1dff\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f"
_JOINERS = "\u00ad\u200b-\u200d\u2060\ufeff"
_APOSTROPHES = "'’‘ʼ`´＇"

_LETTER = rf"[^\W\d_{_CJK}]"
_SIGN = rf"[^\W_{_CJK}]"
_ATTACHED = f"[{_MARKS}{_OTHER_MARKS}{_JOINERS}]"
# Signs and attached marks are different classes and nothing must follow, so no run is ever read twice.
_RUN = rf"{_SIGN}{{1,{MAX_LENGTH}}}(?:{_ATTACHED}{{1,16}}{_SIGN}{{0,{MAX_LENGTH}}}){{0,32}}"
_TOKEN = (
    rf"{_LETTER}(?:\.{_LETTER}){{1,9}}(?!{_SIGN})\.?(?:[{_APOSTROPHES}][sS](?!{_SIGN}))?"  # U.S.'s
    rf"|{_RUN}(?:[{_APOSTROPHES}]{_RUN}){{0,4}}"
    rf"|[{_CJK}]{_ATTACHED}{{0,16}}"
)
# The same for text that is all ASCII, and for Latin letters and common typography without marks or joiners: small
# classes are matched up to twice as fast, and compiling the large ones takes 7 ms, which most searches need not spend.
# Each is compiled when first used.
_ASCII_TOKEN = (
    r"[A-Za-z](?:\.[A-Za-z]){1,9}(?![A-Za-z0-9])\.?(?:['`][sS](?![A-Za-z0-9]))?"
    rf"|[A-Za-z0-9]{{1,{MAX_LENGTH}}}(?:['`][A-Za-z0-9]{{1,{MAX_LENGTH}}}){{0,4}}"
)
_LATIN_TOKEN = (
    rf"[^\W\d_](?:\.[^\W\d_]){{1,9}}(?![^\W_])\.?(?:[{_APOSTROPHES}][sS](?![^\W_]))?"
    rf"|[^\W_]{{1,{MAX_LENGTH}}}(?:[{_APOSTROPHES}][^\W_]{{1,{MAX_LENGTH}}}){{0,4}}"
)
# Written as what it is not: a class up to the last sign of Unicode takes 3 ms to compile.
_BEYOND_LATIN = "[^\x00-\xac\xae-\u02ff\u2010-\u205f\u2070-\u20cf\u2100-\u2bff]"
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff" + "".join(map(chr, range(0xFE00, 0xFE10)))))
# Letters that Unicode does not take apart and a keyboard without them writes so.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŋ": "n", "ŧ": "t"}
)
# Spellings met are remembered up to this many: the vocabulary of some hundred thousand articles, about 30 MB.
_REMEMBERED = 200_000


class Token(Struct, frozen=True, kw_only=True):
    """One word: `text` is folded; `start`, `end` its place in the text given; `position` counts words from 0."""

    text: str
    start: int
    end: int
    position: int


def folded_letters(text: str) -> str:
    """`text` in small plain letters: case, accents, strokes and ligatures folded."""
    return fold(text) if text.isascii() else fold(text).translate(_LETTERS)


def _plain(raw: str) -> str:
    folded = folded_letters(raw if raw.isascii() else raw.translate(_INVISIBLE))
    if len(raw) > 2 and "." in raw:
        folded = folded.replace(".", "")
    # Some signs are nothing but an accent (half-width voicing marks): then the sign itself is the word.
    return folded.removesuffix("'s")[:MAX_LENGTH] or raw


class _Folded(dict[str, str]):
    """Spelling to word, filled as asked: a dictionary reads faster than any function call."""

    def __missing__(self, raw: str) -> str:
        word = _plain(raw)
        if len(self) < _REMEMBERED:
            self[raw] = word
        return word


class _Stems(dict[str, str]):
    """Word to stem, filled as asked."""

    _stemmer: Any = None

    def __missing__(self, word: str) -> str:
        if self._stemmer is None:
            # Loaded on first use: most commands never stem.
            import Stemmer

            self._stemmer = Stemmer.Stemmer("english", 0)
        stemmed: str = self._stemmer.stemWord(word) or word
        if len(self) < _REMEMBERED:
            self[word] = stemmed
        return stemmed


_FOLDED = _Folded()
_STEMS = _Stems()


@cache
def _any_token() -> re.Pattern[str]:
    return re.compile(_TOKEN)


@cache
def _ascii_token() -> re.Pattern[str]:
    return re.compile(_ASCII_TOKEN)


@cache
def _latin_token() -> re.Pattern[str]:
    return re.compile(_LATIN_TOKEN)


@cache
def _beyond_latin() -> re.Pattern[str]:
    return re.compile(_BEYOND_LATIN)


def _pattern(text: str) -> re.Pattern[str]:
    if text.isascii():
        return _ascii_token()
    return _any_token() if _beyond_latin().search(text) else _latin_token()


def words(text: str) -> list[str]:
    """The words of `text` in order, folded. Never raises; time linear in the length."""
    return folded(spellings(text))


def spellings(text: str) -> list[str]:
    """The words of `text` in order, as they stand there."""
    return _pattern(text).findall(text)


def folded(written: Iterable[str]) -> list[str]:
    """Words from their spellings."""
    return list(map(_FOLDED.__getitem__, written))


def tokens(text: str) -> Iterator[Token]:
    """The words of `text` with their places; a dropped possessive lies outside its word."""
    for position, (word, (start, end)) in enumerate(zip(words(text), places(text), strict=True)):
        yield Token(text=word, start=start, end=end, position=position)


def places(text: str, written: Iterable[str] | None = None) -> list[tuple[int, int]]:
    """Where each of `words(text)` begins and ends; a dropped possessive lies outside of it. `written` are its
    `spellings`, or the first of them, for callers who have them."""
    found = []
    after = 0
    for spelling in spellings(text) if written is None else written:
        # Between two words stand only signs that no word has, so the next place with these letters is that of the word.
        start = text.find(spelling, after)
        end = after = start + len(spelling)
        if spelling[-1] in "sS" and len(spelling) > 2 and spelling[-2] in _APOSTROPHES:
            end -= 0 if _FOLDED[spelling].endswith("'s") else 2
        found.append((start, end))
    return found


def stem(word: str) -> str:
    """The stem of a folded word (Snowball English); other scripts stay as they are."""
    return _STEMS[word]


def beginning(stem: str) -> str:
    """The letters that every word of this stem begins with: of a stem the stemmer makes anew no more than an end in
    `e`, `i`, `ie`, `l` or `y`."""
    return stem[:-2] if stem.endswith("ie") else stem[:-1] if stem.endswith(("e", "i", "l", "y")) else stem


def stems(folded: Iterable[str]) -> list[str]:
    """The stems of folded words, in order."""
    return list(map(_STEMS.__getitem__, folded))


def name_words(name: str) -> list[str]:
    """The words by which a name is found: as written, never stemmed."""
    return words(name)


def exact_key(text: str) -> str:
    """`text` as `exact:` compares it: case folded, runs of white space as one space, every other sign kept."""
    return " ".join(text.split()).casefold()


def contains_exact(key: str, wanted: str) -> bool:
    """Whether `wanted` stands in `key` (both from `exact_key`) and no letter or digit goes on at either end."""
    return next(exact_places(key, wanted), None) is not None


def exact_places(key: str, wanted: str) -> Iterator[int]:
    """Where in `key` it does: the offset of each, overlapping ones too."""
    start = key.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        opened = not (wanted[0].isalnum() and start and key[start - 1].isalnum())
        if opened and not (wanted[-1].isalnum() and end < len(key) and key[end].isalnum()):
            yield start
        start = key.find(wanted, start + 1)
