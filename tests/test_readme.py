"""The README tells the truth: its examples print what it shows, and it names every command, option and setting.

After a change of output: pytest tests/test_readme.py --update-golden, and read the difference.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest

from searchkit import config
from searchkit.cli import COMMANDS, main
from searchkit.cli.errors import EXIT_CODES
from searchkit.cli.help import TOPICS
from searchkit.query.fields import FIELDS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
_EXAMPLE = re.compile(r"(```console\n)\$ (searchkit [^\n]{1,300})\n(?s:(.{0,20000}?))(^```$)", re.MULTILINE)
_SPAN = re.compile(r"`([^`]{1,300})`")
# A call of ours inside a line of a crontab or a pipe; what stands behind the next pipe is somebody else's.
_CALL = re.compile(r"(?<![\w./-])searchkit [^|>#\n]{1,300}")
_OPTION = re.compile(r"--[a-z][a-z-]{0,40}|-[a-z]")  # `-gone:*` is a query
# What differs from machine to machine: ids of local files come from their addresses; seconds; sizes.
_VARYING = re.compile(
    r"\b[0-9a-f]{64}\b|\b[0-9a-f]{12}(?:-[0-9a-f]{8}(?:-\d)?)?\b|[\d.]+ (?=s$|MB$|ms\))"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d UTC|(?:(?<=etrieved )|(?<=etrieved: )|(?<=rst seen: ))\d{4}-\d\d-\d\d",
    re.MULTILINE,
)


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
    # Where this checkout and its archive lie is of no interest.
    return done.stdout.replace(str(archive), "index").replace(str(ROOT), "/srv/searchkit")


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


def _every_command(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Each command with its path (`searchkit watchlist add`), the first one too."""
    yield context.command_path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _every_command(below, click.Context(below, info_name=name, parent=context))


EVERY = dict(_every_command(main, click.Context(main, info_name="searchkit")))
OPTIONS = {
    option
    for command in EVERY.values()
    for parameter in command.params
    for option in (*parameter.opts, *parameter.secondary_opts)
} | {"-h", "--help"}


def _code() -> Iterator[str]:
    """What README writes as code: spans, and lines of blocks, without what examples print."""
    for number, part in enumerate(README.read_text(encoding="utf-8").split("```")):
        if number % 2:
            language, *lines = part.splitlines()
            yield from (line for line in lines if language != "console" or line.startswith("$ "))
        else:
            yield from _SPAN.findall(part)


def _of_searchkit() -> Iterator[list[str]]:
    """The words of code that speaks of our command line: an option, or a command with what follows it."""
    for code in _code():
        found = _CALL.search(code)
        if code.startswith("-") and not code.startswith(("-- ", "---")):
            yield code.split()
        elif found:
            yield found.group().split("'")[0].split()


@pytest.mark.parametrize("path", EVERY)
def test_every_command_and_option_is_documented(path: str) -> None:
    text = README.read_text(encoding="utf-8")
    assert f"`{path}" in text or path == "searchkit"
    # In the paragraph or row of the table where the option stands.
    places = [place for block in text.split("\n\n") for place in (block.split("\n|") if "\n|" in block else [block])]
    for parameter in EVERY[path].params:
        if isinstance(parameter, click.Option):
            name = max(parameter.opts, key=len)
            named = [place for place in places if re.search(rf"`(?:[^`]{{0,99}} )?{name}(?![\w-])", place)]
            assert named, f"{path} {name}"
            if isinstance(parameter.type, click.Choice):
                for value in parameter.type.choices:
                    assert any(re.search(rf"(?<![\w-]){value}(?![\w-])", place) for place in named), f"{name} {value}"


def test_no_option_is_documented_that_is_none() -> None:
    named = {word.rstrip(".,:;)").split("=")[0] for words in _of_searchkit() for word in words}
    options = {word for word in named if _OPTION.fullmatch(word)}
    assert len(options) > 20
    assert options - OPTIONS == set()


def test_no_command_is_documented_that_is_none() -> None:
    named = set()
    for words in _of_searchkit():
        if words[0] != "searchkit":
            continue
        rest = [word for before, word in pairwise(words) if not word.startswith("-") and before != "--archive"]
        if rest and rest[0].islower():
            path = f"searchkit {rest[0]}"
            named.add(path)
            if isinstance(EVERY.get(path), click.Group) and len(rest) > 1 and rest[1].isalpha() and rest[1].islower():
                named.add(f"{path} {rest[1]}")
    assert len(named) > 10
    assert named - EVERY.keys() == set()


def test_exit_codes_are_documented() -> None:
    (paragraph,) = [
        block for block in README.read_text(encoding="utf-8").split("\n\n") if block.startswith("Exit codes:")
    ]
    listed = paragraph.removeprefix("Exit codes:").split(" · ")
    assert [int(part.split()[0]) for part in listed] == list(EXIT_CODES)


def test_help_topics_are_documented() -> None:
    named = set(re.findall(r"`searchkit help ([a-z][a-z-]{1,30})", README.read_text(encoding="utf-8")))
    assert set(TOPICS) <= named
    assert named <= TOPICS.keys() | COMMANDS.keys()


def test_the_table_of_fields_is_that_of_the_language() -> None:
    text = README.read_text(encoding="utf-8")
    table = text.split("\nFields:\n")[1].split("\n## ")[0]
    rows = {
        row[1]: row for row in re.finditer(r"^\| `([a-z.]{1,40})`([^|]{0,99})\|([^\n]{1,300})\|$", table, re.MULTILINE)
    }
    assert rows.keys() == {field.name for field in FIELDS}
    for field in FIELDS:
        aliases, about = rows[field.name][2], rows[field.name][3]
        assert set(re.findall(r"`([a-z.]{1,40})`", aliases)) == set(field.aliases)
        assert ("Facet." in about) == field.facet, field.name


def test_every_setting_is_documented() -> None:
    text = README.read_text(encoding="utf-8")
    for setting in config.load({}, environment={}, folder=Path("/")).settings():
        assert f"`{setting.name}`" in text


def test_every_folder_has_its_heading_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder in (ROOT / "searchkit").rglob("__init__.py"):
        if folder.parent != ROOT / "searchkit":
            assert f"# {folder.parent.relative_to(ROOT).as_posix()}/" in text
