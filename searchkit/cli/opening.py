"""`--open`: the source of a hit, shown by the program that the desktop has for it."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from searchkit.errors import UsageError
from searchkit.statements.document import Document
from searchkit.statements.text import visible

# Files that desktops show. Others may be run instead of shown, and a file can be read here whatever its name is.
_SHOWN = frozenset(
    """
    .html .htm .xhtml .mhtml .mht .txt .md .pdf .docx .odt .epub .eml .mbox .rss .atom .xml .json .jsonl .gz .zip .warc
    """.split()
)
# Everything that has a meaning in an address, and the sign of what is escaped already.
_SAFE = "%:/?#[]@!$&'()*+,;=~"


def open_address(address: str) -> None:
    """Open an address in the program that the desktop has for it. Raise UsageError if that fails."""
    program = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        # xdg-open prints a line for each browser that is not installed. A browser of the terminal writes to its output.
        done = subprocess.run([program, address], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except OSError as error:
        raise UsageError(f"{program} cannot be run: {error.strerror}.", hint="Install xdg-utils.") from error
    if done.returncode:
        raise UsageError(f"{program} could not open {visible(address)}.")


def source_address(document: Document) -> str:
    """Return the address to open: http, https, or an existing file of a kind that is shown; UsageError without any."""
    written, hint = document.uri, f"Read it here: searchkit show {document.id}"
    try:
        scheme, host, place = urlsplit(written)[:3]
    except ValueError:  # brackets that are no address of a host
        scheme = host = place = ""
    if scheme in {"http", "https"} and host:
        return f"{scheme}:{quote(written.partition(':')[2], safe=_SAFE, errors='replace')}"
    if scheme != "file" or host not in {"", "localhost"}:
        raise UsageError(
            f"The source of {document.id} is neither a file nor a web page: {visible(written)}.", hint=hint
        )
    path = Path(unquote(place))  # the file that a message or record is in stands before the "#"
    if not path.is_file():
        raise UsageError(f"{visible(str(path))} no longer exists.", hint=hint)
    if path.suffix.lower() not in _SHOWN:
        raise UsageError(
            f"{visible(str(path))} was not opened: the system might run a file of this type instead of showing it.",
            hint=hint,
        )
    return path.as_uri()
