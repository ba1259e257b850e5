"""Measure speed and memory: extraction, start-up, indexing, questions, facets, hostile questions.

    scripts/bench [--corpus FILE.jsonl[.gz]] [--queries FILE.json] [--documents N] [--keep FOLDER] [--json]

Without --corpus, the newswire corpus in ../shared/corpus is used where it is there, else one made from seeds/ by mixing
their sentences (fixed random seed). Figures of one run on one machine; compare ratios, not absolute times.
"""

import argparse
import compileall
import gzip
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
SEARCHKIT = [sys.executable, "-m", "searchkit"]
STARTS = 15


def resident_mb(pid: int) -> float:
    """Memory of a process and all its descendants, in MB; 0 where /proc does not tell."""
    total, waiting = 0.0, [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            status = (process / "status").read_text()
            for task in (process / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
        total += next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)
    return total


def watched(command: list[str]) -> tuple[float, float, str]:
    """Run a command; seconds, highest memory of its process tree in MB, standard output."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0.0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, resident_mb(process.pid))
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    output = process.communicate()[0]
    watcher.join()
    return time.perf_counter() - started, peak, output


def start_up(*commands: list[str]) -> list[float]:
    """Median milliseconds of each command, taken in turns so that load on the machine hits all alike."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(STARTS):
        for command, taken in zip(commands, times, strict=True):
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            taken.append((time.perf_counter() - started) * 1000)
    return [statistics.median(taken) for taken in times]


def generated(path: Path, documents: int) -> Path:
    """A corpus of mixed sentences from seeds/, for machines without the newswire."""
    from datetime import UTC, datetime

    from searchkit.crawl import FileOptions, Refused, resources
    from searchkit.parse import article
    from searchkit.text import sentences

    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = [r for r in resources([str(ROOT / "seeds")], FileOptions(), now=now) if not isinstance(r, Refused)]
    articles = [article(resource, today=now.date()) for resource in found]
    pool = [span.of(made.text) for made in articles for part in made.paragraphs for span in sentences(made.text, part)]
    chance = random.Random(7)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for number in range(documents):
            text = "\n".join(" ".join(chance.sample(pool, 3)) for _ in range(3))
            day = date.fromordinal(date(2015, 1, 1).toordinal() + chance.randrange(3650)).isoformat()
            file.write(json.dumps({"id": number, "text": text, "date": day, "outlet": f"Outlet {number % 9}"}) + "\n")
    return path


def head(path: Path, documents: int, target: Path) -> Path:
    """The first `documents` lines of a corpus."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file, gzip.open(target, "wt", encoding="utf-8") as out:
        for _, line in zip(range(documents), file, strict=False):
            out.write(line)
    return target


def queries(path: Path | None) -> Iterator[tuple[str, str]]:
    """(kind, query) in our language."""
    if path is None:
        for query in "office license sanctions camera said ministry court wire".split():
            yield "common", query
        for query in ("export list", "office said", "license court"):
            yield "and2", query
        yield "phrase", '"trade office"'
        yield "prefix", "sanct*"
        yield "range", "license date:2016..2018"
        return
    for entry in json.loads(path.read_text()):
        words = (
            entry.get("must") or entry.get("should") or entry.get("phrase") or [entry.get("prefix") or entry["fuzzy"]]
        )
        query = {
            "or3": " OR ".join(words),
            "phrase": f'"{" ".join(words)}"',
            "prefix": f"{words[0]}*",
            "fuzzy": f"{words[0]}~1",
        }.get(entry["kind"], " ".join(words))
        if entry["kind"] == "range":
            # The set gives a fraction: a month that begins so far into the eight months of the newswire.
            first = date(1987, 2, 26).toordinal() + int(entry["r"] * 210)
            query += f" date:{date.fromordinal(first)}..{date.fromordinal(first + 30)}"
        if entry["kind"] == "kw":
            query += f" entity:{entry['kw']['agency']}"
        yield entry["kind"], query


def spread(taken: list[float]) -> str:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(taken)
    return f"median {statistics.median(ordered):7.1f} ms, 95 % below {ordered[int(len(ordered) * 0.95)]:7.1f} ms"


def warm(folder: Path, wanted: list[tuple[str, str]], figures: dict[str, Any]) -> None:
    """Questions to an open archive, answered as the command line would: hits, their records, snippets, the statements
    that matched.

    Then the same with three facets and a month histogram."""
    from searchkit.archive import Archive
    from searchkit.archive.answering import answer
    from searchkit.errors import QueryError
    from searchkit.index.base import FacetRequest, SearchRequest
    from searchkit.query.parser import parse

    facets = (
        FacetRequest(field="agency"),
        FacetRequest(field="entity"),
        FacetRequest(field="speaker"),
        FacetRequest(field="date", interval="month", size=1000),
    )
    by_kind: dict[str, list[float]] = {}
    plain, faceted = [], []
    with Archive.open(folder) as archive:
        for query in ("*", "said", "office"):  # open everything once
            archive.search(SearchRequest(query=parse(query, today=date.today()).tree, facets=facets))
        for kind, query in wanted:
            try:
                tree = parse(query, today=date.today()).tree
            except QueryError as error:
                print(f"left out: {query}: {error.message}", file=sys.stderr)
                continue
            for wanted_facets, taken in (((), plain), (facets, faceted)):
                started = time.perf_counter()
                given = answer(archive, SearchRequest(query=tree, facets=wanted_facets))
                for found in given.found:
                    given.excerpt(found)
                taken.append((time.perf_counter() - started) * 1000)
            by_kind.setdefault(kind, []).append(plain[-1])
    print(f"warm, 10 hits with snippets   {spread(plain)}   ({len(plain)} questions)")
    for kind, taken in by_kind.items():
        print(f"    {kind:12}              {spread(taken)}")
    print(f"the same, 3 facets + months   {spread(faceted)}")
    figures["query_ms"] = {"median": statistics.median(plain), "p95": sorted(plain)[int(len(plain) * 0.95)]}
    figures["facets_ms"] = {"median": statistics.median(faceted), "p95": sorted(faceted)[int(len(faceted) * 0.95)]}


def hostile(folder: Path, figures: dict[str, Any]) -> None:
    """Questions that try to hang the search: those that keep a processor busy longest, in a process of their own."""
    sys.path.insert(0, str(ROOT))
    from tests.cli.hostile_questions import QUESTIONS

    taken = []
    for name, words in QUESTIONS.items():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [*SEARCHKIT, "--archive", str(folder), "query", *words]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, name))
    slowest = ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(taken, reverse=True)[:3])
    print(f"{len(taken)} hostile questions, slowest: {slowest}")
    figures["hostile_seconds"] = max(taken)[0]


# Texts that trap careless rules, each made as long as wanted: one line, marks that never close, capitals, no spaces.
FLOODS = {
    "statements on one line": 'The office said that "it was so" and left Nadia Korbel of the Ostrava Trade Office. ',
    "open quotation marks": "“",
    "capitals": "THE OFFICE SAID ON MONDAY THAT NADIA KORBEL WAS WRONG. ",
    "no word spaces": "天地玄黄宇宙洪荒",
    "nothing but names": "Nadia Korbel ",
}
ARTICLE = 4_500
FLOOD = 250_000


def annotating(text: str) -> float:
    """Seconds of one process that extraction takes for `text`."""
    from searchkit import extract
    from searchkit.document import Article
    from searchkit.text import normalize, paragraphs

    text = normalize(text)
    article = Article(uri="file:x", text=text, paragraphs=paragraphs(text), language="en")
    started = time.process_time()
    extract.annotate(article)
    return time.process_time() - started


def extraction(corpus: Path, figures: dict[str, Any]) -> None:
    """Names, dates and statements of articles with their speakers; then of texts four times as long as others."""
    opener = gzip.open if corpus.suffix == ".gz" else open
    texts: list[str] = []
    with opener(corpus, "rt", encoding="utf-8") as file:
        for _, line in zip(range(2_000), file, strict=False):
            record = json.loads(line)
            texts.append(record.get("text") or record["body"])
    longest = sorted(texts, key=len)[-200:]
    annotating(longest[0])  # word lists are read once
    taken = [annotating(text) * 1000 * ARTICLE / len(text) for text in longest]
    print(f"extraction, {ARTICLE:,} characters {spread(taken)}")
    figures["extraction_ms"] = statistics.median(taken)
    for name, unit in FLOODS.items():
        short, long = (annotating(unit * (size // len(unit))) for size in (FLOOD, 4 * FLOOD))
        print(f"    {name:24}  {4 * FLOOD:,} characters in {long:.1f} s, {long / short:.1f} times a quarter of it")


def main() -> None:
    """Run everything and print it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=Path)
    options.add_argument("--queries", type=Path)
    options.add_argument("--documents", type=int, default=0, help="only so many (0: all)")
    options.add_argument("--keep", type=Path, help="folder for the archive; used as it is when it is there")
    options.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    chosen = options.parse_args()
    figures: dict[str, Any] = {}
    compileall.compile_dir(ROOT / "searchkit", quiet=2)  # an installed package has its byte code
    with tempfile.TemporaryDirectory() as temporary:
        corpus = chosen.corpus or (CORPUS / "reuters.jsonl.gz")
        if not corpus.exists():
            corpus = generated(Path(temporary) / "generated.jsonl.gz", chosen.documents or 5_000)
        elif chosen.documents:
            corpus = head(corpus, chosen.documents, Path(temporary) / "head.jsonl.gz")
        listed = chosen.queries or (CORPUS / "queries.json" if corpus.parent == CORPUS else None)
        folder = chosen.keep or Path(temporary) / "archive"
        print(f"corpus: {corpus.name}")
        extraction(corpus, figures)
        if not (folder / "archive.json").exists():
            command = [*SEARCHKIT, "--archive", str(folder), "index", str(corpus), "--json"]
            seconds, peak, output = watched(command)
            told = json.loads(output)
            added = told["added"] + told["updated"]
            rate = added / seconds
            print(
                f"indexed {added:,} documents in {seconds:.1f} s: {rate:,.0f} a second, {peak:,.0f} MB at most in all"
            )
            figures["index"] = {"documents": added, "seconds": seconds, "per_second": rate, "peak_mb": peak}
            seconds, _, _ = watched(command)
            print(f"the same again, all unchanged: {seconds:.1f} s")
        python = [sys.executable, "-c"]
        click, whoosh, asked, helped = start_up(
            [*python, "import click"],
            [*python, "import click, whoosh.index"],
            [*SEARCHKIT, "--archive", str(folder), "query", "government", "--json"],
            [*SEARCHKIT, "--help"],
        )
        print(f"searchkit --help              {helped:.0f} ms = {helped / click:.2f} x import click ({click:.0f} ms)")
        both = f"import click, whoosh.index ({whoosh:.0f} ms)"
        print(f"searchkit query, cold         {asked:.0f} ms = {asked / whoosh:.2f} x {both}")
        figures["help_ratio"], figures["query_ratio"] = helped / click, asked / whoosh
        warm(folder, list(queries(listed)), figures)
        hostile(folder, figures)
    if chosen.json:
        print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
