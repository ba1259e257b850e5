"""RTF: its text, read by striprtf."""

from datetime import date

from msgspec.structs import replace

from searchkit.errors import InputError
from searchkit.parse.base import Draft
from searchkit.parse.headers import read_opening
from searchkit.statements.document import Resource

_OPENING = 20


def read(resource: Resource, *, today: date) -> Draft:
    """Return the draft of an RTF file. Raises InputError if it is damaged."""
    from striprtf.striprtf import rtf_to_text

    try:
        text = rtf_to_text(resource.body.decode("latin-1"), errors="replace")
    except MemoryError:
        raise
    except Exception as error:  # any failure of striprtf becomes the reason
        raise InputError(f"damaged RTF ({type(error).__name__})") from error
    paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
    size, header = read_opening(paragraphs[:_OPENING], today=today)
    return replace(header, text="\n\n".join(paragraphs[size:]))
