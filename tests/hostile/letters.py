"""Take characters through every room: alone, inside words, and in quotations of six words.

`rooms` indexes two versions of articles that are made of them, runs an alert, asks for each of them, and prints and
exports everything. An exception of ours ends no command and costs no statement.
"""

import contextlib
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from searchkit.alerts.folder import save
from searchkit.alerts.searches import AlertSettings, SavedSearch
from searchkit.archive import Archive
from searchkit.cli import run
from searchkit.config import load
from searchkit.errors import QueryError
from searchkit.query.parser import parse
from searchkit.search.answer import QueryRequest, answer
from searchkit.web.app import create_app
from tests.web.conftest import Site

Value = TypeVar("Value")
# Scripts of hundreds of letters that all behave alike: 24 of them share a row, as do symbols. Tangut has no names.
_LARGE = (
    *("CJK", "HANGUL SYLLABLE", "NUSHU", "CUNEIFORM", "EGYPTIAN", "ANATOLIAN", "YI", "KHITAN", "BAMUM", "CANADIAN"),
    *("ETHIOPIC", "LINEAR", "MATHEMATICAL", "KANGXI", "HENTAIGANA", "VAI"),
)
_ROW, _SHARED = 6, 4
_ROWS_TOGETHER = 16
_LANGUAGES = ("en", "de", "fr", "th", "ar", "")
_FINE = {0, 1, 4}
_SIX_WORDS = "Har{0}bour wo{1}rks wi{2}ll {3}not st{4}op no{5}w"
_PARAGRAPHS = (
    "“{0} {1} {2} {3} {4} {5},” said Nadia Korbel, the mayor of Selden.",
    "“" + _SIX_WORDS + ",” Kor{0}bel {verb}.",
    "{0}{1}{2} Kor{3}bel {verb} that the {4}harbour of Sel{5}den will {0} close on 3 {1} March 2024.",
    "{0}{1}{2}: We will not {3} close the {4} harbour {5} today.",
    "Otto {0}Malt rejected the claim of {1} Nadia Kor{2}bel{3} that he had paid {4}40,{5}000 euros.",
)
_OUTPUTS = (
    *(f"query * -n 10000 --duplicates {form}" for form in ("", "--json", "-f csv")),
    *("statements * -n 10000", "entities -n 10000", "sources", "status", "status --json"),
    "query korbel -n 0 --facet outlet --facet speaker --facet entity",
    *(f"export --force -o {{out}} -f {form}" for form in ("tsv", "csv", "markdown", "html", "jsonl", "evidence")),
    *("export --force -o {out} -f csv --over documents", "verify {out}.evidence", "check --full"),
    *(
        "changes -n 10000",
        "changes -n 10000 --json",
        "spread -n 10000",
        "disputes -n 10000",
        "disputes -n 10000 --json",
    ),
    *("silence --watchlist names --since 2020", "alerts show"),
)


def characters() -> list[str]:
    """Return all characters that Unicode assigns, except control codes, surrogates and those for private use."""
    every = map(chr, range(0x110000))
    return [character for character in every if unicodedata.category(character) not in {"Cc", "Cn", "Co", "Cs"}]


