"""Annotating again what is outdated: the end of `index`, the beginning of `rebuild`."""

from dataclasses import dataclass
from datetime import UTC, datetime

import click

from searchkit.cli.options import open_archive, settings
from searchkit.cli.output import counted, one_line, say
from searchkit.cli.progress import building

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How many documents were annotated again, and which could not be, and why."""

    count: int
    failures: tuple[dict[str, str], ...]


def renew(ctx: click.Context, archive: str | None, *, workers: int | None, wait: float, follow: bool = True) -> Renewal:
    """Annotate the outdated documents of the archive again. Errors as `Archive.reannotate`."""
    count, failures = 0, []
    with open_archive(ctx, archive) as opened, building("Annotating again") as progress:
        outdated = opened.outdated()
        if not outdated:
            return Renewal(count=0, failures=())
        from searchkit.ingest import IngestOptions

        options = IngestOptions(workers=settings(ctx, archive, workers=workers).workers)
        for batch in opened.reannotate(options=options, now=datetime.now(UTC), wait=wait, follow=follow):
            for outcome in batch.outcomes:
                if outcome.status == "failed":
                    failures.append({"uri": outcome.uri, "reason": outcome.reason})
                else:
                    count += 1
            if progress is not None:
                progress(count, outdated)
        unknown = opened.unknown_documents()
    for name in unknown[:_SHOWN]:
        say(f"note: aliases.toml names a document that is not in the archive: {one_line(name)}")
    if len(unknown) > _SHOWN:
        say(f"note: and {counted(len(unknown) - _SHOWN, 'more document')} that are not.")
    return Renewal(count=count, failures=tuple(failures))
