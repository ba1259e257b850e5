"""The statements of the store as PostgreSQL reads them.

They are written so that both databases understand them. What differs is the mark of a value (`?`, which is `$1` here),
and what to do with a row that exists (`INSERT OR REPLACE`, `INSERT OR IGNORE`).
"""

import re
from collections.abc import Callable, Mapping

from searchkit.cluster.postgres.tables import Table

_MARK = re.compile(r"'[^']{0,10000}'|\?(\d{0,3})")
_INSERT = re.compile(r"INSERT(?: OR (REPLACE|IGNORE))? INTO (\w{1,63})")
# Statements that open a transaction.
CHANGES = ("INSERT", "UPDATE", "DELETE")


def translated(statement: str, tables: Callable[[], Mapping[str, Table]]) -> str:
    """Return a statement with PostgreSQL's marks and clauses."""
    count = 0

    def numbered(mark: re.Match[str]) -> str:
        nonlocal count
        if mark.group().startswith("'"):
            return mark.group()
        count += 1
        return f"${mark.group(1) or count}"

    found = _INSERT.match(statement)
    if found and found.group(1):
        into = f"INSERT INTO {found.group(2)}"
        statement = f"{into}{statement[found.end() :]} {_conflict(found.group(1), tables()[found.group(2)])}"
    return _MARK.sub(numbered, statement)


def _conflict(verb: str, table: Table) -> str:
    others = [name for name in table.names if name not in table.key]
    if verb == "IGNORE" or not others:
        return "ON CONFLICT DO NOTHING"
    return f"ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {', '.join(f'{o} = excluded.{o}' for o in others)}"


def numbered_column(statement: str, tables: Mapping[str, Table]) -> str:
    """Return the column whose value the database assigns to the row that a statement inserts."""
    found = _INSERT.match(statement)
    if found is None or not tables[found.group(2)].numbered:
        raise ValueError(f"inserts no numbered row: {statement}")
    return tables[found.group(2)].numbered
