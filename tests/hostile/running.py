"""The corpus read by the real command, and what is wrong with what came of it."""

import json
import re
import socket
import threading
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field

from tests.hostile import corpus
from tests.hostile.cases import SECRET, STEERING, Case
from tests.hostile.watching import Ran, searchkit

_ASKED_AT_ONCE = 40
# What a machine with other work to do may need more; a hang is far beyond it.
_PATIENCE = 4.0
_SHOWN = 400
_HTML_SCRIPT = re.compile(r"<script(?![^>]{0,200}application/)", re.IGNORECASE)


class Row(Struct, frozen=True, kw_only=True):
    """What became of one case."""

    case: Case
    outcome: str
    reason: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0

    @property
    def is_as_expected(self) -> bool:
        expected = self.case.expected
        return self.outcome == expected or (expected == "either" and self.outcome in {"found", "refused"})


class Report(Struct, kw_only=True):
    """What became of all cases together. `faults` are lines that say what is wrong; none when all is well."""

    run: Ran
    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and who has called there."""
    callers: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.close()
                callers.append("somebody called")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1], callers
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def together(cases: Sequence[Case], top: Path, *, timeout: float, all_outputs: bool = True) -> Report:
    """Make the corpus in the new folder `top`, take it in with one command, and look at what is told: at all
    of it, or at one of each kind of output."""
    archive = top / "archive"
    with listening() as (port, callers):
        controls = corpus.write(top, cases, port=port)
        ran = searchkit("--archive", str(archive), "index", str(top / "corpus"), "--json", timeout=timeout)
        report = Report(run=ran)
        if ran.overdue or ran.code not in {0, 4}:
            report.faults.append(f"the run ended with {ran.code}: {ran.err[-_SHOWN:]!r}")
            return report
        told = json.loads(ran.out)
        found = _found(archive, [case.needle for case in cases])
        report.rows = [_row(number, case, told, found) for number, case in enumerate(cases)]
        wanted = [corpus.control(number) for number in range(controls)]
        lost = set(wanted) - _found(archive, wanted)
        report.faults += [f"control article {one} was not found" for one in sorted(lost)]
        report.faults += [
            f"{row.case.group}/{row.case.name}: {row.outcome} ({row.reason})"
            for row in report.rows
            if not row.is_as_expected
        ]
        report.faults += [
            f"a fault of ours: {one['uri'][-80:]}: {one['reason']}"
            for one in told["failures"]
            if one["reason"].startswith("could not be read")
        ]
        never = {SECRET, *(word for case in cases for word in case.never)}
        report.faults += _seen(archive, ran, never, all_outputs=all_outputs)
    report.faults += callers
    return report


def alone(case: Case, top: Path) -> Row:
    """As `together` for one case in an archive of its own: what became of it, and how long it took."""
    with listening() as (port, callers):
        corpus.write(top, [case], port=port)
        archive = top / "archive"
        ran = searchkit(
            "--archive", str(archive), "index", str(top / "corpus"), "--json", timeout=case.seconds * _PATIENCE
        )
        if ran.overdue or ran.code not in {0, 4}:
            return Row(
                case=case,
                outcome=f"exit {ran.code}",
                reason=ran.err[-_SHOWN:].decode("utf-8", "replace"),
                seconds=ran.busy,
            )
        row = _row(0, case, json.loads(ran.out), _found(archive, [case.needle]))
    outcome = callers[0] if callers else row.outcome
    return Row(case=case, outcome=outcome, reason=row.reason, seconds=ran.busy, peak_mb=ran.peak_mb)


def _found(archive: Path, needles: Sequence[str]) -> set[str]:
    """Those of the needles that a question finds, each by its words in an answer."""
    found = set()
    for first in range(0, len(needles), _ASKED_AT_ONCE):
        asked = needles[first : first + _ASKED_AT_ONCE]
        ran = searchkit("--archive", str(archive), "query", " OR ".join(asked), "--json", "--copies", "-n", "1000")
        words = {
            unicodedata.normalize("NFKC", hit["text"][start:end]).casefold()
            for answer in json.loads(ran.out)["hits"]
            for hit in answer["snippets"]
            for start, end in hit["marks"]
        }
        found |= {one for one in asked if one in words or any(one in word for word in words)}
    # Snippets look for marks in the first part of a long text only, so these are asked for one by one.
    for one in set(needles) - found:
        ran = searchkit("--archive", str(archive), "query", one, "--json", "-n", "0")
        found |= {one} if json.loads(ran.out)["total"] else set()
    return found


def _row(number: int, case: Case, told: dict[str, list[dict[str, str]]], found: Collection[str]) -> Row:
    place = f"/{corpus.folder_name(number)}/"
    reasons = [one["reason"] for one in told["failures"] if place in one["uri"] or case.needle in one["uri"]]
    outcome = "found" if case.needle in found else "refused" if reasons else "skipped"
    return Row(case=case, outcome=outcome, reason="; ".join(dict.fromkeys(reasons))[:_SHOWN])


# Everything that a person, a sheet, a page or a log is given of an archive.
OUTPUTS = (
    ("query", "*", "-n", "10000", "--copies"),
    ("query", "crane", "-n", "10000", "--copies", "--json"),
    ("query", "crane", "-n", "10000", "--copies", "-f", "csv"),
    ("query", "crane", "-n", "0", "--facet", "outlet", "--facet", "speaker", "--facet", "entity"),
    ("quotes", "*", "-n", "2000"),
    ("quotes", "*", "-n", "2000", "-f", "csv"),
    ("entities", "-n", "2000"),
    ("export", "--over", "documents", "-f", "csv"),
    ("export", "-n", "2000", "-f", "tsv"),
    ("export", "-n", "2000", "-f", "markdown"),
    ("export", "-n", "2000", "-f", "html"),
    ("export", "-n", "2000", "-f", "jsonl"),
    ("export", "-n", "2000", "-f", "evidence"),
    ("status",),
    ("status", "--json"),
    ("sources",),
)


_SHOWN_DOCUMENTS = 40
_ONE_OF_EACH = {"--json", "csv", "html", "markdown"}


def _seen(archive: Path, ran: Ran, never: Collection[str], *, all_outputs: bool) -> list[str]:
    """What is in an output and may not be."""
    texts = {"index --json": ran.out, "index, complaints": ran.err, "runs.jsonl": (archive / "runs.jsonl").read_bytes()}
    hostile = searchkit(
        "--archive", str(archive), "query", "owned OR danger OR crane", "-f", "ids", "-n", "10000", "--copies"
    )
    ids = hostile.out.decode().split()
    shown = _SHOWN_DOCUMENTS if all_outputs else 1
    chosen = OUTPUTS if all_outputs else [one for one in OUTPUTS if one[-1] in _ONE_OF_EACH]
    commands = [*chosen, *(("show", one) for one in ids[:: max(1, len(ids) // shown)])]
    faults = []
    for command in commands:
        done = searchkit("--archive", str(archive), *command)
        if done.code != 0:
            faults.append(f"{' '.join(command)} ended with {done.code}: {done.err[-_SHOWN:]!r}")
        texts[" ".join(command)] = done.out
        texts[f"{' '.join(command)}, complaints"] = done.err
    return [*faults, *(fault for name, raw in texts.items() for fault in _wrong(name, raw, never))]


def _wrong(name: str, raw: bytes, never: Collection[str]) -> Iterator[str]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        yield f"{name} is no UTF-8: {error}"
        text = raw.decode("utf-8", "replace")
    yield from (f"{name} holds {sign!a}" for sign in STEERING if sign in text)
    yield from (f"{name} holds {word!r}" for word in never if word in text)
    if " html" in name:
        yield from (f"{name} holds a script" for _ in _HTML_SCRIPT.findall(text)[:1])
    if name.endswith((" csv", " tsv")):
        yield from (
            f"{name} holds a formula: {cell[:40]!r}" for cell in _formulas(text, "\t" if "tsv" in name else ",")
        )
    if "json" in name and "jsonl" not in name and "complaints" not in name:
        json.loads(text)


def _formulas(text: str, delimiter: str) -> list[str]:
    import csv
    import io

    before = csv.field_size_limit(len(text) + 1)  # a title may be longer than the module expects of anybody
    try:
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
    finally:
        csv.field_size_limit(before)
    return [
        cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    ][:3]
