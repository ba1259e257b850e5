"""One quote in many outlets: group the statements that have the same words.

A statement of six or more quoted words has a sketch. Sketches with a hash in common are candidates, and `same_quote`
decides about two of them. Groups are the connected components of all pairs, so their order does not matter.

The hashes are a selection of runs of three words (winnowing; Schleimer, Wilkerson and Aiken 2003): in each window of
four runs the one with the longest words. Two statements that share six words in a row therefore share a hash, and few
hashes consist of function words only.

Set phrases ("We will vigorously defend ourselves") are the same quote only if the same speaker says them in the same
weeks. Their hashes include the speaker, so they are no candidates for those of others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from heapq import nlargest
from itertools import combinations, product
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from searchkit.histories.base import Appearance, Conflict, Spread
from searchkit.histories.speakers import is_certain, related, same_voice
from searchkit.histories.wording import (
    Overlap,
    distinctive,
    kept_words,
    length,
    normalized,
    overlap,
    placed_words,
    quoted_spans,
    raw_words,
)
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Document, Quote, Speaker
from searchkit.statements.outlets import CLAIMED, outlet_value
from searchkit.statements.text import Span, name_key

Statement = tuple[Document, Quote]

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
# What more speakers say in the same words is a common phrase, and no conflict.
MOST_SPEAKERS = 5
_SUREST = 5
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
        keys = {self.speaker, self.represents, name_key(self.name).rpartition(" ")[2], *self.names} - {""}
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


def least_in_common(first: int, second: int) -> int:
    """Return how many hashes two statements with so many hashes must share to be compared."""
    return max(1, min(first, second) // 4)


def groups(sketches: Mapping[str, Sketch]) -> list[tuple[str, ...]]:
    """Return the groups of statements, by id, that are the same quote: sorted, those of one statement too."""
    nodes: dict[Sketch, dict[Sketch, None]] = defaultdict(dict)
    members: dict[Sketch, list[str]] = defaultdict(list)
    for key in sorted(sketches):
        node = node_of(sketches[key])
        members[node].append(key)
        nodes[node][replace(sketches[key], day=node.day)] = None
    parent = {node: node for node in nodes}
    for first, second in _candidates(nodes):
        ours, theirs = _root(parent, first), _root(parent, second)
        if ours != theirs and _any_same(nodes[first], nodes[second]):
            parent[ours] = theirs
    joined: dict[Sketch, list[str]] = defaultdict(list)
    for node, keys in members.items():
        joined[_root(parent, node)].extend(keys)
    return sorted(tuple(sorted(keys)) for keys in joined.values())


def node_of(sketch: Sketch) -> Sketch:
    """Return a sketch that is equal for all statements that are the same quote because their words are equal.

    Distinctive words alone suffice, so 200 copies of a press release are one node.
    """
    words = sketch.words.split(" ")
    if distinctive(words) >= _DISTINCTIVE_OTHERS:
        return Sketch(words=sketch.words)
    return sketch if _is_set_phrase(words) else replace(sketch, day=0)


def spread(statements: Sequence[Statement]) -> Spread:
    """Return how the statements of one group spread."""
    ordered = sorted(statements, key=_first_seen)
    fullest = max(ordered, key=lambda statement: len(_words(*statement)))  # the earliest of several
    appearances = tuple(_appearance(statement, fullest) for statement in ordered)
    return Spread(
        id=min(quote.id for _, quote in statements),
        fullest=fullest[1].id,
        appearances=appearances,
        outlets=len({appearance.outlet for appearance in appearances}),
        wires=tuple(sorted({appearance.wire for appearance in appearances} - {""})),
        conflicts=conflicts(ordered),
    )


def conflicts(statements: Iterable[Statement]) -> tuple[Conflict, ...]:
    """Return the pairs of different speakers to whom the same words are attributed, with the surest statement of each.

    Each must be named beyond doubt, and no article may show that one of the two speaks for the other or is its body.
    There is no pair of more than MOST_SPEAKERS.
    """
    by_speaker: dict[str, list[Statement]] = defaultdict(list)
    surest: dict[str, dict[str, Statement]] = defaultdict(dict)  # of each speaker, by words
    for document, quote in statements:
        own = sketch(document, quote)
        if own is None or not own.is_certain:
            continue
        by_speaker[own.speaker].append((document, quote))
        known = surest[own.speaker].setdefault(own.words, (document, quote))
        surest[own.speaker][own.words] = max(known, (document, quote), key=_rank)
    if len(by_speaker) > MOST_SPEAKERS:
        return ()
    found = []
    for first, second in combinations(sorted(by_speaker), 2):
        if related(by_speaker[first], by_speaker[second]):
            continue
        same = [
            (ours, theirs)
            for (one, ours), (other, theirs) in product(_surest(surest[first]), _surest(surest[second]))
            if _same_words(one, other)
        ]
        if same:
            (_, one), (_, other) = max(same, key=lambda pair: (min(map(_rank, pair)), max(map(_rank, pair))))
            names = (one.speaker.name or "", other.speaker.name or "")
            confidence = min(one.speaker.confidence, other.speaker.confidence)
            found.append(Conflict(statements=(one.id, other.id), speakers=names, confidence=confidence))
    return tuple(found)


def _surest(said: Mapping[str, Statement]) -> list[tuple[str, Statement]]:
    """Return the surest statements of a speaker, with their words: there are enough of them to find a conflict."""
    return nlargest(_SUREST, said.items(), key=lambda item: _rank(item[1]))


def _rank(statement: Statement) -> tuple[float, str]:
    return statement[1].speaker.confidence, statement[1].id


# --- comparison ------------------------------------------------------------------------------------------------------


def _is_same(common: Overlap, first: Sketch, second: Sketch) -> bool:
    least = (
        _ALL if common.replaced * _PER_REPLACED > common.distinctive else _SHARED_OTHERS if common.replaced else _SHARED
    )
    if common.contradicts or common.share < least:
        return False
    is_distinctive = common.distinctive >= _DISTINCTIVE or common.words >= _LONG
    if same_voice(_speaker(first), _speaker(second)) or _is_named(first, second) or _is_named(second, first):
        apart = abs(first.day - second.day) if first.day and second.day else 0
        return is_distinctive or (apart <= _DAYS and common.share >= _SHARED_OTHERS)
    if first.is_certain and second.is_certain:
        return common.distinctive >= _DISTINCTIVE_OTHERS and common.run >= _SHARED_OTHERS
    is_usual = common.distinctive < _DISTINCTIVE_OTHERS and common.usual >= common.distinctive
    if not is_distinctive or (is_usual and common.words < _LONG):
        return False
    return common.run >= _SHARED_UNKNOWN or common.share >= _ALL


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


def _any_same(ours: Iterable[Sketch], theirs: Iterable[Sketch]) -> bool:
    return any(same_quote(*pair) for pair in product(ours, theirs))


def _same_words(first: str, second: str) -> bool:
    common = _overlap(first, second)
    return not common.contradicts and common.run >= _SHARED_OTHERS and common.distinctive >= _DISTINCTIVE_OTHERS


def _selected_runs(words: Sequence[str]) -> set[str]:
    runs = list(map(" ".join, zip(*(words[start:] for start in range(_RUN)), strict=False))) or [" ".join(words)]
    ranked = [(len(run), run) for run in runs]
    if len(ranked) <= _WINDOW:
        return {max(ranked)[1]}
    return {run for _, run in map(max, *(ranked[start:] for start in range(_WINDOW)))}


def _candidates(nodes: Mapping[Sketch, Iterable[Sketch]]) -> Iterable[tuple[Sketch, Sketch]]:
    """Yield the pairs of nodes that share enough hashes."""
    holders: dict[int, list[Sketch]] = defaultdict(list)
    sizes: dict[Sketch, int] = {}
    for node in nodes:
        hashes = node.hashes()
        counts = Counter(other for value in hashes for other in holders[value])
        sizes[node] = len(hashes)
        yield from (
            (node, other) for other, count in counts.items() if count >= least_in_common(sizes[other], len(hashes))
        )
        for value in hashes:
            holders[value].append(node)


def _root(parent: dict[Sketch, Sketch], node: Sketch) -> Sketch:
    while parent[node] is not node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


# --- values ----------------------------------------------------------------------------------------------------------


def _words(document: Document, quote: Quote) -> list[str]:
    return [word for word, _ in normalized(raw_words(document.text, quoted_spans(document, quote)))]


def ordinal_of(published: PartialDate | None) -> int:
    """Return the first day of a date as an ordinal; 0 if it is unknown or a guess."""
    day = published.earliest if published is not None and published.confidence != "low" else None
    return day.toordinal() if day is not None else 0


def _first_seen(statement: Statement) -> tuple[str, bool, str, str, int]:
    """Order statements by day; on one day the agency's own text is first, then those with a time."""
    document, quote = statement
    published = document.published
    time = published.value if published is not None and published.precision == "instant" else "~"
    is_copy = document.wire is None or name_key(document.outlet or "") != name_key(document.wire)
    return (day_of(document)[0], is_copy, time, document.id, quote.content.start)


