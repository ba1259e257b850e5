"""Datelines, and first sentences that only look like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.statements.dateline import find
from tests.cases import cases

LONGEST_WIRE = "Velebit International Telegraph Correspondence"


@pytest.mark.parametrize(
    ("text", "place", "wire", "day"),
    [
        ("OSTRAVA, Dec. 16 (Xinhua) --", "OSTRAVA", "Xinhua", "Dec. 16"),
        ("Ostrava, Dec. 16 (Xinhua)", "Ostrava", "Xinhua", "Dec. 16"),
        ("NEW OSTRAVA (Reuters) -", "NEW OSTRAVA", "Reuters", None),
        ("OSTRAVA/BRNO, Dec 16 (Reuters) -", "OSTRAVA/BRNO", "Reuters", "Dec 16"),
        ("OSTRAVA (AP/AFP) —", "OSTRAVA", "AP/AFP", None),
        ("(Reuters) -", None, "Reuters", None),
        ("Ostrava (AFP) –", "Ostrava", "AFP", None),
        ("ST. OSTRAV, Fla. (AP) —", "ST. OSTRAV", "AP", None),
        ("Ostrava, Moravia (The Associated Press) —", "Ostrava", "AP", None),
        ("OSTRAVA, December 15. /TASS/.", "OSTRAVA", "TASS", "December 15"),
        ("OSTRAVA, 15 December 2022 (dpa) -", "OSTRAVA", "dpa", "15 December 2022"),
        ("OSTRAVA, Dec. 16 (OTPA) --", "OSTRAVA", "OTPA", "Dec. 16"),
        ("OSTRAVA, Dec. 15 (Velebit Wire) -", "OSTRAVA", "Velebit Wire", "Dec. 15"),
        ("OSTRAVA (Press Union of Velebit) —", "OSTRAVA", "Press Union of Velebit", None),
        ("OSTRAVA (Velebit Wire/OTPA) —", "OSTRAVA", "Velebit Wire/OTPA", None),
        ("OSTRAVA (L’Étoile Presse) —", "OSTRAVA", "L’Étoile Presse", None),
        ("OSTRAVA (Velebit International Telegraph Correspondence) —", "OSTRAVA", LONGEST_WIRE, None),
        ("OSTRAVA (itar-tass) —", "OSTRAVA", "TASS", None),
        ("OSTRAVA —", "OSTRAVA", None, None),
        ("OSTRAVA --", "OSTRAVA", None, None),
        ("OSTRAVA, Moravia, March 3 —", "OSTRAVA", None, "March 3"),
        ("OSTRAVA, Tuesday, Dec. 3 —", "OSTRAVA", None, "Tuesday, Dec. 3"),
        ("OSLO —", "OSLO", None, None),
    ],
)
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
