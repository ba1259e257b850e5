"""Seals: a checksum in every row, so that a row that is not as it was written can be told.

SQLite finds damage in the form of its pages and none in what a row holds: of 200 flipped bits 25 made wrong answers
that passed its own checks. So every table of the store has a last column `seal`, which SQLite itself computes by the
function below whenever a row is written, whoever writes it; nobody can write a row without its seal, nor forget it.
"""

import zlib
from collections.abc import Sequence

COLUMN = "seal"
FUNCTION = "seal"

Value = str | bytes | int | float | None
"""What a column of SQLite holds."""


def seal(*values: Value) -> int:
    """The CRC-32 of the name of a table and the values of a row of it, each with its kind and length.

    Text that is no UTF-8 any more comes with what cannot be read as lone surrogates, and has another seal than any
    that was written. A single flipped bit always changes a CRC-32.
    """
    found = 0
    for value in values:
        content = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        found = zlib.crc32(b"%s%d:" % (_KINDS[type(value)], len(content)), found)
        found = zlib.crc32(content, found)
    return found


_KINDS = {str: b"t", bytes: b"b", int: b"i", float: b"f", type(None): b"n"}


def sealed_anew(
    table: str, columns: Sequence[str], *, key: str = "", added: Sequence[str] = (), large: bool = False
) -> str:
    """SQL that gives a table, as it was before, a seal in each row. `columns` are its columns as declared, `key` its
    primary key when that has several; `added` are columns that it had not, each with its default. Indexes of the table
    are gone after it.

    `large` rows, which have seals already, are kept by number, with an index of their keys. Where a seal does not hold,
    the last column is emptied: no new seal may stand for what is not as it was written."""
    names = [column.split()[0] for column in columns]
    before = after = ", ".join(names)
    if large:
        whole = f"{COLUMN} = {FUNCTION}('{table}', {before})"
        after = ", ".join((*names[:-1], f"CASE WHEN {whole} THEN {names[-1]} ELSE '' END"))
    columns = [*columns, *added]
    every = ", ".join(column.split()[0] for column in columns)
    by_number = large or any("INTEGER PRIMARY KEY" in column for column in columns)
    parts = [*columns, f"{COLUMN} INTEGER NOT NULL GENERATED ALWAYS AS ({FUNCTION}('{table}', {every})) STORED"]
    if key:
        parts.append(f"PRIMARY KEY ({key})")
    declared = ",\n    ".join(parts)
    copied = f"INSERT INTO {table} ({before}) SELECT {after} FROM {table}_before"  # noqa: S608 - our own names
    return (
        f"ALTER TABLE {table} RENAME TO {table}_before;\n"
        f"CREATE TABLE {table} (\n    {declared}\n){'' if by_number else ' WITHOUT ROWID'};\n"
        f"{copied};\n"
        f"DROP TABLE {table}_before;\n"
    )
