"""The help page of the query language; each example is a link."""

from starlette.requests import Request
from starlette.responses import Response

from searchkit.query.examples import DATES, QUERIES
from searchkit.query.fields import FIELDS
from searchkit.web.rendering import page


def query_language(request: Request) -> Response:
    """Show examples of queries and dates, and the fields."""
    fields = [field for field in FIELDS if not field.name.startswith("entity.")]
    return page(request, "help.html", queries=QUERIES, dates=DATES, fields=fields)
