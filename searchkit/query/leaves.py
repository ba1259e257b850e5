"""Read the leaves of a query: words, phrases, addresses, patterns, dates and numbers.

A date is a point (`2022-12`, `7d`), a comparison (`>2022`) or a range (`2022..2023`, `[2022 TO 2023]`); behind "=" it
must lie completely in the period. A number is `3`, `>=3` or `3..10`.
"""

import re
from datetime import date, timedelta
from typing import get_args

from msgspec import convert
from msgspec.structs import replace

from searchkit.query import ast, fields, words
from searchkit.query.scanner import Scanner
from searchkit.statements.dates import period
from searchkit.statements.text import Span

_NUMBERS = r"(>=|<=|>|<)?([0-9]{1,9})|([0-9]{1,9})?\.\.([0-9]{1,9})?"
# The first and the last number of a comparison, as steps from the number that it names; None is open.
_STEPS: dict[str | None, tuple[int | None, int | None]] = {
    None: (0, 0),
    ">=": (0, None),
    ">": (1, None),
    "<=": (None, 0),
    "<": (None, -1),
}
# Words in between, for ~n, NEAR/n and ADJ/n: a larger distance covers the complete article.
MAX_DISTANCE = 1_000
# Punctuation is searched in every stored text, which takes so many times as long as checking every word.
_SIGNS_COST = 4


