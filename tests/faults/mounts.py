"""Mounted file systems for tests that run as root: a small one, a read-only one, one in an image file."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


def may_mount() -> bool:
    """Return whether this process may mount anything; most may not."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small(Path(folder), 64):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


def small(folder: Path, kilobytes: int) -> AbstractContextManager[Path]:
    """Mount a file system in memory of that size."""
    return _mounted(folder, "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs")


@contextmanager
def read_only(folder: Path, source: Path) -> Iterator[Path]:
    """Mount `source` a second time at `folder`, read-only."""
    with _mounted(folder, "--bind", str(source)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield folder


def make_image(image: Path, megabytes: int) -> None:
    """Make an empty ext4 file system in a file."""
    image.touch()
    os.truncate(image, megabytes << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)


def image(folder: Path, path: Path) -> AbstractContextManager[Path]:
    """Mount the file system in the file at `path`, which replays its journal."""
    return _mounted(folder, "-o", "loop", str(path))


@contextmanager
def _mounted(folder: Path, *arguments: str) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *arguments, str(folder)], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