def day_of(document: Document) -> tuple[str, bool]:
    """Return the day of publication, or else of our first sight, in ISO 8601; and whether it is the former."""
    published = document.published
    if published is not None and published.confidence != "low" and (earliest := published.earliest) is not None:
        return earliest.isoformat(), True
    return document.first_seen[:10], False


def outlet_of(document: Document) -> str:
    """Return the outlet of a document with its host, also with one that a file claims; without an outlet, the host."""
    host = document.host.removeprefix(CLAIMED)
    return outlet_value(document.outlet, host) if document.outlet else host or document.uri


def _appearance(statement: Statement, fullest: Statement) -> Appearance:
    document, quote = statement
    day, day_known = day_of(document)
    kept, share = _kept(statement, fullest)
    return Appearance(
        statement=quote.id,
        document=document.id,
        outlet=outlet_of(document),
        wire=document.wire or "",
        language=document.language or "",
        day=day,
        day_known=day_known,
        speaker=quote.speaker.name or "",
        kept=kept,
        share=share,
    )


def _kept(statement: Statement, fullest: Statement) -> tuple[tuple[Span, ...], float]:
    """Return the spans of the fullest version whose words a statement has, and their share of its words."""
    document, quote = fullest
    kept: list[Span] = []
    count, total = 0, 0
    spans = quoted_spans(document, quote)
    places = placed_words(document.text, spans)
    words = normalized([place.of(document.text) for place in places])
    total = len(words)
    for run in kept_words([word for word, _ in words], _words(*statement)):
        count += len(run)
        first, last = places[words[run.start][1]], places[words[run.stop - 1][1]]
        for span in spans:  # a run may go on behind the attribution
            start, end = max(span.start, first.start), min(span.end, last.end)
            if start < end:
                kept.append(Span(start, end))
    return tuple(kept), count / total if total else 0.0
