"""Notes on names of a query that the archive spells in other ways too: Zarensky, Zarenskyy, Sarenskyj.

The query itself is not changed: only the user can know that two names are one person.
"""

from collections.abc import Iterable, Iterator

from searchkit.index.analysis import name_words
from searchkit.index.base import Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.names.sound import MIN_SOUND, sound
from searchkit.query import ast
from searchkit.query.fields import TEXT_FIELDS
from searchkit.query.walk import Clause, clauses
from searchkit.statements.text import name_key

# Each word costs a look-up in the names of the archive; a query with more of them is a list.
_MAX_WORDS = 6
_MAX_SHOWN = 4
# From this length on, two letters may differ (Zarensky, Sarenskyj): short words have too many neighbors to compare.
_LONG_WORD = 8


def spelling_notes(shown: ast.Node, request: SearchRequest, index: Index) -> Iterator[str]:
    """Yield a note for each name in the query `shown` that has other spellings."""
    words: dict[tuple[str, str], Clause] = {}
    for clause in clauses(shown, request.record):
        text = getattr(clause.value, "text", "") if isinstance(clause.value, ast.Term | ast.Phrase) else ""
        # Looking up every bare word would take longer than answering the query.
        is_name = clause.kind == "name" or (clause.field in TEXT_FIELDS and text[:1].isupper())
        if is_name and clause.field != "watchlist" and not clause.excludes:
            words.update(((clause.field, word), clause) for word in name_words(text))
    written = {word for _, word in words}
    long = [(word, clause) for (_, word), clause in words.items() if len(word) >= MIN_SOUND]
    for word, clause in long[:_MAX_WORDS]:
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
    near = index.spellings(field, word, distance=1 if len(word) < _LONG_WORD else 2, record=clause.record)
    others = [value.name for value in near if value.name not in written]
    heard = sound(word) if others else ""
    alike = [name for name in others if heard and sound(name) == heard]
    if not alike:
        return {}
    own = _names(word, field, clause, index)
    own_ids, own_sounds = {value.id for value in own}, {sound(name_key(value.name)) for value in own}
    found: dict[str, ValueCount] = {}
    for other in alike:
        for value in _names(other, field, clause, index):
            if value.id not in own_ids and sound(name_key(value.name)) in own_sounds:
                found.setdefault(other, value)
    return dict(list(found.items())[:_MAX_SHOWN])


def _names(word: str, field: str, clause: Clause, index: Index) -> tuple[ValueCount, ...]:
    value = ast.Term(text=word)
    query = ast.Field(name=field, value=value)
    return index.values(ValuesRequest(field=field, value=value, query=query, record=clause.record))
