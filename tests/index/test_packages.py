"""Engines whose package is broken or installed twice: one line each."""

import subprocess
import sys
from pathlib import Path

import pytest

from searchkit.index import packages

ROOT = Path(__file__).parents[2]


def test_what_provides_an_engine() -> None:
    (whoosh,) = packages.installed("whoosh")
    name, version = whoosh.split()
    assert name.casefold() in {"whoosh3", "whoosh"}
    assert version[0].isdigit()
    assert packages.installed("memory") == packages.installed("nosuch") == ()


def test_the_line_says_what_to_do() -> None:
    error = packages.unloadable("whoosh", ImportError("No module named\n 'whoosh.index'"), ["whoosh3 3.54.0"])
    assert str(error) == (
        "The engine whoosh cannot be loaded: No module named 'whoosh.index'. "
        "Install it anew: pip install --force-reinstall --no-deps whoosh3"
    )
    error = packages.unloadable("whoosh", AttributeError(), ["Whoosh 2.7.4", "whoosh3 3.54.0"])
    assert str(error) == (
        "The engine whoosh cannot be loaded from Whoosh 2.7.4 and whoosh3 3.54.0, installed over each other: "
        "AttributeError. Keep one: pip uninstall Whoosh whoosh3; pip install whoosh3"
    )
    error = packages.unloadable("tantivy", ModuleNotFoundError("No module named 'tantivy'", name="tantivy"), ())
    assert str(error) == (
        'The engine tantivy is not installed. Install it: pip install "searchkit[tantivy]". '
        "Without it: searchkit rebuild --engine whoosh"
    )
    assert "pip install --force-reinstall --no-deps sieve" in str(packages.unloadable("sieve", ImportError("x"), ()))


def _broken(folder: Path, content: str) -> Path:
    """A folder that has to stand first on the path: its whoosh is what others left of it."""
    (folder / "whoosh").mkdir()
    (folder / "whoosh" / "__init__.py").write_text(content)
    for name in ("whoosh3-3.54.0", "Whoosh-2.7.4"):
        metadata = folder / f"{name}.dist-info"
        metadata.mkdir()
        project, _, version = name.partition("-")
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n")
        (metadata / "RECORD").write_text("whoosh/__init__.py,,\n")
        (metadata / "top_level.txt").write_text("whoosh\n")
    return folder


@pytest.mark.parametrize("content", ["", "import nothing_like_it", "raise AttributeError('gone')", "def ("])
def test_a_whoosh_that_another_left_in_pieces_is_told_in_one_line(tmp_path: Path, content: str) -> None:
    broken = _broken(tmp_path, content)
    code = (
        f"import sys; sys.path[:0] = [{str(broken)!r}, {str(ROOT)!r}]\n"
        "from pathlib import Path\n"
        "from searchkit.errors import MissingExtra\n"
        "from searchkit.index import open_index\n"
        "try:\n"
        "    open_index('whoosh:', Path('none')).writer()\n"
        "except MissingExtra as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "The engine whoosh cannot be loaded from Whoosh 2.7.4 and whoosh3 3.54.0, installed over each other: "
    )
    assert done.stdout.count("\n") == 1
    assert done.stdout.rstrip().endswith("Keep one: pip uninstall Whoosh whoosh3; pip install whoosh3")
