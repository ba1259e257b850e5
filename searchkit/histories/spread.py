"""One quote in many outlets: where it appeared, and to whom the same words are attributed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from heapq import nlargest
from itertools import combinations, product

from searchkit.histories.base import day_of
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, name_key
from searchkit.wording.quotations import same_words, sketch
from searchkit.wording.speakers import related
from searchkit.wording.words import kept_words, normalized, placed_words, quoted_spans, raw_words

Statement = tuple[Document, Quote]

# What more speakers say in the same words is a common phrase, and no conflict.
MOST_SPEAKERS = 5
_SUREST = 5


def conflicts(statements: Iterable[Statement]) -> tuple[tuple[Statement, Statement], ...]:
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
            found.append(max(same, key=lambda pair: (min(map(_rank, pair)), max(map(_rank, pair)))))
    return tuple(found)


def _surest(said: Mapping[str, Statement]) -> list[tuple[str, Statement]]:
    """Return the surest statements of a speaker, with their words: there are enough of them to find a conflict."""
    return nlargest(_SUREST, said.items(), key=lambda item: _rank(item[1]))


def _rank(statement: Statement) -> tuple[float, str]:
    return statement[1].speaker.confidence, statement[1].id


def order(statement: Statement) -> tuple[str, bool, str, str, int]:
    """Return what sorts statements by day; on one day the agency's own text is first, then those with a time."""
    document, quote = statement
    published = document.published
    time = published.value if published is not None and published.precision == "instant" else "~"
    is_copy = document.wire is None or name_key(document.outlet or "") != name_key(document.wire)
    return (day_of(document)[0], is_copy, time, document.id, quote.content.start)


def words(statement: Statement) -> list[str]:
    """Return the normalized words of a statement."""
    document, quote = statement
    return [word for word, _ in normalized(raw_words(document.text, quoted_spans(document, quote)))]


def kept_spans(statement: Statement, fullest: Statement) -> tuple[tuple[Span, ...], float]:
    """Return the spans of the fullest version whose words a statement has, and their share of its words."""
    document, quote = fullest
    kept: list[Span] = []
    count = 0
    spans = quoted_spans(document, quote)
    places = placed_words(document.text, spans)
    written = normalized([place.of(document.text) for place in places])
    for run in kept_words([word for word, _ in written], words(statement)):
        count += len(run)
        first, last = places[written[run.start][1]], places[written[run.stop - 1][1]]
        for span in spans:  # a run may go on behind the attribution
            start, end = max(span.start, first.start), min(span.end, last.end)
            if start < end:
                kept.append(Span(start, end))
    return tuple(kept), count / len(written) if written else 0.0
