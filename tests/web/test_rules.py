"""Which settings let a server start, and whom they admit; who spoke about whom; how pages escape what they show."""

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from starlette.requests import Request

from searchkit.config import Config, load
from searchkit.config.private import add_token
from searchkit.errors import ConfigError, UsageError
from searchkit.statements.text import Span
from searchkit.web.rendering import Bar, Links, bars, environment, marked
from searchkit.web.rules import Rules, User, rules_for
from tests.cases import cases
from tests.web.conftest import Site


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
    ("settings", "complaint"), cases(__file__, "test_settings_that_would_admit_anyone_or_nobody_are_refused")
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


@pytest.mark.parametrize(("name", "value", "hint"), cases(__file__, "test_values_that_are_not_valid_are_refused"))
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


def test_a_cell_leads_to_its_statements(site: Site) -> None:
    page = site.get("/matrix?q=Tiandy").text
    address, count = re.findall(r'<a href="([^"]+)" aria-label="(\d+) statements: Xu Guixiang, Tiandy', page)[0]
    assert f"<strong>{count} statements</strong>" in site.get(unescape(address)).text


def test_denials_are_named(site: Site) -> None:
    assert re.search(r"[1-9]\d* denials?<", site.get("/matrix").text)


@pytest.mark.parametrize("wrong", ["rows=title", "rows=about&cols=about", "cols=x"])
def test_a_wrong_field_is_refused(site: Site, wrong: str) -> None:
    assert site.get(f"/matrix?{wrong}").status == 400


def test_an_error_in_the_query_is_shown_in_its_place(site: Site) -> None:
    page = site.get("/matrix?q=(Tiandy")
    assert (page.status, "not closed" in page.text) == (400, True)


def test_all_pairs_are_available_as_a_table(site: Site) -> None:
    lines = site.get("/matrix.csv?q=Tiandy").text.splitlines()
    assert lines[0] == "field,value,id,count,query,note"
    assert any("Xu Guixiang × Tiandy Technologies" in line for line in lines)


ASCII = "".join(map(chr, range(128)))


def _links(query: str = "") -> Links:
    scope = {"type": "http", "scheme": "http", "path": "/statements", "query_string": query.encode(), "headers": []}
    return Links(Request(scope))


@pytest.mark.parametrize("text", [ASCII, "Łódź & Co. 天", "a\ud800b", ""])
def test_addresses_are_quoted_as_by_urllib(text: str) -> None:
    query = f"?{urlencode({'q': text}, errors='replace')}" if text else ""
    assert _links()(f"/names/{text}", q=text) == quote(f"/names/{text}", errors="replace") + query


def test_only_parameters_with_a_value_are_kept() -> None:
    links = _links("q=a+b&page=3&sort=newest")
    assert links.here(page="", sort=None, counts=False) == "/statements?q=a+b"
    assert links.here(page=2) == "/statements?q=a+b&sort=newest&page=2"


def test_text_of_documents_is_escaped() -> None:
    text = "<b>\u202ea & 'b'"
    escaped = "&lt;b&gt;\\u202ea &amp; &#39;b&#39;"
    assert str(marked(text, [])) == escaped
    assert str(marked(text, [Span(0, len(text))])) == f"<mark>{escaped}</mark>"
    parts: Any = environment().get_template("macros.html").module
    said = str(parts.said({"lead": ("", text, ""), "speaker": "", "words": [marked(text, [])]}, lambda _: '/"'))
    assert f'<a class="name" href="/&#34;">{escaped}</a></span> <span class="words">{escaped}</span>' in said
    assert "<b" not in str(bars([Bar(label="<b>", value=1, address='"><b>')]))
