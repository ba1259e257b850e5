"""`searchkit entities`: who and what is named, which names may be one, and how each is written."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import click

from searchkit.archive import Archive
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import Segment, counted, one_line, say, visible, write_csv, write_json, write_lines
from searchkit.cli.progress import building
from searchkit.document import MentionKind
from searchkit.errors import UsageError
from searchkit.extract.register import Alias
from searchkit.names.aliases import KINDS
from searchkit.names.census import EntityCounts
from searchkit.names.loading import own_entities
from searchkit.names.similar import Group, groups
from searchkit.text import name_key

SCHEMA = "searchkit.entities/1"
FORMATS = ("table", "json", "jsonl", "csv", "tsv")
# "Commission" alone stands for twenty bodies; the other forms list them all.
_OTHERS_SHOWN = 4
_COUNTS = ("name", "kind", "documents", "said", "about", "id")
_SIMILAR = ("name", "kind", "documents", "id", "other", "other_kind", "other_documents", "other_id", "reason")
_VARIANTS = ("name", "kind", "id", "variant", "documents", "also")


@click.command("entities")
@click.argument("words", nargs=-1, metavar="[WORDS]")
@click.option("--kind", multiple=True, type=click.Choice(KINDS), help="Only of this kind.")
@click.option("--similar", is_flag=True, help="Names that may be one, with the entry that merges them.")
@click.option("--variants", is_flag=True, help="Every way each name is written, and what else is written so.")
@click.option("--init", is_flag=True, help="Write an aliases.toml that shows how, into the archive.")
@click.option("-n", "--limit", type=click.IntRange(1, 10_000_000), default=20, show_default=True, help="Names.")
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), help="Form (default: table).")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("-e", "--exit-status", is_flag=True, help="Exit 1 when nothing was found.")
@archive_option
@click.pass_context
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    kind: tuple[MentionKind, ...],
    similar: bool,
    variants: bool,
    init: bool,
    limit: int,
    form: str | None,
    as_json: bool,
    exit_status: bool,
    archive: str | None,
) -> int:
    """List who and what is named: in how many documents, in how many statements as speaker and as target.

    WORDS narrow the list to names that hold them all, known other names and acronyms included. What --similar prints
    can be pasted into aliases.toml; the user decides, and `searchkit rebuild` applies it.
    """
    if as_json and form not in {None, "json"}:
        raise UsageError(f"--json and --format {form} exclude each other.", hint="Give one of them.")
    if similar and variants:
        raise UsageError("--similar and --variants exclude each other.", hint="Ask for one after the other.")
    form = "json" if as_json else form or "table"
    with open_archive(ctx, archive) as opened:
        if init:
            from searchkit.names.folder import write_example

            click.echo(f"wrote {visible(str(write_example(opened.folder)))}")
            return 0
        with building("Catching up the index", meanwhile="Counting names") as progress:
            every = opened.entities(progress=progress)
        own = own_entities(opened.folder)
        chosen = _chosen(every, " ".join(words), kind, own)
        if similar:
            with building("Comparing names"):
                found = _similar(every, chosen, own)
            _print(found[:limit], len(found), form, _GROUPS)
            return NO_HITS if exit_status and not found else 0
        if variants:
            written = _written(chosen, opened)
            _print(written[:limit], len(written), form, _WRITTEN)
            return NO_HITS if exit_status and not written else 0
    listed = _Form("names", partial(_listed_json, own), lambda one: [_counted_json(one)], _COUNTS, _counted_lines)
    _print(chosen[:limit], len(chosen), form, listed)
    return NO_HITS if exit_status and not chosen else 0


def _chosen(
    every: Sequence[EntityCounts], words: str, kinds: Sequence[MentionKind], own: Mapping[str, Alias]
) -> tuple[EntityCounts, ...]:
    wanted = name_key(words).split()
    if words.strip() and not wanted:
        raise UsageError(f'"{one_line(words)}" has no words to look for.')
    found = tuple(one for one in every if not kinds or one.kind in kinds)
    if not wanted:
        return found
    from searchkit.extract.names.gazetteer import known_names

    def holds(one: EntityCounts, end: str) -> bool:
        added = own[one.id].names if one.id in own else ()
        return any(
            all(f" {word}{end}" in f" {key} " for word in wanted)
            for key in map(name_key, (one.name, *known_names(one.id), *added, one.id))
        )

    # Whole words; where nothing has them, words that begin so.
    return tuple(one for one in found if holds(one, " ")) or tuple(one for one in found if holds(one, ""))


# --- what is printed -------------------------------------------------------------------------------------------------


class _Form:
    """How one sort of finding looks: as a record, as rows of a sheet, as lines for people."""

    def __init__(
        self,
        sort: str,
        record: Callable[[Any], dict[str, Any]],
        rows: Callable[[Any], Iterable[Mapping[str, Any]]],
        columns: Sequence[str],
        lines: Callable[[Sequence[Any]], Iterator[list[Segment]]],
    ) -> None:
        self.sort, self.record, self.rows, self.columns, self.lines = sort, record, rows, columns, lines


def _print(found: Sequence[Any], total: int, form: str, looks: _Form) -> None:
    if form == "json":
        write_json({"schema": SCHEMA, "total": total, looks.sort: [looks.record(one) for one in found]})
    elif form == "jsonl":
        for one in found:
            write_json(looks.record(one), indent=False)
    elif form in {"csv", "tsv"}:
        rows = (row for one in found for row in looks.rows(one))
        write_csv(rows, looks.columns, delimiter="\t" if form == "tsv" else ",")
    else:
        write_lines(looks.lines(found))
        say(f"{total:,} {looks.sort}{f', 1 to {len(found):,} shown' if len(found) < total else ''}")


def _counted_json(one: EntityCounts) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "documents": one.documents,
        "said": one.said,
        "about": one.about,
    }


def _listed_json(own: Mapping[str, Alias], one: EntityCounts) -> dict[str, Any]:
    """The counts, and what aliases.toml says of the entity."""
    said = own.get(one.id)
    if said is None:
        return _counted_json(one)
    return {**_counted_json(one), "aliases": list(said.names), "country": said.country, "note": said.note}


def _counted_lines(found: Sequence[EntityCounts]) -> Iterator[list[Segment]]:
    if not found:
        return
    width = max(len(one_line(one.name)) for one in found)
    yield [(f"{'name':{width}}  {'kind':12}  {'documents':>9}  {'said':>6}  {'about':>6}  id", "dim")]
    for one in found:
        yield [
            (f"{one_line(one.name):{width}}", "bold"),
            (f"  {one_line(one.kind):12}  {one.documents:>9,}  {one.said:>6,}  {one.about:>6,}  ", ""),
            (one_line(one.id), "dim"),
        ]


# --- near-duplicates ---


def _similar(every: Sequence[EntityCounts], chosen: Sequence[EntityCounts], own: Collection[str]) -> tuple[Group, ...]:
    wanted = {one.id for one in chosen}
    return tuple(
        group
        for group in groups(every, settled=own)
        if group.head.id in wanted or any(like.other.id in wanted for like in group.alike)
    )


def _group_json(group: Group) -> dict[str, Any]:
    alike = [{**_counted_json(like.other), "reason": like.reason} for like in group.alike]
    return {**_counted_json(group.head), "similar": alike, "entry": group.entry()}


def _group_rows(group: Group) -> Iterator[dict[str, Any]]:
    for like in group.alike:
        other = like.other
        yield {
            **_counted_json(group.head),
            "other": other.name,
            "other_kind": other.kind,
            "other_documents": other.documents,
            "other_id": other.id,
            "reason": like.reason,
        }


def _group_lines(found: Sequence[Group]) -> Iterator[list[Segment]]:
    """Valid TOML: what is told of a group stands in comments above its entry."""
    for group in found:
        yield [("# ", "dim"), (_told(group.head), "dim")]
        for like in group.alike:
            yield [("#   ", "dim"), (f"{_told(like.other)}: {like.reason}", "dim")]
        if group.head.kind == "person":
            yield [("#   persons: merge them only if you know that they are one", "dim")]
        for line in group.entry().split("\n"):
            yield [(line, "")]
        yield []


def _told(one: EntityCounts) -> str:
    documents = counted(one.documents, "document")
    return f"{one_line(one.name)} ({one.kind}, {documents}, {one.said:,} said, {one.about:,} about)"


# --- ways of writing ---


_Written = tuple[EntityCounts, list[tuple[str, int, list[str]]]]
"""An entity, and each way it is written: in how many documents, and the ids of others that are written so."""


def _written(chosen: Sequence[EntityCounts], archive: Archive) -> list[_Written]:
    with building("Reading documents") as progress:
        variants = archive.variants(progress=progress)
    owners: dict[str, list[str]] = {}
    for entity_id, counts in variants.items():
        for surface in counts:
            owners.setdefault(surface, []).append(entity_id)
    found: list[_Written] = []
    for one in chosen:
        counts = variants.get(one.id, Counter())
        ways = [
            (surface, count, sorted(owner for owner in owners[surface] if owner != one.id))
            for surface, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        if len(ways) > 1 or any(also for _, _, also in ways):
            found.append((one, ways))
    return found


def _written_json(written: _Written) -> dict[str, Any]:
    one, ways = written
    variants = [{"text": surface, "documents": count, "also": also} for surface, count, also in ways]
    return {**_counted_json(one), "variants": variants}


def _written_rows(written: _Written) -> Iterator[dict[str, Any]]:
    one, ways = written
    for surface, count, also in ways:
        yield {
            "name": one.name, "kind": one.kind, "id": one.id, "variant": surface, "documents": count, "also": also
        }  # fmt: skip


def _written_lines(found: Sequence[_Written]) -> Iterator[list[Segment]]:
    for one, ways in found:
        yield [(one_line(one.name), "bold"), (f"  {one_line(one.id)}", "dim")]
        for surface, count, also in ways:
            others = [*map(one_line, also[:_OTHERS_SHOWN])]
            if len(also) > _OTHERS_SHOWN:
                others.append(f"{len(also) - _OTHERS_SHOWN:,} more")
            yield [
                (f"  {count:>6,}  {one_line(surface)}", ""),
                (f"  also {', '.join(others)}" if also else "", "yellow"),
            ]


_GROUPS = _Form("groups", _group_json, _group_rows, _SIMILAR, _group_lines)
_WRITTEN = _Form("names", _written_json, _written_rows, _VARIANTS, _written_lines)