class Leaves(Scanner):
    """Reads a leaf at the place reached and moves the place behind it."""

    def __init__(self, query: str, today: date, outer: Scanner | None = None) -> None:
        super().__init__(query, outer)
        self._today = today

    def bare_phrase(self) -> ast.Node | None:
        """Read the phrase that starts here; None, with a note, if no word is in it."""
        start = self.at
        phrase = self._phrase()
        if words.is_punctuation(phrase.text):
            self.drop(start, self.at)
            return None
        return phrase

    def bare_word(self) -> ast.Node | None:
        """Read the word that starts here; None, with a note, if it is punctuation. A lone `*` is not read here."""
        start = self.at
        node = self._word(start)
        if node is None:
            self.drop(start, self.at)
        return node

    def address(self, start: int) -> ast.Node:
        """Read the URL that starts here as a condition on `url`; with `*` at its end, all addresses below it."""
        span = Span(start, self._address_end(start))
        return ast.Field(name="url", value=self._address_value(), span=span)

    def exact(self, start: int) -> ast.Node:
        """Read the `"..."` behind `exact:`, which starts at `start`."""
        if self.char() != '"':
            self.fail("exact", 'Write exact:"..." with quotation marks.', start, self.at)
        opened = self.at
        _, written = self._quotation()
        if not written.strip():
            self.fail("empty-value", "These quotation marks are empty.", opened, self.at)
        self.refuse_suffix()
        self.count(start, self.at)
        if words.is_punctuation(written):
            self.count(start, self.at, "slow", times=_SIGNS_COST)
        return ast.Exact(text=written, span=Span(start, self.at))

    def value(self, field: fields.Field, written: str) -> ast.Node:
        """Read a value of `field`, which the query calls `written`. An empty condition is refused."""
        char, start = self.char(), self.at
        run = self.run()
        if run == "*":
            self.at += 1
            self.count(start, self.at)
            return ast.Exists(span=Span(start, self.at))
        if char == "-" or (char and char in words.LONG_DASHES):
            excluded = words.shown(run[1:]) or "..."
            message = (
                f'Write -{written}:{excluded} to exclude; a value that starts with "{char}" needs quotation marks.'
            )
            self.fail("minus-in-value", message, start, start + 1)
        if char == ":":
            self.fail("empty-field", 'There is no field name before this ":".', start, start + 1)
        if words.is_operator(run):
            message = f'{run} is an operator. To search for the word, write {written}:"{run}".'
            self.fail("missing-operand", message, start, start + len(run))
        if field.kind == "date":
            return self._date(run)
        if field.kind == "number":
            return self._number(field, run)
        if char == "=":
            return self._equals(field)
        if char == "/":
            return self._regex(field)
        self._refuse_range(field, char)
        if char == '"':
            phrase = self._phrase()
            if words.is_punctuation(phrase.text):
                self.fail("empty-value", "There is no word in these quotation marks.", start, self.at)
            return phrase
        if words.URL.match(run):
            return self._address_value() if field.kind == "keyword" else self._literal(run)
        node = self._word(start)
        if node is None:
            message = (
                f'"{words.shown(run)}" has no letter or digit. To search for it, write exact:"{words.shown(run)}".'
            )
            self.fail("empty-value", message, start, self.at)
        return node

    def refuse_bracket(self) -> None:
        """Refuse a square or curly bracket here."""
        start, char = self.at, self.char()
        if char and char in "[]":
            self.fail("bracket", f'"{char}" is possible only in a date range.', start, start + 1)
        if char == "{":
            self.fail("brace", 'Only "quote:" takes { }.', start, start + 1)

    def refuse_nested(self, written: str) -> None:
        """Refuse a field name inside the brackets of the field that the query calls `written`."""
        run = self.run()
        name = words.FIELD_NAME.match(run)
        if name and not words.URL.match(run):
            message = f'A field cannot stand inside "{written}:( )".'
            self.fail("nested-field", message, self.at, self.at + name.end(1))

    def refuse_suffix(self) -> None:
        """Refuse characters right behind a bracket or quotation mark that belong to words."""
        start, run = self.at, self.run()
        if run.startswith("^"):
            self.fail("boost", "Boosts are not supported.", start, start + len(run))
        if run.startswith("~"):
            self.fail("fuzzy", 'A "~" is possible only after a word or a phrase.', start, start + len(run))
        if run.startswith("*"):
            self.fail("wildcard", 'A "*" is possible only at the end of a word.', start, start + 1)

    # --- words and phrases ---

    def _word(self, start: int) -> ast.Node | None:
        run = self.run()
        if len(run) > 2 and run[0] == run[-1] == "/":
            message = "/.../ is a pattern, and patterns work on names and keywords, not on words."
            hint = f'To search for the words, write "{words.shown(run)}" in quotation marks.'
            self.fail("regex-on-text", message, start, start + len(run), hint)
        word = self.shifted(start, lambda: words.read_word(run))
        self.at = start + len(run)
        if word is None:
            return None
        if "?" in word.text:
            self.notes.append(
                f'"?" is not a wildcard; "{words.shown(run)}" was searched for as written. '
                'Write "*" for any end of a word.'
            )
        if word.kind == "fuzzy":
            self.count(start, self.at, "slow")
            return self._placed(ast.Fuzzy(text=word.text, distance=word.distance), start)
        return self._placed((ast.Prefix if word.kind == "prefix" else ast.Term)(text=word.text), start)

    def _placed(self, node: ast.Node, start: int) -> ast.Node:
        """Return `node` with its place, counted as a term."""
        end = self.at
        self.count(start, end)
        if isinstance(node, ast.Prefix):
            self.count(start, end, "prefix")
        return replace(node, span=Span(start, end))

    def _literal(self, run: str) -> ast.Node:
        start = self.at
        self.at += len(run)
        return self._placed(ast.Phrase(text=run), start)

    def _quotation(self) -> tuple[str, str]:
        """Return the content of the quotation that starts here: with plain characters, and as typed."""
        start = self.at
        text: list[str] = []
        typed: list[str] = []
        place = start + 1
        while (char := self.text[place : place + 1]) != '"':
            if not char:
                self.fail("unclosed", "This quotation mark is not closed.", start, start + 1)
            if char == "\\" and self.text[place + 1 : place + 2] in ('"', "\\"):
                place += 1
                char = self.text[place]
            text.append(char)
            # Other characters that count as white space are not part of any stored text.
            typed.append(char if char == " " else self.query[place])
            place += 1
        self.at = place + 1
        return "".join(text), "".join(typed)

    def _phrase(self) -> ast.Phrase:
        start = self.at
        text, _ = self._quotation()
        slop = 0
        run = self.run()
        if run.startswith("~"):
            digits = run[1:]
            end = self.at + len(run)
            if not (digits.isascii() and digits.isdigit()):
                self.fail("fuzzy", 'Write a number after the "~" of a phrase: ~3.', self.at, end)
            if len(digits) > 4 or int(digits) > MAX_DISTANCE:
                self.fail("fuzzy", f"At most {MAX_DISTANCE:,} words may lie in between.", self.at, end)
            slop = int(digits)
            self.at = end
        else:
            self.refuse_suffix()
        self.count(start, self.at)
        if "*" in text:
            self.notes.append('Inside quotation marks "*" is not a wildcard.')
        return ast.Phrase(text=text, slop=slop, span=Span(start, self.at))

    # --- addresses ---

    def _address_end(self, start: int) -> int:
        """Return where the URL ends. Round brackets that open inside it belong to it: `/wiki/Tin_(metal)`."""
        text = self.text
        place, open_brackets = start, 0
        while place < len(text) and not text[place].isspace() and text[place] not in '"{}[]':
            if text[place] == "(":
                open_brackets += 1
            elif text[place] == ")":
                open_brackets -= 1
                if open_brackets < 0:
                    break
            place += 1
        return place

    def _address_value(self) -> ast.Node:
        start = self.at
        self.at = self._address_end(start)
        written = self.query[start : self.at]
        if written.endswith("*") and "*" not in written[:-1]:
            return self._placed(ast.Prefix(text=written[:-1]), start)
        return self._placed(ast.Equals(text=written), start)

    # --- values of fields ---

    def _equals(self, field: fields.Field) -> ast.Node:
        start = self.at
        if field.kind == "text":
            message = f'"=" asks for a complete name; "{field.name}" is text. Write exact:"..." for words as written.'
            self.fail("equals-on-text", message, start, start + 1)
        self.at += 1
        if self.char() == '"':
            _, typed = self._quotation()
            self.refuse_suffix()
        else:
            run = self.run()
            typed = self.query[self.at : self.at + len(run)]
            if run and not words.URL.match(run):
                word = self.shifted(self.at, lambda: words.read_word(run))
                if word is not None and word.kind != "plain":
                    message = 'Write a complete name after "=", without "*" or "~".'
                    self.fail("wildcard", message, start, start + 1 + len(run))
            self.at += len(run)
        if not typed.strip():
            self.fail("empty-value", 'Nothing follows "=".', start, self.at)
        return self._placed(ast.Equals(text=typed), start)

    def _regex(self, field: fields.Field) -> ast.Node:
        start = self.at
        end = words.pattern_end(self.text, start)
        if field.kind == "text":
            message = f'/.../ works on names and keywords, not on "{field.name}".'
            self.fail("regex-on-text", message, start, end + 1 if end > 0 else start + len(self.run()))
        if end < 0:
            self.fail("unclosed", 'This "/" is not closed.', start, start + 1)
        pattern = words.unescaped_pattern(self.query[start + 1 : end])
        self.at = end + 1
        behind = self.run()
        if behind:
            message = r'Something follows the closing "/"; inside the expression a slash is written "\/".'
            self.fail("regex", message, end, end + 1 + len(behind))
        self.shifted(start, lambda: words.check_pattern(pattern, length=end + 1 - start))
        self.count(start, end + 1, "slow")
        return self._placed(ast.Regex(pattern=pattern), start)

    def _refuse_range(self, field: fields.Field, char: str) -> None:
        start = self.at
        ranges = f'"{field.name}" is not a date. Ranges work on date, said, seen, gone and spread.'
        if char and char in "<>":
            self.fail("no-range", ranges, start, start + (2 if self.char(1) == "=" else 1))
        if char == "[" and words.BRACKETED_DATES.match(self.text, start):
            self.fail("no-range", ranges, start, start + 1)
        self.refuse_bracket()

    def _number(self, field: fields.Field, run: str) -> ast.Node:
        start = self.at
        numbers = number_range(run)
        if numbers is None:
            message = f'"{field.name}" takes a number: {field.name}:3, {field.name}:>=3 or {field.name}:3..10.'
            self.fail("bad-number", message, start, start + max(1, len(run)))
        if numbers.least is not None and numbers.most is not None and numbers.least > numbers.most:
            self.fail("bad-number", "The range ends before it starts.", start, start + len(run))
        self.at += len(run)
        return self._placed(numbers, start)

    def _date(self, run: str) -> ast.Node:
        start, char = self.at, self.char()
        if char in ("[", "{"):
            return self._placed(self._bracketed_date(start), start)
        if char == "=" and self.char(1) in ("[", "{"):
            value = self._bracketed_date(start + 1)
            return self._placed(replace(value, written=f"={value.written}", within=True), start)
        unit, _, unknown = run.casefold().partition("-")
        if unit in get_args(ast.Unit) and unknown == "unknown":
            self.at += len(run)
            return self._placed(ast.Unplaced(unit=convert(unit, ast.Unit)), start)
        if char == '"':
            written, _ = self._quotation()
            self.refuse_suffix()
            length = self.at - start
            first, last = self.shifted(start, lambda: _point(written, 0, self._today, length=length))
            return self._placed(ast.Range(written=written, start=first, end=last), start)
        period = self.shifted(start, lambda: read_date(run, self._today))
        self.at += len(run)
        return self._placed(period, start)

    def _bracketed_date(self, start: int) -> ast.Range:
        found = words.BRACKETED_DATES.match(self.text, start)
        if found is None:
            closers = [place for place in (self.text.find(char, start) for char in "]}") if place >= 0]
            if not closers:
                message = f'This "{self.text[start]}" is not closed.'
                self.fail("unclosed", message, start, start + 1)
            message = "A range is written [2022-01-01 TO 2022-12-31]."
            self.fail("date-range", message, start, min(closers) + 1, words.DATE_HINT)
        period = self.shifted(start, lambda: read_bracketed(found, self._today))
        self.at = found.end()
        return period


