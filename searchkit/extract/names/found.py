"""Found: a name at its place before names of one entity are merged, and how sure each rule is.

takes:    nothing
gives:    the value that the readers of names hand on; confidence by rule
does not: find names
traps:    "unknown" is a kind here: one capitalised word that only the rest of the document can explain
"""

from typing import Literal

from msgspec import Struct

from searchkit.document import MentionKind
from searchkit.extract.names.gazetteer import Known

FoundKind = MentionKind | Literal["unknown"]


class Found(Struct):
    """A name at a place, before names of one entity are merged. `country` is the code the words around it gave."""

    start: int
    end: int
    kind: FoundKind
    rule: str
    confidence: float
    known: tuple[Known, ...] = ()
    country: str = ""
    initial: bool = False
    shouted: bool = False


# Confidence by rule: the share of its finds with the right kind, rounded, on 216 newswire reports that are not part of
# the product (2026-11). Not from there are: "list", its share of real names, since those reports give sports teams the
# names of their cities; "country-body" and "local-body", which those reports do not count as names and were read by
# eye; "noun-after" and "listing", few there; "lone", "plain-head" and "inferred-alias", which claim no kind or no
# naming and are kept below one half.
CONFIDENCE = {
    "list": 0.95,
    "list-ambiguous": 0.85,
    "head": 0.85,
    "plain-head": 0.35,
    "country-body": 0.9,
    "local-body": 0.9,
    "legal-form": 0.98,
    "title": 0.95,
    "given-name": 0.98,
    "name-shape": 0.95,
    "surname": 0.98,
    "short-name": 0.98,
    "bracketed": 0.98,
    "capitals": 0.9,
    "age": 0.85,
    "score-line": 0.98,
    "sport": 0.9,
    "noun-before": 0.95,
    "noun-after": 0.9,
    "apposition": 0.9,
    "preposition": 0.9,
    "listing": 0.8,
    "acronym": 0.45,
    "of-itself": 0.95,
    "plural": 0.7,
    "speech": 0.65,
    "lone": 0.35,
    "inferred-alias": 0.4,
}
