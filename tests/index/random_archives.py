"""Random archives and random questions to them, for hypothesis: few words, names and days, so that they meet."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from searchkit.index.base import FacetRequest, FacetSort, ValuesRequest
from searchkit.query import ast, fields
from searchkit.query.fields import Record
from searchkit.statements.document import Document
from tests.index.records import document

WORDS = "ready readies reading standard standards korbel korbil fox-it U.S. us US don't café 天地 ostrava a a —".split()
NAMES = [
    {"surface": "korbel", "name": "Nadia Korbel", "kind": "person"},
    {"surface": "korbil", "name": "Nadia Korbel", "kind": "person"},
    {"surface": "ostrava", "name": "Ostrava Trade Office", "kind": "agency"},
    {"surface": "fox-it", "name": "Fóx-It", "kind": "company"},
    {"surface": "U.S.", "name": "U.S. Trade Office", "kind": "agency"},
    {"surface": "ready", "name": "nadia korbel", "kind": "company"},
]
DATES = [None, "2022", "2022-12", "2022-12-15", "2022-12-16", "2022-W50", "2023-01-01"]
DAYS = [None, date(2022, 1, 1), date(2022, 12, 15), date(2022, 12, 31), date(2023, 1, 1)]
UNITS: tuple[ast.Unit, ...] = ("day", "week", "month", "year")
SIZES: tuple[tuple[int, FacetSort], ...] = ((2, "count"), (2, "value"), (100, "count"), (0, "count"))
WATCHED = [
    {"surface": "korbel", "list": "ports", "id": "EX-1", "name": "Nadia Korbel", "topics": ["harbor"]},
    {"surface": "korbil", "list": "ports", "id": "EX-1", "name": "Nadia Korbel", "weak": True},
    {"surface": "ready", "list": "docks", "id": "ex-1", "name": "Ready Korbel"},
]
KNOWN_AS = {"Nadia Korbel": ["N. Reading"], "Fóx-It": ["FI", "Standard It"]}
SPEAKERS = [None, "Nadia Korbel", "Ostrava Trade Office", "Per Lindqvist"]

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@st.composite
def quote_records(draw: st.DrawFn, text: str, names: Sequence[dict[str, str]]) -> dict[str, Any]:
    words = text.split()
    start = draw(st.integers(0, len(words) - 1))
    end = draw(st.integers(start + 1, len(words)))
    return {
        "words": " ".join(words[start:end]),
        "speaker": draw(st.sampled_from(SPEAKERS)),
        "unnamed": draw(st.sampled_from(["", *words])),
        "about": [name["name"] for name in names if draw(st.booleans())],
        "verb": draw(st.sampled_from([None, "say", "Say", "deny"])),
        "kind": draw(st.sampled_from(["direct", "mixed", "indirect"])),
        "date": draw(st.sampled_from(DATES)),
    }


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(texts)
    names = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique_by=lambda name: name["surface"]))
    made = document(
        {
            "id": draw(st.sampled_from(["d1", "d2", "d3", "d4"])),
            "title": draw(st.none() | texts),
            "text": text,
            "outlet": draw(st.sampled_from([None, "Harbor Gazette", "harbor gazette", "Ostrava Post"])),
            "language": draw(st.sampled_from([None, "en", "EN", "de"])),
            "published": draw(st.sampled_from(DATES)),
            "names": names,
            "quotes": draw(st.lists(quote_records(text, names), max_size=3)),
            "wire": draw(st.sampled_from([None, "Ostrava Post", "Moravia Wire"])),
            "first_seen": draw(st.sampled_from(["", "2026-01-02T03:04:05+00:00", "2026-01-03T03:04:05+00:00"])),
            "source": draw(st.sampled_from(["", "harbor", "Harbor"])),
            "gone_at": draw(st.sampled_from(["", "", "2026-02-01T00:00:00+00:00"])),
            "copies": draw(st.sampled_from(["", "d1", "d1", "d9"])),
            "watched": draw(st.lists(st.sampled_from(WATCHED), max_size=2)),
            "known_as": {name["name"]: KNOWN_AS[name["name"]] for name in names if name["name"] in KNOWN_AS},
        }
    )
    # One statement of several has its surface on several spans.
    return replace(made, mentions=made.mentions[: draw(st.integers(0, len(made.mentions)))])


words = st.sampled_from([*WORDS, "read", "kórbel", "nadia", "Korbel", "zzz"])
phrases = st.builds(ast.Phrase, text=st.lists(words, min_size=1, max_size=3).map(" ".join), slop=st.integers(0, 3))
leaves = st.one_of(
    st.builds(ast.Term, text=words),
    phrases,
    st.builds(
        ast.Near,
        left=st.builds(ast.Term, text=words) | phrases,
        right=st.builds(ast.Term, text=words) | phrases,
        distance=st.integers(0, 5),
        ordered=st.booleans(),
    ),
    st.builds(ast.Prefix, text=st.sampled_from(["re", "sta", "US", "korb", "fox-i", "天", "de", "har"])),
    st.builds(
        ast.Fuzzy, text=st.sampled_from(["korbal", "rady", "standart", "direkt", "天"]), distance=st.integers(1, 2)
    ),
    st.builds(ast.Exact, text=st.lists(words, min_size=1, max_size=3).map(" ".join)),
    st.just(ast.Exists()),
)
whole = st.one_of(
    st.builds(
        ast.Equals,
        text=st.sampled_from(
            [
                "nadia korbel",
                "person:nadia-korbel",
                "FOX-IT",
                "SAY",
                "harbor gazette",
                "d1",
                "harbor",
                "EX-1",
                "ex-1/weak",
                "Nadia Korbel (weak)",
            ]
        ),
    ),
    st.builds(ast.Regex, pattern=st.sampled_from([".*korbel", "N.*", "s.y", "d[12].*"])),
)


def _grown(children: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    pairs = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(ast.And, children=pairs), st.builds(ast.Or, children=pairs), st.builds(ast.Not, child=children)
    )


values = st.recursive(leaves | whole, _grown, max_leaves=3)
days = st.recursive(
    st.builds(
        ast.Range, written=st.just(""), start=st.sampled_from(DAYS), end=st.sampled_from(DAYS), within=st.booleans()
    )
    | st.builds(ast.Unplaced, unit=st.sampled_from(UNITS))
    | st.just(ast.Exists()),
    _grown,
    max_leaves=2,
)
ranges = st.builds(ast.Field, name=st.sampled_from(["date", "said", "gone", "seen"]), value=days)
FIELD_NAMES = [field.name for field in fields.FIELDS if field.kind != "date"]


inner = st.recursive(
    st.one_of(
        leaves, ranges, st.builds(ast.Field, name=st.sampled_from(FIELD_NAMES), value=values), st.just(ast.All())
    ),
    _grown,
    max_leaves=4,
)
trees = st.recursive(inner | st.builds(ast.Scope, inner=inner), _grown, max_leaves=3)
# Put, delete, and whether the index is closed and opened again afterwards.
Batch = tuple[list[Document], list[str], bool]
batches: st.SearchStrategy[list[Batch]] = st.lists(
    st.tuples(
        st.lists(documents(), max_size=3), st.lists(st.sampled_from(["d1", "d2", "d9"]), max_size=1), st.booleans()
    ),
    min_size=1,
    max_size=9,
)

PAIRS = [("speaker", "about"), ("about", "entity"), ("speaker", "verb"), ("act", "outlet"), ("lang", "kind")]
FACETS: dict[Record, tuple[FacetRequest, ...]] = {
    record: tuple(
        FacetRequest(field=field.name, size=size, interval=interval, sort=sort, all_values=size != 2)
        for field in fields.FIELDS
        if field.facet and field.indexed and record in field.records
        for size, sort in SIZES
        for interval in ((*UNITS, None) if field.kind == "date" else (None,))
    )
    + tuple(
        FacetRequest(field=field, paired=paired, size=size, sort=sort)
        for field, paired in PAIRS
        for size, sort in SIZES
    )
    for record in ("document", "quote")
}

VALUED = [field for field in fields.FIELDS if field.indexed and field.kind in {"name", "keyword"}]


@st.composite
def values_requests(draw: st.DrawFn, record: Record) -> ValuesRequest:
    """Any look-up of values over one kind of record."""
    field = draw(st.sampled_from([field.name for field in VALUED if record in field.records]))
    turned = st.builds(ast.Phrase, text=st.sampled_from(["korbel nadia", "office ostrava trade", "it fox"]))
    leaf = leaves.filter(lambda node: not isinstance(node, ast.Near)) | whole | turned
    several = st.lists(leaf, min_size=2, max_size=3).map(lambda found: ast.Or(children=tuple(found)))
    return ValuesRequest(
        field=field,
        value=draw(leaf | several),
        any_order=draw(st.booleans()),
        query=draw(st.just(ast.All()) | inner),
        record=record,
        copies=draw(st.booleans()),
    )


spelled = st.tuples(
    st.sampled_from(["text", "title", "body", "quote", "speaker", "entity", "outlet", "watchlist", "verb", "date"]),
    words | st.sampled_from(["korbal", "standart", ""]),
    st.integers(0, 2),
)