# --- dates and numbers ------------------------------------------------------------------------------------------------

_COMPARISON = re.compile(r">=|<=|>|<")
_DAY = timedelta(days=1)


def read_date(written: str, today: date) -> ast.Range:
    """Read a date or range without white space. Fault if it is neither."""
    comparison = _COMPARISON.match(written)
    if comparison:
        return _compared(written, comparison.group(), today)
    if not written.startswith("="):
        return _period(written, 0, today)
    if len(written) == 1:
        raise words.Fault("bad-date", 'Write the date right after "=".', 0, 1, words.DATE_HINT)
    return replace(_period(written, 1, today), within=True)


def _period(written: str, place: int, today: date) -> ast.Range:
    """Read the point or range that starts at `place`."""
    first, dots, second = written[place:].partition("..")
    if not dots:
        begin, end = _point(first, place, today)
        return ast.Range(written=written, start=begin, end=end)
    start = _point(first, place, today)[0] if first else None
    last = _point(second, place + len(first) + 2, today)[1] if second else None
    return _ordered(written, start, last, len(written))


def read_bracketed(found: re.Match[str], today: date) -> ast.Range:
    """Read a match of BRACKETED_DATES. `[ ]` include both ends, `{ }` exclude the complete period named."""
    opening, first, second, closing = found.groups()

    def bound(number: int) -> tuple[date, date] | None:
        text, place = found[number], found.start(number) - found.start()
        return None if text == "*" else _point(text.strip('"'), place, today, length=len(text))

    start, end = bound(2), bound(3)
    length = found.end() - found.start()
    try:
        begin = None if start is None else start[0] if opening == "[" else start[1] + _DAY
        last = None if end is None else end[1] if closing == "]" else end[0] - _DAY
    except OverflowError:
        raise words.Fault("date-range", "There is no day outside this range.", 0, length) from None
    written = f"{opening}{first.strip(chr(34))} TO {second.strip(chr(34))}{closing}"
    return _ordered(written, begin, last, length)


