"""What `searchkit help` explains beside commands: each topic fits a page.

takes:    nothing
gives:    pages of plain text; the examples in them, which tests run on seeds/
does not: open an archive, know commands
traps:    the tables of fields and exit codes are made from those that the program itself reads
"""

from collections.abc import Callable, Iterable
from textwrap import fill

from searchkit.query.fields import ENTITY_KINDS, FIELDS, Field

# What to write, and what it finds. Every one finds something in seeds/ (tests/cli/test_help.py).
QUERIES: tuple[tuple[str, str], ...] = (
    ("Tiandy Xu", "both words, in any of their forms"),
    ("Tiandy OR Hikvision", "either"),
    ("Tiandy -camera", "without the second; also NOT camera"),
    ("license (Ostrava OR Meridian)", "brackets group"),
    ('"double standard"', "these words in a row, as written"),
    ('"regional government"~3', "in order, up to 3 words between"),
    ("Tiandy NEAR/5 list", "either order; ADJ/5: in this one"),
    ("sanction*", "words that begin so"),
    ("Tiandi~1", "one letter may differ; ~2: two"),
    ('exact:"U.S."', "these words with these signs and accents, in any case"),
    ("speaker:Xu", "a field has this word"),
    ('speaker:"Xu Guixiang"', "a field has these words in a row"),
    ('outlet:="Atlas Wire"', "the whole name, or its id"),
    ("speaker:(Xu OR Aske)", "a field has any of these"),
    ("outlet:/harbor.{0,9}/", "a regular expression, of whole names"),
    ("speaker:*", "has any; has:speaker is the same"),
    ("-wire:*", "has none"),
    ("date:2022-12..2023", "from December 2022 to the end of 2023"),
    ("date:>=2023 verb:denied", "since 2023; a verb in any form"),
    ("quote:{speaker:Xu about:Tiandy law}", "one statement that meets all of it"),
    ("-quote:{speaker:Xu}", "documents without such a statement"),
    ("*", "everything"),
)
# Points in time. Each is read as written; those that depend on today may find nothing.
DATES: tuple[tuple[str, str], ...] = (
    ("date:2022", "in 2022"),
    ("date:2022-12", "in December 2022"),
    ("date:2022-W50", "in this week of the year, Monday to Sunday"),
    ("date:2022-12-19", "on this day"),
    ("date:>2022", "after the end of 2022; also >=, < and <="),
    ("date:2022-12..2023", "from the start of the first to the end of the last"),
    ("date:..2022", "until the end of 2022"),
    ("date:[2022-12 TO 2023-03]", "the same as 2022-12..2023-03"),
    ("date:{2022 TO 2024}", "between, without either"),
    ("said:2022-12", "statements made then; date is the day of publication"),
    ("date:7d", "today and the six days before; also 4w, 3mo, 2y"),
    ("date:today", "also yesterday"),
    ("date:last-week", "Monday to Sunday; also this-week, this-month, last-month, this-year, last-year"),
    ("-date:*", "without a date"),
)
# Pages fit a terminal of 80 columns; the longest example has 38 signs.
_COLUMNS = 80
_LEFT = 38


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(
        fill(
            right,
            _COLUMNS,
            initial_indent=f"  {left:{_LEFT}}  ",
            subsequent_indent=" " * (_LEFT + 4),
            break_on_hyphens=False,
        )
        for left, right in pairs
    )


def _page(*parts: str) -> str:
    """Paragraphs and tables; only paragraphs are wrapped."""
    return "\n\n".join(
        part if part.startswith("  ") else fill(part, _COLUMNS, break_on_hyphens=False) for part in parts
    )


def fields_page() -> str:
    """Every field of the language."""
    rows = [(_called(field), _holds(field)) for field in FIELDS if not field.name.startswith("entity.")]
    return _page(
        "Fields: write NAME:VALUE. Those with a + are facets too: --facet NAME.",
        _rows(rows),
        "Named, by kind, all with a +:",
        "\n".join(f"  entity.{kind}" for kind in ENTITY_KINDS),
        'has:NAME asks for any value, as NAME:* does. exact:"..." and saved:NAME are written in the same way.',
    )


def _called(field: Field) -> str:
    return " or ".join((field.name, *field.aliases))


def _holds(field: Field) -> str:
    only = "" if len(field.records) > 1 else "; documents only"
    return f"{field.describes}{only}{' +' if field.facet else ''}"


def query_page() -> str:
    """The cheat sheet."""
    return _page(
        "How to ask. Words side by side must all be there.",
        _rows(QUERIES),
        "Operators are in capitals: AND, OR, NOT, NEAR, ADJ. A query that can be read in two ways is refused, with the "
        "place and a suggestion; -v says how one was read.",
        "The shell eats quotation marks. Put the whole query into single ones:",
        "  searchkit query '\"double standard\" speaker:Xu'",
        f"Fields: {' '.join(field.name for field in FIELDS if '.' not in field.name)}",
        "More: searchkit help fields, searchkit help dates. Options: searchkit query --help",
    )


def dates_page() -> str:
    """How to write points and ranges in time."""
    return _page(
        "Dates: date (of publication), said, seen and gone are asked for so:",
        _rows(DATES),
        "A part of a date is its whole period. Weeks begin on Monday. 15/12/2022 is refused: it is written 2022-12-15.",
        "A document of which only the month is known is found by every day of it. --since and --until take the same "
        "points.",
    )


def exit_codes_page() -> str:
    """What the exit codes mean."""
    from searchkit.cli.errors import EXIT_CODES

    return _page(
        "Exit codes, for scripts:", "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
    )


TOPICS: dict[str, Callable[[], str]] = {
    "query": query_page,
    "fields": fields_page,
    "dates": dates_page,
    "exit-codes": exit_codes_page,
}
