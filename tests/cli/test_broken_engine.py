"""A broken whoosh package: commands that write fail with one line and lose nothing."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.samples import present

ROOT = Path(__file__).parents[2]


def _run(archive: Path, first: Path, *command: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command that finds the packages in `first` before any others."""
    done = subprocess.run(
        [sys.executable, "-m", "searchkit", "--archive", str(archive), *command],
        env={**os.environ, "PYTHONPATH": f"{first}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Return an empty folder of packages that come before the installed ones."""
    folder = tmp_path / "packages"
    folder.mkdir()
    return folder


@pytest.mark.slow
def test_one_line_and_nothing_lost(tmp_path: Path, packages: Path) -> None:
    spec = present(find_spec("whoosh"))
    assert spec.origin is not None
    whoosh = packages / "whoosh"
    whoosh.symlink_to(Path(spec.origin).parent)
    article = tmp_path / "fine.txt"
    article.write_text('Port calm\n\n"Nothing moved all day," said Nadia Korbel, a spokesperson for the port.\n')
    other = tmp_path / "other.txt"
    other.write_text('Port open\n\n"All moved today," said Nadia Korbel, a spokesperson for the port.\n')
    archive = tmp_path / "archive"
    assert _run(archive, packages, "index", str(article))[0] == 0
    result = _run(archive, packages, "query", "moved")
    assert (result[0], result[2]) == (0, "")
    assert "Nadia Korbel" in result[1]

    whoosh.unlink()
    whoosh.mkdir()
    (whoosh / "__init__.py").write_text("")
    kept = {path: path.read_bytes() for path in archive.rglob("*.arrays")}
    assert _run(archive, packages, "query", "moved") == result  # what is only read needs no Whoosh
    for command in (["rebuild"], ["index", str(other)]):
        code, _, errors = _run(archive, packages, *command)
        assert code == 2, command
        line, hint = errors.splitlines()
        assert line.startswith("searchkit: The package whoosh cannot be loaded: ")
        assert "pip install ." in hint

    shutil.rmtree(whoosh)
    whoosh.symlink_to(Path(spec.origin).parent)
    assert kept == {path: path.read_bytes() for path in archive.rglob("*.arrays")}
    # What the store took in meanwhile is caught up with.
    code, shown, errors = _run(archive, packages, "query", "moved")
    assert (code, errors) == (0, "")
    assert "2 documents" in shown
