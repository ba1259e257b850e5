"""A worker process: it reads task after task under limits, until its keeper (keeper.py) has no more.

Before each resource it writes down which one it is at, so that when it ends, however it ends, the keeper knows which
one to blame. Results go back as they are made, a few at a time.
"""

import gc
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from searchkit.crawl import Refused
from searchkit.document import Article, Resource
from searchkit.extract.register import Register
from searchkit.ingest.limits import (
    GROWN,
    OUT_OF_MEMORY,
    Allowance,
    Limits,
    give_back_large_blocks,
    give_back_small_blocks,
)
from searchkit.ingest.reading import NO_MEMORY, is_fault, is_harmless, size_of
from searchkit.ingest.serialized_result import Made, Sealed

Read = Callable[[Resource | Article, datetime, Register | None], Made | Refused]
"""What is done with each resource: a function of a module, since a process is told only its name."""


MARK_BYTES = 4
# Results made within this time are sent together: each message interrupts the process that stores, and what is not sent
# yet is read again when the process ends.
_GATHER_SECONDS = 0.2
# What is read in a few milliseconds leaves nothing worth the while of giving it back.
_LARGE = 250_000


def serve(
    tasks: Connection, marks: Connection, read: Read[Made], now: datetime, register: Register | None, limits: Limits
) -> None:
    """Say `()` when ready; then receive lists of resources, and send what `read` makes of them, sealed, in lists of any
    length, in order. Into `marks` goes the number, within its task, of each resource before it is read.

    Ends when the keeper closes its end, and by itself with one of the exit codes of limits.py.
    """
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _say_nothing()
    give_back_large_blocks()
    allowance = Allowance(limits)
    # Little of what reading makes hangs together in circles, and to look for those after each 2,000 values costs a
    # page 4 % of its time.
    gc.set_threshold(50_000)
    try:
        tasks.send(())
        while True:
            _serve_task(tasks, marks, lambda resource: read(resource, now, register), allowance)
    except (EOFError, ConnectionError):
        return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _serve_task(
    tasks: Connection, marks: Connection, read: Callable[[Resource | Article], Made | Refused], allowance: Allowance
) -> None:
    task: list[Resource | Article] = tasks.recv()
    made: list[Sealed[Made]] = []
    sent = time.monotonic()
    for number, resource in enumerate(task):
        os.write(marks.fileno(), number.to_bytes(MARK_BYTES, "big"))
        allowance.renew()
        result = read(resource)
        if _lacked_memory(resource, result, allowance):
            os._exit(OUT_OF_MEMORY)  # perhaps for what others have left in memory: a fresh process will show
        made.append(Sealed(result))
        del result  # it may be large, and so may the next
        if number + 1 == len(task) or time.monotonic() - sent > _GATHER_SECONDS:
            tasks.send(made)
            made, sent = [], time.monotonic()
            if allowance.grown():
                os._exit(GROWN)
    if max(map(size_of, task)) > _LARGE:
        give_back_small_blocks()


def _lacked_memory(resource: Resource | Article, result: object, allowance: Allowance) -> bool:
    """Whether a result may be what it is for want of memory. Parsers hide that they got none, and give less text."""
    if isinstance(result, Refused) and result.reason == NO_MEMORY:
        return True
    return (is_fault(result) or not is_harmless(resource)) and allowance.nearly_used_up()


def _say_nothing() -> None:
    """Close the mouths of the libraries: what they complain of may be words of a document, and reach a terminal."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _leave_with_parent() -> None:
    """Worker processes must not outlive a killed run."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
