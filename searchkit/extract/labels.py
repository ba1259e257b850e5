"""Speakers named in front of their words or after a dash: transcripts, headlines, pull quotes, posts.

takes:    text, paragraphs, mentions
gives:    Labels: the paragraph's words, and the span of the name
does not: read sentences
traps:    a word with a colon is a label only if the article names that person elsewhere
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from searchkit.document import Mention
from searchkit.text import Span, fold

# A name of up to four words in front of a colon; a quotation mark may lead, as each paragraph of a long quote has one.
_IN_FRONT = re.compile(
    r"[\"“„«]?(?P<name>[^\W\d_][\w.'’\-]{0,30}(?: [^\W\d_][\w.'’\-]{0,30}){0,3})(?: ?\([^()\n]{1,40}\))?: {1,4}(?=\S)"
)
# "Words. — Name (@name) December 18, 2018": a post as pages embed it.
_POST = re.compile(r"[—–-] (?P<name>[^\W\d_][^()\n@]{1,50}) \(@\w{1,30}\)(?: [A-Z][a-z]{2,8} \d{1,2}, \d{4})?$")
_ADDRESS = re.compile(r"(?:https?://|pic\.twitter\.com/)\S{1,200}")
# In a transcript a speaker returns.
_FEWEST_TURNS = 2


@dataclass(frozen=True, slots=True)
class Label:
    """A paragraph (by number) whose `content` is said by the person named at `name`."""

    paragraph: int
    content: Span
    name: Span
    rule: str


def find(text: str, paragraphs: Sequence[Span], mentions: Sequence[Mention]) -> tuple[Label, ...]:
    """Every labeled paragraph, in order."""
    named = {
        mention.name
        for mention in mentions
        if mention.kind == "person" and text[mention.span.end : mention.span.end + 1] != ":"
    }
    people = {word for name in named for word in fold(name).split()}
    known = {form for name in named for form in (fold(name), fold(name).split()[-1])}
    matches: list[tuple[int, re.Match[str]]] = []
    labels: list[Label] = []
    for number, paragraph in enumerate(paragraphs):
        found = _IN_FRONT.match(text, paragraph.start, paragraph.end)
        if found is not None:
            matches.append((number, found))
        elif text[paragraph.end - 1].isalnum() or text[paragraph.end - 1] == ")":
            label = _post(text, paragraph, number)
            if label is not None:
                labels.append(label)
    turns = Counter(found["name"] for _, found in matches)
    # Where a known person takes turns, whoever else does is the other side of an interview.
    interview = any(turns[name] >= _FEWEST_TURNS and fold(name) in known for name in turns)
    for number, found in matches:
        name = found["name"]
        if turns[name] >= _FEWEST_TURNS and (interview or (name.isupper() and fold(name).split()[-1] in people)):
            rule = "transcript"
        elif fold(name) in known:
            rule = "label"
        else:
            continue
        end = paragraphs[number].end
        if end - found.end() > 3:
            labels.append(Label(number, Span(found.end(), end), Span(*found.span("name")), rule))
    labels.sort(key=lambda label: label.paragraph)
    return tuple(labels)


def _post(text: str, paragraph: Span, number: int) -> Label | None:
    found = _POST.search(text, max(paragraph.start, paragraph.end - 130), paragraph.end)
    if found is None:
        return None
    end = found.start()
    address = _ADDRESS.search(text, max(paragraph.start, end - 250), end)
    if address is not None:
        end = address.start()
    while end > paragraph.start and (text[end - 1].isspace() or text[end - 1] in "—–-"):
        end -= 1
    if end - paragraph.start < 10:
        return None
    return Label(number, Span(paragraph.start, end), Span(*found.span("name")), "post")
