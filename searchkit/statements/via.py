"""Find the document in which a statement was made: "said in a second statement", "according to a memo seen by Lind"."""

import re
from collections.abc import Sequence
from functools import lru_cache

from searchkit.statements.document import Article
from searchkit.statements.packs import Pack, pack_for
from searchkit.statements.quotes.statement import Statement
from searchkit.statements.speakers.subjects import PLAIN_WORD
from searchkit.statements.text import Span, fold

# How far behind the reporting verb the document may stand, and how far before the speaker.
_REACH = 90
_LETTERS = re.compile(r"[^\W\d_][\w\-]{0,40}")


@lru_cache(maxsize=4)
def _patterns(pack: Pack) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns behind a verb or speaker, and before a speaker; group 1 is the document."""
    nouns = "|".join(sorted(pack.roles["document"], key=len, reverse=True))
    first = r"(?:[\w.\-]{1,20}['’]s?|an?|the|his|her|its|their|this|one|another)"
    document = rf"({first} (?:[\w\-]{{1,20}} ){{0,3}}?(?:{nouns}))\b"
    made = rf"(?:on|in|via|through) {document}"
    return (
        re.compile(rf",?(?: [\w\-]{{2,20}}){{0,3}}? {made}", re.IGNORECASE),
        re.compile(rf"\b(?:{made}(?: [\w\-]{{1,20}}){{0,5}},|{document} (?:by|from)) (?:the )?\Z", re.IGNORECASE),
    )


def documents(article: Article, statements: Sequence[Statement]) -> tuple[Span | None, ...]:
    """Return the words that name the document of each statement; None without one. English only."""
    pack = pack_for(article.language)
    if pack is None or pack.clausal:
        return (None,) * len(statements)
    found: list[Span | None] = []
    for number, statement in enumerate(statements):
        goes_on = statement.cue is None and statement.group is not None and number > 0
        if goes_on and statements[number - 1].group == statement.group:
            found.append(found[-1])
        else:
            found.append(_document(article.text, statement, pack))
    return tuple(found)


def _document(text: str, statement: Statement, pack: Pack) -> Span | None:
    attribution, cue = statement.attribution, statement.cue
    if attribution is None or cue is None:
        return None
    first, last = min(attribution.start, cue.start), max(attribution.end, cue.end)
    around = text[max(0, first - _REACH) : last + _REACH].lower()
    if pack.roles["document"].isdisjoint(_LETTERS.findall(around)):  # the patterns take longer
        return None
    if is_document(PLAIN_WORD.findall(attribution.of(text)), pack):
        return attribution
    behind, before = _patterns(pack)
    found = behind.match(text, last, min(last + _REACH, len(text)))
    if found is None and attribution.end < cue.start:
        found = behind.match(text, attribution.end, cue.start)
    if found is None:
        found = before.search(text, max(0, first - _REACH, text.rfind("\n", 0, first) + 1), first)
    return Span(*found.span(found.lastindex or 1)) if found is not None else None


def is_document(words: Sequence[str], pack: Pack) -> bool:
    """Return whether the noun that heads `words` is a document: "the memo seen by Lind", but not "the Ostrava Post"."""
    head, documents = "", pack.roles["document"]
    for number, written in enumerate(words):
        word = fold(written)
        ends = word in pack.words["preposition"] or word in pack.words["relative"] or word in pack.words["that"]
        handed = word.endswith("ed") or word in pack.words["handed-on"] or word in pack.words["published"]
        if number and (ends or (head in documents and handed)):
            break
        head = "" if number and written[0].isupper() else word
    return head in documents
