"""`update` and `sources`: from searchkit.toml to an archive, as cron would have it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.store.lock import exclusive
from tests.cases import cases
from tests.cli.conftest import Command
from tests.crawl.web.site import Site
from tests.test_update import TOML, after, feed, ledger, story


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.page("/bridge.html", story("Bridge closed", "bridge"))
        running.page("/feed.xml", feed(running, "/bridge.html"), media_type="application/rss+xml")
        yield running


@pytest.fixture
def desk(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a searchkit.toml, which the command works in."""
    (tmp_path / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_what_is_due_is_fetched_and_then_is_not_due(searchkit: Command, desk: Path, site: Site) -> None:
    archive = desk / "archive"
    first = searchkit("update", archive=archive)
    assert first.code == 0
    assert first.out.startswith("1 document: 1 added, 0 updated, 0 unchanged, 0 failed in ")
    requests = len(site.received())
    again = searchkit("update", "--quiet", archive=archive)
    assert (again.code, again.out, again.err) == (0, "", "")
    assert searchkit("update", archive=archive).err.startswith("No source is due; next: ledger at 20")
    assert len(site.received()) == requests
    result = json.loads(searchkit("update", "--all", "--json", archive=archive).out)
    assert (result["schema"], result["ok"], list(result["sources"])) == ("searchkit.run/1", True, ["ledger"])
    assert len(site.received("/feed.xml")) == 2  # the source was asked, due or not
    assert searchkit("update", "ledger", archive=archive).out.startswith("0 documents")
    assert len(site.received("/bridge.html")) == 2  # --all fetches known pages again
    assert len((archive / "runs.jsonl").read_text().splitlines()) == 5
    assert searchkit("query", "pillar", "--json", archive=archive).code == 0


def test_sources_tell_what_was_passed_over(searchkit: Command, desk: Path) -> None:
    (desk / "news").mkdir()
    (desk / "news/map.jpg").write_text("JPG")
    (desk / "searchkit.toml").write_text('[[source]]\nname = "news"\nkind = "folder"\nlocation = "news"\n')
    archive = desk / "archive"
    run = json.loads(searchkit("update", "--json", archive=archive).out)
    assert (run["not_read"][0]["count"], run["sources"]["news"]["not_read"]) == (1, {".jpg": 1})
    assert "   not read: 1 .jpg" in searchkit("sources", archive=archive).out.splitlines()
    (result,) = json.loads(searchkit("sources", "--json", archive=archive).out)["items"]
    assert result["not_read"] == {".jpg": 1}


@pytest.mark.slow
def test_sources_tell_what_came(searchkit: Command, desk: Path) -> None:
    archive = desk / "archive"
    before = searchkit("sources", archive=archive)
    assert (before.code, before.out) == (0, "ledger  feed · never fetched · due now\n   0 documents\n")
    searchkit("update", archive=archive)
    lines = searchkit("sources", archive=archive).out.splitlines()
    assert lines[0].startswith("ledger  feed · last success 2")
    assert lines[0].endswith(" · due in 60 min")
    assert lines[1] == "   1 document · date 100 % · byline 0 % · statement 100 %"
    (result,) = json.loads(searchkit("sources", "--json", archive=archive).out)["items"]
    assert (result["name"], result["kind"], result["documents"], result["due"]) == ("ledger", "feed", 1, False)
    assert result["coverage"] == {"date": 1.0, "byline": 0.0, "statement": 1.0}
    assert (result["warnings"], result["reason"]) == ([], "")


@pytest.mark.slow
def test_a_source_whose_pages_are_read_worse_is_told(searchkit: Command, desk: Path, site: Site) -> None:
    archive = desk / "archive"
    undated = 'property="article:published_time"'
    for number in range(32):
        page = story(f"Bridge {number} closed", f"bridge number {number * 7919}")
        site.page(f"/{number}.html", page if number < 12 else page.replace(undated, 'name="no"'))
    with Archive.create(archive) as opened:
        for day, numbers in enumerate((range(12), range(32))):
            paths = [f"/{number}.html" for number in numbers]
            site.page("/feed.xml", feed(site, *paths), media_type="application/rss+xml")
            after(24 * day, opened, ledger(site))
    done = searchkit("sources", "--exit-status", archive=archive)
    assert done.code == 1
    assert "warning: date fell from 100 % to 0 % in the newest 20 documents; has the site changed?" in done.out


@pytest.mark.slow
def test_a_feed_that_is_down_for_a_while_is_told_once_the_last_success_is_old(
    searchkit: Command, desk: Path, site: Site
) -> None:
    archive = desk / "archive"
    searchkit("update", archive=archive)
    site.fails("/feed.xml", 503)
    patient = searchkit("update", "--all", "--quiet", "--stale-after", "24h", archive=archive)
    assert (patient.code, patient.out, patient.err) == (0, "", "")
    plain = searchkit("update", "ledger", archive=archive)
    assert plain.code == 4
    assert plain.err.startswith("source ledger: last fetched 2")
    assert len(plain.err.splitlines()) == 1, "its failure is not repeated"
    listed = searchkit("sources", "-e", archive=archive)
    assert (listed.code, listed.out.splitlines()[0].endswith(" · due now")) == (1, True)


@pytest.mark.slow
def test_a_run_beside_another(searchkit: Command, desk: Path) -> None:
    archive = desk / "archive"
    searchkit("update", archive=archive)
    with exclusive(archive / "lock"):
        beside = searchkit("update", "--all", archive=archive)
        assert beside.code == 75
        assert "is being written by process" in beside.err
        assert searchkit("update", "--all", "--stale-after", "24h", archive=archive).code == 0
    (archive / "runs.jsonl").unlink()
    with exclusive(archive / "lock"):
        assert searchkit("update", "--all", "--stale-after", "24h", archive=archive).code == 75


@pytest.mark.parametrize(("arguments", "complaint"), cases(__file__, "test_mistakes"))
def test_mistakes(searchkit: Command, desk: Path, arguments: tuple[str, ...], complaint: str) -> None:
    done = searchkit("update", *arguments, archive=desk / "archive")
    assert done.code == 2
    assert complaint in done.err


def test_without_sources_or_contact(searchkit: Command, desk: Path) -> None:
    text = (desk / "searchkit.toml").read_text()
    (desk / "searchkit.toml").write_text(text.replace("contact", "# contact"))
    assert "No contact address" in searchkit("update", archive=desk / "archive").err
    (desk / "searchkit.toml").write_text("")
    done = searchkit("update", archive=desk / "archive")
    assert (done.code, "No sources in" in done.err) == (2, True)
    (desk / "searchkit.toml").unlink()
    assert "there is no searchkit.toml" in searchkit("update", archive=desk / "archive").err
    assert searchkit("sources", archive=desk / "archive").out.startswith("No sources")


def test_a_first_run_that_is_refused_leaves_nothing(searchkit: Command, desk: Path, site: Site) -> None:
    (desk / "searchkit.toml").write_text(TOML.format(feed=site.url("/feed.xml")).replace("contact", "# contact"))
    done = searchkit("update", archive=desk / "archive")
    assert (done.code, "No contact address" in done.err, (desk / "archive").exists()) == (2, True, False)
    Archive.create(desk / "archive").close()
    result = searchkit("query", "crane", archive=desk / "archive")
    assert (result.code, result.out) == (3, "")
    assert " is empty." in result.err
    assert "backup" not in result.err


@pytest.mark.slow
def test_pages_that_failed_are_listed(searchkit: Command, desk: Path, site: Site) -> None:
    site.page("/feed.xml", feed(site, "/bridge.html", "/none.html"), media_type="application/rss+xml")
    assert searchkit("update", archive=desk / "archive").code == 4
    lines = searchkit("sources", "--failures", archive=desk / "archive").out.splitlines()
    assert lines[2].startswith(f"   failed: {site.url('/none.html')}: HTTP 404, since 2")
    assert len(lines) == 3


@pytest.mark.slow
def test_an_address_is_indexed_by_hand(searchkit: Command, site: Site, tmp_path: Path) -> None:
    address = site.url("/bridge.html")
    refused = searchkit("index", address, archive=tmp_path / "a")
    assert refused.code == 4
    assert "private address" in refused.err
    done = searchkit(
        "index", address, "--allow-host", "127.0.0.1", "--warc", str(tmp_path / "warc"), archive=tmp_path / "a"
    )
    assert "1 added" in done.out
    assert len(list((tmp_path / "warc").iterdir())) == 1


@pytest.mark.slow
def test_what_is_due_is_settled_when_the_other_run_is_done(
    searchkit: Command, desk: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = desk / "archive"
    Archive.create(archive).close()

    @contextmanager
    def waiting(path: Path, *, wait: float = 0.0, called: str = "") -> Iterator[None]:
        monkeypatch.setattr("searchkit.archive.databases.exclusive", exclusive)
        assert wait == 5
        assert searchkit("update", archive=archive).code == 0
        with exclusive(path, called=called):
            yield

    monkeypatch.setattr("searchkit.archive.databases.exclusive", waiting)
    assert searchkit("update", "--wait", "5", archive=archive).out.startswith("0 documents")
    assert len(site.received("/feed.xml")) == 1
