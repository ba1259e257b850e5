"""Makes a stored archive of an earlier version, and what that version itself answered from it.

    git worktree add --detach /tmp/searchkit-old 528f0e1
    python tests/compat/make_archive.py /tmp/searchkit-old tests/compat/archives/store-2-index-3

writes `store-2-index-3.tar.gz` and `store-2-index-3.json`. Everything is done through the command line of the old
checkout, whose commands for that have always been the same: articles are indexed, one is changed, one removed, one
cannot be read; where there is a crawler, it fetches some pages from a server of ours, one of them twice; then the old
program is asked for all it knows. The archives that lie here were made of these commits:

    store-1-index-1     00b956f     the first with the default engine; state of the index beside its segments
    store-1-index-2     ec5ba21     the last before sources
    store-2-index-3     528f0e1     gone documents, failures, copies
    store-2-index-4     befd115     acts and weeks in the index
    store-2-form-2      301a22a     the index in generations; and a backup
    store-3             1cdc7a0     what containers hold, every bad part
    store-4             5d8a084     what alerts have told
    store-4-frontier-1  5d8a084     the crawler's memory
    store-4-frontier-2  3e54484     pages that move
    store-6             b94931e     every row sealed; without a table of what ended its readers
    store-7-bare        eccef0e     copies told by names and speakers; still without that table
    store-7             6385d5a     the last in which what is in quarantine did not know its file
    store-8             7893838     the last whose records stand in a tree of keys

No program wrote a store of version 5: that number and the next were given at once.
"""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

