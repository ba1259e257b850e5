"""Where an archive keeps its store, the crawler's frontier and the captures: in its folder, or shared with other
machines: a schema in PostgreSQL, and another folder."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext, suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import replace

from searchkit.archive.folder import CAPTURES, FRONTIER, LOCK, STORE, read_shared, remove_unfinished, write_shared
from searchkit.errors import ConfigError, MissingExtra, SearchkitError, TryAgain, UsageError
from searchkit.files import storage_errors
from searchkit.loading import load
from searchkit.store.base import Shared, WorkRecord
from searchkit.store.lock import command_line, exclusive
from searchkit.store.store import SharedDatabase, Store, open_store

# The name of the file in the folder of captures that says which archive it belongs to, and of a text in the store.
_CAPTURES_OF = "captures-of"
_FRONTIER_SCHEMA = "searchkit.crawl.web.frontier_database:SCHEMA"
# The table of the files that machines share.
FILES_VERSION = 1
_FILES = """
CREATE TABLE files (
    name TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    content BLOB NOT NULL
) WITHOUT ROWID;
"""


class Databases:
    """The databases of the archive in `folder`. ConfigError if they are not where the settings want them.

    A `worker` has a number, with which it writes in short transactions without the writer's lock (claims.py). Errors of
    each use as `open_store`; MissingExtra without psycopg."""

    def __init__(self, folder: Path, shared: Shared, *, wanted: Shared | None = None, worker: int = 0) -> None:
        self._folder = folder
        self.shared = shared
        self._worker = worker
        if wanted is not None:
            self._refuse_other(wanted)

    @cached_property
    def store(self) -> Path | SharedDatabase:
        return _postgres(self.shared.store, worker=self._worker) if self.shared.store else self._folder / STORE

    @cached_property
    def frontier(self) -> Path | SharedDatabase:
        if not self.shared.store:
            return self._folder / FRONTIER
        return _postgres(
            self.shared.store, name="frontier", schema=load(_FRONTIER_SCHEMA), ordered=False, worker=self._worker
        )

    @cached_property
    def claims(self) -> SharedDatabase | None:
        """The claims of workers; None if the store is not shared."""
        if isinstance(self.store, Path):
            return None
        schema = _cluster("claims").CLAIMS_SCHEMA
        return _postgres(self.shared.store, name="claims", schema=schema, ordered=False, worker=self._worker)

    @cached_property
    def files(self) -> SharedDatabase | None:
        """The names, saved searches and notes of all machines (shared_files.py); None if the store is not shared."""
        if isinstance(self.store, Path):
            return None
        checksum = _cluster("tables").checksum
        schema = load("searchkit.migrations:Schema")(version=FILES_VERSION, create=_FILES, row_checksum=checksum)
        return _postgres(self.shared.store, name="files", schema=schema)

    def refuse_unshared(self) -> None:
        """Raise UsageError if the store is not shared, MissingExtra without psycopg."""
        if isinstance(self.store, Path):
            raise UsageError(
                "Workers need a store that machines share, and this archive has its own.",
                hint='Set store = "postgresql://..." in searchkit.toml. On one machine, run: searchkit update',
            )

    def as_worker(self, number: int) -> "Databases":
        """Return the databases as the worker with this number writes them."""
        return Databases(self._folder, self.shared, worker=number)

    def refuse_workers(self) -> None:
        """Raise ArchiveLocked if workers are alive. The caller holds the writer's lock, so none is added."""
        if self.claims is not None and self.claims.exists():
            with closing(self.claims.connect(writable=True)) as connection:
                _cluster("claims").refuse_workers(connection)

    def work_report(self) -> WorkRecord | None:
        """Return what workers do; None if the archive never had any."""
        if self.claims is None or not self.claims.exists():
            return None
        with closing(self.claims.connect(writable=False)) as connection:
            report: WorkRecord = _cluster("claims").report(connection)
            return report

    @property
    def captures(self) -> Path:
        """The folder of captures."""
        return Path(self.shared.captures) if self.shared.captures else self._folder / CAPTURES

    def check_captures(self) -> None:
        """Raise ConfigError if the folder of captures is not the one that other machines use, for example because it is
        not mounted. A file in it has the number that the shared store has; the first call makes both."""
        file, wanted = self.captures / _CAPTURES_OF, self.read_text(_CAPTURES_OF)
        with storage_errors(file.parent):
            if wanted is None:
                file.parent.mkdir(mode=0o700, exist_ok=True)
                with suppress(FileExistsError), file.open("x") as made:
                    made.write(os.urandom(16).hex())
            found = file.read_text("ascii") if file.exists() else ""
        if wanted is None:
            self.write_text(_CAPTURES_OF, found)
        elif found != wanted:
            raise ConfigError(
                f"The folder {self.captures} is not the one in which other machines keep the captures.",
                hint="Mount it, or correct the setting captures.",
            )

    def identity(self) -> str:
        """Return the name of the shared store, and note it in the folder, so that its address may change. Empty if the
        user may not write to the store and it has no name."""
        if not self.shared.identity and not isinstance(self.store, Path) and self.has_store():
            with suppress(SearchkitError, OSError):
                new = f"{_abbreviated(self.shared.store)}-{os.urandom(8).hex()}"
                self.shared = replace(self.shared, identity=self.store.identity(new))
                write_shared(self._folder, self.shared)
        return self.shared.identity

    def index_owner(self) -> str:
        """Return the name of the archive in an index on a cluster, which all machines share."""
        return self.identity().partition("-")[0] or _abbreviated(self.shared.store)

    def _refuse_other(self, wanted: Shared) -> None:
        if wanted.store and self.shared.store not in {"", wanted.store}:
            # A new address, if the database there has the name that the folder knows.
            with suppress(TryAgain):  # the old address may be gone
                self.identity()
            there = _postgres(wanted.store)
            if self.shared.identity and there.exists() and there.identity() == self.shared.identity:
                self.__dict__.pop("store", None)
                self.shared = replace(self.shared, store=wanted.store)
                with suppress(OSError):  # a folder that this user may only read
                    write_shared(self._folder, self.shared)
        for name, ours, setting in (
            ("store", self.shared.store, wanted.store),
            ("captures", self.shared.captures, wanted.captures),
        ):
            if setting and setting != ours:
                raise ConfigError(
                    f"The archive {self._folder} has its {name} {f'at {ours}' if ours else 'in its folder'}, "
                    f"but the setting {name} is {setting}.",
                    hint=f"Move it: searchkit backup DIR, then searchkit restore DIR to a new folder. Or unset {name}.",
                )

    def read_text(self, name: str) -> str | None:
        """Return a small text that is kept next to a shared store; None if there is none."""
        return None if isinstance(self.store, Path) or not self.has_store() else self.store.read_text(name)

    def write_text(self, name: str, text: str) -> None:
        """Keep a small text next to a shared store; do nothing if the store is not shared."""
        if not isinstance(self.store, Path):
            self.store.write_text(name, text)

    def size(self) -> int:
        """Return the size in bytes of the databases in PostgreSQL."""
        places = (self.store, self.frontier) if self.shared.store else ()
        return sum(place.size() for place in places if not isinstance(place, Path))

    def copy_to(self, folder: Path) -> None:
        """Copy the databases in PostgreSQL into files in `folder`, in one state. ArchiveError if a copy differs."""
        if (shared := self._shared_copies(folder)) and self.has_store():
            _cluster("copying").copy_to_files(shared)

    def copy_from(self, folder: Path) -> bool:
        """Copy the files in `folder` into PostgreSQL; return whether the databases are there. Errors as
        `copy_from_files`."""
        if shared := self._shared_copies(folder):
            _cluster("copying").copy_from_files(shared)
        return bool(shared)

    def _shared_copies(self, folder: Path) -> dict[Path, SharedDatabase]:
        copies = {folder / STORE: self.store, folder / FRONTIER: self.frontier}
        return {path: place for path, place in copies.items() if not isinstance(place, Path)}

    def drop_shared(self) -> None:
        """Remove what `copy_from` has copied."""
        for place in (self.files, self.frontier, self.store):
            if place is not None and not isinstance(place, Path):
                place.drop()

    def has_store(self) -> bool:
        """Return whether the store was ever made."""
        if isinstance(self.store, Path):
            return os.path.exists(self.store)  # noqa: PTH110  # a Path takes twice as long
        return self.store.exists()

    def migrate(self) -> tuple[str, ...]:
        """Migrate what an earlier searchkit made; return a line about it. Only under the lock.

        Errors as `migrate_file`."""
        migrate_file, changed = load("searchkit.migrations:migrate_file"), []
        schemas = {"store": "searchkit.store.checking:STORE_SCHEMA", "frontier": _FRONTIER_SCHEMA}
        for (name, schema_place), place in zip(schemas.items(), (self.store, self.frontier), strict=True):
            if not isinstance(place, Path):
                before = place.migrate()
            else:
                before = migrate_file(place, load(schema_place), called=f"The {name}") if place.exists() else 0
            changed += [f"the {name} from version {before} to {load(schema_place).version}"] if before else []
        return (f"The archive was migrated: {' and '.join(changed)}.",) if changed else ()

    def open_store(self, *, writable: bool) -> Store:
        """Open the store."""
        self.identity()
        return open_store(self.store, writable=writable)

    def locked(self, wait: float, called: str) -> AbstractContextManager[None]:
        """Hold the lock of a store that other machines write to as well. ArchiveLocked as `exclusive`."""
        return nullcontext() if isinstance(self.store, Path) else self.store.locked(wait=wait, called=called)


