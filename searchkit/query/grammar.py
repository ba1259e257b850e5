"""The grammar of queries: operators, brackets and fields. `parser.py` lists the codes of its errors."""

from datetime import date
from typing import NoReturn

from msgspec import Struct
from msgspec.structs import replace

from searchkit.errors import ConfigError, QueryError, did_you_mean
from searchkit.query import fields
from searchkit.query.ast import All, Exists, Field, Near, Node, Not, Phrase, Scope, Term, conjunction, disjunction
from searchkit.query.fields import Record
from searchkit.query.leaves import MAX_DISTANCE, Leaves
from searchkit.query.parser import NAME, Parsed, SavedQueries, SavedQuery
from searchkit.query.scanner import Scanner
from searchkit.query.walk import notes_on, transform
from searchkit.query.words import FIELD_NAME, LONG_DASHES, NEAR, URL, is_punctuation, meant_operator, shown
from searchkit.statements.text import Span, mixed_words

# Names before a colon that are not fields of a record.
_META_FIELDS = ("exact", "has", "saved")
# Faults inside a saved search that concern the complete query keep their code.
_GLOBAL_FAULTS = frozenset({"saved-cycle", "too-deep", "too-many", "too-long"})


def read(query: str, today: date, record: Record, saved: SavedQueries) -> Parsed:
    """Parse a query that is more than plain words, as `parse`."""
    return _Parser(query, today, record, saved).parse()


class _Place(Struct, frozen=True, kw_only=True):
    """The context of the parser: the bracket it is in (`opened` is its position), the field, and the scope."""

    closer: str = ""
    opened: int = 0
    field: fields.Field | None = None
    field_written: str = ""
    in_scope: bool = False


