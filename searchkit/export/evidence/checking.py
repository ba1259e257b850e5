"""Check a complete evidence file: its custody log, time stamp and captures by themselves, then its statements against
an archive, if there is one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from searchkit.archive import Archive
from searchkit.errors import InputError, UsageError
from searchkit.export.evidence.findings import (
    CapturesReport,
    Finding,
    InvalidPart,
    Part,
    UnreadableRecord,
    VerifyReport,
)
from searchkit.export.evidence.reading import EvidenceFile, Recorded
from searchkit.export.evidence.timestamps import check_timestamp, stamp_text
from searchkit.export.evidence.verifying import Comparison
from searchkit.export.evidence.wacz_check import wacz_faults
from searchkit.statements.text import counted, one_line

# The version that wrote no `--limit` into the first line.
_WITHOUT_LIMIT = "0.1.0"
# Further unreadable lines are only counted.
_UNREADABLE_SHOWN = 20


class EvidenceCheck:
    """The check of a file that can be read several times; `name` is for messages.

    Without an `archive`, no statement is compared. Without `certificates`, those that the user trusts (empty: none are
    set), the time stamp is not checked; without `wacz`, its WACZ file or the folder where that lies, the captures are
    not. `now` is the time of the check. `report` is complete once the findings were read, but for these; `with_remarks`
    are those of the statements that are the same.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        *,
        archive: Archive | None,
        certificates: str | None = None,
        wacz: Path | None = None,
        now: datetime | None = None,
    ) -> None:
        self.file = file = EvidenceFile(stream, name)
        self._archive = archive
        self._certificates = certificates
        if wacz is not None and wacz.is_dir():
            wacz = None if file.captures is None else wacz / Path(file.captures.file).name
        self._wacz = wacz
        self._now = now or datetime.now(UTC)
        self._comparison = Comparison(archive, file) if archive is not None else None
        self.with_remarks = 0
        unchecked = {
            "time stamp": certificates is None and file.timestamp is not None,
            "captures": wacz is None and file.captures is not None,
            "statements": archive is None,
        }
        self.report = VerifyReport(
            query=file.head.query,
            made_at=file.head.made_at,
            searchkit=file.head.searchkit,
            seal=file.seal,
            sha256=file.sha256,
            sealed_sha256=file.sealed.sha256 if file.sealed else None,
            entries=file.log.count,
            unchecked=tuple(part for part, is_unchecked in unchecked.items() if is_unchecked),
            statements=file.statements,
            captures={},
        )

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the parts of the file, then the differences of its statements; count all."""
        report = self.report
        for part, reason in self._parts():
            yield from self._counted(InvalidPart(part=part, reason=reason))
        for line in self.file.lines():
            if isinstance(line, UnreadableRecord):
                yield from self._counted(line)
            elif isinstance(line, Recorded) and self._comparison is not None:
                yield from self._counted(self._comparison.verdict(line))
        differ = sum(report.counts.values()) != report.same or self.with_remarks
        report.as_recorded = report.seal == "intact" and not (differ or report.unreadable or report.invalid)

    def _counted(self, found: Finding) -> Iterator[Finding]:
        """Count a result; yield it if it is a difference to show."""
        report = self.report
        if isinstance(found, UnreadableRecord):
            report.unreadable += 1
            report.statements -= 1
            is_shown = report.unreadable <= _UNREADABLE_SHOWN
        elif isinstance(found, InvalidPart):
            report.invalid += 1
            is_shown = True
        else:
            setattr(report, found.status, report.counts[found.status] + 1)
            report.captures[found.capture] = report.captures.get(found.capture, 0) + 1
            is_shown = not found.is_as_recorded
            self.with_remarks += found.status == "same" and is_shown
        if is_shown:
            yield found

    def _parts(self) -> Iterator[tuple[Part, str]]:
        for reason in self.file.log.faults:
            yield "custody log", reason
        if self._comparison is not None and self.file.has_log:
            for reason in self._comparison.rebuilder.log():
                yield "custody log", reason
        head, number = self.file.head, self.file.statements
        has_limit = "--limit=" in head.query or head.searchkit == _WITHOUT_LIMIT
        if head.matching != number and not (has_limit and head.matching > number):
            yield "first line", f"{counted(head.matching, 'statement')} matched, but the file has {number:,}"
        for entry in self.file.log.entries:
            if entry.event == "exported" and (entry.at, entry.by) != (head.made_at, head.searchkit):
                yield (
                    "first line",
                    f"it was made {head.made_at} by {head.searchkit}, but entry {entry.number} says otherwise",
                )
        for reason in self._of_stamp():
            yield "time stamp", reason
        if self._wacz is not None:
            for reason in self._of_captures(self._wacz):
                yield "captures", reason

    def _of_stamp(self) -> Iterator[str]:
        file = self.file
        if file.has_damaged_timestamp:
            yield "it is damaged"
        elif file.timestamp is None:
            if file.head.timestamp:
                yield f"it is missing; {file.head.timestamp} was to make one"
        elif self._certificates is not None:
            try:
                stamp = self.report.timestamp = check_timestamp(file.timestamp, file.seal_line, self._certificates)
            except (InputError, UsageError) as error:
                yield error.message.rstrip(".")
                return
            if not stamp.is_trusted:
                yield "the certificate of its authority was not checked; set timestamp_certificates in searchkit.toml"

    def _of_captures(self, path: Path) -> Iterator[str]:
        line = self.file.captures
        if line is None:
            yield "the evidence was exported without a WACZ file"
            return
        without = {each.document for each in line.without}
        wanted: dict[str, list[Recorded]] = {}
        for found in self.file.lines():
            if isinstance(found, Recorded) and found.sha256.raw and found.document not in without:
                wanted.setdefault(found.sha256.raw, []).append(found)
        report = self.report.wacz = CapturesReport(
            file=line.file, without=tuple(each.document for each in line.without)
        )
        yield from wacz_faults(path, line, wanted, report, now=self._now)

    def part_lines(self) -> Iterator[str]:
        """Yield lines about time stamp, custody log and captures, once all findings were read."""
        report, file = self.report, self.file
        if report.timestamp is not None:
            yield f"time stamp: {stamp_text(report.timestamp)}"
            if report.seal == "intact" and report.timestamp.is_trusted:
                yield f"  It proves: {report.timestamp.proves}."
        elif not file.head.timestamp and file.timestamp is None:
            yield "time stamp: none"
        log = counted(report.entries, "entry", "entries")
        yield f"custody log: {log if file.has_log else 'none, as in files of the first form'}"
        if report.wacz is not None:
            found = f"{counted(report.wacz.captures, 'capture')} in {one_line(report.wacz.file)}"
            count = len(report.wacz.without)
            without = f"; {counted(count, 'document')} without capture" if count else ""
            yield f"captures: {found}, with the words of {counted(report.wacz.statements, 'statement')}{without}"
        if report.unchecked:
            yield f"not checked: {', '.join(report.unchecked)}"
