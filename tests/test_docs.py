"""The documentation is true: its examples print what it shows, its options exist, its links lead somewhere.

After a change of output: scripts/docs update, then read the difference.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import reference
from searchkit import config
from searchkit.cli import main
from searchkit.query.fields import FIELDS
from tests.samples import present

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_EXAMPLE = re.compile(r"(```console\n)\$ (searchkit [^\n]{1,300})\n(?s:(.{0,20000}?))(^```$)", re.MULTILINE)
_PYTHON = re.compile(r"^```python\n(?s:(.{1,5000}?))^```$", re.MULTILINE)
_COMMAND = re.compile(r"(?<![\w./-])searchkit ((?:[a-z]{2,20} ){0,2}[^|>#`\n]{0,300})")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]{1,40}")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]{1,200})(?:#[^)\s]{0,100})?\)")
# Ids of local files come from their addresses; seconds and sizes differ from machine to machine.
_VARYING = re.compile(
    r"\b[0-9a-f]{12}(?:-[0-9a-f]{8}(?:-\d)?)?\b|\b[0-9a-f]{64}\b|[\d.]+ (?=s(?:$|;)|MB$)"
    r"|\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d\+00:00)?|(?:(?<=\(added )|(?<=seen here on ))20\d\d-\d\d-\d\d",
    re.MULTILINE,
)
# Options of other programs.
_FOREIGN = {
    "--system",
    "--entrypoint",  # of docker, as the next two
    "--rotate-pages",  # of ocrmypdf, as the next one
    "--deskew",
    "--interactive",
    "--restart",
    "--create-home",
    "--home-dir",
    "--now",
    "--language",
    "--skip-text",
    "--only",  # of scripts/hostile
    "--seed",  # of scripts/faults
    "--upgrade",
    "--update-golden",
    "--require-hashes",
    "--no-deps",
    "--only-binary",
    "--no-build-isolation",
    "--no-compile",
    *"--tag --rm --read-only --tmpfs --cap-drop --security-opt --volume --detach --publish --env".split(),  # docker
}


def _run(command: str, archive: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "searchkit", *shlex.split(command)[1:]],
        cwd=ROOT,
        env={**os.environ, "SEARCHKIT_ARCHIVE": str(archive), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "docs/tutorial.md", "docs/names.md"])
def test_every_example_prints_what_it_shows(name: str, tmp_path: Path, update_golden: bool) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    archive = tmp_path / "archive"
    if "searchkit index seeds/" not in text:
        _run("searchkit index --quiet seeds/", archive)
    examples = list(_EXAMPLE.finditer(text))
    assert examples
    for example in examples:
        printed = _run(example[2], archive)
        if update_golden:
            text = text.replace(example[0], f"{example[1]}$ {example[2]}\n{printed}{example[4]}")
        else:
            assert _VARYING.sub("*", printed) == _VARYING.sub("*", example[3]), example[2]
    if update_golden:
        (ROOT / name).write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_the_investigation_prints_what_it_shows(tmp_path: Path, update_golden: bool) -> None:
    """Its commands change a copy of the seeds."""
    page = ROOT / "docs" / "histories.md"
    text = page.read_text(encoding="utf-8")
    for name in ("seeds", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "searchkit").write_text(f'#!/bin/sh\nexec {sys.executable} -m searchkit "$@"\n')
    (tmp_path / "searchkit").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "NO_COLOR": "1"}
    for example in re.finditer(r"^```console\n(?s:(.{1,20000}?))^```$", text, re.MULTILINE):
        shown = ""
        for command in re.findall(r"^\$ ([^\n]{1,300})$", example[1], re.MULTILINE):
            done = subprocess.run(
                ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            shown += f"$ {command}\n{done.stdout}"
        if update_golden:
            text = text.replace(example[0], f"```console\n{shown}```")
        else:
            assert _VARYING.sub("*", shown) == _VARYING.sub("*", example[1])
    if update_golden:
        page.write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "docs/python.md"])
def test_python_examples_run(name: str, tmp_path: Path) -> None:
    _run("searchkit index --quiet seeds/", tmp_path / "index")
    examples = _PYTHON.findall((ROOT / name).read_text(encoding="utf-8"))
    assert examples
    for example in examples:
        done = subprocess.run(
            [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip("[]\n")


@pytest.mark.slow
def test_the_reference_is_generated_from_this_version() -> None:
    for name, text in reference.pages().items():
        assert (reference.FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run scripts/docs update"


def _every_command(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = present(command.get_command(context, name))
            yield from _every_command(below, f"{path} {name}".strip())


def test_documented_commands_and_options_exist() -> None:
    every = dict(_every_command(main))
    options = {option for command in every.values() for parameter in command.params for option in parameter.opts}
    for path in WRITTEN:
        text = path.read_text(encoding="utf-8")
        unknown = set(_OPTION.findall(text)) - options - _FOREIGN - {"--help", "--version"}
        assert not unknown, path.name
        for call in _COMMAND.finditer(text):
            words = [word for word in call[1].split() if not word.startswith("-")]
            if words and re.fullmatch(r"[a-z]{2,20}", words[0]) and text[call.start() - 1] in "`\n ($":
                known = {name.split()[0] for name in every if name}
                assert words[0] in known or text[call.start() - 1] != "`", f"{path.name}: searchkit {words[0]}"


def test_every_command_stands_in_the_guide() -> None:
    text = " ".join(path.read_text(encoding="utf-8") for path in WRITTEN)
    for name in main.list_commands(click.Context(main)):
        assert f"searchkit {name}" in text or f"reference/commands.md#searchkit-{name}" in text, name


def test_every_field_and_setting_is_documented() -> None:
    searching = (ROOT / "docs" / "searching.md").read_text(encoding="utf-8")
    for field in FIELDS:
        assert f"`{field.name}`" in searching, field.name
        assert all(f"`{alias}`" in searching for alias in field.aliases), field.name
    guides = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("sources.md", "server.md"))
    for setting in config.load({}, environment={}, folder=Path("/")).settings():
        assert f"`{setting.name}`" in guides, setting.name


def test_links_lead_to_files() -> None:
    for path in [*WRITTEN, *ROOT.glob("*.md")]:
        for link in _LINK.finditer(path.read_text(encoding="utf-8")):
            assert (path.parent / link[1]).exists(), f"{path.name}: {link[1]}"


def test_every_package_has_its_place_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder in (ROOT / "searchkit").rglob("__init__.py"):
        name = folder.parent.relative_to(ROOT / "searchkit").as_posix()
        assert name == "." or f"{name}/" in text, name


def _identifiers() -> set[str]:
    """Return every name that the code and its tests define or use."""
    found: set[str] = set()
    for path in (*(ROOT / "searchkit").rglob("*.py"), *(ROOT / "tests").rglob("*.py")):
        found |= {path.stem, path.parent.name, *re.findall(r"[^\W\d]\w*", path.read_text(encoding="utf-8"))}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_what_the_guides_name_exists(name: str) -> None:
    text = re.sub(r"(?ms)^```.*?^```", "", (ROOT / name).read_text(encoding="utf-8"))
    known = _identifiers()
    for code in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[\w./-]+\.(?:py|txt|cases)|[\w./-]+/", code):
            place = next(ROOT.glob(f"**/{code.rstrip('/')}"), None) or code in known
            assert place, f"{name}: {code}"
        elif re.fullmatch(r"[A-Za-z_][\w.]*(?:\(\))?", code):
            assert code.rstrip("()").rpartition(".")[2] in known, f"{name}: {code}"


def test_the_architecture_is_short() -> None:
    lines = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 250
    assert max(map(len, lines)) <= 120
