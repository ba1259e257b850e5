"""The README tells the truth: its examples print what it shows, and it names every command, option and setting.

After a change of output: pytest tests/test_readme.py --update-golden, and read the difference.
"""

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from searchkit import config
from searchkit.cli import COMMANDS
from searchkit.query.fields import FIELDS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
_EXAMPLE = re.compile(r"(```console\n)\$ (searchkit [^\n]{1,300})\n([^`]{0,20000})(```)")
# What differs from machine to machine: ids of local files come from their addresses; seconds; sizes.
_VARYING = re.compile(r"\b[0-9a-f]{12}(?:-[0-9a-f]{8}(?:-\d)?)?\b|[\d.]+ (?=s$|MB$|ms\))", re.MULTILINE)


def _run(command: str, archive: Path) -> str:
    words = shlex.split(command.replace("\\\n", " "))
    done = subprocess.run(
        [sys.executable, "-m", "searchkit", *words[1:]],
        cwd=ROOT,
        env={**os.environ, "SEARCHKIT_ARCHIVE": str(archive), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_prints_what_it_shows(tmp_path: Path, update_golden: bool) -> None:
    text = README.read_text(encoding="utf-8")
    examples = list(_EXAMPLE.finditer(text))
    assert len(examples) >= 5
    for example in examples:
        printed = _run(example[2], tmp_path / "archive")
        if update_golden:
            text = text.replace(example[0], f"{example[1]}$ {example[2]}\n{printed}{example[4]}")
        else:
            assert _VARYING.sub("*", printed) == _VARYING.sub("*", example[3]), example[2]
    if update_golden:
        README.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    assert f"`searchkit {name}" in text
    command = import_module(f"searchkit.cli.{name}").command
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert f"`{max(parameter.opts, key=len)}" in text, f"{name} {parameter.opts}"


def test_every_setting_and_field_is_documented() -> None:
    text = README.read_text(encoding="utf-8")
    for setting in config.load({}, environment={}, folder=Path("/")).settings():
        assert f"`{setting.name}`" in text
    for field in FIELDS:
        assert f"`{field.name}`" in text


def test_every_folder_has_its_heading_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder in (ROOT / "searchkit").rglob("__init__.py"):
        if folder.parent != ROOT / "searchkit":
            assert f"# {folder.parent.relative_to(ROOT).as_posix()}/" in text
