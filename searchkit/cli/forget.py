"""`searchkit forget`: documents leave the archive without a trace, and that is shown."""

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from searchkit.cli.errors import SOME_FAILED
from searchkit.cli.options import QueryCommand, archive_option, open_archive
from searchkit.cli.output import counted, is_terminal, one_line, redacted, say, write_texts
from searchkit.cli.progress import building
from searchkit.errors import NotInArchive, UsageError

if TYPE_CHECKING:
    from searchkit.archive import Archive
    from searchkit.archive.erasure.erasing import Erased
    from searchkit.archive.erasure.plan import Copy, Leaving

_DOCUMENT = re.compile(r"[0-9a-f]{12}")
_STATEMENT = re.compile(r"[0-9a-f]{12}-[0-9a-f]{8}(?:-\d{1,6})?")
# As in `title:/cr.ne/`.
_PATTERN = re.compile(r":/|/ ")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:/{1,3}\S")
# What a query finds of the archive and takes away without a further word; a word too few in it finds everything.
_AT_ONCE = 0.2
_SHOWN = 20
# The file of the lock outlives a run that is killed, and what is to be forgotten is not to stand there.
_CALLED_SO = "searchkit forget"
_OUT_OF_REACH = (
    "Not reached: backups, exports, WARC files, digests that were sent, and the files and sites it came from."
)


@click.command("forget", cls=QueryCommand)
@click.argument("names", nargs=-1, metavar="ID|URL|QUERY...")
@click.option("--copies", is_flag=True, help="Forget the same text under other addresses too.")
@click.option("--yes", is_flag=True, help="Do not ask; also when a query finds more than 20 % of all documents.")
@click.option("-n", "--dry-run", is_flag=True, help="List what would be forgotten; change nothing.")
@click.option("--again", is_flag=True, help="Let what was forgotten in again when a run meets it: ID or URL.")
@click.option("--wait", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS", help="Wait for a writer.")
@archive_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    copies: bool,
    yes: bool,
    dry_run: bool,
    again: bool,
    wait: float,
    archive: str | None,
) -> int:
    """Remove documents without a trace: texts, revisions, statements, captures, index, logs, what alerts told.

    ID is a document's, URL an address or a path; all else is a query, and what it finds is listed first. What is
    attached to a message goes with it. Then every byte of the archive's folder is searched for ids, addresses, titles
    and stretches of words that only those documents had, and every file that holds no rows of others, and its name, for
    single words too; what is left is named. Their addresses are kept as salted hashes, so that no run takes them in
    again. A run that was cut short is finished by the next; without ID, URL or QUERY nothing else is done, but that
    what was forgotten and came back, in a store from an older backup, goes again. Damaged files that repair has put
    aside go whole.
    """
    from searchkit.archive.erasure.erasing import finish, forget, put_aside
    from searchkit.archive.erasure.plan import leaving, plan

    now = datetime.now(UTC)
    with open_archive(ctx, archive) as opened:
        if again:
            return _let_in_again(opened, names, wait)
        back = () if names else came_back(opened)
        if not names and not back and not opened.is_forgetting:
            raise click.UsageError(
                "No forget was cut short, and nothing that was forgotten came back. Name what to forget: an id, an "
                "address, or a query.",
                ctx,
            )
        with opened.held(wait, called=_CALLED_SO):
            code = 0
            if opened.is_forgetting and not dry_run:
                say("note: an earlier run was cut short; it is finished first.")
                with building("Searching") as progress:
                    done = finish(opened, now=now, progress=progress)
                code = print_erased(done) if done is not None else 0
            if not names and not back:
                return code
            by_name = dict.fromkeys(back) if back else _by_name(opened, names)
            if by_name is None:
                found = _found_by(opened, names, now)
                if not found:
                    raise NotInArchive(
                        f'Nothing matches "{" ".join(names)}", and nothing was changed.',
                        hint="It was read as a query, being no id, no address, and no file that is there.",
                    )
                chosen, same = leaving(opened, found, copies=copies)
            else:
                chosen, same = leaving(opened, by_name, copies=copies)
                known = {one.id for one in chosen}
                chosen += tuple(one for name, one in by_name.items() if name not in known and one is not None)
            _list(chosen, same)
            for name in put_aside(opened.folder):
                say(f"note: {one_line(name)} is damaged, was put aside by `searchkit repair`, and goes whole")
            if dry_run:
                click.echo(f"{counted(len(chosen), 'document')} would be forgotten")
                return 0
            if by_name is None and not yes:
                _ask(opened, len(chosen))
            with building("Searching") as progress:
                erased = forget(opened, plan(opened, chosen, same), now=now, progress=progress)
            return max(code, print_erased(erased))


