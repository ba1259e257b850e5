"""Turn values into HTML: templates, links and marked text.

Jinja escapes every value; characters that hide or reorder text are made visible first.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from searchkit.text import Span, counted, minute_text, visible
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
    made.filters["minute"] = minute_text
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
        given = [(name, value) for name, value in parameters.items() if value not in {None, "", False}]
        query = urlencode([(name, str(value)) for name, value in given], errors="replace")
        return quote(self._root + path, errors="replace") + (f"?{query}" if query else "")

    def here(self, **changed: object) -> str:
        """Return the address of this page with some parameters changed; an empty value removes a parameter."""
        kept = {name: value for name, value in self._parameters if name not in changed}
        return self(self._here, **kept, **changed)

    def absolute(self, address: str) -> str:
        """Return an address of this site with scheme and host, for programs."""
        return self._base + address


_MARK = Markup("<mark>{}</mark>")
IN_SENTENCE = Markup("<b>{}</b>")


def marked(text: str, marks: Iterable[Span], *, shape: Markup = _MARK) -> Markup:
    """Return `text` as HTML with the places in `marks` in the given shape."""
    pieces, place = [], 0
    for mark in marks:
        pieces += [_escaped(text[place : mark.start]), shape.format(visible(text[mark.start : mark.end]))]
        place = mark.end
    return Markup("").join([*pieces, _escaped(text[place:])])


def _escaped(text: str) -> Markup:
    return escape(visible(text))


def linked(text: str, name: str | None, address: str) -> Markup:
    """Return `text` as HTML with the first occurrence of `name` as a link."""
    place = text.find(name) if name else -1
    if place < 0 or name is None:
        return _escaped(text)
    after = place + len(name)
    return Markup('{}<a class="name" href="{}">{}</a>{}').format(
        visible(text[:place]), address, visible(name), visible(text[after:])
    )


def joined(parts: Sequence[Markup], separator: str = " ") -> Markup:
    """Join pieces of HTML."""
    return escape(separator).join(parts)
