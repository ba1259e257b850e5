"""Every kind of page of the reading room, with an address over the seeds and what the page must show."""

import json
import urllib.request
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from msgspec import Struct

SEARCH = "alert-tiandy"
SOURCE = "press"


class Found(Struct, frozen=True, kw_only=True):
    """Ids in the archives that addresses need, and the addresses of the sites by archive."""

    sites: Mapping[str, str]
    document: str
    statement: str
    noted: str
    name: str
    disputed: str
    run: int


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of page: its route in the application, an address, words on the page, and the archive that it shows."""

    route: str
    address: Callable[[Found], str]
    shows: str
    status: int = 200
    archive: str = "seeds"

    def at(self, found: Found) -> str:
        """Return the address with the site."""
        return found.sites[self.archive] + self.address(found)


def _at(path: str, **parameters: str) -> Callable[[Found], str]:
    return lambda _found: path + (f"?{urlencode(parameters)}" if parameters else "")


KINDS: dict[str, Kind] = {
    "home": Kind(route="/", address=_at("/"), shows="documents with"),
    "statements": Kind(route="/statements", address=_at("/statements", q="Tiandy"), shows="Xu Guixiang"),
    "all-statements": Kind(route="/statements", address=_at("/statements"), shows="Next page"),
    "no-statements": Kind(
        route="/statements", address=_at("/statements", q="speaker:Tiandi Xu"), shows="What each part of the query"
    ),
    "query-error": Kind(
        route="/statements", address=_at("/statements", q="Tiandy AND (Xu"), shows="cannot be read", status=400
    ),
    "documents": Kind(route="/documents", address=_at("/documents", q="Tiandy"), shows="Tiandy"),
    "document": Kind(route="/documents/{id}", address=lambda found: f"/documents/{found.document}", shows="About this"),
    "statement": Kind(
        route="/statements/{id}", address=lambda found: f"/statements/{found.statement}", shows="In its article"
    ),
    "names": Kind(route="/names", address=_at("/names"), shows="Documents"),
    "name": Kind(route="/names/{id}", address=lambda found: f"/names/{quote(found.name)}", shows="by this name"),
    "matrix": Kind(route="/matrix", address=_at("/matrix"), shows="Columns"),
    "histories": Kind(route="/histories", address=_at("/histories"), shows="Who is silent"),
    "changes": Kind(route="/changes", address=_at("/changes"), shows="reworded", archive="desk"),
    "spread": Kind(route="/spread", address=_at("/spread"), shows="conflicting attribution", archive="desk"),
    "disputes": Kind(route="/disputes", address=_at("/disputes"), shows="claim by Lantern Watch", archive="desk"),
    "silence": Kind(
        route="/silence",
        address=_at("/silence", watchlist="exporters", since="2026"),
        shows="did not comment",
        archive="desk",
    ),
    "no-silence": Kind(route="/silence", address=_at("/silence"), shows="has no watchlist"),
    "changes-error": Kind(route="/changes", address=_at("/changes", q="(x"), shows="cannot be read", status=400),
    "changed-statements": Kind(
        route="/statements", address=_at("/statements", q="changed:*"), shows="by a later version", archive="desk"
    ),
    "disputed-statement": Kind(
        route="/statements/{id}",
        address=lambda found: f"/statements/{found.disputed}",
        shows="What became of it",
        archive="desk",
    ),
    "sources": Kind(route="/sources", address=_at("/sources"), shows=SOURCE),
    "source": Kind(route="/sources/{name}", address=_at(f"/sources/{SOURCE}"), shows="last run"),
    "noted-statement": Kind(
        route="/statements/{id}", address=lambda found: f"/statements/{found.noted}", shows="the speaker is Mira Holt"
    ),
    "noted-statements": Kind(route="/statements", address=_at("/statements", q="mark:*"), shows="tags: budget"),
    "notes": Kind(route="/notes", address=_at("/notes"), shows="wrong speaker"),
    "saved": Kind(route="/saved", address=_at("/saved"), shows=SEARCH),
    "new-saved": Kind(route="/saved/new", address=_at("/saved/new"), shows="Try without saving"),
    "edit-saved": Kind(route="/saved/{name}", address=_at(f"/saved/{SEARCH}"), shows="Remove this saved search"),
    "alerts": Kind(route="/alerts", address=_at("/alerts"), shows=SEARCH),
    "alert-run": Kind(route="/alerts/{run}", address=lambda found: f"/alerts/{found.run}", shows="all runs"),
    "empty-basket": Kind(route="/basket", address=_at("/basket"), shows="The basket is empty"),
    "basket": Kind(route="/basket", address=lambda found: f"/basket?ids={found.statement}", shows="Export"),
    "help": Kind(route="/help/query", address=_at("/help/query"), shows="Fields"),
    "api": Kind(route="/api", address=_at("/api"), shows="openapi.json"),
    "missing": Kind(route="/", address=_at("/nothing"), shows="There is no such page", status=404),
    "wrong-parameter": Kind(route="/statements", address=_at("/statements", page="0"), shows="page is", status=400),
}
"""The page `verified` is the answer to a form; the walkthrough opens it."""


def find(sites: Mapping[str, str], run: int) -> Found:
    """Return the ids of what the pages of the sites show."""
    first, noted = (_first(sites["seeds"], query) for query in ('speaker:"Xu Guixiang" about:Tiandy', "mark:wrong"))
    return Found(
        sites=sites,
        document=first["document"],
        statement=first["id"],
        noted=noted["id"],
        name="person:xu-guixiang",
        disputed=_first(sites["desk"], "disputed:claim")["id"],
        run=run,
    )


def _first(address: str, query: str) -> dict[str, str]:
    """Return the first statement that matches."""
    with urllib.request.urlopen(f"{address}/api/v1/statements?{urlencode({'q': query})}") as answer:  # noqa: S310 - our own server
        (first, *_) = json.load(answer)["items"]
    return dict(first)
