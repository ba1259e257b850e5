"""Find the people, companies, organisations, bodies, places, groups, laws and lists that an article names.

Mentions do not overlap, except that a place inside the name of an official body is a mention of its own ("U.S." in
"U.S. government"). Nationalities are not mentions. German and French have their own rules (clauses/names.py).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from msgspec.structs import replace

from searchkit.statements.clauses import names as clause_names
from searchkit.statements.clauses.name_words import name_words
from searchkit.statements.document import Article, Mention, document_id
from searchkit.statements.names.gazetteer import TOKEN, gazetteer, head_words, plain_words
from searchkit.statements.names.links import Link, Linker, expansions
from searchkit.statements.names.run_reader import RunReader
from searchkit.statements.names.runs import NameCandidate, flatten, runs
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.rules import NAME_RULES
from searchkit.statements.text import Span, paragraphs
from searchkit.statements.word_lists import word_sets

# "Bundesregierung" has one country.
_FEDERAL = "Bundes"
# "D-Calif." behind the name of a politician is not a name.
_PARTY = re.compile(r"[DRI]-[A-Z][a-z]{1,8}\b")


def find(article: Article) -> tuple[Mention, ...]:
    """Return the mentions in the text of `article`, in order. Never raises on odd text."""
    spans = article.paragraphs or paragraphs(article.text)
    text = flatten(article.text, spans)
    pack = pack_for(article.language)
    if pack is not None and pack.clausal:
        return _find_clausal(article, text, spans, pack)
    reader = RunReader(text)
    found: list[NameCandidate] = []
    for run in runs(text, spans):
        found.extend(reader.read(run))
    for full in (Span(*one.span(2)) for one in expansions(text)):
        found = [name for name in found if not full.overlaps(Span(name.start, name.end))]
        found.append(NameCandidate(full.start, full.end, "organisation", "head", NAME_RULES["head"]))
        found.sort(key=lambda name: name.start)
    scores = teams(article.text)
    found = list(_with_teams(found, scores))
    _mark_teams(article.text, found, scores)
    linker = Linker(text, found, reader.countries)
    mentions: list[Mention] = []
    end = 0
    for name in found:
        # A name in capitals may have taken in the words behind it.
        link = linker.link(name) if name.start >= end else None
        if link is None or _PARTY.match(article.text, name.start):
            continue
        end = name.end
        confidence = name.confidence * (0.5 if name.shouted else 1.0)  # in capitals, listed names count half
        mentions.append(new_mention(article.text, Span(name.start, name.end), link, name.rule, confidence))
        if link.kind == "agency" or name.rule == "country-body":
            mentions.extend(_places_inside(article.text, text, name))
    mentions = in_order(mentions)
    bare = head_words().bare
    return _with_local_ids(article, mentions, lambda word: word.lower() in bare)


def _find_clausal(article: Article, text: str, spans: Sequence[Span], pack: Pack) -> tuple[Mention, ...]:
    """Return the mentions of a German or French article; only a German head alone is the whole of a bare name."""
    endings = name_words(pack).endings if pack.words["capitals"] else ()
    found = [
        new_mention(article.text, name.span, Link(name.name, name.entity_id, name.kind), name.rule, name.confidence)
        for name in clause_names.find(text, spans, pack)
    ]
    return _with_local_ids(
        article,
        found,
        lambda word: word.lower().endswith(endings) and "-" not in word and not word.startswith(_FEDERAL),
    )


def _with_local_ids(
    article: Article, mentions: Sequence[Mention], is_bare: Callable[[str], bool]
) -> tuple[Mention, ...]:
    """Return the mentions, with an id of this article for bodies that many countries have: "Ministry of Defence"."""
    if "agency" not in [mention.kind for mention in mentions]:
        return tuple(mentions)
    local = f"--{document_id(article.identity)[:12]}"
    return tuple(
        replace(mention, entity_id=mention.entity_id + local)
        if mention.kind == "agency"
        and mention.entity_id not in gazetteer().names_by_id
        and all(map(is_bare, mention.name.split()))
        else mention
        for mention in mentions
    )


def in_order(mentions: Iterable[Mention]) -> list[Mention]:
    """Return `mentions` in text order, the longer of two that start together first."""
    return sorted(mentions, key=lambda mention: (mention.span.start, -mention.span.end))


def new_mention(text: str, span: Span, link: Link, rule: str, confidence: float) -> Mention:
    """Return a mention of `text`, with its confidence rounded."""
    name, entity_id, kind = link
    surface, confidence = span.of(text), round(confidence, 3)
    return Mention(
        span=span, surface=surface, name=name, entity_id=entity_id, kind=kind, rule=rule, confidence=confidence
    )


def _places_inside(text: str, flat: str, body: NameCandidate) -> Iterator[Mention]:
    """Yield the places that a body's name begins with or that follow its last "of"."""
    behind_of = flat.rfind(" of ", body.start, body.end) + 4
    for start in (body.start, behind_of) if behind_of > 4 else (body.start,):
        token = TOKEN.match(flat, start, body.end)
        for end, (known, *_) in gazetteer().names.at(flat, start, token.group()) if token else ():
            if known.kind == "place" and end <= body.end:
                span = Span(start, end)
                yield new_mention(
                    text, span, Link(known.name, known.entity_id, "place"), "inside-body", NAME_RULES["list"]
                )
                break


# --- teams ---

# In results, tables, fixtures and match reports a city's name is its team's. Score lines ("Ostrava 2 Brno 1") count as
# lines: a number behind a name in a sentence proves nothing, unless the text is about sport.
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
_VERSUS = re.compile(r" (?:v|vs|vs\.|versus|AT) ")
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
        if 3 < len(line) <= 120 and (line[-1] in _SCORE_ENDS or _VERSUS.search(line) is not None):
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


def _with_teams(found: list[NameCandidate], scores: list[Span]) -> Iterator[NameCandidate]:
    """Yield `found` with the teams of score lines in place of other readings, except persons and countries."""
    waiting = iter(scores)
    team = next(waiting, None)
    for name in found:
        while team is not None and team.end <= name.start:
            yield _team(team)
            team = next(waiting, None)
        if team is None or name.end <= team.start:
            yield name
        elif (name.kind == "place" and _is_country(name)) or name.rule in ("given-name", "title"):
            yield name
            team = next(waiting, None)
    while team is not None:
        yield _team(team)
        team = next(waiting, None)


def _mark_teams(text: str, found: list[NameCandidate], scores: list[Span]) -> None:
    """Make teams of the cities and regions in `found` that play a match in `text`."""
    places = [name for name in found if name.kind == "place" and not _is_country(name)]
    spans = [Span(name.start, name.end) for name in places]
    teams_found = playing(text, spans, {span.of(text) for span in scores}) if places else set()
    for name, span in zip(places, spans, strict=True):
        if span in teams_found:
            name.kind, name.rule, name.confidence, name.known = "organisation", "sport", NAME_RULES["sport"], ()


def _is_country(name: NameCandidate) -> bool:
    return bool(name.known) and name.known[0].country in gazetteer().countries


def _team(span: Span) -> NameCandidate:
    return NameCandidate(span.start, span.end, "organisation", "score-line", NAME_RULES["score-line"])
