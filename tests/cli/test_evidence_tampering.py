"""Evidence with time stamp, captures and custody log, tampered with in many ways: `verify` reports each in a line."""

import hashlib
import io
import json
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from searchkit.archive import Archive
from searchkit.cli import run
from searchkit.errors import InputError
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.findings import InvalidPart
from searchkit.export.evidence.form import STATEMENT
from searchkit.export.evidence.timestamps import TimestampRules, trusted_certificates
from searchkit.export.evidence.wacz import INDEX, PACKAGE, PACKAGE_DIGEST, PAGES, WARC
from tests.cli.conftest import Command
from tests.crawl.web.site import Site
from tests.export.evidence.authority import TimestampAuthority
from tests.export.evidence.published import publish, rehash, repacked, resealed

pytestmark = pytest.mark.slow  # each check runs openssl
ROOT = Path(__file__).resolve().parents[2]
NAME = "e.evidence"
OTHER = "other.evidence"


class Exported(Struct):
    """The folder of an export: the archive, the evidence, older evidence, and evidence about something else."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / NAME

    @property
    def wacz(self) -> Path:
        return self.file.with_suffix(".wacz")

    @property
    def lines(self) -> list[str]:
        return self.file.read_text().splitlines()

    def write(self, lines: list[str]) -> None:
        self.file.write_text("".join(f"{line}\n" for line in lines))

    def stamp(self, name: str) -> str:
        return (self.folder / name).read_text().splitlines()[-1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampAuthority]:
    with TimestampAuthority(tmp_path_factory.mktemp("authority")) as started:
        yield started


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, authority: TimestampAuthority) -> Path:
    """The folder that each test copies."""
    folder = tmp_path_factory.mktemp("original")
    with Archive.create(folder / "archive") as archive, Site("127.0.0.1") as site:
        publish(archive, site)
    for name, query in ((NAME, "*"), (OTHER, "crates"), ("older.evidence", "*")):
        with pytest.raises(SystemExit) as left:
            words = [
                "export",
                query,
                "--duplicates",
                "-o",
                str(folder / name),
                "--wacz",
                "--timestamp",
                authority.url(),
            ]
            run(["--archive", str(folder / "archive"), *words])
        assert left.value.code == 0
    return folder


@pytest.fixture
def copied(original: Path, tmp_path: Path, authority: TimestampAuthority, monkeypatch: pytest.MonkeyPatch) -> Exported:
    monkeypatch.setenv("SEARCHKIT_TIMESTAMP_CERTIFICATES", str(authority.root))
    return Exported(Path(shutil.copytree(original, tmp_path / "copy")))


def test_what_was_not_tampered_with(copied: Exported, searchkit: Command) -> None:
    for options in ([], ["--no-archive"]):
        done = searchkit("verify", str(copied.file), *options, archive=copied.folder / "archive")
        assert (done.code, done.err) == (0, "")
        assert "time stamp: 20" in done.out
        assert " by CN=Velmar Time stamps (policy 1.2.3.4, serial number 0x" in done.out
        assert "It proves: the lines of this file existed at that time, and were not changed since." in done.out
        assert "custody log: 12 entries" in done.out
        assert "captures: 2 captures in e.wacz, with the words of 4 statements; 1 document without capture" in done.out
    report = json.loads(searchkit("verify", str(copied.file), "--json", archive=copied.folder / "archive").out)
    assert (report["as_recorded"], report["invalid"], report["unchecked"]) == (True, 0, [])
    assert report["timestamp"]["is_trusted"]
    moved = copied.wacz.rename(copied.folder / "elsewhere.wacz")
    assert searchkit("verify", str(copied.file), "--no-archive", "--wacz", str(moved)).code == 0


def test_parts_that_are_not_checked_are_named(copied: Exported) -> None:
    body = io.BytesIO(copied.file.read_bytes())
    check = EvidenceCheck(body, "f", archive=None)
    assert list(check.findings()) == []
    assert list(check.part_lines())[-1] == "not checked: time stamp, captures, statements"
    cut = io.BytesIO("".join(f"{line}\n" for line in copied.lines[:-1]).encode())
    (missing,) = EvidenceCheck(cut, "f", archive=None).findings()
    assert missing.summary.startswith("time stamp: it is missing; http://127.0.0.1:")


def test_a_stamp_of_the_future_or_from_before_the_file(copied: Exported, authority: TimestampAuthority) -> None:
    rules = TimestampRules(certificates=trusted_certificates(str(authority.root)))

    def reasons(now: datetime | None = None) -> list[str]:
        check = EvidenceCheck(io.BytesIO(copied.file.read_bytes()), "f", archive=None, rules=rules, now=now)
        return [found.reason for found in check.findings() if isinstance(found, InvalidPart)]

    assert reasons() == []
    assert reasons(datetime.now(UTC) - timedelta(days=1)) == ["its time is in the future"]
    _head(made_at="2099-01-01T00:00:00+00:00")(copied)
    assert "it is older than the file, which was made 2099-01-01T00:00:00+00:00" in reasons()


def test_captures_that_the_evidence_does_not_record(copied: Exported, searchkit: Command) -> None:
    plain = str(copied.folder / "plain.evidence")
    assert searchkit("export", "-o", plain, archive=copied.folder / "archive").code == 0
    done = searchkit("verify", plain, "--no-archive", "--wacz", str(copied.wacz))
    assert done.code == 4
    assert "captures: the evidence was exported without a WACZ file" in done.out


def _where(lines: list[str], part: str, number: int = 0) -> int:
    return [place for place, line in enumerate(lines) if f'"searchkit.evidence-{part}/' in line][number]


def _edit(part: str, number: int = 0, *, seal: bool = False, **fields: Any) -> Callable[[Exported], None]:
    """Change fields of a line; with `seal`, make a new log and seal, and keep the stamp."""

    def edit(copied: Exported) -> None:
        lines = copied.lines
        place = _where(lines, part, number)
        value = json.loads(lines[place])
        assert fields.keys() <= value.keys()
        lines[place] = json.dumps(value | fields, ensure_ascii=False)
        copied.write([*resealed(lines), lines[-1]] if seal else lines)

    return edit


def _head(**fields: Any) -> Callable[[Exported], None]:
    def edit(copied: Exported) -> None:
        lines = copied.lines
        copied.write([json.dumps(json.loads(lines[0]) | fields), *lines[1:]])

    return edit


def _lines(change: Callable[[list[str]], list[str]]) -> Callable[[Exported], None]:
    return lambda copied: copied.write(change(copied.lines))


def _added(lines: list[str]) -> list[str]:
    value = json.loads(lines[1]) | {"id": "0" * 12 + "-00000000", "text": "“I did it.”"}
    return [*lines[:2], json.dumps(value), *lines[2:]]


def _removed(lines: list[str], part: str) -> list[str]:
    del lines[_where(lines, part)]
    return lines


def _cut(file: str, keep: float) -> Callable[[Exported], None]:
    def cut(copied: Exported) -> None:
        path = copied.folder / file
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * keep)])

    return cut


def _wacz(change: Callable[[dict[str, bytes]], object]) -> Callable[[Exported], None]:
    return lambda copied: repacked(copied.wacz, change)


def _swap_members(members: dict[str, bytes]) -> None:
    members[INDEX], members[PAGES] = members[PAGES], members[INDEX]


def _forged_capture(members: dict[str, bytes]) -> None:
    """Put other words into a capture, and make all digests of the WACZ file again."""
    made = io.BytesIO()
    writer = WARCWriter(made, gzip=True)
    for record in ArchiveIterator(io.BytesIO(members[WARC])):
        body = record.content_stream().read().replace(b"crates twice", b"crates never")
        if record.rec_type != "warcinfo":
            uri = record.rec_headers.get_header("WARC-Target-URI")
            writer.write_record(
                writer.create_warc_record(
                    uri, "response", payload=io.BytesIO(body), length=len(body), http_headers=record.http_headers
                )
            )
    members[WARC] = made.getvalue()
    rehash(members)


def _compressed(copied: Exported) -> None:
    """Pack a file of 50 MB into a few bytes."""
    with zipfile.ZipFile(copied.wacz, "w", zipfile.ZIP_DEFLATED) as package:
        for name in (WARC, INDEX, PAGES, PACKAGE, PACKAGE_DIGEST):
            package.writestr(name, bytes(50_000_000))


def _encrypted(copied: Exported) -> None:
    """Mark all members as encrypted."""
    content = copied.wacz.read_bytes()
    for header, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        parts = content.split(header)
        marked = (part[: place - 4] + bytes([part[place - 4] | 1]) + part[place - 3 :] for part in parts[1:])
        content = header.join([parts[0], *marked])
    copied.wacz.write_bytes(content)


def _both(*changes: Callable[[Exported], None]) -> Callable[[Exported], None]:
    def change(copied: Exported) -> None:
        for each in changes:
            each(copied)

    return change


def _recorded(change: Callable[[Exported], object]) -> Callable[[Exported], None]:
    """Change the WACZ file, and record it in evidence with a new log and seal; the old stamp stays."""

    def edit(copied: Exported) -> None:
        change(copied)
        content = copied.wacz.read_bytes()
        _edit("captures", seal=True, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))(copied)

    return edit


MODIFIED, TRUNCATED = "File modified: checksum mismatch.", "File truncated: its seal is missing."
NOT_STORED = "captures: e.wacz has members that are not stored as they are; searchkit stores them so"
OTHER_FILE = "captures: e.wacz is another file than the one exported ("
OTHER_PARTS = "captures: e.wacz: its lists or its description do not fit its captures"
TAMPERED: dict[str, tuple[Callable[[Exported], object], str]] = {
    "words changed": (_edit("statement", text='"We never counted the crates,"'), MODIFIED),
    "speaker changed": (_edit("statement", speaker="Maria Korbel"), "custody log: the statements of document "),
    "statement added": (_lines(_added), " are not those exported (3 here, 2 then)"),
    "statement after the seal": (_lines(lambda lines: [*lines, lines[1]]), MODIFIED),
    "line about captures removed": (_lines(lambda lines: _removed(lines, "captures")), MODIFIED),
    "blank added to the seal": (
        _lines(lambda lines: [*lines[:-2], lines[-2].replace(", ", ",  ", 1), lines[-1]]),
        "time stamp: it is the stamp of another file",
    ),
    "seal removed": (_lines(lambda lines: _removed(lines, "end")), TRUNCATED),
    "file truncated": (_cut(NAME, 0.5), TRUNCATED),
    "stamp truncated": (_cut(NAME, 0.97), "time stamp: it is damaged"),
    "stamp removed": (_lines(lambda lines: lines[:-1]), "time stamp: it is missing; http://127.0.0.1:"),
    "stamp and its announcement removed": (_both(_lines(lambda lines: lines[:-1]), _head(timestamp=None)), MODIFIED),
    "stamp of another file": (
        lambda copied: copied.write([*copied.lines[:-1], copied.stamp(OTHER)]),
        "time stamp: it is the stamp of another file",
    ),
    "older stamp moved over": (
        lambda copied: copied.write([*copied.lines[:-1], copied.stamp("older.evidence")]),
        "time stamp: it is the stamp of another file",
    ),
    "checksum of the stamp changed": (_edit("timestamp", sha256="0" * 64), "time stamp: it is damaged"),
    "speaker changed and sealed again": (
        _edit("statement", seal=True, speaker="Maria Korbel"),
        "time stamp: it is the stamp of another file",
    ),
    "captures renamed": (
        lambda copied: copied.wacz.rename(copied.folder / "f.wacz"),
        "captures: e.wacz is missing; if it has another name or place, name it with --wacz",
    ),
    "captures truncated": (_cut("e.wacz", 0.6), OTHER_FILE),
    "captures of another file": (lambda copied: shutil.copy(copied.folder / "other.wacz", copied.wacz), OTHER_FILE),
    "capture replaced": (_wacz(_forged_capture), OTHER_FILE),
    "no zip archive": (
        _recorded(lambda copied: copied.wacz.write_bytes(b"no" * 9_999)),
        "captures: e.wacz is damaged: ",
    ),
    "members swapped": (_recorded(_wacz(_swap_members)), OTHER_PARTS),
    "member removed": (_recorded(_wacz(lambda members: members.pop(INDEX))), OTHER_PARTS),
    "member added": (_recorded(_wacz(lambda members: members.update({"pages/extra.jsonl": b"{}"}))), OTHER_PARTS),
    "captures removed": (_recorded(_wacz(lambda members: members.pop(WARC))), "captures: e.wacz is damaged: "),
    "members compressed": (_recorded(_compressed), NOT_STORED),
    "members encrypted": (_recorded(_encrypted), NOT_STORED),
    "capture replaced and sealed again": (
        _recorded(_wacz(_forged_capture)),
        "captures: e.wacz: the capture of document ",
    ),
    "sealed again": (_recorded(_wacz(_forged_capture)), "time stamp: it is the stamp of another file"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_reported_in_a_line(name: str, copied: Exported, searchkit: Command) -> None:
    change, line = TAMPERED[name]
    change(copied)
    done = searchkit("verify", str(copied.file), archive=copied.folder / "archive")
    assert (done.code, done.err) == (4, "")
    assert line in done.out, done.out
    # Whoever has no archive sees it too.
    done = searchkit("verify", str(copied.file), "--no-archive", "--json")
    report = json.loads(done.out)
    assert (done.code, report["as_recorded"]) == (4, False)
    found = [f"{finding['part']}: {finding['reason']}" for finding in report["findings"] if "part" in finding]
    assert line in {MODIFIED, TRUNCATED} or any(line in reason for reason in found)


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """Flip bits, cut the end, remove a part, or repeat a part."""
    changed = bytearray(content)
    start = chance.randrange(len(changed))
    end = min(len(changed), start + chance.randrange(1, 400))
    how = chance.choice(["flip", "flip", "cut", "remove", "repeat"])
    if how == "flip":
        for _ in range(chance.choice([1, 1, 2, 8])):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    elif how == "repeat":
        changed[start:start] = changed[start:end]
    else:
        del changed[start : len(changed) if how == "cut" else end]
    return bytes(changed)


def test_no_random_damage_is_accepted_or_breaks_the_check(copied: Exported) -> None:
    chance = random.Random(11)
    _head(timestamp=None)(copied)
    copied.write(resealed(copied.lines))  # without stamp, so that openssl does not run
    lines, wacz = copied.file.read_bytes(), copied.wacz.read_bytes()
    sound = EvidenceCheck(io.BytesIO(lines), "f", archive=None, wacz=copied.folder)
    assert list(sound.findings()) == []
    assert sound.report.as_recorded
    for number in range(300):
        evidence = _damaged(lines, chance) if number % 2 else lines
        copied.wacz.write_bytes(wacz if number % 2 else _damaged(wacz, chance))
        try:
            check = EvidenceCheck(io.BytesIO(evidence), "f", archive=None, wacz=copied.folder)
        except InputError:  # no longer evidence
            continue
        shown = [found.summary for found in check.findings()]
        assert not check.report.as_recorded
        assert not any("\n" in line for line in shown)
        assert number % 2 or any(line.startswith("captures: ") for line in shown)


def test_words_that_are_not_in_their_capture(copied: Exported, searchkit: Command) -> None:
    """The evidence was forged before it was sealed: its words are not in the text of its capture."""
    lines = copied.lines
    place = next(place for place, line in enumerate(lines) if "crates twice" in line and STATEMENT in line)
    lines[place] = lines[place].replace("crates twice", "crates never")
    copied.write([json.dumps(json.loads(lines[0]) | {"timestamp": None}), *lines[1:]])
    copied.write(resealed(copied.lines))
    done = searchkit("verify", str(copied.file), "--no-archive")
    assert done.code == 4
    assert "captures: e.wacz: the words of statement " in done.out
    assert " are not in the capture of its document" in done.out


def test_seal_and_stamp_are_checked_by_hand_as_the_documentation_says(
    copied: Exported, authority: TimestampAuthority
) -> None:
    (block,) = re.findall(r"```sh\n(sed '\$d' .*?)```", (ROOT / "docs" / "evidence.md").read_text(), re.DOTALL)
    copied.file.rename(copied.folder / "statements.evidence")
    shutil.copy(authority.root, copied.folder / "authority.pem")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], check=False, cwd=copied.folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    seal = json.loads((copied.folder / "seal.json").read_text())
    assert done.stdout.startswith(f"{seal['sha256']}  -\n")
    assert "Policy OID: 1.2.3.4" in done.stdout
    assert done.stdout.endswith("Verification: OK\n")
