"""Silent edits: compare the statements of two revisions of one article.

Statements are aligned by their words and by the sentences around them, never by position. A statement that was moved,
or that the other revision has outside the bounds that the extractor found, has not changed.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.histories import ChangeKind, StatementChange
from searchkit.histories.sentences import ENDS, Sentences, act, is_other_verb, marked_out, only_new, strikes_more
from searchkit.statements import corrections
from searchkit.statements.document import Document, Quote, Speaker
from searchkit.statements.text import Span, name_key, word_key
from searchkit.store.base import SHOWS_LESS
from searchkit.store.shorter_views import Comparison
from searchkit.store.sources import Failure
from searchkit.wording import meaning
from searchkit.wording.speakers import are_other_sources, is_resolved, is_same_speaker, names_one_of

SAME_WORDS, SIMILAR_WORDS, MISSING, NEW = "same words", "similar words", "words missing", "words new"
# Statements with fewer words are common phrases: only their place identifies them.
_SHORT = 6
# The share of tokens in common from which statements by one speaker or in one place are the same, and from which
# others are; the share of the shorter statement that the longer one contains.
_LIKE, _ALIKE, _CONTAINED = 0.5, 0.8, 0.75
# The most statements that a statement is compared with; tokens of more statements than this find none.
_MAX_CANDIDATES, _MAX_HAVING = 12, 60
# With fewer tokens in common, two statements are not compared word by word.
_MIN_SHARED = 0.3
# Other words of a statement with another verb may need that verb.
_MIN_VERB_LIKENESS = 0.6
# A statement below this confidence may be none.
_MIN_CONFIDENCE = 0.75
# Except words in quotation marks in a language without rules: the marks are evidence enough that they were there.
_MARKED = "marks-only"
# Pronouns and descriptions are resolved by the text around them, which may have changed.
_MIN_SPEAKER_CONFIDENCE = 0.75
# From this confidence, a pronoun does not mean one of the others whom it could mean.
_CERTAIN = 0.95
_INDIRECT = frozenset(("pronoun", "role", "title"))
# Behind these, a sentence goes on: a quotation mark alone ends none.
_OPEN_ENDS = tuple("\"'”’»“‘«)]")
_DEVELOPING = timedelta(hours=24)


class _Statement:
    """A statement, or those sentences of it that stand together, and what is computed of it on demand.

    `whole` is the first part of the statement.
    """

    def __init__(self, document: Document, whole: Quote, parts: Sequence[Quote]) -> None:
        self.document = document
        self.whole = whole
        self.quote = parts[0]
        self.spans = [part.content for part in parts]
        self.key = word_key(" ".join(span.of(document.text) for span in self.spans))
        self.length = self.key.count(" ") + 1
        self.reported = all(part.kind == "indirect" for part in parts)

    @cached_property
    def tokens(self) -> tuple[meaning.Token, ...]:
        return self._tokens(reported=self.reported)

    def tokens_as(self, *, reported: bool) -> tuple[meaning.Token, ...]:
        return self.tokens if reported == self.reported else self._tokens(reported=reported)

    def _tokens(self, *, reported: bool) -> tuple[meaning.Token, ...]:
        document = self.document
        return meaning.tokens(document.text, self.spans, document.dates, document.language, reported=reported)

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(token.key for token in self.tokens)

    @cached_property
    def days(self) -> frozenset[str]:
        """The dates in its words."""
        found = self.document.dates
        return frozenset(mention.date.value for mention in found for span in self.spans if mention.span.overlaps(span))


class _Revision:
    """One revision: its statements outside the outlet's notes, and its sentences."""

    def __init__(self, document: Document, notes: Sequence[Span]) -> None:
        self.document = document
        outside = (
            [part for part in document.parts_of(quote) if not any(note.overlaps(part.content) for note in notes)]
            for quote in document.statements
        )
        self.statements = [
            _Statement(document, parts[0], together)
            for parts in filter(None, outside)
            for together in _in_sentences(document.text, parts)
        ]

    @cached_property
    def words(self) -> str:
        return word_key(self.document.text)

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(name_key(mention.surface) for mention in self.document.mentions)

    def has(self, key: str) -> bool:
        """Return whether these words stand anywhere in the text."""
        return f" {key} " in f" {self.words} "


