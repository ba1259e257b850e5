"""Pictures of pages, and the tables that tesseract writes about them."""

import struct
import zlib
from collections.abc import Iterator, Sequence

import pypdfium2

from tests.formats import Placed, pdf


def png(page: Sequence[Placed], *, turned: int = 0, scale: float = 2.5) -> bytes:
    """A grey picture of a printed page, turned clockwise by degrees."""
    with pypdfium2.PdfDocument(pdf(page)) as document:
        bitmap = document[0].render(scale=scale, rotation=turned, grayscale=True)
        pixels = bytes(bitmap.buffer)
        rows = (pixels[at : at + bitmap.width] for at in range(0, len(pixels), bitmap.stride))
        header = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, 0, 0, 0, 0)
        parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 1)), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def table(*pages: Sequence[str], confidence: Sequence[int] = ()) -> str:
    """The TSV of `pages` of paragraphs, whose lines end with a line feed.

    `confidence` is that of each paragraph, in order (96 by default).
    """
    certain: Iterator[int] = iter(confidence)
    rows = ["level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"]
    for number, page in enumerate(pages, 1):
        rows.append(f"1\t{number}\t0\t0\t0\t0\t0\t0\t900\t900\t-1\t")
        for block, paragraph in enumerate(page, 1):
            value = next(certain, 96)
            for at, line in enumerate(paragraph.split("\n"), 1):
                rows.append(f"4\t{number}\t{block}\t1\t{at}\t0\t0\t{at * 20}\t900\t10\t-1\t")
                for word, text in enumerate(line.split(" "), 1):
                    place = f"{word * 100}\t{at * 20}\t90\t10"
                    rows.append(f"5\t{number}\t{block}\t1\t{at}\t{word}\t{place}\t{value}.5\t{text}")
    return "\n".join(rows) + "\n"
