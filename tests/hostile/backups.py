"""Forged backups: what a backup from a stranger may contain, and what restoring and using it may do.

A forger controls every byte: the manifest names the files with correct checksums, and the rows of the databases have
correct ones, unless that is the forgery.
"""

import gzip
import hashlib
import json
import os
import pickle
import shutil
import socket
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from searchkit.archive.backup import FILES, MANIFEST
from searchkit.crawl.web.frontier_database import row_checksum as frontier_checksum
from searchkit.store.tables import row_checksum as store_checksum
from tests.archive.damage import record_functions
from tests.crawl.web.site import Site
from tests.hostile.cases import SECRET, STEERING
from tests.hostile.corpus import remove
from tests.hostile.watching import Ran, searchkit
from tests.test_update import TOML, feed, story

STORE, FRONTIER = "store.sqlite", "frontier.sqlite"
ALERT = 'syntax = 1\nquery = "port"\nover = "documents"\n[alert]\nsinks = [{sinks}]\n'
# Processor time of a command, and how long it may take on a busy machine.
BUSY_SECONDS, SECONDS, MEMORY_MB = 25.0, 300.0, 600
_CODES = {0, 2, 3, 4, 75}
_SHOWN = 300
_COMMANDS = ("status", "update", "alerts run", "query port", "check --full", "forget")

Forge = Callable[[Path, Path], None]
"""Changes the files of a backup, given their folder and a folder outside of it."""


class Newsroom(Struct, frozen=True):
    """A folder with searchkit.toml, a site that it updates from, and a sound backup of its archive."""

    folder: Path
    site: Site

    @property
    def backup(self) -> Path:
        return self.folder / "backup"


def newsroom(folder: Path, site: Site) -> Newsroom:
    """Make an archive from the site, with an alert, names, captures and a forgotten document, and back it up."""
    folder.mkdir(parents=True)
    for path in ("/a", "/b", "/c"):
        site.page(path, story(f"Bridge {path} closed", f"bridge {path}"))
    site.page("/feed.xml", feed(site, "/a", "/b", "/c"), media_type="application/rss+xml")
    (folder / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")))
    saved = folder / "index" / "saved"
    saved.mkdir(parents=True)
    (saved / "port.toml").write_text(ALERT.format(sinks='"atom:alerts.xml"'))
    (folder / "index" / "aliases.toml").write_text('[[hide]]\nname = "Vell"\n')
    for words in ("update", f"forget {site.url('/c')}", "backup backup"):
        ran = searchkit(*words.split(), folder=folder)
        assert ran.code == 0, ran.err
    return Newsroom(folder, site)


# --- forgers ---------------------------------------------------------------------------------------------------------


def content(name: str, made: bytes | str) -> Forge:
    """Write a file."""

    def forge(files: Path, _outside: Path) -> None:
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_bytes(made.encode("utf-8", "surrogateescape") if isinstance(made, str) else made)

    return forge


def sparse(name: str, size: int) -> Forge:
    """Write a file that is one hole."""

    def forge(files: Path, _outside: Path) -> None:
        (files / name).unlink(missing_ok=True)
        with (files / name).open("wb") as file:
            file.truncate(size)

    return forge


def link(name: str, target: str) -> Forge:
    """Replace a file or folder with a link; `OUTSIDE` is the folder outside."""

    def forge(files: Path, outside: Path) -> None:
        place = files / name
        if place.exists():
            place.rename(outside.with_name("replaced"))
        place.symlink_to(target.replace("OUTSIDE", str(outside)))

    return forge


def special(name: str, kind: str) -> Forge:
    """Replace a file with a FIFO, a socket, a folder or a hard link to the secret."""

    def forge(files: Path, outside: Path) -> None:
        place = files / name
        place.unlink()
        if kind == "fifo":
            os.mkfifo(place)
        elif kind == "socket":
            with closing(socket.socket(socket.AF_UNIX)) as bound:
                here = os.open(files, os.O_RDONLY)
                bound.bind(f"/proc/self/fd/{here}/{name}")
                os.close(here)
        elif kind == "folder":
            place.mkdir()
        else:
            place.hardlink_to(outside / "secret.txt")

    return forge


def rows(database: str, *statements: str, masked: bool = False) -> Forge:
    """Run statements on a database, with our functions; `masked` allows changes of its schema."""

    def forge(files: Path, outside: Path) -> None:
        checksum = store_checksum if database == STORE else frontier_checksum
        with closing(sqlite3.connect(files / database, isolation_level=None)) as connection:
            connection.create_function("row_checksum", -1, checksum, deterministic=True)
            record_functions(connection)
            connection.execute(f"PRAGMA writable_schema={'ON' if masked else 'OFF'}")
            for statement in statements:
                connection.execute(statement.replace("OUTSIDE", str(outside)))

    return forge


def manifest(change: Callable[[dict[str, object]], object]) -> Forge:
    """Change the manifest; `change` returns the new one, or bytes."""

    def forge(files: Path, _outside: Path) -> None:
        path = files.parent / MANIFEST
        made = change(json.loads(path.read_bytes()))
        path.write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())

    return forge


