"""Score links of claims and answers, and refusals to comment, against the annotated files, from text to link."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from searchkit.histories import Dispute, Place
from searchkit.histories.disputes import disputes
from searchkit.histories.silence import no_comments
from searchkit.statements.annotation import annotate
from searchkit.statements.dates.stated import parse_stated
from searchkit.statements.document import Article, Document
from searchkit.statements.text import Span, normalize, paragraphs

HERE = Path(__file__).parent


class Scores(Struct, kw_only=True):
    """What was found, what of it is right, and what people marked."""

    right: int = 0
    found: int = 0
    wanted: int = 0
    named_asker: int = 0  # of the right ones, those with the right answer to who asked
    named_claim: int = 0  # of the right ones, those whose claim is what the marked answer itself names
    mistakes: list[str] = []

    @property
    def precision(self) -> float:
        return self.right / (self.found or 1)

    @property
    def recall(self) -> float:
        return self.right / (self.wanted or 1)


def records(name: str) -> Iterator[dict[str, Any]]:
    for line in (HERE / f"{name}.jsonl").read_text().splitlines():
        yield msgspec.json.decode(line)


def _annotated(identity: str, text: str, published: str, **fields: Any) -> Document:
    text = normalize(text)
    stated = parse_stated(published, source="meta")
    article = Article(
        uri=f"https://gold.example/{identity}", text=text, paragraphs=paragraphs(text), published=stated, **fields
    )
    return annotate(article)


def _covers(text: str, words: str, span: Span) -> bool:
    """Return whether an occurrence of the marked words overlaps the span."""
    at = text.find(words)
    while at >= 0:
        if Span(at, at + len(words)).overlaps(span):
            return True
        at = text.find(words, at + 1)
    return False


def _lies_in(text: str, words: str, span: Span) -> bool:
    """Return whether a span lies in the first occurrence of the marked words."""
    at = text.find(words)
    return at >= 0 and Span(at, at + len(words)).covers(span)


def score_disputes(name: str) -> dict[str, Scores]:
    """Return the scores of one annotated file: `all` links, and those whose answer names the claim (`strong` in it).

    A claim is right where it was marked, or where the marked answer names it ("rejected the accusation that it had
    ..."): `named_claim` counts these.
    """
    scores = {"all": Scores(), "strong": Scores()}
    for record in records(name):
        documents = {
            listed["key"]: _annotated(
                f"{record['id']}-{listed['key']}",
                listed["text"],
                listed["published"],
                title=listed["title"],
                outlet=listed["outlet"],
            )
            for listed in record["documents"]
        }
        keys = {document.id: key for key, document in documents.items()}
        links = [link for document in documents.values() for link in disputes(document)]

        def is_at(
            place: Place, marked: dict[str, str], keys: dict[str, str] = keys, documents: Any = documents
        ) -> bool:
            key = keys[place.document]
            return bool(key == marked["document"] and _covers(documents[key].text, marked["words"], place.span))

        def is_named(
            place: Place, marked: dict[str, str], keys: dict[str, str] = keys, documents: Any = documents
        ) -> bool:
            key = keys[place.document]
            return bool(key == marked["document"] and _lies_in(documents[key].text, marked["words"], place.span))

        _count(record, links, scores, is_at, is_named)
    return scores


def _count(record: dict[str, Any], links: list[Dispute], scores: dict[str, Scores], is_at: Any, is_named: Any) -> None:
    open_links, every, strong = list(record["links"]), scores["all"], scores["strong"]
    for link in links:
        every.found += 1
        hit = next((marked for marked in open_links if _is_right(link, marked, is_at, is_named)), None)
        if hit is None:
            every.mistakes.append(f"{record['id']}: false")
            continue
        every.right += 1
        every.named_claim += not any(is_at(link.claim, claim) for claim in _accepted(hit, "claim"))
        strong.right += hit["strength"] == "strong"
        open_links.remove(hit)
    every.wanted += len(record["links"])
    strong.wanted += sum(marked["strength"] == "strong" for marked in record["links"])
    every.mistakes += [f"{record['id']}: missed {marked['strength']}" for marked in open_links]


def _is_right(link: Dispute, marked: dict[str, Any], is_at: Any, is_named: Any) -> bool:
    is_claim = is_named(link.claim, marked["answer"]) or any(
        is_at(link.claim, claim) for claim in _accepted(marked, "claim")
    )
    return is_claim and any(is_at(link.answer, answer) for answer in _accepted(marked, "answer"))


def _accepted(marked: dict[str, Any], side: str) -> list[dict[str, str]]:
    """Return the words of a claim or answer, first those that are wanted, then others of the same dispute."""
    return [marked[side], *marked.get("accepted", {}).get(f"{side}s", ())]


def score_no_comments(name: str) -> Scores:
    """Return the scores of one annotated file."""
    score = Scores()
    for record in records(name):
        document = _annotated(record["id"], record["text"], record["published"])
        found = list(no_comments(document))
        score.found += len(found)
        score.wanted += len(record["expected"])
        for expected in record["expected"]:
            hit = next((one for one in found if _covers(document.text, expected["words"], one.span)), None)
            if hit is None:
                score.mistakes.append(f"{record['id']}: missed {expected['words']}")
                continue
            found.remove(hit)
            score.right += 1
            score.named_asker += hit.asked_by == expected["asked_by"]
        score.mistakes.extend(f"{record['id']}: false {one.span.of(document.text)}" for one in found)
    return score
