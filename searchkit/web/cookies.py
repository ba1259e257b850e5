"""Cookies of the site: for the server alone, and never sent with requests of other sites."""

from typing import Literal

from starlette.responses import Response
from starlette.types import Scope


def is_encrypted(scope: Scope) -> bool:
    """Return whether a request came over HTTPS."""
    return bool(scope["scheme"] == "https")


def set_cookie(
    answer: Response,
    scope: Scope,
    name: str,
    value: str,
    seconds: int,
    *,
    path: str = "/",
    samesite: Literal["strict", "lax"] = "strict",
) -> None:
    """Set a cookie for so many seconds; 0 removes it."""
    answer.set_cookie(
        name, value, max_age=seconds, path=path, secure=is_encrypted(scope), httponly=True, samesite=samesite
    )
