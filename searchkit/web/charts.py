"""Pictures as SVG: bars over time. Each bar is a link; a table with the same numbers stands next to the picture."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from searchkit.web.rendering import joined

_WIDTH, _HEIGHT = 640, 96
MOST_BARS = 72
"""More months than these are shown as years: their bars could not be clicked, and the page would be long."""


class Bar(Struct, frozen=True, kw_only=True):
    """A bar with its label and the address that it leads to."""

    label: str
    value: int
    address: str


def bars(values: Sequence[Bar], *, most: int = 0) -> Markup:
    """Return a picture of `values` in their order, with the first and last label below. A bar of the value `most` (by
    default the largest) has the full height."""
    most = most or max((bar.value for bar in values), default=0) or 1
    step = min(_WIDTH / max(len(values), 1), 60.0)
    pieces = []
    for number, bar in enumerate(values):
        height = max(2.0, _HEIGHT * bar.value / most) if bar.value else 0.0
        pieces.append(
            Markup(
                '<a href="{}" aria-label="{}: {:,}"><title>{}: {:,}</title>'
                '<rect class="hit" x="{:.1f}" y="0" width="{:.1f}" height="{}"/>'
                '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/></a>'
            ).format(
                bar.address,
                bar.label,
                bar.value,
                bar.label,
                bar.value,
                number * step,
                step,
                _HEIGHT,
                number * step + step * 0.1,
                _HEIGHT - height,
                step * 0.8,
                height,
            )
        )
    first, last = (values[0].label, values[-1].label) if values else ("", "")
    return Markup(
        '<figure><svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="group" '
        'aria-label="Bars: {} to {}">{}<rect class="zero" x="0" y="{}" width="{}" height="1"/></svg>'
        "<figcaption><span>{}</span><span>{}</span></figcaption></figure>"
    ).format(
        _WIDTH, _HEIGHT, first, last, joined(pieces, ""), _HEIGHT - 1, _WIDTH, first, "" if first == last else last
    )
