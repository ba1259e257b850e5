"""Files, folders and standard input.

A folder is walked without following any link out of it. What a link inside it points to is met at its own place in the
walk, so links are followed only to hidden places, and once each. Only regular files are opened, without blocking, and
looked at again after opening, because a path can change between the look and the opening.
"""

import errno
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from searchkit.crawl.base import STDIN, FileOptions, Refused, digest_address, megabytes
from searchkit.crawl.container_parts import Part, chosen
from searchkit.crawl.media_types import ENDINGS, ZIP, is_blank, media_type
from searchkit.crawl.records import records
from searchkit.crawl.unpack import opened
from searchkit.document import Resource

Found = Iterator[Resource | Refused]

_REASONS = {
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "there is no such file or folder",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "is a link that leads back to itself",
    errno.ENAMETOOLONG: "its path is too long for this system",
    errno.ENXIO: "is not a regular file",
}
_KINDS = {
    stat.S_IFIFO: "is a pipe, not a regular file",
    stat.S_IFSOCK: "is a socket, not a regular file",
    stat.S_IFCHR: "is a device, not a regular file",
    stat.S_IFBLK: "is a device, not a regular file",
}
# Neither wait for the other end of a pipe nor follow a link that was put in place of the file after the look.
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC

# Both in one folder: an archive of ours, whose log is no article.
_ARCHIVE = frozenset({"archive.json", "store.sqlite"})
_READMES = frozenset({"README.MD", "README.TXT", "README.HTML", "README.MARKDOWN"})


def reason_of(error: OSError) -> str:
    """What went wrong with a file, as one line without its path."""
    if error.errno in _REASONS:
        return _REASONS[error.errno]
    return (error.strerror or "cannot be read").lower()


def file_uri(path: str) -> str:
    """The `file:` address of an absolute path; bytes of its name that are not UTF-8 are percent-encoded as they are."""
    return "file://" + quote_from_bytes(os.fsencode(path))


def _absolute(path: str) -> str:
    """`path` from the root, links kept; `..` is resolved where that provably leads to the same place."""
    whole = str(Path(path).absolute())
    plain = os.path.normpath(whole)
    return plain if os.path.realpath(plain) == os.path.realpath(whole) else whole


def _path_of(location: str) -> str:
    """The path that a location names: itself, or the path of a `file:` address. ValueError for another host."""
    if location[:5].lower() != "file:":
        return location
    parts = urlsplit(location)
    if parts.netloc not in {"", "localhost"}:
        raise ValueError("is a file on another host")
    return os.fsdecode(unquote_to_bytes(os.fsencode(parts.path)))


def address(location: str) -> str | None:
    """The `file:` address of what `located` reads at this location, or within it; None when that cannot be told."""
    try:
        return file_uri(_absolute(_path_of(location)))
    except (OSError, ValueError):  # which `located` refuses
        return None


def is_expected(uri: str, top: str, options: FileOptions) -> bool:
    """Whether `located`, reading what has the address `top`, gives what has the address `uri`, if it is there."""
    file, _, member = uri.partition("#")
    path, whole, within = (os.fsdecode(unquote_to_bytes(one.removeprefix("file://"))) for one in (file, top, member))
    if path == whole and not (within and media_type(path) == ZIP):
        return True
    paths = (path, path.removeprefix(whole.rstrip("/") + "/"))
    return chosen((*paths, *((within, *(f"{one}/{within}" for one in paths)) if within else ())), options)


def located(location: str, options: FileOptions, *, now: datetime, stdin: BinaryIO | None = None) -> Found:
    """The file at `location`, or every readable file in the folder there. A link given here is followed."""
    del stdin
    try:
        path = _absolute(_path_of(location))
        uri = file_uri(path)
        target = os.path.realpath(path)
        state = Path(path).stat()
    except OSError as error:
        yield Refused(uri=location, reason=reason_of(error))
        return
    except ValueError as error:
        reason = "its name holds a NUL" if "\0" in location else str(error)
        yield Refused(uri=location, reason=reason)
        return
    if stat.S_ISDIR(state.st_mode):
        yield from _folder(path, options, now=now)
    elif not stat.S_ISREG(state.st_mode):
        yield Refused(uri=uri, reason=_KINDS.get(stat.S_IFMT(state.st_mode), "is not a regular file"))
    else:
        name = path if media_type(path) else target
        if media_type(name) is None:
            reason = f"is of a type that is not read (read are {', '.join(ENDINGS)}, and most of them with .gz)"
            yield Refused(uri=uri, reason=reason)
        else:
            yield from _file(target, uri, name, (path,), options, now=now)


