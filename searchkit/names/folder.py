"""What the folder of an archive holds about names: aliases.toml, and watchlists/NAME.jsonl.

takes:    the folder of an archive
gives:    the Register; its version, which changes with any of it; watchlists kept, listed and removed
does not: read lists in foreign forms (watchlists.py does)
traps:    the first line of a kept list holds the digest of the others, so that asking for the version reads one line
"""

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from searchkit.errors import ArchiveError, ConfigError, StorageFull, UsageError

if TYPE_CHECKING:  # a query asks for the version only
    from searchkit.extract.register import Alias, Entry, Register
    from searchkit.names.watchlists import Listed, Reading

ALIASES = "aliases.toml"
WATCHLISTS = "watchlists"
# Raised whenever the lines of a kept list change their form, or the keys in it theirs.
_FORM = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_LONGEST_HEADER = 10_000
# Written by hand: a larger file is another one. It is read at every query.
_LARGEST_ALIASES = 20_000_000
# Eight hex digits tell the versions of one archive apart.
_VERSION_DIGITS = 8


class Kept(Struct, frozen=True, kw_only=True):
    """A watchlist of the archive: its name, what it was made of and when (ISO 8601), how many entries and names."""

    name: str
    source: str
    form: str
    added: str
    entries: int
    names: int
    digest: str


def version(folder: Path) -> str:
    """A short digest of everything the user says about names; empty when that is nothing. Errors as `load`."""
    return _version(_aliases_bytes(folder), kept(folder))


def load(folder: Path) -> "Register | None":
    """What the user says about names; None when that is nothing.

    ConfigError for a mistake in aliases.toml, ArchiveError for a damaged watchlist."""
    written, lists = _aliases_bytes(folder), kept(folder)
    current = _version(written, lists)
    if not current:
        return None
    from searchkit.extract.register import register
    from searchkit.names import aliases

    said = aliases.read(written, str(folder / ALIASES))
    entries: list[Entry] = []
    watched: list[tuple[str, int]] = []
    acronyms: set[str] = set()
    for watchlist in lists:
        _read_entries(folder, watchlist, entries, watched, acronyms)
    return register(
        version=current,
        aliases=said.entities,
        splits=said.splits,
        hides=said.hides,
        entries=entries,
        watched=watched,
        acronyms=acronyms,
    )


def _version(written: bytes, lists: Iterable[Kept]) -> str:
    said = _meaning(written)
    said.extend(f"{watchlist.name} {watchlist.digest}".encode() for watchlist in lists)
    return _sha256(b"\n".join(said))[:_VERSION_DIGITS] if said else ""


def own_entities(folder: Path) -> "dict[str, Alias]":
    """The entities of aliases.toml by id, without the watchlists, which take long to read. ConfigError as `load`."""
    from searchkit.names import aliases

    return {alias.entity_id: alias for alias in aliases.read(_aliases_bytes(folder), str(folder / ALIASES)).entities}


def scoped_documents(folder: Path) -> tuple[str, ...]:
    """The ids and addresses of documents that tables of aliases.toml are narrowed to, sorted. ConfigError as `load`."""
    from searchkit.names import aliases

    said = aliases.read(_aliases_bytes(folder), str(folder / ALIASES))
    scopes = [split.scope for split in said.splits] + [hide.scope for hide in said.hides]
    return tuple(sorted({name for scope in scopes for name in scope.documents}))


def private(path: str, flags: int) -> int:
    """An opener: what it makes is for the owner of the archive alone, whatever the umask."""
    return os.open(path, flags, 0o600)


def write_example(folder: Path) -> Path:
    """Write an aliases.toml of comments that show how. UsageError when there is one already."""
    from searchkit.names.aliases import EXAMPLE

    path = folder / ALIASES
    try:
        with open(path, "x", encoding="utf-8", opener=private) as file:
            file.write(EXAMPLE)
    except FileExistsError:
        raise UsageError(f"There is {path} already.", hint="Open it in an editor.") from None
    except OSError as error:
        with suppress(OSError):
            path.unlink()  # an empty one would be taken for one that somebody wrote
        raise _folder_error(path, error) from error
    return path


# --- watchlists ------------------------------------------------------------------------------------------------------


