"""The middleware in front of everything, without a server: hosts, changes from other sites, logins, roles, headers."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec import Struct
from starlette.routing import Mount, Router
from starlette.types import Receive, Scope, Send

from searchkit.config.private import add_token, remove_token
from searchkit.web.access import HEADERS, Access
from searchkit.web.login import SESSION_SECONDS, Login
from searchkit.web.rules import LOOPBACK, Rules
from searchkit.web.worker import Reply, call
from tests.cases import cases

HTML = {"accept": "text/html,*/*;q=0.8"}
PROXY = Rules(proxies=("10.0.0.1",), user_header="x-user", readers=("*@desk.example",), editors=("anna@desk.example",))


class Seen(Struct, frozen=True):
    """What reached the site: the state and the headers of the last request."""

    state: dict[str, Any]
    headers: dict[str, str]
    scheme: str


class Front:
    """Asks the middleware in front of a site that remembers what reached it."""

    def __init__(self, rules: Rules) -> None:
        self.seen: Seen | None = None
        self.now = 0.0
        login = Login(rules, clock=lambda: self.now)

        async def site(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/broken":
                raise ZeroDivisionError("a mistake")
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.seen = Seen(scope.get("state", {}), headers, scope["scheme"])
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"page"})

        self._app = Access(Router([*login.routes(), Mount("/", site)]), rules, login)

    def ask(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        form: Mapping[str, str] | None = None,
        client: str = "127.0.0.1",
        headers: Mapping[str, str] | None = None,
        **more: str,
    ) -> Reply:
        self.seen = None
        body = urlencode(form or {}).encode()
        sent = {"host": "localhost:8650", **(headers or {}), **more}
        if form is not None:
            sent |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in sent.items()],
            "client": (client, 1),
            "server": ("127.0.0.1", 8650),
        }
        reply = asyncio.run(call(self._app, scope, body))
        given = {name.decode() for name, _ in reply.headers}
        assert {name.lower() for name in HEADERS} <= given, "every answer has the protective headers"
        return reply

    def role(self, **asked: Any) -> str | None:
        """Return the role of the user who sends a request; None if it is refused."""
        status = self.ask(**asked).status
        return str(self.seen.state["role"]) if status == 200 and self.seen else None


def value_of(reply: Reply, name: str) -> str:
    return "; ".join(value.decode() for key, value in reply.headers if key.decode() == name)


def cookie_of(reply: Reply) -> str:
    return value_of(reply, "set-cookie").partition(";")[0]


@pytest.fixture
def open_front() -> Front:
    return Front(Rules())


class Tokens(Struct, frozen=True):
    """A front with a reader's and an editor's token."""

    front: Front
    path: Path
    reader: str
    editor: str


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    path = tmp_path / "tokens"
    reader, editor = add_token(path, "ben", "reader"), add_token(path, "anna", "editor")
    rules = Rules(tokens=path, hosts=LOOPBACK | {"news.desk.example"}, proxies=("10.0.0.1",))
    return Tokens(Front(rules), path, reader, editor)


# --- hosts and addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8650", "127.0.0.1:1", "[::1]:8650", "[::1]"])
def test_names_of_this_machine_are_answered(open_front: Front, host: str) -> None:
    assert open_front.ask(host=host).status == 200


@pytest.mark.parametrize("host", cases(__file__, "test_a_foreign_name_that_leads_here_is_refused"))
def test_a_foreign_name_that_leads_here_is_refused(open_front: Front, host: str) -> None:
    assert open_front.ask(host=host).status == 400
    assert open_front.ask("POST", host=host, origin=f"http://{host}").status == 400
    assert open_front.seen is None


@pytest.mark.parametrize("path", ["http://evil.example/", "*", "", "evil.example:443", "/a\0b"])
def test_an_address_that_is_no_path_is_refused(open_front: Front, path: str) -> None:
    assert open_front.ask(path=path).status == 400
    assert open_front.seen is None


def test_a_very_long_address_is_refused(open_front: Front) -> None:
    assert open_front.ask(path=f"/statements?q={'a' * 8_000}").status == 200
    assert open_front.ask(path=f"/statements?q={'a' * 9_000}").status == 414


# --- changes ---------------------------------------------------------------------------------------------------------

OWN = [{}, {"origin": "http://localhost:8650"}, {"sec-fetch-site": "same-origin"}]
FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "cross-site", "origin": "http://localhost:8650"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:8651"},
    {"origin": "http://localhost"},
    {"origin": "http://localhost:8650.evil.example"},
]


@pytest.mark.parametrize("headers", OWN)
def test_our_own_pages_and_programs_may_change(open_front: Front, headers: dict[str, str]) -> None:
    assert open_front.ask("POST", "/saved", headers=headers).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_other_sites_may_not_change(open_front: Front, method: str, headers: dict[str, str]) -> None:
    assert open_front.ask(method, "/saved", headers=headers).status == 403
    assert open_front.seen is None


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_other_sites_may_not_log_in_or_out(tokens: Tokens, headers: dict[str, str]) -> None:
    """A login of the attacker's making would show what the user does to the attacker."""
    reply = tokens.front.ask("POST", "/login", form={"token": tokens.reader}, headers=headers)
    assert (reply.status, value_of(reply, "set-cookie")) == (403, "")
    assert tokens.front.ask("POST", "/logout", form={}, headers=headers).status == 403


