"""Date words by language: months, weekdays, and the words in "last week" and "three days ago"."""

import re
from functools import cache
from typing import Literal

from msgspec import Struct

from searchkit.dates.periods import MONTH_NAMES

Unit = Literal["hour", "day", "week", "month", "year"]

# The names of the twelve months, then their abbreviations; a dot means none.
_MONTHS = {
    "en": " ".join(MONTH_NAMES) + " Jan Feb Mar Apr . Jun Jul Aug Sep Oct Nov Dec . . . . . . . . Sept",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    " Jan Feb Mär Apr . Jun Jul Aug Sep Okt Nov Dez Jänner",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    " janv févr . avr . . juil . sept oct nov déc",
}
LANGUAGES = tuple(_MONTHS)
_NEVER = re.compile(r"(?!)")


class _Language(Struct, frozen=True, kw_only=True):
    """Patterns and words of a language. A pattern for text before a date ends in `$` and gets a few characters only.

    `which_behind` and `which_ahead` match last, this and next; `which` gives the shift by the word's beginning. `habit`
    before a weekday, or `name` after it, means that it is not a date; `tail` may follow it (Montagabend). `count` is
    before a unit and `ago` after its stem; `whole` ends a singular unit. `of_month` is before a month alone.
    """

    weekdays: str
    day_words: dict[str, int]
    units: dict[str, Unit]
    counts: str
    count: str
    ago: str
    whole: str = ""
    which: dict[str, int]
    which_behind: str = r"(?!)"
    which_ahead: str = r"(?!)"
    habit: str
    name: str = r"(?!)"
    tail: str = ""
    of_month: str


_ENGLISH = _Language(
    weekdays="Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    day_words={"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1},
    units={unit: unit for unit in ("hour", "day", "week", "month", "year")},
    counts="a|an|one two three four five six seven eight nine ten eleven twelve",
    count=r"\b({})\s$",
    ago=r"s?\sago\b",
    which={"last": -1, "previous": -1, "this": 0, "next": 1},
    # "The last year" is not a calendar year.
    which_behind=r"(?<!\bthe\s)\b(last|this|next|previous)\s$",
    habit=r"\b(?:Black|Good|Super|Cyber|Palm|Easter|Bloody|Ash|Ruby|Sheffield|Fat|Giving|Shrove|Casual|[Ee]very|[Ee]ach)\s$",
    name=r"\s(?:Club|Group|Times|Night\s(?:Live|Football))\b",
    of_month=r"\b(?:[Ii]n|[Ss]ince|[Uu]ntil)\s(?:(?:early|late|mid)[\s-])?$|\b(?:[Ee]arly|[Ll]ate|[Mm]id)[\s-](?:in\s)?$|\b[Ll]ast\s$",
)
_GERMAN = _Language(
    weekdays="Montag Dienstag Mittwoch Donnerstag Freitag Samstag|Sonnabend Sonntag",
    # "Morgen" usually means the morning.
    day_words={"vorgestern": -2, "gestern": -1, "heute": 0, "übermorgen": 2},
    units={"Stunde": "hour", "Tag": "day", "Woche": "week", "Monat": "month", "Jahr": "year"},
    counts="ein|einer|einem zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    count=r"\b[Vv]or\s({})\s$",
    ago=r"(?:en|n)?\b",
    whole="(?:e?s)?",
    which={"letzt": -1, "vergangen": -1, "vorig": -1, "dies": 0, "nächst": 1, "kommend": 1},
    which_behind=r"\b(letzte|vergangene|vorige|diese|nächste|kommende)[mnrs]?\s$",
    habit=r"\b(?:[Jj]ede[nrs]|[Ss]chwarze[nr]?)\s$",
    tail="(?:abend|früh|mittag|morgen|nacht|nachmittag|vormittag)?",
    of_month=r"\b(?:[Ii]m|[Aa]nfang|[Mm]itte|[Ee]nde|[Ss]eit|[Bb]is|letzten)\s$",
)
_FRENCH = _Language(
    weekdays="lundi mardi mercredi jeudi vendredi samedi dimanche",
    day_words={"avant-hier": -2, "hier": -1, "aujourd'hui": 0, "aujourd’hui": 0, "demain": 1, "après-demain": 2},
    units={"heure": "hour", "jour": "day", "semaine": "week", "mois": "month", "année": "year", "an": "year"},
    counts="un|une deux trois quatre cinq six sept huit neuf dix onze douze",
    count=r"\b[Ii]l\sy\sa\s({})\s$",
    ago=r"s?\b",
    which={"c": 0, "dernier": -1, "dernière": -1, "passé": -1, "prochain": 1},
    which_behind=r"\b(ce|cet|cette)\s$",
    which_ahead=r"\s(dernier|dernière|passée?|prochaine?)\b",
    habit=r"\b(?:[Cc]haque|[Ll]e)\s$",
    name=r"\s(?:gras|saint)\b",
    of_month=r"\b(?:[Ee]n|[Dd]ébut|[Ff]in|[Mm]i|[Dd]epuis)[\s-]$",
)
_RULES = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH}


