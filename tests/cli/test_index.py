"""`searchkit index` over time: what left a folder, what failed, what is removed; and what questions tell of it."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.statements import EXTRACTOR_VERSION
from searchkit.store.tables import row_checksum
from tests.cli.conftest import Command
from tests.crawl.test_warc import Crawl
from tests.crawl.web.site import Site
from tests.test_update import story
from tests.walls import WALLS, wall_page

STORY = "Cranes of quay {0}\n\nThe cranes of quay {0} stood still, and nobody in the harbor town knew why they did.\n"
SYNDICATED = "\n\n".join(
    f"The harbor office said on day {number} that crane {number} of the port would move again within {number} weeks."
    for number in range(1, 12)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number in range(10):
        (articles / f"{number}.txt").write_text(STORY.format(number))
    return articles


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def index(searchkit: Command, archive: Path, *words: str | Path, code: int = 0) -> dict[str, object]:
    done = searchkit("index", "--workers", "1", "--json", *map(str, words), archive=archive)
    assert done.code == code, done.err
    result: dict[str, object] = json.loads(done.out)
    return result


def test_what_left_the_folder_is_gone_and_kept(searchkit: Command, folder: Path, archive: Path) -> None:
    assert index(searchkit, archive, folder)["gone"] == 0
    (folder / "3.txt").unlink()
    result = index(searchkit, archive, folder)
    assert (result["gone"], result["unchanged"]) == (1, 9)
    assert index(searchkit, archive, folder)["gone"] == 0
    done = searchkit("query", '"quay 3"', archive=archive)
    assert "gone since 2" in done.out
    (hit,) = json.loads(searchkit("query", "--json", "gone:*", archive=archive).out)["items"]
    assert hit["gone_at"][:2] == "20"
    assert searchkit("query", "-n", "100", "-f", "ids", "cranes -gone:*", archive=archive).out.count("\n") == 9
    assert "gone since 2" in searchkit("show", hit["id"], archive=archive).out
    assert json.loads(searchkit("show", "--json", hit["id"], archive=archive).out)["gone_at"] == hit["gone_at"]
    assert "1 document" in next(
        line for line in searchkit("status", archive=archive).out.splitlines() if line.startswith("gone")
    )
    (folder / "3.txt").write_text(STORY.format(3))
    index(searchkit, archive, folder)
    assert "No document" in searchkit("query", "gone:*", archive=archive).out


def test_updated_and_moved_documents_are_named(searchkit: Command, folder: Path, archive: Path) -> None:
    index(searchkit, archive, folder)
    (folder / "3.txt").write_text(STORY.format(3) + " Then the cranes moved again.")
    (folder / "4.txt").rename(folder / "40.txt")
    report = json.loads(searchkit("index", "--json", str(folder), archive=archive).out)
    assert (report["updated"], report["moved"]) == (1, 1)
    logged = json.loads((archive / "runs.jsonl").read_text().splitlines()[-1])
    for name, key in (("3", "updated_ids"), ("40", "moved_ids")):
        (document,) = report[key]
        assert logged[key] == [document]
        shown = json.loads(searchkit("show", document, "--json", archive=archive).out)
        assert shown["url"].endswith(f"/{name}.txt")


def test_a_folder_that_is_empty_of_a_sudden_is_not_believed(searchkit: Command, folder: Path, archive: Path) -> None:
    index(searchkit, archive, folder)
    folder.rename(folder.with_name("elsewhere"))
    folder.mkdir()
    done = searchkit("index", "-q", str(folder), archive=archive)
    assert (done.code, done.out) == (0, "")
    assert f"note: Nothing was found at {folder.as_uri()}, where 10 resources were" in done.err
    assert json.loads(searchkit("status", "--json", archive=archive).out)["gone"] == 0


def test_records_that_left_a_file_are_gone(searchkit: Command, tmp_path: Path, archive: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    records = [json.dumps({"id": number, "text": STORY.format(number)}) + "\n" for number in range(5)]
    lines.write_text("".join(records))
    index(searchkit, archive, lines)
    lines.write_text("".join(records[:3]))
    assert index(searchkit, archive, lines)["gone"] == 2
    lines.write_text("".join(records[:2]) + "{broken\n")
    assert index(searchkit, archive, lines, code=4)["gone"] == 0, "a file with a broken line says nothing"


def test_pruning_removes_little_at_once(searchkit: Command, folder: Path, archive: Path) -> None:
    index(searchkit, archive, folder)
    for number in (1, 2):
        (folder / f"{number}.txt").unlink()
    assert index(searchkit, archive, folder, "--prune")["pruned"] == 2
    status = json.loads(searchkit("status", "--json", archive=archive).out)
    assert (status["documents"], status["gone"], status["indexed"]["document"]) == (8, 0, 8)
    assert "No document" in searchkit("query", '"quay 1"', archive=archive).out
    for number in (3, 4):
        (folder / f"{number}.txt").unlink()
    done = searchkit("index", "--prune", str(folder), archive=archive)
    assert done.code == 2
    assert "2 gone" in done.out
    assert [line.partition(":")[0] for line in done.err.splitlines()[:3]] == ["gone", "gone", "searchkit"]
    assert done.err.count("\n") == 4
    assert "2 of the 8 documents known there are gone, more than 20%. Nothing was removed." in done.err
    assert "--prune --yes" in done.err
    assert json.loads(searchkit("status", "--json", archive=archive).out)["documents"] == 8
    done = searchkit("index", "--prune", "--yes", str(folder), archive=archive)
    assert (done.code, "2 gone documents removed" in done.out) == (0, True)
    assert json.loads(searchkit("status", "--json", archive=archive).out)["documents"] == 6


def test_a_run_says_what_it_did_not_read(searchkit: Command, folder: Path, archive: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.\u202ex", "d.key"):
        (folder / name).write_text("x")
    done = searchkit("index", "--workers", "1", str(folder), archive=archive)
    assert done.out.splitlines()[0].endswith("; not read: 2 .jpg, 1 no extension, 1 .key")
    assert done.out.splitlines()[1].startswith("With ocr = true in searchkit.toml, programs")
    result = index(searchkit, archive, folder)
    assert result["not_read"][0] == {  # type: ignore[index]
        "kind": ".jpg",
        "count": 2,
        "files": [(folder / name).as_uri() for name in ("a.jpg", "b.jpg")],
    }


def test_a_file_that_exists_is_never_gone_nor_pruned(searchkit: Command, folder: Path, archive: Path) -> None:
    (folder / ".drafts").mkdir()
    (folder.parent / "far.txt").write_text(STORY.format("far"))
    (folder / "link.txt").symlink_to(folder.parent / "far.txt")
    skipped = [folder / "README.txt", folder / ".hidden.txt", folder / ".drafts/deep.txt", folder / "link.txt"]
    for path in skipped[:3]:
        path.write_text(STORY.format(path.name))
    (folder / ".drafts/box.jsonl").write_text(json.dumps({"id": "r", "text": STORY.format("r")}) + "\n")
    assert index(searchkit, archive, folder, *skipped, folder / ".drafts/box.jsonl")["added"] == 15
    assert index(searchkit, archive, folder, "--prune", "--yes")["gone"] == 0
    for path in skipped:
        path.unlink()
    result = index(searchkit, archive, folder)
    assert (result["gone"], result["unchanged"]) == (4, 10)
    skipped[0].write_text("It is back, where no walk looks.\n")
    assert index(searchkit, archive, folder, "--prune", "--yes")["pruned"] == 3
    (folder / ".drafts/box.jsonl").unlink()
    assert index(searchkit, archive, folder)["gone"] == 1


def test_pruning_keeps_what_another_folder_has(searchkit: Command, folder: Path, archive: Path) -> None:
    other = folder.with_name("other")
    other.mkdir()
    (other / "x.txt").write_text(STORY.format("x"))
    index(searchkit, archive, folder, other)
    (other / "x.txt").unlink()
    (other / "y.txt").write_text(STORY.format("y"))
    index(searchkit, archive, other)
    assert index(searchkit, archive, folder, "--prune")["pruned"] == 0
    assert json.loads(searchkit("status", "--json", archive=archive).out)["gone"] == 1
    assert searchkit("index", "--yes", str(folder), archive=archive).code == 2, "--yes goes with --prune"


@pytest.mark.slow
def test_a_failure_is_told_once(searchkit: Command, folder: Path, archive: Path) -> None:
    # Bytes that are read and then cannot be made into an article.
    (folder / "blank.html").write_text("<html><body><script>var x;</script></body></html>")
    done = searchkit("index", "-q", str(folder), archive=archive)
    assert (done.code, "failed: " in done.err) == (4, True)
    done = searchkit("index", "-q", str(folder), archive=archive)
    assert (done.code, done.out, done.err) == (0, "", "")
    done = searchkit("index", str(folder), archive=archive)
    assert done.code == 0
    assert "failed before and unchanged: " in done.err
    assert "(--retry-failed tries again)" in done.err
    status = searchkit("status", archive=archive).out
    assert any(line.split() == ["not", "readable", "1", "resource"] for line in status.splitlines())
    assert searchkit("index", "-q", "--retry-failed", str(folder), archive=archive).code == 4
    (folder / "blank.html").unlink()
    assert index(searchkit, archive, folder)["failed"] == 0
    assert json.loads(searchkit("status", "--json", archive=archive).out)["failures"] == 0


def test_each_bad_line_is_told_once(searchkit: Command, folder: Path, archive: Path) -> None:
    (folder / "lines.jsonl").write_text('{"text": "Crane 1 stood still all day."}\n{broken\n[1]\n')
    done = searchkit("index", "-q", str(folder), archive=archive)
    assert (done.code, done.err.count("failed: ")) == (4, 2)
    done = searchkit("index", "-q", str(folder), archive=archive)
    assert (done.code, done.out, done.err) == (0, "", "")
    result = index(searchkit, archive, folder)
    assert (result["skipped"], result["failed"]) == (2, 0)
    assert json.loads(searchkit("status", "--json", archive=archive).out)["failures"] == 2
    assert index(searchkit, archive, folder, "--retry-failed", code=4)["failed"] == 2
    listed = searchkit("sources", "--failures", archive=archive).out.splitlines()
    assert listed[0] == "added manually"
    place = (folder / "lines.jsonl").as_uri()
    assert listed[2].startswith(f"   failed: {place}: line 2 is not JSON: Expecting ")
    assert listed[3].startswith(f"   failed: {place}: line 3 is not a JSON object, since 2")
    (result,) = json.loads(searchkit("sources", "--failures", "--json", archive=archive).out)["items"]
    assert [failure["reason"][:6] for failure in result["failed"]] == ["line 2", "line 3"]
    assert json.loads(searchkit("sources", "--json", archive=archive).out)["items"] == []


def test_pages_of_a_warc_that_left_are_gone_and_pruned(searchkit: Command, folder: Path, archive: Path) -> None:
    crawl = Crawl()
    for number in range(20, 23):
        crawl.add(STORY.format(number), "text/plain", uri=f"https://ledger.example/{number}")
    (folder / "crawl.warc").write_bytes(crawl.written)
    assert index(searchkit, archive, folder)["added"] == 13
    (folder / "crawl.warc").unlink()
    assert index(searchkit, archive, folder)["gone"] == 3
    assert "gone since 2" in searchkit("query", '"quay 21"', archive=archive).out
    done = searchkit("index", "--prune", str(folder), archive=archive)
    assert (done.code, "3 of the 13 documents known there are gone" in done.err) == (2, True)
    assert index(searchkit, archive, folder, "--prune", "--yes")["pruned"] == 3
    assert "No document" in searchkit("query", '"quay 21"', archive=archive).out


def test_a_lone_surrogate_in_an_id(searchkit: Command, tmp_path: Path, archive: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "\\ud800", "text": "Crane 1 stood still all day."}\n')
    assert index(searchkit, archive, tmp_path / "a.jsonl")["added"] == 1
    (hit,) = json.loads(searchkit("query", "crane", "--json", archive=archive).out)["items"]
    record = json.loads(searchkit("show", hit["id"], "--json", archive=archive).out)
    assert record["url"].endswith("/a.jsonl#%5Cud800")
    assert index(searchkit, archive, tmp_path / "a.jsonl")["unchanged"] == 1


def test_copies_are_shown_once(searchkit: Command, tmp_path: Path, archive: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    said = '\n\n"Nobody knows why," said Nadia Korbel, spokesperson for the port.'
    records = [
        {"id": 1, "outlet": "Harbor Gazette", "published": "2024-03-02", "text": SYNDICATED + said},
        {"id": 2, "outlet": "Ostrava Post", "published": "2024-03-01", "text": SYNDICATED.upper() + said},
        {"id": 3, "outlet": "Ostrava Post", "published": "2024-03-01", "text": STORY.format(3)},
    ]
    lines.write_text("".join(json.dumps(record) + "\n" for record in records))
    index(searchkit, archive, lines)
    done = searchkit("query", "harbor", archive=archive)
    assert "2 documents" in done.out
    assert done.out.count("+1 copy") == 1
    result = json.loads(searchkit("query", "--json", "--facet", "outlet", '"harbor office"', archive=archive).out)
    (hit,) = result["items"]
    assert (result["total"], hit["outlet"], hit["duplicates"]["number"]) == (1, "Ostrava Post", 1)
    counts = result["facets"][0]["counts"]
    assert [(count["value"], count["count"]) for count in counts] == [("Harbor Gazette", 1), ("Ostrava Post", 1)]
    for count in counts:  # the text counts once for each outlet that has it, as each outlet's query finds it
        assert json.loads(searchkit("query", "--json", count["query"], archive=archive).out)["total"] == 1
    (other,) = hit["duplicates"]["ids"]
    group = hit["duplicates"]["group"]
    assert group == min(hit["id"], other)
    every = json.loads(searchkit("query", "--json", "--duplicates", '"harbor office"', archive=archive).out)
    assert [found["id"] for found in every["items"]] == sorted((hit["id"], other))
    assert {found["duplicates"]["number"] for found in every["items"]} == {0}
    named = searchkit("query", "-f", "ids", f"copies:{group}", archive=archive).out.split()
    assert sorted(named) == sorted((hit["id"], other))
    assert f"searchkit query copies:{group}" in searchkit("show", hit["id"], archive=archive).out
    quotes = json.loads(searchkit("statements", "--json", "--speaker", "Korbel", archive=archive).out)
    assert (quotes["total"], quotes["items"][0]["duplicates"]["number"]) == (1, 1)
    every = json.loads(searchkit("statements", "--json", "--duplicates", "--speaker", "Korbel", archive=archive).out)
    assert every["total"] == 2
    (row,) = csv.DictReader(io.StringIO(searchkit("query", "-f", "csv", '"harbor office"', archive=archive).out))
    assert (row["duplicates"], row["gone_at"]) == ("1", "")


def test_an_empty_path_is_not_the_folder_one_stands_in(searchkit: Command, archive: Path) -> None:
    done = searchkit("index", "", archive=archive)
    assert (done.code, done.out) == (2, "")
    assert "A PATH is empty" in done.err


# --- --outdated -------------------------------------------------------------------------------------------------------


@pytest.fixture
def outdated(harbor: Path) -> Path:
    """An archive with two outdated documents."""
    with sqlite3.connect(harbor / "store.sqlite") as connection:
        connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        connection.execute("UPDATE documents SET extractor = '1' WHERE id IN (SELECT id FROM documents LIMIT 2)")
    connection.close()
    return harbor


def versions(archive: Path) -> dict[str, int]:
    with Archive.open(archive) as opened:
        return opened.store().extractor_versions()


def sequence(archive: Path) -> int:
    with Archive.open(archive) as opened:
        return opened.status().sequence


def test_just_those_and_status_names_the_command(searchkit: Command, outdated: Path) -> None:
    status = searchkit("status", archive=outdated).out
    assert "2 documents, annotated by another version" in status
    assert "run `searchkit index --outdated` to re-annotate" in status
    before = sequence(outdated)
    done = searchkit("index", "--outdated", "--workers", "1", archive=outdated)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("2 documents re-annotated in ")
    assert versions(outdated) == {EXTRACTOR_VERSION: 3}
    assert sequence(outdated) == before + 2, "the third is left alone"
    assert "outdated" not in searchkit("status", archive=outdated).out
    assert "up to date" in searchkit("status", archive=outdated).out
    assert searchkit("index", "--outdated", archive=outdated).out.startswith("0 documents re-annotated")
    assert searchkit("index", "--outdated", "-q", archive=outdated).out == ""


def test_outdated_as_json_and_in_the_log(searchkit: Command, outdated: Path) -> None:
    done = json.loads(searchkit("index", "--outdated", "--json", "--workers", "1", archive=outdated).out)
    assert (done["schema"], done["annotated_again"], done["added"], done["failures"]) == ("searchkit.index/1", 2, 0, [])
    assert json.loads((outdated / "runs.jsonl").read_text())["annotated_again"] == 2


def test_outdated_goes_without_paths_and_makes_no_archive(searchkit: Command, outdated: Path, tmp_path: Path) -> None:
    for words in (("seeds",), ("--prune",)):
        refused = searchkit("index", "--outdated", *words, archive=outdated)
        assert refused.code == 2
        assert "--outdated cannot be combined with PATH" in refused.err
    missing = searchkit("index", "--outdated", archive=tmp_path / "none")
    assert missing.code == 3
    assert "There is no archive at" in missing.err
    assert not (tmp_path / "none").exists()


def test_names_that_changed_are_applied(searchkit: Command, outdated: Path) -> None:
    (outdated / "aliases.toml").write_text('[[hide]]\nname = "Petr Havel"\n')
    assert searchkit("index", "--outdated", "--workers", "1", archive=outdated).out.startswith("3 documents")
    assert (
        "Havel" not in searchkit("statements", "cranes", "--fields", "speaker", "--format", "csv", archive=outdated).out
    )


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.page("/bridge.html", story("Bridge closed", "bridge"))
        running.redirect("/short", "/bridge.html")
        yield running


@pytest.mark.slow
def test_an_address_that_gives_nothing_is_a_failure_and_a_known_one_is_unchanged(
    searchkit: Command, site: Site, archive: Path
) -> None:
    def index_page(path: str) -> tuple[int, str, str]:
        done = searchkit("index", "--allow-host", "127.0.0.1", "--workers", "1", site.url(path), archive=archive)
        return done.code, done.out.partition(" in ")[0], done.err.replace(site.url(""), "")

    assert index_page("/bridge.html") == (0, "1 document: 1 added, 0 updated, 0 unchanged, 0 failed", "")
    for _ in range(2):
        assert index_page("/short") == (0, "1 document: 0 added, 0 updated, 1 unchanged, 0 failed", "")
    site.fails("/busy", 503)
    site.page("/closed", story("Closed", "x").replace("<head>", "<head><meta name=robots content=noindex>"))
    for _ in range(2):
        code, out, err = index_page("/busy")
        assert (code, out) == (4, "1 document: 0 added, 0 updated, 0 unchanged, 1 failed")
        assert err.startswith("failed: /busy: HTTP 503")
        assert index_page("/closed") == (
            0,
            "1 document: 0 added, 0 updated, 0 unchanged, 1 skipped, 0 failed",
            "skipped: /closed: marked noindex by its publisher\n",
        )
    site.redirect("/bridge.html", "/", status=301)
    site.page("/", "<p>Front")
    code, out, err = index_page("/bridge.html")
    assert (code, err) == (0, "gone: /bridge.html: redirects to the front page\n")
    assert "1 gone" in out


@pytest.mark.parametrize("host", ["127.0.0.1:x", "http://intranet.example/", "a b"])
def test_a_host_that_is_none_is_refused(searchkit: Command, archive: Path, host: str) -> None:
    done = searchkit("index", "--allow-host", host, "https://ledger.example/", archive=archive)
    assert done.code == 2
    assert f'--allow-host "{host}"' in done.err


@pytest.mark.slow
def test_the_last_line_says_what_to_look_at(searchkit: Command, folder: Path, archive: Path) -> None:
    head = '<meta property="article:published_time" content="2026-03-01T08:00:00Z">'
    (folder / "wall.html").write_text(wall_page(WALLS["login-en"], head=head, form=True))
    text = "The quay of Velmar was swept on Monday, and the sweepers went home at noon."
    (folder / "shell.html").write_text(f"<html><body><script>{'x = 1;' * 9_000}</script><p>{text}</p></body></html>")
    done = searchkit("index", "--workers", "1", str(folder), archive=archive)
    assert "; almost no text for the size of the page: 1; behind a wall: 1\n" in done.out
    (folder / "wall.html").write_text(story("Quay swept", "quay"))
    assert index(searchkit, archive, folder)["remarks"] == {
        "thin": 0,
        "walled": 0,
        "shows_less": 0,
        "failed_sentences": 0,
        "failed_views": 0,
    }
    assert "wall" not in searchkit("index", "--workers", "1", str(folder), archive=archive).out
