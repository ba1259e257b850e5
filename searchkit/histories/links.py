"""Links of a claim to an answer, with their reasons in words."""

from searchkit.histories.base import Dispute, Place, Strength
from searchkit.histories.reading import Said
from searchkit.statements.document import Document
from searchkit.statements.text import Span

REASONS = {
    "named-claim": "one sentence names the claim and rejects it",
    "named-claimer": "in the same article, the target of the claim contradicts it and names who makes it",
    "target-denies": "in the same article, the target of the claim or somebody who speaks for it denies it",
}
# So many words in common make two statements one matter where nothing else does.
FEWEST_SHARED = 2


def link(claim: Place, answer: Place, strength: Strength, rule: str) -> Dispute:
    return Dispute(claim=claim, answer=answer, strength=strength, rule=rule, reason=REASONS[rule])


def place_of(document: Document, said: Said) -> Place:
    """Return where a statement stands, with all its parts, and with the verb whose object it is."""
    quote, start = said.quote, said.span.start
    if quote.cue is not None and quote.rule == "object":
        start = min(start, quote.cue.start)
    return Place(document.id, quote.id, Span(start, said.span.end))