class _Pair(Struct, frozen=True, eq=False):
    """A statement in both revisions."""

    old: _Statement
    new: _Statement
    rule: str
    likeness: float


class _Found(Struct, frozen=True, eq=False):
    """A statement that differs; added or removed, it has one side."""

    sides: tuple[_Statement | None, _Statement | None]
    kinds: tuple[ChangeKind, ...]
    rule: str
    likeness: float = 0.0

    @property
    def statements(self) -> tuple[_Statement, ...]:
        return tuple(statement for statement in self.sides if statement is not None)


def _in_sentences(text: str, quotes: Sequence[Quote]) -> Iterator[list[Quote]]:
    """Yield the parts of a statement, together where the attribution interrupts a sentence: not `," he said. "`."""
    together = [quotes[0]]
    for quote in quotes[1:]:
        before = text[together[-1].content.start : quote.content.start].rstrip()
        if before.endswith(ENDS) and not before.endswith(_OPEN_ENDS):
            yield together
            together = []
        together.append(quote)
    yield together


def changes(old: Document, new: Document) -> tuple[StatementChange, ...]:
    """Return how the statements of `new` differ from those of `old`, an earlier revision of the same article.

    Both must be annotated by the same version: otherwise the difference could be that of the extractor.
    """
    if old.extractor_version != new.extractor_version:
        raise UsageError(
            f"cannot compare the revisions of {new.id}: extracted by versions "
            f"{old.extractor_version} and {new.extractor_version}.",
            hint="Re-annotate the older revision first.",
        )
    if old.text == new.text and old.struck == new.struck:
        return ()
    return tuple(_Comparison(old, new).changes())


