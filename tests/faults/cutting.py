"""Power cuts of a complete archive on an ext4 image, which only root can mount.

The writer is stopped, the image copied, and the copy mounted, which replays its journal: whatever the file system had
not written is missing. test_power.py simulates the strictest possible disk, but without SQLite.
"""

import filecmp
import gc
import os
import random
import shutil
import signal
from pathlib import Path

from tests.faults import mounts
from tests.faults.commands import Report
from tests.faults.killing import workplace

_MEGABYTES = 96
# Long enough for the journal's own writes (every 5 s) to fall between cuts in some and not in others.
_SECONDS = (0.3, 7.0)
_COPIES = 20


def cuts(folder: Path, count: int, *, seed: int) -> Report:
    """Cut the power `count` times while one writer writes on."""
    report = Report()
    chance = random.Random(seed)
    image, copy = folder / "disk.ext4", folder / "copy.ext4"
    mounts.make_image(image, _MEGABYTES)
    with mounts.image(folder / "disk", image) as disk, workplace(folder / "work") as work:
        (work.folder / "where.txt").write_text(str(disk / "archive"))
        process = work.start(chance.randrange(10**9))
        for number in range(1, count + 1):
            work.listen(chance.uniform(*_SECONDS))
            os.killpg(process.pid, signal.SIGSTOP)
            work.listen(0.2)  # what it had reported before it was stopped
            _copy_at_rest(image, copy)
            with mounts.image(folder / "copy", copy) as found:
                wrong = work.model.wrong(found / "archive", settle=False)
                gc.collect()  # releases the files of the closed index, which keep the image mounted
            report.seen["readable"] += not any("Error" in fault or "gone" in fault for fault in wrong)
            report.wrong += [f"cut {number} during {work.model.doing}: {fault}" for fault in wrong]
            copy.unlink()
            work.publish(chance.choice((0, 1, 3)))
            os.killpg(process.pid, signal.SIGCONT)
        work.kill(group=True)
        report.seen["acknowledged"] = work.model.acknowledged
        work.left_over()  # an open file would keep the image mounted
    return report


def _copy_at_rest(image: Path, copy: Path) -> None:
    """Copy an image as it is at one moment: if the kernel writes to it during the copy, copy it again."""
    for _ in range(_COPIES):
        shutil.copyfile(image, copy)
        if filecmp.cmp(image, copy, shallow=False):
            return
        filecmp.clear_cache()
    raise RuntimeError("the image is never at rest")
