"""Dates in prose: absolute, weekdays, relative; and text that resembles them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.dates.prose import find_dates

FOUND = {
    "On December 15, 2022, the Ostrava Trade Office acted.": ["December 15, 2022"],
    "signed 15 Dec 2022 and 3rd of March 2021": ["15 Dec 2022", "3rd of March 2021"],
    "OSTRAVA, Dec. 15 (Invented Press)": ["Dec. 15"],
    "DEC. 15 in capitals": ["DEC. 15"],
    "Tuesday, Dec. 13, 2022 was cold": ["Tuesday, Dec. 13, 2022"],
    "on Monday and Wednesday 14 December": ["Monday", "Wednesday 14 December"],
    "Dec. 15-17, 2022 and 15–17 December 2022": ["Dec. 15-17, 2022", "15–17 December 2022"],
    "since 2022-12-15.": ["2022-12-15"],
    "15.12.2022 in numbers": ["15.12.2022"],
    "in December 2022, or December of 2021": ["December 2022", "December of 2021"],
    "Back in 2022, the office; since 2019 it has": ["2022", "2019"],
    "on Tuesday, last Friday and next Monday": ["Tuesday", "last Friday", "next Monday"],
    "Yesterday, today and tomorrow": ["Yesterday", "today", "tomorrow"],
    "last week, this month and next year": ["last week", "this month", "next year"],
    "three days ago, two months ago, an hour ago, 12 years ago": [
        "three days ago",
        "two months ago",
        "an hour ago",
        "12 years ago",
    ],
    "Feb. 29 is a day": ["Feb. 29"],
    "in March, since June; until late May, early July, last August": ["March", "June", "May", "July", "last August"],
    "on Monday Korbel said, on Monday Club night": ["Monday"],
    "May 4 and 5 May 2020": ["May 4", "5 May 2020"],
    "15\u00a0December\u00a02022": ["15\u00a0December\u00a02022"],
}

NOT_FOUND = [
    "Section 301 of May",
    "Covid-19",
    "this may be",
    "36 Chinese companies",
    "the March on Washington",
    "Theresa Maybury, 62, and May, 62",
    "March 3.5 percent",
    "in March 12 percent more",
    "May 36",
    "February 30, 2022",
    "2022-13-01",
    "32.12.2022",
    "in 2022 companies",
    "in 2000.5 points",
    "a total of 2022",
    "Black Friday",
    "every Tuesday",
    "Mondays",
    "Tuesdayish",
    "Chicago ago",
    "in the last year",
    "today's children",
    "Article 5 May be",
    "Korbel said 3 may be",
    "Published 3 hours",
    "May, who left, and the May ballot",
    "in May's cabinet",
    "in March 2.5 percent",
    "a March-based firm",
    "the Monday Club",
    "",
]


@pytest.mark.parametrize(("text", "surfaces"), FOUND.items(), ids=list(FOUND))
def test_found(text: str, surfaces: list[str]) -> None:
    assert [text[found.start : found.end] for found in find_dates(text)] == surfaces


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found(text: str) -> None:
    assert list(find_dates(text)) == []


def test_fields_and_rules() -> None:
    text = "December 15, 2022; Dec. 3; March 2021; in 1999; Friday; last Friday; two weeks ago; 2020-02-29"
    rows = [
        (found.rule, found.year, found.month, found.day, found.weekday, found.unit, found.shift)
        for found in find_dates(text)
    ]
    assert rows == [
        ("day-month-year", 2022, 12, 15, None, None, 0),
        ("day-month", None, 12, 3, None, None, 0),
        ("month-year", 2021, 3, None, None, None, 0),
        ("year", 1999, None, None, None, None, 0),
        ("weekday", None, None, None, 4, None, 0),
        ("weekday", None, None, None, 4, None, -1),
        ("relative", None, None, None, None, "week", -2),
        ("iso", 2020, 2, 29, None, None, 0),
    ]


@pytest.mark.parametrize(
    ("language", "text", "surfaces"),
    [
        ("de", "am 15. Dezember 2022, im März 2021, seit 2019.", ["15. Dezember 2022", "März 2021", "2019"]),
        ("de-AT", "Jänner 2020; Mai 4 ist nichts", ["Jänner 2020"]),
        ("fr", "le 1er décembre 2022, en mai 2020, 15 mars", ["1er décembre 2022", "mai 2020", "15 mars"]),
        ("fr", "MARS 2020", []),
        ("de", "am Montag, Dienstagabend, gestern, Vorgestern", ["Montag", "Dienstagabend", "gestern", "Vorgestern"]),
        ("de", "vergangenen Dienstag, nächste Woche", ["vergangenen Dienstag", "nächste Woche"]),
        ("de", "jeden Montag, montags, Ostermontag, am Morgen, Jahrhundert, in den letzten Jahren", []),
        ("de", "vor drei Tagen und vor einem Jahr", ["vor drei Tagen", "vor einem Jahr"]),
        ("de", "Montag, 12. Dezember, Ende Mai; der Mai war kalt", ["Montag, 12. Dezember", "Mai"]),
        ("de", "im letzten Jahr, dieses Jahres", ["letzten Jahr", "dieses Jahres"]),
        ("fr", "lundi, Mardi soir, mardi dernier, ce jeudi", ["lundi", "Mardi", "mardi dernier", "ce jeudi"]),
        ("fr", "le lundi, les lundis, chaque jeudi, mardi gras, ces dernières années, dans le plan", []),
        ("fr", "hier, avant-hier, aujourd'hui, demain", ["hier", "avant-hier", "aujourd'hui", "demain"]),
        ("fr", "il y a trois jours, la semaine dernière", ["il y a trois jours", "semaine dernière"]),
        ("fr", "l’an dernier, ce mois-ci, il y a un an", ["an dernier", "ce mois", "il y a un an"]),
        ("fr", "en mars, le mardi 3 mars 2023", ["mars", "3 mars 2023"]),
        (None, "16 декабря 2022, ١٥ ديسمبر", []),
        ("cs", "15. prosince 2022, ale 2022-12-15", ["2022-12-15"]),
        (None, "16. Dezember 2022, 3 mars 2021, May 4", ["16. Dezember 2022", "3 mars 2021", "May 4"]),
    ],
)
def test_languages(language: str | None, text: str, surfaces: list[str]) -> None:
    assert [text[found.start : found.end] for found in find_dates(text, language=language)] == surfaces


pieces = st.lists(
    st.one_of(
        st.sampled_from("May Dec. 15 , 2022 last week ago three in Tuesday yesterday - . \n 20 the 1er".split(" ")),
        st.text(max_size=3),
    ),
    max_size=20,
).map(" ".join)


@given(pieces)
def test_spans_are_ordered(text: str) -> None:
    end = 0
    for found in find_dates(text, language=None):
        assert end <= found.start < found.end <= len(text)
        end = found.end


def test_long_runs_take_linear_time() -> None:
    for run in ("in May ", "vor drei ", "May ", "15 ", "20", "Monday ", "a week ", " "):
        assert sum(1 for _ in find_dates(run * 20_000)) <= 20_000
