"""Date words by language: months, weekdays, and the words in "last week" and "three days ago"."""

import re
from functools import cache
from typing import Literal

from msgspec import Struct

from searchkit.statements.dates.periods import MONTH_NAMES

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
    before a unit and `ago` after its stem; `whole` ends a singular unit. `of_month` is before a month alone, and
    `of_clear_month` before one that is no name. `of_year` follows a month ("July last year"), `clock` a day. The
    `period_words` name a period relative to the article. `no_day` ends in a day word that means something else, and
    `event` is behind one with "'s". `years` are pairs of what is before and after a year alone.
    """

    weekdays: str
    day_words: dict[str, int]
    period_words: dict[str, tuple[Unit, int]] = {}
    units: dict[str, Unit]
    counts: str
    more_counts: dict[str, int] = {}
    count: str
    ago: str
    whole: str = ""
    which: dict[str, int]
    which_behind: str = r"(?!)"
    which_ahead: str = r"(?!)"
    habit: str
    name: str = r"(?!)"
    tail: str = ""
    no_day: str = r"(?!)"
    event: str = r"(?!)"
    of_month: str
    of_clear_month: str = r"(?!)"
    of_year: str = r"(?!)"
    clock: str = r"(?!)"
    years: tuple[tuple[str, str], ...]


# What ends a year alone, and what cannot follow it: "2022 companies", "2000 and more people".
_PUNCTUATION = r"\s{0,2}(?:[.,;:!?)\]\"'”’»—–-]|/\d\d(?!\d)|$)"
_ENGLISH_CLOSE = (
    _PUNCTUATION
    + r"|\s{1,2}(?:and|or|but|when|while|after|before|until|because|as|amid|over|under|to|for|by|with|from|at|in|on"
    r"|against|during|between|into|since|without|of|the|an?|he|she|it|they|we|was|were|is|are|will|had|has|that|who|which"
    r"|said)\b"
)
_GERMAN_CLOSE = (
    _PUNCTUATION
    + r"|\s{1,2}(?!(?:ha|km|kg|km/h|m|qm|cm|mm|mal|kwh|mio|mrd|volt|watt|weitere|mehr|weniger|neue|andere|solche)\b)"
    r"[a-zäöü(„\"“»]"
)
_FRENCH_CLOSE = (
    _PUNCTUATION + r"|\s{1,2}(?:et|ou|mais|à|au|quand|le|la|les|il|elle|a|est|était|avait|sont|par|pour|dans|en|où)\b"
)
# No round number: "of 2000 people" is no year.
_NOT_ROUND = r"(?<!00)"
_YEAR_AND = r"(?<![$€£\d.,-])(?:1[5-9]|20)\d\d"
_IN_BRACKETS = (r"\($", r"(?:\s?[-–]\s?(?:\d{4}|\d\d))?\)")
_LIFE = r"\((?:1[5-9]|20)\d\d\s?[-–]\s?$", r"\)"
_ENGLISH = _Language(
    weekdays="Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    day_words={
        "last night": -1,
        "yesterday": -1,
        "today": 0,
        "tonight": 0,
        "tomorrow": 1,
        "this morning": 0,
        "this afternoon": 0,
        "this evening": 0,
    },
    period_words={"year-end": ("year", 0), "year-ago": ("year", -1), "year-earlier": ("year", -1)},
    units={unit: unit for unit in ("hour", "day", "week", "month", "year")},
    counts="a|an|one two three four five six seven eight nine ten eleven twelve",
    count=r"\b({})\s$",
    more_counts={"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50},
    ago=r"s?\sago\b",
    which={"last": -1, "previous": -1, "this": 0, "the": 0, "current": 0, "next": 1, "coming": 1},
    # "The last year" is not a calendar year, but "the end of the year" is that of this year.
    which_behind=r"(?<!\bthe\s)\b(last|this|next|previous|(?<=\bthis\s)coming)\s$|\bthe\s(current)\s(?:fiscal\s)?$"
    r"|\b(?:end|start|beginning|middle|rest)\sof\s(the)\s$",
    habit=r"\b(?:Black|Good|Super|Cyber|Palm|Easter|Bloody|Ash|Ruby|Sheffield|Fat|Giving|Shrove|Casual|[Ee]very|[Ee]ach)\s$",
    name=r"\s(?:Club|Group|Times|Night\s(?:Live|Football))\b",
    no_day=r"\bthe\slast\snight$",
    event=r"\s(?:vote|election|meeting|hearing|ruling|decision|game|match|session|debate|summit|announcement|talks|report"
    r"|release|attack|protest|rally|strike|deadline|auction|launch|verdict|deal)s?\b",
    of_month=r"\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Tt]his|[Nn]ext|[Ll]ast)\s(?:(?:early|late|mid)[\s-])?$"
    r"|\b(?:[Ee]arly|[Ll]ate|[Mm]id)[\s-](?:in\s)?$|\b(?:end|start|beginning|middle|month|rest|half)\sof\s$",
    of_clear_month=r"\b(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|[Bb]y|[Ff]rom|through|during|for|till|before|after|between)"
    rf"\s$|\b(?:{'|'.join(MONTH_NAMES)})\s(?:and|or|to|through)\s$",
    of_year=r",?\s(?:of\s)?(last|this|next)\syear\b",
    clock=r",?\s(?:at|around|about|by)\s\d{1,2}(?::\d\d)?\s?[ap]\.?m\b",
    years=(
        (
            r"\b(?:in|since|during|early|late|mid|spring|summer|autumn|winter|year|fiscal|year\sended)[\s-]?$",
            _ENGLISH_CLOSE,
        ),
        (
            r"\b(?:from|between|until|till|through|into|for|by|before|after|both"
            r"|(?:end|start|beginning|middle|half|quarters?|part|months|rest|most|spring|summer|autumn|fall|winter|war|crash|crisis"
            r"|act|law|elections?|class|treaty|agreement|constitution|all)\sof)\s$",
            _NOT_ROUND + f"(?:{_ENGLISH_CLOSE})",
        ),
        (_YEAR_AND + r"(?:,?\sand|,?\sor|,|,?\sto|\sthrough|\s?[-–])\s?$", _ENGLISH_CLOSE),
        (
            r"(?:\b(?:the|an?|that|its|his|her|their|our)|['’]s)\s$",
            r"(?<!1[5-8]\d\d)(?:(?<!00)|(?!\s[a-z]{2,12}s\b))(?:[-–]\d\d)?\s(?!(?:\w{1,12}\s)?(?:people|men|women|children"
            r"|euros?|dollars|pounds|miles|met(?:er|re)s?|km|feet|tons?|tonnes|votes|members|workers|jobs|cases|deaths|words"
            r"|points|calories|square|kilo\w+)\b)[A-Za-z]",
        ),
        (r"\b(?:fiscal|calendar|(?:the|of)\syear)\s$", r"\b"),
        (r"(?:^|\n|[.!?][\"”]?\s)$", r"\s(?:was|will|saw|brought|marked)\b"),
        _IN_BRACKETS,
        _LIFE,
    ),
)
_GERMAN = _Language(
    weekdays="Montag Dienstag Mittwoch Donnerstag Freitag Samstag|Sonnabend Sonntag",
    day_words={"vorgestern": -2, "gestern": -1, "heute": 0, "morgen": 1, "übermorgen": 2},
    period_words={
        "heuer": ("year", 0),
        **dict.fromkeys(("Jahresende", "Jahresbeginn", "Jahresanfang"), ("year", 0)),
        **dict.fromkeys(("Vorjahr", "Vorjahrs", "Vorjahres"), ("year", -1)),
        **dict.fromkeys(("Vormonat", "Vormonats"), ("month", -1)),
        "Vorwoche": ("week", -1),
    },
    units={"Stunde": "hour", "Tag": "day", "Woche": "week", "Monat": "month", "Jahr": "year"},
    counts="ein|einer|einem zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    more_counts={"fünfzehn": 15, "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "hundert": 100},
    count=r"\b[Vv]or\s(?:(?:gut|rund|etwa|knapp|fast|genau|gerade|mehr\sals|über)\s)?({})\s$",
    ago=r"(?:en|n)?\b",
    whole="(?:e?s)?",
    which={"letzt": -1, "vergangen": -1, "vorig": -1, "dies": 0, "laufend": 0, "de": 0, "nächst": 1, "kommend": 1},
    which_behind=r"\b(letzte|vergangene|vorige|diese|laufende|nächste|kommende)[mnrs]?\s$"
    r"|\b(?:Anfang|Mitte|Ende|Beginn|Laufe)\s(de[sr])\s$",
    habit=r"\b(?:[Jj]ede[nrs]|[Ss]chwarze[nr]?)\s$",
    tail="(?:abend|früh|mittag|morgen|nacht|nachmittag|vormittag)?",
    # "Morgen" is the morning in "am Morgen" and "heute Morgen".
    no_day=r"(?:\bheute|\bgestern|tag|woch|abend|\bvon|\bam|\bde[rmns]|\bjede[nr]|\bguten|\beine[ms])\smorgen$",
    of_month=r"\b(?:[Ii]m|[Aa]nfang|[Mm]itte|[Ee]nde|[Ss]eit|[Bb]is|[Dd]em|[Mm]onat"
    r"|(?:letzt|vergangen|dies|nächst|kommend)e[nms])\s$",
    of_clear_month=r"\b(?:[Aa]b|[Vv]on|[Ff]ür|[Gg]egen"
    r"|(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\s(?:und|oder|bis))\s$",
    clock=r",?\s(?:um\s|gegen\s|ab\s|kurz\s(?:vor|nach)\s)?\d{1,2}(?:[.:]\d\d)?\sUhr\b",
    of_year=r"\s(?:des\s)?(letzt|vergangen|vorig|dies|laufend|nächst|kommend)e[ns]\sJahres\b",
    years=(
        (
            r"\b(?:Jahr(?:e|en|es|s)?|Jahrgang|seit|Anfang|Mitte|Ende|Frühjahr|Frühling|Sommer|Herbst|Winter|spätestens)[\s-]$",
            r"(?!\s(?:Euro|Mark|Dollar|Franken|Prozent|Menschen|Personen|Stück)\b)",
        ),
        (r"\b(?:in|ab|bis|gegenüber)\s$", _GERMAN_CLOSE),
        (r"\b(?:von|zwischen)\s(?:1[5-9]|20)\d\d\s(?:bis|und)\s$", r"\b"),
        (_YEAR_AND + r"(?:\s(?:und|oder|bis)|,|\s?[-–])\s?$", _GERMAN_CLOSE),
        # A year stands alone in German: "Sie kam 1998 nach Brannock".
        (
            r"(?:^|[\s(„\"»])(?<!\b(?:um|je|zu)\s)(?<!\b(?:auf|ca\.|Nr\.)\s)(?<!\b(?:rund|etwa|über|fast|sind)\s)"
            r"(?<!\b(?:circa|knapp|unter|waren|Seite)\s)(?<!Agenda\s)(?<!\d\s)$",
            r"(?<!1[5-7]\d\d)" + _NOT_ROUND + f"(?:{_GERMAN_CLOSE})",
        ),
        _IN_BRACKETS,
        _LIFE,
    ),
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
    years=(
        (
            r"\b(?:en|depuis|année|l['’]an|début|fin|mi|été|hiver|printemps|automne)[\s-]$",
            _FRENCH_CLOSE,
        ),
        (r"\b(?:de|entre|jusqu['’]en|dès|avant|après)\s$", _NOT_ROUND + f"(?:{_FRENCH_CLOSE})"),
        (_YEAR_AND + r"(?:\s(?:et|ou|à)|,|\s?[-–])\s?$", _FRENCH_CLOSE),
        _IN_BRACKETS,
        _LIFE,
    ),
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
        self.period_words: dict[str, tuple[Unit, int]] = {}
        self.years: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = ()
        self.count = self.ago = self.whole = self.habit = self.name = self.tail = self.of_month = _NEVER
        self.clock = self.of_clear_month = self.of_year = self.no_day = self.event = self._which_behind = (
            self._which_ahead
        ) = _NEVER
        if languages:
            self._read(_RULES["en" if self.month_first else languages[0]])
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
        self.count = re.compile(rules.count.replace("{}", rf"\d{{1,3}}|{'|'.join(self.counts)}"), re.IGNORECASE)
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
        self.years = tuple((re.compile(before, re.IGNORECASE), re.compile(after)) for before, after in rules.years)
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
