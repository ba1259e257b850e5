"""Date words by language: months, weekdays, and the words in "last week" and "three days ago"."""

import re
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

from searchkit.statements.dates.partial import MONTH_NAMES

Unit = Literal["hour", "day", "week", "month", "year"]

LANGUAGES = ("en", "de", "fr")
_NEVER = "(?!)"


class _Language(Struct, frozen=True, kw_only=True):
    """Patterns and words of a language. A pattern for text before a date ends in `$` and gets a few characters only.

    `months` are the names of the twelve months, then their abbreviations; a dot means none. `which_behind` and
    `which_ahead` match last, this and next; `which` gives the shift by the word's beginning. `habit`
    before a weekday, or `name` after it, means that it is not a date; `tail` may follow it (Montagabend). `count` is
    before a unit and `ago` after its stem; `whole` ends a singular unit. `of_month` is before a month alone, and
    `of_clear_month` before one that is not a name. `of_year` follows a month ("July last year"), `clock` a day. The
    `period_words` name a period relative to the article. `no_day` ends in a day word that means something else, and
    `event` is behind one with "'s". `years` are pairs of what is before and after a year alone;
    `close` ends one, and says what cannot follow it.
    """

    months: str = ""
    close: str = ""
    weekdays: str = ""
    day_words: dict[str, int] = {}
    period_words: dict[str, tuple[Unit, int]] = {}
    units: dict[str, Unit] = {}
    counts: str = ""
    more_counts: dict[str, int] = {}
    count: str = _NEVER
    ago: str = _NEVER
    whole: str = ""
    which: dict[str, int] = {}
    which_behind: str = _NEVER
    which_ahead: str = _NEVER
    habit: str = _NEVER
    name: str = _NEVER
    tail: str = ""
    no_day: str = _NEVER
    event: str = _NEVER
    of_month: str = _NEVER
    of_clear_month: str = _NEVER
    of_year: str = _NEVER
    clock: str = _NEVER
    years: tuple[tuple[str, str], ...] = ()


_IN_BRACKETS = (r"\($", r"(?:\s?[-–]\s?(?:\d{4}|\d\d))?\)")
_LIFE = r"\((?:1[5-9]|20)\d\d\s?[-–]\s?$", r"\)"
_PARTS = {
    "punctuation": r"\s{0,2}(?:[.,;:!?)\]\"'”’»—–-]|/\d\d(?!\d)|$)",
    "not_round": r"(?<!00)",  # "of 2000 people" is not a year
    "year": r"(?<![$€£\d.,-])(?:1[5-9]|20)\d\d",
    "months": "|".join(MONTH_NAMES),
}


@cache
def _language(code: str) -> _Language:
    """Return the date words of a language, with the parts that its patterns name as <part>."""
    text = resources.files("searchkit.statements").joinpath("data", code, "dates.toml").read_text(encoding="utf-8")
    read = msgspec.toml.decode(text, type=_Language)
    known = _PARTS | {"close": read.close.replace("<punctuation>", _PARTS["punctuation"])}
    for part, pattern in known.items():
        text = text.replace(f"<{part}>", pattern)
    return msgspec.toml.decode(text, type=_Language)


class DateWords:
    """The date words of some languages, and one pattern for all that start a date.

    With several languages, only the months of each are used, and all words of English.
    """

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.months: dict[str, int] = {}
        self.month_first = "en" in languages
        for language in languages:
            for place, name in enumerate(_language(language).months.split()):
                if name != ".":
                    self.months[name] = place % 12 + 1
                    if language != "fr":  # headlines in capitals, but "MARS 2020" is not a month
                        self.months[name.upper()] = place % 12 + 1
        self.weekdays: dict[str, int] = {}
        self.day_words: dict[str, int] = {}
        self.period_words: dict[str, tuple[Unit, int]] = {}
        self._read(_language("en" if self.month_first else languages[0]) if languages else _Language())
        words = [*self.months, *self.weekdays, *self.day_words, *self.period_words, *self.units]
        words += ["15", "16", "17", "18", "19", "20"]
        # Grouped by first character, which makes the search faster; longest first.
        by_first: dict[str, list[str]] = {}
        if languages == ("de",):  # "20.5."
            by_first = {digit: [r"\d?\.\s?\d{1,2}\.(?!\s?\d)"] for digit in "1234567890"}
        for word in sorted(words, key=len, reverse=True):
            by_first.setdefault(word[0], []).append(re.escape(word[1:]))
        self.pattern = re.compile("|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in by_first.items()))

    def _read(self, rules: _Language) -> None:
        for number, names in enumerate(rules.weekdays.split()):
            for name in names.split("|"):
                self.weekdays[name] = self.weekdays[name.capitalize()] = self.weekdays[name.upper()] = number
        for word, shift in rules.day_words.items():
            self.day_words[word] = self.day_words[word.capitalize()] = shift
        for word, period in rules.period_words.items():
            self.period_words[word] = self.period_words[word.capitalize()] = period
        self.units = rules.units
        self.counts = {
            word: number for number, words in enumerate(rules.counts.split(), 1) for word in words.split("|")
        }
        self.counts |= rules.more_counts
        self._which = rules.which
        self.count = re.compile(rules.count.replace("<counts>", rf"\d{{1,3}}|{'|'.join(self.counts)}"), re.IGNORECASE)
        self.ago = re.compile(rules.ago)
        self.whole = re.compile(rules.whole + r"(?!\w)")
        self.habit = re.compile(rules.habit)
        self.name = re.compile(rules.name)
        self.tail = re.compile(rules.tail + r"(?!\w)")
        self.no_day = re.compile(rules.no_day, re.IGNORECASE)
        self.event = re.compile(rules.event)
        self.of_month = re.compile(rules.of_month)
        self.of_clear_month = re.compile(rules.of_clear_month)
        self.of_year = re.compile(rules.of_year)
        self.clock = re.compile(rules.clock)
        years = (*rules.years, _IN_BRACKETS, _LIFE) if rules.years else ()
        self.years = tuple((re.compile(before, re.IGNORECASE), re.compile(after)) for before, after in years)
        self._which_behind = re.compile(rules.which_behind, re.IGNORECASE)
        self._which_ahead = re.compile(rules.which_ahead)

    def which(self, text: str, behind: int, start: int, end: int) -> tuple[int, int, int] | None:
        """Return start, end and shift of a range with "last", "this" or "next" next to it; None without such a word.

        `behind` is the earliest position of the word.
        """
        before = self._which_behind.search(text, behind, start)
        after = None if before else self._which_ahead.match(text, end)
        found = before or after
        if found is None:
            return None
        return (before.start() if before else start), (after.end() if after else end), self.shift(found)

    def shift(self, found: re.Match[str]) -> int:
        """Return the shift that the last group of a match means: last -1, this 0, next 1."""
        word = found[found.lastindex or 0].lower()
        return next(shift for stem, shift in self._which.items() if word.startswith(stem))


@cache
def date_words(languages: tuple[str, ...]) -> DateWords:
    """Return the words of these languages, which must be among LANGUAGES."""
    return DateWords(languages)
