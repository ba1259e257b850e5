"""Disks that fail or lose power, simulated by patching the calls between Python and the system.

Either the n-th call that changes something fails, or an image shows what a power cut at that call would leave. C
libraries are not affected: for SQLite, see test_full.py and `scripts/faults power`. The patches apply to this process.
"""

import errno
import io
import os
import random
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from msgspec import Struct, field

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Calls that change a folder or make a change last. Reading never fails here.
_NAMED = ("fsync", "replace", "rename", "link", "mkdir", "ftruncate", "pwrite", "write")


class Faults(Struct):
    """Which call fails, counted from 1, and with what; `lasting` for all after it too. `calls` is how many came."""

    at: int
    error: int = errno.EIO
    lasting: bool = False
    calls: int = 0
    failed: int = 0

    def strike(self) -> None:
        """Count one call, and fail it if it is its turn."""
        self.calls += 1
        if self.calls == self.at or (self.lasting and self.calls > self.at):
            self.failed += 1
            raise OSError(self.error, os.strerror(self.error))


@contextmanager
def failing(faults: Faults, folder: Path) -> Iterator[None]:
    """Let calls that write below `folder` fail as `faults` says."""

    class Raw(io.FileIO):
        def write(self, data: Any, /) -> Any:
            faults.strike()
            return super().write(data)

    real_open, real_os_open = io.open, os.open

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        ours = _path(file).startswith(str(folder)) and set(mode) & set("wax+")
        if not ours or "+" in mode:
            return real_open(file, mode, *args, **kwargs)
        if not isinstance(file, int):
            faults.strike()
        raw = Raw(file, mode.replace("b", "").replace("t", ""), opener=kwargs.get("opener"))
        stream = io.BufferedWriter(raw)
        if "b" in mode:
            return stream
        encoding = kwargs.get("encoding") or (args[1] if len(args) > 1 else None)
        return io.TextIOWrapper(stream, encoding=encoding or "utf-8")

    def os_opened(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & _WRITING and _path(path).startswith(str(folder)):
            faults.strike()
        return real_os_open(path, flags, *args, **kwargs)

    def struck(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(first: Any, *args: Any, **kwargs: Any) -> Any:
            if _path(first).startswith(str(folder)):
                faults.strike()
            return real(first, *args, **kwargs)

        return call

    with ExitStack() as stack:
        for name in ("io.open", "builtins.open"):
            stack.enter_context(mock.patch(name, opened))
        stack.enter_context(mock.patch("os.open", os_opened))
        for name in _NAMED:
            stack.enter_context(mock.patch(f"os.{name}", struck(getattr(os, name))))
        yield


def _path(place: Any) -> str:
    """Where a path or an open file is."""
    if isinstance(place, int):
        try:
            return str(Path(f"/proc/self/fd/{place}").readlink())
        except OSError:
            return ""
    return os.path.abspath(os.fsdecode(place))  # noqa: PTH100 - resolves no links, as the calls above do not


Survival = Literal["synced", "names", "random"]
"""What a power cut leaves: only what was synced; all names as they are, over synced contents; anything between."""


class PowerCuts(Struct):
    """A disk on which nothing lasts but what was synced: what a file held at its last fsync, what names a folder held
    at its own. `at_call` is called before each call that changes names or syncs, which are the moments that differ.

    It is the strictest disk that POSIX allows. Real ones keep more, and not in order: `image` with `random`. It does
    not see what a file held between two of its fsyncs, since no file of the index is changed once it is synced.
    """

    folder: Path
    at_call: Callable[[], None] = lambda: None
    syncs: bool = True
    _names: dict[int, dict[str, int]] = field(default_factory=dict)
    _contents: dict[int, bytes] = field(default_factory=dict)
    # Held open, so that the system gives no new file the number of an old one.
    _held: dict[int, int] = field(default_factory=dict)
    _busy: bool = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Note what is synced below the folder for as long as this lasts; all that is there by now is synced."""
        self._sync_all()

        def noted(real: Callable[..., Any], *, sync: bool = False) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                if not self._busy:
                    self._busy = True
                    try:
                        self.at_call()
                    finally:
                        self._busy = False
                    if sync and self.syncs:
                        self._sync(args[0]) if args else self._sync_all()
                return None if sync else real(*args, **kwargs)  # what is synced for good only costs time here

            return call

        with ExitStack() as stack:
            for name in ("replace", "rename", "link", "mkdir", "unlink", "rmdir"):
                stack.enter_context(mock.patch(f"os.{name}", noted(getattr(os, name))))
            for name in ("fsync", "sync"):
                stack.enter_context(mock.patch(f"os.{name}", noted(getattr(os, name), sync=True)))
            try:
                yield
            finally:
                for descriptor in self._held.values():
                    os.close(descriptor)

    def _sync_all(self) -> None:
        for path in (self.folder, *self.folder.rglob("*")):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                self._sync(descriptor)
            finally:
                os.close(descriptor)

    def _sync(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}")
        if found.st_ino not in self._held:
            self._held[found.st_ino] = os.open(path, os.O_RDONLY)
        if stat.S_ISDIR(found.st_mode):
            self._names[found.st_ino] = _entries(path)
        else:
            self._contents[found.st_ino] = path.read_bytes()

    def image(self, target: Path, survival: Survival, chance: random.Random | None = None) -> Path:
        """Write into the new folder `target` what the disk holds were the power gone now."""
        now = {path.stat().st_ino: path for path in (self.folder, *self.folder.rglob("*"))}
        self._write(self.folder.stat().st_ino, target, now, survival, chance or random.Random(0))
        return target

    def _write(
        self, folder: int, target: Path, now: dict[int, Path], survival: Survival, chance: random.Random
    ) -> None:
        os.makedirs(target)  # noqa: PTH103 - not through the calls that are noted
        synced = self._names.get(folder, {})
        current = _entries(now[folder]) if folder in now else synced
        for name in sorted({*synced, *current}):
            before, after = synced.get(name), current.get(name)
            keeps_synced = survival == "synced" or (survival == "random" and chance.random() < 0.5)
            inode = before if keeps_synced else after
            if inode is None:
                continue
            if inode in self._names or (inode in now and now[inode].is_dir()):
                self._write(inode, target / name, now, survival, chance)
            else:
                (target / name).write_bytes(self._content(inode, now, survival, chance))

    def _content(self, inode: int, now: dict[int, Path], survival: Survival, chance: random.Random) -> bytes:
        if inode in self._contents:
            return self._contents[inode]
        if survival != "random" or inode not in now:
            return b""  # the name is there, the bytes are not
        whole = now[inode].read_bytes()
        return chance.choice((b"", whole[: chance.randrange(len(whole) + 1)], bytes(len(whole)), whole))


def _entries(folder: Path) -> dict[str, int]:
    return {entry.name: entry.inode() for entry in os.scandir(folder)}
