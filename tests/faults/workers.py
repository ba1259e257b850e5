"""Kill workers with -9, stop them, cut off their machines and restart PostgreSQL, while they read pages of four hosts.

Articles appear and change at the same time, and an alert runs again and again. In the end, each article must be there
once, in its last state, and the alert must have reported each statement once.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from searchkit.alerts.folder import save
from searchkit.alerts.running import stored
from searchkit.alerts.searches import AlertSettings, SavedSearch
from searchkit.archive import Archive
from searchkit.archive.checking import findings
from searchkit.statements.document import document_id
from searchkit.store.base import Shared
from tests.cluster.postgres import PostgresServer
from tests.crawl.web.site import Site
from tests.faults.commands import Report
from tests.faults.networks import network

WORKERS = 4
_LOOPBACK = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")
_FEEDS_A_HOST = 2
_LEASE = 2.0
_MOST_SECONDS = 240.0
# After so many rounds the server crashes.
_EVERY = 10
_RUN = "import sys; from searchkit.cli import run; run(sys.argv[1:])"
_ARTICLE = """<!doctype html><html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>{first}.</p><p>"{said}," said Nadia Korbel, spokesperson for the Velmar Port Authority, on Monday.</p>
<p>{second}.</p></article></body></html>"""
_ENTRY = "<entry><id>{url}</id><link href='{url}'/><title>{title}</title><updated>{at}</updated></entry>"
_FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><id>{url}</id><title>Ledger</title>
<updated>{at}</updated>{entries}</feed>"""
_WORDS = """amber anchor barge basin beacon berth bollard bridge buoy cable canal cargo chain channel clerk coal
copper crane crate crew current customs deck dock dredger engine ferry fog freight gale gantry grain harbor hatch hawser
helm hull ice inspector jetty keel ladder lamp lantern lighter lock mast mooring oar office oil paint pier pilot plank
pump quay rail ramp reef rope rudder rust sail salt sand schedule seal shed ship shore signal silt slip steel storm
strike tanker tide timber toll tow tug valve vessel wagon warehouse wave wharf winch wind yard""".split()


