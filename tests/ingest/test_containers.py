"""What files hold and claim of the web: pages of WARC files, linked items, records; over several runs."""

import gzip
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from searchkit.crawl.base import CrawlResult, FileOptions, Gone, Unmodified, new_resource
from searchkit.crawl.files import is_gone, resources, whole_addresses
from searchkit.ingest import IngestOptions, Outcome, ingest
from searchkit.statements.document import Document, document_id
from searchkit.store.store import Store
from tests.crawl.test_warc import Crawl
from tests.formats import mail, message, zipped
from tests.ingest.hostile import NOW
from tests.samples import present

PAGE = "<html><body><article><h1>Crane {0}</h1><p>Nadia Korbel said on Monday that crane {0} of the port of Velmar "
PAGE += "stood still, and that nobody in the harbor town knew why it did.</p></article></body></html>"
# What this project reads by itself needs no process, and so little time.
PLAIN = "Crane {0}\n\nNadia Korbel said on Monday that crane {0} of the port of Velmar stood still all day.\n"
WEB = "https://ledger.example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "news"
    made.mkdir()
    (made / "a.txt").write_text("A quiet day\n\nNothing of note was said in the harbor on this long day.\n")
    return made


def warc(*names: str, compressed: bool = False) -> bytes:
    crawl = Crawl(compressed=compressed)
    for name in names:
        crawl.add(PLAIN.format(name), "text/plain", uri=f"{WEB}/{name}")
    return crawl.written


