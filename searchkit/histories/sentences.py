"""Compare two revisions by their sentences, verbs, markup and corrections, and what that says about a statement."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from importlib import resources
from math import ceil

from msgspec import Struct

from searchkit.histories import ChangeKind
from searchkit.index.values import act_of
from searchkit.statements import Pack, pack_for
from searchkit.statements.document import Document, Quote
from searchkit.statements.text import Span, sentences, word_key

_PART = re.compile(r"\{([a-z]{1,20}(?:-[a-z]{1,20}){0,3})\}")


class Expressions(Struct, frozen=True, eq=False):
    """The word lists, single expressions and tables of expressions of one language; what a language lacks is empty."""

    words: dict[str, frozenset[str]]
    single: dict[str, re.Pattern[str]]
    tables: dict[str, tuple[tuple[str, re.Pattern[str]], ...]]


@lru_cache(maxsize=8)
def expressions(pack: Pack, name: str = "rejections.txt") -> Expressions:
    """Return the expressions of a language in a file of data/, with the words of its pack."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for heading, key, value in _rows(name):
        language, _, section = heading.partition(" ")
        if language == pack.code:
            sections.setdefault(section, []).append((key, value))
    parts = dict(sections.pop("parts", ()))

    def made(written: str) -> re.Pattern[str]:
        while _PART.search(written):
            written = _PART.sub(lambda found: parts.get(found[1]) or _any_of(pack.words[found[1]]), written)
        return re.compile(written)

    words = {key: frozenset(value.split()) for key, value in sections.pop("words", ())}
    single = {key: made(value) for key, value in sections.pop("single", ())}
    tables = {section: tuple((key, made(value)) for key, value in rows) for section, rows in sections.items()}
    return Expressions(words, single, tables)


@lru_cache(maxsize=2)
def english(name: str = "rejections.txt") -> Expressions:
    """Return the expressions of English, of which some have the words of the other languages too."""
    pack = pack_for("en")
    return Expressions({}, {}, {}) if pack is None else expressions(pack, name)


