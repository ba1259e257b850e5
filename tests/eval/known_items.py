"""Known items: questions of a reader who looks for a document again, made of its own words.

Every engine gets the same question for the same wanted document, so that only the ranking differs. Chance is seeded:
the same documents give the same questions.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from searchkit.statements.document import Document
from searchkit.statements.text import sentences

# Plain words only: no engine has its own way to split them, and none is an operator.
_WORD = re.compile(r"(?<![\w.'’&-])[A-Za-z]{3,20}(?![\w'’&-])")
_OPERATORS = {"and", "or", "not", "near", "adj", "to"}
# Words that more than this share of all documents have are not remembered.
_EVERYDAY = 0.2
# Fewer words in common are not what is left of one sentence.
_SHORTEST_SENTENCE = 7
# How far off a remembered day may be.
_DAYS_OFF = 20
# Documents shorter than this say hardly more than their title.
_SHORTEST_TEXT = 300


class KnownItem(Struct, frozen=True, kw_only=True):
    """One question. `words` must all be there, or any of them with `either`; `name` stands there as a phrase.

    `since` and `until` bound the day of publication.
    """

    kind: str
    wanted: str
    words: tuple[str, ...]
    either: bool = False
    name: str = ""
    since: date | None = None
    until: date | None = None

    def query(self) -> str:
        """Return the question in searchkit's query language."""
        parts = [" OR ".join(self.words) if self.either else " ".join(self.words)]
        if self.name:
            parts.append(f'"{self.name}"')
        if self.since and self.until:
            parts.append(f"date:{self.since}..{self.until}")
        return " ".join(parts)


class Ranked(Struct, frozen=True, kw_only=True):
    """How well one engine answers: shares of questions whose document came first, and among the first ten; the mean of
    1/rank. `by_kind` holds the same by kind of question; `missed` those whose document did not come first, with its
    rank (0: not among the first ten)."""

    first: float
    ten: float
    mrr: float
    by_kind: Mapping[str, tuple[float, float, float]]
    missed: tuple[tuple[KnownItem, int], ...]


def plain_words(text: str) -> list[str]:
    """Return the words of `text` that every engine reads alike, in lower case."""
    return [word for word in map(str.lower, _WORD.findall(text)) if word not in _OPERATORS]


