"""A worker process: it reads task after task under limits, until its supervisor closes the connection.

Before each resource it notes the resource's number in memory that both processes share, so that the supervisor knows
which one ended the process. Results are sent as they are made, a few at a time.
"""

import gc
import os
import pickle
import threading
import time
from collections.abc import Callable
from ctypes import c_int
from datetime import datetime
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from searchkit.crawl.base import Refused
from searchkit.ingest.base import Made, Serialized, Work
from searchkit.ingest.limits import (
    GROWN,
    OUT_OF_MEMORY,
    Allowance,
    Limits,
    give_back_large_blocks,
    give_back_small_blocks,
)
from searchkit.ingest.reading import NO_MEMORY, is_fault, is_harmless, size_of
from searchkit.statements import Register, model_bytes
from searchkit.statements.document import Article, Resource

Read = Callable[[Resource | Article, datetime, Register | None], Made | Refused]
"""How to read a resource: a module-level function, because only its name reaches the process."""

# Results made within this time are sent together: each message interrupts the process that stores.
_GATHER_SECONDS = 0.2
# Smaller resources leave too little memory behind to be worth returning.
_LARGE = 250_000


def serve(
    tasks: Connection, number: c_int, read: Read[Made], now: datetime, register: Register | None, limits: Limits
) -> None:
    """Send `()` when ready; then receive lists of resources, and send lists of serialized results, in order.

    The process ends when the supervisor closes its end, or by itself with one of the exit codes of limits.py.
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
            if allowance.grown():
                os._exit(GROWN)
    if max(map(size_of, task)) > _LARGE:
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
