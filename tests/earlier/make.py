"""Make a test archive with an earlier searchkit: its folder, a backup, evidence, and what that searchkit prints.

    PYTHONPATH=CHECKOUT python tests/earlier/make.py COMMIT.tar.xz

CHECKOUT is a checkout of the commit. Everything is made in ROOT, which must not exist, so that no path of this machine
is in the result.
"""

import functools
import http.server
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from typing import Any

from searchkit.store.tables import row_checksum

ROOT = Path("/srv/newsroom")
ARCHIVE, ARTICLES, SITE = ROOT / "archive", ROOT / "articles", ROOT / "site"
PORT = 8653
SETTINGS = f"""
archive = "archive"
contact = "desk@ledger.example"

[[source]]
name = "harbour-office"
kind = "site"
location = "http://127.0.0.1:{PORT}/"
allow_hosts = ["127.0.0.1:{PORT}"]
delay = 1
"""
HEAD = "{title}\nBy: Nadia Korbel\nPublished: {day}\nOutlet: {outlet}\nURL: https://ledger.example/{name}\n\n"
TEXTS = {
    "quay": (
        "The quay reopens",
        "2026-03-02",
        "Lindholt Ledger",
        'The harbour master of Selden, Ivo Marek, said: "The quay will open on Monday, and no boat has to wait."\n\n'
        '"We have no money left for a second crane," Marek told reporters on Tuesday.\n',
    ),
    "optics": (
        "Meridian Optics denies delay",
        "2026-03-04",
        "Lindholt Ledger",
        'Meridian Optics spokeswoman Greta Holm denied that the lenses were late. "Every lens was delivered in '
        'February," she said.\n\nAske Brandt, a member of the council, said that Meridian Optics had lied.\n',
    ),
    "secret": (
        "A text to forget",
        "2026-03-05",
        "Lindholt Ledger",
        'Paul Ostby said: "Please forget that I was ever in Selden."\n',
    ),
    "gone": (
        "The ferry is late",
        "2026-03-06",
        "Lindholt Ledger",
        'Captain Ragna Vik said: "The ferry cannot sail in this wind."\n',
    ),
}
# Long enough to be a near-duplicate, which a short text never is.
LONG = " ".join(
    f"On day {day}, the harbour office of Selden counted {day * 7} boats, of which {day * 3} came from Lindholt to "
    f"unload {day} tonnes of herring."
    for day in range(1, 13)
)
COPY = ('Ivo Marek said: "The herring is back, and so are the boats."\n\n' + LONG + "\n", "The herring is back")
PAGE = (
    "<!doctype html><html lang=en><head><title>{title}</title><meta name=author content='Nadia Korbel'>"
    "<meta property='article:published_time' content='2026-03-0{day}T10:00:00Z'></head><body><article><h1>{title}</h1>"
    "<p>{words}</p><p>The office of the harbour in Selden has published this notice for everybody who has a boat in "
    "the harbour, and for all of those who wait for a place there.</p></article>{links}</body></html>"
)
ALIASES = '[[entity]]\nname = "Ivo Marek"\nkind = "person"\naliases = ["the harbour master of Selden"]\n'


