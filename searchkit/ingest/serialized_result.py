"""Results on their way from a worker process: sealed there, opened where they are stored.

takes:    what was made of a resource
gives:    the same as bytes, and back
does not: check anything
traps:    bytes are opened that a process of ours sealed, and no others
"""

import pickle
from typing import Generic, TypeVar

from searchkit.crawl import Refused

Made = TypeVar("Made")


class Sealed(Generic[Made]):
    """A result as the bytes in which it came from its process: a tenth of the room that it takes once it is opened.

    Results wait for their turn to be stored, and a text of 250 kB may hold 30,000 statements."""

    __slots__ = ("_bytes",)

    def __init__(self, result: Made | Refused) -> None:
        self._bytes = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)

    def opened(self) -> Made | Refused:
        """The result. Its bytes come from a process of ours."""
        made: Made | Refused = pickle.loads(self._bytes)  # noqa: S301 - as multiprocessing itself does with all that comes from there
        return made