class WriterLock:
    """The lock of the archive in `folder`: its file excludes other processes of this machine, the lock of a shared
    store those of other machines. `report` gets a line if an archive of an earlier version was migrated."""

    def __init__(self, folder: Path, databases: Databases, report: Callable[[str], None]) -> None:
        self._folder = folder
        self._databases = databases
        self.report = report
        self._held: Literal["", "index", "all"] = ""

    @contextmanager
    def held(self, wait: float, *, called: str = "", index_only: bool = False, migrate: bool = True) -> Iterator[None]:
        """Hold it for the block; it names the holder as `called`. With `index_only`, other machines may write to a
        shared store. An archive of an earlier version is migrated first, unless `index_only` or not `migrate`.

        ArchiveLocked if another writer holds it for longer than `wait` seconds. Errors as `Databases.migrate`."""
        if self._held == "all" or (self._held and index_only):
            yield
            return
        before = self._held
        with ExitStack() as stack:
            if not before:
                stack.enter_context(exclusive(self._folder / LOCK, wait=wait, called=called))
                remove_unfinished(self._folder)
            if not index_only:
                stack.enter_context(self._databases.locked(wait, called or command_line()))
            if migrate and not index_only:
                for line in self._databases.migrate():
                    self.report(line)
            self._held = "index" if index_only else "all"
            try:
                yield
            finally:
                self._held = before


def checks_of(place: Path | SharedDatabase) -> Any:
    """Return the module that checks such a database: few commands check, and few archives are shared."""
    return import_module("searchkit.store.checking") if isinstance(place, Path) else _cluster("copying")


def _cluster(module: str) -> Any:
    """Return a module about PostgreSQL: few archives are shared. MissingExtra without psycopg."""
    try:
        return import_module(f"searchkit.cluster.postgres.{module}")
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "The store is in PostgreSQL, which needs the package psycopg.",
            hint="Install it: pip install 'searchkit[postgres]'",
        ) from error


def _abbreviated(address: str) -> str:
    from hashlib import sha256  # loads OpenSSL, and few archives are shared

    return sha256(address.encode()).hexdigest()[:16]


def databases_of(folder: Path) -> Databases:
    """Return the databases of the archive in `folder`, as its marker names them."""
    return Databases(folder, read_shared(folder))


def _postgres(url: str, **options: Any) -> SharedDatabase:
    database: SharedDatabase = _cluster("database").PostgresDatabase(url, **options)
    return database
