"""The login at an OpenID Connect provider, which these tests run on this machine."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

pytest.importorskip("authlib")

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from searchkit.web import oidc
from searchkit.web.listening import address_of, listen
from searchkit.web.rules import Provider, Rules
from searchkit.web.worker import Reply
from tests.web.test_access import Front, cookie_of, value_of
from tests.web.threads import in_thread

pytestmark = pytest.mark.slow
CLIENT, SECRET = "desk", "a secret of the client"


class Issuer:
    """A provider that logs everyone in as `user`. `change` falsifies the claims of its ID tokens."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self.user: dict[str, Any] = {"sub": "u1", "email": "anna@desk.example", "email_verified": True}
        self.change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self._signed
        self.about: dict[str, Any] | None = None
        self._codes: dict[str, Mapping[str, str]] = {}
        self._socket = listen("127.0.0.1", 0)
        self.issuer = address_of(self._socket).rstrip("/")
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/keys", self._keys),
            Route("/token", self._token, methods=["POST"]),
            Route("/about", self._about),
        ]
        self._thread, self._server = in_thread(Starlette(routes=routes), self._socket)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)

    def authorize(self, address: str) -> dict[str, str]:
        """Do what the page of the provider does after the login: return the parameters of the address to go back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert "openid" in asked["scope"].split()
        code = f"code{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def _discovery(self, _request: Request) -> Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/about",
        }
        return JSONResponse(found)

    def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        given = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        allowed = asked and given == f"{CLIENT}:{SECRET}" and asked["redirect_uri"] == form["redirect_uri"]
        if not allowed or not asked or challenge.decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"], **self.user}
        token = self.sign(self.change(claims))
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def _about(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer x"
        return JSONResponse(self.about or {"sub": self.user["sub"]})


@pytest.fixture(scope="module")
def provider() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.stop()


@pytest.fixture
def issuer(provider: Issuer) -> Issuer:
    """The provider without the changes of other tests."""
    provider.user = {"sub": "u1", "email": "anna@desk.example", "email_verified": True}
    provider.change, provider.sign, provider.about = lambda claims: claims, provider._signed, None
    return provider


@pytest.fixture
def front(issuer: Issuer) -> Front:
    return Front(
        Rules(
            provider=Provider(issuer=issuer.issuer, client=CLIENT, secret=SECRET),
            readers=("*@desk.example", "u7"),
            editors=("anna@desk.example",),
        )
    )


def begin(front: Front, place: str = "/names") -> tuple[str, str]:
    """Return the address at the provider, and the cookie for the way back."""
    reply = front.ask(path=f"/login/start?{urlencode({'next': place})}")
    attributes = value_of(reply, "set-cookie")
    assert reply.status == 303
    assert "HttpOnly" in attributes
    assert "SameSite=lax" in attributes
    return value_of(reply, "location"), cookie_of(reply)


def finish(front: Front, given: Mapping[str, str], cookie: str) -> Reply:
    return front.ask(path=f"/login/callback?{urlencode(given)}", cookie=cookie, sec_fetch_site="cross-site")


def log_in(front: Front, issuer: Issuer) -> Reply:
    address, cookie = begin(front)
    return finish(front, issuer.authorize(address), cookie)


def session_of(reply: Reply) -> str:
    found = [value.decode().partition(";")[0] for name, value in reply.headers if name == b"set-cookie"]
    return next((cookie for cookie in found if cookie.startswith("searchkit_session=")), "")


def test_a_login(front: Front, issuer: Issuer) -> None:
    assert b"Log in with 127.0.0.1" in front.ask(path="/names", accept="text/html").body
    reply = log_in(front, issuer)
    assert reply.status == 200
    assert b'content="0; url=/names"' in reply.body  # a redirect would come from the provider, without a strict cookie
    assert front.role(cookie=session_of(reply)) == "editor"
    assert front.seen is not None
    assert front.seen.state["name"] == "anna@desk.example"


@pytest.mark.parametrize(
    ("user", "role"),
    [
        ({"sub": "u1", "email": "ben@desk.example", "email_verified": True}, "reader"),
        ({"sub": "u1", "email": "ben@desk.example", "email_verified": False}, None),
        ({"sub": "u1", "email": "ben@desk.example", "email_verified": "true"}, None),
        ({"sub": "u1", "email": "ben@desk.example"}, None),
        ({"sub": "u1", "email": "eve@evil.example", "email_verified": True}, None),
        ({"sub": "u7"}, "reader"),
        ({"sub": "u1", "preferred_username": "anna@desk.example"}, None),
    ],
)
def test_who_may_read(front: Front, issuer: Issuer, user: dict[str, Any], role: str | None) -> None:
    issuer.user = user
    reply = log_in(front, issuer)
    assert reply.status == (200 if role else 403)
    assert front.role(cookie=session_of(reply)) == role


def test_the_mail_address_may_be_elsewhere(front: Front, issuer: Issuer) -> None:
    issuer.user = {"sub": "u9"}
    issuer.about = {"sub": "u9", "email": "ben@desk.example", "email_verified": True}
    assert log_in(front, issuer).status == 200
    issuer.about = {"sub": "other", "email": "ben@desk.example", "email_verified": True}
    assert log_in(front, issuer).status == 403


FALSE: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another issuer": lambda claims: {**claims, "iss": "https://evil.example"},
    "another client": lambda claims: {**claims, "aud": "other"},
    "expired": lambda claims: {**claims, "exp": int(time.time()) - 3_600},
    "another login": lambda claims: {**claims, "nonce": "x"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "no audience": lambda claims: {name: value for name, value in claims.items() if name != "aud"},
    "no end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "no user": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    "a strange mail address": lambda claims: {**claims, "email": ["anna@desk.example"], "sub": 7},
}


@pytest.mark.parametrize("change", FALSE.values(), ids=FALSE)
def test_a_false_token_is_refused(
    front: Front, issuer: Issuer, change: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer.change = change
    reply = log_in(front, issuer)
    assert (reply.status, session_of(reply)) == (403, "")
    assert b"The login at 127.0.0.1 failed." in reply.body
    assert capsys.readouterr().err.count("failed login from 127.0.0.1: The login at 127.0.0.1 failed.") == 1


def test_a_false_signature_is_refused(front: Front, issuer: Issuer) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "1"})
    known = OctKey.import_key(SECRET)
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    signs: list[Callable[[dict[str, Any]], str]] = [
        lambda claims: jwt.encode({"alg": "RS256", "kid": "1"}, claims, stranger),
        lambda claims: jwt.encode({"alg": "HS256", "kid": "1"}, claims, known),
        lambda claims: f"{head}.{issuer._signed(claims).split('.')[1]}.",
        lambda claims: issuer._signed(claims)[:-4],
        lambda _claims: "x",
    ]
    for sign in signs:
        issuer.sign = sign
        assert log_in(front, issuer).status == 403


def test_new_keys_of_the_provider_are_found(front: Front, issuer: Issuer) -> None:
    assert log_in(front, issuer).status == 200
    issuer.key = RSAKey.generate_key(2048, {"kid": "2"})
    assert log_in(front, issuer).status == 200


def test_a_login_ends_in_the_browser_where_it_began(
    front: Front, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an attacker could send the end of an own login to a victim, who would then work in that account."""
    address, cookie = begin(front)
    given = issuer.authorize(address)
    _, other = begin(front)
    for wrong in ("", other, f"{cookie}0", cookie.replace(".", "x."), "searchkit_session_login=x.y"):
        reply = finish(front, given, wrong)
        assert (reply.status, session_of(reply)) == (403, "")
    for changed in ({**given, "state": "x"}, {**given, "iss": "https://evil.example"}, {"error": "x"}, {}):
        assert finish(front, changed, cookie).status == 403
    monkeypatch.setattr(oidc, "LOGIN_SECONDS", -1)
    late_address, late = begin(front)
    assert finish(front, issuer.authorize(late_address), late).status == 403
    assert finish(front, given, cookie).status == 200
    assert finish(front, given, cookie).status == 403, "a code works once"


def test_a_provider_that_does_not_answer(issuer: Issuer, capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1", 0) as closed:
        gone = address_of(closed).rstrip("/")
    for address in (gone, f"{issuer.issuer}/nothing", issuer.issuer.replace("127.0.0.1", "localhost")):
        front = Front(Rules(provider=Provider(issuer=address, client=CLIENT), readers=("*",)))
        reply = front.ask(path="/login/start")
        assert reply.status == 403
        assert b"failed" in reply.body
    assert capsys.readouterr().err.count("failed login from ") == 3
