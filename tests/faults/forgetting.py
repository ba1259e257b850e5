"""Kill `searchkit forget` at random moments; afterwards, no file may contain anything of the erased documents.

The search (tests/archive/grep.py) shares no code with the program under test.
"""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from searchkit.archive import Archive
from searchkit.statements.document import document_id
from searchkit.store.sources import TRIES
from searchkit.store.store import open_store
from tests.archive.grep import holding
from tests.crawl.web.site import Site
from tests.faults.commands import ENVIRONMENT, EVERYTHING, Report, searchkit
from tests.test_update import TOML, feed, story

# From the start of Python to the last step there are some seconds on a busy machine.
_LONGEST = 6.0
MAIL = """From desk@ledger.example Mon Mar  2 08:00:00 2026
From: Nadia Korbel <desk@ledger.example>
Date: Mon, 2 Mar 2026 08:00:00 +0000
Subject: Tolls at the zibbelgate lock
Message-ID: <1@ledger.example>

The tolls at the zibbelgate lock of Velmar rise in June.

"Nobody has paid too little until now," Nadia Korbel said on Monday.

"""


class Target(Struct, frozen=True):
    """Its name on the command line, the id of its document, and what may not be found once it is forgotten."""

    name: str
    document: str
    gone: tuple[str, ...]


def _record(outlet: str, word: str, **more: str) -> str:
    return json.dumps(
        {
            "title": f"Crates of {word}",
            "outlet": outlet,
            "published": "2026-03-01",
            "text": f"Crates of {word} went through the port of Velmar for nine days before anybody asked who had sent "
            f'them.\n\n"The papers of {word} were one crate short," Nadia Korbel said on Friday.',
        }
        | more
    )


