"""Start a cluster for a person, until Ctrl-C or TERM."""

import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.cluster.opensearch import CannotStart, running


def main() -> int:
    """Run the cluster; return an exit code."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="searchkit-cluster-") as folder:
        try:
            with running(Path(folder), count) as cluster:
                print(f"{count} nodes run. Switch an archive to them, and back:", flush=True)
                print(f"  searchkit rebuild --engine {cluster.engine('news')}")
                print("  searchkit rebuild --engine whoosh", flush=True)
                while True:
                    time.sleep(1)
        except CannotStart as error:
            print(f"The cluster cannot start: {error}.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
