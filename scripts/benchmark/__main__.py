"""Measure searchkit against other engines (`engines`, the default), or one part of it alone.

    scripts/bench [engines] [--full] [--growth] ...     queries, facets, indexing... against other engines
    scripts/bench show FILE... ...                      tables and chart of the figures of earlier runs
    scripts/bench extraction [--corpus FILE]            names, dates, statements, speakers, by the length of texts
    scripts/bench hostile [--archive FOLDER]            queries that try to hang the search
    scripts/bench crawl ...                             a crawl compared with Scrapy
    scripts/bench web ARCHIVE ...                       the reading room: pages, readers while a run writes, start
    scripts/bench histories ARCHIVE [--again]           changes, spread, disputes: making them, and each report
    scripts/bench workers [--pages N] [--workers K...]  pages per second that workers on one PostgreSQL read

`engines` indexes the newswire in the folder BENCH_NEWSWIRE if set, else documents mixed from seeds/ with a fixed seed.
All engines index the same records and answer the same questions in turns; times are CPU times. The default is 19,043
documents, which takes minutes; --full adds 200,000, which takes about an hour.
"""

import argparse
import compileall
import json
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from benchmark import chart, corpus, report
from benchmark.bars import Verdict, verdicts
from benchmark.comparison import MEASURES, Plan, compare, say
from benchmark.rivals import ENTRANTS
from searchkit.errors import SearchkitError

QUICK = (19_043,)  # all of the newswire
FULL = (19_043, 200_000)
GROWTH = (19_043, 50_000, 100_000, 200_000, 400_000)
_MIXED = 5_000  # documents mixed from seeds, by default
_MIN_SIZE = 30
_BEGIN, _END = "<!-- scripts/bench -->", "<!-- end -->"


def main(arguments: list[str]) -> None:
    """Run the command in the arguments."""
    what = arguments[0] if arguments and not arguments[0].startswith("-") else "engines"
    rest = arguments[1:] if arguments[:1] == [what] else arguments
    compileall.compile_dir(corpus.ROOT / "searchkit", quiet=2)  # an installed package has its byte code
    try:
        _do(what, rest)
    except SearchkitError as error:
        raise SystemExit(str(error)) from error


def _do(what: str, rest: list[str]) -> None:
    match what:
        case "engines":
            engines(rest)
        case "show":
            show(rest)
        case "extraction":
            extraction(rest)
        case "hostile":
            hostile(rest)
        case "crawl":
            from benchmark.measures import crawl

            crawl.main(rest)
        case "histories":
            from benchmark.measures import histories

            histories.main(rest)
        case "workers":
            from benchmark.measures import workers

            workers.main(rest)
        case "web":
            from benchmark.measures import web

            web.main(rest)
        case _:
            raise SystemExit(__doc__)


