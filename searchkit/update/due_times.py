"""When a source is due. This module loads nothing of a run."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from searchkit.crawl.base import Source
from searchkit.store.base import SourceCounts

# cron may start a job some seconds early; a daily source may be read half an hour earlier than the day before.
_EARLY = 0.05
_MAX_EARLY = timedelta(minutes=30)


def due(sources: Iterable[Source], known: Iterable[SourceCounts], now: datetime) -> tuple[Source, ...]:
    """Return the sources whose interval has passed, whose last run failed, or whose settings changed."""
    counts = {record.source: record for record in known}

    def is_due(source: Source) -> bool:
        at = due_at(source, counts.get(source.name))
        # A last run in the future was recorded by a wrong clock.
        return at is None or at - source.every > now or now >= at - min(source.every * _EARLY, _MAX_EARLY)

    return tuple(source for source in sources if is_due(source))


def due_at(source: Source, known: SourceCounts | None) -> datetime | None:
    """Return when a source is due; None for at once: it never ran, its last run failed, or its settings changed."""
    if known is None or not known.last_run or known.last_reason:
        return None
    if known.description not in {"", source.description()}:
        return None
    return datetime.fromisoformat(known.last_run) + source.every
