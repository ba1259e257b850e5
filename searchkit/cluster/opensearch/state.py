"""Which indexes of the cluster belong to an archive, and what their notes say.

    PREFIX-documents            an alias of the current index of documents; likewise PREFIX-statements
    PREFIX-documents-000003     an index; a rebuild makes the next one
    _meta of PREFIX-documents   whose it is, the versions that wrote it, and the last change of the store in it

An archive writes its own name into its indexes, so that two archives with the same prefix never mix.
"""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from searchkit.cluster.opensearch.client import READ_PATIENCE, Client, Location
from searchkit.cluster.opensearch.records import COPIES, INDEX_NAMES, META, VERSIONS, mappings, settings
from searchkit.errors import ConfigError, NewerArchive, TryAgain
from searchkit.files import write_atomically
from searchkit.index.base import OWNER
from searchkit.query.fields import Record
from searchkit.statements.document import BEGINNING, LogPosition

_COPY_SECONDS = 50


class State(Struct, frozen=True, kw_only=True):
    """The current indexes by record, none if there are none of these versions, and their last change of the store."""

    names: Mapping[Record, str] = {}
    position: LogPosition = BEGINNING


NEW = State()


def owner(folder: Path) -> str:
    """Return the name that the archive writes into its indexes; empty until it has written one."""
    try:
        return (folder / OWNER).read_text("ascii").strip()
    except FileNotFoundError:
        return ""


def make_owner(folder: Path) -> str:
    """Return the name of the archive, a new one at first."""
    name = owner(folder)
    if not name:
        name = secrets.token_hex(8)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(folder / OWNER, name.encode("ascii"))
    return name


