"""`scripts/cluster`: what it prints works."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster import unavailable
from tests.cluster.postgres import MISSING, programs
from tests.conftest import SEEDS

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


def test_postgresql_for_a_person(tmp_path: Path) -> None:
    if programs() is None:
        unavailable(MISSING)
    process = subprocess.Popen([sys.executable, "-m", "tests.cluster", "0"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    found = dict(re.findall(r"(PGPASSFILE|SEARCHKIT_STORE)=(\S{1,200})", lines[1]))
    environment = {name: value for name, value in os.environ.items() if name != "PGPASSWORD"} | found
    command = [sys.executable, "-m", "searchkit", "--archive", str(tmp_path / "shared"), "index", "-q", str(SEEDS)]
    subprocess.run(command, env=environment, check=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()
    assert not Path(found["PGPASSFILE"]).exists()
