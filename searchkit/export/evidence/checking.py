"""Check a complete evidence file: its custody log, time stamp and captures by themselves, then its statements against
an archive, if there is one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from searchkit.archive import Archive
from searchkit.errors import InputError, UsageError
from searchkit.export.evidence.custody import CustodyEntry
from searchkit.export.evidence.reading import BadLine, PartFault, Recorded, describe, records
from searchkit.export.evidence.rebuilding import head_faults
from searchkit.export.evidence.timestamps import Stamp, TimestampRules, check_timestamp
from searchkit.export.evidence.verifying import Comparison, Verdict
from searchkit.export.evidence.wacz import package_header
from searchkit.export.evidence.wacz_check import WaczCheck
from searchkit.statements.text import one_line

# A clock may be wrong by minutes, and an export takes some.
_TOLERANCE = timedelta(hours=1)


class EvidenceCheck:
    """The check of a file that can be read several times; `name` is for messages.

    Without an `archive`, no statement is compared. Without `rules`, the time stamp is not checked; without `wacz`, its
    WACZ file or the folder where that lies, the captures are not. `now` is the time of the check. `stamp`,
    `captures` and `comparison` are what was found of them, once the results were read.
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
        self.described = describe(stream, name)
        self._stream = stream
        self._name = name
        self._archive = archive
        self._rules = rules
        line = self.described.captures
        self._wacz = wacz
        if wacz is not None and wacz.is_dir():
            self._wacz = None if line is None else wacz / Path(line.file).name
        self._now = now or datetime.now(UTC)
        self.stamp: Stamp | None = None
        self.captures: WaczCheck | None = None
        self.comparison = Comparison(archive, self.described) if archive is not None else None

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The parts of the file that are not checked."""
        described = self.described
        parts = {
            "time stamp": self._rules is None and described.timestamp is not None,
            "captures": self._wacz is None and described.captures is not None,
            "statements": self._archive is None,
        }
        return tuple(part for part, is_unchecked in parts.items() if is_unchecked)

    def results(self) -> Iterator[Verdict | PartFault | BadLine]:
        """Yield what is wrong with the parts of the file, then the results for its lines."""
        for reason in self.described.custody_faults:
            yield PartFault(part="custody log", reason=reason)
        yield from head_faults(self.described)
        for reason in self._of_stamp():
            yield PartFault(part="time stamp", reason=reason)
        if self._wacz is not None:
            for reason in self._of_captures(self._wacz):
                yield PartFault(part="captures", reason=reason)
        if self.comparison is not None:
            yield from self.comparison.results(self._records())
        else:
            yield from (found for found in self._records() if isinstance(found, BadLine))

    def _records(self) -> Iterator[Recorded | CustodyEntry | BadLine]:
        self._stream.seek(0)
        return records(self._stream, self._name)

    def _of_stamp(self) -> Iterator[str]:
        described = self.described
        if described.has_damaged_timestamp:
            yield "it is damaged"
        elif described.timestamp is None:
            if described.authority:
                yield f"it is missing; {described.authority} was to make one"
        elif self._rules is not None:
            try:
                self.stamp = check_timestamp(described.timestamp, described.seal_line, self._rules)
            except (InputError, UsageError) as error:
                yield error.message.rstrip(".")
                return
            if not self.stamp.is_trusted:
                yield "the certificate of its authority was not checked; set timestamp_certificates in searchkit.toml"
            if self.stamp.at > self._now + _TOLERANCE:
                yield "its time is in the future"
            if _is_before(self.stamp.at, described.made_at):
                yield f"it is older than the file, which was made {described.made_at}"

    def _of_captures(self, path: Path) -> Iterator[str]:
        line = self.described.captures
        if line is None:
            yield "the evidence was exported without a WACZ file"
            return
        wanted: dict[str, list[Recorded]] = {}
        documents: set[str] = set()
        without = {each.document: each for each in line.without}
        for found in self._records():
            if isinstance(found, Recorded):
                documents.add(found.document)
                if found.raw_digest and found.document not in without:
                    wanted.setdefault(found.raw_digest, []).append(found)
        for each in without.keys() - documents:
            yield f"document {each} is listed as without capture, but has no statement here"
        described = self.described
        try:
            made_at = datetime.fromisoformat(described.made_at)
        except ValueError:
            yield f"the file states no time when it was made: {one_line(described.made_at)}"
            return
        header = package_header(described.query, made_at, described.searchkit)
        if self.comparison is None:
            self.captures = WaczCheck(path, line, header, wanted)
            yield from self.captures.faults(now=self._now)
            return
        with self.comparison.captures() as kept:
            yield from kept.faults_without(without.values())
            self.captures = WaczCheck(path, line, header, wanted, kept.described)
            yield from self.captures.faults(now=self._now)


def _is_before(at: datetime, made_at: str) -> bool:
    try:
        return at < datetime.fromisoformat(made_at) - _TOLERANCE
    except (ValueError, TypeError, OverflowError):  # not a time, or one without zone
        return False
