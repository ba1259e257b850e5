"""Decide whether two quotations are one: by their normalized words and by their speakers.

Set phrases ("We will vigorously defend ourselves") are the same quote only if the same speaker says them in the same
weeks. Their hashes include the speaker, so they are no candidates for those of others.

The hashes are a selection of runs of three words (winnowing; Schleimer, Wilkerson and Aiken 2003): in each window of
four runs the one with the longest words. Two statements that share six words in a row therefore share a hash, and few
hashes consist of function words only.
"""

from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Document, Quote, Speaker
from searchkit.statements.text import family_name, name_key
from searchkit.wording.speakers import is_certain, same_voice
from searchkit.wording.words import Overlap, distinctive, length, normalized, overlap, quoted_spans, raw_words

LEAST_WORDS = 6
_RUN = 3
_WINDOW = 4
# Statements with fewer distinctive words are set phrases.
_DISTINCTIVE = 2
# So many words are distinctive together.
_LONG = 25
# Different speakers must share more of them: parodies and standard answers differ in a word or two.
_DISTINCTIVE_OTHERS = 3
# The share of the shorter statement's words that the longer one has: for the same speaker; in one piece for an unknown
# and for another one. Almost all words must be there if a distinctive one is missing and not many others are shared.
# Almost all words suffice for an unknown speaker.
_SHARED = 0.75
_SHARED_UNKNOWN = 0.8
_SHARED_OTHERS = 0.9
_ALL = 0.95
_PER_REPLACED = 8
# A set phrase belongs to one occasion for so many days.
_DAYS = 14


class Sketch(Struct, frozen=True, kw_only=True, array_like=True):
    """What is needed to compare a statement: its normalized `words` separated by spaces, and its speaker.

    `is_certain`: the article names the speaker beyond doubt. `day` is the ordinal of the day of publication, 0 if
    unknown. `names` are the names in the attribution of a set phrase.
    """

    words: str
    speaker: str = ""
    name: str = ""
    represents: str = ""
    affiliation: str = ""
    is_certain: bool = False
    day: int = 0
    names: tuple[str, ...] = ()

    def hashes(self) -> tuple[int, ...]:
        """Return the hashes (32 bits) by which candidates are found, sorted."""
        words = self.words.split(" ")
        chosen = _selected_runs(words)
        if not _is_set_phrase(words):
            return tuple(sorted({crc32(run.encode("utf-8", "surrogatepass")) for run in chosen}))
        keys = {self.speaker, self.represents, family_name(name_key(self.name)), *self.names} - {""}
        return tuple(
            sorted({crc32(f"{key}\n{run}".encode("utf-8", "surrogatepass")) for key in keys for run in chosen})
        )


def sketch(document: Document, quote: Quote) -> Sketch | None:
    """Return the sketch of a statement with all its parts; None if less than six of its words are quoted."""
    written = raw_words(document.text, quoted_spans(document, quote))
    if length(written) < LEAST_WORDS:
        return None
    words = [word for word, _ in normalized(written)]
    speaker = quote.speaker
    names: tuple[str, ...] = ()
    if _is_set_phrase(words):
        around = document.sentence_of(quote)
        outside = (mention for mention in document.mentions if around.covers(mention.span))
        names = tuple(sorted({mention.entity_id for mention in outside if not quote.content.covers(mention.span)}))
    return Sketch(
        words=" ".join(words),
        speaker=speaker.entity_id or "",
        name=speaker.name or "",
        represents=speaker.represents or "",
        affiliation=speaker.affiliation or "",
        is_certain=is_certain(quote),
        day=ordinal_of(document.published),
        names=names,
    )


def same_quote(first: Sketch, second: Sketch) -> bool:
    """Return whether two statements are the same quote, or one is a part of the other."""
    return _is_same(_overlap(first.words, second.words), first, second)


def same_words(first: str, second: str) -> bool:
    common = _overlap(first, second)
    return not common.contradicts and _is_same_of_others(common)


def least_in_common(first: int, second: int) -> int:
    """Return how many hashes two statements with so many hashes must share to be compared."""
    return max(1, min(first, second) // 4)


def node_of(sketch: Sketch) -> Sketch:
    """Return a sketch that is equal for all statements that are the same quote because their words are equal.

    Distinctive words alone suffice, so 200 copies of a press release are one node.
    """
    words = sketch.words.split(" ")
    if distinctive(words) >= _DISTINCTIVE_OTHERS:
        return Sketch(words=sketch.words)
    return sketch if _is_set_phrase(words) else replace(sketch, day=0)


def _is_same(common: Overlap, first: Sketch, second: Sketch) -> bool:
    if common.contradicts or common.share < _least_shared(common):
        return False
    is_distinctive = common.distinctive >= _DISTINCTIVE or common.words >= _LONG
    if same_voice(_speaker(first), _speaker(second)) or _is_named(first, second) or _is_named(second, first):
        apart = abs(first.day - second.day) if first.day and second.day else 0
        return is_distinctive or (apart <= _DAYS and common.share >= _SHARED_OTHERS)
    if first.is_certain and second.is_certain:
        return _is_same_of_others(common)
    is_usual = common.distinctive < _DISTINCTIVE_OTHERS and common.usual >= common.distinctive
    if not is_distinctive or (is_usual and common.words < _LONG):
        return False
    return common.run >= _SHARED_UNKNOWN or common.share >= _ALL


def _least_shared(common: Overlap) -> float:
    if common.replaced * _PER_REPLACED > common.distinctive:
        return _ALL
    return _SHARED_OTHERS if common.replaced else _SHARED


def _is_same_of_others(common: Overlap) -> bool:
    """Return whether words that two different speakers share are one quotation."""
    return common.distinctive >= _DISTINCTIVE_OTHERS and common.run >= _SHARED_OTHERS


def _is_set_phrase(words: Sequence[str]) -> bool:
    return len(words) < _LONG and distinctive(words) < _DISTINCTIVE


def _is_named(first: Sketch, second: Sketch) -> bool:
    """Return whether the attribution of one statement names the speaker of the other."""
    return bool(first.names and second.speaker in first.names)


@lru_cache(maxsize=1 << 12)
def _speaker(sketch: Sketch) -> Speaker:
    return Speaker(
        name=sketch.name or None,
        entity_id=sketch.speaker or None,
        represents=sketch.represents or None,
        affiliation=sketch.affiliation or None,
    )


@lru_cache(maxsize=1 << 12)
def _overlap(first: str, second: str) -> Overlap:
    return overlap(first.split(" "), second.split(" "))


def _selected_runs(words: Sequence[str]) -> set[str]:
    runs = list(map(" ".join, zip(*(words[start:] for start in range(_RUN)), strict=False))) or [" ".join(words)]
    ranked = [(len(run), run) for run in runs]
    if len(ranked) <= _WINDOW:
        return {max(ranked)[1]}
    return {run for _, run in map(max, *(ranked[start:] for start in range(_WINDOW)))}


def ordinal_of(published: PartialDate | None) -> int:
    """Return the first day of a date as an ordinal; 0 if it is unknown or a guess."""
    day = published.earliest if published is not None and published.confidence != "low" else None
    return day.toordinal() if day is not None else 0
