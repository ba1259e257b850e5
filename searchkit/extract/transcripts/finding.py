"""Find paragraphs whose speaker stands before the words or after a dash: transcripts, pull quotes, posts, live blogs.

A word with a colon is a label only if the article names that person elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from searchkit.document import Article, Mention
from searchkit.extract.packs import Pack
from searchkit.extract.transcripts import turn_lines
from searchkit.extract.transcripts import turns as transcripts
from searchkit.extract.transcripts.turn_lines import LabeledLine, entry_starts
from searchkit.extract.transcripts.turns import Label
from searchkit.text import Span, fold

# "Words. — Name (@name) December 18, 2018": an embedded post.
_POST = re.compile(r"[—–-] (?P<name>[^\W\d_][^()\n@]{1,50}) \(@\w{1,30}\)(?: [A-Z][a-z]{2,8} \d{1,2}, \d{4})?$")
_ADDRESS = re.compile(r"(?:https?://|pic\.twitter\.com/)\S{1,200}")
# "Our political editor, Nadia Korbel, writes: ...": the complete entry of a live blog is hers.
_ENTRY = re.compile(
    r"(?P<name>[^:;.?!\n\"“”„«]{2,120}?),? (?P<cue>[^\W\d_]{3,12})(?: [^\W\d_]{1,12}){0,3}: {1,4}(?=[^\s\"“„«'‘])"
)


def find(article: Article, paragraphs: Sequence[Span], mentions: Sequence[Mention], pack: Pack) -> tuple[Label, ...]:
    """Return every labeled paragraph, in order."""
    text = article.text
    lines = turn_lines.find(text, paragraphs, pack)
    turns = transcripts.find(article, paragraphs, mentions, pack, lines)
    lengths = Counter(turn.turn for turn in turns)
    labels = {turn.paragraph: turn if lengths[turn.turn] > 1 else replace(turn, turn=None) for turn in turns}
    for label in _single(text, paragraphs, mentions, lines):
        labels.setdefault(label.paragraph, label)
    posted = entry_starts(text, article.paragraphs)
    for number, paragraph in enumerate(paragraphs):
        if number not in labels:
            other = _post(text, paragraph, number)
            if other is None and number in posted:
                other = _entry(text, Span(posted[number], paragraph.end), number, pack)
            if other is not None:
                labels[number] = other
    return tuple(labels[number] for number in sorted(labels))


def _single(
    text: str, paragraphs: Sequence[Span], mentions: Sequence[Mention], lines: Sequence[LabeledLine]
) -> Iterator[Label]:
    """Yield the paragraphs that begin with a name which the article gives elsewhere."""
    named = {
        mention.name
        for mention in mentions
        if mention.kind == "person" and text[mention.span.end : mention.span.end + 1] != ":"
    }
    known = {form for name in named for form in (fold(name), fold(name).split()[-1])}
    for line in lines:
        end = paragraphs[line.paragraph].end
        if line.key in known and not line.function and not line.lettered and end - line.start > 3:
            yield Label(line.paragraph, Span(line.start, end), line.name, "label")


def _post(text: str, paragraph: Span, number: int) -> Label | None:
    if not (text[paragraph.end - 1].isalnum() or text[paragraph.end - 1] == ")"):
        return None
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


def _entry(text: str, paragraph: Span, number: int, pack: Pack) -> Label | None:
    """Return the label of an entry that a person writes in his or her own name."""
    found = _ENTRY.match(text, paragraph.start, min(paragraph.end, paragraph.start + 200))
    if found is None or fold(found["cue"]) not in pack.words["entry-verb"]:
        return None
    name, cue = Span(*found.span("name")), Span(*found.span("cue"))
    return Label(number, Span(found.end(), paragraph.end), name, "entry", cue=cue)
