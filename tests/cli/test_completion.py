"""Shell completion: click's own, on commands that are imported one at a time."""

from pathlib import Path

import pytest

from searchkit.cli import COMMANDS, run
from tests.cases import cases


def _completed(words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The suggestions for the last of `words`, as bash reads them."""
    monkeypatch.setenv("_SEARCHKIT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    with pytest.raises(SystemExit) as left:
        run([])
    assert left.value.code == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return [line.partition(",")[2] for line in printed.out.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"), [*cases(__file__, "test_a_word_is_completed"), ("searchkit ", tuple(COMMANDS))]
)
def test_a_word_is_completed(
    words: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tuple(_completed(words, monkeypatch, capsys)) == expected


def test_names_of_saved_searches_and_watchlists_are_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("saved/korbel.toml", "saved/docks.toml", "watchlists/ports.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    start = f"searchkit --archive {tmp_path}"
    assert _completed(f"{start} saved run ko", monkeypatch, capsys) == ["korbel"]
    assert _completed(f"{start} alerts test ", monkeypatch, capsys) == ["docks", "korbel"]
    assert _completed(f"{start} watchlist remove ", monkeypatch, capsys) == ["ports"]


def test_invalid_settings_complete_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "searchkit.toml").write_text("archive = [")
    monkeypatch.chdir(tmp_path)
    assert _completed("searchkit saved run ", monkeypatch, capsys) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(["completion", shell])
    assert left.value.code == 0
    script = capsys.readouterr().out
    assert f"_SEARCHKIT_COMPLETE={shell}_complete" in script
