"""The steps from earlier versions of the store to the next one.

Version 6 is that of commit 708dc657, version 8 that of 40e3899d.
"""

import struct
from hashlib import blake2b
from types import MappingProxyType

from msgspec.structs import replace

from searchkit.errors import ArchiveError
from searchkit.files import sql_script
from searchkit.migrations import RESTORE_HINT, Run, Step, statements_of
from searchkit.store.near_duplicates import Sample, Sketch
from searchkit.store.tables import row_crc

# Version 6 has 6 bytes of each hash of near-duplicates, and looks up all 48 bits; version 7 has 4 bytes, and looks up
# 31 bits.
_FORMER_WIDTH, _WIDTH = 6, 4
# The statements by the name of their table.
_FORMER = statements_of(sql_script(__file__, "former.sql"))


def _former(*tables: str) -> dict[str, str]:
    return {table: _FORMER[table] for table in tables}


def _shorten_hashes(run: Run) -> None:
    """Cut the hashes in each sketch, which keep their order."""
    for (number,) in run("SELECT id FROM sketches"):
        ((packed,),) = run("SELECT sketch FROM sketches WHERE id = ?", number)
        try:
            sketch = Sketch.unpacked(packed)
        except (TypeError, struct.error) as error:
            raise ArchiveError(f"In the store sketch {number} cannot be read: {error}.", hint=RESTORE_HINT) from error
        if sketch.runs.size:  # a short text has one hash of 16 bytes
            samples = {name: _shortened(getattr(sketch, name)) for name in ("runs", "figures", "names", "speakers")}
            sketch = replace(sketch, **samples)
        shortened = sketch.packed()
        key = blake2b(shortened, digest_size=16).digest()
        run("UPDATE sketches SET key = ?, sketch = ? WHERE id = ?", key, shortened, number)


def _shortened(sample: Sample) -> Sample:
    starts = range(0, len(sample.hashes), _FORMER_WIDTH)
    return replace(sample, hashes=b"".join(sample.hashes[start : start + _WIDTH] for start in starts))


def _mark_alerts(run: Run) -> None:
    """Let alerts go on after the last change that they know."""
    mark = "SELECT mark FROM changes WHERE changes.sequence = alerts.sequence"
    run(f"UPDATE alerts SET mark = ({mark}) WHERE sequence IN (SELECT sequence FROM changes)")  # noqa: S608 - ours


STEPS = MappingProxyType(
    {
        6: Step(
            former=_former("sketch_hashes", "sketch_pairs"),
            values={"sketch_hashes": {"hash": "DISTINCT hash >> 17"}},
            finish=_shorten_hashes,
            row_checksum=row_crc,
        ),
        7: Step(former=_former("alert_records"), values={"alert_records": {"query": "''"}}),
        # Marks are random, so what another copy of the same store marks differs.
        8: Step(
            former=_former("changes", "alerts"),
            values={"changes": {"mark": "CAST(random() AS TEXT)"}, "alerts": {"mark": "''"}},
            finish=_mark_alerts,
        ),
    }
)
