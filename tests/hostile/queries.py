"""Hostile questions: each has an answer, or one line of why there is none, in a moment."""

from msgspec import Struct

# What one command may take beside its start, and what reading and answering may take in a process that is up.
SECONDS = 2.0


class HostileQuery(Struct, frozen=True, kw_only=True):
    """A question as typed; `raw` bytes where no string can be typed so."""

    name: str
    text: str


def _query(name: str, text: str) -> HostileQuery:
    return HostileQuery(name=name, text=text)


_LONG = 100_000  # a command line holds no more than 128 kB in one argument

QUERIES = (
    _query("empty", ""),
    _query("blank", " \t\n "),
    _query("everything", "*"),
    _query("any sign", "?"),
    _query("prefix of one letter", "c*"),
    _query("leading wildcard", "*ane"),
    _query("infix wildcard", "c*n?e"),
    _query("300 wildcards", " OR ".join(f"c{i}*" for i in range(300))),
    _query("300 infix wildcards", " ".join(f"a*{i}*b" for i in range(300))),
    _query("16 prefixes at once", " AND ".join(f"{letter}*" for letter in "abcdefghijklmnop")),
    _query("wildcards alone", "*" * 1_000),
    _query("question marks alone", "?" * 1_000),
    _query("20,000 clauses", " OR ".join("ab" for _ in range(16_000))),
    _query("3,000 brackets", "(" * 3_000 + "crane" + ")" * 3_000),
    _query("3,000 open brackets", "(" * 3_000 + "crane"),
    _query("3,000 closed brackets", "crane" + ")" * 3_000),
    _query("3,000 NOTs", "NOT " * 3_000 + "crane"),
    _query("3,000 minus signs", "-" * 3_000 + "crane"),
    _query("nothing but operators", "AND OR NOT AND"),
    _query("operators at the ends", "OR crane AND"),
    _query("phrase of 3,000 words", '"' + "crane " * 3_000 + '"'),
    _query("phrase with a huge slop", '"crane harbor"~999999999'),
    _query("near with a huge distance", "crane NEAR/999999999 harbor"),
    _query("one quotation mark", '"'),
    _query("quotation marks alone", '"' * 5_001),
    _query("odd quotation marks", "„crane” 'harbor\""),
    _query("fuzzy of 99", "crane~99"),
    _query("fuzzy of a letter", "c~2"),
    _query("300 fuzzy words", " OR ".join(f"crane{i}~2" for i in range(300))),
    _query("long word", "x" * _LONG),
    _query("long prefix", "x" * _LONG + "*"),
    _query("long fuzzy word", "x" * _LONG + "~2"),
    _query("long field", "x" * _LONG + ":crane"),
    _query("regex that repeats", "/(w?[a-z]*)*X/"),
    _query("regex in a regex", "/((a+)+)+$/"),
    _query("regex of anything", "/.*/"),
    _query("300 regexes", " OR ".join(f"/cr{i}.*/" for i in range(300))),
    _query("regex with a huge count", "/a{1,999999999}/"),
    _query("regex that looks back", r"/(?P<a>.)(?P=a)(?<=x)\1/"),
    _query("regex without end", "/crane"),
    _query("impossible date", "date:2024-13-45"),
    _query("date of year 0", "date:0000-00-00"),
    _query("date of year 99999", "date:99999..100000"),
    _query("range backwards", "date:2025..2020"),
    _query("range of words", "date:[a TO b]"),
    _query("open range without end", "date:[* TO"),
    _query("relative date too far", "date:999999999d"),
    _query("date of many digits", "date:" + "9" * 5_000),
    _query("surrogate", "crane \udcff \ud800"),
    _query("bidi", "\u202ecrane\u202c \u2066x"),
    _query("escape", "\x1b[2J\x07 crane \x9b31m"),
    _query("combining marks", "a" + "\u0301" * 20_000),
    _query("full-width signs", "（crane） ＡＮＤ ：x"),
    _query("infinite boost", "crane^inf harbor^1e999"),
    _query("boost below zero", "crane^-1 harbor^nan"),
    _query("field that is none", "nofield:crane"),
    _query("field with underscores", "__class__:crane __init__.__globals__:x"),
    _query("many colons", "speaker:::a:b:c::"),
    _query("colons alone", ":" * 2_000),
    _query("field without a value", "speaker:"),
    _query("nested fields", "speaker:(about:(entity:(speaker:x)))"),
    _query("300 fields", " ".join(f"speaker:a{i}" for i in range(300))),
    _query("like an option", "--help"),
    _query("like a short option", "-rf /"),
    _query("path", "../../../../etc/passwd file:///etc/passwd"),
    _query("template", "{{7*7}} ${7*7} <%= 7 %> {0.__class__}"),
    _query("markup", "<script>alert(1)</script> &lt; <!--"),
    _query("SQL", "x'; DROP TABLE documents; -- \" OR 1=1"),
    _query("format string", "%s%n%x%d" * 100),
    _query("saved search that is none", "saved:nothing saved:../x"),
    _query("copies and gone", "copies:* gone:* -copies:* id:*"),
    _query("backslashes", "\\" * 5_001),
    _query("line ends", "crane\n\nAND\r\nharbor"),
)