# --- without a login -------------------------------------------------------------------------------------------------


def test_without_a_login_everyone_is_an_editor(open_front: Front) -> None:
    assert open_front.role() == "editor"
    assert open_front.seen is not None
    assert open_front.seen.state["name"] == ""


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_without_a_login_a_proxy_is_refused(open_front: Front, header: str) -> None:
    assert open_front.ask(headers={header: "203.0.113.9"}).status == 403


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_a_program_sends_its_token(tokens: Tokens) -> None:
    assert tokens.front.role(authorization=f"Bearer {tokens.reader}") == "reader"
    assert tokens.front.seen is not None
    assert tokens.front.seen.state["name"] == "ben"
    assert "authorization" not in tokens.front.seen.headers
    assert tokens.front.role(method="POST", authorization=f"bearer  {tokens.editor}") == "editor"


def test_a_reader_may_not_change(tokens: Tokens) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert tokens.front.ask(method, authorization=f"Bearer {tokens.reader}").status == 403
        assert tokens.front.seen is None
    for path in ("/mcp", "/a/news/mcp", "/basket", "/a/news/basket/verify"):
        assert tokens.front.role(method="POST", path=path, authorization=f"Bearer {tokens.reader}") == "reader"
    for path in ("/mcpx", "/a/news/x/mcp", "/saved/basket", "/basket/verify/x"):
        assert tokens.front.role(method="POST", path=path, authorization=f"Bearer {tokens.reader}") is None


