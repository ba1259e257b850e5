"""Write the dictionary with which the store compresses records, from our articles: see scripts/record-dictionary."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from eval_ranking import archived, documents
from searchkit.statements.document import Document
from searchkit.store.encoding import written

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("seeds", "tests/eval/texts")
SIZE = 16_000  # half of what zlib can use: the rest saves another 1 %
_TABLES = 1_000  # bytes that zstd writes before the contents


def samples() -> Iterator[bytes]:
    """Yield the records of our articles, half of them with addresses on the web."""
    with tempfile.TemporaryDirectory() as folder, archived(Path(folder), *(ROOT / name for name in SOURCES)) as archive:
        for number, document in enumerate(documents(archive)):
            yield written(_elsewhere(document, number))


def _elsewhere(document: Document, number: int) -> Document:
    """Return a document without the paths of this machine."""
    name = document.uri.rpartition("/")[2]
    return replace(document, uri=f"https://www.courier.example/{name}" if number % 2 else f"file:///articles/{name}")


def main() -> None:
    """Write the dictionary. Text that repeats in many records stands at its end, where it takes the fewest bits."""
    trained = zstd.train_dict(list(samples()), SIZE + _TABLES).dict_content[-SIZE:]
    content = trained.decode("utf-8", "ignore").encode()
    (ROOT / "searchkit" / "store" / "records.dict").write_bytes(content)
    print(f"{len(content):,} bytes")


if __name__ == "__main__":
    main()
