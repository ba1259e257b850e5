"""Walk, transform and take apart query trees, so that no other module needs to know how nodes are nested.

Filters (`--speaker`) are added here: values of a field are joined by OR, fields by AND. NEAR counts as a leaf. The
words inside a scope are bare words of a statement, whatever stands around the scope.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import UsageError
from searchkit.query import ast
from searchkit.query.ast import All, And, Exists, Field, Node, Not, Or, Scope, Term, conjunction, disjunction, render
from searchkit.query.fields import EXCLUDED_GENRES, TEXT_FIELDS, Record, find
from searchkit.query.words import is_plain_word, is_punctuation, plain, shown
from searchkit.statements.dates import period
from searchkit.statements.text import normalize, without_ignorable

_BELOW: dict[type[Node], str] = {And: "children", Or: "children", Field: "value", Scope: "inner", Not: "child"}


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below `node`."""
    name = _BELOW.get(type(node))  # half the time of isinstance, for some hundred nodes of an answer
    if name is None:
        return ()
    below: Node | tuple[Node, ...] = getattr(node, name)
    return below if isinstance(below, tuple) else (below,)


def walk(tree: Node, *, stop: tuple[type[Node], ...] = ()) -> Iterator[Node]:
    """Yield every node, parents first, in the order written. Nodes of the types in `stop` are not entered."""
    yield tree
    if not isinstance(tree, stop):
        for child in children(tree):
            yield from walk(child, stop=stop)


def transform(tree: Node, function: Callable[[Node, str], Node], field: str = "text") -> Node:
    """Return `tree` with each node replaced by `function(node, field)`, children first.

    `field` is the field in which the bare words of the node stand. Parts that become an And inside an And are merged
    into it, likewise an Or inside an Or.
    """
    old = children(tree)
    if not old:
        return function(tree, field)
    inner = tree.name if isinstance(tree, Field) else "text" if isinstance(tree, Scope) else field
    new = tuple(transform(child, function, inner) for child in old)
    is_same = all(one is other for one, other in zip(old, new, strict=True))  # equality ignores spans
    return function(tree if is_same else _rebuilt(tree, new), field)


def _rebuilt(node: Node, below: tuple[Node, ...]) -> Node:
    if isinstance(node, And | Or):
        return (conjunction if isinstance(node, And) else disjunction)(*below)
    return replace(node, **{_BELOW[type(node)]: below[0]})


interpreted = partial(render, resolved=True)
"""Returns the canonical form with every date in days."""


def has_words(tree: Node) -> bool:
    """Return whether `tree` searches text, so that hits can be more or less relevant; filters alone only select."""
    for node in walk(tree, stop=(Field, Not)):
        if isinstance(node, Field):
            if node.name in TEXT_FIELDS:
                return True
        elif not isinstance(node, Not | All) and not children(node):
            return True
    return False


class Clause(Struct, frozen=True, kw_only=True):
    """A leaf of a query: `value` in `field` ("text" for bare words), a condition on records of the kind `record`.

    `query` is the part of the query that one such record must match: all of it, or the inside of a scope. `excludes`:
    the leaf stands under a NOT.
    """

    field: str
    value: Node
    record: Record
    query: Node
    excludes: bool = False

    @property
    def kind(self) -> str:
        """The kind of its field."""
        field = find(self.field)
        return field.kind if field else ""

    @property
    def node(self) -> Node:
        """The clause as a query of its own."""
        return self.with_value(self.value)

    def with_value(self, value: Node) -> Node:
        """Return the same condition with another value."""
        return value if self.field == "text" else Field(name=self.field, value=value)


def clauses(tree: Node, record: Record, *, enter_scopes: bool = True) -> Iterator[Clause]:
    """Yield the clauses of `tree` in the order written; a scope is one clause unless `enter_scopes`."""
    return _clauses(tree, Clause(field="text", value=tree, record=record, query=tree), enter_scopes)


def _clauses(node: Node, clause: Clause, enter_scopes: bool) -> Iterator[Clause]:
    match node:
        case All():
            return
        case Not():
            clause = replace(clause, excludes=not clause.excludes)
        case Field():
            clause = replace(clause, field=node.name)
        case Scope() if enter_scopes:
            clause = replace(clause, field="text", record="quote", query=node.inner)
    below = () if isinstance(node, Scope) and not enter_scopes else children(node)
    if not below:
        yield replace(clause, value=node)
    for child in below:
        yield from _clauses(child, clause, enter_scopes)


def replace_clause(tree: Node, clause: Clause, value: Node) -> Node:
    """Return `tree` with `value` in place of the value of `clause`."""

    def replaced(node: Node, field: str) -> Node:
        return value if node == clause.value and field == clause.field else node

    return transform(tree, replaced)


def without_excluded_genres(tree: Node) -> Node:
    """Return `tree` without the genres whose words were not said, unless it has a condition on the genre."""
    if any(isinstance(node, Field) and node.name == "genre" for node in walk(tree)):
        return tree
    excluded = disjunction(*(Term(text=genre) for genre in EXCLUDED_GENRES))
    return conjunction(tree, Not(child=Field(name="genre", value=excluded)))


