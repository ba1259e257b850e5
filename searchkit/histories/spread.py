"""One quote in many outlets: where it appeared, and to whom the same words are attributed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import combinations, product

from searchkit.histories.base import Appearance, Conflict, Spread, day_of, outlet_of
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, name_key
from searchkit.wording.quotations import same_words, sketch
from searchkit.wording.speakers import related
from searchkit.wording.words import kept_words, normalized, placed_words, quoted_spans, raw_words

Statement = tuple[Document, Quote]

# What more speakers say in the same words is a common phrase, and no conflict.
MOST_SPEAKERS = 5
_SUREST = 5


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
            if same_words(one, other)
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


# --- values ----------------------------------------------------------------------------------------------------------


def _words(document: Document, quote: Quote) -> list[str]:
    return [word for word, _ in normalized(raw_words(document.text, quoted_spans(document, quote)))]


def _first_seen(statement: Statement) -> tuple[str, bool, str, str, int]:
    """Order statements by day; on one day the agency's own text is first, then those with a time."""
    document, quote = statement
    published = document.published
    time = published.value if published is not None and published.precision == "instant" else "~"
    is_copy = document.wire is None or name_key(document.outlet or "") != name_key(document.wire)
    return (day_of(document)[0], is_copy, time, document.id, quote.content.start)


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
