"""Score searchkit on the documents annotated by hand, and hold the scores above their floors.

usage: scripts/eval [-v] [--raise | --lower] [--sets FOLDER]
       scripts/eval articles ...    scores how pages are read: see eval_articles.py
       scripts/eval ranking ...     scores how known documents are found again: see eval_ranking.py

Runs with searchkit installed. Prints precision, recall and F1 by measure, and how often each rule was right; compares
F1 with tests/eval/floors.json and exits with 1 when a measure fell below. `-v` lists every miss. `--raise` writes
higher floors; `--lower` also lower ones (tell why in the CHANGELOG).
Public development sets, which may not be shipped, are scored too where a FOLDER of them is given or stands beside this
checkout: quotes/{ggt98,polnear,german} with docs.jsonl and gold.jsonl, names/, and their scorers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# The checkout's own tests must be found first.
sys.path.insert(0, str(ROOT))

from searchkit.document import Article, Document
from searchkit.extract.annotation import annotate
from searchkit.text import paragraphs
from tests.eval import floors, reliability
from tests.eval.scoring import RELAXED, Ratio, Scores

DEVELOPMENT_SETS = ROOT.parent / "shared" / "gold"


def _row(name: str, ratio: Ratio, floor: float | None) -> str:
    note = "" if floor is None else f"   floor {floor:.3f}" + ("  BELOW" if ratio.f1 < floor else "")
    figures = f"{ratio.precision:6.3f} {ratio.recall:6.3f} {ratio.f1:6.3f} {ratio.found:6d} {ratio.wanted:6d}"
    return f"{name:36s} {figures}{note}"


def print_measures(scores: Mapping[str, Scores], least: Mapping[str, float]) -> None:
    """A table of measures for each set of documents, with their floors."""
    for of, one in scores.items():
        print(f"{of:36s} {'P':>6s} {'R':>6s} {'F1':>6s} {'found':>6s} {'wanted':>6s}")
        for name, ratio in sorted(one.measures.items()):
            print(_row(name, ratio, least.get(f"{of}: {name}")))
        print()


def print_rules(scores: Mapping[str, Scores]) -> None:
    """How often each rule fired and was right, over all sets."""
    rules: dict[str, Ratio] = {}
    for one in scores.values():
        for name, ratio in one.rules.items():
            total = rules.setdefault(name, Ratio())
            total.found += ratio.found
            total.found_right += ratio.found_right
    print(f"{'rule':36s} {'fired':>6s} {'right':>6s} {'share':>6s}")
    for name, ratio in sorted(rules.items()):
        print(f"{name:36s} {ratio.found:6d} {ratio.found_right:6d} {ratio.precision:6.3f}")


def print_reliability(scores: Mapping[str, Scores]) -> None:
    """Whether confidences of the annotated documents mean what they say."""
    for what in ("speakers", "statements"):
        judged = [one for of in scores.values() for one in getattr(of, what)]
        print("\n".join(["", *reliability.lines(f"confidence of {what}", judged)]))


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _annotated(identity: str, text: str, language: str) -> Document:
    return annotate(Article(uri=f"gold:{identity}", text=text, paragraphs=paragraphs(text), language=language))


def _predictions(folder: Path, language: str) -> Iterator[str]:
    for row in _json_lines(folder / "docs.jsonl"):
        if row.get("split", "dev") != "dev":
            continue
        document = _annotated(row["id"], row["text"], language)
        quotes = [
            {
                "start": quote.content.start,
                "end": quote.content.end,
                "speaker": quote.speaker.name,
                "speaker_span": [quote.attribution.start, quote.attribution.end] if quote.attribution else None,
            }
            for quote in document.quotes
        ]
        yield json.dumps({"id": row["id"], "quotes": quotes})


def _judged_speakers(folder: Path) -> Iterator[tuple[float, bool]]:
    """Confidence of each speaker told in a set whose speakers are named in full, and whether it is that one."""
    # The scorers of the sets are run as scripts; this one is asked for its way to match.
    sys.path.insert(0, str(folder.parent))
    scorer = import_module("score_quotes")
    listed = {row["id"]: row["quotes"] for row in _json_lines(folder / "gold.jsonl")}
    for row in _json_lines(folder / "docs.jsonl"):
        if row.get("split", "dev") != "dev":
            continue
        text = row["text"]
        wanted = [(scorer.chars(text, one["start"], one["end"]), one) for one in listed[row["id"]]]
        quotes = _annotated(row["id"], text, "en").quotes
        found = [(scorer.chars(text, quote.content.start, quote.content.end), quote) for quote in quotes]
        for left, right, _ in scorer.match(wanted, found, RELAXED):
            speaker, name = quotes[right].speaker, wanted[left][1].get("ref")
            if speaker.name is not None and speaker.entity_id is not None and name:
                yield speaker.confidence, scorer.name_match(speaker.name, name)


def _run(*command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    print(done.stdout if done.returncode == 0 else f"the scorer failed: {done.stderr[-400:]}")


def score_development_sets(sets: Path) -> None:
    """Quotes and names of the development sets, printed by the sets' own scorers."""
    for name, language, flags in (
        ("ggt98", "en", ()),
        ("polnear", "en", ("--speech",)),
        ("german", "de", ()),
    ):
        folder = sets / "quotes" / name
        if not folder.is_dir():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            predicted = Path(scratch) / "predicted.jsonl"
            predicted.write_text("\n".join(_predictions(folder, language)), encoding="utf-8")
            print(f"\n== quotes: {name}")
            scorer = sets / "quotes" / "score_quotes.py"
            _run(str(scorer), str(folder), str(predicted), "--split", "dev", *flags)
    if (sets / "quotes" / "ggt98").is_dir():
        print(
            "\n".join(reliability.lines("confidence of speakers: ggt98", _judged_speakers(sets / "quotes" / "ggt98")))
        )
    if (sets / "names").is_dir():
        print("== names")
        _run(str(sets / "names" / "score_names.py"), "conll2003_testa", "tests.eval.newswire_names:find")


def main() -> int:
    """Print, compare, and perhaps write floors. 0 when every measure holds its floor."""
    if sys.argv[1:2] == ["articles"]:
        import eval_articles  # it stands beside this file, and a run without it needs no page

        return eval_articles.main(sys.argv[2:], DEVELOPMENT_SETS)
    if sys.argv[1:2] == ["ranking"]:
        import eval_ranking

        return eval_ranking.main(sys.argv[2:])
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("-v", "--verbose", action="store_true", help="list every miss")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", dest="raised", action="store_true", help="write the floors that are higher now")
    change.add_argument("--lower", action="store_true", help="write all floors as measured now, lower ones too")
    parser.add_argument("--sets", type=Path, default=DEVELOPMENT_SETS, help="folder of the public development sets")
    options = parser.parse_args()
    scores = floors.measure()
    least = floors.load()
    print_measures(scores, least)
    print_rules(scores)
    print_reliability(scores)
    if options.verbose:
        print()
        for one in scores.values():
            print("\n".join(" ".join(line.split()) for line in one.misses))
    if options.raised or options.lower:
        floors.save(floors.moved(least, floors.measured(scores), lower=options.lower))
    if options.sets.is_dir():
        score_development_sets(options.sets)
    broken = floors.broken(floors.load(), floors.measured(scores))
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
