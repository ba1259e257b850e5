"""Bars stand where their time is."""

import re

import pytest

from searchkit.web.charts import Bar, bars, width_of


@pytest.mark.parametrize(
    ("labels", "places"),
    [
        (["2022-12", "2023-01", "2023-03"], [0, 1, 3]),
        (["2019", "2021"], [0, 2]),
        (["2026-11-01 10:00", "2026-11-03 10:00"], [0, 1]),  # runs, one bar each
        ([], []),
    ],
)
def test_a_gap_in_time_is_a_gap_in_the_picture(labels: list[str], places: list[int]) -> None:
    drawn = str(bars([Bar(label=label, value=1, address="/") for label in labels]))
    starts = [float(place) for place in re.findall(r'class="hit" x="([\d.]+)"', drawn)]
    assert width_of(labels) == (places[-1] + 1 if places else 0)
    assert starts == pytest.approx([place * min(640 / width_of(labels), 60) for place in places], abs=0.1)
