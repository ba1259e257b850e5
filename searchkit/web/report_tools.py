"""The table of reports for agents: each row as a tool. The records are quotations, because they quote articles."""

from collections.abc import Callable
from datetime import UTC, datetime
from inspect import Parameter, Signature
from typing import Annotated, Any, Literal

from msgspec import Meta, to_builtins

from searchkit.alerts.folder import SavedFolder
from searchkit.archive import Archive
from searchkit.errors import UsageError
from searchkit.reports.base import Field, Report, fields_of

MOST_ENTRIES = 20


def tool_of(report: Report) -> Callable[..., dict[str, Any]]:
    """Return the function that runs a report for an agent, with the fields of its request as parameters."""
    fields = {"query" if field.name == "query" else field.parameter: field for field in fields_of(report.request)}
    usual = min((report.limit + 1) // 2, MOST_ENTRIES)  # an agent reads every word

    def tool(archive: Archive, **given: Any) -> dict[str, Any]:
        limit, page = given.pop("limit", usual), given.pop("page", 1)
        if not 1 <= limit <= MOST_ENTRIES or not 1 <= page <= 1_000:
            hint = f"limit is 1 to {MOST_ENTRIES}, page 1 to 1,000."
            raise UsageError(f"limit is {limit}, page is {page}.", hint=hint)
        asked = {field.name: field.read(given.get(name) or "") for name, field in fields.items()}
        if report.in_parts:
            asked |= {"limit": limit, "offset": (page - 1) * limit}
        today, saved = datetime.now(UTC).date(), SavedFolder(archive.folder)
        found = report.run(archive, report.request(today=today, saved=saved, **asked))
        return {"untrusted_quotation": to_builtins(found)}

    parameters = [_parameter(name, field) for name, field in fields.items()]
    if report.in_parts:
        parameters += [_number("limit", usual), _number("page", 1)]
    parameters.sort(key=lambda parameter: parameter.default is not Parameter.empty)
    first = Parameter("archive", Parameter.POSITIONAL_OR_KEYWORD, annotation=Archive)
    tool.__doc__ = report.describes
    tool.__signature__ = Signature([first, *parameters])  # type: ignore[attr-defined]
    tool.__annotations__ = {parameter.name: parameter.annotation for parameter in (first, *parameters)}
    return tool


def _parameter(name: str, field: Field) -> Parameter:
    kind: Any = Literal[field.choices] | None if field.choices else str
    default = Parameter.empty if field.required else None if field.choices else field.default
    described = Annotated[kind, Meta(description=field.text)]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=described)


def _number(name: str, default: int) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=int)
