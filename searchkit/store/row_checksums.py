"""A checksum in every row, so that corrupted rows are detected.

SQLite checks the structure of its pages but not the content of rows: of 200 flipped bits, 25 changed answers without an
error. So every table has a last column `checksum`, which SQLite computes with the function below whenever a row is
written.
"""

import re
import zlib

COLUMN = "checksum"
FUNCTION = "row_checksum"

Value = str | bytes | int | float | None
"""A value of a SQLite column."""

_KINDS = {str: b"t", bytes: b"b", int: b"i", float: b"f", type(None): b"n"}


def row_checksum(*values: Value) -> int:
    """Return the CRC-32 of a table's name and the values of a row, each with its type and length.

    Text that is not valid UTF-8 arrives with lone surrogates and so never has the checksum of written text.
    """
    checksum = 0
    for value in values:
        content = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        checksum = zlib.crc32(b"%s%d:" % (_KINDS[type(value)], len(content)), checksum)
        checksum = zlib.crc32(content, checksum)
    return checksum


def with_checksums(script: str) -> str:
    """Return a script of CREATE TABLE statements, one column a line, with a checksum column in every table."""

    def add(match: re.Match[str]) -> str:
        table, body = match.groups()
        names = ", ".join(re.findall(r"^    ([a-z_]+) ", body, re.MULTILINE))
        column = f"    {COLUMN} INTEGER NOT NULL GENERATED ALWAYS AS ({FUNCTION}('{table}', {names})) STORED"
        columns, constraint, key = body.partition(",\n    PRIMARY KEY (")
        return f"CREATE TABLE {table} (\n{columns},\n{column}{constraint}{key}\n)"

    return re.sub(r"CREATE TABLE (\w+) \(\n(.*?)\n\)", add, script, flags=re.DOTALL)
