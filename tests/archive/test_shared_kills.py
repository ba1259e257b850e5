"""Runs on PostgreSQL that are killed at random steps: nothing is lost, nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from searchkit.archive import Archive
from searchkit.archive.checking import findings
from tests.conftest import SEEDS

pytestmark = [pytest.mark.cluster, pytest.mark.slow]
_KILLS = 8


def test_killed_runs(seeded: Path, store_url: str, tmp_path: Path) -> None:
    chance = random.Random(11)
    environment = {**os.environ, "SEARCHKIT_STORE": store_url, "SEARCHKIT_WORKERS": "1"}
    run = "import sys; from searchkit.cli import run; run(sys.argv[1:])"
    folders = [tmp_path / "one", tmp_path / "two"]
    for number in range(_KILLS):
        command = [sys.executable, "-c", run, "--archive", str(folders[number % 2]), "index", "-q", str(SEEDS)]
        process = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 2.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([*command, "--wait", "30"], env=environment, check=True)
    with Archive.open(seeded) as expected, closing(Archive.open(folders[(_KILLS - 1) % 2])) as archive:
        archive.catch_up()
        assert list(archive.store().ids()) == list(expected.store().ids())
        assert archive.store().counts("") == expected.store().counts("")
        assert archive.index.counts() == expected.index.counts()
        assert list(findings(archive.folder, full=True)) == []
