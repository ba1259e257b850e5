"""Plain stories; and what a source knows of an article that does something terrible to a process which asks for it."""

import ctypes
import importlib
import os
import re
import signal
import time
from datetime import UTC, datetime
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from searchkit.crawl.base import new_resource
from searchkit.statements.document import Resource

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
STORY = 'The crane number {0} stood still.\n\n"It will move again," said Nadia Korbel, spokesperson for the port.'


def story(number: int, text: str = STORY) -> Resource:
    return new_resource(f"test:{number}", text.format(number).encode(), media_type="text/plain", now=NOW)


def bad(number: int, does: dict[str, Any]) -> Resource:
    return replace(story(number), defaults=does)


def stories(count: int, first: int = 1) -> list[Resource]:
    return [story(number) for number in range(first, first + count)]


class Faulty(dict[str, Any]):
    """Raises an unexpected error when it is read."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def get(self, *_asked: Any) -> Any:
        raise self.error


class _Hostile(dict[str, Any]):
    def get(self, *asked: Any) -> Any:
        if parent_process() is None:
            raise AssertionError("this would end the tests")
        self.act()
        return super().get(*asked)

    def act(self) -> None:
        raise NotImplementedError


class Leaving(_Hostile):
    def act(self) -> None:
        os._exit(9)


class Faulting(_Hostile):
    def act(self) -> None:
        ctypes.string_at(0)


class Killed(_Hostile):
    """Kills its process, as the system does when it has no memory left."""

    def act(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class KilledOnce(_Hostile):
    """Kills only the first process that reads it."""

    def __init__(self, mark: Path) -> None:
        super().__init__()
        self.mark = mark

    def act(self) -> None:
        if not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


class Looping(_Hostile):
    def act(self) -> None:
        while True:
            pass


class LoopingInC(_Hostile):
    """In one step of the interpreter, so that no other thread of the process can do anything either."""

    def act(self) -> None:
        re.match(r"(a*)*b", "a" * 64)


class Sleeping(_Hostile):
    """Says into a pipe, if it is given one, that it sleeps from now on."""

    def __init__(self, pipe: Path | None = None) -> None:
        super().__init__()
        self.pipe = pipe

    def act(self) -> None:
        if self.pipe is not None:
            self.pipe.write_text(str(os.getpid()))
        time.sleep(3_600)


class Greedy(_Hostile):
    def act(self) -> None:
        hoard = []
        while True:
            hoard.append(b"x" * 1_000_000)


class GreedyAtHeart(_Hostile):
    """Fails as a C library does that has no memory left and reports something else."""

    def act(self) -> None:
        hoard = []
        try:
            while True:
                hoard.append(b"x" * 1_000_000)
        except MemoryError:
            raise SystemError("error return without exception set") from None


class Talking(_Hostile):
    def act(self) -> None:
        os.write(1, b"words of a document")
        os.write(2, b"words of a document")


def threads_of_numpy() -> int:
    """Return how many threads importing numpy starts."""
    tasks = Path("/proc/self/task")
    before = len(list(tasks.iterdir()))
    importlib.import_module("numpy")
    return len(list(tasks.iterdir())) - before
