"""Write reports by the templates of this package: Markdown, or one HTML page that works offline, without scripts or
anything external, and printable. Each value is put on one line and escaped for its form."""

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from searchkit.export.citation import link, markdown, place_text
from searchkit.export.report import CAUTION
from searchkit.statements.text import one_line

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import EvalContext

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@cache
def _environment() -> "Environment":
    # Few commands write reports.
    from jinja2 import Environment, PackageLoader, StrictUndefined, pass_eval_context, select_autoescape

    made = Environment(
        loader=PackageLoader("searchkit.export"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=pass_eval_context(_shown),
    )
    style = made.from_string("\n{% include 'style.css' %}\n").render()
    # Nothing may be loaded or run; only this style sheet applies.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    made.filters["number"] = lambda number: f"{number:,}"
    made.tests["language_code"] = _LANGUAGE.fullmatch
    made.globals |= {"caution": CAUTION, "link": link, "place_text": place_text}
    made.globals |= {"style": style, "style_digest": digest}
    return made


def _shown(context: "EvalContext", value: object) -> object:
    """Return a value that is not markup on one line, escaped for Markdown; Jinja escapes for HTML."""
    if type(value) is not str:
        return value
    return one_line(value) if context.autoescape else markdown(value)


def written(template: str, **values: Any) -> Iterator[str]:
    """Yield the lines of a template, whose suffix is its form, without line ends."""
    rest = ""
    for piece in _environment().get_template(template).generate(**values):
        *lines, rest = f"{rest}{piece}".split("\n")
        yield from lines
    if rest:
        yield rest
