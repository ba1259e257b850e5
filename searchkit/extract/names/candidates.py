"""Names at their places before those of one entity are merged, and the confidence of each rule that finds them."""

from typing import Literal

from msgspec import Struct

from searchkit.document import MentionKind
from searchkit.extract.names.gazetteer import Known

# "unknown": one capitalised word that only the rest of the document can explain.
CandidateKind = MentionKind | Literal["unknown"]


class NameCandidate(Struct):
    """A name at a place. `country` is the code that the words around it gave; `known` its readings in the lists.

    `initial` candidates open a sentence or headline, where a capital proves nothing; `shouted` ones stand in capitals.
    """

    start: int
    end: int
    kind: CandidateKind
    rule: str
    confidence: float
    known: tuple[Known, ...] = ()
    country: str = ""
    initial: bool = False
    shouted: bool = False


# The share of a rule's finds with the right kind, rounded, on 216 newswire reports that are not part of the product
# (2026-11). Exceptions: "list" is its share of real names, since those reports give sports teams the names of their
# cities; "country-body" and "local-body", which they do not count as names, were checked by eye; "noun-after" and
# "listing" are rare in them; "lone", "plain-head" and "inferred-alias" do not show the kind and stay below one half.
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