def _rows(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the heading, name and value of each entry."""
    text = resources.files("searchkit.histories").joinpath("data", name).read_text(encoding="utf-8")
    heading = ""
    for line in text.replace("\n  ", "").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
        elif not line.startswith("#"):
            key, _, value = line.partition(": ")
            yield heading, key, value


def _any_of(words: frozenset[str]) -> str:
    """Return an expression for any of these words, whose blanks are written as "-"."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word.replace("-", " ")) for word in ordered) or "(?!)"


# How many sentences from a statement a sentence shows its place.
_REACH = 3
# An entry of a live blog begins with its time: "16:40", "4.40 pm", "14 h 05".
_ENTRY = re.compile(r"[\W_]{0,4}(?:\d{1,2}[:.h]\d{2}|\d{1,2} h \d{2}|\d{1,2} [ap]\.?m)\b")
_MIN_ENTRIES = 2
# A sentence of fewer words may stand anywhere.
_MIN_SPACES = 3
# The share of the words of a statement from which a sentence still has it.
_LIKE = 0.75
# So many sentences may be cut out of a short text; of a long one, a third.
_MAX_CUT = 6
ENDS = tuple(".!?\"'”’»“‘«)]。！？」")


class _Text:
    """The sentences of one revision with their words. Sentences of `kept` are in both revisions."""

    def __init__(self, document: Document) -> None:
        text = document.text
        self.spans = [span for paragraph in document.paragraphs for span in sentences(text, paragraph)]
        self.keys = [word_key(span.of(text)) for span in self.spans]
        self.starts = [span.start for span in self.spans]
        self.kept = [False] * len(self.spans)
        self.is_truncated = not text.endswith(ENDS)
        entries = [paragraph.start for paragraph in document.paragraphs if _ENTRY.match(text, paragraph.start)]
        self.entries = entries if len(entries) >= _MIN_ENTRIES else []

    @cached_property
    def changed(self) -> dict[str, list[int]]:
        """The sentences that are not in both revisions, by their words."""
        places: dict[str, list[int]] = {}
        for place, (key, kept) in enumerate(zip(self.keys, self.kept, strict=True)):
            for word in () if kept else set(key.split()):
                places.setdefault(word, []).append(place)
        return places

    def within(self, span: Span) -> tuple[int, int]:
        """Return the first sentence that `span` lies in, and the end of the last."""
        first = max(0, bisect_right(self.starts, span.start) - 1)
        return first, max(first + 1, bisect_right(self.starts, span.end - 1))

    def kept_before(self, at: int) -> str | None:
        """Return the nearest kept sentence before `at`; empty at the beginning of the text."""
        near = range(at - 1, max(-1, at - 1 - _REACH), -1)
        return next((self.keys[place] for place in near if self.kept[place]), "" if at < _REACH else None)

    def kept_behind(self, at: int) -> str | None:
        """Return the nearest kept sentence from `at` on; empty at the end of the text."""
        near = range(at, min(len(self.keys), at + _REACH))
        return next(
            (self.keys[place] for place in near if self.kept[place]), "" if at + _REACH > len(self.keys) else None
        )


class Sentences:
    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = _Text(old), _Text(new)
        both = {key for key in self._old.keys if key.count(" ") >= _MIN_SPACES}.intersection(self._new.keys)
        for text in (self._old, self._new):
            text.kept = [key in both for key in text.keys]

    @property
    def is_live_blog(self) -> bool:
        """Return whether both revisions are live blogs, of which the oldest entries may be dropped."""
        return bool(self._old.entries and self._new.entries)

    def keep(self, pairs: Iterable[tuple[Sequence[Span], Sequence[Span]]]) -> None:
        """Count the sentences of paired statements as kept, although their words have changed."""
        for old_spans, new_spans in pairs:
            for text, spans in ((self._old, old_spans), (self._new, new_spans)):
                for span in spans:
                    for place in range(*text.within(span)):
                        text.kept[place] = True

    def is_same_place(self, old: Span, new: Span) -> bool:
        """Return whether a sentence right before or behind both spans is the same."""
        first, last = self._old.within(old)
        start, end = self._new.within(new)
        if self._old.keys[first:last] == self._new.keys[start:end]:
            return True
        before = self._old.kept_before(first)
        behind = self._old.kept_behind(last)
        same_before = before is not None and before == self._new.kept_before(start)
        same_behind = behind is not None and behind == self._new.kept_behind(end)
        if before == "" or behind == "":
            return same_before and same_behind
        return same_before or same_behind

    def is_cut_out(self, span: Span) -> bool:
        """Return whether the old sentences of `span` are missing between sentences that are still there.

        Where most of the text is missing, or its end, the page may only show less. A live blog drops its oldest
        entries: there, a sentence of the same entry or a later entry must still be there.
        """
        text = self._old
        first, last = text.within(span)
        if text.entries:
            return self._is_cut_out_of_entry(first, last)
        while first and not text.kept[first - 1]:
            first -= 1
        while last < len(text.keys) and not text.kept[last]:
            last += 1
        if last - first > max(_MAX_CUT, len(text.keys) // 3):
            return False
        if last == len(text.keys):
            return first > 0 and last - first <= _REACH and not self._new.is_truncated
        return True

    def _is_cut_out_of_entry(self, first: int, last: int) -> bool:
        text = self._old
        entry = bisect_right(text.entries, text.starts[first])
        start = text.entries[entry - 1] if entry else 0
        # The last entry has no end: what follows it may be the foot of the page.
        end = text.entries[entry] if entry < len(text.entries) else text.starts[first]
        later = set(text.entries[entry:])
        return any(
            kept and not first <= place < last and (start <= at < end or at in later)
            for place, (at, kept) in enumerate(zip(text.starts, text.kept, strict=True))
        )

    def is_still_there(self, words: str) -> bool:
        """Return whether a changed sentence of the new text has most of these old words, which no statement covers."""
        return _is_like_one(words, self._new)

    def was_there(self, words: str) -> bool:
        return _is_like_one(words, self._old)

    def is_at_cut(self, old: Span, new: Span) -> bool:
        """Return whether one of the statements is where its text was cut off."""
        pairs = ((self._old, old), (self._new, new))
        if any(text.is_truncated and text.within(span)[1] == len(text.keys) for text, span in pairs):
            return True
        behind = self._old.kept[self._old.within(old)[1] :]
        return len(behind) >= _REACH and not any(behind)

    def is_behind_cut(self, span: Span) -> bool:
        """Return whether the old text was only a beginning, and the new sentences of `span` are behind it."""
        if not self._old.is_truncated:
            return False
        first = self._new.within(span)[0]
        return not any(self._new.kept[first:])


def _is_like_one(words: str, text: _Text) -> bool:
    """Return whether a changed sentence has most of the words. It must have one of those that few sentences have."""
    wanted = set(words.split())
    least = _LIKE * len(wanted)
    changed = text.changed
    rare = sorted(wanted, key=lambda word: (len(changed.get(word, ())), word))[: len(wanted) - ceil(least) + 1]
    near = {place for word in rare for place in changed.get(word, ())}
    return any(len(wanted.intersection(text.keys[place].split())) >= least for place in near)


# Acts that differ in nothing that the reporter vouches for.
_NEUTRAL = frozenset((None, "say", "announce"))


def is_other_verb(old: Quote, new: Quote) -> bool:
    """Return whether the reporter vouches for something else: "said" and "claimed", but not "said" and "added"."""
    if old.verb is None or new.verb is None:
        return False
    return act(old) != act(new)


def act(quote: Quote) -> tuple[str | None, bool]:
    found = act_of(quote.verb or "")
    return (None if found in _NEUTRAL else found), quote.negated


def marked_out(old: Document, new: Document, key: str) -> Iterator[tuple[ChangeKind, str]]:
    """Yield whether `new` hides words with this `word_key`, or strikes them out, and `old` did not; with the reason."""
    if not key:
        return
    if _has(new.hidden, key) and not _has(old.hidden, key) and not _has((new.text,), key):
        yield "hidden", "the markup of the page hides the words"
    elif _has(_struck(new), key) and not _has(_struck(old), key):
        yield "struck-out", "the page strikes the words out"


def strikes_more(old: Document, new: Document, spans: Sequence[Span]) -> bool:
    """Return whether `new` strikes out words of these spans of its text that `old` does not strike out."""
    parts = (Span(max(span.start, struck.start), min(span.end, struck.end)) for span in spans for struck in new.struck)
    keys = (word_key(part.of(new.text)) for part in parts if part.start < part.end)
    return any(key and not _has(_struck(old), key) for key in keys)


def _struck(document: Document) -> tuple[str, ...]:
    return tuple(span.of(document.text) for span in document.struck)


def _has(texts: tuple[str, ...], key: str) -> bool:
    return bool(texts) and f" {key} " in f" {word_key(' '.join(texts))} "


def only_new(old: Document, old_notes: Sequence[Span], new: Document, new_notes: Sequence[Span]) -> tuple[Span, ...]:
    """Return the notes of `new` that `old` does not have."""
    known = {word_key(note.of(old.text)) for note in old_notes}
    return tuple(note for note in new_notes if word_key(note.of(new.text)) not in known)
