"""Scan a query: its characters, the place reached, limits, faults and notes; and read its leaves.

Positions count code points of the query as typed: characters are only ever replaced one for one.
"""

from collections.abc import Callable
from datetime import date
from typing import NoReturn, TypeVar

from msgspec.structs import asdict, replace

from searchkit.errors import QueryError
from searchkit.query import fields
from searchkit.query.ast import Equals, Exact, Exists, Field, Fuzzy, Node, Phrase, Prefix, Range, Regex, Term, Unplaced
from searchkit.query.signs import LONG_DASHES, is_signs_only, letters, plain, shown, visible
from searchkit.query.words import (
    BRACKETED,
    DATE_HINT,
    FIELD_NAME,
    MIN_PREFIX,
    RUN,
    UNKNOWN_UNITS,
    URL,
    DateReader,
    Fault,
    Word,
    is_operator,
    read_word,
)
from searchkit.text import Span

LONGEST_QUERY = 16_384
MOST_TERMS = 1_024
DEEPEST = 32
# Terms that make an index look at every word or value it has. On 19,000 articles one takes 25 to 60 ms, so that all
# there may be are answered within a second or so.
MOST_SLOW_TERMS = 20
# Of terms with *, which find all words with one beginning, so many take about as long.
MOST_PREFIXES = 128

# Words in between, for ~n, NEAR/n and ADJ/n: beyond that lies the whole article.
WIDEST = 1_000
# Signs without a word are looked for in every stored text, which takes so many times as long as looking at every word.
_SIGNS_COST = 4

_T = TypeVar("_T")


class _Spent:
    """What of the limits is used up, by a query and the saved searches in it together."""

    def __init__(self) -> None:
        self.signs = self.terms = self.slow_terms = self.prefixes = 0


