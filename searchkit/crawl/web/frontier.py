"""The frontier: which addresses are known, when each is due, and what was fetched, in one SQLite file.

Only the process that holds the archive's lock crawls, and only its main thread writes here. A page that was fetched is
recorded before it is handed on, and stays `fetched` until somebody settles it; so a killed run loses nothing, and the
next one hands on from the captures what it left. WAL with `synchronous=NORMAL`: a kill loses nothing that was
committed; a power cut may lose the last commits, and what they told of is fetched again.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from searchkit.crawl.web.pages import FIRST_PAGE, Fetch, Hint, Lead, Page, Role, tier
from searchkit.crawl.web.tables import CREATE, FRONTIER_VERSION, row_checksum
from searchkit.errors import ArchiveError, NewerArchive, SearchkitError, from_sqlite

_COLUMNS = Page.__struct_fields__
_IN_JSON = ("validators", "hint")
_YES_OR_NO = ("leads_on", "untold", "moved")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM pages"  # noqa: S608 - our own column names
_INSERT = f"INSERT INTO pages ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - as above
_UPDATE = f"UPDATE pages SET {', '.join(f'{name} = ?' for name in _COLUMNS)}, leased_until = 0 WHERE url = ?"  # noqa: S608 - as above
# The second condition says what the index says, or SQLite would not use it. What is not to be had there, stands for
# nothing.
_ANSWERED_FROM = f"{_SELECT} WHERE final_url = ? AND final_url <> '' AND state IN ('fetched', 'settled') LIMIT 1"
# Of aliases, those with a digest have answered themselves; the others redirect.
_ALIASES = (
    "SELECT url FROM pages WHERE final_url = ? AND final_url <> '' AND state = 'alias' AND digest <> ''"
    " ORDER BY rowid DESC LIMIT 4"
)
_UNTOLD = f"{_SELECT} WHERE source = ? AND untold = 1 AND state NOT IN ('new', 'fetched')"
_CLAIMABLE = "source = ? AND due_at <= ? AND state NOT IN ('fetched', 'alias') AND leased_until = 0"
# Clocks are set by some seconds all the time; only what is noted for later than this from now was noted by a wrong one.
_CLOCKS_DIFFER = 60.0
# Another process may read for a moment (a backup); it is waited for this long.
_BUSY_SECONDS = 10.0
# What SQLite raises; of a damaged file its very message may be no text.
_ERRORS = (sqlite3.Error, UnicodeError)
_MEND = "Save what is whole: searchkit repair"


class Frontier:
    """The frontier in the file at `path`, made when it is missing.

    Changes are in one transaction until `commit`. Raises ArchiveError when the file is damaged or is no frontier,
    NewerArchive when a later version wrote it, StorageFull when the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.touch(mode=0o600)  # addresses tell what somebody reads
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be written: {error.strerror}.", hint="Check its permissions.") from error
        except _ERRORS as error:
            raise self._translated(error) from error
        try:
            self._prepare()
        except BaseException as error:
            self._connection.close()
            if isinstance(error, _ERRORS):
                raise self._translated(error) from error
            raise

    def _prepare(self) -> None:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > FRONTIER_VERSION:
            raise NewerArchive(
                f"{self._path} has version {version}; this searchkit reads up to {FRONTIER_VERSION}.",
                hint="Upgrade searchkit.",
            )
        self._connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        if version == 0:
            self._connection.executescript(f"BEGIN IMMEDIATE; {CREATE} PRAGMA user_version={FRONTIER_VERSION}; COMMIT;")

    def _translated(self, error: Exception) -> SearchkitError:
        return from_sqlite(error, self._path, called="", kind="frontier", kept="fetched", mend=_MEND)

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except _ERRORS as error:
            raise self._translated(error) from error

    def _all(self, statement: str, *values: object) -> list[Any]:
        """Every row; in a damaged file the last may be one that cannot be read."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except _ERRORS as error:
            raise self._translated(error) from error

    def _first(self, statement: str, *values: object) -> Any:
        """The first row; None when there is none."""
        rows = self._all(statement, *values)
        return rows[0] if rows else None

    def _change(self, statement: str, *values: object) -> int:
        """Execute in the open transaction; how many rows it changed."""
        if not self._connection.in_transaction:
            self._execute("BEGIN IMMEDIATE")
        return self._execute(statement, *values).rowcount

    def commit(self) -> None:
        """Make every change so far last."""
        if self._connection.in_transaction:
            self._execute("COMMIT")

    def close(self) -> None:
        """Commit and close the file."""
        try:
            self.commit()
        finally:
            self._connection.close()

    # --- pages -------------------------------------------------------------------------------------------------------

    def page(self, url: str) -> Page | None:
        """What is known of `url`."""
        row = self._first(f"{_SELECT} WHERE url = ?", url)
        return self._read(row) if row else None

    def save(self, page: Page) -> None:
        """Write a page that is known already; its lease ends."""
        self._change(_UPDATE, *_written(page), page.url)

    def add(self, lead: Lead, *, source: str, now: float, may_be_due: Callable[[Page], bool]) -> bool:
        """Take up what something leads to; whether a page is due now that was not known or not due before.

        A page that is known belongs from now on to the source that found it last, and keeps the shortest way to it. It
        is due at once when it is said to have changed since it was fetched, and `may_be_due` agrees. What is said of an
        alias, or of an address that another page moved to, is said of that page; an alias of one that is not to be had
        any more is a page again.
        """
        known = self.page(lead.url)
        page = self._stands_for(lead, known)
        if page is not None:
            newer = _is_newer(lead, page) and may_be_due(page)
            hint, due_at = _hint(lead, page), min(page.due_at, now) if newer else page.due_at
            if (hint, due_at) != (page.hint, page.due_at):
                values = _written(replace(page, hint=hint))
                self._change(
                    "UPDATE pages SET hint = ?, due_at = ? WHERE url = ?",
                    values[_COLUMNS.index("hint")],
                    due_at,
                    page.url,
                )
            if known is None and lead.depth:  # a location is somebody's own wish
                alias = replace(_new(lead, source, now), state="alias", final_url=page.url, digest=page.digest)
                self._change(_INSERT, *_written(alias))
            return newer
        if known is None:
            self._change(_INSERT, *_written(_new(lead, source, now)))
            return True
        freed = known.state == "alias"
        if freed:
            known = replace(known, state="new", final_url="", digest="", due_at=now)
            self.save(known)
        newer = _is_newer(lead, known) and may_be_due(known)
        page = replace(
            known,
            source=source,
            role=_role(known, lead),
            depth=min(known.depth, lead.depth),
            priority=min(known.priority, lead.priority),
            hint=_hint(lead, known),
            due_at=min(known.due_at, now) if newer else known.due_at,
        )
        if page == known:
            return freed or newer
        values = _written(page)
        self._change(
            "UPDATE pages SET source = ?, role = ?, depth = ?, priority = ?, hint = ?, due_at = ? WHERE url = ?",
            *(values[_COLUMNS.index(name)] for name in ("source", "role", "depth", "priority", "hint", "due_at")),
            page.url,
        )
        return freed or newer

    def _stands_for(self, lead: Lead, known: Page | None) -> Page | None:
        """The page that is known under another address than that of `lead`, as which it is `known`: the one it is an
        alias of, or one that was answered from there."""
        if known is not None and known.state == "alias":
            page = self.page(known.final_url)
            return page if page is not None and page.state not in {"alias", "refused", "withheld", "gone"} else None
        if known is not None or lead.role != "page":
            return None
        row = self._first(_ANSWERED_FROM, lead.url)
        return self._read(row) if row else None

    def answered_at(self, page: Page) -> list[str]:
        """The other addresses at which the article of `page` was answered, the last one first."""
        rows = self._all(_ALIASES, page.url)
        return [url for url in (page.final_url, *(url for (url,) in rows)) if url not in {"", page.url}]

    def keep_locations(self, source: str, urls: Collection[str]) -> None:
        """Let go of the locations that `source` had and has no more: they belong to no source, and are never due."""
        rows = self._all("SELECT url FROM pages WHERE source = ? AND depth = 0", source)
        for (url,) in rows:
            if url not in urls:
                self._change("UPDATE pages SET source = '' WHERE url = ?", url)

    def waiting(self, source: str) -> int:
        """How many pages of `source` were found and never answered."""
        statement = "SELECT count(*) FROM pages WHERE source = ? AND state = 'new'"
        return int(self._first(statement, source)[0])

    def unsettled(self, source: str) -> list[str]:
        """Addresses of the pages that were recorded and not settled, in the order they were found."""
        rows = self._all("SELECT url FROM pages WHERE source = ? AND state = 'fetched' ORDER BY rowid", source)
        return [url for (url,) in rows]

    def settle(self, url: str, *, changed: bool, due_again: float, unread: str = "") -> None:
        """Nothing is left to do for a page that was recorded. One that changed is due again at `due_again` already.
        `unread` is why it could not be read, if it could not."""
        self._change(
            "UPDATE pages SET state = 'settled', changed_at = CASE WHEN ? THEN fetched_at ELSE changed_at END,"
            " due_at = CASE WHEN ? THEN min(due_at, ?) ELSE due_at END, reason = ? WHERE url = ? AND state = 'fetched'",
            *(changed, changed, due_again, _sql_text(unread), url),
        )

    def lose(self, url: str, now: float) -> bool:
        """The archive does not have what a settled page gave; whether its bytes are kept, so that it can be handed on
        again. Without them it is asked for as if it were new."""
        page = self.page(url)
        if page is None or page.state != "settled":
            return False
        if page.digest:
            self.save(replace(page, state="fetched"))
        else:
            self.save(replace(page, state="new", validators={}, due_at=now))
        return bool(page.digest)

    def untold(self, source: str) -> list[Page]:
        """The pages of `source` that are refused, withheld or gone, or no longer so, of which nobody has heard yet."""
        return [self._read(row) for row in self._all(_UNTOLD, source)]

    def heard(self, urls: Collection[str]) -> None:
        """What there was to tell of these pages was heard."""
        for url in urls:
            self._change("UPDATE pages SET untold = 0 WHERE url = ? AND untold = 1", url)

    def neighbors(self, page: Page, most: int) -> list[Page]:
        """Up to `most` other pages of the source and host of `page` whose bytes are kept."""
        rows = self._all(
            f"{_SELECT} WHERE source = ? AND host = ? AND state NOT IN ('fetched', 'alias') AND leased_until = 0"
            " AND state = 'settled' AND role = 'page' AND changed_at > 0 AND digest NOT IN ('', ?) AND url <> ?"
            " LIMIT ?",
            *(page.source, page.host, page.digest, page.url, most),
        )
        return [self._read(row) for row in rows]

    def retry(self, source: str, now: float) -> None:
        """Make what was refused, given up or is gone due now; what could not be read is to be settled once more."""
        statement = (
            "UPDATE pages SET due_at = ?, tries = 0 WHERE source = ?"
            " AND (state IN ('refused', 'withheld', 'gone') OR tries > 0)"
        )
        self._change(statement, now, source)
        statement = "UPDATE pages SET state = 'fetched' WHERE source = ? AND state = 'settled' AND reason <> ''"
        self._change(statement, source)

    def forget_capture(self, digest: str, now: float) -> None:
        """A capture is lost: what it was of is due now, and asked for as if it had never been answered."""
        self._change(
            "UPDATE pages SET digest = '', validators = '{}', due_at = min(due_at, ?),"
            " state = CASE state WHEN 'fetched' THEN 'new' ELSE state END WHERE digest = ?",
            *(now, digest),
        )
        self._change("UPDATE fetches SET digest = '' WHERE digest = ?", digest)

    def let_go_of_capture(self, url: str, digest: str) -> bool:
        """The page at `url` is not to have this capture. Whether nobody else has it, so that it may be removed."""
        self._change("DELETE FROM fetches WHERE url = ? AND digest = ?", url, digest)
        others = "SELECT 1 FROM pages WHERE digest = ?1 AND url <> ?2 UNION ALL SELECT 1 FROM fetches WHERE digest = ?1"
        return not self._all(f"{others} LIMIT 1", digest, url)

    def hand_on_again(self, is_wanted: Callable[[str], bool]) -> None:
        """Pages at wanted addresses are handed on once more by the next run, from their captures."""
        rows = self._all("SELECT url, final_url FROM pages WHERE state = 'settled' AND digest <> ''")
        for url, final_url in rows:
            if is_wanted(url) or is_wanted(final_url):
                self._change("UPDATE pages SET state = 'fetched' WHERE url = ?", url)

    # --- claims ------------------------------------------------------------------------------------------------------

    def hosts_due(self, source: str, due_by: float) -> list[str]:
        """The hosts that have pages due by then."""
        rows = self._all(f"SELECT DISTINCT host FROM pages WHERE {_CLAIMABLE}", source, due_by)  # noqa: S608 - ours
        return [host for (host,) in rows]

    def claim(
        self, source: str, host: str, *, due_by: float, leased_until: float, limit: int, listings_only: bool = False
    ) -> list[Page]:
        """Lease the next pages due of a host.

        Feeds, sitemaps and start pages come first and one at a time, so that what they lead to is known before anything
        else is chosen. Then pages never answered, the most urgent first, take turns with those that are due again, the
        longest overdue first: neither keeps the other waiting for ever.
        """
        due = (source, due_by, host)
        pages = self._claimable(f"priority < {FIRST_PAGE} ORDER BY priority, rowid", 1, due)
        if not pages and not listings_only:
            # Listings were looked for, so all that is left are pages.
            new = self._claimable("state = 'new' ORDER BY priority, rowid", limit, due)
            again = self._claimable("state <> 'new' ORDER BY due_at, priority, rowid", limit, due)
            turns = chain.from_iterable(zip_longest(new, again))
            pages = [page for page in turns if page is not None][:limit]
        for page in pages:
            self._change("UPDATE pages SET leased_until = ? WHERE url = ?", leased_until, page.url)
        return pages

    def _claimable(self, which: str, limit: int, due: tuple[str, float, str]) -> list[Page]:
        rows = self._all(f"{_SELECT} WHERE {_CLAIMABLE} AND host = ? AND {which} LIMIT {limit}", *due)
        return [self._read(row) for row in rows]

    def release(self, urls: Collection[str] | None = None) -> None:
        """End the leases of `urls`; of all pages when none are given: those of killed runs, for one process crawls."""
        if urls is None:
            self._change("UPDATE pages SET leased_until = 0 WHERE leased_until > 0")
        for url in urls or ():
            self._change("UPDATE pages SET leased_until = 0 WHERE url = ?", url)

    def set_back(self, now: float, *, longest_wait: float) -> None:
        """Let nothing wait for a time that a wrong clock has told. What is noted as done in time to come was done by a
        clock that was ahead and has been set back: it is due now. No wait after a failure is longer than
        `longest_wait`."""
        latest = now + _CLOCKS_DIFFER
        self._change(
            "UPDATE pages SET due_at = min(due_at, ?), first_seen = min(first_seen, ?),"
            " fetched_at = min(fetched_at, ?), changed_at = min(changed_at, ?) WHERE max(first_seen, fetched_at) > ?",
            *(now, now, now, now, latest),
        )
        latest += longest_wait
        self._change("UPDATE pages SET due_at = ? WHERE tries > 0 AND due_at > ?", now, latest)
        self._change("UPDATE hosts SET next_at = ? WHERE next_at > ?", now, latest)

    # --- hosts, captures ---------------------------------------------------------------------------------------------

    def next_at(self, host: str) -> tuple[float, str]:
        """When a host may be asked again, and why not before; 0 when it was never asked."""
        row = self._first("SELECT next_at, reason FROM hosts WHERE name = ?", host)
        return (float(row[0]), str(row[1])) if row else (0.0, "")

    def troubles(self, host: str) -> int:
        """How often in a row a host was left alone because it answered nothing."""
        row = self._first("SELECT troubles FROM hosts WHERE name = ?", host)
        return int(row[0]) if row else 0

    def save_next_at(self, host: str, next_at: float, reason: str = "", *, troubles: int = 0) -> None:
        """Remember when a host may be asked again, and how often in a row it was left alone."""
        self._change(
            "INSERT OR REPLACE INTO hosts (name, next_at, reason, troubles) VALUES (?, ?, ?, ?)",
            *(host, next_at, reason, troubles),
        )

    def robots(self, origin: str) -> tuple[str, float] | None:
        """robots.txt of `scheme://host` as kept, and when it was fetched."""
        row = self._first("SELECT text, fetched_at FROM robots WHERE origin = ?", origin)
        return (str(row[0]), float(row[1])) if row else None

    def save_robots(self, origin: str, text: str, fetched_at: float) -> None:
        """Keep what robots.txt says."""
        self._change("INSERT OR REPLACE INTO robots VALUES (?, ?, ?)", origin, _sql_text(text), fetched_at)

    def add_fetch(self, fetch: Fetch) -> None:
        """Add to the history of captures."""
        self._change(
            "INSERT INTO fetches (url, final_url, redirects, status, headers, fetched_at, digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(fetch.url, fetch.final_url, _json(fetch.redirects), fetch.status, _json(dict(fetch.headers))),
            *(fetch.fetched_at, fetch.digest),
        )

    def forget_fetch(self, url: str) -> None:
        """No document was made of what a page was recorded with: the history goes without it."""
        self._change(
            "DELETE FROM fetches WHERE number = (SELECT max(number) FROM fetches JOIN pages USING (url, digest)"
            " WHERE url = ? AND state = 'fetched')",
            url,
        )

    def names_capture(self, digest: str) -> bool:
        """Whether a page has this body, or a document was made of it."""
        found = self._first(
            "SELECT 1 FROM fetches WHERE digest = ? UNION ALL SELECT 1 FROM pages WHERE digest = ? AND digest <> ''",
            *(digest, digest),
        )
        return found is not None

    def fetches(self, url: str) -> list[Fetch]:
        """The history of captures of a page, the oldest first: the answers of which documents and revisions were
        made."""
        rows = self._all(
            "SELECT url, final_url, redirects, status, headers, fetched_at, digest FROM fetches WHERE url = ?"
            " ORDER BY number",
            url,
        )
        return [
            Fetch(
                url=row[0],
                final_url=row[1],
                redirects=tuple(json.loads(row[2])),
                status=row[3],
                headers=json.loads(row[4]),
                fetched_at=row[5],
                digest=row[6],
            )
            for row in rows
        ]

    def _read(self, row: tuple[Any, ...]) -> Page:
        values = dict(zip(_COLUMNS, row, strict=True))
        try:
            for name in _IN_JSON:
                values[name] = json.loads(values[name])
        except (TypeError, ValueError) as error:
            raise ArchiveError(f"{self._path} is damaged: {error}.", hint=_MEND) from error
        for name in _YES_OR_NO:
            values[name] = bool(values[name])
        return Page(**values)


def capture_digests(path: Path) -> Iterator[tuple[str, str]]:
    """Of the frontier in the file at `path`, the captures that it names: digest, and the address of a page of it.
    sqlite3.Error when it cannot be read."""
    both = "SELECT digest, url FROM pages UNION ALL SELECT digest, url FROM fetches"
    return _rows(path, f"SELECT digest, max(url) FROM ({both}) WHERE digest <> '' GROUP BY digest")  # noqa: S608 - ours


def addresses(path: Path) -> Iterator[str]:
    """Every address that the frontier in the file at `path` knows. sqlite3.Error when it cannot be read."""
    for row in _rows(path, "SELECT url, final_url FROM pages"):
        yield from row


def _rows(path: Path, statement: str) -> Iterator[Any]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        yield from connection.execute(statement)


def _is_newer(lead: Lead, known: Page) -> bool:
    """Whether a page is said to have changed since it was fetched."""
    return bool(known.fetched_at) and lead.modified > known.fetched_at and known.state != "fetched"


def _hint(lead: Lead, known: Page) -> Hint:
    """What is said of a page: what the better source said first stays until it says otherwise."""
    return lead.hint if lead.hint and tier(lead.priority) <= tier(known.priority) else known.hint


def _new(lead: Lead, source: str, now: float) -> Page:
    return Page(
        url=lead.url,
        host=lead.host,
        source=source,
        role=lead.role,
        depth=lead.depth,
        priority=lead.priority,
        due_at=now,
        first_seen=now,
        hint=lead.hint,
    )


def _role(known: Page, lead: Lead) -> Role:
    """What a location of a source (depth 0) is, its kind decides; elsewhere a link never makes a page of a feed."""
    if lead.role == "page" and known.role != "page":
        return "page" if lead.depth == 0 and known.role == "start" else known.role
    return lead.role


def _written(page: Page) -> list[Any]:
    values: list[Any] = []
    for name in _COLUMNS:
        value = getattr(page, name)
        if name in _IN_JSON:
            value = _json(dict(value)) if value else "{}"
        values.append(_sql_text(value) if isinstance(value, str) else value)
    return values


def _json(value: object) -> str:
    return json.dumps(value)


def _sql_text(text: str) -> str:
    """`text` with lone surrogates, which SQLite refuses, made visible."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
