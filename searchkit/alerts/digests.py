"""A digest: what one run tells one sink, in one message.

takes:    items of one or several alerts, and the saved searches they come from
gives:    them by alert, section and group, each group capped; the whole as JSON
does not: draw (lines.py and the sinks do)
traps:    headlines are what is new and certain; everything else stands in a section that says why it is none
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from searchkit.alerts.items import Item, Section

# What stands above each section, in the order of a digest.
SECTIONS: dict[Section, str] = {
    "new": "",
    "uncertain": "Uncertain: who said it, or where the words end",
    "old": "Older articles, found only now",
    "weak": "By a weak name only, which many bear",
}
_LISTED = 500


class Group(Struct, frozen=True, kw_only=True):
    """Items under one heading (empty for none); `more` are there beyond those shown."""

    title: str
    items: tuple[Item, ...]
    more: int = 0


class AlertPart(Struct, frozen=True, kw_only=True):
    """What a digest tells of one alert: its sections in order, those without items left out."""

    name: str
    note: str
    sections: tuple[tuple[Section, tuple[Group, ...]], ...]
    headlines: int
    others: int


class Digest(Struct, frozen=True, kw_only=True):
    """One message. `message` is its id, the same whenever it is sent again; `run` the number of the run it tells of (0
    for a trial), `at` when that was (ISO 8601 UTC). `notes` are of the run: alerts that failed, and the like.
    `per_group` and `about` are, by alert, how many items of a group are shown and what its file notes."""

    message: str
    run: int
    at: str
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    per_group: dict[str, int]
    about: dict[str, str]

    @property
    def headlines(self) -> int:
        """How many items are new and certain."""
        return sum(item.section == "new" for item in self.items)

    def title(self) -> str:
        """One line: how much is new, and for which alerts."""
        names = list(dict.fromkeys(item.alert for item in self.items))
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        others = len(self.items) - self.headlines
        beside = f", {others:,} more to look at" if others else ""
        trial = "[trial] " if not self.run else ""
        return f"{trial}{self.headlines:,} new{beside}: {listed}"

    def parts(self, *, whole: bool = False) -> tuple[AlertPart, ...]:
        """The items by alert, section and group; all of them when `whole`."""
        parts = []
        for name in dict.fromkeys(item.alert for item in self.items):
            own = [item for item in self.items if item.alert == name]
            cap = len(own) if whole else self.per_group.get(name, _LISTED)
            sections = tuple(
                (section, _grouped([item for item in own if item.section == section], cap)) for section in SECTIONS
            )
            headlines = sum(item.section == "new" for item in own)
            parts.append(
                AlertPart(
                    name=name,
                    note=self.about.get(name, ""),
                    sections=tuple((section, groups) for section, groups in sections if groups),
                    headlines=headlines,
                    others=len(own) - headlines,
                )
            )
        return tuple(parts)

    def as_json(self) -> dict[str, Any]:
        """The digest as plain data; of more than _LISTED items the first, and how many more."""
        listed = self.items[:_LISTED]
        return {
            "schema": "searchkit.digest/1",
            "id": self.message,
            "run": self.run,
            "at": self.at,
            "title": self.title(),
            "new": self.headlines,
            "total": len(self.items),
            "more": len(self.items) - len(listed),
            "notes": list(self.notes),
            "items": [item.as_json() for item in listed],
        }


def _grouped(items: Sequence[Item], cap: int) -> tuple[Group, ...]:
    """The largest groups first."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(Group(title=title, items=tuple(own[:cap]), more=max(0, len(own) - cap)) for title, own in ordered)


def message_id(run: int, at: str, sink: str, keys: Iterable[tuple[str, str, str]]) -> str:
    """The id of a message: the same for the same run, sink and contents (alert, record, change)."""
    written = "\n".join([str(run), at, sink, *("\t".join(key) for key in sorted(keys))])
    return hashlib.sha256(written.encode("utf-8", "backslashreplace")).hexdigest()[:32]