class Scanner:
    """`query` as typed, `text` with plain signs (as long), and `at`, the place the parser has reached in both.

    `outer` is the scanner of the query that this one, a saved search, stands in.
    """

    def __init__(self, query: str, outer: "Scanner | None" = None) -> None:
        self.query = query
        self.text = plain(query)
        self.at = 0
        self.notes: list[str] = []
        self._spent: _Spent = outer._spent if outer else _Spent()
        self._depth: int = outer._depth if outer else 0

    # --- faults, notes and limits ---

    def fail(self, code: str, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        """Refuse the query."""
        message = "".join(map(visible, message))
        raise QueryError(message, code=code, query=self.query, start=start, end=end, hint=hint)

    def shifted(self, place: int, read: Callable[[], _T]) -> _T:
        """What `read` gives; its Fault becomes a QueryError counted from `place`."""
        try:
            return read()
        except Fault as fault:
            end = min(place + fault.end, len(self.text))
            self.fail(fault.code, fault.message, place + fault.start, end, fault.hint)

    def drop(self, start: int, end: int) -> None:
        """Note that this part was left out because there is nothing in it to search for."""
        self.notes.append(f'"{shown(self.query[start:end])}" has no letter or digit and was left out.')

    def note_single_quotes(self) -> None:
        """Note that single quotes around several words do not make them a phrase."""
        opened = False
        for word in self.text.split():
            start, end = word.lstrip("(-+"), word.rstrip(")")
            opened = opened or (start.startswith("'") and len(start) > 1)
            if opened and end.endswith("'") and end.strip("'"):
                self.notes.append('Single quotes make no phrase; write "..." for words in this order.')
                return

    def measure(self) -> None:
        """Count the signs of the query against the limit."""
        self._spent.signs += len(self.text)
        if self._spent.signs > LONGEST_QUERY:
            end = len(self.text)
            self.fail("too-long", f"A query has at most {LONGEST_QUERY:,} signs.", min(LONGEST_QUERY, end), end)

    def count(self, start: int, end: int) -> None:
        """Count one term against the limit."""
        self._spent.terms += 1
        if self._spent.terms > MOST_TERMS:
            self.fail("too-many", f"A query has at most {MOST_TERMS:,} terms.", start, end)

    def count_slow(self, start: int, end: int, *, times: int = 1) -> None:
        """Count a term that is as slow as `times` of those that look at every word or value."""
        self._spent.slow_terms += times
        if self._spent.slow_terms > MOST_SLOW_TERMS:
            message = (
                f'A query has at most {MOST_SLOW_TERMS} of word~ and /.../, and fewer of exact:"..." without a word.'
            )
            self.fail("too-many", message, start, end)

    def count_prefix(self, start: int, end: int) -> None:
        """Count one term with "*"."""
        self._spent.prefixes += 1
        if self._spent.prefixes > MOST_PREFIXES:
            self.fail("too-many", f"A query has at most {MOST_PREFIXES} terms with *.", start, end)

    def enter(self, start: int, end: int) -> None:
        """Go one bracket or NOT deeper; `leave` undoes it."""
        self._depth += 1
        if self._depth > DEEPEST:
            self.fail("too-deep", f"Brackets and NOT go at most {DEEPEST} levels deep.", start, end)

    def leave(self) -> None:
        """Go one level up."""
        self._depth -= 1

    # --- signs ---

    def space(self) -> None:
        """Move behind white space."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def sign(self, ahead: int = 0) -> str:
        """The sign `ahead` of the place, empty beyond the end."""
        return self.text[self.at + ahead : self.at + ahead + 1]

    def run(self) -> str:
        """The run of word signs that starts here; empty when none does."""
        found = RUN.match(self.text, self.at)
        return found.group() if found else ""

    def operator(self) -> str:
        """The operator that stands here (`AND`, `NEAR/5`), or nothing."""
        run = self.run()
        return run if is_operator(run) else ""

    def opens_group(self, ahead: int) -> bool:
        """Whether the sign `ahead` opens a phrase or a bracket."""
        return self.sign(ahead) in ('"', "(")


def _node(word: Word) -> Node:
    match word.kind:
        case "plain":
            return Term(text=word.text)
        case "prefix":
            return Prefix(text=word.text)
    return Fuzzy(text=word.text, distance=word.distance)


class Leaves:
    """Reads one leaf at the scanner's place and moves the place behind it."""

    def __init__(self, scanner: Scanner, today: date) -> None:
        self._scanner = scanner
        self._dates = DateReader(today)

    @property
    def notes(self) -> list[str]:
        """Notes on dates."""
        return self._dates.notes

    def bare_phrase(self) -> Node | None:
        """The phrase that starts here; None, with a note, when no word is in it."""
        start = self._scanner.at
        phrase = self._phrase()
        if is_signs_only(phrase.text):
            self._scanner.drop(start, self._scanner.at)
            return None
        return phrase

    def bare_word(self) -> Node | None:
        """The word that starts here; None, with a note, when it is signs only. A lone `*` is not for here."""
        start = self._scanner.at
        node = self._word(start)
        if node is None:
            self._scanner.drop(start, self._scanner.at)
        return node

    def address(self, start: int) -> Node:
        """The URL that starts here, as a condition on the field `url`; with `*` at its end, all below it."""
        span = Span(start, self._address_end(start))
        return Field(name="url", value=self._address_value(), span=span)

    def exact(self, start: int) -> Node:
        """The `"..."` behind `exact:`, which starts at `start`."""
        if self._scanner.sign() != '"':
            self._scanner.fail("exact", 'Write exact:"..." with quotation marks.', start, self._scanner.at)
        opened = self._scanner.at
        _, written = self._quotation()
        if not written.strip():
            self._scanner.fail("empty-value", "There is nothing in these quotation marks.", opened, self._scanner.at)
        self.refuse_suffix()
        self._scanner.count(start, self._scanner.at)
        if is_signs_only(written):
            self._scanner.count_slow(start, self._scanner.at, times=_SIGNS_COST)
        return Exact(text=written, span=Span(start, self._scanner.at))

    def value(self, field: fields.Field, written: str) -> Node:
        """One value of `field`, which the query calls `written`. Never nothing: an empty condition is refused."""
        scanner = self._scanner
        sign, start = scanner.sign(), scanner.at
        run = scanner.run()
        if run == "*":
            scanner.at += 1
            scanner.count(start, scanner.at)
            return Exists(span=Span(start, scanner.at))
        if sign == "-" or (sign and sign in LONG_DASHES):
            excluded = shown(run[1:]) or "..."
            message = (
                f'Write -{written}:{excluded} to exclude; a value that starts with "{sign}" needs quotation marks.'
            )
            scanner.fail("minus-in-value", message, start, start + 1)
        if sign == ":":
            scanner.fail("empty-field", 'There is no field name before this ":".', start, start + 1)
        if is_operator(run):
            message = f'{run} is an operator. To search for the word, write {written}:"{run}".'
            scanner.fail("missing-operand", message, start, start + len(run))
        if field.kind == "date":
            return self._date(run)
        if sign == "=":
            return self._equals(field)
        if sign == "/":
            return self._regex(field)
        self._refuse_range(field, sign)
        if sign == '"':
            phrase = self._phrase()
            if is_signs_only(phrase.text):
                scanner.fail("empty-value", "There is no word in these quotation marks.", start, scanner.at)
            return phrase
        if URL.match(run):
            return self._address_value() if field.kind == "keyword" else self._literal(run)
        node = self._word(start)
        if node is None:
            message = f'"{shown(run)}" has no letter or digit. To search for the signs, write exact:"{shown(run)}".'
            scanner.fail("empty-value", message, start, scanner.at)
        return node

    def refuse_nested(self, written: str) -> None:
        """Refuse a field name inside the brackets of the field that the query calls `written`."""
        run = self._scanner.run()
        name = FIELD_NAME.match(run)
        if name and not URL.match(run):
            message = f'A field cannot stand inside "{written}:( )".'
            self._scanner.fail("nested-field", message, self._scanner.at, self._scanner.at + name.end(1))

    def refuse_suffix(self) -> None:
        """Refuse signs that belong to words right behind a bracket or quotation mark."""
        scanner = self._scanner
        start, run = scanner.at, scanner.run()
        if run.startswith("^"):
            scanner.fail("boost", "Boosts are not part of this language.", start, start + len(run))
        if run.startswith("~"):
            scanner.fail("fuzzy", 'A "~" is possible only behind a word or a phrase.', start, start + len(run))
        if run.startswith("*"):
            scanner.fail("wildcard", 'A "*" is possible only at the end of a word.', start, start + 1)

    # --- words and phrases ---

    def _word(self, start: int) -> Node | None:
        scanner = self._scanner
        run = scanner.run()
        if len(run) > 2 and run[0] == run[-1] == "/":
            message = "/.../ is a pattern, and patterns work on names and keywords, not on words."
            hint = f'To search for the words, write "{shown(run)}" in quotation marks.'
            scanner.fail("regex-on-text", message, start, start + len(run), hint)
        word = scanner.shifted(start, lambda: read_word(run))
        scanner.at = start + len(run)
        if word is None:
            return None
        if word.kind == "fuzzy":
            scanner.count_slow(start, scanner.at)
        return self._placed(_node(word), start)

    def _placed(self, node: Node, start: int) -> Node:
        """`node` with its place, counted as a term."""
        end = self._scanner.at
        self._scanner.count(start, end)
        if isinstance(node, Prefix):
            self._scanner.count_prefix(start, end)
        return replace(node, span=Span(start, end))

    def _literal(self, run: str) -> Node:
        start = self._scanner.at
        self._scanner.at += len(run)
        return self._placed(Phrase(text=run), start)

    def _quotation(self) -> tuple[str, str]:
        """Content of the quotation that starts here: with plain signs, and as typed."""
        scanner = self._scanner
        start = scanner.at
        text: list[str] = []
        typed: list[str] = []
        place = start + 1
        while (sign := scanner.text[place : place + 1]) != '"':
            if not sign:
                scanner.fail("unclosed", "This quotation mark is not closed.", start, start + 1)
            if sign == "\\" and scanner.text[place + 1 : place + 2] in ('"', "\\"):
                place += 1
                sign = scanner.text[place]
            text.append(sign)
            # White space is white space: the signs that were taken for it are not part of any stored text.
            typed.append(sign if sign == " " else scanner.query[place])
            place += 1
        scanner.at = place + 1
        return "".join(text), "".join(typed)

    def _phrase(self) -> Phrase:
        scanner = self._scanner
        start = scanner.at
        text, _ = self._quotation()
        slop = 0
        run = scanner.run()
        if run.startswith("~"):
            digits = run[1:]
            end = scanner.at + len(run)
            if not (digits.isascii() and digits.isdigit()):
                scanner.fail("fuzzy", 'Write a number after the "~" behind a phrase: ~3.', scanner.at, end)
            if len(digits) > 4 or int(digits) > WIDEST:
                scanner.fail("fuzzy", f"At most {WIDEST:,} words may stand in between.", scanner.at, end)
            slop = int(digits)
            scanner.at = end
        else:
            self.refuse_suffix()
        scanner.count(start, scanner.at)
        if "*" in text:
            scanner.notes.append('Inside quotation marks "*" stands for itself, not for the end of a word.')
        return Phrase(text=text, slop=slop, span=Span(start, scanner.at))

    # --- addresses ---

    def _address_end(self, start: int) -> int:
        """Where the URL ends. Round brackets that open inside it belong to it: `/wiki/Tin_(metal)`."""
        text = self._scanner.text
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

    def _address_value(self) -> Node:
        scanner = self._scanner
        start = scanner.at
        scanner.at = self._address_end(start)
        written = scanner.query[start : scanner.at]
        if written.endswith("*") and "*" not in written[:-1] and letters(written) > letters("https") + MIN_PREFIX:
            return self._placed(Prefix(text=written[:-1]), start)
        if "*" in written:
            scanner.notes.append(
                'In this address "*" stands for itself; it is a wildcard only at the end of a longer one.'
            )
        return self._placed(Equals(text=written), start)

    # --- values of fields ---

    def _equals(self, field: fields.Field) -> Node:
        scanner = self._scanner
        start = scanner.at
        if field.kind == "text":
            message = f'"=" asks for a whole name; "{field.name}" is text. Write exact:"..." for words as written.'
            scanner.fail("equals-on-text", message, start, start + 1)
        scanner.at += 1
        if scanner.sign() == '"':
            _, typed = self._quotation()
            self.refuse_suffix()
        else:
            run = scanner.run()
            typed = scanner.query[scanner.at : scanner.at + len(run)]
            if run and not URL.match(run):
                word = scanner.shifted(scanner.at, lambda: read_word(run))
                if word is not None and word.kind != "plain":
                    message = 'After "=" stands a whole name, without "*" or "~".'
                    scanner.fail("wildcard", message, start, start + 1 + len(run))
            scanner.at += len(run)
        if not typed.strip():
            scanner.fail("empty-value", 'Nothing follows "=".', start, scanner.at)
        return self._placed(Equals(text=typed), start)

    def _regex(self, field: fields.Field) -> Node:
        from searchkit.query import regexes  # rarely needed, and its patterns take time to compile

        scanner = self._scanner
        start = scanner.at
        end = regexes.end_of_regex(scanner.text, start)
        if field.kind == "text":
            message = f'/.../ works on names and keywords, not on "{field.name}".'
            scanner.fail("regex-on-text", message, start, end + 1 if end > 0 else start + len(scanner.run()))
        if end < 0:
            scanner.fail("unclosed", 'This "/" is not closed.', start, start + 1)
        pattern = regexes.unescape(scanner.query[start + 1 : end])
        scanner.at = end + 1
        behind = scanner.run()
        if behind:
            message = r'Something follows the closing "/"; inside the expression a slash is written "\/".'
            scanner.fail("regex", message, end, end + 1 + len(behind))
        scanner.shifted(start, lambda: regexes.check(pattern, length=end + 1 - start))
        scanner.count_slow(start, end + 1)
        return self._placed(Regex(pattern=pattern), start)

    def _refuse_range(self, field: fields.Field, sign: str) -> None:
        scanner = self._scanner
        start = scanner.at
        ranges = f'"{field.name}" has no order. Ranges work on date, said and seen.'
        if sign and sign in "<>":
            scanner.fail("no-range", ranges, start, start + (2 if scanner.sign(1) == "=" else 1))
        if sign == "[":
            if BRACKETED.match(scanner.text, start):
                scanner.fail("no-range", ranges, start, start + 1)
            scanner.fail("bracket", '"[" is possible only in a date range.', start, start + 1)
        if sign == "{":
            scanner.fail("brace", 'Only "quote:" takes { }.', start, start + 1)

    def _date(self, run: str) -> Node:
        scanner = self._scanner
        start, sign = scanner.at, scanner.sign()
        if sign in ("[", "{"):
            return self._placed(self._bracketed_date(start), start)
        if sign == "=" and scanner.sign(1) in ("[", "{"):
            value = self._bracketed_date(start + 1)
            return self._placed(replace(value, written=f"={value.written}", within=True), start)
        unit = UNKNOWN_UNITS.get(run.casefold())
        if unit is not None:
            scanner.at += len(run)
            return self._placed(Unplaced(unit=unit), start)
        if sign == '"':
            written, _ = self._quotation()
            self.refuse_suffix()
            length = scanner.at - start
            first, last = scanner.shifted(start, lambda: self._dates.point(written, 0, length=length))
            return self._placed(Range(written=written, start=first, end=last), start)
        period = scanner.shifted(start, lambda: self._dates.read(run))
        scanner.at += len(run)
        return self._placed(Range(**asdict(period)), start)

    def _bracketed_date(self, start: int) -> Range:
        scanner = self._scanner
        found = BRACKETED.match(scanner.text, start)
        if found is None:
            closers = [place for place in (scanner.text.find(sign, start) for sign in "]}") if place >= 0]
            if not closers:
                message = f'This "{scanner.text[start]}" is not closed.'
                scanner.fail("unclosed", message, start, start + 1)
            message = "A range is written [2022-01-01 TO 2022-12-31]."
            scanner.fail("date-range", message, start, min(closers) + 1, DATE_HINT)
        period = scanner.shifted(start, lambda: self._dates.read_bracketed(found))
        scanner.at = found.end()
        return Range(**asdict(period))
