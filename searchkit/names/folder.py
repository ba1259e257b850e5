"""The files about names in the folder of an archive: aliases.toml and watchlists/NAME.jsonl.

The first line of a watchlist holds the checksum of the others, so that `version`, which every query computes, reads
one line of each.
"""

import os
import re
import stat
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct, field

from searchkit.errors import ArchiveError, ConfigError, UsageError
from searchkit.files import shipped_text, storage_error, storage_errors, sync, write_atomically
from searchkit.statements.text import one_line

ALIASES = "aliases.toml"
WATCHLISTS = "watchlists"
# Increased whenever the lines of a watchlist, or the keys in them, change their format.
_FORMAT = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_LONGEST_HEADER = 10_000
# A larger file is not a hand-written one. Every query reads it.
_LARGEST_ALIASES = 20_000_000


class WatchlistEntry(Struct, frozen=True, kw_only=True):
    """One entry. `names` and `weak` are keys (`text.name_key`); `acronyms` the keys that count only in capitals."""

    id: str
    name: str
    kind: str
    country: str
    topics: tuple[str, ...]
    names: tuple[str, ...]
    weak: tuple[str, ...]
    acronyms: tuple[str, ...]


class Watchlist(Struct, frozen=True, kw_only=True):
    """The first line of a watchlist: where it comes from, and how many entries and names it has."""

    name: str = field(name="watchlist")
    version: int = _FORMAT
    source: str
    form: str
    added: str
    entries: int
    names: int
    checksum: str = field(name="sha256")

    @property
    def version_text(self) -> str:
        """Which version of the list this is, to show to others: the day it was added, and its checksum."""
        return f"added {self.added[:10]}, checksum {self.checksum[:12]}"


def version(folder: Path) -> str:
    """Return a short checksum of all aliases and watchlists; empty when there are none.

    Raises ConfigError for an unreadable aliases.toml, ArchiveError for an unreadable watchlist.
    """
    lines = (line.strip() for line in aliases_content(folder).removeprefix(b"\xef\xbb\xbf").splitlines())
    # A changed comment does not make documents outdated.
    parts = [line for line in lines if line and not line.startswith(b"#")]
    parts.extend(f"{watchlist.name} {watchlist.checksum}".encode() for watchlist in watchlists(folder))
    return _sha256(b"\n".join(parts))[:8] if parts else ""


def aliases_content(folder: Path) -> bytes:
    """Return the bytes of aliases.toml; empty when there is none. ConfigError when it is unreadable or too large."""
    path = folder / ALIASES
    try:
        status = os.stat(f"{folder}/{ALIASES}")  # noqa: PTH116  # a Path takes twice as long
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_ALIASES:
            raise ConfigError(f"{path} is not a file, or larger than {_LARGEST_ALIASES // 1_000_000} MB.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def example() -> str:
    """Return an aliases.toml of comments that show its tables."""
    return shipped_text("searchkit.names", "aliases_example.toml")


def write_example(folder: Path) -> Path:
    """Write `example` as aliases.toml. UsageError when there is such a file already."""
    path = folder / ALIASES
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} already exists.", hint="Open it in an editor.")
    with storage_errors(path):
        write_atomically(path, example().encode())
    return path


# --- watchlists ------------------------------------------------------------------------------------------------------


def watchlists(folder: Path) -> tuple[Watchlist, ...]:
    """Return the watchlists of the archive, by name. ArchiveError for an unreadable list."""
    try:
        names = sorted(os.listdir(f"{folder}/{WATCHLISTS}"))  # noqa: PTH208  # as above
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise storage_error(folder / WATCHLISTS, error) from error
    paths = [folder / WATCHLISTS / name for name in names if name.endswith(".jsonl")]
    return tuple(_header(path) for path in paths if path.is_file())


def list_name(given: str) -> str:
    """Return `given` as the name of a watchlist, as queries write it. UsageError when it cannot be one."""
    name = given.strip().lower()
    if not _NAME.fullmatch(name):
        hint = "Use letters a to z, digits, dots and hyphens: --name NAME"
        raise UsageError(f'"{one_line(given[:60])}" cannot be the name of a watchlist.', hint=hint)
    return name


def save(
    folder: Path, name: str, entries: Iterable[WatchlistEntry], *, form: str, source: str, now: datetime
) -> Watchlist:
    """Save a watchlist as `name`, replacing a list of this name. Durable when this returns."""
    entries = tuple(entries)
    encoder = msgspec.json.Encoder()
    lines = b"".join(encoder.encode(entry) + b"\n" for entry in entries)
    watchlist = Watchlist(
        name=list_name(name),
        source=source.encode("utf-8", "backslashreplace").decode(),
        form=form,
        added=now.isoformat(timespec="seconds"),
        entries=len(entries),
        names=sum(len(entry.names) + len(entry.weak) for entry in entries),
        checksum=_sha256(lines),
    )
    path = folder / WATCHLISTS / f"{watchlist.name}.jsonl"
    with storage_errors(path):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, encoder.encode(watchlist) + b"\n" + lines)
        sync(folder)  # the folder of watchlists is new with the first list
    return watchlist


def watchlist(folder: Path, name: str) -> Watchlist:
    """Return a watchlist of the archive. UsageError when there is no list of this name."""
    key = list_name(name)
    found = next((watchlist for watchlist in watchlists(folder) if watchlist.name == key), None)
    if found is None:
        raise _unknown(folder, name)
    return found


def remove(folder: Path, name: str) -> None:
    """Remove a watchlist. UsageError when there is no list of this name."""
    path = folder / WATCHLISTS / f"{list_name(name)}.jsonl"
    try:
        path.unlink()
        sync(path.parent)
    except (FileNotFoundError, NotADirectoryError):
        raise _unknown(folder, name) from None
    except OSError as error:
        raise storage_error(path, error) from error


def entries_of(folder: Path, watchlist: Watchlist) -> list[WatchlistEntry]:
    """Return the entries of a watchlist. ArchiveError when its file is damaged."""
    path = folder / WATCHLISTS / f"{watchlist.name}.jsonl"
    with storage_errors(path):
        content = path.read_bytes()
    lines = content.partition(b"\n")[2]
    if _sha256(lines) != watchlist.checksum:
        raise _damaged(path)
    try:
        return msgspec.json.Decoder(WatchlistEntry).decode_lines(lines)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged(path) from error


def _unknown(folder: Path, name: str) -> UsageError:
    names = ", ".join(watchlist.name for watchlist in watchlists(folder))
    hint = f"Watchlists of this archive: {names}." if names else "This archive has no watchlists."
    return UsageError(f'There is no watchlist "{name}".', hint=hint)


def _header(path: Path) -> Watchlist:
    try:
        with path.open("rb") as file:
            watchlist = msgspec.json.decode(file.readline(_LONGEST_HEADER), type=Watchlist)
        if watchlist.version != _FORMAT:
            raise _damaged(path)
    except OSError as error:
        raise storage_error(path, error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _damaged(path) from error
    return msgspec.structs.replace(watchlist, name=path.stem)


def _sha256(content: bytes) -> str:
    import hashlib  # loads OpenSSL, which a query of an archive without such files does not need

    return hashlib.sha256(content).hexdigest()


def _damaged(path: Path) -> ArchiveError:
    return ArchiveError(
        f"The watchlist {path} is damaged or was edited.",
        hint=f"Add it again: searchkit watchlist add FILE --name {path.stem}",
    )
