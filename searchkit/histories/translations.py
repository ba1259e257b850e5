"""Quotes that are probably translations of each other.

Only plain cases count: the same speaker within a few days in two languages, with the same numbers and names and about
as many words, where neither quote fits another one as well. In doubt there is no link.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from searchkit.histories.base import Translation
from searchkit.histories.speakers import is_certain
from searchkit.histories.wording import distinctive, normalized, quoted_spans, raw_words
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import name_key

# How many days apart.
TRANSLATED_WITHIN = 3
# How many words the shorter one has for one of the longer one.
_LENGTHS = 0.6
# Words of common origin begin alike: "vallées" and "valleys", "Methode" and "method".
_ORIGIN = 4
_ORIGIN_WORD = 5


class _Version(Struct, frozen=True, kw_only=True):
    """The fullest version of a quote in one group, with what a translation keeps."""

    group: str
    language: str
    day: int
    size: int
    anchors: frozenset[str]
    origins: frozenset[str]

    def fits(self, other: "_Version") -> bool:
        """Return whether one can be a translation of the other."""
        shorter, longer = sorted((self.size, other.size))
        return (
            self.language != other.language
            and abs(self.day - other.day) <= TRANSLATED_WITHIN
            and shorter >= _LENGTHS * longer
            and self.anchors == other.anchors
            and bool(self.anchors or self.origins & other.origins)
        )


def translations(groups: Iterable[Sequence[tuple[Document, Quote]]]) -> tuple[Translation, ...]:
    """Return the pairs of groups that are plainly translations, by the ids of the groups."""
    by_speaker: dict[str, list[_Version]] = defaultdict(list)
    for group in groups:
        version = _version(group)
        if version is not None:
            by_speaker[version[0]].append(version[1])
    found = [pair for versions in by_speaker.values() for pair in _pairs(versions)]
    return tuple(sorted(found, key=lambda translation: translation.quotes))


def _pairs(versions: Sequence[_Version]) -> Iterator[Translation]:
    """Yield the pairs of one speaker's quotes of which each fits no other quote in that language."""
    ordered = sorted(versions, key=lambda version: (version.day, version.group))
    fitting: dict[str, list[_Version]] = defaultdict(list)
    start = 0
    for at, version in enumerate(ordered):
        while ordered[start].day < version.day - TRANSLATED_WITHIN:
            start += 1
        for other in ordered[start:at]:
            if version.fits(other):
                fitting[version.group].append(other)
                fitting[other.group].append(version)
    for version in ordered:
        for other in fitting[version.group]:
            if version.group < other.group and _is_only(other, fitting[version.group], version, fitting[other.group]):
                yield Translation(
                    quotes=(version.group, other.group),
                    languages=(version.language, other.language),
                    shared=tuple(sorted(version.anchors or version.origins & other.origins)),
                )


def _is_only(
    first: _Version, like_first: Iterable[_Version], second: _Version, like_second: Iterable[_Version]
) -> bool:
    """Return whether two quotes fit no other quote in the language of each other."""
    rivals = [version for version in like_first if version is not first and version.language == first.language]
    rivals += [version for version in like_second if version is not second and version.language == second.language]
    return not rivals


def _version(group: Sequence[tuple[Document, Quote]]) -> tuple[str, _Version] | None:
    """Return the speaker of a group and its fullest version; None without a certain speaker, a language and a day."""
    known = [statement for statement in group if is_certain(statement[1])]
    if not known:
        return None
    words_of = {quote.id: _words(document, quote) for document, quote in known}
    document, quote = max(known, key=lambda statement: (len(words_of[statement[1].id]), statement[1].id))
    day = document.published.earliest if document.published is not None else None
    if not document.language or day is None:
        return None
    spans = quoted_spans(document, quote)
    names = {mention.entity_id for mention in document.mentions if any(span.covers(mention.span) for span in spans)}
    words = words_of[quote.id]
    return name_key(quote.speaker.name or ""), _Version(
        group=min(quote.id for _, quote in group),
        language=document.language.partition("-")[0],
        day=day.toordinal(),
        size=len(words),
        anchors=frozenset({word for word in words if word[0].isdigit() and word != "1"} | names),
        origins=frozenset(word[:_ORIGIN] for word in words if len(word) >= _ORIGIN_WORD and distinctive((word,))),
    )


def _words(document: Document, quote: Quote) -> list[str]:
    return [word for word, _ in normalized(raw_words(document.text, quoted_spans(document, quote)))]
