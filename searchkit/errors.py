"""Every exception searchkit raises on purpose.

    SearchkitError
    ├── UsageError               the caller asked for something that cannot be (exit 2)
    │   ├── ConfigError          a setting is unknown or has an impossible value
    │   ├── MissingExtra         an optional package is needed; the message names the install line
    │   ├── NotInArchive         an id that no document or statement has
    │   └── QueryError           a query that cannot be read one way only; knows the place
    ├── InputError               one resource cannot be taken in; a run goes on without it
    ├── ArchiveError             the archive is missing or damaged, or is no archive (exit 3)
    │   └── NewerArchive         written by a later searchkit than this one
    └── TryAgain                 nothing is wrong with the request (exit 75)
        ├── ArchiveLocked        another process writes to the archive; the message names it
        └── StorageFull          the disk is full; what was committed stays

A message is one line: what, where. `hint` is one more: what to do.
"""


class SearchkitError(Exception):
    """Base of all errors a user may see as one line.

    `message` says what went wrong and where; `hint` says what to do about it (may be empty).
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling that worker processes rely on.
        return (_rebuild, (type(self), self.args, self.__dict__))


def _rebuild(kind: type[SearchkitError], args: tuple[str, ...], state: dict[str, object]) -> SearchkitError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(SearchkitError):
    """The request itself cannot be carried out."""


class ConfigError(UsageError):
    """A setting is unknown or its value is impossible."""


class MissingExtra(UsageError):
    """An optional package is needed that is not installed."""


class NotInArchive(UsageError):
    """No document or statement has this id."""


class QueryError(UsageError):
    """A query that cannot be read, or can be read in two ways.

    `code` is stable (see `searchkit.query.parser`), `start` and `end` are a half-open range of code points in `query`.
    """

    def __init__(self, message: str, *, code: str, query: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.query = query
        self.start = start
        self.end = end


class InputError(SearchkitError):
    """One resource cannot be taken in. `message` is the reason shown beside its address."""


class ArchiveError(SearchkitError):
    """The archive is missing, damaged, or not an archive."""


class NewerArchive(ArchiveError):
    """The archive was written by a later version than this one can read."""


class TryAgain(SearchkitError):
    """A passing condition: the same request may succeed later."""


class ArchiveLocked(TryAgain):
    """Another process is writing to the archive."""


class StorageFull(TryAgain):
    """The disk is full. Everything that was committed is still there."""


def from_sqlite(
    error: Exception, path: object, *, called: str, kind: str, kept: str, repair_hint: str
) -> SearchkitError:
    """What an error of sqlite3 on the file `path` means to a user.

    `called` stands before the path where the file is spoken of ("The store"), `kind` says what it is no more when it is
    damaged, `kept` what a full disk does not lose, `repair_hint` what to do about damage.
    """
    name = getattr(error, "sqlite_errorname", "")
    what = f"{called} {path}".strip()
    if name.startswith("SQLITE_FULL"):
        return StorageFull(
            f"There is no room left to write {path}.",
            hint=f"Free some space and run the same command again; what was {kept} is kept.",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return TryAgain(f"{what} is busy.", hint="Try again in a moment.")
    if name.startswith("SQLITE_IOERR"):
        return ArchiveError(
            f"{what} cannot be read or written: {error}.", hint=f"Look at the disk; what was {kept} before is kept."
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return ArchiveError(f"{what} cannot be written: {error}.", hint="Check its permissions.")
    told = str(error).partition(" with text ")[0]  # what follows is the text that is no UTF-8, whole
    return ArchiveError(f"{what} is damaged or is no {kind}: {told}.", hint=repair_hint)
