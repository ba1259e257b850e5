"""Find the parties that a record names: its speakers and the watchlist entries matched in it.

A duplicate may name somebody that its original leaves out; whoever watches that name must be informed.
"""

from collections.abc import Iterable

from searchkit.document import Document, Quote, WatchlistMatch

Parties = frozenset[tuple[str, str]]


class PartyFinder:
    """Finds the parties of records; caches the watchlist matches of each document."""

    def __init__(self) -> None:
        self._matched: dict[tuple[str, str], dict[str, tuple[WatchlistMatch, ...]]] = {}

    def parties(self, document: Document, quote: Quote | None) -> Parties:
        """Return the entries and speakers of a statement, or of a complete article."""
        if quote is None:
            return _entries(document.matches) | _speakers(document.quotes)
        key = (document.id, document.digest)
        if key not in self._matched:
            self._matched[key] = document.matched()
        return _entries(self._matched[key].get(quote.id, ())) | _speakers((quote,))


def _entries(matches: Iterable[WatchlistMatch]) -> Parties:
    return frozenset((match.watchlist, match.entry_id) for match in matches)


def _speakers(quotes: Iterable[Quote]) -> Parties:
    return frozenset(("", quote.speaker.entity_id) for quote in quotes if quote.speaker.entity_id)
