"""A worker process, and its supervisor, which gets a task read, whatever the task does to the process.

The worker reads task after task under limits, until its supervisor closes the connection. Before each resource it notes
the resource's number in memory that both share, so that the supervisor knows which one ended the process. Results are
sent as they are made, a few at a time.
"""

import gc
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from ctypes import c_int
from datetime import datetime
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Generic

from msgspec import Struct

from searchkit.crawl.base import Refused
from searchkit.errors import TryAgain
from searchkit.ingest.base import Made, Serialized, Work
from searchkit.ingest.limits import OUT_OF_MEMORY, Allowance, Limits, give_back_large_blocks, give_back_small_blocks
from searchkit.ingest.reading import NO_MEMORY, is_fault, is_harmless, size_of
from searchkit.statements import Register, model_bytes
from searchkit.statements.document import Article, Resource

Read = Callable[[Resource | Article, datetime, Register | None], Made | Refused]
"""How to read a resource: a module-level function, because only its name reaches the process."""

# Results made within this time are sent together: each message interrupts the process that stores.
_GATHER_SECONDS = 0.2
# Smaller resources leave too little memory behind to be worth returning.
_LEAVES_MEMORY = 250_000


def serve(
    tasks: Connection, number: c_int, read: Read[Made], now: datetime, register: Register | None, limits: Limits
) -> None:
    """Send `()` when ready; then receive lists of resources, and send lists of serialized results, in order.

    The process ends when the supervisor closes its end, or by itself with the exit code of limits.py.
    """
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    _silence()
    give_back_large_blocks()
    # Segments need no linear algebra, and a second thread for it takes 40 MB of the limit.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    allowance = Allowance(limits, loaded_later=model_bytes)
    # Few cycles occur here, and looking for them every 2,000 values costs a page 4 % of its time.
    gc.set_threshold(50_000)
    try:
        tasks.send(())
        while True:
            _serve_task(tasks, number, lambda resource: read(resource, now, register), allowance)
    except (EOFError, ConnectionError):
        return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _serve_task(
    tasks: Connection, number: c_int, read: Callable[[Resource | Article], Made | Refused], allowance: Allowance
) -> None:
    task: list[Resource | Article | Work] = tasks.recv()
    made: list[Serialized] = []
    sent = time.monotonic()
    for at, resource in enumerate(task):
        number.value = at
        allowance.renew()
        result = resource.function() if isinstance(resource, Work) else read(resource)
        if _lacked_memory(resource, result, allowance):
            os._exit(OUT_OF_MEMORY)  # earlier resources may be the reason; the supervisor tries a fresh process
        made.append(pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
        del result  # it may be large, and so may the next
        if at + 1 == len(task) or time.monotonic() - sent > _GATHER_SECONDS:
            tasks.send(made)
            made, sent = [], time.monotonic()
    if max(map(size_of, task)) > _LEAVES_MEMORY:
        give_back_small_blocks()


def _lacked_memory(resource: Resource | Article | Work, result: object, allowance: Allowance) -> bool:
    """Return whether a lack of memory may have changed a result. Parsers hide it and return less text."""
    if isinstance(result, Refused) and result.reason == NO_MEMORY:
        return True
    return (is_fault(result) or not is_harmless(resource)) and allowance.nearly_used_up()


def _silence() -> None:
    """Discard the output of libraries, which may quote a document and reach a terminal."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _exit_with_parent() -> None:
    """End the process when the parent is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


# Even on an overloaded machine, a process starts within seconds.
_START_SECONDS = 60.0
# multiprocessing touches all children of this process when it starts or ends one; only one thread may do so.
_children = threading.Lock()


class Stopped(Exception):
    """The supervisor was stopped, so the results are not needed."""


class _Fault(Struct, frozen=True, kw_only=True):
    """Why a process ended before it finished its task: at which resource, and whether another try is useless."""

    at: int
    reason: str
    final: bool


class WorkerSupervisor(Generic[Made]):
    """Has a worker process read tasks, and starts it when needed. One thread reads; any thread may stop it."""

    def __init__(self, read: Read[Made], *, now: datetime, register: Register | None, limits: Limits) -> None:
        self._read = read
        self._now = now
        self._register = register
        self._limits = limits
        self._stopped = False
        self._fresh = False
        self._process: SpawnProcess | None = None
        self._tasks: Connection
        self._number: c_int  # of the resource that the process reads

    def read(self, task: Sequence[Resource | Article]) -> list[Made | Refused]:
        """Return the result for each resource of a task, in order. Errors as `read_serialized`."""
        return list(map(pickle.loads, self.read_serialized(task)))

    def read_serialized(self, task: Sequence[Resource | Article | Work]) -> list[Serialized]:
        """Return the result for each resource of a task, in order. A resource that takes too long is refused. One that
        ends the process, or needs too much memory, is read first in a fresh process and refused if that ends as well.

        Raises TryAgain if no process can be started, Stopped after `stop`.
        """
        results: dict[int, Serialized] = {}
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
                refused = Refused(uri=task[suspect].uri, reason=fault.reason, ended_worker=True)
                results[suspect] = pickle.dumps(refused)
            else:
                suspects.add(suspect)
                left.appendleft(suspect)
        return [results[number] for number in range(len(task))]

    def stop(self) -> None:
        """End the process at once and for good; it has no state to save."""
        with _children:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Stop and clean up. Only when no thread reads any more."""
        self.stop()
        self._end()

    def _attempt(self, task: list[Resource | Article | Work]) -> tuple[list[Serialized], _Fault | None]:
        """Return the results for the first resources of a task, and what ended the process if another resource did."""
        tasks = self._started()
        self._number.value = 0
        fresh, self._fresh = self._fresh, False
        made: list[Serialized] = []
        overdue = False
        with suppress(EOFError, OSError):
            tasks.send(task)
            while len(made) < len(task) and not overdue:
                if tasks.poll(self._limits.wall_seconds):
                    made += tasks.recv()
                else:
                    overdue = True
            if not overdue:
                return made, None
        code = self._end()
        at = max(self._number.value, len(made))
        # Another process has no more time, and no more memory unless earlier resources used up this one's.
        final = overdue or code == -signal.SIGXCPU or (code == OUT_OF_MEMORY and fresh and at == 0)
        return made, _Fault(at=at, reason=self._reason(code, overdue), final=final)

    def _reason(self, code: int | None, overdue: bool) -> str:
        if overdue:
            return f"takes longer than {self._limits.wall_seconds:g} s to read"
        if code == -signal.SIGXCPU:
            return f"takes longer than {self._limits.seconds:g} s to read"
        if code == OUT_OF_MEMORY:
            return f"needs more memory than allowed ({self._limits.memory_mb} MB)"
        return "crashed the parser process"

    def _started(self) -> Connection:
        """Return the connection to a process that is ready."""
        if self._process is not None:
            return self._tasks
        for _ in range(2):
            self._start()
            with suppress(EOFError, OSError):
                if self._tasks.poll(_START_SECONDS):
                    self._tasks.recv()
                    return self._tasks
            self._end()
        raise TryAgain("Worker processes cannot be started.", hint="Run the command again.")

    def _start(self) -> None:
        # "spawn": a forked child would inherit the archive's lock and the store's connection, and could outlive us.
        context = get_context("spawn")
        self._tasks, far_tasks = context.Pipe()
        self._number = context.RawValue(c_int)
        arguments = (far_tasks, self._number, self._read, self._now, self._register, self._limits)
        with far_tasks, _children:
            if self._stopped:
                self._tasks.close()
                raise Stopped
            process = context.Process(target=serve, args=arguments, daemon=True)
            # An interrupt from the terminal reaches all processes; only this one decides about the workers.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
                self._process, self._fresh = process, True
            except OSError as error:
                self._tasks.close()
                raise TryAgain(f"Worker processes cannot be started: {error.strerror}.") from error
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _end(self) -> int | None:
        """End the process; return its exit code."""
        with _children:
            process, self._process = self._process, None
            if process is None:
                return None
            process.kill()
            process.join()
            code = process.exitcode
            process.close()
        self._tasks.close()
        return code
