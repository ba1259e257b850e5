"""The frontier: known addresses, when each is due, and what was fetched, in a database.

Only one thread of the process that crawls a source writes its pages. A fetched page is recorded before it is yielded,
and stays `fetched` until it is settled, so a killed run loses nothing: the next run, or a worker, reads the rest from
the captures.
"""

import json
from collections.abc import Callable, Collection, Mapping
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Literal

from msgspec import convert
from msgspec.structs import replace

from searchkit.crawl.web.addresses import host_of
from searchkit.crawl.web.frontier_database import REPAIR, FrontierDatabase, frontier_database
from searchkit.crawl.web.pages import FIRST_PAGE, Hint, Lead, Page, Response, Role, tier_of
from searchkit.errors import ArchiveError
from searchkit.files import parse_json
from searchkit.sqlite import Connection

_COLUMNS = Page.__struct_fields__
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM pages"  # noqa: S608 - our own column names
# Another worker may have found the page at the same time.
_INSERT = f"INSERT OR IGNORE INTO pages ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - as above
_VALUES = ", ".join(f"{name} = ?" for name in _COLUMNS)
# The second condition repeats that of the index, or SQLite would not use it.
_ANSWERED_FROM = f"{_SELECT} WHERE final_url = ? AND final_url <> '' AND state IN ('fetched', 'settled') LIMIT 1"
# Aliases with a digest have answered themselves; the others redirect.
_ALIASES = (
    "SELECT url FROM pages WHERE final_url = ? AND final_url <> '' AND state = 'alias' AND digest <> ''"
    " ORDER BY rowid DESC LIMIT 4"
)
_UNREPORTED = f"{_SELECT} WHERE source = ? AND unreported = 1 AND state NOT IN ('new', 'fetched')"
_CLAIMABLE = "source = ? AND due_at <= ? AND state NOT IN ('fetched', 'alias') AND leased_until = 0"
# A page that its feed or sitemap states to be unchanged is asked for every six hours, for changes that no list states.
STATED_UNCHANGED_SECONDS = 6 * 3600.0
# Clocks are adjusted by some seconds all the time; only later times come from a wrong clock.
_CLOCK_TOLERANCE = 60.0