class Indexes:
    """The indexes of an archive, called by the prefix of the location. `folder` has the name of the archive."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._location: Location = client.location

    def current(self) -> State:
        """Return the current state. ConfigError if the names are taken, NewerArchive if a newer searchkit wrote it."""
        aliases = {self._alias(record): record for record in INDEX_NAMES}
        names: dict[Record, str] = {}
        notes: Mapping[str, Any] = {}
        for name, mapping in self._mappings(",".join(aliases)).items():
            own = self._own_notes(name, mapping)
            record = next((record for alias, record in aliases.items() if name.startswith(f"{alias}-")), None)
            if record is None:
                raise self._foreign(name)
            names[record] = name
            notes = own if record == "document" else notes
        versions = notes.get("versions", {})
        for name, known in VERSIONS.items():
            if versions.get(name, 0) > known:
                raise NewerArchive(
                    f"The indexes {self._location} have {name} version {versions[name]}; this searchkit supports up to "
                    f"{known}.",
                    hint="Upgrade searchkit, or rebuild the index with this version: searchkit rebuild",
                )
        if len(names) < len(INDEX_NAMES) or versions != VERSIONS:
            return NEW  # made by an older version, or a part was deleted: the next commit makes new ones
        position = LogPosition(int(notes.get("applied", 0)), str(notes.get("mark", "")))
        return State(names=names, position=position)

    def create(self) -> State:
        """Create new indexes that no alias names, with the next number, and delete those of rebuilds that ended early.
        They are written once; `copy` makes the copies. Errors as `current`."""
        kept = set(self.current().names.values())
        numbers = [0]
        for name, mapping in self._every().items():
            self._own_notes(name, mapping)
            numbers.append(int(name.rpartition("-")[2]))
            if name not in kept and not self._client.request("GET", f"/{name}/_alias")[name]["aliases"]:
                self._delete(name)
        names: dict[Record, str] = {}
        for record in INDEX_NAMES:
            names[record] = f"{self._alias(record)}-{max(numbers) + 1:06}"
            body = {"settings": settings(), "mappings": mappings(record, self._notes(BEGINNING))}
            # It exists already if the answer to an attempt was lost.
            self._client.send("PUT", f"/{names[record]}", body, accepted={"resource_already_exists_exception"})
        return State(names=names)

    def copy(self, state: State) -> None:
        """Let other nodes copy these indexes, and wait for some time until they have. TryAgain if a part is lost:
        without copies, the loss of a node is the loss of the index."""
        names = ",".join(state.names.values())
        self._client.send("POST", f"/{names}/_flush?force=true")  # otherwise, each copy is indexed again
        self._client.send("PUT", f"/{names}/_settings", {"index": {"auto_expand_replicas": COPIES}})
        with suppress(TryAgain):  # not all copies are made yet
            self._client.request("GET", f"/_cluster/health/{names}?wait_for_status=green&timeout={_COPY_SECONDS}s")
        self.refuse_red(state)

    def refresh(self, state: State) -> None:
        """Make visible what was written to these indexes."""
        self._client.send("POST", f"/{','.join(state.names.values())}/_refresh")

    def note(self, state: State, position: LogPosition) -> State:
        """Note the last change of the store in these indexes."""
        body = {"_meta": {META: self._notes(position)}}
        self._client.send("PUT", f"/{state.names['document']}/_mapping", body)
        return State(names=state.names, position=position)

    def point_to(self, state: State) -> None:
        """Make these indexes the current ones in one step, and delete the others."""
        before = list(self._mappings(",".join(map(self._alias, INDEX_NAMES))))
        actions: list[dict[str, Any]] = [
            {"remove": {"index": name, "alias": f"{name.rpartition('-')[0]}"}} for name in before
        ]
        actions += [{"add": {"index": name, "alias": self._alias(record)}} for record, name in state.names.items()]
        self._client.send("POST", "/_aliases", {"actions": actions})
        for name in before:
            if name not in state.names.values():
                self._delete(name)

    def drop(self) -> None:
        """Delete all indexes of the archive. Errors as `current`."""
        self.current()
        for name, mapping in self._every().items():
            self._own_notes(name, mapping)
            self._delete(name)

    def refuse_red(self, state: State) -> None:
        """Raise TryAgain if a part of the indexes cannot be read."""
        if not state.names:
            return
        health = self._client.request("GET", f"/_cluster/health/{','.join(state.names.values())}?timeout=1s")
        if health["status"] == "red":
            raise TryAgain(
                f"The search cluster at {self._location.servers[0]} is red: {health['unassigned_shards']} parts of the "
                "index have no node.",
                hint="Start its missing nodes, then try again.",
            )

    # --- requests ---

    def _alias(self, record: Record) -> str:
        return f"{self._location.prefix}-{INDEX_NAMES[record]}"

    def _notes(self, position: LogPosition) -> dict[str, Any]:
        applied = {"applied": position.sequence, "mark": position.mark}
        return {"owner": make_owner(self._folder), "versions": dict(VERSIONS), **applied}

    def _mappings(self, names: str) -> dict[str, Any]:
        path = f"/{names}/_mapping?ignore_unavailable=true&allow_no_indices=true"
        return self._client.send("GET", path, patience=READ_PATIENCE, accepted={404}) or {}

    def _every(self) -> dict[str, Any]:
        """Return the mappings of all indexes with names like ours."""
        found = self._mappings(",".join(f"{self._alias(record)}-*" for record in INDEX_NAMES))
        ours = re.compile(f"(?:{'|'.join(re.escape(self._alias(record)) for record in INDEX_NAMES)})-[0-9]{{6}}")
        return {name: mapping for name, mapping in found.items() if ours.fullmatch(name)}

    def _own_notes(self, name: str, mapping: Mapping[str, Any]) -> Mapping[str, Any]:
        notes = (mapping.get("mappings", {}).get("_meta") or {}).get(META)
        if not isinstance(notes, dict):
            raise self._foreign(name)
        if notes.get("owner") != owner(self._folder):
            raise ConfigError(
                f"The indexes {self._location} belong to another archive.",
                hint=f"Choose another prefix: searchkit rebuild --engine {self._other_prefix()}",
            )
        return notes

    def _foreign(self, name: str) -> ConfigError:
        return ConfigError(
            f'The index "{name}" at {self._location.servers[0]} is not one of searchkit.',
            hint=f"Choose another prefix: searchkit rebuild --engine {self._other_prefix()}",
        )

    def _other_prefix(self) -> str:
        return f"opensearch:{','.join(self._location.servers)}/PREFIX"

    def _delete(self, name: str) -> None:
        self._client.send("DELETE", f"/{name}", accepted={404})
