"""`searchkit forget`: permanently erase documents."""

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from searchkit.archive import Archive, erasure
from searchkit.archive.addresses import SCHEME, addresses_of, document_at
from searchkit.archive.blocklist import Blocklist, reappeared
from searchkit.cli.answers import saved_queries
from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import QueryCommand, archive_option, open_archive, wait_option
from searchkit.cli.output import progress_bar, say, say_notes, write_texts
from searchkit.errors import NotInArchive, UsageError
from searchkit.query import fields
from searchkit.search.answer import ALL, QueryRequest, answer
from searchkit.statements.document import Document
from searchkit.statements.text import counted, one_line, redacted

_DOCUMENT = re.compile(r"[0-9a-f]{12}")
_STATEMENT = re.compile(r"[0-9a-f]{12}-[0-9a-f]{8}(?:-\d{1,6})?")
_SHOWN = 20
# The lock file outlives a killed run, so it must not name the document.
_LOCK_NAME = "searchkit forget"
_OUT_OF_REACH = (
    "Not erased: backups, exports, WARC files, sent digests, and the files and sites the documents came from."
)


@click.command("forget", cls=QueryCommand)
@click.argument("names", nargs=-1, metavar="ID|URL|QUERY...")
@click.option("--duplicates", is_flag=True, help="Forget duplicates too.")
@click.option("--yes", is_flag=True, help="Erase the matches of a query without asking.")
@click.option("-n", "--dry-run", is_flag=True, help="List what would be forgotten; change nothing.")
@click.option("--again", is_flag=True, help="Allow a forgotten ID or URL to be indexed again.")
@wait_option
@archive_option
def command(names: tuple[str, ...], duplicates: bool, yes: bool, dry_run: bool, again: bool, wait: float) -> int:
    """Permanently erase documents: texts, revisions, statements, captures, index entries, log lines, alerts.

    ID is the id of a document, URL an address or a path: both are erased at once, without a question. Anything else is
    a query, whose matches are listed first; then this command asks.
    Attachments go with their message. Deleted database content is overwritten, and index files that held the documents
    are rewritten. Files of yours that still name a document are listed. Ids and addresses are kept as salted hashes, so
    that no run indexes the documents again. If a run was interrupted, the next run finishes it. Without arguments, this
    command only finishes such a run and erases documents that came back from an older backup. Damaged files that repair
    has set aside are removed.
    """
    now = datetime.now(UTC)
    with open_archive() as opened:
        if again:
            return _allow_again(opened, names, wait)
        back = () if names else came_back(opened)
        if not names and not back and not opened.is_forgetting:
            raise click.UsageError(
                "There is no unfinished `forget`, and no forgotten document has come back. Name what to forget: an id, "
                "an address, or a query."
            )
        with opened.held(wait, called=_LOCK_NAME, migrate=not dry_run):
            code = 0 if dry_run else _finish(opened, now)
            if not names and not back:
                return code
            by_name = dict.fromkeys(back) if back else _by_name(opened, names)
            found = _found_by(opened, names, now) if by_name is None else by_name
            targets, staying = erasure.find_targets(opened, found, copies=duplicates)
            if by_name:
                known = {target.id for target in targets}
                targets += tuple(page for name, page in by_name.items() if name not in known and page is not None)
            _list(targets, staying)
            for name in erasure.files_set_aside(opened.folder):
                say(f"note: {one_line(name)}, a damaged file that `searchkit repair` set aside, is removed")
            if dry_run:
                click.echo(f"{counted(len(targets), 'document')} would be forgotten")
                return 0
            if by_name is None and not yes:
                _ask(len(targets))
            with progress_bar("Erasing"):
                erased = erasure.forget(opened, erasure.make_plan(opened, targets), now=now)
            return max(code, print_erased(erased))


def came_back(archive: Archive) -> tuple[str, ...]:
    """Return the documents that were forgotten and are in the archive again."""
    return () if archive.is_empty else tuple(reappeared(archive.store(), Blocklist.load(archive.folder)))


def _finish(archive: Archive, now: datetime) -> int:
    """Finish an interrupted run, if there is one; return its exit code."""
    if not archive.is_forgetting:
        return 0
    say("note: an earlier `forget` was interrupted; finishing it first.")
    with progress_bar("Erasing"):
        done = erasure.finish(archive, now=now)
    return print_erased(done) if done is not None else 0


