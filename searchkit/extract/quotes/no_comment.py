"""Find parties that gave no comment: "Ostwind declined to comment", "Kolm could not be reached".

The phrase itself is the content: nothing else was said.
"""

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache

from searchkit.document import NO_COMMENT
from searchkit.extract.packs import Pack
from searchkit.extract.quotes.reading import Report, Sentence
from searchkit.extract.word_lists import lines


@lru_cache(maxsize=8)
def _phrases(language: str) -> re.Pattern[str]:
    """Return the phrases of the language's `no_comment.txt` as one expression; their repetitions are bounded."""
    return re.compile(rf"\b(?:{'|'.join(lines(f'{language}/no_comment.txt'))})\b", re.IGNORECASE)


def no_comment(
    text: str, sentence: Sentence, pack: Pack, subject_before: Callable[[int], tuple[int, int] | None]
) -> Report | None:
    """Return the report of a refusal to comment in `sentence`, or None.

    `subject_before` returns the token range of the noun phrase that ends before a token.
    """
    if pack.words["no-comment"].isdisjoint(sentence.low):  # one test for most sentences
        return None
    found = _phrases(pack.code).search(text, sentence.span.start, sentence.span.end)
    if found is None:
        return None
    first = bisect_left(sentence.start, found.start())
    last = bisect_left(sentence.start, found.end())
    if any(number >= 0 for number in sentence.quoted[first:last]):
        return None
    subject = subject_before(first)
    if subject is None:
        return None
    return Report(sentence.range(first, last), NO_COMMENT, sentence.range(*subject), ((first, last),), NO_COMMENT)
