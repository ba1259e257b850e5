"""`searchkit serve` as a process: start, signals, archives that come and go."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from searchkit.cli import run
from searchkit.config.private import add_token

pytestmark = pytest.mark.slow


class Served:
    """A running command."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "searchkit", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a job of a shell ignores it
        )
        line = self.process.stdout.readline() if self.process.stdout else ""
        found = re.search(r"http://\S+/", line)
        assert found, f"{line} {self.process.communicate()}"
        self.address = found[0]

    def get(self, path: str = "", **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(self.address + path, headers=headers)  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def processes(self) -> list[int]:
        """Return the processes of the session that run."""
        return [process for process in _running() if _session(process) == self.process.pid]

    def left(self) -> list[int]:
        """Return the processes that still run a moment after the end of the server."""
        for _ in range(50):
            if not self.processes():
                break
            time.sleep(0.1)
        return self.processes()

    def end(self, number: int) -> tuple[int, str, float]:
        """Send a signal to the process; return its exit code, what it printed as errors, and the time that it took."""
        since = time.monotonic()
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors, time.monotonic() - since


def _running() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _session(process: int) -> int:
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return int(state[3]) if state[0] != "Z" else 0
    return 0


Start = Callable[..., Served]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server on a free port; what is left of it is killed at the end."""
    started: list[Served] = []

    def begin(*arguments: str, **environment: str) -> Served:
        started.append(Served(tmp_path, *arguments, "--port", "0", **environment))
        return started[-1]

    yield begin
    for served in started:
        for process in served.processes():
            os.kill(process, signal.SIGKILL)
        served.process.communicate()


@pytest.fixture
def archive(seeded: Path, tmp_path: Path) -> Path:
    """A copy of the archive of the seeds."""
    return Path(shutil.copytree(seeded, tmp_path / "news"))


def refused(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Return the exit code and the errors of a server that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "searchkit", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, **environment},
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_the_server_and_its_workers(start: Start, seeded: Path, number: int, code: int) -> None:
    served = start("--archive", str(seeded), "serve")
    assert served.get("statements?q=Tiandy")[0] == 200
    assert len(served.processes()) >= 3
    ended, errors, seconds = served.end(number)
    assert (ended, served.left()) == (code, [])
    assert seconds < 5
    assert errors == ("" if code == 0 else "searchkit: Interrupted. Committed changes are kept.\n")


def test_ctrl_c_of_a_terminal_reaches_all_processes_and_prints_no_traceback(start: Start, seeded: Path) -> None:
    served = start("--archive", str(seeded), "serve")
    os.killpg(served.process.pid, signal.SIGINT)  # also while workers load
    assert served.process.wait(30) == 130
    assert served.process.stderr is not None
    assert served.process.stderr.read() == "searchkit: Interrupted. Committed changes are kept.\n"
    assert served.left() == []


def test_a_killed_server_leaves_no_process(start: Start, seeded: Path) -> None:
    served = start("--archive", str(seeded), "serve")
    assert served.get()[0] == 200
    served.end(signal.SIGKILL)
    assert served.left() == []


def test_what_keeps_it_from_starting_is_reported(start: Start, seeded: Path, tmp_path: Path) -> None:
    served = start("--archive", str(seeded), "serve")
    port = served.address.rpartition(":")[2].strip("/")
    place = ("--archive", str(seeded), "serve")
    assert refused(tmp_path, *place, "--port", port) == (
        2,
        f"searchkit: Port {port} of 127.0.0.1 cannot be used: Address already in use.\n"
        "  Choose another with --port; --port 0 picks a free one.\n",
    )
    code, errors = refused(tmp_path, "--archive", "none", "serve")
    assert (code, errors.splitlines()[0]) == (3, f"searchkit: There is no archive at {tmp_path}/none yet.")
    code, errors = refused(tmp_path, *place, "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - it is refused
    assert (code, len(errors.splitlines())) == (2, 2)
    assert "no login is set" in errors
    assert "serve_tokens" in errors
    code, errors = refused(tmp_path, *place, SEARCHKIT_SERVE_TOKENS="/none/tokens")
    assert (code, errors.splitlines()[0]) == (2, "searchkit: /none/tokens cannot be read: No such file or directory.")


def test_an_archive_may_come_and_go(start: Start, archive: Path, tmp_path: Path) -> None:
    """Removed, restored from a backup, rebuilt: no restart is needed, and no page fails with a fault of ours."""
    with pytest.raises(SystemExit):
        run(["--archive", str(archive), "backup", str(tmp_path / "backup")])
    served = start("--archive", str(archive), "serve")
    before = [served.get("statements?q=Tiandy") for _ in range(4)]
    assert {status for status, _ in before} == {200}
    shutil.rmtree(archive)
    for path in ("statements?q=Tiandy", "", "statements.json", "nope"):
        for _ in range(3):
            status, text = served.get(path)
            assert (status, "The archive news is not there." in text) == (503, True)
    with pytest.raises(SystemExit) as left:
        run(["--archive", str(archive), "restore", str(tmp_path / "backup")])
    assert left.value.code == 0
    for _ in range(4):
        assert served.get("statements?q=Tiandy")[0] == 200
    with pytest.raises(SystemExit) as left:
        run(["--archive", str(archive), "rebuild"])
    assert left.value.code == 0
    assert [served.get("statements?q=Tiandy") for _ in range(4)] == before
    (archive / "store.sqlite").write_bytes(b"not a store")
    for _ in range(3):
        status, text = served.get("statements?q=Tiandy")
        assert (status, "is damaged or not a searchkit store" in text) == (503, True)
    assert served.end(signal.SIGTERM)[:2] == (0, "")


def test_an_archive_that_grows_shows_what_is_new(start: Start, archive: Path, tmp_path: Path) -> None:
    served = start("--archive", str(archive), "serve")
    assert "0 statements" in served.get("statements?q=Zanzibarquay")[1] or served.get("statements?q=Zanzibarquay")
    (tmp_path / "new.txt").write_text('Cranes\n\n"The Zanzibarquay is open," Anna Berg said on Monday.\n')
    with pytest.raises(SystemExit) as left:
        run(["--archive", str(archive), "index", "-q", str(tmp_path / "new.txt")])
    assert left.value.code == 0
    for _ in range(4):
        assert "Anna Berg" in served.get("statements?q=Zanzibarquay")[1]


def test_several_archives(start: Start, archive: Path, seeded: Path, tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text(f'serve_archives = ["news", "{seeded}"]\n')
    served = start("serve")
    assert 'href="/a/news/"' in served.get()[1]
    for name in ("news", seeded.name):
        status, text = served.get(f"a/{name}/statements?q=Tiandy")
        assert (status, f'href="/a/{name}/statements/' in text) == (200, True)
        assert 'href="/static/style.css"' in text
    for path in ("a/none/", "a/../news/", "a/%2e%2e/", "a/news%2f..%2fx/", "statements", "a/", "a/NEWS/"):
        assert served.get(path)[0] == 404, path
    shutil.rmtree(archive)
    assert served.get("a/news/statements")[0] == 503
    assert served.get(f"a/{seeded.name}/statements")[0] == 200


def test_a_login_with_a_token(start: Start, seeded: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run(["tokens", "add", "anna"])  # without a setting
    token = add_token(tmp_path / "tokens", "anna", "reader")
    served = start("--archive", str(seeded), "serve", "--host", "::", SEARCHKIT_SERVE_TOKENS=str(tmp_path / "tokens"))
    served.address = served.address.replace("[::]", "127.0.0.1")
    assert served.get()[0] == 401
    status, text = served.get("statements?q=Tiandy", Authorization=f"Bearer {token}")
    assert (status, "anna" in text) == (200, True)
