"""What is near to a word, a name or a keyword that the archive does not have.

takes:    a word or a clause; an index
gives:    words, names and keywords of the archive that may have been meant, with how many records have them
does not: decide that one was meant
traps:    looked up only when something was not found; each look-up is bounded in number
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from searchkit.index.analysis import name_words
from searchkit.index.base import Index, SearchRequest, ValueCount, ValuesRequest
from searchkit.index.values import value_key, within_edits
from searchkit.query import ast
from searchkit.query.fields import Record
from searchkit.query.walk import Clause

Near = tuple[ast.Node, int]
"""A clause that may have been meant, and how many records fulfil it."""

SHOWN = 3
# A field of no more values is listed whole.
_FEW_VALUES = 6
# In shorter words one letter changes everything; from the second length on, two letters may be wrong.
_SHORTEST_WORD, _LONG_WORD = 4, 6
_MOST_WORDS = 5
_MOST_TRIES = 16


def near_words(word: str, field: str, record: Record, index: Index) -> list[ValueCount]:
    """The words of `field` nearest to `word` (one word, as analysis makes it), the nearest and most frequent first."""
    if len(word) < _SHORTEST_WORD:
        return []
    found = index.spellings(field, word, distance=1 if len(word) < _LONG_WORD else 2, record=record)
    near = [one for one in found if one.name != word]
    return sorted(near, key=lambda one: (not _one_slip(one.name, word), -one.count, one.name))[:SHOWN]


def _one_slip(word: str, other: str) -> bool:
    """Whether one letter is wrong, missing or too many, or all are there in another order."""
    return within_edits(word, other, 1) or sorted(word) == sorted(other)


def near_values(clause: Clause, index: Index) -> list[Near]:
    """The keywords near to that of `clause`; all, when there are few."""
    wanted = value_key(getattr(clause.value, "text", ""))
    every = index.values(ValuesRequest(field=clause.field, record=clause.record, copies=True))
    code = language_code(wanted) if clause.field == "lang" else ""
    if code:
        near = [one for one in every if one.id.partition("-")[0].casefold() == code]
    else:
        near = [one for one in every if _is_near(value_key(one.id), wanted)]
    if not near and len(every) <= _FEW_VALUES:
        near = list(every)
    asked = [clause.with_value(_keyword(one.id)) for one in near[:_FEW_VALUES]]
    return [(node, index.search(SearchRequest(query=node, record=clause.record, limit=0)).total) for node in asked]


def _is_near(key: str, wanted: str) -> bool:
    if min(len(key), len(wanted)) < _SHORTEST_WORD:
        return False
    return within_edits(key, wanted, 2) or key.startswith(wanted) or wanted.startswith(key)


def _keyword(value: str) -> ast.Node:
    return ast.Term(text=value) if value.isalnum() else ast.Phrase(text=value)


def near_names(clause: Clause, index: Index) -> list[Near]:
    """The names near to that of `clause`: a letter wrong, words written apart or together, or one word the same."""
    words = name_words(getattr(clause.value, "text", ""))
    if not 0 < len(words) <= _MOST_WORDS:
        return []
    found: dict[str, ValueCount] = {}
    for text in islice(_tries(words, clause, index), _MOST_TRIES):
        for one in _having(text, clause, index):
            found.setdefault(one.id, one)
        if len(found) >= SHOWN:
            break
    if not found and len(words) > 1:
        # Somebody of the same surname or first name: the word that fewest have tells most.
        alike = [named for named in (_having(word, clause, index) for word in words if len(word) > 1) if named]
        found = {one.id: one for one in min(alike, key=len)} if alike else {}
    best = sorted(found.values(), key=lambda one: -one.count)[:SHOWN] if len(words) > 1 else [*found.values()][:SHOWN]
    return [(clause.with_value(ast.Equals(text=one.name if one.alone else one.id)), one.count) for one in best]


def _tries(words: Sequence[str], clause: Clause, index: Index) -> Iterator[str]:
    yield from _joined_and_split(words)
    choices: list[list[str]] = []
    for word in words:
        near = [one.name for one in near_words(word, clause.field, clause.record, index)]
        known = index.spellings(clause.field, word, distance=0, record=clause.record)
        choices.append([word] if known and len(words) > 1 else near)
    yield from (" ".join(chosen) for chosen in product(*choices) if list(chosen) != list(words))


def _joined_and_split(words: Sequence[str]) -> Iterator[str]:
    for place in range(len(words) - 1):
        yield " ".join((*words[:place], words[place] + words[place + 1], *words[place + 2 :]))
    longest = max(range(len(words)), key=lambda place: len(words[place]))
    word = words[longest]
    for cut in range(2, min(len(word) - 1, 10)):
        yield " ".join((*words[:longest], word[:cut], word[cut:], *words[longest + 1 :]))


def _having(text: str, clause: Clause, index: Index) -> Sequence[ValueCount]:
    value = ast.Phrase(text=text) if " " in text else ast.Term(text=text)
    query = clause.with_value(value)
    return index.values(ValuesRequest(field=clause.field, value=value, query=query, record=clause.record))


# Languages by their English name, their own, and their three-letter codes.
_NAMES = """
ar arabic العربية ara
bg bulgarian български bul
cs czech čeština cestina ces cze
da danish dansk dan
de german deutsch deu ger
el greek ελληνικά ell gre
en english eng
es spanish español espanol spa
et estonian eesti est
fa persian farsi فارسی fas per
fi finnish suomi fin
fr french français francais fra fre
he hebrew עברית heb
hi hindi हिन्दी hin
hr croatian hrvatski hrv
hu hungarian magyar hun
id indonesian bahasa ind
it italian italiano ita
ja japanese 日本語 jpn
ko korean 한국어 kor
lt lithuanian lietuvių lietuviu lit
lv latvian latviešu latviesu lav
ms malay melayu msa may
nl dutch nederlands nld dut
no norwegian norsk nor
pl polish polski pol
pt portuguese português portugues por
ro romanian română romana ron rum
ru russian русский rus
sk slovak slovenčina slovencina slk slo
sl slovenian slovenščina slovenscina slv
sr serbian српски srpski srp
sv swedish svenska swe
th thai ไทย tha
tr turkish türkçe turkce tur
uk ukrainian українська ukr
ur urdu اردو urd
vi vietnamese tiếng vie
zh chinese mandarin 中文 zho chi
"""
_CODES = {name: code for code, *names in map(str.split, _NAMES.strip().splitlines()) for name in names}


def language_code(name: str) -> str:
    """The two-letter code of the language called `name` in any case; empty when it is not known."""
    return _CODES.get(name.strip().casefold(), "")
