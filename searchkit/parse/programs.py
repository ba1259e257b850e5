"""Scans, images and old Office files, read by programs of this machine: LibreOffice, tesseract and OCRmyPDF.

They run only where the user allows it, one per worker, without network, with limits, in a private folder. A file may be
made to attack them, so a machine that cannot take the network away from a program runs none.

Of what tesseract recognises, a paragraph that goes on in another block is joined again, and so are hyphenated words;
what it hardly recognises is left out.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from searchkit.errors import InputError
from searchkit.parse import ooxml, pdf, tables
from searchkit.parse.base import PROGRAM_SECONDS, Draft
from searchkit.parse.page_layout import Line, continues, join
from searchkit.statements.document import Resource

_MEMORY = 1_500_000_000
_LARGEST_FILE = 300_000_000
_READ_LIMIT = 100_000_000
# What LibreOffice converts each type to, and what reads that.
_OFFICE = {
    "application/msword": ("doc", "docx", ooxml.read_docx),
    "application/vnd.ms-powerpoint": ("ppt", "pptx", ooxml.read_pptx),
    "application/vnd.ms-excel": ("xls", "xlsx", tables.read_xlsx),
}
_LANGUAGES = ("eng", "deu", "fra")
_ORIENTATION = "osd"
# Of 100. Text that is upside down or very small has 25 to 50, blurred text in which some words are wrong 85.
_LEAST_CONFIDENCE = 70
_PAGE, _LINE, _WORD = "1", "4", "5"
_COLUMNS = 12


def read_office(resource: Resource, *, today: date) -> Draft:
    """Return the draft of an old Office file. Raises InputError if it, or LibreOffice, cannot be read or run."""
    ending, target, read = _OFFICE[resource.media_type]
    program = _program("LibreOffice", "soffice", "libreoffice")
    with tempfile.TemporaryDirectory(prefix="searchkit-") as folder:
        (Path(folder) / f"in.{ending}").write_bytes(resource.body)
        profile = (Path(folder) / "profile").as_uri()
        options = ("--headless", "--norestore", "--nologo", f"-env:UserInstallation={profile}", "--convert-to", target)
        _run("LibreOffice", [program, *options, "--outdir", folder, f"{folder}/in.{ending}"], folder)
        body = _result("LibreOffice", Path(folder) / f"in.{target}")
    return _noted(read(replace(resource, body=body), today=today), "converted by LibreOffice: layout may differ")


def read_image(resource: Resource, *, today: date) -> Draft:
    """Return the draft of the text that tesseract recognises in an image. Errors as `read_office`."""
    del today
    program = _program("tesseract", "tesseract")
    with tempfile.TemporaryDirectory(prefix="searchkit-") as folder:
        (Path(folder) / "in").write_bytes(resource.body)
        languages = _languages(program, folder)
        upright = ("--psm", "1") if languages.turns else ()
        options = (*upright, *languages.option, "tsv")
        _run("tesseract", [program, f"{folder}/in", f"{folder}/out", *options], folder)
        table = _result("tesseract", Path(folder) / "out.tsv").decode("utf-8", "replace")
    return recognised_text(table)


def read_scan(resource: Resource, *, today: date) -> Draft:
    """Return the draft of a PDF; OCRmyPDF adds the text to one that is scanned. Errors as `read_office`."""
    try:
        return pdf.read(resource, today=today)
    except InputError as error:
        if pdf.RUN_OCR not in error.message:
            raise
    program = _program("OCRmyPDF", "ocrmypdf")
    with tempfile.TemporaryDirectory(prefix="searchkit-") as folder:
        (Path(folder) / "in.pdf").write_bytes(resource.body)
        languages = _languages(_program("tesseract", "tesseract"), folder)
        upright = ("--rotate-pages",) if languages.turns else ()
        options = ("--skip-text", "--deskew", *upright, "--jobs", "1", "--output-type", "pdf", *languages.option)
        _run("OCRmyPDF", [program, *options, f"{folder}/in.pdf", f"{folder}/out.pdf"], folder)
        body = _result("OCRmyPDF", Path(folder) / "out.pdf")
    return _noted(
        pdf.read(replace(resource, body=body), today=today),
        "read by OCRmyPDF: recognised text and layout may have errors",
    )


def _program(title: str, *names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise InputError(f"can be read with {title}, which is not installed")
    return found


class _Languages(NamedTuple):
    """The option for those of our languages that tesseract has, and whether it can turn a page upright."""

    option: tuple[str, ...]
    turns: bool


def _languages(tesseract: str, folder: str) -> _Languages:
    listed = Path(folder) / "languages"
    _run("tesseract", [tesseract, "--list-langs"], folder, output=listed)
    known = set(_result("tesseract", listed).decode("utf-8", "replace").split())
    wanted = [language for language in _LANGUAGES if language in known]
    return _Languages(("-l", "+".join(wanted)) if wanted else (), _ORIENTATION in known)


@cache
def _isolated() -> tuple[str, ...]:
    """Return the command that runs another without network and takes limits; empty if there is none (Linux only)."""
    unshare, prlimit, true = map(shutil.which, ("unshare", "prlimit", "true"))
    if unshare is None or prlimit is None or true is None:
        return ()
    # A process that leaves its group ends with the namespace of its process ids.
    alone = (unshare, "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--")
    done = subprocess.run([*alone, true], check=False, capture_output=True, timeout=PROGRAM_SECONDS)
    return () if done.returncode else (*alone, prlimit)


def _run(title: str, command: Sequence[str], folder: str, *, output: Path | None = None) -> None:
    """Run a program without network and within limits. Raises InputError if it fails or takes too long."""
    isolated = _isolated()
    if not isolated:
        raise InputError(f"can be read with {title}, but this machine cannot run a program without network")
    limits = (f"--data={_MEMORY}", f"--fsize={_LARGEST_FILE}", f"--cpu={PROGRAM_SECONDS}", "--core=0")
    environment = {"HOME": folder, "TMPDIR": folder, "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    with (output or Path(os.devnull)).open("wb") as written:
        process = subprocess.Popen(
            [*isolated, *limits, "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        try:
            code = process.wait(PROGRAM_SECONDS)
        except subprocess.TimeoutExpired:
            raise InputError(f"{title} took more than {PROGRAM_SECONDS} seconds") from None
        finally:
            # Its own processes end with it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if code:
        raise InputError(f"{title} cannot read it (exit code {code})")


def _result(title: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(_READ_LIMIT + 1)
    except OSError as error:
        raise InputError(f"{title} cannot read it (it wrote no file)") from error
    if len(body) > _READ_LIMIT:
        raise InputError(f"{title} wrote more than {_READ_LIMIT // 1_000_000} MB")
    return body


def _noted(draft: Draft, note: str) -> Draft:
    return replace(draft, notes=(*draft.notes, note))


class _Word(NamedTuple):
    text: str
    confidence: float


class _Paragraph(NamedTuple):
    page: int
    lines: list[list[_Word]]


def recognised_text(table: str) -> Draft:
    """Return the text of tesseract's TSV. Raises InputError without text, or if all of it has a low confidence."""
    pages, paragraphs = 0, list[_Paragraph]()
    block: list[str] = []
    for row in table.split("\n")[1:]:
        cells = row.split("\t", _COLUMNS - 1)
        if len(cells) < _COLUMNS:
            continue
        level, text = cells[0], cells[-1].strip()
        if level == _PAGE:
            pages += 1
        elif level == _LINE:
            if cells[1:4] != block:
                paragraphs.append(_Paragraph(max(0, pages - 1), []))
            block = cells[1:4]
            paragraphs[-1].lines.append([])
        elif level == _WORD and text and paragraphs:
            paragraphs[-1].lines[-1].append(_Word(text, float(cells[10])))
    paragraphs = [paragraph for paragraph in paragraphs if any(map(_is_text, _words([paragraph])))]
    if not paragraphs:
        raise InputError("image without text that tesseract recognises")
    clear, unclear = list[_Paragraph](), list[_Paragraph]()
    for _, on_page in groupby(paragraphs, key=lambda paragraph: paragraph.page):
        together = list(on_page)
        for paragraph in together:
            certain = min(_confidence(together), _confidence([paragraph])) >= _LEAST_CONFIDENCE
            (clear if certain else unclear).append(paragraph)
    if not clear:
        raise InputError(
            f"image whose text tesseract recognises with a confidence of {_confidence(unclear):.0f} of 100 "
            f"(needed: {_LEAST_CONFIDENCE}); scan it again, upright, sharper or larger"
        )
    text, starts = join(_joined_lines(clear), pages)
    certainty = f"{_confidence(clear):.0f} of 100"
    notes = [f"read by tesseract with a confidence of {certainty}: recognised text and layout may have errors"]
    if unclear:
        left_out = sorted({paragraph.page + 1 for paragraph in unclear})
        notes.append(f"left out, recognised with low confidence: text of page {', '.join(map(str, left_out))}")
    return Draft(text=text, pages=starts if pages > 1 else (), notes=tuple(notes))


def _is_text(word: _Word) -> bool:
    return any(map(str.isalnum, word.text))


def _words(paragraphs: Sequence[_Paragraph]) -> list[_Word]:
    return [word for paragraph in paragraphs for line in paragraph.lines for word in line]


def _confidence(paragraphs: Sequence[_Paragraph]) -> float:
    """Return the mean confidence of the characters of all words."""
    words = _words(paragraphs)
    return sum(word.confidence * len(word.text) for word in words) / sum(len(word.text) for word in words)


def _joined_lines(paragraphs: Sequence[_Paragraph]) -> list[list[Line]]:
    found: list[list[Line]] = []
    for paragraph in paragraphs:
        texts = (" ".join(word.text for word in line) for line in paragraph.lines if line)
        lines = [Line(page=paragraph.page, text=text) for text in texts]
        if found and continues(found[-1][-1], lines[0]):
            found[-1].extend(lines)
        else:
            found.append(lines)
    return found