class Frontier:
    """The frontier in a file or another database, created if it is missing.

    Changes are in one transaction until `commit`. Errors as `FrontierFile.connect`.
    """

    def __init__(self, place: Path | FrontierDatabase) -> None:
        self._database = frontier_database(place)
        self._connection = self._database.connect(writable=True)

    @property
    def connection(self) -> Connection:
        """The connection, for what other packages keep in the same database."""
        return self._connection

    def _all(self, statement: str, *values: object) -> list[Any]:
        return self._connection.rows(statement, *values)

    def _first(self, statement: str, *values: object) -> Any:
        rows = self._all(statement, *values)
        return rows[0] if rows else None

    def commit(self) -> None:
        """Commit every change so far."""
        self._connection.commit()

    def close(self) -> None:
        """Commit and close the database."""
        try:
            self.commit()
        finally:
            self._connection.close()

    # --- pages -------------------------------------------------------------------------------------------------------

    def page(self, url: str) -> Page | None:
        """Return the page at `url`; None if it is not known."""
        row = self._first(f"{_SELECT} WHERE url = ?", url)
        return self._page(row) if row else None

    def save(self, page: Page, *, ends_lease: bool = True) -> None:
        """Write a known page, and end its lease."""
        lease = ", leased_until = 0" if ends_lease else ""
        self._all(f"UPDATE pages SET {_VALUES}{lease} WHERE url = ?", *_row(page), page.url)  # noqa: S608 - ours

    def add(self, lead: Lead, *, source: str, now: float, may_be_due: Callable[[Page], bool]) -> bool:
        """Add a lead; return whether a page is due now that was unknown, of another source or not due before.

        A known page now belongs to the source that found it last, keeps the shortest way to it, and is due at once if
        it is stated to have changed since it was fetched and `may_be_due` agrees. A lead to an alias, or to an address
        that another page moved to, applies to that page; an alias of a page that is not available becomes a page again.
        """
        known = self.page(lead.url)
        page = self._other_page(lead, known)
        if page is not None:
            changed = _has_changed(lead, page) and may_be_due(page)
            updated = replace(page, hint=_hint(lead, page), due_at=_due_at(lead, page, now, changed=changed))
            if updated != page:
                self.save(updated, ends_lease=False)
            if known is None and lead.depth:  # not a location of a source
                alias = replace(_new_page(lead, source, now), state="alias", final_url=page.url, digest=page.digest)
                self._all(_INSERT, *_row(alias))
            return changed
        if known is None:
            self._all(_INSERT, *_row(_new_page(lead, source, now)))
            return True
        was_alias = known.state == "alias"
        if was_alias:
            known = replace(known, state="new", final_url="", digest="", due_at=now)
            self.save(known)
        changed = _has_changed(lead, known) and may_be_due(known)
        page = replace(
            known,
            source=source,
            role=_role(known, lead),
            depth=min(known.depth, lead.depth),
            priority=min(known.priority, lead.priority),
            hint=_hint(lead, known),
            due_at=_due_at(lead, known, now, changed=changed),
        )
        if page != known:
            self.save(page, ends_lease=False)
        taken_over = known.source != source and page.due_at <= now and page.state != "fetched"
        return was_alias or changed or taken_over

    def _other_page(self, lead: Lead, known: Page | None) -> Page | None:
        """Return the page that a lead applies to, if that has another address: an alias leads to it, or it moved
        here."""
        if known is not None and known.state == "alias":
            page = self.page(known.final_url)
            return page if page is not None and page.state not in {"alias", "refused", "withheld", "gone"} else None
        if known is not None or lead.role != "page":
            return None
        row = self._first(_ANSWERED_FROM, lead.url)
        return self._page(row) if row else None

    def other_addresses(self, page: Page) -> list[str]:
        """Return the other addresses that answered with the article of `page`, the last first."""
        rows = self._all(_ALIASES, page.url)
        return [url for url in (page.final_url, *(url for (url,) in rows)) if url not in {"", page.url}]

    def keep_locations(self, source: str, urls: Collection[str]) -> None:
        """Release the former locations of `source`: they belong to no source, and are never due."""
        for (url,) in self._all("SELECT url FROM pages WHERE source = ? AND depth = 0", source):
            if url not in urls:
                self._all("UPDATE pages SET source = '' WHERE url = ?", url)

    def give_back(self, sources: Mapping[str, str]) -> None:
        """Return pages, by address, to the sources that had them."""
        for url, source in sources.items():
            self._all("UPDATE pages SET source = ? WHERE url = ?", source, url)

    def waiting(self, source: str) -> int:
        """Return how many pages of `source` were never answered."""
        return int(self._first("SELECT count(*) FROM pages WHERE source = ? AND state = 'new'", source)[0])

    def unsettled(self, source: str) -> list[str]:
        """Return the addresses of pages that were recorded but not settled, in the order they were found."""
        rows = self._all("SELECT url FROM pages WHERE source = ? AND state = 'fetched' ORDER BY rowid", source)
        return [url for (url,) in rows]

    def settle(self, url: str, *, changed: bool, due_again: float, unread: str = "") -> None:
        """Mark a recorded page as done. If it `changed`, it is due again at `due_again` or earlier. `unread` is why it
        could not be read."""
        self._all(
            "UPDATE pages SET state = 'settled', changed_at = CASE WHEN ? <> 0 THEN fetched_at ELSE changed_at END,"
            " due_at = CASE WHEN ? <> 0 THEN min(due_at, ?) ELSE due_at END, reason = ?"
            " WHERE url = ? AND state = 'fetched'",
            *(changed, changed, due_again, _sql_text(unread), url),
        )

    def make_alias(self, url: str, of: str) -> None:
        """Let a settled page lead to the page `of`; it has no document of its own any more."""
        if self.page(of) is not None:
            self._all(
                "UPDATE pages SET state = 'alias', final_url = ?, tries = 0, changed_at = 0"
                " WHERE url = ? AND state = 'settled'",
                *(of, url),
            )

    def compare_aliases_again(self, source: str, fetched_before: float, now: float) -> None:
        """Make the aliases of `source` due that answered with the text of another page, the last time before then: they
        may have another text now."""
        self._all(
            "UPDATE pages SET state = 'new', validators = '{}', due_at = ?"
            " WHERE source = ? AND state = 'alias' AND digest <> '' AND fetched_at > 0 AND fetched_at < ?",
            *(now, source, fetched_before),
        )

    def mark_lost(self, url: str, now: float) -> None:
        """Yield a settled page again, because the store lost its document: from its capture, or fetched as if new."""
        page = self.page(url)
        if page is not None and page.state == "settled":
            lost = replace(page, state="new", validators={}, due_at=now)
            self.save(replace(page, state="fetched") if page.digest else lost)

    def unreported(self, source: str) -> list[Page]:
        """Return the pages of `source` that are refused, withheld or gone, or no longer so, and were not yet
        reported."""
        return [self._page(row) for row in self._all(_UNREPORTED, source)]

    def mark_reported(self, urls: Collection[str]) -> None:
        """Record that the state of these pages was reported."""
        for url in urls:
            self._all("UPDATE pages SET unreported = 0 WHERE url = ? AND unreported = 1", url)

    def retry(self, source: str, now: float) -> None:
        """Make all pages due that are refused, given up or gone; yield again those that could not be read."""
        failed = "(state IN ('refused', 'withheld', 'gone') OR tries > 0)"
        self._all(f"UPDATE pages SET due_at = ?, tries = 0 WHERE source = ? AND {failed}", now, source)  # noqa: S608 - ours
        unread = "source = ? AND state = 'settled' AND reason <> ''"
        self._all(f"UPDATE pages SET state = 'fetched' WHERE {unread}", source)  # noqa: S608 - as above

    def forget_capture(self, digest: str, now: float) -> None:
        """Make the pages of a lost capture due, as if they had never been answered."""
        self._all(
            "UPDATE pages SET digest = '', validators = '{}', due_at = min(due_at, ?),"
            " state = CASE state WHEN 'fetched' THEN 'new' ELSE state END WHERE digest = ?",
            *(now, digest),
        )
        self._all("UPDATE fetches SET digest = '' WHERE digest = ?", digest)

    def release_capture(self, url: str, digest: str) -> bool:
        """Remove a capture from the history of `url`; return whether no other page has it, so that it may be
        deleted."""
        self._all("DELETE FROM fetches WHERE url = ? AND digest = ?", url, digest)
        return not self.uses_capture(digest, besides=url)

    def hand_on_again(self, is_wanted: Callable[[str], bool]) -> None:
        """Let the next run yield the pages at wanted addresses again, from their captures."""
        rows = self._all("SELECT url, final_url FROM pages WHERE state = 'settled' AND digest <> ''")
        for url, final_url in rows:
            if is_wanted(url) or is_wanted(final_url):
                self._all("UPDATE pages SET state = 'fetched' WHERE url = ?", url)

    # --- claims ------------------------------------------------------------------------------------------------------

    def hosts_due(self, source: str, due_by: float) -> list[str]:
        """Return the hosts that have pages due by then."""
        rows = self._all(f"SELECT DISTINCT host FROM pages WHERE {_CLAIMABLE}", source, due_by)  # noqa: S608 - ours
        return [host for (host,) in rows]

    def count_due(self, source: str, due_by: float) -> int:
        """Return how many pages are due by then, leased ones included."""
        which = "source = ? AND due_at <= ? AND state NOT IN ('fetched', 'alias')"
        return int(self._first(f"SELECT count(*) FROM pages WHERE {which}", source, due_by)[0])  # noqa: S608 - ours

    def make_due(self, source: str) -> None:
        """Make all pages due that are stored or gone. Those that were not fetched for the longest time come first."""
        which = "source = ? AND state IN ('settled', 'gone')"
        self._all(f"UPDATE pages SET due_at = min(due_at, fetched_at) WHERE {which}", source)  # noqa: S608 - ours

    def claim(
        self, source: str, host: str, *, due_by: float, limit: int, only: Literal["", "pages", "locations"] = ""
    ) -> list[Page]:
        """Lease the next due pages of a host: locations of the source, other listings, and pages, or `only` some.

        Listings come first and one at a time, so that their pages are known before anything else is chosen. Then new
        pages, the most urgent first, alternate with pages that are due again, the longest overdue first.
        """
        due = (source, due_by, host)
        which = f"priority < {FIRST_PAGE}" if not only else f"priority < {FIRST_PAGE} AND depth = 0"
        claimed = self._claimable(f"{which} ORDER BY priority, due_at, rowid", 1, due)
        if not claimed and only != "locations":
            new = self._claimable(f"priority >= {FIRST_PAGE} AND state = 'new' ORDER BY priority, rowid", limit, due)
            again = self._claimable(
                f"priority >= {FIRST_PAGE} AND state <> 'new' ORDER BY due_at, priority, rowid", limit, due
            )
            alternating = chain.from_iterable(zip_longest(new, again))
            claimed = [page for page in alternating if page is not None][:limit]
        for page in claimed:
            self._all("UPDATE pages SET leased_until = ? WHERE url = ?", due_by, page.url)
        return claimed

    def _claimable(self, which: str, limit: int, due: tuple[str, float, str]) -> list[Page]:
        rows = self._all(f"{_SELECT} WHERE {_CLAIMABLE} AND host = ? AND {which} LIMIT {limit}", *due)
        return [self._page(row) for row in rows]

    def release(self, urls: Collection[str]) -> None:
        """End the leases of `urls`."""
        for url in urls:
            self._all("UPDATE pages SET leased_until = 0 WHERE url = ?", url)

    def release_of(self, *sources: str) -> None:
        """End the leases of the pages of sources."""
        for source in sources:
            self._all("UPDATE pages SET leased_until = 0 WHERE source = ? AND leased_until > 0", source)

    def recover(self, now: float, *, longest_wait: float) -> None:
        """End all leases. Make pages due that a clock in the future has recorded, and limit the wait after a failure to
        `longest_wait`."""
        self._all("UPDATE pages SET leased_until = 0 WHERE leased_until > 0")
        latest = now + _CLOCK_TOLERANCE
        self._all(
            "UPDATE pages SET due_at = min(due_at, ?), first_seen = min(first_seen, ?),"
            " fetched_at = min(fetched_at, ?), changed_at = min(changed_at, ?) WHERE max(first_seen, fetched_at) > ?",
            *(now, now, now, now, latest),
        )
        latest += longest_wait
        self._all("UPDATE pages SET due_at = ? WHERE tries > 0 AND due_at > ?", now, latest)
        self._all("UPDATE hosts SET next_at = ? WHERE next_at > ?", now, latest)

    # --- hosts, captures ---------------------------------------------------------------------------------------------

    def host_state(self, host: str) -> tuple[float, str, int]:
        """Return when a host may be asked again (0: any time), why not before, and how often in a row it was paused."""
        row = self._first("SELECT next_at, reason, pauses FROM hosts WHERE name = ?", host)
        return (float(row[0]), str(row[1]), int(row[2])) if row else (0.0, "", 0)

    def save_host_state(self, host: str, next_at: float, reason: str = "", pauses: int = 0) -> None:
        """Write what `host_state` returns."""
        self._all(
            "INSERT OR REPLACE INTO hosts (name, next_at, reason, pauses) VALUES (?, ?, ?, ?)",
            *(host, next_at, reason, pauses),
        )

    def robots(self, origin: str) -> tuple[str, float] | None:
        """Return the stored robots.txt of `scheme://host`, and when it was fetched."""
        row = self._first("SELECT text, fetched_at FROM robots WHERE origin = ?", origin)
        return (str(row[0]), float(row[1])) if row else None

    def save_robots(self, origin: str, text: str, fetched_at: float) -> None:
        """Store a robots.txt."""
        self._all("INSERT OR REPLACE INTO robots VALUES (?, ?, ?)", origin, _sql_text(text), fetched_at)

    def add_fetch(self, url: str, response: Response) -> None:
        """Add a response for the page `url` to the history of captures."""
        self._all(
            "INSERT INTO fetches (url, final_url, redirects, status, headers, fetched_at, digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(url, response.final_url, json.dumps(response.redirects), response.status),
            *(json.dumps(response.headers), response.fetched_at.timestamp(), response.digest),
        )

    def forget_fetch(self, url: str) -> None:
        """Remove the last capture of a recorded page from the history, because it made no document."""
        self._all(
            "DELETE FROM fetches WHERE number = (SELECT max(number) FROM fetches JOIN pages USING (url, digest)"
            " WHERE url = ? AND state = 'fetched')",
            url,
        )

    def uses_capture(self, digest: str, *, besides: str = "") -> bool:
        """Return whether a page, `besides` that with this address, has this body, or a document was made of it."""
        rows = self._all(
            "SELECT 1 FROM pages WHERE digest = ?1 AND digest <> '' AND url <> ?2"
            " UNION ALL SELECT 1 FROM fetches WHERE digest = ?1 LIMIT 1",
            *(digest, besides),
        )
        return bool(rows)

    def _page(self, row: tuple[Any, ...]) -> Page:
        values = dict(zip(_COLUMNS, row, strict=True))
        try:
            for name in ("validators", "hint"):
                values[name] = parse_json(values[name])
            return convert(values, Page, strict=False)  # SQLite has no booleans
        except (TypeError, ValueError) as error:
            raise ArchiveError(f"{self._database} is damaged: {error}.", hint=REPAIR) from error


