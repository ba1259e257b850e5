"""`searchkit entities`: the names in the archive, likely duplicate names, and spelling variants."""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import click
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from searchkit.archive import Archive
from searchkit.cli.errors import NO_HITS
from searchkit.cli.options import archive_option, open_archive
from searchkit.cli.output import Segment, progress_bar, say, write_csv, write_json, write_lines
from searchkit.errors import UsageError
from searchkit.names import similar
from searchkit.names.aliases import KINDS, own_names
from searchkit.names.folder import write_example
from searchkit.names.similar import groups
from searchkit.records import Count
from searchkit.statements import Alias, known_names
from searchkit.statements.document import MentionKind
from searchkit.statements.text import counted, name_key, normalize, one_line, visible

_TAG = "searchkit.entities/1"
FORMATS = ("table", "json", "jsonl", "csv", "tsv")
# "Commission" alone is the name of twenty bodies; the other formats list all.
_OTHERS_SHOWN = 4
_COUNTS = ("name", "kind", "documents", "said", "about", "id")
_SIMILAR = ("name", "kind", "documents", "id", "other", "other_kind", "other_documents", "other_id", "reason")
_VARIANTS = ("name", "kind", "id", "variant", "documents", "also")


class Variant(Struct, frozen=True, kw_only=True):
    """A spelling of a name."""

    text: str
    documents: Count
    also: Annotated[tuple[str, ...], Meta(description="IDs of other entities with this spelling.")]


class EntityRecord(similar.EntityCounts, frozen=True, kw_only=True):
    """An entity, with the fields of aliases.toml if it is there, and with --variants its spellings."""

    aliases: tuple[str, ...] | UnsetType = UNSET
    country: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    variants: tuple[Variant, ...] | UnsetType = UNSET


class SimilarEntity(similar.EntityCounts, frozen=True, kw_only=True):
    """A likely duplicate."""

    reason: str


class GroupRecord(similar.EntityCounts, frozen=True, kw_only=True):
    """An entity and its likely duplicates."""

    similar: tuple[SimilarEntity, ...]
    entry: Annotated[str, Meta(description="TOML that merges them, for aliases.toml.")]


class EntityList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """The names in the archive; --jsonl prints one a line."""

    total: Count
    items: tuple[EntityRecord, ...]


class GroupList(Struct, frozen=True, kw_only=True, tag_field="schema", tag=_TAG):
    """With --similar: the likely duplicates; --jsonl prints a group a line."""

    total: Count
    items: tuple[GroupRecord, ...]


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
def command(**options: Any) -> int:
    """List the names in the archive: documents that mention them, statements by them and about them.

    WORDS limit the list to names that contain all of them; known aliases and acronyms count too. Paste the output of
    --similar into aliases.toml for the names you want to merge, then run
    `searchkit index --outdated`.
    """
    form = options["form"]
    if options["as_json"] and form not in {None, "json"}:
        raise UsageError(f"--json and --format {form} cannot be combined.", hint="Choose one of them.")
    if options["similar"] and options["variants"]:
        raise UsageError("--similar and --variants cannot be combined.", hint="Run the command twice.")
    with open_archive() as opened:
        if options["init"]:
            click.echo(f"{visible(str(write_example(opened.folder)))} written")
            return 0
        records, total = _records(opened, options)
    view = _GROUPS if options["similar"] else _SPELLED if options["variants"] else _LISTED
    _print(records[: options["limit"]], total, "json" if options["as_json"] else form or "table", view)
    return NO_HITS if options["exit_status"] and not total else 0


def _records(opened: Archive, options: Mapping[str, Any]) -> tuple[Sequence[Struct], int]:
    """Return what to list, and how many there are in all."""
    words, kinds, limit = " ".join(options["words"]), options["kind"], options["limit"]
    with progress_bar("Updating the index", first="Counting names") as progress:
        # Only the first names are read where all others are only counted.
        plain = not (words or options["similar"] or options["variants"])
        opened.catch_up(progress=progress)
        size = limit if plain else sys.maxsize
        total, every = similar.count_entities(opened.index, size=size, kinds=kinds if plain else ())
    own = {alias.entity_id: alias for alias in own_names(opened.folder).entities}
    chosen = every if plain else _chosen(every, normalize(words), kinds, own)
    found: Sequence[Struct]
    if options["similar"]:
        with progress_bar("Comparing names"):
            found = _similar(every, chosen, own)
    elif options["variants"]:
        found = _spelled(chosen, opened)
    else:
        return [_listed_record(own, entity) for entity in chosen[:limit]], total if plain else len(chosen)
    return found, len(found)


def _chosen(
    every: Sequence[similar.EntityCounts], words: str, kinds: Sequence[MentionKind], own: Mapping[str, Alias]
) -> tuple[similar.EntityCounts, ...]:
    wanted = name_key(words).split()
    if words.strip() and not wanted:
        raise UsageError(f'"{one_line(words)}" contains no words to search for.')
    entities = tuple(entity for entity in every if not kinds or entity.kind in kinds)
    if not wanted:
        return entities

    def contains(entity: similar.EntityCounts, end: str) -> bool:
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
    """How to print a list of records: the noun for them, their list in JSON, the rows of a record, and lines."""

    noun: str
    report: type[Struct]
    columns: Sequence[str]
    rows: Callable[[Any], Iterable[Mapping[str, Any]]]
    lines: Callable[[Sequence[Any]], Iterator[list[Segment]]]