class QuestionMaker:
    """Makes questions for documents of one collection."""

    def __init__(self, documents: Iterable[Document], *, seed: int = 5) -> None:
        # By their words, as ids of local files differ from machine to machine.
        self._documents = sorted(documents, key=lambda document: (document.digest, document.id))
        self._chance = random.Random(seed)
        self._having = Counter(
            word for document in self._documents for word in set(plain_words(f"{document.title or ''} {document.text}"))
        )
        self._titles = Counter(" ".join(plain_words(document.title or "")) for document in self._documents)
        self._most = max(2, _EVERYDAY * len(self._documents))

    def items(self, each: int) -> list[KnownItem]:
        """Return at most `each` questions of each kind, for different documents if there are enough."""
        found = []
        for make in (self._title, self._lead, self._sentence, self._name, self._either):
            documents = list(self._documents)
            self._chance.shuffle(documents)
            made = (make(document) for document in documents if len(document.text) >= _SHORTEST_TEXT)
            found += [item for item, _ in zip((item for item in made if item), range(each), strict=False)]
        return found

    def _content_words(self, text: str) -> list[str]:
        """Return the distinct words of `text` that are worth remembering, in order."""
        return [word for word in dict.fromkeys(plain_words(text)) if self._having[word] <= self._most]

    def _sentences(self, document: Document) -> Iterator[list[str]]:
        for paragraph in document.paragraphs:
            for span in sentences(document.text, paragraph):
                words = self._content_words(span.of(document.text))
                if len(words) >= _SHORTEST_SENTENCE:
                    yield words

    def _title(self, document: Document) -> KnownItem | None:
        """The words of the title. A title that several documents have is no way to ask for one of them."""
        words = plain_words(document.title or "")
        if len(words) < 3 or self._titles[" ".join(words)] > 1:
            return None
        return KnownItem(kind="title", wanted=document.id, words=tuple(dict.fromkeys(words)))

    def _lead(self, document: Document) -> KnownItem | None:
        """The three rarest words of the first sentence that stand in another document too."""
        for words in self._sentences(document):
            shared = [word for word in words if self._having[word] > 1]
            rarest = set(sorted(shared, key=lambda word: (self._having[word], word))[:3])
            chosen = tuple(word for word in words if word in rarest)
            return KnownItem(kind="lead", wanted=document.id, words=chosen) if len(chosen) == 3 else None
        return None

    def _of_one_sentence(self, document: Document, count: int) -> tuple[str, ...]:
        every = list(self._sentences(document))
        return tuple(self._chance.sample(self._chance.choice(every), count)) if every else ()

    def _sentence(self, document: Document) -> KnownItem | None:
        """Five words of one sentence, in any order."""
        words = self._of_one_sentence(document, 5)
        return KnownItem(kind="sentence", wanted=document.id, words=words) if words else None

    def _either(self, document: Document) -> KnownItem | None:
        """Six words of one sentence, of which any may be missing: nothing but the ranking finds the document."""
        words = self._of_one_sentence(document, 6)
        return KnownItem(kind="any", wanted=document.id, words=words, either=True) if words else None

    def _name(self, document: Document) -> KnownItem | None:
        """A name, three words that stand near it, and a day that is some days off."""
        day = document.published.earliest if document.published else None
        mentions = [
            mention
            for mention in document.mentions
            if len(plain_words(mention.surface)) > 1
            and " ".join(plain_words(mention.surface)) == mention.surface.lower()
        ]
        if day is None or not mentions:
            return None
        mention = self._chance.choice(mentions)
        named = set(plain_words(mention.surface))
        for paragraph in document.paragraphs:
            if paragraph.covers(mention.span):
                words = [word for word in self._content_words(paragraph.of(document.text)) if word not in named]
                if len(words) >= 3:
                    about = day + timedelta(days=self._chance.randint(-_DAYS_OFF, _DAYS_OFF))
                    return KnownItem(
                        kind="name",
                        wanted=document.id,
                        words=tuple(self._chance.sample(words, 3)),
                        name=mention.surface,
                        since=about - timedelta(days=_DAYS_OFF),
                        until=about + timedelta(days=_DAYS_OFF),
                    )
        return None


def ranked(
    items: Sequence[KnownItem], search: Callable[[KnownItem], Sequence[str]], alike: Mapping[str, frozenset[str]]
) -> Ranked:
    """Return how well `search`, which returns the ids of the first ten, answers `items`.

    A copy of the wanted document is as good as itself: which of them is shown is not a question of ranking. `alike`
    holds the ids of the group of each document that has copies.
    """
    ranks: list[tuple[KnownItem, int]] = []
    for item in items:
        right = alike.get(item.wanted, frozenset((item.wanted,)))
        found = list(search(item))[:10]
        ranks.append((item, next((place for place, one in enumerate(found, 1) if one in right), 0)))
    kinds = dict.fromkeys(item.kind for item in items)
    first, ten, mrr = _shares([rank for _, rank in ranks])
    return Ranked(
        first=first,
        ten=ten,
        mrr=mrr,
        by_kind={kind: _shares([rank for item, rank in ranks if item.kind == kind]) for kind in kinds},
        missed=tuple((item, rank) for item, rank in ranks if rank != 1),
    )


def _shares(ranks: Sequence[int]) -> tuple[float, float, float]:
    count = max(1, len(ranks))
    reciprocal = sum(1 / rank for rank in ranks if rank)
    return sum(rank == 1 for rank in ranks) / count, sum(rank > 0 for rank in ranks) / count, reciprocal / count
