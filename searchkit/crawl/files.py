"""Files, folders and standard input.

A folder is walked without following any link in it.
Only regular files are opened, without blocking, and checked again after opening, because a path can change in between.
"""

import errno
import os
import posixpath
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from searchkit.crawl.base import STDIN, FileOptions, Noted, Part, Refused, digest_address, is_selected, megabytes
from searchkit.crawl.media_types import ENDINGS, PLAIN, ZIP, is_readme, media_type, unread_kind
from searchkit.crawl.records import records
from searchkit.crawl.unpack import unpack
from searchkit.files import open_regular
from searchkit.statements.document import Resource

Results = Iterator[Resource | Refused | Noted]

_REASONS = {
    errno.ENOENT: "no such file or folder",
    errno.ENOTDIR: "no such file or folder",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "is a link to itself",
    errno.ENAMETOOLONG: "path is too long",
    **dict.fromkeys((errno.ENXIO, errno.EINVAL), "is not a regular file"),
}
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
# A folder with both files is a searchkit archive.
_ARCHIVE = frozenset({"archive.json", "store.sqlite"})
WITH_OCR = "is read by a program of this machine only with ocr = true in searchkit.toml"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}):")


def resources(
    locations: Sequence[str], options: FileOptions, *, now: datetime, stdin: BinaryIO | None = None
) -> Results:
    """Yield the documents at `locations`, in order; folders recursively, sorted by name.

    `stdin` is read for `-`. Inputs never raise: what cannot be read is Refused.
    """
    for location in locations:
        scheme = _scheme(location)
        if scheme == "-":
            yield from _read_stdin(options, now=now, stdin=stdin)
        elif scheme == "file":
            yield from _read_location(location, options, now=now)
        else:
            yield Refused(uri=location, reason=f"unsupported address scheme {scheme}:")


