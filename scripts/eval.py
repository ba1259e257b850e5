"""Score searchkit on the documents annotated by hand, and hold the scores above their floors.

usage: scripts/eval [-v] [--raise | --lower] [--docs] [--sets FOLDER]
       scripts/eval articles ...    scores how pages are read: see eval_articles.py
       scripts/eval ranking ...     scores how known documents are found again: see eval_ranking.py

Prints precision, recall and F1 by measure, and how often each rule was right; compares F1 with tests/eval/floors.json
and exits with 1 if a measure fell below. `-v` lists every miss. `--raise` writes higher floors; `--lower` also lower
ones (give the reason in the CHANGELOG). Development sets that may not be shipped are scored too, by their own scorers,
if a FOLDER of them is given or stands next to this checkout: quotes/{ggt98,polnear,german} and names/.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# The checkout's own tests must be found first.
sys.path.insert(0, str(ROOT))

from searchkit.statements.annotation import annotate
from searchkit.statements.document import Article, Document
from searchkit.statements.text import paragraphs
from tests.eval import floors, reliability
from tests.eval.scoring import RELAXED, Ratio, Scores

DEVELOPMENT_SETS = ROOT.parent / "shared" / "gold"
QUALITY = ROOT / "docs" / "quality.md"


def _row(name: str, ratio: Ratio, floor: float | None) -> str:
    note = "" if floor is None else f"   floor {floor:.3f}" + ("  BELOW" if ratio.f1 < floor else "")
    figures = f"{ratio.precision:6.3f} {ratio.recall:6.3f} {ratio.f1:6.3f} {ratio.found:6d} {ratio.wanted:6d}"
    return f"{name:36s} {figures}{note}"


def print_measures(scores: Mapping[str, Scores], least: Mapping[str, float]) -> None:
    """Print a table of measures for each set of documents, with their floors."""
    for of, score in scores.items():
        print(f"{of:36s} {'P':>6s} {'R':>6s} {'F1':>6s} {'found':>6s} {'wanted':>6s}")
        for name, ratio in sorted(score.measures.items()):
            print(_row(name, ratio, least.get(f"{of}: {name}")))
        print()


def print_rules(scores: Mapping[str, Scores]) -> None:
    """Print how often each rule fired and was right, over all sets."""
    rules: dict[str, Ratio] = {}
    for score in scores.values():
        for name, ratio in score.rules.items():
            total = rules.setdefault(name, Ratio())
            total.found += ratio.found
            total.found_right += ratio.found_right
    print(f"{'rule':36s} {'fired':>6s} {'right':>6s} {'share':>6s}")
    for name, ratio in sorted(rules.items()):
        print(f"{name:36s} {ratio.found:6d} {ratio.found_right:6d} {ratio.precision:6.3f}")


def print_reliability(scores: Mapping[str, Scores]) -> None:
    """Print whether the confidences on the annotated documents mean what they say."""
    for what in ("speakers", "statements"):
        judged = [finding for score in scores.values() for finding in getattr(score, what)]
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
    """Yield the confidence of each speaker in a set whose speakers are named in full, and whether it is right."""
    # The scorers of the sets run as scripts; this needs only how they match.
    sys.path.insert(0, str(folder.parent))
    scorer = import_module("score_quotes")
    listed = {row["id"]: row["quotes"] for row in _json_lines(folder / "gold.jsonl")}
    for row in _json_lines(folder / "docs.jsonl"):
        if row.get("split", "dev") != "dev":
            continue
        text = row["text"]
        wanted = [(scorer.chars(text, quote["start"], quote["end"]), quote) for quote in listed[row["id"]]]
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
    """Print the scores of quotes and names on the development sets, by their own scorers."""
    for name, language, flags in (("ggt98", "en", ()), ("polnear", "en", ("--speech",)), ("german", "de", ())):
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
    """Print the scores and compare them with the floors. Return 0 if every measure holds its floor."""
    if sys.argv[1:2] == ["articles"]:
        import eval_articles  # a run without it reads no page

        return eval_articles.main(sys.argv[2:], DEVELOPMENT_SETS)
    if sys.argv[1:2] == ["ranking"]:
        import eval_ranking

        return eval_ranking.main(sys.argv[2:])
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    floors.add_options(parser, DEVELOPMENT_SETS)
    parser.add_argument("--docs", action="store_true", help="write the scores into docs/quality.md")
    options = parser.parse_args()
    scores = floors.measure()
    printed = io.StringIO()
    with redirect_stdout(printed):
        print_measures(scores, floors.load())
        print_rules(scores)
        print_reliability(scores)
    print(printed.getvalue(), end="")
    if options.docs:
        text = QUALITY.read_text(encoding="utf-8")
        start = text.index("```text\nseeds") + len("```text\n")
        end = text.index("```\n", start)
        QUALITY.write_text(text[:start] + printed.getvalue() + text[end:], encoding="utf-8")
    if options.verbose:
        print()
        for score in scores.values():
            print("\n".join(" ".join(line.split()) for line in score.misses))
    if options.sets.is_dir():
        score_development_sets(options.sets)
    return floors.settle(options, floors.measured(scores))


if __name__ == "__main__":
    sys.exit(main())
