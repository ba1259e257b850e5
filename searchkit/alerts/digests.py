"""Digests: one message per run and sink, with the items of one or several alerts, as plain lines and as JSON.

Headlines are new and certain; everything else stands in a section that says why it is not a headline. Every line is
safe to print on a terminal.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from searchkit.alerts.items import Item, Section, change_lines
from searchkit.records import Count
from searchkit.search.statement_text import marked_text, statement_details
from searchkit.statements.text import minute_text, one_line
from searchkit.store.alerts import AlertRun

# The heading of each section, in the order of a digest.
SECTIONS: dict[Section, str] = {
    "new": "",
    "uncertain": "Low confidence: the speaker or the boundaries of the quotation",
    "old": "Older articles, found only now",
    "weak": "Matched by a weak name only, which many people or bodies share",
}
_MAX_LISTED = 500


class DigestRecord(Struct, frozen=True, kw_only=True, tag_field="schema", tag="searchkit.digest/1"):
    """A digest of what alerts found."""

    id: Annotated[str, Meta(description="ID of the message: the same when it is sent again; empty when shown.")]
    run: Count
    at: Annotated[str, Meta(description="ISO 8601 UTC.")]
    title: Annotated[str, Meta(description="Summary in one line.")]
    new: Annotated[Count, Meta(description="Headlines.")]
    total: Annotated[Count, Meta(description="All items.")]
    more: Annotated[Count, Meta(description="Items beyond those listed.")]
    notes: tuple[str, ...]
    items: tuple[Item, ...]


class Digest(Struct, frozen=True, kw_only=True):
    """One message. `message` is its id, the same whenever it is sent again; `run` the number of the run (0 for a
    trial), `at` its time (ISO 8601 UTC). `notes` are about the run. By alert, `per_group` is how many items of a group
    are shown, and `about` the note in its file."""

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
        """Return one line: how much is new, and for which alerts."""
        names = list(dict.fromkeys(item.alert for item in self.items))
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        if not self.run:
            return f"[trial] latest matches, new or not ({len(self.items):,}): {listed}"
        return f"{self.headlines:,} new{_more_to_check(len(self.items) - self.headlines)}: {listed}"

    def record(self) -> DigestRecord:
        """Return the digest for programs; of more than _MAX_LISTED items only the first."""
        listed = self.items[:_MAX_LISTED]
        return DigestRecord(
            id=self.message,
            run=self.run,
            at=self.at,
            title=self.title(),
            new=self.headlines,
            total=len(self.items),
            more=len(self.items) - len(listed),
            notes=self.notes,
            items=listed,
        )


def _more_to_check(others: int) -> str:
    return f", {others:,} more to review" if others else ""


def message_id(run: AlertRun, sink: str, keys: Iterable[tuple[str, str, str]]) -> str:
    """Return the id of a message: the same for the same run, sink and contents (alert, record, change)."""
    written = "\n".join([str(run.number), run.at, sink, *("\t".join(key) for key in sorted(keys))])
    return hashlib.sha256(written.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def digest_lines(digest: Digest, *, complete: bool = False) -> Iterator[str]:
    """Yield the digest line by line; with every item if `complete`."""
    yield one_line(digest.title())
    run = f", run {digest.run} (complete: searchkit alerts show {digest.run})" if digest.run else ""
    yield f"searchkit alerts, {minute_text(digest.at)}{run}"
    for note in digest.notes:
        yield f"note: {one_line(note)}"
    for name in dict.fromkeys(item.alert for item in digest.items):
        own = [item for item in digest.items if item.alert == name]
        new = sum(item.section == "new" for item in own)
        yield ""
        found = f"{new:,} new{_more_to_check(len(own) - new)}" if digest.run else "latest matches, new or not"
        yield f"== {one_line(name)}: {found}"
        if digest.about.get(name):
            yield f"   {one_line(digest.about[name])}"
        shown = len(own) if complete else digest.per_group.get(name, _MAX_LISTED)
        for section, heading in SECTIONS.items():
            groups: dict[str, list[Item]] = {}
            for item in own:
                if item.section == section:
                    groups.setdefault(item.group, []).append(item)
            if groups and heading:
                yield from ("", f"-- {heading}")
            for title, items in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
                if title:
                    yield from ("", one_line(title))
                for item in items[:shown]:
                    yield from item_lines(item)
                if len(items) > shown:
                    yield f"  ... and {len(items) - shown:,} more"


def item_lines(item: Item) -> Iterator[str]:
    """Yield an item: its words with the matches in [ ], the speaker, the source, and the reasons for the match."""
    yield ""
    if item.record == "document":
        yield f"  {one_line(item.title or '(no title)')}"
    if item.text:
        lead = f"{item.lead} " if item.lead else ""
        yield f"  {one_line(lead + marked_text(item.text, item.marks, '[', ']'))}"
    if item.record == "quote":
        said = statement_details(
            about=item.about, date=item.said and f"said {item.said}", kind=item.kind if item.kind != "direct" else ""
        )
        yield f"    {_joined(list(said))}"
    place = [
        item.title if item.record == "quote" else "",
        item.outlet,
        item.wire and f"via {item.wire}",
        item.published,
        f"p. {item.page}" if item.page else "",
        f"at {item.time}" if item.time else "",
        f"+{item.copies:,} {'duplicate' if item.copies == 1 else 'duplicates'}" if item.copies else "",
    ]
    yield f"    {_joined(place)}"
    yield from (f"    {line}" for line in change_lines(item))
    if item.entries:
        yield f"    watchlist: {one_line('; '.join(item.entries[:5]))}"
    if item.why:
        yield f"    why: {one_line(', '.join(item.why[:10]))}"
    if item.doubts:
        yield f"    not a headline, because: {one_line('; '.join(item.doubts))}"
    yield f"    {one_line(item.address)}"
    yield f"    id {one_line(item.id)}"


def _joined(parts: list[str]) -> str:
    return " · ".join(one_line(part) for part in parts if part)
