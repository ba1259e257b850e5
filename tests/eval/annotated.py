"""Documents annotated by hand, in sets, and what searchkit makes of them.

The set `seeds` annotates seeds/, which the rules were written with in sight. The other sets annotate tests/eval/texts/:
articles written and annotated before the rules ran on them. `classes` has the kinds of mistakes that are being fixed;
the mistakes on `held-out` stay unread, every third of the same articles, so its scores show what to expect elsewhere.
The `later` sets add the kinds of mistakes that were found after the floors of the first two were set; in the articles
of `unnamed`, people without a name speak next to others. `identity` asks who is meant: descriptions with evidence and
without, bodies of one kind with several owners, namesakes, people named next to the speaker.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from searchkit import parse
from searchkit.crawl import files
from searchkit.crawl.base import FileOptions, Refused
from searchkit.statements.annotation import annotate
from searchkit.statements.document import Document, QuoteKind, Resource
from searchkit.statements.text import Span

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
HERE = Path(__file__).parent
# Each set, and the files of tests/eval/ that list its statements and documents.
SETS = {
    "seeds": ("statements.jsonl", "documents.jsonl"),
    "texts": ("statements-[abc].jsonl", "documents-[abc].jsonl"),
    "classes": ("statements-d.jsonl", "documents-d.jsonl"),
    "held-out": ("statements-e.jsonl", "documents-e.jsonl"),
    "classes, later": ("statements-f.jsonl", "documents-f.jsonl"),
    "held-out, later": ("statements-g.jsonl", "documents-g.jsonl"),
    "unnamed": ("statements-h.jsonl", "documents-h.jsonl"),
    "held-out, unnamed": ("statements-i.jsonl", "documents-i.jsonl"),
    "identity": ("statements-j.jsonl", "documents-j.jsonl"),
    "held-out, identity": ("statements-k.jsonl", "documents-k.jsonl"),
}
Row = TypeVar("Row", bound=Struct)
# The day on which the documents are read: after every date in them, and the same on every run.
TODAY = date(2025, 7, 1)
_NOW = datetime(2025, 7, 1, tzinfo=UTC)


class Statement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement listed by hand.

    `speaker` is None if no speaker is named. A report or letter speaks for its issuer if the same sentence names it.
    `group` joins the parts of a split or co-ordinated statement: read as one, they are as right as read apart.
    An `optional` statement (a belief, an accusation without words, an unsigned subhead) is neither wanted nor punished.
    `about` lists every entity that its words name, the speaker left out, and every one that its pronouns and
    descriptions ("it", "the company", "these products", "my brother") mean beyond doubt; an accusation is about the
    accused. A nationality is not an entity, nor is an act ("the listing"). Empty: about none. None: not annotated.
    `said` is the day on which the text says it was said, in ISO 8601 as far as it goes; "assumed" where the text does
    not say and the publication date stands in; None where there is no date at all; empty: not annotated.
    `negated`: the speaker did not say it, or refused to.
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
    negated: bool = False


class Page(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a seed document says of itself, and the official bodies, companies and people it names."""

    file: str
    title: str | None
    published: str | None
    outlet: str | None
    agencies: tuple[str, ...]
    companies: tuple[str, ...]
    people: tuple[str, ...]


def rows(pattern: str, kind: type[Row]) -> list[Row]:
    """Return the rows of annotation files, in the order of their names."""
    decoder = msgspec.json.Decoder(kind)
    return [row for path in sorted(HERE.glob(pattern)) for row in decoder.decode_lines(path.read_bytes())]


def pages(of: str = "seeds") -> list[Page]:
    """Return the annotated documents of a set, in the order of its files."""
    return rows(SETS[of][1], Page)


def statements(of: str = "seeds") -> list[Statement]:
    """Return all annotated statements of a set, in reading order within a file."""
    return rows(SETS[of][0], Statement)


def path_of(name: str) -> Path:
    """Return the path of an annotated document: `texts/...` next to this module, all others in seeds/."""
    return (HERE if name.startswith("texts/") else SEEDS) / name


def resources(*names: str) -> list[Resource]:
    """Return the resources in these annotated files. Raises ValueError for an unreadable file."""
    found: list[Resource] = []
    for resource in files.resources([str(path_of(name)) for name in names], FileOptions(), now=_NOW):
        if isinstance(resource, Refused):
            raise ValueError(f"{resource.uri}: {resource.reason}")  # noqa: TRY004  a refusal is a value of the crawl, not a type error
        if isinstance(resource, Resource):
            found.append(resource)
    return found


def read(name: str) -> Document:
    """Return the document that searchkit makes of an annotated file."""
    (resource,) = resources(name)
    return annotate(parse.article(resource, today=TODAY))


def locate(listed: Sequence[Statement], text: str) -> list[Span | None]:
    """Return where the `listed` statements of a file stand in its parsed `text`; None for a missing statement.

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
