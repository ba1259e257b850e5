"""Cookies of the site: for the server alone, and never sent with requests of other sites."""

import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

BASKET = "basket"
MOST_IN_BASKET = 150  # a cookie holds 4 kB, an id has 21 characters or a few more
_ID = re.compile(r"[0-9a-f]{12}-[0-9a-f]{8}(?:-[0-9]{1,4})?", re.ASCII)


def basket_ids(request: Request) -> list[str]:
    """Return the ids of the statements in the basket of a reader."""
    return valid_ids(request.cookies.get(BASKET, "").split("."))


def valid_ids(ids: Iterable[str]) -> list[str]:
    """Return those that are ids of statements, each once and as many as a basket holds."""
    known = (stripped for written in ids if _ID.fullmatch(stripped := written.strip()))
    return list(dict.fromkeys(known))[:MOST_IN_BASKET]


def is_encrypted(scope: Scope) -> bool:
    """Return whether a request came over HTTPS."""
    return bool(scope["scheme"] == "https")


def set_cookie(answer: Response, scope: Scope, name: str, value: str, seconds: int, *, path: str = "/") -> None:
    """Set a cookie for so many seconds; 0 removes it."""
    answer.set_cookie(
        name, value, max_age=seconds, path=path, secure=is_encrypted(scope), httponly=True, samesite="strict"
    )
