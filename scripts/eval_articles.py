"""Score how pages are read: text, title, authors, dates, outlet, language, and CPU time compared with trafilatura.

usage: scripts/eval articles [-v] [--raise | --lower] [--sets FOLDER] [--against COMMIT]

The pages in tests/eval/pages/ were written for the project; their measures must not fall below their floors in
tests/eval/page_floors.json, which `--raise` and `--lower` write. The development set, articles/ in a FOLDER that is
given or stands next to this checkout, may not be shipped. Its own scorer scores it in total, in two halves (work on the
odd pages, believe the even ones) and on the pages that call themselves news, with trafilatura and htmldate for
comparison. With `--against COMMIT`, the text of each page is compared with what that commit reads: no page may fall by
more than .3, and at most 2 % of the pages by more than .01.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from importlib import util
from pathlib import Path
from typing import Any

from searchkit import parse
from searchkit.crawl.base import new_resource
from searchkit.errors import InputError
from tests.eval import floors, pages

Prediction = dict[str, Any]

# The pages were fetched before this day.
_TODAY = date(2026, 4, 1)
_NOW = datetime(2026, 4, 1, tzinfo=UTC)
_SMALL_FALL, _LARGE_FALL, _FALLEN_SHARE = 0.01, 0.3, 0.02
_NEWS = re.compile(
    rb'"@type"\s{0,9}:\s{0,9}\[?\s{0,9}"(?:[A-Za-z]{1,20}NewsArticle|NewsArticle|LiveBlogPosting|ReportageNewsArticle)"'
)


def ours(identity: str, url: str, body: bytes) -> Prediction:
    """Return what searchkit reads from a page; `low` marks a date that is only a guess."""
    try:
        article = parse.article(new_resource(url, body, media_type="text/html", now=_NOW), today=_TODAY)
    except InputError as error:
        return {"id": identity, "refused": str(error)}
    published = article.published
    return {
        "id": identity,
        "text": article.text,
        "title": article.title,
        "date": (published.local_day or published.value) if published else None,
        "low": published is not None and published.confidence == "low",
        "authors": list(article.byline),
        "site": article.outlet,
        "language": article.language,
    }


def trafilaturas(identity: str, url: str, body: bytes) -> Prediction:
    """Return what trafilatura reads from a page by itself, with its metadata."""
    import trafilatura

    found = trafilatura.bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if found is None:
        return {"id": identity}
    authors = [name.strip() for name in (found.author or "").split(";")]
    return {
        "id": identity,
        "text": found.text,
        "title": found.title,
        "date": found.date,
        "authors": [name for name in authors if name],
        "site": found.sitename,
        "language": found.language,
    }


def htmldates(identity: str, body: bytes) -> Prediction:
    """Return the day that htmldate finds as the original date of a page, by every means it has."""
    from htmldate import find_date

    try:
        found = find_date(body.decode("utf-8", "replace"), original_date=True, max_date=_TODAY.isoformat())
    except Exception:  # noqa: BLE001  it is measured here as it is
        found = None
    return {"id": identity, "date": found}


def _load(path: Path) -> Any:
    spec = util.spec_from_file_location("score_articles", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file")
    scorer = util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


def _timed(read: Callable[[], Prediction]) -> tuple[Prediction, float]:
    started = time.process_time()
    return read(), time.process_time() - started


def _rows(gold: list[dict[str, Any]], news: frozenset[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield "all", gold
    yield "odd", [row for row in gold if int(row["id"]) % 2]
    yield "even", [row for row in gold if int(row["id"]) % 2 == 0]
    yield "news", [row for row in gold if row["id"] in news]


def _scored(scorer: Any, gold: list[dict[str, Any]], found: Mapping[str, Prediction]) -> list[str]:
    """Return the columns of the table for one reader on some pages."""
    marks, _ = scorer.score(gold, found)
    text, title, authors, day = (marks.get(name, {}) for name in ("text", "title", "authors", "date"))
    sure = {identity: {**row, "date": None if row.get("low") else row.get("date")} for identity, row in found.items()}
    stated = scorer.score(gold, sure)[0].get("date", {})
    columns = [
        *(f"{text.get(name, 0):.4f}" for name in ("f1", "precision", "recall")),
        *(f"{title.get(name, 0):.3f}" for name in ("exact", "token_f1_ge_0_8")),
        f"{authors.get('f1', 0):.3f}",
    ]
    for days in (day, stated):
        columns += [
            f"{days.get(name, 0):.3f}" for name in ("exact_day", "within_1_day", "missing", "wrong_by_over_1_day")
        ]
        columns.append(str(days.get("invented_where_gold_has_none", "-")))
    return columns


_HEADS = (
    "text F1", "P", "R", "title", "F1>=.8", "author",
    "day", "+-1", "miss", "wrong", "invent", "sure", "+-1", "miss", "wrong", "invent",
)  # fmt: skip


def score_development_set(folder: Path) -> None:
    """Print the scores of searchkit, trafilatura and htmldate on a set of pages, and the ratio of CPU time."""
    scorer = _load(folder / "score_articles.py")
    gold = scorer.load(folder / "gold.jsonl")
    found: dict[str, dict[str, Prediction]] = {"searchkit": {}, "trafilatura": {}, "htmldate": {}}
    spent = {"searchkit": 0.0, "trafilatura": 0.0}
    news: set[str] = set()
    readers = {"searchkit": ours, "trafilatura": trafilaturas}
    for number, row in enumerate(gold):
        identity, body = row["id"], gzip.decompress((folder / row["html"]).read_bytes())
        if _NEWS.search(body):
            news.add(identity)
        # The second reader of a page finds warm caches, so the two take turns.
        for name in sorted(readers, reverse=bool(number % 2)):
            read = readers[name]
            found[name][identity], seconds = _timed(lambda read=read: read(identity, row["url"], body))  # noqa: B023  called at once
            spent[name] += seconds
        found["htmldate"][identity] = htmldates(identity, body)
    print(f"\n== articles: {len(gold)} pages, {len(news)} of them news; `sure` leaves out days of low confidence")
    print(f"{'':18s} " + " ".join(f"{head:>7s}" for head in _HEADS))
    for of, rows in _rows(gold, frozenset(news)):
        for name, by_page in found.items():
            print(f"{name:11s} {of:6s} " + " ".join(f"{column:>7s}" for column in _scored(scorer, rows, by_page)))
    refused = [f"{row['id']}: {row['refused']}" for row in found["searchkit"].values() if "refused" in row]
    print(f"refused: {len(refused)} {refused[:5]}")
    per_page = {name: 1000 * seconds / len(gold) for name, seconds in spent.items()}
    print(
        f"CPU a page: searchkit {per_page['searchkit']:.1f} ms, trafilatura {per_page['trafilatura']:.1f} ms, "
        f"ratio {per_page['searchkit'] / per_page['trafilatura']:.2f}"
    )


def _texts(checkouts: Iterable[Path], folder: Path) -> list[dict[str, Prediction]]:
    """Return what the searchkit of each checkout reads from each page, by the id of the page. They run at once."""
    script = Path(__file__).with_name("eval_article_texts.py")
    readers = [
        subprocess.Popen([sys.executable, str(script), str(checkout), str(folder)], stdout=subprocess.PIPE, cwd="/")
        for checkout in checkouts
    ]
    with ThreadPoolExecutor() as pool:
        outputs = list(pool.map(lambda reader: reader.communicate()[0], readers))
    for reader in readers:
        if reader.returncode:
            raise subprocess.CalledProcessError(reader.returncode, reader.args)
    rows = ([json.loads(line) for line in output.splitlines()] for output in outputs)
    return [{row["id"]: {**row, "text": comparable(row["text"])} for row in found} for found in rows]


def comparable(text: str) -> str:
    """Return a text without soft hyphens, its letters composed."""
    return unicodedata.normalize("NFC", text.replace("\u00ad", ""))


def compare(folder: Path, commit: str) -> int:
    """Print the pages whose text fell against an earlier commit. Return 0 if they are few enough, else 1."""
    scorer = _load(folder / "score_articles.py")
    gold = [{**row, "text": comparable(row["text"])} for row in scorer.load(folder / "gold.jsonl") if row.get("text")]
    here = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as temporary:
        earlier = Path(temporary) / "earlier"
        subprocess.run(["git", "worktree", "add", "--detach", "--quiet", str(earlier), commit], check=True, cwd=here)
        try:
            before, after = (scorer.score(gold, texts)[1] for texts in _texts((earlier, here), folder))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(earlier)], check=True, cwd=here)
    falls = sorted((before[page][0] - after[page][0], page) for page in before)
    fallen = [(fall, page) for fall, page in falls if fall > _SMALL_FALL]
    risen = sum(fall < -_SMALL_FALL for fall, _ in falls)
    print(
        f"\n== against {commit}: {len(fallen)} of {len(falls)} pages worse by more than {_SMALL_FALL}, {risen} better"
    )
    print("   " + " ".join(f"{page}:-{fall:.3f}" for fall, page in fallen[-20:]))
    return int(len(fallen) > _FALLEN_SHARE * len(falls) or any(fall > _LARGE_FALL for fall, _ in fallen))


def main(arguments: list[str], sets: Path) -> int:
    """Print the scores and compare them with the floors. Return 0 if every measure holds its floor."""
    parser = argparse.ArgumentParser(
        prog="scripts/eval articles", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    floors.add_options(parser, sets)
    parser.add_argument("--against", metavar="COMMIT", help="compare the text of each page with an earlier commit")
    options = parser.parse_args(arguments)
    scores, misses = pages.measure()
    least = floors.load(pages.FLOORS)
    for name, value in scores.items():
        floor = least.get(name, 0.0)
        print(f"{name:24s} {value:6.3f}   floor {floor:.3f}" + ("  BELOW" if value < floor else ""))
    if options.verbose:
        print("\n".join(misses))
    if (options.sets / "articles" / "gold.jsonl").is_file():
        score_development_set(options.sets / "articles")
        if options.against:
            worse = compare(options.sets / "articles", options.against)
            return floors.settle(options, scores, pages.FLOORS) or worse
    return floors.settle(options, scores, pages.FLOORS)
