"""Datelines, and first sentences that only look like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.dateline import find
from tests.cases import cases


@pytest.mark.parametrize(("text", "place", "wire", "day"), cases(__file__, "test_datelines"))
def test_datelines(text: str, place: str | None, wire: str | None, day: str | None) -> None:
    whole = f"\n{text} The trade office acted."
    found = find(whole)
    assert found is not None
    assert found.span.of(whole) == text
    assert (found.place, found.wire) == (place, wire)
    assert (whole[found.date.start : found.date.end] if found.date else None) == day


@pytest.mark.parametrize("text", cases(__file__, "test_first_sentences"))
def test_first_sentences(text: str) -> None:
    assert find(text) is None


@given(
    st.lists(st.sampled_from(["OSTRAVA", "Dec.", "16", "(", ")", "AP", "—", "-", ",", " ", "/", ".", "é", "\n"])).map(
        "".join
    )
)
def test_never_raises_and_stays_at_the_start(text: str) -> None:
    found = find(text)
    assert found is None or (not text[: found.span.start].strip() and found.span.end <= len(text))


def test_long_runs_of_capitals_are_quick() -> None:
    for run in ("A" * 100_000, "A. " * 50_000, "Aa " * 50_000, "A/" * 50_000, "(" * 100_000):
        assert find(run) is None
