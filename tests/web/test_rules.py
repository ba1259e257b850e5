"""Which settings let a server start, and whom they admit."""

from pathlib import Path
from typing import Any

import pytest

from searchkit.config import Config, load
from searchkit.config.private import add_token
from searchkit.errors import ConfigError, UsageError
from searchkit.web.rules import Rules, User, rules_for
from tests.cases import cases


def config(folder: Path, **settings: Any) -> Config:
    return load({f"serve_{name}": value for name, value in settings.items()}, environment={}, folder=folder)


@pytest.fixture
def tokens(tmp_path: Path) -> str:
    add_token(tmp_path / "tokens", "anna", "editor")
    return str(tmp_path / "tokens")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_login(tmp_path: Path, address: str) -> None:
    assert not rules_for(config(tmp_path), address).needs_login


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "203.0.113.9", "fe80::1%eth0"])  # noqa: S104
def test_other_machines_need_a_login(tmp_path: Path, tokens: str, address: str) -> None:
    with pytest.raises(UsageError, match="no login is set") as caught:
        rules_for(config(tmp_path), address)
    assert "serve_tokens or serve_user_header" in caught.value.hint
    assert rules_for(config(tmp_path, tokens=tokens), address).needs_login


def test_a_public_name_needs_a_login_too(tmp_path: Path, tokens: str) -> None:
    named = {"hosts": ["news.desk.example"]}
    with pytest.raises(UsageError, match=r"the name news\.desk\.example"):
        rules_for(config(tmp_path, **named), "127.0.0.1")
    assert "news.desk.example" in rules_for(config(tmp_path, tokens=tokens, **named), "127.0.0.1").hosts


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"user_header": "X-User", "readers": ["*"]}, "without serve_proxies"),
        ({"user_header": "X-User", "proxies": ["127.0.0.1"]}, "No user may read"),
    ],
)
def test_settings_that_would_admit_anyone_or_nobody_are_refused(
    tmp_path: Path, settings: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        rules_for(config(tmp_path, **settings), "127.0.0.1")


def test_a_file_without_tokens_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokens").touch(mode=0o600)
    with pytest.raises(ConfigError, match="has no tokens"):
        rules_for(config(tmp_path, tokens=str(tmp_path / "tokens")), "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("proxies", ["localhost"], "list of addresses"),
        ("proxies", ["10.0.0.1/8"], "list of addresses"),
        ("user_header", "X User", "name of a header"),
        ("archives", ["/srv/a/news", "/srv/b/news"], "different names"),
        ("archives", ["/srv/my news"], "different names"),
        ("archives", ["/"], "different names"),
        ("seconds", 0, "from 1 to 600"),
    ],
)
def test_values_that_are_not_valid_are_refused(tmp_path: Path, name: str, value: Any, hint: str) -> None:
    with pytest.raises(ConfigError, match=f"serve_{name} is") as caught:
        config(tmp_path, **{name: value})
    assert hint in caught.value.hint


def test_paths_start_at_the_file_of_settings(tmp_path: Path) -> None:
    (tmp_path / "searchkit.toml").write_text('serve_archives = ["a", "/srv/b"]\nserve_tokens = "tokens"\n')
    (tmp_path / "below").mkdir()
    loaded = load({}, environment={}, folder=tmp_path / "below")
    assert loaded.serve_archives == (str(tmp_path / "a"), "/srv/b")
    assert loaded.serve_tokens == str(tmp_path / "tokens")


@pytest.mark.parametrize(("name", "role"), cases(__file__, "test_users_are_listed_by_name_or_domain"))
def test_users_are_listed_by_name_or_domain(name: str, role: Any) -> None:
    rules = Rules(readers=("*@desk.example", "chief"), editors=("anna@desk.example",))
    assert rules.user(name) == (User(name=name, role=role) if role else None)


@pytest.mark.parametrize(
    ("address", "expected"), cases(__file__, "test_proxies_are_known_by_the_address_of_the_connection")
)
def test_proxies_are_known_by_the_address_of_the_connection(address: str, expected: bool) -> None:
    assert Rules(proxies=("127.0.0.1", "10.1.2.0/24", "fd00::/64")).is_proxy(address) is expected
