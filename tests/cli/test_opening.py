"""`--open` opens the source of one hit, and nothing that may be run instead of shown."""

import json
import sys
from pathlib import Path

import pytest

from searchkit.cli import run
from searchkit.cli.opening import source_address
from searchkit.errors import UsageError
from searchkit.statements.document import document_id
from tests.cases import cases
from tests.cli.harbor import ARTICLES
from tests.cli.terminal import on_a_terminal, terminal
from tests.samples import document

CRANES = document_id(str(ARTICLES[0]["uri"]))


@pytest.mark.parametrize(("written", "address"), cases(__file__, "test_web_addresses"))
def test_web_addresses(written: str, address: str) -> None:
    assert source_address(document(uri=written, canonical_url="https://ledger.example/x")) == address


def test_files(tmp_path: Path) -> None:
    page = tmp_path / "-a ü.html"
    page.write_text("x")
    assert source_address(document(uri=page.as_uri(), canonical_url="https://ledger.example/claimed")) == page.as_uri()
    for uri in (page.as_uri(), page.as_uri() + "#message-3", page.as_uri().replace("file://", "file://localhost")):
        assert source_address(document(uri=uri)) == page.as_uri()


@pytest.mark.parametrize(("uri", "complaint"), cases(__file__, "test_what_is_no_source_that_can_be_opened"))
def test_what_is_no_source_that_can_be_opened(uri: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        source_address(document(uri=uri))
    assert "searchkit show" in caught.value.hint


@pytest.mark.parametrize("name", ["run.desktop", "run.sh", "run", "run.exe", "page.html.command"])
def test_files_that_may_be_run_are_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("The crane stood still.")
    with pytest.raises(UsageError, match="might run a file of this type"):
        source_address(document(uri=(tmp_path / name).as_uri()))


@pytest.fixture
def opener(tmp_path: Path) -> Path:
    """A folder with a program that opens addresses: it writes down what it is called with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("xdg-open", "open"):
        program = folder / name
        program.write_text(
            f"#!{sys.executable}\nimport json, sys\n"
            f"json.dump(sys.argv[1:], open({str(tmp_path / 'opened')!r}, 'w'))\nsys.exit('fail' in sys.argv[1])\n"
        )
        program.chmod(0o755)
    return folder


def _opened(harbor: Path) -> list[str] | None:
    record = harbor.parent / "opened"
    found: list[str] | None = json.loads(record.read_text()) if record.exists() else None
    record.unlink(missing_ok=True)
    return found


@pytest.mark.slow
def test_the_hit_of_a_number_is_opened(harbor: Path, opener: Path) -> None:
    path = {"PATH": str(opener)}
    address = "https://ledger.example.org/cranes"
    for arguments in (
        ["query", f"id:{CRANES}", "--open", "1"],
        ["statements", "twice", "--open=1"],
        ["query", "--open=1", "*"],
    ):
        more = ["--sort", "oldest"] if "*" in arguments else []
        code, shown, messages = on_a_terminal(*arguments, *more, archive=harbor, environment=path)
        assert (code, shown, messages) == (0, f"{address}\n", "")
        assert _opened(harbor) == [address]
    on_a_terminal("query", "*", "--sort", "oldest", "--open=2", archive=harbor, environment=path)
    assert _opened(harbor) == ["https://ledger.example.org/crates"]


@pytest.mark.parametrize(("arguments", "code", "complaint"), cases(__file__, "test_what_is_refused"))
def test_what_is_refused(
    harbor: Path,
    opener: Path,
    arguments: tuple[str, ...],
    code: int,
    complaint: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(opener))
    with terminal() as screen, pytest.raises(SystemExit) as left:
        run(["--archive", str(harbor), *arguments])
    assert (left.value.code, screen.getvalue()) == (code, "")
    assert complaint in " ".join(capsys.readouterr().err.split())
    assert _opened(harbor) is None


@pytest.mark.slow
def test_without_a_program_that_opens(harbor: Path, tmp_path: Path, opener: Path) -> None:
    code, _, messages = on_a_terminal("query", "twice", "--open=1", archive=harbor, environment={"PATH": str(tmp_path)})
    assert code == 2
    assert "cannot be run: No such file or directory" in messages
    for name in ("xdg-open", "open"):
        (opener / name).write_text(f"#!{sys.executable}\nraise SystemExit('no browser found')\n")
    code, _, messages = on_a_terminal("query", "twice", "--open=1", archive=harbor, environment={"PATH": str(opener)})
    assert code == 2
    assert "could not open https://ledger.example.org/cranes" in messages
    assert "no browser found" not in messages
