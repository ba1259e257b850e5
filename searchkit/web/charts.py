"""Pictures as SVG: bars over time. Each bar is a link; a table with the same numbers stands next to the picture."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from msgspec import Struct

from searchkit.index.values import number_of
from searchkit.query.ast import Unit
from searchkit.web.rendering import environment

_WIDTH, _HEIGHT = 640, 96
MOST_BARS = 72
"""More months than these are shown as years: their bars could not be clicked, and the page would be long."""

_UNITS: Mapping[int, Unit] = {4: "year", 7: "month"}  # by the length of a label, as 2023 and 2023-05


class Bar(Struct, frozen=True, kw_only=True):
    """A bar with its label and the address that it leads to."""

    label: str
    value: int
    address: str


def width_of(labels: Sequence[str]) -> int:
    """Return how many bars a picture has room for: months or years from the first label to the last."""
    return _places(labels)[-1] + 1 if labels else 0


def _places(labels: Sequence[str]) -> list[int]:
    unit = _UNITS.get(len(labels[0])) if labels else None
    if unit is None:
        return list(range(len(labels)))
    return [number_of(label, unit) - number_of(labels[0], unit) for label in labels]


def bars(values: Sequence[Bar], *, most: int = 0) -> Markup:
    """Return a picture of `values` in their order, with the first and last label below. Months and years without a bar
    leave a gap. A bar of the value `most` (by default the largest) has the full height."""
    most = most or max((bar.value for bar in values), default=0) or 1
    labels = [bar.label for bar in values]
    step = min(_WIDTH / max(width_of(labels), 1), 60.0)
    drawn = [
        (bar, number * step, max(2.0, _HEIGHT * bar.value / most) if bar.value else 0.0)
        for number, bar in zip(_places(labels), values, strict=True)
    ]
    ends = (labels[0], labels[-1]) if labels else ("", "")
    picture: Markup = environment().get_template("charts.html").module.bars(drawn, step, *ends)  # type: ignore[attr-defined]
    return picture