def shows_less(document: Document, view: Failure) -> tuple[StatementChange, ...]:
    """Return that the page of `document` shows less now, with its last statement; nothing if it has none."""
    last = document.statements[-1:]
    return tuple(
        StatementChange(
            kinds=("shows-less",),
            old=quote,
            new=None,
            old_spans=(quote.content,),
            new_spans=(),
            rule=view.reason,
            likeness=0.0,
            after=document.fetched_at,
            before=view.at,
        )
        for quote in last
    )


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        old_notes, new_notes = tuple(corrections(old)), tuple(corrections(new))
        self.notes = only_new(old, old_notes, new, new_notes)
        self.old, self.new = _Revision(old, old_notes), _Revision(new, new_notes)
        self.developing = _is_developing(old, new)

    @cached_property
    def around(self) -> Sentences:
        return Sentences(self.old.document, self.new.document)

    def changes(self) -> Iterator[StatementChange]:
        found = _once([change for change in self._found() if change.kinds])
        corrected = self._corrections(found)
        for at, change in enumerate(found):
            old, new = change.sides
            yield StatementChange(
                kinds=change.kinds,
                old=old.whole if old is not None else None,
                new=new.whole if new is not None else None,
                old_spans=tuple(old.spans) if old is not None else (),
                new_spans=tuple(new.spans) if new is not None else (),
                rule=change.rule,
                likeness=change.likeness,
                correction=corrected.get(at),
                developing=self.developing,
                after=self.old.document.fetched_at,
                before=self.new.document.fetched_at,
            )

    def _found(self) -> Iterator[_Found]:
        """Yield the statements of both revisions that are paired, missing or new."""
        pairs, old_left, new_left = self._same_words()
        similar = self._similar(old_left, new_left)
        pairs += similar
        paired = {id(statement) for pair in similar for statement in (pair.old, pair.new)}
        old_left = [statement for statement in old_left if id(statement) not in paired]
        new_left = [statement for statement in new_left if id(statement) not in paired]
        if similar or old_left or new_left:
            self.around.keep((pair.old.spans, pair.new.spans) for pair in pairs)
        yield from (_Found((pair.old, pair.new), self._kinds(pair), pair.rule, pair.likeness) for pair in pairs)
        yield from self._missing(old_left)
        yield from (_Found((None, left), ("added",), NEW) for left in new_left if self._is_added(left))

    # --- alignment ---

    def _same_words(self) -> tuple[list[_Pair], list[_Statement], list[_Statement]]:
        """Pair the statements with the same words: those of one speaker first, then those in one place."""
        by_key: dict[str, list[_Statement]] = {}
        for statement in self.new.statements:
            by_key.setdefault(statement.key, []).append(statement)
        pairs: list[_Pair] = []
        old_left: list[_Statement] = []
        waiting: list[_Statement] = []
        for statement in self.old.statements:
            same = by_key.get(statement.key, [])
            match = next((other for other in same if is_same_speaker(statement.quote, other.quote)), None)
            if match is None:
                (waiting if same else old_left).append(statement)
            else:
                same.remove(match)
                pairs.append(_Pair(statement, match, SAME_WORDS, 1.0))
        for statement in waiting:
            same = by_key[statement.key]
            is_only = len(same) == 1 and statement.length >= _SHORT
            place = next((other for other in same if is_only or self._is_same_place(statement, other)), None)
            if place is None:
                old_left.append(statement)
            else:
                same.remove(place)
                pairs.append(_Pair(statement, place, SAME_WORDS, 1.0))
        return pairs, old_left, [statement for same in by_key.values() for statement in same]

    def _is_same_place(self, old: _Statement, new: _Statement) -> bool:
        return self.around.is_same_place(old.spans[0], new.spans[0])

    def _similar(self, old_left: Sequence[_Statement], new_left: Sequence[_Statement]) -> list[_Pair]:
        """Pair the statements that share most words, the most similar first."""
        places: dict[str, list[int]] = {}
        for number, new in enumerate(new_left):
            for key in new.keys:
                places.setdefault(key, []).append(number)
        candidates: list[tuple[float, int, int, _Pair]] = []
        for at, old in enumerate(old_left):
            for number in _likely(old, places):
                new = new_left[number]
                if len(old.keys & new.keys) < _MIN_SHARED * min(len(old.keys), len(new.keys)):
                    continue
                compared = meaning.compare(old.tokens, new.tokens)
                score = self._score(old, new, compared)
                if score:
                    candidates.append((-score, at, number, _Pair(old, new, SIMILAR_WORDS, compared.likeness)))
        pairs, used_old, used_new = [], set[int](), set[int]()
        for _, at, number, pair in sorted(candidates, key=lambda candidate: candidate[:3]):
            if at not in used_old and number not in used_new:
                used_old.add(at)
                used_new.add(number)
                pairs.append(pair)
        return pairs

    def _score(self, old: _Statement, new: _Statement, compared: meaning.Comparison) -> float:
        """Return how well two statements fit; 0 if they are not one statement in two wordings."""
        if compared.likeness < _LIKE and compared.contained < _CONTAINED:
            return 0.0
        short = min(old.length, new.length) < _SHORT
        speaker, place = is_same_speaker(old.quote, new.quote), self._is_same_place(old, new)
        if (compared.likeness < _ALIKE or short) and not (speaker or place):
            return 0.0
        if compared.content < (1 if short or (speaker and place) else 2):
            return 0.0
        return max(compared.likeness, compared.contained * _ALIKE) + 0.2 * speaker + 0.2 * place

    # --- kinds ---

    def _kinds(self, pair: _Pair) -> tuple[ChangeKind, ...]:
        old, new = pair.old, pair.new
        kinds: list[ChangeKind] = list(self._word_kinds(old, new)) if old.key != new.key else []
        if strikes_more(self.old.document, self.new.document, new.spans):
            kinds.append("struck-out")
        if self._is_other_speaker(old.quote, new.quote):
            kinds.append("speaker")
        if pair.likeness >= _MIN_VERB_LIKENESS and is_other_verb(old.quote, new.quote):
            kinds.append("verb")
        is_denied = ("deny", False) in {act(old.quote)} ^ {act(new.quote)}
        if is_denied and "reversed" in kinds:  # "denied it was late" is "said it was not late"
            is_same = len(meaning.compare(old.tokens, new.tokens).operations) == 1
            return tuple(kind for kind in kinds[1:] if kind != "verb") if is_same else ("reworded", *kinds[1:])
        if is_denied and "verb" in kinds:
            return ("reversed", *(kind for kind in kinds if kind != "reworded"))
        return tuple(kinds)

    def _word_kinds(self, old: _Statement, new: _Statement) -> Iterator[ChangeKind]:
        if self._has_other_bounds(old, new) or self.around.is_at_cut(old.spans[-1], new.spans[-1]):
            return
        reported = old.reported or new.reported
        sides = (old.tokens_as(reported=reported), new.tokens_as(reported=reported))
        different = meaning.differences(
            meaning.Side(tokens=sides[0], text=old.document.text, words=self.old.words),
            meaning.Side(tokens=sides[1], text=new.document.text, words=self.new.words),
            reported=reported,
        )
        if "word" in different:
            yield "reversed" if meaning.is_reversed(*sides, new.document.language) else "reworded"
        if "date" in different and (not old.days or old.days != new.days):
            yield "date"
        if "number" in different:
            yield "number"

    def _has_other_bounds(self, old: _Statement, new: _Statement) -> bool:
        """Return whether the words of the longer statement stand in the other text too."""
        return self.new.has(old.key) if old.length > new.length else self.old.has(new.key)

    def _is_other_speaker(self, old: Quote, new: Quote) -> bool:
        """Return whether both speakers are resolved by words next to the statement, and are two."""
        one, other = old.speaker, new.speaker
        if is_same_speaker(old, new):
            return False
        if not (is_resolved(one) and is_resolved(other)):
            return are_other_sources(one, other, self.new.document.language)
        indirect = [speaker for speaker in (one, other) if speaker.resolved_by in _INDIRECT]
        if any(speaker.confidence < _MIN_SPEAKER_CONFIDENCE for speaker in indirect):
            return False
        by_rival = [speaker for speaker in (one, other) if names_one_of(speaker.rivals, (one, other))]
        if self._attribution(old, self.old) != self._attribution(new, self.new):
            return all(speaker.confidence >= _CERTAIN for speaker in by_rival)
        # The same words: the text around them decides whom they mean, and must name only one of the two.
        return len(indirect) == 2 and not by_rival and not (_mentions(self.new, one) and _mentions(self.old, other))

    def _attribution(self, quote: Quote, revision: _Revision) -> str:
        return word_key(quote.attribution.of(revision.document.text)) if quote.attribution is not None else ""

    # --- missing and new statements ---

    def _missing(self, old_left: Sequence[_Statement]) -> Iterator[_Found]:
        """Yield the statements that were cut out: their words are missing, and the text around them is still there. If
        the page shows less, yield only the first missing one, for all of them."""
        pages = self.old.document, self.new.document
        marked = [
            _Found((left, None), (kind,), rule) for left in old_left for kind, rule in marked_out(*pages, left.key)
        ]
        yield from marked
        marked_already = {id(change.sides[0]) for change in marked}
        missing = [
            left
            for left in old_left
            if id(left) not in marked_already
            and _is_certain(left)
            and not self.new.has(left.key)
            and not self.around.is_still_there(left.key)
        ]
        view = Comparison(self.old.document, self.new.document) if missing else None
        ends_in_note = any(note.end == len(self.new.document.text) for note in self.notes)
        for left in missing:
            span = self.old.document.sentence_of(left.quote)
            if view is not None and not self.around.is_live_blog and view.hides(span.start, ends_in_note=ends_in_note):
                yield _Found((left, None), ("shows-less",), f"{SHOWS_LESS}{view.kept:.0%} of the earlier words")
                return
            if self.around.is_cut_out(span):
                yield _Found((left, None), ("removed",), MISSING)

    def _is_added(self, statement: _Statement) -> bool:
        return (
            _is_certain(statement)
            and not self.old.has(statement.key)
            and not self.around.was_there(statement.key)
            and not self.around.is_behind_cut(self.new.document.sentence_of(statement.quote))
        )

    # --- corrections ---

    def _corrections(self, found: Sequence[_Found]) -> dict[int, Span]:
        """Return the new note about each change, by its number: the note that has the changed words, else a speaker.

        If a note has the changed words of one, a name links no other; a single note is about a single change.
        """
        document = self.new.document
        linked: dict[int, Span] = {}
        for note in self.notes:
            read = meaning.tokens(document.text, (note,), document.dates, document.language, reported=False)
            keys, words = {token.key for token in read}, set(word_key(note.of(document.text)).split())
            about = [at for at, change in enumerate(found) if keys & _changed(change.statements)]
            about = about or [at for at, change in enumerate(found) if words & _names(change.statements)]
            if not about and len(self.notes) == len(found) == 1:
                about = [0]
            for at in about:
                linked.setdefault(at, note)
        return linked


