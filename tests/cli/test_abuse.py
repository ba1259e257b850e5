"""Hostile questions get an answer or an error, within two seconds and in a few lines, and never a traceback."""

import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from searchkit.errors import QueryError
from searchkit.query.parser import parse
from tests.cli.conftest import Command
from tests.cli.hostile_questions import QUESTIONS
from tests.limits import processor_time_below

# Of the processor: the machine may have other work.
_SECONDS = 2.0
# What is wrong, the query, the place, and what to do instead.
_LINES = 4
_LONGEST_LINE = 900


def _spent_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _check(code: int, out: str, messages: str) -> None:
    assert code in {0, 2}, messages
    assert "Traceback" not in messages
    assert max(map(len, messages.splitlines()), default=0) <= _LONGEST_LINE
    if code:
        assert out == ""
        assert messages.startswith("searchkit: ")
        assert len(messages.splitlines()) <= _LINES


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_documents_are_answered_or_refused(name: str, seeded: Path) -> None:
    before = _spent_by_children()
    done = subprocess.run(
        [sys.executable, "-m", "searchkit", "--archive", str(seeded), "query", *QUESTIONS[name]],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    _check(done.returncode, done.stdout, done.stderr)
    assert _spent_by_children() - before < 5 * _SECONDS


@pytest.mark.parametrize("name", QUESTIONS)
def test_statements_are_answered_or_refused(name: str, searchkit: Command) -> None:
    with processor_time_below(_SECONDS):
        done = searchkit("quotes", *QUESTIONS[name])
        _check(done.code, done.out, done.err)


def test_a_term_of_a_megabyte_is_refused_at_once() -> None:
    with pytest.raises(QueryError, match="at most 16,384 characters") as refused:
        parse("x" * 1_000_000, today=date(2026, 3, 4))
    assert refused.value.code == "too-long"


@pytest.mark.parametrize(
    ("query", "start"),
    [
        (" OR ".join(["ferry~"] * 21), 20 * len("ferry~ OR ")),
        (" OR ".join(["entity:/f.*/"] * 21), 20 * len("entity:/f.*/ OR ") + len("entity:")),
        (" OR ".join(['exact:"."'] * 6), 5 * len('exact:"." OR ')),
    ],
)
def test_too_many_slow_terms_are_refused_with_their_place(query: str, start: int) -> None:
    with pytest.raises(QueryError, match="at most 20 of word~") as refused:
        parse(query, today=date(2026, 3, 4))
    assert (refused.value.code, refused.value.start) == ("too-many", start)
