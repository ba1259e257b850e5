"""What `searchkit help` says is true: its examples find something, its tables are those of the program."""

import re
import subprocess
import sys
from datetime import date

import pytest

from searchkit.cli import COMMANDS
from searchkit.cli import help as topics
from searchkit.cli.errors import EXIT_CODES
from searchkit.query import examples
from searchkit.query.fields import FIELDS
from searchkit.query.parser import parse
from tests.cli.conftest import Command

# What is found depends on the day on which it is asked.
_RELATIVE = {"date:7d", "date:today", "date:last-week"}
# Points in time that are named beside an example.
_ALSO = "4w 3mo 2y yesterday this-week this-month last-month this-year last-year".split()
_A_PAGE = 66


@pytest.mark.parametrize("query", [query for query, _ in examples.QUERIES])
def test_every_example_finds_something(query: str, searchkit: Command) -> None:
    done = searchkit("query", query)
    assert (done.code, done.err) == (0, "")
    assert not done.out.startswith("No document"), done.out


@pytest.mark.parametrize("query", [query for query, _ in examples.DATES])
def test_every_example_of_a_date_finds_something(query: str, searchkit: Command) -> None:
    done = searchkit("query", query)
    assert (done.code, done.err) == (0, "")
    assert query in _RELATIVE or not done.out.startswith("No document"), done.out


def test_what_is_said_beside_the_examples_of_dates_can_be_read() -> None:
    for point in _ALSO:
        assert point in " ".join(about for _, about in examples.DATES)
        parse(f"date:{point}", today=date(2026, 3, 4))


@pytest.mark.parametrize("topic", topics.TOPICS)
def test_a_topic_is_a_page(topic: str, searchkit: Command) -> None:
    done = searchkit("help", topic)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert 5 <= len(lines) <= _A_PAGE
    assert max(map(len, lines)) <= 80


def test_every_example_stands_on_its_page() -> None:
    for page, expected in ((topics.page("query"), examples.QUERIES), (topics.page("dates"), examples.DATES)):
        shown = [line[2:].split("  ")[0] for line in page.splitlines()]
        assert {example for example, _ in expected} <= set(shown)


def test_every_field_is_named() -> None:
    page = topics.page("fields")
    for field in FIELDS:
        for name in (field.name, *field.aliases):
            assert f" {name}" in page
        if field.facet and not field.name.startswith("entity."):
            row = re.split(r"\n  (?! )", page.split(f"\n  {field.name} ")[1])[0]
            assert row.split("\n\n")[0].endswith("+"), field.name
    assert {field.name for field in FIELDS if "." not in field.name} <= set(topics.page("query").split())


def test_every_exit_code_is_explained(searchkit: Command) -> None:
    page = searchkit("help", "exit-codes").out
    assert [int(line.split()[0]) for line in page.splitlines()[2:]] == list(EXIT_CODES)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - set(topics.TOPICS)))
def test_help_on_a_command_is_its_own_help(name: str, searchkit: Command) -> None:
    assert searchkit("help", name).out == searchkit(name, "--help").out


def test_help_on_a_command_below_another(searchkit: Command) -> None:
    assert searchkit("help", "watchlist", "add").out == searchkit("watchlist", "add", "--help").out


def test_help_on_nothing_lists_commands_and_topics(searchkit: Command) -> None:
    done = searchkit("help")
    assert done.out.startswith(searchkit("--help").out)
    assert "Topics: query, fields, dates, exit-codes" in done.out


@pytest.mark.parametrize("topic", [["nosuch"], ["watchlist", "nosuch"], ["config", "nosuch"], ["\x1b[31m"]])
def test_no_help_is_an_error_that_names_the_topics(topic: list[str], searchkit: Command) -> None:
    done = searchkit("help", *topic)
    assert (done.code, done.out) == (2, "")
    assert "Topics: query, fields, dates, exit-codes" in done.err
    assert "\x1b" not in done.err


def test_a_topic_needs_neither_archive_nor_engine() -> None:
    program = (
        "import sys\nfrom searchkit.cli import run\n"
        "try: run(['help', 'query'])\n"
        "except SystemExit: pass\n"
        "print(sorted(name for name in sys.modules if name.startswith(('searchkit.', 'whoosh'))), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    packages = {name.split(".")[1] for name in eval(done.stderr)}  # noqa: S307 - a list that we printed
    assert packages == {"cli", "errors", "files", "loading", "query", "reports", "statements", "version"}
