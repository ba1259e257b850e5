"""Find paragraphs that begin with a label and a colon, as in transcripts: "KORBEL:", "Q:", "LORNA VASKE, HOST:".

"Note:" and "Score:" look the same, hence `kind`. "A. Korbel" is an initial unless a "Q." comes before it. finding.py
decides which labels speak, voices.py who speaks. The entries of a live blog begin with the time of posting.
"""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from searchkit.extract.packs import Pack
from searchkit.text import Span, fold

# "part" is a part that a person plays ("THE COURT", "Host", "MR. VELMAR"), "name" a name or another word, "never" a
# word that never speaks ("Note").
Kind = Literal["question", "answer", "part", "name", "never"]

_WORD = r"[^\W\d_][\w.'’&\-]{0,30}"
# A recording's clock, a mark of bold type or a quotation mark may lead; brackets hold a place or "on camera".
_LABEL = re.compile(
    r"(?:[\[(]?\d{1,2}:\d\d(?::\d\d)?[\])]? {1,3})?(?:\*\*|__)?[\"“„«]?"
    rf"(?P<name>{_WORD}(?: (?:{_WORD}|#?\d{{1,3}})){{0,4}})"
    r"(?P<function>, [^:\n.?!\"“”]{1,60})?(?: ?[(\[][^()\[\]\n]{1,40}[)\]]){0,2}"
    r"(?:\*\*|__)?[ \u00a0\u202f]?:(?:\*\*|__)?(?: {1,4}(?=\S)|\Z)"
)
# "Q. Who?" and "A. Vaske."
_LETTERED = re.compile(r"(?P<name>[A-Z])(?:[.)]| ?[–—-]|(?=[ \t]{2}|\t))[ \t]{1,8}(?=\S)")
# "QWho?": the space behind a bold letter was lost.
_GLUED = re.compile(r"(?P<name>Q)(?=[A-Z][a-z’'])")
# "URL: https://...", "Published: 2024-05-11": the field of a header has no speaker.
_FIELD = re.compile(r"[^\W\d_]{1,20}: {0,4}(?:https?://\S{1,400}|\d[\d.:/ T\-]{3,30}Z?)\Z")
# "(laughs) It is old.": a stage direction before the words.
_STAGED = re.compile(r"(?:\([^()\n]{1,60}\)|\[[^\[\]\n]{1,60}\]) {1,4}(?=\S)")


class LabeledLine(Struct, frozen=True, kw_only=True):
    """A paragraph (by number) with its label at `name`; its words start at `start`.

    `key` is the label folded, without digits at its end in questions and answers; `function` is the part behind a
    comma ("HOST"). `lettered` lines have no colon.
    """

    paragraph: int
    name: Span
    key: str
    kind: Kind
    function: str
    start: int
    lettered: bool = False


def find(text: str, paragraphs: Sequence[Span], pack: Pack) -> list[LabeledLine]:
    """Return every paragraph with a label, in order."""
    lines: list[LabeledLine] = []
    has_question = False
    is_answered = any(text.startswith("A: ", paragraph.start) for paragraph in paragraphs)
    for number, paragraph in enumerate(paragraphs):
        found = None
        if text.find(":", paragraph.start, paragraph.end) >= 0:
            if _FIELD.match(text, paragraph.start, paragraph.end):
                continue
            found = _LABEL.match(text, paragraph.start, paragraph.end)
        lettered = found is None
        if found is None:
            found = _LETTERED.match(text, paragraph.start, paragraph.end)
            if found is None and is_answered:
                found = _GLUED.match(text, paragraph.start, paragraph.end)
            if found is None:
                continue
        name, key, kind = _classified(found["name"], pack)
        if lettered:
            has_question = has_question or kind == "question"
            if not has_question or kind not in {"question", "answer"}:
                continue
        staged = _STAGED.match(text, found.end(), paragraph.end)
        start = found.start("name")
        lines.append(
            LabeledLine(
                paragraph=number,
                name=Span(start, start + len(name)),
                key=key,
                kind=kind,
                function="" if lettered else (found["function"] or "").lstrip(", "),
                start=staged.end() if staged is not None else found.end(),
                lettered=lettered,
            )
        )
    return lines


def _classified(name: str, pack: Pack) -> tuple[str, str, Kind]:
    """Return the label as it counts, its key and its kind."""
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


_CLOCK = re.compile(
    r"[\[(]?\d{1,2}[:.h]\d\d(?: ?[AaPp]\.?[Mm]\.?)?(?: (?:[A-Z]{2,4}|Uhr)(?![^\W\d_]))?[\])]?(?: ?[:|–—-])? {1,4}"
    r"(?=[^\s\d])(?![AaPp]\.?[Mm]\b)"
)


def entry_starts(text: str, paragraphs: Sequence[Span]) -> dict[int, int]:
    """Return where the words of each entry begin, by paragraph; empty unless the text is a live blog."""
    starts = {
        number: found.end()
        for number, paragraph in enumerate(paragraphs)
        if (found := _CLOCK.match(text, paragraph.start, paragraph.end)) is not None
    }
    return starts if len(starts) >= 3 else {}  # fewer times make no live blog
