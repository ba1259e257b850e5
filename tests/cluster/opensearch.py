"""A real OpenSearch cluster on loopback, from the jars of Maven Central: one process of Java for each node.

The nodes take their ports from the system, and stop with the process that started them.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
# The jars, for each version of Java that a node needs: below .venv, which git ignores.
JARS = FOLDER.parent.parent / ".venv" / "opensearch"
OPENSEARCH_2_JAVA, OPENSEARCH_3_JAVA = 17, 21
_HEAP = "512m"
_START_SECONDS = 120.0
_COPY_SECONDS = 60.0
_JAVA_VERSION = re.compile(r'JAVA_VERSION="(\d+)')


class CannotStart(Exception):
    """This machine cannot run the cluster; the message says what is missing."""


def java_home() -> tuple[Path, int]:
    """Return the JDK to use and its version: JAVA_HOME, or the newest below /usr/lib/jvm. CannotStart without one."""
    wanted = os.environ.get("JAVA_HOME")
    homes = [Path(wanted)] if wanted else [*Path("/usr/lib/jvm").glob("*")]
    found = {}
    for home in homes:
        with suppress(OSError):
            version = _JAVA_VERSION.search((home / "release").read_text("utf-8"))
            if version and (home / "bin" / "javac").exists():
                found[home] = int(version[1])
    usable = {home: version for home, version in found.items() if version >= OPENSEARCH_2_JAVA}
    if not usable:
        raise CannotStart(
            f"there is no JDK {OPENSEARCH_2_JAVA} or later at {wanted or '/usr/lib/jvm'}; on Debian: apt install "
            "openjdk-17-jdk-headless maven"
        )
    return max(usable.items(), key=lambda each: (each[1], each[0]))


def prepared() -> tuple[Path, str]:
    """Return the java program and the class path of a node; fetch the jars and compile `Node.java` if necessary."""
    home, version = java_home()
    is_old = version < OPENSEARCH_3_JAVA
    folder = JARS / ("java17" if is_old else "java21")
    stamp = f"{(FOLDER / 'pom.xml').read_text('utf-8')}{(FOLDER / 'Node.java').read_text('utf-8')}{home}"
    if not (folder / "stamp").exists() or (folder / "stamp").read_text("utf-8") != stamp:
        if shutil.which("mvn") is None:
            raise CannotStart("Maven, which fetches the jars, is not installed; on Debian: apt install maven")
        shutil.rmtree(folder, ignore_errors=True)
        environment = {**os.environ, "JAVA_HOME": str(home)}
        goal = "dependency:copy-dependencies -DincludeScope=runtime"
        _run(f"mvn -q -B {'-P java17' if is_old else ''} {goal} -DoutputDirectory={folder}".split(), environment)
        classes = ["-d", str(folder / "classes"), "-cp", f"{folder}/*", str(FOLDER / "Node.java")]
        _run([str(home / "bin" / "javac"), *classes], environment)
        (folder / "stamp").write_text(stamp, "utf-8")
    return home / "bin" / "java", f"{folder / 'classes'}:{folder}/*"


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"{Path(command[0]).name} failed: {(done.stdout + done.stderr).strip()[-500:]}")


class Cluster:
    """Nodes with their files in `folder`. As a context manager, it stops them and leaves the files."""

    def __init__(self, folder: Path, count: int = 3, heap: str = _HEAP) -> None:
        self.folder = folder
        self.count = count
        self._heap = heap
        self._java, self._class_path = prepared()
        self._ports = _free_ports(2 * count)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def urls(self) -> list[str]:
        """The address of each node."""
        return [f"http://127.0.0.1:{port}" for port in self._ports[: self.count]]

    def engine(self, prefix: str) -> str:
        """Return the engine of searchkit for indexes with this prefix."""
        return f"opensearch:{','.join(self.urls)}/{prefix}"

    def start(self, *numbers: int) -> None:
        """Start the nodes with these numbers."""
        names = ",".join(f"n{number}" for number in range(self.count))
        transport = self._ports[self.count :]
        for number in numbers:
            settings: dict[str, object] = {
                "cluster.name": f"searchkit-{self._ports[0]}",
                "node.name": f"n{number}",
                "node.processors": 1,
                "network.host": "127.0.0.1",
                "http.port": self._ports[number],
                "transport.port": transport[number],
                # Counted so, garbage would fill a small heap, and what is refused never lets it be collected.
                "indices.breaker.total.use_real_memory": "false",
                # The disk of a test may be fuller than that of a server should be.
                "cluster.routing.allocation.disk.threshold_enabled": "false",
            }
            if self.count == 1:
                settings["discovery.type"] = "single-node"
            else:
                settings["discovery.seed_hosts"] = ",".join(f"127.0.0.1:{port}" for port in transport)
                settings["cluster.initial_cluster_manager_nodes"] = names
            command = [str(self._java), f"-Xms{self._heap}", f"-Xmx{self._heap}", "-XX:+UseSerialGC"]
            command += ["-XX:MaxDirectMemorySize=256m", "-Djna.nosys=true", "-Dlog4j2.disable.jmx=true"]
            command += ["--add-modules=jdk.incubator.vector", "--add-opens=java.base/java.nio=ALL-UNNAMED"]
            command += ["-cp", self._class_path, "Node", str(self.folder / f"n{number}")]
            command += [f"{name}={value}" for name, value in settings.items()]
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._log(number).open("ab") as log:
                self._processes[number] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def wait(self, *, nodes: int | None = None, status: str = "green", seconds: float = _START_SECONDS) -> None:
        """Wait until so many nodes (all that were started) are together, and the indexes have this status."""
        wanted = len(self._processes) if nodes is None else nodes
        path = f"/_cluster/health?wait_for_nodes={wanted}&wait_for_status={status}&timeout=2s"
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for number, process in self._processes.items():
                if process.poll() is not None:
                    raise CannotStart(f"node {number} ended: {self._log(number).read_text('utf-8')[-1000:]}")
                with suppress(OSError):
                    health = self.request("GET", path, number=number)
                    if not health["timed_out"]:
                        return
            time.sleep(0.2)
        raise CannotStart(f"the cluster is not {status} after {seconds:.0f} seconds: {self._missing()}")

    def wait_or_restart(self) -> bool:
        """Wait until the cluster is green, and return whether a node had to be restarted: OpenSearch 3.8 sometimes
        promotes a copy that then takes no writes and serves no other copy."""
        try:
            self.wait(seconds=_COPY_SECONDS)
        except CannotStart:
            shards = self._shards()
            missing = {shard["index"] for shard in shards if shard["state"] != "STARTED"}
            primaries = {shard["node"] for shard in shards if shard["index"] in missing and shard["prirep"] == "p"}
            for number in sorted(int(name[1:]) for name in primaries if name):
                self.kill(number)
                self.start(number)
            self.wait()
            return True
        return False

    def _shards(self) -> list[dict[str, Any]]:
        columns = "index,prirep,state,node,unassigned.reason,unassigned.details"
        found: list[dict[str, Any]] = self.request("GET", f"/_cat/shards?format=json&h={columns}")
        return found

    def _missing(self) -> str:
        """Return which nodes are there, and which parts of indexes are not, for a message."""
        try:
            nodes = [node["name"] for node in self.request("GET", "/_cat/nodes?format=json&h=name")]
            return f"nodes {nodes}, {[shard for shard in self._shards() if shard['state'] != 'STARTED']}"
        except OSError as error:
            return str(error)

    def kill(self, number: int) -> None:
        """Kill a node with -9."""
        process = self._processes.pop(number)
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def request(self, method: str, path: str, body: Any = None, *, number: int | None = None) -> Any:
        """Send a request to a node that runs, and return its answer. OSError if it fails."""
        url = self.urls[min(self._processes) if number is None else number]
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url + path, content, headers, method=method)  # noqa: S310  # loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def stop(self) -> None:
        """Stop all nodes."""
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
        for process in self._processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes = {}

    def _log(self, number: int) -> Path:
        return self.folder / f"n{number}.log"


@contextmanager
def running(folder: Path, count: int = 3, heap: str = _HEAP) -> Iterator[Cluster]:
    """Start a cluster, wait until it is ready, and stop it at the end of the block."""
    cluster = Cluster(folder, count, heap)
    try:
        cluster.start(*range(count))
        cluster.wait()
        yield cluster
    finally:
        cluster.stop()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
