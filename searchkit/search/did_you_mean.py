"""Find words, names and keywords of the archive that may have been meant too, or by a value without a match.

Each lookup is bounded; none decides what was meant. Only the user can know that two names are one person.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from msgspec.structs import replace

from searchkit import statements
from searchkit.index.analysis import name_words
from searchkit.index.base import Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.index.values import value_key, within_edits
from searchkit.query import ast
from searchkit.query.fields import TEXT_FIELDS, Record
from searchkit.query.walk import Clause, clauses
from searchkit.search.rewrite import NameExpander, rewrite_query
from searchkit.statements.text import MIN_SOUND, name_key

Suggested = tuple[ast.Node, int]
"""A clause that may have been meant, and how many records match it."""

_MAX_SHOWN = 3
# A field with no more values is listed completely.
_MAX_LISTED = 6
# In shorter words one letter changes everything; from the second length on, two letters may be wrong.
_MIN_WORD, _LONG_WORD = 4, 6
_MAX_NAME_WORDS = 5
_MAX_TRIES = 16
# Each word costs a look-up in the names of the archive; a query with more of them is a list.
_MAX_LOOKED_UP = 6
_MAX_SPELLINGS = 4
# From this length on, two letters may differ (Zarensky, Sarenskyj): short words have too many neighbors to compare.
_LONG_NAME = 8


def near_words(word: str, field: str, record: Record, index: Index) -> list[ValueCount]:
    """Return the words of `field` nearest to `word` (an analysed word), the nearest and most frequent first."""
    if len(word) < _MIN_WORD:
        return []
    found = index.spellings(field, word, distance=1 if len(word) < _LONG_WORD else 2, record=record)
    near = [value for value in found if value.name != word]
    # One letter is wrong, missing or too many, or they stand in another order.
    slips = {one.name for one in near if within_edits(one.name, word, 1) or sorted(one.name) == sorted(word)}
    return sorted(near, key=lambda value: (value.name not in slips, -value.count, value.name))[:_MAX_SHOWN]


def near_values(clause: Clause, index: Index) -> list[Suggested]:
    """Return the keywords near to that of `clause`; all of them if there are few."""
    wanted = value_key(getattr(clause.value, "text", ""))
    values = index.values(ValuesRequest(field=clause.field, record=clause.record, copies=True))
    near = [value for value in values if _is_near(value_key(value.id), wanted)]
    if not near and len(values) <= _MAX_LISTED:
        near = list(values)
    keys = (value.id for value in near[:_MAX_LISTED])
    nodes = [clause.with_value(ast.Term(text=key) if key.isalnum() else ast.Phrase(text=key)) for key in keys]
    return [(node, index.search(SearchRequest(query=node, record=clause.record, limit=0)).total) for node in nodes]


def _is_near(key: str, wanted: str) -> bool:
    if min(len(key), len(wanted)) < _MIN_WORD:
        return False
    return within_edits(key, wanted, 2) or key.startswith(wanted) or wanted.startswith(key)


def near_names(clause: Clause, index: Index) -> list[Suggested]:
    """Return the names near to that of `clause`: a letter wrong, words joined or split, or a word in common."""
    words = name_words(getattr(clause.value, "text", ""))
    if not 0 < len(words) <= _MAX_NAME_WORDS:
        return []
    found: dict[str, ValueCount] = {}
    for text in islice(_spellings(words, clause, index), _MAX_TRIES):
        for value in _values(text, clause.field, clause.record, index):
            found.setdefault(value.id, value)
        if len(found) >= _MAX_SHOWN:
            break
    if not found and len(words) > 1:
        # People with the same surname or first name: the rarest word of the name narrows most.
        alike = [
            values
            for values in (_values(word, clause.field, clause.record, index) for word in words if len(word) > 1)
            if values
        ]
        found = {value.id: value for value in min(alike, key=len)} if alike else {}
    best = list(found.values())
    if len(words) > 1:
        best.sort(key=lambda value: -value.count)
    return [
        (clause.with_value(ast.Equals(text=value.name if value.alone else value.id)), value.count)
        for value in best[:_MAX_SHOWN]
    ]


def _spellings(words: Sequence[str], clause: Clause, index: Index) -> Iterator[str]:
    choices: list[list[str]] = []
    for word in words:
        near = [value.name for value in near_words(word, clause.field, clause.record, index)]
        known = index.spellings(clause.field, word, distance=0, record=clause.record)
        choices.append([word] if known and len(words) > 1 else near)
    yield from (" ".join(chosen) for chosen in product(*choices) if list(chosen) != list(words))


def _values(text: str, field: str, record: Record, index: Index) -> Sequence[ValueCount]:
    value = ast.Phrase(text=text) if " " in text else ast.Term(text=text)
    query = ast.Field(name=field, value=value)
    return index.values(ValuesRequest(field=field, value=value, query=query, record=record))


# --- names with several spellings: Zarensky, Zarenskyy, Sarenskyj -----------------------------------------------------


def spelling_notes(shown: ast.Node, request: SearchRequest, index: Index) -> Iterator[str]:
    """Yield a note for each name in the query `shown` that has other spellings."""
    words: dict[tuple[str, str], Clause] = {}
    written: set[str] = set()
    for clause in clauses(shown, request.record):
        text = getattr(clause.value, "text", "") if isinstance(clause.value, ast.Term | ast.Phrase) else ""
        # Looking up every bare word would take longer than answering the query.
        is_name = clause.kind == "name" or (clause.field in TEXT_FIELDS and text[:1].isupper())
        if is_name and clause.field != "watchlist" and not clause.excludes:
            for word in name_words(text):
                written.add(word)
                if len(word) >= MIN_SOUND:
                    words[clause.field, word] = clause
    for (_, word), clause in islice(words.items(), _MAX_LOOKED_UP):
        others = _others(word, clause, written, index)
        if others:
            listed = [f"{value.name} ({value.count:,})" for value in others.values()]
            query = ast.disjunction(*(clause.with_value(ast.Term(text=other)) for other in (word, *others)))
            yield f"{word.capitalize()} may also be spelled: {', '.join(listed)}. To include all, write {query}."


def _others(word: str, clause: Clause, written: Iterable[str], index: Index) -> dict[str, ValueCount]:
    """Return the other spellings of a word of a name, each with the most frequent name that has it."""
    field = clause.field if clause.kind == "name" else "entity"
    if not index.spellings(field, word, distance=0, record=clause.record):
        return {}
    near = index.spellings(field, word, distance=1 if len(word) < _LONG_NAME else 2, record=clause.record)
    others = [value.name for value in near if value.name not in written]
    heard = statements.sound(word) if others else ""
    alike = [name for name in others if heard and statements.sound(name) == heard]
    if not alike:
        return {}
    own = _values(word, field, clause.record, index)
    own_ids, own_sounds = {value.id for value in own}, {statements.sound(name_key(value.name)) for value in own}
    found: dict[str, ValueCount] = {}
    for other in alike:
        for value in _values(other, field, clause.record, index):
            if value.id not in own_ids and statements.sound(name_key(value.name)) in own_sounds:
                found.setdefault(other, value)
    return dict(list(found.items())[:_MAX_SPELLINGS])


# Facets list all names.
_NAMES_SHOWN = 5
# A query with more names is a list, and its user knows whom it means.
_MAX_CLAUSES = 12
_MAX_WORDS = 8  # of a name
# Keywords whose spelling in the archive a user may not know, and those that are ids. Addresses are copied, not typed.
_ID_KEYWORDS = frozenset({"id", "copies"})
_TYPED_KEYWORDS = frozenset({"kind", "verb", "lang", "genre", "source"}) | _ID_KEYWORDS


def names_notes(shown: ast.Node, request: SearchRequest, names: NameExpander) -> tuple[str, ...]:
    """Return notes for the answer to `request`; `shown` is the query as users see it."""
    written = list(clauses(shown, request.record))
    typed = [clause for clause in written if _is_typed(clause)][:_MAX_CLAUSES]
    notes = [note for clause in typed for note in _notes(clause, request, names)]
    return tuple(dict.fromkeys((*notes, *_unquoted_names(written, names.index))))


def _is_typed(clause: Clause) -> bool:
    if clause.field in _TYPED_KEYWORDS or (clause.kind == "name" and clause.field != "watchlist"):
        return isinstance(clause.value, ast.Term | ast.Phrase | ast.Equals) and not getattr(clause.value, "slop", 0)
    return False


def _notes(clause: Clause, request: SearchRequest, names: NameExpander) -> Iterator[str]:
    value = clause.value
    if clause.kind == "name":
        value = names.expand_value(clause.field, clause.value)
        query = (
            clause.with_value(value) if clause.excludes else rewrite_query(clause.query, names, clause.record).executed
        )
        matching = names.index.values(
            ValuesRequest(field=clause.field, value=value, query=query, record=clause.record, copies=request.copies)
        )
        if len(matching) > 1:
            action = "excludes" if clause.excludes else "matches"
            yield f"{clause.node} {action} {len(matching):,} names: {_listed(clause, matching)}."
        if matching:
            return
    if is_absent(clause, value, names.index):
        yield from absence_notes(clause, names.index)


def _unquoted_names(written: Sequence[Clause], index: Index) -> Iterator[str]:
    """Yield a note for each name of the archive whose end stands behind its field: `speaker:Nadia Korbel`."""
    for place, clause in enumerate(written[:_MAX_CLAUSES]):
        if clause.kind != "name" or not isinstance(clause.value, ast.Term | ast.Equals):
            continue
        name = clause.value.text
        matching: Sequence[ValueCount] = ()
        for word in _bare_words_after(clause, written[place + 1 : place + _MAX_WORDS]):
            longer = f"{name} {word}"
            request = ValuesRequest(field=clause.field, value=ast.Phrase(text=longer), record=clause.record)
            found = index.values(request) or index.values(replace(request, any_order=True))
            if not found:
                break
            name, matching = longer, found
        if matching:
            yield (
                f'{clause.node} does not include "{name.removeprefix(clause.value.text).strip()}". For the complete '
                f"name, write {clause.with_value(ast.Phrase(text=name))}: it matches {_listed(clause, matching)}."
            )


def _bare_words_after(clause: Clause, following: Sequence[Clause]) -> Iterator[str]:
    """Yield the bare words behind `clause`, up to the first operator or bracket."""
    last = clause.value
    for word in following:
        start, end = word.value.span, last.span
        is_next = start is not None and end is not None and start.start - end.end == 1
        if not is_next or word.field != "text" or not isinstance(word.value, ast.Term):
            return
        yield word.value.text
        last = word.value


def is_absent(clause: Clause, value: ast.Node, index: Index) -> bool:
    """Return whether no record has `value` in the field of `clause`."""
    return not index.values(ValuesRequest(field=clause.field, value=value, record=clause.record, copies=True))


def _listed(clause: Clause, names: Sequence[ValueCount]) -> str:
    """Return the queries for the first of `names` with their counts, and how many follow."""
    kind = "document" if clause.record == "document" else "statement"
    shown = names[:_NAMES_SHOWN]
    listed: list[str] = []
    for name in shown:
        exact = ast.Equals(text=name.name if name.alone else name.id)
        unit = "" if listed else f" {kind}{'' if name.count == 1 else 's'}"
        listed.append(f"{clause.with_value(exact)} ({name.count:,}{unit})")
    more = len(names) - len(shown)
    return ", ".join(listed) + (f" and {more:,} more" if more else "")


def absence_notes(clause: Clause, index: Index) -> Iterator[str]:
    """Yield what may have been meant by a clause whose value no record has."""
    text = getattr(clause.value, "text", "")
    if clause.kind == "keyword":
        near = [] if clause.field in _ID_KEYWORDS else near_values(clause, index)  # ids differ in few characters
        listed = ", ".join(f"{node} ({count:,})" for node, count in near)
        yield f'There is no {clause.field} "{text}" here{": " if listed else ""}{listed}.'
        return
    if clause.field == "watchlist":
        called = f'No watchlist, entry or topic is called "{text}".' if text else "No watchlist entry is named here."
        yield f"{called} To list watchlists: searchkit watchlist list"
    if not text:
        return
    near = near_names(clause, index)
    if near:
        yield f"Did you mean {', '.join(f'{node} ({count:,})' for node, count in near)}?"
