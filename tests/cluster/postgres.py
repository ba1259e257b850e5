"""A PostgreSQL server for tests and experiments, in a folder of its own, on a free port of this machine.

PostgreSQL's programs come from the system (Debian: the package postgresql). They refuse to run as root, so for root
they run as the user nobody.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import psycopg

MISSING = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
_NOBODY = 65534
_USER = "searchkit"
# A test loses nothing if the machine crashes, so nothing is synced to disk.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "40",
    "lc_messages": "C",
    "log_min_messages": "fatal",
}


def programs() -> Path | None:
    """Return the folder with the newest PostgreSQL's programs; None if there is none."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if path.parts[4].isdigit()]
    if versions:
        return max(versions, key=lambda path: int(path.parts[4])).parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class PostgresServer:
    """A running server. `password` is that of its only user."""

    def __init__(self, folder: Path | None = None, **settings: str) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError(MISSING)
        self._programs = found
        self.folder = folder or Path(tempfile.mkdtemp(prefix="searchkit-postgres-"))
        self.password = secrets.token_hex(8)
        self.port = _free_port()
        self._settings = {**_SETTINGS, **settings}
        self.folder.chmod(0o755)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        secret = self.folder / "password"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.folder, data, secret):
                os.chown(path, _NOBODY, _NOBODY)
        self._run(
            "initdb", "--pgdata", str(data), "--username", _USER, f"--pwfile={secret}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet scram-sha-256\n")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            **self._settings,
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "--wait", "--pgdata", str(self.folder / "data"), "--log", log, "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; `immediate` ends it as a crash would."""
        self._run("pg_ctl", "stop", "--wait", "--mode", mode, "--pgdata", str(self.folder / "data"))

    def close(self) -> None:
        """Stop the server and remove its files."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str, **parameters: str) -> str:
        """Return the address of a database, as searchkit reads it."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}{'?' if query else ''}{query}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """Return a connection of the test itself."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=_USER, password=self.password, dbname=database, autocommit=True
        )

    def create_database(self) -> str:
        """Create an empty database and return its name."""
        name = f"test_{secrets.token_hex(6)}"
        with closing(self.connect()) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY wal_log")
        return name

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", *command]
        with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open as long as the server runs
            done = subprocess.run(
                command, cwd="/", stdout=output, stderr=subprocess.STDOUT, timeout=60, check=False, umask=0o077
            )
            output.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} failed: {output.read()}")


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