def _batches(values: Sequence[Value], size: int) -> Iterator[Sequence[Value]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def rows(chosen: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield six words for each row: the same character six times, or 24 different ones of a large script."""
    alike = []
    for character in chosen:
        name = unicodedata.name(character, "")
        if not name or name.startswith(_LARGE) or unicodedata.category(character) in {"So", "Sm"}:
            alike.append(character)
        else:
            yield (character,) * _ROW
    for some in _batches(list(map("".join, _batches(alike, _SHARED))), _ROW):
        yield tuple((list(some) * _ROW)[:_ROW])


def _article(number: int, some: Sequence[tuple[str, ...]], verb: str) -> dict[str, object]:
    """Return a record whose text has the paragraphs of these rows, and whose other fields have the first row."""
    text = [paragraph.format(*row, verb=verb) for row in some for paragraph in _PARAGRAPHS]
    return {
        "uri": f"https://ledger.example/{number}",
        "title": " ".join(row[0] for row in some),
        "outlet": some[0][0],
        "byline": ["".join(some[0])],
        "published": "2024-03-04",
        "language": _LANGUAGES[number % len(_LANGUAGES)] or None,
        "text": "\n\n".join([*text, some[0][0]]),
    }


def _command(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code and what it printed."""
    written = [io.BytesIO(), io.BytesIO()]
    streams = [io.TextIOWrapper(stream, "utf-8", write_through=True) for stream in written]
    code: object = 0
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        try:
            run(["--archive", str(folder), *arguments])
        except SystemExit as left:
            code = left.code
    out, err = (stream.getvalue().decode("utf-8", "replace") for stream in written)
    return code if isinstance(code, int) else 0, out, err


def rooms(chosen: Iterable[str], top: Path) -> Iterator[str]:
    """Take characters through all rooms; yield what is wrong."""
    every = list(rows(chosen))
    folder, file, names = top / "archive", top / "articles.jsonl", top / "names.csv"
    with names.open("w", encoding="utf-8") as stream:
        stream.write("name\n" + "".join(f'"Nadia Kor{row[0]}bel"\n"{row[0]}"\n' for row in every if row[0] != '"'))
    for verb in ("denied", "added"):
        articles = (_article(number, some, verb) for number, some in enumerate(_batches(every, _ROWS_TOGETHER)))
        with file.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(article) + "\n" for article in articles)
        code, out, err = _command(folder, "index", str(file), "--json")
        if code:
            yield f"index ended with {code}: {(out + err)[-2_000:]}"
        if verb == "denied":
            yield from _prepare(folder, names)
        code, out, err = _command(folder, "alerts", "run")
        if code:
            yield f"alerts run ended with {code}: {(out + err)[-2_000:]}"
    yield from _failures(folder)
    for command in _OUTPUTS:
        arguments = command.format(out=top / "export").split()
        if "evidence" in arguments or "verify" in arguments:
            arguments = [f"{top / 'export'}.evidence" if part.startswith(str(top)) else part for part in arguments]
        code, out, err = _command(folder, *arguments)
        if code not in _FINE and "No run has found anything yet" not in err:
            yield f"{command} ended with {code}: {err[-1_000:]}"
    yield from _questions(folder, every)
    yield from _pages(folder, every)


def _prepare(folder: Path, names: Path) -> Iterator[str]:
    code, _, err = _command(folder, "watchlist", "add", "--name", "names", str(names))
    if code:
        yield f"watchlist add ended with {code}: {err[-500:]}"
    sinks = ("stdout", "atom:feed.xml")
    save(
        folder, SavedSearch(name="harbour", query="korbel OR malt", over="statements", alert=AlertSettings(sinks=sinks))
    )


def _failures(folder: Path) -> Iterator[str]:
    """Yield the sentences and views that a mistake of ours cost."""
    with Archive.open(folder) as archive:
        for change in archive.store().changes(0):
            if change.document is not None and change.document.failed_sentences:
                yield f"{change.document.failed_sentences} sentences failed in {change.document.title!a}"
        histories = archive.refresh_histories()
        if failed := histories.failed.count():
            yield f"{failed} views failed: {histories.failed.first()}"


def _questions(folder: Path, every: Iterable[tuple[str, ...]]) -> Iterator[str]:
    with Archive.open(folder) as archive:
        for row in every:
            pair = " ".join(row[:2]).replace('"', "")
            for query in (row[0], f"speaker:Kor{row[0]}bel", f"har{row[0]}*", f'exact:"{pair}"'):
                try:
                    tree = parse(query, today=date(2024, 3, 5)).tree
                    found = answer(archive, QueryRequest(query=tree, record="quote", today=date(2024, 3, 5), limit=2))
                    for record in found.records:
                        assert record.document.text
                except QueryError:
                    continue
                except Exception as error:  # noqa: BLE001  each is a finding
                    yield f"query {query!a}: {error!r}"


def _pages(folder: Path, every: Sequence[tuple[str, ...]]) -> Iterator[str]:
    config = load({"archive": folder}, environment={}, folder=folder)
    site = Site(create_app({"letters": folder}, config))
    try:
        with Archive.open(folder) as archive:
            documents = [change.document for change in archive.store().changes(0) if change.document is not None]
        places = ("statements", "documents", "names", "matrix", "spread")
        asked = [f"/{places[at % 5]}?q={quote(row[0])}" for at, row in enumerate(every[::_ROWS_TOGETHER])]
        others = ["/", "/names", "/matrix", "/changes", "/spread", "/disputes", "/histories", "/alerts", "/sources"]
        for address in [
            *others,
            "/silence?since=2020&watchlist=names",
            *(f"/documents/{one.id}" for one in documents),
            *(f"/statements/{said.id}" for one in documents for said in one.quotes[::40]),
            *asked,
        ]:
            page = site.get(address)
            if page.status not in {200, 400}:
                yield f"{address!a} answers {page.status}: {page.text[-300:]}"
    finally:
        site.close()
