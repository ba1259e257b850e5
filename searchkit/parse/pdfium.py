"""PDFium, the second reader of PDF: for AES, and for pages that pypdf cannot read or whose fonts it cannot map."""

from collections.abc import Iterable

from searchkit.errors import InputError


def lines_of(body: bytes, numbers: Iterable[int] | None = None) -> dict[int, list[str]]:
    """Return the lines of pages by number, from 0; of all pages by default. Unreadable pages are left out.

    Raises InputError if PDFium cannot open the file, or only with a password.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise InputError("encrypted" if "password" in str(error).lower() else "damaged PDF") from error
    found: dict[int, list[str]] = {}
    try:
        for number in range(len(document)) if numbers is None else numbers:
            try:
                text = document[number].get_textpage().get_text_range(errors="replace")
            except pypdfium2.PdfiumError:
                continue
            # U+FFFE stands where a line ended with a hyphen.
            found[number] = text.replace("\ufffe", "-").splitlines()
    finally:
        document.close()
    return found
