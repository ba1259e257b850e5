"""The search that proves an erasure: every byte of the archive's folder, and what is packed within files.

takes:    a folder; the traces sought
gives:    how much was searched, and which traces stand in which file
does not: decide what a trace means, remove anything
traps:    captures are gzip files, the index packs passages within its files, mail is encoded: all are searched as they
          lie there and unpacked. A file that cannot be read or unpacked is told: it proves nothing
"""

import gzip
import mmap
import os
import re
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from searchkit.archive.erasure.own_words import LONGEST_WORD, OwnWords
from searchkit.archive.erasure.traces import Sought, Trace
from searchkit.store.row_checksums import seal

# Files are read in pieces of this size, each with the end of the last before it.
_PIECE = 4 << 20
_GZIP = b"\x1f\x8b"
# How a mailbox begins; alerts may write one into the folder.
_MAILBOX = b"From "
# How a stream of zlib begins: method and window in the first byte, level and checksum in the second.
_PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_PACKED_PIECE = 16 << 10
# What one packed passage may become; the text of a document is bounded far below.
_UNPACKED_MOST = 64 << 20
# Files whose values may stand side by side with nothing between.
_DATABASE = ".sqlite"
_GLUED = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".arrays", ".toc")
_NO_WORDS = OwnWords({})

Progress = Callable[[int, int], None]
"""Called with (done, total) bytes."""


class Found(Struct, frozen=True, kw_only=True):
    """What stands in a file, named by its path within the folder, or in that path itself: a trace, or nothing when the
    file could not be searched, for the `reason`."""

    path: str
    trace: Trace | None = None
    reason: str = ""
    in_path: bool = False


class Looked(Struct, frozen=True, kw_only=True):
    """What was found in one file: traces by number, and words; and how many bytes were searched."""

    numbers: frozenset[int]
    words: frozenset[str]
    size: int


class Searched(Struct, frozen=True, kw_only=True):
    """How much was searched, and what was found. Bytes are those on the disk and those that they became unpacked."""

    files: int
    size: int
    found: tuple[Found, ...]


def search(
    folder: Path,
    wanted: Sought,
    words: OwnWords = _NO_WORDS,
    *,
    leaving_out: Collection[str] = (),
    made_of_rows: Callable[[str], bool] = lambda _path: False,
    progress: Progress | None = None,
) -> Searched:
    """Search every file in `folder`, and its path within it, but for those with a path in `leaving_out`. Words that
    stand alone are not sought in what is `made_of_rows` of the documents that stay."""
    files = [path for path in files_in(folder) if path.relative_to(folder).as_posix() not in leaving_out]
    total = sum(_size(path) for path in files)
    found: list[Found] = []
    size = done = 0
    for path in files:
        name = path.relative_to(folder).as_posix()
        try:
            looked = search_file(path, wanted, _NO_WORDS if made_of_rows(name) else words)
        except FileNotFoundError:  # of a process that reads and cleans up after itself
            continue
        except (OSError, EOFError, zlib.error, sqlite3.Error) as error:
            found.append(Found(path=name, reason=f"cannot be searched: {error}"))
            continue
        size += looked.size
        written = os.fsencode(name)
        found += told(name, wanted, words, looked.numbers, looked.words)
        found += told(name, wanted, words, wanted.within(written), words.within(written), in_path=True)
        done += _size(path)
        if progress is not None:
            progress(done, total)
    return Searched(files=len(files), size=size, found=tuple(found))


def told(
    path: str, wanted: Sought, words: OwnWords, numbers: Collection[int], own: Collection[str], *, in_path: bool = False
) -> Iterator[Found]:
    """What was found in a file or in its path, one word of each document only."""
    for number in sorted(numbers):
        yield Found(path=path, trace=wanted.traces[number], in_path=in_path)
    by_document = {words.document(word): word for word in sorted(own, reverse=True)}
    for document, word in sorted(by_document.items()):
        yield Found(path=path, trace=Trace(kind="word", document=document, text=word), in_path=in_path)


