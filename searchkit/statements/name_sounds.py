"""Find names that sound like listed names, in other spellings and scripts: data/name_sounds.txt and pinyin.txt.

A key holds two words of a name, sorted, so that neither the order of a name nor its middle names count; or one long
word. Arabic script has few vowels: it shares keys of consonants with other scripts, and `likeness` compares the vowels.
"""

import re
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby, pairwise, product
from typing import NamedTuple

from searchkit.statements.text import MIN_SOUND, Span, fold_word
from searchkit.statements.word_lists import parts, rows, word_sets

_MIN_PAIR = 4
_LONG_WORD = 12  # lists of names would have too many keys
_LIST = "name_sounds.txt"
_DOUBLED = re.compile(r"([a-zčš])\1{1,60}")
_LONG_VOWEL = re.compile("a{2,60}|[AH]{0,9}A[AH]{0,9}")
_VARIED = re.compile("[^\x00-\x7f]|q|ch")  # words with letters of the part "variants"
_NO_VOWELS = dict.fromkeys(map(ord, "aAhH"))
_SCRIPTS = {"Arabic": "[\u0600-\u06ff]", "Cyrillic": "[\u0400-\u052f]", "Han": "[\u3400-\u9fff]"}
_HAN = re.compile(_SCRIPTS["Han"])
_PATRONYMIC = re.compile(r"(?:[vw]i?t?s?ch|[vw]na|ichna|вич|вна|чна)$")
_NAME_WORD = re.compile(r"(?:(?<![\w@#])[^\W\d_a-z]|(?<=[^\W_]-)[a-z])[^\W\d_]{0,59}")
_GAPS = frozenset((" ", "\u00a0", "\u200c", "-", "\u2010", "\u2011", "'", "’", ", "))
_REACH = 4  # words of a name in a text, from its first to its last


@lru_cache(maxsize=8)
def _rules(part: str) -> tuple[tuple[str, str], ...]:
    """Return the replacements of a part of the list; "^" and "$" stand for the blanks around a word."""
    found = (rule.replace("^", " ").replace("$", " ").partition("=") for rule in parts(_LIST)[part])
    return tuple((old, f" {new}" if old[0] == " " else f"{new} " if old[-1] == " " else new) for old, _, new in found)


def _replaced(words: Iterable[str], part: str) -> list[str]:
    """Return each word with the replacements of a part of the list. One string of all words is faster."""
    text = "".join(f" {word} \n" for word in words)
    if part == "consonants":
        text = _DOUBLED.sub(r"\1", text)
    for old, new in _rules(part):
        text = text.replace(old, new)
    if part == "consonants":
        text = _LONG_VOWEL.sub("A", text)
    if part != "letters":
        text = _DOUBLED.sub(r"\1", text)
    return [word.strip() for word in text.split("\n")[:-1]]


def sound(key: str) -> str:
    """Return a key that spellings which sound alike share, from a `name_key`; empty for a name that is too short."""
    words = ["".join(_syllables(word, "Han")) or word for word in name_words(key)] if _HAN.match(key) else key.split()
    heard = " ".join(_replaced(_replaced(words, "letters"), "sounds"))
    return heard if len(heard.replace(" ", "")) >= MIN_SOUND else ""


# --- Chinese ---


class _Chinese(NamedTuple):
    """The syllable of each character; of each family name, and of each syllable as Palladius writes it; pinyin as Wade
    and Giles write it; and patterns of one to three syllables in the three romanisations."""

    characters: dict[str, str]
    families: dict[str, str]
    palladius: dict[str, str]
    wade_giles: dict[str, str]
    patterns: dict[str, re.Pattern[str]]


