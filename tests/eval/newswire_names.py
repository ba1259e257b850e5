"""Our mentions under the three types of newswire name sets (PER, ORG, LOC), for their scorers."""

from searchkit.statements.document import Article
from searchkit.statements.names import finding as names
from searchkit.statements.text import paragraphs

_TYPES = {"person": "PER", "company": "ORG", "organisation": "ORG", "agency": "ORG", "place": "LOC"}


def find(text: str) -> list[tuple[int, int, str]]:
    """Start, end and type of the outermost mentions in `text`, in order."""
    found: list[tuple[int, int, str]] = []
    last = 0
    mentions = names.find(Article(uri="text:", text=text, paragraphs=paragraphs(text), language="en"))
    for mention in sorted(mentions, key=lambda one: (one.span.start, -one.span.end)):
        if mention.kind in _TYPES and mention.span.start >= last:
            found.append((mention.span.start, mention.span.end, _TYPES[mention.kind]))
            last = mention.span.end
    return found
