"""Exports on an archive of seeds, and of hostile articles."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchkit.archive import Archive
from tests.archive.taken import TEXT, take
from tests.cases import cases
from tests.cli.conftest import Command
from tests.cli.terminal import Terminal, terminal
from tests.export.evidence.authority import TimestampAuthority


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """An archive with a title and an outlet that are formulas."""
    with Archive.create(tmp_path / "archive") as archive:
        take(archive, title='=HYPERLINK("http://evil.example";"x")', outlet="@SUM(1)", byline="-2+3")
    return tmp_path / "archive"


def test_nothing_is_capped(searchkit: Command) -> None:
    statements = json.loads(searchkit("status", "--json").out)["statements"]
    done = searchkit("export", "--duplicates")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert len(lines) == statements > 200
    assert {line["schema"] for line in lines} == {"searchkit.export/1"}
    assert len({line["id"] for line in lines}) == statements


def test_the_options_of_quotes_say_what_is_meant(searchkit: Command) -> None:
    options = ["--speaker", "Xu Guixiang", "--about", "Tiandy", "--since", "2023", "--kind", "indirect"]
    listed = searchkit("statements", *options, "-n", "100", "-f", "ids").out.split()
    done = searchkit("export", *options, "-v")
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == listed != []
    assert done.err.startswith('read as: speaker:"Xu Guixiang" AND about:Tiandy AND kind:indirect AND date:')
    words = searchkit("export", "Tiandy", "--sort", "oldest", "-n", "2").out.splitlines()
    assert [json.loads(line)["id"] for line in words] == searchkit(
        "statements", "Tiandy", "--sort", "oldest", "-n", "2", "-f", "ids"
    ).out.split()


def test_documents_as_whole_records(searchkit: Command) -> None:
    done = searchkit("export", "Tiandy", "--over", "documents")
    for line in done.out.splitlines():
        record = json.loads(line)
        assert record == json.loads(searchkit("show", record["id"], "--json").out)


def test_sheets_are_guarded_and_complete(odd: Path, searchkit: Command) -> None:
    for form, sign in (("csv", ","), ("tsv", "\t")):
        for over in ("statements", "documents"):
            done = searchkit("export", "-f", form, "--over", over, archive=odd)
            rows = list(csv.DictReader(io.StringIO(done.out), delimiter=sign))
            assert len(rows) == (2 if over == "statements" else 1)
            for row in rows:
                assert (row["title"][:2], row["outlet"]) == ("'=", "'@SUM(1)")
                assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())
                assert None not in row


def test_a_chosen_date_is_a_day_in_a_sheet(tmp_path: Path, searchkit: Command) -> None:
    with Archive.create(tmp_path / "archive") as archive:
        take(archive, updated="2026-03-04")
    for command in ("statements", "query"):
        done = searchkit(command, "*", "--fields", "updated,published", "--csv", archive=tmp_path / "archive")
        assert done.out.splitlines()[:2] == ["updated,published", "2026-03-04,2026-03-03"]


def test_quotes_and_export_write_the_same_table(searchkit: Command) -> None:
    for form in ("csv", "tsv"):
        exported = searchkit("export", "Tiandy", "-f", form, "--bom").out
        assert exported == searchkit("statements", "Tiandy", "-n", "1000", "-f", form, "--bom").out
        assert (exported[0], exported.count("\ufeff")) == ("\ufeff", 1)
    (row, *_) = csv.DictReader(io.StringIO(searchkit("statements", "Tiandy", "--csv").out))
    assert row["sentence"]
    assert searchkit("export", "Tiandy", "--bom").code == 2
    assert searchkit("statements", "Tiandy", "--bom").code == 2


def test_a_file_is_called_what_it_is(searchkit: Command, tmp_path: Path) -> None:
    for name, begin in cases(__file__, "test_a_file_is_called_what_it_is"):
        done = searchkit("export", "--speaker", "Aske", "-o", str(tmp_path / name))
        assert (done.code, done.out) == (0, "")
        assert f" statements written to {tmp_path / name}" in done.err
        assert (tmp_path / name).read_text().startswith(begin)
    for name in ("a.xlsx", "a.pdf", "a.evidence.zip"):
        refused = searchkit("export", "--speaker", "Aske", "-o", str(tmp_path / name))
        assert (refused.code, refused.out) == (2, "")
        assert f"Unknown export format: .{name.rpartition('.')[2]}" in refused.err
        assert "jsonl, csv, tsv, markdown, html, evidence" in refused.err
        assert not (tmp_path / name).exists()
    again = searchkit("export", "--speaker", "Aske", "-o", str(tmp_path / "a.md"))
    assert again.code == 2
    assert "--force" in again.err
    assert searchkit("export", "--speaker", "Aske", "-o", str(tmp_path / "a.md"), "--force").code == 0
    evidence = searchkit("export", "--speaker", "Aske", "-o", str(tmp_path / "a.e"), "-f", "evidence")
    sealed = json.loads((tmp_path / "a.e").read_text().splitlines()[-1])["sha256"]
    assert evidence.err.endswith(f", sha-256 {sealed}\n")


def test_a_dossier_repeats_the_question(searchkit: Command) -> None:
    done = searchkit(
        "export", "Tiandy", "--speaker", "Xu Guixiang", "--until", "2024", "-f", "markdown", "--title", "X"
    )
    assert done.out.startswith("# X\n\n- Query: Tiandy --speaker='Xu Guixiang' --until=2024\n- Read as: Tiandy AND ")
    newest = searchkit("export", "--speaker", "Xu", "-f", "markdown", "--sort", "newest").out
    days = [line for line in newest.splitlines() if line.startswith("### ")]
    assert days == sorted(days, reverse=True)
    html = searchkit("export", "Tiandy", "--over", "documents", "-f", "html").out
    assert '<h1 dir="auto">Documents: Tiandy</h1>' in html


def test_what_does_not_fit_is_refused(searchkit: Command, tmp_path: Path) -> None:
    target = tmp_path / "a.jsonl"
    for arguments in (
        ["--over", "documents", "-f", "evidence"],
        ["--title", "X"],
        ["speker:Xu"],
        ["--since", "2022-02-30"],
        ["Tiandy", "-ne"],
        ["-n", "0"],
        ["-o", str(tmp_path)],
    ):
        done = (
            searchkit("export", *arguments, "-o", str(target))
            if "-o" not in arguments
            else searchkit("export", *arguments)
        )
        assert (done.code, done.out) == (2, "")
        assert "Traceback" not in done.err
    assert not target.exists()
    assert searchkit("export", archive=tmp_path / "none").code == 3


def test_nothing_found(searchkit: Command, tmp_path: Path) -> None:
    assert searchkit("export", "zebra").out == ""
    assert searchkit("export", "zebra", "-e").code == 1
    assert searchkit("export", "zebra", "-f", "csv").out.startswith("id,text")
    done = searchkit("export", "zebra", "-f", "evidence", "-o", str(tmp_path / "e"))
    assert done.code == 0
    assert searchkit("verify", str(tmp_path / "e")).code == 0


def test_a_terminal_is_not_steered(tmp_path: Path, searchkit: Command) -> None:
    hostile = "\x1b[2J\u202e\x9b31m"
    with Archive.create(tmp_path / "a") as archive:
        take(archive, TEXT.replace("crates", f"crates {hostile}"), title=hostile, outlet=hostile, uri=f"x:{hostile}")
    for over in ("statements", "documents"):
        for form in ("jsonl", "csv", "tsv", "markdown", "html", *(["evidence"] if over == "statements" else [])):
            done = searchkit("export", "-f", form, "--over", over, archive=tmp_path / "a")
            assert done.code == 0
            assert not {"\x1b", "\u202e", "\x9b"} & set(done.out + done.err), (over, form)


def test_a_bar_is_never_between_lines(searchkit: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with terminal() as shown:
        assert searchkit("export", "Tiandy").code == 0
    assert screen.getvalue() == ""
    assert shown.getvalue().count("\n") > 3


# --- evidence with a time stamp and captures --------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TimestampAuthority]:
    (tmp_path / "authority").mkdir()
    with TimestampAuthority(tmp_path / "authority") as started:
        yield started


@pytest.mark.slow  # it runs openssl
def test_a_time_stamp_only_on_request(
    odd: Path, searchkit: Command, authority: TimestampAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEARCHKIT_TIMESTAMP_AUTHORITY", authority.url())
    file = tmp_path / "e.evidence"
    assert searchkit("export", "-o", str(file), archive=odd).code == 0
    assert authority.seen == []
    assert "evidence-timestamp" not in file.read_text()
    done = searchkit("export", "-o", str(file), "--force", "--timestamp", archive=odd)
    assert done.code == 0
    assert len(authority.seen) == 1
    assert done.err.startswith("time stamp: 20")
    assert "note: the certificate of the authority was not checked. Set timestamp_certificates in" in done.err
    head, *_, stamp = map(json.loads, file.read_text().splitlines())
    assert (head["timestamp"], stamp["schema"]) == (authority.url(), "searchkit.evidence-timestamp/1")
    done = searchkit("verify", str(file), archive=odd)
    assert done.code == 4
    assert "time stamp: the certificate of its authority was not checked; set timestamp_certificates" in done.out
    assert "It proves" not in done.out
    monkeypatch.setenv("SEARCHKIT_TIMESTAMP_CERTIFICATES", str(authority.root))
    assert searchkit("verify", str(file), archive=odd).code == 0
    done = searchkit("export", "-o", str(file), "--force", f"--timestamp={authority.url('policy')}", archive=odd)
    assert (done.code, "note" in done.err) == (0, False)
    assert "(policy 1.2.3.5, " in done.err
    monkeypatch.setenv("SEARCHKIT_TIMESTAMP_POLICIES", "1.2.3.4")
    done = searchkit("verify", str(file), archive=odd)
    assert "time stamp: its policy 1.2.3.5 is not among timestamp_policies" in done.out
    piped = searchkit("export", "-f", "evidence", "--timestamp", archive=odd)
    assert piped.code == 0
    assert '"searchkit.evidence-timestamp/1"' in piped.out.splitlines()[-1]


@pytest.mark.slow  # as above
@pytest.mark.parametrize(
    ("name", "reason"), cases(__file__, "test_an_authority_that_fails_costs_the_stamp_and_not_the_export")
)
def test_an_authority_that_fails_costs_the_stamp_and_not_the_export(
    odd: Path,
    searchkit: Command,
    authority: TimestampAuthority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    reason: str,
) -> None:
    monkeypatch.setenv("SEARCHKIT_TIMESTAMP_CERTIFICATES", str(authority.root))
    file = tmp_path / "e.evidence"
    done = searchkit("export", "-o", str(file), "--timestamp", authority.url(name), archive=odd)
    assert (done.code, done.out) == (4, "")
    line, written = done.err.splitlines()
    assert (
        line == f"no time stamp: 127.0.0.1: {reason}. The evidence is complete without it; export again to try again."
    )
    assert written.startswith("2 statements written to ")
    done = searchkit("verify", str(file), archive=odd)
    assert done.code == 4
    assert f"invalid  time stamp: it is missing; {authority.url(name)} was to make one" in done.out
    assert "2 statements: 2 same" in done.out


def test_a_time_stamp_and_captures_that_cannot_be(
    odd: Path, searchkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "e.evidence")
    certificates = tmp_path / "none.pem"
    for arguments, reason in (
        (["-f", "csv", "--timestamp"], "--timestamp and --format csv cannot be combined"),
        (["-o", file, "--timestamp"], "--timestamp has no authority"),
        (["-o", file, "--timestamp", "Korbel"], '"Korbel" is not the address of a time-stamp authority'),
        (["-f", "evidence", "--wacz"], "--wacz needs an evidence file"),
        (["-o", str(tmp_path / "e.csv"), "--wacz"], "--wacz needs an evidence file"),
    ):
        done = searchkit("export", *arguments, archive=odd)
        assert (done.code, done.out) == (2, "")
        assert reason in done.err
        assert done.err.count("\n") <= 2
    (tmp_path / "e.wacz").write_text("mine")
    done = searchkit("export", "-o", file, "--wacz", archive=odd)
    assert "e.wacz already exists" in done.err
    assert (tmp_path / "e.wacz").read_text() == "mine"
    assert not (tmp_path / "e.evidence").exists()
    assert searchkit("export", "-o", file, "--wacz", "--force", archive=odd).code == 0
    assert (tmp_path / "e.wacz").read_bytes()[:2] == b"PK"
    assert searchkit("export", "-o", str(tmp_path / "f.evidence.jsonl"), "--wacz", archive=odd).code == 0
    assert sorted(path.name for path in tmp_path.glob("*.wacz")) == ["e.wacz", "f.wacz"]
    monkeypatch.setenv("SEARCHKIT_TIMESTAMP_CERTIFICATES", str(certificates))
    done = searchkit("verify", file, archive=odd)
    assert (done.code, done.out) == (2, "")
    assert "none.pem cannot be read: No such file or directory" in done.err