@lru_cache(maxsize=1)
def _chinese() -> _Chinese:
    read = rows("pinyin.txt", 5)
    palladius = {form.replace("й", "и"): row[0] for row in read for form in row[2].split()}
    wade_giles = {row[0]: row[1] for row in read if row[1]}
    patterns = {}
    for system, forms in (("Cyrillic", palladius), ("", wade_giles), ("Wade-Giles", wade_giles.values())):
        ends = (
            (first, sorted((form[1:] for form in group), key=len, reverse=True))
            for first, group in groupby(sorted(set(forms)), key=lambda form: form[0])
        )
        syllable = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in ends)
        patterns[system] = re.compile(f"({syllable})({syllable})?({syllable})?")
    return _Chinese(
        {character: row[0] for row in read for character in row[3]},
        {family: row[0] for row in read for family in row[4].split()},
        palladius,
        wade_giles,
        patterns,
    )


def _syllables(word: str, script: str) -> tuple[str, ...]:
    """Return the syllables of a Chinese word in pinyin; those of Wade-Giles if `script` is that; empty for others."""
    tables = _chinese()
    if script == "Han":
        word, script = tables.families.get(word) or "".join(tables.characters.get(sign, "?") for sign in word), ""
    found = tables.patterns[script].fullmatch(word) if script in tables.patterns else None
    written = tuple(filter(None, found.groups())) if found else ()
    return tuple(map(tables.palladius.__getitem__, written)) if script == "Cyrillic" else written


# --- the keys of a name ---


class _Word(NamedTuple):
    """A word of a name in one script: how its spellings sound, their consonants with and without the places of vowels
    ("a" is a vowel, "A" a long one, "H" one that may be silent), and its Chinese syllables in pinyin and Wade-Giles."""

    word: str
    script: str
    sounds: tuple[str, ...]
    shapes: tuple[str, ...]
    consonants: tuple[str, ...]
    syllables: tuple[str, ...]
    wade_giles: str


_words: dict[str, _Word] = {}  # those of texts read so far
_MOST_WORDS = 1 << 15


def _learn(words: Collection[str]) -> dict[str, _Word]:
    """Return the words as `_read`, from memory where they were read before."""
    if len(_words) > _MOST_WORDS:
        _words.clear()
    known = {word: found for word in words if (found := _words.get(word))}
    read = _read({*words} - known.keys())
    _words.update(read)
    return known | read


def _read(words: Collection[str]) -> dict[str, _Word]:
    """Return what words of names share with words that sound alike. All are read together, because lists have many."""
    if not words:
        return {}
    spellings = {word: _spellings(word, latin) for word, latin in zip(words, _replaced(words, "letters"), strict=True)}
    forms = list({form for spelled in spellings.values() for form in spelled})
    sounds = dict(zip(forms, _replaced(forms, "sounds"), strict=True))
    shapes = dict(zip(forms, _replaced(forms, "consonants"), strict=True))
    found = {}
    for word, spelled in spellings.items():
        script = _script(word)
        heard, shaped = tuple({sounds[form] for form in spelled}), tuple([shapes[form] for form in spelled])
        consonants = tuple({shape.translate(_NO_VOWELS) for shape in shaped})
        syllables = _syllables(word, script)
        wade_giles = "".join([_chinese().wade_giles[part] for part in syllables] or _syllables(word, "Wade-Giles"))
        found[word] = _Word(word, script, heard, shaped, consonants, syllables, wade_giles)
    return found


def _spellings(word: str, latin: str) -> tuple[str, ...]:
    """Return a word in Latin letters, and as others may write it; Arabic script stays."""
    rules = _rules("variants") if _VARIED.search(word) else ()
    variants = ((*rule[0].split(":"), rule[1]) for rule in rules)
    return (latin, *(latin.replace(old, new) for letter, old, new in variants if letter in word))


def _script(word: str) -> str:
    return "" if word.isascii() else next((name for name, letters in _SCRIPTS.items() if re.search(letters, word)), "")


