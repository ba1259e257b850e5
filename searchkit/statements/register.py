"""The register: a user's aliases, splits, hidden names and watchlists, applied to the mentions of an article.

The user's names override the shipped lists. But where a document itself shows whom "Xu" stands for, that full name
decides. A watchlist match means only that the name is the same.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from searchkit.statements.document import PART, Article, Mention, MentionKind, Speaker, WatchlistMatch, document_id
from searchkit.statements.name_sounds import likeness, listed_keys, spoken_names
from searchkit.statements.name_table import (
    FoundName,
    NameTable,
    in_mid_sentence,
    is_acronym,
    name_table,
    numbers_by_key,
    numbers_of,
    without_legal_words,
)
from searchkit.statements.names.finding import in_order, new_mention
from searchkit.statements.names.gazetteer import gazetteer, plain_words
from searchkit.statements.names.links import Link
from searchkit.statements.names.runs import flatten
from searchkit.statements.text import UNSPACED, Span, name_key, paragraphs, slug

# Confidence of names that only the register knows. A user's aliases are as good as the shipped lists ("list" in
# data/confidence.txt); the names of a watchlist are not chosen for being unmistakable.
_ALIAS_CONFIDENCE = 0.95
_WATCHLIST_CONFIDENCE = 0.7
# Names found by these rules are complete; others give way to a longer name of a watchlist.
COMPLETE_RULES = frozenset({"list", "head", "country-body", "legal-form", "alias"})
# By these rules the document itself shows which full name a short name stands for.
LINKED_RULES = frozenset({"surname", "short-name", "bracketed", "capitals", "title"})
# By these rules the words around a name, or its shape, suggest its kind.
_GUESSES = frozenset(
    {"speech", "lone", "name-shape", "apposition", "preposition", "noun-before", "plural", "plain-head"}
)
# Kinds that lists and rules often confuse.
_BODIES = frozenset({"company", "organisation", "agency"})
# A match names at most so many entries of the lists.
MOST_BEARERS = 25
# At most so many mentions begin before a place and end after it: a body's name holds one place at each end.
_NESTED = 8


class Alias(Struct, frozen=True, kw_only=True):
    """One entity of the user; `names` are all its names, with the canonical `name`."""

    entity_id: str
    name: str
    kind: MentionKind
    names: tuple[str, ...]
    country: str = ""
    note: str = ""


class Scope(Struct, frozen=True, kw_only=True):
    """Where a rule of the user applies: in these documents (ids or addresses) of this outlet; everywhere if empty."""

    documents: frozenset[str] = frozenset()
    outlet: str = ""

    def holds(self, article: Article) -> bool:
        if self.outlet and name_key(article.outlet or "") != name_key(self.outlet):
            return False
        if not self.documents:
            return True
        names = (document_id(article.identity), article.uri, article.canonical_url)
        return not self.documents.isdisjoint(names)


class Split(Struct, frozen=True, kw_only=True):
    """Names that stand for `becomes`, whatever they are merged into elsewhere."""

    names: tuple[str, ...]
    becomes: Alias
    scope: Scope = Scope()


class Hide(Struct, frozen=True, kw_only=True):
    """Names that are not reported, of one kind or of any kind."""

    names: tuple[str, ...]
    kind: MentionKind | None = None
    scope: Scope = Scope()


class Entry(NamedTuple):
    """One entry of a watchlist, without its names. A tuple, because a list has hundreds of thousands."""

    watchlist: str
    id: str
    name: str
    kind: str
    topics: tuple[str, ...]


class Register(Struct, frozen=True, kw_only=True):
    """Everything a user defines about names. `version` changes whenever any of it does.

    `forms` are the pairs of `watched`, and `sounds` their places by the keys of names that sound alike."""

    version: str
    aliases: tuple[Alias, ...] = ()
    splits: tuple[Split, ...] = ()
    hides: tuple[Hide, ...] = ()
    entries: tuple[Entry, ...] = ()
    named: NameTable
    watched: NameTable
    forms: tuple[tuple[str, int], ...] = ()
    sounds: Mapping[str, int | tuple[int, ...]]
    by_id: Mapping[str, Alias]

    def names_of(self, entity_id: str) -> tuple[str, ...]:
        alias = self.by_id.get(entity_id)
        return alias.names if alias is not None else ()


def register(
    *,
    version: str,
    rules: Iterable[Alias | Split | Hide] = (),
    entries: Iterable[Entry] = (),
    watched: Iterable[tuple[str, int]] = (),
    acronyms: Iterable[str] = (),
) -> Register:
    """Return a register of the user's `rules` and the `entries` of watchlists, each in order.

    `watched` pairs keys with twice the number of an entry, plus one where the name is weak; `acronyms` are the keys in
    it that count only in capitals.
    """
    rules, entries, pairs = tuple(rules), tuple(entries), tuple(watched)
    aliases = tuple(rule for rule in rules if isinstance(rule, Alias))
    forms = [(form, number) for number, alias in enumerate(aliases) for form in alias.names]
    return Register(
        version=version,
        aliases=aliases,
        splits=tuple(rule for rule in rules if isinstance(rule, Split)),
        hides=tuple(rule for rule in rules if isinstance(rule, Hide)),
        entries=entries,
        named=name_table(
            ((name_key(form), number) for form, number in forms),
            (name_key(form) for form, _ in forms if is_acronym(form)),
        ),
        watched=name_table(pairs, acronyms),
        forms=pairs,
        sounds=numbers_by_key(
            listed_keys(
                (form, place)
                for place, (form, number) in enumerate(pairs)
                if entries and _may_be_person(entries[number >> 1], form)
            )
        ),
        by_id={alias.entity_id: alias for alias in aliases},
    )


class AppliedRegister:
    """A register applied to one article: its `mentions` under the user's names, and its watchlist `matches`."""

    def __init__(self, register: Register, article: Article, mentions: Sequence[Mention]) -> None:
        self._register = register
        self._text = article.text
        # In German a single word counts only where a rule finds a name.
        self._every_noun_is_capital = (article.language or "").startswith("de")
        self._flat = flatten(article.text, article.paragraphs or paragraphs(article.text))
        self._key = lru_cache(maxsize=None)(name_key)
        self._hidden: set[str] = set()  # as written: "Xu", where Xu Guixiang is hidden
        self._hidden_people: list[Span] = []  # in order
        self._splits: dict[str, Alias] = {}
        for split in register.splits:
            if split.scope.holds(article):
                self._splits = dict.fromkeys(map(name_key, split.names), split.becomes) | self._splits
        self._hides: dict[str, set[MentionKind | None]] = {}
        for hide in register.hides:
            for name in hide.names if hide.scope.holds(article) else ():
                self._hides.setdefault(name_key(name), set()).add(hide.kind)
        if register.aliases:
            named = register.named.find(self._flat)
            places = [place for place in named if self._is_open(place, mentions, aliases=True)]
            mentions = _with(mentions, map(self._by_alias, places))
        mentions = self._renamed_all(mentions)
        places = [place for place in register.watched.find(self._flat) if not self._is_hidden(place.key)]
        places = [place for place in places if " " in place.key or self._may_be_one_word(place)]
        strong = [place for place in places if _strong_entry(place) is not None and self._is_open(place, mentions)]
        mentions = _with(mentions, self._renamed_all(map(self._by_watchlist, strong)))
        self.mentions = tuple(mentions)
        self.matches = self._matches(places) if register.entries else ()

    def speaker(self, speaker: Speaker, attribution: Span | None) -> Speaker:
        """Return `speaker` under the user's name; an empty Speaker when the user hides the name in `attribution`."""
        if speaker.name is None:
            return speaker
        if speaker.entity_id is None:
            return Speaker() if self.hides(attribution) else speaker
        if not speaker.entity_id.startswith("other:"):  # a mention, already under the user's name
            return speaker
        key = self._key(speaker.name)
        if key in self._hidden or self._is_hidden(key, "other"):
            return Speaker()
        alias = self._splits.get(key) or self._alias(key)
        return speaker if alias is None else replace(speaker, name=alias.name, entity_id=alias.entity_id)

    def hides(self, attribution: Span | None) -> bool:
        """Return whether a hidden person is named there ("Prime Minister Korbel on Monday"), or it is a hidden name.

        "A lawyer for Korbel" and "Korbel's lawyer" are other people.
        """
        if attribution is None or not self._hides:
            return False
        first = bisect_left(self._hidden_people, attribution.start, key=lambda span: span.start)
        for span in self._hidden_people[first:]:
            if not attribution.covers(span):
                break
            before = self._flat[attribution.start : span.start].split()
            linked = before and before[-1].islower() and len(before[-1]) <= 4
            if not linked and not self._flat.startswith(("'s", "’s"), span.end):
                return True
        key = self._key(attribution.of(self._flat))
        return key in self._hidden or self._is_hidden(key)

    def _alias(self, key: str) -> Alias | None:
        numbers = self._register.named.get(key)
        return self._register.aliases[numbers[0]] if numbers else None

    def _renamed_all(self, mentions: Iterable[Mention]) -> list[Mention]:
        return [renamed for mention in mentions if (renamed := self._renamed(mention)) is not None]

    def _renamed(self, mention: Mention) -> Mention | None:
        """Return `mention` under the user's name; None when the user hides it."""
        surface, name = self._key(mention.surface), self._key(mention.name)
        # After a document has named Xu Lin, "Xu" is Xu Lin, whoever else the user calls Xu.
        own = () if mention.rule in LINKED_RULES and surface != name else ((surface, mention.surface),)
        if any(self._is_hidden(key, mention.kind) for key in (surface, name)):
            self._hidden.add(surface)
            if mention.kind == "person":
                self._hidden_people.append(mention.span)
            return None
        for key in (surface, name):
            if key in self._splits:
                return _with_name(mention, self._splits[key])
        for key, written in ((name, mention.name), *own):
            if key in self._register.named.acronyms and not is_acronym(written):
                continue
            alias = self._alias(key)
            if alias is not None:
                return _with_name(mention, alias)
        return mention

    def _is_hidden(self, key: str, kind: MentionKind | None = None) -> bool:
        kinds = self._hides.get(key)
        return kinds is not None and (None in kinds or kind in kinds)

    # --- names that no rule found ---

    def _is_open(self, place: FoundName, mentions: Sequence[Mention], *, aliases: bool = False) -> bool:
        """Return whether a new mention may stand at `place`: where no mention stands, or only parts of its name.

        A listed name of several words goes before names that only overlap it, and before a guess at its kind. A listed
        word gives way to complete names.
        """
        around = _around(place.span, mentions)
        if not aliases and " " in place.key:
            body = self._register.entries[_strong_entry(place) or 0].kind in _BODIES
            guessed = (body and mention.rule in _GUESSES and mention.span == place.span for mention in around)
            return any(guessed) or not any(mention.span.covers(place.span) for mention in around)
        if any(not place.span.covers(mention.span) or mention.span == place.span for mention in around):
            return False
        return aliases or not any(mention.rule in COMPLETE_RULES for mention in around)

    def _may_be_one_word(self, place: FoundName) -> bool:
        """Return whether the one word at `place` may be a name: not in German, and not a demonym ("Turkish")."""
        if self._every_noun_is_capital:
            return False
        word = place.span.of(self._flat)
        known = gazetteer().at(word, 0, word)
        return known is None or known[1][0].kind != "demonym"

    def _by_alias(self, place: FoundName) -> Mention:
        alias = self._register.aliases[place.entries[0]]
        return new_mention(
            self._text, place.span, Link(alias.name, alias.entity_id, alias.kind), "alias", _ALIAS_CONFIDENCE
        )

    def _by_watchlist(self, place: FoundName) -> Mention:
        kind: MentionKind = self._register.entries[_strong_entry(place) or 0].kind  # type: ignore[assignment]  # checked when read
        name = " ".join(place.span.of(self._flat).split())
        link = Link(name, f"{kind}:{slug(name)}", kind)
        return new_mention(self._text, place.span, link, "watchlist", _WATCHLIST_CONFIDENCE)

    # --- watchlist matches ---

    def _matches(self, places: Sequence[FoundName]) -> tuple[WatchlistMatch, ...]:
        """Return the matches in text order, in mentions and elsewhere; `places` are the names of the lists."""
        known: dict[tuple[str, str, str], dict[int, str]] = {}
        found: dict[Span, dict[int, str]] = {}  # by span: the number of each entry, and why its name is weak
        for mention in self.mentions:
            names = (mention.entity_id, mention.surface, mention.name)
            if names not in known:
                known[names] = self._entries_of(mention)
            if known[names]:
                found[mention.span] = known[names]
        for place in places:
            around = _around(place.span, self.mentions)
            if not any(mention.span == place.span for mention in around):
                holders = [mention.span for mention in around if mention.span.covers(place.span)]
                self._match_at(place, holders, found)
        self._match_sounds(found)
        return tuple(
            WatchlistMatch(
                span=span,
                surface=span.of(self._text),
                watchlist=entry.watchlist,
                entry_id=entry.id,
                name=entry.name,
                weak=bool(reason),
                topics=entry.topics,
                reason=reason,
            )
            for span, entries in sorted(found.items())
            for entry, reason in [
                (self._register.entries[number], reason) for number, reason in sorted(entries.items())[:MOST_BEARERS]
            ]
        )

    def _match_at(self, place: FoundName, holders: Sequence[Span], found: dict[Span, dict[int, str]]) -> None:
        """Add the entries that bear the name at `place`, inside the names at `holders`, which do not bear it."""
        single = " " not in place.key
        for number in place.entries:
            entry, weak = number >> 1, bool(number & 1)
            if any(entry in found.get(span, ()) for span in holders):
                continue
            # A weak name of one word does not count at the start of a sentence, or inside another name.
            if single and weak and (holders or not in_mid_sentence(self._flat, place.span.start)):
                continue
            kind = "single word" if single else "weak name of the entry" if weak else ""
            _add(found.setdefault(place.span, {}), entry, kind, PART if holders else "", _short(place.key))

    def _match_sounds(self, found: dict[Span, dict[int, str]]) -> None:
        """Add the entries of which no name is at a place, but one that sounds like it, or in other order or length."""
        register = self._register
        ends = {(entry, end) for span, entries in found.items() for entry in entries for end in (span.start, span.end)}
        for span, words, keys in spoken_names(self._flat, register.sounds) if register.sounds else ():
            around = [mention.span for mention in _around(span, self.mentions)]
            if len(words) == 1 and around != [span]:
                continue
            part = PART if any(other.covers(span) and other != span for other in around) else ""
            pairs = {pair for key in keys for pair in numbers_of(register.sounds[key])[:MOST_BEARERS]}
            for form, number in (register.forms[pair] for pair in sorted(pairs)):
                reason, entry = likeness(words, form), number >> 1
                own_ends = {(entry, span.start), (entry, span.end)}
                if reason and ends.isdisjoint(own_ends) and not self._is_hidden(" ".join(words)):
                    ends |= own_ends
                    _add(found.setdefault(span, {}), entry, reason, part)

    def _entries_of(self, mention: Mention) -> dict[int, str]:
        """Return the entries that bear a name of the mentioned entity, each with why the name is weak."""
        watched = self._register.watched
        names = [mention.name, *self._register.names_of(mention.entity_id)]
        if mention.rule not in LINKED_RULES:
            names.append(mention.surface)
        keys: dict[str, str] = {}
        for name in names:
            key = self._key(name)
            keys.setdefault(key, name)
            if mention.kind in _BODIES:
                keys.setdefault(without_legal_words(key), name)
        found: dict[int, str] = {}
        written = set(self._key(mention.surface).split()) if mention.kind == "person" else set[str]()
        for key, name in keys.items():
            longer = "middle name" if set(key.split()) < written else ""  # "Nadia V. Korbel", for Nadia Korbel
            if key in watched.acronyms and not is_acronym(name):
                continue
            for number in watched.get(key):
                kinds = {mention.kind, self._register.entries[number >> 1].kind}
                other = len(kinds) == 2 and "other" not in kinds and not kinds <= _BODIES
                if not (other and " " not in key):
                    weak = "single word" if " " not in key else "weak name of the entry" if number & 1 else ""
                    _add(found, number >> 1, weak, longer, "other kind of entity" if other else "", _short(key))
        return found


