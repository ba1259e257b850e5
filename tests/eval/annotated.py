"""Documents annotated by hand, in sets, and what searchkit makes of them.

The set `seeds` annotates seeds/, which the rules were written with in sight. The set `texts` annotates
tests/eval/texts/: articles written and annotated before anybody ran the rules on them.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from searchkit import crawl, parse
from searchkit.document import Document, QuoteKind, Resource
from searchkit.extract.annotation import annotate
from searchkit.text import Span

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
HERE = Path(__file__).parent
# Each set, and the files of tests/eval/ that list its statements and documents.
SETS = {"seeds": ("statements.jsonl", "documents.jsonl"), "texts": ("statements-*.jsonl", "documents-*.jsonl")}
# The day on which the documents are read: after every date in them, and the same on every run.
TODAY = date(2025, 1, 1)
_NOW = datetime(2025, 1, 1, tzinfo=UTC)


class Statement(Struct, frozen=True, kw_only=True):
    """A statement listed by hand.

    `speaker` is None where nobody is named. A report or letter speaks for its issuer if the same sentence names it.
    `group` joins the parts of a split or co-ordinated statement: read as one, they are as right as read apart.
    An `optional` one (a belief, an accusation without words, an unsigned subhead) is neither wanted nor punished.
    `about` lists every entity that its words name, the speaker left out, and every one that its pronouns and
    descriptions ("it", "the company", "these products", "my brother") mean beyond doubt; an accusation is about the
    accused. A nationality is no entity, nor is an act ("the listing"). Empty: about nobody named. None: not annotated.
    `said` is the day on which the text says it was said, in ISO 8601 as far as it goes; "assumed" where the text does
    not say and the publication date stands in; None where there is no date at all; empty: not annotated.
    """

    file: str
    text: str
    speaker: str | None
    kind: QuoteKind
    about: tuple[str, ...] | None
    cue: str | None
    group: str | None = None
    optional: bool = False
    said: str | None = ""


class Page(Struct, frozen=True, kw_only=True):
    """What a seed document says of itself, and the official bodies, companies and people it names."""

    file: str
    title: str | None
    published: str | None
    outlet: str | None
    agencies: tuple[str, ...]
    companies: tuple[str, ...]
    people: tuple[str, ...]


def _rows(pattern: str) -> list[dict[str, Any]]:
    lines = [line for path in sorted(HERE.glob(pattern)) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{key: tuple(v) if isinstance(v, list) else v for key, v in json.loads(line).items()} for line in lines]


def pages(of: str = "seeds") -> list[Page]:
    """The annotated documents of one set, in the order of its files."""
    return [Page(**row) for row in _rows(SETS[of][1])]


def statements(of: str = "seeds") -> list[Statement]:
    """All annotated statements of one set, in reading order within a file."""
    return [Statement(**row) for row in _rows(SETS[of][0])]


def path_of(name: str) -> Path:
    """Where the file of an annotated document is: `texts/...` beside this module, all others in seeds/."""
    return (HERE if name.startswith("texts/") else SEEDS) / name


def resources(*names: str) -> list[Resource]:
    """The resources in these annotated files. ValueError when one of them cannot be read."""
    found: list[Resource] = []
    for one in crawl.resources([str(path_of(name)) for name in names], crawl.FileOptions(), now=_NOW):
        if isinstance(one, crawl.Refused):
            raise ValueError(f"{one.uri}: {one.reason}")  # noqa: TRY004  a refusal is a value of the crawl, not a type error
        found.append(one)
    return found


def read(name: str) -> Document:
    """The document that searchkit makes of one annotated file."""
    (resource,) = resources(name)
    return annotate(parse.article(resource, today=TODAY))


def locate(listed: Sequence[Statement], text: str) -> list[Span | None]:
    """Where the `listed` statements of one file stand in its parsed `text`; None for one that is not there.

    White space may differ (a line end for a space); of several places the first after the previous statement counts.
    """
    spans: list[Span | None] = []
    begin = 0
    for statement in listed:
        pattern = re.compile(r"\s{1,4}".join(re.escape(word) for word in statement.text.split()))
        match = pattern.search(text, begin) or pattern.search(text)
        spans.append(Span(*match.span()) if match else None)
        begin = match.start() + 1 if match else begin
    return spans