def build(folder: Path, site: Site) -> list[Target]:
    """Make an archive in `folder`/archive; return what may be forgotten of it."""
    articles = folder / "articles"
    articles.mkdir(parents=True)
    (folder / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")))
    words = {"/quay.html": "quagglequay", "/old.html": "movelmole", "/twice.html": "zwirntwist", "/pier.html": "pier"}
    for path, word in words.items():
        site.page(path, story(f"The {word} is closed", word))
    site.page("/empty.html", "<html><body></body></html>")
    site.page("/feed.xml", feed(site, *words, "/empty.html", "/none.html"), media_type="application/rss+xml")
    copies = [_record(name, "doppelcrate", uri=f"https://{name}.example/d") for name in ("ledger", "courier")]
    (articles / "wire.jsonl").write_text("\n".join([*copies, _record("Bay", "namelessness")]) + "\n")
    (articles / "letters.mbox").write_text(MAIL)
    (articles / "note.txt").write_text('The snorkelpost stays.\n\n"It does," said Nadia Korbel, harbor master.\n')
    (articles / "stays.txt").write_text('The bridge stays.\n\n"It does," said Petr Havel, harbor master of Velmar.\n')
    warc = folder / "warc"
    _run(folder, "index", "--workers", "1", str(articles))
    _run(folder, "saved", "add", "port", "speaker:korbel", "--over", "statements", "--sink", "atom:archive/a.xml")
    _run(folder, "update", "--workers", "1", "--warc", str(warc), codes=(0, 4))
    # An article moves, and another has a second state.
    site.page("/new.html", story("The movelmole is closed", "movelmole"))
    site.redirect("/old.html", "/new.html")
    site.page("/twice.html", story("The zwirntwist is closed again", "zwirntwist", day=2))
    _run(folder, "update", "--all", "--workers", "1", codes=(0, 4))
    with closing(open_store(folder / "archive" / "store.sqlite", writable=True)) as store:
        for _ in range(TRIES):
            store.quarantine.note(site.url("/deadly"), "d", reason="too long", at="2026-03-01")
        store.commit()
    (capture, *_) = (folder / "archive" / "captures").glob("*/*.gz")
    for damaged in (folder / "archive" / "store.sqlite", capture):
        shutil.copy(damaged, damaged.with_name(f"{damaged.name}.damaged-20260301T000000"))
    with Archive.open(folder / "archive") as archive:
        found = [archive.get(hit.id) for hit in archive.search(EVERYTHING).hits]
    note = articles / "note.txt"
    row = f"{(articles / 'wire.jsonl').as_uri()}#https://ledger.example/d"
    return [
        *(_at(site.url(path), words[path]) for path in ("/quay.html", "/twice.html")),
        _at(site.url("/old.html"), "movelmole", site.url("/new.html")),
        Target("https://ledger.example/d", document_id(row), (row, document_id(row))),
        *(
            Target(document.id, document.id, (document.id, word, document.uri))
            for document in found
            for word in ("zibbelgate", "namelessness")
            if document is not None and word in document.text
        ),
        Target(str(note), document_id(note.as_uri()), ("snorkelpost", note.as_uri())),
        Target(site.url("/deadly"), "", (site.url("/deadly"),)),
        Target(site.url("/empty.html"), "", (site.url("/empty.html"),)),
    ]


def _at(url: str, *gone: str) -> Target:
    return Target(url, document_id(url), (url, document_id(url), *gone))


def forgets(folder: Path, count: int, *, seed: int) -> Report:
    """Kill `searchkit forget` `count` times."""
    report, chance = Report(), random.Random(seed)
    with Site() as site:
        targets = build(folder / "made", site)
        while report.seen["killed"] < count:
            place = folder / f"from{report.seen['killed']}"
            shutil.copytree(folder / "made" / "archive", place / "archive")
            shutil.copy(folder / "made" / "searchkit.toml", place)
            for target in chance.sample(targets, 2):
                _forget(place, target, chance, report, count)
            shutil.rmtree(place)
    return report


def _forget(place: Path, target: Target, chance: random.Random, report: Report, count: int) -> None:
    """Kill up to two runs, let the next one finish, and check what is left."""
    archive = place / "archive"
    before = _ids(archive)
    names: tuple[str, ...] = (target.name,)
    for _ in range(chance.choice((1, 2))):
        if report.seen["killed"] < count and _killed(place, names, chance):
            report.seen["killed"] += 1
            if (archive / "forgetting.json").exists():
                report.seen["cut short and finished by the next run"] += 1
                names = ()  # the next run finishes what this one began
    code, output = _run(place, "forget", *names, codes=(0, 2, 3))
    # A run that was killed after its last step leaves nothing of that name.
    unknown = ("in the archive has the address", "has the id", "Name what to forget")
    if code and not any(words in output for words in unknown):
        report.wrong.append(f"{target.name}: {output}")
    wrong = [f"{name} holds {', '.join(what)}" for name, what in holding(archive, *target.gone).items()]
    removed = before - _ids(archive)
    if removed != ({target.document} if target.document else set()):
        wrong.append(f"gone are {sorted(removed)}")
    # A run meets it again, and skips it.
    _run(place, "update", "--all", "--workers", "1", codes=(0, 4))
    wrong += [f"after a run {name} holds {', '.join(what)}" for name, what in holding(archive, *target.gone).items()]
    code, output = _run(place, "check", "--full", codes=(0, 3))
    wrong += [output] if code else []
    report.wrong += [f"kill {report.seen['killed']}, {target.gone[-1]}: {fault}" for fault in wrong]


def _killed(place: Path, names: tuple[str, ...], chance: random.Random) -> bool:
    """Return whether a run was killed before its end, mostly after it has begun to remove."""
    command = [sys.executable, "-m", "searchkit", "--archive", "archive", "forget", *names]
    process = subprocess.Popen(
        command, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT
    )
    intent, started = place / "archive" / "forgetting.json", time.monotonic()
    if not names or chance.random() < 0.2:
        time.sleep(chance.random() * _LONGEST / 3)
    else:
        while process.poll() is None and not intent.exists() and time.monotonic() - started < _LONGEST * 30:
            time.sleep(0.002)
        # Steps are short and long: so are the waits.
        time.sleep(chance.random() ** 2 * _LONGEST / 6)
    process.kill()
    return process.wait() == -signal.SIGKILL


def _ids(archive: Path) -> set[str]:
    with closing(open_store(archive / "store.sqlite", writable=False)) as store:
        return set(store.ids())


def _run(place: Path, *words: str, codes: tuple[int, ...] = (0,)) -> tuple[int, str]:
    done = searchkit("--archive", "archive", *words, cwd=place)
    output = done.stdout + done.stderr
    assert done.returncode in codes, f"{words}: exit code {done.returncode}: {output}"
    return done.returncode, output
