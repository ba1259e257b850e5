"""Middleware in front of everything: which requests are answered, for whom, and with which protective headers."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searchkit.web.failures import failure, log_error
from searchkit.web.login import Login
from searchkit.web.rules import Rules

MAX_ADDRESS = 8_192
"""The longest address of a request, in bytes."""
_SAFE = frozenset({"GET", "HEAD"})
_PUBLIC = re.compile(r"/(?:health|login|logout|static/\w[\w.-]{0,100})")
# A POST to these changes nothing of the archive: agents ask at one of them, and the basket is in the reader's cookie.
_READS_ONLY = re.compile(r"(?:/a/[^/]{1,60})?/(?:mcp/?|basket(?:/verify)?)")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a form would send the origin "null", which another site could send as well.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class Access:
    """ASGI middleware that lets a request through only if its sender may make it."""

    def __init__(self, app: ASGIApp, rules: Rules, login: Login) -> None:
        self._app = app
        self._rules = rules
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_protected(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            refused = self._refused(scope)
            await (refused or self._app)(scope, receive, send_protected)
        except Exception as error:  # noqa: BLE001 - the last place before the web server, which would print a traceback
            log_error(f"{scope['method']} {scope['path']}", error)
            if not started:
                answer = failure(scope, 500, "The server failed.", "Its log has the reason.")
                await answer(scope, receive, send_protected)

    def _refused(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is refused, otherwise None. The state of the request gets its user."""
        headers, peer = Headers(scope=scope), str((scope.get("client") or ("",))[0])
        forwarded = ",".join(headers.getlist("x-forwarded-for")).split(",")
        scope.setdefault("state", {})["client"] = self._rules.client(peer, filter(None, map(str.strip, forwarded)))
        if not scope["path"].startswith("/") or "\0" in scope["path"]:  # a proxy's request, or one for no page
            scope["path"] = "/"
            return failure(scope, 400, "The address cannot be read.")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS:
            return failure(scope, 414, "The address is too long.", "Shorten the query.")
        if not self._is_own_host(scope, headers):
            return failure(scope, 400, "This host name is not allowed.", "Add it to the setting serve_hosts.")
        if scope["method"] not in _SAFE and _is_foreign(headers):
            return failure(scope, 403, "Another site sent this change, so it was refused.")
        if not self._rules.needs_login and ("x-forwarded-for" in headers or "forwarded" in headers):
            # Whoever can reach the proxy would be an editor.
            return failure(
                scope,
                403,
                "This server has no login, so it does not answer requests that come through a proxy.",
                "Set serve_tokens or serve_user_header in searchkit.toml.",
            )
        self._trust_proxy(scope, headers)
        user, named = self._login.identify(scope), self._login.named(scope)
        # What identifies users: only this middleware may read it.
        removed = {b"authorization", self._rules.user_header.encode()}
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in removed]
        if _PUBLIC.fullmatch(scope["path"]):
            return None
        if user is None:
            return self._login.refuse(scope, named)
        if scope["method"] not in _SAFE and user.role != "editor" and not _READS_ONLY.fullmatch(scope["path"]):
            return failure(scope, 403, "You may read, but not change anything.", "Only editors may.")
        scope["state"].update(role=user.role, name=user.name, can_log_out=self._rules.needs_login and not named)
        return None

    def _is_own_host(self, scope: Scope, headers: Headers) -> bool:
        """Return whether the request names this site, not another site whose name leads here (DNS rebinding)."""
        host = re.sub(r":\d{1,5}$", "", headers.get("host", "")).casefold()
        bound = str((scope.get("server") or ("",))[0])  # an address cannot be rebound
        return host in self._rules.hosts or (bool(bound) and host in {bound, f"[{bound}]"})

    def _trust_proxy(self, scope: Scope, headers: Headers) -> None:
        client = scope.get("client")
        if client and self._rules.is_proxy(client[0]) and headers.get("x-forwarded-proto") == "https":
            scope["scheme"] = "https"


def _is_foreign(headers: Headers) -> bool:
    """Return whether a page of another site sent a request.

    Browsers send at least one of the two headers; programs send neither."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site != "same-origin"
    return origin is not None and origin.partition("://")[2] != headers.get("host")
