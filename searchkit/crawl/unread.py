"""What a run passed over: files of unsupported types, hidden files, links out of a folder; counted by kind."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from searchkit.statements.text import redacted

_MAX_FILES = 20
# An archive can have members with thousands of made-up extensions.
_MAX_KINDS = 100
_OTHER = "other"


class NotRead(Struct, frozen=True, kw_only=True):
    """Files of a kind that were not read."""

    kind: Annotated[
        str, Meta(description="Their extension; or hidden, README, link out of the folder, searchkit archive...")
    ]
    count: Annotated[int, Meta(ge=1)]
    files: Annotated[tuple[str, ...], Meta(description="The addresses of the first 20.")]


class UnreadFiles:
    """Counts what is not read."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._files: dict[str, list[str]] = {}

    def note(self, uri: str, kind: str) -> None:
        """Count a file."""
        kind = kind if kind in self.counts or len(self.counts) < _MAX_KINDS else _OTHER
        self.counts[kind] += 1
        files = self._files.setdefault(kind, [])
        if len(files) < _MAX_FILES:
            files.append(uri)

    def records(self) -> tuple[NotRead, ...]:
        """Return the kinds with their first files, the most frequent first."""
        return tuple(
            NotRead(kind=kind, count=count, files=tuple(map(redacted, self._files[kind])))
            for kind, count in self.counts.most_common()
        )


def in_words(counts: Mapping[str, int]) -> str:
    """Return counts by kind as a list: `3 .jpg, 1 hidden`."""
    return ", ".join(f"{count:,} {kind}" for kind, count in Counter(counts).most_common())
