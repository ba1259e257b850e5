"""The leaves of a query: words, phrases, addresses, and the values of fields."""

from datetime import date

from msgspec.structs import replace

from searchkit.query import date_values, fields
from searchkit.query.ast import Equals, Exact, Exists, Field, Fuzzy, Node, Phrase, Prefix, Range, Regex, Term, Unplaced
from searchkit.query.scanner import Scanner
from searchkit.query.signs import LONG_DASHES, is_signs_only, letters, shown
from searchkit.query.words import FIELD_NAME, SHORTEST_PREFIX, URL, is_operator, read_word
from searchkit.text import Span

# Words in between, for ~n, NEAR/n and ADJ/n: beyond that lies the whole article.
WIDEST = 1_000
# Signs without a word are looked for in every stored text, which takes so many times as long as looking at every word.
_SIGNS_COST = 4


class Leaves:
    """Reads one leaf at the scanner's place and moves the place behind it."""

    def __init__(self, scanner: Scanner, today: date) -> None:
        self._scanner = scanner
        self._dates = date_values.Dates(today)

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
        node = scanner.shifted(start, lambda: read_word(run))
        scanner.at = start + len(run)
        if isinstance(node, Fuzzy):
            scanner.count_slow(start, scanner.at)
        return None if node is None else self._placed(node, start)

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
        if written.endswith("*") and "*" not in written[:-1] and letters(written) > letters("https") + SHORTEST_PREFIX:
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
                node = scanner.shifted(scanner.at, lambda: read_word(run))
                if node is not None and not isinstance(node, Term):
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
            if date_values.BRACKETED.match(scanner.text, start):
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
        unit = date_values.UNPLACED.get(run.casefold())
        if unit is not None:
            scanner.at += len(run)
            return self._placed(Unplaced(unit=unit), start)
        if sign == '"':
            written, _ = self._quotation()
            self.refuse_suffix()
            length = scanner.at - start
            first, last = scanner.shifted(start, lambda: self._dates.point(written, 0, length=length))
            return self._placed(Range(written=written, start=first, end=last), start)
        found = scanner.shifted(start, lambda: self._dates.read(run))
        scanner.at += len(run)
        return self._placed(found, start)

    def _bracketed_date(self, start: int) -> Range:
        scanner = self._scanner
        found = date_values.BRACKETED.match(scanner.text, start)
        if found is None:
            closers = [place for place in (scanner.text.find(sign, start) for sign in "]}") if place >= 0]
            if not closers:
                message = f'This "{scanner.text[start]}" is not closed.'
                scanner.fail("unclosed", message, start, start + 1)
            message = "A range is written [2022-01-01 TO 2022-12-31]."
            scanner.fail("date-range", message, start, min(closers) + 1, date_values.HINT)
        value = scanner.shifted(start, lambda: self._dates.read_bracketed(found))
        scanner.at = found.end()
        return value
