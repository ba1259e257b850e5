"""Score how questions for a known document are answered, compared with SQLite FTS5 and stock Whoosh.

usage: scripts/eval ranking [-v] [--each N] [--keep FOLDER] [--corpus FILE.jsonl[.gz]]

The questions are made of the documents' own words (tests/eval/known_items.py): of seeds/, and of the newswire corpus if
it stands next to this checkout. Every engine gets the same texts and questions. The others run with their defaults,
once with title and text alike and once with the title counting double, as it does here; the better result is compared.
Exits with 1 if a bar is missed.
"""

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from searchkit.archive import Archive
from searchkit.index.base import SearchRequest
from searchkit.query.parser import parse
from searchkit.statements.document import Document
from tests.eval.known_items import KnownItem, QuestionMaker, Ranked, ranked

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "reuters.jsonl.gz"
# The goals of the project: the document comes first, or among the first ten.
FIRST, TEN = 0.85, 0.97

Search = Callable[[KnownItem], Sequence[str]]


def archived(folder: Path, *paths: Path) -> Archive:
    """Return an archive of `paths`; an existing one is used as it is."""
    if not (folder / "archive.json").exists():
        from searchkit.cli import run

        try:
            run(["--archive", str(folder), "index", "--quiet", *map(str, paths)])
        except SystemExit as done:
            if done.code:
                raise
    return Archive.open(folder)


def documents(archive: Archive) -> list[Document]:
    """Return every document of an archive."""
    from searchkit.store.store import open_store

    with closing(open_store(archive.folder / "store.sqlite", writable=False)) as store:
        return [change.document for change in store.changes(0) if change.document is not None]


def ours(archive: Archive) -> Search:
    """searchkit."""

    def search(item: KnownItem) -> list[str]:
        tree = parse(item.query(), today=date(2026, 1, 1)).tree
        return [hit.id for hit in archive.search(SearchRequest(query=tree)).hits]

    return search


