"""The hostile corpus: every case, in a folder together with ordinary articles."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.hostile import containers, markup, places, signs
from tests.hostile.cases import SECRET, Case, Place, story

CASES: tuple[Case, ...] = (
    *markup.CASES,
    *signs.CHARACTERS,
    *signs.OUTPUT,
    *signs.FLOODS,
    *signs.DATES,
    *signs.METADATA,
    *containers.XML,
    *containers.ARCHIVES,
    *places.PLACES,
    *places.NAMES,
)
# The number of cases between two ordinary articles.
_EVERY = 10


def control(number: int) -> str:
    """Return the needle of an ordinary article."""
    return f"zzcontrol{chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}"


def folder_name(number: int) -> str:
    """Return the folder of a case: without its name, so that nothing else is hostile."""
    return f"case{number:03}"


def write(top: Path, cases: Iterable[Case], *, port: int) -> int:
    """Make the corpus in the new folder `top/corpus`; return the number of ordinary articles.

    The same cases make the same bytes, except for `port` and the path of `top`.
    """
    corpus, outside = top / "corpus", top / "outside"
    outside.mkdir(parents=True)
    secret = outside / "secret.txt"
    secret.write_text(f"{SECRET} {story(SECRET)}", encoding="utf-8")
    corpus.mkdir()
    controls = 0
    for number, case in enumerate(cases):
        if number % _EVERY == 0:
            (corpus / f"{folder_name(number)}control.txt").write_text(story(control(controls)), encoding="utf-8")
            controls += 1
        folder = corpus / folder_name(number)
        folder.mkdir()
        case.make(Place(folder=folder, secret=secret, port=port), case.needle)
    (corpus / "control.txt").write_text(story(control(controls)), encoding="utf-8")
    return controls + 1


def remove(top: Path) -> None:
    """Remove what `write` made, including unreadable folders and folders deeper than a path may be long."""
    for path in (top / "corpus").glob("*/closed*"):
        path.chmod(0o700)
    # From inside, a level at a time: rmtree of some Python versions recurses, and no path is as long as this is deep.
    for folder in (top / "corpus").glob("case*/dddddddd"):
        _flatten(folder)
    shutil.rmtree(top)


def _flatten(folder: Path) -> None:
    """Pull nested folders of the same name out of each other until none is left inside another."""
    moved = folder.with_name("next")
    while True:
        inner = folder / folder.name
        if not inner.exists():
            return
        inner.rename(moved)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        moved.rename(folder)
