"""Find the names of teams in results, tables, fixtures and match reports, where a city's name is its team's.

Score lines ("Ostrava 2 Brno 1", "Ostrava 14 9 3 2 30") count as lines: a number behind a name in a sentence proves
nothing, unless the text is about sport. It cannot distinguish players from teams; names/finding.py keeps the persons.
"""

import re
from collections.abc import Collection, Sequence

from searchkit.extract.names.vocabulary import plain_words
from searchkit.extract.word_lists import word_sets
from searchkit.text import Span

_WORD = r"[A-Z][^\W\d_]{0,24}(?:['’.&-][^\W\d_]{0,24}){0,2}"
# "Proleter (Z)": a letter or two in brackets distinguish teams of one name.
_TEAM = rf"{_WORD}(?: (?:of )?{_WORD}){{0,3}}(?: \([A-Z]{{1,3}}\))?"
_SCORE = r"\d{1,3}(?: ?\([^()\n]{0,60}\))?"
# "Ostrava 2 Brno 1", perhaps with the half-time score or the scorers behind each.
_RESULT = rf"({_TEAM}) {_SCORE},? ({_TEAM}) {_SCORE}(?![\d.,:/%])"
# A row of a table: a name and three numbers at least.
_ROW = rf"(?:\d{{1,2}}\.? )?({_TEAM})(?: {{1,9}}(?:[-+]?\d{{0,4}}[.:-]?\d{{1,4}}|-)){{3,14}}[ \t]{{0,9}}$"
# "OSTRAVA AT BRNO" says where the match is: the second is a place.
_FIXTURE = rf"({_TEAM}) (?:(?:v|vs|vs\.|versus) ({_TEAM})|AT {_TEAM})[ \t]{{0,9}}(?:\(|$)"
_LINE = re.compile(rf"[ \t]{{0,9}}(?:{_RESULT}|{_ROW}|{_FIXTURE})")
# How the other lines end: with a score, the scorers in brackets, or a dash for nothing.
_SCORE_ENDS = frozenset("0123456789)-")
_WORD_BEFORE = re.compile(r"([a-z-]{1,20})\s(?:the\s)?$")
_BEHIND = re.compile(r"(?:'s|’s)? (?:([a-z-]{3,20})|\d{1,3}(?![\d:/%]))")
_APART = re.compile(r", [A-Z]|:")
_LOWER = re.compile(r"(?<![\w-])[a-z]{3,20}(?![\w-])")


def teams(text: str) -> list[Span]:
    """Return the names of teams in the score lines of `text`; none when it has fewer than two such lines."""
    lines: list[re.Match[str]] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if 3 < len(line) <= 120 and (
            line[-1] in _SCORE_ENDS or any(versus in line for versus in (" v ", " vs ", " vs. ", " versus ", " AT "))
        ):
            found = _LINE.match(text, start, end)
            if found is not None:
                lines.append(found)
        start = end + 1
    if len(lines) < 2:  # one alone may be a sentence that begins with a name and a number
        return []
    words = plain_words()["enders"] | plain_words()["common"]
    return [
        Span(*line.span(group))
        for line in lines
        for group in range(1, 6)
        if line[group] is not None and line[group].lower() not in words
    ]


def playing(text: str, places: Sequence[Span], known_teams: Collection[str]) -> set[Span]:
    """Return the `places` that stand for teams in a match report; `known_teams` are certain names of teams."""
    words = word_sets("context_nouns.txt")
    before_place = words["before place"] | {"at", "from"}
    certain, possible = set(known_teams), []
    sure: set[Span] = set()
    for span in places:
        before = _WORD_BEFORE.search(text, max(0, span.start - 28), span.start)
        word = before[1] if before is not None else ""
        if word in before_place or _APART.match(text, span.end):
            continue
        behind = _BEHIND.match(text, span.end)
        if word in words["before team"] or (
            behind is not None and (behind[1] is None or behind[1] in words["after team"])
        ):
            sure.add(span)
            certain.add(span.of(text))
        else:
            possible.append(span)
    if not certain or len(words["sport"].intersection(_LOWER.findall(text))) < 3:
        return set()
    return sure | {span for span in possible if span.of(text) in certain}
