"""Limits as the system then has them, in a process of its own."""

import os
import subprocess
import sys

import pytest

from searchkit.ingest.limits import MEGABYTE

pytestmark = pytest.mark.slow

SHOW = """
import resource, time
from searchkit.ingest.limits import Allowance, Limits
{first}
data = int(open("/proc/self/statm").read().split()[5]) * {page}
allowance = Allowance(Limits(seconds=20, memory_mb=100){later})
allowance.renew()
kinds = resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_DATA
print(*(resource.getrlimit(kind)[0] for kind in kinds), data)
print(allowance.nearly_used_up())
kept = b"x" * 60_000_000
print(allowance.nearly_used_up())
more = b"x" * 38_000_000
print(allowance.nearly_used_up())
del kept, more
print(allowance.nearly_used_up())
"""


def shown(first: str = "", later: str = "") -> list[str]:
    """What a process prints that puts itself under limits, after `first`."""
    program = SHOW.format(first=first, later=later, page=os.sysconf("SC_PAGE_SIZE"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_process_puts_itself_under_limits() -> None:
    processor, core, data, before = (int(value) for value in shown()[0].split())
    assert processor in {20, 21}, "beyond what it has used already, in whole seconds"
    assert core == 0
    assert 100 * MEGABYTE <= data - before <= 101 * MEGABYTE


def test_used_memory_is_detected() -> None:
    assert shown()[1:] == ["False", "False", "True", "True"]


def test_a_library_that_was_loaded_later_is_not_used_up_memory() -> None:
    assert shown(later=", loaded_later=lambda: 50_000_000")[1:] == ["False"] * 4


def test_a_hard_limit_of_the_user_stays() -> None:
    processor, *_ = shown("resource.setrlimit(resource.RLIMIT_CPU, (7, 7))")[0].split()
    assert processor == "7"
