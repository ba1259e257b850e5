"""`searchkit entities`: the names in the archive, likely duplicate names, and spelling variants."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import click
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from searchkit.archive import Archive
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import (
    Segment,
    counted,
    one_line,
    progress_bar,
    say,
    visible,
    write_csv,
    write_json,
    write_lines,
)
from searchkit.document import MentionKind
from searchkit.errors import UsageError
from searchkit.extract.names.gazetteer import known_names
from searchkit.extract.register import Alias
from searchkit.names import census
from searchkit.names.aliases import KINDS, own_names
from searchkit.names.folder import write_example
from searchkit.names.similar import Group, groups
from searchkit.records import Count
from searchkit.text import name_key

_TAG = "searchkit.entities/1"
FORMATS = ("table", "json", "jsonl", "csv", "tsv")
# "Commission" alone is the name of twenty bodies; the other formats list all.
_OTHERS_SHOWN = 4
_COUNTS = ("name", "kind", "documents", "said", "about", "id")
_SIMILAR = ("name", "kind", "documents", "id", "other", "other_kind", "other_documents", "other_id", "reason")
_VARIANTS = ("name", "kind", "id", "variant", "documents", "also")


class EntityCounts(Struct, frozen=True, kw_only=True):
    """An entity and its counts."""

    id: str
    name: str
    kind: str
    documents: Annotated[Count, Meta(description="Documents that mention it.")]
    said: Annotated[Count, Meta(description="Statements by it.")]
    about: Annotated[Count, Meta(description="Statements about it.")]


class Variant(Struct, frozen=True, kw_only=True):
    """A spelling of a name."""

    text: str
    documents: Count
    also: Annotated[tuple[str, ...], Meta(description="IDs of other entities with this spelling.")]


class EntityRecord(EntityCounts, frozen=True, kw_only=True):
    """An entity, with the fields of aliases.toml if it is there, and with --variants its spellings."""

    aliases: tuple[str, ...] | UnsetType = UNSET
    country: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    variants: tuple[Variant, ...] | UnsetType = UNSET


class SimilarEntity(EntityCounts, frozen=True, kw_only=True):
    """A likely duplicate."""

    reason: str


class GroupRecord(EntityCounts, frozen=True, kw_only=True):
    """An entity and its likely duplicates."""

    similar: tuple[SimilarEntity, ...]
    entry: Annotated[str, Meta(description="TOML that merges them, for aliases.toml.")]


class EntityList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """The names in the archive; --jsonl prints one a line."""

    total: Count
    names: tuple[EntityRecord, ...]


class GroupList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """With --similar: the likely duplicates; --jsonl prints a group a line."""

    total: Count
    groups: tuple[GroupRecord, ...]


@click.command("entities")
@click.argument("words", nargs=-1, metavar="[WORDS]")
@click.option("--kind", multiple=True, type=click.Choice(KINDS), help="Only names of this kind.")
@click.option("--similar", is_flag=True, help="List likely duplicate names, with the entry that merges them.")
@click.option("--variants", is_flag=True, help="List the spellings of each name, and other names spelled the same.")
@click.option("--init", is_flag=True, help="Write an example aliases.toml into the archive.")
@click.option("-n", "--limit", type=click.IntRange(1, 10_000_000), default=20, show_default=True, help="Names.")
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), help="Output format (default: table).")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("-e", "--exit-status", is_flag=True, help="Exit with 1 if nothing matches.")
@archive_option
def command(
    words: tuple[str, ...],
    kind: tuple[MentionKind, ...],
    similar: bool,
    variants: bool,
    init: bool,
    limit: int,
    form: str | None,
    as_json: bool,
    exit_status: bool,
) -> int:
    """List the names in the archive: documents that mention them, statements by them and about them.

    WORDS limit the list to names that contain all of them; known aliases and acronyms count too. Paste the output of
    --similar into aliases.toml for the names you want to merge, then run `searchkit rebuild`.
    """
    if as_json and form not in {None, "json"}:
        raise UsageError(f"--json and --format {form} cannot be combined.", hint="Choose one of them.")
    if similar and variants:
        raise UsageError("--similar and --variants cannot be combined.", hint="Run the command twice.")
    form = "json" if as_json else form or "table"
    with open_archive() as opened:
        if init:
            click.echo(f"{visible(str(write_example(opened.folder)))} written")
            return 0
        with progress_bar("Updating the index", first="Counting names") as progress:
            every = opened.entities(progress=progress)
        own = {alias.entity_id: alias for alias in own_names(opened.folder).entities}
        chosen = _chosen(every, " ".join(words), kind, own)
        if similar:
            with progress_bar("Comparing names"):
                found = _similar(every, chosen, own)
            _print(found[:limit], len(found), form, _GROUPS)
            return NO_HITS if exit_status and not found else 0
        if variants:
            spelled = _spelled(chosen, opened)
            _print(spelled[:limit], len(spelled), form, _SPELLED)
            return NO_HITS if exit_status and not spelled else 0
    listed = _View(
        "names", EntityList, partial(_listed_record, own), lambda entity: [asdict(entity)], _COUNTS, _counted_lines
    )
    _print(chosen[:limit], len(chosen), form, listed)
    return NO_HITS if exit_status and not chosen else 0


def _chosen(
    every: Sequence[census.EntityCounts], words: str, kinds: Sequence[MentionKind], own: Mapping[str, Alias]
) -> tuple[census.EntityCounts, ...]:
    wanted = name_key(words).split()
    if words.strip() and not wanted:
        raise UsageError(f'"{one_line(words)}" contains no words to search for.')
    entities = tuple(entity for entity in every if not kinds or entity.kind in kinds)
    if not wanted:
        return entities

    def contains(entity: census.EntityCounts, end: str) -> bool:
        added = own[entity.id].names if entity.id in own else ()
        return any(
            all(f" {word}{end}" in f" {key} " for word in wanted)
            for key in map(name_key, (entity.name, *known_names(entity.id), *added, entity.id))
        )

    # Complete words; if no name contains them, beginnings of words.
    return tuple(entity for entity in entities if contains(entity, " ")) or tuple(
        entity for entity in entities if contains(entity, "")
    )


# --- output -----------------------------------------------------------------------------------------------------------


class _View(Struct, frozen=True):
    """How to print a kind of result: the type of its JSON, a record, rows and lines of each."""

    kind: str
    report: type[Struct]
    record: Callable[[Any], Struct]
    rows: Callable[[Any], Iterable[Mapping[str, Any]]]
    columns: Sequence[str]
    lines: Callable[[Sequence[Any]], Iterator[list[Segment]]]


def _print(results: Sequence[Any], total: int, form: str, view: _View) -> None:
    if form == "json":
        write_json(view.report(total=total, **{view.kind: tuple(map(view.record, results))}))
    elif form == "jsonl":
        for result in results:
            write_json(view.record(result), indent=False)
    elif form in {"csv", "tsv"}:
        rows = (row for result in results for row in view.rows(result))
        write_csv(rows, view.columns, delimiter="\t" if form == "tsv" else ",")
    else:
        write_lines(view.lines(results))
        shown = f", 1 to {len(results):,} shown" if len(results) < total else ""
        say(f"{counted(total, view.kind.removesuffix('s'))}{shown}")


def _listed_record(own: Mapping[str, Alias], entity: census.EntityCounts) -> EntityRecord:
    alias = own.get(entity.id)
    if alias is None:
        return EntityRecord(**asdict(entity))
    return EntityRecord(**asdict(entity), aliases=tuple(alias.names), country=alias.country, note=alias.note)


def _counted_lines(entities: Sequence[census.EntityCounts]) -> Iterator[list[Segment]]:
    if not entities:
        return
    width = max(len(one_line(entity.name)) for entity in entities)
    yield [(f"{'name':{width}}  {'kind':12}  {'documents':>9}  {'said':>6}  {'about':>6}  id", "dim")]
    for entity in entities:
        counts = f"{entity.documents:>9,}  {entity.said:>6,}  {entity.about:>6,}"
        yield [
            (f"{one_line(entity.name):{width}}", "bold"),
            (f"  {one_line(entity.kind):12}  {counts}  ", ""),
            (one_line(entity.id), "dim"),
        ]


# --- likely duplicates ------------------------------------------------------------------------------------------------


def _similar(
    every: Sequence[census.EntityCounts], chosen: Sequence[census.EntityCounts], own: Collection[str]
) -> tuple[Group, ...]:
    wanted = {entity.id for entity in chosen}
    return tuple(
        group
        for group in groups(every, settled=own)
        if group.head.id in wanted or any(like.other.id in wanted for like in group.alike)
    )


def _group_record(group: Group) -> GroupRecord:
    similar = tuple(SimilarEntity(**asdict(like.other), reason=like.reason) for like in group.alike)
    return GroupRecord(**asdict(group.head), similar=similar, entry=group.entry())


def _group_rows(group: Group) -> Iterator[dict[str, Any]]:
    for like in group.alike:
        other = like.other
        yield {
            **asdict(group.head),
            "other": other.name,
            "other_kind": other.kind,
            "other_documents": other.documents,
            "other_id": other.id,
            "reason": like.reason,
        }


def _group_lines(found: Sequence[Group]) -> Iterator[list[Segment]]:
    """Yield valid TOML: the description of each group is a comment above its entry."""
    for group in found:
        yield [("# ", "dim"), (_described(group.head), "dim")]
        for like in group.alike:
            yield [("#   ", "dim"), (f"{_described(like.other)}: {like.reason}", "dim")]
        if group.head.kind == "person":
            yield [("#   persons: merge them only if you know that they are the same person", "dim")]
        for line in group.entry().split("\n"):
            yield [(line, "")]
        yield []


def _described(entity: census.EntityCounts) -> str:
    documents = counted(entity.documents, "document")
    return f"{one_line(entity.name)} ({entity.kind}, {documents}, {entity.said:,} said, {entity.about:,} about)"


# --- spellings --------------------------------------------------------------------------------------------------------


_Spelled = tuple[census.EntityCounts, tuple[Variant, ...]]
"""An entity and its spellings."""


def _spelled(chosen: Sequence[census.EntityCounts], archive: Archive) -> list[_Spelled]:
    with progress_bar("Reading documents") as progress:
        variants = archive.variants(progress=progress)
    owners: dict[str, list[str]] = {}
    for entity_id, counts in variants.items():
        for surface in counts:
            owners.setdefault(surface, []).append(entity_id)
    spelled: list[_Spelled] = []
    for entity in chosen:
        counts = variants.get(entity.id, Counter())
        spellings = tuple(
            Variant(
                text=surface,
                documents=count,
                also=tuple(sorted(owner for owner in owners[surface] if owner != entity.id)),
            )
            for surface, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        )
        if len(spellings) > 1 or any(spelling.also for spelling in spellings):
            spelled.append((entity, spellings))
    return spelled


def _spelled_record(spelled: _Spelled) -> EntityRecord:
    entity, spellings = spelled
    return EntityRecord(**asdict(entity), variants=spellings)


def _spelled_rows(spelled: _Spelled) -> Iterator[dict[str, Any]]:
    entity, spellings = spelled
    for spelling in spellings:
        yield {
            "name": entity.name,
            "kind": entity.kind,
            "id": entity.id,
            "variant": spelling.text,
            "documents": spelling.documents,
            "also": spelling.also,
        }


def _spelled_lines(found: Sequence[_Spelled]) -> Iterator[list[Segment]]:
    for entity, spellings in found:
        yield [(one_line(entity.name), "bold"), (f"  {one_line(entity.id)}", "dim")]
        for spelling in spellings:
            others = [*map(one_line, spelling.also[:_OTHERS_SHOWN])]
            if len(spelling.also) > _OTHERS_SHOWN:
                others.append(f"{len(spelling.also) - _OTHERS_SHOWN:,} more")
            yield [
                (f"  {spelling.documents:>6,}  {one_line(spelling.text)}", ""),
                (f"  also {', '.join(others)}" if others else "", "yellow"),
            ]


_GROUPS = _View("groups", GroupList, _group_record, _group_rows, _SIMILAR, _group_lines)
_SPELLED = _View("names", EntityList, _spelled_record, _spelled_rows, _VARIANTS, _spelled_lines)
