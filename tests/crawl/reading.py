"""The shortest way from the bytes of a file to what crawl gives for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from searchkit.crawl import files
from searchkit.crawl.base import FileOptions, Noted, Refused
from searchkit.statements.document import Resource

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STORY = "Crane inspectors meet in Velmar\n\nNadia Korbel said the cranes were sound.\n"


def read(
    *locations: str | Path, options: FileOptions | None = None, stdin: bytes | None = None
) -> list[Resource | Refused]:
    """What is found at `locations`."""
    stream = None if stdin is None else BytesIO(stdin)
    found = files.resources([str(x) for x in locations], options or FileOptions(), now=NOW, stdin=stream)
    return [answer for answer in found if not isinstance(answer, Noted)]


def read_file(path: Path, body: bytes, *, options: FileOptions | None = None) -> list[Resource | Refused]:
    """What is found at `path`, once the file there holds `body`."""
    path.write_bytes(body)
    return read(path, options=options)


def resources(answers: Sequence[Resource | Refused]) -> list[Resource]:
    """What was read."""
    return [answer for answer in answers if isinstance(answer, Resource)]


def uris(answers: Sequence[Resource | Refused]) -> list[str]:
    """The addresses of what was read."""
    return [answer.uri for answer in resources(answers)]


def names(answers: Sequence[Resource | Refused]) -> list[str]:
    """The names of what was read in its file."""
    return [uri.partition("#")[2] for uri in uris(answers)]


def reasons(answers: Sequence[Resource | Refused]) -> dict[str, str]:
    """Why the others were not, by address."""
    return {answer.uri: answer.reason for answer in answers if isinstance(answer, Refused)}


def reason(answers: Sequence[Resource | Refused]) -> str:
    """Why the only one was not read."""
    [answer] = answers
    assert isinstance(answer, Refused)
    return answer.reason


def body_of(answer: Resource | Refused) -> bytes:
    """The bytes of one that was read."""
    assert isinstance(answer, Resource)
    return answer.body
