"""Detect the language of an article that declares none, or plainly the wrong one.

A text that is too short keeps its language; None is read with the English pack; "und" is a language not known here.
English, German and French show in their small words. Only other texts need py3langid, whose model takes a second and
80 MB to load.
"""

import re
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from searchkit.statements.document import Article
from searchkit.statements.packs import has_pack
from searchkit.statements.text import letter_words
from searchkit.statements.word_lists import word_sets

UNKNOWN = "und"
_LONGEST = 30
_WORD = re.compile(rf"[^\W\d_]{{1,{_LONGEST}}}")
# Characters of the beginning that are looked at: some hundred words.
_SAMPLE = 1_200
# In running text every fifth word is one of the small ones; fewer than four decide nothing.
_LEAST_SHARE, _FEWEST_HITS = 0.2, 4
# The length of a word where no spaces show it.
_WORD_BYTES = 9
# Shorter texts, in bytes of UTF-8, decide nothing; nor do short or other texts with a lower confidence. A text in
# another script is not in a language with a pack, so the best guess is better than nothing.
_SHORTEST, _SHORT = 30, 40
_LEAST_CONFIDENCE, _LEAST_OF_SHORT, _LEAST_OF_SCRIPT = 0.5, 0.75, 0.3
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u036f]")
# Against a declared language.
_SHORTEST_AGAINST, _LEAST_AGAINST = 100, 0.95
# A text of so many words with so low a confidence is in a language that is not known.
_FEWEST_UNKNOWN, _MOST_UNKNOWN = 60, 0.3
_MODEL_BYTES = 115 * 1024 * 1024
# What the model distinguishes and readers do not: dialects, pidgin in terse English, and text without a language.
_SAME = {"zxx": None, "pcm": "en", "yue": "zh", "wuu": "zh", "arz": "ar", "ary": "ar", "nn": "no"}


def with_language(article: Article) -> Article:
    """Return `article` with its language, if the page declares none or plainly the wrong one, and notes on that."""
    sample = article.text[:_SAMPLE]
    declared = article.language
    own = None if declared is None else declared.replace("_", "-").partition("-")[0].lower()
    code, is_plain = _by_small_words(sample, own)
    if code is None and (own is None or has_pack(own)):
        code, is_plain = _by_model(sample)
    language, notes = declared, list(article.notes)
    if declared is None and code is not None:
        language = code
        _note(notes, f"language: {code}, detected from its words" if code != UNKNOWN else "language: not known")
    elif declared is not None and is_plain and code != own:
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


def _by_small_words(sample: str, declared: str | None) -> tuple[str | None, bool]:
    """Return the language with a pack whose small words the text has, and whether that refutes a declaration."""
    words = letter_words(sample.lower())
    if max(map(len, words), default=0) > _LONGEST:
        words = _WORD.findall(sample.lower())
    hits = {code: sum(map(small.__contains__, words)) for code, small in word_sets("languages.txt").items()}
    first, second = sorted(hits, key=hits.__getitem__, reverse=True)[:2]
    count = max(len(words), len(sample.encode("utf-8", "replace")) // _WORD_BYTES)
    if hits[first] < max(_FEWEST_HITS, _LEAST_SHARE * count) or hits[first] < 2 * hits[second]:
        return None, False
    return first, hits[first] >= 25 and hits.get(declared or "", 0) * 5 <= hits[first]


def _by_model(sample: str) -> tuple[str | None, bool]:
    """Return the language that py3langid recognises, and whether that refutes a declaration."""
    size = len(sample.encode("utf-8", "replace"))
    if size < _SHORTEST:
        return None, False
    code, confidence = _model().classify(sample)
    is_foreign = len(_OTHER_SCRIPT.findall(sample)) * 2 > sum(map(str.isalpha, sample))
    least = _LEAST_OF_SCRIPT if is_foreign else _LEAST_OF_SHORT if size < _SHORT else _LEAST_CONFIDENCE
    if confidence < least:
        is_unknown = confidence < _MOST_UNKNOWN and len(_WORD.findall(sample)) >= _FEWEST_UNKNOWN
        return (UNKNOWN if is_unknown else None), False
    language = _SAME.get(code, code)
    refutes = is_foreign or (size >= _SHORTEST_AGAINST and confidence >= _LEAST_AGAINST)
    return language, refutes and language is not None


def model_bytes() -> int:
    """Return the memory that the model takes with numpy, or 0 while no text needed it."""
    return _MODEL_BYTES if _model.cache_info().currsize else 0


@lru_cache(maxsize=1)
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # loads numpy, which most runs do not need

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