def _once(found: Sequence[_Found]) -> list[_Found]:
    """Return the changes without the speaker and verb of a statement where another part of it has them already."""
    seen: set[tuple[str, str, ChangeKind]] = set()
    kept = []
    for change in found:
        old, new = change.sides
        if old is not None and new is not None:
            attributed: set[ChangeKind] = {"speaker", "verb", "reversed"} if "verb" in change.kinds else {"speaker"}
            known = {kind for kind in attributed if (old.whole.id, new.whole.id, kind) in seen}
            seen.update((old.whole.id, new.whole.id, kind) for kind in change.kinds)
            left = replace(change, kinds=tuple(kind for kind in change.kinds if kind not in known))
        else:
            left = change
        if left.kinds:
            kept.append(left)
    return kept


def _changed(statements: Sequence[_Statement]) -> set[str]:
    """Return the tokens that only one side has, without pronouns."""
    sides = [{token.key for token in side.tokens if token.kind not in {"pronoun", "light"}} for side in statements]
    return sides[0] if len(sides) == 1 else sides[0] ^ sides[1]


def _names(statements: Sequence[_Statement]) -> set[str]:
    return {word for side in statements for word in name_key(side.quote.speaker.name or "").split()}


def _likely(old: _Statement, places: dict[str, list[int]]) -> list[int]:
    """Return the numbers of the new statements that share most tokens with `old`, those that few have counting more."""
    shared: dict[int, float] = {}
    for key in old.keys:
        having = places.get(key, ())
        if len(having) <= _MAX_HAVING:
            for number in having:
                shared[number] = shared.get(number, 0.0) + 1 / len(having)
    return sorted(shared, key=lambda number: (-shared[number], number))[:_MAX_CANDIDATES]


