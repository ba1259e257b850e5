"""Saved searches and alerts: saved searches that report what is new since their last run.

A match is reported once, whatever becomes of its record. Matches are committed before they are sent; a sink that failed
is tried again in the next run.

Here is what a run finds and sends, for the user and for programs: it loads nothing else.
"""

from typing import Annotated

from msgspec import Meta, Struct

from searchkit.records import Count


class AlertCounts(Struct, frozen=True, kw_only=True):
    """New matches of an alert: headlines, and others."""

    new: Count
    others: Count


class AlertsRecord(Struct, frozen=True, kw_only=True):
    """What a run over the alerts found and sent."""

    run: Annotated[int | None, Meta(description="Number for `searchkit alerts show`; null if nothing is new.")]
    new: Annotated[Count, Meta(description="Items that are new and certain.")]
    others: Annotated[Count, Meta(description="Other items: uncertain, old, or matched by a weak name.")]
    asked: Annotated[dict[str, AlertCounts], Meta(description="What each alert found, by name.")]
    delivered: Annotated[dict[str, Count], Meta(description="How many items each sink accepted, by sink.")]
    failures: Annotated[tuple[str, ...], Meta(description="Alerts that cannot run, and sinks that failed.")]
    notes: tuple[str, ...]


class AlertReport(Struct, frozen=True, kw_only=True):
    """The result of an alert: `new` headlines, `others` in the sections below them, and a `baseline` of matches that
    existed before. `reason` is why it failed, or empty."""

    name: str
    new: int = 0
    others: int = 0
    baseline: int = 0
    first: bool = False
    reason: str = ""


class SinkReport(Struct, frozen=True, kw_only=True):
    """The result of a sink: how many items it accepted, or the reason why it did not."""

    sink: str
    items: int = 0
    reason: str = ""


class AlertsReport(Struct, frozen=True, kw_only=True):
    """The result of a run. `run` is its number, None if it found nothing; alerts that were not due are left out."""

    run: int | None = None
    alerts: tuple[AlertReport, ...] = ()
    sinks: tuple[SinkReport, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """How many headlines there are."""
        return sum(alert.new for alert in self.alerts)

    @property
    def others(self) -> int:
        """How many other items there are."""
        return sum(alert.others for alert in self.alerts)

    @property
    def failures(self) -> tuple[str, ...]:
        """What failed, one line each."""
        alerts = [f"alert {alert.name} failed: {alert.reason}" for alert in self.alerts if alert.reason]
        return (*alerts, *(f"{sink.sink} failed: {sink.reason}" for sink in self.sinks if sink.reason))

    def record(self) -> AlertsRecord:
        """Return the report for programs."""
        return AlertsRecord(
            run=self.run,
            new=self.new,
            others=self.others,
            asked={alert.name: AlertCounts(new=alert.new, others=alert.others) for alert in self.alerts},
            delivered={sink.sink: sink.items for sink in self.sinks if not sink.reason},
            failures=self.failures,
            notes=self.notes,
        )
