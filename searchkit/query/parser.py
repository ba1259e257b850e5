"""From a query string to its tree. One reading or none: what can be read two ways is a QueryError with its place.

Codes of QueryError (stable; messages are not): empty, unknown-field, empty-field, empty-value, nested-field,
nested-scope, not-in-statement, brace, bracket, unclosed, unopened, empty-group, missing-operand, mixed-or,
near-operand, wildcard, fuzzy, boost, foreign-sign, dash, minus-in-value, plus-in-or, bad-date, date-order, date-range,
no-range, equals-on-text, regex, regex-on-text, exact, saved-unknown, saved-cycle, saved-faulty, too-long, too-many,
too-deep, nothing-left.
"""

from datetime import date
from typing import NoReturn

from msgspec import Struct
from msgspec.structs import replace

from searchkit.query import fields
from searchkit.query.advice import notes_on
from searchkit.query.ast import (
    All,
    And,
    Exists,
    Field,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Scope,
    Term,
    conjunction,
    disjunction,
)
from searchkit.query.fields import Record
from searchkit.query.saved import Expansion, SavedQueries
from searchkit.query.scanner import DEEPEST, WIDEST, Leaves, Scanner
from searchkit.query.signs import LONG_DASHES, is_signs_only, shown
from searchkit.query.walk import children
from searchkit.query.words import FIELD_NAME, NEAR, OPERATORS, URL
from searchkit.text import Span

# Stored with saved searches and alerts; raised with every change of the grammar that gives a query another meaning.
SYNTAX = 1

# Names that stand before a colon without being fields of a record.
_META_FIELDS = ("exact", "has", "saved")


class Parsed(Struct, frozen=True, kw_only=True):
    """A query as read: its tree, and what was dropped or read specially, in the user's words."""

    tree: Node
    notes: tuple[str, ...] = ()


def parse(query: str, *, today: date, record: Record = "document", saved: SavedQueries | None = None) -> Parsed:
    """The tree of `query`, asked on the day `today` over records of kind `record`. QueryError when there is none.

    `saved` are the saved searches that it may name.
    """
    return _Parser(query, today, record, Expansion({} if saved is None else saved)).parse()


class _Place(Struct, frozen=True, kw_only=True):
    """Where the parser stands: inside which bracket (`opened` is its position), which field, which scope."""

    closer: str = ""
    opened: int = 0
    field: fields.Field | None = None
    field_written: str = ""
    in_scope: bool = False


