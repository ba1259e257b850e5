"""The interface for programs: version 1 of the addresses that return JSON, and its description as OpenAPI.

An answer has the same record as the command of the same purpose prints with --json.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.digests import DigestRecord
from searchkit.alerts.editing import SavedList
from searchkit.archive.user_notes import NoteList
from searchkit.export.records import DocumentExport, ShownStatement
from searchkit.export.schema import components
from searchkit.query.fields import ENTITY_KINDS
from searchkit.reports.base import Report, fields_of
from searchkit.search.name_profile import NameList, NameProfile
from searchkit.statements.text import safe_json
from searchkit.update.health import SourcesReport
from searchkit.version import __version__
from searchkit.web import alerts, document, documents, names, notes, reports, saved, sources, statement, statements
from searchkit.web.data import PagedDocuments, PagedStatements
from searchkit.web.failures import ErrorRecord
from searchkit.web.rendering import Links, page
from searchkit.web.results import MOST_PER_PAGE, MOST_ROWS

BASE = "/api/v1"
View = Callable[[Request], Response]


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter of an address; one in its path is always required."""

    name: str
    describes: str
    schema: dict[str, Any]
    in_path: bool = False
    required: bool = False


class Endpoint(Struct, frozen=True, kw_only=True):
    """An address that returns JSON. `view` returns it if the format in the path is json; `example` follows BASE."""

    path: str
    view: View
    answer: type
    describes: str
    parameters: tuple[Parameter, ...] = ()
    example: str = ""


_TEXT = {"type": "string"}
_YES = {"type": "string", "enum": ["1"]}
_LIST = (
    Parameter(name="q", describes="The query, as on the page; without it everything.", schema=_TEXT),
    Parameter(
        name="sort",
        describes="Order; by default relevance, and newest for a query without words.",
        schema={"type": "string", "enum": ["relevance", "newest", "oldest"]},
    ),
    Parameter(
        name="page",
        describes="Number of the page, from 1.",
        schema={"type": "integer", "minimum": 1, "maximum": 50_000},
    ),
    Parameter(
        name="limit", describes="Hits on a page.", schema={"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE}
    ),
    Parameter(name="duplicates", describes="1: list duplicates too.", schema=_YES),
    Parameter(name="counts", describes="0: leave out the counts of values.", schema={"type": "string", "enum": ["0"]}),
)
_LAST_PAGE = {"type": "integer", "minimum": 1, "maximum": reports.LAST_PAGE}
_PAGES = (
    Parameter(name="page", describes="Number of the page, from 1.", schema=_LAST_PAGE),
    Parameter(
        name="limit",
        describes="Entries on a page.",
        schema={"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
    ),
)
_REVISION = Parameter(
    name="revision", describes="An earlier text of the document.", schema={"type": "integer", "minimum": 1}
)


def _id(describes: str) -> Parameter:
    return Parameter(name="id", describes=describes, schema=_TEXT, in_path=True)


def _of_report(report: Report) -> Endpoint:
    fields = tuple(
        Parameter(name=field.parameter, describes=field.text, schema=field.schema, required=field.required)
        for field in fields_of(report.request)
    )
    path = f"/{report.name}"
    return Endpoint(
        path=path,
        view=reports.view_of(report),
        answer=reports.answer_type(report),
        describes=report.describes,
        parameters=(*fields, *_PAGES) if report.in_parts else fields,
        example=report.example and path + report.example,
    )


ENDPOINTS = (
    Endpoint(
        path="/statements",
        view=statements.results,
        answer=PagedStatements,
        describes="Statements that match: who said what.",
        parameters=_LIST,
        example="/statements?q=Tiandy&limit=5",
    ),
    Endpoint(
        path="/documents",
        view=documents.results,
        answer=PagedDocuments,
        describes="Documents that match, each with its matching statements.",
        parameters=_LIST,
        example="/documents?q=Tiandy&limit=5",
    ),
    Endpoint(
        path="/statements/{id}",
        view=statement.show,
        answer=ShownStatement,
        describes="A statement with its speaker, sentence and offsets.",
        parameters=(_id("Id of the statement."), _REVISION),
    ),
    Endpoint(
        path="/documents/{id}",
        view=document.show,
        answer=DocumentExport,
        describes="A document with its text and all annotations.",
        parameters=(_id("Id of the document."), _REVISION),
    ),
    Endpoint(
        path="/names",
        view=names.results,
        answer=NameList,
        describes="Names with these words, the most frequent first.",
        parameters=(
            Parameter(name="q", describes="Words of the name.", schema=_TEXT),
            Parameter(
                name="kind", describes="Only names of this kind.", schema={"type": "string", "enum": list(ENTITY_KINDS)}
            ),
            Parameter(
                name="limit",
                describes="Names at most; without it 100.",
                schema={"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
            ),
        ),
        example="/names?q=Tiandy",
    ),
    Endpoint(
        path="/names/{id}",
        view=names.show,
        answer=NameProfile,
        describes="A person or body: statements by it and about it, roles, spellings.",
        parameters=(_id("Id of the name, such as person:xu-guixiang."),),
    ),
    *map(_of_report, reports.all_reports()),
    Endpoint(
        path="/sources",
        view=sources.overview,
        answer=SourcesReport,
        describes="The sources, and the result of the last run of each.",
        example="/sources",
    ),
    Endpoint(path="/notes", view=notes.overview, answer=NoteList, describes="The notes of users.", example="/notes"),
    Endpoint(path="/saved", view=saved.overview, answer=SavedList, describes="The saved searches.", example="/saved"),
    Endpoint(
        path="/alerts/{run}",
        view=alerts.show_run,
        answer=DigestRecord,
        describes="What a run of the alerts reported.",
        parameters=(
            Parameter(
                name="run", describes="Number of the run.", schema={"type": "integer", "minimum": 1}, in_path=True
            ),
        ),
    ),
)


def as_json(view: View) -> View:
    """Return the view that answers with the JSON of a page."""

    def answer(request: Request) -> Response:
        request.path_params["format"] = "json"
        return view(request)

    return answer


def reference(request: Request) -> Response:
    """Show the addresses and their parameters."""
    return page(request, "api.html", endpoints=ENDPOINTS, base=BASE, most=MOST_PER_PAGE)


def openapi(request: Request) -> Response:
    """Return the description of the interface as OpenAPI 3.1."""
    template = "#/components/schemas/{name}"
    types = [endpoint.answer for endpoint in ENDPOINTS]
    references, schemas = components([*types, ErrorRecord], ("document", "quote"), template=template)
    failed = {"description": "The request failed.", "content": _json(references[-1])}
    paths = {
        endpoint.path: {
            "get": {
                "summary": endpoint.describes,
                "operationId": endpoint.path.strip("/").replace("/{", "_by_").replace("}", ""),
                "parameters": [_described(parameter) for parameter in endpoint.parameters],
                "responses": {
                    "200": {"description": endpoint.describes, "content": _json(reference_)},
                    "400": failed,
                    "404": failed,
                    "503": failed,
                },
            }
        }
        for endpoint, reference_ in zip(ENDPOINTS, references, strict=False)
    }
    described = {
        "openapi": "3.1.0",
        "info": {"title": "searchkit", "version": "1", "description": f"searchkit {__version__}"},
        "servers": [{"url": Links(request)(BASE)}],
        "paths": paths,
        "components": {"schemas": schemas},
    }
    return Response(safe_json(described, indent=1), media_type="application/json")


def _described(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "path" if parameter.in_path else "query",
        "required": parameter.in_path or parameter.required,
        "description": parameter.describes,
        "schema": parameter.schema,
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
