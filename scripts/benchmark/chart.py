"""The figures as a picture: how long a question takes, by engine; and how that grows with the archive."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.rivals import ENTRANTS

_COLORS = {
    "searchkit-whoosh": "#1b5e8c",
    "fts5": "#d98032",
    "fts5-packed": "#e9b783",
    "stock-whoosh": "#b0413e",
    "xapian": "#6b9a4b",
    "recoll": "#9b7bb0",
}
_MEASURES = {"warm": "ten hits with snippets", "facets": "ten hits, three facets, months"}


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """Write a PNG. ImportError when matplotlib is not there."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    stages = {int(documents): stage for documents, stage in figures["stages"].items()}
    shown = {documents: stages[documents] for documents in _first_and_last(list(stages))}
    grows = len(stages) > 2
    rows = len(shown) + grows
    figure, axes = pyplot.subplots(rows, 2, figsize=(10, 2.9 * rows), squeeze=False, layout="constrained")
    for row, (documents, stage) in zip(axes, shown.items(), strict=False):
        for axis, (measure, words) in zip(row, _MEASURES.items(), strict=True):
            _bars(axis, stage.get(measure, {}), f"{documents:,} documents: {words}")
    if grows:
        for axis, (measure, words) in zip(axes[-1], _MEASURES.items(), strict=True):
            _lines(axis, stages, measure, words)
    figure.suptitle("Milliseconds a question: median (bar) and 95th percentile (line)", fontsize=11)
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def _first_and_last(documents: list[int]) -> list[int]:
    """The smallest size, and the one of the bars at the other end."""
    if len(documents) < 2:
        return documents
    return [documents[0], min(documents[1:], key=lambda size: abs(size - 200_000))]


def _bars(axis: Any, found: Mapping[str, Any], title: str) -> None:
    keys = list(found)[::-1]
    medians = [found[key]["cpu_ms_median"] for key in keys]
    slowest = [found[key]["cpu_ms_p95"] for key in keys]
    places = range(len(keys))
    axis.barh(places, medians, color=[_COLORS[key] for key in keys], height=0.62)
    axis.hlines(places, medians, slowest, color="#333333", linewidth=1.4)
    for place, median, slow in zip(places, medians, slowest, strict=True):
        axis.text(slow * 1.08, place, f"{median:.1f} / {slow:.1f}", va="center", fontsize=7.5)
    axis.set_yticks(places, [ENTRANTS[key].title for key in keys], fontsize=8)
    axis.set_xscale("log")
    if keys:
        axis.set_xlim(min(medians) / 2, max(slowest) * 6)
    axis.set_title(title, fontsize=9, loc="left")
    axis.tick_params(axis="x", labelsize=7.5)
    axis.spines[["top", "right"]].set_visible(False)


def _lines(axis: Any, stages: Mapping[int, Mapping[str, Any]], measure: str, words: str) -> None:
    for key in dict.fromkeys(key for stage in stages.values() for key in stage.get(measure, {})):
        points = [(size, stage[measure][key]) for size, stage in stages.items() if key in stage.get(measure, {})]
        if len(points) > 1:
            sizes = [size for size, _ in points]
            axis.plot(
                sizes, [found["cpu_ms_p95"] for _, found in points], color=_COLORS[key], label=ENTRANTS[key].title
            )
            axis.plot(sizes, [found["cpu_ms_median"] for _, found in points], color=_COLORS[key], linestyle=":")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_title(f"growth, 95th percentile (dotted: median): {words}", fontsize=9, loc="left")
    axis.set_xticks(list(stages), [f"{size // 1000} k" for size in stages], fontsize=7.5)
    axis.minorticks_off()
    axis.tick_params(axis="y", labelsize=7.5)
    axis.legend(fontsize=7, frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