def _by_name(archive: Archive, names: Sequence[str]) -> dict[str, erasure.Target | None] | None:
    """Return the documents that ids and addresses name, by id; None if the words are a query.

    The value is set for a page that never became a document but whose address is known.
    """
    names = [name.strip() for name in names]
    for name in names:
        if _STATEMENT.fullmatch(name):
            raise UsageError(
                f"{name} is a statement. Only complete documents can be forgotten.",
                hint=f"To forget its document: searchkit forget {name.partition('-')[0]}",
            )
    named = [name for name in names if _DOCUMENT.fullmatch(name) or _is_address(archive, name)]
    if not named:
        return None
    for name in names:
        if name not in named:
            raise UsageError(
                f'"{name}" is neither an id nor an address.', hint="Give ids and addresses, or a query, but not both."
            )
    found: dict[str, erasure.Target | None] = {}
    for name in named:
        if _DOCUMENT.fullmatch(name):
            found[archive.find(name)[0].id] = None
        else:
            found |= _at_address(archive, name)
    return found


def _is_address(archive: Archive, name: str) -> bool:
    """Return whether this is an address or a path. A word of a query may equal a file name, and a pattern contains
    slashes."""
    if SCHEME.match(name):
        return fields.find(name.partition(":")[0]) is None
    if "/" not in name and "." not in name:
        return False
    with suppress(OSError):  # longer than any path
        if name.startswith(("/", "./", "../")) or Path(name).exists():
            return True
    return document_at(archive, name) is not None


def _at_address(archive: Archive, name: str) -> dict[str, erasure.Target | None]:
    document = document_at(archive, name)
    if document is not None:
        return {document.id: None}
    addresses = addresses_of(name)
    others = sorted({member for address in addresses for member in archive.store().erasure.within(address)})
    others = others or [led.id for led in filter(None, [erasure.redirect_target(archive, addresses)])]
    if others:
        raise UsageError(
            f"{name} leads to {counted(len(others), 'document')} with another address. Nothing was changed.",
            hint=f"Name what to forget: searchkit forget {' '.join(others[:5])}{' ...' if len(others) > 5 else ''}",
        )
    page = erasure.unread_page(archive, addresses)
    if page is None:
        raise NotInArchive(
            f"No document in the archive has the address {name}.", hint="List all documents: searchkit query '*'"
        )
    return {page.id: page}


def _found_by(archive: Archive, words: Sequence[str], now: datetime) -> list[str]:
    """Return the ids of all documents that match a query, including duplicates. NotInArchive for none, errors as
    `parse`."""
    query = " ".join(words).strip()
    saved = saved_queries(archive, query)
    request = QueryRequest(query=query, today=now.date(), saved=saved, limit=ALL, sort="newest", copies=True)
    with progress_bar("Updating the index", first="Searching") as progress:
        result = answer(archive, request, progress=progress).result
    say_notes(result.notes)
    if not result.hits:
        raise NotInArchive(
            f'No document matches "{" ".join(words)}". Nothing was changed.',
            hint="It was read as a query, because it is not an id, an address or an existing file.",
        )
    return [hit.id for hit in result.hits]


def _list(targets: Sequence[erasure.Target], staying: Sequence[tuple[Document, str]]) -> None:
    for target in targets[:_SHOWN]:
        parts = (target.title, target.outlet, target.published, *target.addresses[:1])
        write_texts([f"{target.id}  {one_line(redacted(', '.join(filter(None, parts))))}"])
    if len(targets) > _SHOWN:
        click.echo(f"... and {len(targets) - _SHOWN:,} more")
    for copy, of in staying:
        name = f"{copy.id} ({one_line(copy.title or copy.uri)})"
        say(f"note: {name} is a duplicate of {of} or claims its address, and stays; --duplicates forgets it too")


def _ask(chosen: int) -> None:
    """Ask for confirmation. UsageError if stdin is not a terminal."""
    if not sys.stdin.isatty():
        raise UsageError(
            "Cannot ask for confirmation: stdin is not a terminal. Nothing was changed.", hint="To confirm, use --yes."
        )
    click.confirm(f"Forget {counted(chosen, 'document')}? This cannot be undone.", abort=True, err=True)


def print_erased(erased: erasure.Erased) -> int:
    """Print what was erased; SOME_FAILED if files of the user still name a document."""
    say_notes(erased.notes)
    for path in erased.mentioned_in:
        say(f"left: {one_line(path)} still names a forgotten document")
    click.echo(f"{counted(erased.documents, 'document')} forgotten")
    say(_OUT_OF_REACH)
    return SOME_FAILED if erased.mentioned_in else 0


def _allow_again(archive: Archive, names: Sequence[str], wait: float) -> int:
    if not names:
        raise UsageError("Name what to allow again: an id or an address.")
    with archive.held(wait, called=_LOCK_NAME):
        blocklist = Blocklist.load(archive.folder)
        allowed = [blocklist.allow(addresses_of(name.strip())) for name in names]
    for name, number in zip(names, allowed, strict=True):
        if not number:
            raise NotInArchive(f"{name} was not forgotten.", hint="Give the id or the address exactly as it was.")
    click.echo(f"{counted(sum(allowed), 'document')} may be indexed again")
    return 0
