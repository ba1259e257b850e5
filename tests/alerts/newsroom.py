"""A newsroom with an archive and alerts: articles are published, indexed, and the alerts run, as time goes by."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from msgspec.structs import replace

from searchkit.alerts import AlertsReport, running
from searchkit.alerts.folder import save
from searchkit.alerts.items import Item
from searchkit.alerts.running import stored
from searchkit.alerts.searches import AlertSettings, Over, SavedSearch
from searchkit.alerts.sinks import SinkOptions
from searchkit.archive import Archive
from searchkit.crawl.base import FileOptions
from searchkit.crawl.files import resources
from searchkit.errors import NotInArchive
from searchkit.ingest import IngestOptions

START = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
LEDGER = "The Velmar Ledger"
_VOCABULARY = "timber coal grain salt herring rope tar wool glass copper sugar tea barley hides oil".split()


def story(
    words: str, speaker: str = "Nadia Korbel, spokesperson for the Velmar Port Authority,", more: str = ""
) -> str:
    """An article with one statement; the rest differs with it, so that no two are copies of each other."""
    rest = " ".join(random.Random(words).choices(_VOCABULARY, k=60))
    return (
        "The port of Velmar closed its largest bridge on Monday after the yearly inspection had found a crack.\n\n"
        f'"{words}," {speaker} said in a hall beside the quay.\n\n{more}'
        f"Ships that were expected until Thursday wait in the roads. Listed were {rest}.\n"
    )


def mail_program(folder: Path) -> Path:
    """It keeps each mail in a file of its own; while there is a file `deadly` it then kills who called it."""
    path = folder / "sendmail"
    path.write_text(
        f"#!/bin/sh\ncd '{folder}'\nnumber=$(ls mail-* 2>/dev/null | wc -l)\ncat > mail-$number\n"
        'if [ -e deadly ]; then kill -KILL "$PPID"; fi\n'
    )
    path.chmod(0o755)
    return path


class Newsroom:
    """An archive below `folder`, articles by address, and a clock that goes on by an hour with each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = Archive.create(folder / "archive")
        self.now = START
        self.printed: list[str] = []
        self.options = SinkOptions(
            folder=self.archive.folder, sendmail=str(folder / "sendmail"), write=self.printed.extend
        )
        self._articles: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.archive.close()

    def publish(self, name: str, text: str, *, published: str = "2026-03-03", outlet: str = LEDGER, **more: Any) -> str:
        """Put up an article, or another text in its place, and index it; returns its address."""
        uri = f"https://ledger.example/{name}"
        title = more.pop("title", "Bridge closed")
        self._articles[name] = {
            "uri": uri,
            "title": title,
            "text": text,
            "published": published,
            "outlet": outlet,
            "language": "en",
            **more,
        }
        self.index()
        return f"{self._file.as_uri()}#{uri}"

    @property
    def _file(self) -> Path:
        return self.folder / "articles.jsonl"

    def index(self) -> None:
        """Take in all articles."""
        file = self._file
        file.write_text("".join(json.dumps(article) + "\n" for article in self._articles.values()))
        found = resources([str(file)], FileOptions(), now=self.now)
        for batch in self.archive.ingest(found, options=IngestOptions(workers=1), now=self.now):
            assert not [outcome for outcome in batch.outcomes if outcome.status == "failed"]

    def alert(
        self, name: str, query: str, *sinks: str, over: Over = "statements", note: str = "", **settings: Any
    ) -> SavedSearch:
        """Save an alert; it reports to standard output unless other sinks are named."""
        alert = replace(AlertSettings(), sinks=sinks or ("stdout",), **settings)
        search = SavedSearch(name=name, query=query, over=over, note=note, alert=alert)
        save(self.archive.folder, search, replacing=True)
        return search

    def file(self, name: str, text: str) -> Path:
        """Write the file of a saved search by hand."""
        path = self.archive.folder / "saved" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *names: str, hours: float = 1, backfill: bool = False) -> AlertsReport:
        """Run the alerts, some hours later."""
        self.now += timedelta(hours=hours)
        self.printed.clear()
        return running.run(self.archive, options=self.options, now=self.now, names=names, backfill=backfill)

    def reported(self, report: AlertsReport) -> list[Item]:
        """The items that a run found."""
        if report.run is None:
            return []
        try:
            return list(stored(self.archive, report.run).items)
        except NotInArchive:
            return []


def words(items: Sequence[Item]) -> list[str]:
    """What was said, in the order of the alphabet."""
    return sorted(item.text.strip('",') for item in items)
