"""Recognise the genre of a text by its words and its structure: news, fiction, instructions, a listing.

data/genres.txt has the words and the rules. A rule needs several kinds of evidence: a report that begins like a story,
or ends with a list, stays a report. In doubt, a text is news.
"""

import re
from collections import Counter
from functools import cache
from math import inf

from msgspec import convert
from msgspec.structs import replace

from searchkit.statements.document import Document, Genre
from searchkit.statements.text import letter_words
from searchkit.statements.word_lists import rows, split_values

_SHORT = 80  # characters of a line that may be a heading, a field or the item of a list
_EDGE = 5  # lines at the beginning and at the end
_LEAD, _TEXT = 1_000, 60_000  # characters in which words may stand anywhere
_LABEL = re.compile(r"([^\W\d_][^:|\n.?!]{0,60}): \S")
_STEP = re.compile(r"(?:[-•*·] |\d{1,2}[.)] |(?:step|schritt) \d{1,2}[.:]? ){1,4}(?=\S)", re.IGNORECASE)
_SHORT_LINE = re.compile(
    r"(?P<links>.{0,60}https?://)|(?P<questions>.{3,79}\?\Z)|(?P<cells>.{1,60}? \| )|"
    r"(?P<amounts>(?:[-•*·] )?(?:\d{1,6}(?:[.,/]\d{1,6})?|[½¼¾⅓⅔]) ?(?:[^\W\d_]|[%°€$£¥½¼¾])|"
    r"[^:|]{1,70}(?:[:|] ?|, )(?:[$€£¥] ?)?\d[\d.,]{0,12}(?: ?(?:[^\W\d_]{1,12}\b|[%°€$£¥]C?)){0,2}\Z)"
)
_OWN = re.compile(r"\b(?:I|[Ww]e|[Mm]y|us|[Ii]ch|[Ww]ir|mich|uns)\b")
_QUOTED = re.compile(r"[\"“„»«]")
_BODIES = frozenset(("agency", "company", "organisation"))
_DAYS = frozenset(("instant", "day", "day-without-year"))


@cache
class _Rules:
    """The rows of data/genres.txt: lists of words by place, descriptions of measures, and rules in order."""

    def __init__(self) -> None:
        self.places: dict[str, dict[str, re.Pattern[str]]] = {}
        self.words: dict[str, frozenset[str]] = {}
        self.measures: dict[str, str] = {}
        self.rules: list[tuple[Genre, frozenset[str], list[tuple[str, int, float]]]] = []  # at least and at most
        self.written: dict[str, tuple[str, ...]] = {}  # the words of a place
        for place, name, cell in rows("genres.txt", 3):
            if place == "measure":
                self.measures[name] = cell
            elif place == "word":
                self.words[name] = self.words.get(name, frozenset()).union(split_values(cell))
            elif place == "rule":
                limits = (one.split() for one in split_values(cell))
                found = [(one, int(at[:-1]), inf) if at[-1] == "+" else (one, 0, int(at[:-1])) for one, at in limits]
                needed = frozenset(one for one, least, _ in found if least)
                self.rules.append((convert(name, Genre), needed, found))
            else:
                words = split_values(cell)
                self.places.setdefault(place, {})[name] = re.compile("|".join(map(_bounded, words)))
                self.written[place] = (*self.written.get(place, ()), *words)


def _bounded(words: str) -> str:
    """Return the pattern of words that are no part of longer ones."""
    before, after = "(?<![^\\W_])" * words[0].isalnum(), "(?![^\\W_])" * words[-1].isalnum()
    return before + re.escape(words) + after


def with_genre(document: Document) -> Document:
    """Return a document with its genre and the evidence for it."""
    counted = _Evidence(document)
    for genre, needed, conditions in _Rules().rules:
        if needed <= counted.present and all(least <= counted.count(name) <= most for name, least, most in conditions):
            shown = (counted.shown(name) for name, least, _ in conditions if least)
            return replace(document, genre=genre, genre_evidence="; ".join(filter(None, shown)))
    return document


class _Evidence:
    """What the rules count in a document: the different words of each list that stand in their place, and measures."""

    def __init__(self, document: Document) -> None:
        self._rules = _Rules()
        self._words: dict[str, dict[str, None]] = {}  # by list, without repetition
        lines = [paragraph.of(document.text) for paragraph in document.paragraphs]
        lowered = document.text[:_TEXT].casefold()
        written = letter_words(lowered)
        for name, words in self._rules.words.items():
            self._words[name] = {} if words.isdisjoint(written) else {word: None for word in written if word in words}
        bodies = sum([mention.kind in _BODIES and mention.confidence >= 0.8 for mention in document.mentions])
        self._counts = Counter(
            lines=len(lines),
            vivid=1_000 * sum(map(self._words["inner"].__contains__, written)) // max(1, len(written)),
            said=sum([quote.cue is not None and quote.speaker.entity_id is not None for quote in document.quotes]),
            facts=bodies + sum([mention.date.precision in _DAYS for mention in document.dates]),
        )
        self._find("title", f"{document.title or ''} · {document.outlet or ''}".casefold().replace("|", "-"))
        self._find("address", (document.canonical_url or document.uri * document.is_fetched).casefold())
        self._find("lead", lowered[:_LEAD])
        self._read_lines(lines)
        self.present = {name for counts in (self._words, self._counts) for name, found in counts.items() if found}

    def count(self, name: str) -> int:
        """Return how many different words of a list stand in their place, or a measure."""
        if name not in self._rules.measures:
            return len(self._words.get(name, ()))
        is_share = self._rules.measures[name].startswith("%")
        return 100 * self._counts[name] // max(1, self._counts["lines"]) if is_share else self._counts[name]

    def shown(self, name: str) -> str:
        """Return the words of a list, or a measure with its description, for the reader."""
        if name in self._rules.measures:
            return (description := self._rules.measures[name]) and f"{self.count(name)} {description}"
        return ", ".join([*self._words[name]][:5])

    def _find(self, place: str, text: str, *, begins: bool = False) -> None:
        """Find the words of a place in a text, or at its beginning."""
        words = self._rules.written[place]
        if not (text.startswith(words) if begins else any(map(text.__contains__, words))):
            return  # the patterns take longer
        for name, pattern in self._rules.places[place].items():
            first = pattern.match(text)
            found = pattern.findall(text) if not begins else [first[0]] if first is not None else []
            self._counts[name] += len(found)
            self._words.setdefault(name, {}).update(dict.fromkeys(found))

    def _read_lines(self, lines: list[str]) -> None:
        """Count the lines of each shape, and find the words that begin them."""
        counts, labels = self._counts, Counter[str]()
        for number, line in enumerate(lines):
            step, label = _STEP.match(line), _LABEL.match(line)
            if label is not None:
                labels[label[1]] += 1
                counts["own"] += _OWN.search(line) is not None
            counts["steps"] += step is not None and step[0][0] not in "-•*·"
            self._find("begin", line[step.end() if step is not None else 0 :][:40].casefold(), begins=True)
            if len(line) > _SHORT:
                continue
            shape, key = _SHORT_LINE.match(line), line.casefold().lstrip("#*-–—•·[( ")
            if shape is not None and shape.lastgroup is not None:
                counts[shape.lastgroup] += 1
            self._find("line", key, begins=True)
            if not _EDGE <= number < len(lines) - _EDGE:
                self._find("edge", key, begins=True)
        returning = [number for number in labels.values() if number > 1]
        spoken = len(list(filter(_QUOTED.search, lines)))
        counts.update(turns=sum(returning), voices=len(returning), spoken=spoken)
