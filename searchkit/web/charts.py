"""Pictures as SVG: bars over time. Each bar is a link; a table with the same numbers stands next to the picture."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup, escape
from msgspec import Struct

from searchkit.index.values import number_of
from searchkit.query.ast import Unit

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
    pieces = []
    for number, bar in zip(_places(labels), values, strict=True):
        height = max(2.0, _HEIGHT * bar.value / most) if bar.value else 0.0
        label, x = escape(bar.label), number * step
        pieces.append(
            f'<a href="{escape(bar.address)}" aria-label="{label}: {bar.value:,}"><title>{label}: {bar.value:,}</title>'
            f'<rect class="hit" x="{x:.1f}" y="0" width="{step:.1f}" height="{_HEIGHT}"/>'
            f'<rect class="bar" x="{x + step * 0.1:.1f}" y="{_HEIGHT - height:.1f}" width="{step * 0.8:.1f}" '
            f'height="{height:.1f}"/></a>'
        )
    drawn = Markup("".join(pieces))  # noqa: S704 - escaped
    first, last = (values[0].label, values[-1].label) if values else ("", "")
    return Markup(
        '<figure><svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="group" '
        'aria-label="Bars: {} to {}">{}<rect class="zero" x="0" y="{}" width="{}" height="1"/></svg>'
        "<figcaption><span>{}</span><span>{}</span></figcaption></figure>"
    ).format(_WIDTH, _HEIGHT, first, last, drawn, _HEIGHT - 1, _WIDTH, first, "" if first == last else last)


def timeline(dots: Sequence[tuple[str, str, str]]) -> Markup:
    """Return a picture of days (ISO 8601), each with a label and an address: dots in the order of time, those of one
    day above each other."""
    days = [date.fromisoformat(day).toordinal() for day, _, _ in dots]
    first, length = min(days), max(max(days) - min(days), 1)
    height: Counter[int] = Counter()
    pieces = []
    for day, (_, label, address) in zip(days, dots, strict=True):
        height[day] += 1
        x, y = 8 + (_WIDTH - 16) * (day - first) / length, 40 - min(height[day] - 1, 4) * 8
        pieces.append(
            Markup(
                '<a href="{}" aria-label="{}"><title>{}</title><circle class="dot" cx="{:.1f}" cy="{}" r="4"/></a>'
            ).format(address, label, label, x, y)
        )
    return Markup(
        '<figure><svg class="timeline" viewBox="0 0 {} 48" role="group" aria-label="Days: {} to {}">'
        '<rect class="zero" x="0" y="46" width="{}" height="1"/>{}</svg>'
        "<figcaption><span>{}</span><span>{}</span></figcaption></figure>"
    ).format(_WIDTH, dots[0][0], dots[-1][0], _WIDTH, Markup("").join(pieces), dots[0][0], dots[-1][0])
