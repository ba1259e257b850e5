"""Kill `searchkit forget` at random moments; afterwards, no file may contain anything of the erased documents.

The search (tests/archive/grep.py) shares no code with the program under test.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from msgspec import Struct, field

from searchkit.archive import Archive
from searchkit.document import document_id
from searchkit.index.base import SearchRequest
from searchkit.query import ast
from searchkit.store.failures import TRIES
from searchkit.store.sqlite import SqliteStore
from tests.archive.grep import holding
from tests.crawl.web.site import Site
from tests.test_update import TOML, feed, story

ROOT = Path(__file__).resolve().parents[2]
_ALL = 1_000
# From the start of Python to the last step there are some seconds on a busy machine.
_LONGEST = 6.0
_END_SECONDS = 180.0
MAIL = """From desk@ledger.example Mon Mar  2 08:00:00 2026
From: Nadia Korbel <desk@ledger.example>
Date: Mon, 2 Mar 2026 08:00:00 +0000
Subject: Tolls at the zibbelgate lock
Message-ID: <1@ledger.example>

The tolls at the zibbelgate lock of Velmar rise in June.

"Nobody has paid too little until now," Nadia Korbel said on Monday.

"""


class Target(Struct, frozen=True):
    """Something that is to be forgotten: what it is called on the command line, its document's id, and what of it may
    not be found afterwards."""

    name: str
    document: str
    gone: tuple[str, ...]


class Forgets(Struct):
    """What was done and seen: how many runs were `killed`, how many of those had begun to remove, what is `wrong`."""

    killed: int = 0
    cut_short: int = 0
    targets: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


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
    """The archive in `folder`/archive, and what may go from it."""
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
    _run(folder, "saved", "add", "port", "speaker:korbel", "--over", "quotes", "--sink", "atom:archive/a.xml")
    _run(folder, "update", "--workers", "1", "--warc", str(warc), codes=(0, 4))
    # An article moves, another has a second state, and what a WARC file holds has addresses of its own.
    site.page("/new.html", story("The movelmole is closed", "movelmole"))
    site.redirect("/old.html", "/new.html")
    site.page("/twice.html", story("The zwirntwist is closed again", "zwirntwist", day=2))
    _run(folder, "update", "--all", "--workers", "1", codes=(0, 4))
    for file in warc.iterdir():
        shutil.copy(file, articles / file.name)
    _run(folder, "index", "--workers", "1", str(articles), codes=(0, 4))
    with closing(SqliteStore(folder / "archive" / "store.sqlite", writable=True)) as store:
        held = (articles / file.name).as_uri()
        for _ in range(TRIES):
            store.quarantine.note(site.url("/deadly"), "d", reason="too long", at="2026-03-01", container=held)
        store.commit()
    (capture, *_) = (folder / "archive" / "captures").glob("*/*.gz")
    for damaged in (folder / "archive" / "store.sqlite", capture):
        shutil.copy(damaged, damaged.with_name(f"{damaged.name}.damaged-20260301T000000"))
    with Archive.open(folder / "archive") as archive:
        found = {hit.id for hit in archive.search(SearchRequest(query=ast.All(), limit=_ALL, copies=True)).hits}
        every = [document for one in found if (document := archive.get(one)) is not None]
        mail = next(document for document in every if "zibbelgate" in document.text)
        bare = next(document for document in every if "namelessness" in document.text)
    note = articles / "note.txt"
    return [
        *(_at(site.url(path), words[path]) for path in ("/quay.html", "/twice.html")),
        _at(site.url("/old.html"), "movelmole", site.url("/new.html")),
        _at("https://ledger.example/d", "https://ledger.example/d"),
        Target(mail.id, mail.id, (mail.id, "zibbelgate", mail.uri)),
        Target(bare.id, bare.id, (bare.id, "namelessness", bare.uri)),
        Target(str(note), document_id(note.as_uri()), ("snorkelpost", note.as_uri())),
        Target(site.url("/deadly"), "", (site.url("/deadly"),)),
        Target(site.url("/empty.html"), "", (site.url("/empty.html"),)),
    ]


def _at(url: str, *gone: str) -> Target:
    return Target(url, document_id(url), (url, document_id(url), *gone))


def forgets(folder: Path, count: int, *, seed: int) -> Forgets:
    """Kill `searchkit forget` so many times."""
    done, chance = Forgets(), random.Random(seed)
    with Site() as site:
        targets = build(folder / "made", site)
        while done.killed < count:
            place = folder / f"from{done.killed}"
            shutil.copytree(folder / "made" / "archive", place / "archive")
            shutil.copy(folder / "made" / "searchkit.toml", place)
            _forget_some(place, site, chance.sample(targets, 2), chance, done, count)
            shutil.rmtree(place)
    return done


def _forget_some(
    place: Path, site: Site, targets: list[Target], chance: random.Random, done: Forgets, count: int
) -> None:
    archive = place / "archive"
    before = _ids(archive)
    for target in targets:
        done.targets[target.gone[-1]] += 1
        words: tuple[str, ...] = (target.name,)
        for _ in range(chance.choice((1, 2))):
            if done.killed < count and _killed(place, words, chance):
                done.killed += 1
                if (archive / "forgetting.json").exists():
                    done.cut_short += 1
                    words = ()  # the next finishes what this one began
        code, reported = _run(place, "forget", *words, codes=(0, 2, 3))
        # It may have been killed when all was done: then nothing of that name is known any more.
        if code and not _is_known_no_more(reported):
            done.wrong.append(f"{target.name}: {reported}")
        wrong = [f"{name} holds {', '.join(what)}" for name, what in holding(archive, *target.gone).items()]
        after = _ids(archive)
        if before - after != ({target.document} if target.document else set()):
            wrong.append(f"gone are {sorted(before - after)}")
        before = after
        # A run meets it again, and lets it lie.
        _run(place, "update", "--all", "--workers", "1", codes=(0, 4))
        wrong += [
            f"after a run {name} holds {', '.join(what)}" for name, what in holding(archive, *target.gone).items()
        ]
        code, reported = _run(place, "check", "--full", codes=(0, 3))
        wrong += [reported] if code else []
        done.wrong += [f"kill {done.killed}, {target.gone[-1]}: {fault}" for fault in wrong]


def _killed(place: Path, words: tuple[str, ...], chance: random.Random) -> bool:
    """Whether a run was killed before its end; mostly after it has begun to remove."""
    process = subprocess.Popen(
        _command(place, "forget", *words),
        cwd=place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    intent, started = place / "archive" / "forgetting.json", time.monotonic()
    if not words or chance.random() < 0.2:
        time.sleep(chance.random() * _LONGEST / 3)
    else:
        while process.poll() is None and not intent.exists() and time.monotonic() - started < _END_SECONDS:
            time.sleep(0.002)
        # Steps are short and long: so are the waits.
        time.sleep(chance.random() ** 2 * _LONGEST / 6)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _is_known_no_more(reported: str) -> bool:
    return "in the archive has the address" in reported or "has the id" in reported or "Name what to forget" in reported


def _ids(archive: Path) -> set[str]:
    with closing(SqliteStore(archive / "store.sqlite", writable=False)) as store:
        return set(store.ids())


def _command(place: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "searchkit", words[0], "--archive", str(place / "archive"), *words[1:]]


def _run(place: Path, *words: str, codes: tuple[int, ...] = (0,)) -> tuple[int, str]:
    """Run a command to its end; its code, and what it said."""
    command = _command(place, *words)
    if words[0] == "saved":
        command = [*command[:3], words[0], words[1], "--archive", str(place / "archive"), *words[2:]]
    done = subprocess.run(
        command,
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=_END_SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode not in codes:
        raise AssertionError(f"{words}: exit code {done.returncode}: {done.stdout}{done.stderr}")
    return done.returncode, done.stdout + done.stderr