class _Step(Struct, frozen=True):
    """Somewhere the walk goes: `path` is opened, `shown` is the path its address is made of."""

    path: str
    shown: str
    is_folder: bool


def _folder(top: str, options: FileOptions, *, now: datetime) -> Found:
    """Every file below `top` that is read and chosen. Patterns see its path from `top` and its whole path.

    A zip archive is a folder itself: `include` is asked for each of its members.
    """
    not_included = replace(options, include=())
    real_top = os.path.realpath(top)
    followed: set[str] = set()
    # A stack of places still to visit, the next one last: depth costs no recursion.
    waiting = [_Step(top, top, True)]
    while waiting:
        place = waiting.pop()
        if not place.is_folder:
            kind = media_type(place.shown)
            paths = (place.shown, place.shown.removeprefix(top.rstrip("/") + "/"))
            if kind is not None and chosen(paths, not_included if kind == ZIP else options):
                yield from _file(place.path, file_uri(place.shown), place.shown, paths, options, now=now)
            continue
        try:
            with os.scandir(place.path) as entries:
                visible = sorted((entry for entry in entries if not _left_out(entry.name)), key=_sort_key)
                if {entry.name for entry in visible} >= _ARCHIVE:
                    continue
        except OSError as error:
            yield Refused(uri=file_uri(place.shown), reason=reason_of(error))
            continue
        steps = (_step(entry, f"{place.shown.rstrip('/')}/{entry.name}", real_top, followed) for entry in visible)
        waiting.extend(reversed([step for step in steps if step is not None]))


def _left_out(name: str) -> bool:
    """Hidden files and folders, and README files: those tell of a folder and are no articles."""
    return name.startswith(".") or name.upper() in _READMES


def _sort_key(entry: "os.DirEntry[str]") -> bytes:
    return os.fsencode(entry.name)


def _step(entry: "os.DirEntry[str]", shown: str, real_top: str, followed: set[str]) -> _Step | None:
    """Where the walk goes for this entry of a folder; None when it does not go there."""
    try:
        if not entry.is_symlink():
            is_folder = entry.is_dir(follow_symlinks=False)
            return _Step(entry.path, shown, is_folder) if is_folder or entry.is_file(follow_symlinks=False) else None
        target = os.path.realpath(entry.path)
        inside = target.removeprefix(real_top.rstrip("/") + "/")
        if inside == target or not any(part.startswith(".") for part in inside.split("/")):
            return None  # leads out, or to what the walk meets anyway
        if any(target == earlier or target.startswith(earlier + "/") for earlier in followed):
            return None
        followed.add(target)
        is_folder = entry.is_dir()
        return _Step(target, shown, is_folder) if is_folder or entry.is_file() else None
    except OSError:  # gone, or a loop of links, since the folder was listed
        return None


def _open(path: str) -> BinaryIO:
    """A regular file opened for reading. OSError, ENXIO when it is no regular file any more."""
    descriptor = os.open(path, _OPEN)
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    if not regular:
        os.close(descriptor)
        raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
    return os.fdopen(descriptor, "rb")


def _file(path: str, uri: str, name: str, paths: tuple[str, ...], options: FileOptions, *, now: datetime) -> Found:
    """What the file at `path` holds; the ending of `name` tells its type, and patterns for its parts see `paths`."""
    try:
        with _open(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            yield from opened(Part(uri=uri, stream=stream, name=name, paths=paths, size=size), options, now=now)
    except OSError as error:
        yield Refused(uri=uri, reason=reason_of(error))


def standard_input(location: str, options: FileOptions, *, now: datetime, stdin: BinaryIO | None = None) -> Found:
    """What stands on standard input: JSON Lines when it starts with `{`, else one file of any kind."""
    if stdin is None:
        yield Refused(uri=location, reason="standard input is not at hand")
        return
    too_large = Refused(uri=STDIN, reason=f"is larger than {megabytes(options.max_bytes)}")
    try:
        number, line = 1, stdin.readline(options.max_line_bytes + 1)
        skipped = 0
        while line and is_blank(line):
            skipped += len(line)
            if skipped > options.max_bytes:
                yield too_large
                return
            number, line = number + 1, stdin.readline(options.max_line_bytes + 1)
        if line.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            yield from records(stdin, STDIN, options, now=now, first=line, number=number)
            return
        body = line + stdin.read(max(0, options.max_bytes + 1 - len(line)))
    except OSError as error:
        yield Refused(uri=STDIN, reason=reason_of(error))
        return
    if len(body) > options.max_bytes:
        yield too_large
        return
    uri = digest_address(body) if body else STDIN
    yield from opened(Part(uri=uri, stream=BytesIO(body), size=len(body)), options, now=now)
