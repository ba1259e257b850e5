"""The words that tesseract recognises become paragraphs and pages."""

import shutil
from pathlib import Path

import pytest

from searchkit import parse
from searchkit.crawl.base import FileOptions
from searchkit.errors import InputError
from searchkit.parse import programs
from searchkit.parse.programs import recognised_text
from tests.cases import cases
from tests.crawl.reading import read as crawl
from tests.crawl.reading import resources
from tests.formats import printed
from tests.parse.pages import TODAY
from tests.parse.pictures import png, table

LINES = (
    "Nadia Korbel said on Monday that the quay will not re-",
    "open this year. She denied that the harbor office had",
    "taken any money from the owners of the old yard, and",
    "said that the cranes were out of order.",
    "",
    "Tom Varga, who runs the yard, did not answer a ques-",
    "tion about the cranes on Monday.",
)
PARAGRAPHS = (
    "Nadia Korbel said on Monday that the quay will not reopen this year. She denied that the harbor office had taken"
    " any money from the owners of the old yard, and said that the cranes were out of order.",
    "Tom Varga, who runs the yard, did not answer a question about the cranes on Monday.",
)


@pytest.mark.parametrize(("page", "text"), cases(__file__, "test_lines_are_joined_to_paragraphs"))
def test_lines_are_joined_to_paragraphs(page: tuple[str, ...], text: str) -> None:
    draft = recognised_text(table(page))
    assert draft.text == text
    assert draft.notes == (
        "read by tesseract with a confidence of 96 of 100: recognised text and layout may have errors",
    )


def test_each_picture_of_a_tiff_is_a_page() -> None:
    draft = recognised_text(table(("One ends.",), (), ("Three goes",), ("on here.",)))
    assert draft.text == "One ends.\n\nThree goes on here."
    assert draft.pages == (0, 11, 11, 22)


def test_paragraphs_and_pages_of_low_confidence_are_left_out() -> None:
    first = ("Korbel denied it on Monday in the office.", "wmu jtd")
    draft = recognised_text(table(first, ("aeJ pue jou", "plo"), confidence=(95, 40, 30, 99)))
    assert draft.text == "Korbel denied it on Monday in the office."
    assert draft.notes[1] == "left out, recognised with low confidence: text of page 1, 2"


def test_a_picture_that_is_hardly_recognised_is_refused() -> None:
    with pytest.raises(InputError, match=r"a confidence of 44 of 100 \(needed: 70\); scan it again"):
        recognised_text(table(("ureBe uado jm", "pseA"), confidence=(44, 43)))


@pytest.mark.parametrize(
    "written", ["", "level\tpage\n", table(("|",)), table(()), "x\n1\t2\n5" + "\t0" * 10 + "\tword"]
)
def test_a_picture_without_text_is_refused(written: str) -> None:
    with pytest.raises(InputError, match="without text"):
        recognised_text(written)


def recognised(picture: bytes, folder: Path) -> str:
    if shutil.which("tesseract") is None or not programs._isolated():
        pytest.skip("this machine has no tesseract, or cannot take the network from it")
    (folder / "page.png").write_bytes(picture)
    (found,) = resources(crawl(folder / "page.png", options=FileOptions(ocr=True)))
    return parse.article(found, today=TODAY).text


@pytest.mark.slow
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_is_read_whichever_side_is_up(tmp_path: Path, turned: int) -> None:
    page = png(printed(*LINES, size=12, leading=16), turned=turned)
    assert recognised(page, tmp_path) == "\n\n".join(PARAGRAPHS)


@pytest.mark.slow
def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = (
        "The quay of Ostrava stays",
        "closed, Nadia Korbel said on",
        "Monday. She denied that the",
        "office had taken money.",
    )
    right = (
        "Tom Varga did not answer a",
        "question about the cranes",
        "in the old yard, which have",
        "been out of order for years.",
    )
    columns = [*printed(*left, size=11, leading=15), *printed(*right, size=11, leading=15, left=330)]
    assert recognised(png(columns), tmp_path).split() == " ".join(left + right).split()


@pytest.mark.slow
def test_a_page_that_is_too_small_to_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"confidence|without text"):
        recognised(png(printed(*LINES, size=12, leading=16), scale=0.65), tmp_path)
