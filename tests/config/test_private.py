"""The file of access tokens."""

import os
from pathlib import Path

import pytest

from searchkit.config.private import Token, add_token, digest_of, read_tokens, remove_token
from searchkit.errors import ConfigError, UsageError


def test_a_token_is_stored_as_its_checksum_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tokens"
    made = add_token(path, "anna@desk.example", "editor")
    other = add_token(path, "ben", "reader")
    assert made not in path.read_text()
    assert len(made) > 43
    assert made != other
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_tokens(path) == (
        Token(name="anna@desk.example", role="editor", digest=digest_of(made)),
        Token(name="ben", role="reader", digest=digest_of(other)),
    )
    remove_token(path, "ben")
    assert [token.name for token in read_tokens(path)] == ["anna@desk.example"]


@pytest.mark.parametrize("name", ["", "two words", "#x", "a" * 61, "a\nroot editor", "ä"])
def test_a_name_that_would_break_the_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="The name is"):
        add_token(tmp_path / "tokens", name, "reader")


def test_a_name_has_one_token(tmp_path: Path) -> None:
    add_token(tmp_path / "tokens", "anna", "reader")
    with pytest.raises(UsageError, match='has a token of "anna"'):
        add_token(tmp_path / "tokens", "anna", "editor")
    with pytest.raises(UsageError, match='Did you mean "anna"'):
        remove_token(tmp_path / "tokens", "ana")


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o620])
def test_a_file_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "tokens"
    add_token(path, "anna", "reader")
    path.chmod(mode)
    with pytest.raises(ConfigError, match="can be read or changed by other users") as caught:
        read_tokens(path)
    assert caught.value.hint == f"Run: chmod 600 {path}"


def test_a_group_may_read_it_and_a_link_may_lead_to_it(tmp_path: Path) -> None:
    add_token(tmp_path / "secret", "anna", "reader")
    (tmp_path / "secret").chmod(0o640)
    (tmp_path / "tokens").symlink_to(tmp_path / "secret")
    assert len(read_tokens(tmp_path / "tokens")) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    add_token(tmp_path / "tokens", "anna", "reader")
    os.chown(tmp_path / "tokens", 65_534, -1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        read_tokens(tmp_path / "tokens")


@pytest.mark.parametrize(
    "line",
    ["anna", "anna reader", f"anna admin {'0' * 64}", f"anna reader {'0' * 63}", f"anna reader editor {'0' * 64}"],
)
def test_a_line_that_is_not_a_token_is_reported_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"# a comment\n\n{line}\n")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="line 3 is not a token"):
        read_tokens(path)


def test_what_is_no_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file") as caught:
        read_tokens(tmp_path / "none")
    assert "searchkit tokens add NAME" in caught.value.hint
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_tokens(tmp_path)
