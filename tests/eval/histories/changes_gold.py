"""Score the changes between two revisions against tests/eval/histories/changes*.jsonl, from text to change.

Usage: python -m tests.eval.histories.changes_gold [changes | changes-closed]
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct

from searchkit.histories import ChangeKind
from searchkit.histories.changes import changes
from searchkit.statements.annotation import annotate
from searchkit.statements.dates import PartialDate
from searchkit.statements.document import Article, Document
from searchkit.statements.text import Span, normalize, paragraphs, word_key
from tests.eval.scoring import Ratio

HERE = Path(__file__).parent
# The share of words in common from which a statement is the annotated one, if neither contains the other.
_SAME = 0.6
Change = tuple[ChangeKind, str | None, str | None]


class Scores(Struct, kw_only=True):
    """Ratios by kind, the changes found in pairs that differ in nothing, and what is wrong with which pair."""

    kinds: dict[ChangeKind, Ratio]
    false_alarms: int = 0
    mistakes: list[str] = []


def score(name: str) -> Scores:
    """Return the scores of one annotated file."""
    scores = Scores(kinds={kind: Ratio() for kind in get_args(ChangeKind)})
    for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        record = msgspec.json.decode(line)
        found = _found(_document(record["old"]), _document(record["new"]))
        for wanted in ((change["kind"], change["old"], change["new"]) for change in record["changes"]):
            match = next((change for change in found if _fits(wanted, change)), None)
            if match is None:
                scores.kinds[wanted[0]].add(wanted=True)
                scores.mistakes.append(f"{record['id']}: not found: {wanted}")
            else:
                found.remove(match)
                scores.kinds[wanted[0]].add(found=True, wanted=True, right=True)
        for change in found:
            scores.kinds[change[0]].add(found=True)
            scores.mistakes.append(f"{record['id']}: wrong: {change}")
        scores.false_alarms += len(found) if not record["changes"] else 0
    return scores


def _document(side: dict[str, Any]) -> Document:
    text = normalize(side["text"])
    published = PartialDate(value=side["published"][:10], precision="day", source="json-ld")
    return annotate(
        Article(
            uri="https://courier.example.com/1",
            title=side["title"],
            text=text,
            paragraphs=paragraphs(text),
            published=published,
        )
    )


def _found(old: Document, new: Document) -> list[Change]:
    return [
        (kind, _words(old, change.old_spans), _words(new, change.new_spans))
        for change in changes(old, new)
        for kind in change.kinds
    ]


def _words(document: Document, spans: Sequence[Span]) -> str | None:
    return word_key(" ".join(span.of(document.text) for span in spans)) if spans else None


def _fits(wanted: Change, found: Change) -> bool:
    return wanted[0] == found[0] and all(_is_same(*sides) for sides in zip(wanted[1:], found[1:], strict=True))


def _is_same(wanted: str | None, found: str | None) -> bool:
    if wanted is None or found is None:
        return wanted is found
    wanted = word_key(wanted)
    ours, theirs = set(wanted.split()), set(found.split())
    return wanted in found or found in wanted or len(ours & theirs) >= _SAME * max(len(ours), len(theirs))


if __name__ == "__main__":
    result = score(sys.argv[1] if len(sys.argv) > 1 else "changes")
    rows = [
        f"{kind:9} precision {ratio.precision:.3f} recall {ratio.recall:.3f} of {ratio.wanted}\n"
        for kind, ratio in result.kinds.items()
    ]
    sys.stdout.write("".join([*rows, f"false alarms {result.false_alarms}\n"]))
