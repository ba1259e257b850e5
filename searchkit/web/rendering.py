"""Turn values into HTML: templates, links and marked text.

Jinja escapes every value; characters that hide or reorder text are made visible first.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from searchkit.statements.text import Span, counted, minute_text, one_line, visible
from searchkit.web.cookies import basket_ids


@cache
def environment() -> Environment:
    """Return the templates of the site."""
    made = Environment(
        loader=PackageLoader("searchkit.web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_shown,
    )
    made.filters["number"] = lambda number: f"{number:,}"
    made.filters["counted"] = counted
    made.filters["line"] = one_line
    made.filters["minute"] = minute_text
    made.filters["marked"] = lambda text, places: marked(text, [Span(*place) for place in places])
    return made


def _shown(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page made from a template; every template knows `request`, `reader`, `url` and the ids
    in the `basket`."""
    shared = {"reader": request.state.reader, "url": Links(request), "basket": basket_ids(request)}
    text = environment().get_template(template).render(request=request, **shared, **values)
    return HTMLResponse(text, status_code=status)


class Links:
    """Makes addresses within the site, which may be mounted below a path."""

    def __init__(self, request: Request) -> None:
        self._root = request.scope.get("root_path", "")
        self._here = request.scope["path"].removeprefix(self._root)
        self._base = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
        self._parameters = list(request.query_params.multi_items())

    def __call__(self, path: str, **parameters: object) -> str:
        """Return the address of `path` ("/statements") with the parameters that have a value."""
        address = self._root + path
        address = address.translate(_IN_PATHS) if address.isascii() else quote(address, errors="replace")
        query = "&".join([f"{_in_query(name)}={_in_query(str(value))}" for name, value in parameters.items() if value])
        return f"{address}?{query}" if query else address

    def here(self, **changed: object) -> str:
        """Return the address of this page with some parameters changed; an empty value removes a parameter."""
        kept = {name: value for name, value in self._parameters if name not in changed}
        return self(self._here, **kept, **changed)

    def absolute(self, address: str) -> str:
        """Return an address of this site with scheme and host, for programs."""
        return self._base + address


# A page has hundreds of links, and for most texts these tables are several times as fast as urllib.
_IN_PATHS = str.maketrans({chr(code): quote(chr(code)) for code in range(128)})
_IN_QUERIES = str.maketrans({chr(code): quote_plus(chr(code)) for code in range(128)})


def _in_query(text: str) -> str:
    """Return a name or value of a parameter as an address has it."""
    return text.translate(_IN_QUERIES) if text.isascii() else quote_plus(text, errors="replace")


# Markup.format takes several times as long as joining escaped pieces.
def marked(text: str, marks: Iterable[Span], *, tag: str = "mark") -> Markup:
    """Return `text` as HTML with the places in `marks` as elements of the given kind."""
    pieces: list[str] = []
    place = 0
    for mark in marks:
        pieces += [_escaped(text[place : mark.start]), f"<{tag}>", _escaped(text[mark.start : mark.end]), f"</{tag}>"]
        place = mark.end
    return Markup("".join([*pieces, _escaped(text[place:])]))  # noqa: S704 - escaped


def _escaped(text: str) -> Markup:
    return escape(visible(text))


def joined(parts: Sequence[Markup], separator: str = " ") -> Markup:
    """Join pieces of HTML."""
    return escape(separator).join(parts)
