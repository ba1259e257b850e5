"""The tables of the store (tables.sql), and a checksum in every row, so that corrupted rows are detected.

SQLite checks the structure of its pages but not the content of rows: of 200 flipped bits, 25 changed answers without an
error. So every table has a last column `checksum`, which SQLite computes whenever a row is written.
"""

import re
import zlib
from typing import Any

from searchkit.files import sql_script

STORE_VERSION = 9
# Larger pages hold records with fewer bytes unused: 5 % less than with 4,096.
PAGE_BYTES = 8_192
COLUMN = "checksum"
FUNCTION = "row_checksum"
# A document has many rows of two integers below 2 ** 31, so SQLite computes their checksums itself, as a sum modulo a
# prime: a call of our function takes longer than the rest of such a row. The numbers differ by table.
PAIRS = {
    "sketch_hashes": (1_540_483_477, 668_265_263, 374_761_393),
    "sketch_pairs": (1_103_515_245, 625_341_585, 236_936_537),
}
PRIME = 4_294_967_291
_KINDS = {str: b"t", bytes: b"b", int: b"i", float: b"f", type(None): b"n"}


def row_checksum(*values: str | bytes | float | None) -> int:
    """Return the checksum of a row: for a table of pairs their sum, otherwise its `row_crc`.

    Text that is not valid UTF-8 arrives with lone surrogates and so never has the checksum of written text.
    """
    return row_checksum_of_pair(*values) if values[0] in PAIRS else row_crc(*values)


def row_crc(*values: str | bytes | float | None) -> int:
    """Return the CRC-32 of the table's name and the values of a row, each with its type and length."""
    parts: list[bytes] = []
    for value in values:
        content = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        parts += (b"%s%d:" % (_KINDS[type(value)], len(content)), content)
    return zlib.crc32(b"".join(parts))


def row_checksum_of_pair(table: Any, *values: Any) -> int:
    """Return the checksum of two integers; -1 for other values, which no row has."""
    if [*map(type, values)] != [int, int]:
        return -1
    first, second, start = PAIRS[table]
    checksum: int = (values[0] * first + values[1] * second + start) % PRIME
    return checksum


def _with_checksums(script: str) -> str:
    """Return a script of CREATE TABLE statements, one column a line, with a checksum column in every table."""

    def add(match: re.Match[str]) -> str:
        table, body = match.groups()
        names = re.findall(r"^    ([a-z_]+) ", body, re.MULTILINE)
        made = f"{FUNCTION}('{table}', {', '.join(names)})"
        if table in PAIRS:
            first, second, start = PAIRS[table]
            made = f"({names[0]} * {first} + {names[1]} * {second} + {start}) % {PRIME}"
        column = f"    {COLUMN} INTEGER NOT NULL GENERATED ALWAYS AS ({made}) STORED"
        columns, constraint, key = body.partition(",\n    PRIMARY KEY (")
        return f"CREATE TABLE {table} (\n{columns},\n{column}{constraint}{key}\n)"

    return re.sub(r"CREATE TABLE (\w+) \(\n(.*?)\n\)", add, script, flags=re.DOTALL)


CREATE = _with_checksums(sql_script(__file__, "tables.sql"))