def search_file(path: Path, wanted: Sought, words: OwnWords = _NO_WORDS) -> Looked:
    """What stands in a file. OSError, EOFError, zlib.error or sqlite3.Error when it cannot be read or unpacked."""
    glued = path.name.endswith(_GLUED)
    found: set[int] = set()
    own: set[str] = set()
    size, overlap = 0, max(wanted.longest, LONGEST_WORD)
    with path.open("rb") as file:
        begin = file.read(len(_MAILBOX))
        file.seek(0)
        is_packed = begin.startswith(_GZIP)
        for piece in _pieces(file, overlap):
            found |= wanted.within(piece, glued=glued)
            own |= set() if is_packed else words.within(piece)
            size += len(piece)
        if is_packed:
            file.seek(0)
            with closing(gzip.GzipFile(fileobj=file)) as unpacked:
                for piece in _pieces(unpacked, overlap):
                    own |= words.within(piece)
                    found |= wanted.within(piece)
                    # A page is wrapped where its text is not.
                    found |= wanted.within(b" ".join(piece.split()))
                    size += len(piece)
        elif begin == _MAILBOX:
            for part in _mail(path):
                found |= wanted.within(part) | wanted.within(b" ".join(part.split()))
                own |= words.within(part)
                size += len(part)
        elif glued and size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                for passage in _passages(content):
                    found |= wanted.within(passage)
                    size += len(passage)
    if path.suffix == _DATABASE and any(wanted.traces[number].kind == "address" for number in found):
        found -= _mere_neighbors(path, wanted, found)
    return Looked(numbers=frozenset(found), words=frozenset(own), size=size)


def _mere_neighbors(path: Path, wanted: Sought, found: set[int]) -> set[int]:
    """Of the addresses `found` in a database those that no value of it holds: they are the end of one value and the
    beginning of the next. A file that was compacted has nothing but values."""
    left = {number for number in found if wanted.traces[number].kind == "address"}
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.create_function("seal", -1, seal, deterministic=True)
        connection.text_factory = _text
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if connection.execute("PRAGMA freelist_count").fetchone()[0]:
            return set()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a name that the file gives
                values = (value.encode("utf-8", "replace") for value in row if isinstance(value, str))
                left -= wanted.within(b"\n".join(values))
                if not left:
                    return left
    return left


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def files_in(folder: Path) -> Iterator[Path]:
    """Every regular file, in folders elsewhere that links lead to as well, each once."""
    seen: set[tuple[int, int]] = set()
    for place, subfolders, names in os.walk(folder, followlinks=True):
        stat = Path(place).stat()
        if (stat.st_dev, stat.st_ino) in seen:
            subfolders[:] = []
            continue
        seen.add((stat.st_dev, stat.st_ino))
        subfolders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file():
                stat = path.stat()
                if (stat.st_dev, stat.st_ino) not in seen:
                    seen.add((stat.st_dev, stat.st_ino))
                    yield path


def _pieces(file: "BinaryIO | gzip.GzipFile", overlap: int) -> Iterator[bytes]:
    end = b""
    while read := file.read(_PIECE):
        yield end + read
        end = read[-overlap:] if overlap else b""


def _mail(path: Path) -> Iterator[bytes]:
    """The parts of all messages of a mailbox, decoded."""
    import mailbox

    with closing(mailbox.mbox(path, create=False)) as messages:
        for message in messages:
            for part in message.walk():
                payload = part.get_payload(decode=True)
                if isinstance(payload, bytes):
                    yield payload


def _passages(content: mmap.mmap) -> Iterator[bytes]:
    """Whatever is packed by zlib in a file."""
    for begin in _PACKED.finditer(content):
        unpacking, place, parts, size = zlib.decompressobj(), begin.start(), [], 0
        try:
            while not unpacking.eof and place < len(content) and size < _UNPACKED_MOST:
                parts.append(unpacking.decompress(content[place : place + _PACKED_PIECE]))
                place, size = place + _PACKED_PIECE, size + len(parts[-1])
        except zlib.error:  # two bytes that mean nothing else, or a stream that is cut short
            pass
        if size:
            yield b"".join(parts)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