def _keys_of(read: Sequence[_Word], *, listed: bool) -> list[str]:
    """Return the keys of one or two words of a name, as a list stores them or as a text looks for them."""
    first, last = read[0], read[-1]
    sort = "arabic" if (first.script == "Arabic") == listed else "latin"
    if len(read) == 1:
        sounds = [f" {form}" for form in first.sounds if len(form) >= MIN_SOUND]
        return sounds + [f"{sort} {form}" for form in first.consonants if len(form) >= _MIN_PAIR]
    found: list[tuple[str, ...]] = [("", *pair) for pair in product(first.sounds, last.sounds)]
    found += [(sort, *pair) for pair in product(first.consonants, last.consonants)]
    if first.wade_giles and last.wade_giles:
        is_pinyin = first.syllables and last.syllables
        found.append(("chinese", *((word.wade_giles if is_pinyin else word.word) for word in (first, last))))
    return [
        f"{sort} {one} {other}" if one < other else f"{sort} {other} {one}"
        for sort, one, other in found
        if one and other and len(one) + len(other) >= _MIN_PAIR
    ]


@lru_cache(maxsize=1 << 15)
def _text_keys(*words: str) -> tuple[str, ...]:
    read = _learn(words)
    return tuple(_keys_of([read[word] for word in words], listed=False))


def name_words(key: str) -> Sequence[str]:
    """Return the words of a `name_key` that count, those of a Chinese name as family and given name."""
    if _HAN.match(key):
        name, families = key.replace(" ", ""), _chinese().families
        size = 2 if name[:2] in families and len(name) > 2 else 1
        return (name[:size], name[size:]) if name[:size] in families and 2 <= len(name) <= 4 else ()
    return [word for word in key.split() if word not in word_sets(_LIST)["particles"]]


