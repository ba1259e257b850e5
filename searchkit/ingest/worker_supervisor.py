"""The keeper of one worker process: it gets a task read, whatever the task does to the process."""

import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Generic

from msgspec import Struct

from searchkit.crawl import Refused
from searchkit.crawl.base import megabytes
from searchkit.document import Article, Resource
from searchkit.errors import TryAgain
from searchkit.extract.register import Register
from searchkit.ingest.limits import GROWN, MEGABYTE, OUT_OF_MEMORY, Limits
from searchkit.ingest.reading import size_of
from searchkit.ingest.serialized_result import Made, Sealed
from searchkit.ingest.worker import MARK_BYTES, Read, serve

# A process that has not come up by then never will; on a machine with far too much to do it takes seconds.
_START_SECONDS = 60.0
# What is larger may be too much for its size alone, and whoever gave it is told so.
_LARGE = 3 * MEGABYTE
# As much as a pipe holds: more than the marks of a task.
_PIPE_BYTES = 65_536
# multiprocessing looks after all children of this process when it starts or ends one, which only one thread may do.
_children = threading.Lock()


class Stopped(Exception):
    """The keeper was told to stop, so nobody wants the results any more."""


class _Fault(Struct, frozen=True, kw_only=True):
    """Why a process ended before it had read its task: at which resource of it, and whether another try is no use."""

    at: int
    reason: str
    final: bool


class Keeper(Generic[Made]):
    """Has tasks read by a worker process, which is started for the first and again after it has ended.

    `read` is what the process does with each resource. One thread reads; any other may stop it.
    """

    def __init__(self, read: Read[Made], *, now: datetime, register: Register | None, limits: Limits) -> None:
        self._read = read
        self._now = now
        self._register = register
        self._limits = limits
        self._stopped = False
        self._fresh = False
        self._process: SpawnProcess | None = None
        self._tasks: Connection
        self._marks: Connection

    def read(self, task: Sequence[Resource | Article]) -> list[Made | Refused]:
        """What is made of each resource of a task, in order; errors as `read_sealed`."""
        return [result.opened() for result in self.read_sealed(task)]

    def read_sealed(self, task: Sequence[Resource | Article]) -> list[Sealed[Made]]:
        """What is made of each resource of a task, in order. What takes too long is refused. What ends the process, or
        needs too much memory, is the first that a fresh process reads, and refused when that ends as well.

        Raises TryAgain when no process can be started, Stopped after `stop`.
        """
        results: dict[int, Sealed[Made]] = {}
        left = deque(range(len(task)))
        suspects: set[int] = set()
        while left:
            made, fault = self._attempt([task[number] for number in left])
            suspect = left[fault.at] if fault is not None else None
            for result in made:
                results[left.popleft()] = result
            if fault is None or suspect is None:
                continue
            left.remove(suspect)
            if fault.final or suspect in suspects:
                results[suspect] = Sealed(Refused(uri=task[suspect].uri, reason=fault.reason, ended_worker=True))
            else:
                suspects.add(suspect)
                left.appendleft(suspect)
        return [results[number] for number in range(len(task))]

    def stop(self) -> None:
        """End the process, at once and for good: it holds nothing that would have to be put in order."""
        with _children:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Stop, and leave nothing behind. Only when no thread reads any more."""
        self.stop()
        self._end()

    def _attempt(self, task: list[Resource | Article]) -> tuple[list[Sealed[Made]], _Fault | None]:
        """What a process makes of the first resources of a task, and what ended it if one of the others did."""
        tasks, marks = self._started()
        fresh, self._fresh = self._fresh, False
        made: list[Sealed[Made]] = []
        overdue = False
        with suppress(EOFError, OSError):
            tasks.send(task)
            while len(made) < len(task) and not overdue:
                if tasks.poll(self._limits.wall_seconds):
                    made += tasks.recv()
                else:
                    overdue = True
            if not overdue:
                os.read(marks.fileno(), _PIPE_BYTES)
                return made, None
        code, last = self._end()
        if code == GROWN or len(made) == len(task):
            return made, None
        at = max(last, len(made))
        # Neither time nor memory would be more in another process, unless others have left this one less memory.
        final = overdue or code == -signal.SIGXCPU or (code == OUT_OF_MEMORY and fresh and at == 0)
        reason = self._reason(code, overdue)
        if final and size_of(task[at]) > _LARGE:
            reason = f"{reason}; it holds {megabytes(size_of(task[at]))}, and may be read in parts"
        return made, _Fault(at=at, reason=reason, final=final)

    def _reason(self, code: int | None, overdue: bool) -> str:
        if overdue:
            return f"takes longer than {self._limits.wall_seconds:g} s to read"
        if code == -signal.SIGXCPU:
            return f"takes longer than {self._limits.seconds:g} s to read"
        if code == OUT_OF_MEMORY:
            return f"needs more memory than it may have ({self._limits.memory_mb} MB)"
        return "reading it ends the process that tries"

    def _started(self) -> tuple[Connection, Connection]:
        """The pipes to a process that is ready."""
        if self._process is not None:
            return self._tasks, self._marks
        for _ in range(2):
            self._start()
            with suppress(EOFError, OSError):
                if self._tasks.poll(_START_SECONDS):
                    self._tasks.recv()
                    return self._tasks, self._marks
            self._end()
        raise TryAgain("Worker processes cannot be started.", hint="Run the command again.")

    def _start(self) -> None:
        # "spawn": a forked child would inherit, and outlive us with, the archive's lock and the store's connection.
        context = get_context("spawn")
        self._tasks, far_tasks = context.Pipe()
        self._marks, far_marks = context.Pipe(duplex=False)
        arguments = (far_tasks, far_marks, self._read, self._now, self._register, self._limits)
        with far_tasks, far_marks, _children:
            if self._stopped:
                self._close_pipes()
                raise Stopped
            process = context.Process(target=serve, args=arguments, daemon=True)
            # An interrupt from the terminal goes to all processes; what becomes of the workers is for this one to say.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
                self._process, self._fresh = process, True
            except OSError as error:
                self._close_pipes()
                raise TryAgain(f"Worker processes cannot be started: {error.strerror}.") from error
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _close_pipes(self) -> None:
        self._tasks.close()
        self._marks.close()

    def _end(self) -> tuple[int | None, int]:
        """End the process if it has not ended; its exit code, and the number of the resource that it read last."""
        with _children:
            process, self._process = self._process, None
            if process is None:
                return None, 0
            process.kill()
            process.join()
            code = process.exitcode
            process.close()
        marks = os.read(self._marks.fileno(), _PIPE_BYTES)
        self._close_pipes()
        return code, int.from_bytes(marks[-MARK_BYTES:], "big")