class DateWords:
    """The date words of some languages, and one pattern for all that start a date.

    With several languages, only the months of each are used, and all words of English.
    """

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.months: dict[str, int] = {}
        self.month_first = "en" in languages
        for language in languages:
            for place, name in enumerate(_MONTHS[language].split()):
                if name != ".":
                    self.months[name] = place % 12 + 1
                    if language != "fr":  # headlines in capitals, but "MARS 2020" is not a month
                        self.months[name.upper()] = place % 12 + 1
        self.weekdays: dict[str, int] = {}
        self.day_words: dict[str, int] = {}
        self.units: dict[str, Unit] = {}
        self.counts: dict[str, int] = {}
        self._which: dict[str, int] = {}
        self.count = self.ago = self.whole = self.habit = self.name = self.tail = self.of_month = _NEVER
        self._which_behind = self._which_ahead = _NEVER
        if languages:
            self._read(_RULES["en" if self.month_first else languages[0]])
        words = [*self.months, *self.weekdays, *self.day_words, *self.units, "18", "19", "20"]
        # Grouped by first letter, which makes the search faster; longest first.
        by_letter: dict[str, list[str]] = {}
        for word in sorted(words, key=len, reverse=True):
            by_letter.setdefault(word[0], []).append(re.escape(word[1:]))
        self.pattern = re.compile("|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in by_letter.items()))

    def _read(self, rules: _Language) -> None:
        for number, names in enumerate(rules.weekdays.split()):
            for name in names.split("|"):
                self.weekdays[name] = self.weekdays[name.capitalize()] = number
        for word, shift in rules.day_words.items():
            self.day_words[word] = self.day_words[word.capitalize()] = shift
        self.units = rules.units
        self.counts = {
            word: number for number, words in enumerate(rules.counts.split(), 1) for word in words.split("|")
        }
        self._which = rules.which
        self.count = re.compile(rules.count.replace("{}", rf"\d{{1,3}}|{'|'.join(self.counts)}"), re.IGNORECASE)
        self.ago = re.compile(rules.ago)
        self.whole = re.compile(rules.whole + r"(?!\w)")
        self.habit = re.compile(rules.habit)
        self.name = re.compile(rules.name)
        self.tail = re.compile(rules.tail + r"(?!\w)")
        self.of_month = re.compile(rules.of_month)
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
        word = found[1].lower()
        shift = next(shift for stem, shift in self._which.items() if word.startswith(stem))
        return (before.start() if before else start), (after.end() if after else end), shift


@cache
def date_words(languages: tuple[str, ...]) -> DateWords:
    """Return the words of these languages, which must be among LANGUAGES."""
    return DateWords(languages)