def _has_changed(lead: Lead, known: Page) -> bool:
    return bool(known.fetched_at) and lead.modified > known.fetched_at and known.state != "fetched"


def _due_at(lead: Lead, known: Page, now: float, *, changed: bool) -> float:
    if changed:
        return min(known.due_at, now)
    is_unchanged = lead.modified and known.state == "settled" and known.role == "page" and known.changed_at
    return max(known.due_at, known.fetched_at + STATED_UNCHANGED_SECONDS) if is_unchanged else known.due_at


def _hint(lead: Lead, known: Page) -> Hint:
    return lead.hint if lead.hint and tier_of(lead.priority) <= tier_of(known.priority) else known.hint


def _new_page(lead: Lead, source: str, now: float) -> Page:
    return Page(
        url=lead.url,
        host=host_of(lead.url),
        source=source,
        role=lead.role,
        depth=lead.depth,
        priority=lead.priority,
        due_at=now,
        first_seen=now,
        hint=lead.hint,
    )


def _role(known: Page, lead: Lead) -> Role:
    """The kind of source decides the role of its locations (depth 0); otherwise a link never makes a feed a page."""
    if lead.role == "page" and known.role != "page":
        return "page" if lead.depth == 0 and known.role == "start" else known.role
    return lead.role


def _row(page: Page) -> list[Any]:
    values = [getattr(page, name) for name in _COLUMNS]
    return [
        _sql_text(value) if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else value
        for value in values
    ]


def _sql_text(text: str) -> str:
    """Return `text` with lone surrogates, which SQLite refuses, as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
