"""Who sent a request: bearer tokens, sessions in a cookie, users named by a trusted proxy; the pages of the login.

Sessions are in memory: they end with the server.
"""

import hmac
import secrets
import time
from collections.abc import Callable

from msgspec import Struct
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from searchkit.config.private import Token, digest_of, read_tokens
from searchkit.errors import ConfigError
from searchkit.web.failures import bare_page, failure, log, log_access, place_of, within_site
from searchkit.web.rendering import is_encrypted, set_cookie
from searchkit.web.rules import Rules, User

SESSION_SECONDS = 30 * 24 * 3600
_MOST_SESSIONS = 10_000
_COOKIE = "searchkit_session"


class _Session(Struct, frozen=True, kw_only=True):
    user: User
    ends: float
    token: Token


class Login:
    """Identifies users and serves the pages of the login."""

    def __init__(self, rules: Rules, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        self._tokens: tuple[Token, ...] = ()
        self._tokens_state: tuple[int, ...] = ()

    def routes(self) -> list[Route]:
        """Return the pages of the login."""
        routes = [Route("/login", self._show), Route("/logout", self._log_out, methods=["POST"])]
        if self._rules.tokens:
            routes.append(Route("/login", self._log_in, methods=["POST"]))
        return routes

    # --- who sent a request ------------------------------------------------------------------------------------------

    def identify(self, scope: Scope) -> User | None:
        """Return who sent a request; None for an unknown sender."""
        headers = Headers(scope=scope)
        if not self._rules.needs_login:
            return User(name="", role="editor")
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer":  # an invalid token is an error, whatever else the request has
            token = self._find(given.strip())
            if token is None:
                _log_failed(scope, "invalid access token in the header")
            return User(name=token.name, role=token.role) if token else None
        name = self.named(scope)
        return self._rules.user(name) if name else self._of_session(scope)

    def named(self, scope: Scope) -> str:
        """Return the user whom a trusted proxy names; empty if none does."""
        if not self._rules.user_header or not scope.get("client") or not self._rules.is_proxy(scope["client"][0]):
            return ""
        names = Headers(scope=scope).getlist(self._rules.user_header)
        # Twice: the visitor's own header went through the proxy next to that of the proxy.
        return names[0].strip() if len(names) == 1 else ""

    def _of_session(self, scope: Scope) -> User | None:
        key = _session_key(scope)
        session = self._sessions.get(key)
        if session is None:
            return None
        if session.ends < self._clock() or session.token not in self._current_tokens():
            del self._sessions[key]
            return None
        return session.user

    def _find(self, given: str) -> Token | None:
        digest = digest_of(given)
        found = None
        for token in self._current_tokens():  # all of them, so that the time does not depend on the place
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found

    def _current_tokens(self) -> tuple[Token, ...]:
        """Return the tokens of the file; none if it cannot be read."""
        path = self._rules.tokens
        if path is None:
            return ()
        try:
            status = path.stat()
            state: tuple[int, ...] = (status.st_mtime_ns, status.st_ino, status.st_size, status.st_mode, status.st_uid)
        except OSError:
            state = (-1,)
        if state != self._tokens_state:
            try:
                self._tokens = read_tokens(path)
            except ConfigError as error:
                log(str(error))
                self._tokens = ()
            self._tokens_state = state
        return self._tokens

    # --- pages -------------------------------------------------------------------------------------------------------

    def refuse(self, scope: Scope, named: str) -> Response:
        """Return the answer to a request of someone who has to log in, or whom a proxy named who may not read."""
        if named:
            _log_failed(scope, f"{named} is not listed in serve_readers")
            hint = "Ask the person who runs this server to add this name to serve_readers."
            return failure(scope, 403, f"{named} may not read here.", hint)
        headers = Headers(scope=scope)
        is_page = "text/html" in headers.get("accept", "") and "authorization" not in headers
        if not is_page:
            return failure(
                scope, 401, "Log in, or send an access token.", headers={"WWW-Authenticate": 'Bearer realm="searchkit"'}
            )
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and scope["method"] == "GET":
            return bare_page("onward.html", 200, next=place_of(scope))
        return self._form(401, place_of(scope) if scope["method"] == "GET" else "/")

    def _form(self, status: int, place: str, error: str = "") -> Response:
        return bare_page("login.html", status, next=place, error=error, tokens=self._rules.tokens is not None)

    async def _show(self, request: Request) -> Response:
        return self._form(200, within_site(request.query_params.get("next", "/")))

    async def _log_in(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        place = within_site(str(form.get("next", "/")))
        token = self._find(str(form.get("token", "")).strip())
        if token is None:
            _log_failed(request.scope, "invalid access token in the form")
            return self._form(401, place, "This is not a valid access token.")
        while len(self._sessions) >= _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        cookie = secrets.token_urlsafe(32)
        user, ends = User(name=token.name, role=token.role), self._clock() + SESSION_SECONDS
        self._sessions[digest_of(cookie)] = _Session(user=user, ends=ends, token=token)
        answer = RedirectResponse(place, 303)
        set_cookie(answer, request.scope, _cookie_name(request.scope), cookie, SESSION_SECONDS)
        return answer

    async def _log_out(self, request: Request) -> Response:
        self._sessions.pop(_session_key(request.scope), None)
        answer = RedirectResponse("/login", 303, {"Clear-Site-Data": '"cache"'})
        set_cookie(answer, request.scope, _cookie_name(request.scope), "", 0)
        return answer


def _log_failed(scope: Scope, reason: str) -> None:
    log_access(f"failed login from {scope['state']['client']}: {reason}")


def _cookie_name(scope: Scope) -> str:
    """With this prefix, browsers refuse a cookie that another host or an unencrypted page sets."""
    return f"__Host-{_COOKIE}" if is_encrypted(scope) else _COOKIE


def _session_key(scope: Scope) -> str:
    cookie = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie"))).get(_cookie_name(scope))
    return digest_of(cookie) if cookie else ""
