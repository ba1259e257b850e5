"""Who may read and edit: checks of the host and of changes, headers that protect readers."""

from msgspec import Struct
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
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
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


class Rules(Struct, frozen=True, kw_only=True):
    """What the settings allow: the names under which the site may be asked."""

    hosts: frozenset[str] = LOOPBACK


class Access:
    """ASGI middleware that refuses foreign hosts and changes from foreign pages."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        refused = _foreign_host(headers, self._rules) or _foreign_change(scope["method"], headers)
        if refused:
            await PlainTextResponse(refused + "\n", 400)(scope, receive, send_protected)
            return
        scope.setdefault("state", {})["role"] = "editor"
        await self._app(scope, receive, send_protected)


def _foreign_host(headers: Headers, rules: Rules) -> str:
    """Return why the host of a request is refused (another site's name for this server); empty if it is not."""
    host = headers.get("host", "").rpartition(":")[0] if _has_port(headers) else headers.get("host", "")
    return "" if host.casefold() in rules.hosts else "This host name is not allowed. Add it to the setting serve_hosts."


def _has_port(headers: Headers) -> bool:
    return headers.get("host", "").rpartition(":")[2].isdecimal()


def _foreign_change(method: str, headers: Headers) -> str:
    """Return why a request that changes something is refused: another site's page sent it. Empty if it is not.

    Browsers send at least one of the two headers; programs send neither.
    """
    if method in {"GET", "HEAD"}:
        return ""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        allowed = site == "same-origin"
    else:
        allowed = origin is None or origin.partition("://")[2] == headers.get("host")
    return "" if allowed else "Another site sent this change, so it was refused."