class Desk:
    """Sites, a server of PostgreSQL, and workers, each with an archive folder and, for root, a network namespace of its
    own."""

    def __init__(self, folder: Path, stack: ExitStack, seed: int) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self._network = stack.enter_context(network(WORKERS))
        self.hosts = self._network.addresses if self._network else _LOOPBACK
        self.server = PostgresServer(listen_addresses=",".join({_LOOPBACK[0], self.hosts[0]}))
        stack.callback(self.server.close)
        stack.enter_context(patch.dict(os.environ, PGPASSWORD=self.server.password))
        self.site = stack.enter_context(Site(*self.hosts))
        self._database = self.server.create_database()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        stack.callback(self.kill_all)
        self.articles: dict[str, int] = {}  # address and version
        self._changed_at: dict[str, datetime] = {}
        folder.mkdir(parents=True, exist_ok=True)
        own = self.shared.store
        for number in range(WORKERS):
            store = f"{own.replace(_LOOPBACK[0], self.hosts[0], 1)}?sslmode=disable"
            self._write_settings(folder / f"desk{number}", store)
        self._reader = folder / "reader"
        self._write_settings(self._reader, own)

    @property
    def can_cut(self) -> bool:
        """Whether workers can be cut off."""
        return self._network is not None

    @property
    def shared(self) -> Shared:
        """Where the archive is."""
        return Shared(store=self.server.url(self._database), captures=str(self.folder / "captures"))

    @property
    def archive(self) -> Path:
        """The folder of the archive on the machine of a reader."""
        return self._reader / "archive"

    def _write_settings(self, folder: Path, store: str) -> None:
        folder.mkdir()
        lines = ['contact = "desk@ledger.example"', f'store = "{store}"', f'captures = "{self.shared.captures}"']
        for number, (host, feed) in enumerate(self._feeds()):
            url = self.site.url(feed, host=host)
            lines += ["[[source]]", f'name = "feed{number}"', 'kind = "feed"', f'location = "{url}"']
            lines += ['every = "1m"', "delay = 0.05", f'allow_hosts = ["{host}"]']
        (folder / "searchkit.toml").write_text("\n".join(lines))

    def _feeds(self) -> list[tuple[str, str]]:
        return [(host, f"/feed{number}.xml") for number in range(_FEEDS_A_HOST) for host in self.hosts]

    # --- articles ----------------------------------------------------------------------------------------------------

    def publish(self, count: int) -> None:
        """Add articles to the feeds."""
        for _ in range(count):
            host, feed = self.random.choice(self._feeds())
            self._write(self.site.url(f"/{len(self.articles)}-of-{feed[1:-4]}.html", host=host), 1)
        self._write_feeds()

    def change(self) -> None:
        """Change an article."""
        url = self.random.choice(sorted(self.articles))
        self._write(url, self.articles[url] + 1)
        self._write_feeds()

    def said(self, url: str) -> str:
        """What an article quotes; each in other words."""
        chance = random.Random(url)
        return f"We will not move the {' nor the '.join(chance.sample(_WORDS, 6))} of {document_id(url)}"

    def text(self, url: str, version: int) -> str:
        """A word that only this version of an article has."""
        return f"edition{version}of{document_id(url)}"

    def _write(self, url: str, version: int) -> None:
        """Write an article; its end stays, because a page whose end is replaced shows less of its article."""
        first = " ".join(random.Random(f"{url} {version}").sample(_WORDS, 20))
        title, second = (" ".join(random.Random(url).sample(_WORDS, count)) for count in (5, 60))
        body = _ARTICLE.format(
            title=title, first=f"{first} {self.text(url, version)}", said=self.said(url), second=second
        )
        host, path = url.removeprefix("http://").split(":")[0], "/" + url.rpartition("/")[2]
        self.site.page(path, body, host=host)
        self.articles[url] = version
        self._changed_at[url] = datetime.now(UTC) + timedelta(seconds=1)

    def _write_feeds(self) -> None:
        for host, feed in self._feeds():
            mine = [url for url in self.articles if f"{host}:" in url and url.endswith(f"-of-{feed[1:-4]}.html")]
            entries = "".join(
                _ENTRY.format(url=url, title="A story", at=self._changed_at[url].isoformat()) for url in mine
            )
            content = _FEED.format(
                url=self.site.url(feed, host=host), at=datetime.now(UTC).isoformat(), entries=entries
            )
            self.site.page(feed, content, media_type="application/atom+xml", host=host)

    # --- processes ---------------------------------------------------------------------------------------------------

    def start(self, number: int) -> None:
        """Start a worker, unless it runs."""
        process = self._processes.get(number)
        if process is not None and process.poll() is None:
            return
        folder = self.folder / f"desk{number}"
        machine = self._network.on(number) if self._network else []
        command = [*machine, sys.executable, "-c", _RUN, "--archive", "archive", "work", "-q", "--lease", str(_LEASE)]
        with (folder / "errors").open("ab") as errors:
            self._processes[number] = subprocess.Popen(
                [*command, "--workers", "1"], cwd=folder, stderr=errors, start_new_session=True
            )

    def signal(self, number: int, which: signal.Signals) -> None:
        """Send a signal to a worker and its processes."""
        with suppress(ProcessLookupError):
            os.killpg(self._processes[number].pid, which)

    def kill(self, number: int) -> None:
        """Kill a worker with -9."""
        self.signal(number, signal.SIGKILL)
        self._processes[number].wait()

    def kill_all(self) -> None:
        """Kill all workers."""
        for number in self._processes:
            self.kill(number)

    def stop(self) -> list[int]:
        """Let all workers stop; return their exit codes."""
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        return [process.wait(60) for process in self._processes.values()]

    def cut(self, number: int) -> None:
        """Cut the machine of a worker off."""
        if self._network:
            self._network.cut(number)

    def heal(self, number: int) -> None:
        """End that."""
        if self._network:
            self._network.heal(number)

    def errors(self) -> list[str]:
        """Everything that the workers wrote to standard error."""
        return [line for folder in self.folder.glob("desk*/errors") for line in folder.read_text().splitlines()]

    def restart_server(self) -> None:
        """Let PostgreSQL crash and start again."""
        self.server.stop()
        time.sleep(1)
        self.server.start()

    def command(self, *words: str) -> str:
        """Run a command as the reader; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", _RUN, "--archive", "archive", *words],
            cwd=self._reader, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode not in {0, 75} and words != ("status",):
            raise AssertionError(f"{words}: {done.returncode}: {done.stderr}")
        return done.stdout

    def alert(self) -> None:
        """Run the alert."""
        if not (self.archive / "saved").exists():
            self.command("status")
            alert = AlertSettings(sinks=("stdout",))
            save(self.archive, SavedSearch(name="port", query="speaker:Korbel", over="statements", alert=alert))
            self.command("alerts", "run", "-q", "--wait", "60", "--backfill")
        self.command("alerts", "run", "-q", "--wait", "60")

    # --- what is left ------------------------------------------------------------------------------------------------

    def wait(self, seconds: float = _MOST_SECONDS) -> list[str]:
        """Wait until all articles are stored in their last version; return what is missing after so long."""
        deadline = time.monotonic() + seconds
        while missing := self._missing():
            if time.monotonic() > deadline:
                return missing[:5]
            time.sleep(1)
        return []

    def _missing(self) -> list[str]:
        if "documents" not in self.command("status"):  # no worker has made the archive yet
            return ["the archive"]
        with Archive.open(self.archive, shared=self.shared) as archive:
            found = {url: archive.get(document_id(url)) for url in self.articles}
        return [
            f"{url}: {'missing' if document is None else 'an old version'}"
            for url, version in self.articles.items()
            if (document := found[url]) is None or self.text(url, version) not in document.text
        ]

    def faults(self) -> list[str]:
        """Return what is wrong with the archive, besides what `wait` returns."""
        wrong = []
        with Archive.open(self.archive, shared=self.shared) as archive:
            archive.catch_up()
            ids = list(archive.store().ids())
            if sorted(ids) != sorted(map(document_id, self.articles)):
                wrong.append(f"{len(ids)} documents of {len(self.articles)} articles")
            if archive.index.counts()["document"] != len(ids):
                wrong.append(f"{archive.index.counts()['document']} documents in the index of {len(ids)}")
            for url, version in self.articles.items():
                document = archive.get(document_id(url))
                if document is None:
                    continue
                editions = [archive.revision(document.id, number) for number in range(1, document.revision + 1)]
                # An article that changed twice between two requests has fewer revisions than versions.
                texts = [edition.text if edition else "" for edition in editions]
                seen = [number for text in texts for number in range(1, version + 1) if self.text(url, number) in text]
                if seen != sorted(set(seen)) or len(seen) != document.revision:
                    wrong.append(f"{url}: its revisions have the versions {seen}")
        wrong += [f"{finding.where} {finding.what}" for finding in findings(self.archive, full=True) if finding.damage]
        return wrong

    def wrongly_reported(self) -> list[str]:
        """Return of which articles the alert did not report the statement once."""
        with Archive.open(self.archive, shared=self.shared) as archive:
            last = archive.store().alerts.run(None)
            # A run that a crash discarded has left its number unused.
            numbers = (
                [number for number in range(1, last.number + 1) if archive.store().alerts.run(number)] if last else []
            )
            digests = [stored(archive, number) for number in numbers]
            owed = archive.store().alerts.pending_counts()
        counts = Counter(item.id.partition("-")[0] for digest in digests for item in digest.items)
        wrong = [f"{url}: reported {counts[document_id(url)]} times" for url in self.articles]
        return [line for line in wrong if "reported 1 times" not in line] + [f"not sent to {each}" for each in owed]

    def repeated(self) -> int:
        """Return how many complete answers were for a version of an article that was sent before."""
        sent = Counter(
            self.site.url(request.path, host=request.host)
            for request in self.site.received()
            if request.path.endswith(".html") and request.status == 200
        )
        return sum(max(0, count - self.articles[url]) for url, count in sent.items())


def _round(desk: Desk, act: Callable[[int], None]) -> None:
    """Publish, let all workers run, and do something to one of them."""
    desk.publish(desk.random.randrange(2, 5))
    if desk.random.random() < 0.3:
        desk.change()
    for number in range(WORKERS):
        desk.start(number)
    time.sleep(desk.random.uniform(0.5, 3.0))
    act(desk.random.randrange(WORKERS))


def worker_faults(folder: Path, kills: int, cuts: int, seed: int) -> Report:
    """Kill workers so many times, and let so many be silent for longer than their lease: half of them stopped, half
    cut off (without network namespaces, all are stopped). The server crashes now and then."""
    report = Report()
    with ExitStack() as stack:
        desk = Desk(folder, stack, seed)
        desk.publish(30)
        for number in range(WORKERS):
            desk.start(number)
        report.add("first articles", desk.wait())

        def kill(number: int) -> None:
            desk.kill(number)
            report.seen["kills"] += 1

        def silence(number: int) -> None:
            is_cut = desk.can_cut and report.seen["cut off"] < report.seen["stopped"]
            report.seen["cut off" if is_cut else "stopped"] += 1
            if is_cut:
                desk.cut(number)
            else:
                desk.signal(number, signal.SIGSTOP)
            time.sleep(_LEASE * 2.5)
            desk.heal(number)
            desk.signal(number, signal.SIGCONT)

        for number in range(kills + cuts):
            _round(desk, kill if number < kills else silence)
            if number % _EVERY == _EVERY // 2:
                desk.restart_server()
                report.seen["server restarted"] += 1
            if number % 5 == 0:
                desk.alert()
        for number in range(WORKERS):
            desk.start(number)
        report.add("workers", desk.wait())
        report.add("workers", [f"exit code {code}" for code in desk.stop() if code])
        desk.alert()
        report.add("workers", desk.faults())
        report.add("alerts", desk.wrongly_reported())
        errors = desk.errors()
        report.seen["late writes refused"] = sum("silent for too long" in line for line in errors)
        report.seen["articles"] = len(desk.articles)
        report.seen["pages fetched again"] = again = desk.repeated()
        if again > (kills + cuts) * len(desk.hosts):
            report.add("workers", [f"{again} pages fetched again"])
        report.add("messages", [line for line in errors if "Traceback" in line or "Internal error" in line])
    return report
