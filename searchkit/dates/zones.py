"""Time zone abbreviations by country: CST is UTC-6 in the United States and UTC+8 in China.

Countries are ISO 3166 codes. Unknown abbreviations have no zone, so the time next to them is dropped.
"""

from datetime import UTC, timedelta, timezone, tzinfo

_WORLD = {"Z": 0, "UTC": 0, "GMT": 0}
_NORTH_AMERICA = {
    "NST": -210, "NDT": -150, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
_EUROPE = {"WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180}
_GERMAN = {**_EUROPE, "MEZ": 60, "MESZ": 120}
_RUSSIAN = {"MSK": 180, "МСК": 180}
_AUSTRALIA = {"AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630, "AWST": 480}
# Minutes ahead of UTC by country and abbreviation.
_OF_COUNTRY: dict[str, dict[str, int]] = {
    **dict.fromkeys(("US", "CA"), _NORTH_AMERICA),
    "MX": {"CST": -360, "MST": -420, "PST": -480},
    **dict.fromkeys(("DE", "AT", "CH", "LI"), _GERMAN),
    **dict.fromkeys(
        "BE BG CY CZ DK EE ES FI FR GR HR HU IT LT LU LV MT NL NO PL PT RO RS SE SI SK UA BA AL MK ME MD XK".split(),
        _EUROPE,
    ),
    "GB": {"BST": 60},
    "IE": {"IST": 60},
    "IN": {"IST": 330},
    "LK": {"IST": 330},
    "IL": {"IST": 120, "IDT": 180},
    "PK": {"PKT": 300, "PST": 300},
    "BD": {"BST": 360, "BDT": 360},
    "NP": {"NPT": 345},
    "AE": {"GST": 240},
    "SA": {"AST": 180},
    "TR": {"TRT": 180},
    "RU": _RUSSIAN,
    "BY": _RUSSIAN,
    "CN": {"CST": 480},
    "TW": {"CST": 480},
    "HK": {"HKT": 480},
    "MO": {"CST": 480},
    "SG": {"SGT": 480},
    "MY": {"MYT": 480},
    "PH": {"PHT": 480, "PST": 480},
    "TH": {"ICT": 420},
    "VN": {"ICT": 420},
    "ID": {"WIB": 420, "WITA": 480, "WIT": 540},
    "JP": {"JST": 540},
    "KR": {"KST": 540},
    "AU": _AUSTRALIA,
    "NZ": {"NZST": 720, "NZDT": 780},
    "ZA": {"SAST": 120},
    "NG": {"WAT": 60},
    "KE": {"EAT": 180},
    "UG": {"EAT": 180},
    "TZ": {"EAT": 180},
    "ET": {"EAT": 180},
    "BR": {"BRT": -180},
    "AR": {"ART": -180},
    "CL": {"CLT": -240, "CLST": -180},
    "CO": {"COT": -300},
    "PE": {"PET": -300},
}


def zone_of(abbreviation: str, country: str) -> tzinfo | None:
    """Return the zone that `abbreviation` means in a country (two letters, or empty); None if unknown."""
    name = abbreviation.upper()
    if name in _WORLD:
        return UTC
    minutes = _OF_COUNTRY.get(country.upper(), {}).get(name)
    return None if minutes is None else timezone(timedelta(minutes=minutes))
