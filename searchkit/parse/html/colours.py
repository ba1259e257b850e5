"""Colours as CSS writes them, in one form."""

import re
from colorsys import hls_to_rgb
from functools import lru_cache

CLEAR = 0.02  # an opacity too low to see
_NAMED = dict(
    pair.split("=")
    for pair in (
        "transparent=#0000 white=#fff black=#000 snow=#fffafa ivory=#fffff0 whitesmoke=#f5f5f5 ghostwhite=#f8f8ff"
        " red=#f00 lime=#0f0 blue=#00f yellow=#ff0 gray=#808080 silver=#c0c0c0 green=#008000 navy=#000080"
    ).split()
)
_HEX = re.compile(r"#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})")
_NUMBER = r"(-?\d{0,9}\.?\d{1,9})(%?)(?:deg)?"
_FUNCTION = re.compile(
    rf"(rgb|hsl)a?\(\s{{0,9}}{_NUMBER}[\s,]{{1,9}}{_NUMBER}[\s,]{{1,9}}{_NUMBER}"
    rf"\s{{0,9}}(?:[,/]\s{{0,9}}{_NUMBER}\s{{0,9}})?\)"
)


@lru_cache(maxsize=2_000)
def colour(value: str) -> str:
    """Return a colour as six hex digits, similar ones as the same; `transparent`; empty for what is not one."""
    value = value.replace("!important", "").strip()
    if written := _HEX.fullmatch(value):
        digits = written[1] if len(written[1]) > 4 else "".join(digit * 2 for digit in written[1])
        return "transparent" if digits[6:] == "00" else _rounded(*(int(digits[at : at + 2], 16) for at in (0, 2, 4)))
    if parts := _FUNCTION.fullmatch(value):
        if parts[8] is not None and float(parts[8]) <= CLEAR * (100 if parts[9] else 1):
            return "transparent"
        one, two, three = (float(parts[at]) for at in (2, 4, 6))
        if parts[1] == "hsl":
            channels = hls_to_rgb(one % 360 / 360, min(three, 100) / 100, min(two, 100) / 100)
            return _rounded(*(round(255 * channel) for channel in channels))
        return _rounded(*(round(number * (2.55 if parts[3] else 1)) for number in (one, two, three)))
    return colour(_NAMED[value]) if value in _NAMED else ""


def _rounded(*channels: int) -> str:
    return "".join(f"{max(0, min(255, (channel + 4) // 8 * 8)):02x}" for channel in channels)
