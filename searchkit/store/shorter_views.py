"""Decide whether a page shows less of its article than the store has: a wall, an error page, a teaser, another page.

The rule compares texts, so it needs no list of words for walls. It counts the runs of three words that both texts have.
A text that shares fewer than half of them, or lacks the end of the stored text, needs evidence that its outlet wrote it
as the article: runs, or words that are the topic of the stored text, everywhere in what is new. A date or a title is
not, because templates print them on walls too.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from itertools import accumulate
from typing import Literal

from searchkit.statements.document import GONE, PAYWALL, WALL, Article, Document
from searchkit.statements.text import UNSPACED, fold
from searchkit.version import __version__

_WALLS = (WALL, PAYWALL)
_RUN = 3
_HALF = 0.5
# The end of the stored text is missing if hardly any run of it is left: this share of the text, or behind a wall at
# least so many runs.
_LEFT = 0.15
_MISSING = 0.25
_MISSING_RUNS = 5
# Of 231 articles, the second half has so many of the first half's 20 most frequent words in 9 of 10 cases; another
# article in 1 of 50, and no wall.
_TOPIC_WORDS = 20
_SAME_TOPIC = 0.3
_LEAST_TOPIC = 3
# A line is on the topic if so many of its words are, and this share of them.
_TOPICAL_LINE, _DENSE = 2, 0.3
# A rewritten article keeps so many runs, and hardly any of its words is farther from one of them; an offer that lists
# the names of the article has them in one place. Of 1,200 pairs of unrelated news, none shares so many.
_PHRASES = 0.05
_NEAR = 10
# A rewritten article is at least so long as this share of the stored one.
_REWRITTEN = 0.5
# A shorter text was only the description of a page, or a caption.
_FRAGMENT = 20
_WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]{{1,64}}")
_TOPICAL = re.compile(rf"(?=([{UNSPACED}]{{2}}))|([^\W\d_{UNSPACED}]{{5,64}})")
_MAX_WORDS = 50_000


class Comparison:
    """What the text of `new` has in common with that of `old`, the stored article."""

    def __init__(self, old: Article, new: Article) -> None:
        self._old, self._new = old, new
        self.old_runs, self.new_runs = _runs(old.text), _runs(new.text)
        self._common = set(self.old_runs) & set(self.new_runs)
        is_kept = [run in self._common for run in self.old_runs]
        self.kept = _share(is_kept)
        self.own = _share([run in self._common for run in self.new_runs])
        left = [*accumulate(reversed(is_kept))]
        ends = (number for number, count in enumerate(left, 1) if count <= _LEFT * number)
        self.missing_runs = max(ends, default=0)
        self.is_walled = is_walled(set(new.notes) - set(old.notes))

    @property
    def ends_earlier(self) -> bool:
        """Return whether the end of the old text is missing."""
        least = _MISSING_RUNS if self.is_walled else _MISSING * len(self.old_runs)
        return self.missing_runs >= max(1, least)

    @property
    def is_rewritten(self) -> bool:
        """Return whether the new text is the article in other words: what is not copied has its phrases everywhere."""
        added = [run in self._common for line in self._added() for run in _runs(line)]
        is_spread = _reach(added, _NEAR) >= _HALF
        return is_spread and self.kept >= _PHRASES and self.is_as_long

    @property
    def continues(self) -> bool:
        """Return whether what is new in the new text is about the topic of the old one, in most of its lines."""
        titles = {word for title in (self._old.title, self._new.title) for word in _topical(title or "")}
        counts = Counter(word for word in _topical(self._old.text) if word not in titles)
        topic = {word for word, _ in counts.most_common(_TOPIC_WORDS)}
        added = [_topical(line) for line in self._added()]
        on_topic = [len(topic.intersection(words)) >= max(_TOPICAL_LINE, _DENSE * len(words)) for words in added]
        shared = topic.intersection(word for words in added for word in words)
        return _share(on_topic) >= _HALF and len(shared) >= max(_LEAST_TOPIC, _SAME_TOPIC * len(topic))

    def _added(self) -> list[str]:
        lines = self._new.text.split("\n")
        return [line for line in lines if line and _share([run in self._common for run in _runs(line)]) < _HALF]

    def hides(self, offset: int, *, ends_in_note: bool = False) -> bool:
        """Return whether the new text lacks what stands at this offset of the old one because it shows less: it has
        only the beginning, or a wall or words on another topic in place of the end.

        `ends_in_note`: the outlet explains the end of the new text, for example as a correction.
        """
        if self.kept < _HALF:
            return not self.is_rewritten
        is_behind = offset >= len(self._old.text) * (1 - self.missing_runs / max(1, len(self.old_runs)))
        is_other = self.ends_earlier or (self._ends_otherwise and not ends_in_note)
        return is_behind and is_other and (self.is_walled or not self.continues)

    @property
    def _ends_otherwise(self) -> bool:
        runs = _runs(self._new.text.rpartition("\n")[2])
        return len(runs) >= _MISSING_RUNS and _share([run in self._common for run in runs]) <= _LEFT

    @property
    def is_as_long(self) -> bool:
        """Return whether the new text is long enough to be the article in other words."""
        return len(self.new_runs) >= _REWRITTEN * len(self.old_runs)


def shows_less(old: Document, new: Document) -> str:
    """Return why a page that was fetched again shows less than its stored article; empty if `new` may replace it."""
    found = Comparison(old, new)
    was_walled = is_walled(old.notes) and not is_walled(new.notes)
    if found.kept >= _HALF:
        is_whole = found.is_as_long and (found.continues or old.parsed_by != __version__)
        may_replace = was_walled or not found.ends_earlier or (is_whole and not found.is_walled)
    elif was_walled or len(found.old_runs) < _FRAGMENT:
        is_longer = len(found.new_runs) >= 2 * len(found.old_runs)
        may_replace = found.is_rewritten or (is_longer and _states_origin(new) and not found.is_walled)
    else:
        may_replace = found.is_rewritten and not found.is_walled
    return "" if may_replace or not found.old_runs else _reason(found, new)


def believed(revisions: Iterable[Document]) -> Document:
    """Return which of the revisions of an article, the oldest first, this rule keeps if none but they replace it."""
    return reduce(lambda kept, new: kept if shows_less(kept, new) else new, revisions)


def is_walled(notes: Collection[str]) -> bool:
    """Return whether the parser found a wall on the page."""
    return any(note.startswith(_WALLS) for note in notes)


def shown(document: Article) -> Literal["wall", "removed"]:
    """Return what a page shows that shows less: a wall or another text, or that its article was removed."""
    return "removed" if any(WALL + reason in document.notes for reason in GONE) else "wall"


def _reason(found: Comparison, new: Document) -> str:
    wall = next((note.partition(": ")[2] for note in new.notes if note.startswith(_WALLS)), "")
    share = f"{found.kept:.0%} of the stored words"
    if wall:
        return f"{share}, at a wall ({wall})"
    return f"{share}, and its end is missing" if found.own >= _HALF else f"{share}, and another text"


def _runs(text: str) -> Sequence[tuple[str, ...]]:
    words = _WORD.findall(fold(text))[:_MAX_WORDS]
    return [*zip(*(words[start:] for start in range(min(_RUN, len(words)))), strict=False)]


def _reach(hits: Sequence[bool], near: int) -> float:
    """Return the share of places with a hit not farther than `near`."""
    before = [0, *accumulate(hits)]
    last = len(hits)
    return _share([before[min(last, at + near + 1)] > before[max(0, at - near)] for at in range(last)])


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _topical(text: str) -> list[str]:
    """Return the words of five letters or more; in scripts without spaces, all pairs of characters."""
    return [pair or word for pair, word in _TOPICAL.findall(fold(text))]


def _states_origin(document: Article) -> bool:
    published = document.published
    is_dated = published is not None and published.confidence != "low" and published.source != "url"
    return is_dated or bool(document.byline)
