"""HTML pages end to end, per core: bytes to statements in store and index, against trafilatura's text and metadata
alone, which is the part that we do not write ourselves.

Pages are those of ../shared/gold where they are there, else made of the corpus. Both sides are whole processes that
read the same files, one after the other; what counts is the time of the processor, of all processes together.

    python -m benchmark.measures.pages FOLDER       trafilatura's side
"""

import gzip
import html
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmark.corpus import ROOT
from benchmark.stage import SEARCHKIT, python_path
from benchmark.timing import ran

# Some pages are refused, as they should be: those that ask for consent, or have no article.
_READ = frozenset({0, 4})
GOLD = ROOT.parent / "shared" / "gold" / "articles" / "html"


def measure(pages: int, corpus: Path, *, gold: Path = GOLD, rounds: int = 2) -> dict[str, Any]:
    """Pages per second of the processor on both sides, and ours by theirs: `ratio`. Medians of some rounds."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pages"
        folder.mkdir()
        count = _gold(gold, folder, pages) if gold.exists() else _made(folder, pages, corpus)
        theirs, ours = [], []
        for number in range(rounds):
            theirs.append(ran([sys.executable, "-m", __name__, folder], environment=python_path()).cpu)
            archive = Path(temporary) / f"archive-{number}"
            command: list[str | Path] = [*SEARCHKIT, "--archive", archive, "index", folder, "--json"]
            ours.append(ran(command, environment=python_path(), fine=_READ).cpu)
            shutil.rmtree(archive)
    return {
        "pages": count,
        "ours_per_cpu_second": count / statistics.median(ours),
        "trafilatura_per_cpu_second": count / statistics.median(theirs),
        "ratio": statistics.median(theirs) / statistics.median(ours),
    }


def _gold(gold: Path, folder: Path, pages: int) -> int:
    found = sorted(gold.glob("*.html.gz"))[:pages]
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
    """Text and metadata of every page, by trafilatura."""
    import trafilatura

    found = 0
    for path in sorted(folder.iterdir()):
        found += trafilatura.bare_extraction(path.read_bytes(), with_metadata=True) is not None
    print(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
