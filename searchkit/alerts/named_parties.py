"""Whom a reader learns of by a record: the watchlist entries matched in it, and who speaks in it.

takes:    documents and their statements
gives:    for a record all of these; whether what is known tells of them
does not: decide whether the words are the same (same_words.py does)
traps:    a copy may name somebody its original leaves out; who watches that name must hear of it
"""

from collections.abc import Iterable

from searchkit.document import Document, Quote, WatchlistMatch

Whom = frozenset[tuple[str, str]]


class Named:
    """Looks up whom records name; what costs time is done once a document."""

    def __init__(self) -> None:
        self._matched: dict[tuple[str, str], dict[str, tuple[WatchlistMatch, ...]]] = {}

    def by(self, document: Document, quote: Quote | None) -> Whom:
        """The entries and speakers of a statement, or of a whole article."""
        if quote is None:
            return _entries(document.matches) | _speakers(document.quotes)
        key = (document.id, document.digest)
        if key not in self._matched:
            self._matched[key] = document.matched()
        return _entries(self._matched[key].get(quote.id, ())) | _speakers((quote,))


def _entries(matches: Iterable[WatchlistMatch]) -> Whom:
    return frozenset((match.watchlist, match.entry_id) for match in matches)


def _speakers(quotes: Iterable[Quote]) -> Whom:
    return frozenset(("", quote.speaker.entity_id) for quote in quotes if quote.speaker.entity_id)
