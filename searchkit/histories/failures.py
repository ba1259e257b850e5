"""What histories lack because a rule failed: a mistake costs one statement or view, never a run."""

from collections.abc import Callable
from typing import TypeVar

from searchkit.errors import SearchkitError, reason_of
from searchkit.store.connection import Connection

Made = TypeVar("Made")
Other = TypeVar("Other")
_KEY = "document = ? AND view = ? AND statement = ?"


class FailedViews:
    """The statements and views that could not be made, each with the reason. Changes are pending until the next commit.

    A view belongs to a document, or to a group of quotes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._has_any = bool(self.count())

    def attempt(
        self, make: Callable[[], Made], otherwise: Other, *, of: str, view: str, statement: str = ""
    ) -> Made | Other:
        """Return what `make` returns, or `otherwise` if it fails, and store the failure."""
        try:
            made = make()
        except (MemoryError, SearchkitError):
            raise
        except Exception as error:  # noqa: BLE001  stored and reported
            self._has_any = True
            self._connection.execute(
                "INSERT OR REPLACE INTO failed (document, view, statement, reason) VALUES (?, ?, ?, ?)",
                *(of, view, statement, reason_of(error)),
            )
            return otherwise
        if self._has_any:
            self._connection.execute(f"DELETE FROM failed WHERE {_KEY}", of, view, statement)  # noqa: S608 - a constant
        return made

    def forget(self, name: str) -> None:
        """Remove the failures of a document, or of a group of quotes also as the second of a pair."""
        if self._has_any:
            self._connection.execute(
                "DELETE FROM failed WHERE document = ?1 OR (view = 'pair' AND statement = ?1)", name
            )

    def count(self) -> int:
        """Return how many statements and views are missing."""
        return int(self._connection.scalar("SELECT count(*) FROM failed"))

    def first(self) -> str:
        """Return one of them in a line, with the reason; empty if there is none."""
        found = "SELECT view || ' of ' || document || ': ' || reason FROM failed ORDER BY document, view LIMIT 1"
        return self._connection.scalar(found) or ""
