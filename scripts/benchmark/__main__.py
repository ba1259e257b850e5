"""Measure searchkit: beside other engines (`engines`, which is done when nothing is said), or one thing by itself.

    scripts/bench [engines] [--full] [--growth] ...     queries, facets, indexing... beside other engines
    scripts/bench show FILE... ...                       tables and chart of figures that are there, of several runs
    scripts/bench extraction [--corpus FILE]            names, dates, statements, speakers: by the length of texts
    scripts/bench hostile [--archive FOLDER]            questions that try to hang the search
    scripts/bench crawl ...                             a crawl against Scrapy's

`engines` asks the newswire of ../shared/corpus where that is there, else sentences of seeds/ mixed anew, with a fixed
seed. All engines index the same records and answer the same questions in turns; times are of the processor. By default
19,043 documents, some minutes; --full adds 200,000, and takes about an hour when nothing is there yet.
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
from benchmark.comparison import MEASURES, Wanted, compare, say
from benchmark.rivals import ENTRANTS
from searchkit.errors import SearchkitError

QUICK = (19_043,)  # all of the newswire
FULL = (19_043, 200_000)
GROWTH = (19_043, 50_000, 100_000, 200_000, 400_000)
_MIXED = 5_000  # of documents mixed from seeds, by default
_FEWEST = 30
_BEGIN, _END = "<!-- scripts/bench -->", "<!-- end -->"


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
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
        case _:
            raise SystemExit(__doc__)


def engines(arguments: list[str]) -> None:
    """searchkit beside other engines."""
    options = argparse.ArgumentParser(
        prog="scripts/bench engines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = options.add_argument
    add("--full", action="store_true", help=f"at {FULL[-1]:,} documents too")
    add("--growth", action="store_true", help="at " + ", ".join(f"{size:,}" for size in GROWTH) + " documents")
    add("--documents", type=_size, nargs="+", metavar="N", help="at these sizes")
    add("--archive", type=Path, action="append", default=[], help="an archive of one of these sizes; may be repeated")
    add("--keep", type=Path, metavar="FOLDER", help="keep all that is built, and use what is there")
    add("--only", type=_listed(ENTRANTS), default=tuple(ENTRANTS), metavar="KEY,KEY", help=f"of {', '.join(ENTRANTS)}")
    add("--measures", type=_listed(MEASURES), default=MEASURES, metavar="M,M", help=f"of {', '.join(MEASURES)}")
    add("--mixed", action="store_true", help="documents mixed from seeds/, though the newswire is there")
    add("--questions", type=_positive, default=20, metavar="N", help="of each kind (default: 20)")
    add("--rounds", type=_positive, default=3, metavar="N", help="how often each is asked (default: 3)")
    add("--json", type=Path, metavar="FILE", default=Path("bench.json"), help="the figures (default: bench.json)")
    add("--chart", type=Path, metavar="FILE", help="the chart (default: as the figures, .png)")
    asked = options.parse_args(arguments)
    mixed = asked.mixed or not (corpus.NEWSWIRE / "scale.py").exists()
    usual = GROWTH if asked.growth else FULL if asked.full else (_MIXED,) if mixed else QUICK
    figures = compare(
        Wanted(
            sizes=tuple(asked.documents or usual),
            keys=asked.only,
            measures=asked.measures,
            archives=tuple(asked.archive),
            keep=asked.keep,
            mixed=mixed,
            pages=1_000,
            grown=asked.growth,
            questions=asked.questions,
            rounds=asked.rounds,
        )
    )
    figures["bars"] = [verdict.to_json() for verdict in _verdicts(figures)]
    asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    _tell(figures, asked.chart or asked.json.with_suffix(".png"), brief=False)


def show(arguments: list[str]) -> None:
    """Tables and chart of what was measured before; of a size that was measured twice, the later file counts."""
    options = argparse.ArgumentParser(prog="scripts/bench show")
    options.add_argument("files", type=Path, nargs="+", metavar="FILE", help="figures that `engines` has written")
    options.add_argument("--brief", action="store_true", help="without the kinds of questions")
    options.add_argument("--chart", type=Path, metavar="FILE", help="draw it (PNG)")
    options.add_argument(
        "--into", type=Path, metavar="FILE", help=f"put the tables into FILE, between {_BEGIN} and {_END}"
    )
    asked = options.parse_args(arguments)
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in asked.files]
    stages: dict[int, dict[str, Any]] = {}
    for run in runs:
        for documents, stage in run["stages"].items():
            stages.setdefault(int(documents), {}).update(stage)
    merged = runs[-1] | {"stages": {str(documents): stages[documents] for documents in sorted(stages)}}
    _tell(merged, asked.chart, brief=asked.brief)
    if asked.into is not None:
        text = asked.into.read_text(encoding="utf-8")
        before, begin, rest = text.partition(_BEGIN)
        _, end, after = rest.partition(_END)
        if not begin or not end:
            raise SystemExit(f"{asked.into} has no line {_BEGIN} with {_END} after it.")
        told = report.tables(merged, _verdicts(merged), brief=asked.brief)
        asked.into.write_text(f"{before}{begin}\n{told}{end}{after}", encoding="utf-8")


def _verdicts(figures: dict[str, Any]) -> list[Verdict]:
    return verdicts({int(documents): stage for documents, stage in figures["stages"].items()})


def _tell(figures: dict[str, Any], picture: Path | None, *, brief: bool) -> None:
    print(report.tables(figures, _verdicts(figures), brief=brief))
    if picture is None:
        return
    try:
        chart.draw(figures, picture)
    except ImportError as error:
        say(f"no chart: {error}")


def _positive(written: str) -> int:
    if not written.isdecimal() or not int(written):
        raise argparse.ArgumentTypeError(f"{written}: at least 1")
    return int(written)


def _size(written: str) -> int:
    if not written.isdecimal() or int(written) < _FEWEST:
        raise argparse.ArgumentTypeError(f"{written}: at least {_FEWEST}, or there is nothing to ask")
    return int(written)


def _listed(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    def listed(written: str) -> tuple[str, ...]:
        names = tuple(written.split(","))
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(known)}")
        return names

    return listed


def extraction(arguments: list[str]) -> None:
    """Extraction alone, on the first documents of a corpus."""
    from benchmark.measures import extraction as measured

    options = argparse.ArgumentParser(prog="scripts/bench extraction")
    options.add_argument("--corpus", type=Path, help="JSON Lines, perhaps gzip; default: the newswire, else mixed")
    asked = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        path = asked.corpus or corpus.NEWSWIRE / "reuters.jsonl.gz"
        if not path.exists():
            path = Path(temporary) / "mixed.jsonl"
            corpus.mix(path, _MIXED)
        print(json.dumps(measured.measure(path), indent=1))


def hostile(arguments: list[str]) -> None:
    """Hostile questions, to an archive that is there or to a small new one."""
    from benchmark.measures import hostile as measured
    from benchmark.stage import Stage

    options = argparse.ArgumentParser(prog="scripts/bench hostile")
    options.add_argument("--archive", type=Path)
    asked = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        stage = Stage(folder=Path(temporary), documents=_MIXED, given=asked.archive, mixed=True)
        print(json.dumps(measured.measure(stage.archive("whoosh")), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
