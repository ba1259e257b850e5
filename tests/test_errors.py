import pickle
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from searchkit import errors


def test_errors_can_be_pickled() -> None:
    for error in (
        errors.InputError("a.txt is empty.", hint="Remove it."),
        errors.QueryError("No such field.", code="unknown-field", query="x:y", start=0, end=1, hint="Try text:."),
    ):
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
        assert type(copy) is type(error)
        assert vars(copy) == vars(error)
        assert str(copy) == str(error)


def test_str_has_message_and_hint() -> None:
    assert str(errors.ArchiveError("Broken.", hint="Repair it.")) == "Broken. Repair it."
    assert str(errors.ArchiveError("Broken.")) == "Broken."


def test_a_reason_has_no_addresses_in_memory() -> None:
    assert errors.reason_of(TypeError(f"{object()} is no text")) == "TypeError: <object> is no text"


def _interrupted(*_values: object) -> int:
    raise KeyboardInterrupt


def _reached_by_a_signal(*_values: object) -> int:
    errors.interrupt(2, None)


@pytest.mark.parametrize("function", [errors.interruptible(_interrupted), _reached_by_a_signal])
def test_an_interrupt_inside_a_function_of_sqlite_is_no_damage(function: Callable[..., int]) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("checksum", -1, function)
        with pytest.raises(sqlite3.OperationalError) as raised:
            connection.execute("SELECT checksum(1)").fetchone()
    with pytest.raises(KeyboardInterrupt):
        errors.from_sqlite(raised.value, "store", called="The store", kind="store", kept="committed", repair_hint="")
