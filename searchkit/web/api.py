"""The interface for programs: version 1 of the addresses that return JSON, and its description as OpenAPI.

An answer has the same record as the command of the same purpose prints with --json.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.digests import DigestRecord
from searchkit.alerts.editing import SavedList
from searchkit.archive.user_notes import NoteList
from searchkit.export.answers import components
from searchkit.export.records import DocumentExport, ShownStatement, hit_types
from searchkit.reports.base import Report, fields_of
from searchkit.search.name_profile import NameList, NameProfile
from searchkit.statements.text import safe_json
from searchkit.update.health import SourcesReport
from searchkit.version import __version__
from searchkit.web import document, names, notes, reports, results, saved, sources
from searchkit.web.data import PagedDocuments, PagedStatements
from searchkit.web.failures import ErrorRecord
from searchkit.web.rendering import Links, page
from searchkit.web.results import MOST_PER_PAGE, PER_PAGE, Parameters

BASE = "/api/v1"
View = Callable[[Request], Response]


def _parameter(
    name: str, describes: str, schema: dict[str, Any], place: str = "query", *, required: bool = False
) -> dict[str, Any]:
    """Return a parameter of an address as OpenAPI describes it."""
    return {"name": name, "in": place, "required": required, "description": describes, "schema": schema}


class Endpoint(Struct, frozen=True):
    """An address that returns JSON. `view` returns it if the format in the path is json; `example` follows BASE."""

    path: str
    view: View
    answer: type
    describes: str
    parameters: tuple[dict[str, Any], ...] = ()
    example: str = ""


_NUMBER = {"type": "integer", "minimum": 1}
_REVISION = _parameter("revision", "An earlier text of the document.", _NUMBER)


class _Part(Struct, frozen=True, kw_only=True):
    page: Annotated[int, Meta(ge=1, le=reports.LAST_PAGE, description="Number of the page, from 1.")] = 1
    limit: Annotated[int, Meta(ge=1, le=MOST_PER_PAGE, description="Entries on a page.")] = PER_PAGE


def _fields(*requests: type[Struct]) -> tuple[dict[str, Any], ...]:
    return tuple(
        _parameter(field.parameter, field.text, field.schema, required=field.required)
        for request in requests
        for field in fields_of(request)
    )


def _id(describes: str) -> dict[str, Any]:
    return _parameter("id", describes, {"type": "string"}, "path", required=True)


def _of_report(report: Report) -> Endpoint:
    path = f"/{report.name}"
    parameters = _fields(report.request, *((_Part,) if report.in_parts else ()))
    view, answer, example = partial(reports.show, report), reports.answer_type(report), report.example
    return Endpoint(path, view, answer, report.describes, parameters, example and path + example)


ENDPOINTS = (
    Endpoint("/statements", results.statements, PagedStatements, "Statements that match: who said what.",
        _fields(Parameters), "/statements?q=Tiandy&limit=5"),
    Endpoint("/documents", results.documents, PagedDocuments,
        "Documents that match, each with its matching statements.", _fields(Parameters), "/documents?q=Tiandy&limit=5"),
    Endpoint("/statements/{id}", document.show_statement, ShownStatement,
        "A statement with its speaker, sentence and offsets.", (_id("Id of the statement."), _REVISION)),
    Endpoint("/documents/{id}", document.show, DocumentExport, "A document with its text and all annotations.",
        (_id("Id of the document."), _REVISION)),
    Endpoint("/names", names.results, NameList, "Names with these words, the most frequent first.",
        _fields(names.NamesRequest), "/names?q=Tiandy"),
    Endpoint("/names/{id}", names.show, NameProfile,
        "A person or body: statements by it and about it, roles, spellings.",
        (_id("Id of the name, such as person:xu-guixiang."),)),
    *map(_of_report, reports.all_reports()),
    Endpoint("/sources", sources.overview, SourcesReport, "The sources, and the result of the last run of each.",
        example="/sources"),
    Endpoint("/notes", notes.overview, NoteList, "The notes of users.", example="/notes"),
    Endpoint("/saved", saved.overview, SavedList, "The saved searches.", example="/saved"),
    Endpoint("/alerts/{run}", saved.show_run, DigestRecord, "What a run of the alerts reported.",
        (_parameter("run", "Number of the run.", _NUMBER, "path", required=True),)),
)  # fmt: skip


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
                "parameters": endpoint.parameters,
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


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