def _naming(name: str) -> Forge:
    digest = hashlib.sha256(b"x").hexdigest()
    return manifest(lambda made: {**made, "files": {**made["files"], name: [1, digest]}})  # type: ignore[dict-item]


def _entry(**fields: object) -> Forge:
    """Change the entry of the store in the manifest: size and checksum."""

    def change(made: dict[str, object]) -> object:
        files = dict(made["files"])  # type: ignore[call-overload]
        size, digest = files[STORE]
        return {**made, "files": {**files, STORE: [fields.get("size", size), fields.get("digest", digest)]}}

    return manifest(change)


class _Marker:
    """Its pickle makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def _pickles(files: Path, outside: Path) -> None:
    made = pickle.dumps(_Marker(outside / "marker"))
    for name in ("runs.jsonl", "aliases.toml", "_MAIN_1.toc", "forgotten.json", "watchlists/list.jsonl"):
        content(name, made)(files, outside)


def _modules(files: Path, outside: Path) -> None:
    made = f"import os; os.mkdir({str(outside / 'marker')!r})\n"
    for name in ("sitecustomize.py", "searchkit/__init__.py", "msgspec.py", "conftest.py", "json/__init__.py"):
        content(name, made)(files, outside)


def _many_names(made: dict[str, object]) -> object:
    return {**made, "files": {f"captures/{number}": [0, "0" * 64] for number in range(300_000)}}


def _sinks(*sinks: str) -> Forge:
    return content("saved/port.toml", ALERT.format(sinks=", ".join(json.dumps(sink) for sink in sinks)))


def _plan(files: Path, outside: Path) -> None:
    """The plan of an interrupted erasure whose captures are files outside."""
    place = f"../../{outside.relative_to(outside.parent)}/secret"
    target = {"id": "0" * 12, "addresses": ["https://ledger.example/x"], "digests": [place]}
    made = {"searchkit_forgetting": 1, "targets": [target], "digests": [place, f"{outside}/secret"]}
    content("forgetting.json", json.dumps(made))(files, outside)


def _watchlist(entries: int, name: str = "Nadia Korbel") -> Forge:
    line = {"id": "1", "name": name, "kind": "person", "country": "", "topics": [], "names": [name.lower()]}
    lines = b"".join(
        json.dumps({**line, "id": str(number), "weak": [], "acronyms": []}).encode() + b"\n"
        for number in range(entries)
    )
    head = {"watchlist": "list", "version": 1, "source": "x", "form": "csv", "added": "2026-03-01T00:00:00+00:00"}
    head |= {"entries": entries, "names": entries, "sha256": hashlib.sha256(lines).hexdigest()}
    return content("watchlists/list.jsonl", json.dumps(head).encode() + b"\n" + lines)


def _many_searches(files: Path, outside: Path) -> None:
    for number in range(2_000):
        content(f"saved/x{number}.toml", 'syntax = 1\nquery = "port"\n')(files, outside)


def _capture(files: Path, _outside: Path) -> None:
    """Replace each capture with a bomb, and let the crawler read it again."""
    bomb = gzip.compress(bytes(300_000_000), 1)
    for path in (files / "captures").rglob("*.gz"):
        path.write_bytes(bomb)
    rows(FRONTIER, "UPDATE pages SET state = 'fetched'")(files, _outside)


_TRIGGER = "CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END"
_ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
_DEEP = "[" * 200_000
_DOTS = ".".join("a" * 8_000) + " = 1\n"
_DIGEST = hashlib.sha256(b"").hexdigest()

# Forged after the manifest was made, so that it does not fit.
MANIFESTS: Mapping[str, Forge] = {
    "manifest is a FIFO": special(f"../{MANIFEST}", "fifo"),
    "manifest is a link to a secret": link(f"../{MANIFEST}", "OUTSIDE/secret.txt"),
    "manifest is deep JSON": manifest(lambda _: b'{"searchkit_backup": 1, "files": ' + _DEEP.encode()),
    "manifest of 3 GB": sparse(f"../{MANIFEST}", 3_000_000_000),
    "manifest of 300,000 names": manifest(_many_names),
    "manifest with 1e999": manifest(lambda _: b'{"searchkit_backup": 1e999, "files": {}}'),
    "size 1e999": manifest(lambda made: json.dumps(made).encode().replace(b"[", b"[1e999, ", 1)),
    "size of petabytes": _entry(size=10**15),
    "size is negative": _entry(size=-1),
    "checksum of another file": _entry(digest=_DIGEST),
    "checksum is a path": _entry(digest="../../secret"),
    "name with ..": _naming("../escaped"),
    "name with .. inside": _naming("captures/../../escaped"),
    "name with a backslash": _naming("..\\escaped"),
    "absolute name": _naming("/tmp/searchkit-escaped"),
    "name with NUL": _naming("captures/\0"),
    "name with a lone surrogate": _naming("captures/\ud800"),
    "name with escapes": _naming("captures/\x1b]0;owned\x07"),
    "name of the index": _naming("whoosh/CURRENT"),
    "name of the lock": _naming("lock"),
    "name of a side file": _naming("store.sqlite-wal"),
    "store is a FIFO": special(STORE, "fifo"),
    "store is a folder": special(STORE, "folder"),
    "log is a socket": special("runs.jsonl", "socket"),
    "store is a link": link(STORE, "OUTSIDE/secret.txt"),
    "log is a link to an endless device": link("runs.jsonl", "/dev/zero"),
    "folder of captures is a link outside": link("captures", "OUTSIDE"),
    "folder of searches is a link outside": link("saved", "OUTSIDE"),
    "store of 8 TB, sparse": lambda files, outside: (
        sparse(STORE, 8 * 10**12)(files, outside),
        _entry(size=8 * 10**12)(files, outside),
    )[0],
}

# Forged before the manifest is made.
CONTENTS: Mapping[str, Forge] = {
    "hard link to a secret": special("runs.jsonl", "hard link"),
    "log of 300 MB, sparse": sparse("runs.jsonl", 300_000_000),
    "log of deep JSON, 1e999, surrogates": content(
        "runs.jsonl",
        f'{_DEEP}\n{{"command": "update", "ok": 1e999, "at": "\\ud800"}}\n{{"command": "update", "at": 1}}\n',
    ),
    "marker names another engine": content("archive.json", '{"searchkit": 1, "engine": "os:system"}'),
    "marker is deep JSON": content("archive.json", '{"searchkit": 1, "engine": ' + _DEEP),
    "marker without engine": content("archive.json", '{"searchkit": 1, "engine": {"a": "\\ud800"}}'),
    "pickles": _pickles,
    "modules of Python": _modules,
    "CURRENT points elsewhere": content("CURRENT", "../../outside\n"),
    "settings name a program and folders": content(
        "searchkit.toml", 'sendmail = "/bin/false"\nalert_folder = "/"\narchive = "../outside"\n'
    ),
    "aliases of dots": content("aliases.toml", _DOTS),
    "aliases of 30 MB": content("aliases.toml", '[[hide]]\nname = "x"\n' * 1_500_000),
    "aliases, deep": content("aliases.toml", "a = " + _DEEP),
    "watchlist of 200,000 names": _watchlist(200_000),
    "watchlist with an endless name": _watchlist(3, "Korbel " * 100_000),
    "watchlist of deep JSON": content("watchlists/list.jsonl", _DEEP),
    "blocklist of deep JSON": content("forgotten.json", '{"searchkit_forgotten": 1, "salt": ' + _DEEP),
    "blocklist of wrong types": content(
        "forgotten.json", '{"searchkit_forgotten": 1, "salt": 1e999, "entries": {"a": 1}}'
    ),
    "plan that erases files outside": _plan,
    "alerts confirmed by the forger": content("unconfirmed.json", '{"searchkit_unconfirmed": 1, "alerts": []}'),
    "sinks write outside": _sinks("atom:../outside/a.xml", "atom:/tmp/searchkit-escaped", "atom:~/escaped"),
    "sinks write into the archive": _sinks("atom:store.sqlite", "atom:saved/x.toml", "atom:captures/x"),
    "sinks are options and commands": _sinks("sendmail:-oQ/x", "sendmail:$(id)@x", "stdout:x"),
    "sinks send mail and post": _sinks("sendmail:desk@ledger.example", "webhook:http://127.0.0.1:PORT/hook"),
    "search with control characters": content(
        "saved/port.toml", ALERT.format(sinks='"stdout"').replace("port", "\x1b]0;x\x07")
    ),
    "search with escapes in its note": content(
        "saved/port.toml", 'syntax = 1\nquery = "port"\nnote = "\\u001b]0;x\\u0007"\n'
    ),
    "search with a hostile name": content("saved/\x1b[2J\u202e.toml", ALERT.format(sinks='"stdout"')),
    "search that names itself": content("saved/port.toml", 'syntax = 1\nquery = "saved:port"\n'),
    "search of dots": content("saved/port.toml", _DOTS),
    "2,000 searches": _many_searches,
    "captures are bombs": _capture,
    "store is text": content(STORE, "select"),
    "store is empty": content(STORE, b""),
    "store without a version": rows(STORE, "PRAGMA user_version=0"),
    "store with a negative version": rows(STORE, "PRAGMA user_version=-1"),
    "store with a trigger": rows(STORE, _TRIGGER.format(name="evil", table="resources")),
    "store with an endless view": rows(STORE, f"CREATE VIEW evil AS {_ENDLESS}"),
    "store with a view in place of a table": rows(STORE, "DROP TABLE facts", f"CREATE VIEW facts AS {_ENDLESS}"),
    "store with a virtual table": rows(STORE, "CREATE VIRTUAL TABLE evil USING fts5(x)"),
    "store with an index on our function": rows(STORE, "CREATE INDEX evil ON facts (row_checksum(document))"),
    "store with a trigger that has a reserved name": rows(
        STORE,
        _TRIGGER.format(name="evil", table="resources"),
        "UPDATE sqlite_master SET name = 'sqlite_evil', sql = replace(sql, 'evil', 'sqlite_evil') WHERE name = 'evil'",
        masked=True,
    ),
    "store whose tables share a page": rows(
        STORE,
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'changes') "
        "WHERE name IN ('documents', 'resources')",
        masked=True,
    ),
    "store at its last number": rows(STORE, "UPDATE sqlite_sequence SET seq = 9223372036854775807"),
    "store with changed texts": rows(
        STORE, "UPDATE documents SET record = compressed(json_set(expanded(record), '$.text', 'short'))"
    ),
    "store with empty records": rows(STORE, "UPDATE documents SET record = compressed('{}')"),
    "store with text for records": rows(STORE, "UPDATE documents SET record = '{}'"),
    "store with records that are not compressed": rows(STORE, "UPDATE documents SET record = x'0203ffff'"),
    "store with deep records": rows(STORE, f"UPDATE documents SET record = compressed('{_DEEP}')"),  # noqa: S608 - a constant
    "store with NUL and surrogates": rows(
        STORE,
        "UPDATE documents SET record = compressed(json_set(expanded(record), '$.text', 'a' || char(0)))",
        "UPDATE documents SET record = compressed(replace(expanded(record), 'Bridge', '\\ud800\\u0000'))",
    ),
    "store with wrong days": rows(
        STORE,
        "UPDATE resources SET seen_at = '\x1b[2J', fetched_at = '9999-99-99', gone_at = ''",
        "UPDATE runs SET last_run = 'never', last_success = '1e999', description = '{', not_read = '['",
        "UPDATE facts SET first_seen = '\x1b[2J'",
    ),
    "store with wrong types": rows(
        STORE,
        "UPDATE documents SET revision = 'x', statements = 1e999",
        "UPDATE facts SET dated = 'x', sketch = 'x'",
        "UPDATE changes SET document = x'ff'",
    ),
    "store with alerts of wrong types": rows(STORE, "UPDATE alerts SET sequence = 'x', since = '[', question = x'ff'"),
    "store with addresses of files": rows(
        STORE, "UPDATE resources SET uri = 'file://OUTSIDE/secret.txt' WHERE uri LIKE '%/a'"
    ),
    "frontier with a trigger": rows(FRONTIER, _TRIGGER.format(name="evil", table="fetches")),
    "frontier without a version": rows(
        FRONTIER, "PRAGMA user_version=0", "DROP TABLE pages", f"CREATE VIEW pages AS {_ENDLESS}"
    ),
    "frontier with wrong types": rows(
        FRONTIER,
        "UPDATE pages SET due_at = 'x', validators = '[', hint = '[', role = 'x', state = 'new', first_seen = 1e999",
    ),
    "frontier with files and private addresses": rows(
        FRONTIER,
        "UPDATE pages SET url = 'file://OUTSIDE/secret.txt', state = 'new', due_at = 0 WHERE url LIKE '%/a'",
        "UPDATE pages SET url = 'http://169.254.169.254/', host = '169.254.169.254', state = 'new', due_at = 0 "
        "WHERE url LIKE '%/b'",
    ),
    "frontier with captures outside": rows(
        FRONTIER,
        "UPDATE pages SET digest = '../../outside/secret', state = 'fetched'",
        "UPDATE fetches SET digest = '../x'",
    ),
    "frontier with endless reasons": rows(
        FRONTIER, "UPDATE pages SET reason = char(27) || replace(hex(zeroblob(500000)), '0', 'x')"
    ),
    "files that no backup has": content("\x1b]0;x\x07\n/evil", "x"),
}
FORGERIES = {**MANIFESTS, **CONTENTS}


# --- judging ---------------------------------------------------------------------------------------------------------


def _reseal(backup: Path) -> None:
    """Write the sizes and checksums of the files into the manifest."""
    path = backup / MANIFEST
    files = {
        place.relative_to(backup / FILES).as_posix(): (
            place.stat().st_size,
            hashlib.sha256(place.read_bytes()).hexdigest(),
        )
        for place in sorted((backup / FILES).rglob("*"))
        if place.is_file()
    }
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "files": files}))


def _state(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def judge(
    name: str, made: Newsroom, top: Path, *, commands: tuple[str, ...] = _COMMANDS
) -> tuple[str, float, list[str]]:
    """Forge a backup in the new folder `top`, restore it, and run commands on the archive. No name: forge nothing.

    Return what came of it, the longest processor time of a command in seconds, and what is wrong.
    """
    outside, work, backup = top / "outside", top / "work", top / "backup"
    for folder in (outside, work):
        folder.mkdir(parents=True)
    (outside / "secret.txt").write_text(SECRET)
    with gzip.open(outside / "secret.gz", "wb") as file:
        file.write(SECRET.encode())
    shutil.copy(made.folder / "searchkit.toml", work)
    shutil.copytree(made.backup, backup)
    if name:
        FORGERIES[name](backup / FILES, outside)
    for path in (backup / FILES / "saved").glob("*.toml") if name in CONTENTS else ():
        path.write_bytes(path.read_bytes().replace(b"PORT", str(made.site.port).encode()))
    if name in CONTENTS:
        _reseal(backup)
    before, names = _state(outside), sorted(path.name for path in top.iterdir())
    hooks = len(made.site.received("/hook"))
    restored = searchkit("restore", str(backup), timeout=SECONDS, folder=work)
    faults, ran = _wrong("restore", restored), [restored]
    if restored.code in {0, 4} and not faults:
        confirmed = ("alerts confirm port", "alerts run") if name.startswith("sinks write") else ()
        for words in (*commands, *confirmed):
            ran.append(searchkit(*words.split(), timeout=SECONDS, folder=work))
            faults += _wrong(words, ran[-1])
    elif (work / "index").exists() and b" restored to " not in restored.out:
        faults.append("a refused backup left an archive behind")
    if _state(outside) != before or sorted(path.name for path in top.iterdir()) != names:
        faults.append("files outside the archive have changed")
    if {path.name for path in work.iterdir()} - {"index", "searchkit.toml"}:
        faults.append(f"left over: {sorted(path.name for path in work.iterdir())}")
    if any(Path(place).exists() for place in ("/tmp/searchkit-escaped", Path.home() / "escaped")):
        faults.append("a sink has written outside")
    if len(made.site.received("/hook")) > hooks:
        faults.append("an alert that is off has posted")
    remove(top)
    return "restored" if restored.code in {0, 4} else "refused", max(one.busy for one in ran), faults


def _wrong(command: str, ran: Ran) -> list[str]:
    """Return what is wrong with the end of a command."""
    said = ran.err.decode("utf-8", "replace")
    text = ran.out.decode("utf-8", "replace") + said
    faults = [f"holds {word!a}" for word in (*STEERING, SECRET) if word in text]
    if ran.overdue or ran.busy > BUSY_SECONDS:
        faults.append(f"takes {ran.busy:.1f} s")
    elif ran.code not in _CODES or "Traceback" in text:
        faults.append(f"ends with {ran.code}: {said[-_SHOWN:]!a}")
    lines = [line for line in said.splitlines() if not line.startswith("note: ")]
    if ran.code in {2, 3, 75} and len(lines) > 2:
        faults.append(f"writes {len(lines)} lines: {said[:_SHOWN]!a}")
    if ran.peak_mb > MEMORY_MB:
        faults.append(f"holds {ran.peak_mb:.0f} MB")
    return [f"{command}: {fault}" for fault in faults]
