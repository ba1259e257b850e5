"""The basket: statements that a reader has collected, to share, export and verify.

It is a list of ids in a cookie of the reader; the address of the page with these ids shows everybody the same basket.
"""

import io
from datetime import UTC, datetime

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from searchkit.errors import UsageError
from searchkit.export.evidence.checking import EvidenceCheck
from searchkit.export.evidence.findings import VerdictRecord
from searchkit.export.evidence.writing import EvidenceWriter
from searchkit.export.report import export_lines
from searchkit.query import ast
from searchkit.search.answer import Answer, answer
from searchkit.statements.text import one_line
from searchkit.web.failures import within_site
from searchkit.web.reader import reader_of
from searchkit.web.rendering import BASKET, MOST_IN_BASKET, Links, basket_ids, page, set_cookie, valid_ids
from searchkit.web.results import hit_view

_KEPT_SECONDS = 90 * 86_400
# Format of an export: suffix of its file, type.
_FILES = {
    "html": ("html", "text/html; charset=utf-8"),
    "markdown": ("md", "text/markdown; charset=utf-8"),
    "evidence": ("evidence.jsonl", "application/x-ndjson"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "jsonl": ("jsonl", "application/x-ndjson"),
}
_DIFFERENCES_SHOWN = 200


def show(request: Request) -> Response:
    """Show the statements of the basket, or with `ids` those of a basket that was shared."""
    url, shared = Links(request), "ids" in request.query_params
    given = request.query_params["ids"].split(",") if shared else basket_ids(request)
    ids = valid_ids(given)
    found = _found(request, ids)
    views = [hit_view(found, hit, url) for hit in found.records] if found else []
    listed = ",".join(ids)
    return page(
        request,
        "basket.html",
        views=views,
        shared=shared,
        missing=len(set(given) - {""}) - len(views),
        link=url.absolute(url("/basket", ids=listed)) if ids else "",
        files=[(form, url(f"/basket/export/{form}", ids=listed)) for form in _FILES] if views else [],
    )


def change(request: Request) -> Response:
    """Add a statement to the basket, remove one, or empty it; then return to the page that was open."""
    form = request.state.form
    ids = basket_ids(request)
    if form.get("clear"):
        ids = []
    ids = [known for known in ids if known != form.get("remove")]
    ids = list(dict.fromkeys([*ids, *valid_ids(form.get("add", "").split(","))]))
    if len(ids) > MOST_IN_BASKET:
        raise UsageError(
            f"The basket holds at most {MOST_IN_BASKET} statements.", hint="Export it, and start another one."
        )
    back = within_site(form.get("back") or Links(request)("/basket"))
    changed = form.get("add") or form.get("remove") or ""
    place = f"#s-{changed}" if valid_ids([changed]) else ""
    response = RedirectResponse(back + place, 303)
    path = request.scope.get("root_path", "") or "/"
    set_cookie(response, request.scope, BASKET, ".".join(ids), _KEPT_SECONDS, path=path)
    return response


def export(request: Request) -> Response:
    """Return the basket as a file: report, evidence or table."""
    form = request.path_params["form"]
    if form not in _FILES:
        raise UsageError(f'"{form}" is not a format.', hint=f"Formats: {', '.join(_FILES)}.")
    ids = valid_ids(request.query_params.get("ids", "").split(","))
    found = _found(request, ids)
    if found is None:
        raise UsageError("The basket is empty.", hint="Add statements to it first.")
    now = datetime.now(UTC)
    if form == "evidence":
        archive = reader_of(request).archive
        lines = EvidenceWriter(found, archive=archive, query=found.query, made_at=now).lines()
    else:
        title = one_line(request.query_params.get("title", "")) or f"{len(found.records):,} statements"
        lines = export_lines(found, form, query=found.query, made_at=now, title=title)
    suffix, kind = _FILES[form]
    content = "".join(f"{line}\n" for line in lines)
    name = f"searchkit-{now:%Y-%m-%d}.{suffix}"
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def verify_file(request: Request) -> Response:
    """Compare an evidence file with the archive."""
    upload = request.state.form.get("file")
    content: bytes = upload.file.read() if hasattr(upload, "file") else b""
    if not content:
        raise UsageError("No file was sent.", hint="Choose an evidence file, then press Verify.")
    check = EvidenceCheck(io.BytesIO(content), "the file", archive=reader_of(request).archive)
    differences: list[tuple[str, str, str]] = []
    for found in check.findings():
        if len(differences) < _DIFFERENCES_SHOWN:
            record = one_line(found.id or found.document) if isinstance(found, VerdictRecord) else ""
            differences.append((found.status, record, found.summary))
    parts = list(check.part_lines())
    return page(request, "verified.html", report=check.report, parts=parts, differences=differences)


def _found(request: Request, ids: list[str]) -> Answer | None:
    """Return the statements with these ids, in the order of their publication; None for no ids."""
    if not ids:
        return None
    reader = reader_of(request)
    query = ast.Field(name="id", value=ast.disjunction(*(ast.Equals(text=known) for known in ids)))
    return answer(reader.archive, replace(reader.request(query, limit=MOST_IN_BASKET), sort="oldest", copies=True))