def feed(*names: str) -> bytes:
    items = "".join(
        f"<item><link>{WEB}/{name}</link><title>Crane {name}</title><description>{PAGE.format(name)[12:-14]}"
        "</description></item>".replace("<p>", "&lt;p&gt;")
        for name in names
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Ledger</title>{items}</channel></rss>'.encode()


def record(name: str) -> str:
    return json.dumps({"url": f"{WEB}/{name}", "text": f"Crane {name} stood still all day, said Nadia Korbel."})


class Days:
    """Runs over the same store, each a day later."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW

    def run(
        self, *found: CrawlResult, complete: tuple[str, ...] = (), options: FileOptions | None = None
    ) -> list[Outcome]:
        self.now += timedelta(days=1)
        limits = options or FileOptions()
        wanted = IngestOptions(workers=1, batch_seconds=60.0)
        is_gone_there = partial(is_gone, options=limits)
        batches = list(
            ingest(found, self.store, options=wanted, now=self.now, complete_locations=complete, is_gone=is_gone_there)
        )
        return [outcome for batch in batches for outcome in batch.outcomes]

    def index(self, *locations: Path, include: tuple[str, ...] = ()) -> dict[str, int]:
        """How many of each status came of reading files."""
        limits = FileOptions(include=include)
        named = [str(location) for location in locations]
        found = resources(named, limits, now=self.now + timedelta(days=1))
        counts: dict[str, int] = {}
        for outcome in self.run(*found, complete=whole_addresses(named), options=limits):
            counts[outcome.status] = counts.get(outcome.status, 0) + 1
        return counts

    def crawl(self, found: CrawlResult) -> str:
        """The status of one page of a crawl."""
        (outcome,) = self.run(found)
        return outcome.status

    def gone(self, *names: str) -> list[bool]:
        """Whether all documents that files supply for a page are gone."""
        return [all(document.gone_at for document in self.supplied(name)) for name in names]

    def supplied(self, name: str) -> list[Document]:
        """The documents that files supply for a page."""
        found = [self.store.get(document) for document in self.store.claiming([f"{WEB}/{name}"])]
        return [document for document in found if document is not None]


@pytest.fixture
def days(store: Store) -> Days:
    return Days(store)


def page(name: str) -> CrawlResult:
    return new_resource(f"{WEB}/{name}", PLAIN.format(name).encode(), media_type="text/plain", now=NOW)


def attached(body: bytes) -> bytes:
    letter = message("Here is the feed of the day, said Nadia Korbel, and nothing else.\n")
    letter.add_attachment(body, maintype="application", subtype="rss+xml", filename="news.rss")
    return letter.as_bytes()


# Files that contain both pages, and the same files with one page.
CONTAINERS = {
    "crawl.warc": (warc("p", "q"), warc("p")),
    "crawl.warc.gz": (warc("p", "q", compressed=True), warc("p", compressed=True)),
    "news.rss": (feed("p", "q"), feed("p")),
    "lines.jsonl": (f"{record('p')}\n{record('q')}\n".encode(), f"{record('p')}\n".encode()),
    "held.zip": (zipped({"in/news.rss": feed("p", "q")}), zipped({"in/news.rss": feed("p")})),
    "letter.eml": (attached(feed("p", "q")), attached(feed("p"))),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTAINERS)
def test_members_removed_from_a_file_are_gone(folder: Path, days: Days, name: str) -> None:
    both, one = CONTAINERS[name]
    (folder / name).write_bytes(both)
    days.index(folder)
    assert days.gone("p", "q") == [False, False]
    (folder / name).write_bytes(one)
    assert days.index(folder)["gone"] == 1
    assert days.gone("p", "q") == [False, True]
    assert "gone" not in days.index(folder)
    (folder / name).write_bytes(both)
    assert "gone" not in days.index(folder)
    assert days.gone("p", "q") == [False, False]
    (folder / name).unlink()
    counts = days.index(folder)
    assert counts["gone"] >= 2
    assert days.gone("p", "q") == [True, True]
    assert days.index(folder) == {"unchanged": 1}


SAVED = f'<html><head><link rel="canonical" href="{WEB}/p"></head>{PAGE.format("p")[6:]}'
CLAIMS = {
    "row.jsonl": (record("p") + "\n").encode(),
    "row.jsonl.gz": gzip.compress((record("p") + "\n").encode()),
    "uri.jsonl": (record("p").replace('"url"', '"uri"') + "\n").encode(),
    "feed.rss": feed("p"),
    "feed.zip": zipped({"feed.rss": feed("p")}),
    "crawl.warc": warc("p"),
    "crawl.warc.gz": warc("p", compressed=True),
    "saved.html": SAVED.encode(),
    "og.html": SAVED.replace('link rel="canonical" href', 'meta property="og:url" content').encode(),
    "line.txt": f"URL: {WEB}/p\n\n{PLAIN.format('p')}".encode(),
    "matter.md": f"---\nurl: {WEB}/p\n---\n\n{PLAIN.format('p')}".encode(),
    "letter.eml": attached(feed("p")),
}


_MARKUP = ("rss", "zip", "html", "eml")  # read by worker processes


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name.endswith(_MARKUP) else ()) for name in CLAIMS]
)
@pytest.mark.parametrize("crawled_first", [True, False])
def test_a_file_never_replaces_what_was_fetched(folder: Path, days: Days, name: str, crawled_first: bool) -> None:
    fetched = new_resource(
        f"{WEB}/p", b"Crane p\n\nCrane p is sound, said Nadia Korbel.\n", media_type="text/plain", now=NOW
    )
    (folder / name).write_bytes(CLAIMS[name])
    if crawled_first:
        assert days.crawl(fetched) == "added"
    assert days.index(folder)["added"] == (3 if name == "letter.eml" else 2)
    assert days.crawl(fetched) == ("unchanged" if crawled_first else "added")
    original = present(days.store.get(document_id(f"{WEB}/p")))
    assert (original.uri, original.revision, "is sound" in original.text) == (f"{WEB}/p", 1, True)
    (supplied,) = days.supplied("p")
    assert supplied.uri.startswith((folder / name).as_uri())
    assert (supplied.id, supplied.claim) == (document_id(supplied.uri), f"{WEB}/p")
    (folder / name).unlink()
    days.index(folder)
    assert days.gone("p") == [True]
    assert days.crawl(fetched) == "unchanged"
    assert days.crawl(Unmodified(uri=f"{WEB}/p")) == "unchanged"
    assert days.crawl(Gone(uri=f"{WEB}/p", reason="HTTP 404")) == "gone"


def test_rows_that_share_an_id_are_separate_documents(folder: Path, days: Days) -> None:
    rows = [{"id": 7, "text": f"Crane {name} stood still all day, said Nadia Korbel."} for name in "pqr"]
    lines = [json.dumps(row) for row in (*rows, {**rows[0], "id": 8})]
    (folder / "rows.jsonl").write_text("\n".join([*lines, lines[0]]) + "\n")
    for expected in ({"added": 5, "skipped": 1}, {"unchanged": 5, "skipped": 1}):
        assert days.index(folder) == expected
    (folder / "rows.jsonl").write_text("\n".join(lines[1:]) + "\n")
    assert days.index(folder)["gone"] == 1, "the name without a suffix passes to the next row"


def test_members_of_unreadable_files_are_not_gone(folder: Path, days: Days) -> None:
    path = folder / "a.warc"
    path.write_bytes(warc("p", "q"))
    days.index(folder)
    path.write_bytes(warc("p", "q")[:-500] + b"\r\n\r\nno record\r\n" * 50)
    assert days.index(folder)["failed"] == 1
    assert days.gone("p", "q") == [False, False]
    path.chmod(0)
    days.index(folder)
    path.chmod(0o600)
    assert days.gone("p", "q") == [False, False]
    lines = folder / "b.jsonl"
    lines.write_text(record("r") + "\n")
    days.index(folder)
    lines.write_text("{broken\n")
    days.index(folder)
    assert days.gone("r") == [False]


@pytest.mark.slow
def test_two_sources_share_a_folder_of_containers(folder: Path, days: Days) -> None:
    (folder / "a.warc").write_bytes(warc("p"))
    (folder / "b.rss").write_bytes(feed("q"))
    (folder / "c.zip").write_bytes(zipped({"in.rss": feed("r"), "in.warc": warc("s")}))
    for _ in range(2):
        for pattern in ("*.warc", "*.rss"):
            days.index(folder, include=(pattern,))
    assert days.gone(*"pqrs") == [False] * 4
    (folder / "a.warc").unlink()
    assert "gone" not in days.index(folder, include=("*.rss",))
    assert days.index(folder, include=("*.warc",))["gone"] == 1


def test_a_record_may_have_the_address_of_a_file(folder: Path, days: Days, tmp_path: Path) -> None:
    named = {"uri": (folder / "b.txt").as_uri(), "text": "Crane b stood still all day, said Nadia Korbel."}
    (tmp_path / "lines.jsonl").write_text(json.dumps(named) + "\n")
    days.index(tmp_path / "lines.jsonl")
    assert days.index(folder) == {"added": 1}
    assert days.store.counts("x").gone == 0


# --- each bad part is reported once ----------------------------------------------------------------------------------


def test_each_bad_line_is_reported_once(folder: Path, days: Days) -> None:
    lines = folder / "lines.jsonl"
    lines.write_text(f'{record("p")}\n{{broken\n[1]\n{{"id": 4}}\n')
    assert days.index(folder) == {"added": 2, "failed": 3}
    for _ in range(2):
        assert days.index(folder) == {"unchanged": 2, "skipped": 3}
        assert days.store.counts("x").failures == 3
    lines.write_text(f"{record('p')}\n{{broken\n[2]\n")  # one as it was, one broken otherwise, one mended
    assert days.index(folder) == {"unchanged": 2, "skipped": 1, "failed": 1}
    assert days.store.counts("x").failures == 2
    lines.write_text(f"{record('p')}\n")
    assert days.index(folder) == {"unchanged": 2}
    assert days.store.counts("x").failures == 0


@pytest.mark.slow
def test_each_bad_member_of_a_zip_and_message_of_a_mailbox_is_reported_once(folder: Path, days: Days) -> None:
    blank = "<html><script>var x;</script></html>"
    (folder / "a.zip").write_bytes(
        zipped({"1.html": blank, "2.html": blank + " ", "3.pdf": "%PDF-1.4 cut", "4.txt": ""})
    )
    letter = b"From a@ledger.example Mon May 12 10:00:00 2025\n"
    mails = [mail("\n", message_id=f"<{number}@ledger.example>", subject=None) for number in range(2)]
    (folder / "b.mbox").write_bytes(b"\n".join(letter + one for one in (*mails, mail())))
    (folder / "c.warc").write_bytes(Crawl().add(blank, uri=f"{WEB}/x").add(blank + "  ", uri=f"{WEB}/y").written)
    assert days.index(folder) == {"added": 2, "failed": 8}
    for _ in range(2):
        assert days.index(folder) == {"unchanged": 2, "skipped": 8}
        assert days.store.counts("x").failures == 8
    for path in folder.glob("?.*"):
        if path.suffix != ".txt":
            path.unlink()
    days.index(folder)
    assert days.store.counts("x").failures == 0


@pytest.mark.slow
def test_unreadable_attachments_of_a_readable_message(folder: Path, days: Days) -> None:
    parts = b"".join(b"--b\nContent-Type: text/csv; boundary=x\n\nx\n" for _ in range(600))
    head = b"Subject: Cranes\nMessage-ID: <x@y>\nMIME-Version: 1.0\nContent-Type: text/plain\n\n"
    (folder / "b.eml").write_bytes(head + b"Nadia Korbel said the cranes were sound.\n" + parts)
    first = days.index(folder)
    assert first["failed"] >= 1
    for _ in range(2):
        again = days.index(folder)
        assert ("failed" in again, again["skipped"]) == (False, first["failed"])