def came_back(archive: "Archive") -> tuple[str, ...]:
    """The documents that were forgotten and stand in the archive all the same."""
    from searchkit.archive.erasure.blocklist import Forgotten, standing

    return () if archive.is_empty else tuple(standing(archive.records(), Forgotten.load(archive.folder)))


def _by_name(archive: "Archive", names: Sequence[str]) -> "dict[str, Leaving | None] | None":
    """The documents that ids and addresses name, by id; None when the words are a query.

    A page that is no document, and whose address something still knows, is given as it will be forgotten.
    """
    names = [name.strip() for name in names]
    for name in names:
        if _STATEMENT.fullmatch(name):
            raise UsageError(
                f"{name} is a statement, and documents are forgotten whole.",
                hint=f"To forget its document: searchkit forget {name.partition('-')[0]}",
            )
    named = [name for name in names if _DOCUMENT.fullmatch(name) or _is_address(name)]
    if not named:
        return None
    for name in names:
        if name not in named:
            raise UsageError(f'"{name}" is neither an id nor an address.', hint="Name those, or ask a query, not both.")
    found: dict[str, Leaving | None] = {}
    for name in named:
        if _DOCUMENT.fullmatch(name):
            found[archive.find(name)[0].id] = None
        else:
            found |= _at_address(archive, name)
    return found


def _is_address(name: str) -> bool:
    """Whether this is an address or a path: a word of a query may be called as a file is, and a pattern of one has
    slashes."""
    from searchkit.query import fields

    if _SCHEME.match(name) and fields.find(name.partition(":")[0]) is None:
        return True
    path = Path(name)
    with suppress(OSError):  # longer than any path
        if ("/" in name or "." in name) and path.exists():
            return True
        if "/" in name and not name.endswith("/") and not _PATTERN.search(name):
            is_called_so = bool(path.suffix) and len(name.split()) == 1
            return is_called_so or name.startswith(("/", "./", "../")) or path.parent.is_dir()
    return False


def _at_address(archive: "Archive", name: str) -> "dict[str, Leaving | None]":
    from searchkit.archive.erasure.plan import elsewhere, unread_page
    from searchkit.document import document_id

    addresses = addresses_of(name)
    for address in addresses:
        document = archive.at(address) or archive.get(document_id(address))
        if document is not None:
            return {document.id: None}
    held = sorted({one for address in addresses for one in archive.records().erasure.within(address)})
    if held:
        raise UsageError(
            f"{name} holds {counted(len(held), 'document')}, each with an address of its own. Nothing was changed.",
            hint=f"Name those that are to go: searchkit forget {' '.join(held[:5])}{' ...' if len(held) > 5 else ''}",
        )
    led = elsewhere(archive, addresses)
    if led is not None:
        raise UsageError(
            f"{name} leads to another address, where document {led.id} stands: {led.canonical_url or led.uri}. Nothing "
            "was changed.",
            hint=f"If that is what is to go, with the addresses that lead to it: searchkit forget {led.id}",
        )
    page = unread_page(archive, addresses)
    if page is None:
        what = "" if _SCHEME.match(name) else _is_on_disk(name)
        raise NotInArchive(f"The archive knows nothing of {name}{what}.", hint="Its documents: searchkit query '*'")
    return {page.id: page}


def _is_on_disk(name: str) -> str:
    path = Path(name)
    return ", which is a folder" if path.is_dir() else "" if path.exists() else ", and there is no such file"