def listed_keys(forms: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the keys under which a list stores its names, from pairs of a `name_key` and the place of the name. The
    empty key has the names of one word."""
    pairs: list[tuple[tuple[str, ...], int]] = []
    for form, place in forms:
        words = tuple(name_words(form))
        pairs += [(pair, place) for pair in _pairs(words)] if 0 < len(words) < 7 else []
        if len(words) > 2 and _PATRONYMIC.search(words[-1]):
            pairs.append((words[:2], place))
    read = _read({word for pair, _ in pairs for word in pair})
    for pair, place in pairs:
        if len(pair) == 1:
            yield "", place
        for key in _keys_of([read[word] for word in pair], listed=True):
            yield key, place


def _pairs(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the words of a name that have keys: the first and last, the last two joined, or the first two."""
    pairs = [words[:1] + words[-1:] if words[1:] else words]
    if len(words) == 3:  # Xi Jin Ping
        joined = ((words[0], words[1] + words[2]), (words[0] + words[1], words[2]))
        pairs += [pair for pair in joined if not words[1].isascii() or len(max(pair, key=len)) < _LONG_WORD]
    return pairs


# --- names in a text ---

_Name = tuple[Span, tuple[str, ...], list[tuple[str, ...]]]  # where, its words, and the pairs that have keys


def spoken_names(text: str, listed: Container[str]) -> Iterator[tuple[Span, tuple[str, ...], list[str]]]:
    """Yield where flattened `text` has words that are written like a name with `listed` keys, the words, and the keys.
    The words between the first and the last may be others."""
    names: list[_Name] = []
    alone = "" in listed
    run: list[tuple[Span, str]] = []
    for token in _NAME_WORD.finditer(text):
        if _HAN.match(token[0]):
            names += _chinese_names(token)
            continue
        if run and not _is_gap(text[run[-1][0].end : token.start()], run[-1][1]):
            names += _names_in(run, text, alone=alone)
            run = []
        run.append((Span(*token.span()), fold_word(token[0])))
    names += _names_in(run, text, alone=alone)
    _learn({word for _, _, pairs in names for pair in pairs for word in pair})
    for span, words, pairs in names:
        if keys := [key for pair in pairs for key in _text_keys(*pair) if key in listed]:
            yield span, words, keys


def _is_gap(gap: str, before: str) -> bool:
    """Return whether one name may stand on both sides: "Oleg Lind", "O. Lind", "Lind, Oleg", "Nadia al-Lind"."""
    is_particle = len(gap) < 8 and gap.strip(" -’'").lower() in word_sets(_LIST)["particles"]
    return gap in _GAPS or is_particle or (gap == ". " and len(before) < 3)


def _names_in(run: Sequence[tuple[Span, str]], text: str, *, alone: bool) -> Iterator[_Name]:
    if len(run) == 1 and not alone:
        return
    particles = word_sets(_LIST)["particles"]
    counted = [named for named in run if named[1] not in particles]
    hyphens = [after[0].start - one[0].end == 1 and text[one[0].end] == "-" for one, after in pairwise(counted)]
    hyphens.append(False)
    for at in range(len(counted)):
        for end in range(at if alone else at + 1, min(at + _REACH, len(counted))):
            within = hyphens[at:end]  # a name neither begins nor ends within a word such as Ching-kuo
            if hyphens[end] or (at and hyphens[at - 1]) or (within and all(within)):
                continue
            words = tuple([word for _, word in counted[at : end + 1]])
            yield Span(counted[at][0].start, counted[end][0].end), words, _pairs(words)


def _chinese_names(token: re.Match[str]) -> Iterator[_Name]:
    """Yield the names in a run of Chinese characters; one of two characters only if nothing else stands in the run."""
    families, run = _chinese().families, token[0]
    for at, size in product(range(len(run) - 1), (1, 2)):
        family = run[at : at + size]
        for end in range(at + size + 1, min(at + size + 3, len(run) + 1)) if family in families else ():
            if end - at > 2 or len(run) == 2:
                words = family, run[at + size : end]
                yield Span(token.start() + at, token.start() + end), words, [words]


# --- comparison ---


def likeness(words: tuple[str, ...], listed: str) -> str:
    """Return why `words` of a text with a key of the `listed` name may be that name; empty if they are not."""
    names = tuple(name_words(listed))
    joined = [(*side, *map("".join, pairwise(side))) for side in (words, names)]
    read = _learn(joined[0] + joined[1])
    syllables = [[read[word].syllables for word in side] for side in (words, names)]
    if all(map(all, syllables)) and sorted(chain(*syllables[0])) != sorted(chain(*syllables[1])):
        return ""  # other Chinese names
    scripts = read[words[0]].script, read[names[0]].script
    if scripts[0] == scripts[1]:
        return _likeness_in_script(words, names)
    if "Arabic" in scripts:
        arabic, others = joined if scripts[0] == "Arabic" else reversed(joined)
        if sum(any(_may_spell(read[word], read[other]) for other in others) for word in arabic) < min(2, len(words)):
            return ""
    return "other script"


def _likeness_in_script(words: tuple[str, ...], names: tuple[str, ...]) -> str:
    if sorted(words) == sorted(names):
        # The list has its own rules for the same word. A particle, such as "al", may be missing.
        return "" if len(names) == 1 else "sounds like" if words == names else "other order"
    if set(words) <= set(names) or set(names) <= set(words):
        return "middle name" if len(names) > 1 else ""
    middle = [{word[0] for word in side[1:-1]} for side in (words, names)]
    return "" if all(middle) and middle[0].isdisjoint(middle[1]) else "sounds like"  # "R." is not "Vera"


def _may_spell(arabic: _Word, word: _Word) -> bool:
    """Return whether a word in Arabic script may write `word` in another script, with all its long vowels."""
    shapes = (re.sub("(?<=[^AH])(?=[^AH])", "a?", shape).replace("h", "h?") for shape in arabic.shapes)
    pattern = "|".join(shapes).replace("A", "[aA]").replace("H", "[aA]?")
    return any(re.fullmatch(f"(?:{pattern})a?h?", shape) for shape in word.shapes)
