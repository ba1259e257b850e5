"""A standard output of the test's own choosing."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


class Terminal(io.StringIO):
    """A stream that says a person reads it."""

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal() -> Iterator[Terminal]:
    """What is printed meanwhile goes to a terminal, which is given."""
    screen = Terminal()
    with redirect_stdout(screen):
        yield screen
