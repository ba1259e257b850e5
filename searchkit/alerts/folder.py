"""Read and write the saved searches of an archive: one file each, `saved/NAME.toml`, fit for version control.

People edit these files too: a file that cannot be read is reported and does not affect the others. Alerts of a restored
backup are off until the user confirms them, because they decide where the archive's contents are sent.
"""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from searchkit.alerts.searches import SavedSearch, is_name, read, written
from searchkit.archive.folder import SAVED, UNCONFIRMED, Finding, read_json, write_json
from searchkit.errors import ArchiveError, ConfigError, NotInArchive, SearchkitError, UsageError, did_you_mean
from searchkit.files import storage_error, sync, write_atomically
from searchkit.query.parser import SavedQuery

_ENDING = ".toml"
# A query has at most 16,384 characters; a larger file is not a saved search.
_MAX_BYTES = 200_000
_UNCONFIRMED_VERSION = 1


class SavedFile(Struct, frozen=True, kw_only=True):
    """A file of the folder: its search, and why the file or the query is invalid. Its alert, if any, may be `off`."""

    name: str
    search: SavedSearch | None
    fault: UsageError | None = None
    off: bool = False

    @property
    def is_alert(self) -> bool:
        """Return whether the search is an alert, or may be one because its file cannot be read."""
        return self.search is None or self.search.alert is not None


def names(folder: Path) -> tuple[str, ...]:
    """Return the names of the saved searches of the archive in `folder`, sorted, including unreadable ones."""
    try:
        found = [path.stem for path in (folder / SAVED).iterdir() if path.suffix == _ENDING and path.is_file()]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise storage_error(folder / SAVED, error) from error
    return tuple(sorted(found))


def load(folder: Path, name: str) -> SavedSearch:
    """Return the saved search `name`. NotInArchive if there is none, ConfigError if its file cannot be read."""
    path = file_of(folder, name)
    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode) or kind.st_size > _MAX_BYTES:
            raise ConfigError(f"{path} is not a regular file of at most {_MAX_BYTES // 1_000} kB.")
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(folder, name) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    return read(content, name=name, place=str(path))


def load_all(folder: Path) -> tuple[SavedFile, ...]:
    """Return all saved searches by name; unreadable ones with the reason. ArchiveError as `unconfirmed`."""
    found = []
    off = unconfirmed(folder)
    for name in names(folder):
        try:
            found.append(SavedFile(name=name, search=load(folder, name), off=name in off))
        except NotInArchive:  # just removed
            continue
        except UsageError as error:
            fault = error if isinstance(error, ConfigError) else ConfigError(error.message, hint=error.hint)
            found.append(SavedFile(name=name, search=None, fault=fault, off=name in off))
    return tuple(found)


def save(folder: Path, search: SavedSearch, *, replacing: bool = False) -> Path:
    """Write the file of a search; durable on return. UsageError for an invalid name, or one that exists unless
    `replacing`."""
    path = file_of(folder, search.name)
    try:
        content = written(search).encode()
    except UnicodeEncodeError:
        raise UsageError(
            "The query or the note contains characters that cannot be saved.", hint="Type them again."
        ) from None
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists() and not replacing:
            raise UsageError(f'The saved search "{search.name}" already exists.', hint="To replace it, use --replace.")
        write_atomically(path, content)
        sync(folder)  # the folder of searches is new with the first of them
    except OSError as error:
        raise storage_error(path, error) from error
    confirm(folder, search.name)
    return path


def remove(folder: Path, name: str) -> None:
    """Remove the file of a search. NotInArchive if there is none."""
    path = file_of(folder, name)
    try:
        path.unlink()
        sync(path.parent)
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(folder, name) from None
    except OSError as error:
        raise storage_error(path, error) from error


# --- alerts of a restored backup --------------------------------------------------------------------------------------


def unconfirmed(folder: Path) -> frozenset[str]:
    """Return the names of the alerts that are off. ArchiveError if their list is damaged."""
    content = read_json(folder / UNCONFIRMED, "searchkit_unconfirmed", _UNCONFIRMED_VERSION)
    listed = content.get("alerts") if content is not None else []
    if not isinstance(listed, list):
        raise ArchiveError(f"{folder / UNCONFIRMED} is damaged.", hint="Restore it from a backup.")
    return frozenset(map(str, listed))


def turn_off(folder: Path) -> None:
    """Turn off every alert. Errors as `unconfirmed`; StorageFull."""
    (folder / UNCONFIRMED).unlink(missing_ok=True)  # from the backup
    _write_unconfirmed(folder, [file.name for file in load_all(folder) if file.is_alert])


def confirm(folder: Path, name: str) -> None:
    """Turn on an alert, if it is off. Errors as `turn_off`."""
    off = unconfirmed(folder)
    if name in off:
        _write_unconfirmed(folder, sorted(off - {name}))


def _write_unconfirmed(folder: Path, alerts: list[str]) -> None:
    if alerts:
        write_json(folder / UNCONFIRMED, {"searchkit_unconfirmed": _UNCONFIRMED_VERSION, "alerts": alerts})
    else:
        (folder / UNCONFIRMED).unlink(missing_ok=True)


def refuse_off(folder: Path, name: str) -> None:
    """Raise UsageError if an alert is off."""
    if name in unconfirmed(folder):
        raise UsageError(
            f'The alert "{name}" is off, because it came with a restored backup.',
            hint=f"To turn it on: searchkit alerts confirm {name}",
        )


def file_of(folder: Path, name: str) -> Path:
    """Return the file of the search `name`. UsageError for an invalid name, so that no name leads out of the folder."""
    if not is_name(name):
        raise UsageError(
            f'"{name[:60]}" is not a valid name for a saved search.',
            hint="Use at most 60 lower-case letters, digits, - and _.",
        )
    return folder / SAVED / f"{name}{_ENDING}"


class SavedFolder(Mapping[str, SavedQuery]):
    """The saved searches of the archive in `folder` for the parser; a file is read when its name is used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> SavedQuery:
        if name not in iter(self):
            raise KeyError(name)
        search = load(self._folder, name)
        return SavedQuery(query=search.query, record=search.record)

    def __iter__(self) -> Iterator[str]:
        return filter(is_name, names(self._folder))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def findings(folder: Path) -> Iterator[Finding]:
    """Yield the saved searches of the archive in `folder` that cannot be read; update/running.py reports edits."""
    try:
        files = load_all(folder)
    except SearchkitError as error:
        yield Finding(where=SAVED, what=error.message.removesuffix("."), do=error.hint)
        return
    for file in files:
        where = f"{SAVED}/{file.name}{_ENDING}"
        if file.fault is not None:
            reason = file.fault.message.removesuffix(".").removeprefix(str(folder / where)).lstrip(": ")
            yield Finding(where=where, what=f"cannot be read: {reason}", do=file.fault.hint)


def _missing(folder: Path, name: str) -> NotInArchive:
    there = names(folder)
    meant = did_you_mean(name, there)
    listed = (
        f"Saved searches: {', '.join(there[:20])}."
        if there
        else "To create a saved search: searchkit saved add NAME QUERY"
    )
    return NotInArchive(f'There is no saved search "{name}".{meant}', hint=listed)
