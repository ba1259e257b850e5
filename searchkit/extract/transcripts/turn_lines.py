"""Lines that begin with a label and a colon, as transcripts have them: "KORBEL:", "Q:", "LORNA VASKE, HOST:".

takes:    text and its paragraphs, a language pack
gives:    a Line for each paragraph that begins so, of whatever kind
does not: say whether somebody speaks there (transcripts.py does), or who (voices.py does)
traps:    "Note:" and "Score:" look the same, hence `sort`; "A. Korbel" is an initial unless a "Q." has come before
"""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from searchkit.extract.packs import Pack
from searchkit.text import Span, fold

# What a label is: one for questions or answers, a part that somebody plays ("THE COURT", "Host", "MR. VELMAR"), a name
# or another word, or a word that never speaks ("Note").
Sort = Literal["question", "answer", "part", "name", "never"]

_WORD = r"[^\W\d_][\w.'’&\-]{0,30}"
# A recording's clock, a mark of bold type or a quotation mark may lead; brackets hold a place or "on camera".
_LABEL = re.compile(
    r"(?:[\[(]?\d{1,2}:\d\d(?::\d\d)?[\])]? {1,3})?(?:\*\*|__)?[\"“„«]?"
    rf"(?P<name>{_WORD}(?: (?:{_WORD}|#?\d{{1,3}})){{0,4}})"
    r"(?P<what>, [^:\n.?!\"“”]{1,60})?(?: ?[(\[][^()\[\]\n]{1,40}[)\]]){0,2}"
    r"(?:\*\*|__)?[ \u00a0\u202f]?:(?:\*\*|__)?(?: {1,4}(?=\S)|\Z)"
)
# "Q. Who?" and "A. Nobody."
_LETTERED = re.compile(r"(?P<name>[A-Z])(?:[.)]| ?[–—-]|(?=[ \t]{2}|\t))[ \t]{1,8}(?=\S)")
# "URL: https://...", "Published: 2024-05-11": a field of a header is said by nobody.
_FIELD = re.compile(r"[^\W\d_]{1,20}: {0,4}(?:https?://\S{1,400}|\d[\d.:/ T\-]{3,30}Z?)\Z")
# "(laughs) It is old.": what is not said, before what is.
_STAGED = re.compile(r"(?:\([^()\n]{1,60}\)|\[[^\[\]\n]{1,60}\]) {1,4}(?=\S)")


class Line(Struct, frozen=True, kw_only=True):
    """A paragraph (by number) with its label at `name`, what stands behind a comma in it, and where its words start.

    `key` is the label folded, without digits at its end in questions and answers. `lettered` lines have no colon.
    """

    paragraph: int
    name: Span
    key: str
    sort: Sort
    what: str
    start: int
    lettered: bool = False


def find(text: str, paragraphs: Sequence[Span], pack: Pack) -> list[Line]:
    """Every line with a label, in order."""
    lines: list[Line] = []
    asked = False
    for number, paragraph in enumerate(paragraphs):
        found = None
        if text.find(":", paragraph.start, paragraph.end) >= 0:
            if _FIELD.match(text, paragraph.start, paragraph.end):
                continue
            found = _LABEL.match(text, paragraph.start, paragraph.end)
        lettered = found is None
        if found is None:
            found = _LETTERED.match(text, paragraph.start, paragraph.end)
            if found is None:
                continue
        name, key, sort = _sorted(found["name"], pack)
        if lettered:
            asked = asked or sort == "question"
            if not asked or sort not in {"question", "answer"}:
                continue
        staged = _STAGED.match(text, found.end(), paragraph.end)
        start = found.start("name")
        lines.append(
            Line(
                paragraph=number,
                name=Span(start, start + len(name)),
                key=key,
                sort=sort,
                what="" if lettered else (found["what"] or "").lstrip(", "),
                start=staged.end() if staged is not None else found.end(),
                lettered=lettered,
            )
        )
    return lines


def _sorted(name: str, pack: Pack) -> tuple[str, str, Sort]:
    words = pack.words
    low = fold(name)
    bare = low.rstrip("0123456789 #")
    # A small "a" is an article, a single capital a letter of the pair Q and A.
    if len(bare) > 1 or name[0].isupper():
        if bare in words["question-label"]:
            return name, bare, "question"
        if bare in words["answer-label"]:
            return name, bare, "answer"
    parts = [word.rstrip(".") for word in low.split()]
    never = words["never-label"]
    if parts[0] in never or parts[-1] in never:
        return name, low, "never"
    titles = words["title-male"] | words["title-female"] | pack.roles["role"]
    if any(part in words["part-label"] for part in parts) or (len(parts) > 1 and parts[0] in titles):
        return name, low, "part"
    return name, low, "name"
