"""`searchkit entities`: the names in the archive, likely duplicate names, and spelling variants."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
_Entities = tuple[similar.EntityCounts, ...]


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
    form, limit = "json" if options["as_json"] else options["form"] or "table", options["limit"]
    if options["as_json"] and options["form"] not in {None, "json"}:
        raise UsageError(f"--json and --format {options['form']} cannot be combined.", hint="Choose one of them.")
    if options["similar"] and options["variants"]:
        raise UsageError("--similar and --variants cannot be combined.", hint="Run the command twice.")
    if form in {"csv", "tsv"} and (options["similar"] or options["variants"]):
        raise UsageError(f"--similar and --variants have no {form}.", hint="Use --format jsonl or --json.")
    with open_archive() as opened:
        if options["init"]:
            click.echo(f"{visible(str(write_example(opened.folder)))} written")
            return 0
        own = {alias.entity_id: alias for alias in own_names(opened.folder).entities}
        total, every, chosen = _counted(opened, options, own)
        if options["similar"]:
            with progress_bar("Comparing names"):
                alike = _similar(every, chosen, own)
            total = len(alike)
            _print(GroupList(total=total, items=alike[:limit]), form, _group_lines)
        elif options["variants"]:
            spelled = _spelled(chosen, opened)
            total = len(spelled)
            _print(EntityList(total=total, items=spelled[:limit]), form, _spelled_lines)
        else:
            listed = tuple(_with_alias(entity, own.get(entity.id)) for entity in chosen[:limit])
            _print(EntityList(total=total, items=listed), form, _listed_lines)
    return NO_HITS if options["exit_status"] and not total else 0


def _counted(opened: Archive, options: Mapping[str, Any], own: Mapping[str, Alias]) -> tuple[int, _Entities, _Entities]:
    """Return how many names the options choose, all names, and those chosen; only the first ones if the others are
    only counted."""
    words, kinds = " ".join(options["words"]), options["kind"]
    with progress_bar("Updating the index", first="Counting names") as progress:
        opened.catch_up(progress=progress)
        if not (words or options["similar"] or options["variants"]):
            total, first = similar.count_entities(opened.index, size=options["limit"], kinds=kinds)
            return total, first, first
        _, every = similar.count_entities(opened.index)
    chosen = _chosen(every, normalize(words), kinds, own)
    return len(chosen), every, chosen


def _chosen(every: _Entities, words: str, kinds: Sequence[MentionKind], own: Mapping[str, Alias]) -> _Entities:
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


def _print(report: EntityList | GroupList, form: str, lines: Callable[[Any], Iterator[list[Segment]]]) -> None:
    if form == "json":
        write_json(report)
    elif form == "jsonl":
        for record in report.items:
            write_json(record, indent=False)
    elif form in {"csv", "tsv"}:
        write_csv(map(asdict, report.items), _COUNTS, delimiter="\t" if form == "tsv" else ",")
    else:
        write_lines(lines(report.items))
        shown = f", 1 to {len(report.items):,} shown" if len(report.items) < report.total else ""
        say(f"{counted(report.total, 'group' if isinstance(report, GroupList) else 'name')}{shown}")


def _with_alias(entity: similar.EntityCounts, alias: Alias | None) -> EntityRecord:
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


def _similar(every: _Entities, chosen: _Entities, own: Collection[str]) -> tuple[GroupRecord, ...]:
    wanted = {entity.id for entity in chosen}
    return tuple(
        GroupRecord(
            **asdict(group.head),
            similar=tuple(SimilarEntity(**asdict(like.other), reason=like.reason) for like in group.alike),
            entry=group.entry(),
        )
        for group in groups(every, settled=own)
        if wanted.intersection((group.head.id, *(like.other.id for like in group.alike)))
    )


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


def _spelled(chosen: _Entities, archive: Archive) -> tuple[EntityRecord, ...]:
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
    return tuple(spelled)


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