def _may_be_person(entry: Entry, form: str) -> bool:
    """Return whether names that sound like this form of the entry may be it; bodies have to be listed as written."""
    is_plain = entry.kind == "other" and not plain_words()["ordinary"].isdisjoint(form.split())
    return entry.kind in ("person", "other") and not is_plain


def _short(key: str) -> str:
    """Return why a name of two Chinese characters is weak: running text has them by chance."""
    return "two characters" if re.fullmatch(f"[{UNSPACED}] [{UNSPACED}]", key) else ""


def _add(found: dict[int, str], entry: int, *reasons: str) -> None:
    """Add an entry, with the reasons for which its strongest match is weak."""
    reason = ", ".join(filter(None, reasons))
    found[entry] = min(found.get(entry, reason), reason, key=bool)


def _strong_entry(place: FoundName) -> int | None:
    """Return the first entry that bears the name at `place` as a strong name."""
    return next((number >> 1 for number in place.entries if not number & 1), None)


def _with_name(mention: Mention, alias: Alias) -> Mention:
    return replace(mention, name=alias.name, entity_id=alias.entity_id, kind=alias.kind)


def _around(span: Span, mentions: Sequence[Mention]) -> list[Mention]:
    first = bisect_left(mentions, span.start, key=lambda mention: mention.span.start)
    after = bisect_left(mentions, span.end, lo=first, key=lambda mention: mention.span.start)
    return [mention for mention in mentions[max(0, first - _NESTED) : after] if mention.span.overlaps(span)]


def _with(mentions: Sequence[Mention], added: Iterable[Mention]) -> list[Mention]:
    """Return `mentions` with `added` in the place of those that they cover."""
    added = list(added)
    if not added:
        return list(mentions)
    covered = {id(mention) for new in added for mention in _around(new.span, mentions)}
    kept = [mention for mention in mentions if id(mention) not in covered]
    return in_order([*kept, *added])
