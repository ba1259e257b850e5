"""Check a complete evidence file: its custody log, time stamp and captures by themselves, then its statements against
an archive, if there is one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from searchkit.archive import Archive
from searchkit.crawl.web.captures import Captures, capture_history
from searchkit.crawl.web.pages import Response
from searchkit.errors import InputError, UsageError
from searchkit.export.evidence import findings as outcomes
from searchkit.export.evidence.reading import EvidenceFile, Recorded
from searchkit.export.evidence.timestamps import TimestampRules, check_timestamp, stamp_text
from searchkit.export.evidence.verifying import Comparison
from searchkit.export.evidence.wacz import WaczCheck, capture_of, package_header
from searchkit.statements.text import counted, one_line, redacted

# A clock may be wrong by minutes, and an export takes some.
_TOLERANCE = timedelta(hours=1)
# Further unreadable lines, and further faults, are only counted.
_UNREADABLE_SHOWN = 20
_INVALID_SHOWN = 200


class EvidenceCheck:
    """The check of a file that can be read several times; `name` is for messages.

    Without an `archive`, no statement is compared. Without `rules`, the time stamp is not checked; without `wacz`, its
    WACZ file or the folder where that lies, the captures are not. `now` is the time of the check. `report` is complete
    once the findings were read, but for these; `with_remarks` are those of the statements that are the same.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        *,
        archive: Archive | None,
        rules: TimestampRules | None = None,
        wacz: Path | None = None,
        now: datetime | None = None,
    ) -> None:
        self.file = file = EvidenceFile(stream, name)
        self._archive = archive
        self._rules = rules
        if wacz is not None and wacz.is_dir():
            wacz = None if file.captures is None else wacz / Path(file.captures.file).name
        self._wacz = wacz
        self._now = now or datetime.now(UTC)
        self._comparison = Comparison(archive, file) if archive is not None else None
        self.with_remarks = 0
        unchecked = {
            "time stamp": rules is None and file.timestamp is not None,
            "captures": wacz is None and file.captures is not None,
            "statements": archive is None,
        }
        self.report = outcomes.VerifyReport(
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

    def findings(self) -> Iterator[outcomes.Finding]:
        """Yield what is wrong with the parts of the file, then the differences of its statements; count all."""
        report = self.report
        for part, reason in self._parts():
            yield from self._counted(outcomes.InvalidPart(part=part, reason=reason))
        for line in self.file.lines():
            if isinstance(line, outcomes.UnreadableRecord):
                yield from self._counted(line)
            elif isinstance(line, Recorded) and self._comparison is not None:
                yield from self._counted(*self._comparison.verdict(line))
        if self._comparison is not None:
            rebuilder = self._comparison.rebuilder
            for part, reason in rebuilder.parts():
                yield from self._counted(outcomes.InvalidPart(part=part, reason=reason))
            report.compared_fields, report.compared_entries = rebuilder.fields, rebuilder.entries
        differ = sum(report.counts.values()) != report.same or self.with_remarks
        report.as_recorded = report.seal == "intact" and not (differ or report.unreadable or report.invalid)

    def _counted(self, found: outcomes.Finding, notices: list[str] | None = None) -> Iterator[outcomes.Finding]:
        """Count a result; yield it if it is a difference to show, with `notices` that are no faults."""
        report = self.report
        if isinstance(found, outcomes.UnreadableRecord):
            report.unreadable += 1
            report.statements -= 1
            is_shown = report.unreadable <= _UNREADABLE_SHOWN
        elif isinstance(found, outcomes.InvalidPart):
            report.invalid += 1
            is_shown = report.invalid <= _INVALID_SHOWN
        else:
            setattr(report, found.status, report.counts[found.status] + 1)
            report.captures[found.capture] = report.captures.get(found.capture, 0) + 1
            is_shown = not found.is_as_recorded
            self.with_remarks += found.status == "same" and is_shown
            found.remarks += notices or ()
        if is_shown or notices:
            yield found

    def _parts(self) -> Iterator[tuple[outcomes.Part, str]]:
        for reason in self.file.log.faults:
            yield "custody log", reason
        for key in self.file.unknown:
            yield "first line", f"searchkit does not write the key {key}"
        head = self.file.head
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
        file, made_at = self.file, _time(self.file.head.made_at)
        if file.has_damaged_timestamp:
            yield "it is damaged"
        elif file.timestamp is None:
            if file.head.timestamp:
                yield f"it is missing; {file.head.timestamp} was to make one"
        elif self._rules is not None:
            try:
                stamp = self.report.timestamp = check_timestamp(file.timestamp, file.seal_line, self._rules)
            except (InputError, UsageError) as error:
                yield error.message.rstrip(".")
                return
            if not stamp.is_trusted:
                yield "the certificate of its authority was not checked; set timestamp_certificates in searchkit.toml"
            at = datetime.fromisoformat(stamp.at)
            if at > self._now + _TOLERANCE:
                yield "its time is in the future"
            if made_at is not None and at + _TOLERANCE < made_at:
                yield f"it is older than the file, which was made {file.head.made_at}"

    def _of_captures(self, path: Path) -> Iterator[str]:
        line, head, made_at = self.file.captures, self.file.head, _time(self.file.head.made_at)
        if line is None:
            yield "the evidence was exported without a WACZ file"
            return
        if made_at is None:
            yield f"the file states no time when it was made: {head.made_at}"
            return
        statements = [found for found in self.file.lines() if isinstance(found, Recorded)]
        without = {each.document for each in line.without}
        for document in without - {found.document for found in statements}:
            yield f"document {document} is listed as without capture, but has no statement here"
        wanted: dict[str, list[Recorded]] = {}
        for found in statements:
            if found.sha256.raw and found.document not in without:
                wanted.setdefault(found.document, []).append(found)
        report = outcomes.CapturesReport(file=line.file, without=tuple(each.document for each in line.without))
        self.report.wacz = report
        header = package_header(head.query, made_at, head.searchkit)
        check = WaczCheck(line=line, header=header, wanted=wanted, report=report, now=self._now)
        if (archive := self._archive) is None:
            yield from check.faults(path)
            return
        for each in line.without:
            uri = redacted(first.uri) if (first := archive.revision(each.document, 1)) is not None else each.uri
            if uri != each.uri:
                yield f"document {each.document} has the address {uri} in the archive"
        captures = Captures(archive.databases.captures)
        with capture_history(archive.databases.frontier) as history:

            def kept(statement: Recorded) -> Response | None:
                document = archive.revision(statement.document, statement.revision)
                answer = capture_of(document, captures, history) if document is not None else None
                return answer if isinstance(answer, Response) else None

            yield from check.faults(path, kept)

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
        if self._comparison is not None:
            fields = counted(report.compared_fields, "field")
            entries = counted(report.compared_entries, "entry", "entries")
            yield f"compared with the archive: {fields} of {counted(report.statements, 'statement')}, {entries}"
        if report.unchecked:
            yield f"not checked: {', '.join(report.unchecked)}"


def _time(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
