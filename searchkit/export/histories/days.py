"""Days that a user writes for a period, as in queries: 2022, 2022-12, 2022-12-16, 7d."""

from datetime import date

from searchkit.errors import UsageError
from searchkit.statements.dates import period


def first_day(written: str, name: str, today: date) -> date:
    """Return the first day of a date. UsageError, with the `name` of the option, if it cannot be read."""
    return _days(written, name, today)[0]


def last_day(written: str, name: str, today: date) -> date:
    """Return the last day of a date. UsageError as `first_day`."""
    return _days(written, name, today)[1]


def refuse_reversed(first: date, last: date) -> None:
    """Raise UsageError for a period that ends before it begins."""
    if first > last:
        raise UsageError(f"{first} is after {last}.", hint="Write the earlier day first.")


def _days(written: str, name: str, today: date) -> tuple[date, date]:
    try:
        return period(written, today=today)
    except ValueError as error:
        raise UsageError(f'{name}: "{written}" is not a date: {error}.', hint="Write 2022, 2022-12 or 7d.") from error