def _is_certain(statement: _Statement) -> bool:
    """Return whether it surely is a statement: a headline in a list of links is not one."""
    document, quote = statement.document, statement.quote
    if quote.confidence < _MIN_CONFIDENCE and quote.rule != _MARKED:
        return False
    at = bisect_right(document.paragraphs, quote.content.start, key=lambda paragraph: paragraph.end)
    end = document.paragraphs[at].end if at < len(document.paragraphs) else quote.content.end
    return document.text.endswith(ENDS, 0, end)


def _mentions(revision: _Revision, speaker: Speaker) -> bool:
    name = name_key(speaker.name or "")
    return any(name == other or name.endswith(f" {other}") for other in revision.names)


def _is_developing(old: Document, new: Document) -> bool:
    """Return whether the later capture is at most a day younger than the article.

    Where only the day of publication is known, the article is as old as the end of that day or its first capture.
    """
    published, seen = old.published or new.published, _moment(new.fetched_at)
    if published is None or seen is None or published.latest is None:
        return False
    if published.precision == "instant":
        start = _moment(published.value)
    elif published.precision == "day":
        end = datetime(published.latest.year, published.latest.month, published.latest.day, tzinfo=UTC) + _DEVELOPING
        start = min(end, _moment(old.fetched_at) or end)
    else:
        return False
    return start is not None and seen <= start + _DEVELOPING


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
