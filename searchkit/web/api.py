"""The interface for programs: version 1 of the addresses that return JSON, and its description as OpenAPI.

An answer has the same record as the command of the same purpose prints with --json.
"""

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.digests import DigestRecord
from searchkit.alerts.editing import SavedList
from searchkit.archive.user_notes import NoteList
from searchkit.export.records import DocumentExport, ShownStatement, hit_types
from searchkit.export.schema import components
from searchkit.reports.base import Report, fields_of
from searchkit.search.name_profile import NameList, NameProfile
from searchkit.statements.text import safe_json
from searchkit.update.health import SourcesReport
from searchkit.version import __version__
from searchkit.web import alerts, document, documents, names, notes, reports, saved, sources, statement, statements
from searchkit.web.data import PagedDocuments, PagedStatements
from searchkit.web.failures import ErrorRecord
from searchkit.web.rendering import Links, page
from searchkit.web.results import MOST_PER_PAGE, PER_PAGE, Parameters

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
_REVISION = Parameter(
    name="revision", describes="An earlier text of the document.", schema={"type": "integer", "minimum": 1}
)


class _Part(Struct, frozen=True, kw_only=True):
    page: Annotated[int, Meta(ge=1, le=reports.LAST_PAGE, description="Number of the page, from 1.")] = 1
    limit: Annotated[int, Meta(ge=1, le=MOST_PER_PAGE, description="Entries on a page.")] = PER_PAGE


def _fields(*requests: type[Struct]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(name=field.parameter, describes=field.text, schema=field.schema, required=field.required)
        for request in requests
        for field in fields_of(request)
    )


def _id(describes: str) -> Parameter:
    return Parameter(name="id", describes=describes, schema=_TEXT, in_path=True)


def _of_report(report: Report) -> Endpoint:
    path = f"/{report.name}"
    return Endpoint(
        path=path,
        view=reports.view_of(report),
        answer=reports.answer_type(report),
        describes=report.describes,
        parameters=_fields(report.request, *((_Part,) if report.in_parts else ())),
        example=report.example and path + report.example,
    )


ENDPOINTS = (
    Endpoint(
        path="/statements",
        view=statements.results,
        answer=PagedStatements,
        describes="Statements that match: who said what.",
        parameters=_fields(Parameters),
        example="/statements?q=Tiandy&limit=5",
    ),
    Endpoint(
        path="/documents",
        view=documents.results,
        answer=PagedDocuments,
        describes="Documents that match, each with its matching statements.",
        parameters=_fields(Parameters),
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
        parameters=_fields(names.NamesRequest),
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
    # Addresses choose no fields, so each list has one type of hit: clients take the first that fits.
    hits = {PagedDocuments: hit_types("document")[0], PagedStatements: hit_types("quote")[0]}
    references, schemas = components([*types, ErrorRecord, *hits.values()], template=template)
    for answer, reference_ in zip(hits, references[-len(hits) :], strict=True):
        schemas[answer.__name__]["properties"]["items"]["items"] = reference_
    failed = {"description": "The request failed.", "content": _json(references[len(types)])}
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
    return Response(safe_json(_without_closed_items(described), indent=1), media_type="application/json")


def _without_closed_items(schema: Any) -> Any:
    """Return a schema without `items: false` behind `prefixItems`, which generators of clients do not read; the tuples
    keep their `maxItems`."""
    if isinstance(schema, dict):
        return {
            key: _without_closed_items(part) for key, part in schema.items() if not (key == "items" and part is False)
        }
    return [*map(_without_closed_items, schema)] if isinstance(schema, list | tuple) else schema


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