def fts5(found: Iterable[Document]) -> Mapping[str, Search]:
    """SQLite FTS5 with its Porter stemmer, ranked by its bm25."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, day UNINDEXED, title, body, tokenize='porter')")
    rows = ((one.id, str(day) if (day := _day(one)) else "", one.title or "", one.text) for one in found)
    base.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)

    def searching(weights: str) -> Search:
        def search(item: KnownItem) -> list[str]:
            match = (" OR " if item.either else " ").join(f'"{word}"' for word in item.words)
            match += f' "{item.name}"' if item.name else ""
            when = (str(item.since or ""), str(item.until or "9999"))
            ask = f"SELECT id FROM t WHERE t MATCH ? AND day BETWEEN ? AND ? ORDER BY bm25(t{weights}) LIMIT 10"  # noqa: S608 - our own words
            return [row[0] for row in base.execute(ask, (match, *when))]

        return search

    return {"FTS5 bm25": searching(""), "FTS5 bm25, title x2": searching(", 0, 0, 2.0, 1.0")}


def stock_whoosh(found: Iterable[Document], folder: Path) -> Mapping[str, Search]:
    """Whoosh as it comes: its English analyzer and parser, ranked by its BM25F."""
    from whoosh import fields, index, qparser, query
    from whoosh.analysis import StemmingAnalyzer

    text = {"analyzer": StemmingAnalyzer(), "stored": False}
    schema = fields.Schema(
        id=fields.STORED(), day=fields.NUMERIC(int), title=fields.TEXT(**text), body=fields.TEXT(**text)
    )
    if not folder.exists():
        folder.mkdir(parents=True)
        writer = index.create_in(str(folder), schema).writer(limitmb=256)
        for one in found:
            day = _day(one)
            writer.add_document(id=one.id, day=day.toordinal() if day else 0, title=one.title or "", body=one.text)
        writer.commit()
    searcher = index.open_dir(str(folder)).searcher()

    def searching(boosts: Mapping[str, float]) -> Search:
        def search(item: KnownItem) -> list[str]:
            group = qparser.OrGroup if item.either else qparser.AndGroup
            parser = qparser.MultifieldParser(["title", "body"], schema, fieldboosts=dict(boosts), group=group)
            tree: Any = parser.parse(" ".join(item.words) + (f' "{item.name}"' if item.name else ""))
            when = None
            if item.since and item.until:
                when = query.NumericRange("day", item.since.toordinal(), item.until.toordinal())
            return [hit["id"] for hit in searcher.search(tree, limit=10, filter=when)]

        return search

    return {"Whoosh BM25F": searching({}), "Whoosh BM25F, title x2": searching({"title": 2.0, "body": 1.0})}


def _day(document: Document) -> date | None:
    return document.published.earliest if document.published else None


def compared(name: str, archive: Archive, folder: Path, each: int, *, verbose: bool) -> bool:
    """Ask every engine and print the results. Return whether every bar is reached."""
    found = documents(archive)
    items = QuestionMaker(found).items(each)
    groups: dict[str, set[str]] = {}
    for one in found:
        if one.copies:
            groups.setdefault(one.copies, set()).add(one.id)
    alike = {one: frozenset(group) for group in groups.values() for one in group}
    searches = {"searchkit": ours(archive), **fts5(found), **stock_whoosh(found, folder / "stock-whoosh")}
    print(f"\n== {name}: {len(found):,} documents, {len(items)} questions; a copy of what is wanted counts as it")
    kinds = list(dict.fromkeys(item.kind for item in items))
    print(f"{'':24s} {'first':>7s} {'in ten':>7s} {'MRR':>7s}  " + " ".join(f"{kind:>9s}" for kind in kinds))
    results = {engine: ranked(items, search, alike) for engine, search in searches.items()}
    for engine, result in results.items():
        by_kind = " ".join(f"{result.by_kind[kind][0]:9.3f}" for kind in kinds)
        print(f"{engine:24s} {result.first:7.3f} {result.ten:7.3f} {result.mrr:7.3f}  {by_kind}")
    if verbose:
        for item, rank in results["searchkit"].missed:
            print(f"{item.kind:9s} {rank or '-':>3}  {item.wanted}  {item.query()}")
    return _judged(results)


def _judged(results: Mapping[str, Ranked]) -> bool:
    own = results["searchkit"]
    others = [result for engine, result in results.items() if engine != "searchkit"]
    best = {"first": max(one.first for one in others), "in ten": max(one.ten for one in others)}
    print(
        f"against the best of the others: first {own.first / best['first']:.3f}, in ten {own.ten / best['in ten']:.3f}"
    )
    misses = [
        f"first: {own.first:.3f} is below {FIRST}" if own.first < FIRST else "",
        f"in ten: {own.ten:.3f} is below {TEN}" if own.ten < TEN else "",
        "another engine has more of them first" if own.first < best["first"] else "",
        "another engine has more of them in ten" if own.ten < best["in ten"] else "",
    ]
    for miss in filter(None, misses):
        print(miss, file=sys.stderr)
    return not any(misses)


def main(arguments: list[str]) -> int:
    """Print the scores and compare them. Return 0 if every bar is reached."""
    parser = argparse.ArgumentParser(
        prog="scripts/eval ranking", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="list every question whose document is not first")
    parser.add_argument("--each", type=int, default=100, help="questions of each kind (default: 100)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="JSON Lines beside seeds/")
    parser.add_argument("--keep", type=Path, help="folder for the archives; used as they are when they are there")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        sets = {"seeds": ROOT / "seeds"} | ({"newswire": options.corpus} if options.corpus.exists() else {})
        reached = []
        for name, path in sets.items():
            with archived(folder / name, path) as archive:
                reached.append(compared(name, archive, folder / name, options.each, verbose=options.verbose))
    return 0 if all(reached) else 1
