"""The figures as Markdown tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmark.bars import Verdict
from benchmark.rivals import ENTRANTS

_MISSING = "-"
_MEASURES = {"warm": "query", "facets": "facets", "answers": "complete answer", "statements": "statements"}
_INTERACTIVE = 100  # milliseconds in which an answer seems immediate


def tables(figures: Mapping[str, Any], verdicts: Sequence[Verdict], *, brief: bool = False) -> str:
    """Return a table per size, times per kind of question (unless `brief`), growth, and the bars."""
    machine, versions = figures["machine"], figures["versions"]
    parts = [
        f"{figures['date']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}, "
        f"{', '.join(f'{name} {version}' for name, version in versions.items())}. Documents: {figures['corpus']}. "
        "Milliseconds of CPU time: median / 95th percentile. Each answer has the ten best hits and the exact total; "
        "queries also have snippets, facets have three multi-valued fields and all months, complete answers have both. "
        "A question is new the first time; repeated, its records and passages are in caches. The time of indexing is "
        "that of all processes; disk is all that an engine stores, for searchkit texts, records and index."
    ]
    for documents, stage in figures["stages"].items():
        kinds = () if brief else _kinds(stage)
        parts += [f"### {int(documents):,} documents", _overview(stage), *kinds, *_alone(stage)]
    if len(figures["stages"]) > 2:
        parts += ["### Growth", growth(figures["stages"]), interactive(figures["stages"])]
    parts += ["### Bars", bars(verdicts)]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    filled = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    filled.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in filled)


def _overview(stage: Mapping[str, Any]) -> str:
    """Return a table with a row per engine and a column per measure, without empty columns."""
    keys = [key for key in ENTRANTS if any(key in stage.get(name, {}) for name in ("index", "warm", "facets"))]
    columns = {name: [cell(stage, key) for key in keys] for name, cell in _COLUMNS}
    shown = {name: cells for name, cells in columns.items() if any(cell != _MISSING for cell in cells)}
    rows = [[ENTRANTS[key].title, *(cells[row] for cells in shown.values())] for row, key in enumerate(keys)]
    return table(["", *shown], rows)


def _figure(measure: str, name: str, form: str) -> Any:
    def cell(stage: Mapping[str, Any], key: str) -> str:
        found = stage.get(measure, {}).get(key, {}).get(name)
        return _MISSING if found is None else form.format(found)

    return cell


def _pair(measure: str, prefix: str = "") -> Any:
    def cell(stage: Mapping[str, Any], key: str) -> str:
        found = stage.get(measure, {}).get(key)
        names = f"{prefix}cpu_ms_median", f"{prefix}cpu_ms_p95"
        return _MISSING if not found else " / ".join(f"{found[name]:.1f}" for name in names)

    return cell


def _disk(stage: Mapping[str, Any], key: str) -> str:
    found = stage.get("disk", {}).get(key)
    return _MISSING if found is None else f"{found:.1f}"


_COLUMNS = (
    ("new query, ms", _pair("warm", "first_")),
    ("repeated, ms", _pair("warm")),
    ("facets, ms", _pair("facets")),
    ("complete answer, ms", _pair("answers")),
    ("statements, ms", _pair("statements")),
    ("cold, ms", _figure("cold", "cpu_ms_median", "{:.0f}")),
    ("indexing, documents/s", _figure("index", "per_cpu_second", "{:,.0f}")),
    ("adding 100, ms", _figure("add", "ms", "{:.0f}")),
    ("by command, ms", _figure("add", "command_ms", "{:.0f}")),
    ("disk, kB/document", _disk),
    ("index, MB", _figure("index", "mb", "{:.0f}")),
    ("memory indexing, MB", _figure("index", "peak_mb", "{:.0f}")),
    ("querying, MB", _figure("memory", "peak_mb", "{:.0f}")),
)


def _kinds(stage: Mapping[str, Any]) -> Iterator[str]:
    """Yield a table of medians by kind of question for each measure with kinds."""
    for measure, words in _MEASURES.items():
        found = stage.get(measure)
        if not found:
            continue
        kinds = list(dict.fromkeys(kind for times in found.values() for kind in times["kinds"]))
        rows = [
            [ENTRANTS[key].title, *(_median(times["kinds"].get(kind)) for kind in kinds)]
            for key, times in found.items()
        ]
        yield table([f"{words}, ms", *kinds], rows)


def _median(times: Mapping[str, Any] | None) -> str:
    return _MISSING if times is None else f"{times['cpu_ms_median']:.2f}"


def _alone(stage: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures that are in no table."""
    if end := stage.get("end_to_end"):
        yield (
            f"End to end, `searchkit index`: {end['per_second']:,.0f} documents/s, "
            f"{end['per_cpu_second']:,.0f} per second of processor time of all processes, "
            f"{end['peak_mb']:,.0f} MB at most in all processes; "
            f"a second run without changes: {end['again_seconds']:.1f} s."
        )
    if cold := stage.get("cold"):
        help_ms, click_ms = (cold[name]["cpu_ms_median"] for name in ("searchkit --help", "import click"))
        yield f"`searchkit --help`: {help_ms:.0f} ms, {help_ms / click_ms:.2f} times `import click`."
    if pages := stage.get("pages"):
        yield (
            f"{pages['pages']} HTML pages: {pages['ours_per_cpu_second']:.1f} a second per core end to end, "
            f"trafilatura alone {pages['trafilatura_per_cpu_second']:.1f}: {pages['ratio']:.2f} times."
        )


def growth(stages: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table of times by size."""
    rows = []
    for measure, words in _MEASURES.items():
        keys = dict.fromkeys(key for stage in stages.values() for key in stage.get(measure, {}))
        for key in keys:
            cells = [_pair(measure)(stage, key) for stage in stages.values()]
            rows.append([f"{words}, {ENTRANTS[key].title}", *cells])
    return table(["ms (median / 95 %)", *(f"{int(documents):,}" for documents in stages)], rows)


def interactive(stages: Mapping[str, Mapping[str, Any]]) -> str:
    """Return up to how many documents each engine counts interactively, interpolated between two sizes."""
    reaches = []
    for key in dict.fromkeys(key for stage in stages.values() for key in stage.get("facets", {})):
        points = [
            (int(size), stage["facets"][key]["cpu_ms_p95"]) for size, stage in stages.items() if key in stage["facets"]
        ]
        reaches.append(f"{ENTRANTS[key].title} {_reach(points)}")
    return f"95 % of the questions with facets take less than {_INTERACTIVE} ms up to: {'; '.join(reaches)} documents."


def _reach(points: Sequence[tuple[int, float]]) -> str:
    below = (0, 0.0)
    for size, taken in points:
        if taken > _INTERACTIVE:
            part = (_INTERACTIVE - below[1]) / (taken - below[1])
            return f"{int(round(below[0] + part * (size - below[0]), -2)):,}"
        below = (size, taken)
    return f"more than {below[0]:,}"


def bars(verdicts: Sequence[Verdict]) -> str:
    """Return a table of bars and results."""
    words = {True: "met", False: "MISSED", None: "not measured"}
    rows = [
        [
            verdict.measure,
            f"{verdict.documents:,}" if verdict.documents else "any",
            _MISSING if verdict.figure is None else _written(verdict),
            f"{verdict.bar} {verdict.unit}",
            words[verdict.met],
        ]
        for verdict in verdicts
    ]
    return table(["measure", "documents", "measured", "bar", ""], rows)


def _written(verdict: Verdict) -> str:
    forms = {"times": ".2f", "kB": ".1f"}
    return format(verdict.figure, forms.get(verdict.unit, ",.0f"))