# Addresses of files are part of what is stored, so this place is always the same.
PLACE = Path("/tmp/searchkit-compat")
# Addresses of pages are as well.
PORT = 8947
BESIDE = ("lock", "LOCK", "-shm", "-wal")
HTML = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta property="article:published_time" content="{day}T08:00:00Z"><meta property="og:site_name" content="Velmar Ledger">
</head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"""
CRANES = (
    "The port of Velmar closed its largest crane on Monday after an inspection had found a crack in the northern "
    "pillar.",
    '"We will not open it before every bolt has been counted," said Nadia Korbel, spokesperson for the Velmar Port '
    "Authority, in a hall beside the quay.",
    "Ships that were expected until Thursday wait in the roads, and two of them have turned back to Ostrava.",
)
ARTICLES = {
    "cranes.html": HTML.format(
        title="Crane closed", day="2022-12-16", paragraphs="".join(f"<p>{one}</p>" for one in CRANES)
    ),
    "office.txt": "The Ostrava Trade Office fined Meridian Optics Ltd on Tuesday.\n\n"
    '"Meridian Optics ignored three warnings," Nadia Korbel, spokesperson for the Ostrava Trade Office, said. She '
    "added that the double standard of its suppliers was plain.\n",
    "leaves.md": "# Gates painted\n\nThe gates of the old dock were painted green.\n\n"
    '"Green keeps the salt away," said Petr Havel, harbor master of Velmar.\n',
    "wire.jsonl": "".join(
        json.dumps(
            {
                "uri": f"https://{outlet}.example/crates",
                "title": "Crates came and went",
                "outlet": outlet.title(),
                "published": "2023-01-10",
                "text": "Crates came and went through the port of Velmar for nine days before anybody asked who had "
                "sent them, and where the papers were.\n\n"
                '"The papers were one crate short, and nobody had told us of it," Nadia Korbel said on Friday.',
            }
        )
        + "\n"
        for outlet in ("ledger", "courier")
    ),
    "broken.pdf": "%PDF-1.4 and nothing else",
}
SHEDS = (
    "The city of Ostrava will take down the four sheds on the western quay before the first of June, a year early.",
    '"The roofs would not have outlasted another winter," said Ludmila Farkas, head of the building office of Ostrava.',
)
PAGES = {
    "/sheds.html": HTML.format(
        title="Sheds to go", day="2023-02-03", paragraphs="".join(f"<p>{one}</p>" for one in SHEDS)
    ),
    "/lamps.html": HTML.format(
        title="Lamps stay lit",
        day="2023-02-04",
        paragraphs="<p>The lamps on the breakwater of Velmar stay lit through the summer, as ships had asked.</p>",
    ),
}
CHANGED = ARTICLES["cranes.html"].replace("every bolt has been counted", "every bolt has been counted twice")
QUESTIONS = {
    "query cranes": ("query", "crane"),
    "query phrase": ("query", '"old dock"'),
    "query outlet": ("query", "outlet:Ledger"),
    "query date": ("query", "date:2022-12"),
    "quotes speaker": ("quotes", "--speaker", "Nadia Korbel"),
    "quotes about": ("quotes", "--about", "Meridian Optics"),
    "quotes words": ("quotes", "warnings"),
}


def main(checkout: Path, target: Path) -> None:
    """Make `target`.tar.gz and `target`.json with the program in `checkout`."""
    shutil.rmtree(PLACE, ignore_errors=True)
    articles, archive = PLACE / "articles", PLACE / "archive"
    articles.mkdir(parents=True)
    for name, text in ARTICLES.items():
        (articles / name).write_text(text)

    def searchkit(*arguments: str, wanted: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "searchkit", "--archive", str(archive), *arguments],
            env={**os.environ, "PYTHONPATH": str(checkout)},
            capture_output=True,
            text=True,
            check=False,
            cwd=PLACE,
        )
        if done.returncode not in wanted:
            raise RuntimeError(f"{arguments}: {done.returncode}: {done.stderr}")
        return done.stdout

    def asked(*arguments: str) -> Any:
        return json.loads(searchkit(*arguments, "--json"))

    crawls = "--allow-host" in searchkit("index", "--help")
    failed = (0, 4)
    searchkit("index", "--workers", "1", str(articles), wanted=failed)
    (articles / "cranes.html").write_text(CHANGED)
    (articles / "leaves.md").unlink()
    searchkit("index", "--workers", "1", str(articles), wanted=failed)
    if crawls:
        with serving() as pages:
            addresses = [f"http://127.0.0.1:{PORT}{path}" for path in (*pages, "/old.html", "/none.html")]
            fetch = ("index", "--workers", "1", "--allow-host", "127.0.0.1", *addresses)
            searchkit(*fetch, wanted=failed)
            pages["/sheds.html"] = pages["/sheds.html"].replace("four sheds", "five sheds")
            searchkit(*fetch, wanted=failed)
    documents = asked("query", "*", "-n", "50", *(["--copies"] if "--copies" in searchkit("query", "--help") else []))
    records = {hit["id"]: asked("show", hit["id"]) for hit in documents["hits"]}
    expected: dict[str, Any] = {
        "made_of": subprocess.run(
            ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip(),
        "status": {name: value for name, value in asked("status").items() if isinstance(value, int)},
        "documents": {name: essence(record) for name, record in sorted(records.items())},
        "revisions": {
            name: sha256(asked("show", name, "--revision", "1")["text"].encode()).hexdigest()
            for name, record in sorted(records.items())
            if record["revision"] > 1
        },
        "answers": {name: sorted(hit["id"] for hit in asked(*words)["hits"]) for name, words in QUESTIONS.items()},
    }
    if crawls:
        expected["pages"] = known_pages(archive)
    commands = searchkit("--help")
    if "alerts" in commands:
        (archive / "saved").mkdir(exist_ok=True)
        (archive / "saved" / "port.toml").write_text('syntax = 1\nquery = "speaker:korbel"\nover = "quotes"\n[alert]\n')
        searchkit("alerts", "run", "--backfill")
        expected["alerts"] = len(asked("alerts", "show")["items"])
    if "backup" in commands and "alerts" not in commands:
        searchkit("backup", str(PLACE / "backup"))
    pack(target.with_name(target.name + ".tar.gz"))
    written = json.dumps(expected, indent=1, ensure_ascii=True, sort_keys=True) + "\n"
    target.with_name(target.name + ".json").write_text(written)


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """Serve PAGES, which may be changed meanwhile; /old.html leads to one of them."""
    pages = dict(PAGES)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path, "")
            self.send_response(200 if page else 301 if self.path == "/old.html" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if self.path == "/old.html":
                self.send_header("Location", "/lamps.html")
            self.send_header("Content-Length", str(len(page.encode())))
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", PORT), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield pages
        finally:
            server.shutdown()
            thread.join()


def known_pages(archive: Path) -> list[list[Any]]:
    """What the crawler remembers of pages and answers, and no later version may lose."""
    with closing(sqlite3.connect(archive / "frontier.sqlite")) as frontier:
        pages = frontier.execute("SELECT url, host, source, digest, status, final_url FROM pages ORDER BY url")
        fetches = frontier.execute("SELECT number, url, final_url, status, headers, digest FROM fetches")
        return [list(row) for row in (*pages, *fetches)]


def essence(record: dict[str, Any]) -> dict[str, Any]:
    """Of a record what no later version may lose."""
    return {
        "uri": record["uri"],
        "title": record["title"],
        "revision": record["revision"],
        "text": sha256(record["text"].encode()).hexdigest(),
        "published": (record["published"] or {}).get("value"),
        "gone": bool(record.get("gone_at")),
        "copies": record.get("copies", ""),
        "statements": sorted([one["id"], one["text"], one["speaker"]] for one in record["quotes"]),
    }


def pack(path: Path) -> None:
    """All of an archive, but for its lock and what SQLite keeps beside its files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=9) as tar:
        for file in sorted(PLACE.rglob("*")):
            name = file.relative_to(PLACE)
            if file.is_file() and name.parts[0] != "articles" and not name.name.endswith(BESIDE):
                entry = tarfile.TarInfo(name.as_posix())
                entry.size = file.stat().st_size
                tar.addfile(entry, io.BytesIO(file.read_bytes()))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
