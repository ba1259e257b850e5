"""HTML pages per core, end to end (from bytes to statements in store and index), compared with trafilatura alone.

The pages are the `*.html.gz` files in the folder BENCH_PAGES if set, else made from the corpus. Both sides are
processes that read the same files in turns; the figures are CPU time of all processes.

    python -m benchmark.measures.pages FOLDER       run trafilatura
"""

import gzip
import html
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmark.corpus import ROOT
from benchmark.stage import SEARCHKIT, python_path
from benchmark.timing import ran

_EXIT_CODES = frozenset({0, 4})  # 4: some pages are refused, for example consent pages
PAGES = Path(os.environ.get("BENCH_PAGES", ROOT / "pages"))


def measure(pages: int, corpus: Path, *, source: Path = PAGES, rounds: int = 2) -> dict[str, Any]:
    """Return the pages per CPU second of both sides and their ratio, as medians of some rounds."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pages"
        folder.mkdir()
        count = _unpack(source, folder, pages) if source.exists() else _made(folder, pages, corpus)
        theirs, ours = [], []
        for number in range(rounds):
            theirs.append(ran([sys.executable, "-m", __name__, folder], environment=python_path()).cpu)
            archive = Path(temporary) / f"archive-{number}"
            command: list[str | Path] = [*SEARCHKIT, "--archive", archive, "index", folder, "--json"]
            ours.append(ran(command, environment=python_path(), fine=_EXIT_CODES).cpu)
            shutil.rmtree(archive)
    return {
        "pages": count,
        "ours_per_cpu_second": count / statistics.median(ours),
        "trafilatura_per_cpu_second": count / statistics.median(theirs),
        "ratio": statistics.median(theirs) / statistics.median(ours),
    }


def _unpack(source: Path, folder: Path, pages: int) -> int:
    found = sorted(source.glob("*.html.gz"))[:pages]
    for path in found:
        (folder / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    return len(found)


def _made(folder: Path, pages: int, corpus: Path) -> int:
    with corpus.open(encoding="utf-8") as lines:
        for number, line in zip(range(pages), lines, strict=False):
            record = json.loads(line)
            text = record.get("text") or record["body"]
            title = html.escape(record["title"] or "A title")
            body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in text.splitlines())
            links = "".join(f'<li><a href="/{link}">Section {link}</a></li>' for link in range(60))
            (folder / f"{number:05}.html").write_text(
                f'<!DOCTYPE html><html lang="en"><head><title>{title}</title>'
                f'<meta property="article:published_time" content="{record["date"][:10]}"></head><body>'
                f"<nav><ul>{links}</ul></nav><main><article><h1>{title}</h1>{body}</article></main>"
                f"<footer><ul>{links}</ul></footer></body></html>",
                encoding="utf-8",
            )
    return min(pages, len(list(folder.iterdir())))


def main(folder: Path) -> None:
    """Extract text and metadata of every page with trafilatura."""
    import trafilatura

    found = 0
    for path in sorted(folder.iterdir()):
        found += trafilatura.bare_extraction(path.read_bytes(), with_metadata=True) is not None
    print(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
