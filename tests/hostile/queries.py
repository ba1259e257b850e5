"""Hostile queries by name: each gets an answer, or one line that says why there is none, within SECONDS."""

import json
from itertools import islice, product
from pathlib import Path

SECONDS = 2.0
# Words that stand in nearly every article, so that posting lists are long.
_COMMON = "the of to in and said it for on its that year from will with at was by has company would be new is".split()
_SYLLABLES = ["".join(letters) for letters in islice(product("etaoinshrdlucmfw", "aeiour", "etaoinshrdlucmfw"), 1_200)]
_LONG = 100_000  # a command line argument has at most 128 kB

_SHORT: dict[str, str] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
QUERIES = _SHORT | {
    "300 wildcards": " OR ".join(f"c{i}*" for i in range(300)),
    "300 infix wildcards": " ".join(f"a*{i}*b" for i in range(300)),
    "16 prefixes at once": " AND ".join(f"{letter}*" for letter in "abcdefghijklmnop"),
    "wildcards alone": "*" * 1_000,
    "question marks alone": "?" * 1_000,
    "20,000 clauses": " OR ".join("ab" for _ in range(16_000)),
    "3,000 brackets": "(" * 3_000 + "crane" + ")" * 3_000,
    "3,000 open brackets": "(" * 3_000 + "crane",
    "3,000 closed brackets": "crane" + ")" * 3_000,
    "3,000 NOTs": "NOT " * 3_000 + "crane",
    "3,000 minus signs": "-" * 3_000 + "crane",
    "phrase of 3,000 words": '"' + "crane " * 3_000 + '"',
    "quotation marks alone": '"' * 5_001,
    "300 fuzzy words": " OR ".join(f"crane{i}~2" for i in range(300)),
    "long word": "x" * _LONG,
    "long prefix": "x" * _LONG + "*",
    "long fuzzy word": "x" * _LONG + "~2",
    "long field": "x" * _LONG + ":crane",
    "300 regexes": " OR ".join(f"/cr{i}.*/" for i in range(300)),
    "date of many digits": "date:" + "9" * 5_000,
    "combining marks": "a" + "\u0301" * 20_000,
    "colons alone": ":" * 2_000,
    "300 fields": " ".join(f"speaker:a{i}" for i in range(300)),
    "format string": "%s%n%x%d" * 100,
    "backslashes": "\\" * 5_001,
    "31 brackets": "(" * 31 + "ferry" + ")" * 31,
    "1,000 common words": " OR ".join(_COMMON * 40),
    "1,000 words left out": " ".join(f"-{word}" for word in _SYLLABLES[:1_000]),
    "500 scopes": " OR ".join(f"quote:{{{word}}}" for word in _SYLLABLES[:500]),
    "40 scopes inside another": "quote:{" * 40 + "ferry" + "}" * 40,
    "50 scopes of all but": " OR ".join(f"quote:{{-{word}}}" for word in _SYLLABLES[:50]),
    "near spellings of addresses": " OR ".join(f"url:{word}e~2" for word in _SYLLABLES[:20]),
    "regex of optional letters": "entity:/" + "a?" * 60 + "a" * 60 + "/",
    "100 regexes of names": " OR ".join(f"entity:/.*{word}.*/" for word in _SYLLABLES[:100]),
    "common words near each other": " ".join("(the NEAR/1000 of)" for _ in range(100)),
    "exact signs, 50 times": " OR ".join(['exact:". "'] * 50),
    "200 days": " OR ".join(f"date:1987-{month:02}-{day:02}" for month in range(1, 9) for day in range(1, 26)),
}