class _Side:
    """One side of an OR: its parts, and what in it forbids mixing with OR (words side by side; a "+")."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.parts: list[Node] = []
        self.written = 0
        self.side_by_side = False
        self.pluses: list[int] = []


def _spanned(node: Node, start: int, end: int) -> Node:
    return replace(node, span=Span(start, end)) if node.span is None else node


class _Parser:
    def __init__(
        self, query: str, today: date, record: Record, expansion: Expansion, outer: Scanner | None = None
    ) -> None:
        self._scanner = Scanner(query, outer)
        self._leaves = Leaves(self._scanner, today)
        self._today = today
        self._record = record
        self._expansion = expansion
        self._pluses: list[int] = []

    def parse(self) -> Parsed:
        scanner = self._scanner
        length = len(scanner.text)
        scanner.measure()
        if not scanner.text.strip():
            scanner.fail("empty", "Nothing to search for. Write * for everything.", 0, length)
        tree = self._either(_Place())
        if tree is None:
            message = "Nothing is left to search for: there are only signs here, no word."
            scanner.fail("nothing-left", message, 0, length)
        self._check_depth(tree, None, 0)
        scanner.note_single_quotes()
        notes = [*scanner.notes, *self._leaves.notes, *notes_on(tree, self._record)]
        return Parsed(tree=tree, notes=tuple(dict.fromkeys(notes)))

    def _check_depth(self, node: Node, parent: Node | None, depth: int) -> None:
        """The canonical form writes brackets of its own; it must keep to the limit as well."""
        scanner = self._scanner
        match node:
            case And() | Or() | Near():
                depth += parent is not None and not isinstance(parent, Scope)
            case Not():
                depth += 1 + isinstance(parent, Field)
            case Scope():
                depth += 1
        if depth > DEEPEST:
            span = node.span or Span(0, len(scanner.text))
            message = f"Brackets, AND, OR and NOT go at most {DEEPEST} levels deep."
            scanner.fail("too-deep", message, span.start, span.end)
        for child in children(node):
            self._check_depth(child, node, depth)

    def _at_end(self, place: _Place) -> bool:
        """Whether the group that `place` is in ends here. A bracket that closes another group is refused."""
        scanner = self._scanner
        sign = scanner.sign()
        if not sign:
            if place.closer:
                opener = scanner.text[place.opened]
                scanner.fail("unclosed", f'This "{opener}" is not closed.', place.opened, place.opened + 1)
            return True
        if sign == place.closer:
            return True
        if sign in ")}":
            message = f'Nothing was opened that this "{sign}" could close.'
            scanner.fail("unopened", message, scanner.at, scanner.at + 1)
        return False

    # --- OR, AND, NEAR, NOT ---

    def _either(self, place: _Place) -> Node | None:
        scanner = self._scanner
        scanner.space()
        start = scanner.at
        sides: list[_Side] = []
        ors: list[int] = []
        while True:
            side = self._side(place)
            at_or = scanner.operator() == "OR"
            if not side.written:
                if ors:
                    scanner.fail("missing-operand", "OR needs something on its right side.", ors[-1], ors[-1] + 2)
                if at_or:
                    scanner.fail("missing-operand", "OR needs something on its left side.", start, scanner.at + 2)
                return None
            sides.append(side)
            if not at_or:
                break
            ors.append(scanner.at)
            scanner.at += 2
        if ors:
            self._refuse_mixed(sides, ors, scanner.at)
        kept = [_spanned(conjunction(*side.parts), side.start, side.end) for side in sides if side.parts]
        return _spanned(disjunction(*kept), start, scanner.at) if kept else None

    def _side(self, place: _Place) -> _Side:
        scanner = self._scanner
        scanner.space()
        side = _Side(scanner.at)
        outer_pluses, self._pluses = self._pluses, side.pluses
        pending: tuple[int, int] | None = None
        joined = False
        while True:
            scanner.space()
            if self._at_end(place):
                break
            operator = scanner.operator()
            if operator == "OR":
                break
            here = scanner.at, scanner.at + len(operator)
            if operator == "AND":
                if pending:
                    scanner.fail("missing-operand", "AND needs something on its right side.", *pending)
                if not side.written:
                    scanner.fail("missing-operand", "AND needs something on its left side.", *here)
                pending = here
                scanner.at = here[1]
                continue
            if operator not in ("", "NOT"):
                name = operator.partition("/")[0]
                scanner.fail("missing-operand", f"{name} needs something on its left side.", *here)
            joined = pending is not None
            pending = None
            self._note_small_operator(side.written)
            part = self._near(place)
            side.written += 1
            if part is not None:
                if side.parts and not joined:
                    side.side_by_side = True
                side.parts.append(part)
        if pending:
            scanner.fail("missing-operand", "AND needs something on its right side.", *pending)
        self._pluses = outer_pluses
        side.end = scanner.at
        return side

    def _note_small_operator(self, before: int) -> None:
        scanner = self._scanner
        run = scanner.run()
        if run not in OPERATORS and run.upper() in OPERATORS and (before or run.upper() == "NOT"):
            rest = scanner.text[scanner.at + len(run) :].lstrip()
            if rest and rest[0] not in ")}":
                scanner.notes.append(f'"{run}" was searched for as a word; the operator is written {run.upper()}.')

    def _refuse_mixed(self, sides: list[_Side], ors: list[int], end: int) -> None:
        scanner = self._scanner
        for number, side in enumerate(sides):
            if side.pluses:
                message = 'In an OR a "+" has no clear meaning. Write AND between the words that must all be there.'
                scanner.fail("plus-in-or", message, side.pluses[0], side.pluses[0] + 1)
            if side.side_by_side:
                place = ors[min(number, len(ors) - 1)]
                message = "Words side by side mean AND; mixed with OR this can be read in two ways."
                hint = self._two_readings(sides, ors, end) or "Put brackets around the words that belong together."
                scanner.fail("mixed-or", f"{message} {hint}", place, place + 2)

    def _two_readings(self, sides: list[_Side], ors: list[int], end: int) -> str:
        """`Write (a b) OR c or a (b OR c).` when that is short enough to help, else nothing."""
        scanner = self._scanner
        if len(sides) != 2 or end - sides[0].start > 80 or all(side.side_by_side for side in sides):
            return ""
        left, right = sides
        first = scanner.query[left.start : ors[0]].strip()
        second = scanner.query[right.start : end].strip()
        if left.side_by_side and len(right.parts) == 1 and left.parts[-1].span:
            cut = left.parts[-1].span.start
            head, tail = scanner.query[left.start : cut].strip(), scanner.query[cut : ors[0]].strip()
            return f"Write `({first}) OR {second}` or `{head} ({tail} OR {second})`."
        if right.side_by_side and len(left.parts) == 1 and right.parts[0].span:
            cut = right.parts[0].span.end
            head, tail = scanner.query[right.start : cut].strip(), scanner.query[cut:end].strip()
            return f"Write `{first} OR ({second})` or `({first} OR {head}) {tail}`."
        return ""

    def _near(self, place: _Place) -> Node | None:
        scanner = self._scanner
        start = scanner.at
        left = self._unary(place)
        resume = scanner.at
        operator = self._near_operator()
        if operator is None:
            scanner.at = resume
            return left
        name, distance, here = operator
        if left is None:
            scanner.fail("missing-operand", f"{name} needs something on its left side.", *here)
        scanner.space()
        if self._at_end(place) or scanner.operator() not in ("", "NOT"):
            scanner.fail("missing-operand", f"{name} needs something on its right side.", *here)
        right = self._unary(place)
        if right is None:
            scanner.fail("missing-operand", f"{name} needs something on its right side.", *here)
        if not isinstance(left, Term | Phrase) or not isinstance(right, Term | Phrase):
            scanner.fail("near-operand", f"{name} joins words or phrases only.", *here)
        resume = scanner.at
        again = self._near_operator()
        if again:
            scanner.fail("near-operand", f"{again[0]} joins two words or phrases, not three.", *again[2])
        scanner.at = resume
        return Near(left=left, right=right, distance=distance, ordered=name == "ADJ", span=Span(start, scanner.at))

    def _near_operator(self) -> tuple[str, int, tuple[int, int]] | None:
        """Name, distance and place of the NEAR or ADJ that stands here, with the place moved behind it."""
        scanner = self._scanner
        scanner.space()
        run = scanner.run()
        here = scanner.at, scanner.at + len(run)
        found = NEAR.fullmatch(run)
        if found is None:
            if run.startswith(("NEAR/", "ADJ/")):
                scanner.fail("near-operand", f"Write a number after the slash: {run.partition('/')[0]}/5.", *here)
            return None
        digits = found[2] or "10"
        if len(digits) > 4 or int(digits) > WIDEST:
            scanner.fail("near-operand", f"The distance is at most {WIDEST:,} words.", *here)
        scanner.at = here[1]
        return found[1], int(digits), here

    def _unary(self, place: _Place) -> Node | None:
        scanner = self._scanner
        self._strip_pluses()
        start = scanner.at
        if scanner.operator() == "NOT":
            scanner.at += 3
            scanner.space()
            if self._at_end(place) or scanner.operator() not in ("", "NOT"):
                scanner.fail("missing-operand", "NOT needs something on its right side.", start, start + 3)
            return self._negated(place, start, 3)
        if scanner.sign() == "-" and self._is_minus():
            scanner.at += 1
            operator = scanner.operator()
            if operator not in ("", "NOT"):
                scanner.fail("missing-operand", f'"-" cannot exclude the operator {operator}.', start, start + 1)
            return self._negated(place, start, 1)
        self._refuse_dash()
        return self._primary(place)

    def _is_minus(self) -> bool:
        scanner = self._scanner
        following = scanner.sign(1)
        if not following or following.isspace() or following in "-)}]":
            return False
        if scanner.at and scanner.text[scanner.at - 1] in '")}':
            message = (
                'Put a space before a "-" that excludes a word; a "-" that joins belongs inside the quotation marks.'
            )
            scanner.fail("dash", message, scanner.at, scanner.at + 1)
        return True

    def _negated(self, place: _Place, start: int, length: int) -> Node | None:
        scanner = self._scanner
        scanner.enter(start, start + length)
        child = self._unary(place)
        scanner.leave()
        return None if child is None else Not(child=child, span=Span(start, scanner.at))

    def _strip_pluses(self) -> None:
        """A "+" before a word asks for what is so anyway."""
        scanner = self._scanner
        run = scanner.run()
        pluses = len(run) - len(run.lstrip("+"))
        if pluses and (scanner.opens_group(len(run)) if is_signs_only(run) else True):
            self._pluses.append(scanner.at)
            scanner.notes.append('The "+" was left out: all words must be there anyway.')
            scanner.at += pluses
            operator = scanner.operator()
            if operator not in ("", "NOT"):
                message = f'"+" cannot stand before the operator {operator}.'
                scanner.fail("missing-operand", message, scanner.at - 1, scanner.at)

    def _refuse_dash(self) -> None:
        scanner = self._scanner
        sign = scanner.sign()
        run = scanner.run()
        glued = not is_signs_only(run) or scanner.opens_group(len(run))
        if sign and glued and (sign in LONG_DASHES or run.startswith("--")):
            name = "long" if sign in LONG_DASHES else "double"
            message = f'A {name} dash cannot exclude a word. Write "-" or NOT.'
            scanner.fail("dash", message, scanner.at, scanner.at + (1 if name == "long" else 2))

    # --- what stands between operators ---

    def _primary(self, place: _Place) -> Node | None:
        scanner = self._scanner
        sign, start = scanner.sign(), scanner.at
        if sign == "(":
            return self._group(replace(place, closer=")", opened=start))
        if place.field is not None:
            self._leaves.refuse_nested(place.field_written)
            if (sign and sign in "<>=/[{") or place.field.kind == "date" or scanner.run() == "*":
                return self._leaves.value(place.field, place.field_written)
        if sign == '"':
            return self._leaves.bare_phrase()
        if sign and sign in "[]":
            scanner.fail("bracket", f'"{sign}" is possible only in a date range.', start, start + 1)
        if sign == "{":
            scanner.fail("brace", 'Only "quote:" takes { }.', start, start + 1)
        run = scanner.run()
        if URL.match(run):
            if place.field is not None:
                return self._leaves.value(place.field, place.field_written)
            return self._leaves.address(start)
        if sign == ":":
            scanner.fail("empty-field", 'There is no field name before this ":".', start, start + 1)
        if run == "*":
            scanner.at += 1
            scanner.count(start, scanner.at)
            return All(span=Span(start, scanner.at))
        name = FIELD_NAME.match(run)
        if name:
            scanner.at += name.end()
            return self._clause(name[1], start, place)
        return self._leaves.bare_word()

    def _group(self, place: _Place) -> Node | None:
        scanner = self._scanner
        scanner.enter(place.opened, place.opened + 1)
        scanner.at = place.opened + 1
        scanner.space()
        if scanner.sign() == place.closer:
            message = "There is nothing between these brackets."
            scanner.fail("empty-group", message, place.opened, scanner.at + 1)
        inner = self._either(place)
        scanner.at += 1
        scanner.leave()
        self._leaves.refuse_suffix()
        return inner

    def _clause(self, written: str, start: int, place: _Place) -> Node | None:
        """The condition whose field name `written` starts at `start`; the place is behind its colon."""
        scanner = self._scanner
        name = written.casefold()
        end = start + len(written)
        searched = None if name in _META_FIELDS else self._known(written, start, end, place)
        following = scanner.sign()
        if not following or following.isspace() or following in ")}]":
            more = scanner.text[scanner.at :].strip() and following.isspace()
            message = f'Nothing follows "{written}:".' + (" Remove the space." if more else "")
            scanner.fail("empty-value", message, start, scanner.at)
        if name == "exact":
            return self._leaves.exact(start)
        if searched is None:
            return self._about_field_or_search(name, start, place)
        if searched.name == "quote" and following == "{":
            return self._scope(start, place)
        if following == "(":
            inside = replace(place, closer=")", opened=scanner.at, field=searched, field_written=written)
            value = self._group(inside)
            if value is None:
                scanner.fail("empty-value", "There is no word between these brackets.", inside.opened, scanner.at)
        else:
            value = self._leaves.value(searched, written)
        return Field(name=searched.name, value=value, span=Span(start, scanner.at))

    def _known(self, written: str, start: int, end: int, place: _Place) -> fields.Field:
        """The field called `written`, if the records asked for have it."""
        searched = fields.find(written)
        if searched is None:
            self._refuse_unknown(written, start, end)
        if (place.in_scope or self._record == "quote") and "quote" not in searched.records:
            message = f'"{searched.name}" belongs to the article, not to a statement.'
            self._scanner.fail("not-in-statement", message, start, end)
        return searched

    def _refuse_unknown(self, written: str, start: int, end: int) -> NoReturn:
        scanner = self._scanner
        from difflib import get_close_matches  # needed for a mistyped name only

        close = get_close_matches(written.casefold(), (*fields.names(), *_META_FIELDS), n=1)
        message = f'There is no field "{shown(written)}".' + (f' Did you mean "{close[0]}"?' if close else "")
        words = shown(f"{written}:{scanner.run()}" if scanner.at > end else written)
        hint = f'To search for the words, write "{words}" in quotation marks.'
        scanner.fail("unknown-field", message, start, end, hint)

    def _about_field_or_search(self, name: str, start: int, place: _Place) -> Node:
        """`has:speaker` is `speaker:*`; `saved:name` is what was saved under that name."""
        scanner = self._scanner
        here, run = scanner.at, scanner.run()
        scanner.at += len(run)
        if name == "saved":
            of_statement = place.in_scope or self._record == "quote"
            return self._expansion.node(scanner, start, of_statement=of_statement, read=self._read_saved)
        if not run:
            hint = "Write has:speaker OR has:about."
            scanner.fail("empty-value", 'After "has:" stands the name of one field.', here, here + 1, hint)
        searched = self._known(run, here, scanner.at, place)
        scanner.count(start, scanner.at)
        span = Span(start, scanner.at)
        return Field(name=searched.name, value=Exists(span=span), span=span)

    def _read_saved(self, query: str, record: Record, expansion: Expansion) -> Node:
        parsed = _Parser(query, self._today, record, expansion, self._scanner).parse()
        self._scanner.notes.extend(parsed.notes)
        return parsed.tree

    def _scope(self, start: int, place: _Place) -> Node | None:
        """`quote:{...}`; over statements every record is one statement, so that its content says the same."""
        scanner = self._scanner
        if place.in_scope:
            message = "quote:{ } cannot stand inside another quote:{ }."
            scanner.fail("nested-scope", message, start, scanner.at + 1)
        inner = self._group(_Place(closer="}", opened=scanner.at, in_scope=True))
        if inner is None:
            return None
        return inner if self._record == "quote" else Scope(inner=inner, span=Span(start, scanner.at))