def searchkit(*arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command and return what it prints."""
    command = [sys.executable, "-m", "searchkit", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        raise SystemExit(f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def printed(*arguments: str) -> Any:
    return json.loads(searchkit(*arguments, codes=(0, 1, 4)))


def write_articles() -> None:
    ARTICLES.mkdir()
    for name, (title, day, outlet, text) in TEXTS.items():
        head = HEAD.format(title=title, day=day, outlet=outlet, name=name)
        (ARTICLES / f"{name}.txt").write_text(head + text)
    for outlet in ("Lindholt Ledger", "Selden Courier"):
        name = f"herring-{outlet.split()[1].lower()}"
        head = HEAD.format(title=COPY[1], day="2026-03-07", outlet=outlet, name=name)
        (ARTICLES / f"{name}.txt").write_text(head + COPY[0])
    (ARTICLES / "broken.docx").write_bytes(b"PK\3\4 not a document")
    (ARTICLES / "binary.txt").write_bytes(bytes(range(256)) * 4)


def write_site(second: str) -> None:
    SITE.mkdir(exist_ok=True)
    notice = "Harbour master Ivo Marek said: &ldquo;{}&rdquo;"
    links = "<ul><li><a href=/notice-1.html>The crane is repaired</a><li><a href=/notice-2.html>New fees</a></ul>"
    (SITE / "index.html").write_text(f"<html><title>Harbour office</title><body>{links}</body></html>")
    for number, title, words in (
        (1, "The crane is repaired", "The crane lifts again since noon."),
        (2, "Fees", second),
    ):
        page = PAGE.format(title=title, day=number, words=notice.format(words), links=links)
        (SITE / f"notice-{number}.html").write_text(page)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


def serve() -> http.server.ThreadingHTTPServer:
    handler = functools.partial(Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def quarantine() -> None:
    """Add a resource that has crashed three runs: a file that does so everywhere is hard to find."""
    connection = sqlite3.connect(ARCHIVE / "store.sqlite")
    connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
    row = (f"file://{ARTICLES}/crash.pdf", "ab" * 32, "took more than 300 MB of memory", "2026-03-08T00:00:00+00:00", 3)
    connection.execute("INSERT INTO crashing_resources VALUES (?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()


def make() -> None:
    write_articles()
    write_site("The fees rise by ten crowns.")
    (ROOT / "searchkit.toml").write_text(SETTINGS)
    server = serve()
    searchkit("index", "articles", codes=(0, 4))
    (ARCHIVE / "aliases.toml").write_text(ALIASES)
    (ROOT / "companies.csv").write_text("name,aliases\nMeridian Optics,Meridian\nNorthquay Cranes,\n")
    searchkit("watchlist", "add", "companies.csv")
    searchkit("saved", "add", "marek", 'speaker:"Ivo Marek"', "--over", "quotes", "--sink", "atom:marek.xml")
    searchkit("saved", "add", "optics", '"Meridian Optics"', "--note", "The delay")
    searchkit("update", codes=(0, 4))
    quay = ARTICLES / "quay.txt"
    quay.write_text(quay.read_text().replace("on Monday", "on Thursday"))
    (ARTICLES / "gone.txt").unlink()
    write_site("The fees rise by thirty crowns.")
    searchkit("index", "articles", codes=(0, 4))
    searchkit("update", "--all", codes=(0, 4))
    searchkit("alerts", "run")
    searchkit("forget", f"file://{ARTICLES}/secret.txt")
    statements = [hit["id"] for hit in printed("quotes", "*", "--json", "-n", "100", "--sort", "oldest")["hits"]]
    searchkit("notes", "set", statements[0], "--mark", "checked", "--tag", "harbour", "--note", "I asked him.")
    searchkit("notes", "set", statements[1], "--mark", "wrong-speaker", "--speaker", "Greta Holm")
    quarantine()
    searchkit("export", "*", "--copies", "-o", "statements.evidence")
    server.shutdown()
    searchkit("backup", "backup")


def expected() -> dict[str, Any]:
    """Return what the commands print, by their arguments."""
    commands = [
        ("query", "*", "--copies", "--json", "-n", "100"),
        ("quotes", "*", "--copies", "--json", "-n", "100"),
        ("quotes", "mark:checked", "--json"),
        ("query", "saved:optics", "--json"),
        ("notes", "list", "--json"),
        ("saved", "list", "--json"),
        ("alerts", "list", "--json"),
        ("alerts", "show", "--json"),
        ("watchlist", "list", "companies", "--json"),
        ("sources", "--failures", "--json"),
        ("status", "--json"),
        ("entities", "--json"),
    ]
    for hit in printed(*commands[0])["hits"]:
        revisions = printed("show", hit["id"], "--json")["revision"]
        commands += [("show", hit["id"], "--json", "--revision", str(number + 1)) for number in range(revisions)]
    return {" ".join(command): printed(*command) for command in commands}


if __name__ == "__main__":
    ROOT.mkdir()
    try:
        make()
        (ROOT / "expected.json").write_text(json.dumps(expected(), indent=1))
        with tarfile.open(sys.argv[1], "w:xz", preset=9) as packed:
            for name in ("archive", "backup", "statements.evidence", "expected.json", "searchkit.toml", "articles"):
                packed.add(ROOT / name, name)
    finally:
        shutil.rmtree(ROOT)