def addresses_of(name: str) -> tuple[str, ...]:
    """The addresses that somebody may mean: as typed, as the crawler writes it, and that of a file."""
    from searchkit.crawl.web.addresses import canonical

    found = [name]
    if not _SCHEME.match(name):
        found.append(Path(name).resolve().as_uri())
    else:
        with suppress(ValueError):
            found.append(canonical(name))
    return tuple(dict.fromkeys(found))


def _found_by(archive: "Archive", words: Sequence[str], now: datetime) -> list[str]:
    """The ids of all documents that a query finds, copies and all. Errors as `parse`."""
    from searchkit.cli.question import saved_queries
    from searchkit.export.stream import select
    from searchkit.query.parser import parse

    query = " ".join(words).strip()
    parsed = parse(query, today=now.date(), record="document", saved=saved_queries(archive, query))
    with building("Catching up the index", meanwhile="Searching") as progress:
        selection = select(archive, parsed.tree, "document", copies=True, notes=parsed.notes, progress=progress)
    for note in selection.notes:
        say(f"note: {one_line(note)}")
    return [hit.id for hit in selection.hits]


def _list(chosen: "Sequence[Leaving]", same: "Sequence[Copy]") -> None:
    for one in chosen[:_SHOWN]:
        told = ", ".join(part for part in (one.title, one.outlet, one.published, *one.addresses[:1]) if part)
        write_texts([f"{one.id}  {one_line(redacted(told))}"])
    if len(chosen) > _SHOWN:
        click.echo(f"... and {len(chosen) - _SHOWN:,} more")
    for copy in same[:_SHOWN]:
        say(f"note: {copy.id} ({one_line(copy.title or copy.address)}) is a copy of {copy.of} and stays; --copies: too")
    if len(same) > _SHOWN:
        say(f"note: ... and {len(same) - _SHOWN:,} more copies")


def _ask(archive: "Archive", chosen: int) -> None:
    """Whether what a query found is to go. UsageError when nobody can be asked, or when it is too much."""
    every = archive.records().counts("").documents
    if chosen > _AT_ONCE * every:
        raise UsageError(
            f"{chosen:,} of {every:,} documents: more than {_AT_ONCE:.0%} are not forgotten at once. Nothing was "
            "changed.",
            hint="If they are to go: --yes",
        )
    if not is_terminal(sys.stdin):
        raise UsageError("Nobody is there to be asked. Nothing was changed.", hint="If they are to go: --yes")
    click.confirm(f"Forget {counted(chosen, 'document')}? This cannot be undone.", abort=True, err=True)


def print_erased(erased: "Erased") -> int:
    """What was done; SOME_FAILED when a trace is left."""
    for found, holders in erased.left[:_SHOWN]:
        what = found.reason if found.trace is None else f"{_CALLED[found.trace.kind]} of {found.trace.document}"
        what = f"its name has {what}" if found.in_path else what
        whose = f" (of {', '.join(holders[:5])}, which stays)" if holders else ""
        say(f"left: {one_line(found.path)}: {what}{whose}")
    if len(erased.left) > _SHOWN:
        say(f"... and {len(erased.left) - _SHOWN:,} more")
    searched = erased.searched
    click.echo(f"{counted(erased.documents, 'document')} forgotten")
    result = f"{counted(len(erased.left), 'trace')} left" if erased.left else "no trace"
    click.echo(f"searched {counted(searched.files, 'file')}, {searched.size:,} bytes: {result}")
    say(_OUT_OF_REACH)
    return SOME_FAILED if erased.left else 0


_CALLED: dict[Any, str] = {
    "address": "the address",
    "id": "the id",
    "title": "the title",
    "words": "words",
    "word": "a word",
}


def _let_in_again(archive: "Archive", names: Sequence[str], wait: float) -> int:
    from searchkit.archive.erasure.blocklist import Forgotten

    if not names:
        raise UsageError("Name what to let in again: an id or an address.")
    with archive.held(wait, called=_CALLED_SO):
        forgotten = Forgotten.load(archive.folder)
        every = [forgotten.allow(addresses_of(name.strip())) for name in names]
    for name, number in zip(names, every, strict=True):
        if not number:
            raise NotInArchive(
                f"{name} is not among what was forgotten.", hint="Name the id, or the address as it was."
            )
    click.echo(f"{counted(sum(every), 'document')} may be taken in again")
    return 0
