"""The performance bars of searchkit, and whether a run met them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

# A stage within this share of a bar's size counts for the bar.
_SIZE_TOLERANCE = 0.2
_SMALL, _LARGE = 19_043, 200_000
_OURS = "searchkit-whoosh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar: `figure` of a stage with about `documents` (0: the largest) must be at most `most` or at least `least`."""

    measure: str
    documents: int
    figure: Callable[[Mapping[str, Any]], float]
    most: float | None = None
    least: float | None = None
    unit: str = "times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of a bar; `figure` and `met` are None if not measured."""

    measure: str
    documents: int
    figure: float | None
    bar: str
    unit: str
    met: bool | None

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object."""
        return asdict(self)


def _ratio(measure: str, ours: str, theirs: str, figure: str) -> Callable[[Mapping[str, Any]], float]:
    return lambda stage: stage[measure][ours][figure] / stage[measure][theirs][figure]


def _value(*path: str) -> Callable[[Mapping[str, Any]], float]:
    def value(stage: Mapping[str, Any]) -> float:
        found: Any = stage
        for key in path:
            found = found[key]
        return float(found)

    return value


def _spread(
    measure: str, words: str, documents: int, beside: str, title: str, bars: tuple[float, float], prefix: str = ""
) -> list[Bar]:
    """Return a bar for the median and one for the 95th percentile; `prefix` is "first_" for new questions."""
    return [
        Bar(
            measure=f"{words}, {name}: Whoosh against {title}",
            documents=documents,
            figure=_ratio(measure, _OURS, beside, f"{prefix}cpu_ms_{figure}"),
            most=most,
        )
        for (name, figure), most in zip((("median", "median"), ("95 %", "p95")), bars, strict=True)
    ]


_QUERY, _FACETS = "new query with snippets", "3 facets and months"
BARS: tuple[Bar, ...] = (
    *_spread("warm", _QUERY, _SMALL, "fts5", "FTS5", (1.4, 0.5), "first_"),
    *_spread("facets", _FACETS, _SMALL, "fts5", "FTS5", (0.9, 0.5)),
    *_spread("warm", _QUERY, _LARGE, "fts5", "FTS5", (0.35, 0.15), "first_"),
    *_spread("facets", _FACETS, _LARGE, "fts5", "FTS5", (0.35, 0.1)),
    Bar(
        measure="statements by speaker, target, words, with facets, median: Whoosh",
        documents=_SMALL,
        figure=_value("statements", _OURS, "first_cpu_ms_median"),
        most=8.0,
        unit="ms",
    ),
    Bar(measure="disk for a document: Whoosh", documents=_SMALL, figure=_value("disk", _OURS), most=6.5, unit="kB"),
    Bar(
        measure="statements by speaker, target, words, with facets, 95 %: Whoosh",
        documents=_LARGE,
        figure=_value("statements", _OURS, "cpu_ms_p95"),
        most=60.0,
        unit="ms",
    ),
    Bar(
        measure="engine indexing, documents and statements: Whoosh against stock Whoosh",
        documents=_SMALL,
        figure=_ratio("index", _OURS, "stock-whoosh-rows", "per_cpu_second"),
        least=2.5,
    ),
    Bar(
        measure="adding 100 documents, end to end: Whoosh",
        documents=_SMALL,
        figure=_value("add", _OURS, "command_ms"),
        most=1_000.0,
        unit="ms",
    ),
    Bar(
        measure="cold `searchkit query`: Whoosh against `import click, msgspec, sqlite3`",
        documents=_SMALL,
        figure=_ratio("cold", _OURS, "import click, msgspec, sqlite3", "cpu_ms_median"),
        most=1.5,
    ),
    Bar(
        measure="HTML pages end to end, per core, against trafilatura alone",
        documents=0,
        figure=_value("pages", "ratio"),
        least=0.75,
    ),
    Bar(measure="memory of indexing", documents=_LARGE, figure=_value("end_to_end", "peak_mb"), most=700.0, unit="MB"),
    Bar(
        measure="memory of queries: Whoosh",
        documents=_LARGE,
        figure=_value("memory", _OURS, "peak_mb"),
        most=150.0,
        unit="MB",
    ),
)


def verdicts(stages: Mapping[int, Mapping[str, Any]]) -> list[Verdict]:
    """Return the verdict on every bar from the `stages` by number of documents."""
    return [_verdict(bar, stages) for bar in BARS]


def _verdict(bar: Bar, stages: Mapping[int, Mapping[str, Any]]) -> Verdict:
    figure = None
    for documents in sorted(stages, reverse=True):
        if bar.documents and abs(documents - bar.documents) > _SIZE_TOLERANCE * bar.documents:
            continue
        try:
            figure = bar.figure(stages[documents])
            break
        except KeyError:  # an engine or a measure was left out
            continue
    met = None
    if figure is not None:
        met = (bar.most is None or figure <= bar.most) and (bar.least is None or figure >= bar.least)
    limit = f"<= {bar.most:g}" if bar.most is not None else f">= {bar.least:g}"
    return Verdict(measure=bar.measure, documents=bar.documents, figure=figure, bar=limit, unit=bar.unit, met=met)