class _Side:
    """One side of an OR: its parts, and whether it has words side by side, which cannot be mixed with OR."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.parts: list[Node] = []
        self.written = 0
        self.side_by_side = False


def _spanned(node: Node, start: int, end: int) -> Node:
    return replace(node, span=Span(start, end)) if node.span is None else node


class _Parser(Leaves):
    def __init__(
        self,
        query: str,
        today: date,
        record: Record,
        saved: SavedQueries,
        inside: tuple[str, ...] = (),
        outer: Scanner | None = None,
    ) -> None:
        super().__init__(query, today, outer)
        self._record = record
        self._saved = saved
        self._inside = inside

    def parse(self) -> Parsed:
        length = len(self.text)
        self.measure()
        if not self.text.strip():
            self.fail("empty", "Nothing to search for. Write * for everything.", 0, length)
        tree = self._either(_Place())
        if tree is None:
            message = "There is nothing to search for: the query has no letter and no digit."
            self.fail("nothing-left", message, 0, length)
        mixed = [f'"{word}" mixes alphabets: some of its letters only look Latin.' for word in mixed_words(self.text)]
        notes = [*self.notes, *notes_on(tree, self._record), *mixed]
        return Parsed(tree=tree, notes=tuple(dict.fromkeys(notes)))

    def _at_end(self, place: _Place) -> bool:
        """Return whether the group of `place` ends here. A bracket that closes another group is refused."""
        char = self.char()
        if not char:
            if place.closer:
                opener = self.text[place.opened]
                self.fail("unclosed", f'This "{opener}" is not closed.', place.opened, place.opened + 1)
            return True
        if char == place.closer:
            return True
        if char in ")}":
            message = f'This "{char}" closes nothing.'
            self.fail("unopened", message, self.at, self.at + 1)
        return False

    # --- OR, AND, NEAR, NOT ---

    def _either(self, place: _Place) -> Node | None:
        self.space()
        start = self.at
        sides: list[_Side] = []
        ors: list[int] = []
        while True:
            side = self._side(place)
            at_or = self.operator() == "OR"
            if not side.written:
                if ors:
                    self.fail("missing-operand", "OR needs something on its right side.", ors[-1], ors[-1] + 2)
                if at_or:
                    self.fail("missing-operand", "OR needs something on its left side.", start, self.at + 2)
                return None
            sides.append(side)
            if not at_or:
                break
            ors.append(self.at)
            self.at += 2
        if ors:
            self._refuse_mixed(sides, ors)
        kept = [_spanned(conjunction(*side.parts), side.start, side.end) for side in sides if side.parts]
        return _spanned(disjunction(*kept), start, self.at) if kept else None

    def _side(self, place: _Place) -> _Side:
        self.space()
        side = _Side(self.at)
        pending: tuple[int, int] | None = None
        joined = False
        while True:
            self.space()
            if self._at_end(place):
                break
            operator = self.operator()
            if operator == "OR":
                break
            here = self.at, self.at + len(operator)
            if operator == "AND":
                if pending:
                    self.fail("missing-operand", "AND needs something on its right side.", *pending)
                if not side.written:
                    self.fail("missing-operand", "AND needs something on its left side.", *here)
                pending = here
                self.at = here[1]
                continue
            if operator not in ("", "NOT"):
                name = operator.partition("/")[0]
                self.fail("missing-operand", f"{name} needs something on its left side.", *here)
            joined = pending is not None
            pending = None
            self._note_operator_as_word(side.written)
            part = self._near(place)
            side.written += 1
            if part is not None:
                if side.parts and not joined:
                    side.side_by_side = True
                side.parts.append(part)
        if pending:
            self.fail("missing-operand", "AND needs something on its right side.", *pending)
        side.end = self.at
        return side

    def _note_operator_as_word(self, before: int) -> None:
        run = self.run()
        meant = meant_operator(run)
        if meant == "NOT" or (meant and before):
            rest = self.text[self.at + len(run) :].lstrip()
            if rest and rest[0] not in ")}":
                self.notes.append(f'"{run}" was searched for as a word; the operator is written {meant}.')

    def _refuse_mixed(self, sides: list[_Side], ors: list[int]) -> None:
        for number, side in enumerate(sides):
            if side.side_by_side:
                place = ors[min(number, len(ors) - 1)]
                message = (
                    "Words side by side mean AND; mixed with OR this can be read in two ways. "
                    "Put brackets around the words that belong together."
                )
                self.fail("mixed-or", message, place, place + 2)

    def _near(self, place: _Place) -> Node | None:
        start = self.at
        left = self._unary(place)
        resume = self.at
        operator = self._near_operator()
        if operator is None:
            self.at = resume
            return left
        name, distance, here = operator
        if left is None:
            self.fail("missing-operand", f"{name} needs something on its left side.", *here)
        self.space()
        if self._at_end(place) or self.operator() not in ("", "NOT"):
            self.fail("missing-operand", f"{name} needs something on its right side.", *here)
        right = self._unary(place)
        if right is None:
            self.fail("missing-operand", f"{name} needs something on its right side.", *here)
        if not isinstance(left, Term | Phrase) or not isinstance(right, Term | Phrase):
            self.fail("near-operand", f"{name} joins words or phrases only.", *here)
        resume = self.at
        again = self._near_operator()
        if again:
            self.fail("near-operand", f"{again[0]} joins two words or phrases, not three.", *again[2])
        self.at = resume
        return Near(left=left, right=right, distance=distance, ordered=name == "ADJ", span=Span(start, self.at))

    def _near_operator(self) -> tuple[str, int, tuple[int, int]] | None:
        """Return name, distance and place of the NEAR or ADJ that stands here, and move behind it."""
        self.space()
        run = self.run()
        here = self.at, self.at + len(run)
        found = NEAR.fullmatch(run)
        if found is None:
            if run.startswith(("NEAR/", "ADJ/")):
                self.fail("near-operand", f"Write a number after the slash: {run.partition('/')[0]}/5.", *here)
            return None
        digits = found[2] or "10"
        if len(digits) > 4 or int(digits) > MAX_DISTANCE:
            self.fail("near-operand", f"The distance is at most {MAX_DISTANCE:,} words.", *here)
        self.at = here[1]
        return found[1], int(digits), here

    def _unary(self, place: _Place) -> Node | None:
        start = self.at
        if self.operator() == "NOT":
            self.at += 3
            self.space()
            if self._at_end(place) or self.operator() not in ("", "NOT"):
                self.fail("missing-operand", "NOT needs something on its right side.", start, start + 3)
            return self._negated(place, start, 3)
        if self.char() == "-" and self._is_minus():
            self.at += 1
            operator = self.operator()
            if operator not in ("", "NOT"):
                self.fail("missing-operand", f'"-" cannot exclude the operator {operator}.', start, start + 1)
            return self._negated(place, start, 1)
        self._refuse_dash()
        return self._primary(place)

    def _is_minus(self) -> bool:
        following = self.char(1)
        if not following or following.isspace() or following in "-)}]":
            return False
        if self.at and self.text[self.at - 1] in '")}':
            message = (
                'Put a space before a "-" that excludes a word; a "-" that joins belongs inside the quotation marks.'
            )
            self.fail("dash", message, self.at, self.at + 1)
        return True

    def _negated(self, place: _Place, start: int, length: int) -> Node | None:
        self.enter(start, start + length)
        child = self._unary(place)
        self.leave()
        return None if child is None else Not(child=child, span=Span(start, self.at))

    def _refuse_dash(self) -> None:
        char = self.char()
        run = self.run()
        glued = not is_punctuation(run) or self.char(len(run)) in ('"', "(")
        if char and glued and (char in LONG_DASHES or run.startswith("--")):
            name = "long" if char in LONG_DASHES else "double"
            message = f'A {name} dash cannot exclude a word. Write "-" or NOT.'
            self.fail("dash", message, self.at, self.at + (1 if name == "long" else 2))

    # --- between operators ---

    def _primary(self, place: _Place) -> Node | None:
        char, start = self.char(), self.at
        if char == "(":
            return self._group(replace(place, closer=")", opened=start))
        if place.field is not None:
            self.refuse_nested(place.field_written)
            if (char and char in "<>=/[{") or place.field.kind in {"date", "number"} or self.run() == "*":
                return self.value(place.field, place.field_written)
        if char == '"':
            return self.bare_phrase()
        self.refuse_bracket()
        run = self.run()
        if URL.match(run):
            if place.field is not None:
                return self.value(place.field, place.field_written)
            return self.address(start)
        if char == ":":
            self.fail("empty-field", 'There is no field name before this ":".', start, start + 1)
        if run == "*":
            self.at += 1
            self.count(start, self.at)
            return All(span=Span(start, self.at))
        name = FIELD_NAME.match(run)
        if name:
            self.at += name.end()
            return self._clause(name[1], start, place)
        return self.bare_word()

    def _group(self, place: _Place) -> Node | None:
        self.enter(place.opened, place.opened + 1)
        self.at = place.opened + 1
        self.space()
        if self.char() == place.closer:
            message = "These brackets are empty."
            self.fail("empty-group", message, place.opened, self.at + 1)
        inner = self._either(place)
        self.at += 1
        self.leave()
        self.refuse_suffix()
        return inner

    def _clause(self, written: str, start: int, place: _Place) -> Node | None:
        """Read the condition whose field name `written` starts at `start`; the place is behind its colon."""
        name = written.casefold()
        end = start + len(written)
        searched = None if name in _META_FIELDS else self._known(written, start, end, place)
        following = self.char()
        if not following or following.isspace() or following in ")}]":
            more = self.text[self.at :].strip() and following.isspace()
            message = f'Nothing follows "{written}:".' + (" Remove the space." if more else "")
            self.fail("empty-value", message, start, self.at)
        if name == "exact":
            return self.exact(start)
        if searched is None:
            return self._about_field_or_search(name, start, place)
        if searched.name == "quote" and following == "{":
            return self._scope(start, place)
        if following == "(":
            inside = replace(place, closer=")", opened=self.at, field=searched, field_written=written)
            value = self._group(inside)
            if value is None:
                self.fail("empty-value", "There is no word between these brackets.", inside.opened, self.at)
        else:
            value = self.value(searched, written)
        return Field(name=searched.name, value=value, span=Span(start, self.at))

    def _known(self, written: str, start: int, end: int, place: _Place) -> fields.Field:
        """Return the field called `written`, if the records of the query have it."""
        searched = fields.find(written)
        if searched is None:
            self._refuse_unknown(written, start, end)
        if (place.in_scope or self._record == "quote") and "quote" not in searched.records:
            message = f'"{searched.name}" belongs to the article, not to a statement.'
            self.fail("not-in-statement", message, start, end)
        return searched

    def _refuse_unknown(self, written: str, start: int, end: int) -> NoReturn:
        suggestion = did_you_mean(written.casefold(), (*fields.NAMES, *_META_FIELDS))
        message = f'There is no field "{shown(written)}".{suggestion}'
        words = shown(f"{written}:{self.run()}" if self.at > end else written)
        hint = f'To search for the words, write "{words}" in quotation marks.'
        self.fail("unknown-field", message, start, end, hint)

    def _about_field_or_search(self, name: str, start: int, place: _Place) -> Node:
        """Read `has:speaker` as `speaker:*`, and `saved:name` as the saved search of that name."""
        here, run = self.at, self.run()
        self.at += len(run)
        if name == "saved":
            of_statement = place.in_scope or self._record == "quote"
            return self._saved_search(start, of_statement=of_statement)
        if not run:
            hint = "Write has:speaker OR has:about."
            self.fail("empty-value", 'Write the name of a field after "has:".', here, here + 1, hint)
        searched = self._known(run, here, self.at, place)
        self.count(start, self.at)
        span = Span(start, self.at)
        return Field(name=searched.name, value=Exists(span=span), span=span)

    def _saved_search(self, start: int, *, of_statement: bool) -> Node:
        """Return the query of the clause `saved:name` that starts at `start`, read as if it stood in brackets.

        `of_statement`: one statement must match it; a search over documents is refused then. In a query over documents,
        a search over statements finds the documents with such a statement. Faults are reported for the clause.
        """
        end = self.at
        name = self.text[start:end].partition(":")[2].casefold()
        found = self._find_saved(name, start, end)
        if name in self._inside:
            path = ", ".join(f'"{search}"' for search in (*self._inside[self._inside.index(name) :], name))
            self.fail("saved-cycle", f"A saved search cannot be part of itself: {path}.", start, end)
        if of_statement and found.record == "document":
            message = f'The saved search "{name}" finds documents; it cannot be used for statements.'
            self.fail("not-in-statement", message, start, end)
        self.count(start, end)
        self.enter(start, end)
        try:
            inside = (*self._inside, name)
            parsed = _Parser(found.query, self._today, found.record, self._saved, inside, self).parse()
        except QueryError as error:
            code = error.code if error.code in _GLOBAL_FAULTS else "saved-faulty"
            message = error.message if code == "saved-cycle" else f'The saved search "{name}" cannot be read: {error}'
            self.fail(code, message, start, end, f"Show it: searchkit saved show {name}")
        self.leave()
        self.notes.extend(parsed.notes)
        span = Span(start, end)
        # Its parts stand nowhere else in the query as typed.
        inner = transform(parsed.tree, lambda node, _: _placed(node, span))
        return Scope(inner=inner, span=span) if found.record == "quote" and not of_statement else inner

    def _find_saved(self, name: str, start: int, end: int) -> SavedQuery:
        try:
            found = self._saved.get(name) if NAME.fullmatch(name) else None
            suggestion = "" if found else did_you_mean(name, self._saved)
        except ConfigError as error:
            self.fail("saved-faulty", error.message, start, end, error.hint)
        if found is None:
            message = f'There is no saved search "{shown(name)}".{suggestion}'
            hint = "" if suggestion else "List saved searches: searchkit saved list"
            self.fail("saved-unknown", message, start, end, hint)
        return found

    def _scope(self, start: int, place: _Place) -> Node | None:
        """Read `quote:{...}`; in a query over statements its content means the same without it."""
        if place.in_scope:
            message = "quote:{ } cannot be nested in another quote:{ }."
            self.fail("nested-scope", message, start, self.at + 1)
        inner = self._group(_Place(closer="}", opened=self.at, in_scope=True))
        if inner is None:
            return None
        return inner if self._record == "quote" else Scope(inner=inner, span=Span(start, self.at))


def _placed(node: Node, span: Span) -> Node:
    if isinstance(node, Near):
        return replace(node, left=_placed(node.left, span), right=_placed(node.right, span), span=span)
    return replace(node, span=span)