def kept(folder: Path) -> tuple[Kept, ...]:
    """The watchlists of the archive, by name. ArchiveError for one that cannot be read."""
    try:
        paths = sorted(path for path in (folder / WATCHLISTS).iterdir() if path.suffix == ".jsonl" and path.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise _folder_error(folder / WATCHLISTS, error) from error
    return tuple(_header(path) for path in paths)


def list_name(given: str) -> str:
    """`given` as the name of a watchlist: it is typed in queries. UsageError when it cannot be one."""
    name = given.strip().lower()
    if not _NAME.fullmatch(name):
        raise UsageError(
            f'"{given[:60]}" is no name for a watchlist.',
            hint="Use letters a to z, digits, dots and hyphens: --name NAME",
        )
    return name


def keep(folder: Path, name: str, reading: "Reading", *, source: str, now: datetime) -> Kept:
    """Keep a list under `name`, in the place of one that has this name. Durable when this returns."""
    lines = b"".join(_line(entry) for entry in reading.entries)
    made = Kept(
        name=list_name(name),
        source=source,
        form=reading.form,
        added=now.isoformat(timespec="seconds"),
        entries=len(reading.entries),
        names=sum(len(entry.names) + len(entry.weak) for entry in reading.entries),
        digest=_sha256(lines),
    )
    header = {
        "watchlist": made.name,
        "version": _FORM,
        "source": made.source,
        "form": made.form,
        "added": made.added,
        "entries": made.entries,
        "names": made.names,
        "sha256": made.digest,
    }
    path = _path(folder, made.name)
    temporary = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(temporary, "wb", opener=private) as file:
            file.write(_json_line(header))
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
        _sync_folder(folder)  # which holds the name of the folder of watchlists, new with the first of them
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise _folder_error(path, error) from error
    return made


def drop(folder: Path, name: str) -> None:
    """Remove a watchlist. UsageError when there is none of this name."""
    path = _path(folder, list_name(name))
    try:
        path.unlink()
        _sync_folder(path.parent)
    except (FileNotFoundError, NotADirectoryError):
        names = ", ".join(watchlist.name for watchlist in kept(folder))
        raise UsageError(
            f'There is no watchlist "{name}".', hint=f"There are: {names}." if names else "There is none yet."
        ) from None
    except OSError as error:
        raise _folder_error(path, error) from error


def _path(folder: Path, name: str) -> Path:
    return folder / WATCHLISTS / f"{name}.jsonl"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _json_line(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _line(entry: "Listed") -> bytes:
    return _json_line(
        {
            "id": entry.id,
            "name": entry.name,
            "kind": entry.kind,
            "country": entry.country,
            "topics": entry.topics,
            "names": entry.names,
            "weak": entry.weak,
            "acronyms": entry.acronyms,
        }
    )


def _sha256(content: bytes) -> str:
    import hashlib  # loads OpenSSL, which a query of an archive without such files has no use for

    return hashlib.sha256(content).hexdigest()


def _damaged(path: Path) -> ArchiveError:
    return ArchiveError(
        f"The watchlist {path} is damaged or was edited.",
        hint=f"Add it again: searchkit watchlist add FILE --name {path.stem}",
    )


def _header(path: Path) -> Kept:
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline(_LONGEST_HEADER))
        if header["version"] != _FORM:
            raise _damaged(path)
        return Kept(
            name=path.stem,
            source=str(header["source"]),
            form=str(header["form"]),
            added=str(header["added"]),
            entries=int(header["entries"]),
            names=int(header["names"]),
            digest=str(header["sha256"]),
        )
    except OSError as error:
        raise _folder_error(path, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def _read_entries(
    folder: Path, watchlist: Kept, entries: "list[Entry]", watched: list[tuple[str, int]], acronyms: set[str]
) -> None:
    """Add the entries and the keys of a list; a key goes with twice the number of its entry, plus one where weak."""
    from searchkit.extract.register import Entry

    path = _path(folder, watchlist.name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _folder_error(path, error) from error
    _, _, lines = content.partition(b"\n")
    if _sha256(lines) != watchlist.digest:
        raise _damaged(path)
    topics: dict[tuple[str, ...], tuple[str, ...]] = {}  # lists repeat them
    try:
        for value in _values(lines):
            number = len(entries)
            own = tuple(value["topics"])
            kind = value["kind"]
            entries.append(Entry(watchlist.name, value["id"], value["name"], kind, topics.setdefault(own, own)))
            watched.extend([(key, 2 * number) for key in value["names"]])
            watched.extend([(key, 2 * number + 1) for key in value["weak"]])
            acronyms.update(value["acronyms"])
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def _values(lines: bytes) -> Iterator[dict[str, Any]]:
    return map(json.loads, lines.splitlines())


# --- aliases.toml ----------------------------------------------------------------------------------------------------


def _aliases_bytes(folder: Path) -> bytes:
    path = folder / ALIASES
    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode) or kind.st_size > _LARGEST_ALIASES:
            raise ConfigError(f"{path} is no file, or larger than {_LARGEST_ALIASES // 1_000_000} MB.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def _meaning(content: bytes) -> list[bytes]:
    """The lines that are no comments: a remark does not make documents outdated."""
    lines = (line.strip() for line in content.removeprefix(b"\xef\xbb\xbf").splitlines())
    return [line for line in lines if line and not line.startswith(b"#")]


def _folder_error(path: Path, error: OSError) -> ArchiveError | StorageFull:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"There is no room left for {path}.", hint="Free some space and run the command again.")
    return ArchiveError(f"{path} cannot be used: {error.strerror}.", hint="Check its permissions.")
