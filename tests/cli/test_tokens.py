"""`tokens`: access tokens for the reading room."""

from pathlib import Path

import pytest

from searchkit.config.private import digest_of, read_tokens
from tests.cli.conftest import Command


def test_tokens(searchkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = searchkit("tokens", "add", "anna")
    assert (done.code, "serve_tokens" in done.err) == (2, True)
    monkeypatch.setenv("SEARCHKIT_SERVE_TOKENS", str(tmp_path / "tokens"))
    done = searchkit("tokens", "add", "anna", "--role", "editor")
    assert (done.code, "cannot be shown again" in done.err) == (0, True)
    [token] = read_tokens(tmp_path / "tokens")
    assert (token.name, token.role, token.digest) == ("anna", "editor", digest_of(done.out.strip()))
    assert searchkit("tokens", "list").out.split() == ["anna", "editor"]
    assert searchkit("tokens", "add", "anna").code == 2
    assert searchkit("tokens", "remove", "anna").code == 0
    assert searchkit("tokens", "list").out == ""
    assert searchkit("tokens", "remove", "anna").code == 2
