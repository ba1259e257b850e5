"""The pages of histories: changes, spread, disputes and silence; each is available as JSON, too."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args

from msgspec import Struct
from msgspec.structs import asdict, replace
from starlette.requests import Request
from starlette.responses import Response

from searchkit.alerts.folder import SavedFolder
from searchkit.errors import QueryError, UsageError
from searchkit.export.histories.blocks import UNANSWERED, silence_facts, unanswered_facts
from searchkit.export.histories.changes import ChangesReport, ChangesRequest, changes_report
from searchkit.export.histories.disputes import DisputesReport, DisputesRequest, disputes_report
from searchkit.export.histories.silence import SilenceRequest, silence_report
from searchkit.export.histories.spread import SpreadReport, SpreadRequest, spread_report
from searchkit.histories.base import ChangeKind, Strength
from searchkit.names import folder as names_folder
from searchkit.query.words import caret
from searchkit.web.data import Next, NextUrl, format_of, json_response
from searchkit.web.history_views import (
    APPEARANCES_IN_LISTS,
    EntryView,
    change_view,
    dispute_view,
    party_view,
    spread_view,
    unanswered_views,
)
from searchkit.web.reader import Reader, reader_of
from searchkit.web.rendering import Links, page
from searchkit.web.results import MOST_PER_PAGE, PER_PAGE, whole_number

QUOTATIONS_PER_PAGE = 5
_NAMES_PER_PAGE = 50
_UNNAMED_SHOWN = 200
LAST_PAGE = 1_000
KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
STRENGTHS: tuple[Strength, ...] = get_args(Strength)
_Choice = TypeVar("_Choice", bound=str)


class PagedChanges(ChangesReport, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.changes/1"):
    """A page of changed statements."""

    next: Next = None
    next_url: NextUrl = None


class PagedSpread(SpreadReport, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.spread/1"):
    """A page of quotations."""

    next: Next = None
    next_url: NextUrl = None


class PagedDisputes(DisputesReport, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.disputes/1"):
    """A page of disputes."""

    next: Next = None
    next_url: NextUrl = None


def overview(request: Request) -> Response:
    """Lead to the five pages."""
    return page(request, "histories.html")


def changes(request: Request) -> Response:
    """List changed statements with both versions side by side."""
    asked = _Asked(request, ("q", "kind", "speaker", "about", "since", "until"), PER_PAGE)
    given, archive = asked.given, asked.reader.archive
    wanted = ChangesRequest(
        query=given["q"],
        today=asked.reader.today,
        saved=SavedFolder(archive.folder),
        kinds=_chosen(given["kind"], "kind", KINDS),
        speaker=given["speaker"],
        about=given["about"],
        since=given["since"],
        until=given["until"],
        limit=asked.limit,
        offset=asked.offset,
    )

    def read() -> tuple[ChangesReport, bool]:
        report = changes_report(archive, wanted)
        return report, asked.offset + len(report.changes) < report.total

    return asked.answer(
        "changes.html",
        read,
        lambda report: [change_view(change, archive, asked.url) for change in report.changes],
        PagedChanges,
        kinds=KINDS,
    )


def spread(request: Request) -> Response:
    """Show where quotations were printed: one by the id of a statement, or those that a query finds."""
    asked = _Asked(request, ("q",), QUOTATIONS_PER_PAGE)
    archive = asked.reader.archive
    wanted = SpreadRequest(
        query=asked.given["q"],
        today=asked.reader.today,
        saved=SavedFolder(archive.folder),
        limit=asked.limit,
        offset=asked.offset,
    )

    def read() -> tuple[SpreadReport, bool]:
        report = spread_report(archive, wanted)
        return report, asked.offset + asked.limit < report.total

    def entries(report: SpreadReport) -> list[EntryView]:
        most = MOST_PER_PAGE if report.total == 1 else APPEARANCES_IN_LISTS
        return [spread_view(found, asked.url, most) for found in report.quotations]

    return asked.answer("spread.html", read, entries, PagedSpread)


def disputes(request: Request) -> Response:
    """Show claims next to their denials and answers, then accusations without an answer."""
    asked = _Asked(request, ("q", "about", "strength"), PER_PAGE)
    given, archive = asked.given, asked.reader.archive
    wanted = DisputesRequest(
        query=given["q"],
        about=given["about"],
        today=asked.reader.today,
        saved=SavedFolder(archive.folder),
        strengths=_chosen(given["strength"], "strength", STRENGTHS),
        limit=asked.limit + 1,  # whether there are more is not counted
        offset=asked.offset,
    )

    def read() -> tuple[DisputesReport, bool]:
        report = disputes_report(archive, wanted)
        shown, unanswered = report.disputes[: asked.limit], report.unanswered[: asked.limit]
        return replace(report, disputes=shown, unanswered=unanswered), len(report.disputes) > len(shown)

    def entries(report: DisputesReport) -> list[EntryView]:
        shown = [dispute_view(found, asked.url) for found in report.disputes]
        if report.unanswered and asked.number == 1:
            sides = unanswered_views(report.unanswered, asked.url)
            shown.append(EntryView(title=UNANSWERED, facts=unanswered_facts(report), sides=sides))
        return shown

    return asked.answer("disputes.html", read, entries, PagedDisputes, strengths=STRENGTHS)


def silence(request: Request) -> Response:
    """List the entries of a watchlist without a statement: first what the list rests on, then refusals to comment."""
    asked = _Asked(request, ("watchlist", "since", "until"), _NAMES_PER_PAGE, required=("watchlist", "since"))
    given, archive = asked.given, asked.reader.archive
    lists = () if asked.form else tuple(each.name for each in names_folder.watchlists(archive.folder))
    shared: dict[str, Any] = {"lists": lists, "facts": (), "unnamed": (), "unnamed_more": 0}
    if asked.is_incomplete:
        return asked.form_only("silence.html", **shared)
    names = {name: given[name] for name in ("watchlist", "since", "until")}
    report = silence_report(archive, SilenceRequest(today=asked.reader.today, **names))
    if asked.form:
        return json_response(report)
    found = report.silence
    shared |= {
        "facts": silence_facts(report),
        "unnamed": found.unnamed[:_UNNAMED_SHOWN],
        "unnamed_more": len(found.unnamed[_UNNAMED_SHOWN:]),
    }
    parties, has_more = asked.part((*found.refused, *found.silent))
    views = [party_view(party, archive, asked.url) for party in parties]
    return asked.show("silence.html", report, views, has_more=has_more, **shared)


# --- shared -----------------------------------------------------------------------------------------------------------

_Report = TypeVar("_Report", bound=Struct)
_Item = TypeVar("_Item")


class _Asked:
    """A request for one of the pages: its parameters by name, its format, and which part of the list it wants."""

    def __init__(self, request: Request, names: Sequence[str], limit: int, *, required: Sequence[str] = ()) -> None:
        """Read the parameters. Without `required` ones there is a form, but no data; with them, JSON has no pages."""
        self._request = request
        self.reader: Reader = reader_of(request)
        self.url = Links(request)
        parts = () if required else ("page", "limit")
        self.form = format_of(request, {*names, *parts}, ("json",))
        parameters = request.query_params
        self.given = {name: parameters.get(name, "").strip() for name in names}
        self.number = whole_number(parameters, "page", 1, LAST_PAGE)
        self.limit = limit if required else whole_number(parameters, "limit", limit, MOST_PER_PAGE)
        self.offset = (self.number - 1) * self.limit
        missing = [name for name in required if not self.given[name]]
        self.is_incomplete = bool(missing)
        if missing and self.form:
            raise UsageError(f"{missing[0]} is missing.", hint=f"Write {missing[0]}= in the address.")

    def part(self, items: Sequence[_Item]) -> tuple[Sequence[_Item], bool]:
        """Return the items of the page, and whether there are more."""
        last = self.offset + self.limit
        return items[self.offset : last], last < len(items)

    def answer(
        self,
        template: str,
        read: Callable[[], tuple[_Report, bool]],
        entries: Callable[[_Report], list[EntryView]],
        paged: type[Struct],
        **values: Any,
    ) -> Response:
        """Return what `read` returns, and whether there is more, as JSON or as a page; or the page with what is wrong
        in its query."""
        try:
            report, has_more = read()
        except QueryError as error:
            if self.form:
                raise
            return self._page(template, 400, error=error, caret=caret(error), **values)
        if not self.form:
            return self.show(template, report, entries(report), has_more=has_more, **values)
        later = self.number + 1 if has_more and self.number < LAST_PAGE else None
        next_url = self.url.here(page=later) if later else None
        return json_response(paged(**asdict(report), next=later, next_url=next_url))

    def show(
        self, template: str, report: Struct, entries: Sequence[EntryView], *, has_more: bool, **values: Any
    ) -> Response:
        """Return a page with its entries."""
        number = self.number
        earlier = self.url.here(page=number - 1 if number > 2 else "") if number > 1 else ""
        later = self.url.here(page=number + 1) if has_more and number < LAST_PAGE else ""
        return self._page(template, found=report, entries=entries, earlier=earlier, later=later, **values)

    def form_only(self, template: str, **values: Any) -> Response:
        """Return a page with its form."""
        return self._page(template, **values)

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        shared: dict[str, Any] = {"found": None, "entries": (), "earlier": "", "later": "", "error": None, "caret": ""}
        return page(self._request, template, status=status, given=self.given, **(shared | values))


def _chosen(written: str, name: str, known: tuple[_Choice, ...]) -> tuple[_Choice, ...]:
    """Return the value of a choice; all if it is empty. UsageError for any other."""
    chosen = tuple(value for value in known if value == written)
    if written and not chosen:
        raise UsageError(f'{name} is "{written}".', hint=f"Write {', '.join(known)}.")
    return chosen
