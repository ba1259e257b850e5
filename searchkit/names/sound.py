"""Compare spellings by sound: Uygur, Uyghur, Uighur; Müller, Mueller; Zarensky, Zarenskyy, Sarenskyj, Заренський."""

import re

# Shorter names sound alike by chance.
MIN_SOUND = 5
# Letters that folding keeps. Cyrillic letters become those that the press writes for them.
_UNFOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "a", "œ": "o", "ı": "i", "ð": "d", "þ": "th"}
    | dict(zip("абвгґдеєжзиійклмнопрстуфхыэ", "abvggdeezziiiklmnoprstufhie", strict=True))
    | {"ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ь": "", "ъ": ""}
)
# Spellings that transliteration and habit vary, in this order; a blank is the end of a word.
_SOUNDS = (
    ("tsch", "ch"), ("sch", "sh"), ("zh", "z"), ("kh", "h"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("gh", "g"),
    ("ph", "f"), ("q", "k"), ("ck", "k"), ("x", "ks"), ("y", "i"), ("ij ", "i "), ("w", "v"), ("tz", "z"), ("ts", "z"),
    ("z", "s"), ("dj", "j"), ("oo", "u"), ("ou", "u"), ("ee", "i"), ("o", "u"), ("e", "a"),
)  # fmt: skip
_DOUBLED = re.compile(r"([a-z])\1{1,60}")


def sound(key: str) -> str:
    """Return a key that spellings which sound alike share, from a `name_key`; empty for a name that is too short."""
    heard = f"{key.translate(_UNFOLDED)} "
    for written, letters in _SOUNDS:
        heard = heard.replace(written, letters)
    heard = _DOUBLED.sub(r"\1", heard).strip()
    return heard if len(heard.replace(" ", "")) >= MIN_SOUND else ""