def _print(records: Sequence[Struct], total: int, form: str, view: _View) -> None:
    if form == "json":
        write_json(view.report(total=total, items=tuple(records)))
    elif form == "jsonl":
        for record in records:
            write_json(record, indent=False)
    elif form in {"csv", "tsv"}:
        rows = (row for record in records for row in view.rows(record))
        write_csv(rows, view.columns, delimiter="\t" if form == "tsv" else ",")
    else:
        write_lines(view.lines(records))
        shown = f", 1 to {len(records):,} shown" if len(records) < total else ""
        say(f"{counted(total, view.noun)}{shown}")


def _listed_record(own: Mapping[str, Alias], entity: similar.EntityCounts) -> EntityRecord:
    alias = own.get(entity.id)
    fields = asdict(entity)
    if alias is not None:
        fields |= {"aliases": tuple(alias.names), "country": alias.country, "note": alias.note}
    return EntityRecord(**fields)


def _listed_lines(entities: Sequence[EntityRecord]) -> Iterator[list[Segment]]:
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
    every: Sequence[similar.EntityCounts], chosen: Sequence[similar.EntityCounts], own: Collection[str]
) -> list[GroupRecord]:
    wanted = {entity.id for entity in chosen}
    return [
        GroupRecord(
            **asdict(group.head),
            similar=tuple(SimilarEntity(**asdict(like.other), reason=like.reason) for like in group.alike),
            entry=group.entry(),
        )
        for group in groups(every, settled=own)
        if wanted.intersection((group.head.id, *(like.other.id for like in group.alike)))
    ]


def _group_rows(group: GroupRecord) -> Iterator[dict[str, Any]]:
    for other in group.similar:
        others = {f"other_{name}": value for name, value in asdict(other).items()}
        yield {**asdict(group), **others, "other": other.name, "reason": other.reason}


def _group_lines(found: Sequence[GroupRecord]) -> Iterator[list[Segment]]:
    """Yield valid TOML: the description of each group is a comment above its entry."""
    for group in found:
        yield [("# ", "dim"), (_described(group), "dim")]
        for other in group.similar:
            yield [("#   ", "dim"), (f"{_described(other)}: {other.reason}", "dim")]
        if group.kind == "person":
            yield [("#   persons: merge them only if you know that they are the same person", "dim")]
        for line in group.entry.split("\n"):
            yield [(line, "")]
        yield []


def _described(entity: similar.EntityCounts) -> str:
    documents = counted(entity.documents, "document")
    return f"{one_line(entity.name)} ({entity.kind}, {documents}, {entity.said:,} said, {entity.about:,} about)"


# --- spellings --------------------------------------------------------------------------------------------------------


def _spelled(chosen: Sequence[similar.EntityCounts], archive: Archive) -> list[EntityRecord]:
    with progress_bar("Reading documents") as progress:
        counts = similar.variants(archive.store(), progress=progress)
    owners: dict[str, set[str]] = {}
    for entity_id, surfaces in counts.items():
        for surface in surfaces:
            owners.setdefault(surface, set()).add(entity_id)
    spelled = []
    for entity in chosen:
        surfaces = counts.get(entity.id, Counter())
        variants = tuple(
            Variant(text=surface, documents=count, also=tuple(sorted(owners[surface] - {entity.id})))
            for surface, count in sorted(surfaces.items(), key=lambda pair: (-pair[1], pair[0]))
        )
        if len(variants) > 1 or any(variant.also for variant in variants):
            spelled.append(EntityRecord(**asdict(entity), variants=variants))
    return spelled


def _spelled_rows(entity: EntityRecord) -> Iterator[dict[str, Any]]:
    for variant in entity.variants or ():
        yield {**asdict(entity), **asdict(variant), "variant": variant.text}


def _spelled_lines(found: Sequence[EntityRecord]) -> Iterator[list[Segment]]:
    for entity in found:
        yield [(one_line(entity.name), "bold"), (f"  {one_line(entity.id)}", "dim")]
        for variant in entity.variants or ():
            others = [*map(one_line, variant.also[:_OTHERS_SHOWN])]
            if len(variant.also) > _OTHERS_SHOWN:
                others.append(f"{len(variant.also) - _OTHERS_SHOWN:,} more")
            yield [
                (f"  {variant.documents:>6,}  {one_line(variant.text)}", ""),
                (f"  also {', '.join(others)}" if others else "", "yellow"),
            ]


_LISTED = _View("name", EntityList, _COUNTS, lambda entity: [asdict(entity)], _listed_lines)
_GROUPS = _View("group", GroupList, _SIMILAR, _group_rows, _group_lines)
_SPELLED = _View("name", EntityList, _VARIANTS, _spelled_rows, _spelled_lines)
