"""Power cuts of a complete archive on an ext4 image, which only root can mount.

The writer is stopped, the image copied, and the copy mounted, which replays its journal: whatever the file system had
not written is missing. test_power.py simulates the strictest possible disk, but without SQLite.
"""

import os
import random
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

from msgspec import Struct, field

from tests.faults import mounts
from tests.faults.killing import desk

_MEGABYTES = 96
# Long enough for the journal's own writes (every 5 s) to fall between cuts in some and not in others.
_SECONDS = (0.3, 7.0)
_COPIES = 20


class Cuts(Struct):
    """What was done and seen. `readable` archives opened and answered."""

    during: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    readable: int = 0
    wrong: list[str] = field(default_factory=list)


def cuts(folder: Path, count: int, *, seed: int, seconds: tuple[float, float] = _SECONDS) -> Cuts:
    """Cut the power `count` times while one writer writes on."""
    done = Cuts()
    chance = random.Random(seed)
    image, copy = folder / "disk.ext4", folder / "copy.ext4"
    mounts.make_image(image, _MEGABYTES)
    with mounts.image(folder / "disk", image) as disk, desk(folder / "desk") as one:
        (one.folder / "where.txt").write_text(str(disk / "archive"))
        one.start(chance.randrange(10**9))
        one.await_ready()
        assert one.process is not None
        for number in range(1, count + 1):
            one.listen(chance.uniform(*seconds))
            os.killpg(one.process.pid, signal.SIGSTOP)
            one.listen(0.2)  # what it had said before it was stopped
            doing = one.model.doing
            _copy_at_rest(image, copy)
            with mounts.image(folder / "copy", copy) as found:
                wrong = one.model.wrong(found / "archive", settle=False)
            done.during[doing] += 1
            done.readable += not any("Error" in what or "gone" in what for what in wrong)
            done.wrong += [f"cut {number} during {doing}: {what}" for what in wrong]
            copy.unlink()
            one.publish(chance.choice((0, 1, 3)))
            os.killpg(one.process.pid, signal.SIGCONT)
        one.kill(group=True)
        done.acknowledged = one.model.acknowledged
        _release(disk)
    return done


def _copy_at_rest(image: Path, copy: Path) -> None:
    """Copy an image as it is at one moment: if the kernel writes to it during the copy, copy it again."""
    for _ in range(_COPIES):
        shutil.copyfile(image, copy)
        if _same(image, copy):
            return
    raise RuntimeError("the image is never at rest")


def _same(first: Path, second: Path) -> bool:
    with first.open("rb") as one, second.open("rb") as other:
        while part := one.read(1 << 20):
            if part != other.read(1 << 20):
                return False
    return True


def _release(disk: Path) -> None:
    """Wait until no process has a file open there, or it could not be unmounted."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        held = [link for link in Path("/proc").glob("[0-9]*/fd/*") if _leads_to(link, disk)]
        if not held:
            return
        time.sleep(0.05)


def _leads_to(link: Path, disk: Path) -> bool:
    try:
        return str(link.readlink()).startswith(str(disk))
    except OSError:
        return False