def whole_addresses(locations: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of files and folders, which `resources` reads completely: what it omits no longer exists."""
    addresses: dict[str, None] = {}
    for location in locations:
        with suppress(OSError, ValueError):
            if _scheme(location) == "file":
                addresses[_file_uri(_absolute(_path_of(location)))] = None
    return tuple(addresses)


def _scheme(location: str) -> str:
    """Return the scheme of an address, `file` for a path, or `-` for standard input."""
    match = _SCHEME.match(location)
    if location == "-" or match is None:
        return "-" if location == "-" else "file"
    # A file may be called `notes: Monday.txt`.
    return match[1].lower() if location.startswith("//", match.end()) and not os.path.lexists(location) else "file"


def _reason_of(error: OSError) -> str:
    return _REASONS.get(error.errno or 0) or (error.strerror or "cannot be read").lower()


def _file_uri(path: str) -> str:
    """Return the `file:` address of an absolute path; bytes of its name that are not UTF-8 are percent-encoded."""
    return "file://" + quote_from_bytes(os.fsencode(path))


def _absolute(path: str) -> str:
    """Return an absolute path with links kept; `..` is resolved only where that leads to the same place."""
    absolute = str(Path(path).absolute())
    normal = os.path.normpath(absolute)
    return normal if os.path.realpath(normal) == os.path.realpath(absolute) else absolute


def _path_of(location: str) -> str:
    """Return the path of a location, which may be a `file:` address. Raise ValueError for another host."""
    if location[:5].lower() != "file:":
        return location
    parts = urlsplit(location)
    if parts.netloc not in {"", "localhost"}:
        raise ValueError("is a file on another host")
    return os.fsdecode(unquote_to_bytes(os.fsencode(parts.path)))


def is_gone(uri: str, top: str, was_read: bool, *, options: FileOptions) -> bool:
    """Return whether a resource no longer exists that `resources` did not yield in the file or folder `top`.

    A walk skips files. So a file is gone only if nothing is at its path, and a part only if its file is gone or
    `was_read`; and only what patterns select.
    """
    file, _, part = uri.partition("#")
    member = part.partition("!/")[0]
    path, root, inner = (os.fsdecode(unquote_to_bytes(place.removeprefix("file://"))) for place in (file, top, member))
    if not was_read and _may_be_file(path):
        return False
    if media_type(path) != ZIP:
        inner = ""  # only the files in a zip archive are selected by name
    if path == root and not inner:
        return True
    paths = (path, path.removeprefix(root.rstrip("/") + "/"))
    members = (inner, *(f"{path}/{inner}" for path in paths)) if inner else ()
    return is_selected((*paths, *members), options)


def is_there(uri: str) -> bool:
    """Return whether this is the address of a file that exists, or of one that cannot be looked at."""
    return uri.startswith("file://") and "#" not in uri and _may_be_file(_path_of(uri))


def file_exists(uri: str) -> bool:
    """Return whether the file exists that this is the address of, or of a part of; true if it cannot be looked at."""
    return _may_be_file(_path_of(uri.partition("#")[0]))


def _may_be_file(path: str) -> bool:
    try:
        return not stat.S_ISDIR(Path(path).stat().st_mode)
    except ValueError:  # a NUL character
        return False
    except OSError as error:
        return error.errno not in _MISSING


def _read_location(location: str, options: FileOptions, *, now: datetime) -> Results:
    """Yield the documents in a file, or in every supported file of a folder. A link named here is followed."""
    try:
        path = _absolute(_path_of(location))
        uri = _file_uri(path)
        target = os.path.realpath(path)
        mode = Path(path).stat().st_mode
    except OSError as error:
        yield Refused(uri=location, reason=_reason_of(error))
        return
    except ValueError as error:
        reason = "the path contains a NUL character" if "\0" in location else str(error)
        yield Refused(uri=location, reason=reason)
        return
    name = path if media_type(path, ocr=options.ocr) else target
    # Most JSON files are data; one that is named is text.
    declared = PLAIN if path.casefold().endswith(".json") and not media_type(name) else ""
    if stat.S_ISDIR(mode):
        yield from _folder(path, options, now=now)
    elif not stat.S_ISREG(mode):
        yield Refused(uri=uri, reason="is not a regular file")
    elif not declared and media_type(name, ocr=options.ocr) is None:
        listed = f"unsupported file type (supported: {', '.join(ENDINGS)}; most also with .gz)"
        yield Refused(uri=uri, reason=WITH_OCR if media_type(name, ocr=True) else listed)
    else:
        part = Part(uri=uri, stream=BytesIO(), name=name, declared=declared, paths=(path,))
        yield from _file(target, part, options, now=now)


class _Place(Struct, frozen=True):
    """A file or folder in the walk: `path` is opened, `shown` is the path in its address."""

    path: str
    shown: str
    is_folder: bool


def _folder(top: str, options: FileOptions, *, now: datetime) -> Results:
    """Yield the documents in every selected file below `top`, sorted. Patterns see its path from `top` and its complete
    path; for zip archives, `include` applies to the members."""
    zip_options = replace(options, include=())
    real_top = os.path.realpath(top)
    waiting = [_Place(top, top, True)]
    while waiting:
        place = waiting.pop()
        if not place.is_folder:
            kind = media_type(place.shown, ocr=options.ocr)
            paths = (place.shown, place.shown.removeprefix(top.rstrip("/") + "/"))
            if not is_selected(paths, zip_options if kind == ZIP else options):
                continue
            if kind is None:
                options.note_unread(_file_uri(place.shown), unread_kind(posixpath.basename(place.shown)))
            else:
                part = Part(uri=_file_uri(place.shown), stream=BytesIO(), name=place.shown, paths=paths)
                yield from _file(place.path, part, options, now=now)
            continue
        try:
            with os.scandir(place.path) as entries:
                found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Refused(uri=_file_uri(place.shown), reason=_reason_of(error))
            continue
        if {entry.name for entry in found} >= _ARCHIVE:
            options.note_unread(_file_uri(place.shown), "searchkit archive")
            continue
        base = place.shown.rstrip("/")
        places: list[_Place] = []
        for entry in found:
            inner = _place(entry, f"{base}/{entry.name}", real_top)
            if isinstance(inner, _Place):
                places.append(inner)
            elif inner:
                options.note_unread(_file_uri(f"{base}/{entry.name}"), inner)
        waiting.extend(reversed(places))


def _place(entry: "os.DirEntry[str]", shown: str, real_top: str) -> _Place | str:
    """Return the place of a folder entry; if the walk skips it, why, empty if it finds the file elsewhere."""
    if entry.name.startswith(".") or is_readme(entry.name):
        return unread_kind(entry.name)
    try:
        if not entry.is_symlink():
            is_folder = entry.is_dir(follow_symlinks=False)
            is_known = is_folder or entry.is_file(follow_symlinks=False)
            return _Place(entry.path, shown, is_folder) if is_known else "not a regular file"
        target = os.path.realpath(entry.path)
        inside = target.removeprefix(real_top.rstrip("/") + "/")
        if inside == target:
            return "" if target == real_top else "link out of the folder"
        return "link to a hidden place" if any(part.startswith(".") for part in inside.split("/")) else ""
    except OSError:  # removed since the folder was listed, or a link loop
        return ""


def _file(path: str, part: Part, options: FileOptions, *, now: datetime) -> Results:
    """Yield the documents in the file at `path`, which `part` describes without its stream and size."""
    try:
        with open_regular(Path(path)) as stream:
            yield from unpack(replace(part, stream=stream, size=os.fstat(stream.fileno()).st_size), options, now=now)
    except OSError as error:
        yield Refused(uri=part.uri, reason=_reason_of(error))


def _read_stdin(options: FileOptions, *, now: datetime, stdin: BinaryIO | None) -> Results:
    """Yield the documents on standard input: JSON Lines if it starts with `{`, else one file of any type."""
    if stdin is None:
        yield Refused(uri="-", reason="standard input is not available")
        return
    try:
        line = stdin.readline(options.max_line_bytes + 1)
        if line.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            yield from records(Part(uri=STDIN, stream=stdin), options, now=now, first=line)
            return
        body = line + stdin.read(max(0, options.max_bytes + 1 - len(line)))
    except OSError as error:
        yield Refused(uri=STDIN, reason=_reason_of(error))
        return
    if len(body) > options.max_bytes:
        yield Refused(uri=STDIN, reason=f"is larger than {megabytes(options.max_bytes)}")
        return
    uri = digest_address(body) if body else STDIN
    yield from unpack(Part(uri=uri, stream=BytesIO(body), size=len(body)), options, now=now)