def engines(arguments: list[str]) -> None:
    """Compare searchkit with other engines."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench engines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--full", action="store_true", help=f"also measure {FULL[-1]:,} documents")
    add("--growth", action="store_true", help="measure " + ", ".join(f"{size:,}" for size in GROWTH) + " documents")
    add("--documents", type=_size, nargs="+", metavar="N", help="measure these sizes")
    add("--archive", type=Path, action="append", default=[], help="an existing archive of one of the sizes; repeatable")
    add("--keep", type=Path, metavar="FOLDER", help="keep built indexes here and reuse them")
    add("--only", type=_listed(ENTRANTS), default=tuple(ENTRANTS), metavar="KEY,KEY", help=f"of {', '.join(ENTRANTS)}")
    add("--measures", type=_listed(MEASURES), default=MEASURES, metavar="M,M", help=f"of {', '.join(MEASURES)}")
    add("--mixed", action="store_true", help="use documents mixed from seeds/ even if the newswire exists")
    add("--questions", type=_positive, default=20, metavar="N", help="questions of each kind (default: 20)")
    add("--rounds", type=_positive, default=3, metavar="N", help="rounds per question (default: 3)")
    add(
        "--json",
        type=Path,
        metavar="FILE",
        default=Path("bench.json"),
        help="file for the figures (default: bench.json)",
    )
    add("--chart", type=Path, metavar="FILE", help="file for the chart (default: the same name with .png)")
    options = parser.parse_args(arguments)
    mixed = options.mixed or not (corpus.NEWSWIRE / "scale.py").exists()
    usual = GROWTH if options.growth else FULL if options.full else (_MIXED,) if mixed else QUICK
    figures = compare(
        Plan(
            sizes=tuple(options.documents or usual),
            keys=options.only,
            measures=options.measures,
            archives=tuple(options.archive),
            keep=options.keep,
            mixed=mixed,
            pages=1_000,
            grown=options.growth,
            questions=options.questions,
            rounds=options.rounds,
        )
    )
    figures["bars"] = [verdict.to_json() for verdict in _verdicts(figures)]
    options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    _report(figures, options.chart or options.json.with_suffix(".png"), brief=False)


def show(arguments: list[str]) -> None:
    """Show tables and a chart of earlier runs; for a size in several files, the last file counts."""
    parser = argparse.ArgumentParser(prog="scripts/bench show")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="figures written by `engines`")
    parser.add_argument("--brief", action="store_true", help="omit the kinds of questions")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="write a chart (PNG)")
    parser.add_argument(
        "--into", type=Path, metavar="FILE", help=f"write the tables into FILE between {_BEGIN} and {_END}"
    )
    options = parser.parse_args(arguments)
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in options.files]
    stages: dict[int, dict[str, Any]] = {}
    for run in runs:
        for documents, stage in run["stages"].items():
            stages.setdefault(int(documents), {}).update(stage)
    merged = runs[-1] | {"stages": {str(documents): stages[documents] for documents in sorted(stages)}}
    _report(merged, options.chart, brief=options.brief)
    if options.into is not None:
        text = options.into.read_text(encoding="utf-8")
        before, begin, rest = text.partition(_BEGIN)
        _, end, after = rest.partition(_END)
        if not begin or not end:
            raise SystemExit(f"{options.into} has no {_BEGIN} followed by {_END}.")
        tables = report.tables(merged, _verdicts(merged), brief=options.brief)
        options.into.write_text(f"{before}{begin}\n{tables}{end}{after}", encoding="utf-8")


def _verdicts(figures: dict[str, Any]) -> list[Verdict]:
    return verdicts({int(documents): stage for documents, stage in figures["stages"].items()})


def _report(figures: dict[str, Any], picture: Path | None, *, brief: bool) -> None:
    print(report.tables(figures, _verdicts(figures), brief=brief))
    if picture is None:
        return
    try:
        chart.draw(figures, picture)
    except ImportError as error:
        say(f"no chart: {error}")


def _positive(written: str) -> int:
    if not written.isdecimal() or not int(written):
        raise argparse.ArgumentTypeError(f"{written}: must be at least 1")
    return int(written)


def _size(written: str) -> int:
    if not written.isdecimal() or int(written) < _MIN_SIZE:
        raise argparse.ArgumentTypeError(f"{written}: must be at least {_MIN_SIZE}")
    return int(written)


def _listed(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    def listed(written: str) -> tuple[str, ...]:
        names = tuple(written.split(","))
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(known)}")
        return names

    return listed


def extraction(arguments: list[str]) -> None:
    """Measure extraction on the first documents of a corpus."""
    from benchmark.measures import extraction as measured

    parser = argparse.ArgumentParser(prog="scripts/bench extraction")
    parser.add_argument(
        "--corpus", type=Path, help="JSON Lines, also gzipped (default: the newswire, else mixed documents)"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        path = options.corpus or corpus.NEWSWIRE / "reuters.jsonl.gz"
        if not path.exists():
            path = Path(temporary) / "mixed.jsonl"
            corpus.mix(path, _MIXED)
        print(json.dumps(measured.measure(path), indent=1))


def hostile(arguments: list[str]) -> None:
    """Send hostile queries to an existing archive or a small new one."""
    from benchmark.measures import hostile as measured
    from benchmark.stage import Stage

    parser = argparse.ArgumentParser(prog="scripts/bench hostile")
    parser.add_argument("--archive", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        stage = Stage(folder=Path(temporary), documents=_MIXED, given=options.archive, mixed=True)
        print(json.dumps(measured.measure(stage.archive()), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
