"""Questions that try to hang, crash or flood: each must be answered or refused, quickly and in a few lines."""

from itertools import islice, product

# Words that stand in nearly every article, so that posting lists are long.
_COMMON = "the of to in and said it for on its that year from will with at was by has company would be new is".split()
_LETTERS = "etaoinshrdlucmfwypvbgk"
_SYLLABLES = ["".join(letters) for letters in islice(product(_LETTERS, "aeiour", _LETTERS), 1_200)]

QUESTIONS: dict[str, list[str]] = {
    # long, deep, many
    "16,384 signs": ["a" * 16_384],
    "16,384 signs of words": ["to " * 5_461 + "a"],
    "100,000 signs": ["x" * 100_000],
    "3,000 brackets": ["(" * 3_000 + "ferry" + ")" * 3_000],
    "3,000 open brackets": ["(" * 3_000],
    "31 brackets": ["(" * 31 + "ferry" + ")" * 31],
    "1,000 times NOT": ["NOT " * 1_000 + "ferry"],
    "31 times NOT": ["NOT " * 31 + "ferry"],
    "1,000 words": [" OR ".join(_SYLLABLES[:1_000])],
    "1,000 common words": [" OR ".join(_COMMON * 40)],
    "1,000 words left out": [" ".join(f"-{word}" for word in _SYLLABLES[:1_000])],
    "1,100 terms": [" ".join(_SYLLABLES[:1_100])],
    "500 scopes": [" OR ".join(f"quote:{{{word}}}" for word in _SYLLABLES[:500])],
    "40 scopes inside another": ["quote:{" * 40 + "ferry" + "}" * 40],
    "50 scopes of all but": [" OR ".join(f"quote:{{-{word}}}" for word in _SYLLABLES[:50])],
    "a field of a field": ["speaker:" * 2_000],
    "5,000 quotation marks": ['"' * 5_000],
    "5,000 braces": ["{" * 5_000],
    "5,000 square brackets": ["[" * 5_000],
    "5,000 minus": ["-" * 5_000],
    "5,000 plus": ["+" * 5_000],
    "5,000 colons": [":" * 5_000],
    "5,000 stars": ["*" * 5_000],
    "a name of 5,000 signs": ["q" * 5_000 + ":x"],
    # wildcards and near spellings
    "everything": ["*"],
    "everything, 100 times": ["* " * 100],
    "100 wildcards": [" ".join(f"{word}*" for word in _SYLLABLES[:100])],
    "all wildcards of two letters": [" OR ".join(f"{a}{b}*" for a in _LETTERS for b in "aeiour")],
    "a wildcard in front": ["*a " * 50],
    "a wildcard in the middle": ["a*b " * 100],
    "100 question marks": ["?" * 100],
    "500 near spellings": [" OR ".join(f"{word}e~2" for word in _SYLLABLES[:500])],
    "20 near spellings": [" OR ".join(f"{word}e~2" for word in _SYLLABLES[:20])],
    "a near spelling of 5,000 letters": ["a" * 5_000 + "~2"],
    "near spellings of addresses": [" OR ".join(f"url:{word}e~2" for word in _SYLLABLES[:20])],
    # regular expressions
    "a regex on text": ["text:/.*/"],
    "a regex that explodes": ["entity:/(a+)+b/"],
    "a regex of alternatives that explodes": ["speaker:/(a|a)*b/"],
    "a regex of many repeats": ["entity:/.*a.*b.*c.*d.*e.*f.*/"],
    "a regex of optional letters": ["entity:/" + "a?" * 60 + "a" * 60 + "/"],
    "a regex of large counts": ["entity:/" + ".{0,50}" * 20 + "q/"],
    "20 regexes": [" OR ".join(f"entity:/.*{word}.*{word}.*/" for word in _SYLLABLES[:20])],
    "100 regexes": [" OR ".join(f"entity:/.*{word}.*/" for word in _SYLLABLES[:100])],
    "a regex that is none": ["entity:/(((/"],
    # phrases and distances
    "a phrase of 1,000 common words": ['"' + "the " * 1_000 + '"'],
    "a loose phrase of 1,000 common words": ['"' + "the of " * 500 + '"~1000'],
    "a loose phrase of common words": ['"the of to in a"~1000'],
    "a looser phrase": ['"the of"~99999999999'],
    "common words near each other": [" ".join("(the NEAR/1000 of)" for _ in range(100))],
    "a distance out of all bounds": ["the NEAR/1000000000 of"],
    "signs, exactly": [" OR ".join(f'exact:"{sign}"' for sign in ".,-$<")],
    "signs, 50 times": [" OR ".join(['exact:". "'] * 50)],
    # dates
    "200 days": [" OR ".join(f"date:1987-{month:02}-{day:02}" for month in range(1, 9) for day in range(1, 26))],
    "a date out of all bounds": ["date:99999999999d"],
    "a year of 5,000 digits": ["date:" + "9" * 5_000],
    "since a year of 5,000 digits": ["*", "--since", "9" * 5_000],
    # signs
    "lone surrogates": ["\udcff\udcfe"],
    "control signs": ["\x01\x02\x1b[31mred"],
    "signs that turn the line": ["\u202e" * 1_000],
    "5,000 accents": ["e" + "\u0301" * 5_000],
    "5,000 Han signs": ["天" * 5_000],
    "5,000 emoji": ["😀" * 5_000],
    "5,000 apostrophes": ["a'" * 5_000],
    "5,000 letters with full stops": [".".join("a" * 5_000)],
    "5,000 backslashes": ["\\" * 5_000],
    "an address of 16,000 signs": ["http://" + "a" * 16_000],
    # options
    "10,000 hits": ["the", "-n", "10000", "-f", "ids"],
    "hits behind the millionth": ["*", "-n", "10000", "--offset", "1000000"],
    "1,000 speakers": [part for word in _SYLLABLES[:1_000] for part in ("--speaker", word)],
    "a speaker of 100,000 signs": ["--speaker", "x" * 100_000],
    "every value of three facets": ["*", "-n", "0", "--facet", "entity:9999", "--facet", "speaker:9999"],
    "one facet 50 times": ["*", "-n", "0", *["--facet", "entity:9999"] * 50],
    "a facet of 5,000 signs": ["*", "--facet", "x" * 5_000],
    "an option of 5,000 signs": [f"--{'x' * 5_000}"],
}