# --- conditions that select values of a facet -------------------------------------------------------------------------


def split_selection(tree: Node, field: str) -> tuple[Node, tuple[Node, ...]]:
    """Return `tree` without the conditions that select values of `field`, and these conditions, one for each value that
    a record must have.

    A facet leaves them out of its counts. `--speaker A` and `speaker:="A"` select speakers when they stand at the top,
    joined by AND. Exclusions, `speaker:*` and brackets with conditions on other fields do not.
    """
    parts = _joined(tree)
    selecting = [part for part in parts if _selects(part, field)]
    if not selecting:
        return tree, ()
    selected: list[Node] = []
    for part in selecting:
        if isinstance(part, Field):
            selected.extend(Field(name=field, value=value, span=part.span) for value in _joined(part.value))
        else:
            selected.append(part)
    return conjunction(*(part for part in parts if part not in selecting)), tuple(selected)


def _joined(tree: Node) -> tuple[Node, ...]:
    return tree.children if isinstance(tree, And) else (tree,)


def _selects(node: Node, name: str) -> bool:
    if isinstance(node, Or):
        return all(_selects(child, name) for child in node.children)
    return (
        isinstance(node, Field)
        and node.name == name
        and not any(isinstance(part, Not | Exists) for part in walk(node.value))
    )


def alternatives(selection: Node) -> tuple[Field, ...]:
    """Return the conditions of which a selection requires any, one for each value: two for `speaker:(A OR B)`."""
    match selection:
        case Or(children=below):
            return tuple(condition for child in below for condition in alternatives(child))
        case Field(name=name, value=Or(children=below)):
            return tuple(condition for child in below for condition in alternatives(Field(name=name, value=child)))
        case Field():
            return (selection,)
    raise ValueError(f"not a selection of values: {selection}")


# --- notes ------------------------------------------------------------------------------------------------------------

_PRONOUN_NOTE = '"us" finds the pronoun. For the country, write US or U.S.'
_BINDING_NOTE = "Different statements may match these conditions; put them in quote:{...} to search for one statement."
# Fields of a document whose values come from its statements.
_STATEMENT_FIELDS = frozenset("quote speaker about verb act kind said mark tag changed disputed spread".split())


def notes_on(tree: Node, record: Record) -> Iterator[str]:
    """Yield notes on readings that are right but may not be what was meant."""
    groups = (node for node in walk(tree, stop=(Scope, Field)) if isinstance(node, And))
    if record == "document" and any(sum(map(_is_about_statement, group.children)) > 1 for group in groups):
        yield _BINDING_NOTE
    if any(clause.value == Term(text="us") and clause.kind == "text" for clause in clauses(tree, record)):
        yield _PRONOUN_NOTE


def _is_about_statement(condition: Node) -> bool:
    return any(
        isinstance(node, Field) and node.name in _STATEMENT_FIELDS for node in walk(condition, stop=(Scope, Field))
    )


def filtered(
    query: ast.Node, filters: Mapping[str, Sequence[str]], *, since: str = "", until: str = "", today: date
) -> ast.Node:
    """Return `query` narrowed by `filters` (values by field name) and by days of publication.

    A name matches its words in a row or, written `=Name`, the complete name. `since` and `until` are dates of the query
    language. UsageError for a mistake in a value.
    """
    nodes = [query]
    for name, values in filters.items():
        if values:
            nodes.append(ast.disjunction(*(_value(name, value) for value in values)))
    if since or until:
        start = _day(since, "--since", today)[0] if since else None
        end = _day(until, "--until", today)[1] if until else None
        if start and end and start > end:
            raise UsageError(f"--since {since} is after --until {until}.")
        written = f"{since}..{until}"
        nodes.append(ast.Field(name="date", value=ast.Range(written=written, start=start, end=end)))
    return ast.conjunction(*nodes)


def _value(name: str, value: str) -> ast.Node:
    field = find(name)
    if field is None:
        raise ValueError(f"no such field: {name}")
    value = without_ignorable(normalize(value)).strip()
    words = plain(value)
    is_complete = words.startswith("=")
    if not words[is_complete:].strip() or (not is_complete and is_punctuation(words)):
        raise UsageError(f"--{name} needs a value.")
    if not is_complete and any(sign in words for sign in "*?~"):
        raise UsageError(
            f'--{name} takes names as written; "*", "?" and "~" are not wildcards there.',
            hint=f"Write {name}:{shown(words)} in the query, or --{name} =NAME for such a name.",
        )
    node: ast.Node
    if is_complete:
        # As the parser keeps it in quotation marks: all white space as spaces.
        node = ast.Equals(text="".join(" " if plain(character) == " " else character for character in value[1:]))
    else:
        # As the parser reads it, so that the canonical form can be parsed again.
        node = ast.Term(text=words) if is_plain_word(words, "value") else ast.Phrase(text=words)
    return ast.Field(name=field.name, value=node)


def _day(written: str, flag: str, today: date) -> tuple[date, date]:
    try:
        return period(written, today=today)
    except ValueError as error:
        raise UsageError(f'{flag}: "{written}" is not a date: {error}.', hint="Write 2022, 2022-12 or 7d.") from error