def _compared(written: str, comparison: str, today: date) -> ast.Range:
    point = written[len(comparison) :]
    if not point:
        raise words.Fault("bad-date", f'Write the date right after "{comparison}".', 0, len(written), words.DATE_HINT)
    first, last = _point(point, len(comparison), today)
    try:
        if comparison[0] == ">":
            return ast.Range(written=written, start=first if comparison == ">=" else last + _DAY, end=None)
        return ast.Range(written=written, start=None, end=last if comparison == "<=" else first - _DAY)
    except OverflowError:
        raise words.Fault("bad-date", f'There is no day "{words.shown(written)}".', 0, len(written)) from None


def _point(written: str, place: int, today: date, *, length: int | None = None) -> tuple[date, date]:
    """Return the first and last day of a point that stands at `place` and takes `length` characters there."""
    try:
        return period(written, today=today)
    except ValueError as reason:
        end = place + (len(written) if length is None else length)
        raise words.Fault(
            "bad-date", f'"{words.shown(written)}" is not a date: {reason}.', place, end, words.DATE_HINT
        ) from None


def _ordered(written: str, start: date | None, end: date | None, length: int) -> ast.Range:
    if start is None and end is None:
        raise words.Fault("date-range", "A range needs a date on at least one side.", 0, length, words.DATE_HINT)
    if start and end and end < start:
        raise words.Fault("date-order", "The range ends before it starts.", 0, length)
    return ast.Range(written=written, start=start, end=end)


def number_range(written: str) -> ast.NumberRange | None:
    """Read `3`, `>=3` or `3..10`. Return None for anything else."""
    found = re.fullmatch(_NUMBERS, written)
    if found is None or not any(found.groups()):
        return None
    sign, point, least, most = found.groups()
    if point is None:
        return ast.NumberRange(written=written, least=int(least) if least else None, most=int(most) if most else None)
    low, high = (None if step is None else int(point) + step for step in _STEPS[sign])
    return ast.NumberRange(written=written, least=low, most=high)
