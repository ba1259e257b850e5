"""Index the corpus with the real command, and report what is wrong with the result."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field

from tests.crawl.web.site import Site
from tests.hostile import corpus
from tests.hostile.cases import SECRET, STEERING, Case
from tests.hostile.watching import Ran, searchkit

_NEEDLES_AT_ONCE = 40
_NETWORK = "the network was used"
# A busy machine may need this many times longer; a hang takes far longer.
_PATIENCE = 4.0
_SHOWN = 400
_SHOWN_DOCUMENTS = 40
_HTML_SCRIPT = re.compile(r"<script(?![^>]{0,200}application/)", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Everything that shows an archive to a person, a spreadsheet, a page or a log.
OUTPUTS = (
    "query * -n 10000 --duplicates",
    "query crane -n 10000 --duplicates --json",
    "query crane -n 10000 --duplicates -f csv",
    "query crane -n 0 --facet outlet --facet speaker --facet entity",
    "statements * -n 2000",
    "statements * -n 2000 -f csv",
    "entities -n 2000",
    "export --over documents -f csv",
    *(f"export -n 2000 -f {form}" for form in ("tsv", "markdown", "html", "jsonl", "evidence")),
    "status",
    "status --json",
    "sources",
)
_SAMPLE = ("--json", "csv", "html", "markdown")


class Row(Struct, frozen=True, kw_only=True):
    """The result of one case."""

    case: Case
    outcome: str
    reason: str = ""

    @property
    def is_as_expected(self) -> bool:
        expected = self.case.expected
        return self.outcome == expected or (expected == "either" and self.outcome in {"found", "refused"})


class Report(Struct, kw_only=True):
    """The results of all cases together. `faults` are lines that say what is wrong."""

    run: Ran
    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def _index(top: Path, timeout: float) -> Ran:
    return searchkit("--archive", str(top / "archive"), "index", str(top / "corpus"), "--json", timeout=timeout)


def together(cases: Sequence[Case], top: Path, *, timeout: float, all_outputs: bool = True) -> Report:
    """Make the corpus in the new folder `top`, index it with one command, and check the outputs: all of them, or one of
    each kind."""
    archive = top / "archive"
    with Site() as site:
        controls = corpus.write(top, cases, port=site.port)
        ran = _index(top, timeout)
        report = Report(run=ran)
        if ran.overdue or ran.code not in {0, 4}:
            report.faults.append(f"the run ended with {ran.code}: {ran.err[-_SHOWN:]!r}")
            return report
        failures = json.loads(ran.out)["failures"]
        wanted = [corpus.control(number) for number in range(controls)]
        found = _found(archive, [*wanted, *(case.needle for case in cases)])
        report.rows = [_row(number, case, failures, found) for number, case in enumerate(cases)]
        report.faults += [f"control article {needle} was not found" for needle in wanted if needle not in found]
        report.faults += [
            f"{row.case.group}/{row.case.name}: {row.outcome} ({row.reason})"
            for row in report.rows
            if not row.is_as_expected
        ]
        report.faults += [
            f"an internal error: {failure['uri'][-80:]}: {failure['reason']}"
            for failure in failures
            if failure["reason"].startswith("could not be read")
        ]
        never = {SECRET, *(word for case in cases for word in case.never)}
        report.faults += _faulty_outputs(archive, ran, never, all_outputs=all_outputs)
        report.faults += [_NETWORK] if site.connections else []
    return report


def alone(case: Case, top: Path) -> tuple[Row, Ran]:
    """Index one case in an archive of its own; return the result and the run."""
    with Site() as site:
        corpus.write(top, [case], port=site.port)
        ran = _index(top, case.seconds * _PATIENCE)
        if ran.overdue or ran.code not in {0, 4}:
            return Row(case=case, outcome=f"exit {ran.code}", reason=ascii(ran.err[-_SHOWN:])), ran
        row = _row(0, case, json.loads(ran.out)["failures"], _found(top / "archive", [case.needle]))
        return row if not site.connections else Row(case=case, outcome=_NETWORK), ran


def _found(archive: Path, needles: Sequence[str]) -> set[str]:
    """Return the needles that a query finds, each by the marked words of a hit."""
    found = set()
    for first in range(0, len(needles), _NEEDLES_AT_ONCE):
        batch = needles[first : first + _NEEDLES_AT_ONCE]
        ran = searchkit("--archive", str(archive), "query", " OR ".join(batch), "--json", "--duplicates", "-n", "1000")
        words = {
            unicodedata.normalize("NFKC", snippet["text"][start:end]).casefold()
            for hit in json.loads(ran.out)["items"]
            for snippet in hit["snippets"]
            for start, end in snippet["marks"]
        }
        found |= {needle for needle in batch if any(needle in word for word in words)}
    # Snippets mark only the first part of a long text, so search for the rest one by one.
    for needle in set(needles) - found:
        ran = searchkit("--archive", str(archive), "query", needle, "--json", "-n", "0")
        found |= {needle} if json.loads(ran.out)["total"] else set()
    return found


def _row(number: int, case: Case, failures: list[dict[str, str]], found: Collection[str]) -> Row:
    place = f"/{corpus.folder_name(number)}/"
    reasons = [failure["reason"] for failure in failures if place in failure["uri"] or case.needle in failure["uri"]]
    outcome = "found" if case.needle in found else "refused" if reasons else "skipped"
    return Row(case=case, outcome=outcome, reason="; ".join(dict.fromkeys(reasons))[:_SHOWN])


def _faulty_outputs(archive: Path, ran: Ran, never: Collection[str], *, all_outputs: bool) -> list[str]:
    """Return what the outputs contain and must not."""
    outputs = {"index --json": ran.out, "index, stderr": ran.err, "runs.jsonl": (archive / "runs.jsonl").read_bytes()}
    hostile = ("query", "owned OR danger OR crane", "-f", "ids", "-n", "10000", "--duplicates")
    ids = searchkit("--archive", str(archive), *hostile).out.decode().split()
    shown = _SHOWN_DOCUMENTS if all_outputs else 1
    commands = [command for command in OUTPUTS if all_outputs or command.endswith(_SAMPLE)]
    faults = []
    for command in [*commands, *(f"show {one}" for one in ids[:: max(1, len(ids) // shown)])]:
        done = searchkit("--archive", str(archive), *command.split())
        if done.code != 0:
            faults.append(f"{command} ended with {done.code}: {done.err[-_SHOWN:]!r}")
        outputs |= {command: done.out, f"{command}, stderr": done.err}
    return [*faults, *(fault for name, raw in outputs.items() for fault in _faults(name, raw, never))]


def _faults(name: str, raw: bytes, never: Collection[str]) -> Iterator[str]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        yield f"{name} is not UTF-8: {error}"
        text = raw.decode("utf-8", "replace")
    yield from (f"{name} contains {word!a}" for word in (*STEERING, *never) if word in text)
    if " html" in name and _HTML_SCRIPT.search(text):
        yield f"{name} contains a script"
    if name.endswith((" csv", " tsv")):
        cells = _cells(text, "\t" if name.endswith("tsv") else ",")
        yield from [f"{name} contains a formula: {cell[:40]!r}" for cell in cells if cell.lstrip().startswith(_FORMULA)]
    if "json" in name and "jsonl" not in name and "stderr" not in name:
        json.loads(text)


def _cells(text: str, delimiter: str) -> list[str]:
    before = csv.field_size_limit(len(text) + 1)  # a title may be longer than the default limit of csv
    try:
        return [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
    finally:
        csv.field_size_limit(before)