@pytest.mark.parametrize("given", ["", "x", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer \xff"])
def test_anything_else_is_refused(tokens: Tokens, given: str) -> None:
    for path in ("/", "/statements", "/a/news/", "/openapi.json", "/static/../statements", "/static", "//health"):
        reply = tokens.front.ask(path=path, authorization=given)
        assert (reply.status, tokens.front.seen) == (401, None), path
        assert value_of(reply, "www-authenticate").startswith("Bearer")


def test_what_shows_nothing_needs_no_login(tokens: Tokens) -> None:
    for path in ("/static/style.css", "/health"):
        assert tokens.front.ask(path=path).status == 200
    assert tokens.front.ask(path="/login").status == 200


def test_a_browser_logs_in_and_out(tokens: Tokens) -> None:
    refused = tokens.front.ask(path="/statements?q=%22x%22&page=2", headers=HTML)
    assert refused.status == 401
    assert b'name="next" value="/statements?q=%22x%22&amp;page=2"' in refused.body
    done = tokens.front.ask("POST", "/login", form={"token": f" {tokens.editor}\n", "next": "/statements?q=x"})
    assert (done.status, value_of(done, "location")) == (303, "/statements?q=x")
    attributes = value_of(done, "set-cookie")
    for attribute in ("HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={SESSION_SECONDS}"):
        assert attribute in attributes
    assert tokens.editor not in attributes
    assert "Domain" not in attributes
    cookie = cookie_of(done)
    assert tokens.front.role(cookie=f"other=1; {cookie}") == "editor"
    assert tokens.front.seen is not None
    assert tokens.front.seen.state == {"client": "127.0.0.1", "role": "editor", "name": "anna", "can_log_out": True}
    left = tokens.front.ask("POST", "/logout", form={}, cookie=cookie)
    assert (left.status, value_of(left, "location")) == (303, "/login")
    assert "Max-Age=0" in value_of(left, "set-cookie")
    assert tokens.front.role(cookie=cookie) is None, "the server has ended the session, not the browser alone"


def test_a_wrong_token_is_refused(tokens: Tokens) -> None:
    for wrong in ("", "x", tokens.reader[:-1], tokens.reader.upper(), "x" * 9_000):
        reply = tokens.front.ask("POST", "/login", form={"token": wrong})
        assert (reply.status, value_of(reply, "set-cookie")) == (401, "")
        assert b"not a valid access token" in reply.body


def test_failed_logins_are_logged(tokens: Tokens, capsys: pytest.CaptureFixture[str]) -> None:
    tokens.front.ask("POST", "/login", form={"token": "x"}, client="203.0.113.9")
    tokens.front.ask(authorization="Bearer x\x1b[31m", client="2001:db8::1")
    Front(PROXY).ask(client="10.0.0.1", x_user="eve@evil.example\n", headers={"x-forwarded-for": "10.9.9.9, 192.0.2.1"})
    tokens.front.ask()  # who has not tried has not failed
    tokens.front.ask("POST", "/login", form={"token": tokens.reader})
    assert [line.partition(" UTC: failed login ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "from 203.0.113.9: invalid access token in the form",
        "from 2001:db8::/64: invalid access token in the header",
        "from 192.0.2.1: eve@evil.example is not listed in serve_readers",
    ]


def test_a_session_that_we_did_not_open_is_none(tokens: Tokens) -> None:
    """Otherwise an attacker could plant a session that is known to them, and wait for the login."""
    planted = "searchkit_session=planted"
    done = tokens.front.ask("POST", "/login", form={"token": tokens.reader}, cookie=planted)
    assert cookie_of(done) != planted
    assert tokens.front.role(cookie=planted) is None


def test_a_session_ends_with_its_time_and_its_token(tokens: Tokens) -> None:
    reader = cookie_of(tokens.front.ask("POST", "/login", form={"token": tokens.reader}))
    editor = cookie_of(tokens.front.ask("POST", "/login", form={"token": tokens.editor}))
    remove_token(tokens.path, "anna")
    assert (tokens.front.role(cookie=reader), tokens.front.role(cookie=editor)) == ("reader", None)
    assert tokens.front.role(authorization=f"Bearer {tokens.editor}") is None
    new = add_token(tokens.path, "carl", "editor")
    assert tokens.front.role(authorization=f"Bearer {new}") == "editor"
    tokens.front.now = SESSION_SECONDS + 1.0
    assert tokens.front.role(cookie=reader) is None


def test_a_file_that_becomes_unreadable_admits_nobody(tokens: Tokens, capsys: pytest.CaptureFixture[str]) -> None:
    cookie = cookie_of(tokens.front.ask("POST", "/login", form={"token": tokens.reader}))
    tokens.path.chmod(0o644)
    assert tokens.front.role(cookie=cookie) is None
    assert tokens.front.role(authorization=f"Bearer {tokens.editor}") is None
    assert capsys.readouterr().err.count("can be read or changed by other users") == 1
    tokens.path.chmod(0o600)
    assert tokens.front.role(authorization=f"Bearer {tokens.editor}") == "editor"


@pytest.mark.parametrize("place", cases(__file__, "test_a_login_leads_to_no_other_site"))
def test_a_login_leads_to_no_other_site(tokens: Tokens, place: str) -> None:
    done = tokens.front.ask("POST", "/login", form={"token": tokens.reader, "next": place})
    assert value_of(done, "location") == "/"
    shown = tokens.front.ask(path=f"/login?{urlencode({'next': place})}")
    assert b'name="next" value="/"' in shown.body


def test_a_link_on_another_site_finds_the_session(tokens: Tokens) -> None:
    """Browsers send a strict cookie only with a request that our own page has made."""
    arrived = {**HTML, "sec-fetch-site": "cross-site"}
    reply = tokens.front.ask(path="/statements/1-2?q=a&b", headers=arrived)
    assert reply.status == 200
    assert b'content="0; url=/statements/1-2?q=a&amp;b"' in reply.body
    for path in ("//evil.example/", "/\\evil.example", "/%2F"):
        assert not re.search(rb"""["= ]/[/\\\\]""", tokens.front.ask(path=path, headers=arrived).body)
    assert tokens.front.ask(headers={**HTML, "sec-fetch-site": "same-origin"}).status == 401


def test_programs_get_json(tokens: Tokens) -> None:
    for path in ("/statements.json", "/api/v1/statements", "/a/news/api/v1/x", "/names.csv", "/statements.atom"):
        body = tokens.front.ask(path=path).body
        assert b'"ok": false' in body
        assert b'"status": 401' in body


# --- proxies ---------------------------------------------------------------------------------------------------------


def test_a_trusted_proxy_names_the_user() -> None:
    front = Front(PROXY)
    assert front.role(client="10.0.0.1", x_user="anna@desk.example") == "editor"
    assert front.seen is not None
    assert "x-user" not in front.seen.headers
    assert not front.seen.state["can_log_out"]
    assert front.role(client="::ffff:10.0.0.1", x_user="ben@desk.example") == "reader"
    refused = front.ask(client="10.0.0.1", x_user="eve@evil.example")
    assert refused.status == 403
    assert b"eve@evil.example may not read here" in refused.body


@pytest.mark.parametrize("client", ["10.0.0.2", "127.0.0.1", "203.0.113.9", ""])
@pytest.mark.parametrize("spoofed", [{"x-forwarded-for": "10.0.0.1"}, {"forwarded": "for=10.0.0.1"}, {}])
def test_nobody_else_does(client: str, spoofed: dict[str, str]) -> None:
    front = Front(PROXY)
    assert front.role(client=client, x_user="anna@desk.example", headers=spoofed) is None
    front.ask(path="/health", client=client, x_user="anna@desk.example")
    assert front.seen is not None
    assert "x-user" not in front.seen.headers


@pytest.mark.parametrize(
    ("address", "named", "client"), cases(__file__, "test_a_client_is_an_address_or_whom_a_proxy_names")
)
def test_a_client_is_an_address_or_whom_a_proxy_names(address: str, named: tuple[str, ...], client: str) -> None:
    assert PROXY.client(address, named) == client


def test_a_header_that_a_visitor_added_to_that_of_the_proxy_admits_nobody() -> None:
    front = Front(PROXY)
    assert front.role(client="10.0.0.1", headers={"X-User": "anna@desk.example", "x-user": "ben@desk.example"}) is None
    assert front.role(client="10.0.0.1", x_user="") is None
    assert front.role(client="10.0.0.1", headers={"x_user": "anna@desk.example"}) == "editor"  # same name, see ask


def test_behind_https_the_cookie_is_bound_to_the_host(tokens: Tokens) -> None:
    sent = {"host": "news.desk.example", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
    done = tokens.front.ask("POST", "/login", form={"token": tokens.reader}, client="10.0.0.1", headers=sent)
    cookie = cookie_of(done)
    assert cookie.startswith("__Host-searchkit_session=")
    assert "Secure" in value_of(done, "set-cookie")
    assert tokens.front.role(client="10.0.0.1", headers=sent, cookie=cookie) == "reader"
    assert tokens.front.seen is not None
    assert tokens.front.seen.scheme == "https"
    weak = cookie.replace("__Host-", "")
    assert tokens.front.role(client="10.0.0.1", headers=sent, cookie=weak) is None, "a plain page could have set it"


def test_only_a_trusted_proxy_says_what_is_encrypted(tokens: Tokens) -> None:
    done = tokens.front.ask("POST", "/login", form={"token": tokens.reader}, x_forwarded_proto="https")
    assert "Secure" not in value_of(done, "set-cookie")


# --- failures --------------------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_is_a_page_and_one_line(open_front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    reply = open_front.ask(path="/broken?q=secret")
    assert reply.status == 500
    assert b"The server failed." in reply.body
    logged = capsys.readouterr().err
    assert re.fullmatch(
        r"searchkit: internal error: GET /broken: ZeroDivisionError: a mistake \(test_access\.py:\d+\)\. .*\n", logged
    )


def test_pages_of_the_front_have_no_inline_code(tokens: Tokens) -> None:
    for path in ("/login", "/"):
        body = tokens.front.ask(path=path, headers=HTML).body
        assert not re.search(rb"<script|<style| style=| on[a-z]+=|https?://", body)
