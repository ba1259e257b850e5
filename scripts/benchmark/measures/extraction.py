"""Extraction alone: names, dates, statements and speakers of articles; then texts that trap careless rules."""

import gzip
import json
import statistics
import time
from pathlib import Path
from typing import Any

from benchmark.timing import percentile

# Each trap is made as long as wanted: one line, marks that never close, capitals, no spaces.
FLOODS = {
    "statements on one line": 'The office said that "it was so" and left Nadia Korbel of the Ostrava Trade Office. ',
    "open quotation marks": "“",
    "capitals": "THE OFFICE SAID ON MONDAY THAT NADIA KORBEL WAS WRONG. ",
    "no word spaces": "天地玄黄宇宙洪荒",
    "nothing but names": "Nadia Korbel ",
}
ARTICLE = 4_500
FLOOD = 250_000
# Of so many articles at the beginning of the corpus the longest are read.
_LOOKED_AT, _LONGEST = 2_000, 200


def measure(corpus: Path) -> dict[str, Any]:
    """Milliseconds for an article of ARTICLE characters; of each trap, seconds for one of four times FLOOD characters,
    and how many times as long as for FLOOD that is."""
    opener = gzip.open if corpus.suffix == ".gz" else open
    texts: list[str] = []
    with opener(corpus, "rt", encoding="utf-8") as file:
        for _, line in zip(range(_LOOKED_AT), file, strict=False):
            record = json.loads(line)
            texts.append(record.get("text") or record["body"])
    longest = sorted(texts, key=len)[-_LONGEST:]
    _annotating(longest[0])  # word lists are read once
    taken = [_annotating(text) * 1000 * ARTICLE / len(text) for text in longest]
    floods = {}
    for name, unit in FLOODS.items():
        short, long = (_annotating(unit * (size // len(unit))) for size in (FLOOD, 4 * FLOOD))
        floods[name] = {"seconds": long, "times_a_quarter": long / short}
    return {"cpu_ms_median": statistics.median(taken), "cpu_ms_p95": percentile(taken, 0.95), "floods": floods}


def _annotating(text: str) -> float:
    """Seconds of the processor that extraction takes for `text`."""
    from searchkit.statements.annotation import annotate
    from searchkit.statements.document import Article
    from searchkit.statements.text import normalize, paragraphs

    text = normalize(text)
    article = Article(uri="file:x", text=text, paragraphs=paragraphs(text), language="en")
    started = time.process_time()
    annotate(article)
    return time.process_time() - started
