"""Detect the language of an article that declares none, or plainly the wrong one.

A text that is too short keeps its language; None is read with the English pack; "und" is a language not known here.
"""

import re
from functools import lru_cache

from msgspec.structs import replace

from searchkit.document import Article
from searchkit.extract.packs import has_pack
from searchkit.extract.word_lists import parts

UNKNOWN = "und"
_WORD = re.compile(r"[^\W\d_]{1,30}")
# Fewer small words than this decide nothing.
_FEWEST_HITS = 5
# In running text every third word is a small one; in a list of names of whatever language hardly any is.
_LEAST_SHARE = 0.12
# Against a declared language: so many small words, and only so few of the declared language.
_OVERWHELMING_HITS = 25
_OVERWHELMING_SHARE = 0.2
_LEAST_OVERWHELMING = 0.25
# Scripts that show the language, in the order in which they are tried: kana before the characters of Chinese.
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("uk", re.compile("[іїєґ]")),
    ("ru", re.compile("[ыэё]")),
    (UNKNOWN, re.compile("[\u0400-\u04ff]")),
    ("fa", re.compile("[پچژگ]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_OTHER_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0400-\u06ff\u0900-\u0e7f\u1100-\u11ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
# A quotation or a name in another script does not make it the script of the text.
_SCRIPT_SHARE = 0.4
_FEWEST_LETTERS = 8


@lru_cache(maxsize=1)
def _small_words() -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """Return the codes in order, and for each small word the places of its languages among them."""
    read = parts("languages.txt")
    places: dict[str, tuple[int, ...]] = {}
    for place, words in enumerate(read.values()):
        for word in words:
            places[word] = (*places.get(word, ()), place)
    return tuple(read), places


def with_language(article: Article) -> Article:
    """Return `article` with its language, if the page declares none or plainly the wrong one, and notes on that."""
    sample = article.text[:1_200]  # characters: some two hundred words
    declared = article.language
    code = _by_script(sample)
    plain = code not in {None, UNKNOWN}
    if code is None:
        code, counts, words = _by_words(sample)
        own = counts.get((declared or "").partition("-")[0].lower(), 0)
        most = max(counts.values(), default=0)
        plain = (
            code not in {None, UNKNOWN}
            and most >= _OVERWHELMING_HITS
            and most >= _LEAST_OVERWHELMING * words
            and own <= _OVERWHELMING_SHARE * most
        )
    language, notes = declared, list(article.notes)
    if declared is None and code is not None:
        language = code
        _note(notes, f"language: {code}, detected from its words" if code != UNKNOWN else "language: not known")
    elif declared is not None and plain and code != declared.replace("_", "-").partition("-")[0].lower():
        language = code
        _note(notes, f"language: {code}, detected from its words, declared as {declared}")
    if not has_pack(language):
        _note(notes, "language-pack: none")
    if language == declared and len(notes) == len(article.notes):
        return article
    return replace(article, language=language, notes=tuple(notes))


def _note(notes: list[str], note: str) -> None:
    if note not in notes:
        notes.append(note)


def _by_script(sample: str) -> str | None:
    if sample.isascii():
        return None
    foreign = len(_OTHER_SCRIPT.findall(sample))
    if foreign < _FEWEST_LETTERS or foreign < _SCRIPT_SHARE * sum(map(str.isalpha, sample)):
        return None
    return next((code for code, letters in _SCRIPTS if len(letters.findall(sample)) * 60 > foreign), UNKNOWN)


def _by_words(sample: str) -> tuple[str | None, dict[str, int], int]:
    """Return the language of the small words, their count by language, and how many words there are."""
    codes, places = _small_words()
    words = _WORD.findall(sample.lower())
    counts = [0] * len(codes)
    for found in filter(None, map(places.get, words)):
        for place in found:
            counts[place] += 1
    by_code = dict(zip(codes, counts, strict=True))
    first, second = sorted(counts, reverse=True)[:2]
    if first < _FEWEST_HITS or first < _LEAST_SHARE * len(words):
        return (UNKNOWN if len(words) >= 60 else None), by_code, len(words)  # many words, and no known small ones
    if first < 1.25 * second:  # Romance languages share many small words
        return None, by_code, len(words)
    return codes[counts.index(first)], by_code, len(words)
