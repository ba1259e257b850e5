"""The addresses that were forgotten, so that no run takes them in again: as salted hashes, never as they are.

    forgotten.json      {"searchkit_forgotten": 1, "salt": "...", "documents": [["hash", ...], ...], "sum": "..."}

takes:    ids and addresses of documents that were forgotten
gives:    whether an address is one of them
does not: tell which they were. Who has a guess can try it, here as anywhere where something is to be kept out
traps:    a document stands in it with all its names, so that any of them lets it in again. With another salt it knows
          nobody: `sum` tells a changed list (those of earlier versions have none), archive.json that one is missing
"""

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from searchkit.archive.erasure.atomic_file import damaged, read_kept, write_kept, written
from searchkit.archive.folder import FORGOTTEN, folder_error, forgets, note_forgetting
from searchkit.errors import ArchiveError, SearchkitError, UsageError

if TYPE_CHECKING:
    from searchkit.store.sqlite import SqliteStore

FORGOTTEN_VERSION = 1
_NAME, _SUM = "searchkit_forgotten", "sum"
# What earlier versions wrote: a list without its checksum.
_OLDER = {_NAME, "salt", "documents"}
_SALT_BYTES = 16
# 128 bits: no two addresses of all that were ever written meet by chance.
_HASH_BYTES = 16
_HEX = re.compile(r"[0-9a-f]{32}")
# What to do about a list that is damaged or lost.
GO_ON = "Restore it from a backup, or go on without it: searchkit repair"


class Forgotten:
    """The list of the archive in `folder`. Use `load`."""

    def __init__(self, path: Path, salt: bytes, documents: Iterable[Iterable[str]]) -> None:
        self._path = path
        self._salt = salt
        self._documents = [frozenset(hashes) for hashes in documents]
        self._hashes = frozenset().union(*self._documents)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The list of the archive in `folder`; an empty one where nothing was forgotten yet. ArchiveError when it is
        damaged or lost, NewerArchive when a later searchkit wrote it: without it what was forgotten would come back."""
        path = folder / FORGOTTEN
        if forgets(folder) and not path.exists():
            raise ArchiveError(f"{path} is missing: what was forgotten would come back.", hint=GO_ON)
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The list in a file, empty where there is none. Errors as `load`."""
        content = read_kept(path, _NAME, FORGOTTEN_VERSION, do=GO_ON)
        if content is None:
            return cls(path, os.urandom(_SALT_BYTES), ())
        is_older = content.keys() == _OLDER
        if not _is_list(content) or not (is_older or content.get(_SUM) == _sum(content)):
            raise damaged(path, GO_ON)
        return cls(path, bytes.fromhex(content["salt"]), content["documents"])

    @classmethod
    def begun_anew(cls, folder: Path) -> Self:
        """What can be read of a list that is damaged; it is not written yet. Nobody can say whether its salt is what it
        was: then it knows nobody."""
        path = folder / FORGOTTEN
        try:
            content = json.loads(path.read_bytes())
            salt, documents = content["salt"], [list(filter(_is_hash, one)) for one in content["documents"]]
            if _is_hash(salt):
                return cls(path, bytes.fromhex(salt), [one for one in documents if one])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return cls(path, os.urandom(_SALT_BYTES), ())

    def write(self) -> None:
        """Write the list as it is; on the disk when this returns. ArchiveError or StorageFull when that cannot be."""
        self._write(self._documents)

    def __contains__(self, name: str) -> bool:
        """Whether this id or address was forgotten."""
        return bool(self._hashes) and self._hash(name) in self._hashes

    def __len__(self) -> int:
        """How many documents were forgotten."""
        return len(self._documents)

    def add(self, documents: Iterable[Collection[str]]) -> None:
        """Note documents, each by its id and all its addresses; on the disk when this returns."""
        known = set(self._documents)
        new = [hashes for names in documents if (hashes := frozenset(map(self._hash, names))) not in known]
        self._write([*self._documents, *new])

    def allow(self, names: Iterable[str]) -> int:
        """Let go of the documents that have any of these names; how many."""
        wanted = frozenset(map(self._hash, names))
        left = [hashes for hashes in self._documents if not hashes & wanted]
        gone = len(self._documents) - len(left)
        if gone:
            self._write(left)
        return gone

    def with_all_of(self, other: Self) -> bytes:
        """The content of a file that holds both lists, of which one was once the other. UsageError when they are of
        different archives: hashes of different salts cannot stand in one list."""
        if self._documents and other._documents and self._salt != other._salt:
            raise UsageError(
                f"{other._path} is not of the same archive as {self._path}.",
                hint="Name the list of the archive that the backup is of.",
            )
        salt = (self if self._documents else other)._salt
        return written(_content(salt, dict.fromkeys([*self._documents, *other._documents])))

    def _write(self, documents: list[frozenset[str]]) -> None:
        self._documents = documents
        self._hashes = frozenset().union(*documents)
        write_kept(self._path, _content(self._salt, documents))
        try:
            note_forgetting(self._path.parent)
        except OSError as error:
            raise folder_error(self._path.parent, error) from error

    def _hash(self, name: str) -> str:
        key = self._salt
        return hashlib.blake2b(name.encode("utf-8", "backslashreplace"), key=key, digest_size=_HASH_BYTES).hexdigest()


def _content(salt: bytes, documents: Iterable[Iterable[str]]) -> dict[str, Any]:
    content = {_NAME: FORGOTTEN_VERSION, "salt": salt.hex(), "documents": [sorted(one) for one in documents]}
    return {**content, _SUM: _sum(content)}


def _sum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(written({name: one for name, one in content.items() if name != _SUM})).hexdigest()


def _is_list(content: Mapping[str, Any]) -> bool:
    documents = content.get("documents")
    return (
        _is_hash(content.get("salt"))
        and isinstance(documents, list)
        and all(isinstance(one, list) and one and all(map(_is_hash, one)) for one in documents)
    )


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def list_fault(folder: Path) -> str:
    """What is wrong with the list of the archive in `folder`, and what to do; empty when it is whole."""
    try:
        Forgotten.load(folder)
    except SearchkitError as error:
        return f"{error.message} {error.hint}"
    return ""


def standing(store: "SqliteStore", forgotten: Forgotten) -> list[str]:
    """The documents, by id, that were forgotten and stand in the store all the same: it is from an older backup."""
    if not len(forgotten):
        return []
    found = {one for one in store.ids() if one in forgotten}
    found |= {document for address, document in store.erasure.every_address() if address in forgotten}
    return sorted(found)
