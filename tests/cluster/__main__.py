"""Start a cluster for a person, until Ctrl-C or TERM: PostgreSQL, and nodes of OpenSearch (0 for none)."""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.cluster.opensearch import CannotStart, running
from tests.cluster.postgres import MISSING, PostgresServer, programs


def main() -> int:
    """Run the cluster; return an exit code."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="searchkit-cluster-")))
        try:
            stack.enter_context(_postgres(folder))
            if count:
                cluster = stack.enter_context(running(folder, count))
                print(f"{count} nodes run. Switch an archive to them, and back:")
                print(f"  searchkit rebuild --engine {cluster.engine('news')}")
                print("  searchkit rebuild --engine whoosh", flush=True)
            while True:
                time.sleep(1)
        except CannotStart as error:
            print(f"The cluster cannot start: {error}.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 0


@contextmanager
def _postgres(folder: Path) -> Iterator[None]:
    """Run a server and print how to use it; only say so if it is not installed."""
    if programs() is None:
        print(f"{MISSING}. Only OpenSearch starts.", file=sys.stderr)
        yield
        return
    server = PostgresServer()
    try:
        passwords = folder / "pgpass"
        passwords.touch(mode=0o600)
        passwords.write_text(f"127.0.0.1:{server.port}:*:*:{server.password}\n")
        print("PostgreSQL runs. Make an archive with its store there:")
        print(f"  export PGPASSFILE={passwords} SEARCHKIT_STORE={server.url(server.create_database())}")
        print("  searchkit --archive shared index seeds", flush=True)
        yield
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
