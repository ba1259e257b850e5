"""What the shells are told and answered: bash for real, zsh and fish by their lines."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from searchkit.cli.completing import VARIABLE
from searchkit.cli.completing.shells import SHELLS, script
from tests.cli.conftest import Command

# bash's words end at blanks and at these.
_BREAKS = "\"'@><=;|&(:"


def _replaced(line: str) -> str:
    """The end of the line that bash replaces: behind an open quotation mark, else behind the last break."""
    for quote in "'\"":
        if line.count(quote) % 2:
            return line.rpartition(quote)[2]
    place = max(line.rfind(sign) for sign in (" ", *_BREAKS))
    return line[place + 1 :]


def _bash(line: str, archive: Path) -> list[str]:
    """What bash's function puts into COMPREPLY."""
    program = f"""
        searchkit() {{ {shlex.quote(sys.executable)} -m searchkit "$@"; }}
        {script("bash")}
        COMP_LINE={shlex.quote(line)}; COMP_POINT=${{#COMP_LINE}}
        _searchkit_completion searchkit {shlex.quote(_replaced(line))}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", program],
        env={**os.environ, "SEARCHKIT_ARCHIVE": str(archive)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "suggestions"),
    [
        ("searchkit qu", ["query", "quotes"]),
        ("searchkit query --agen", ["--agency"]),
        ("searchkit quotes --kind ", ["direct", "mixed", "indirect"]),
        ("searchkit query --format=cs", ["csv"]),
        ("searchkit query Tiandy spe", ["speaker:"]),
        ("searchkit query speaker:xu", ['=\\"Xu\\ Guixiang\\"']),
        ("searchkit query 'Tiandy speaker:xu", ['Tiandy speaker:="Xu Guixiang"']),
        ('searchkit query "-speaker:xu', ['-speaker:=\\"Xu Guixiang\\"']),
        ("searchkit query -speaker:xu", ['=\\"Xu\\ Guixiang\\"']),
        ("searchkit quotes --speaker gui", ["Xu\\ Guixiang"]),
        ("searchkit query --facet ag", ["agency"]),
        ("searchkit completion z", ["zsh"]),
        ("searchkit help exit", ["exit-codes"]),
        ("searchkit watchlist re", ["remove"]),
    ],
)
def test_bash_completes(line: str, suggestions: list[str], seeded: Path) -> None:
    assert _bash(line, seeded) == suggestions


def test_bash_completes_ids(seeded: Path, searchkit: Command) -> None:
    (found,) = searchkit("query", "Tiandy", "-n", "1", "-f", "ids").out.splitlines()
    assert found in _bash(f"searchkit show {found[:4]}", seeded)


def _asked(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, archive: Path, shell: str, words: str
) -> list[str]:
    from searchkit.cli import run

    monkeypatch.setenv(VARIABLE, f"{shell}_complete")
    monkeypatch.setenv("SEARCHKIT_ARCHIVE", str(archive))
    monkeypatch.setenv("COMP_WORDS", words)
    last = words.rpartition(" ")[2]
    monkeypatch.setenv("COMP_CWORD", last if shell == "fish" else str(words.count(" ")))
    monkeypatch.setenv("COMP_TYPED", words)
    monkeypatch.setenv("COMP_REPLACED", last)
    with pytest.raises(SystemExit) as left:
        run()
    captured = capsysbinary.readouterr()
    assert (left.value.code, captured.err) == (0, b"")
    return captured.out.decode().splitlines()


@pytest.mark.parametrize(
    ("shell", "words", "lines"),
    [
        ("zsh", "searchkit query spea", ["open", "speaker:", "_"]),
        ("zsh", "searchkit query speaker:xu", ["plain", 'speaker:="Xu Guixiang"', "_"]),
        ("zsh", "searchkit query --agen", ["plain", "--agency", "Only where the official body is named."]),
        ("zsh", "searchkit query --format=cs", ["plain", "--format=csv", "_"]),
        ("fish", "searchkit query spea", ["open,speaker:"]),
        # fish shows only what holds the typed letters as typed; names are asked for in any case.
        ("fish", "searchkit query speaker:xu", ['plain,speaker:="xu Guixiang"']),
        ("fish", "searchkit quotes --kind mi", ["plain,mixed"]),
    ],
)
def test_zsh_and_fish_are_answered(
    shell: str,
    words: str,
    lines: list[str],
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    seeded: Path,
) -> None:
    assert _asked(capsysbinary, monkeypatch, seeded, shell, words) == lines


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "words",
    [
        "searchkit query speaker:x",
        "searchkit --archive /nowhere query outlet:",
        "searchkit nosuch --x",
        "searchkit query -ne",
        "searchkit query 'speaker:\"",
        "searchkit query speaker:((((",
        "searchkit query \udcff",
        "searchkit show zzz",
        "",
    ],
)
def test_nothing_to_suggest_is_silence(
    words: str,
    shell: str,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "archive.json").write_text("broken")
    before = sorted(tmp_path.rglob("*"))
    _asked(capsysbinary, monkeypatch, tmp_path, shell, words)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_shell_is_silence(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert _asked(capsysbinary, monkeypatch, tmp_path, "tcsh", "searchkit qu") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell: str, searchkit: Command) -> None:
    done = searchkit("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert done.out == script(shell)
    assert f"{VARIABLE}={shell}_complete" in done.out


def test_commands_and_options_are_completed_without_importing_them() -> None:
    program = (
        "import sys\nfrom searchkit.cli import run\n"
        "try: run()\n"
        "except SystemExit: pass\n"
        "print(sorted(name for name in sys.modules if name.startswith(('searchkit.', 'whoosh'))), file=sys.stderr)"
    )
    environment = {**os.environ, VARIABLE: "bash_complete", "COMP_REPLACED": "--f", "COMP_TYPED": "searchkit query --f"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "plain,--facet\nplain,--facet-sort\nplain,--format\nplain,--fields\n"
    loaded = set(eval(done.stderr))  # noqa: S307 - a list that we printed
    own = {f"searchkit.cli.completing.{name}" for name in ("choosing", "shells", "tree", "typed")}
    assert loaded == {"searchkit.cli", "searchkit.cli.completing", "searchkit.query", "searchkit.query.fields"} | own
