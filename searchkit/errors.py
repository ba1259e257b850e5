"""Every exception that searchkit raises on purpose.

    SearchkitError
    ├── UsageError               the request cannot be carried out (exit 2)
    │   ├── ConfigError          a setting is unknown or has an invalid value
    │   ├── MissingExtra         an optional package is not installed; the message has the install command
    │   ├── Forbidden            the reader of the site may not do this
    │   ├── NotInArchive         no document or statement has this id
    │   └── QueryError           a query is invalid or ambiguous; has the position
    ├── InputError               one resource cannot be read; the run continues without it
    │   └── NoArticle            a page shows no article: a wall, an error page, an empty template
    ├── ArchiveError             the archive is missing, damaged, or not an archive (exit 3)
    │   ├── DamagedIndex         the index is corrupt; the store is not affected
    │   └── NewerArchive         written by a later version of searchkit
    └── TryAgain                 the same request may succeed later (exit 75)
        ├── ArchiveLocked        another process writes to the archive; the message names it
        └── StorageFull          the disk is full; committed changes are kept

A message is one line: what happened and where. `hint` is one more line: what to do.
"""

import os
import re
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, NoReturn

_MEMORY_ADDRESS = re.compile(r"(?: object)? at 0x[0-9A-Fa-f]{4,16}")


class SearchkitError(Exception):
    """Base of all errors that a user may see. `hint` may be empty."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        # Default pickling, which worker processes use, loses keyword-only arguments.
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(kind: type[SearchkitError], args: tuple[str, ...], state: dict[str, object]) -> SearchkitError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(SearchkitError):
    """The request cannot be carried out."""


class ConfigError(UsageError):
    """A setting is unknown or has an invalid value."""


class MissingExtra(UsageError):
    """An optional package is not installed."""


class Forbidden(UsageError):
    """The reader of the site may not do this."""


class NotInArchive(UsageError):
    """No document or statement has this id."""


class QueryError(UsageError):
    """A query is invalid or ambiguous.

    `code` is stable (see `searchkit.query.parser`); `start` and `end` are code points in `query`, the
    normalized query.
    """

    def __init__(self, message: str, *, code: str, query: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.query = query
        self.start = start
        self.end = end


class InputError(SearchkitError):
    """One resource cannot be read. `message` is the reason, shown after its address."""


class NoArticle(InputError):
    """A page shows no article: a wall, an error page or an empty template.

    `is_removed`: it says that its article is no longer available.
    """

    def __init__(self, message: str, *, is_removed: bool = False) -> None:
        super().__init__(message)
        self.is_removed = is_removed


class ArchiveError(SearchkitError):
    """The archive is missing, damaged, or not an archive."""


class DamagedIndex(ArchiveError):
    """The index is corrupt. It can be rebuilt from the store."""


class OtherVersion(ArchiveError):
    """The archive was written by another version of searchkit and is intact."""


class NewerArchive(OtherVersion):
    """The archive was written by a later version of searchkit."""


# Every command that writes documents migrates an archive; this one adds none.
MIGRATE_HINT = "Migrate the archive: searchkit index --outdated"


class OlderArchive(OtherVersion):
    """The archive was written by an earlier version of searchkit, whose files this one does not read."""

    def __init__(self, message: str, *, hint: str = MIGRATE_HINT) -> None:
        super().__init__(message, hint=hint)


class TryAgain(SearchkitError):
    """A temporary condition: the same request may succeed later."""


class ArchiveLocked(TryAgain):
    """Another process is writing to the archive."""


class StorageFull(TryAgain):
    """The disk is full. Committed changes are kept."""


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """Return a sentence, after a blank, that suggests the known name most similar to `written`; empty if none is."""
    from difflib import get_close_matches  # only for a mistyped name

    close = get_close_matches(written[:100], list(known), n=1)
    return f' Did you mean "{close[0]}"?' if close else ""


def reason_of(error: Exception) -> str:
    """Return the type and message of an unexpected error for a one-line reason, without addresses in memory."""
    return f"{type(error).__name__}: {_MEMORY_ADDRESS.sub('', str(error))}"[:300]


_SHARED_MEMORY = 65_536  # bytes that SQLite maps for the readers of a log, and a reserve


def _is_full(path: str) -> bool:
    try:
        state = os.statvfs(path)
    except (OSError, ValueError):
        return False
    return state.f_bavail * state.f_frsize < _SHARED_MEMORY


_interrupts: list[KeyboardInterrupt] = []


def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Handle a signal as Python handles Ctrl-C, and remember it: SQLite reports an interrupt that reaches one of our
    functions before its first line as an error of its own. `from_sqlite` raises the interrupt again."""
    _interrupts.append(KeyboardInterrupt())
    raise _interrupts[-1]


def interruptible(function: Callable[..., int]) -> Callable[..., int]:
    """Return `function` for SQLite, which reports an interrupt inside it as an error of its own. `from_sqlite` raises
    the interrupt again."""

    def call(*values: Any) -> int:
        try:
            return function(*values)
        except KeyboardInterrupt as interrupt:
            _interrupts.append(interrupt)
            raise

    return call


def from_sqlite(
    error: Exception, path: object, *, called: str, kind: str, kept: str, repair_hint: str
) -> SearchkitError:
    """Translate an error of sqlite3 on the file `path`.

    `called` precedes the path in messages ("The store"), `kind` is what the file should be ("store"), `kept` what
    survives a full disk ("committed"), `repair_hint` what to do about damage. Raises KeyboardInterrupt if an interrupt
    caused the error.
    """
    if _interrupts:
        raise _interrupts.pop()
    name = getattr(error, "sqlite_errorname", "")
    what = f"{called} {path}".strip()
    # SQLite reports a full disk as a fault of the disk when it makes the memory that readers of a log share.
    if name.startswith("SQLITE_FULL") or (name.startswith("SQLITE_IOERR_SHM") and _is_full(str(path))):
        return StorageFull(
            f"No space left to write {path}.",
            hint=f"Free some space and run the same command again; everything {kept} so far is kept.",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return TryAgain(f"{what} is busy.", hint="Try again in a moment.")
    if name.startswith("SQLITE_IOERR"):
        return ArchiveError(
            f"{what} cannot be read or written: {error}.", hint=f"Check the disk; everything {kept} so far is kept."
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return ArchiveError(f"{what} cannot be written: {error}.", hint="Check its permissions.")
    if "objects created in a thread" in str(error):  # a ProgrammingError without a name of its own
        return UsageError(
            f"{what} was opened in another thread.", hint="Open the archive in each thread that reads it."
        )
    reason = str(error).partition(" with text ")[0]  # invalid UTF-8 text follows
    return ArchiveError(f"{what} is damaged or not a {kind}: {reason}.", hint=repair_hint)
